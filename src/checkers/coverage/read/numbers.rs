//! Owns numbers as tools write them in reports: hits with decimals and exponents, numbers in JSON of any kind.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Hits: `12`, `12.0`, `1e3`; more than fit are as many as fit. `None` when it is no number of hits.
pub fn hits(text: &str) -> Option<u64> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return Some(text.parse().unwrap_or(u64::MAX));
    }
    if !text.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    text.parse().ok().and_then(whole)
}

/// A float's whole part.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is not negative, and too large ones become the largest"
)]
fn whole(number: f64) -> Option<u64> {
    // A part of a hit is a hit.
    (number.is_finite() && number >= 0.0).then(|| number.ceil() as u64)
}

/// A number in JSON, where tools write many things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// `null`, or a word: there is nothing to count.
    Nothing,
    /// A number that is not negative.
    Of(u64),
    /// A negative one.
    Negative(i64),
    /// Something else.
    Bad,
}

impl Number {
    /// The number, if it is one that counts something.
    pub const fn count(self) -> Option<u64> {
        match self {
            Self::Of(number) => Some(number),
            _ => None,
        }
    }
}

struct NumberVisitor;

impl<'de> Visitor<'de> for NumberVisitor {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_u64<E>(self, number: u64) -> Result<Number, E> {
        Ok(Number::Of(number))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Number, E> {
        Ok(u64::try_from(number).map_or(Number::Negative(number), Number::Of))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Number, E> {
        Ok(whole(number).map_or(Number::Bad, Number::Of))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Number, E> {
        Ok(Number::Bad)
    }

    fn visit_unit<E>(self) -> Result<Number, E> {
        Ok(Number::Nothing)
    }

    fn visit_str<E>(self, _: &str) -> Result<Number, E> {
        Ok(Number::Nothing)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Number, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Number::Bad)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Number, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Number::Bad)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor)
    }
}
