//! Owns what is known of one file: its violations with their places in it. Knows no path.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::base::digest::Digest;
use crate::model::place::{Point, Span};
use crate::source::file::{self, SourceFile, normalised};
use crate::source::language::Language;
use crate::source::workflow::{self, Script, Shell};

use super::hit::{Found, Hit, Kind};
use super::{python, shell};

/// A violation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// What it is.
    pub kind: Kind,
    /// Where it begins.
    pub span: Span,
    /// Digest of its line with white space folded.
    pub anchor: String,
}

/// How much of a file was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Read {
    /// All of it.
    All,
    /// All but what the grammar does not understand.
    Flawed,
    /// It was left out by a declared limit; why.
    Left(String),
    /// Nothing could be read; why.
    Nothing(String),
}

/// What is known of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The violations, in their order.
    pub seen: Vec<Seen>,
    /// How much was read.
    pub read: Read,
}

impl Facts {
    /// Reads a file; `None` for one that holds no script.
    pub fn of(file: &SourceFile) -> Option<Self> {
        if file.is_binary() {
            return None;
        }
        match file.language()? {
            language @ (Language::Bash | Language::Python) => Some(whole(file, language)),
            Language::Yaml => steps(file),
            _ => None,
        }
    }

    fn unread(read: Read) -> Self {
        Self {
            seen: Vec::new(),
            read,
        }
    }
}

fn whole(file: &SourceFile, language: Language) -> Facts {
    let bytes = file.bytes();
    let found = match language {
        Language::Python => file.tree().map(|tree| python::read(tree, bytes)),
        _ => match shell::prepared(bytes) {
            Cow::Borrowed(_) => file.tree().map(|tree| shell::read(tree, bytes, bytes, &[])),
            Cow::Owned(prepared) => {
                file::parse(language, &prepared).map(|tree| shell::read(&tree, bytes, bytes, &[]))
            }
        },
    };
    let Some(found) = found else {
        return Facts::unread(not_parsed(bytes.len()));
    };
    let seen = found.hits.iter().map(|hit| seen(file, hit, |at| at));
    Facts {
        seen: seen.collect(),
        read: if found.has_errors {
            Read::Flawed
        } else {
            Read::All
        },
    }
}

fn not_parsed(size: usize) -> Read {
    if size > file::PARSE_LIMIT {
        Read::Left("not judged: larger than the size limit for parsing".to_owned())
    } else {
        Read::Nothing("not judged: too intricate to be parsed".to_owned())
    }
}

fn steps(file: &SourceFile) -> Option<Facts> {
    let Some(text) = file.text() else {
        return Some(Facts::unread(Read::Nothing("it is not UTF-8".to_owned())));
    };
    let scripts = match workflow::scripts(text) {
        Ok(scripts) if scripts.is_empty() => return None,
        Ok(scripts) => scripts,
        Err(why) => {
            let why = format!("it is no YAML: {why}");
            return Some(Facts::unread(Read::Nothing(why)));
        }
    };
    let mut facts = Facts::unread(Read::All);
    for script in &scripts {
        let found = script_found(script);
        if found.unread {
            facts.read = not_parsed(script.region.text().len());
        } else if found.has_errors && facts.read == Read::All {
            facts.read = Read::Flawed;
        }
        let place = |at| script.region.place(at);
        facts
            .seen
            .extend(found.hits.iter().map(|hit| seen(file, hit, place)));
    }
    Some(facts)
}

fn script_found(script: &Script) -> Found {
    let written = script.region.text();
    let expressions = workflow::expressions(written);
    let mut masked = written.as_bytes().to_vec();
    for range in &expressions {
        masked[range.clone()].fill(b'_');
    }
    let found = match script.shell {
        Shell::Posix => file::parse(Language::Bash, &shell::prepared(&masked))
            .map(|tree| shell::read(&tree, &masked, written.as_bytes(), &expressions)),
        Shell::Python => {
            file::parse(Language::Python, &masked).map(|tree| python::read(&tree, &masked))
        }
        Shell::Other(_) => Some(Found::default()),
    };
    found.unwrap_or(Found {
        unread: true,
        ..Found::default()
    })
}

/// A finding stands at the offending part if that is on the statement's first line, where a comment can stand; else at
/// the statement.
fn seen(file: &SourceFile, hit: &Hit, place: impl Fn(usize) -> usize) -> Seen {
    let statement = file.point(place(hit.statement));
    let part = file.point(place(hit.part));
    let start = if part.line == statement.line {
        part
    } else {
        statement
    };
    let end = Point {
        column: start.column + 1,
        ..start
    };
    Seen {
        kind: hit.kind,
        span: Span { start, end },
        anchor: Digest::of(normalised(file.line(start.line)).as_bytes()).short(),
    }
}
