//! Owns password hashes in the forms of crypt, bcrypt and argon2: who has one can guess against it.

use super::class::Class;
use super::found::Found;

const fn is_salted(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'.' | b'/' | b'$' | b'=' | b',' | b'+' | b'-')
}

/// The hash that begins with the `$` at `at`.
#[must_use]
pub fn at(bytes: &[u8], at: usize) -> Option<Found> {
    let room = &bytes[at..bytes.len().min(at + 300)];
    let length = room
        .iter()
        .position(|&b| !is_salted(b))
        .unwrap_or(room.len());
    let text = &room[..length];
    let parts: Vec<&[u8]> = text.split(|&b| b == b'$').skip(1).collect();
    let (scheme, last) = (*parts.first()?, *parts.last()?);
    let plain = |part: &[u8]| {
        part.iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'/' | b'+'))
    };
    let kind = match (scheme, parts.len(), last.len()) {
        (b"2a" | b"2b" | b"2y", 3, 53) if plain(last) => "bcrypt hash",
        (b"6", 3 | 4, 86) if plain(last) => "SHA-512 crypt hash",
        (b"5", 3 | 4, 43) if plain(last) => "SHA-256 crypt hash",
        (b"1" | b"apr1", 3, 22) if plain(last) => "MD5 crypt hash",
        (b"y", 4, 43) if plain(last) => "yescrypt hash",
        (b"argon2i" | b"argon2d" | b"argon2id", 4 | 5, 20..) if plain(last) => "argon2 hash",
        _ => return None,
    };
    let mut found = Found::new(at..at + length, Class::Hash, kind);
    found.open = 1 + scheme.len() + 1;
    Some(found)
}

/// A password that was hashed, by crypt, by a framework or by a directory.
#[must_use]
pub fn is_hash(text: &str) -> bool {
    let text = text.strip_prefix("{CRYPT}").unwrap_or(text);
    let scheme = text.strip_prefix('$').and_then(|rest| rest.split_once('$'));
    let crypt = scheme.is_some_and(|(scheme, _)| {
        matches!(
            scheme,
            "1" | "2" | "2a" | "2b" | "2y" | "5" | "6" | "7" | "8" | "y" | "apr1" | "scrypt"
        ) || scheme.starts_with("argon2")
    });
    // `sha1$salt$digest`, as Django keeps them.
    let named = text.split_once('$').is_some_and(|(scheme, rest)| {
        rest.contains('$')
            && [
                "sha1", "sha256", "sha512", "md5", "bcrypt", "pbkdf2", "argon2", "scrypt",
            ]
            .iter()
            .any(|word| scheme.starts_with(word))
    });
    let opens = ["pbkdf2_", "pbkdf2:", "scrypt:", "{SHA}", "{SSHA}"];
    crypt || named || opens.iter().any(|open| text.starts_with(open))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        let found = at(text.as_bytes(), 0);
        assert_eq!(found.map(|f| f.kind.into_owned()).as_deref(), expected);
    }

    #[test]
    fn hashes() {
        let body = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ012345678901234567890123456789abcdef";
        check(&format!("$2b$12${}", &body[..53]), Some("bcrypt hash"));
        check(
            &format!("$6$salt${}", &body[..86]),
            Some("SHA-512 crypt hash"),
        );
        check(&format!("$2b$12${}", &body[..52]), None);
        check("$1", None);
        assert!(is_hash(
            "sha1$1b11b$edeb0a67a9622f1f2cfeabf9188a711f5ac7d236"
        ));
        assert!(!is_hash("sha1$ecret"));
    }
}
