//! Owns what a lane found: where, of which class and kind, and how bad. It holds no text of the file.

use std::borrow::Cow;
use std::ops::Range;

use crate::model::rule::Severity;

use super::class::Class;

/// A secret that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where a reader is sent to: the secret, or the line that opens a long one.
    pub range: Range<usize>,
    /// Where the secret itself stands.
    pub body: Range<usize>,
    /// Its class.
    pub class: Class,
    /// What people call it.
    pub kind: Cow<'static, str>,
    /// How bad it is, before the file's class is looked at.
    pub severity: Severity,
    /// How many of its first bytes are no secret: the prefix that every token of the kind has.
    pub open: usize,
    /// Does the format prove it: a checksum, a body that decodes?
    pub proven: bool,
    /// Does a passphrase protect it?
    pub sealed: bool,
    /// When it stops to be good, in seconds since the epoch, if it says so.
    pub expires: Option<i64>,
}

impl Found {
    /// A secret of a class, as severe as its rule.
    #[must_use]
    pub fn new(range: Range<usize>, class: Class, kind: impl Into<Cow<'static, str>>) -> Self {
        Self {
            body: range.clone(),
            range,
            class,
            kind: kind.into(),
            severity: class.rule().severity,
            open: 0,
            proven: false,
            sealed: false,
            expires: None,
        }
    }

    /// Sets another severity than the rule's.
    #[must_use]
    pub const fn graded(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }
}

/// All that is found in one text.
#[derive(Debug, Default)]
pub struct Finds {
    /// What was found, in the order of the lanes.
    pub all: Vec<Found>,
    /// How many texts have the form of a token and are a dummy.
    pub dummies: usize,
    /// How many were not kept, because there are too many.
    pub more: usize,
}

/// At most as many are kept for one text.
const MOST: usize = 2_000;

impl Finds {
    /// Keeps one, as long as there is room.
    pub fn push(&mut self, found: Found) {
        if self.all.len() < MOST {
            self.all.push(found);
        } else {
            self.more += 1;
        }
    }

    /// Sorts by place; of those that overlap, the one of the strongest class stays.
    #[must_use]
    pub fn settled(mut self) -> Self {
        self.all.sort_by_key(|found| {
            (
                found.class,
                found.body.start,
                std::cmp::Reverse(found.body.end),
            )
        });
        let mut kept: Vec<Found> = Vec::new();
        let mut taken = std::collections::BTreeMap::new();
        for found in self.all {
            // Kept ranges do not overlap: the last one that begins before this one's end is the only candidate.
            let body = found.body.clone();
            let before = taken.range(..body.end.max(body.start + 1)).next_back();
            if before.is_none_or(|(_, end)| *end <= body.start) {
                taken.insert(body.start, body.end);
                kept.push(found);
            }
        }
        kept.sort_by_key(|found| found.range.start);
        self.all = kept;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_stays() {
        let mut finds = Finds::default();
        finds.push(Found::new(0..10, Class::Generic, "a"));
        finds.push(Found::new(4..8, Class::Cloud, "b"));
        finds.push(Found::new(20..30, Class::Password, "c"));
        finds.push(Found::new(21..25, Class::Generic, "d"));
        let kinds: Vec<_> = finds.settled().all.into_iter().map(|f| f.kind).collect();
        assert_eq!(kinds, ["b", "c"]);
    }
}
