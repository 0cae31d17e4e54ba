//! Owns the walk over a tree, without recursion: what each node adds, to which function, and how deep it nests.

use std::num::NonZeroU16;
use std::ops::Range;

use tree_sitter::{Node, Tree};

use crate::source::language::Language;

use super::body::{self, Child};
use super::class::{Class, Op, Table};
use super::lines::Lines;
use super::{Function, Measures, Settings, name, parameters, shape};

/// What an open node is to its children.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Nothing: what it changed is put back when it ends.
    Plain,
    If,
    /// An `else` that is there only for the `if` in it.
    Chained,
    Loop,
    Switch,
    Ternary,
    Catch,
    Rescue,
    Try,
    /// Operands and boolean operators; the operators of a shell's list make no condition.
    Bool {
        is_list: bool,
    },
    /// A parenthesis among them.
    Paren,
    Preprocessor,
    /// A function whose body alone is its own.
    Pending,
    Frame,
    Closure,
    Scope,
    /// What gives its value a name.
    Binder,
    /// What gives a closure a name that has no better one.
    Callee,
}

/// What is put back when a node ends.
#[derive(Clone, Copy, Default)]
pub struct State {
    /// How deep cognitive complexity nests here.
    pub(super) nesting: u32,
    /// How deep control structures nest here.
    pub(super) level: u32,
    /// Is this a part of a boolean expression?
    pub(super) in_tree: bool,
    /// Does something else decide what functions here take: the trait that they implement?
    pub(super) is_given: bool,
    /// Are tokens here read by no grammar?
    pub(super) is_opaque: bool,
}

/// An open node that means something to what is in it.
pub struct Entry {
    pub(super) depth: u32,
    pub(super) role: Role,
    pub(super) state: State,
    /// What is put back where it began a run of boolean operators.
    pub(super) run: Option<Op>,
    /// Did it begin one?
    pub(super) begins_run: bool,
    /// What is put back where it began a boolean expression, or stopped one.
    pub(super) tree: Option<u32>,
    /// Of an expression: how many of its operators ask something new, and its line.
    pub(super) questions: (u32, u32),
    /// Tokens so far that part it.
    pub(super) phase: u8,
    /// The line of the last `else`.
    pub(super) else_line: u32,
    /// Does it name what is in it?
    pub(super) is_named: bool,
    /// The name it gives.
    pub(super) binds: Range<usize>,
}

/// A function that is open.
pub struct Frame {
    /// What was measured so far.
    pub(super) function: Function,
    /// The name alone.
    pub(super) name: String,
    /// The name as it is written, with a type where it holds one.
    pub(super) own: String,
    /// The name of the type it belongs to, or of the receiver in Go.
    pub(super) owner: Option<String>,
    /// How many arguments a call of it has.
    pub(super) arity: parameters::Arity,
    /// Was a call of itself seen?
    pub(super) is_recursive: bool,
    /// Does it only define a function and return it?
    pub(super) is_decorator: bool,
    /// How many closures are open in it.
    pub(super) closures: u32,
    /// How deep the function around it nested where this one began.
    pub(super) outer_nesting: u32,
}

pub struct Walk<'t> {
    pub(super) table: &'static Table,
    pub(super) bytes: &'t [u8],
    pub(super) settings: Settings,
    pub(super) state: State,
    /// The last boolean operator of the run.
    pub(super) run: Option<Op>,
    /// How many boolean operators the expression has so far.
    pub(super) operators: u32,
    pub(super) entries: Vec<Entry>,
    /// Functions that are open; the first one is the code outside of all.
    pub(super) frames: Vec<Frame>,
    pub(super) pending: Vec<Frame>,
    /// Names of what is open, and whether each is a type.
    pub(super) names: Vec<(String, bool)>,
    pub(super) comments: Vec<Range<usize>>,
    pub(super) done: Vec<Function>,
}

/// Measures a tree.
pub fn walk(table: &'static Table, tree: &Tree, bytes: &[u8], settings: Settings) -> Measures {
    let mut walk = Walk {
        table,
        bytes,
        settings,
        state: State::default(),
        run: None,
        operators: 0,
        entries: Vec::new(),
        frames: vec![Frame::outside()],
        pending: Vec::new(),
        names: Vec::new(),
        comments: Vec::new(),
        done: Vec::new(),
    };
    let mut cursor = tree.walk();
    let mut depth = 0_u32;
    'all: loop {
        let node = cursor.node();
        let inside = walk.enter(node, depth, || cursor.field_id());
        if inside && cursor.goto_first_child() {
            depth += 1;
            continue;
        }
        loop {
            walk.leave(depth);
            if cursor.goto_next_sibling() {
                break;
            }
            if !cursor.goto_parent() {
                break 'all;
            }
            depth -= 1;
        }
    }
    walk.finish(tree.root_node().has_error())
}

impl Frame {
    fn outside() -> Self {
        Self {
            function: Function::default(),
            name: String::new(),
            own: String::new(),
            owner: None,
            arity: parameters::Arity::default(),
            is_recursive: true,
            is_decorator: false,
            closures: 0,
            outer_nesting: 0,
        }
    }
}

pub(super) fn line_of(node: Node<'_>) -> u32 {
    u32::try_from(node.start_position().row + 1).unwrap_or(u32::MAX)
}

/// The last line of a node, which may end with the line feed behind it.
pub(super) fn last_line_of(node: Node<'_>) -> u32 {
    let (start, end) = (node.start_position(), node.end_position());
    let row = if end.column == 0 && end.row > start.row {
        end.row
    } else {
        end.row + 1
    };
    u32::try_from(row).unwrap_or(u32::MAX)
}

impl<'t> Walk<'t> {
    /// Takes a node; true when its children are to be seen.
    fn enter(
        &mut self,
        node: Node<'t>,
        depth: u32,
        field: impl Fn() -> Option<NonZeroU16>,
    ) -> bool {
        let class = self.table.class(node.kind_id());
        if class == Class::Comment {
            self.comments.push(node.byte_range());
            return false;
        }
        if self.state.is_opaque {
            return true;
        }
        let parent = match self.entries.last() {
            Some(entry) if entry.depth + 1 == depth => Some(entry.role),
            _ => None,
        };
        let mut is_chain = parent == Some(Role::Chained);
        match parent {
            Some(
                role @ (Role::If
                | Role::Loop
                | Role::Switch
                | Role::Ternary
                | Role::Catch
                | Role::Rescue
                | Role::Try),
            ) => {
                if !node.is_named() {
                    self.token(role, node);
                    return true;
                }
                let child = Child {
                    node,
                    class,
                    field: field(),
                    phase: self.entries.last().map_or(0, |entry| entry.phase),
                };
                is_chain = self.child(role, child, depth);
            }
            Some(Role::Bool { is_list }) => {
                if let Some(op) = self.table.op(node.kind_id()) {
                    self.operator(op, node, is_list);
                    return true;
                }
            }
            Some(Role::Preprocessor) if field() == self.table.fields.condition => {
                self.open(depth, Role::Plain);
                self.state.is_opaque = true;
                return true;
            }
            Some(Role::Pending) if field() == self.table.fields.body => {
                if let Some(frame) = self.pending.pop() {
                    self.begin(depth, frame);
                }
            }
            _ => {}
        }
        if class == Class::Nothing {
            return true;
        }
        self.meaning(node, class, depth, parent, is_chain, field())
    }

    /// Takes a token among the children of a control structure.
    fn token(&mut self, role: Role, node: Node<'_>) {
        if let Some(entry) = self.entries.last_mut()
            && matches!(role, Role::If | Role::Ternary | Role::Loop)
        {
            let kind = node.kind();
            if kind == "else" {
                entry.else_line = line_of(node);
            }
            if body::parts(self.table.language, role, kind) {
                entry.phase += 1;
            }
        }
    }

    /// Takes a child of a control structure: what is its body nests. True when it is an `if` that goes on with an `else`.
    fn child(&mut self, role: Role, child: Child<'_>, depth: u32) -> bool {
        if child.class == Class::Else {
            return false;
        }
        if !body::is_body(self.table, role, child) || child.class == Class::ElseIf {
            return false;
        }
        if role == Role::If && body::is_alternative(self.table, child) {
            if child.class == Class::If {
                return true;
            }
            let line = self.entries.last().map_or(0, |entry| entry.else_line);
            self.flat(line.max(1), "else", 0);
        }
        self.nest(depth, Role::Plain, is_control(role));
        false
    }

    /// Takes a node for what it is itself.
    fn meaning(
        &mut self,
        node: Node<'t>,
        class: Class,
        depth: u32,
        parent: Option<Role>,
        is_chain: bool,
        field: Option<NonZeroU16>,
    ) -> bool {
        let line = || line_of(node);
        match class {
            Class::If if is_chain => {
                self.flat(line(), "else if", 1);
                self.open(depth, Role::If);
            }
            Class::ElseIf => {
                self.flat(line(), "else if", 1);
                self.open(depth, Role::If);
            }
            Class::If => self.control(node, depth, Role::If, name::of_if(node)),
            Class::Loop => self.control(node, depth, Role::Loop, name::of_loop(node)),
            Class::Switch => self.control(node, depth, Role::Switch, name::of_switch(node)),
            Class::Ternary => {
                self.deep(line(), "conditional", 1);
                self.open(depth, Role::Ternary);
            }
            Class::Catch => {
                self.deep(line(), "handler", 1);
                self.open(depth, Role::Catch);
            }
            Class::Rescue => {
                self.deep(line(), "handler", 1);
                self.open(depth, Role::Rescue);
            }
            Class::Try => self.open(depth, Role::Try),
            Class::Else => self.otherwise(node, depth, parent),
            Class::Case if self.is_decision(node) => self.plain(line(), "case"),
            Class::Guard if self.is_guard(node) => self.plain(line(), "guard"),
            Class::Generator => self.plain(line(), "comprehension"),
            Class::Propagation if self.settings.propagation => self.plain(line(), "?"),
            Class::Binary => {
                let operator = self.table.fields.operator;
                let operator = operator.and_then(|field| node.child_by_field_id(field.get()));
                if operator.is_some_and(|token| self.table.op(token.kind_id()).is_some()) {
                    self.boolean(node, depth, parent, false);
                }
            }
            Class::Chain => {
                let is_list = self.table.language == Language::Bash;
                self.boolean(node, depth, parent, is_list);
            }
            Class::Paren | Class::Around => self.around(class, depth, parent),
            Class::Function => self.function(node, depth, parent, field),
            Class::Closure => self.closure(node, depth, parent),
            Class::Scope => self.scope(node, depth),
            Class::Object => self.object(node, depth, parent),
            Class::Binder => {
                if let Some(binds) = name::of_binder(self.table.language, node) {
                    self.open(depth, Role::Binder);
                    if let Some(entry) = self.entries.last_mut() {
                        entry.binds = binds;
                    }
                }
            }
            Class::Boundary if self.state.in_tree => {
                self.open(depth, Role::Plain);
                self.stop_tree();
            }
            Class::Jump => {
                if shape::has_label(self.table.language, node, self.bytes) {
                    self.flat(line(), "jump to a label", 0);
                }
            }
            Class::Return => self.returns(node),
            Class::Call => self.call(node, depth),
            Class::Preprocessor => self.open(depth, Role::Preprocessor),
            Class::Opaque => {
                self.open(depth, Role::Plain);
                self.state.is_opaque = true;
            }
            Class::Block => {
                let is_own = matches!(parent, Some(Role::Pending | Role::Scope)) || depth == 0;
                if is_own && self.settings.skip_docstrings {
                    self.comments.extend(shape::docstring(node));
                }
                if parent == Some(Role::Pending) && self.settings.nested_adds {
                    self.frame().is_decorator = shape::is_decorator(node);
                }
            }
            Class::Nothing
            | Class::Comment
            | Class::Case
            | Class::Guard
            | Class::Boundary
            | Class::Propagation => {}
        }
        true
    }

    /// Takes what is only around a value.
    fn around(&mut self, class: Class, depth: u32, parent: Option<Role>) {
        match parent {
            Some(Role::Bool { .. } | Role::Paren) if class == Class::Paren => {
                self.open(depth, Role::Paren);
            }
            Some(Role::Binder) => {
                let binds = self.entries.last().map(|entry| entry.binds.clone());
                self.open(depth, Role::Binder);
                if let (Some(entry), Some(binds)) = (self.entries.last_mut(), binds) {
                    entry.binds = binds;
                }
            }
            _ => {}
        }
    }

    pub(super) fn open(&mut self, depth: u32, role: Role) {
        self.entries.push(Entry {
            depth,
            role,
            state: self.state,
            run: None,
            begins_run: false,
            tree: None,
            questions: (u32::MAX, 0),
            phase: 0,
            else_line: 0,
            is_named: false,
            binds: 0..0,
        });
    }

    pub(super) fn nest(&mut self, depth: u32, role: Role, is_control: bool) {
        self.open(depth, role);
        self.state.nesting += 1;
        self.state.level += u32::from(is_control);
        if self.state.in_tree && is_control {
            self.stop_tree();
        }
    }

    fn leave(&mut self, depth: u32) {
        while let Some(entry) = self.entries.pop_if(|entry| entry.depth == depth) {
            self.state = entry.state;
            if entry.is_named {
                self.names.pop();
            }
            if entry.begins_run {
                self.run = entry.run;
            }
            if let Some(operators) = entry.tree {
                if matches!(entry.role, Role::Bool { .. }) {
                    let all = self.operators;
                    let (questions, line) = entry.questions;
                    let function = &mut self.frame().function;
                    function.condition = function.condition.max(all);
                    if questions.min(all) > function.questions.0 {
                        function.questions = (questions.min(all), line);
                    }
                }
                self.operators = operators;
            }
            match entry.role {
                Role::Frame => self.end(),
                Role::Closure => {
                    let frame = self.frame();
                    frame.closures = frame.closures.saturating_sub(1);
                }
                _ => {}
            }
        }
    }

    pub(super) fn frame(&mut self) -> &mut Frame {
        if self.frames.is_empty() {
            self.frames.push(Frame::outside());
        }
        let last = self.frames.len() - 1;
        &mut self.frames[last]
    }

    fn finish(mut self, is_flawed: bool) -> Measures {
        while self.frames.len() > 1 {
            self.end();
        }
        let outside = self.frames.pop().map(|frame| frame.function);
        self.comments.sort_by_key(|comment| comment.start);
        let lines = Lines::of(self.bytes, &self.comments);
        let mut functions = self.done;
        for function in &mut functions {
            function.nloc = lines.between(function.line, function.end_line);
            let inner = function.inner.iter();
            let inner: u32 = inner
                .map(|(first, last)| lines.between(*first, *last))
                .sum();
            function.own_nloc = function.nloc.saturating_sub(inner);
        }
        functions
            .sort_by_key(|function| (function.bytes.start, std::cmp::Reverse(function.bytes.end)));
        Measures {
            functions,
            outside: outside.unwrap_or_default(),
            nloc: lines.between(1, lines.count()),
            lines: lines.count(),
            is_flawed,
        }
    }
}

/// Does a structure of this role make what is in it one level deeper?
pub(super) const fn is_control(role: Role) -> bool {
    matches!(role, Role::If | Role::Loop | Role::Switch)
}
