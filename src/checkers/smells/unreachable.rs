//! Owns statements behind one that leaves: nothing runs them.

use tree_sitter::Node;

use crate::source::language::Language;

use super::facts::{Kind, Sink};
use super::table::is_comment;

/// Statements that leave, innermost last: what may come next at the depth of each is reached by nothing.
pub struct Left {
    language: Language,
    open: Vec<(u32, u32)>,
}

/// What may stand there all the same: it is reached from elsewhere, or is no statement.
const REACHED: [&str; 31] = [
    "abstract_class_declaration",
    "break_statement",
    "case_statement",
    "class_declaration",
    "default_statement",
    "elif_clause",
    "else",
    "else_clause",
    "elsif",
    "empty_statement",
    "ensure",
    "enum_declaration",
    "finally_clause",
    "function_declaration",
    "function_definition",
    "function_signature",
    "generator_function_declaration",
    "heredoc_body",
    "interface_declaration",
    "labeled_statement",
    "local_function_statement",
    "named_label_statement",
    "namespace_definition",
    "namespace_use_declaration",
    "php_end_tag",
    "php_tag",
    "rescue",
    "text",
    "text_interpolation",
    "trait_declaration",
    "type_alias_declaration",
];

impl Left {
    /// Nothing has left yet.
    pub const fn new(language: Language) -> Self {
        Self {
            language,
            open: Vec::new(),
        }
    }

    /// A statement leaves here.
    pub fn jump(&mut self, node: Node<'_>, depth: u32) {
        let line = u32::try_from(node.start_position().row + 1).unwrap_or(u32::MAX);
        self.open.push((depth, line));
    }

    /// Takes the node that follows another one at this depth.
    pub fn next(&mut self, node: Node<'_>, depth: u32, sink: &mut Sink<'_>) {
        let Some(&(at, line)) = self.open.last() else {
            return;
        };
        if at != depth {
            return;
        }
        let kind = node.kind();
        if is_comment(node) {
            // Somebody knows.
            let text = sink.file.bytes().get(node.byte_range()).unwrap_or_default();
            if memchr::memmem::find(text, b"unreachable").is_some() {
                self.open.pop();
            }
            return;
        }
        if kind == ";" {
            return;
        }
        self.open.pop();
        let is_hoisted = kind == "function_definition" && self.language == Language::Python;
        let is_reached = REACHED.contains(&kind) && !is_hoisted;
        if !node.is_named() || is_reached || kind.starts_with("preproc") || node.has_error() {
            return;
        }
        // A second semicolon.
        if kind == "expression_statement" && node.named_child_count() == 0 {
            return;
        }
        // A statement may belong to what the grammar did not understand beside it.
        let is_doubtful = || node.parent().is_some_and(|around| around.has_error());
        if self.only_marks(node) || is_doubtful() {
            return;
        }
        sink.add(
            Kind::UnreachableCode,
            node.byte_range(),
            format!("line {line}"),
        );
    }

    /// The node at this depth ends with all behind it.
    pub fn up(&mut self, depth: u32) {
        while self.open.last().is_some_and(|(at, _)| *at > depth) {
            self.open.pop();
        }
    }

    /// Does it stand there for what it says: a `yield` that makes a generator, a variable that is hoisted?
    fn only_marks(&self, node: Node<'_>) -> bool {
        let only = node.named_child(0);
        match self.language {
            Language::Python => {
                node.kind() == "expression_statement"
                    && only.is_some_and(|only| only.kind() == "yield")
            }
            Language::JavaScript | Language::TypeScript | Language::Tsx => {
                node.kind() == "variable_declaration"
                    && only.is_some_and(|only| only.child_by_field_name("value").is_none())
            }
            _ => false,
        }
    }
}
