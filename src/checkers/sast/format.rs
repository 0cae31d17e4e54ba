//! Owns templates of formatting functions: which parts of the text are literal, and which argument stands where.

use super::call::Arg;
use super::value::{Part, Value};
use super::walk::Walk;

/// A template with `%s` and its like, as Python's operator, Go and Java know them.
#[must_use]
pub fn percents<'t>(text: &'t str, args: &[Arg<'t>]) -> Vec<Part<'t>> {
    let mut parts = Vec::new();
    let mut from = 0;
    let mut next = 0;
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'%' {
            at += 1;
            continue;
        }
        let start = at;
        at += 1;
        let mut name = None;
        if bytes.get(at) == Some(&b'(')
            && let Some(close) = text[at..].find(')')
        {
            name = text.get(at + 1..at + close);
            at += close + 1;
        }
        while at < bytes.len() && b"-+ #0123456789.*$".contains(&bytes[at]) {
            at += 1;
        }
        let Some(&verb) = bytes.get(at) else { break };
        at += 1;
        if verb == b'%' || !verb.is_ascii_alphabetic() {
            continue;
        }
        parts.push(Part::Text(text.get(from..start).unwrap_or_default()));
        from = at;
        let value = match name {
            Some(name) => args
                .iter()
                .find(|arg| arg.name == Some(name))
                .or_else(|| args.first()),
            None => args.get(next),
        }
        .map_or_else(Value::dynamic, |arg| arg.value);
        next += usize::from(name.is_none());
        parts.push(Part::Value(if b"dioufFeEgGxXcbtTp".contains(&verb) {
            Value::safe()
        } else {
            value
        }));
    }
    parts.push(Part::Text(text.get(from..).unwrap_or_default()));
    parts
}

/// A template with `{}` and its like, as Python's `format` and Rust know them.
#[must_use]
pub fn braces<'t>(walk: &Walk<'t>, text: &'t str, args: &[Arg<'t>]) -> Vec<Part<'t>> {
    let mut parts = Vec::new();
    let mut from = 0;
    let mut next = 0;
    let mut at = 0;
    while let Some(open) = text[at..].find(['{', '}']).map(|found| at + found) {
        let doubled = text.as_bytes().get(open + 1) == Some(&text.as_bytes()[open]);
        if doubled || text.as_bytes()[open] == b'}' {
            at = open + 1 + usize::from(doubled);
            continue;
        }
        let Some(close) = text[open..].find('}').map(|found| open + found) else {
            break;
        };
        parts.push(Part::Text(text.get(from..open).unwrap_or_default()));
        let inner = text.get(open + 1..close).unwrap_or_default();
        let (name, spec) = inner.split_once(':').unwrap_or((inner, ""));
        let plain: Vec<&Arg<'t>> = args.iter().filter(|arg| arg.name.is_none()).collect();
        let root = name.split(['.', '[', '!']).next().unwrap_or(name);
        let value = if root.is_empty() {
            next += 1;
            plain.get(next - 1).map(|arg| arg.value)
        } else if let Ok(index) = root.parse::<usize>() {
            plain.get(index).map(|arg| arg.value)
        } else {
            let given = args.iter().find(|arg| arg.name == Some(root));
            Some(given.map_or_else(|| walk.named(root), |arg| arg.value))
        };
        let number = spec.ends_with(['d', 'f', 'x', 'b', 'o', 'e']);
        parts.push(Part::Value(if number {
            Value::safe()
        } else {
            value.unwrap_or_else(Value::dynamic)
        }));
        from = close + 1;
        at = from;
    }
    parts.push(Part::Text(text.get(from..).unwrap_or_default()));
    parts
}
