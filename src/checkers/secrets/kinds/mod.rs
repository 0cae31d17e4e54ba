//! Owns the kinds of tokens that their own text tells: prefix, alphabet, length, and a check where the format has one. The
//! kinds are data; an index by their first three bytes finds those that may stand at a place. Knows no file and no context.

mod cloud;
mod code;
mod people;
mod service;

use std::sync::LazyLock;

use crate::model::rule::Severity;

use super::checks::Verdict;
use super::class::Class;
use super::shape::Shape;

/// A kind of token.
pub struct Kind {
    /// The rule that its findings are of.
    pub class: Class,
    /// What people call it.
    pub name: &'static str,
    /// Its form, as `shape.rs` reads it.
    pub shape: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What else must hold; it is given the whole token.
    pub check: Option<fn(&[u8]) -> Verdict>,
    /// Is the form so common that the vendor must be named nearby?
    pub rare: bool,
}

impl Kind {
    const fn new(class: Class, name: &'static str, shape: &'static str) -> Self {
        let severity = Severity::High;
        Self {
            class,
            name,
            shape,
            severity,
            check: None,
            rare: false,
        }
    }

    const fn graded(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    const fn critical(self) -> Self {
        self.graded(Severity::Critical)
    }

    const fn high(self) -> Self {
        self.graded(Severity::High)
    }

    const fn medium(self) -> Self {
        self.graded(Severity::Medium)
    }

    const fn low(self) -> Self {
        self.graded(Severity::Low)
    }

    const fn checked(mut self, check: fn(&[u8]) -> Verdict) -> Self {
        self.check = Some(check);
        self
    }

    const fn rare(mut self) -> Self {
        self.rare = true;
        self
    }

    /// The vendor: the first word of the name, in lower case.
    #[must_use]
    pub fn vendor(&self) -> String {
        let word = self.name.split(' ').next().unwrap_or_default();
        word.to_ascii_lowercase()
    }
}

/// Every kind.
pub fn all() -> impl Iterator<Item = &'static Kind> {
    [cloud::KINDS, code::KINDS, people::KINDS, service::KINDS]
        .into_iter()
        .flatten()
}

/// The kinds with their forms, and which may begin with which three bytes.
pub struct Index {
    kinds: Vec<(&'static Kind, Shape)>,
    /// Sorted by key: the first three bytes and the position of a kind.
    heads: Vec<([u8; 3], u16)>,
    /// One bit for each hash of three bytes.
    bits: Box<[u64; 1024]>,
}

static INDEX: LazyLock<Index> = LazyLock::new(Index::new);

/// The index of all kinds, made once.
#[must_use]
pub fn index() -> &'static Index {
    &INDEX
}

const fn hash(head: [u8; 3]) -> usize {
    let [a, b, c] = head;
    let whole = u32::from_le_bytes([a, b, c, 0]);
    (whole.wrapping_mul(0x9e37_79b1) >> 16) as usize
}

impl Index {
    fn new() -> Self {
        let mut index = Self {
            kinds: Vec::new(),
            heads: Vec::new(),
            bits: Box::new([0; 1024]),
        };
        for (at, kind) in (0..).zip(all()) {
            let shape = Shape::new(kind.shape);
            for head in shape.heads() {
                index.heads.push((head, at));
                let bit = hash(head);
                index.bits[bit / 64] |= 1 << (bit % 64);
            }
            index.kinds.push((kind, shape));
        }
        index.heads.sort_unstable();
        index
    }

    /// May any kind begin here? Wrong answers are "yes" only.
    #[must_use]
    pub fn may_begin(&self, head: [u8; 3]) -> bool {
        let bit = hash(head);
        self.bits[bit / 64] >> (bit % 64) & 1 == 1
    }

    /// The kinds that begin with these three bytes.
    pub fn beginning(&self, head: [u8; 3]) -> impl Iterator<Item = &(&'static Kind, Shape)> {
        let from = self.heads.partition_point(|(known, _)| *known < head);
        self.heads[from..]
            .iter()
            .take_while(move |(known, _)| *known == head)
            .map(|(_, at)| &self.kinds[usize::from(*at)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_can_be_read_and_found() {
        for kind in all() {
            let shape = Shape::new(kind.shape);
            assert!(!shape.heads().is_empty(), "{}", kind.name);
            assert!(kind.name.is_ascii() && !kind.name.ends_with(' '));
        }
        assert!(all().count() > 200, "{}", all().count());
    }

    #[test]
    fn few_places_are_looked_at_twice() {
        let set: u32 = index().bits.iter().map(|word| word.count_ones()).sum();
        assert!(set < 4_000, "{set} of 65536 bits");
    }
}
