//! Owns what is observed in one description: hits with their places in lines and columns.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::hit::Kind;
use super::look::{Look, Looked};
use crate::model::place::Span;
use crate::source::file::SourceFile;

/// At most as many hits are kept for one description; one with more is seen in part only.
const MOST: usize = 5_000;

/// What is observed.
#[derive(Debug, Serialize, Deserialize)]
pub enum Facts {
    Done(Done),
    /// It cannot be parsed: why, and where.
    Broken(String, Span),
    /// It cannot be read here, though it may be sound: why.
    Unread(String),
    /// A version that is not known; empty where the file names none.
    Unknown(String),
    /// Other files are part of it.
    Later,
}

/// What is found in a description that was read.
#[derive(Debug, Serialize, Deserialize)]
pub struct Done {
    pub version: String,
    pub hits: Vec<Found>,
    /// Hits beyond those that are kept.
    pub more: usize,
    pub operations: usize,
    pub documented: usize,
    /// References into the network.
    pub remote: usize,
    /// Examples of which nobody can tell.
    pub unjudged: usize,
    pub unread: Vec<String>,
}

/// One hit.
#[derive(Debug, Serialize, Deserialize)]
pub struct Found {
    pub kind: Kind,
    /// The file, by its position in the description's files; 0 is the description itself.
    pub file: u32,
    pub span: Span,
    pub headline: String,
}

impl Facts {
    /// Of what was looked at. `span` gives the place of bytes in one of the files.
    pub fn of(look: Look, span: &dyn Fn(u32, Range<usize>) -> Span) -> Option<Self> {
        match look {
            Look::Other => None,
            Look::Broken(flaw) if flaw.too_much => Some(Self::Unread(flaw.what)),
            Look::Broken(flaw) => Some(Self::Broken(flaw.what, span(0, flaw.at..flaw.at))),
            Look::Unknown(version) => Some(Self::Unknown(version)),
            Look::Later => Some(Self::Later),
            Look::Done(looked) => Some(Self::Done(Done::of(*looked, span))),
        }
    }
}

impl Done {
    /// Of what was looked at.
    pub fn of(looked: Looked, span: &dyn Fn(u32, Range<usize>) -> Span) -> Self {
        let mut hits = looked.hits.all;
        hits.sort_by_key(|hit| (hit.file, hit.range.start));
        let more = hits.len().saturating_sub(MOST);
        hits.truncate(MOST);
        let found = hits.into_iter().map(|hit| Found {
            kind: hit.kind,
            file: hit.file,
            span: span(hit.file, hit.range),
            headline: hit.headline,
        });
        let mut unread = looked.hits.unread;
        unread.sort();
        unread.dedup();
        Self {
            version: looked.version,
            hits: found.collect(),
            more,
            operations: looked.operations,
            documented: looked.documented,
            remote: looked.hits.remote,
            unjudged: looked.hits.unjudged,
            unread,
        }
    }
}

/// The part of a file, on one line: a hit names where something stands, not all of it.
#[must_use]
pub fn part(file: &SourceFile, range: Range<usize>) -> Span {
    let bytes = file.bytes();
    let start = range.start.min(bytes.len());
    let rest = &bytes[start..range.end.clamp(start, bytes.len())];
    let line = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    file.span(start..start + line)
}
