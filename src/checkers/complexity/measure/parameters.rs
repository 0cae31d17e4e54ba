//! Owns the parameters of a function: how many there are, the receiver aside, and how many arguments a call may have.

use tree_sitter::Node;

use crate::source::language::Language;

/// How many arguments a call of a function may have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Arity {
    /// At least.
    pub least: u32,
    /// At most; `None` for as many as one likes.
    pub most: Option<u32>,
}

/// The number of parameters, and of arguments.
#[must_use]
pub fn of(language: Language, node: Node<'_>, bytes: &[u8]) -> (u32, Arity) {
    let Some(list) = list_of(language, node) else {
        let single = node.child_by_field_name("parameter").is_some();
        let is_setter = node.kind() == "setter";
        let count = u32::from(single || is_setter);
        return (
            count,
            Arity {
                least: count,
                most: Some(count),
            },
        );
    };
    let mut count = 0;
    let (mut optional, mut is_variadic) = (0, false);
    let mut cursor = list.walk();
    for (at, child) in list.children(&mut cursor).enumerate() {
        let some = of_one(language, child, at, bytes);
        count += some;
        let text = bytes.get(child.byte_range()).unwrap_or_default();
        if some > 0 || (language == Language::CSharp && child.kind() == "params") {
            is_variadic |= is_rest(child, text);
            optional += u32::from(has_default(child, text));
        }
        is_variadic |= child.kind() == "parameter_modifiers" && text.starts_with(b"vararg");
        optional += u32::from(language == Language::Kotlin && child.kind() == "=");
    }
    if language == Language::CSharp {
        let mut cursor = list.walk();
        let direct = list.children_by_field_name("name", &mut cursor).count();
        count += u32::try_from(direct).unwrap_or(u32::MAX);
        is_variadic |= direct > 0;
    }
    let least = if is_variadic {
        0
    } else {
        count.saturating_sub(optional)
    };
    let arity = Arity {
        least,
        most: (!is_variadic).then_some(count),
    };
    (count, arity)
}

/// How many of its parameters each call must give in order: none of those with defaults, of rests, of those that are given by
/// name only, and of those that an annotation fills in.
#[must_use]
pub fn asked(language: Language, node: Node<'_>, bytes: &[u8]) -> u32 {
    let Some(list) = list_of(language, node) else {
        return of(language, node, bytes).0;
    };
    let mut count = 0_u32;
    let mut cursor = list.walk();
    for (at, child) in list.children(&mut cursor).enumerate() {
        let text = bytes.get(child.byte_range()).unwrap_or_default();
        if language == Language::Python
            && (is_rest(child, text) || child.kind() == "keyword_separator")
        {
            break;
        }
        if language == Language::Kotlin && child.kind() == "=" {
            count = count.saturating_sub(1);
        }
        if !is_rest(child, text) && !is_optional(child) && !is_filled(language, child, bytes) {
            count += of_one(language, child, at, bytes);
        }
    }
    count
}

fn list_of(language: Language, node: Node<'_>) -> Option<Node<'_>> {
    match language {
        Language::C | Language::Cpp => {
            let mut at = node.child_by_field_name("declarator")?;
            loop {
                if let Some(list) = at.child_by_field_name("parameters") {
                    return Some(list);
                }
                at = at
                    .child_by_field_name("declarator")
                    .or_else(|| at.named_child(0))?;
            }
        }
        Language::Kotlin => {
            let mut cursor = node.walk();
            let kinds = ["function_value_parameters", "lambda_parameters"];
            node.children(&mut cursor)
                .find(|child| kinds.contains(&child.kind()))
        }
        _ => node.child_by_field_name("parameters"),
    }
}

/// How many parameters this part of a list is.
fn of_one(language: Language, node: Node<'_>, at: usize, bytes: &[u8]) -> u32 {
    let text = bytes.get(node.byte_range()).unwrap_or_default();
    if node.kind() == "..." && matches!(language, Language::C | Language::Cpp) {
        return 1;
    }
    if !node.is_named() || node.is_error() || node.kind().ends_with("comment") {
        return 0;
    }
    let kind = node.kind();
    let counts = match language {
        Language::Python => {
            let name = text.split(|byte| b":= ".contains(byte)).next();
            let is_receiver = at == 1 && matches!(name, Some(b"self" | b"cls"));
            !is_receiver && !matches!(kind, "keyword_separator" | "positional_separator")
        }
        Language::JavaScript | Language::TypeScript | Language::Tsx => {
            let pattern = node.child_by_field_name("pattern");
            kind != "this" && pattern.is_none_or(|pattern| pattern.kind() != "this")
        }
        Language::Rust => {
            let is_self = node
                .child_by_field_name("pattern")
                .and_then(|pattern| bytes.get(pattern.byte_range()))
                == Some(b"self");
            !is_self && !matches!(kind, "self_parameter" | "attribute_item")
        }
        Language::Go => {
            let mut cursor = node.walk();
            let names = node.children_by_field_name("name", &mut cursor).count();
            return u32::try_from(names).unwrap_or(u32::MAX).max(1);
        }
        Language::Java => kind != "receiver_parameter",
        Language::C | Language::Cpp => text != b"void",
        Language::CSharp => {
            let mut cursor = node.walk();
            let is_receiver = node.children(&mut cursor).any(|child| {
                child.kind() == "modifier" && bytes.get(child.byte_range()) == Some(b"this")
            });
            kind == "parameter" && !is_receiver || kind == "implicit_parameter"
        }
        Language::Kotlin => matches!(kind, "parameter" | "variable_declaration"),
        _ => true,
    };
    u32::from(counts)
}

fn is_rest(node: Node<'_>, text: &[u8]) -> bool {
    matches!(
        node.kind(),
        "..."
            | "spread_parameter"
            | "variadic_parameter"
            | "variadic_parameter_declaration"
            | "list_splat_pattern"
            | "dictionary_splat_pattern"
            | "rest_pattern"
            | "splat_parameter"
            | "hash_splat_parameter"
            | "block_parameter"
            | "params"
    ) || text.starts_with(b"params ")
        || node.kind() == "typed_parameter" && text.starts_with(b"*")
        || text.starts_with(b"...")
}

fn has_default(node: Node<'_>, text: &[u8]) -> bool {
    node.kind() == "optional_parameter_declaration" || text.contains(&b'=')
}

/// Has it a default, or is it given by name only?
fn is_optional(node: Node<'_>) -> bool {
    let is_kind = matches!(
        node.kind(),
        "default_parameter"
            | "typed_default_parameter"
            | "optional_parameter"
            | "optional_parameter_declaration"
            | "keyword_parameter"
            | "assignment_pattern"
    );
    let mut cursor = node.walk();
    is_kind || node.children(&mut cursor).any(|child| child.kind() == "=")
}

/// Does an annotation say where its value comes from, or is it what Go hands everywhere?
fn is_filled(language: Language, node: Node<'_>, bytes: &[u8]) -> bool {
    let text = |node: Node<'_>| bytes.get(node.byte_range()).unwrap_or_default();
    if language == Language::Go {
        let kind = node.child_by_field_name("type").map(text);
        return kind == Some(b"context.Context");
    }
    let mut cursor = node.walk();
    node.children(&mut cursor).any(|child| {
        let text = text(child);
        let is_annotation = match child.kind() {
            "modifiers" => text.starts_with(b"@"),
            // A field of its own, declared where it is taken.
            "visibility_modifier" | "accessibility_modifier" => true,
            kind => matches!(kind, "decorator" | "attribute_list"),
        };
        // Whether it may be null says nothing of who gives it.
        let is_nullness = text
            .windows(4)
            .any(|part| part.eq_ignore_ascii_case(b"null"));
        is_annotation && !is_nullness
    })
}
