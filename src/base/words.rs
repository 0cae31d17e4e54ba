//! Owns small helpers for messages: plurals, durations, lists and "did you mean".

use std::borrow::Cow;
use std::ops::Range;
use std::time::Duration;

/// `1 file`, `2 files`.
#[must_use]
pub fn count(n: usize, noun: &str) -> String {
    if n == 1 {
        format!("1 {noun}")
    } else {
        format!("{n} {}", plural(noun))
    }
}

fn plural(noun: &str) -> String {
    match noun.as_bytes() {
        [.., b'i', b's'] => format!("{}es", &noun[..noun.len() - 2]),
        [.., b's' | b'x'] | [.., b'c' | b's', b'h'] => format!("{noun}es"),
        [.., before, b'y'] if !b"aeiou".contains(before) => {
            format!("{}ies", &noun[..noun.len() - 1])
        }
        _ => format!("{noun}s"),
    }
}

/// A duration as people read it: `850us`, `12ms`, `4.2s`, `4m05s`, `2h03m`.
#[must_use]
pub fn duration(d: Duration) -> String {
    let us = d.as_micros();
    match us {
        0..1_000 => format!("{us}us"),
        1_000..1_000_000 => format!("{}ms", us / 1_000),
        1_000_000..60_000_000 => format!("{}.{}s", us / 1_000_000, us / 100_000 % 10),
        60_000_000..3_600_000_000 => format!("{}m{:02}s", us / 60_000_000, us / 1_000_000 % 60),
        _ => format!("{}h{:02}m", us / 3_600_000_000, us / 60_000_000 % 60),
    }
}

/// A text in which stars stand for the passwords of URLs: those behind a user's name, and those of a `password=`. It keeps
/// its length.
#[must_use]
pub fn masked(text: &str) -> Cow<'_, str> {
    let mut stars: Vec<Range<usize>> = Vec::new();
    for (at, _) in text.match_indices("://") {
        let from = at + 3;
        let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>');
        let to = text[from..].find(ends).map_or(text.len(), |n| from + n);
        let url = &text[from..to];
        // A database's password may hold a slash that should have been escaped; elsewhere one ends the host.
        let database = text[..at].ends_with("postgres") || text[..at].ends_with("postgresql");
        let host = if database {
            url.len()
        } else {
            url.find('/').unwrap_or(url.len())
        };
        if let Some(user) = url[..host].rfind('@')
            && let Some(colon) = url[..user].find(':')
        {
            stars.push(from + colon + 1..from + user);
        }
        for (key, word) in url.match_indices("password=") {
            let value = key + word.len();
            let end = url[value..].find('&').map_or(url.len(), |n| value + n);
            stars.push(from + value..from + end);
        }
    }
    if stars.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut masked = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        if stars.iter().any(|range| range.contains(&at)) {
            masked.push_str(&"*".repeat(c.len_utf8()));
        } else {
            masked.push(c);
        }
    }
    Cow::Owned(masked)
}

/// The known word that was most likely meant, by edit distance; `None` when none is near.
#[must_use]
pub fn did_you_mean<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = fold(given);
    known
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(&folded, &fold(word)), word))
        .filter(|(distance, word)| *distance <= word.len().max(given.len()) / 3)
        .min()
        .map(|(_, word)| word)
}

/// How many letters must change to make one word of the other.
#[must_use]
pub fn distance(a: &str, b: &str) -> usize {
    strsim::damerau_levenshtein(a, b)
}

fn fold(word: &str) -> String {
    word.to_ascii_lowercase().replace('_', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        assert_eq!(count(1, "entry"), "1 entry");
        assert_eq!(count(2, "entry"), "2 entries");
        assert_eq!(count(0, "analysis"), "0 analyses");
        assert_eq!(count(3, "finding"), "3 findings");
        assert_eq!(duration(Duration::from_millis(4_250)), "4.2s");
        assert_eq!(duration(Duration::from_secs(245)), "4m05s");
        assert_eq!(
            did_you_mean("mandatry", ["advisory", "mandatory"]),
            Some("mandatory")
        );
        assert_eq!(
            did_you_mean("failure-action", ["failure_action"]),
            Some("failure_action")
        );
        assert_eq!(did_you_mean("zebra", ["advisory", "mandatory"]), None);
    }

    #[test]
    fn passwords() {
        let check = |text: &str, expected: &str| assert_eq!(masked(text), expected);
        check(
            "url: 'postgresql://a:b/c@d@h:1/x'",
            "url: 'postgresql://a:*****@h:1/x'",
        );
        check("https://h:80/a@b", "https://h:80/a@b");
        check("https://u:pw@h/ and more", "https://u:**@h/ and more");
        check(
            "postgres://h/x?password=pw&sslmode=require",
            "postgres://h/x?password=**&sslmode=require",
        );
        check("postgres://a@h/x", "postgres://a@h/x");
    }
}
