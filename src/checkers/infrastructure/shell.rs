//! Owns the commands of a shell script: names, words and who feeds whom, by the shell's own grammar. Knows no rule.

use tree_sitter::Node;

use crate::source::file::parse;
use crate::source::language::Language;

/// How deep a command may stand in strings of others: `bash -c "..."`.
const DEEPEST: usize = 2;

/// How deep a command may stand in substitutions: what each level holds is read once more.
const NESTED: usize = 16;

/// A word of a command, quotes removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Its text.
    pub text: String,
    /// Its place in the script.
    pub at: usize,
}

/// A command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    /// The program's name without its folder.
    pub name: String,
    /// What follows it.
    pub args: Vec<Word>,
    /// Is it run by `sudo`?
    pub sudo: bool,
    /// Where it starts in the script.
    pub at: usize,
    /// Where it ends.
    pub end: usize,
    /// The commands whose output it reads: through a pipe, or in its own words.
    pub fed_by: Vec<usize>,
    /// Is it the first of a pipe?
    pub piped: bool,
}

impl Command {
    /// The texts of its words.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.args.iter().map(|word| word.text.as_str())
    }

    /// Has it this word?
    #[must_use]
    pub fn has(&self, text: &str) -> bool {
        self.words().any(|word| word == text)
    }

    /// Its words that are no options.
    pub fn operands(&self) -> impl Iterator<Item = &Word> {
        self.args.iter().filter(|word| !word.text.starts_with('-'))
    }
}

/// The commands of a script, in their order; `None` when it cannot be parsed.
#[must_use]
pub fn commands(text: &str) -> Option<Vec<Command>> {
    let mut all = Vec::new();
    look(text, 0, DEEPEST, &mut all)?;
    Some(all)
}

fn look(text: &str, base: usize, depth: usize, all: &mut Vec<Command>) -> Option<()> {
    let tree = parse(Language::Bash, text.as_bytes())?;
    let first = all.len();
    let mut cursor = tree.walk();
    let mut stack = vec![(tree.root_node(), 0)];
    let mut pipes = Vec::new();
    while let Some((node, mut nested)) = stack.pop() {
        nested += usize::from(node.kind().ends_with("_substitution"));
        if nested > NESTED {
            return None;
        }
        stack.extend(node.children(&mut cursor).map(|child| (child, nested)));
        match node.kind() {
            "command" | "declaration_command" => all.extend(command(node, text)),
            "pipeline" => {
                let parts: Vec<Node<'_>> = node.named_children(&mut cursor).collect();
                pipes.extend(
                    parts
                        .windows(2)
                        .map(|pair| (pair[0].byte_range(), pair[1].byte_range())),
                );
            }
            _ => {}
        }
    }
    all[first..].sort_by_key(|command| (command.at, command.end));
    for (from, to) in pipes {
        // They are in their order, so those of a range stand together.
        let at = |place| first + all[first..].partition_point(|command| command.at < place);
        let feeders = at(from.start)..at(from.end);
        let reader = at(to.start);
        let is_reader = reader < at(to.end);
        if let Some(command) = all.get_mut(feeders.start).filter(|_| !feeders.is_empty()) {
            command.piped = true;
        }
        if is_reader {
            all[reader].fed_by.extend(feeders);
        }
    }
    substitutions(first, all);
    let inner: Vec<Word> = all[first..].iter().filter_map(script).cloned().collect();
    for command in &mut all[first..] {
        command.at += base;
        command.end += base;
        for word in &mut command.args {
            word.at += base;
        }
    }
    if depth > 0 {
        for word in inner {
            // What its quotes hold cannot be placed exactly, only near.
            look(&word.text, base + word.at + 1, depth - 1, all);
        }
    }
    Some(())
}

/// `bash -c "$(curl ...)"`, `bash <(curl ...)`: the words of a shell may be the output of a command.
fn substitutions(first: usize, all: &mut [Command]) {
    for n in first..all.len() {
        if !is_shell(&all[n].name) && !matches!(all[n].name.as_str(), "eval" | "source" | ".") {
            continue;
        }
        let end = all[n].end;
        let inside = (n + 1..all.len())
            .take_while(|&m| all[m].at < end)
            .collect::<Vec<_>>();
        all[n].fed_by.extend(inside);
    }
}

/// The script of `sh -c SCRIPT`.
fn script(command: &Command) -> Option<&Word> {
    if !is_shell(&command.name) {
        return None;
    }
    let is_c = |word: &Word| {
        word.text
            .strip_prefix('-')
            .is_some_and(|rest| !rest.starts_with('-') && rest.ends_with('c'))
    };
    let at = command.args.iter().position(is_c)?;
    command
        .args
        .get(at + 1)
        .filter(|word| word.text.contains(' ') && !word.text.starts_with('$'))
}

/// Does the name tell a shell?
#[must_use]
pub fn is_shell(name: &str) -> bool {
    matches!(name, "sh" | "bash" | "dash" | "ash" | "zsh" | "ksh")
}

fn command(node: Node<'_>, text: &str) -> Option<Command> {
    let mut cursor = node.walk();
    let mut words: Vec<Word> = Vec::new();
    for child in node.children(&mut cursor) {
        let kind = child.kind();
        if matches!(kind, "variable_assignment" if words.is_empty())
            || kind.ends_with("_redirect")
            || kind == "comment"
        {
            continue;
        }
        let raw = text.get(child.byte_range()).unwrap_or_default();
        words.push(Word {
            text: unquoted(raw),
            at: child.start_byte(),
        });
    }
    let mut sudo = false;
    while let Some(first) = words.first() {
        let name = first.text.rsplit('/').next().unwrap_or_default();
        if !matches!(
            name,
            "sudo" | "env" | "command" | "exec" | "nohup" | "time" | "nice" | "doas"
        ) {
            break;
        }
        sudo |= matches!(name, "sudo" | "doas");
        let takes_value = |option: &str| matches!(option, "-u" | "-g" | "-n" | "-C" | "--user");
        let mut rest = 1;
        while let Some(word) = words.get(rest) {
            if word.text.starts_with('-') {
                rest += if takes_value(&word.text) && name != "sudo" || word.text == "-u" {
                    2
                } else {
                    1
                };
            } else if word.text.contains('=') && !word.text.starts_with(['/', '$']) {
                rest += 1;
            } else {
                break;
            }
        }
        words.drain(..rest.min(words.len()));
    }
    let first = if words.is_empty() && sudo {
        Word {
            text: "sudo".to_owned(),
            at: node.start_byte(),
        }
    } else if words.is_empty() {
        return None;
    } else {
        words.remove(0)
    };
    let name = first.text.rsplit('/').next().unwrap_or_default().to_owned();
    Some(Command {
        name,
        args: words,
        sudo,
        at: node.start_byte(),
        end: node.end_byte(),
        ..Command::default()
    })
}

fn unquoted(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut chars = raw.chars().peekable();
    let mut quote = None;
    while let Some(c) = chars.next() {
        match (c, quote) {
            ('\'' | '"', None) => quote = Some(c),
            (_, Some(open)) if c == open => quote = None,
            ('\\', None | Some('"')) => {
                if let Some(next) = chars.next().filter(|next| *next != '\n') {
                    text.push(next);
                }
            }
            _ => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let all = commands(text).expect("it parses");
        let shown: Vec<String> = all
            .iter()
            .map(|command| {
                let words: Vec<&str> = command.words().collect();
                let fed: Vec<&str> = command
                    .fed_by
                    .iter()
                    .map(|&n| all[n].name.as_str())
                    .collect();
                let sudo = if command.sudo { "sudo:" } else { "" };
                format!(
                    "{sudo}{}({})<{}",
                    command.name,
                    words.join(","),
                    fed.join(",")
                )
            })
            .collect();
        assert_eq!(shown.join(" "), expected, "{text}");
    }

    #[test]
    fn words_and_pipes() {
        check("a b 'c d' && /bin/e", "a(b,c d)< e()<");
        check(
            "curl -s x | sudo -E bash -",
            "curl(-s,x)< sudo:bash(-)<curl",
        );
        check("A=b curl x | tar xz", "curl(x)< tar(xz)<curl");
        check(
            "bash -c 'curl x | sh'",
            "bash(-c,curl x | sh)< curl(x)< sh()<curl",
        );
        check("sh -c \"$(curl x)\"", "sh(-c,$(curl x))<curl curl(x)<");
        check("bash <(curl x)", "bash(<(curl x))<curl curl(x)<");
        check("env A=b c", "c()<");
    }
}
