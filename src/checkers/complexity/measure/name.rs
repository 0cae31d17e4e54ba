//! Owns names: of functions, of what is around them, and of what stands in a line of an explanation.

use std::ops::Range;

use tree_sitter::Node;

use crate::source::language::Language;

/// Longer names are cut.
const LONGEST: usize = 200;

/// A text on one line, without what a name does not need; `None` for an empty one.
#[must_use]
pub fn tidy(bytes: Option<&[u8]>) -> Option<String> {
    let bytes = bytes?;
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(LONGEST * 4)]);
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    let quoted = |quote: char| {
        let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
        (!inner.is_empty()).then(|| inner.to_owned())
    };
    let text = quoted('"').or_else(|| quoted('\'')).unwrap_or(text);
    let text: String = text.chars().take(LONGEST).collect();
    (!text.is_empty()).then_some(text)
}

fn text(node: Node<'_>, bytes: &[u8]) -> Option<String> {
    tidy(bytes.get(node.byte_range()))
}

/// The text of a field.
#[must_use]
pub fn of_field(node: Node<'_>, field: &str, bytes: &[u8]) -> Option<String> {
    text(node.child_by_field_name(field)?, bytes)
}

fn child<'t>(node: Node<'t>, kinds: &[&str]) -> Option<Node<'t>> {
    let mut cursor = node.walk();
    node.children(&mut cursor)
        .find(|child| kinds.contains(&child.kind()))
}

/// Has the function a body? One that is only declared is not measured.
#[must_use]
pub fn has_body(language: Language, node: Node<'_>) -> bool {
    match (language, node.kind()) {
        // A method without a statement has no body in Ruby.
        (_, "arrow_expression_clause") | (Language::Ruby, _) => true,
        (Language::Kotlin, "secondary_constructor") => child(node, &["block"]).is_some(),
        (Language::Kotlin, _) => child(node, &["function_body"]).is_some(),
        // A macro before `namespace x {` makes it look like a function, which would have no parameters.
        (Language::C | Language::Cpp, "function_definition") => {
            let declarator = node.child_by_field_name("declarator");
            declarator.is_none_or(|declarator| declarator.kind() != "identifier")
                && (node.child_by_field_name("body").is_some()
                    || child(node, &["try_statement"]).is_some())
        }
        _ => node.child_by_field_name("body").is_some(),
    }
}

/// Is it no name in C and C++?
#[must_use]
pub fn is_keyword(name: &str) -> bool {
    matches!(
        name,
        "namespace" | "switch" | "if" | "for" | "while" | "catch" | "else"
    )
}

/// The name of a function as it is written, with the type where the name holds it.
#[must_use]
pub fn of_function(
    language: Language,
    node: Node<'_>,
    bytes: &[u8],
    bound: Option<&str>,
) -> String {
    let named = || of_field(node, "name", bytes);
    let name = match (language, node.kind()) {
        (Language::C | Language::Cpp, _) => declared(node, bytes),
        (Language::Go, "method_declaration") => {
            let owner = receiver_type(node, bytes);
            let name = named();
            owner
                .zip(name.clone())
                .map(|(owner, name)| format!("{owner}.{name}"))
                .or(name)
        }
        (Language::Kotlin, kind @ ("getter" | "setter")) => {
            let accessor = if kind == "getter" { "get" } else { "set" };
            Some(bound.map_or_else(|| accessor.to_owned(), |name| format!("{name}.{accessor}")))
        }
        (Language::Kotlin, "secondary_constructor") => Some("constructor".to_owned()),
        (Language::Kotlin, _) => {
            let owner = extended(node, bytes);
            let name = named();
            owner
                .zip(name.clone())
                .map(|(owner, name)| format!("{owner}.{name}"))
                .or(name)
        }
        (_, "arrow_expression_clause") => Some("get".to_owned()),
        (_, "operator_declaration") => {
            of_field(node, "operator", bytes).map(|operator| format!("operator {operator}"))
        }
        (_, "conversion_operator_declaration") => {
            of_field(node, "type", bytes).map(|to| format!("operator {to}"))
        }
        (_, "destructor_declaration") => named().map(|name| format!("~{name}")),
        (Language::Php, "property_hook") => child(node, &["name"]).and_then(|n| text(n, bytes)),
        _ => named(),
    };
    name.unwrap_or_else(|| "(function)".to_owned())
}

/// The name that a function expression has of its own.
#[must_use]
pub fn of_closure(language: Language, node: Node<'_>, bytes: &[u8]) -> Option<String> {
    match language {
        Language::JavaScript | Language::TypeScript | Language::Tsx => {
            of_field(node, "name", bytes)
        }
        _ => None,
    }
}

/// The name in a declarator of C, without arguments of templates.
fn declared(node: Node<'_>, bytes: &[u8]) -> Option<String> {
    let mut at = node.child_by_field_name("declarator")?;
    // `MACRO type name(void)` reads as a value `void` of the type `name`.
    if at.kind() == "parenthesized_declarator" {
        return of_field(node, "type", bytes);
    }
    while at.kind() != "operator_cast" {
        let inner = at.child_by_field_name("declarator");
        let inner = inner.or_else(|| match at.kind() {
            "reference_declarator" | "parenthesized_declarator" | "attributed_declarator" => {
                at.named_child(0)
            }
            _ => None,
        });
        match inner {
            Some(inner) => at = inner,
            None => break,
        }
    }
    if at.kind() == "operator_cast" {
        return of_field(at, "type", bytes).map(|to| format!("operator {to}"));
    }
    let mut parts = Vec::new();
    while at.kind() == "qualified_identifier" {
        if let Some(scope) = at.child_by_field_name("scope") {
            parts.extend(plain_type(scope, bytes));
        }
        at = at.child_by_field_name("name")?;
    }
    parts.extend(match at.kind() {
        "template_function" => of_field(at, "name", bytes),
        "operator_cast" => of_field(at, "type", bytes).map(|to| format!("operator {to}")),
        _ => text(at, bytes),
    });
    (!parts.is_empty()).then(|| parts.join("::"))
}

/// A type without its arguments.
fn plain_type(node: Node<'_>, bytes: &[u8]) -> Option<String> {
    let mut at = node;
    loop {
        let inner = match at.kind() {
            "generic_type" => at.child_by_field_name("type").or_else(|| at.named_child(0)),
            "template_type" | "scoped_type_identifier" => at.child_by_field_name("name"),
            "reference_type" | "pointer_type" | "parenthesized_type" => {
                at.child_by_field_name("type").or_else(|| at.named_child(0))
            }
            _ => None,
        };
        match inner {
            Some(inner) => at = inner,
            None => return text(at, bytes),
        }
    }
}

/// The type of a receiver in Go.
fn receiver_type(node: Node<'_>, bytes: &[u8]) -> Option<String> {
    let receiver = node.child_by_field_name("receiver")?;
    let parameter = child(receiver, &["parameter_declaration"])?;
    plain_type(parameter.child_by_field_name("type")?, bytes)
}

/// The type that a function of Kotlin extends.
fn extended(node: Node<'_>, bytes: &[u8]) -> Option<String> {
    let name = node.child_by_field_name("name")?;
    let mut cursor = node.walk();
    let before = node
        .children(&mut cursor)
        .take_while(|child| child.id() != name.id());
    let types = ["user_type", "nullable_type", "parenthesized_type"];
    let receiver = before
        .filter(|child| types.contains(&child.kind()))
        .last()?;
    let text = text(receiver, bytes)?;
    text.split(['<', '?']).next().map(str::to_owned)
}

/// What something names what is in it by, and whether it is a type; `None` when it is no scope after all.
#[must_use]
pub fn of_scope(
    language: Language,
    node: Node<'_>,
    bytes: &[u8],
) -> Option<(Option<String>, bool)> {
    let named = of_field(node, "name", bytes);
    match (language, node.kind()) {
        (Language::Rust, "impl_item") => {
            let of = node.child_by_field_name("type")?;
            Some((plain_type(of, bytes), true))
        }
        (Language::Rust, "mod_item") => {
            node.child_by_field_name("body")?;
            Some((named, false))
        }
        (Language::Java, "object_creation_expression") => {
            child(node, &["class_body"])?;
            let of = node.child_by_field_name("type")?;
            Some((plain_type(of, bytes), true))
        }
        (Language::Java, "enum_constant") => {
            node.child_by_field_name("body")?;
            Some((named, true))
        }
        (Language::C | Language::Cpp, "namespace_definition")
        | (Language::CSharp, "property_declaration" | "event_declaration")
        | (_, "internal_module" | "module")
            if language != Language::Ruby =>
        {
            Some((named, false))
        }
        (Language::C | Language::Cpp, _) => {
            node.child_by_field_name("body")?;
            let name = node.child_by_field_name("name");
            Some((name.and_then(|name| plain_type(name, bytes)), true))
        }
        (Language::CSharp, "indexer_declaration") => Some((Some("this[]".to_owned()), false)),
        (Language::Kotlin, "companion_object") => {
            Some((named.or_else(|| Some("Companion".to_owned())), true))
        }
        (Language::Kotlin, "object_literal") => {
            let of = child(node, &["delegation_specifiers"]);
            let of = of.and_then(|of| text(of, bytes));
            let of = of.and_then(|of| of.split(['<', '(']).next().map(str::to_owned));
            Some((of, true))
        }
        (Language::Ruby, "singleton_class") => Some((of_field(node, "value", bytes), true)),
        _ => Some((named, true)),
    }
}

/// Where the name stands that a declaration, an assignment or a pair gives its value.
#[must_use]
pub fn of_binder(language: Language, node: Node<'_>) -> Option<Range<usize>> {
    let field = match node.kind() {
        "variable_declarator"
        | "var_spec"
        | "const_item"
        | "static_item"
        | "public_field_definition" => "name",
        "pair" | "keyed_element" => "key",
        "field_definition" => "property",
        "assignment_expression" | "assignment" | "object_assignment_pattern" => "left",
        "init_declarator" => "declarator",
        "property_declaration" if language == Language::Kotlin => {
            let variable = child(node, &["variable_declaration"])?;
            return Some(variable.named_child(0)?.byte_range());
        }
        "export_statement" => {
            return child(node, &["default"]).map(|default| default.byte_range());
        }
        _ => return None,
    };
    let name = node.child_by_field_name(field)?;
    let is_pattern = matches!(name.kind(), "object_pattern" | "array_pattern");
    (!is_pattern).then(|| name.byte_range())
}

/// What stands there, for an explanation.
#[must_use]
pub fn of_if(node: Node<'_>) -> &'static str {
    if node.kind().starts_with("unless") {
        "unless"
    } else {
        "if"
    }
}

/// What stands there, for an explanation.
#[must_use]
pub fn of_loop(node: Node<'_>) -> &'static str {
    let kind = node.kind();
    if kind.starts_with("do") {
        "do"
    } else if kind.starts_with("while") {
        "while"
    } else if kind.starts_with("until") {
        "until"
    } else if kind.starts_with("loop") {
        "loop"
    } else {
        "for"
    }
}

/// What stands there, for an explanation.
#[must_use]
pub fn of_switch(node: Node<'_>) -> &'static str {
    let kind = node.kind();
    if kind.starts_with("match") {
        "match"
    } else if kind.starts_with("when") {
        "when"
    } else if kind.starts_with("select") {
        "select"
    } else if kind.starts_with("case") {
        "case"
    } else {
        "switch"
    }
}
