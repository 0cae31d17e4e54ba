//! Owns the answer whether a `return` gives up: with nothing, or with an error, as languages without exceptions write it behind
//! each call.

use tree_sitter::Node;

use crate::source::language::Language;

/// Longer values are not looked into, in bytes.
const LONGEST: usize = 400;

/// Callees that take an error in JavaScript.
const TAKERS: [&str; 6] = ["next", "callback", "cb", "done", "reject", "fail"];

/// Values that are no result.
const NOTHING: [&str; 11] = [
    "",
    "0",
    "false",
    "False",
    "null",
    "nil",
    "None",
    "NULL",
    "nullptr",
    "undefined",
    "{}",
];

/// Does this `return` leave with nothing, or hand an error on?
#[must_use]
pub fn gives_up(language: Language, node: Node<'_>, bytes: &[u8]) -> bool {
    let text = |node: Node<'_>| {
        let range = node.byte_range();
        let short = range.start..range.end.min(range.start + LONGEST);
        String::from_utf8_lossy(bytes.get(short).unwrap_or_default()).into_owned()
    };
    let value = || {
        node.named_child(0)
            .filter(|value| !value.kind().ends_with("comment"))
    };
    let is_nothing = match language {
        Language::Bash => false,
        _ => value().is_none_or(|value| NOTHING.contains(&text(value).as_str())),
    };
    if is_nothing {
        return true;
    }
    match language {
        Language::Go => {
            let Some(values) = value() else { return false };
            let count = u32::try_from(values.named_child_count()).unwrap_or(u32::MAX);
            let last = values.named_child(count.saturating_sub(1)).map(text);
            last.is_some_and(|last| last.to_ascii_lowercase().contains("err"))
        }
        Language::Rust => value()
            .map(text)
            .is_some_and(|value| value.starts_with("Err(") || value.starts_with("Some(Err(")),
        Language::Bash => {
            let argument = node.child_by_field_name("argument").map(text);
            argument.is_none_or(|argument| argument != "0")
        }
        Language::C | Language::Cpp => value().map(text).is_some_and(|value| {
            value.starts_with('-')
                || ["ERR", "FAIL", "error", "Error"]
                    .iter()
                    .any(|word| value.contains(word))
        }),
        Language::JavaScript | Language::TypeScript | Language::Tsx => {
            let callee = value().and_then(|value| value.child_by_field_name("function"));
            let callee = callee.map(text).unwrap_or_default();
            TAKERS.contains(&callee.rsplit('.').next().unwrap_or_default())
        }
        _ => false,
    }
}
