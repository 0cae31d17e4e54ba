//! Owns the values of expressions: texts, members, tables, operators.

use tree_sitter::Node;

use super::{
    Arg, Kind, Language, Origin, Part, Slot, Tag, Value, Walk, clean, format, names, sinks, sources,
};

impl<'t> Walk<'t> {
    /// Visits all children; the value of the last one.
    pub(super) fn last(&mut self, node: Node<'t>) -> Value<'t> {
        let parts = self.parts(node);
        parts
            .into_iter()
            .fold(Value::dynamic(), |_, child| self.visit(child))
    }

    pub(super) fn wrapped(&mut self, node: Node<'t>) -> Value<'t> {
        match self
            .field(node, &["value", "operand"])
            .or_else(|| node.named_child(0))
        {
            Some(inner) => self.visit(inner),
            None => Value::dynamic(),
        }
    }

    pub(super) fn string(&mut self, node: Node<'t>) -> Value<'t> {
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
            let inner = self
                .field(child, &["expression"])
                .or_else(|| child.named_child(0));
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

    pub(super) fn member(&mut self, node: Node<'t>) -> Value<'t> {
        let text = self.text(node);
        if let Some(value) = self.values.get(text) {
            return *value;
        }
        let Some((object, name)) = self.member_parts(node) else {
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
    pub fn member_parts(&self, node: Node<'t>) -> Option<(Node<'t>, Node<'t>)> {
        let object = self
            .field(
                node,
                &["object", "operand", "value", "path", "scope", "package"],
            )
            .or_else(|| node.named_child(0))?;
        let name = self
            .field(node, &["attribute", "property", "field", "name"])
            .or_else(|| node.named_child(1))?;
        Some((object, name))
    }

    pub(super) fn index(&mut self, node: Node<'t>) -> Value<'t> {
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
            _ => Value {
                built: false,
                ..value
            },
        }
    }

    /// The dotted path of an expression, its first name resolved by imports: `subprocess.run`; empty when it is none.
    #[must_use]
    pub fn path(&self, node: Node<'t>) -> String {
        self.path_within(node, 12)
    }

    pub(super) fn path_within(&self, node: Node<'t>, left: usize) -> String {
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
            Kind::Member => match self.member_parts(node) {
                Some((object, name)) => {
                    let mut path = self.path_within(object, left - 1);
                    path.push('.');
                    path.push_str(self.text(name));
                    path
                }
                None => String::new(),
            },
            Kind::Call if node.kind() == "method_invocation" => {
                let name = self
                    .field(node, &["name"])
                    .map_or("", |name| self.text(name));
                let object = self
                    .field(node, &["object"])
                    .map_or_else(String::new, |object| self.path_within(object, left - 1));
                format!("{object}.{name}()")
            }
            Kind::Call => {
                let Some(callee) = self.field(node, &["function", "constructor", "type"]) else {
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
            Kind::Wrap => self
                .field(node, &["value", "operand"])
                .or_else(|| node.named_child(0))
                .map_or_else(String::new, |inner| self.path_within(inner, left - 1)),
            _ => match node.kind() {
                "generic_function" => self.field(node, &["function"]),
                "generic_type" | "dotted_name" => node.named_child(0),
                "import" => return "import".to_owned(),
                _ => None,
            }
            .map_or_else(String::new, |inner| self.path_within(inner, left - 1)),
        }
    }

    pub(super) fn binary(&mut self, node: Node<'t>) -> Value<'t> {
        // A chain of `a + b + c` leans to the left: it is walked in a loop, not by recursion.
        let mut parts = Vec::new();
        let mut left = node;
        while self.kind(left) == Kind::Binary && self.operator(left) == "+" {
            let Some(right) = self.field(left, &["right"]) else {
                break;
            };
            parts.push(right);
            let Some(next) = self.field(left, &["left"]) else {
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
            "*" if left.text.is_some() => Value {
                number: None,
                ..left
            },
            _ => match (left.number, right.number) {
                (Some(a), Some(b)) => Value::number(names::fold(operator, a, b)),
                _ => Value::safe(),
            },
        }
    }

    /// The operator of a binary expression.
    #[must_use]
    pub fn operator(&self, node: Node<'t>) -> &'t str {
        let field = self.field(node, &["operator", "operators"]);
        if let Some(operator) = field {
            return self.text(operator);
        }
        let mut cursor = node.walk();
        node.children(&mut cursor)
            .find(|child| !child.is_named())
            .map_or("", |child| self.text(child))
    }

    /// The values of a tuple or list, or of the one value that it is.
    pub(super) fn elements(&mut self, node: Node<'t>) -> Vec<Arg<'t>> {
        let node = if node.kind() == "parenthesized_expression" {
            node.named_child(0).unwrap_or(node)
        } else {
            node
        };
        if node.kind() == "tuple" || node.kind() == "dictionary" {
            let mut all = Vec::new();
            for child in self.parts(node) {
                let value = self.visit(child);
                let key = self.field(child, &["key"]).map(|key| {
                    let text = self.text(key);
                    let (from, to) = names::quotes(text);
                    text.get(from..to).unwrap_or_default()
                });
                all.push(Arg {
                    name: key,
                    node: child,
                    value,
                });
            }
            all
        } else {
            let value = self.visit(node);
            vec![Arg {
                name: None,
                node,
                value,
            }]
        }
    }

    pub(super) fn ternary(&mut self, node: Node<'t>) -> Value<'t> {
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
        match self.known(&test) {
            Some(0) => no,
            Some(_) => yes,
            None => yes.or(no),
        }
    }

    pub(super) fn pair(&mut self, node: Node<'t>) -> Value<'t> {
        let key = self
            .field(node, &["key", "name", "field"])
            .or_else(|| node.named_child(0));
        let value = self.field(node, &["value"]).or_else(|| {
            let last = u32::try_from(node.named_child_count())
                .ok()?
                .checked_sub(1)?;
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

    pub(super) fn list(&mut self, node: Node<'t>) -> Value<'t> {
        let body = self.field(node, &["body", "value"]).unwrap_or(node);
        let mut elements = self.parts(body);
        elements.retain(|child| {
            self.kind(*child) != Kind::Skip && !(body == node && child.kind().ends_with("type"))
        });
        let values: Vec<Value<'t>> = elements.iter().map(|child| self.visit(*child)).collect();
        match values[..] {
            [shell, flag, text, ..]
                if shell.whole().is_some_and(names::is_shell)
                    && flag.whole().is_some_and(names::is_shell_flag) =>
            {
                // The shells of Windows run all that follows.
                let whole = match shell.whole() {
                    Some("sh" | "bash" | "/bin/sh" | "/bin/bash" | "zsh" | "dash" | "ksh") => text,
                    _ => values.iter().skip(3).fold(text, |all, more| all.or(*more)),
                };
                return whole.tagged(Tag::ShellText);
            }
            [flag, text, ..] if flag.whole().is_some_and(names::is_shell_flag) => {
                return text.tagged(Tag::ShellText);
            }
            _ => {}
        }
        // A query handed over as an object.
        for (element, value) in elements.iter().zip(&values) {
            let key = self
                .field(*element, &["key"])
                .map_or("", |key| self.text(key));
            if matches!(key, "sql" | "text" | "query") && value.sql {
                return *value;
            }
        }
        let all = values
            .iter()
            .fold(Value::number(None), |all, value| all.or(*value));
        Value {
            number: None,
            text: None,
            tail: None,
            built: false,
            sql: false,
            slot: Slot::None,
            ..all
        }
        .tagged(if values.is_empty() {
            Tag::None
        } else {
            Tag::Container
        })
    }

    pub(super) fn comprehension(&mut self, node: Node<'t>) -> Value<'t> {
        let mark = self.log.len();
        let parts = self.parts(node);
        for clause in parts.iter().skip(1) {
            if let Some((left, right)) = self
                .field(*clause, &["left"])
                .zip(self.field(*clause, &["right"]))
            {
                let value = self.visit(right);
                self.bind_each(
                    left,
                    Value {
                        text: None,
                        tail: None,
                        ..value
                    },
                );
            } else {
                self.visit(*clause);
            }
        }
        let value = parts
            .first()
            .map_or_else(Value::dynamic, |body| self.visit(*body));
        self.undo(mark);
        value
    }
}
