//! Owns the order of `SemVer` 2, leniently read: a `v` in front, fewer than three numbers, a pre-release without its hyphen.

use std::cmp::Ordering;

use super::number::{Number, Part};

/// A version.
#[derive(Clone, Debug)]
pub struct Version {
    core: [Number; 3],
    /// Empty when it is a release.
    pre: Vec<Part>,
    build: Vec<Part>,
}

impl Version {
    /// Reads a version.
    pub fn read(text: &str) -> Option<Self> {
        Self::read_with(text, identifiers)
    }

    /// Reads a version of Go: `1.21rc2` is `1.21.0-rc.2`.
    pub fn read_go(text: &str) -> Option<Self> {
        let text = text.strip_prefix("go").unwrap_or(text);
        Self::read_with(text, |word| {
            super::parts(word, |letter| letter == '.')
                .into_iter()
                .map(Part::read)
                .collect()
        })
    }

    /// `attached` cuts a pre-release that has no hyphen.
    fn read_with(text: &str, attached: impl Fn(&str) -> Vec<Part>) -> Option<Self> {
        let text = text.trim_start_matches(['=', 'v', 'V', ' ']);
        let (text, mut build) = match text.split_once('+') {
            Some((text, build)) => (text, identifiers(build)),
            None => (text, Vec::new()),
        };
        let (core_text, mut pre) = match text.split_once('-') {
            Some((core, pre)) if !pre.is_empty() => (core, identifiers(pre)),
            _ => (text.trim_end_matches('-'), Vec::new()),
        };
        let mut core = [Number::ZERO, Number::ZERO, Number::ZERO];
        let mut rest = core_text;
        for (at, number) in core.iter_mut().enumerate() {
            let end = rest.find(|letter: char| !letter.is_ascii_digit());
            let end = end.unwrap_or(rest.len());
            if end == 0 {
                return None;
            }
            *number = Number::read(&rest[..end])?;
            rest = &rest[end..];
            match rest.strip_prefix('.') {
                Some(more) if at < 2 => rest = more,
                // What stands behind the third number is build metadata, even when it is a number.
                Some(more) => {
                    build.splice(0..0, identifiers(more));
                    break;
                }
                None if rest.is_empty() => break,
                None if pre.is_empty() => {
                    pre = attached(rest);
                    break;
                }
                None => return None,
            }
        }
        Some(Self { core, pre, build })
    }

    /// The order without build metadata.
    pub fn precedence(&self, other: &Self) -> Ordering {
        let releases = other.pre.is_empty().cmp(&self.pre.is_empty());
        self.core
            .cmp(&other.core)
            .then(releases.reverse())
            .then_with(|| self.pre.cmp(&other.pre))
    }

    /// The order of the build metadata, as Pub has it.
    pub fn builds(&self, other: &Self) -> Ordering {
        self.build.cmp(&other.build)
    }
}

fn identifiers(text: &str) -> Vec<Part> {
    text.split('.').map(Part::read).collect()
}
