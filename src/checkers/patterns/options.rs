//! Owns the rules that users write: their form in a gate file, and what is wrong with one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::check::options::{Glob, Pattern};
use crate::model::rule::Severity;
use crate::source::language::Language;

use super::compiled::Compiled;

/// The options of the check.
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// The rules.
    #[schemars(with = "Vec<Written>")]
    pub rules: Vec<Rule>,
}

/// A rule as it is written.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// What the rule is called: lower case words joined by `-`. Findings, exemptions and `rules:` name it `patterns/ID`.
    pub id: String,
    /// What is wrong, in one line. `$X` stands for what the pattern's `$X` matched.
    pub message: String,
    /// How bad it is.
    #[serde(default = "medium")]
    pub severity: Severity,
    /// What to write instead.
    pub help: String,
    /// The languages it is for. A `regex` without any is for every text file.
    #[serde(default)]
    pub languages: Vec<Name>,
    /// The files it is for; all, when none is named.
    #[serde(default)]
    pub paths: Vec<Glob>,
    /// The files it is not for.
    #[serde(default)]
    pub exclude: Vec<Glob>,
    /// Is it for tests, fixtures and examples, too?
    #[serde(default = "yes")]
    pub tests: bool,
    /// Code, in which `$X` stands for one node and `$$$X` for any number of them.
    #[serde(default)]
    pub pattern: Option<String>,
    /// The kind of the node in `pattern` that is meant, where what is around it is there only so that it can be parsed.
    #[serde(default)]
    pub selector: Option<String>,
    /// A query of tree-sitter. The finding stands at the capture `@match`, or else at the first one.
    #[serde(default)]
    pub query: Option<String>,
    /// A regular expression. `^` and `$` are the ends of a line.
    #[serde(default)]
    pub regex: Option<Pattern>,
    /// Where `regex` looks.
    #[serde(default, rename = "in")]
    pub within: Within,
    /// What the text of a `$X`, or of a capture, must be.
    #[serde(default, rename = "where")]
    pub conditions: BTreeMap<String, Pattern>,
    /// What the text of a `$X`, or of a capture, must not be.
    #[serde(default)]
    pub unless: BTreeMap<String, Pattern>,
    /// Code that it must not be.
    #[serde(default)]
    pub not: Option<String>,
    /// Code that it must stand in.
    #[serde(default)]
    pub inside: Option<String>,
    /// Code that it must not stand in.
    #[serde(default)]
    pub outside: Option<String>,
}

const fn medium() -> Severity {
    Severity::Medium
}

const fn yes() -> bool {
    true
}

/// Where a regular expression looks.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Within {
    /// Everywhere.
    #[default]
    All,
    /// Neither in comments nor in strings.
    Code,
    /// In comments.
    Comments,
    /// In strings.
    Strings,
}

/// A language that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(pub Language);

impl TryFrom<String> for Name {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let known = |language: &&Language| language.name() == text;
        let language = Language::ALL.iter().find(known).copied();
        language.map(Self).ok_or_else(|| {
            let names = Language::ALL.iter().map(|language| language.name());
            let help = match crate::base::words::did_you_mean(&text, names) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`qgate schema` lists them".to_owned(),
            };
            format!("there is no language `{text}`; {help}")
        })
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0.name().to_owned()
    }
}

impl schemars::JsonSchema for Name {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        std::borrow::Cow::Borrowed("LanguageName")
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let names: Vec<&str> = Language::ALL
            .iter()
            .map(|language| language.name())
            .collect();
        schemars::json_schema!({ "type": "string", "enum": names })
    }
}

/// A rule, ready to be used.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Rule {
    /// As it is written.
    pub written: Written,
    /// The id that findings bear.
    pub id: String,
    /// What it looks for, for each language; for a regular expression, nothing.
    pub compiled: Vec<(Language, Compiled)>,
    /// The regular expression, line by line.
    pub regex: Option<regex::Regex>,
}

impl From<Rule> for Written {
    fn from(rule: Rule) -> Self {
        rule.written
    }
}

impl TryFrom<Written> for Rule {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let id = id(&written.id)?;
        let named = |problem: String| format!("rule `{}`: {problem}", written.id);
        written.check().map_err(named)?;
        let mut compiled = Vec::new();
        for language in written.dialects() {
            let one = Compiled::new(&written, language).map_err(named)?;
            compiled.extend(one.map(|one| (language, one)));
        }
        let by_line = |pattern: &Pattern| {
            regex::RegexBuilder::new(pattern.regex().as_str())
                .multi_line(true)
                .crlf(true)
                .size_limit(1 << 20)
                .dfa_size_limit(1 << 22)
                .build()
                .map_err(|_| named("`regex` is too large".to_owned()))
        };
        let regex = written.regex.as_ref().map(by_line).transpose()?;
        Ok(Self {
            written,
            id,
            compiled,
            regex,
        })
    }
}

/// The id that findings bear.
fn id(written: &str) -> Result<String, String> {
    let is_word = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    let is_good = |part: &str| part.split('-').all(is_word);
    match written.split_once('/') {
        None if is_good(written) => Ok(format!("patterns/{written}")),
        Some((team, name)) if is_good(team) && is_good(name) => Ok(written.to_owned()),
        _ => Err(format!(
            "`{written}` is no id: write lower case words joined by `-`, such as `use-our-clock`"
        )),
    }
}

impl Written {
    /// What does not fit together.
    fn check(&self) -> Result<(), String> {
        let ways = [
            self.pattern.is_some(),
            self.query.is_some(),
            self.regex.is_some(),
        ];
        match ways.into_iter().filter(|is_there| *is_there).count() {
            0 => return Err("it looks for nothing: add `pattern`, `query` or `regex`".to_owned()),
            1 => {}
            _ => {
                return Err(
                    "`pattern`, `query` and `regex` exclude each other: keep one".to_owned(),
                );
            }
        }
        for (text, key) in [(&self.message, "message"), (&self.help, "help")] {
            if text.trim().is_empty() {
                return Err(format!(
                    "`{key}` is empty: say what is wrong, and what to write instead"
                ));
            }
        }
        let needs_tree = self.regex.is_none() || self.within != Within::All;
        if needs_tree && self.languages.is_empty() {
            return Err("it needs `languages`, such as `languages: [python]`".to_owned());
        }
        let deaf = self.languages.iter().find(|name| {
            let parsed = matches!(name.0, Language::Vue | Language::Svelte);
            needs_tree && !parsed && name.0.grammar().is_none()
        });
        if let Some(name) = deaf {
            let name = name.0.name();
            return Err(format!(
                "`{name}` is not parsed: use `regex` with `in: all`"
            ));
        }
        if self.pattern.is_none() {
            for (there, key) in [
                (self.selector.is_some(), "selector"),
                (self.not.is_some(), "not"),
                (self.inside.is_some(), "inside"),
                (self.outside.is_some(), "outside"),
            ] {
                if there {
                    return Err(format!("`{key}` goes with `pattern` only: take it out"));
                }
            }
        }
        if self.regex.is_some() && !(self.conditions.is_empty() && self.unless.is_empty()) {
            return Err("`where` and `unless` go with `pattern` and `query` only".to_owned());
        }
        if self.regex.is_none() && self.within != Within::All {
            return Err("`in` goes with `regex` only: take it out".to_owned());
        }
        Ok(())
    }

    /// The languages, and those whose files hold such code too: TypeScript with JSX, and scripts in components.
    pub fn dialects(&self) -> Vec<Language> {
        let mut all: Vec<Language> = Vec::new();
        for name in &self.languages {
            all.push(name.0);
            match name.0 {
                Language::TypeScript => all.push(Language::Tsx),
                Language::Vue | Language::Svelte => {
                    all.extend([Language::JavaScript, Language::TypeScript, Language::Tsx]);
                }
                _ => {}
            }
        }
        all.sort_unstable();
        all.dedup();
        all.retain(|language| language.grammar().is_some());
        all
    }
}
