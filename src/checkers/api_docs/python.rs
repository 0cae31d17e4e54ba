//! Owns the public items of Python: names without an underscore, or those of `__all__`; documented by a docstring.

use std::collections::BTreeSet;

use tree_sitter::Node;

use super::item::{Kind, Sink, is_comment};

/// Statements whose blocks are a part of the module or class.
const AROUND: [&str; 14] = [
    "block",
    "case_clause",
    "elif_clause",
    "else_clause",
    "except_clause",
    "except_group_clause",
    "finally_clause",
    "for_statement",
    "if_statement",
    "match_statement",
    "try_statement",
    "while_statement",
    "with_statement",
    "module",
];

/// Looks at a module.
pub fn look(root: Node<'_>, sink: &mut Sink<'_>) {
    let mut cursor = root.walk();
    if root.named_children(&mut cursor).all(is_comment) {
        return;
    }
    sink.facts.module = Some(has_docstring(root, sink));
    let all = exported(root, sink);
    let mut open: Vec<(Node<'_>, String)> = vec![(root, String::new())];
    while let Some((node, prefix)) = open.pop() {
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            let kind = child.kind();
            if AROUND.contains(&kind) {
                open.push((child, prefix.clone()));
                continue;
            }
            let inner = if kind == "decorated_definition" {
                child.child_by_field_name("definition")
            } else {
                Some(child)
            };
            let Some(definition) = inner
                .filter(|inner| matches!(inner.kind(), "function_definition" | "class_definition"))
            else {
                continue;
            };
            let Some(name) = sink.name(definition) else {
                continue;
            };
            let is_listed = |all: &BTreeSet<&str>| !prefix.is_empty() || all.contains(name);
            if !all.as_ref().map_or(!name.starts_with('_'), is_listed)
                || name.starts_with('_')
                || is_exempt(child, definition, sink)
            {
                continue;
            }
            let body = definition.child_by_field_name("body");
            let is_documented = body.is_some_and(|body| has_docstring(body, sink));
            let qualified = format!("{prefix}{name}");
            let named = definition.child_by_field_name("name").unwrap_or(definition);
            if definition.kind() == "class_definition" {
                if let Some(body) = body {
                    open.push((body, format!("{qualified}.")));
                }
                sink.item(Kind::Type, qualified, named, is_documented);
            } else {
                let kind = if prefix.is_empty() {
                    Kind::Function
                } else {
                    Kind::Method
                };
                sink.item(kind, qualified, named, is_documented);
            }
        }
    }
}

/// The names of `__all__`, where it is a list of texts and nothing is added to it.
fn exported<'f>(root: Node<'_>, sink: &Sink<'f>) -> Option<BTreeSet<&'f str>> {
    let mut found = None;
    let mut cursor = root.walk();
    for statement in root.named_children(&mut cursor) {
        let Some(inner) = statement.named_child(0) else {
            continue;
        };
        let left = inner
            .child_by_field_name("left")
            .map(|left| sink.text(left));
        if left != Some("__all__") {
            continue;
        }
        let list = inner.child_by_field_name("right")?;
        if inner.kind() != "assignment"
            || !matches!(list.kind(), "list" | "tuple")
            || found.is_some()
        {
            return None;
        }
        let mut names = BTreeSet::new();
        let mut cursor = list.walk();
        for element in list.named_children(&mut cursor) {
            match element.kind() {
                "comment" => {}
                "string" => {
                    names.insert(sink.text(element).trim_matches(['"', '\'']));
                }
                _ => return None,
            }
        }
        found = Some(names);
    }
    found
}

/// Does the block begin with a text that says something?
fn has_docstring(block: Node<'_>, sink: &Sink<'_>) -> bool {
    let mut cursor = block.walk();
    let first = block
        .named_children(&mut cursor)
        .find(|child| !is_comment(*child));
    let text = first
        .filter(|first| first.kind() == "expression_statement" && first.named_child_count() == 1)
        .and_then(|first| first.named_child(0))
        .filter(|only| matches!(only.kind(), "string" | "concatenated_string"));
    text.is_some_and(|text| sink.text(text).chars().any(char::is_alphanumeric))
}

/// Is it documented elsewhere: an overload, the setter of a property, an override, a getter that only returns?
fn is_exempt(around: Node<'_>, definition: Node<'_>, sink: &Sink<'_>) -> bool {
    let mut cursor = around.walk();
    let decorators = around
        .named_children(&mut cursor)
        .filter(|child| child.kind() == "decorator");
    let names: Vec<&str> = decorators
        .map(|decorator| sink.text(decorator).trim_start_matches('@').trim())
        .collect();
    let has = |name: &str| {
        names
            .iter()
            .any(|decorator| decorator.rsplit('.').next() == Some(name))
    };
    if ["overload", "override", "setter", "deleter"]
        .into_iter()
        .any(has)
    {
        return true;
    }
    !sink.options.accessors && has("property") && only_returns(definition)
}

fn only_returns(definition: Node<'_>) -> bool {
    let body = definition.child_by_field_name("body");
    body.is_some_and(|body| {
        body.named_child_count() == 1
            && body.named_child(0).is_some_and(|only| {
                only.kind() == "return_statement"
                    && only
                        .named_child(0)
                        .is_some_and(|value| matches!(value.kind(), "attribute" | "identifier"))
            })
    })
}
