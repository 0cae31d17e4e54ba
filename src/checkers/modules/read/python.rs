//! Owns the imports of Python.

use tree_sitter::{Node, Tree};

use crate::checkers::modules::facts::{Facts, When};

use super::{Next, Open, import, literal, text, walk};

#[derive(Clone, Copy, PartialEq)]
enum Around {
    Function,
    Types,
}

pub fn read(facts: &mut Facts, tree: &Tree, bytes: &[u8]) {
    let mut open = Open::new();
    walk(tree, |node| {
        open.come_to(node);
        match node.kind() {
            "function_definition" | "lambda" => open.enter(node, Around::Function),
            "if_statement" => condition(facts, node, bytes, &mut open),
            "import_statement" => {
                plain(facts, node, bytes, when(&open));
                return Next::Over;
            }
            "import_from_statement" => {
                from(facts, node, bytes, when(&open));
                return Next::Over;
            }
            "call" => call(facts, node, bytes),
            "string" | "comment" => return Next::Over,
            _ => {}
        }
        Next::Into
    });
}

fn when(open: &Open<Around>) -> When {
    if open.has(|around| around == Around::Types) {
        When::Never
    } else if open.has(|around| around == Around::Function) {
        When::Later
    } else {
        When::Start
    }
}

/// `if TYPE_CHECKING:` and `if __name__ == "__main__":`.
fn condition(facts: &mut Facts, node: Node<'_>, bytes: &[u8], open: &mut Open<Around>) {
    let Some(condition) = node.child_by_field_name("condition") else {
        return;
    };
    let said = text(condition, bytes);
    facts.is_entry |= said.contains("__name__");
    if !said.contains("TYPE_CHECKING") {
        return;
    }
    let part = if said.starts_with("not ") {
        node.child_by_field_name("alternative")
    } else {
        node.child_by_field_name("consequence")
    };
    if let Some(part) = part {
        open.enter(part, Around::Types);
    }
}

fn plain(facts: &mut Facts, node: Node<'_>, bytes: &[u8], when: When) {
    let mut cursor = node.walk();
    for name in node.children_by_field_name("name", &mut cursor) {
        let name = match name.kind() {
            "aliased_import" => name.child_by_field_name("name").unwrap_or(name),
            _ => name,
        };
        facts.import(import(name, dotted(name, bytes), Vec::new(), when));
    }
}

fn from(facts: &mut Facts, node: Node<'_>, bytes: &[u8], when: When) {
    let Some(module) = node.child_by_field_name("module_name") else {
        return;
    };
    let mut cursor = node.walk();
    let names = node.children_by_field_name("name", &mut cursor);
    let names = names.map(|name| {
        let name = match name.kind() {
            "aliased_import" => name.child_by_field_name("name").unwrap_or(name),
            _ => name,
        };
        dotted(name, bytes)
    });
    let names: Vec<String> = names.collect();
    facts.import(import(node, dotted(module, bytes), names, when));
}

fn dotted(node: Node<'_>, bytes: &[u8]) -> String {
    super::dense(node, bytes)
}

/// `import_module("a.b")`, and modules that are looked for.
fn call(facts: &mut Facts, node: Node<'_>, bytes: &[u8]) {
    let Some(function) = node.child_by_field_name("function") else {
        return;
    };
    let name = text(function, bytes).rsplit('.').next().unwrap_or_default();
    match name {
        "import_module" | "__import__" => {}
        "iter_modules"
        | "walk_packages"
        | "exec_module"
        | "import_string"
        | "autodiscover_modules" => {
            facts.loads_by_name = true;
            return;
        }
        _ => return,
    }
    let arguments = node.child_by_field_name("arguments");
    let first = arguments.and_then(|arguments| arguments.named_child(0));
    match first.and_then(|first| Some((first, literal(first, bytes)?))) {
        // A name that counts from a package needs that package, which is an argument of its own.
        Some((first, target)) if !target.starts_with('.') => {
            facts.import(import(first, target, Vec::new(), When::Later));
        }
        _ => facts.loads_by_name = true,
    }
}
