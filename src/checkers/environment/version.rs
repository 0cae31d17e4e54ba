//! Owns versions and what is required of them: dotted numbers, compared part by part; runs nothing.

use std::cmp::Ordering;
use std::fmt;

/// A version: `3.11.4`, `20`, `1.96.0-nightly`.
#[derive(Clone, Debug)]
pub struct Version {
    parts: Vec<u64>,
    /// A pre-release comes before the release with the same parts.
    pre: bool,
}

impl Version {
    /// The first version in a text: the first dotted number, else the first whole one.
    pub fn find(text: &str) -> Option<Self> {
        let mut whole = None;
        let mut at = 0;
        let bytes = text.as_bytes();
        while at < bytes.len() {
            if !bytes[at].is_ascii_digit() {
                at += 1;
                continue;
            }
            let (version, next) = Self::at(text, at);
            let before = text[..at].trim_start_matches('v');
            // `go1.24` and `v20.1` are versions; the `64` of `x86_64` is none.
            let starts = before.ends_with("go")
                || !before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-'));
            if let Some(version) = version.filter(|_| starts) {
                if version.parts.len() > 1 {
                    return Some(version);
                }
                whole.get_or_insert(version);
            }
            at = next;
        }
        whole
    }

    /// The version that starts at a byte, and where it ends.
    fn at(text: &str, start: usize) -> (Option<Self>, usize) {
        let rest = &text[start..];
        let mut end = 0;
        let mut parts = Some(Vec::new());
        loop {
            let digits = rest[end..].bytes().take_while(u8::is_ascii_digit).count();
            let part = rest[end..end + digits].parse().ok();
            parts = parts.zip(part).map(|(mut parts, part)| {
                parts.push(part);
                parts
            });
            end += digits;
            let mut next = rest[end..].bytes();
            if next.next() == Some(b'.') && next.next().is_some_and(|b| b.is_ascii_digit()) {
                end += 1;
            } else {
                break;
            }
        }
        let pre = is_pre(&rest[end..]);
        (parts.map(|parts| Self { parts, pre }), start + end)
    }

    /// Reads a whole text as a version; `x` and `*` parts at its end are left out.
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches(['v', 'V']);
        let mut parts: Vec<&str> = text.split('.').collect();
        while parts.len() > 1 && matches!(parts.last(), Some(&("x" | "X" | "*"))) {
            parts.pop();
        }
        let text = parts.join(".");
        if !text.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let (version, end) = Self::at(&text, 0);
        let rest = &text[end..];
        version.filter(|version| rest.is_empty() || version.pre || rest.starts_with('+'))
    }

    fn starts_with(&self, other: &Self) -> bool {
        let part = |n: usize| self.parts.get(n).copied().unwrap_or(0);
        let same = |(n, wanted): (usize, &u64)| part(n) == *wanted;
        other.parts.iter().enumerate().all(same) && (!other.pre || self.pre)
    }

    /// The first version above all those that share its first `keep` parts.
    fn above(&self, keep: usize) -> Self {
        let mut parts = self.parts.clone();
        parts.truncate(keep.max(1));
        if let Some(last) = parts.last_mut() {
            *last = last.saturating_add(1);
        }
        Self { parts, pre: false }
    }
}

fn is_pre(rest: &str) -> bool {
    const MARKS: [&str; 9] = [
        "alpha", "beta", "rc", "dev", "nightly", "pre", "snapshot", "next", "canary",
    ];
    let rest = rest.trim_start_matches(['-', '.']).to_ascii_lowercase();
    let short = |mark: char| {
        rest.strip_prefix(mark)
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    MARKS.iter().any(|mark| rest.starts_with(mark)) || short('a') || short('b')
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Missing parts are 0.
impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let length = self.parts.len().max(other.parts.len());
        let parts = |version: &Self| {
            let mut parts = version.parts.clone();
            parts.resize(length, 0);
            parts
        };
        parts(self)
            .cmp(&parts(other))
            .then(other.pre.cmp(&self.pre))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.parts.iter().map(u64::to_string).collect();
        write!(
            f,
            "{}{}",
            parts.join("."),
            if self.pre { " (pre-release)" } else { "" }
        )
    }
}

/// What is required of a version.
#[derive(Clone, Debug)]
pub struct Requirement(Vec<Vec<Bound>>);

#[derive(Clone, Debug)]
enum Bound {
    Any,
    AtLeast(Version),
    Above(Version),
    AtMost(Version),
    Below(Version),
    Like(Version),
    Unlike(Version),
}

impl Requirement {
    /// Reads `*`, `3.11` (any 3.11), `>=3.11`, `>=20 <23`, `^20.1 || >=22`, `~=3.11`, `~1.2`, `!=3.12.1`, `18.x`,
    /// `1.2 - 1.9`.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        text.split("||")
            .map(all_of)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Does every version do?
    pub fn is_any(&self) -> bool {
        self.0
            .iter()
            .any(|all| all.iter().all(|bound| matches!(bound, Bound::Any)))
    }

    /// Does this version do?
    pub fn holds(&self, version: &Version) -> bool {
        self.0
            .iter()
            .any(|all| all.iter().all(|bound| bound.holds(version)))
    }
}

impl Bound {
    fn holds(&self, version: &Version) -> bool {
        match self {
            Self::Any => true,
            Self::AtLeast(wanted) => version >= wanted,
            Self::Above(wanted) => version > wanted && !version.starts_with(wanted),
            Self::AtMost(wanted) => version <= wanted || version.starts_with(wanted),
            Self::Below(wanted) => version < wanted,
            Self::Like(wanted) => version.starts_with(wanted),
            Self::Unlike(wanted) => !version.starts_with(wanted),
        }
    }
}

fn all_of(text: &str) -> Result<Vec<Bound>, String> {
    let mut bounds = Vec::new();
    let mut words = text
        .split([',', ' ', '\t'])
        .filter(|word| !word.is_empty())
        .peekable();
    while let Some(word) = words.next() {
        let split = word.find(|c: char| !matches!(c, '<' | '>' | '=' | '!' | '~' | '^'));
        let (sign, mut rest) = word.split_at(split.unwrap_or(word.len()));
        if rest.is_empty() {
            rest = words.next().unwrap_or_default();
        }
        if sign.is_empty() && words.next_if_eq(&"-").is_some() {
            let end = words.next().unwrap_or_default();
            bounds.push(Bound::AtLeast(version(rest)?));
            bounds.push(Bound::AtMost(version(end)?));
            continue;
        }
        if matches!(rest, "*" | "x" | "X") {
            bounds.push(Bound::Any);
            continue;
        }
        bound(sign, version(rest)?, &mut bounds)?;
    }
    if bounds.is_empty() {
        return Err("is no version: write `>=3.11`, or `*` for any".to_owned());
    }
    Ok(bounds)
}

fn version(text: &str) -> Result<Version, String> {
    Version::parse(text)
        .ok_or_else(|| format!("has `{text}` where a version belongs, such as 3.11"))
}

fn bound(sign: &str, version: Version, bounds: &mut Vec<Bound>) -> Result<(), String> {
    let length = version.parts.len();
    match sign {
        "" | "=" | "==" | "===" => bounds.push(Bound::Like(version)),
        ">=" => bounds.push(Bound::AtLeast(version)),
        ">" => bounds.push(Bound::Above(version)),
        "<=" => bounds.push(Bound::AtMost(version)),
        "<" => bounds.push(Bound::Below(version)),
        "!=" => bounds.push(Bound::Unlike(version)),
        "^" => {
            let leading = version.parts.iter().take_while(|part| **part == 0).count();
            bounds.push(Bound::Below(version.above((leading + 1).min(length))));
            bounds.push(Bound::AtLeast(version));
        }
        "~" => {
            bounds.push(Bound::Below(version.above(length.min(2))));
            bounds.push(Bound::AtLeast(version));
        }
        "~=" if length > 1 => {
            bounds.push(Bound::Below(version.above(length - 1)));
            bounds.push(Bound::AtLeast(version));
        }
        _ => return Err(format!("has the unknown sign `{sign}`")),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(requirement: &str, version: &str, expected: Result<bool, &str>) {
        let version = Version::find(version).expect("a version");
        let found = Requirement::parse(requirement).map(|r| r.holds(&version));
        assert_eq!(
            found.as_ref().map(|held| *held).map_err(String::as_str),
            expected,
            "{requirement} {version}"
        );
    }

    #[test]
    fn requirements() {
        check("*", "0.1", Ok(true));
        check(">=3.11", "Python 3.11.0", Ok(true));
        check(">=3.11", "Python 3.9.20", Ok(false));
        check(">=3.13", "Python 3.13.0rc1", Ok(false));
        check(">=20 <23", "v22.9.1", Ok(true));
        check(">=20 <23", "v23.0.0", Ok(false));
        check(">= 20, < 23", "v20.0.0", Ok(true));
        check("3.11", "3.11.9", Ok(true));
        check("3.1", "3.11.9", Ok(false));
        check("18.x", "18.4", Ok(true));
        check("^0.2.3", "0.2.9", Ok(true));
        check("^0.2.3", "0.3.0", Ok(false));
        check("^20.1 || >=22", "21.0", Ok(false));
        check("^20.1 || >=22", "22.0", Ok(true));
        check("~1.2", "1.3", Ok(false));
        check("~=3.11", "3.14", Ok(true));
        check("~=3.11.2", "3.12", Ok(false));
        check("!=3.12.*", "3.12.1", Ok(false));
        check("<=3.12", "3.12.9", Ok(true));
        check(">3.12", "3.12.9", Ok(false));
        check("1.2 - 1.9", "1.9.4", Ok(true));
        check(
            "stable",
            "1.0",
            Err("has `stable` where a version belongs, such as 3.11"),
        );
        check(
            "",
            "1.0",
            Err("is no version: write `>=3.11`, or `*` for any"),
        );
        check("=>1", "1.0", Err("has the unknown sign `=>`"));
        check(
            ">=",
            "1.0",
            Err("has `` where a version belongs, such as 3.11"),
        );
    }

    #[test]
    fn versions_in_the_wild() {
        let found = |text: &str| Version::find(text).map(|version| version.to_string());
        assert_eq!(found("git version 2.47.3").as_deref(), Some("2.47.3"));
        assert_eq!(
            found("go version go1.24.1 linux/amd64").as_deref(),
            Some("1.24.1")
        );
        assert_eq!(
            found("openjdk version \"21.0.4\" 2024-07-16").as_deref(),
            Some("21.0.4")
        );
        assert_eq!(found("x86_64 tool 7").as_deref(), Some("7"));
        assert_eq!(
            found("rustc 1.96.0-nightly (abc 2026-01-01)").as_deref(),
            Some("1.96.0 (pre-release)")
        );
        assert_eq!(found("99999999999999999999999.1"), None);
        assert_eq!(found("no version"), None);
    }
}
