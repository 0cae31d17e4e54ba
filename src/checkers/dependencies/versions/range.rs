//! Owns ranges of versions: comparisons that hold together, and what manifests of each ecosystem write for them. Pure. What
//! cannot be understood is not known, neither allowed nor refused.

use std::cmp::Ordering;

use super::{Ecosystem, order};

/// A longer range than this is none.
const LONGEST: usize = 1_000;

/// One comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Bound {
    sign: Sign,
    version: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    Below,
    AtMost,
    Above,
    AtLeast,
    Equal,
    Not,
}

impl Bound {
    fn new(sign: Sign, version: impl Into<String>) -> Self {
        Self {
            sign,
            version: version.into(),
        }
    }

    fn holds(&self, ecosystem: Ecosystem, version: &str) -> Option<bool> {
        let order = order(ecosystem, version, &self.version)?;
        Some(match self.sign {
            Sign::Below => order == Ordering::Less,
            Sign::AtMost => order != Ordering::Greater,
            Sign::Above => order == Ordering::Greater,
            Sign::AtLeast => order != Ordering::Less,
            Sign::Equal => order == Ordering::Equal,
            Sign::Not => order != Ordering::Equal,
        })
    }
}

/// Comparisons that must all hold, such as `>=1.2 <1.4.3`: the same in every ecosystem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounds(Vec<Bound>);

impl Bounds {
    /// Reads comparisons with spaces or commas between them; `None` when it is something else.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let words = joined(text);
        let bounds: Option<Vec<Bound>> = words.iter().map(|word| signed(word)).collect();
        bounds.filter(|bounds| !bounds.is_empty()).map(Self)
    }

    /// Do they hold for a version? `None` when it, or one of theirs, has no place in the order.
    #[must_use]
    pub fn hold(&self, ecosystem: Ecosystem, version: &str) -> Option<bool> {
        all(&self.0, ecosystem, version)
    }
}

/// Does the range of a manifest allow a version? `None` when nobody can tell.
#[must_use]
pub fn allows(ecosystem: Ecosystem, range: &str, version: &str) -> Option<bool> {
    if range.len() > LONGEST || !has_release(version) {
        return None;
    }
    let range = range.trim();
    if matches!(range, "" | "*" | "any") {
        return (!range.is_empty()).then_some(true);
    }
    let choices: Vec<&str> = match ecosystem {
        Ecosystem::Npm => range.split("||").collect(),
        Ecosystem::Packagist => range.split('|').filter(|part| !part.is_empty()).collect(),
        Ecosystem::Hex => range.split(" or ").collect(),
        _ => vec![range],
    };
    let mut allowed = false;
    for choice in choices {
        allowed |= all(&bounds(ecosystem, choice.trim())?, ecosystem, version)?;
    }
    Some(allowed)
}

fn all(bounds: &[Bound], ecosystem: Ecosystem, version: &str) -> Option<bool> {
    let mut holds = true;
    for bound in bounds {
        holds &= bound.holds(ecosystem, version)?;
    }
    Some(holds)
}

/// Is it a release, for which no ecosystem has rules of its own?
fn has_release(version: &str) -> bool {
    let version = version.trim_start_matches(['v', 'V']);
    !version.is_empty()
        && version
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// The comparisons that one choice of a range stands for.
fn bounds(ecosystem: Ecosystem, text: &str) -> Option<Vec<Bound>> {
    let text = text.replace(" and ", " ");
    if let Some((from, to)) = text.split_once(" - ")
        && matches!(ecosystem, Ecosystem::Npm | Ecosystem::Packagist)
    {
        let (from, to) = (Numbers::read(from.trim())?, Numbers::read(to.trim())?);
        let mut bounds = vec![Bound::new(Sign::AtLeast, from.filled())];
        bounds.push(if to.given < 3 {
            Bound::new(Sign::Below, to.next(to.given.checked_sub(1)?))
        } else {
            Bound::new(Sign::AtMost, to.filled())
        });
        return Some(bounds);
    }
    let mut bounds = Vec::new();
    for word in joined(&text) {
        bounds.extend(word_bounds(ecosystem, &word)?);
    }
    Some(bounds)
}

/// The words of a range; a sign and the version behind it are one.
fn joined(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut open = false;
    for word in text.split([' ', ',']).filter(|word| !word.is_empty()) {
        match words.last_mut().filter(|_| open) {
            Some(last) => last.push_str(word),
            None => words.push(word.to_owned()),
        }
        open = word.chars().all(|c| "<>=!~^".contains(c));
    }
    words
}

fn signed(word: &str) -> Option<Bound> {
    let signs = [
        ("===", Sign::Equal),
        ("==", Sign::Equal),
        (">=", Sign::AtLeast),
        ("<=", Sign::AtMost),
        ("!=", Sign::Not),
        ("<>", Sign::Not),
        (">", Sign::Above),
        ("<", Sign::Below),
        ("=", Sign::Equal),
    ];
    let (text, sign) = signs.iter().find(|(text, _)| word.starts_with(text))?;
    let version = &word[text.len()..];
    let plain = |c: char| c.is_alphanumeric() || ".-+_!:".contains(c);
    (!version.is_empty() && version.chars().all(plain)).then(|| Bound::new(*sign, version))
}

fn word_bounds(ecosystem: Ecosystem, word: &str) -> Option<Vec<Bound>> {
    if let Some(rest) = word.strip_prefix("~>") {
        return pessimistic(rest);
    }
    if let Some(rest) = word.strip_prefix("~=") {
        return pessimistic(rest);
    }
    if let Some(rest) = word.strip_prefix('^') {
        return Some(caret(&Numbers::read(rest)?));
    }
    if let Some(rest) = word.strip_prefix('~') {
        let numbers = Numbers::read(rest)?;
        // Composer's `~1.2` reaches up to 2.0, everybody else's up to 1.3.
        let at = match ecosystem {
            Ecosystem::Packagist => numbers.given.saturating_sub(2),
            _ => numbers.given.checked_sub(1)?.min(1),
        };
        return Some(vec![
            Bound::new(Sign::AtLeast, numbers.filled()),
            Bound::new(Sign::Below, numbers.next(at)),
        ]);
    }
    if let Some(bound) = signed(word) {
        // `==1.2.*` and `>=1.x`.
        let open = bound.version.ends_with('*')
            || Numbers::read(&bound.version).is_some_and(|n| n.given < 3);
        return match (bound.sign, open, ecosystem) {
            (Sign::Equal, true, Ecosystem::Npm | Ecosystem::Crates) => {
                Some(within(&Numbers::read(&bound.version)?))
            }
            (Sign::Equal, _, _) if bound.version.ends_with('*') => {
                Some(within(&Numbers::read(&bound.version)?))
            }
            (_, _, _) if bound.version.contains('*') => None,
            (Sign::AtMost, true, Ecosystem::Npm | Ecosystem::Crates) => {
                let numbers = Numbers::read(&bound.version)?;
                Some(vec![Bound::new(
                    Sign::Below,
                    numbers.next(numbers.given.checked_sub(1)?),
                )])
            }
            (Sign::Above, true, Ecosystem::Npm | Ecosystem::Crates) => {
                let numbers = Numbers::read(&bound.version)?;
                Some(vec![Bound::new(
                    Sign::AtLeast,
                    numbers.next(numbers.given.checked_sub(1)?),
                )])
            }
            _ => Some(vec![bound]),
        };
    }
    if matches!(word, "*" | "x" | "X") {
        return Some(Vec::new());
    }
    let numbers = Numbers::read(word)?;
    match ecosystem {
        Ecosystem::Crates if !numbers.open => Some(caret(&numbers)),
        Ecosystem::Npm | Ecosystem::Crates if numbers.given < 3 => Some(within(&numbers)),
        Ecosystem::Packagist | Ecosystem::PyPi if numbers.open => Some(within(&numbers)),
        Ecosystem::Npm
        | Ecosystem::Packagist
        | Ecosystem::Pub
        | Ecosystem::PyPi
        | Ecosystem::Hex
        | Ecosystem::RubyGems => Some(vec![Bound::new(Sign::Equal, word)]),
        // `NuGet` and Maven mean "at least" by it, as long as nobody else asks for more.
        _ => None,
    }
}

/// `~> 1.2.3` and `~=1.2.3`: the last number may grow.
fn pessimistic(text: &str) -> Option<Vec<Bound>> {
    let numbers = Numbers::read(text)?;
    let at = numbers.given.saturating_sub(2);
    Some(vec![
        Bound::new(Sign::AtLeast, text),
        Bound::new(Sign::Below, numbers.next(at)),
    ])
}

/// The first number that is not zero stays.
fn caret(numbers: &Numbers) -> Vec<Bound> {
    let Some(last) = numbers.given.checked_sub(1) else {
        return Vec::new();
    };
    let at = (0..=last)
        .find(|&at| numbers.parts[at] != 0)
        .unwrap_or(last);
    vec![
        Bound::new(Sign::AtLeast, numbers.filled()),
        Bound::new(Sign::Below, numbers.next(at)),
    ]
}

/// All versions that begin so.
fn within(numbers: &Numbers) -> Vec<Bound> {
    if numbers.given == 0 {
        return Vec::new();
    }
    vec![
        Bound::new(Sign::AtLeast, numbers.filled()),
        Bound::new(Sign::Below, numbers.next(numbers.given - 1)),
    ]
}

/// The numbers of a version in a range.
struct Numbers {
    parts: [u64; 3],
    /// So many are told.
    given: usize,
    /// Does it end in `*` or `x`?
    open: bool,
    whole: String,
}

impl Numbers {
    fn read(text: &str) -> Option<Self> {
        let text = text.trim_start_matches(['v', 'V', '=']);
        let release = text.split(['-', '+']).next()?;
        let mut parts = [0; 3];
        let (mut given, mut open) = (0, false);
        for part in release.split('.') {
            if matches!(part, "*" | "x" | "X") {
                open = true;
            } else if open {
                return None;
            } else if given < 3 {
                parts[given] = part.parse().ok().filter(|number| *number < u64::MAX)?;
                given += 1;
            } else {
                part.parse::<u64>().ok()?;
            }
        }
        (given > 0 || open).then(|| Self {
            parts,
            given,
            open,
            whole: text.to_owned(),
        })
    }

    /// The lowest version that begins so.
    fn filled(&self) -> String {
        let [a, b, c] = self.parts;
        if self.given == 3 && !self.open {
            self.whole.clone()
        } else {
            format!("{a}.{b}.{c}")
        }
    }

    /// The lowest version with a higher number at this place.
    fn next(&self, at: usize) -> String {
        let mut parts = self.parts;
        parts[at] += 1;
        parts[at + 1..].fill(0);
        let [a, b, c] = parts;
        format!("{a}.{b}.{c}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(ecosystem: Ecosystem, range: &str, inside: &str, outside: &str) {
        for (versions, expected) in [(inside, true), (outside, false)] {
            for version in versions.split_whitespace() {
                assert_eq!(
                    allows(ecosystem, range, version),
                    Some(expected),
                    "{range} {version}"
                );
            }
        }
    }

    #[test]
    fn ranges_of_cargo() {
        let check = |range, inside, outside| check(Ecosystem::Crates, range, inside, outside);
        check("1.2.3", "1.2.3 1.9.0", "1.2.2 2.0.0");
        check("1", "1.0.0 1.9.0", "2.0.0 0.9.0");
        check("0.2", "0.2.0 0.2.9", "0.3.0");
        check("0.0.3", "0.0.3", "0.0.4");
        check("^0", "0.9.0", "1.0.0");
        check("~1.2", "1.2.9", "1.3.0");
        check("=1.2.3", "1.2.3", "1.2.4");
        check(">=1.2, <1.5", "1.2.0 1.4.9", "1.5.0");
        check("1.*", "1.9.0", "2.0.0");
        check("*", "9.0.0", "");
    }

    #[test]
    fn ranges_of_npm() {
        let check = |range, inside, outside| check(Ecosystem::Npm, range, inside, outside);
        check("^4.17.15", "4.17.21", "4.17.14 5.0.0");
        check("~4.17.0", "4.17.21", "4.18.0");
        check("~1", "1.9.0", "2.0.0");
        check("4.17.15", "4.17.15", "4.17.16");
        check("4.17", "4.17.9", "4.18.0");
        check(
            "1.x || >=2.5.0 || 5.0.0 - 7.2.3",
            "1.9.0 2.5.0 6.0.0",
            "2.4.9",
        );
        check("1.2 - 1.4", "1.4.9", "1.5.0");
        check("> 1.2 <= 2", "1.3.0 2.9.0", "1.2.5 3.0.0");
        check("^0.0.3", "0.0.3", "0.0.4");
        check("x", "3.0.0", "");
    }

    #[test]
    fn ranges_of_others() {
        check(Ecosystem::PyPi, ">=1.2,<2,!=1.5", "1.4 1.6", "1.5 2.0");
        check(Ecosystem::PyPi, "~=1.4.2", "1.4.9", "1.5");
        check(Ecosystem::PyPi, "~=1.4", "1.9", "2.0");
        check(Ecosystem::PyPi, "==1.*", "1.9", "2.0");
        check(Ecosystem::PyPi, "^1.2", "1.9", "2.0");
        check(Ecosystem::Packagist, "~1.2", "1.9.0", "2.0.0");
        check(Ecosystem::Packagist, "~1.2.3", "1.2.9", "1.3.0");
        check(Ecosystem::Packagist, "^1.0|^2.0", "2.5.0", "3.0.0");
        check(
            Ecosystem::Packagist,
            ">=1.0 <1.1 || 2.0.*",
            "1.0.5 2.0.9",
            "1.1.0 2.1.0",
        );
        check(Ecosystem::RubyGems, "~> 2.2", "2.9", "3.0");
        check(Ecosystem::RubyGems, "~> 2.2.0", "2.2.9", "2.3");
        check(Ecosystem::Hex, "~> 1.0 or ~> 2.0.1", "1.9.0 2.0.9", "2.1.0");
        check(Ecosystem::Pub, ">=1.0.0 <2.0.0", "1.9.0", "2.0.0");
        check(Ecosystem::Pub, "^1.2.0", "1.9.0", "2.0.0");
        check(Ecosystem::Pub, "any", "9.0.0", "");
    }

    #[test]
    fn what_nobody_can_tell() {
        for range in [
            "latest",
            "",
            "git+https://a.example/b",
            "workspace:*",
            "npm:a@^1",
            "1.x.2",
            ">=*",
        ] {
            assert_eq!(allows(Ecosystem::Npm, range, "1.0.0"), None, "{range}");
        }
        assert_eq!(allows(Ecosystem::Npm, "^1.0.0", "1.1.0-beta"), None);
        assert_eq!(allows(Ecosystem::NuGet, "1.0.0", "1.1.0"), None);
        assert_eq!(Bounds::read("1.0"), None);
        assert_eq!(Bounds::read(">="), None);
        assert_eq!(Bounds::read(""), None);
        let bounds = Bounds::read(">=1.2 <1.4.3").expect("it is one");
        assert_eq!(bounds.hold(Ecosystem::Npm, "1.4.2"), Some(true));
        assert_eq!(bounds.hold(Ecosystem::Npm, "1.4.3"), Some(false));
        assert_eq!(bounds.hold(Ecosystem::Npm, "next"), None);
    }

    proptest! {
        #[test]
        fn any_range_is_read_or_not(range in "(\\^|~|~>|>=|<|=|[0-9]{1,20}|\\.|x|\\*|-| |,|\\||\\PC){0,12}", version in "[0-9.]{0,12}") {
            for ecosystem in Ecosystem::ALL {
                let _ = allows(*ecosystem, &range, &version);
            }
            let _ = Bounds::read(&range);
        }
    }
}
