//! Owns how far a version is behind another one. Pure.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::checkers::dependencies::inventory::Ecosystem;
use crate::checkers::dependencies::versions;

/// How far.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// By repairs: 1.2.3 and 1.2.4.
    Patch,
    /// By additions: 1.2.3 and 1.3.0.
    Minor,
    /// By what may break its users: 1.2.3 and 2.0.0, 0.2.3 and 0.3.0.
    Major,
}

impl Step {
    /// How people call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }
}

/// How far `have` is behind `latest`: `Ok(None)` when it is not.
///
/// # Errors
/// When one of the two has no place in the order of versions.
pub fn behind(ecosystem: Ecosystem, have: &str, latest: &str) -> Result<Option<Step>, String> {
    match versions::order(ecosystem, have, latest) {
        Some(Ordering::Less) => {}
        Some(_) => return Ok(None),
        None => return Err(format!("`{have}` and `{latest}` cannot be compared")),
    }
    let (have, latest) = (numbers(have), numbers(latest));
    let differs = (0..3).find(|&at| have[at] != latest[at]);
    // Before 1.0, the first number that is not zero is the one whose change may break others.
    let first = (0..3).find(|&at| have[at] != 0).unwrap_or(2);
    Ok(Some(match differs {
        Some(at) if at <= first => Step::Major,
        Some(1) => Step::Minor,
        _ => Step::Patch,
    }))
}

/// The first three numbers of a version.
fn numbers(version: &str) -> [u64; 3] {
    let version = version.trim_start_matches(['v', 'V']);
    let release = version.split(['-', '+']).next().unwrap_or(version);
    let mut parts = release.split('.').map(|part| {
        let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().unwrap_or(0)
    });
    [(); 3].map(|()| parts.next().unwrap_or(0))
}

/// Is it a version that its author calls finished?
#[must_use]
pub fn is_stable(ecosystem: Ecosystem, version: &str) -> bool {
    let lower = version.to_ascii_lowercase();
    let release = lower.split('+').next().unwrap_or(&lower);
    match ecosystem {
        Ecosystem::Maven | Ecosystem::Packagist => {
            let words: Vec<&str> = release
                .split(|c: char| !c.is_ascii_alphabetic())
                .filter(|word| !word.is_empty())
                .collect();
            let early = [
                "alpha",
                "beta",
                "rc",
                "cr",
                "m",
                "milestone",
                "snapshot",
                "dev",
                "preview",
                "ea",
                "pre",
                "a",
                "b",
            ];
            !words.iter().any(|word| early.contains(word))
        }
        Ecosystem::PyPi | Ecosystem::RubyGems => {
            let release = release.replace("post", "");
            !release.contains(|c: char| c.is_ascii_alphabetic())
        }
        _ => !release.contains('-'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps() {
        let check = |have: &str, latest: &str, expected: Option<Step>| {
            assert_eq!(
                behind(Ecosystem::Npm, have, latest),
                Ok(expected),
                "{have} {latest}"
            );
        };
        check("1.2.3", "1.2.3", None);
        check("1.2.4", "1.2.3", None);
        check("1.2.3", "1.2.4", Some(Step::Patch));
        check("1.2.3", "1.3.0", Some(Step::Minor));
        check("1.2.3", "2.0.0", Some(Step::Major));
        check("0.2.3", "0.2.4", Some(Step::Patch));
        check("0.2.3", "0.3.0", Some(Step::Major));
        check("0.0.3", "0.0.4", Some(Step::Major));
        check("2.0.0-beta.1", "2.0.0", Some(Step::Patch));
        assert!(behind(Ecosystem::PyPi, "0.1-bulbasaur", "1.0").is_err());
    }

    #[test]
    fn finished_versions() {
        let check = |ecosystem, version: &str, expected: bool| {
            assert_eq!(is_stable(ecosystem, version), expected, "{version}");
        };
        check(Ecosystem::Crates, "1.0.0", true);
        check(Ecosystem::Crates, "1.0.0+a-b", true);
        check(Ecosystem::Crates, "1.0.0-rc.1", false);
        check(Ecosystem::Maven, "32.1.3-jre", true);
        check(Ecosystem::Maven, "6.0.0-M1", false);
        check(Ecosystem::Maven, "1.0.Final", true);
        check(Ecosystem::Packagist, "v2.0.0-RC1", false);
        check(Ecosystem::Packagist, "dev-main", false);
        check(Ecosystem::PyPi, "1.0.post1", true);
        check(Ecosystem::PyPi, "1.0rc1", false);
        check(Ecosystem::RubyGems, "1.0.0.pre", false);
    }
}
