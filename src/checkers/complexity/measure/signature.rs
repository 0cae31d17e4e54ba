//! Owns who decides what a function takes: itself, or something that it overrides, implements or is registered with.

use tree_sitter::Node;

use crate::source::language::Language;

/// Decorators that change nothing of how a function is called.
const WRAPPERS: [&[u8]; 5] = [b"wraps", b"lru_cache", b"cache", b"deprecated", b"retry"];

/// Did something else decide what it takes?
#[must_use]
pub fn is_given(language: Language, node: Node<'_>, bytes: &[u8]) -> bool {
    let text = |node: Node<'_>| bytes.get(node.byte_range()).unwrap_or_default();
    let has = |node: Node<'_>, kind: &str, word: &[u8]| {
        let mut cursor = node.walk();
        node.children(&mut cursor).any(|child| {
            child.kind() == kind && text(child).windows(word.len()).any(|part| part == word)
        })
    };
    if hands_on(node) {
        return true;
    }
    match language {
        Language::Python => is_registered(node, bytes),
        Language::Java => has(node, "modifiers", b"@Override"),
        Language::Kotlin => has(node, "modifiers", b"override"),
        Language::CSharp => has(node, "modifier", b"override"),
        Language::JavaScript | Language::TypeScript | Language::Tsx => {
            has(node, "override_modifier", b"override")
        }
        Language::Php => has(node, "attribute_list", b"Override"),
        Language::C | Language::Cpp => {
            let declarator = node.child_by_field_name("declarator");
            declarator.is_some_and(|declarator| {
                has(declarator, "virtual_specifier", b"override") || is_callback(text(declarator))
            })
        }
        Language::Rust => has(node, "function_modifiers", b"extern"),
        _ => false,
    }
}

/// Is it a constructor?
#[must_use]
pub fn is_constructor(language: Language, node: Node<'_>, own: &str) -> bool {
    match language {
        Language::Python => matches!(own, "__init__" | "__new__"),
        Language::JavaScript | Language::TypeScript | Language::Tsx => {
            own == "constructor" && node.kind() == "method_definition"
        }
        Language::Php => own == "__construct",
        Language::Ruby => own == "initialize",
        _ => matches!(
            node.kind(),
            "constructor_declaration" | "secondary_constructor"
        ),
    }
}

/// Is it handed to a decorator that is called, as commands, routes and tasks are? Who calls it then is what it is registered with.
fn is_registered(node: Node<'_>, bytes: &[u8]) -> bool {
    let around = node
        .parent()
        .filter(|parent| parent.kind() == "decorated_definition");
    let Some(around) = around else { return false };
    let mut cursor = around.walk();
    around.named_children(&mut cursor).any(|child| {
        let call = (child.kind() == "decorator").then(|| child.named_child(0));
        let Some(call) = call.flatten().filter(|call| call.kind() == "call") else {
            return false;
        };
        let name = call.child_by_field_name("function");
        let name = name
            .and_then(|name| bytes.get(name.byte_range()))
            .unwrap_or_default();
        let name = name.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
        !WRAPPERS.contains(&name)
    })
}

/// Is its only statement a call or a new object? Then what it hands its parameters to says what it takes.
fn hands_on(node: Node<'_>) -> bool {
    let Some(body) = node.child_by_field_name("body") else {
        return false;
    };
    let mut at = body;
    for _ in 0..4 {
        if matches!(
            at.kind(),
            "call"
                | "call_expression"
                | "function_call_expression"
                | "member_call_expression"
                | "scoped_call_expression"
                | "method_invocation"
                | "invocation_expression"
                | "new_expression"
                | "object_creation_expression"
                | "implicit_object_creation_expression"
        ) {
            return true;
        }
        let is_around = at.id() == body.id()
            || matches!(
                at.kind(),
                "return_statement" | "return_expression" | "expression_statement"
            )
            || at.kind() == "statement_list";
        let mut cursor = at.walk();
        let mut inside = at.named_children(&mut cursor);
        let mut inside = inside
            .by_ref()
            .filter(|child| !child.kind().ends_with("comment"));
        match (inside.next(), inside.next()) {
            (Some(only), None) if is_around => at = only,
            _ => return false,
        }
    }
    false
}

/// Does it take what a library hands back to whom it calls: `void *user_data`?
fn is_callback(declarator: &[u8]) -> bool {
    let declarator = String::from_utf8_lossy(declarator);
    let mut pointers = declarator.split("void *").skip(1);
    pointers.any(|behind| {
        let name = behind.trim_start_matches(['*', ' ']);
        let name = name.split([',', ')']).next().unwrap_or_default();
        ["user", "opaque", "clientp", "closure"]
            .iter()
            .any(|word| name.contains(word))
    })
}
