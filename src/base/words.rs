//! Owns small helpers for messages: plurals, durations, lists and "did you mean".

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
}
