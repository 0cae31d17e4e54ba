//! Owns the answer which child of a control structure is its body, so that what stands there nests one deeper; all else (a
//! condition, a loop's head, the subject of a switch) does not.

use std::num::NonZeroU16;

use tree_sitter::Node;

use crate::source::language::Language;

use super::class::{Class, Table};
use super::walk::Role;

/// What is known of a child.
#[derive(Clone, Copy)]
pub struct Child<'t> {
    /// The child.
    pub node: Node<'t>,
    /// Its class.
    pub class: Class,
    /// The field it stands in.
    pub field: Option<NonZeroU16>,
    /// How many tokens that part the structure came before it: see [`parts`].
    pub phase: u8,
}

/// Is the child (a part of) the body of a structure of this role?
pub fn is_body(table: &Table, role: Role, child: Child<'_>) -> bool {
    if !child.node.is_named() || child.class == Class::Comment {
        return false;
    }
    let in_field = |field: Option<NonZeroU16>| field.is_some() && child.field == field;
    let fields = &table.fields;
    match (table.language, role) {
        (Language::Python, Role::Ternary) => child.phase != 1,
        (Language::Python | Language::Kotlin, Role::Catch) => child.node.kind() == "block",
        (Language::Ruby, Role::Switch) => !in_field(fields.value),
        (Language::Ruby, Role::Rescue) => in_field(fields.handler),
        (Language::Go | Language::Kotlin | Language::Bash, Role::Switch) => {
            child.class == Class::Case || child.node.kind() == "default_case"
        }
        (Language::CSharp, Role::Switch) => child.class == Class::Case || in_field(fields.body),
        (Language::Kotlin, Role::Loop) if child.phase > 0 => child.field.is_none(),
        // The `else` of a `try` is taken elsewhere.
        (Language::Kotlin, Role::Loop) | (_, Role::Try) => false,
        (Language::Kotlin, Role::If) => child.field.is_none(),
        (Language::Bash, Role::If) => child.phase > 0,
        _ => in_field(fields.body) || in_field(fields.consequence) || in_field(fields.alternative),
    }
}

/// Does this token part a structure: `then` of a shell's `if`, the parenthesis behind the head of a loop in Kotlin?
pub fn parts(language: Language, role: Role, token: &str) -> bool {
    match (language, role) {
        (Language::Python, Role::Ternary) => matches!(token, "if" | "else"),
        (Language::Kotlin, Role::Loop) => matches!(token, ")" | "do"),
        (Language::Kotlin, Role::If) => token == "else",
        (Language::Bash, Role::If) => token == "then",
        _ => false,
    }
}

/// Is this child what follows the `else`, where `else` is no node of its own?
pub fn is_alternative(table: &Table, child: Child<'_>) -> bool {
    match table.language {
        Language::Kotlin => child.phase > 0,
        _ => table.fields.alternative.is_some() && child.field == table.fields.alternative,
    }
}
