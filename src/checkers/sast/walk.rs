//! Owns the walk through one tree: each node once, in the order of execution within a function, with what is known of every name
//! on the way. It asks the matchers of [`super::sinks`] at each call, assignment, pair, comparison and return.

use std::collections::HashMap;

use tree_sitter::Node;

use crate::source::language::Language;

use super::call::{Arg, Call};
use super::class::{Class, Confidence};
use super::kind::{Kind, Kinds};
use super::value::{Origin, Part, Tag, Value, clean};
use super::{format, names, sinks, sources, transfer};

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
        }
    }

    /// Walks everything below the root.
    pub fn run(&mut self, root: Node<'t>) {
        self.children(root);
        let mut next = 0;
        while next < self.later.len() {
            let Later {
                node,
                handler,
                test,
            } = self.later[next];
            next += 1;
            self.test = test;
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
                Some(parent) if !matches!(self.kind(parent), Kind::Block | Kind::Function | Kind::Class) => at = parent,
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
            "HasPrefix", "startsWith", "startswith", "IsLocal", "is_relative_to", "SecureJoin", "\"..\"", "'..'", "filepath.Rel", "relative_to", "commonpath", "commonprefix", "securejoin", "anitize",
        ]
        .iter()
        .any(|word| text.contains(word))
    }

    /// What is known of a name or member, without visiting it.
    #[must_use]
    pub fn look(&self, node: Node<'t>) -> Value<'t> {
        if self.kind(node) == Kind::Member
            && !self.values.contains_key(self.text(node))
            && let Some((object, name)) = Self::member_parts(node)
        {
            if sources::member(self, object, self.text(name)).is_some() {
                return Value::input();
            }
            let inner = self.look_object(object);
            return if inner.origin == Origin::Input { inner } else { Value::dynamic() };
        }
        self.named(self.text(node))
    }

    fn look_object(&self, object: Node<'t>) -> Value<'t> {
        match Self::member_parts(object).filter(|_| self.kind(object) == Kind::Member) {
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
    pub fn field(node: Node<'t>, names: &[&str]) -> Option<Node<'t>> {
        names.iter().find_map(|name| node.child_by_field_name(name))
    }

    /// The named children that are no comments.
    #[must_use]
    pub fn parts(&self, node: Node<'t>) -> Vec<Node<'t>> {
        let mut cursor = node.walk();
        node.named_children(&mut cursor)
            .filter(|child| !child.is_extra())
            .collect()
    }

    fn children(&mut self, node: Node<'t>) {
        let mut cursor = node.walk();
        if !cursor.goto_first_child() {
            return;
        }
        loop {
            let child = cursor.node();
            if child.is_named() {
                self.visit(child);
            }
            if !cursor.goto_next_sibling() {
                return;
            }
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

    /// Visits all children; the value of the last one.
    fn last(&mut self, node: Node<'t>) -> Value<'t> {
        let parts = self.parts(node);
        parts
            .into_iter()
            .fold(Value::dynamic(), |_, child| self.visit(child))
    }

    fn wrapped(&mut self, node: Node<'t>) -> Value<'t> {
        match Self::field(node, &["value", "operand"]).or_else(|| node.named_child(0)) {
            Some(inner) => self.visit(inner),
            None => Value::dynamic(),
        }
    }

    fn string(&mut self, node: Node<'t>) -> Value<'t> {
        if node.kind() == "concatenated_string" {
            let parts: Vec<Part<'t>> = self
                .parts(node)
                .into_iter()
                .map(|child| Part::Value(self.visit(child)))
                .collect();
            return Value::joined(&parts);
        }
        let text = self.text(node);
        let (from, to) = names::quotes(text);
        let base = node.start_byte();
        let mut parts = Vec::new();
        let mut at = from;
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            if self.kind(child) != Kind::Interpolation {
                continue;
            }
            let start = child.start_byte() - base;
            if let Some(part) = text.get(at..start).filter(|part| !part.is_empty()) {
                parts.push(Part::Text(part));
            }
            let inner = Self::field(child, &["expression"]).or_else(|| child.named_child(0));
            let value = inner.map_or_else(Value::dynamic, |inner| self.visit(inner));
            parts.push(Part::Value(value));
            at = child.end_byte() - base;
        }
        let rest = text.get(at..to.max(at)).unwrap_or_default();
        if parts.is_empty() {
            return Value::literal(rest);
        }
        parts.push(Part::Text(rest));
        Value::joined(&parts)
    }

    /// What is known of a name.
    #[must_use]
    pub fn named(&self, name: &str) -> Value<'t> {
        if let Some(value) = self.values.get(name) {
            *value
        } else if names::is_constant(name) {
            Value::safe()
        } else {
            Value::dynamic()
        }
    }

    fn member(&mut self, node: Node<'t>) -> Value<'t> {
        let text = self.text(node);
        if let Some(value) = self.values.get(text) {
            return *value;
        }
        let Some((object, name)) = Self::member_parts(node) else {
            return Value::dynamic();
        };
        let name = self.text(name);
        let value = self.visit(object);
        if let Some(what) = sources::member(self, object, name) {
            return Value::input().cleaned(what);
        }
        if names::is_constant(name) {
            return Value::safe();
        }
        match name {
            "length" | "size" | "pk" | "id" if value.origin < Origin::Input => Value::safe(),
            "length" | "size" => Value::safe(),
            "name" | "stem" | "suffix" if self.language == Language::Python => {
                value.cleaned(clean::PATH)
            }
            _ if value.origin == Origin::Input => value,
            _ => Value::dynamic(),
        }
    }

    /// The object and the name of a member.
    #[must_use]
    pub fn member_parts(node: Node<'t>) -> Option<(Node<'t>, Node<'t>)> {
        let object = Self::field(
            node,
            &["object", "operand", "value", "path", "scope", "package"],
        )
        .or_else(|| node.named_child(0))?;
        let name = Self::field(node, &["attribute", "property", "field", "name"])
            .or_else(|| node.named_child(1))?;
        Some((object, name))
    }

    fn index(&mut self, node: Node<'t>) -> Value<'t> {
        if let Some(value) = self.values.get(self.text(node)) {
            return *value;
        }
        let parts = self.parts(node);
        let mut value = Value::dynamic();
        let mut index = Value::dynamic();
        for (n, part) in parts.into_iter().enumerate() {
            let seen = self.visit(part);
            if n == 0 {
                value = seen;
            } else {
                index = seen;
            }
        }
        match (value.whole(), index.number) {
            (Some(text), Some(at)) => {
                let at = usize::try_from(at).unwrap_or(usize::MAX);
                match text.get(at..at.saturating_add(1)) {
                    Some(part) => Value::literal(part),
                    None => Value::number(None),
                }
            }
            // A table that stands in the source: whatever is taken from it stands there too.
            _ if value.origin == Origin::Literal => Value::number(None),
            _ => Value { built: false, ..value },
        }
    }

    /// The dotted path of an expression, its first name resolved by imports: `subprocess.run`; empty when it is none.
    #[must_use]
    pub fn path(&self, node: Node<'t>) -> String {
        self.path_within(node, 12)
    }

    fn path_within(&self, node: Node<'t>, left: usize) -> String {
        if left == 0 {
            return String::new();
        }
        match self.kind(node) {
            Kind::Name | Kind::Skip if node.named_child_count() == 0 => {
                let text = self.text(node);
                self.imports
                    .get(text)
                    .cloned()
                    .unwrap_or_else(|| text.to_owned())
            }
            Kind::Member => match Self::member_parts(node) {
                Some((object, name)) => {
                    let mut path = self.path_within(object, left - 1);
                    path.push('.');
                    path.push_str(self.text(name));
                    path
                }
                None => String::new(),
            },
            Kind::Call if node.kind() == "method_invocation" => {
                let name = Self::field(node, &["name"]).map_or("", |name| self.text(name));
                let object = Self::field(node, &["object"])
                    .map_or_else(String::new, |object| self.path_within(object, left - 1));
                format!("{object}.{name}()")
            }
            Kind::Call => {
                let Some(callee) = Self::field(node, &["function", "constructor", "type"]) else {
                    return String::new();
                };
                let path = self.path_within(callee, left - 1);
                if path == "require" || path == "import" {
                    return names::first_text(self, node)
                        .trim_start_matches("node:")
                        .to_owned();
                }
                path + "()"
            }
            Kind::Wrap => Self::field(node, &["value", "operand"])
                .or_else(|| node.named_child(0))
                .map_or_else(String::new, |inner| self.path_within(inner, left - 1)),
            _ => match node.kind() {
                "generic_function" => Self::field(node, &["function"]),
                "generic_type" | "dotted_name" => node.named_child(0),
                "import" => return "import".to_owned(),
                _ => None,
            }
            .map_or_else(String::new, |inner| self.path_within(inner, left - 1)),
        }
    }

    fn call(&mut self, node: Node<'t>) -> Value<'t> {
        // A condition checked the same call before.
        if let Some(value) = self.values.get(self.text(node)) {
            return *value;
        }
        let callee = Self::field(node, &["function", "constructor", "type"]);
        let callee = match callee {
            Some(callee) if callee.kind() == "generic_function" => {
                Self::field(callee, &["function"])
            }
            other => other,
        };
        let (object, name) = if node.kind() == "method_invocation" {
            (Self::field(node, &["object"]), Self::field(node, &["name"]))
        } else {
            match callee.filter(|callee| self.kind(*callee) == Kind::Member) {
                Some(member) => match Self::member_parts(member) {
                    Some((object, name)) => (Some(object), Some(name)),
                    None => (None, None),
                },
                None => (None, callee),
            }
        };
        let receiver = match (object, callee) {
            (Some(object), _) => Some(self.visit(object)),
            (None, Some(callee)) if !matches!(self.kind(callee), Kind::Name | Kind::Skip) => {
                self.visit(callee);
                None
            }
            _ => None,
        };
        let path = if node.kind() == "method_invocation" {
            let object = object.map_or_else(String::new, |object| self.path(object) + ".");
            object + name.map_or("", |name| self.text(name))
        } else {
            callee.map_or_else(String::new, |callee| self.path(callee))
        };
        let mut args = Vec::new();
        let mut tagged = false;
        if let Some(list) = Self::field(node, &["arguments"]) {
            if self.kind(list) == Kind::Text {
                // A tagged template: its parts are handed over apart from its text.
                self.visit(list);
                tagged = true;
            } else if self.kind(list) == Kind::Comprehension {
                let value = self.visit(list);
                args.push(Arg { name: None, node: list, value });
            } else {
                for child in self.parts(list) {
                    let named = self.kind(child) == Kind::Pair;
                    let name = Self::field(child, &["name", "key"]).filter(|_| named);
                    let value = self.visit(child);
                    args.push(Arg {
                        name: name.map(|name| self.text(name)),
                        node: Self::field(child, &["value"])
                            .filter(|_| named)
                            .unwrap_or(child),
                        value,
                    });
                }
            }
        }
        let mut cursor = node.walk();
        for body in node.named_children(&mut cursor) {
            if body.kind() == "class_body" {
                self.visit(body);
            }
        }
        if tagged {
            return Value::safe();
        }
        let call = Call {
            node,
            path,
            name: name.map_or("", |name| self.text(name)),
            object,
            receiver,
            args,
        };
        sinks::call(self, &call);
        if let Some(object) = object
            && matches!(
                call.name,
                "append" | "add" | "push" | "extend" | "update" | "insert" | "unshift" | "write"
                    | "WriteString" | "push_str"
            )
        {
            let more = call.args.iter().fold(Value::number(None), |all, arg| all.or(arg.value));
            let before = call.receiver.unwrap_or_default();
            if more.origin >= Origin::Dynamic && before.tag == Tag::None {
                let parts = [Part::Value(before), Part::Value(more)];
                let value = match call.name {
                    "append" | "write" | "WriteString" | "push_str"
                        if self.language != Language::Python =>
                    {
                        Value::joined(&parts)
                    }
                    _ => before.or(more),
                };
                self.bind(object, value);
            }
        }
        if matches!(call.name, "pop" | "remove" | "shift" | "clear" | "popleft")
            && let Some(object) = object.filter(|object| self.kind(*object) == Kind::Name)
        {
            self.bind(object, Value::dynamic());
        }
        transfer::result(self, &call)
    }

    /// A macro of Rust: its arguments are tokens, of which texts and names can be told.
    fn invocation(&mut self, node: Node<'t>) -> Value<'t> {
        let name = Self::field(node, &["macro"]).map_or("", |name| self.text(name));
        let name = name.rsplit("::").next().unwrap_or(name);
        let tokens = self
            .parts(node)
            .into_iter()
            .find(|child| child.kind() == "token_tree");
        let Some(tokens) = tokens else {
            return Value::dynamic();
        };
        let mut values = Vec::new();
        let mut template = None;
        for child in self.parts(tokens) {
            match self.kind(child) {
                Kind::Text if template.is_none() => template = self.visit(child).whole(),
                Kind::Text | Kind::Number => {
                    let value = self.visit(child);
                    values.push(Arg { name: None, node: child, value });
                }
                Kind::Name => {
                    let value = self.named(self.text(child));
                    let joined = child
                        .prev_sibling()
                        .is_some_and(|before| matches!(before.kind(), "." | "::" | "&."));
                    if !joined {
                        values.push(Arg { name: None, node: child, value });
                    } else if let Some(last) = values.last_mut()
                        && last.value.is_fixed()
                        && !names::is_constant(self.text(child))
                    {
                        last.value = Value::dynamic();
                    }
                }
                _ => {}
            }
        }
        let value = match (name, template) {
            ("format" | "write" | "writeln" | "format_args", Some(text)) => {
                let parts = format::braces(self, text, &values);
                Value::joined(&parts)
            }
            _ => Value::dynamic(),
        };
        sinks::invocation(self, node, name, &values);
        value
    }

    fn binary(&mut self, node: Node<'t>) -> Value<'t> {
        // A chain of `a + b + c` leans to the left: it is walked in a loop, not by recursion.
        let mut parts = Vec::new();
        let mut left = node;
        while self.kind(left) == Kind::Binary && self.operator(left) == "+" {
            let Some(right) = Self::field(left, &["right"]) else {
                break;
            };
            parts.push(right);
            let Some(next) = Self::field(left, &["left"]) else {
                break;
            };
            left = next;
        }
        if !parts.is_empty() {
            parts.push(left);
            let values: Vec<Value<'t>> = parts.iter().rev().map(|part| self.visit(*part)).collect();
            if values.iter().all(|value| value.number.is_some()) {
                let sum = values.iter().try_fold(0_i64, |sum, value| {
                    sum.checked_add(value.number.unwrap_or_default())
                });
                return Value::number(sum);
            }
            let parts: Vec<Part<'t>> = values.into_iter().map(Part::Value).collect();
            return Value::joined(&parts);
        }
        let operator = self.operator(node);
        let operands: Vec<Node<'t>> = self.parts(node);
        if operator == "%"
            && self.language == Language::Python
            && let [template, arguments] = operands[..]
        {
            let template = self.visit(template);
            if let Some(text) = template.text {
                let values = self.elements(arguments);
                let parts = format::percents(text, &values);
                return Value::joined(&parts);
            }
            let value = self.visit(arguments);
            return Value::joined(&[Part::Value(template), Part::Value(value)]);
        }
        let values: Vec<Value<'t>> = operands.iter().map(|part| self.visit(*part)).collect();
        if let ([left, right], [left_value, right_value]) = (&operands[..], &values[..])
            && matches!(operator, "==" | "!=" | "===" | "!==")
        {
            sinks::comparison(self, node, (*left, left_value), (*right, right_value));
        }
        let [left, right] = values[..] else {
            return Value::safe();
        };
        match operator {
            "and" | "&&" | "or" | "||" | "??" => left.or(right),
            "/" if left.number.is_none() && self.language == Language::Python => {
                Value::joined(&[Part::Value(left), Part::Text("/"), Part::Value(right)])
            }
            "*" if left.text.is_some() => Value { number: None, ..left },
            _ => match (left.number, right.number) {
                (Some(a), Some(b)) => Value::number(names::fold(operator, a, b)),
                _ => Value::safe(),
            },
        }
    }

    /// The operator of a binary expression.
    #[must_use]
    pub fn operator(&self, node: Node<'t>) -> &'t str {
        let field = Self::field(node, &["operator", "operators"]);
        if let Some(operator) = field {
            return self.text(operator);
        }
        let mut cursor = node.walk();
        node.children(&mut cursor)
            .find(|child| !child.is_named())
            .map_or("", |child| self.text(child))
    }

    /// The values of a tuple or list, or of the one value that it is.
    fn elements(&mut self, node: Node<'t>) -> Vec<Arg<'t>> {
        let node = if node.kind() == "parenthesized_expression" {
            node.named_child(0).unwrap_or(node)
        } else {
            node
        };
        if node.kind() == "tuple" || node.kind() == "dictionary" {
            let mut all = Vec::new();
            for child in self.parts(node) {
                let value = self.visit(child);
                let key = Self::field(child, &["key"]).map(|key| {
                    let text = self.text(key);
                    let (from, to) = names::quotes(text);
                    text.get(from..to).unwrap_or_default()
                });
                all.push(Arg { name: key, node: child, value });
            }
            all
        } else {
            let value = self.visit(node);
            vec![Arg { name: None, node, value }]
        }
    }

    fn ternary(&mut self, node: Node<'t>) -> Value<'t> {
        let parts = self.parts(node);
        let &[a, b, c] = &parts[..] else {
            return self.last(node);
        };
        let (then, condition, other) = if self.language == Language::Python {
            (a, b, c)
        } else {
            (b, a, c)
        };
        let test = self.visit(condition);
        let guards = self.guards(condition);
        let (mut yes, no) = (self.visit(then), self.visit(other));
        if guards.iter().any(|guard| *guard == self.text(then)) {
            yes = yes.cleaned(clean::ALL);
        }
        match test.number {
            Some(0) => no,
            Some(_) => yes,
            None => yes.or(no),
        }
    }

    fn pair(&mut self, node: Node<'t>) -> Value<'t> {
        let key = Self::field(node, &["key", "name", "field"]).or_else(|| node.named_child(0));
        let value = Self::field(node, &["value"]).or_else(|| {
            let last = u32::try_from(node.named_child_count()).ok()?.checked_sub(1)?;
            node.named_child(last).filter(|child| Some(*child) != key)
        });
        let Some((key, value)) = key.zip(value) else {
            return Value::dynamic();
        };
        let seen = self.visit(value);
        let text = self.text(key);
        let (from, to) = names::quotes(text);
        sinks::pair(self, node, text.get(from..to).unwrap_or(text), value, &seen);
        seen
    }

    fn list(&mut self, node: Node<'t>) -> Value<'t> {
        let body = Self::field(node, &["body", "value"]).unwrap_or(node);
        let mut elements = self.parts(body);
        elements.retain(|child| {
            self.kind(*child) != Kind::Skip && !(body == node && child.kind().ends_with("type"))
        });
        let values: Vec<Value<'t>> = elements
            .into_iter()
            .map(|child| self.visit(child))
            .collect();
        if let [shell, flag, text, ..] = values[..]
            && shell.whole().is_some_and(names::is_shell)
            && flag.whole().is_some_and(names::is_shell_flag)
        {
            return text.tagged(Tag::ShellText);
        }
        let all = values
            .iter()
            .fold(Value::number(None), |all, value| all.or(*value));
        Value {
            number: None,
            text: None,
            tail: None,
            built: all.built && self.language != Language::Go,
            ..all
        }
        .tagged(if values.is_empty() { Tag::None } else { Tag::Container })
    }

    fn comprehension(&mut self, node: Node<'t>) -> Value<'t> {
        let mark = self.log.len();
        let parts = self.parts(node);
        for clause in parts.iter().skip(1) {
            if let Some((left, right)) =
                Self::field(*clause, &["left"]).zip(Self::field(*clause, &["right"]))
            {
                let value = self.visit(right);
                self.bind_each(left, Value { text: None, tail: None, ..value });
            } else {
                self.visit(*clause);
            }
        }
        let value = parts.first().map_or_else(Value::dynamic, |body| self.visit(*body));
        self.undo(mark);
        value
    }

    fn assign(&mut self, node: Node<'t>) -> Value<'t> {
        let left = Self::field(node, &["left", "name"]);
        let right = Self::field(node, &["right", "value"]);
        match left.zip(right) {
            Some((left, right)) => self.assigned(node, left, right),
            None => {
                self.children(node);
                Value::dynamic()
            }
        }
    }

    fn declare(&mut self, node: Node<'t>) -> Value<'t> {
        let left = Self::field(node, &["pattern", "name", "property"]);
        let right = Self::field(node, &["value"]);
        match left.zip(right) {
            Some((left, right)) => self.assigned(node, left, right),
            None => {
                self.children(node);
                Value::dynamic()
            }
        }
    }

    fn assigned(&mut self, node: Node<'t>, left: Node<'t>, right: Node<'t>) -> Value<'t> {
        let many = |node: Node<'t>| {
            matches!(
                node.kind(),
                "expression_list" | "pattern_list" | "tuple_pattern" | "tuple" | "list_pattern"
            )
        };
        if many(left) || right.kind() == "expression_list" {
            let targets = if many(left) { self.parts(left) } else { vec![left] };
            let sources = if many(right) { self.parts(right) } else { vec![right] };
            if targets.len() == sources.len() {
                let values: Vec<Value<'t>> =
                    sources.iter().map(|source| self.visit(*source)).collect();
                for ((target, source), value) in targets.iter().zip(&sources).zip(values) {
                    sinks::assignment(self, node, *target, *source, &value);
                    self.settle(*target, *source, value);
                }
                return Value::dynamic();
            }
            let value = sources
                .iter()
                .fold(Value::number(None), |all, source| all.or(self.visit(*source)));
            if let Some(first) = targets.first() {
                sinks::assignment(self, node, *first, right, &value);
            }
            for target in targets {
                self.bind(target, value);
            }
            return value;
        }
        let value = self.visit(right);
        sinks::assignment(self, node, left, right, &value);
        self.settle(left, right, value);
        value
    }

    /// Binds a target to a value, and to what the source names: `run = subprocess.run`, `{ exec } = require("child_process")`.
    fn settle(&mut self, left: Node<'t>, right: Node<'t>, value: Value<'t>) {
        let path = match self.kind(right) {
            Kind::Name | Kind::Member | Kind::Call | Kind::Wrap => self.path(right),
            _ => String::new(),
        };
        let known = !path.is_empty()
            && (self.kind(right) != Kind::Call && names::root_is(&path, &self.imports)
                || !path.ends_with(')')
                || names::keeps_path(&path));
        if known {
            let mut imports = std::mem::take(&mut self.imports);
            names::alias(self, left, &path, &mut imports);
            self.imports = imports;
        }
        let mut source = right;
        while self.kind(source) == Kind::Call || self.kind(source) == Kind::Wrap {
            let arguments = Self::field(source, &["arguments"]);
            let alone = arguments.filter(|arguments| arguments.named_child_count() == 1);
            let inner = alone.and_then(|arguments| arguments.named_child(0)).or_else(|| {
                let callee = Self::field(source, &["object", "function"])?;
                Self::member_parts(callee).map(|(object, _)| object)
            });
            match inner {
                Some(inner) if inner.start_byte() >= source.start_byte() => source = inner,
                _ => break,
            }
        }
        if source != right && self.kind(source) == Kind::Name {
            self.made_of.insert(self.text(left), self.text(source));
        }
        self.bind(left, value);
    }

    /// Somebody looked at the name's value and found it good, or left; at what it was made of, too.
    fn checked(&mut self, name: &'t str) {
        let mut name = name;
        for _ in 0..4 {
            let value = self.named(name).cleaned(clean::ALL);
            self.set(name, value);
            match self.made_of.get(name) {
                Some(source) => name = source,
                None => return,
            }
        }
    }

    /// Binds what a target names.
    pub fn bind(&mut self, target: Node<'t>, value: Value<'t>) {
        match self.kind(target) {
            Kind::Name | Kind::Member | Kind::Index => {
                let text = self.text(target);
                if text.len() <= 80 {
                    self.set(text, value);
                }
                let index = self.kind(target) == Kind::Index;
                if index && value.origin >= Origin::Dynamic
                    && let Some(object) = target.named_child(0)
                    && self.kind(object) == Kind::Name
                {
                    let before = self.named(self.text(object));
                    self.set(self.text(object), before.or(Value { text: None, ..value }));
                }
            }
            _ => self.bind_each(target, Value { text: None, tail: None, number: None, ..value }),
        }
    }

    /// Binds every name of a pattern to the same value.
    fn bind_each(&mut self, target: Node<'t>, value: Value<'t>) {
        match target.kind() {
            "identifier" | "shorthand_property_identifier_pattern" | "field_identifier" => {
                self.set(self.text(target), value);
            }
            "pair_pattern" | "assignment_pattern" | "object_assignment_pattern" => {
                if let Some(inner) = Self::field(target, &["value", "left"]) {
                    self.bind_each(inner, value);
                }
            }
            _ if target.child_count() > 0 && target.end_byte() - target.start_byte() < 400 => {
                for child in self.parts(target) {
                    self.bind_each(child, value);
                }
            }
            _ => {}
        }
    }

    fn set(&mut self, name: &'t str, value: Value<'t>) {
        if self.values.len() >= MOST_NAMES && !self.values.contains_key(name) {
            return;
        }
        let before = self.values.insert(name, value);
        self.log.push((name, before));
    }

    /// Takes back what was bound since.
    fn undo(&mut self, mark: usize) {
        while self.log.len() > mark {
            let Some((name, before)) = self.log.pop() else {
                return;
            };
            match before {
                Some(value) => self.values.insert(name, value),
                None => self.values.remove(name),
            };
        }
    }

    /// Takes back what was bound since, and tells it.
    fn changes(&mut self, mark: usize) -> Changes<'t> {
        let mut names: Vec<&'t str> = self.log[mark..].iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        names.dedup();
        let changes = names
            .into_iter()
            .filter_map(|name| Some((name, *self.values.get(name)?)))
            .collect();
        self.undo(mark);
        changes
    }

    /// After branches, each name is one of what they made of it; of what it was, too, when none of them need be taken.
    fn merge(&mut self, branches: &[Changes<'t>], open: bool) {
        let mut names: Vec<&'t str> = branches.iter().flatten().map(|(name, _)| *name).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let mut whole: Option<Value<'t>> = None;
            let before = self.values.get(name).copied();
            for branch in branches {
                let found = branch.iter().find(|(own, _)| *own == name);
                let value = found.map(|(_, value)| *value).or(before);
                whole = match (whole, value) {
                    (Some(a), Some(b)) => Some(a.or(b)),
                    (a, b) => a.or(b),
                };
            }
            if open && let (Some(a), Some(b)) = (whole, before) {
                whole = Some(a.or(b));
            }
            if let Some(value) = whole {
                self.set(name, value);
            }
        }
    }

    fn augment(&mut self, node: Node<'t>) -> Value<'t> {
        let Some((left, right)) = Self::field(node, &["left"]).zip(Self::field(node, &["right"]))
        else {
            return Value::dynamic();
        };
        let before = self.visit(left);
        let value = self.visit(right);
        let whole = Value::joined(&[Part::Value(before), Part::Value(value)]);
        sinks::assignment(self, node, left, right, &value);
        self.bind(left, whole);
        whole
    }

    fn with(&mut self, node: Node<'t>) -> Value<'t> {
        if let Some((name, value)) =
            Self::field(node, &["name"]).zip(Self::field(node, &["value"]))
        {
            return self.assigned(node, name, value);
        }
        let inner = Self::field(node, &["value"]).or_else(|| node.named_child(0));
        let Some(inner) = inner else {
            return Value::dynamic();
        };
        if inner.kind() == "as_pattern"
            && let Some((value, alias)) = inner.named_child(0).zip(inner.named_child(1))
        {
            let seen = self.visit(value);
            self.bind_each(alias, seen);
            return seen;
        }
        self.visit(inner)
    }

    fn decorated(&mut self, node: Node<'t>) -> Value<'t> {
        let mut handler = false;
        for child in self.parts(node) {
            if child.kind() == "decorator" {
                handler |= sources::is_route(self.text(child));
                sinks::decorator(self, child);
                self.children(child);
            } else if self.kind(child) == Kind::Function {
                self.function(child, handler);
            } else {
                self.visit(child);
            }
        }
        Value::dynamic()
    }

    fn class(&mut self, node: Node<'t>) -> Value<'t> {
        let before = self.test;
        if node.kind() == "mod_item" {
            self.test |= sources::is_test_module(self, node);
        }
        if let Some(body) = Self::field(node, &["body"]) {
            let mark = self.log.len();
            self.visit(body);
            if self.inside > 0 {
                self.undo(mark);
            }
        }
        self.test = before;
        Value::dynamic()
    }

    fn function(&mut self, node: Node<'t>, handler: bool) -> Value<'t> {
        sinks::function(self, node);
        let test = self.test || sources::is_test_function(self, node);
        if self.inside == 0 {
            self.later.push(Later { node, handler, test });
        } else {
            self.enter(node, handler);
        }
        Value::dynamic()
    }

    fn enter(&mut self, node: Node<'t>, handler: bool) {
        let outer = (self.function, self.handler, self.start);
        self.start = node.start_byte();
        self.function = Self::field(node, &["name"]).map_or("", |name| self.text(name));
        self.handler = handler || sources::is_handler(self, node);
        self.body(node);
        (self.function, self.handler, self.start) = outer;
    }

    /// Walks parameters and body; what is bound there ends there.
    fn body(&mut self, node: Node<'t>) -> Value<'t> {
        let mark = self.log.len();
        self.inside += 1;
        if let Some(parameters) = Self::field(node, &["parameters", "parameter"]) {
            if parameters.named_child_count() == 0 {
                self.bind_each(parameters, Value::dynamic());
            }
            for parameter in self.parts(parameters) {
                let value = sources::parameter(self, parameter);
                let name = Self::field(parameter, &["pattern", "name"]).unwrap_or(parameter);
                if self.kind(name) != Kind::Skip {
                    self.bind_each(name, value);
                }
                if let Some(default) = Self::field(parameter, &["value"]) {
                    self.visit(default);
                }
            }
        }
        let value = Self::field(node, &["body"]).map_or_else(Value::dynamic, |body| self.visit(body));
        self.inside -= 1;
        self.undo(mark);
        value
    }

    fn lambda(&mut self, node: Node<'t>) -> Value<'t> {
        self.body(node)
    }

    fn leave(&mut self, node: Node<'t>) -> Value<'t> {
        let value = self.last(node);
        sinks::returned(self, node, &value);
        value
    }

    fn branch(&mut self, node: Node<'t>) -> Value<'t> {
        if let Some(first) = Self::field(node, &["initializer"]) {
            self.visit(first);
        }
        let mut guards = Vec::new();
        let mut known = None;
        if let Some(condition) = Self::field(node, &["condition"]) {
            known = self.visit(condition).number;
            guards = self.guards(condition);
            sinks::condition(self, condition);
        }
        let mut branches = Vec::new();
        let mut open = true;
        let mut result: Option<Value<'t>> = None;
        let mut exits = false;
        if let Some(then) = Self::field(node, &["consequence"]) {
            let mark = self.log.len();
            for guard in &guards {
                self.checked(guard);
            }
            result = Some(self.visit(then));
            let changes = self.changes(mark);
            exits = self.exits(then);
            if !exits && known != Some(0) {
                branches.push(changes);
            }
        }
        let mut cursor = node.walk();
        let others: Vec<Node<'t>> = node
            .children_by_field_name("alternative", &mut cursor)
            .collect();
        for other in others {
            let mark = self.log.len();
            let conditional = other.kind() == "elif_clause";
            if conditional {
                if let Some(condition) = Self::field(other, &["condition"]) {
                    self.visit(condition);
                    for guard in self.guards(condition) {
                        self.checked(guard);
                    }
                }
                if let Some(then) = Self::field(other, &["consequence"]) {
                    self.visit(then);
                }
            } else {
                open = false;
                let value = self.visit(other);
                result = result.map(|seen| seen.or(value));
            }
            let changes = self.changes(mark);
            let taken = known.is_none_or(|known| known == 0) && !self.exits(other);
            if taken {
                branches.push(changes);
            }
        }
        open &= known != Some(1);
        if exits {
            // What follows is reached only when the check held, or did not: either way the value was looked at.
            let mark = branches.is_empty() && !open;
            for guard in &guards {
                self.checked(guard);
            }
            if mark {
                return result.unwrap_or_else(Value::dynamic);
            }
        }
        self.merge(&branches, open);
        result.unwrap_or_else(Value::dynamic)
    }

    /// Does a block leave what it stands in?
    #[must_use]
    pub fn exits(&self, block: Node<'t>) -> bool {
        let block = match block.kind() {
            "else_clause" | "elif_clause" => Self::field(block, &["body", "consequence"])
                .or_else(|| block.named_child(0))
                .unwrap_or(block),
            _ => block,
        };
        let block = block
            .named_child(0)
            .filter(|child| child.kind() == "statement_list")
            .unwrap_or(block);
        let last = self.parts(block).pop().unwrap_or(block);
        let last = if last.kind() == "expression_statement" {
            last.named_child(0).unwrap_or(last)
        } else {
            last
        };
        match last.kind() {
            "return_statement" | "raise_statement" | "throw_statement" | "continue_statement"
            | "break_statement" | "return_expression" | "break_expression"
            | "continue_expression" | "goto_statement" => true,
            "call" | "call_expression" | "method_invocation" | "macro_invocation" => {
                let text = self.text(last);
                let head = text.split(['(', '!']).next().unwrap_or_default();
                let name = head.rsplit(['.', ':']).next().unwrap_or_default();
                matches!(
                    name,
                    "exit" | "abort" | "panic" | "Fatal" | "Fatalf" | "bail" | "AbortWithStatus"
                        | "fail" | "die" | "_exit"
                )
            }
            _ => false,
        }
    }

    /// The names that a condition checks against something that is known: `x in ALLOWED`, `path.startswith(root)`.
    fn guards(&self, condition: Node<'t>) -> Vec<&'t str> {
        let mut guards = Vec::new();
        let mut open = vec![(condition, false)];
        let mut steps = 0;
        while let Some((node, within)) = open.pop() {
            steps += 1;
            if steps > 200 {
                break;
            }
            let mut checks = within;
            match self.kind(node) {
                Kind::Name | Kind::Member if within => {
                    guards.push(self.text(node));
                    if self.kind(node) == Kind::Name {
                        continue;
                    }
                }
                Kind::Call => {
                    let text = self.text(node);
                    if within && text.len() <= 80 {
                        guards.push(text);
                    }
                    let head = text.split('(').next().unwrap_or_default();
                    checks |= names::is_check(head.rsplit(['.', ':']).next().unwrap_or_default());
                    // `str(p).startswith(...)`, `regex.test(x)`
                    let rest = text.rsplit(").").next().unwrap_or_default();
                    checks |= names::is_check(rest.split('(').next().unwrap_or_default());
                }
                Kind::Binary => {
                    let operator = self.operator(node);
                    let fixed = |node: Node<'t>| match self.kind(node) {
                        Kind::Text => self.text(node).len() > 2,
                        Kind::Number => false,
                        Kind::Name | Kind::Member => {
                            let text = self.text(node);
                            names::is_constant(text.rsplit('.').next().unwrap_or_default())
                        }
                        _ => false,
                    };
                    checks |= matches!(operator, "in" | "not in")
                        || matches!(operator, "==" | "===" | "!=" | "!==")
                            && self.parts(node).into_iter().any(fixed);
                }
                _ => {}
            }
            for child in self.parts(node) {
                open.push((child, checks));
            }
        }
        guards
    }

    fn repeat(&mut self, node: Node<'t>) -> Value<'t> {
        let mark = self.log.len();
        let range = self
            .parts(node)
            .into_iter()
            .find(|child| child.kind() == "range_clause")
            .unwrap_or(node);
        let left = Self::field(range, &["left", "name", "pattern"]);
        let right = Self::field(range, &["right", "value"]);
        if let Some((left, right)) = left.zip(right) {
            let value = self.visit(right);
            let value = Value { text: None, tail: None, number: None, built: false, ..value };
            let value = if value.tag == Tag::Container { value.tagged(Tag::None) } else { value };
            self.bind_each(left, value);
        }
        for field in ["init", "initializer", "condition", "update", "increment"] {
            if let Some(part) = Self::field(node, &[field]) {
                self.visit(part);
            }
        }
        if let Some(body) = Self::field(node, &["body"]) {
            self.visit(body);
        }
        if let Some(other) = Self::field(node, &["alternative"]) {
            self.visit(other);
        }
        let changes = self.changes(mark);
        self.merge(&[changes], true);
        Value::dynamic()
    }

    fn cases(&mut self, node: Node<'t>) -> Value<'t> {
        let mut branches = Vec::new();
        let mut open = true;
        let mut result: Option<Value<'t>> = None;
        let mut subject = None;
        let mut stack: Vec<Node<'t>> = self.parts(node);
        stack.reverse();
        let mut taken = false;
        while let Some(part) = stack.pop() {
            match self.kind(part) {
                Kind::Case => {
                    let text = self.text(part);
                    let head = text.split([':', '\n']).next().unwrap_or_default();
                    let default = head.starts_with("default") || head == "case _" || head.starts_with("_ ");
                    open &= !default;
                    let mark = self.log.len();
                    let value = self.last(part);
                    result = Some(result.map_or(value, |seen| seen.or(value)));
                    let changes = self.changes(mark);
                    // A subject that is known takes the case that names it.
                    let named = subject.is_none_or(|subject: &str| {
                        head.contains(&format!("'{subject}'"))
                            || head.contains(&format!("\"{subject}\""))
                            || default && !taken
                    });
                    taken |= named && subject.is_some();
                    if named {
                        branches.push(changes);
                    }
                }
                Kind::Block | Kind::Other if part.named_child_count() > 0 => {
                    let mut inner = self.parts(part);
                    inner.reverse();
                    stack.extend(inner);
                }
                Kind::Skip => {}
                _ => {
                    let value = self.visit(part);
                    if subject.is_none() && branches.is_empty() {
                        subject = value.whole().filter(|text| text.len() < 40);
                    }
                }
            }
        }
        self.merge(&branches, open && subject.is_none());
        result.unwrap_or_else(Value::dynamic)
    }

    fn attempt(&mut self, node: Node<'t>) -> Value<'t> {
        for child in self.parts(node) {
            if self.kind(child) == Kind::Catch {
                sinks::catch(self, node, child);
                let mark = self.log.len();
                self.children(child);
                let changes = self.changes(mark);
                if !self.exits(child) {
                    self.merge(&[changes], true);
                }
            } else {
                self.visit(child);
            }
        }
        Value::dynamic()
    }
}
