//! Owns what is observed in one text file: the first hits of each kind, and how many more there are.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::place::{Point, Span};
use crate::model::rule::Severity;
use crate::source::file::anchor;

/// At most as many hits of one kind are kept for one file: the budget that hostile bytes cannot exceed. A file with more is
/// seen in part only, because what is left out may be worse than what is kept.
pub const MOST: usize = 10_000;

/// What a hit is an instance of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Kind {
    NonAscii,
    Bidi,
    Invisible,
    Conflict,
    PrivateKey,
    Trailing,
    NoFinalNewline,
    MixedEnds,
}

/// One hit.
#[derive(Debug, Serialize, Deserialize)]
pub struct Hit {
    pub kind: Kind,
    /// `None`: the file as a whole.
    pub span: Option<Span>,
    pub severity: Severity,
    /// The part of the headline that is its own.
    pub detail: String,
    pub anchor: String,
}

/// The hits of a file.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Hits {
    pub shown: Vec<Hit>,
    pub more: BTreeMap<Kind, usize>,
    counts: BTreeMap<Kind, usize>,
    /// Is the file in no encoding that is known here, so that some rules did not look?
    pub foreign: bool,
}

/// What is observed in a file.
#[derive(Debug, Serialize, Deserialize)]
pub enum Facts {
    Binary,
    Text(Hits),
}

impl Hits {
    /// Is there room for one more of this kind? If not, it is counted only.
    pub fn room(&mut self, kind: Kind) -> bool {
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        if *count > MOST {
            *self.more.entry(kind).or_default() += 1;
        }
        *count <= MOST
    }

    /// Keeps a hit in `line`, at the bytes `from..to` of it. Only after [`Hits::room`] said yes.
    pub fn push(
        &mut self,
        kind: Kind,
        severity: Severity,
        line: &Line<'_>,
        (from, to): (usize, usize),
        detail: impl Into<String>,
    ) {
        let column =
            |at: usize| u32::try_from(characters(&line.bytes[..at]) + 1).unwrap_or(u32::MAX);
        let point = |at: usize| Point {
            line: line.number,
            column: column(at),
        };
        self.shown.push(Hit {
            kind,
            span: Some(Span {
                start: point(from),
                end: point(to),
            }),
            severity,
            detail: detail.into(),
            anchor: anchor(line.bytes),
        });
    }

    /// Keeps a hit at the file as a whole.
    pub fn whole(&mut self, kind: Kind, severity: Severity, detail: impl Into<String>) {
        self.shown.push(Hit {
            kind,
            span: None,
            severity,
            detail: detail.into(),
            anchor: String::new(),
        });
    }

    /// The facts; `None` when nothing was hit.
    pub fn facts(self) -> Option<Facts> {
        (self.foreign || !self.shown.is_empty()).then_some(Facts::Text(self))
    }
}

/// A line with its number and its place in the file.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// From 1.
    pub number: u32,
    /// Where it starts in the file.
    pub start: usize,
    /// Its bytes without the line feed; a carriage return before that is still in it.
    pub bytes: &'a [u8],
}

/// The lines of a file, one after the other, without an index of them all. The empty line behind a final line feed is
/// none.
pub fn lines(bytes: &[u8]) -> impl Iterator<Item = Line<'_>> {
    let mut start = 0;
    let mut number = 0;
    std::iter::from_fn(move || {
        if start >= bytes.len() {
            return None;
        }
        let rest = &bytes[start..];
        let length = rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
        number += 1;
        let line = Line {
            number,
            start,
            bytes: &rest[..length],
        };
        start += length + 1;
        Some(line)
    })
}

fn characters(bytes: &[u8]) -> usize {
    bytes
        .utf8_chunks()
        .map(|chunk| chunk.valid().chars().count() + chunk.invalid().len())
        .sum()
}
