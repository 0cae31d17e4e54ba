//! Owns private keys in text: PEM and OpenSSH armour with a body that decodes, the private part of a JSON web key, `PuTTY` keys. A
//! header alone is none.

use memchr::memmem;

use crate::model::rule::Severity;

use super::class::Class;
use super::found::{Finds, Found};
use super::{base64, rarity};

/// The longest body that is looked at, in bytes: a key of 16,384 bits with escapes.
const LONGEST: usize = 32 * 1024;

/// Scans for private keys.
pub fn scan(bytes: &[u8], finds: &mut Finds) {
    let mut done = 0;
    for at in memmem::find_iter(bytes, b"PRIVATE KEY") {
        if at < done {
            continue;
        }
        if let Some(found) = armoured(bytes, at, finds) {
            done = found.body.end;
            finds.push(found);
        }
    }
    for at in memmem::find_iter(bytes, b"PuTTY-User-Key-File-") {
        if let Some(found) = putty(bytes, at) {
            finds.push(found);
        }
    }
    for at in memmem::find_iter(bytes, b"kty") {
        if let Some(found) = web_key(bytes, at) {
            finds.push(found);
        }
    }
}

/// The key whose header has its `PRIVATE KEY` at `at`.
fn armoured(bytes: &[u8], at: usize, finds: &mut Finds) -> Option<Found> {
    let head = &bytes[at.saturating_sub(40)..at];
    let opened =
        memmem::rfind(head, b"-----BEGIN ").or_else(|| memmem::rfind(head, b"---- BEGIN "))?;
    let kind = head[opened + 11..].trim_ascii();
    let named = kind
        .iter()
        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b' ');
    let start = at - (head.len() - opened);
    let behind = &bytes[at + 11..bytes.len().min(at + 11 + LONGEST)];
    let dashes = memmem::find(&behind[..behind.len().min(16)], b"----")?;
    let body_at = dashes + behind[dashes..].iter().take_while(|b| **b == b'-').count();
    let body = &behind[body_at..];
    // What opens or closes the next block ends this one; a footer may be missing.
    let end = memmem::find(body, b"----").unwrap_or_else(|| body.len().min(4_096));
    if !named {
        return None;
    }
    let body = &body[..end];
    // Documentation leaves the middle out.
    if memmem::find(body, b"...").is_some() {
        finds.dummies += 1;
        return None;
    }
    let text = dense(body);
    let from = at + 11 + body_at;
    let encrypted = kind.starts_with(b"ENCRYPTED")
        || memmem::find(body, b"ENCRYPTED").is_some()
        || is_locked(&text);
    let kind = String::from_utf8_lossy(kind).into_owned();
    if !is_key(&text, &kind, encrypted) {
        finds.dummies += usize::from(!text.is_empty());
        return None;
    }
    let said = match (kind.as_str(), encrypted) {
        ("" | "ENCRYPTED", true) => "private key in PKCS 8, encrypted".to_owned(),
        ("", false) => "private key in PKCS 8".to_owned(),
        (kind, true) => format!("private key, {kind}, encrypted"),
        (kind, false) => format!("private key, {kind}"),
    };
    let mut found = Found::new(start..from, Class::PrivateKey, said);
    found.body = from..from + end;
    found.open = from - start;
    found.proven = true;
    Some(if encrypted { sealed(found) } else { found })
}

/// A key that nobody can use without its passphrase.
const fn sealed(mut found: Found) -> Found {
    found.sealed = true;
    found.graded(Severity::Low)
}

/// Does the body of an OpenSSH key name a cipher?
fn is_locked(text: &[u8]) -> bool {
    let head = base64::decode(&text[..text.len().min(40)]).unwrap_or_default();
    let named = head.strip_prefix(b"openssh-key-v1\0\0\0\0");
    named.is_some_and(|named| named.len() > 5 && named.get(1..5) != Some(b"none"))
}

const fn is_base64(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=')
}

/// The base64 of a body: what stands between is line ends, escapes of line ends, quotes, indents, and header lines.
fn dense(body: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    let mut at = 0;
    while at < body.len() {
        let length = body[at..].iter().take_while(|&&b| is_base64(b)).count();
        let mut run = &body[at..at + length];
        let escaped = at > 0
            && matches!(body[at - 1], b'\\')
            && matches!(run.first(), Some(b'n' | b'r' | b't'));
        if escaped {
            run = &run[1..];
        }
        // A short run is a word of a header, or the last line.
        let is_last = body[at + length..]
            .iter()
            .all(|&b| !is_base64(b) || matches!(b, b'n' | b'r'));
        if run.len() >= 16 || (is_last && !text.is_empty()) {
            text.extend_from_slice(run);
        }
        at += length + 1;
    }
    text
}

fn is_key(text: &[u8], kind: &str, encrypted: bool) -> bool {
    let long = text.len() >= 60 && rarity::variety(text) >= 16;
    if !long || super::words::is_monotonous(&text[..text.len().min(64)]) {
        return false;
    }
    let start = base64::decode(&text[..(text.len() / 4 * 4).min(64)]);
    let start = start.unwrap_or_default();
    let decodes = start.first() == Some(&0x30)
        || start.starts_with(b"openssh-key-v1")
        || (kind.starts_with("PGP") && start.first().is_some_and(|b| b & 0x80 != 0))
        || (kind.starts_with("SSH2"));
    decodes || (encrypted && start.len() >= 40)
}

/// The kind of the private key that a base64 text without armour begins with: its first fields are those of PKCS 1, PKCS 8 or SEC 1
/// and of nothing else.
#[must_use]
pub fn bare(text: &[u8]) -> Option<&'static str> {
    if text.len() < 60 || text[0] != b'M' {
        return None;
    }
    let start = base64::decode(&text[..60])?;
    let (&tag, rest) = start.split_first()?;
    let (&length, rest) = rest.split_first()?;
    // The length in one byte, or in the bytes behind.
    let fields = rest.get(usize::from(length & 0x7f) * usize::from(length > 0x7f)..)?;
    if tag != 0x30 {
        return None;
    }
    match fields {
        [2, 1, 0, 0x30, size, 6, oid, ..] if size > oid => Some("private key in PKCS 8"),
        [2, 1, 0, 2, 0x40 | 0x41 | 0x81 | 0x82, ..] => Some("private key, RSA or DSA"),
        [2, 1, 1, 4, 0x20 | 0x30 | 0x42, ..] => Some("private key, EC"),
        _ => None,
    }
}

fn putty(bytes: &[u8], at: usize) -> Option<Found> {
    let room = &bytes[at..bytes.len().min(at + LONGEST)];
    let marker = memmem::find(room, b"Private-Lines:")?;
    let lines = &room[marker + 14..];
    let first = lines.iter().position(|&b| b == b'\n')? + 1;
    let run = lines[first..].iter().take_while(|&&b| is_base64(b)).count();
    let from = at + marker + 14 + first;
    let mut found = Found::new(at..at + 20, Class::PrivateKey, "private key, PuTTY");
    found.body = from..from + run;
    found.open = 20;
    let plain = memmem::find(&room[..marker], b"Encryption: none").is_some();
    (run >= 32).then(|| if plain { found } else { sealed(found) })
}

/// The `d` of the object, in JSON or as programs write it, that has its `kty` at `at`.
fn web_key(bytes: &[u8], at: usize) -> Option<Found> {
    if !matches!(bytes.get(at + 3), Some(b'"' | b'\'' | b':' | b' ' | b'\\')) {
        return None;
    }
    let low = at.saturating_sub(4_096);
    let low = low + bytes[low..at].iter().rposition(|&b| b == b'{')?;
    let high = bytes[at..bytes.len().min(at + 8_192)]
        .iter()
        .position(|&b| b == b'}')?;
    let object = &bytes[low..at + high];
    let sign = |b: &u8| matches!(b, b'"' | b'\'' | b'\\' | b'`');
    let range = memchr::memchr_iter(b'd', object).find_map(|name| {
        let alone = object[name - 1].is_ascii_whitespace()
            || matches!(object[name - 1], b'{' | b',' | b'"' | b'\'');
        let behind = &object[name + 1..];
        let behind = behind.trim_ascii_start();
        let skipped = behind.iter().take_while(|b| sign(b)).count();
        let behind = behind[skipped..]
            .trim_ascii_start()
            .strip_prefix(b":")?
            .trim_ascii_start();
        let skipped = behind.iter().take_while(|b| sign(b)).count();
        let from = low + object.len() - behind.len() + skipped;
        let length = bytes[from..].iter().take(4_096).position(sign)?;
        (alone && skipped > 0).then_some(from..from + length)
    })?;
    let value = &bytes[range.clone()];
    let fits = value.len() >= 32 && rarity::variety(value) >= 12 && base64::decode(value).is_some();
    fits.then(|| Found::new(range, Class::PrivateKey, "private JSON web key"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_openssh_name_their_cipher() {
        // `openssh-key-v1`, a length of four bytes, the cipher.
        assert!(is_locked(
            b"b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0"
        ));
        assert!(!is_locked(
            b"b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAAB"
        ));
        assert!(!is_locked(b"MIIEpAIBAAKCAQEA"));
    }

    #[test]
    fn keys_without_armour() {
        let of = |head: &str| bare(format!("{head}{}", "q7Zk2vXw9RtB4mYh".repeat(8)).as_bytes());
        assert_eq!(
            of("MIICdgIBADANBgkqhkiG9w0BAQEFAASC"),
            Some("private key in PKCS 8")
        );
        assert_eq!(of("MIIEpAIBAAKCAQEA"), Some("private key, RSA or DSA"));
        assert_eq!(of("MHcCAQEEIA"), Some("private key, EC"));
        let mut finds = Finds::default();
        let d = "q7Zk2vXw9RtB4mYh".repeat(3);
        scan(
            format!("{{ \"kty\": \"EC\", \"x\": \"a\", \"d\": \"{d}\" }}").as_bytes(),
            &mut finds,
        );
        scan(
            format!("const a = {{\n  kty: 'EC',\n  d: '{d}',\n}}").as_bytes(),
            &mut finds,
        );
        scan(
            format!("{{ \"kty\": \"EC\", \"id\": \"{d}\" }}").as_bytes(),
            &mut finds,
        );
        assert_eq!(finds.all.len(), 2);
        // A public key, a certificate.
        assert_eq!(of("MIIBIjANBgkqhkiG9w0BAQEFAAOC"), None);
        assert_eq!(of("MIIDdzCCAl+gAwIBAgIEAgAAuTAN"), None);
    }
}
