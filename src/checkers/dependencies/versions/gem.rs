//! Owns the order of `RubyGems`: letters make a pre-release.

use std::cmp::Ordering;

use super::number::{Number, Part};

/// A version: its parts, without zeros at the end of the numbers and of the whole.
#[derive(Clone, Debug)]
pub struct Version(Vec<Part>);

impl Version {
    /// Reads a version.
    pub fn read(text: &str) -> Option<Self> {
        let good = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-');
        if !text.starts_with(|letter: char| letter.is_ascii_digit()) || !text.chars().all(good) {
            return None;
        }
        let text = text.replace('-', ".pre.");
        let parts = super::parts(&text, |letter| letter == '.');
        let parts = parts.into_iter().filter(|part| !part.is_empty());
        let parts: Vec<Part> = parts.map(Part::read).collect();
        let is_word = |part: &Part| matches!(part, Part::Word(_));
        let words = parts.iter().position(is_word).unwrap_or(parts.len());
        let mut kept = without_zeros(&parts[..words]).to_vec();
        kept.extend_from_slice(without_zeros(&parts[words..]));
        Some(Self(kept))
    }

    /// The order of two versions.
    pub fn order(&self, other: &Self) -> Ordering {
        const NOTHING: Part = Part::Number(Number::ZERO);
        let most = self.0.len().max(other.0.len());
        let pairs = (0..most).map(|at| {
            let a = self.0.get(at).unwrap_or(&NOTHING);
            let b = other.0.get(at).unwrap_or(&NOTHING);
            match (a, b) {
                (Part::Word(_), Part::Number(_)) => Ordering::Less,
                (Part::Number(_), Part::Word(_)) => Ordering::Greater,
                _ => a.cmp(b),
            }
        });
        pairs.fold(Ordering::Equal, Ordering::then)
    }
}

fn without_zeros(parts: &[Part]) -> &[Part] {
    let is_more = |part: &Part| *part != Part::Number(Number::ZERO);
    let end = parts.iter().rposition(is_more);
    &parts[..end.map_or(0, |end| end + 1)]
}
