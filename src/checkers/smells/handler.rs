//! Owns handlers of errors that do nothing, and do not say why.

use tree_sitter::Node;

use crate::source::file::SourceFile;
use crate::source::language::Language;

use super::facts::{Kind, Sink};
use super::table::is_comment;

/// Looks at a handler.
pub fn look(language: Language, node: Node<'_>, sink: &mut Sink<'_>) {
    if node.has_error() || another_is_thrown(node) {
        return;
    }
    let bytes = sink.file.bytes();
    let text = |node: Node<'_>| {
        let text = bytes.get(node.byte_range()).unwrap_or_default();
        String::from_utf8_lossy(text).into_owned()
    };
    let what = match language {
        Language::Python => python(node, sink.file, &text),
        Language::Ruby => ruby(node, &text),
        Language::Java | Language::Kotlin => java(node, &text),
        Language::CSharp => c_sharp(node, &text),
        Language::Php => typed(node, &text, "type", &["Exception", "Throwable", "Error"]),
        Language::C | Language::Cpp => cpp(node, &text),
        _ => is_empty(node).then(|| "every error".to_owned()),
    };
    if let Some(what) = what {
        let start = node.start_byte();
        sink.add(Kind::SwallowedError, start..node.end_byte(), what);
    }
}

/// Is an error thrown right behind: the one that matters, after an attempt to clean up?
fn another_is_thrown(node: Node<'_>) -> bool {
    let next = node
        .parent()
        .and_then(|attempt| attempt.next_named_sibling());
    next.is_some_and(|next| matches!(next.kind(), "throw_statement" | "raise_statement"))
}

/// Is the body of a handler empty, without so much as a comment?
fn is_empty(node: Node<'_>) -> bool {
    let body = node.child_by_field_name("body");
    body.is_some_and(|body| body.named_child_count() == 0) && !has_comment(node)
}

fn has_comment(node: Node<'_>) -> bool {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).any(is_comment)
}

fn child_of<'t>(node: Node<'t>, kind: &str) -> Option<Node<'t>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor)
        .find(|child| child.kind() == kind)
}

fn python(node: Node<'_>, file: &SourceFile, text: &dyn Fn(Node<'_>) -> String) -> Option<String> {
    let block = child_of(node, "block")?;
    let only = block
        .named_child(0)
        .filter(|_| block.named_child_count() == 1)?;
    let is_nothing = only.kind() == "pass_statement"
        || (only.kind() == "expression_statement" && text(only) == "...");
    if !is_nothing || has_comment(node) {
        return None;
    }
    // A comment may stand behind `except` or `pass`, or on a line before or behind: it then belongs to a node further up.
    let row = |at: usize| u32::try_from(at + 1).unwrap_or(u32::MAX);
    let (first, last) = (row(node.start_position().row), row(only.end_position().row));
    let is_said = |line: &[u8]| memchr::memchr(b'#', line).is_some();
    let begins = |line: &[u8]| line.trim_ascii_start().starts_with(b"#");
    let around = [first.saturating_sub(1), last + 1];
    if (first..=last).any(|at| is_said(file.line(at)))
        || around.into_iter().any(|at| begins(file.line(at)))
    {
        return None;
    }
    let caught = node.child_by_field_name("value").map(text);
    match caught.as_deref() {
        None => Some("every error".to_owned()),
        Some("Exception" | "BaseException") => caught,
        _ => None,
    }
}

fn ruby(node: Node<'_>, text: &dyn Fn(Node<'_>) -> String) -> Option<String> {
    let body = node.child_by_field_name("body");
    let is_nothing = body.is_none_or(|body| {
        body.named_child_count() == 0
            || (body.named_child_count() == 1
                && body.named_child(0).is_some_and(|only| only.kind() == "nil"))
    });
    if !is_nothing || has_comment(node) || body.is_some_and(has_comment) {
        return None;
    }
    let next = node.next_sibling();
    if next.is_some_and(is_comment) {
        return None;
    }
    let caught = node.child_by_field_name("exceptions").map(text);
    match caught.as_deref() {
        None => Some("StandardError".to_owned()),
        Some("StandardError" | "Exception") => caught,
        _ => None,
    }
}

fn java(node: Node<'_>, text: &dyn Fn(Node<'_>) -> String) -> Option<String> {
    let body = node
        .child_by_field_name("body")
        .or_else(|| child_of(node, "block"))?;
    if body.named_child_count() != 0 || has_comment(node) {
        return None;
    }
    let parameter = child_of(node, "catch_formal_parameter");
    let (name, caught) = if let Some(parameter) = parameter {
        let name = parameter.child_by_field_name("name").map(text);
        (name, child_of(parameter, "catch_type").map(text))
    } else {
        let mut cursor = node.walk();
        let mut parts = node.named_children(&mut cursor);
        let name = parts.find(|child| child.kind() == "identifier").map(text);
        (
            name,
            parts
                .next()
                .filter(|child| child.kind() != "block")
                .map(text),
        )
    };
    let name = name.unwrap_or_default();
    let is_said = name.starts_with("ignore")
        || name.starts_with("expected")
        || name.starts_with("unused")
        || name == "_";
    (!is_said).then(|| caught.unwrap_or_else(|| "every error".to_owned()))
}

fn c_sharp(node: Node<'_>, text: &dyn Fn(Node<'_>) -> String) -> Option<String> {
    if child_of(node, "catch_filter_clause").is_some() || !is_empty(node) {
        return None;
    }
    let Some(declaration) = child_of(node, "catch_declaration") else {
        return Some("every error".to_owned());
    };
    let caught = declaration.child_by_field_name("type").map(text)?;
    matches!(caught.as_str(), "Exception" | "System.Exception").then_some(caught)
}

fn cpp(node: Node<'_>, text: &dyn Fn(Node<'_>) -> String) -> Option<String> {
    let caught = node.child_by_field_name("parameters").map(text)?;
    let is_broad = caught == "(...)" || caught.contains("std::exception");
    (is_broad && is_empty(node)).then_some(caught)
}

fn typed(
    node: Node<'_>,
    text: &dyn Fn(Node<'_>) -> String,
    field: &str,
    broad: &[&str],
) -> Option<String> {
    let caught = node.child_by_field_name(field).map(text)?;
    let is_broad = broad.contains(&caught.trim_start_matches('\\'));
    (is_broad && is_empty(node)).then_some(caught)
}
