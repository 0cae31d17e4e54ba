//! Owns the order of Maven's versions: tokens with the mark in front of them, and qualifiers of a known order.

use std::cmp::Ordering;

use super::number::Number;

/// A version: its tokens, without those at the end of a part that mean nothing.
#[derive(Clone, Debug)]
pub struct Version(Vec<Token>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Token {
    /// Does a hyphen stand in front, or the change from digits to letters?
    hyphen: bool,
    value: Value,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Number(Number),
    /// A qualifier: its place among those that are known, then its text.
    Word(usize, Box<str>),
}

/// The known qualifiers, in order. Nothing is one of them.
const KNOWN: [&str; 7] = ["alpha", "beta", "milestone", "rc", "snapshot", "", "sp"];

impl Value {
    fn word(text: &str, before_digit: bool) -> Self {
        let text = text.to_lowercase();
        let text = match &*text {
            "a" if before_digit => "alpha",
            "b" if before_digit => "beta",
            "m" if before_digit => "milestone",
            "cr" => "rc",
            "ga" | "final" | "release" => "",
            other => other,
        };
        let place = KNOWN.iter().position(|known| *known == text);
        Self::Word(place.unwrap_or(KNOWN.len()), text.into())
    }

    fn means_nothing(&self) -> bool {
        match self {
            Self::Number(number) => *number == Number::ZERO,
            Self::Word(_, text) => text.is_empty(),
        }
    }
}

impl Version {
    /// Reads a version. Any text is one.
    pub fn read(text: &str) -> Option<Self> {
        if text.is_empty() {
            return None;
        }
        let mut tokens: Vec<Token> = Vec::new();
        let mut hyphen = false;
        for piece in text.split_inclusive(['.', '-']) {
            let body = piece.trim_end_matches(['.', '-']);
            let parts = super::parts(body, |_| false);
            let last = parts.len() - 1;
            for (at, part) in parts.into_iter().enumerate() {
                let value = Number::read_or_zero(part)
                    .map_or_else(|| Value::word(part, at != last), Value::Number);
                tokens.push(Token {
                    hyphen: hyphen || at > 0,
                    value,
                });
            }
            hyphen = piece.ends_with('-');
        }
        if text.ends_with(['.', '-']) {
            tokens.push(Token {
                hyphen,
                value: Value::Number(Number::ZERO),
            });
        }
        Some(Self(trimmed(tokens)))
    }

    /// The order of two versions. The shorter one is filled up with what means nothing.
    pub fn order(&self, other: &Self) -> Ordering {
        let most = self.0.len().max(other.0.len());
        let pairs = (0..most).map(|at| match (self.0.get(at), other.0.get(at)) {
            (Some(a), Some(b)) => a.order(b),
            (Some(a), None) => a.against_nothing(),
            (None, Some(b)) => b.against_nothing().reverse(),
            (None, None) => Ordering::Equal,
        });
        pairs.fold(Ordering::Equal, Ordering::then)
    }
}

/// Takes away what means nothing at the end, and before each hyphen.
fn trimmed(tokens: Vec<Token>) -> Vec<Token> {
    let mut kept: Vec<Token> = Vec::with_capacity(tokens.len());
    let clean = |kept: &mut Vec<Token>| {
        while kept.len() > 1 && kept.last().is_some_and(|token| token.value.means_nothing()) {
            kept.pop();
        }
    };
    for token in tokens {
        if token.hyphen {
            clean(&mut kept);
        }
        kept.push(token);
    }
    clean(&mut kept);
    kept
}

impl Token {
    fn order(&self, other: &Self) -> Ordering {
        match (&self.value, &other.value) {
            (Value::Number(a), Value::Number(b)) if self.hyphen == other.hyphen => a.cmp(b),
            (Value::Word(a, left), Value::Word(b, right)) if self.hyphen == other.hyphen => {
                a.cmp(b).then_with(|| left.cmp(right))
            }
            _ => self.rank().cmp(&other.rank()),
        }
    }

    /// `.qualifier`, `-qualifier`, `-number`, `.number`.
    const fn rank(&self) -> u8 {
        match (&self.value, self.hyphen) {
            (Value::Word(..), false) => 0,
            (Value::Word(..), true) => 1,
            (Value::Number(_), true) => 2,
            (Value::Number(_), false) => 3,
        }
    }

    /// Against an end: a number is later unless it is 0, a qualifier is what it is beside none.
    fn against_nothing(&self) -> Ordering {
        match &self.value {
            Value::Number(number) => number.cmp(&Number::ZERO),
            Value::Word(place, text) => {
                let nothing = KNOWN.iter().position(|known| known.is_empty());
                place
                    .cmp(&nothing.unwrap_or(0))
                    .then_with(|| text.cmp(&"".into()))
            }
        }
    }
}
