//! Owns Kubernetes Secret manifests: the values below `data` and `stringData`.

use memchr::memmem;

use super::class::Class;
use super::found::{Finds, Found};
use super::{base64, words};

/// At most so many lines of one manifest are read.
const MOST: usize = 2_000;

/// Scans a YAML text.
pub fn scan(bytes: &[u8], finds: &mut Finds) {
    let mut done = 0;
    for at in memmem::find_iter(bytes, b"kind: Secret") {
        // A document is read once.
        if at < done {
            continue;
        }
        let behind = bytes.get(at + 12).copied().unwrap_or(b'\n');
        let alone = at == 0 || matches!(bytes[at - 1], b'\n' | b' ');
        if alone && matches!(behind, b'\n' | b'\r' | b' ') {
            done = document(bytes, at, finds);
        }
    }
}

/// Looks at the document around `at`; where it ends.
fn document(bytes: &[u8], at: usize, finds: &mut Finds) -> usize {
    let low = at.saturating_sub(8_192);
    let start = memmem::rfind(&bytes[low..at], b"\n---").map_or(low, |found| low + found + 4);
    let end = memmem::find(&bytes[at..], b"\n---").map_or(bytes.len(), |found| at + found);
    let mut block: Option<(usize, bool)> = None;
    let mut from = start;
    for line in bytes[start..end].split(|&b| b == b'\n').take(MOST) {
        let place = from;
        from += line.len() + 1;
        let indent = line.iter().take_while(|b| **b == b' ').count();
        let text = line.trim_ascii();
        if text.is_empty() || text.starts_with(b"#") {
            continue;
        }
        match text {
            b"data:" => block = Some((indent, true)),
            b"stringData:" => block = Some((indent, false)),
            _ => match block {
                Some((above, coded)) if indent > above => entry(line, place, coded, finds),
                _ => block = None,
            },
        }
    }
    end
}

fn entry(line: &[u8], place: usize, coded: bool, finds: &mut Finds) {
    let Some(colon) = line.iter().position(|&b| b == b':') else {
        return;
    };
    let name = String::from_utf8_lossy(&line[..colon])
        .trim()
        .to_ascii_lowercase();
    let value = &line[colon + 1..];
    let value = &value[..memmem::find(value, b" #").unwrap_or(value.len())];
    let value = value.trim_ascii();
    let value = value
        .strip_prefix(b"\"")
        .and_then(|v| v.strip_suffix(b"\""))
        .unwrap_or(value);
    let Some(offset) = memmem::find(line, value).filter(|_| value.len() >= 4) else {
        return;
    };
    let Ok(text) = std::str::from_utf8(value) else {
        return;
    };
    let public = [
        "crt",
        "cert",
        "ca",
        "user",
        "username",
        "host",
        "port",
        "url",
        "name",
        "namespace",
        "email",
        "database",
        "id",
        "endpoint",
        "endpoints",
        "bucket",
        "bucketnames",
        "region",
        "audience",
        "issuer",
        "type",
        "scope",
        "scopes",
        "tenant",
        "address",
        "server",
        "enabled",
    ];
    if words::is_reference(text) || public.iter().any(|word| name.ends_with(word)) {
        return;
    }
    let plain = if coded {
        let decoded = base64::decode(value).and_then(|bytes| String::from_utf8(bytes).ok());
        let Some(decoded) = decoded else { return };
        decoded
    } else {
        text.to_owned()
    };
    let trimmed = plain.trim();
    let real =
        trimmed.len() >= 4 && !words::is_placeholder(trimmed) && !words::is_reference(trimmed);
    if real && !trimmed.bytes().any(|b| b.is_ascii_control() && b != b'\n') {
        let range = place + offset..place + offset + value.len();
        finds.push(Found::new(
            range,
            Class::Manifest,
            "value of a Kubernetes Secret",
        ));
    }
}
