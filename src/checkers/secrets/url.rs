//! Owns credentials in URLs: `scheme://user:password@host`.

use crate::model::rule::Severity;
use crate::source::class::PathClass;

use super::class::Class;
use super::found::Found;
use super::{everyday, names, rarity, words};

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

/// What stands before a word that names nobody and nothing.
const FILLERS: [&str; 7] = ["my", "some", "your", "the", "db", "test", "a"];

/// The credential in the URL whose `://` stands at `at`.
#[must_use]
pub fn at(bytes: &[u8], at: usize, class: PathClass) -> Option<Found> {
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
                b'"' | b'\'' | b'`' | b'<' | b'>' | b'/' | b'?' | b'#' | b'\\' | b',' | b'|' | b';'
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
    let said = user.to_ascii_lowercase();
    let anything = ANYTHING.contains(&lower.as_str()) || lower == said;
    let anybody = ANYBODY.contains(&said.as_str());
    // `access_key:secret_access_key` are names.
    let named = password.contains('_')
        && !password.bytes().any(|b| b.is_ascii_digit())
        && names::of(password).is_some();
    if lower.starts_with("pwd")
        || named
        || (anything && anybody)
        || (words::is_placeholder(password) && !anything)
        || (lower == said && rarity::variety(lower.as_bytes()) < 2)
    {
        return None;
    }
    let host = Host::of(&host);
    let invented = match host {
        Host::Nameless => anything || is_anybody(&said),
        Host::Reserved => anything,
        // A socket of an example, too, has a user that is nobody's.
        Host::Local => said.starts_with("my") && said.ends_with("user"),
        Host::Public | Host::Inside => false,
    };
    if invented
        // The user that RabbitMQ lets in from its own machine only.
        || (host == Host::Local && said == "guest" && lower == said)
        || is_shown(password, host, anything, class)
    {
        return None;
    }
    let harmless =
        anything || everyday::is_weak(password) || host != Host::Public && host != Host::Inside;
    let range = from + colon + 1..from + colon + 1 + password.len();
    let found = Found::new(range, Class::Url, "password in a URL");
    Some(if harmless {
        found.graded(Severity::Low)
    } else {
        found
    })
}

/// Where a URL leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Host {
    /// This machine, a socket on it, or what a program puts in.
    Local,
    /// A name that is kept for documentation: `db.example.com`.
    Reserved,
    /// No name of any machine: `host`, `myserver2`.
    Nameless,
    /// A name that everybody can look up.
    Public,
    /// A name or an address in a network of one's own.
    Inside,
}

impl Host {
    /// The host with its port, in lower case.
    fn of(text: &str) -> Self {
        let host = text.split(':').next().unwrap_or_default();
        let numbers = host.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let bare = host.trim_end_matches(|c: char| c.is_ascii_digit());
        let names = ["host", "hostname", "server", "domain"];
        let kept = ["example.com", "example.net", "example.org"]
            .iter()
            .any(|name| {
                host == *name
                    || host
                        .strip_suffix(name)
                        .is_some_and(|sub| sub.ends_with('.'))
            })
            || [".example", ".invalid", ".test"]
                .iter()
                .any(|end| host.ends_with(end))
            || host.starts_with("example.");
        if host == "localhost"
            || host.starts_with("127.")
            || host == "0.0.0.0"
            || text.starts_with("[::1]")
            || host.starts_with('%')
        {
            Self::Local
        } else if kept {
            Self::Reserved
        } else if names.contains(&unfilled(bare)) {
            Self::Nameless
        } else if host.contains('.') && !numbers {
            Self::Public
        } else {
            Self::Inside
        }
    }
}

/// `user`, `myuser`, `someusername2`.
fn is_anybody(user: &str) -> bool {
    let bare = user.trim_end_matches(|c: char| c.is_ascii_digit());
    ["user", "username", "login", "usr", "name", "foo"].contains(&unfilled(bare))
}

/// The word without the one that only fills.
fn unfilled(word: &str) -> &str {
    let stripped = FILLERS.iter().find_map(|filler| word.strip_prefix(filler));
    stripped.map_or(word, |rest| rest.trim_start_matches(['_', '-']))
}

/// What tests and documentation show: a password that is a word or is kept out of use by its host, and none that was drawn.
fn is_shown(password: &str, host: Host, wordy: bool, class: PathClass) -> bool {
    let has = |test: fn(&u8) -> bool| password.as_bytes().iter().any(test);
    let mixed =
        has(u8::is_ascii_digit) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    let drawn = rarity::is_random(password.as_bytes())
        || (mixed && password.len() >= 8 && !password.contains('%'));
    let shown = class.test || class.vendored || class.docs;
    match host {
        Host::Reserved => shown && !drawn,
        // A test that takes a URL apart has no door behind it.
        Host::Public => shown && !drawn && (class.test || wordy),
        Host::Local | Host::Nameless | Host::Inside => false,
    }
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
        let found = at(text.as_bytes(), place, PathClass::default());
        let shown = found.map_or("", |found| &text[found.range]);
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn tests_take_urls_apart() {
        let found = |text: &str, class: PathClass| {
            let place = text.find("://").expect("it is a URL");
            at(text.as_bytes(), place, class).is_some()
        };
        let test = PathClass {
            test: true,
            ..PathClass::default()
        };
        let docs = PathClass {
            docs: true,
            ..PathClass::default()
        };
        let plain = "https://peter:otool@some.url.com/";
        assert!(found(plain, PathClass::default()) && found(plain, docs) && !found(plain, test));
        let kept = "https://joe:there%20is%20cake@www.example.org/";
        assert!(found(kept, PathClass::default()) && !found(kept, docs));
        let word = "https://git:password@github.com/";
        assert!(found(word, PathClass::default()) && !found(word, docs));
        for drawn in [
            "https://a:Tr0ub4dorX9@example.com/",
            "https://a:pq7zk2vxw9rtb4@b.org/",
        ] {
            assert!(found(drawn, test) && found(drawn, docs), "{drawn}");
        }
    }

    #[test]
    fn hosts() {
        assert_eq!(Host::of("localhost:5432"), Host::Local);
        assert_eq!(Host::of("%2ftmp%2fa.sock"), Host::Local);
        assert_eq!(Host::of("%s:%d"), Host::Local);
        assert_eq!(Host::of("db.example.org"), Host::Reserved);
        assert_eq!(Host::of("myhost2:80"), Host::Nameless);
        assert_eq!(Host::of("10.1.2.3:80"), Host::Inside);
        assert_eq!(Host::of("db"), Host::Inside);
        assert_eq!(Host::of("db.internal.company.com"), Host::Public);
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
        check("http://host:80#@other/", "");
        check("https://a:b%40cd@host.org", "b%40cd");
        check("ftp://xxx:xxx@files.org/", "");
        check("postgres://app:password@db.example.com/a", "");
        check("mysql://myuser:my:pass@myhost:3333/mydb", "");
        check("amqp://guest:guest@localhost/", "");
        check("amqp://guest:guest@queue/", "guest");
        check("redis://:clearpassword@host:22", "clearpassword");
        check("mongodb://myDatabaseUser:D1fficult@%2Ftmp%2Fa.sock", "");
        check("ftp://username:xjqlcvjh@ftp.example.com", "xjqlcvjh");
        check("mongodb://shop:D1fficult@%2Ftmp%2Fa.sock", "D1fficult");
    }
}
