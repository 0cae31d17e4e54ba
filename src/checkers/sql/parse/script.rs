//! Owns the model of a script: its statements, each with its place, and what could not be read.

use serde::{Deserialize, Serialize};

use crate::model::place::Span;

use super::statement::Statement;

/// A script as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Script {
    /// Its pieces, in order.
    pub pieces: Vec<Piece>,
}

/// A statement, or what stands where one could.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// Where it is, from its first word to its semicolon.
    pub span: Span,
    /// Its first and last byte.
    pub bytes: (u32, u32),
    /// What it is.
    pub what: What,
    /// A digest of its text, where its parts do not tell what it does: a block, or what could not be read.
    pub mark: Option<String>,
}

/// What a piece is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    /// A statement that is understood.
    Statement(Box<Statement>),
    /// A command of psql.
    Meta(String),
    /// It could not be read, and why.
    Unread(Unread),
}

/// Why a piece could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unread {
    /// Not the syntax of PostgreSQL: what was expected, and where.
    Syntax(String, u32),
    /// A string, a comment or a body without an end.
    Open,
    /// Nested deeper than [`super::cursor::DEEPEST`].
    Deep,
}
