//! Owns traces: what tells a finding again in another tree. Never a line number, never a secret.

use crate::base::digest::Digest;
use crate::base::path::RepoPath;

use super::finding::Finding;
use super::place::Place;

/// Where a trace was left.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spot {
    /// In a file.
    Path(RepoPath),
    /// At something that is no file: a commit, a URL, a database table.
    Object(String),
}

/// What a finding is anchored in, as the short digest of a text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Anchor {
    /// Content that can be told again elsewhere: a line's text without its white space, a qualified symbol.
    Content(String),
    /// Content of a few letters, such as a lone brace: it is told again elsewhere only when its own file is gone.
    Thin(String),
    /// The headline: it says nothing about where it is.
    Headline(String),
}

/// Content of fewer letters than this, blanks aside, does not tell where it came from.
pub const THIN: usize = 8;

impl Anchor {
    /// The digest.
    #[must_use]
    pub fn digest(&self) -> &str {
        match self {
            Self::Content(digest) | Self::Thin(digest) | Self::Headline(digest) => digest,
        }
    }
}

/// What tells a finding again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Trace {
    /// The rule's id.
    pub rule: String,
    /// Where it is.
    pub spot: Spot,
    /// What it is anchored in.
    pub anchor: Anchor,
    /// How much it is, where more is worse.
    pub amount: Option<u64>,
}

impl Trace {
    /// The trace of a finding.
    #[must_use]
    pub fn of(finding: &Finding) -> Self {
        let digest = Digest::of(finding.anchor.as_bytes()).short();
        let is_headline = finding.anchor == finding.headline;
        let anchor = match &finding.place {
            Place::Part(..) if is_headline => Anchor::Headline(digest),
            Place::Part(..) if letters(&finding.anchor) < THIN => Anchor::Thin(digest),
            Place::Part(..) => Anchor::Content(digest),
            Place::File(_) | Place::Object(_) => Anchor::Headline(digest),
        };
        let spot = match &finding.place {
            Place::Part(path, _) | Place::File(path) => Spot::Path(path.clone()),
            Place::Object(name) => Spot::Object(name.clone()),
        };
        Self {
            rule: finding.rule.to_string(),
            spot,
            anchor,
            amount: finding.amount,
        }
    }

    /// Excuses a finding that was there before one of this trace? Not one that has grown.
    #[must_use]
    pub fn is_excused_by(&self, before: &Self) -> bool {
        match (self.amount, before.amount) {
            (Some(now), Some(then)) => now <= then,
            _ => true,
        }
    }
}

fn letters(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}
