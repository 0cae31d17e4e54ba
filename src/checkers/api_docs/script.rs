//! Owns the public items of JavaScript and TypeScript: what a module exports, and the public methods of its classes; documented by
//! `/** */` right above.

use std::collections::{BTreeMap, BTreeSet};

use tree_sitter::Node;

use super::item::{Before, Kind, Sink, is_block_doc, is_comment};

/// Looks at a module.
pub fn look(root: Node<'_>, sink: &mut Sink<'_>) {
    let mut before = Before::default();
    // Declarations that some `export` may name, each with its documentation.
    let mut local: BTreeMap<&str, Vec<(Node<'_>, bool)>> = BTreeMap::new();
    let mut named: BTreeSet<&str> = BTreeSet::new();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut cursor = root.walk();
    for child in root.named_children(&mut cursor) {
        if is_comment(child) {
            before.comment(child, is_doc(sink.text(child)));
            continue;
        }
        if child.kind() == "decorator" {
            before.between(child);
            continue;
        }
        let is_documented = before.item(child, true);
        match child.kind() {
            "export_statement" => {
                if let Some(declared) = child.child_by_field_name("declaration") {
                    declaration(declared, is_documented, &mut seen, sink);
                } else if let Some(value) = child.child_by_field_name("value") {
                    if value.kind() == "identifier" {
                        named.insert(sink.text(value));
                    } else {
                        declaration(value, is_documented, &mut seen, sink);
                    }
                } else if child.child_by_field_name("source").is_none() {
                    clause(child, &mut named, sink);
                }
            }
            "expression_statement" => {
                common(child, is_documented, &mut named, sink);
            }
            _ => {
                for name in names(child, sink) {
                    local.entry(name).or_default().push((child, is_documented));
                }
            }
        }
    }
    for name in named {
        for (node, is_documented) in local.get(name).into_iter().flatten() {
            // Of `const a = 1, b = 2` each is told by itself.
            if !seen.contains(name) {
                declaration(*node, *is_documented, &mut seen, sink);
            }
        }
    }
}

/// The local names of `export { a, b as c }`.
fn clause<'f>(node: Node<'_>, named: &mut BTreeSet<&'f str>, sink: &Sink<'f>) {
    let mut cursor = node.walk();
    for clause in node.named_children(&mut cursor) {
        let mut inner = clause.walk();
        for specifier in clause.named_children(&mut inner) {
            named.extend(sink.name(specifier));
        }
    }
}

/// `exports.a = ...`, `module.exports = a`, `module.exports = { a, b: c }`.
fn common<'f>(
    node: Node<'_>,
    is_documented: bool,
    named: &mut BTreeSet<&'f str>,
    sink: &mut Sink<'f>,
) {
    let Some(assignment) = node
        .named_child(0)
        .filter(|inner| inner.kind() == "assignment_expression")
    else {
        return;
    };
    let (Some(left), Some(mut right)) = (
        assignment.child_by_field_name("left"),
        assignment.child_by_field_name("right"),
    ) else {
        return;
    };
    // `exports = module.exports = a` takes the last value.
    while right.kind() == "assignment_expression" {
        let Some(next) = right.child_by_field_name("right") else {
            return;
        };
        right = next;
    }
    let target = sink.text(left);
    let own = target
        .strip_prefix("module.exports.")
        .or_else(|| target.strip_prefix("exports."));
    if target == "module.exports" || target == "exports" {
        match right.kind() {
            "identifier" => {
                named.insert(sink.text(right));
            }
            "object" => {
                let mut cursor = right.walk();
                for member in right.named_children(&mut cursor) {
                    let value = match member.kind() {
                        "shorthand_property_identifier" => Some(member),
                        _ => member
                            .child_by_field_name("value")
                            .filter(|value| value.kind() == "identifier"),
                    };
                    named.extend(value.map(|value| sink.text(value)));
                }
            }
            _ => {}
        }
    } else if let Some(name) = own.filter(|name| !name.contains('.') && !name.starts_with('_')) {
        let kind = match right.kind() {
            "function_expression" | "arrow_function" | "generator_function" => Kind::Function,
            "class" => Kind::Type,
            // What is defined elsewhere is told there.
            "identifier" => {
                named.insert(sink.text(right));
                return;
            }
            "call_expression" | "member_expression" => return,
            _ => Kind::Value,
        };
        sink.item(kind, name.to_owned(), left, is_documented);
    }
}

fn names<'f>(node: Node<'_>, sink: &Sink<'f>) -> Vec<&'f str> {
    if matches!(node.kind(), "lexical_declaration" | "variable_declaration") {
        let mut cursor = node.walk();
        let declarators = node.named_children(&mut cursor);
        return declarators
            .filter_map(|declarator| sink.name(declarator))
            .collect();
    }
    sink.name(node).into_iter().collect()
}

fn declaration<'f>(
    node: Node<'_>,
    is_documented: bool,
    seen: &mut BTreeSet<&'f str>,
    sink: &mut Sink<'f>,
) {
    let kind = match node.kind() {
        "function_declaration"
        | "generator_function_declaration"
        | "function_signature"
        | "function_expression"
        | "arrow_function" => Kind::Function,
        "class_declaration"
        | "abstract_class_declaration"
        | "class"
        | "interface_declaration"
        | "type_alias_declaration"
        | "enum_declaration" => Kind::Type,
        "lexical_declaration" | "variable_declaration" => {
            let mut cursor = node.walk();
            for declarator in node.named_children(&mut cursor) {
                let Some(named) = declarator.child_by_field_name("name") else {
                    continue;
                };
                let value = declarator.child_by_field_name("value");
                if value.is_some_and(|value| is_required(value, sink)) {
                    continue;
                }
                let kind = match value.map(|value| value.kind()) {
                    Some("arrow_function" | "function_expression") => Kind::Function,
                    _ => Kind::Value,
                };
                let name = sink.text(named);
                if named.kind() == "identifier" && !name.starts_with('_') && seen.insert(name) {
                    sink.item(kind, name.to_owned(), named, is_documented);
                }
            }
            return;
        }
        _ => return,
    };
    let named = node.child_by_field_name("name").unwrap_or(node);
    let name = sink.name(node).unwrap_or("default");
    if name.starts_with('_') {
        return;
    }
    // Overloads share the documentation of the first one.
    if seen.insert(name) {
        sink.item(kind, name.to_owned(), named, is_documented);
    }
    if let Some(body) = node
        .child_by_field_name("body")
        .filter(|body| body.kind() == "class_body")
    {
        members(name, body, sink);
    }
}

/// Is it a comment on what follows, and not on the file?
fn is_doc(text: &str) -> bool {
    let is_of_file = [
        "@file",
        "@license",
        "@module",
        "@packageDocumentation",
        "Copyright",
        "eslint-",
    ];
    is_block_doc(text) && !is_of_file.iter().any(|word| text.contains(word))
}

/// Does it come from another module?
fn is_required(value: Node<'_>, sink: &Sink<'_>) -> bool {
    let text = sink.text(value);
    value.kind() != "arrow_function" && (text.starts_with("require(") || text.contains(" require("))
}

fn members(class: &str, body: Node<'_>, sink: &mut Sink<'_>) {
    let mut before = Before::default();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut cursor = body.walk();
    for child in body.named_children(&mut cursor) {
        match child.kind() {
            "comment" => before.comment(child, is_doc(sink.text(child))),
            "decorator" => before.between(child),
            "method_definition" | "method_signature" | "abstract_method_signature" => {
                let is_documented = before.item(child, true);
                let Some(named) = child.child_by_field_name("name") else {
                    continue;
                };
                let name = sink.text(named);
                let head = &sink.file.bytes()[child.start_byte()..named.start_byte()];
                let head = String::from_utf8_lossy(head);
                let is_set = |word: &str| head.split_ascii_whitespace().any(|other| other == word);
                let is_hidden = is_set("private") || is_set("override") || is_set("set");
                let is_own = name.starts_with(['_', '#', '[']) || name == "constructor";
                if !is_hidden && !is_own && seen.insert(name) {
                    sink.item(
                        Kind::Method,
                        format!("{class}.{name}"),
                        named,
                        is_documented,
                    );
                }
            }
            _ => {
                before.item(child, false);
            }
        }
    }
}
