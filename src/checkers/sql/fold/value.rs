//! Owns the values that a block computes with: what they are, how they compare, and how they are printed. What is not known is a
//! value of its own, so that nothing is guessed.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::super::parse::words::quote;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nobody knows.
    Unknown,
    /// Not known, but no name that statements here could mean.
    Foreign,
    /// `NULL`.
    Null,
    /// A truth.
    Bool(bool),
    /// A whole number.
    Number(i64),
    /// A text.
    Text(String),
    /// An array.
    List(Vec<Value>),
    /// A row: names and values.
    Record(Vec<(String, Value)>),
    /// An object of the catalog: what identifies it, and how it is printed.
    Object(String, String),
}

/// Variables with their values; one that is not there is not known.
pub type Values = BTreeMap<String, Value>;

impl Value {
    /// A text.
    pub fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// A truth, where it is known.
    pub fn truth(known: Option<bool>) -> Self {
        known.map_or(Self::Unknown, Self::Bool)
    }

    /// Is nothing known of it?
    pub const fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown | Self::Foreign)
    }

    /// The one value of a row that has no other.
    pub fn single(self) -> Self {
        match self {
            Self::Record(mut all) if all.len() == 1 => all.remove(0).1,
            other => other,
        }
    }

    /// As the server prints it; `None` where that is not known, or `NULL`.
    pub fn printed(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Number(number) => Some(number.to_string()),
            Self::Bool(value) => Some(if *value { "t" } else { "f" }.to_owned()),
            Self::Object(_, shown) => Some(shown.clone()),
            _ => None,
        }
    }
}

/// Are two values the same? `None`: nobody knows, or one of them is `NULL`.
pub fn same(left: &Value, right: &Value) -> Option<bool> {
    match (left, right) {
        (Value::Foreign, Value::Text(_) | Value::Object(..))
        | (Value::Text(_) | Value::Object(..), Value::Foreign) => Some(false),
        (Value::Object(a, _), Value::Object(b, _)) => Some(a == b),
        (Value::Object(_, shown), Value::Text(text))
        | (Value::Text(text), Value::Object(_, shown)) => Some(shown == text),
        (Value::Bool(truth), Value::Text(text)) | (Value::Text(text), Value::Bool(truth)) => {
            Some(parsed(text)? == *truth)
        }
        (Value::List(a), Value::List(b)) => {
            if a.len() != b.len() {
                return Some(false);
            }
            let mut all = Some(true);
            for (a, b) in a.iter().zip(b) {
                match same(a, b) {
                    Some(false) => return Some(false),
                    Some(true) => {}
                    None => all = None,
                }
            }
            all
        }
        _ => Some(order(left, right)? == Ordering::Equal),
    }
}

/// Which of two values comes first, where that hangs on no collation.
pub fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Number(a), Value::Number(b)) => Some(a.cmp(b)),
        (Value::Number(a), Value::Text(b)) => Some(a.cmp(&b.trim().parse().ok()?)),
        (Value::Text(a), Value::Number(b)) => Some(a.trim().parse::<i64>().ok()?.cmp(b)),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

/// The truth that a text stands for.
pub fn parsed(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "t" | "true" | "yes" | "on" | "1" => Some(true),
        "f" | "false" | "no" | "off" | "0" => Some(false),
        _ => None,
    }
}

/// The elements of an array as it is written: `{a,"b c"}`.
pub fn elements(text: &str) -> Option<Vec<Value>> {
    let inner = text.trim().strip_prefix('{')?.strip_suffix('}')?;
    if inner.trim().is_empty() {
        return Some(Vec::new());
    }
    if inner.contains(['{', '\\']) {
        return None;
    }
    let mut all = Vec::new();
    let mut rest = inner;
    loop {
        rest = rest.trim_start();
        let (element, behind) = if let Some(quoted) = rest.strip_prefix('"') {
            let end = quoted.find('"')?;
            (Value::text(&quoted[..end]), quoted[end + 1..].trim_start())
        } else {
            let end = rest.find(',').unwrap_or(rest.len());
            let word = rest[..end].trim();
            let null = word.eq_ignore_ascii_case("null");
            (
                if null { Value::Null } else { Value::text(word) },
                &rest[end..],
            )
        };
        all.push(element);
        match behind.strip_prefix(',') {
            Some(more) => rest = more,
            None if behind.is_empty() => return Some(all),
            None => return None,
        }
    }
}

/// `LIKE`: `%` stands for any text, `_` for one character.
pub fn like(text: &str, pattern: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut wanted = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        wanted.push(match c {
            '\\' => chars.next(),
            '%' => Some('\u{0}'),
            '_' => None,
            c => Some(c),
        });
    }
    // The places that can be reached in the text, one step of the pattern after the other.
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    for step in wanted {
        let mut next = vec![false; text.len() + 1];
        let mut any = false;
        for at in 0..=text.len() {
            match step {
                Some('\u{0}') => {
                    any |= reached[at];
                    next[at] = any;
                }
                _ if at > 0 && reached[at - 1] => {
                    next[at] = step.is_none() || step == Some(text[at - 1]);
                }
                _ => {}
            }
        }
        reached = next;
    }
    reached[text.len()]
}

/// `format('%I %L %s %1$I', ...)`; `None` where it fails or is not known.
pub fn format(pattern: &str, args: &[Value]) -> Option<String> {
    let mut text = String::new();
    let mut next = 0;
    let mut rest = pattern;
    while let Some(at) = rest.find('%') {
        text.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(behind) = rest.strip_prefix('%') {
            text.push('%');
            rest = behind;
            continue;
        }
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let mut which = next;
        if digits > 0 && rest[digits..].starts_with('$') {
            which = rest[..digits].parse::<usize>().ok()?.checked_sub(1)?;
            rest = &rest[digits + 1..];
        }
        next = which + 1;
        let value = args.get(which)?;
        let printed = value.printed();
        match (rest.bytes().next()?, printed) {
            (b'I', Some(printed)) => text.push_str(&quote(&printed)),
            (b'L', Some(printed)) => text.push_str(&literal(&printed)),
            (b'L', None) if *value == Value::Null => text.push_str("NULL"),
            (b's', Some(printed)) => text.push_str(&printed),
            (b's', None) if *value == Value::Null => {}
            _ => return None,
        }
        rest = &rest[1..];
    }
    text.push_str(rest);
    Some(text)
}

/// A text as a literal.
pub fn literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    if quoted.contains('\\') {
        format!("E'{}'", quoted.replace('\\', "\\\\"))
    } else {
        format!("'{quoted}'")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_printed_and_compared() {
        for (text, pattern, expected) in [
            ("abc", "a%", true),
            ("abc", "%b%", true),
            ("abc", "a_c", true),
            ("abc", "_", false),
            ("", "%", true),
            ("a_c", "a\\_c", true),
            ("abc", "a\\_c", false),
        ] {
            assert_eq!(like(text, pattern), expected, "{text} {pattern}");
        }
        let args = [Value::text("My Table"), Value::Null];
        assert_eq!(
            format("drop policy %I %2$L %% %1$s", &args).as_deref(),
            Some("drop policy \"My Table\" NULL % My Table")
        );
        assert_eq!(format("%I", &[Value::Null]), None);
        assert_eq!(format("%s", &[Value::Unknown]), None);
        let list = elements("{a, \"b c\",NULL}");
        assert_eq!(
            list,
            Some(vec![Value::text("a"), Value::text("b c"), Value::Null])
        );
        assert_eq!(same(&Value::Null, &Value::text("a")), None);
        assert_eq!(same(&Value::Foreign, &Value::text("a")), Some(false));
    }
}
