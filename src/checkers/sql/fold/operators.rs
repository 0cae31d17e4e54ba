//! Owns what operators and functions of texts make of values.

use super::super::parse::expr::Test;
use super::super::parse::words::quote;
use super::value::{self, Value};

/// Functions of texts.
pub(super) fn texts(name: &str, args: &[Value]) -> Value {
    let printed: Option<Vec<String>> = args.iter().map(Value::printed).collect();
    let Some(printed) = printed else {
        return Value::Unknown;
    };
    let printed: Vec<&str> = printed.iter().map(String::as_str).collect();
    match (name, printed.as_slice()) {
        ("quote_ident", [text]) => Value::Text(quote(text)),
        ("quote_literal" | "quote_nullable", [text]) => Value::Text(value::literal(text)),
        ("lower", [text]) if text.is_ascii() => Value::Text(text.to_ascii_lowercase()),
        ("upper", [text]) if text.is_ascii() => Value::Text(text.to_ascii_uppercase()),
        ("replace", [text, from, to]) if !from.is_empty() => Value::Text(text.replace(from, to)),
        ("btrim" | "trim", [text]) => Value::text(text.trim_matches(' ')),
        ("length", [text]) => {
            i64::try_from(text.chars().count()).map_or(Value::Unknown, Value::Number)
        }
        ("text" | "name", [text]) => Value::text(text),
        ("left", [text, count]) => match count.parse::<usize>() {
            Ok(count) => Value::Text(text.chars().take(count).collect()),
            Err(_) => Value::Unknown,
        },
        _ => Value::Unknown,
    }
}

pub(super) fn negated(value: Value, not: bool) -> Value {
    match value {
        Value::Bool(value) => Value::Bool(value != not),
        other => other,
    }
}

/// Does the operator hold for any of the items?
pub(super) fn any(left: &Value, items: &[Value], op: &str) -> Value {
    let (mut unknown, mut null) = (false, false);
    for item in items {
        match binary(op, left.clone(), item.clone()) {
            Value::Bool(true) => return Value::Bool(true),
            Value::Bool(false) => {}
            Value::Null => null = true,
            _ => unknown = true,
        }
    }
    match (unknown, null) {
        (true, _) => Value::Unknown,
        (_, true) => Value::Null,
        _ => Value::Bool(false),
    }
}

pub(super) fn is(value: &Value, test: Test, not: bool) -> Value {
    let holds = match (test, value) {
        (_, Value::Unknown) | (Test::Null, Value::Record(_)) | (Test::Other, _) => None,
        (Test::Null | Test::Unknown, value) => Some(*value == Value::Null),
        (Test::True, value) => Some(*value == Value::Bool(true)),
        (Test::False, value) => Some(*value == Value::Bool(false)),
    };
    Value::truth(holds.map(|holds| holds != not))
}

/// What an operator makes of two values.
pub(super) fn binary(op: &str, left: Value, right: Value) -> Value {
    if left == Value::Null || right == Value::Null {
        // An array takes what is no array at its end.
        return if op == "||" && (matches!(left, Value::List(_)) || matches!(right, Value::List(_)))
        {
            Value::Unknown
        } else {
            Value::Null
        };
    }
    match op {
        "=" => Value::truth(value::same(&left, &right)),
        "<>" => Value::truth(value::same(&left, &right).map(|same| !same)),
        "<" | ">" | "<=" | ">=" => {
            let order = match (&left, &right) {
                // The order of texts hangs on the collation.
                (Value::Text(_), Value::Text(_)) => None,
                _ => value::order(&left, &right),
            };
            Value::truth(order.map(|order| match op {
                "<" => order.is_lt(),
                ">" => order.is_gt(),
                "<=" => order.is_le(),
                _ => order.is_ge(),
            }))
        }
        "||" => match (left, right) {
            (Value::List(a), Value::List(b)) => Value::List([a, b].concat()),
            (Value::List(mut all), one) if !one.is_unknown() => {
                all.push(one);
                Value::List(all)
            }
            (left, right) => match (left.printed(), right.printed()) {
                (Some(left), Some(right)) => Value::Text(left + &right),
                _ => Value::Unknown,
            },
        },
        "+" | "-" | "*" => match (left, right) {
            (Value::Number(a), Value::Number(b)) => match op {
                "+" => a.checked_add(b),
                "-" => a.checked_sub(b),
                _ => a.checked_mul(b),
            }
            .map_or(Value::Unknown, Value::Number),
            _ => Value::Unknown,
        },
        "~~" | "!~~" | "~~*" | "!~~*" => {
            let (Some(text), Some(pattern)) = (left.printed(), right.printed()) else {
                return Value::Unknown;
            };
            let holds = if op.ends_with("~~*") {
                value::like(&text.to_lowercase(), &pattern.to_lowercase())
            } else {
                value::like(&text, &pattern)
            };
            Value::Bool(holds != op.starts_with('!'))
        }
        "~" | "!~" | "~*" | "!~*" => {
            let (Some(text), Some(pattern)) = (left.printed(), right.printed()) else {
                return Value::Unknown;
            };
            let holds = matches_plainly(&text, &pattern, op.ends_with('*'));
            Value::truth(holds.map(|holds| holds != op.starts_with('!')))
        }
        _ => Value::Unknown,
    }
}

/// Does a pattern of letters, anchors and alternatives match? Other patterns are not told.
fn matches_plainly(text: &str, pattern: &str, folded: bool) -> Option<bool> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_ ^$|()-".contains(c);
    if !pattern.chars().all(plain) {
        return None;
    }
    let mut builder = regex::RegexBuilder::new(pattern);
    let found = builder.case_insensitive(folded).build().ok()?;
    Some(found.is_match(text))
}
