//! Owns places: where a finding is.

use std::fmt;

use crate::base::ascii;
use crate::base::path::RepoPath;

/// A point in a text. Both count from 1; the column counts Unicode scalar values, and an invalid byte as one.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct Point {
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

/// A part of a text; `end` is the point behind its last character.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct Span {
    /// The first character.
    pub start: Point,
    /// The point behind the last one.
    pub end: Point,
}

impl Span {
    /// One point.
    #[must_use]
    pub const fn at(line: u32, column: u32) -> Self {
        Self {
            start: Point { line, column },
            end: Point { line, column },
        }
    }
}

/// Where a finding is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A part of a file.
    Part(RepoPath, Span),
    /// A file or folder as a whole, existing or missed.
    File(RepoPath),
    /// Something outside the files: a commit, a URL, a database table, a tool.
    Object(String),
}

impl Place {
    /// The path, if the place is in a file.
    #[must_use]
    pub const fn path(&self) -> Option<&RepoPath> {
        match self {
            Self::Part(path, _) | Self::File(path) => Some(path),
            Self::Object(_) => None,
        }
    }

    /// The span, if the place is a part of a file.
    #[must_use]
    pub const fn span(&self) -> Option<Span> {
        match self {
            Self::Part(_, span) => Some(*span),
            Self::File(_) | Self::Object(_) => None,
        }
    }
}

/// `src/a.rs:12:5`, `src/a.rs`, `commit 1a2b3c4`: escaped.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Part(path, span) => write!(f, "{path}:{}:{}", span.start.line, span.start.column),
            Self::File(path) => write!(f, "{path}"),
            Self::Object(name) => f.write_str(&ascii::escape(name)),
        }
    }
}
