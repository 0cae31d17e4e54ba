//! Owns credentials in URLs: `scheme://user:password@host`.

use crate::model::rule::Severity;

use super::class::Class;
use super::found::Found;
use super::{names, words};

/// The longest part of a URL that is looked at.
const LONGEST: usize = 400;

/// Users that stand for any.
const ANYBODY: [&str; 10] = [
    "user", "username", "login", "name", "usr", "u", "myuser", "foo", "user1", "",
];

/// Passwords that stand for any.
const ANYTHING: [&str; 13] = [
    "password",
    "pass",
    "passwd",
    "pwd",
    "secret",
    "pw",
    "mypassword",
    "mypass",
    "bar",
    "p",
    "xxx",
    "token",
    "passw0rd",
];

/// The credential in the URL whose `://` stands at `at`.
#[must_use]
pub fn at(bytes: &[u8], at: usize) -> Option<Found> {
    let from = at + 3;
    let scheme = at.checked_sub(1).map(|before| bytes[before])?;
    if !scheme.is_ascii_alphanumeric() {
        return None;
    }
    let room = &bytes[from..bytes.len().min(from + LONGEST)];
    let ends = |b: &u8| {
        b.is_ascii_whitespace()
            || matches!(
                b,
                b'"' | b'\'' | b'`' | b'<' | b'>' | b'/' | b'?' | b'\\' | b',' | b'|' | b';'
            )
    };
    let length = room.iter().position(ends).unwrap_or(room.len());
    let authority = &room[..length];
    let host = authority.iter().rposition(|&b| b == b'@')?;
    let colon = authority[..host].iter().position(|&b| b == b':')?;
    let user = std::str::from_utf8(&authority[..colon]).ok()?;
    let password = std::str::from_utf8(&authority[colon + 1..host]).ok()?;
    let host = String::from_utf8_lossy(&authority[host + 1..]).to_ascii_lowercase();
    if password.len() < 3
        || !password.is_ascii()
        || host.is_empty()
        || refers(password)
        || refers(user)
    {
        return None;
    }
    let lower = password.to_ascii_lowercase();
    let anything = ANYTHING.contains(&lower.as_str()) || lower == user.to_ascii_lowercase();
    let anybody = ANYBODY.contains(&user.to_ascii_lowercase().as_str());
    // `access_key:secret_access_key` are names.
    let named = password.contains('_')
        && !password.bytes().any(|b| b.is_ascii_digit())
        && names::of(password).is_some();
    if lower.starts_with("pwd")
        || named
        || (anything && anybody)
        || (words::is_placeholder(password) && !anything)
    {
        return None;
    }
    let local = [
        "localhost",
        "127.",
        "0.0.0.0",
        "[::1]",
        "example.",
        "host",
        "%s",
    ];
    let harmless =
        anything || local.iter().any(|word| host.starts_with(word)) || host.contains("example.");
    let range = from + colon + 1..from + colon + 1 + password.len();
    let found = Found::new(range, Class::Url, "password in a URL");
    Some(if harmless {
        found.graded(Severity::Low)
    } else {
        found
    })
}

/// Is it put together from a variable?
fn refers(text: &str) -> bool {
    words::is_reference(text)
        || text.contains(['{', '}', '$', '(', ')', '*', '[', ']'])
        || (text.contains('%') && !text.split('%').skip(1).all(is_escape))
}

fn is_escape(behind: &str) -> bool {
    behind.len() >= 2 && behind.bytes().take(2).all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let place = text.find("://").expect("it is a URL");
        let found = at(text.as_bytes(), place);
        let shown = found.map_or("", |found| &text[found.range]);
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn urls() {
        check("postgres://app:Tr0ub4dor@db.internal/app", "Tr0ub4dor");
        check("redis://:Tr0ub4dor@cache:6379", "Tr0ub4dor");
        check("oracle://system:P4ss@w0rd9@localhost/x", "P4ss@w0rd9");
        check("https://user:pass@host/", "");
        check("https://app:${PASSWORD}@host/", "");
        check("https://app:{password}@host/", "");
        check("https://app:%s@host/", "");
        check("https://host:8080/a@b", "");
        check("https://host/a:b@c", "");
        check("https://a:b%40cd@host.org", "b%40cd");
    }
}
