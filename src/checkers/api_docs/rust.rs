//! Owns the public items of Rust, as far as one file tells, and what it tells of other modules: which are public, which names are
//! exported again.

use serde::{Deserialize, Serialize};
use tree_sitter::Node;

use super::item::{Before, Kind, Sink, is_comment};

/// What a file tells of modules.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Module {
    /// Modules in files of their own: name, whether public, whether documented here.
    pub declared: Vec<(String, bool, bool)>,
    /// Names that `pub use` exports.
    pub names: Vec<String>,
    /// Modules of which it exports everything.
    pub globs: Vec<String>,
}

/// Attributes and comments before an item.
#[derive(Clone, Copy, Default)]
struct Above {
    before: Before,
    is_said: bool,
    is_hidden: bool,
    is_exported: bool,
}

/// Looks at a file.
pub fn look(root: Node<'_>, sink: &mut Sink<'_>) {
    sink.facts.module = Some(has_inner_doc(root, sink));
    sink.facts.rust = Some(Module::default());
    let mut open: Vec<(Node<'_>, String, bool)> = vec![(root, String::new(), false)];
    while let Some((node, prefix, all_public)) = open.pop() {
        let mut above = Above::default();
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            if is_comment(child) {
                above.before.comment(child, is_doc(sink.text(child)));
                continue;
            }
            if child.kind() == "attribute_item" {
                let text = sink.text(child);
                above.before.between(child);
                above.is_said |= text.starts_with("#[doc") && text.contains('=');
                above.is_hidden |=
                    text.contains("doc(hidden") || text.contains("cfg(test)") || text == "#[test]";
                above.is_exported |= text.contains("macro_export");
                continue;
            }
            let is_hidden = above.is_hidden;
            let is_exported = above.is_exported;
            let is_documented = above.before.item(child, true) || above.is_said;
            above = Above::default();
            if is_hidden {
                // Its file is no part of what others see, either.
                if let (Some(name), Some(module)) = (sink.name(child), &mut sink.facts.rust)
                    && child.kind() == "mod_item"
                {
                    module.declared.push((name.to_owned(), false, false));
                }
                continue;
            }
            let is_public = all_public || is_pub(child, sink);
            take(
                child,
                (&prefix, is_public, is_exported, is_documented),
                &mut open,
                sink,
            );
        }
    }
}

fn take<'t>(
    child: Node<'t>,
    (prefix, is_public, is_exported, is_documented): (&str, bool, bool, bool),
    open: &mut Vec<(Node<'t>, String, bool)>,
    sink: &mut Sink<'_>,
) {
    let name = sink.name(child).unwrap_or_default();
    let named = child.child_by_field_name("name").unwrap_or(child);
    let body = child.child_by_field_name("body");
    let qualified = format!("{prefix}{name}");
    let kind = match child.kind() {
        "macro_definition" if is_exported => Kind::Macro,
        "use_declaration" if is_public => {
            exports(sink.text(child), sink);
            return;
        }
        "mod_item" => {
            if let Some(body) = body {
                // An inline module is opened where it is public; its items belong to the file.
                if is_public {
                    open.push((body, prefix.to_owned(), false));
                }
            } else if let Some(module) = &mut sink.facts.rust {
                module
                    .declared
                    .push((name.to_owned(), is_public, is_documented));
            }
            return;
        }
        "impl_item" => {
            let of_trait = child.child_by_field_name("trait").is_some();
            let of_type = child
                .child_by_field_name("type")
                .map(|node| sink.text(node));
            let of_type = of_type
                .unwrap_or_default()
                .split('<')
                .next()
                .unwrap_or_default();
            let of_type = of_type.rsplit("::").next().unwrap_or_default();
            if let (false, Some(body)) = (of_trait, body) {
                open.push((body, format!("{of_type}::"), false));
            }
            return;
        }
        "foreign_mod_item" | "extern_crate_declaration" => return,
        _ if !is_public => return,
        "function_item" | "function_signature_item" if prefix.is_empty() => Kind::Function,
        "function_item" | "function_signature_item" => Kind::Method,
        "struct_item" | "enum_item" | "union_item" | "trait_item" => {
            if let Some(body) = body.filter(|body| body.kind() != "ordered_field_declaration_list")
            {
                let all = matches!(child.kind(), "enum_item" | "trait_item");
                open.push((body, format!("{qualified}::"), all));
            }
            Kind::Type
        }
        "type_item" if prefix.is_empty() => Kind::Type,
        "const_item" | "static_item" if prefix.is_empty() => Kind::Value,
        "const_item" | "associated_type" | "field_declaration" | "enum_variant" => Kind::Member,
        _ => return,
    };
    sink.item(kind, qualified, named, is_documented);
}

/// Is it `pub`, and not only for a part of the crate?
fn is_pub(node: Node<'_>, sink: &Sink<'_>) -> bool {
    let mut cursor = node.walk();
    node.named_children(&mut cursor)
        .any(|child| child.kind() == "visibility_modifier" && sink.text(child) == "pub")
}

fn is_doc(text: &str) -> bool {
    let line = text
        .strip_prefix("///")
        .filter(|rest| !rest.starts_with('/'));
    let block = text
        .strip_prefix("/**")
        .filter(|rest| !rest.starts_with('*'));
    line.or(block)
        .is_some_and(|rest| rest.chars().any(char::is_alphanumeric))
}

fn has_inner_doc(root: Node<'_>, sink: &Sink<'_>) -> bool {
    let mut cursor = root.walk();
    for child in root.named_children(&mut cursor) {
        let text = sink.text(child);
        if text.starts_with("//!")
            || text.starts_with("/*!")
            || (text.starts_with("#![doc") && text.contains('='))
        {
            return true;
        }
        if !is_comment(child) && child.kind() != "inner_attribute_item" && child.kind() != "shebang"
        {
            return false;
        }
    }
    false
}

/// Takes the names of a `pub use`.
fn exports(text: &str, sink: &mut Sink<'_>) {
    let Some(module) = &mut sink.facts.rust else {
        return;
    };
    let mut last = "";
    let text = text.trim_end_matches(';');
    for part in text.split(['{', '}', ',']) {
        let part = part.trim();
        let path = part.split(" as ").next().unwrap_or_default();
        let mut segments = path.rsplit("::").map(str::trim);
        match segments.next().unwrap_or_default() {
            "*" => module
                .globs
                .push(segments.next().unwrap_or(last).to_owned()),
            "" => {
                let path = segments.next().unwrap_or_default();
                last = path.rsplit(' ').next().unwrap_or(path);
            }
            "self" => module
                .names
                .push(segments.next().unwrap_or(last).to_owned()),
            name => module
                .names
                .push(name.rsplit(' ').next().unwrap_or(name).to_owned()),
        }
    }
}
