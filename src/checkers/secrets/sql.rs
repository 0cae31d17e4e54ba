//! Owns the passwords of users in SQL, whatever language it is written in. Knows no file.

use super::class::Class;
use super::found::Found;
use super::{hash, words};

/// The password behind `IDENTIFIED BY `, which ends before `at`.
#[must_use]
pub fn identified(bytes: &[u8], at: usize) -> Option<Found> {
    // In prose much is identified by something.
    let line = bytes[at.saturating_sub(160)..at]
        .rsplit(|&b| b == b'\n')
        .next()
        .unwrap_or_default();
    let line = String::from_utf8_lossy(line).to_ascii_lowercase();
    if !["user ", "role ", "grant ", "login "]
        .iter()
        .any(|word| line.contains(word))
    {
        return None;
    }
    let rest = bytes.get(at..bytes.len().min(at + 200))?;
    let rest = rest.strip_prefix(b"PASSWORD ").unwrap_or(rest);
    let rest = rest.strip_prefix(b"VALUES ").unwrap_or(rest);
    let at = at + (bytes.len().min(at + 200) - at - rest.len());
    let quoted = matches!(rest.first(), Some(b'\'' | b'"' | b'\\'));
    let skipped = rest
        .iter()
        .take_while(|b| matches!(b, b'\'' | b'"' | b'\\'))
        .count();
    let body = &rest[skipped..];
    let ends =
        |b: &u8| b.is_ascii_whitespace() || matches!(b, b'\'' | b'"' | b';' | b'\\' | b'`' | b')');
    let length = body.iter().position(ends).unwrap_or(body.len());
    let text = std::str::from_utf8(&body[..length]).ok()?;
    let bare = !quoted
        && (text.contains(['(', '$', '&', ':'])
            || text.len() < 4
            || ["the", "this", "their", "its"].contains(&text));
    let range = at + skipped..at + skipped + length;
    let real = text.len() >= 3
        && text.is_ascii()
        && !bare
        && !words::is_reference(text)
        && !words::is_placeholder(text)
        && !hash::is_hash(text)
        && !text.starts_with('*');
    real.then(|| Found::new(range, Class::Password, "password in SQL"))
}
