//! Owns the public items of Java, C#, Kotlin and PHP: what their modifiers make public; documented by `/** */` (in C# also `///`) above.

use tree_sitter::Node;

use crate::source::language::Language;

use super::item::{Before, Kind, Sink, is_block_doc, is_comment};

/// What is around declarations and is no item itself.
const AROUND: [&str; 9] = [
    "class_body",
    "compilation_unit",
    "declaration_list",
    "enum_body",
    "enum_body_declarations",
    "enum_class_body",
    "interface_body",
    "namespace_declaration",
    "namespace_definition",
];

/// A part of the tree whose declarations are looked at.
struct Open<'t> {
    node: Node<'t>,
    prefix: String,
    /// Are members public that do not say otherwise?
    is_interface: bool,
}

/// Looks at a file.
pub fn look(language: Language, root: Node<'_>, sink: &mut Sink<'_>) {
    if language == Language::Java {
        let is_package = package(root, sink);
        sink.facts.module = Some(is_package);
    }
    let mut open = vec![Open {
        node: root,
        prefix: String::new(),
        is_interface: false,
    }];
    while let Some(Open {
        node,
        prefix,
        is_interface,
    }) = open.pop()
    {
        let mut before = Before::default();
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            let kind = child.kind();
            if is_comment(child) {
                before.comment(child, is_doc(language, sink.text(child)));
                continue;
            }
            if kind.contains("attribute")
                || kind.contains("annotation") && kind != "annotation_type_declaration"
            {
                before.between(child);
                continue;
            }
            let is_documented = before.item(child, true);
            if AROUND.contains(&kind) || kind == "compound_statement" {
                let prefix = prefix.clone();
                open.push(Open {
                    node: child,
                    prefix,
                    is_interface,
                });
                continue;
            }
            let Some(what) = what(kind, prefix.is_empty()) else {
                continue;
            };
            let modifiers = modifiers(language, child, sink);
            if !is_public(language, &modifiers, is_interface) {
                continue;
            }
            let names = names(language, child);
            let is_override = modifiers
                .iter()
                .any(|word| matches!(*word, "@Override" | "override"));
            let is_told = is_override
                || (!sink.options.accessors && is_accessor(child, sink))
                || is_said_elsewhere(child);
            for named in &names {
                if !is_told {
                    let name = format!("{prefix}{}", sink.text(*named));
                    sink.item(what, name, *named, is_documented);
                }
            }
            let body = body_of(child);
            if let (Kind::Type, Some(body), Some(named)) = (what, body, names.first()) {
                open.push(Open {
                    node: body,
                    prefix: format!("{prefix}{}.", sink.text(*named)),
                    is_interface: kind.starts_with("interface")
                        || kind.starts_with("annotation_type")
                        || is_kotlins_interface(child, sink),
                });
            }
        }
    }
}

/// Is it the file that documents a package of Java, and does it? Sets the package's name.
fn package(root: Node<'_>, sink: &mut Sink<'_>) -> bool {
    let mut before = Before::default();
    let mut cursor = root.walk();
    let mut is_documented = false;
    for child in root.named_children(&mut cursor) {
        if is_comment(child) {
            before.comment(child, is_block_doc(sink.text(child)));
        } else if child.kind() == "package_declaration" {
            is_documented = before.item(child, true);
            sink.facts.package = child
                .named_child(
                    child
                        .named_child_count()
                        .saturating_sub(1)
                        .try_into()
                        .unwrap_or(0),
                )
                .map(|name| sink.text(name).to_owned())
                .unwrap_or_default();
        } else if child.kind().ends_with("_declaration") && child.kind() != "import_declaration" {
            // A comment of a licence above a package is no documentation of it: only a file without types has one.
            return false;
        }
    }
    is_documented
}

fn is_doc(language: Language, text: &str) -> bool {
    let is_slashes = language == Language::CSharp && text.starts_with("///") && text.len() > 4;
    is_slashes || is_block_doc(text)
}

fn what(kind: &str, is_outermost: bool) -> Option<Kind> {
    Some(match kind {
        "class_declaration"
        | "interface_declaration"
        | "enum_declaration"
        | "record_declaration"
        | "struct_declaration"
        | "annotation_type_declaration"
        | "object_declaration"
        | "trait_declaration"
        | "delegate_declaration" => Kind::Type,
        "function_definition" | "function_declaration" if is_outermost => Kind::Function,
        "method_declaration"
        | "function_declaration"
        | "constructor_declaration"
        | "operator_declaration" => Kind::Method,
        "field_declaration"
        | "property_declaration"
        | "constant_declaration"
        | "const_declaration"
        | "event_declaration"
        | "event_field_declaration"
        | "indexer_declaration" => {
            if is_outermost {
                Kind::Value
            } else {
                Kind::Member
            }
        }
        _ => return None,
    })
}

/// The words before a declaration that say who may use it.
fn modifiers<'f>(language: Language, node: Node<'_>, sink: &Sink<'f>) -> Vec<&'f str> {
    let mut cursor = node.walk();
    let mut words = Vec::new();
    for child in node.named_children(&mut cursor) {
        match child.kind() {
            "modifiers" => words.extend(sink.text(child).split_ascii_whitespace()),
            "modifier" | "visibility_modifier" => words.push(sink.text(child)),
            "attribute_list"
                if language == Language::Php && sink.text(child).contains("Override") =>
            {
                words.push("override");
            }
            "explicit_interface_specifier" => words.push("private"),
            _ => {}
        }
    }
    words
}

fn is_public(language: Language, modifiers: &[&str], is_interface: bool) -> bool {
    let has = |word| modifiers.contains(&word);
    let is_open = has("public") || has("protected");
    match language {
        Language::Java | Language::CSharp => {
            (is_open || is_interface) && !has("private") && !has("internal")
        }
        _ => !has("private") && !has("internal"),
    }
}

/// The nodes with the names that a declaration gives.
fn names(language: Language, node: Node<'_>) -> Vec<Node<'_>> {
    if let Some(name) = node.child_by_field_name("name") {
        return vec![name];
    }
    let mut found = Vec::new();
    let mut cursor = node.walk();
    for child in node.named_children(&mut cursor) {
        let inner = match child.kind() {
            "variable_declarator" | "const_element" | "property_element" => child
                .child_by_field_name("name")
                .or_else(|| child.named_child(0)),
            // In C# the declarators lie one deeper, in Kotlin the name does.
            "variable_declaration" if language == Language::CSharp => {
                let mut inner = child.walk();
                let declarators = child.named_children(&mut inner);
                let names = declarators.filter(|child| child.kind() == "variable_declarator");
                found.extend(names.filter_map(|child| {
                    child
                        .child_by_field_name("name")
                        .or_else(|| child.named_child(0))
                }));
                None
            }
            "variable_declaration" => child.named_child(0),
            _ => None,
        };
        found.extend(inner);
    }
    found
}

fn body_of(node: Node<'_>) -> Option<Node<'_>> {
    let field = node.child_by_field_name("body");
    field.or_else(|| {
        let mut cursor = node.walk();
        node.named_children(&mut cursor)
            .find(|child| matches!(child.kind(), "class_body" | "enum_class_body"))
    })
}

fn is_kotlins_interface(node: Node<'_>, _: &Sink<'_>) -> bool {
    let mut cursor = node.walk();
    node.children(&mut cursor)
        .any(|child| child.kind() == "interface")
}

/// A constructor without parameters has nothing to say.
fn is_said_elsewhere(node: Node<'_>) -> bool {
    node.kind() == "constructor_declaration"
        && node
            .child_by_field_name("parameters")
            .is_none_or(|parameters| parameters.named_child_count() == 0)
}

/// Is it a getter or setter that does nothing else?
fn is_accessor(node: Node<'_>, sink: &Sink<'_>) -> bool {
    let Some(name) = sink
        .name(node)
        .filter(|_| node.kind() == "method_declaration")
    else {
        return false;
    };
    let body = node.child_by_field_name("body");
    let Some(only) = body
        .filter(|body| body.named_child_count() == 1)
        .and_then(|body| body.named_child(0))
    else {
        return false;
    };
    if name.starts_with("set") || name.starts_with("Set") {
        let assignment = only
            .named_child(0)
            .filter(|_| only.kind() == "expression_statement");
        return assignment.is_some_and(|inner| inner.kind() == "assignment_expression");
    }
    let value = only
        .named_child(0)
        .filter(|_| only.kind() == "return_statement");
    let is_getter = ["get", "is", "has", "Get", "Is", "Has"]
        .iter()
        .any(|start| name.starts_with(start));
    is_getter
        && value.is_some_and(|value| {
            matches!(
                value.kind(),
                "identifier" | "field_access" | "member_access_expression" | "variable_name"
            )
        })
}
