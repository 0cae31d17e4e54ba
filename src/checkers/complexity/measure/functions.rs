//! Owns functions and what is around them: which begin one of their own, their names, and where what they measure goes.

use std::num::NonZeroU16;

use tree_sitter::Node;

use crate::source::language::Language;

use super::walk::{Frame, Role, State, Walk, is_control, last_line_of, line_of};
use super::{Function, Increment, failure, name, parameters, recursion, signature};

/// Names around a function are left out where its own would become longer than this, in bytes.
const LONGEST: usize = 400;

impl<'t> Walk<'t> {
    pub(super) fn function(
        &mut self,
        node: Node<'t>,
        depth: u32,
        parent: Option<Role>,
        field: Option<NonZeroU16>,
    ) {
        let language = self.table.language;
        if !name::has_body(language, node) {
            return;
        }
        if node.kind() == "arrow_expression_clause"
            && !(parent == Some(Role::Scope) && field == self.table.fields.value)
        {
            return;
        }
        let bound = self.bound(parent);
        let own = name::of_function(language, node, self.bytes, bound.as_deref());
        // A macro of C++ before a statement makes it look like a function of the statement's name.
        if matches!(language, Language::C | Language::Cpp) && name::is_keyword(&own) {
            return;
        }
        let frame = self.frame_of(node, own, false);
        if language == Language::Python {
            self.pending.push(frame);
            self.open(depth, Role::Pending);
        } else {
            self.begin(depth, frame);
        }
    }

    pub(super) fn closure(&mut self, node: Node<'t>, depth: u32, parent: Option<Role>) {
        if parent == Some(Role::Closure) && node.kind() != "lambda" && self.is_wrapped(node) {
            return;
        }
        let language = self.table.language;
        let is_script = matches!(
            language,
            Language::JavaScript | Language::TypeScript | Language::Tsx
        );
        let bound = self.bound(parent);
        let own = name::of_closure(language, node, self.bytes).or(bound);
        if is_script && let Some(own) = &own {
            let frame = self.frame_of(node, own.clone(), false);
            self.begin(depth, frame);
        } else if self.is_outside() {
            let own = own.or_else(|| self.nearest());
            let frame = self.frame_of(node, own.unwrap_or_else(|| "(closure)".to_owned()), true);
            self.begin(depth, frame);
        } else {
            self.nest(depth, Role::Closure, false);
            self.stop_tree();
            self.frame().closures += 1;
        }
    }

    /// Is it the block of a lambda that is open already?
    fn is_wrapped(&self, node: Node<'_>) -> bool {
        self.table.language == Language::Ruby && matches!(node.kind(), "block" | "do_block")
    }

    /// Is there no function with a name around?
    pub(super) fn is_outside(&self) -> bool {
        self.frames.len() == 1 || self.frames.last().is_some_and(|f| f.function.is_closure)
    }

    pub(super) fn scope(&mut self, node: Node<'t>, depth: u32) {
        let Some((own, is_type)) = name::of_scope(self.table.language, node, self.bytes) else {
            return;
        };
        self.nest_scope(depth);
        // What a trait asks for is the trait's.
        self.state.is_given = node.child_by_field_name("trait").is_some();
        if let Some(own) = own {
            self.name(own, is_type);
        }
    }

    /// Begins a class or object that takes its name from what it is bound to.
    pub(super) fn object(&mut self, node: Node<'t>, depth: u32, parent: Option<Role>) {
        let own = name::of_field(node, "name", self.bytes).or_else(|| self.bound(parent));
        if node.kind() == "class" {
            self.nest_scope(depth);
        } else {
            self.open(depth, Role::Scope);
            if self.state.in_tree {
                self.stop_tree();
            }
        }
        if let Some(own) = own {
            self.name(own, true);
        }
    }

    fn nest_scope(&mut self, depth: u32) {
        if self.frames.len() > 1 {
            self.nest(depth, Role::Scope, false);
        } else {
            self.open(depth, Role::Scope);
        }
        if self.state.in_tree {
            self.stop_tree();
        }
    }

    /// Gives what the node just opened holds a name.
    fn name(&mut self, own: String, is_type: bool) {
        self.names.push((own, is_type));
        if let Some(entry) = self.entries.last_mut() {
            entry.is_named = true;
        }
    }

    /// The name that the node around gives.
    pub(super) fn bound(&self, parent: Option<Role>) -> Option<String> {
        let entry = self.entries.last()?;
        (parent == Some(Role::Binder)).then(|| name::tidy(self.bytes.get(entry.binds.clone())))?
    }

    /// The name of the nearest thing around that gives one, within the function that is open: what it is bound to, or else
    /// the call that takes it.
    fn nearest(&self) -> Option<String> {
        let inside = self.entries.iter().rev();
        let inside = inside.take_while(|entry| !matches!(entry.role, Role::Frame | Role::Scope));
        let mut callee = None;
        for entry in inside {
            match entry.role {
                Role::Binder => return name::tidy(self.bytes.get(entry.binds.clone())),
                Role::Callee if callee.is_none() => callee = Some(entry.binds.clone()),
                _ => {}
            }
        }
        let callee = name::tidy(self.bytes.get(callee?))?;
        Some(format!("{callee}(...)"))
    }

    fn frame_of(&self, node: Node<'t>, own: String, is_closure: bool) -> Frame {
        let language = self.table.language;
        let separator = match language {
            Language::Rust | Language::C | Language::Cpp => "::",
            _ => ".",
        };
        // Innermost first: however deep it lies, a name has an end.
        let mut parts = vec![own.as_str()];
        let mut length = own.len();
        for (around, _) in self.names.iter().rev() {
            length += around.len();
            parts.push(if length > LONGEST { "..." } else { around });
            if length > LONGEST {
                break;
            }
        }
        parts.reverse();
        let full = parts.join(separator);
        let (parameters, arity) = parameters::of(language, node, self.bytes);
        let is_given = self.state.is_given || signature::is_given(language, node, self.bytes);
        let asked = if is_given {
            0
        } else {
            parameters::asked(language, node, self.bytes)
        };
        let is_constructor = signature::is_constructor(language, node, &own);
        let owner = match self.names.last() {
            Some((owner, true)) => Some(owner.clone()),
            _ => None,
        };
        let (owner, bare) = recursion::told_apart(language, node, self.bytes, owner, &own);
        Frame {
            function: Function {
                name: full,
                is_closure,
                is_test: language == Language::Rust
                    && self.names.iter().any(|(name, _)| name == "tests"),
                bytes: node.byte_range(),
                line: line_of(node),
                end_line: last_line_of(node),
                cyclomatic: 1,
                parameters,
                asked,
                is_constructor,
                ..Function::default()
            },
            name: bare,
            own,
            owner,
            arity,
            is_recursive: is_closure,
            is_decorator: false,
            closures: 0,
            outer_nesting: 0,
        }
    }

    pub(super) fn begin(&mut self, depth: u32, mut frame: Frame) {
        frame.outer_nesting = self.state.nesting;
        let own = frame.own.clone();
        let (run, operators) = (self.run, self.operators);
        self.open(depth, Role::Frame);
        if let Some(entry) = self.entries.last_mut() {
            entry.run = run;
            entry.begins_run = true;
            entry.tree = Some(operators);
        }
        self.state = State::default();
        self.run = None;
        self.operators = 0;
        self.name(own, false);
        self.frames.push(frame);
    }

    pub(super) fn end(&mut self) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        if self.settings.nested_adds && !frame.function.is_closure && self.frames.len() > 1 {
            self.hand_on(&frame);
        }
        let function = frame.function;
        self.frame()
            .function
            .inner
            .push((function.line, function.end_line));
        self.done.push(function);
    }

    /// Adds the cognitive complexity of a nested function to the one around it.
    fn hand_on(&mut self, nested: &Frame) {
        for increment in &nested.function.increments {
            let deeper = nested.outer_nesting + u32::from(!self.frame().is_decorator);
            let nesting = increment.nesting.map(|nesting| nesting + deeper);
            self.add(Increment {
                cyclomatic: 0,
                cognitive: increment.cognitive + if nesting.is_some() { deeper } else { 0 },
                nesting,
                ..*increment
            });
        }
    }

    pub(super) fn returns(&mut self, node: Node<'_>) {
        let is_labelled =
            self.table.language == Language::Kotlin && node.child_by_field_name("label").is_some();
        // The case of a switch is as deep as the switch: its cases are a list.
        let controls = self.entries.iter().rev().map(|entry| entry.role);
        let mut controls = controls
            .filter(|role| is_control(*role) || matches!(role, Role::Frame | Role::Chained));
        let is_case = controls.next() == Some(Role::Switch);
        let level = self.state.level - u32::from(is_case && self.state.level > 0);
        let is_deep = level > 1 && !failure::gives_up(self.table.language, node, self.bytes);
        let frame = self.frame();
        if frame.closures == 0 && !is_labelled {
            frame.function.returns += 1;
            frame.function.deep_returns += u32::from(is_deep);
        }
    }

    pub(super) fn call(&mut self, node: Node<'t>, depth: u32) {
        let language = self.table.language;
        if language == Language::Bash {
            match recursion::command(node, self.bytes) {
                Some("return") => self.returns(node),
                Some("break" | "continue") if recursion::is_numbered(node, self.bytes) => {
                    self.flat(line_of(node), "jump to a label", 0);
                }
                _ => {}
            }
        }
        if self.is_outside()
            && let Some(callee) = recursion::callee(language, node)
        {
            self.open(depth, Role::Callee);
            if let Some(entry) = self.entries.last_mut() {
                entry.binds = callee;
            }
        }
        let bytes = self.bytes;
        let frame = self.frame();
        if !frame.is_recursive && recursion::is_of_itself(language, node, bytes, frame) {
            frame.is_recursive = true;
            self.flat(line_of(node), "recursion", 0);
        }
    }
}
