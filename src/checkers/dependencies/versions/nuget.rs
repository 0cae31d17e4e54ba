//! Owns the order of `NuGet`: four numbers, a pre-release without regard to case, no build metadata.

use std::cmp::{Ordering, Reverse};

use super::number::{Number, Part};

/// A version. The fields are in the order that decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Without zeros at its end.
    numbers: Vec<Number>,
    /// Empty when it is a release.
    pre: Vec<Part>,
}

impl Version {
    /// Reads a version.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
        let text = text.split('+').next().unwrap_or(text).to_lowercase();
        let (numbers, pre) = match text.split_once('-') {
            Some((numbers, pre)) => (numbers, pre.split('.').map(Part::read).collect()),
            None => (&*text, Vec::new()),
        };
        let numbers = numbers.split('.').map(Number::read);
        let mut numbers = numbers.collect::<Option<Vec<Number>>>()?;
        while numbers.last() == Some(&Number::ZERO) {
            numbers.pop();
        }
        Some(Self { numbers, pre })
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let release = |version: &Self| Reverse(!version.pre.is_empty());
        self.numbers
            .cmp(&other.numbers)
            .then_with(|| release(self).cmp(&release(other)))
            .then_with(|| self.pre.cmp(&other.pre))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
