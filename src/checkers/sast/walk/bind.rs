//! Owns what names are bound to, and what branches make of that.

use tree_sitter::Node;

use super::{
    Changes, Kind, Language, MOST_NAMES, Origin, Part, Value, Walk, clean, names, sinks, sources,
};

impl<'t> Walk<'t> {
    pub(super) fn assign(&mut self, node: Node<'t>) -> Value<'t> {
        // Java has `=` and `+=` in one.
        if self.language == Language::Java && self.operator(node) != "=" {
            return self.augment(node);
        }
        let left = self.field(node, &["left", "name"]);
        let right = self.field(node, &["right", "value"]);
        if let Some((left, right)) = left.zip(right) {
            self.assigned(node, left, right)
        } else {
            self.children(node);
            Value::dynamic()
        }
    }

    pub(super) fn declare(&mut self, node: Node<'t>) -> Value<'t> {
        let left = self.field(node, &["pattern", "name", "property"]);
        let right = self.field(node, &["value"]);
        if let Some((left, right)) = left.zip(right) {
            let value = self.assigned(node, left, right);
            if self.language == Language::Java {
                self.narrow(node, left, value);
            }
            value
        } else {
            self.children(node);
            Value::dynamic()
        }
    }

    /// What the declaration says besides the value: a number is no text; a field that is not final may be changed elsewhere.
    fn narrow(&mut self, node: Node<'t>, left: Node<'t>, value: Value<'t>) {
        let Some(parent) = node.parent() else { return };
        let kind = self.field(parent, &["type"]);
        let number = kind.is_some_and(|kind| sources::is_number(self.text(kind)));
        if number && value.origin > Origin::Literal {
            let safe = Value::safe().tagged(value.tag);
            self.bind(left, safe);
        }
        if parent.kind() == "field_declaration" && value.number.is_some() {
            let modifiers = parent.named_child(0).map_or("", |first| self.text(first));
            if !modifiers.contains("final") {
                self.bind(left, Value::number(None));
            }
        }
    }

    pub(super) fn assigned(
        &mut self,
        node: Node<'t>,
        left: Node<'t>,
        right: Node<'t>,
    ) -> Value<'t> {
        let many = |node: Node<'t>| {
            matches!(
                node.kind(),
                "expression_list" | "pattern_list" | "tuple_pattern" | "tuple" | "list_pattern"
            )
        };
        if many(left) || right.kind() == "expression_list" {
            let targets = if many(left) {
                self.parts(left)
            } else {
                vec![left]
            };
            let sources = if many(right) {
                self.parts(right)
            } else {
                vec![right]
            };
            if targets.len() == sources.len() {
                let values: Vec<Value<'t>> =
                    sources.iter().map(|source| self.visit(*source)).collect();
                for ((target, source), value) in targets.iter().zip(&sources).zip(values) {
                    sinks::assignment(self, node, *target, *source, &value);
                    self.settle(*target, *source, value);
                }
                return Value::dynamic();
            }
            let value = sources.iter().fold(Value::number(None), |all, source| {
                all.or(self.visit(*source))
            });
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
    pub(super) fn settle(&mut self, left: Node<'t>, right: Node<'t>, value: Value<'t>) {
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
            let arguments = self.field(source, &["arguments"]);
            let alone = arguments.filter(|arguments| arguments.named_child_count() == 1);
            let inner = alone
                .and_then(|arguments| arguments.named_child(0))
                .or_else(|| {
                    let callee = self.field(source, &["object", "function"])?;
                    self.member_parts(callee).map(|(object, _)| object)
                });
            // A check of a part says nothing about the whole: `cookie.getName()`.
            if self.language == Language::Java
                && arguments.is_some_and(|arguments| arguments.named_child_count() == 0)
                && self.is_getter(source)
            {
                source = right;
                break;
            }
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
    pub(super) fn checked(&mut self, name: &'t str) {
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
                if index
                    && value.origin >= Origin::Dynamic
                    && let Some(object) = target.named_child(0)
                    && self.kind(object) == Kind::Name
                {
                    let before = self.named(self.text(object));
                    self.set(
                        self.text(object),
                        before.or(Value {
                            text: None,
                            ..value
                        }),
                    );
                }
            }
            _ => self.bind_each(
                target,
                Value {
                    text: None,
                    tail: None,
                    number: None,
                    ..value
                },
            ),
        }
    }

    /// Binds every name of a pattern to the same value.
    pub(super) fn bind_each(&mut self, target: Node<'t>, value: Value<'t>) {
        match target.kind() {
            "identifier" | "shorthand_property_identifier_pattern" | "field_identifier" => {
                self.set(self.text(target), value);
            }
            "pair_pattern" | "assignment_pattern" | "object_assignment_pattern" => {
                if let Some(inner) = self.field(target, &["value", "left"]) {
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

    pub(super) fn set(&mut self, name: &'t str, value: Value<'t>) {
        if self.values.len() >= MOST_NAMES && !self.values.contains_key(name) {
            return;
        }
        let before = self.values.insert(name, value);
        self.log.push((name, before));
    }

    /// Takes back what was bound since.
    pub(super) fn undo(&mut self, mark: usize) {
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
    pub(super) fn changes(&mut self, mark: usize) -> Changes<'t> {
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
    pub(super) fn merge(&mut self, branches: &[Changes<'t>], open: bool) {
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

    pub(super) fn augment(&mut self, node: Node<'t>) -> Value<'t> {
        let Some((left, right)) = self
            .field(node, &["left"])
            .zip(self.field(node, &["right"]))
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

    pub(super) fn with(&mut self, node: Node<'t>) -> Value<'t> {
        if let Some((name, value)) = self
            .field(node, &["name"])
            .zip(self.field(node, &["value"]))
        {
            return self.assigned(node, name, value);
        }
        let inner = self.field(node, &["value"]).or_else(|| node.named_child(0));
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
}
