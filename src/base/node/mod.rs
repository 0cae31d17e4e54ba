//! Owns values that remember where they were written: what a gate file is after parsing and before it is typed.
//! Knows no YAML and no key.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// A text that values came from: a gate file, a built-in pack, or the command line.
#[derive(Debug, PartialEq, Eq)]
pub struct Text {
    /// The name that people see: a path relative to the root, `pack recommended`, `--set`.
    pub name: String,
    /// The whole text.
    pub text: String,
    /// Is it built into the binary?
    pub built_in: bool,
}

/// Where a value was written.
#[derive(Clone, PartialEq, Eq)]
pub struct Origin {
    /// The text.
    pub text: Arc<Text>,
    /// The byte range in it.
    pub span: Range<usize>,
}

impl Origin {
    /// 1-based line and column (in characters) of the first byte.
    #[must_use]
    pub fn line_column(&self) -> (usize, usize) {
        let before = self
            .text
            .text
            .get(..self.span.start)
            .unwrap_or(&self.text.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        (line, column)
    }
}

/// `gates/core.yml:12`, escaped.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}",
            super::ascii::escape(&self.text.name),
            self.line_column().0
        )
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// A value with the place it was written at.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where the value stands.
    pub origin: Origin,
    /// The value.
    pub kind: Kind,
}

/// A key of a map with the place it was written at.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// Where the key stands.
    pub origin: Origin,
    /// The key.
    pub name: String,
}

/// The kinds of value.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a decimal point.
    Float(f64),
    /// A text.
    Str(String),
    /// A list.
    Seq(Vec<Node>),
    /// A map, in the order it was written; keys are unique.
    Map(Vec<(Key, Node)>),
}

pub mod de;

impl Node {
    /// The value at `key`, if this is a map that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries()
            .iter()
            .find(|(k, _)| k.name == key)
            .map(|(_, value)| value)
    }

    /// The entries, if this is a map; else none.
    #[must_use]
    pub fn entries(&self) -> &[(Key, Self)] {
        match &self.kind {
            Kind::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items, if this is a list; else none.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        match &self.kind {
            Kind::Seq(items) => items,
            _ => &[],
        }
    }

    /// The text, if this is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::Str(text) => Some(text),
            _ => None,
        }
    }
}

/// Something wrong with a value, with the place it stands at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The place.
    pub origin: Origin,
    /// One line that stands alone: lower case, no full stop. Raw; it is escaped when shown.
    pub message: String,
    /// What to do about it, or empty.
    pub help: String,
}

impl Problem {
    /// A problem.
    #[must_use]
    pub fn new(origin: &Origin, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            origin: origin.clone(),
            message: message.into(),
            help: help.into(),
        }
    }
}
