//! Owns what is added: each increment of the two numbers, and runs of boolean operators.

use tree_sitter::Node;

use crate::source::language::Language;

use super::class::Op;
use super::walk::{Role, Walk, is_control, line_of};
use super::{Increment, questions, shape};

impl Walk<'_> {
    /// Begins a control structure.
    pub(super) fn control(&mut self, node: Node<'_>, depth: u32, role: Role, what: &'static str) {
        let is_decision = role != Role::Switch;
        self.deep(line_of(node), what, u32::from(is_decision));
        let level = self.state.level + 1;
        let function = &mut self.frame().function;
        function.nesting = function.nesting.max(level);
        self.open(depth, role);
    }

    /// Takes an `else` that is a node of its own.
    pub(super) fn otherwise(&mut self, node: Node<'_>, depth: u32, parent: Option<Role>) {
        match parent {
            Some(Role::If) if shape::is_only_an_if(self.table, node) => {
                self.open(depth, Role::Chained);
            }
            Some(role @ (Role::If | Role::Loop | Role::Try)) => {
                self.flat(line_of(node), "else", 0);
                self.nest(depth, Role::Plain, is_control(role));
            }
            Some(Role::Switch) => self.nest(depth, Role::Plain, true),
            _ => {}
        }
    }

    /// Begins operands with boolean operators between them.
    pub(super) fn boolean(
        &mut self,
        node: Node<'_>,
        depth: u32,
        parent: Option<Role>,
        is_list: bool,
    ) {
        let goes_on = matches!(parent, Some(Role::Bool { .. } | Role::Paren));
        let (run, operators, in_tree) = (self.run, self.operators, self.state.in_tree);
        self.open(depth, Role::Bool { is_list });
        let Some(entry) = self.entries.last_mut() else {
            return;
        };
        if !goes_on {
            entry.run = run;
            entry.begins_run = true;
            self.run = None;
        }
        if !in_tree && !is_list {
            entry.tree = Some(operators);
            let questions = questions::of(self.table, node, self.bytes);
            entry.questions = (questions.unwrap_or(u32::MAX), line_of(node));
            self.operators = 0;
            self.state.in_tree = true;
        }
    }

    pub(super) fn operator(&mut self, op: Op, node: Node<'_>, is_list: bool) {
        let what = match op {
            Op::And => "and",
            Op::Or => "or",
            Op::Null => "null coalescing",
        };
        let is_new = op != Op::Null && self.run != Some(op);
        self.add(Increment {
            line: line_of(node),
            what,
            cyclomatic: 1,
            cognitive: u32::from(is_new),
            nesting: None,
        });
        if op == Op::Null {
            return;
        }
        self.run = Some(op);
        if !is_list {
            self.operators += 1;
        }
    }

    /// Stops the boolean expression for what is in the node just opened.
    pub(super) fn stop_tree(&mut self) {
        let operators = self.operators;
        if let Some(entry) = self.entries.last_mut() {
            entry.tree = Some(operators);
        }
        self.operators = 0;
        self.state.in_tree = false;
    }

    /// Is it a case other than the default?
    pub(super) fn is_decision(&self, node: Node<'_>) -> bool {
        shape::is_decision(self.table.language, node, self.bytes)
    }

    /// Is it really a guard?
    pub(super) fn is_guard(&self, node: Node<'_>) -> bool {
        self.table.language != Language::Rust || node.child_by_field_name("condition").is_some()
    }

    /// Adds what nests: one more for each level.
    pub(super) fn deep(&mut self, line: u32, what: &'static str, cyclomatic: u32) {
        let nesting = self.state.nesting;
        self.add(Increment {
            line,
            what,
            cyclomatic,
            cognitive: 1 + nesting,
            nesting: Some(nesting),
        });
    }

    /// Adds what counts one, however deep.
    pub(super) fn flat(&mut self, line: u32, what: &'static str, cyclomatic: u32) {
        self.add(Increment {
            line,
            what,
            cyclomatic,
            cognitive: 1,
            nesting: None,
        });
    }

    /// Adds what counts for the cyclomatic number only.
    pub(super) fn plain(&mut self, line: u32, what: &'static str) {
        self.add(Increment {
            line,
            what,
            cyclomatic: 1,
            cognitive: 0,
            nesting: None,
        });
    }

    pub(super) fn add(&mut self, increment: Increment) {
        let function = &mut self.frame().function;
        function.cyclomatic += increment.cyclomatic;
        function.cognitive += increment.cognitive;
        function.increments.push(increment);
    }
}
