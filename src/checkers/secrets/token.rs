//! Owns lane A: tokens that their own text tells, looked for at the boundaries inside a run; and texts in base64, one level deep.

use std::ops::Range;

use crate::model::rule::Severity;

use super::checks::Verdict;
use super::class::Class;
use super::found::{Finds, Found};
use super::kinds::{self, Kind};
use super::shape::Shape;
use super::{base64, jwt, pem, rarity, scan, words};

/// The longest base64 text that is decoded, in bytes.
const LONGEST: usize = 16 * 1024;

/// Digits, letters, and changes between them: a run without them is a word.
#[must_use]
pub fn is_mixed(run: &[u8]) -> bool {
    let (mut digits, mut letters, mut changes, mut upper, mut lower) = (0, 0, 0, 0, 0);
    let mut before = 0_u8;
    for &byte in run.iter().take(256) {
        let class = match byte {
            b'0'..=b'9' => 1,
            b'a'..=b'z' => 2,
            b'A'..=b'Z' => 3,
            _ => 0,
        };
        digits += usize::from(class == 1);
        lower += usize::from(class == 2);
        upper += usize::from(class == 3);
        letters += usize::from(class >= 2);
        changes += usize::from(class != before);
        before = class;
    }
    (digits >= 1 && letters >= 2 && changes >= 3)
        || (upper >= 4 && lower >= 4 && changes * 5 >= run.len().min(256) * 2)
}

/// Looks for tokens in a run, and into it where it is base64.
pub fn in_run(bytes: &[u8], run: &Range<usize>, finds: &mut Finds) {
    let before = finds.all.len();
    plain(bytes, run, finds);
    if finds.all.len() == before {
        wrapped(bytes, run, finds);
    }
}

const fn is_word(b: u8) -> bool {
    WORD[b as usize]
}

/// Letters, digits and `_`.
const WORD: [bool; 256] = {
    let mut word = [false; 256];
    let mut b = 0_u8;
    loop {
        word[b as usize] = b.is_ascii_alphanumeric() || b == b'_';
        if b == u8::MAX {
            break word;
        }
        b += 1;
    }
};

/// Looks for tokens in a run.
pub fn plain(bytes: &[u8], run: &Range<usize>, finds: &mut Finds) {
    let index = kinds::index();
    // The run may begin with the letter of an escape, or with the digits of a percent escape.
    let mut boundary = match run.start.checked_sub(1).map(|at| bytes[at]) {
        Some(b'\\') => {
            try_at(bytes, run.start + 1, finds);
            true
        }
        Some(b'%') => {
            try_at(bytes, run.start + 2, finds);
            true
        }
        _ => true,
    };
    let mut at = run.start;
    while at + 8 < run.end {
        let byte = bytes[at];
        if boundary && is_word(byte) {
            let head = [byte, bytes[at + 1], bytes[at + 2]];
            if index.may_begin(head)
                && let Some(end) = try_at(bytes, at, finds)
            {
                at = end;
                boundary = false;
                continue;
            }
        }
        boundary = !is_word(byte);
        at += 1;
    }
    terraform(bytes, run, finds);
}

/// The token that begins at `at`, if one does; where it ends.
fn try_at(bytes: &[u8], at: usize, finds: &mut Finds) -> Option<usize> {
    let head: [u8; 3] = bytes.get(at..at + 3)?.try_into().ok()?;
    if &head == b"eyJ"
        && let Some(found) = jwt::at(bytes, at, finds)
    {
        let end = found.range.end;
        finds.push(found);
        return Some(end);
    }
    for (kind, shape) in kinds::index().beginning(head) {
        let Some(end) = shape.end(bytes, at) else {
            continue;
        };
        if kind.rare && !is_named(bytes, at, &kind.vendor()) {
            continue;
        }
        if let Some(found) = judged(bytes, at..end, kind, shape, finds) {
            finds.push(found);
            return Some(end);
        }
    }
    if head[0] == b'A' {
        return telegram(bytes, at, finds);
    }
    None
}

/// Tokens of Braintree have signs in them that end a run.
pub fn braintree(bytes: &[u8], finds: &mut Finds) {
    for at in memchr::memmem::find_iter(bytes, b"access_token$") {
        try_at(bytes, at, finds);
    }
}

/// Is the vendor named before `at`, on this line or the one before?
fn is_named(bytes: &[u8], at: usize, vendor: &str) -> bool {
    let before = bytes[at.saturating_sub(96)..at].to_ascii_lowercase();
    words::begins_in(&String::from_utf8_lossy(&before), vendor)
}

fn judged(
    bytes: &[u8],
    range: Range<usize>,
    kind: &'static Kind,
    shape: &Shape,
    finds: &mut Finds,
) -> Option<Found> {
    let token = &bytes[range.clone()];
    let open = shape.prefix().len();
    let body = &token[open..];
    let verdict = kind.check.map_or(Verdict::Fits, |check| check(token));
    let plain = rarity::variety(body) < 5
        || (!body.iter().any(u8::is_ascii_digit) && rarity::surprise(body) < 480);
    if verdict == Verdict::Other || (verdict != Verdict::Proven && (words::is_dummy(body) || plain))
    {
        finds.dummies += usize::from(verdict != Verdict::Other);
        return None;
    }
    let mut found = Found::new(range, kind.class, kind.name).graded(kind.severity);
    if verdict == Verdict::Wrong {
        found = Found::new(found.range, Class::Malformed, kind.name).graded(Severity::Low);
    }
    found.open = open;
    found.proven = verdict == Verdict::Proven;
    Some(found)
}

/// A Telegram bot token: the number stands before the run, behind which a colon parts them.
fn telegram(bytes: &[u8], at: usize, finds: &mut Finds) -> Option<usize> {
    let colon = at.checked_sub(1).filter(|&before| bytes[before] == b':')?;
    let digits = bytes[..colon]
        .iter()
        .rev()
        .take_while(|b| b.is_ascii_digit())
        .count();
    let start = colon - digits.min(colon);
    let clean = start == 0 || !is_word(bytes[start - 1]) || bytes[..start].ends_with(b"bot");
    let room = &bytes[at..bytes.len().min(at + 40)];
    let length = room
        .iter()
        .take_while(|b| is_word(**b) || **b == b'-')
        .count();
    // A short number is the one of a bot only where its vendor is named.
    let named = || is_named(bytes, start, "telegr");
    let numbered = (8..=11).contains(&digits) || ((5..=16).contains(&digits) && named());
    if !numbered || length != 35 || !clean || words::is_dummy(&room[..35]) {
        return None;
    }
    finds.push(Found::new(
        start..at + 35,
        Class::Chat,
        "Telegram bot token",
    ));
    Some(at + 35)
}

/// A Terraform Cloud token has its mark in the middle.
fn terraform(bytes: &[u8], run: &Range<usize>, finds: &mut Finds) {
    const MARK: &[u8] = b".atlasv1.";
    if run.len() < 80 {
        return;
    }
    let Some(at) = memchr::memmem::find(&bytes[run.clone()], MARK).map(|at| run.start + at) else {
        return;
    };
    let head = bytes[run.start..at]
        .iter()
        .rev()
        .take_while(|b| b.is_ascii_alphanumeric())
        .count();
    let body = &bytes[at + MARK.len()..];
    let tail = body
        .iter()
        .take(71)
        .take_while(|b| is_word(**b) || **b == b'-')
        .count();
    if head == 14 && (60..=70).contains(&tail) && !words::is_dummy(&body[..tail]) {
        let range = at - head..at + MARK.len() + tail;
        finds.push(Found::new(range, Class::Cloud, "Terraform Cloud token"));
    }
}

/// Is the run base64 of a text with a token or a key in it?
fn wrapped(bytes: &[u8], run: &Range<usize>, finds: &mut Finds) {
    let mut from = run.start;
    // `name=value` is one run.
    let padding = bytes[run.clone()]
        .iter()
        .rev()
        .take_while(|b| **b == b'=')
        .count();
    if let Some(at) = bytes[run.start..run.end - padding]
        .iter()
        .rposition(|&b| b == b'=')
    {
        from = run.start + at + 1;
    }
    let text = &bytes[from..run.end];
    let text = &text[..text.len().min(LONGEST)];
    if text.len() < 32 {
        return;
    }
    // The lines of a block with armour are read with their header.
    let armoured = || {
        let before = &bytes[from.saturating_sub(100)..from];
        memchr::memmem::find(before, b"-----BEGIN").is_some()
    };
    if let Some(kind) = pem::bare(text).filter(|_| !armoured()) {
        finds.push(Found::new(from..run.end, Class::PrivateKey, kind));
        return;
    }
    let printable = |bytes: &[u8]| {
        bytes
            .iter()
            .all(|b| (b' '..=b'~').contains(b) || matches!(b, b'\n' | b'\r' | b'\t'))
    };
    let whole = if text.len() == LONGEST {
        text
    } else {
        &bytes[from..run.end]
    };
    if !base64::decode(&whole[..12]).is_some_and(|head| printable(&head)) {
        return;
    }
    let Some(plain) = base64::decode(whole).filter(|plain| printable(plain)) else {
        return;
    };
    let inner = scan::inner(&plain);
    finds.dummies += inner.dummies;
    if let Some(first) = inner.all.into_iter().min_by_key(|found| found.class) {
        let mut found = Found::new(
            from..run.end,
            first.class,
            format!("{}, in base64", first.kind),
        );
        found.severity = first.severity;
        found.expires = first.expires;
        finds.push(found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_not_mixed() {
        assert!(!is_mixed(b"getUserTokenFromRequest"));
        assert!(!is_mixed(b"service-account-name"));
        assert!(is_mixed(b"9f86d081884c7d659a2feaa0c55ad015"));
        assert!(is_mixed(b"a1b2c3d4e5f6a7b8"));
    }
}
