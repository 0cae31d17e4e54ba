//! Owns the public items of Go: exported names; documented by a comment right above, or above the group.

use tree_sitter::Node;

use super::item::{Before, Kind, Sink, is_comment};

/// Methods whose names say what they are for: those of interfaces of the standard library.
const KNOWN: [&str; 12] = [
    "Error",
    "Format",
    "Len",
    "Less",
    "MarshalJSON",
    "Read",
    "ServeHTTP",
    "String",
    "Swap",
    "UnmarshalJSON",
    "Unwrap",
    "Write",
];

/// Looks at a file of a package.
pub fn look(root: Node<'_>, sink: &mut Sink<'_>) {
    let mut before = Before::default();
    let mut cursor = root.walk();
    for child in root.named_children(&mut cursor) {
        if is_comment(child) {
            before.comment(child, is_doc(sink.text(child)));
            continue;
        }
        let is_documented = before.item(child, false);
        match child.kind() {
            "package_clause" => {
                let name = child.named_child(0).map(|name| sink.text(name));
                sink.facts.package = name.unwrap_or_default().to_owned();
                sink.facts.module = Some(is_documented);
                if sink.facts.package == "main" {
                    // Nobody imports a program.
                    return;
                }
            }
            "function_declaration" => {
                if let Some(name) = sink.name(child).filter(|name| is_exported(name)) {
                    let named = child.child_by_field_name("name").unwrap_or(child);
                    sink.item(Kind::Function, name.to_owned(), named, is_documented);
                }
            }
            "method_declaration" => method(child, is_documented, sink),
            "type_declaration" | "const_declaration" | "var_declaration" => {
                specs(child, is_documented, sink);
            }
            _ => {}
        }
    }
}

fn method(node: Node<'_>, is_documented: bool, sink: &mut Sink<'_>) {
    let receiver = node
        .child_by_field_name("receiver")
        .map(|node| sink.text(node));
    let receiver = receiver.unwrap_or_default();
    let of_type = receiver.trim_matches(['(', ')', ' ']);
    let of_type = of_type.split('[').next().unwrap_or_default();
    let of_type = of_type.rsplit([' ', '*']).next().unwrap_or_default();
    let Some(name) = sink.name(node) else { return };
    if is_exported(of_type) && is_exported(name) && !KNOWN.contains(&name) {
        let named = node.child_by_field_name("name").unwrap_or(node);
        sink.item(
            Kind::Method,
            format!("{of_type}.{name}"),
            named,
            is_documented,
        );
    }
}

/// The parts of a declaration; a comment on the group is one for each of its constants and variables.
fn specs(node: Node<'_>, is_group_documented: bool, sink: &mut Sink<'_>) {
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        let mut before = Before::default();
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            if is_comment(child) {
                before.comment(child, is_doc(sink.text(child)));
                continue;
            }
            let own = before.item(child, false);
            let kind = match child.kind() {
                "type_spec" | "type_alias" => Kind::Type,
                "const_spec" | "var_spec" => Kind::Value,
                "var_spec_list" => {
                    open.push(child);
                    continue;
                }
                _ => continue,
            };
            // A comment behind it on its line.
            let beside = child.next_named_sibling().is_some_and(|next| {
                is_comment(next) && next.start_position().row == child.end_position().row
            });
            let is_group = kind == Kind::Value || node.named_child_count() == 1;
            let is_documented =
                own || (is_group_documented && is_group) || (kind == Kind::Value && beside);
            let mut names = child.walk();
            for named in child.children_by_field_name("name", &mut names) {
                let name = sink.text(named);
                if is_exported(name) {
                    sink.item(kind, name.to_owned(), named, is_documented);
                }
            }
        }
    }
}

fn is_exported(name: &str) -> bool {
    name.chars().next().is_some_and(char::is_uppercase)
}

/// Is it text, and no order for a tool?
fn is_doc(text: &str) -> bool {
    let is_order = ["//go:", "//nolint", "// +build", "//export ", "//lint:"]
        .iter()
        .any(|order| text.starts_with(order));
    !is_order && text.chars().any(char::is_alphanumeric)
}
