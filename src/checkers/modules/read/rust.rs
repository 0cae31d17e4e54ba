//! Owns the modules and paths of Rust.

use tree_sitter::{Node, Tree};

use crate::checkers::modules::facts::{Facts, LONGEST, MOST, Part, When};

use super::{Next, Open, dense, import, literal, text, walk};

/// At most so deep are lists of `use` read.
const DEEPEST: usize = 32;

pub fn read(facts: &mut Facts, tree: &Tree, bytes: &[u8]) {
    let mut open: Open<Node<'_>> = Open::new();
    let mut named = None;
    walk(tree, |node| {
        open.come_to(node);
        match node.kind() {
            "attribute_item" => {
                named = path_attribute(node, bytes).or_else(|| named.take());
                return Next::Over;
            }
            "mod_item" => {
                let file = named.take();
                if node.child_by_field_name("body").is_some() {
                    open.enter(node, node);
                } else {
                    part(facts, node, bytes, &open, file);
                    return Next::Over;
                }
            }
            "use_declaration" => {
                named = None;
                if let Some(argument) = node.child_by_field_name("argument") {
                    uses(facts, argument, bytes, depth(&open));
                }
                return Next::Over;
            }
            "scoped_identifier" | "scoped_type_identifier" => {
                let path = dense(node, bytes);
                if path.starts_with("crate::") || path.starts_with("super::") {
                    add(facts, node, &path, depth(&open));
                }
                return Next::Over;
            }
            "macro_invocation" => {
                include(facts, node, bytes);
                hidden(facts, node, bytes, &open);
            }
            "line_comment" | "block_comment" | "string_literal" => return Next::Over,
            _ => named = None,
        }
        Next::Into
    });
}

/// How many inline modules are around.
fn depth(open: &Open<Node<'_>>) -> usize {
    open.ranges.len()
}

/// The file of `#[path = "a.rs"]`.
fn path_attribute(node: Node<'_>, bytes: &[u8]) -> Option<String> {
    let attribute = node.named_child(0)?;
    let name = attribute.named_child(0)?;
    let value = attribute.child_by_field_name("value")?;
    if text(name, bytes) != "path" {
        return None;
    }
    literal(value, bytes).map(str::to_owned)
}

fn part(
    facts: &mut Facts,
    node: Node<'_>,
    bytes: &[u8],
    open: &Open<Node<'_>>,
    file: Option<String>,
) {
    let around = open.ranges.iter().map(|(_, around)| *around);
    let names = around.chain(std::iter::once(node));
    let names = names.filter_map(|node| node.child_by_field_name("name"));
    let module: Vec<String> = names
        .map(|name| text(name, bytes).trim_start_matches("r#").to_owned())
        .collect();
    if facts.parts.len() < MOST && module.iter().map(String::len).sum::<usize>() < LONGEST {
        let inline = open.ranges.len();
        facts.parts.push(Part {
            module,
            file,
            inline,
        });
    }
}

/// `include!("a.rs")`.
fn include(facts: &mut Facts, node: Node<'_>, bytes: &[u8]) {
    let name = node.child_by_field_name("macro");
    let name = name.map(|name| text(name, bytes).rsplit("::").next().unwrap_or_default());
    match name {
        Some("include") => {}
        // Makes `mod` items of a folder's files, or of its arguments.
        Some("dir" | "automod" | "cfg_if" | "mods" | "declare_modules") => {
            facts.loads_by_name = true;
            return;
        }
        _ => return,
    }
    let mut cursor = node.walk();
    let tokens = node
        .named_children(&mut cursor)
        .find(|node| node.kind() == "token_tree");
    let first = tokens.and_then(|tokens| tokens.named_child(0));
    if let Some(file) = first.and_then(|first| literal(first, bytes)) {
        facts.parts.push(Part {
            module: Vec::new(),
            file: Some(file.to_owned()),
            inline: 0,
        });
    }
}

/// The `mod a;` among the tokens that a macro is given, as `cfg_if!` is: with its `#[path = "b.rs"]`, and in inline modules.
fn hidden(facts: &mut Facts, node: Node<'_>, bytes: &[u8], open: &Open<Node<'_>>) {
    let around = open.ranges.iter().map(|(_, around)| *around);
    let around = around.filter_map(|node| node.child_by_field_name("name"));
    let around: Vec<&str> = around.map(|name| text(name, bytes)).collect();
    let (mut depth, mut inner) = (0_u32, Vec::<(u32, &str)>::new());
    let (mut words, mut file) = (["", ""], None);
    for token in tokens(text(node, bytes)) {
        match (words, token) {
            (["path", "="], _) => file = token.strip_prefix('"'),
            (["mod", name], ";") => {
                if facts.parts.len() == MOST || name.len() >= LONGEST {
                    return;
                }
                let inside = inner.iter().map(|(_, name)| *name);
                let module = around.iter().copied().chain(inside).chain([name]);
                facts.parts.push(Part {
                    module: module.map(str::to_owned).collect(),
                    file: file.take().map(str::to_owned),
                    inline: around.len() + inner.len(),
                });
            }
            (["mod", name], "{") => {
                file = None;
                if inner.len() < DEEPEST {
                    inner.push((depth, name));
                }
            }
            _ => {}
        }
        match token {
            "{" => depth += 1,
            "}" => {
                depth = depth.saturating_sub(1);
                inner.pop_if(|(at, _)| *at >= depth);
            }
            _ => {}
        }
        words = [words[1], token];
    }
}

/// Words, texts (with the quote that begins them and without the one that ends them), and all else sign by sign.
fn tokens(said: &str) -> impl Iterator<Item = &str> {
    let mut rest = said;
    std::iter::from_fn(move || {
        loop {
            rest = rest.trim_start();
            let Some(comment) = rest.strip_prefix("//") else {
                break;
            };
            rest = comment.split_once('\n').map_or("", |(_, behind)| behind);
        }
        let first = rest.chars().next()?;
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let length = if first == '"' {
            rest[1..].find('"').map_or(rest.len(), |end| end + 1)
        } else if is_word(first) {
            rest.find(|c| !is_word(c)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let token = &rest[..length];
        rest = &rest[length + usize::from(first == '"' && length < rest.len())..];
        Some(token)
    })
}

/// All paths of a `use`.
fn uses(facts: &mut Facts, argument: Node<'_>, bytes: &[u8], inline: usize) {
    let mut waiting = vec![(argument, String::new(), 0)];
    while let Some((node, before, deep)) = waiting.pop() {
        if deep > DEEPEST || before.len() > LONGEST {
            continue;
        }
        let joined = |path: &str| {
            if before.is_empty() {
                path.to_owned()
            } else {
                format!("{before}::{path}")
            }
        };
        match node.kind() {
            "use_list" => {
                let mut cursor = node.walk();
                let parts = node.named_children(&mut cursor);
                waiting.extend(parts.map(|part| (part, before.clone(), deep + 1)));
            }
            "scoped_use_list" => {
                let path = node.child_by_field_name("path");
                let path = path.map_or_else(|| before.clone(), |path| joined(&dense(path, bytes)));
                if let Some(list) = node.child_by_field_name("list") {
                    waiting.push((list, path, deep + 1));
                }
            }
            "use_as_clause" => {
                if let Some(path) = node.child_by_field_name("path") {
                    waiting.push((path, before, deep + 1));
                }
            }
            "use_wildcard" => {
                let path = node.named_child(0).map(|path| dense(path, bytes));
                let path = path.map_or_else(|| before.clone(), |path| joined(&path));
                add(facts, node, &path, inline);
            }
            "identifier" | "scoped_identifier" | "crate" | "super" | "self" => {
                add(facts, node, &joined(&dense(node, bytes)), inline);
            }
            _ => {}
        }
    }
}

/// Adds a path, as it reads outside of the inline modules.
fn add(facts: &mut Facts, node: Node<'_>, path: &str, inline: usize) {
    let path = path.replace("r#", "");
    let mut rest = path.trim_start_matches("::");
    let mut left = inline;
    while left > 0 {
        let Some(outer) = rest.strip_prefix("super::") else {
            break;
        };
        left -= 1;
        rest = outer;
    }
    let starts = |start: &str| rest == start || rest.starts_with(&format!("{start}::"));
    if inline > left {
        if left > 0 {
            // It leads into an inline module of this file.
            return;
        }
        if !starts("super") && !starts("crate") {
            facts.import(import(
                node,
                format!("self::{rest}"),
                Vec::new(),
                When::Start,
            ));
            return;
        }
    } else if inline > 0 && (starts("self") || starts("super")) {
        return;
    }
    facts.import(import(node, rest, Vec::new(), When::Start));
}
