//! Owns the way from a syntax tree to facts: one walk in the order of the text, without recursion.

mod go;
mod java;
mod python;
mod rust;
mod script;
mod units;

use std::ops::Range;

use tree_sitter::{Node, Tree};

use crate::source::language::Language;

use super::facts::{Facts, Import, When};

/// Reads a tree into `facts`.
pub fn read(facts: &mut Facts, language: Language, tree: &Tree, bytes: &[u8]) {
    facts.is_flawed = tree.root_node().has_error();
    match language {
        Language::Python => python::read(facts, tree, bytes),
        Language::Rust => rust::read(facts, tree, bytes),
        Language::Go => go::read(facts, tree, bytes),
        Language::Java => java::read(facts, tree, bytes),
        _ => script::read(facts, language, tree, bytes),
    }
    units::count(facts, language, tree, bytes);
    facts
        .imports
        .sort_by_key(|import| (import.line, import.column));
}

/// What a walk does with a node's children.
enum Next {
    Into,
    Over,
}

/// Visits the named nodes in the order of the text.
fn walk<'t>(tree: &'t Tree, mut visit: impl FnMut(Node<'t>) -> Next) {
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        let goes_in = node.is_named() && matches!(visit(node), Next::Into);
        if goes_in && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return;
            }
        }
    }
}

/// The ranges around the node that is visited, the innermost last. One may be entered before it begins.
struct Open<T> {
    at: usize,
    ranges: Vec<(Range<usize>, T)>,
}

impl<T: Copy> Open<T> {
    const fn new() -> Self {
        Self {
            at: 0,
            ranges: Vec::new(),
        }
    }

    /// Comes to a node: what ended before it is closed.
    fn come_to(&mut self, node: Node<'_>) {
        self.at = node.start_byte();
        while self
            .ranges
            .last()
            .is_some_and(|(range, _)| range.end <= self.at)
        {
            self.ranges.pop();
        }
    }

    fn enter(&mut self, node: Node<'_>, what: T) {
        self.ranges.push((node.byte_range(), what));
    }

    fn has(&self, is: impl Fn(T) -> bool) -> bool {
        let mut around = self
            .ranges
            .iter()
            .filter(|(range, _)| range.start <= self.at);
        around.any(|(_, what)| is(*what))
    }
}

fn children(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    let mut cursor = node.walk();
    let all: Vec<Node<'_>> = node.named_children(&mut cursor).collect();
    all.into_iter()
}

fn text<'t>(node: Node<'_>, bytes: &'t [u8]) -> &'t str {
    let bytes = bytes.get(node.byte_range()).unwrap_or_default();
    std::str::from_utf8(bytes).unwrap_or_default()
}

/// The text without any white space.
fn dense(node: Node<'_>, bytes: &[u8]) -> String {
    let text = text(node, bytes);
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// The content of a string that is written plainly: in quotes, nothing escaped and nothing put in.
fn literal<'t>(node: Node<'_>, bytes: &'t [u8]) -> Option<&'t str> {
    let text = text(node, bytes);
    let mut chars = text.chars();
    let quote = chars.next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    let inner = chars.as_str().strip_suffix(quote)?;
    let is_plain = !inner.contains(['\\', '\n', quote]) && !inner.contains("${");
    is_plain.then_some(inner)
}

fn import(node: Node<'_>, target: impl Into<String>, names: Vec<String>, when: When) -> Import {
    let at = node.start_position();
    let number = |n: usize| u32::try_from(n + 1).unwrap_or(u32::MAX);
    Import {
        target: target.into(),
        names,
        when,
        line: number(at.row),
        column: number(at.column),
    }
}
