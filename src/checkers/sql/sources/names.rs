//! Owns how names of migrations are read and ordered: numbers, suffixes, Flyway's prefixes, words of a folder's name.

use std::cmp::Ordering;

/// The words of a name, in lower case: parts between other characters than letters and digits, and of camel case.
#[must_use]
pub fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in name.chars() {
        let starts = c.is_uppercase() && (before.is_lowercase() || before.is_ascii_digit());
        if starts || !c.is_alphanumeric() {
            words.push(String::new());
        }
        if c.is_alphanumeric() {
            let word = words.last_mut().expect("never empty");
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Has the name one of these words?
#[must_use]
pub fn has_word(name: &str, known: &[&str]) -> bool {
    words(name)
        .iter()
        .any(|word| known.contains(&word.as_str()))
}

/// The digits at the head of a name.
#[must_use]
pub fn digits(name: &str) -> &str {
    let end = name.find(|c: char| !c.is_ascii_digit());
    &name[..end.unwrap_or(name.len())]
}

/// Compares two numbers of any length, written as digits. Nothing is less than any number.
#[must_use]
pub fn by_number(a: &str, b: &str) -> Ordering {
    let bare = |digits: &str| digits.trim_start_matches('0').len();
    let some = |digits: &str| !digits.is_empty();
    some(a)
        .cmp(&some(b))
        .then_with(|| bare(a).cmp(&bare(b)))
        .then_with(|| a.trim_start_matches('0').cmp(b.trim_start_matches('0')))
}

/// As [`by_number`], but dates compare as such: `20250919` comes before `20250919232747` and after `20250117101500`.
#[must_use]
pub fn by_stamp(a: &str, b: &str) -> Ordering {
    let date =
        |digits: &str| digits.len() >= 8 && (digits.starts_with("19") || digits.starts_with("20"));
    if date(a) && date(b) {
        a.cmp(b)
    } else {
        by_number(a, b)
    }
}

/// Compares versions such as `1_10` or `1.9.2`, part by part as numbers. Parts that lack count as zero.
#[must_use]
pub fn by_version(a: &str, b: &str) -> Ordering {
    let mut left = a.split(['.', '_']);
    let mut right = b.split(['.', '_']);
    loop {
        match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (left, right) => {
                let order = by_number(left.unwrap_or("0"), right.unwrap_or("0"));
                if order.is_ne() {
                    return order;
                }
            }
        }
    }
}

/// The name without `.sql`, in any case. `None` for another kind of file.
#[must_use]
pub fn stem(name: &str) -> Option<&str> {
    let cut = name.len().checked_sub(4)?;
    let tail = name.get(cut..)?;
    (cut > 0 && tail.eq_ignore_ascii_case(".sql")).then(|| &name[..cut])
}

/// Which way a file goes, by its suffix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// `.up.sql`, `.do.sql`.
    Up,
    /// `.down.sql`, `.undo.sql`.
    Down,
}

/// A stem that ends in `.up` or `.down`: the way, and the rest.
#[must_use]
pub fn up_down(stem: &str) -> Option<(Way, &str)> {
    let lower = stem.to_ascii_lowercase();
    [(".up", Way::Up), (".down", Way::Down)]
        .into_iter()
        .find(|(tail, _)| lower.ends_with(tail) && lower != *tail)
        .map(|(tail, way)| (way, &stem[..stem.len() - tail.len()]))
}

/// A stem that says in other words that it takes something back: `_down`, `_rollback`, `-revert`. The rest of it.
#[must_use]
pub fn takes_back(stem: &str) -> Option<&str> {
    let cut = stem.rfind(['_', '-', '.'])?;
    let word = stem[cut + 1..].to_ascii_lowercase();
    let known = ["down", "rollback", "revert", "undo"];
    known.contains(&word.as_str()).then(|| &stem[..cut])
}

/// A stem of postgrator, `001.do.name` or `001.undo.name`: the way and the version.
#[must_use]
pub fn postgrator(stem: &str) -> Option<(Way, &str)> {
    let version = digits(stem);
    let rest = stem[version.len()..].strip_prefix('.')?;
    let word = rest.split('.').next()?;
    let way = match word.to_ascii_lowercase().as_str() {
        "do" => Way::Up,
        "undo" => Way::Down,
        _ => return None,
    };
    (!version.is_empty()).then_some((way, version))
}

/// What a name of Flyway is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flyway<'a> {
    /// `V1_2__name`.
    Versioned(&'a str),
    /// `U1_2__name`.
    Undo(&'a str),
    /// `B1_2__name`.
    Baseline(&'a str),
    /// `R__name`: its name.
    Repeatable(&'a str),
}

/// Reads a stem as a name of Flyway.
#[must_use]
pub fn flyway(stem: &str) -> Option<Flyway<'_>> {
    let (head, name) = stem.split_once("__")?;
    if head == "R" {
        return Some(Flyway::Repeatable(name));
    }
    let version = head.get(1..)?;
    let numbers = version
        .split(['.', '_'])
        .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    if !numbers {
        return None;
    }
    match head.as_bytes()[0] {
        b'V' => Some(Flyway::Versioned(version)),
        b'U' => Some(Flyway::Undo(version)),
        b'B' => Some(Flyway::Baseline(version)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: &str) {
        let stem = stem(input).unwrap_or(input);
        let said = format!(
            "{} | {:?} {:?} {:?} {:?}",
            words(stem).join(" "),
            up_down(stem),
            takes_back(stem),
            postgrator(stem),
            flyway(stem)
        );
        assert_eq!(said, expected, "{input}");
    }

    #[test]
    fn names() {
        check(
            "001_a.up.sql",
            "001 a up | Some((Up, \"001_a\")) None None None",
        );
        check(
            "001_a_rollback.SQL",
            "001 a rollback | None Some(\"001_a\") None None",
        );
        check(
            "0012.undo.x.sql",
            "0012 undo x | None None Some((Down, \"0012\")) None",
        );
        check(
            "V1_10__aB.sql",
            "v1 10 a b | None None None Some(Versioned(\"1_10\"))",
        );
        check(
            "R__view.sql",
            "r view | None None None Some(Repeatable(\"view\"))",
        );
        check("Very__odd.sql", "very odd | None None None None");
        check("integrationTest", "integration test | None None None None");
    }

    #[test]
    fn order() {
        let sorted = |mut list: Vec<&'static str>| {
            list.sort_by(|a, b| by_version(a, b));
            list.join(" ")
        };
        assert_eq!(
            sorted(vec![
                "1_10",
                "2",
                "1.9",
                "1",
                "1_9_1",
                "10",
                "20240101120000000000000000"
            ]),
            "1 1.9 1_9_1 1_10 2 10 20240101120000000000000000"
        );
        assert!(by_version("1", "1.0").is_eq());
        assert!(by_number("", "0").is_lt());
        assert!(by_number("007", "10").is_lt());
        assert!(by_stamp("20250919", "20250919232747").is_lt());
        assert!(by_stamp("20250117101500", "20250919").is_lt());
        assert!(by_stamp("9", "20250919").is_lt());
    }
}
