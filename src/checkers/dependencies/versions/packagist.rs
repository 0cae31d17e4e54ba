//! Owns the order of Packagist, which is that of PHP's `version_compare`.

use std::cmp::Ordering;

use super::number::Number;

/// A version: its parts.
#[derive(Clone, Debug)]
pub struct Version(Vec<Part>);

#[derive(Clone, Debug)]
enum Part {
    Number(Number),
    /// A word, by its place in the order of words.
    Word(u8),
}

/// Where a number stands among the words.
const NUMBER: u8 = 5;

impl Version {
    /// Reads a version.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
        if text.is_empty() {
            return None;
        }
        let parts = super::parts(text, |letter| matches!(letter, '.' | '-' | '_' | '+'));
        let parts = parts.into_iter().filter(|part| !part.is_empty());
        let read =
            |part: &str| Number::read(part).map_or_else(|| Part::Word(place(part)), Part::Number);
        Some(Self(parts.map(read).collect()))
    }

    /// The order of two versions.
    pub fn order(&self, other: &Self) -> Ordering {
        for (a, b) in self.0.iter().zip(&other.0) {
            let order = match (a, b) {
                (Part::Number(a), Part::Number(b)) => a.cmp(b),
                _ => a.place().cmp(&b.place()),
            };
            if order.is_ne() {
                return order;
            }
        }
        // A number more is a later version, a word more is what the word is.
        let more = |version: &Self, other: &Self| match version.0.get(other.0.len()) {
            Some(Part::Number(_)) => Some(Ordering::Greater),
            Some(word) => Some(word.place().cmp(&NUMBER)),
            None => None,
        };
        more(self, other)
            .or_else(|| more(other, self).map(Ordering::reverse))
            .unwrap_or(Ordering::Equal)
    }
}

impl Part {
    const fn place(&self) -> u8 {
        match self {
            Self::Number(_) => NUMBER,
            Self::Word(place) => *place,
        }
    }
}

/// The words that count, by their first letters; any other word comes before all.
fn place(word: &str) -> u8 {
    const WORDS: [(&str, u8); 8] = [
        ("dev", 1),
        ("a", 2),
        ("b", 3),
        ("RC", 4),
        ("rc", 4),
        ("#", NUMBER),
        ("pl", 6),
        ("p", 6),
    ];
    let found = WORDS.iter().find(|(start, _)| word.starts_with(start));
    found.map_or(0, |(_, place)| *place)
}
