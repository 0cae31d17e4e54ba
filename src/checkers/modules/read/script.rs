//! Owns the imports of JavaScript and TypeScript.

use std::collections::BTreeSet;

use tree_sitter::{Node, Tree};

use crate::checkers::modules::facts::{Facts, When};
use crate::source::language::Language;

use super::{Next, Open, children, import, literal, text, walk};

pub fn read(facts: &mut Facts, language: Language, tree: &Tree, bytes: &[u8]) {
    let mut open = Open::new();
    let mut values = Values::default();
    // Imports whose names the compiler drops if no value of the file names them.
    let mut bound: Vec<(usize, Vec<String>)> = Vec::new();
    let mut exports = false;
    walk(tree, |node| {
        open.come_to(node);
        match node.kind() {
            "function_declaration"
            | "function_expression"
            | "arrow_function"
            | "method_definition"
            | "generator_function"
            | "generator_function_declaration" => open.enter(node, ()),
            "import_statement" => {
                statement(facts, node, bytes, &mut bound);
                return Next::Over;
            }
            "export_statement" => {
                exports = true;
                if let Some(source) = node.child_by_field_name("source") {
                    let when = if is_for_types(node) {
                        When::Never
                    } else {
                        When::Start
                    };
                    add(facts, node, source, bytes, when);
                    return Next::Over;
                }
            }
            "call_expression" => call(facts, node, bytes, open.has(|()| true)),
            "identifier" | "shorthand_property_identifier" => values.add(node, bytes),
            "decorator" => values.all = true,
            "type_query" | "nested_type_identifier" | "comment" | "string" | "regex" => {
                return Next::Over;
            }
            _ => {}
        }
        Next::Into
    });
    // A file that gives others nothing is there to be run.
    let has = |what: &[u8]| memchr::memmem::find(bytes, what).is_some();
    facts.is_entry |= !(exports || has(b"exports"));
    if matches!(language, Language::TypeScript | Language::Tsx) && !values.all {
        for (at, names) in bound {
            let Some(import) = facts.imports.get_mut(at) else {
                continue;
            };
            if import.when == When::Start && !names.iter().any(|name| values.has(name)) {
                import.when = When::Never;
            }
        }
    }
}

/// The names that stand where a value is.
#[derive(Default)]
struct Values {
    names: BTreeSet<String>,
    /// Do decorators make values of types, so that nobody can tell?
    all: bool,
}

impl Values {
    fn add(&mut self, node: Node<'_>, bytes: &[u8]) {
        let name = text(node, bytes);
        if !self.names.contains(name) {
            self.names.insert(name.to_owned());
        }
    }

    fn has(&self, name: &str) -> bool {
        self.names.contains(name) || name == "React"
    }
}

/// Has it the word `type` or `typeof` of its own?
fn is_for_types(node: Node<'_>) -> bool {
    let mut cursor = node.walk();
    node.children(&mut cursor)
        .any(|child| !child.is_named() && matches!(child.kind(), "type" | "typeof"))
}

fn statement(
    facts: &mut Facts,
    node: Node<'_>,
    bytes: &[u8],
    bound: &mut Vec<(usize, Vec<String>)>,
) {
    let mut cursor = node.walk();
    let clauses: Vec<Node<'_>> = node.named_children(&mut cursor).collect();
    let required = clauses
        .iter()
        .find(|node| node.kind() == "import_require_clause");
    let source = node
        .child_by_field_name("source")
        .or_else(|| required?.child_by_field_name("source"));
    let Some(source) = source else { return };
    let clause = clauses.iter().find(|node| node.kind() == "import_clause");
    let mut names = Vec::new();
    let mut types = 0;
    for part in clause.into_iter().flat_map(|clause| children(*clause)) {
        match part.kind() {
            "named_imports" => {
                for one in children(part).filter(|one| one.kind() == "import_specifier") {
                    let name = one
                        .child_by_field_name("alias")
                        .or_else(|| one.child_by_field_name("name"));
                    if is_for_types(one) {
                        types += 1;
                    } else {
                        names.extend(name.map(|name| text(name, bytes).to_owned()));
                    }
                }
            }
            "identifier" => {
                names.push(text(part, bytes).to_owned());
            }
            "namespace_import" => {
                let name = part.named_child(0);
                names.extend(name.map(|name| text(name, bytes).to_owned()));
            }
            _ => {}
        }
    }
    let when = if is_for_types(node) || (types > 0 && names.is_empty()) {
        When::Never
    } else {
        When::Start
    };
    if !names.is_empty() {
        bound.push((facts.imports.len(), names));
    }
    add(facts, node, source, bytes, when);
}

fn add(facts: &mut Facts, node: Node<'_>, source: Node<'_>, bytes: &[u8], when: When) {
    if let Some(target) = literal(source, bytes) {
        // A query tells a bundler how to load the file: `./a.svg?raw`.
        let target = target.split('?').next().unwrap_or(target);
        facts.import(import(node, target, Vec::new(), when));
    }
}

/// `require("a")`, `import("a")`, and what loads whole folders.
fn call(facts: &mut Facts, node: Node<'_>, bytes: &[u8], is_in_function: bool) {
    let Some(function) = node.child_by_field_name("function") else {
        return;
    };
    let name = text(function, bytes);
    let when = match name {
        "require" if !is_in_function => When::Start,
        "require" | "import" | "require.resolve" | "jest.mock" | "vi.mock"
        | "jest.requireActual" | "vi.importActual" => When::Later,
        "import.meta.glob" | "import.meta.globEager" | "require.context" => {
            facts.loads_by_name = true;
            return;
        }
        _ => return,
    };
    let arguments = node.child_by_field_name("arguments");
    let first = arguments
        .and_then(|arguments| children(arguments).find(|argument| argument.kind() != "comment"));
    match first {
        Some(first) if literal(first, bytes).is_some() => add(facts, node, first, bytes, when),
        Some(_) if matches!(name, "require" | "import") => facts.loads_by_name = true,
        _ => {}
    }
}
