//! Owns JSON web tokens: three parts of base64, a header that names an algorithm, and what the payload says of their use.

use memchr::memmem;

use crate::model::rule::Severity;

use super::base64;
use super::class::Class;
use super::found::{Finds, Found};

const fn is_part(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'=')
}

fn part(bytes: &[u8], from: usize) -> usize {
    let room = &bytes[from..];
    from + room.iter().position(|&b| !is_part(b)).unwrap_or(room.len())
}

/// The token that begins at `from`.
pub fn at(bytes: &[u8], from: usize, finds: &mut Finds) -> Option<Found> {
    let header_end = part(bytes, from);
    if bytes.get(header_end) != Some(&b'.') || header_end - from > 2_000 {
        return None;
    }
    let payload_end = part(bytes, header_end + 1);
    let header = json(&bytes[from..header_end])?;
    memmem::find(&header, b"\"alg\"")?;
    let payload = json(&bytes[header_end + 1..payload_end])?;
    let mut end = payload_end;
    if bytes.get(end) == Some(&b'.') {
        end = part(bytes, end + 1);
    }
    let unsigned = memmem::find(&header, b"\"none\"").is_some();
    let signature = end.saturating_sub(payload_end + 1);
    if signature < 20 && !unsigned {
        return None;
    }
    let says = |word: &str| memmem::find(&payload, word.as_bytes()).is_some();
    // The one on the front page of everybody's documentation, and keys that are made to be seen.
    if payload.len() <= 2
        || says("John Doe")
        || says("\"anon\"")
        || says("\"role\":\"authenticated\"")
    {
        finds.dummies += 1;
        return None;
    }
    let kind = match (says("\"service_role\""), unsigned) {
        (true, _) => "service role key of Supabase",
        (_, true) => "JSON web token without a signature",
        _ => "JSON web token",
    };
    let mut found = Found::new(from..end, Class::Jwt, kind);
    found.open = 3;
    found.expires = number(&payload, b"\"exp\":");
    if says("\"service_role\"") {
        found.severity = Severity::Critical;
    } else if unsigned {
        found.severity = Severity::Low;
    }
    Some(found)
}

fn json(part: &[u8]) -> Option<Vec<u8>> {
    let text = base64::decode(part)?;
    (text.first() == Some(&b'{') && text.last() == Some(&b'}')).then_some(text)
}

/// The number behind `name`.
fn number(text: &[u8], name: &[u8]) -> Option<i64> {
    let at = memmem::find(text, name)? + name.len();
    let digits: Vec<u8> = text[at..]
        .iter()
        .copied()
        .skip_while(|b| *b == b' ')
        .take_while(u8::is_ascii_digit)
        .collect();
    std::str::from_utf8(&digits).ok()?.parse().ok()
}
