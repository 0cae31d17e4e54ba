//! Owns the public items of Ruby: classes, modules, and methods that are not made private; documented by a comment right above.

use tree_sitter::Node;

use super::item::{Before, Kind, Sink, is_comment};

/// Looks at a file.
pub fn look(root: Node<'_>, sink: &mut Sink<'_>) {
    let mut open: Vec<(Node<'_>, String)> = vec![(root, String::new())];
    while let Some((node, prefix)) = open.pop() {
        let mut before = above(node, sink);
        let mut is_private = false;
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            if is_comment(child) {
                before.comment(child, is_doc(sink.text(child)));
                continue;
            }
            let is_documented = before.item(child, false);
            match child.kind() {
                "identifier" => match sink.text(child) {
                    "private" | "protected" => is_private = true,
                    "public" => is_private = false,
                    _ => {}
                },
                "class" | "module" => {
                    let Some(name) = sink.name(child).filter(|_| !is_hidden(child, sink)) else {
                        continue;
                    };
                    let qualified = format!("{prefix}{name}");
                    let body = child.child_by_field_name("body");
                    let named = child.child_by_field_name("name").unwrap_or(child);
                    // A module that only holds others is a name space, which is opened again in each file.
                    let is_space = body.is_some_and(|body| {
                        let mut cursor = body.walk();
                        body.named_children(&mut cursor)
                            .all(|child| matches!(child.kind(), "class" | "module" | "comment"))
                    });
                    if let Some(body) = body {
                        open.push((body, format!("{qualified}::")));
                    }
                    if !is_space {
                        sink.item(Kind::Type, qualified, named, is_documented);
                    }
                }
                "singleton_class" => {
                    if let Some(body) = child.child_by_field_name("body") {
                        open.push((body, prefix.clone()));
                    }
                }
                "method" | "singleton_method" => {
                    let Some(name) = sink.name(child) else {
                        continue;
                    };
                    let is_own = is_private
                        || name == "initialize"
                        || name.starts_with('_')
                        || prefix.is_empty();
                    if !is_own && !is_hidden(child, sink) {
                        let named = child.child_by_field_name("name").unwrap_or(child);
                        let owner = prefix.trim_end_matches("::");
                        sink.item(
                            Kind::Method,
                            format!("{owner}#{name}"),
                            named,
                            is_documented,
                        );
                    }
                }
                _ => {}
            }
        }
    }
}

/// Comments at the head of a body, which stand before it in the tree.
fn above(body: Node<'_>, sink: &Sink<'_>) -> Before {
    let mut comments = Vec::new();
    let mut at = body.prev_named_sibling();
    while let Some(comment) = at.filter(|node| is_comment(*node)) {
        comments.push(comment);
        at = comment.prev_named_sibling();
    }
    let mut before = Before::default();
    for comment in comments.into_iter().rev() {
        before.comment(comment, is_doc(sink.text(comment)));
    }
    before
}

/// Is it hidden from the documentation: `# :nodoc:`?
fn is_hidden(node: Node<'_>, sink: &Sink<'_>) -> bool {
    let line = u32::try_from(node.start_position().row + 1).unwrap_or(u32::MAX);
    memchr::memmem::find(sink.file.line(line), b":nodoc:").is_some()
}

fn is_doc(text: &str) -> bool {
    let text = text.trim_start_matches('#').trim();
    let is_order = [
        "frozen_string_literal",
        "rubocop:",
        "typed:",
        "-*-",
        "encoding:",
        "!",
    ]
    .iter()
    .any(|order| text.starts_with(order));
    !is_order && text.chars().any(char::is_alphanumeric)
}
