//! Owns hits: what the readers of shell and Python report, by byte offset. Knows no file.

use serde::{Deserialize, Serialize};

/// The kinds of violation; each has a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Kind {
    /// `echo` with a character beyond ASCII.
    EchoNonAscii,
    /// `echo` with `$(...)`.
    EchoCommandSubstitution,
    /// `echo` with `$x`.
    EchoVariable,
    /// `echo` with a line feed in a string.
    EchoMultiLine,
    /// `echo -e` or a backslash sequence.
    EchoEscape,
    /// A here-document that is printed.
    HeredocPrint,
    /// `printf` with a character beyond ASCII.
    PrintfNonAscii,
    /// Python's `print` with a character beyond ASCII.
    PrintNonAscii,
}

/// A violation in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// Where the statement begins; a comment can stand on that line.
    pub statement: usize,
    /// Where the offending part begins.
    pub part: usize,
    /// What it is.
    pub kind: Kind,
}

/// What a reader found in one text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The violations, sorted.
    pub hits: Vec<Hit>,
    /// Were there parts that the grammar does not understand?
    pub has_errors: bool,
    /// Could nothing at all be read?
    pub unread: bool,
}
