//! Owns the order of versions, as each ecosystem defines it. Knows no advisory. What cannot be understood has no order;
//! nothing panics.

mod gem;
mod maven;
mod nuget;
mod number;
mod packagist;
mod pep440;
pub mod range;
mod semver;

use std::cmp::Ordering;

use super::inventory::Ecosystem;

/// A version that was understood.
#[derive(Clone, Debug)]
pub enum Version {
    /// crates.io, Go, Hex, npm.
    Sem(semver::Version),
    /// Pub.
    Pub(semver::Version),
    /// `PyPI`.
    Pep440(pep440::Version),
    /// `RubyGems`.
    Gem(gem::Version),
    /// Maven.
    Maven(maven::Version),
    /// `NuGet`.
    NuGet(nuget::Version),
    /// Packagist.
    Packagist(packagist::Version),
}

impl Version {
    /// Reads a version of this ecosystem.
    #[must_use]
    pub fn read(ecosystem: Ecosystem, text: &str) -> Option<Self> {
        let text = text.trim();
        match ecosystem {
            Ecosystem::Crates | Ecosystem::Hex | Ecosystem::Npm => {
                semver::Version::read(text).map(Self::Sem)
            }
            Ecosystem::Go => semver::Version::read_go(text).map(Self::Sem),
            Ecosystem::Pub => semver::Version::read(text).map(Self::Pub),
            Ecosystem::PyPi => pep440::Version::read(text).map(Self::Pep440),
            Ecosystem::RubyGems => gem::Version::read(text).map(Self::Gem),
            Ecosystem::Maven => maven::Version::read(text).map(Self::Maven),
            Ecosystem::NuGet => nuget::Version::read(text).map(Self::NuGet),
            Ecosystem::Packagist => packagist::Version::read(text).map(Self::Packagist),
        }
    }

    /// The order of two versions; `None` when they are of different kinds.
    #[must_use]
    pub fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Sem(a), Self::Sem(b)) => Some(a.precedence(b)),
            (Self::Pub(a), Self::Pub(b)) => Some(a.precedence(b).then_with(|| a.builds(b))),
            (Self::Pep440(a), Self::Pep440(b)) => Some(a.cmp(b)),
            (Self::Gem(a), Self::Gem(b)) => Some(a.order(b)),
            (Self::Maven(a), Self::Maven(b)) => Some(a.order(b)),
            (Self::NuGet(a), Self::NuGet(b)) => Some(a.cmp(b)),
            (Self::Packagist(a), Self::Packagist(b)) => Some(a.order(b)),
            _ => None,
        }
    }
}

/// The order of two versions of an ecosystem; `None` when one of them cannot be understood.
#[must_use]
pub fn order(ecosystem: Ecosystem, a: &str, b: &str) -> Option<Ordering> {
    Version::read(ecosystem, a)?.order(&Version::read(ecosystem, b)?)
}

/// Cuts a text where digits and other characters meet; what `separates` is left out, and empty parts stay.
fn parts(text: &str, separates: impl Fn(char) -> bool) -> Vec<&str> {
    let mut parts = Vec::new();
    for piece in text.split(separates) {
        let mut start = 0;
        let mut last: Option<bool> = None;
        for (at, letter) in piece.char_indices() {
            let digit = letter.is_ascii_digit();
            if last.is_some_and(|last| last != digit) {
                parts.push(&piece[start..at]);
                start = at;
            }
            last = Some(digit);
        }
        parts.push(&piece[start..]);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(ecosystem: Ecosystem, chain: &str) {
        let words: Vec<&str> = chain.split_whitespace().collect();
        for three in words.windows(3).step_by(2) {
            let [a, sign, b] = three else { unreachable!() };
            let expected = match *sign {
                "<" => Ordering::Less,
                "=" => Ordering::Equal,
                other => panic!("no sign: {other}"),
            };
            assert_eq!(order(ecosystem, a, b), Some(expected), "{a} {sign} {b}");
            assert_eq!(
                order(ecosystem, b, a),
                Some(expected.reverse()),
                "{b} and {a}, {sign} turned"
            );
        }
    }

    #[test]
    fn orders() {
        check(
            Ecosystem::Crates,
            "0 < 0.0.1-0 < 0.0.1-a < 0.0.1 = v0.0.1+x < 0.1 < 99999999999999999999999.0.0",
        );
        check(
            Ecosystem::Npm,
            "1.2.3-5 < 1.2.3-5-foo < 1.2.3-beta = 1.2.3beta < 1.2.3 = =1.2.3",
        );
        check(
            Ecosystem::Go,
            "v0.0.0-20190101000000-abc < v0.0.1 < 1.21-rc.1 = 1.21rc1 < 1.21rc2 < 1.21.0 < 2.0.0+incompatible < v2.0.1",
        );
        check(
            Ecosystem::Pub,
            "1.0.0-pre < 1.0.0-pre+b < 1.0.0 < 1.0.0+1 < 1.0.0+a",
        );
        check(
            Ecosystem::PyPi,
            "1.0.dev0 < 1.0a0 < 1.0b1 < 1.0rc1 = 1.0-c1 < 1 = 1.0.0 < 1.0+x < 1.0+1 < 1.0.post1 = 1.0-1 < 1.1 < 1!0",
        );
        check(
            Ecosystem::RubyGems,
            "1.0.0.beta < 1.0.0.rc1 < 1 = 1.0.0 < 1.0.1-x86 < 1.0.1",
        );
        check(
            Ecosystem::Maven,
            "1-a1 = 1-alpha-1 < 1-beta < 1-milestone < 1-rc = 1-cr < 1-SNAPSHOT < 1 = 1.0.0 = 1-ga < 1-sp < 1-xyz < 1-1 < 1.1",
        );
        check(
            Ecosystem::NuGet,
            "1.0.0-Beta = 1.0-beta < 1.0.0 = 1.0.0.0+x < 1.0.0.1",
        );
        check(
            Ecosystem::Packagist,
            "dev-main < 1.0-dev < 1.0a1 < 1.0-beta1 < 1.0RC1 < v1.0 < 1.0p1 < 1.1",
        );
    }

    #[test]
    fn what_is_no_version_has_no_order() {
        for &ecosystem in Ecosystem::ALL {
            for text in ["", " ", "-", "\u{661}", "..", "!", "\0"] {
                let _ = order(ecosystem, text, "1.0");
                let _ = order(ecosystem, text, text);
            }
        }
        assert_eq!(order(Ecosystem::PyPi, "0.1-bulbasaur", "1.0"), None);
        assert_eq!(order(Ecosystem::Npm, "latest", "1.0.0"), None);
    }
}
