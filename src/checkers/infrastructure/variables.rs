//! Owns the filling in of variables as Docker and compose write them: `$A`, `${A}`, `${A:-default}`.

use std::collections::BTreeMap;

/// A longer text than this in bytes is not filled in: variables that double each other would not end.
const MOST: usize = 100_000;

/// A text with its variables filled in; `None` where one is not known, or the text grows out of bounds.
#[must_use]
pub fn filled(text: &str, values: &BTreeMap<String, String>) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        if out.len() > MOST {
            return None;
        }
        rest = &rest[at + 1..];
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if let Some(braced) = rest.strip_prefix('{') {
            let (inner, after) = braced.split_once('}')?;
            rest = after;
            let end = inner.find(|c: char| !is_name(c)).unwrap_or(inner.len());
            let (name, operator) = inner.split_at(end);
            let value = values.get(name).filter(|value| !value.is_empty());
            match (
                value,
                operator
                    .strip_prefix(":-")
                    .or_else(|| operator.strip_prefix('-')),
            ) {
                (Some(value), _) if operator.is_empty() || operator.starts_with([':', '-']) => {
                    out.push_str(operator.strip_prefix(":+").unwrap_or(value));
                }
                (None, Some(default)) if !default.contains('$') => out.push_str(default),
                (None, None) if operator.starts_with(":+") => {}
                _ => return None,
            }
        } else {
            let end = rest.find(|c: char| !is_name(c)).unwrap_or(rest.len());
            out.push_str(values.get(&rest[..end])?);
            rest = &rest[end..];
        }
    }
    out.push_str(rest);
    (out.len() <= MOST || rest.len() == text.len()).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables() {
        let values = BTreeMap::from([
            ("A".to_owned(), "x".to_owned()),
            ("E".to_owned(), String::new()),
        ]);
        for (text, expected) in [
            ("a$A:1", Some("ax:1")),
            ("${A}b", Some("xb")),
            ("${B:-y}", Some("y")),
            ("${B}", None),
            ("$B", None),
            ("${A:+-z}", Some("-z")),
            ("${B:+-z}", Some("")),
            ("${A:-q}", Some("x")),
            ("${E:-q}", Some("q")),
            ("${A", None),
            ("${A#x}", None),
        ] {
            assert_eq!(filled(text, &values).as_deref(), expected, "{text}");
        }
    }
}
