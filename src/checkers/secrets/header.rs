//! Owns authorization: `Basic` and `Bearer` values, and users with passwords on the command line of curl.

use memchr::memmem;

use crate::model::rule::Severity;

use super::class::Class;
use super::found::Found;
use super::{base64, everyday, rarity, words};

/// The value of `Basic ` whose name ends before `at`.
#[must_use]
pub fn basic(bytes: &[u8], at: usize) -> Option<Found> {
    let room = &bytes[at..bytes.len().min(at + 400)];
    let length = room
        .iter()
        .position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=')))
        .unwrap_or(room.len());
    if length < 8 {
        return None;
    }
    let text = base64::decode(&room[..length])?;
    let text = String::from_utf8(text).ok()?;
    let (user, password) = text.split_once(':')?;
    let printable = text.bytes().all(|b| (b' '..=b'~').contains(&b));
    if !printable || (user.is_empty() && password.is_empty()) || user.contains(' ') {
        return None;
    }
    let dull = words::is_placeholder(password) && words::is_placeholder(user);
    let found = Found::new(at..at + length, Class::Header, "basic authorization");
    Some(if dull || password.is_empty() {
        found.graded(Severity::Low)
    } else {
        found
    })
}

/// The value of `Bearer ` whose name ends before `at`.
#[must_use]
pub fn bearer(bytes: &[u8], at: usize) -> Option<Found> {
    let room = &bytes[at..bytes.len().min(at + 1_000)];
    let length = room
        .iter()
        .position(|b| {
            !(b.is_ascii_alphanumeric()
                || matches!(b, b'+' | b'/' | b'=' | b'-' | b'_' | b'.' | b'~'))
        })
        .unwrap_or(room.len());
    let token = &room[..length];
    let elided = memmem::find(token, b"..").is_some();
    let real = length >= 20 && !elided && rarity::is_random(token) && !words::is_dummy(token);
    real.then(|| Found::new(at..at + length, Class::Header, "bearer authorization"))
}

/// The password of ` -u user:password` whose option ends before `at`, in a line that runs curl or wget.
#[must_use]
pub fn user(bytes: &[u8], at: usize) -> Option<Found> {
    let low = at.saturating_sub(200);
    let line = bytes[low..at]
        .rsplit(|&b| b == b'\n')
        .next()
        .unwrap_or_default();
    memmem::find(line, b"curl")?;
    let quoted = usize::from(matches!(bytes.get(at), Some(b'"' | b'\'')));
    let from = at + quoted;
    let room = &bytes[from..bytes.len().min(from + 200)];
    let ends = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'`' | b'\\');
    let length = room.iter().position(ends).unwrap_or(room.len());
    let colon = room[..length].iter().position(|&b| b == b':')?;
    let name = std::str::from_utf8(&room[..colon]).ok()?;
    let password = std::str::from_utf8(&room[colon + 1..length]).ok()?;
    if password.len() < 3
        || words::is_reference(password)
        || words::is_placeholder(password)
        || words::is_reference(name)
        || password.starts_with('$')
        || (password == name && everyday::is_weak(password))
    {
        return None;
    }
    Some(Found::new(
        from + colon + 1..from + length,
        Class::Header,
        "user and password of curl",
    ))
}
