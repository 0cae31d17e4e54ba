//! Owns what is observed in a file whose content decides: never a value of it.

use serde::{Deserialize, Serialize};

use crate::base::path::RepoPath;
use crate::check::options::Glob;

/// What the content tells.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, not states"
)]
pub struct Content {
    /// Nothing but white space.
    pub blank: bool,
    /// A private key, as PEM text or DER.
    pub private_key: bool,
    /// An assignment to a name such as `API_KEY`, with a value that is no placeholder.
    pub secret_values: bool,
    /// Encrypted, or a template.
    pub protected: bool,
    /// Entries of an ignore file, of those that the options name.
    pub entries: Vec<String>,
}

impl Content {
    /// What `bytes` tell. `entries` are those to look for.
    pub fn of(bytes: &[u8], entries: &[String]) -> Self {
        let has = |needle: &[u8]| contains(bytes, needle);
        Self {
            blank: bytes.iter().all(u8::is_ascii_whitespace),
            private_key: has(b"PRIVATE KEY-----") || is_der_key(bytes),
            secret_values: lines(bytes).any(is_secret_assignment),
            protected: has(b"$ANSIBLE_VAULT;")
                || has(b"ENC[AES256")
                || has(b"SealedSecret")
                || has(b"ExternalSecret")
                || has(b"{{")
                || has(b"-----BEGIN AGE ENCRYPTED"),
            entries: entries
                .iter()
                .filter(|entry| holds(bytes, entry.as_bytes()))
                .cloned()
                .collect(),
        }
    }
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|&b| b == b'\n').map(<[u8]>::trim_ascii)
}

/// Does the last word of an ignore file on this entry say "ignore"? A wider pattern counts, too. A comment or a part of a
/// line does not, and `!entry` takes it back.
fn holds(bytes: &[u8], entry: &[u8]) -> bool {
    lines(bytes).fold(false, |held, line| match line.strip_prefix(b"!") {
        Some(taken_back) => held && !covers(taken_back, entry),
        None => held || covers(line, entry),
    })
}

/// Does a pattern of an ignore file cover all that `entry` matches? It does when it matches the entry's own text.
fn covers(pattern: &[u8], entry: &[u8]) -> bool {
    let pattern = pattern.strip_prefix(b"**/").unwrap_or(pattern);
    if pattern == entry {
        return true;
    }
    // Nobody writes a longer one, and a compiled pattern has its price.
    let is_short = pattern.len() <= 100;
    let glob = (is_short && pattern.contains(&b'*') && !pattern.contains(&b'/'))
        .then(|| {
            std::str::from_utf8(pattern)
                .ok()
                .and_then(|text| Glob::new(text).ok())
        })
        .flatten();
    let entry = RepoPath::new(entry);
    glob.zip(entry)
        .is_some_and(|(glob, entry)| glob.matches(&entry))
}

/// The name of a secret with a value of 8 or more bytes that does not say that it stands for another one.
fn is_secret_assignment(line: &[u8]) -> bool {
    const NAMES: [&[u8]; 9] = [
        b"KEY",
        b"TOKEN",
        b"SECRET",
        b"PASSWORD",
        b"PASSWD",
        b"_PWD",
        b"CREDENTIAL",
        b"_DSN",
        b"DATABASE_URL",
    ];
    const PLACEHOLDERS: [&[u8]; 17] = [
        b"your",
        b"example",
        b"change",
        b"replace",
        b"placeholder",
        b"xxx",
        b"todo",
        b"dummy",
        b"fake",
        b"test",
        b"<",
        b"...",
        b"***",
        b"localhost",
        b"127.0.0.1",
        b"insert",
        b"default",
    ];
    let line = line.strip_prefix(b"export ").unwrap_or(line);
    let Some(split) = line.iter().position(|&b| b == b'=' || b == b':') else {
        return false;
    };
    let name = line[..split].trim_ascii().to_ascii_uppercase();
    let value = line[split + 1..].trim_ascii().to_ascii_lowercase();
    let value = value
        .strip_prefix(b"\"")
        .or_else(|| value.strip_prefix(b"'"))
        .unwrap_or(&value);
    let is_name = !name.is_empty()
        && name
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    is_name
        && !name.starts_with(b"VITE_")
        && !contains(&name, b"PUBLIC")
        && NAMES.iter().any(|word| contains(&name, word))
        && value.len() >= 8
        && !value.starts_with(b"$")
        && !PLACEHOLDERS.iter().any(|word| contains(value, word))
}

/// An RSA, EC or PKCS 8 key in DER: a sequence whose first item is the version number 0 or 1.
fn is_der_key(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [0x30, 0x82, _, _, 0x02, 0x01, 0 | 1, ..]
            | [0x30, 0x81, _, 0x02, 0x01, 0 | 1, ..]
            | [0x30, 0..=0x7f, 0x02, 0x01, 0 | 1, ..]
    )
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: bool) {
        assert_eq!(is_secret_assignment(line.as_bytes()), expected, "{line}");
    }

    #[test]
    fn assignments() {
        check("API_KEY=9f8d7c6b5a4e3d2c", true);
        check("export DB_PASSWORD='hunter2hunter2'", true);
        check("api_token: abcdefghijkl", true);
        check("API_KEY=", false);
        check("API_KEY=short", false);
        check("API_KEY=your-key-goes-here", false);
        check("API_KEY=${FROM_ELSEWHERE}", false);
        check("PUBLIC_KEY=abcdefghijkl", false);
        check("DATABASE_URL=postgres://localhost/db", false);
        check("LOG_LEVEL=everything", false);
        check("# the KEY: is explained here", false);
    }

    #[test]
    fn entries_of_ignore_files() {
        let entries = ["Potato".to_owned()];
        let found = |text: &str| !Content::of(text.as_bytes(), &entries).entries.is_empty();
        assert!(found("a\n  Potato  \r\nb\n"));
        assert!(!found("# Potato\nPotatoes\nmy/Potato\n"));
        assert!(!found("Potato\n!Potato\n"));
        assert!(found("!Potato\nPotato\n"));
        assert!(found("**/Potato\n"));
        assert!(!found(&"*".repeat(3_000_000)));
        assert!(found("*[Pp]otato*\n"));
        assert!(!found("*.potato\n*\n!Pot*\n"));
    }
}
