//! Owns the stages of a Dockerfile, its variables, and the words of its instructions.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::super::shell::is_shell;
use super::super::variables::filled;
use super::file::{Dockerfile, Instruction};

/// Interpreters that talk to a person when they get no file.
const INTERPRETERS: [&str; 12] = [
    "erl", "ghci", "iex", "irb", "jshell", "julia", "lua", "node", "perl", "php", "python", "ruby",
];

/// What a stage starts from.
#[derive(Debug, PartialEq, Eq)]
pub enum Base {
    /// An image, variables filled in.
    Image(String),
    /// An earlier stage.
    Stage(usize),
    /// Only the build knows.
    Unknown,
}

/// A stage.
#[derive(Debug)]
pub struct Stage {
    /// The number of its FROM.
    pub from: usize,
    pub base: Base,
    /// The numbers of its other instructions.
    pub own: Range<usize>,
}

/// The stages of a file, in order.
#[derive(Debug, Default)]
pub struct Stages {
    pub all: Vec<Stage>,
    /// The last stage of each name.
    names: BTreeMap<String, usize>,
}

impl Stages {
    #[must_use]
    pub fn of(file: &Dockerfile) -> Self {
        let mut stages = Self::default();
        let mut arguments: BTreeMap<String, String> = BTreeMap::new();
        for (n, instruction) in file.instructions.iter().enumerate() {
            match instruction.keyword {
                "ARG" if stages.all.is_empty() => {
                    for pair in pairs(instruction) {
                        let value = pair.value.and_then(|value| filled(&value, &arguments));
                        if let Some(value) = value {
                            arguments.insert(pair.name, value);
                        }
                    }
                }
                "FROM" if !instruction.onbuild => {
                    let (stage, name) = stages.stage(n, instruction.args.text(), &arguments);
                    stages
                        .names
                        .extend(name.map(|name| (name, stages.all.len())));
                    stages.all.push(stage);
                }
                _ => {}
            }
            if let Some(stage) = stages.all.last_mut() {
                stage.own.end = n + 1;
            }
        }
        stages
    }

    fn stage(
        &self,
        n: usize,
        text: &str,
        arguments: &BTreeMap<String, String>,
    ) -> (Stage, Option<String>) {
        let mut words = text
            .split_whitespace()
            .filter(|word| !word.starts_with("--"));
        let image = words.next().unwrap_or_default().trim_matches(['"', '\'']);
        let name = match (words.next(), words.next()) {
            (Some(word), Some(name)) if word.eq_ignore_ascii_case("as") => {
                Some(name.to_ascii_lowercase())
            }
            _ => None,
        };
        let base = match filled(image, arguments) {
            None => Base::Unknown,
            Some(image) => {
                let lower = image.to_ascii_lowercase();
                match self.names.get(&lower).copied() {
                    Some(stage) => Base::Stage(stage),
                    None => Base::Image(image),
                }
            }
        };
        let stage = Stage {
            from: n,
            base,
            own: n + 1..n + 1,
        };
        (stage, name)
    }

    /// The stage and those that it starts from, the nearest first.
    fn line<'a>(&'a self, stage: &'a Stage) -> impl Iterator<Item = &'a Stage> {
        // A stage starts from earlier ones only, so this ends.
        std::iter::successors(Some(stage), |stage| match stage.base {
            Base::Stage(n) => self.all.get(n),
            _ => None,
        })
    }

    /// Does `--from` name a stage of the file, and not an image?
    #[must_use]
    pub fn is_stage(&self, from: &str) -> bool {
        let number = from.parse().is_ok_and(|n: usize| n < self.all.len());
        number || self.names.contains_key(&from.to_ascii_lowercase())
    }

    /// The numbers of the last stage's FROM, and of those that it starts from.
    #[must_use]
    pub fn shipped(&self) -> BTreeSet<usize> {
        let last = self.all.last().into_iter();
        last.flat_map(|last| self.line(last))
            .map(|stage| stage.from)
            .collect()
    }

    /// The last USER in force at the end of a stage.
    #[must_use]
    pub fn user<'f>(&self, stage: &Stage, file: &'f Dockerfile) -> Option<(usize, &'f str)> {
        self.line(stage).find_map(|stage| {
            let last = stage.own.clone().rev().find(|&n| {
                let instruction = &file.instructions[n];
                instruction.keyword == "USER" && !instruction.onbuild
            });
            last.map(|n| (n, file.instructions[n].args.text().trim()))
        })
    }

    /// Has the stage, or one that it starts from, such an instruction?
    #[must_use]
    pub fn has(&self, stage: &Stage, file: &Dockerfile, keyword: &str) -> bool {
        self.line(stage).any(|stage| {
            stage
                .own
                .clone()
                .any(|n| file.instructions[n].keyword == keyword)
        })
    }

    /// Does the stage start nothing but a shell or an interpreter? Then it is made to be built on, or to work in.
    #[must_use]
    pub fn is_toolbox(&self, stage: &Stage, file: &Dockerfile) -> bool {
        let last = |keyword| {
            self.line(stage).find_map(|stage| {
                let mut own = file.instructions[stage.own.clone()].iter().rev();
                let found = own.find(|instruction| instruction.keyword == keyword)?;
                let text = found.args.text();
                json(text).or_else(|| shlex::split(text))
            })
        };
        let named = |words: Vec<String>| words.iter().any(|word| word.contains("entrypoint"));
        let Some(start) = last("CMD").filter(|_| last("ENTRYPOINT").is_none_or(named)) else {
            return false;
        };
        let Some((program, rest)) = start.split_first() else {
            return false;
        };
        let program = program.rsplit('/').next().unwrap_or_default();
        let program = program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
        let known = is_shell(program) || INTERPRETERS.contains(&program);
        known
            && rest
                .iter()
                .all(|word| word.starts_with('-') && word != "-c")
    }

    /// The image that the stage is built on in the end.
    #[must_use]
    pub fn root_image<'a>(&'a self, stage: &'a Stage) -> Option<&'a str> {
        match &self.line(stage).last()?.base {
            Base::Image(image) => Some(image),
            _ => None,
        }
    }
}

/// `NAME=value`, or `NAME` alone.
#[derive(Debug, PartialEq, Eq)]
pub struct Pair {
    pub name: String,
    pub value: Option<String>,
    /// Its place in the instruction's arguments.
    pub at: usize,
}

/// The pairs of ENV and ARG.
#[must_use]
pub fn pairs(instruction: &Instruction) -> Vec<Pair> {
    let text = instruction.args.text();
    let words = words(text);
    let first = words.first().map_or("", |(_, word)| word.as_str());
    if instruction.keyword == "ENV" && !first.contains('=') {
        // `ENV NAME the rest`
        let value = text.trim()[first.len().min(text.trim().len())..]
            .trim()
            .to_owned();
        return vec![Pair {
            name: first.to_owned(),
            value: Some(value),
            at: 0,
        }];
    }
    let pair = |(at, word): (usize, String)| match word.split_once('=') {
        Some((name, value)) => Pair {
            name: name.to_owned(),
            value: Some(value.to_owned()),
            at,
        },
        None => Pair {
            name: word,
            value: None,
            at,
        },
    };
    words.into_iter().map(pair).collect()
}

/// The words of a text with their places, quotes removed.
fn words(text: &str) -> Vec<(usize, String)> {
    let mut words = Vec::new();
    let mut word: Option<(usize, String)> = None;
    let mut quote = None;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        if quote.is_none() && c.is_whitespace() {
            words.extend(word.take());
            continue;
        }
        let (_, out) = word.get_or_insert_with(|| (at, String::new()));
        match (c, quote) {
            ('\'' | '"', None) => quote = Some(c),
            (_, Some(open)) if c == open => quote = None,
            ('\\', None | Some('"')) => out.extend(chars.next().map(|(_, c)| c)),
            _ => out.push(c),
        }
    }
    words.extend(word);
    words
}

/// The list, if a text is a JSON list of texts.
#[must_use]
pub fn json(text: &str) -> Option<Vec<String>> {
    text.trim_start()
        .starts_with('[')
        .then(|| serde_json::from_str(text).ok())
        .flatten()
}

/// COPY and ADD.
#[derive(Debug)]
pub struct Copy {
    /// `--from`
    pub from: Option<String>,
    /// `--checksum`
    pub checksum: Option<String>,
    /// The sources, then the target.
    pub paths: Vec<String>,
}

/// Reads COPY or ADD; `None` where its sources are texts that stand in it.
#[must_use]
pub fn copy(instruction: &Instruction) -> Option<Copy> {
    if !instruction.heredocs.is_empty() {
        return None;
    }
    let mut rest = instruction.args.text().trim();
    let mut copy = Copy {
        from: None,
        checksum: None,
        paths: Vec::new(),
    };
    while rest.starts_with("--") {
        let end = rest.find(char::is_whitespace)?;
        match rest[..end].split_once('=') {
            Some(("--from", value)) => copy.from = Some(value.to_owned()),
            Some(("--checksum", value)) => copy.checksum = Some(value.to_owned()),
            _ => {}
        }
        rest = rest[end..].trim_start();
    }
    copy.paths =
        json(rest).unwrap_or_else(|| words(rest).into_iter().map(|(_, word)| word).collect());
    Some(copy)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let file = Dockerfile::parse(text);
        let pairs = pairs(&file.instructions[0]);
        let shown: Vec<String> = pairs
            .iter()
            .map(|pair| format!("{}={:?}", pair.name, pair.value))
            .collect();
        assert_eq!(shown.join(" "), expected, "{text}");
    }

    #[test]
    fn pairs_of_env_and_arg() {
        check("ENV A=b C=\"d e\"", "A=Some(\"b\") C=Some(\"d e\")");
        check("ENV A b c", "A=Some(\"b c\")");
        check("ARG A B=", "A=None B=Some(\"\")");
        check("ENV A=b \\\n  C=d", "A=Some(\"b\") C=Some(\"d\")");
    }
}
