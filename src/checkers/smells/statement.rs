//! Owns how much a statement that the grammar reads looks like code: prose is often read as a name, a label or a call.

use tree_sitter::Node;

use crate::source::language::Language;

/// How much it looks like code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Such a text is no code that somebody switched off.
    Never,
    /// It may be anything.
    Weak,
    /// Nobody writes that to people.
    Strong,
}

/// Names of functions that one finds in code that was switched off.
const OUTPUT: [&str; 12] = [
    "print", "pprint", "puts", "self.", "logger.", "log.", "logging.", "console.", "fmt.", "this.",
    "assert", "super(",
];

/// What holds statements of its own.
const COMPOUND: [&str; 34] = [
    "if_statement",
    "for_statement",
    "for_in_statement",
    "while_statement",
    "with_statement",
    "try_statement",
    "switch_statement",
    "expression_switch_statement",
    "do_statement",
    "foreach_statement",
    "enhanced_for_statement",
    "function_definition",
    "class_definition",
    "decorated_definition",
    "function_declaration",
    "method_declaration",
    "class_declaration",
    "method_definition",
    "function_item",
    "impl_item",
    "struct_item",
    "if_expression",
    "match_expression",
    "for_expression",
    "while_expression",
    "local_function_statement",
    "method",
    "if",
    "unless",
    "while",
    "case",
    "type_declaration",
    "constructor_declaration",
    "for_range_loop",
];

/// Weighs a statement of a block of so many lines.
pub fn weigh(language: Language, node: Node<'_>, bytes: &[u8], lines: usize) -> Weight {
    let text = bytes.get(node.byte_range()).unwrap_or_default();
    let text = String::from_utf8_lossy(text);
    let spans = node.end_position().row > node.start_position().row;
    let ends = text.ends_with(';') || text.ends_with('}');
    let strong = |holds: bool| if holds { Weight::Strong } else { Weight::Weak };
    let kind = node.kind();
    match kind {
        "expression_statement" => {
            let Some(inner) = node.named_child(0) else {
                return Weight::Weak;
            };
            expression(language, inner, bytes, lines, ends)
        }
        "ERROR" | "labeled_statement" | "ellipsis" => Weight::Never,
        "return_statement" | "return" | "throw_statement" | "raise_statement" => {
            let value = node.named_child(0);
            let says = value.is_some_and(|value| {
                let is_call = value.kind().contains("call") || value.kind().contains("invocation");
                is_call
                    || matches!(
                        value.kind(),
                        "expression_list" | "new_expression" | "object_creation_expression"
                    )
            });
            strong(says || (ends && lines > 1))
        }
        "return_expression" | "macro_invocation" => strong(ends),
        "import_from_statement"
        | "use_declaration"
        | "future_import_statement"
        | "go_statement"
        | "defer_statement" => Weight::Strong,
        "import_statement" => {
            let is_script = matches!(
                language,
                Language::JavaScript | Language::TypeScript | Language::Tsx
            );
            strong(if is_script {
                text.contains(['\'', '"'])
            } else {
                text.contains(['.', ',']) || text.contains(" as ")
            })
        }
        kind if COMPOUND.contains(&kind) => {
            // On one line only what has braces is told from prose.
            strong(spans || (ends && text.contains('{') && text.contains('(')))
        }
        "local_variable_declaration"
        | "declaration"
        | "local_declaration_statement"
        | "field_declaration"
        | "global_statement"
        | "property_declaration"
        | "lexical_declaration"
        | "variable_declaration"
        | "let_declaration"
        | "var_declaration"
        | "const_declaration"
        | "short_var_declaration" => {
            if kind == "global_statement" {
                let inner = node.named_child(0);
                return inner.map_or(Weight::Weak, |inner| weigh(language, inner, bytes, lines));
            }
            declaration(&text, ends, language)
        }
        "assignment"
        | "operator_assignment"
        | "assignment_statement"
        | "call"
        | "call_expression" => expression(language, node, bytes, lines, ends),
        _ => Weight::Weak,
    }
}

/// A declaration that gives a value.
fn declaration(text: &str, ends: bool, language: Language) -> Weight {
    let Some((_, value)) = text.split_once('=') else {
        return Weight::Weak;
    };
    let is_short = matches!(
        language,
        Language::Go
            | Language::Kotlin
            | Language::JavaScript
            | Language::TypeScript
            | Language::Tsx
    );
    if ends || (is_short && says_value(value)) {
        Weight::Strong
    } else {
        Weight::Weak
    }
}

/// Is it an empty value, a number, or one of the words for nothing, true and false?
fn is_plain(value: &str) -> bool {
    let value = value.trim();
    let is_number = value.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    is_number
        || matches!(
            value,
            "True" | "False" | "None" | "[]" | "{}" | "()" | "''" | "\"\""
        )
}

/// Is it a value that code has, and no formula: a call, a text, a number, a part of something?
fn says_value(value: &str) -> bool {
    let value = value.trim().trim_end_matches(';');
    let mut before = ' ';
    let mut calls = false;
    for c in value.chars() {
        calls |= matches!(c, '(' | '[')
            && (before.is_alphanumeric() || matches!(before, '_' | ')' | ']'));
        before = c;
    }
    let is_constant = matches!(
        value,
        "True" | "False" | "None" | "true" | "false" | "nil" | "null"
    );
    let is_number = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let is_literal = value.starts_with(['[', '{', '"', '\'', '`']) || value.contains(['"', '\'']);
    is_constant || is_number || calls || is_literal || (value.contains('.') && !value.contains(' '))
}

fn expression(
    language: Language,
    node: Node<'_>,
    bytes: &[u8],
    lines: usize,
    ends: bool,
) -> Weight {
    let text = bytes.get(node.byte_range()).unwrap_or_default();
    let text = String::from_utf8_lossy(text);
    let kind = node.kind();
    let needs_end = !matches!(
        language,
        Language::Python
            | Language::Ruby
            | Language::Go
            | Language::Kotlin
            | Language::JavaScript
            | Language::TypeScript
            | Language::Tsx
    );
    let strong = |holds: bool| if holds { Weight::Strong } else { Weight::Weak };
    if needs_end && !ends {
        return Weight::Weak;
    }
    match kind {
        "assignment" | "assignment_expression" | "assignment_statement" => {
            let left = node
                .child_by_field_name("left")
                .or_else(|| node.named_child(0));
            let right = node.child_by_field_name("right");
            let right =
                right.or_else(|| node.named_child(1).filter(|_| language == Language::Kotlin));
            let is_target = left.is_some_and(|left| {
                !left.kind().contains("string") && !left.kind().contains("number")
            });
            let Some(right) = right.filter(|_| is_target) else {
                return Weight::Weak;
            };
            let value = String::from_utf8_lossy(bytes.get(right.byte_range()).unwrap_or_default());
            let is_name = left.is_some_and(|left| left.kind() == "identifier");
            // A name with a plain value tells people of the value as often; `name=value` is an argument.
            let is_told = language == Language::Python && is_name && lines == 1;
            let is_argument = is_told && !text.contains(" =");
            // So it is in a script without a semicolon: `key = point.x`.
            let is_script = matches!(
                language,
                Language::JavaScript | Language::TypeScript | Language::Tsx
            );
            let is_path = is_script
                && is_name
                && lines == 1
                && !value.contains(['(', '[', '"', '\''])
                && !value.contains('`');
            let is_doubtful = is_argument || is_path || (is_told && is_plain(&value));
            strong(ends || (says_value(&value) && !is_doubtful))
        }
        "augmented_assignment"
        | "augmented_assignment_expression"
        | "operator_assignment"
        | "update_expression"
        | "await"
        | "await_expression" => Weight::Strong,
        "call"
        | "call_expression"
        | "method_invocation"
        | "invocation_expression"
        | "function_call_expression"
        | "member_call_expression"
        | "scoped_call_expression"
        | "macro_invocation" => {
            let has_parentheses = text.contains('(');
            let is_known = OUTPUT.iter().any(|start| text.starts_with(start));
            strong(has_parentheses && (ends || is_known || lines > 1))
        }
        "if_expression" | "match_expression" | "for_expression" | "while_expression"
        | "loop_expression" | "return_expression" => strong(lines > 1 || ends),
        "string" | "concatenated_string" | "template_string" => Weight::Never,
        _ => Weight::Weak,
    }
}
