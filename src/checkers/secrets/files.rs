//! Owns the texts of files that programs read credentials from: `.netrc`, `.pgpass`, `.npmrc`, the configuration of Docker.

use memchr::memmem;

use super::class::Class;
use super::found::{Finds, Found};
use super::{base64, rarity, words};

/// Scans for lines of `.pgpass`.
pub fn passes(bytes: &[u8], finds: &mut Finds) {
    for at in memmem::find_iter(bytes, b":5432:") {
        let low = at.saturating_sub(200);
        let start = bytes[low..at]
            .iter()
            .rposition(|&b| b == b'\n')
            .map_or(low, |found| low + found + 1);
        let room = &bytes[start..bytes.len().min(start + 400)];
        let line = room
            .split(|&b| b == b'\n')
            .next()
            .unwrap_or_default()
            .trim_ascii_end();
        let parts: Vec<&[u8]> = line.split(|&b| b == b':').collect();
        let [host, _, _, user, password] = parts[..] else {
            continue;
        };
        let plain = |part: &[u8]| {
            !part.is_empty()
                && part.iter().all(|b| {
                    b.is_ascii_graphic() && !matches!(b, b'/' | b'"' | b'\'' | b'$' | b'{')
                })
        };
        let text = String::from_utf8_lossy(password);
        if [host, user, password].into_iter().all(plain)
            && password.len() >= 3
            && !words::is_placeholder(&text)
        {
            let from = start + line.len() - password.len();
            finds.push(Found::new(
                from..from + password.len(),
                Class::File,
                "password in the form of .pgpass",
            ));
        }
    }
}

/// The password of a `.netrc` entry, whose name ends at `end`: a host and a login stand before it.
#[must_use]
pub fn netrc(bytes: &[u8], start: usize, end: usize) -> Option<Found> {
    let before = String::from_utf8_lossy(&bytes[start.saturating_sub(300)..start]).into_owned();
    let mut words = before.split_ascii_whitespace().rev();
    let (_user, login) = (words.next()?, words.next()?);
    let (host, machine) = (words.next()?, words.next());
    if login != "login" || (machine != Some("machine") && host != "default") {
        return None;
    }
    let gap = bytes[end..]
        .iter()
        .take_while(|b| matches!(b, b' ' | b'\t'))
        .count();
    let from = end + gap;
    let room = &bytes[from..bytes.len().min(from + 200)];
    let length = room
        .iter()
        .position(u8::is_ascii_whitespace)
        .unwrap_or(room.len());
    let text = std::str::from_utf8(&room[..length]).ok()?;
    let real = gap > 0 && length >= 3 && !words::is_placeholder(text) && !words::is_reference(text);
    real.then(|| {
        Found::new(
            from..from + length,
            Class::File,
            "password in the form of .netrc",
        )
    })
}

/// The value at `from..to` of a name that only such files use.
#[must_use]
pub fn named(bytes: &[u8], name: &str, from: usize, to: usize) -> Option<Found> {
    let value = &bytes[from..to];
    let text = std::str::from_utf8(value).ok()?;
    if words::is_reference(text) || words::is_placeholder(text) {
        return None;
    }
    let kind = if name.ends_with("_authToken") && value.len() >= 20 && rarity::variety(value) >= 8 {
        "token of .npmrc"
    } else if (name.ends_with("_password") || name.ends_with("_auth"))
        && bytes[from.saturating_sub(80)..from]
            .windows(2)
            .any(|w| w == b"//")
        && base64::decode(value).is_some()
        && value.len() >= 8
    {
        "password of .npmrc"
    } else if name == "auth" {
        let decoded = base64::decode(value).and_then(|plain| String::from_utf8(plain).ok())?;
        let (user, password) = decoded.split_once(':')?;
        if user.is_empty()
            || password.is_empty()
            || !decoded.bytes().all(|b| (b' '..=b'~').contains(&b))
        {
            return None;
        }
        "registry login of Docker"
    } else if matches!(name, "client-key-data") && value.len() >= 60 {
        "client key of a kubeconfig"
    } else {
        return None;
    };
    Some(Found::new(from..to, Class::File, kind))
}
