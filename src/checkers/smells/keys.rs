//! Owns keys that a literal has twice: the first value is lost.

use std::collections::HashMap;

use tree_sitter::Node;

use crate::source::language::Language;

use super::facts::{Kind, Sink};

/// Looks at a literal of keys and values.
pub fn look(language: Language, node: Node<'_>, sink: &mut Sink<'_>) {
    let bytes = sink.file.bytes();
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut cursor = node.walk();
    if node.has_error() || !cursor.goto_first_child() {
        return;
    }
    loop {
        let child = cursor.node();
        match child.kind() {
            "pair" | "array_element_initializer" => {
                let key = match language {
                    Language::Php if child.named_child_count() < 2 => None,
                    Language::Php => child.named_child(0),
                    _ => child.child_by_field_name("key"),
                };
                if let Some((key, text)) = key.and_then(|key| Some((key, constant(key, bytes)?))) {
                    let line = child.start_position().row + 1;
                    if let Some(first) = seen.insert(text, line) {
                        sink.add(
                            Kind::DuplicateKey,
                            key.byte_range(),
                            format!("line {first}"),
                        );
                    }
                }
            }
            "shorthand_property_identifier" => {
                let text = String::from_utf8_lossy(&bytes[child.byte_range()]).into_owned();
                let line = child.start_position().row + 1;
                if let Some(first) = seen.insert(text, line) {
                    sink.add(
                        Kind::DuplicateKey,
                        child.byte_range(),
                        format!("line {first}"),
                    );
                }
            }
            // What is spread may have any key: what follows may well be meant to come after it.
            "dictionary_splat"
            | "spread_element"
            | "hash_splat_argument"
            | "variadic_unpacking" => seen.clear(),
            _ => {}
        }
        if !cursor.goto_next_sibling() {
            return;
        }
    }
}

/// A key that is the same each time; `None` for one that is computed.
fn constant(key: Node<'_>, bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes.get(key.byte_range())?).ok()?;
    let kind = key.kind();
    match kind {
        "property_identifier" if text == "__proto__" => None,
        "property_identifier" => Some(text.to_owned()),
        "string" | "encapsed_string" => {
            let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
            let is_plain = !inner.contains(['\\', quote, '{', '#', '$']);
            // A symbol of Ruby is no text.
            is_plain.then(|| inner.to_owned())
        }
        "integer" | "number" => Some(format!("number {text}")),
        "hash_key_symbol" | "simple_symbol" => {
            Some(format!("symbol {}", text.trim_start_matches(':')))
        }
        "true" | "false" | "none" => Some(format!("word {text}")),
        "identifier" => Some(format!("name {text}")),
        _ => None,
    }
}
