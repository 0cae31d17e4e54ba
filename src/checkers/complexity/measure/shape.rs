//! Owns what the kind of a node does not tell: whether a case is the default, an `else` goes on with an `if`, a jump has a
//! label.

use std::ops::Range;

use tree_sitter::Node;

use crate::source::language::Language;

use super::class::{Class, Table};

/// Is it a case other than the default?
#[must_use]
pub fn is_decision(language: Language, node: Node<'_>, bytes: &[u8]) -> bool {
    let is_text = |node: Option<Node<'_>>, text: &[u8]| {
        node.and_then(|node| bytes.get(node.byte_range())) == Some(text)
    };
    let starts_with_case = || node.child(0).is_some_and(|token| token.kind() == "case");
    let has = |kind: &str| {
        let mut cursor = node.walk();
        node.children(&mut cursor).any(|child| child.kind() == kind)
    };
    match (language, node.kind()) {
        (Language::Python, _) => {
            let pattern = node.named_child(0);
            let only = node.named_child(1).map(|next| next.kind()) != Some("case_pattern");
            let is_guarded = node.child_by_field_name("guard").is_some();
            is_guarded || !only || !is_text(pattern, b"_")
        }
        (Language::Rust, _) => !is_text(node.child_by_field_name("pattern"), b"_"),
        (Language::Java, _) => {
            let mut cursor = node.walk();
            let default = node
                .children(&mut cursor)
                .any(|child| is_text(Some(child), b"default"));
            starts_with_case() && !default
        }
        (Language::C | Language::Cpp, _) | (Language::CSharp, "switch_section") => {
            starts_with_case()
        }
        (Language::CSharp, _) => !has("discard") || has("when_clause"),
        (Language::Kotlin, _) => node.child_by_field_name("condition").is_some(),
        (Language::Ruby, "in_clause") => {
            node.child_by_field_name("guard").is_some()
                || !is_text(node.child_by_field_name("pattern"), b"_")
        }
        (Language::Bash, _) => {
            let mut cursor = node.walk();
            let mut values = node.children_by_field_name("value", &mut cursor);
            !values.any(|value| is_text(Some(value), b"*"))
        }
        _ => true,
    }
}

/// Is the `else` there only for the `if` in it?
#[must_use]
pub fn is_only_an_if(table: &Table, node: Node<'_>) -> bool {
    if !matches!(
        table.language,
        Language::JavaScript
            | Language::TypeScript
            | Language::Tsx
            | Language::Rust
            | Language::C
            | Language::Cpp
            | Language::Php
    ) {
        return false;
    }
    let mut cursor = node.walk();
    let mut children = node
        .named_children(&mut cursor)
        .map(|child| table.class(child.kind_id()))
        .filter(|class| *class != Class::Comment);
    children.next() == Some(Class::If) && children.next().is_none()
}

/// Where the docstring stands that the statements begin with.
#[must_use]
pub fn docstring(node: Node<'_>) -> Option<Range<usize>> {
    let mut cursor = node.walk();
    let mut statements = node.named_children(&mut cursor);
    let first = statements.find(|child| child.kind() != "comment")?;
    let only = (first.named_child_count() == 1).then(|| first.named_child(0))??;
    let is_docstring = first.kind() == "expression_statement" && only.kind() == "string";
    is_docstring.then(|| first.byte_range())
}

/// Do the statements of a body only define a function and return it, behind a docstring or not?
#[must_use]
pub fn is_decorator(node: Node<'_>) -> bool {
    let mut cursor = node.walk();
    let statements = node
        .named_children(&mut cursor)
        .filter(|child| child.kind() != "comment");
    let mut statements = statements.skip(usize::from(docstring(node).is_some()));
    let defines = statements.next().is_some_and(|statement| {
        matches!(
            statement.kind(),
            "function_definition" | "decorated_definition"
        )
    });
    let returns = statements.next().is_some_and(|statement| {
        let value = statement.named_child(0).map(|value| value.kind());
        statement.kind() == "return_statement" && value == Some("identifier")
    });
    defines && returns && statements.next().is_none()
}

/// Does a jump name where it goes?
#[must_use]
pub fn has_label(language: Language, node: Node<'_>, bytes: &[u8]) -> bool {
    if node.kind() == "goto_statement" {
        return true;
    }
    let mut cursor = node.walk();
    match language {
        Language::Kotlin => node.child(0).is_some_and(|label| {
            let text = bytes.get(label.byte_range()).unwrap_or_default();
            text.starts_with(b"break@") || text.starts_with(b"continue@")
        }),
        Language::Rust => node
            .named_children(&mut cursor)
            .any(|child| child.kind() == "label"),
        _ => node
            .named_children(&mut cursor)
            .any(|child| !child.kind().ends_with("comment")),
    }
}
