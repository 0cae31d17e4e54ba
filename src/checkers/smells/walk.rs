//! Owns the walk over a tree, without recursion, past all that stands on one line and holds nothing worth looking into.

use std::ops::Range;

use tree_sitter::{Node, Tree};

use super::comments::{Comment, Comments};
use super::facts::Sink;
use super::marker::Markers;
use super::options::Options;
use super::table::{Class, Table};
use super::unreachable::Left;
use super::{branches, handler, keys};

/// The next byte that makes a node worth looking into: a line feed, or one of the language's signs.
struct Signs<'b> {
    bytes: &'b [u8],
    wanted: [u8; 2],
    next: Option<usize>,
}

impl Signs<'_> {
    /// Does one of them stand in the range? Ranges come in the order of their starts, so that each byte is looked at once.
    fn stand_in(&mut self, range: &Range<usize>) -> bool {
        if self.next.is_some_and(|next| next < range.start) {
            let [a, b] = self.wanted;
            let rest = self.bytes.get(range.start..).unwrap_or_default();
            self.next = memchr::memchr3(b'\n', a, b, rest).map(|at| range.start + at);
        }
        self.next.is_some_and(|next| next < range.end)
    }
}

/// Looks for what the shape of a tree tells, and for what comments hold; hands back where modules of tests stand.
pub fn walk(
    table: &'static Table,
    tree: &Tree,
    options: &Options,
    markers: &Markers,
    sink: &mut Sink<'_>,
) -> Vec<Range<usize>> {
    let bytes = sink.file.bytes();
    let mut signs = Signs {
        bytes,
        wanted: table.signs,
        next: Some(0),
    };
    // So that the first range is looked at from its start.
    signs.next = memchr::memchr3(b'\n', table.signs[0], table.signs[1], bytes);
    let mut tests = Vec::new();
    let mut comments = Comments::new(table.language, markers);
    let mut chains = branches::Chains::new(table.language, bytes);
    let mut left = Left::new(table.language);
    let mut depth = 0_u32;
    let mut cursor = tree.walk();
    'all: loop {
        let node = cursor.node();
        let class = table.class(node.kind_id());
        let is_worth = match class {
            Class::Module if !options.tests && is_of_tests(node, bytes) => {
                tests.push(node.byte_range());
                false
            }
            Class::Nothing | Class::Module => true,
            Class::Comment => {
                comments.add(Comment::of(node), sink);
                false
            }
            _ => {
                match class {
                    Class::If => chains.look(node, sink),
                    Class::Handler => handler::look(table.language, node, sink),
                    Class::Keys => keys::look(table.language, node, sink),
                    _ => left.jump(node, depth),
                }
                true
            }
        };
        if is_worth && signs.stand_in(&node.byte_range()) && cursor.goto_first_child() {
            depth += 1;
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                break 'all;
            }
            depth -= 1;
            left.up(depth);
        }
        left.next(cursor.node(), depth, sink);
    }
    comments.finish(sink);
    chains.look_at_conditionals(tree, &tests, sink);
    tests
}

/// Is it a module of tests, by its name or by its attribute?
fn is_of_tests(node: Node<'_>, bytes: &[u8]) -> bool {
    let name = node.child_by_field_name("name");
    let name = name.and_then(|name| bytes.get(name.byte_range()));
    if matches!(name, Some(b"tests" | b"test")) {
        return true;
    }
    let attribute = node.prev_named_sibling();
    let attribute = attribute.filter(|before| before.kind() == "attribute_item");
    let text = attribute.and_then(|attribute| bytes.get(attribute.byte_range()));
    text.is_some_and(|text| text.starts_with(b"#[cfg(test)]"))
}
