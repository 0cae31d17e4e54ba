//! Owns what is found in a description: the kinds of hits, and where they stand.

use std::ops::Range;

use super::bundle::{Bundle, Node};

/// A kind of hit.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub enum Kind {
    Invalid,
    Reference,
    Misplaced,
    PathParameter,
    OperationId,
    AmbiguousPath,
    Schema,
    Required,
    Example,
    Security,
    Undocumented,
}

/// One hit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    pub kind: Kind,
    pub file: u32,
    pub range: Range<usize>,
    pub headline: String,
}

/// All hits of a description, and what it tells besides.
#[derive(Debug, Default)]
pub struct Hits {
    pub all: Vec<Hit>,
    /// References into the network: nobody asks there.
    pub remote: usize,
    /// Examples of which nobody can tell whether they match.
    pub unjudged: usize,
    /// What was not read, or not judged: why.
    pub unread: Vec<String>,
}

impl Hits {
    /// Keeps a hit at a node.
    pub fn push(&mut self, kind: Kind, bundle: &Bundle, node: Node, headline: impl Into<String>) {
        self.all.push(Hit {
            kind,
            file: node.file,
            range: bundle.place(node),
            headline: headline.into(),
        });
    }
}
