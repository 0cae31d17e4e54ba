//! Owns the walk through one tree: each node once, in the order of execution within a function, with what is known of every name
//! on the way. It asks the matchers of [`super::sinks`] at each call, assignment, pair, comparison and return.

use std::cell::RefCell;
use std::collections::HashMap;

use tree_sitter::{Node, TreeCursor};

use crate::source::language::Language;

mod bind;
mod call;
mod collect;
mod control;
mod expr;
mod inline;

use super::call::{Arg, Call};
use super::class::{Class, Confidence};
use super::kind::{Kind, Kinds};
use super::table::Table;
use super::value::{Origin, Part, Slot, Tag, Value, clean};
use super::{format, java, names, sinks, sources, transfer};

/// Deeper nodes are not looked at: a stack has an end, and no person nests so deep.
const DEEPEST: usize = 200;

/// At most so many findings are kept for one file.
pub const MOST: usize = 1_000;

/// At most so many names are followed at a time.
const MOST_NAMES: usize = 2_000;

/// What is found, at a node.
#[derive(Debug)]
pub struct Found {
    /// Its class.
    pub class: Class,
    /// How sure it is.
    pub confidence: Confidence,
    /// Where, in bytes.
    pub range: std::ops::Range<usize>,
    /// What it is.
    pub headline: String,
    /// Does it stand in a test inside of a file that is none?
    pub test: bool,
}

/// A function whose body is walked when its module was.
struct Later<'t> {
    node: Node<'t>,
    handler: bool,
    test: bool,
}

/// The walk through one tree.
pub struct Walk<'t> {
    /// The language.
    pub language: Language,
    /// The file's text.
    pub bytes: &'t [u8],
    kinds: &'static Kinds,
    /// One for all, as each of its own would cost an allocation.
    cursor: RefCell<Option<TreeCursor<'t>>>,
    values: HashMap<&'t str, Value<'t>>,
    /// Names that were bound since, with what they were before.
    log: Vec<(&'t str, Option<Value<'t>>)>,
    imports: HashMap<&'t str, String>,
    /// What a name was made of by a call of one argument: who checks the one, checks the other.
    made_of: HashMap<&'t str, &'t str>,
    later: Vec<Later<'t>>,
    /// The name of the function.
    pub function: &'t str,
    /// Does the function answer requests?
    pub handler: bool,
    inside: usize,
    depth: usize,
    test: bool,
    /// What was found.
    pub found: Vec<Found>,
    /// How much more there is.
    pub more: usize,
    /// Was something nested too deep to be looked at?
    pub deep: bool,
    /// The function, by its start, in which unsafe code was told of last.
    pub told_in: Option<usize>,
    start: usize,
    /// The functions of the file, where calls of them are followed.
    functions: inline::Functions<'t>,
    /// What is known of the fields of classes, outside of any function.
    fields: HashMap<&'t str, Value<'t>>,
    /// The collections of the function that is walked.
    tables: Vec<Table<'t>>,
    /// What the function returns, of what was walked so far.
    returns: Option<Value<'t>>,
    /// In so many branches that are never taken.
    dead: usize,
    /// In so many loops.
    loops: usize,
    /// What was bound in branches that leave the loop or the case around them.
    leaps: Vec<Changes<'t>>,
    /// In so many calls that are followed for their value alone: what is found there is not kept.
    quiet: usize,
}

type Changes<'t> = Vec<(&'t str, Value<'t>)>;

impl<'t> Walk<'t> {
    /// A walk that has not begun.
    #[must_use]
    pub fn new(language: Language, bytes: &'t [u8], kinds: &'static Kinds) -> Self {
        Self {
            language,
            bytes,
            kinds,
            cursor: RefCell::new(None),
            values: HashMap::new(),
            log: Vec::new(),
            imports: HashMap::new(),
            made_of: HashMap::new(),
            later: Vec::new(),
            function: "",
            handler: false,
            inside: 0,
            depth: 0,
            test: false,
            found: Vec::new(),
            more: 0,
            deep: false,
            told_in: None,
            start: 0,
            functions: inline::Functions::default(),
            fields: HashMap::new(),
            tables: Vec::new(),
            returns: None,
            dead: 0,
            loops: 0,
            leaps: Vec::new(),
            quiet: 0,
        }
    }

    /// Walks everything below the root.
    pub fn run(&mut self, root: Node<'t>) {
        self.children(root);
        if self.language == Language::Java {
            self.list_functions(root);
        }
        let mut next = 0;
        while next < self.later.len() {
            let Later {
                node,
                handler,
                test,
            } = self.later[next];
            next += 1;
            self.test = test;
            self.tables.clear();
            self.enter(node, handler);
        }
    }

    /// Is it a language of the JavaScript family?
    #[must_use]
    pub fn is_script(&self) -> bool {
        matches!(
            self.language,
            Language::JavaScript | Language::TypeScript | Language::Tsx
        )
    }

    /// Keeps a finding.
    pub fn report(
        &mut self,
        class: Class,
        confidence: Confidence,
        node: Node<'_>,
        headline: impl Into<String>,
    ) {
        if self.quiet > 0 {
            return;
        }
        if self.found.len() >= MOST {
            self.more += 1;
            return;
        }
        self.found.push(Found {
            class,
            confidence,
            range: node.byte_range(),
            headline: headline.into(),
            test: self.test,
        });
    }

    /// Does the file hold this text anywhere?
    #[must_use]
    pub fn has_text(&self, text: &str) -> bool {
        memchr::memmem::find(self.bytes, text.as_bytes()).is_some()
    }

    /// Does the file of Go import this package?
    #[must_use]
    pub fn has_import(&self, path: &str) -> bool {
        self.has_text(&format!("\"{path}\""))
    }

    /// The statement around a node, as text.
    #[must_use]
    pub fn statement(&self, node: Node<'t>) -> &'t str {
        let mut at = node;
        for _ in 0..8 {
            let kind = at.kind();
            if kind.ends_with("statement") || kind.ends_with("declaration") {
                break;
            }
            match at.parent() {
                Some(parent)
                    if !matches!(
                        self.kind(parent),
                        Kind::Block | Kind::Function | Kind::Class
                    ) =>
                {
                    at = parent;
                }
                _ => break,
            }
        }
        self.text(at)
    }

    /// Does the function around a node look at where a path leads?
    #[must_use]
    pub fn function_checks(&self, node: Node<'t>) -> bool {
        let mut at = node;
        while let Some(parent) = at.parent() {
            at = parent;
            if matches!(self.kind(at), Kind::Function) {
                break;
            }
        }
        let text = self.text(at);
        [
            "HasPrefix",
            "startsWith",
            "startswith",
            "IsLocal",
            "is_relative_to",
            "SecureJoin",
            "\"..\"",
            "'..'",
            "filepath.Rel",
            "relative_to",
            "commonpath",
            "commonprefix",
            "securejoin",
            "anitize",
        ]
        .iter()
        .any(|word| text.contains(word))
    }

    /// What is known of a name or member, without visiting it.
    #[must_use]
    pub fn look(&self, node: Node<'t>) -> Value<'t> {
        if self.kind(node) == Kind::Index
            && let Some(table) = node.named_child(0)
        {
            return self.look(table);
        }
        if self.kind(node) == Kind::Member
            && !self.values.contains_key(self.text(node))
            && let Some((object, name)) = self.member_parts(node)
        {
            if sources::member(self, object, self.text(name)).is_some() {
                return Value::input();
            }
            let inner = self.look_object(object);
            return if inner.origin == Origin::Input {
                inner
            } else {
                Value::dynamic()
            };
        }
        self.named(self.text(node))
    }

    fn look_object(&self, object: Node<'t>) -> Value<'t> {
        match self
            .member_parts(object)
            .filter(|_| self.kind(object) == Kind::Member)
        {
            Some((inner, name)) if sources::member(self, inner, self.text(name)).is_some() => {
                Value::input()
            }
            _ => self.named(self.text(object)),
        }
    }

    /// Where the function begins that is walked.
    #[must_use]
    pub const fn begins(&self) -> usize {
        self.start
    }

    /// The text of a node; empty where it is no text.
    #[must_use]
    pub fn text(&self, node: Node<'t>) -> &'t str {
        let range = self.bytes.get(node.byte_range()).unwrap_or_default();
        std::str::from_utf8(range).unwrap_or_default()
    }

    /// The kind of a node.
    #[must_use]
    pub fn kind(&self, node: Node<'_>) -> Kind {
        self.kinds.kind(node)
    }

    /// The first of these fields that the node has.
    #[must_use]
    pub fn field(&self, node: Node<'t>, names: &[&str]) -> Option<Node<'t>> {
        names
            .iter()
            .find_map(|name| node.child_by_field_id(self.kinds.field(name)?))
    }

    /// The named children that are no comments.
    #[must_use]
    pub fn parts(&self, node: Node<'t>) -> Vec<Node<'t>> {
        let mut cursor = self.cursor.borrow_mut();
        let cursor = cursor.get_or_insert_with(|| node.walk());
        node.named_children(cursor)
            .filter(|child| !child.is_extra())
            .collect()
    }

    fn children(&mut self, node: Node<'t>) {
        for child in self.parts(node) {
            self.visit(child);
        }
    }

    /// Visits a node and everything below it, once; what is its value?
    pub fn visit(&mut self, node: Node<'t>) -> Value<'t> {
        if self.depth >= DEEPEST {
            self.deep = true;
            return Value::dynamic();
        }
        self.depth += 1;
        let value = self.dispatch(node);
        self.depth -= 1;
        value
    }

    fn dispatch(&mut self, node: Node<'t>) -> Value<'t> {
        match self.kind(node) {
            Kind::Skip | Kind::Regex | Kind::Attribute => Value::dynamic(),
            Kind::Wrap => self.wrapped(node),
            Kind::Text => self.string(node),
            Kind::Number => Value::number(names::number(self.text(node))),
            Kind::Constant => Value::literal(self.text(node)),
            Kind::Name => self.named(self.text(node)),
            Kind::Member => self.member(node),
            Kind::Index => self.index(node),
            Kind::Call => self.call(node),
            Kind::Macro => self.invocation(node),
            Kind::Binary => self.binary(node),
            Kind::Ternary => self.ternary(node),
            Kind::Assign => self.assign(node),
            Kind::Declare => self.declare(node),
            Kind::Augment => self.augment(node),
            Kind::Pair => self.pair(node),
            Kind::List => self.list(node),
            Kind::Comprehension => self.comprehension(node),
            Kind::Function => self.function(node, false),
            Kind::Lambda => self.lambda(node),
            Kind::Decorated => self.decorated(node),
            Kind::Class => self.class(node),
            Kind::If => self.branch(node),
            Kind::Loop => self.repeat(node),
            Kind::Cases => self.cases(node),
            Kind::Try => self.attempt(node),
            Kind::Return => self.leave(node),
            Kind::Import => {
                let mut imports = std::mem::take(&mut self.imports);
                names::import(self, node, &mut imports);
                self.imports = imports;
                Value::dynamic()
            }
            Kind::With => self.with(node),
            Kind::JsxAttribute => {
                let value = self.last(node);
                sinks::attribute(self, node, &value);
                value
            }
            Kind::Not if node.kind() == "update_expression" && self.language == Language::Java => {
                self.last(node);
                if let Some(target) = node.named_child(0) {
                    self.bind(target, Value::safe());
                }
                Value::safe()
            }
            Kind::Not => {
                let value = self.last(node);
                match (value.number, self.text(node).starts_with('-')) {
                    (Some(number), true) => Value::number(number.checked_neg()),
                    _ if self.text(node).starts_with(['&', '*', '<']) => value,
                    _ => Value::safe(),
                }
            }
            Kind::Unsafe => {
                sinks::unsafe_code(self, node);
                self.last(node)
            }
            Kind::Block => self.last(node),
            Kind::Other | Kind::Case | Kind::Catch | Kind::Interpolation => {
                self.children(node);
                Value::dynamic()
            }
        }
    }

    /// What is known of a name.
    #[must_use]
    pub fn named(&self, name: &str) -> Value<'t> {
        if let Some(value) = self.values.get(name).or_else(|| self.fields.get(name)) {
            *value
        } else if names::is_constant(name) {
            Value::safe()
        } else {
            Value::dynamic()
        }
    }
}
