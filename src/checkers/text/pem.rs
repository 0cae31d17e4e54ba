//! Owns the recognition of private keys in PEM form: a header counts only with a body behind it, so that code that looks
//! for headers and placeholders in documentation do not. What is kept tells the kind of the key, never a part of it.

use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::model::rule::Severity;
use crate::source::file::SourceFile;

use super::hit::{Hits, Kind, Line};

static HEADER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"-----BEGIN ((?:[A-Z0-9]+ ){0,4})PRIVATE KEY(?: BLOCK)?-----")
        .expect("a constant expression")
});

/// The shortest line of base64 that a real key has.
const SHORTEST_RUN: usize = 40;

/// Scans for private keys.
pub fn scan(file: &SourceFile, hits: &mut Hits) {
    let bytes = file.bytes();
    let mut number = 1;
    let mut counted = 0;
    let mut last = 0;
    for found in HEADER.captures_iter(bytes) {
        let header = found.get(0).expect("group 0 always takes part");
        number += count(&bytes[counted..header.start()]);
        counted = header.start();
        let body = &bytes[header.end()..];
        let body = &body[..find(body, b"-----").unwrap_or(0)];
        if number == last || !is_key(body) {
            continue;
        }
        last = number;
        let kind = found.get(1).map_or(&b""[..], |kind| kind.as_bytes());
        let encrypted = kind.starts_with(b"ENCRYPTED") || find(body, b"ENCRYPTED").is_some();
        let severity = match (file.class().test, encrypted) {
            (true, _) => Severity::Low,
            (false, true) => Severity::High,
            (false, false) => Severity::Critical,
        };
        if hits.room(Kind::PrivateKey) {
            let line = line_at(bytes, number, header.start());
            let from = header.start() - line.start;
            let to = from + header.len();
            let kind = String::from_utf8_lossy(kind).trim_end().to_owned();
            let kind = match (kind.as_str(), encrypted) {
                ("", _) => "PKCS 8".to_owned(),
                ("ENCRYPTED", _) => "PKCS 8, encrypted".to_owned(),
                (kind, true) => format!("{kind}, encrypted"),
                (kind, false) => kind.to_owned(),
            };
            hits.push(Kind::PrivateKey, severity, &line, (from, to), kind);
            // The line may hold the key itself: the anchor is of the header alone.
            if let Some(hit) = hits.shown.last_mut() {
                hit.anchor.clone_from(&hit.detail);
            }
        }
    }
}

/// Is this dense base64, as between the header and the footer of a key? Line feeds may be escapes in a string, lines may
/// be quoted or indented.
fn is_key(body: &[u8]) -> bool {
    let is_base64 = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    let mut real = false;
    let mut dense = 0;
    // An escaped line feed ends a run: its `n` or `r` is no base64.
    for run in body.split(|b| !is_base64(b)) {
        if run.len() >= SHORTEST_RUN / 2 {
            dense += run.len();
        }
        real |= run.len() >= SHORTEST_RUN
            && run.iter().any(u8::is_ascii_uppercase)
            && run.iter().any(u8::is_ascii_lowercase)
            && variety(run) >= 12;
    }
    let others = body.iter().filter(|b| !b.is_ascii_whitespace()).count() - dense;
    real && dense >= others
}

/// The number of different bytes.
fn variety(run: &[u8]) -> usize {
    let mut seen = [false; 256];
    for &byte in run {
        seen[usize::from(byte)] = true;
    }
    seen.iter().filter(|&&seen| seen).count()
}

fn count(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.split(|&b| b == b'\n').count() - 1).unwrap_or(u32::MAX)
}

fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes
        .windows(needle.len())
        .position(|window| window == needle)
}

fn line_at(bytes: &[u8], number: u32, offset: usize) -> Line<'_> {
    let start = bytes[..offset]
        .iter()
        .rposition(|&b| b == b'\n')
        .map_or(0, |at| at + 1);
    let length = bytes[start..].iter().position(|&b| b == b'\n');
    Line {
        number,
        start,
        bytes: &bytes[start..length.map_or(bytes.len(), |length| start + length)],
    }
}
