//! Owns how the definitions of a file hang together: which of them use each other, straight or over others.

use std::collections::HashMap;
use std::ops::Range;

use tree_sitter::{Node, Tree};

use crate::checkers::modules::facts::Facts;
use crate::source::language::Language;

use super::{children, text};

/// At most so many definitions of a file are looked at.
const MOST: usize = 5_000;

/// A definition, or another part of a file that may use some.
struct Part {
    range: Range<usize>,
    /// Is it a definition that must hang together with the others? Variables only carry others together.
    counts: bool,
    /// The members that are looked at where this is all there is.
    body: Option<Range<usize>>,
}

#[derive(Default)]
struct Parts<'t> {
    parts: Vec<Part>,
    names: HashMap<&'t str, usize>,
}

/// Counts the definitions of a file, and the groups of which none uses another.
pub fn count(facts: &mut Facts, language: Language, tree: &Tree, bytes: &[u8]) {
    let root = tree.root_node();
    let mut parts = Parts::of(root, language, bytes);
    let mut counting = parts.parts.iter().filter(|part| part.counts);
    let mut within = None;
    if let (
        Some(Part {
            body: Some(body), ..
        }),
        None,
    ) = (counting.next(), counting.next())
    {
        let body = root.descendant_for_byte_range(body.start, body.end);
        if let Some(body) = body {
            parts = Parts::of(body, language, bytes);
            within = Some(body);
        }
    }
    let mut groups = Groups::of(parts.parts.len());
    parts.join(within.unwrap_or(root), within.is_some(), bytes, &mut groups);
    let mut roots: Vec<usize> = Vec::new();
    for (at, part) in parts.parts.iter().enumerate() {
        if part.counts {
            roots.push(groups.root(at));
        }
    }
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    facts.units = number(roots.len());
    roots.sort_unstable();
    roots.dedup();
    facts.groups = number(roots.len());
}

impl<'t> Parts<'t> {
    fn of(container: Node<'_>, language: Language, bytes: &'t [u8]) -> Self {
        let mut parts = Self::default();
        for child in children(container) {
            if parts.parts.len() >= MOST {
                break;
            }
            parts.add(child, language, bytes);
        }
        parts
    }

    fn add(&mut self, node: Node<'_>, language: Language, bytes: &'t [u8]) {
        let inner = match node.kind() {
            "decorated_definition" => node.child_by_field_name("definition"),
            "export_statement" => match node.child_by_field_name("declaration") {
                Some(inner) => Some(inner),
                // It only names what stands elsewhere.
                None if node.child_by_field_name("value").is_none() => return,
                None => None,
            },
            "expression_statement" => node
                .named_child(0)
                .filter(|inner| matches!(inner.kind(), "assignment" | "internal_module")),
            _ => Some(node),
        };
        let shown = inner.unwrap_or(node);
        let field = |name: &str| shown.child_by_field_name(name);
        let name = |node: Option<Node<'_>>| node.map(|node| text(node, bytes));
        let own = || name(field("name"));
        let range = node.byte_range();
        match shown.kind() {
            "comment"
            | "line_comment"
            | "block_comment"
            | "import_statement"
            | "import_from_statement"
            | "future_import_statement"
            | "use_declaration"
            | "import_declaration"
            | "package_clause"
            | "package_declaration"
            | "mod_item"
            | "attribute_item"
            | "constructor_declaration"
            | "inner_attribute_item"
            | "extern_crate_declaration" => {}
            // What makes an object touches all of it.
            "function_definition" | "method_definition"
                if matches!(own(), Some("__init__" | "constructor")) => {}
            "class_definition" | "class_declaration" | "abstract_class_declaration" => {
                let body = field("body").map(|body| body.byte_range());
                self.push(range, true, body, own());
            }
            "function_definition"
            | "function_declaration"
            | "generator_function_declaration"
            | "interface_declaration"
            | "type_alias_declaration"
            | "enum_declaration"
            | "record_declaration"
            | "internal_module"
            | "function_item"
            | "struct_item"
            | "enum_item"
            | "union_item"
            | "trait_item"
            | "type_item"
            | "macro_definition"
            | "method_definition" => {
                self.push(range, true, None, own());
            }
            // The body of a method of Go, and of Java.
            "method_declaration" => {
                self.push(range.clone(), true, None, own());
                if language == Language::Go
                    && let Some(receiver) = field("receiver")
                {
                    self.named_as(&range, receiver, bytes);
                }
            }
            "impl_item" => {
                self.push(range.clone(), false, None, None);
                if let Some(of) = field("type") {
                    self.named_as(&range, of, bytes);
                }
            }
            "lexical_declaration"
            | "variable_declaration"
            | "type_declaration"
            | "const_declaration"
            | "var_declaration" => self.add_each(shown, bytes),
            "field_declaration" | "public_field_definition" | "field_definition" => {
                let declared = field("declarator").and_then(|one| one.child_by_field_name("name"));
                let declared = declared
                    .or_else(|| field("name"))
                    .or_else(|| field("property"));
                self.push(range, false, None, name(declared));
            }
            "assignment" => self.push(range, false, None, name(field("left"))),
            _ => self.push(range, false, None, own()),
        }
    }

    /// Adds each of several names that one declaration gives.
    fn add_each(&mut self, declaration: Node<'_>, bytes: &'t [u8]) {
        for one in children(declaration) {
            let value = one.child_by_field_name("value").map(|value| value.kind());
            let counts = match one.kind() {
                "variable_declarator" => matches!(
                    value,
                    Some("arrow_function" | "function_expression" | "generator_function" | "class")
                ),
                "type_spec" | "type_alias" => true,
                _ => false,
            };
            let name = one.child_by_field_name("name");
            let name = name.map(|name| text(name, bytes));
            self.push(one.byte_range(), counts, None, name);
        }
    }

    fn push(
        &mut self,
        range: Range<usize>,
        counts: bool,
        body: Option<Range<usize>>,
        name: Option<&'t str>,
    ) {
        let at = self.parts.len();
        if let Some(name) = name {
            self.names.entry(name).or_insert(at);
        }
        self.parts.push(Part {
            range,
            counts,
            body,
        });
    }

    /// Makes a part for a type that is named and stands elsewhere, so that its methods hang together.
    fn named_as(&mut self, range: &Range<usize>, named: Node<'_>, bytes: &'t [u8]) {
        let mut cursor = named.walk();
        let mut node = named;
        // The first type's name in it: `(s *Server)`, `Map<K, V>`.
        while node.kind() != "type_identifier" {
            let all: Vec<Node<'_>> = node.named_children(&mut cursor).collect();
            let Some(next) = all.iter().rev().find(|one| one.kind() != "type_arguments") else {
                return;
            };
            node = *next;
        }
        let name = text(node, bytes);
        if !self.names.contains_key(name) {
            self.push(range.end..range.end, false, None, Some(name));
        }
    }

    /// Joins each part with those that it names.
    fn join(&self, container: Node<'_>, is_class: bool, bytes: &'t [u8], groups: &mut Groups) {
        let mut order: Vec<usize> = (0..self.parts.len()).collect();
        order.sort_by_key(|at| self.parts[*at].range.start);
        let mut members: HashMap<&str, usize> = HashMap::new();
        let (mut next, mut current) = (0, None);
        let mut cursor = container.walk();
        loop {
            let node = cursor.node();
            while let Some(&at) = order.get(next)
                && self.parts[at].range.start <= node.start_byte()
            {
                if !self.parts[at].range.is_empty() {
                    current = Some(at);
                }
                next += 1;
            }
            let is_leaf = node.child_count() == 0;
            if is_leaf
                && node.is_named()
                && node.kind().ends_with("identifier")
                && let Some(at) = current.filter(|at| node.end_byte() <= self.parts[*at].range.end)
            {
                let name = text(node, bytes);
                if let Some(other) = self.names.get(name) {
                    groups.join(at, *other);
                } else if is_class && is_member(node, bytes) {
                    // A field that no declaration names: those who use it hang together.
                    let first = members.entry(name).or_insert(at);
                    groups.join(at, *first);
                }
            }
            if cursor.goto_first_child() {
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() || cursor.node() == container {
                    return;
                }
            }
        }
    }
}

/// Is it `x` of `self.x` or `this.x`?
fn is_member(node: Node<'_>, bytes: &[u8]) -> bool {
    let before = bytes.get(..node.start_byte()).unwrap_or_default();
    [&b"self."[..], b"this.", b"cls."]
        .iter()
        .any(|start| before.ends_with(start))
}

/// Which parts hang together.
struct Groups(Vec<usize>);

impl Groups {
    fn of(size: usize) -> Self {
        Self((0..size).collect())
    }

    fn root(&mut self, mut at: usize) -> usize {
        while self.0[at] != at {
            self.0[at] = self.0[self.0[at]];
            at = self.0[at];
        }
        at
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b)] = a.min(b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::file::parse;

    fn check(language: Language, code: &str, units: u32, groups: u32) {
        let tree = parse(language, code.as_bytes()).expect("it has a grammar");
        let mut facts = Facts::empty(language);
        count(&mut facts, language, &tree, code.as_bytes());
        assert_eq!((facts.units, facts.groups), (units, groups), "{code}");
    }

    #[test]
    fn definitions_and_their_groups() {
        use Language::{Go, Java, Python, Rust, TypeScript};
        check(Python, "def a(): b()\ndef b(): pass\ndef c(): pass\n", 3, 2);
        check(Python, "X = 1\ndef a(): X\n@d\ndef b(): X\n", 2, 1);
        check(
            Python,
            "class A:\n  def __init__(self): self.x = 1; self.y = 2\n  def a(self): self.x\n  def b(self): self.x\n  def c(self): self.y\n",
            3,
            2,
        );
        check(
            TypeScript,
            "export function a() { return b; }\nconst b = () => 1;\nexport class C {}\ntype T = C;\nexport { a };",
            4,
            2,
        );
        check(
            Rust,
            "struct A; impl A { fn x() { b() } } fn b() {} fn c() {} #[cfg(test)] mod tests { fn t() { b(); c(); } }",
            3,
            2,
        );
        check(
            Go,
            "package a\nfunc (s *S) A() {}\nfunc (s S) B() {}\nfunc C() {}\n",
            3,
            2,
        );
        check(
            Java,
            "class A { int x; A() { x = 1; y = 2; } int y; int a() { return x; } int b() { return this.x; } int c() { return y; } }",
            3,
            2,
        );
        check(Python, "", 0, 0);
    }
}
