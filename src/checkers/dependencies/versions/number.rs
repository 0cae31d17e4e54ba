//! Owns numbers of any length inside versions.

/// A number. The larger kind is only used where the smaller one has no room, so that the order of the kinds is theirs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Number {
    /// One that fits.
    Small(u64),
    /// One that does not: its length, and its digits.
    Large(usize, Box<str>),
}

impl Number {
    /// Zero.
    pub const ZERO: Self = Self::Small(0);

    /// Reads a number of ASCII digits only.
    pub fn read(text: &str) -> Option<Self> {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let digits = text.trim_start_matches('0');
        if digits.is_empty() {
            return Some(Self::ZERO);
        }
        let small = digits.parse().map(Self::Small);
        Some(small.unwrap_or_else(|_| Self::Large(digits.len(), digits.into())))
    }

    /// Reads a number; nothing is zero.
    pub fn read_or_zero(text: &str) -> Option<Self> {
        if text.is_empty() {
            Some(Self::ZERO)
        } else {
            Self::read(text)
        }
    }
}

/// A number or a word; numbers come first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// A number.
    Number(Number),
    /// A word.
    Word(Box<str>),
}

impl Part {
    /// Reads a part.
    pub fn read(text: &str) -> Self {
        Number::read(text).map_or_else(|| Self::Word(text.into()), Self::Number)
    }
}
