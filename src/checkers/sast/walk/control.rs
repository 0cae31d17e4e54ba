//! Owns functions, branches and loops, and what conditions check.

use tree_sitter::Node;

use super::{Kind, Language, Later, Tag, Value, Walk, names, sinks, sources};

impl<'t> Walk<'t> {
    pub(super) fn decorated(&mut self, node: Node<'t>) -> Value<'t> {
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

    pub(super) fn class(&mut self, node: Node<'t>) -> Value<'t> {
        let before = self.test;
        if node.kind() == "mod_item" {
            self.test |= sources::is_test_module(self, node);
        }
        if let Some(body) = self.field(node, &["body"]) {
            let mark = self.log.len();
            self.visit(body);
            if self.inside > 0 {
                self.undo(mark);
            }
        }
        self.test = before;
        Value::dynamic()
    }

    pub(super) fn function(&mut self, node: Node<'t>, handler: bool) -> Value<'t> {
        sinks::function(self, node);
        let test = self.test || sources::is_test_function(self, node);
        if self.inside == 0 {
            self.later.push(Later {
                node,
                handler,
                test,
            });
        } else {
            self.enter(node, handler);
        }
        Value::dynamic()
    }

    pub(super) fn enter(&mut self, node: Node<'t>, handler: bool) {
        let outer = (self.function, self.handler, self.start);
        self.start = node.start_byte();
        self.function = self
            .field(node, &["name"])
            .map_or("", |name| self.text(name));
        self.handler = handler || sources::is_handler(self, node);
        self.body(node);
        (self.function, self.handler, self.start) = outer;
    }

    /// Walks parameters and body; what is bound there ends there.
    pub(super) fn body(&mut self, node: Node<'t>) -> Value<'t> {
        let mark = self.log.len();
        let returns = self.returns.take();
        self.inside += 1;
        if let Some(parameters) = self.field(node, &["parameters", "parameter"]) {
            if parameters.named_child_count() == 0 {
                self.bind_each(parameters, Value::dynamic());
            }
            for parameter in self.parts(parameters) {
                let value = sources::parameter(self, parameter);
                let name = self
                    .field(parameter, &["pattern", "name"])
                    .unwrap_or(parameter);
                if self.kind(name) != Kind::Skip {
                    self.bind_each(name, value);
                }
                if let Some(default) = self.field(parameter, &["value"]) {
                    self.visit(default);
                }
            }
        }
        let value = self
            .field(node, &["body"])
            .map_or_else(Value::dynamic, |body| self.visit(body));
        self.inside -= 1;
        self.undo(mark);
        self.returns = returns;
        value
    }

    pub(super) fn lambda(&mut self, node: Node<'t>) -> Value<'t> {
        self.body(node)
    }

    pub(super) fn leave(&mut self, node: Node<'t>) -> Value<'t> {
        let value = self.last(node);
        sinks::returned(self, node, &value);
        if self.dead == 0 {
            self.returns = Some(self.returns.map_or(value, |seen| seen.or(value)));
        }
        value
    }

    pub(super) fn branch(&mut self, node: Node<'t>) -> Value<'t> {
        if let Some(first) = self.field(node, &["initializer"]) {
            self.visit(first);
        }
        let mut guards = Vec::new();
        let mut known = None;
        if let Some(condition) = self.field(node, &["condition"]) {
            let value = self.visit(condition);
            known = self.known(&value);
            guards = self.guards(condition);
            sinks::condition(self, condition);
        }
        let mut branches = Vec::new();
        let mut open = true;
        let mut result: Option<Value<'t>> = None;
        let mut exits = false;
        if let Some(then) = self.field(node, &["consequence"]) {
            let mark = self.log.len();
            for guard in &guards {
                self.checked(guard);
            }
            let own = self.log.len();
            let never = usize::from(known == Some(0));
            self.dead += never;
            result = Some(self.visit(then));
            self.dead -= never;
            let mut reset: Vec<&'t str> = self.log[own..].iter().map(|(name, _)| *name).collect();
            reset.retain(|name| guards.contains(name));
            let changes = self.changes(mark);
            exits = self.exits(then);
            // `if not good(x): x = other`: behind it, x is good either way.
            if !exits {
                for guard in reset {
                    self.checked(guard);
                }
            }
            if known != Some(0) {
                if !exits {
                    branches.push(changes);
                } else if self.leaps_out(then) {
                    self.leaps.push(changes);
                }
            }
            // A branch that is never taken leaves nothing.
            exits &= known != Some(0);
        }
        if self.language == Language::Java {
            guards.retain(|guard| !self.is_refusal(node, guard));
        }
        let mut cursor = node.walk();
        let others: Vec<Node<'t>> = node
            .children_by_field_name("alternative", &mut cursor)
            .collect();
        for other in others {
            let mark = self.log.len();
            let conditional = other.kind() == "elif_clause";
            if conditional {
                if let Some(condition) = self.field(other, &["condition"]) {
                    self.visit(condition);
                    for guard in self.guards(condition) {
                        self.checked(guard);
                    }
                }
                if let Some(then) = self.field(other, &["consequence"]) {
                    self.visit(then);
                }
            } else {
                open = false;
                let never = usize::from(known.is_some_and(|known| known != 0));
                self.dead += never;
                let value = self.visit(other);
                self.dead -= never;
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
            "else_clause" | "elif_clause" => self
                .field(block, &["body", "consequence"])
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
            "return_statement"
            | "raise_statement"
            | "throw_statement"
            | "continue_statement"
            | "break_statement"
            | "return_expression"
            | "break_expression"
            | "continue_expression"
            | "goto_statement" => true,
            "call" | "call_expression" | "method_invocation" | "macro_invocation" => {
                let text = self.text(last);
                let head = text.split(['(', '!']).next().unwrap_or_default();
                let name = head.rsplit(['.', ':']).next().unwrap_or_default();
                matches!(
                    name,
                    "exit"
                        | "abort"
                        | "panic"
                        | "Fatal"
                        | "Fatalf"
                        | "bail"
                        | "AbortWithStatus"
                        | "fail"
                        | "die"
                        | "_exit"
                )
            }
            _ => false,
        }
    }

    /// The names that a condition checks against something that is known: `x in ALLOWED`, `path.startswith(root)`.
    pub(super) fn guards(&self, condition: Node<'t>) -> Vec<&'t str> {
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
                    // A part that is good makes no good whole: `cookie.getName().equals("a")`.
                    if within && self.is_getter(node) {
                        continue;
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

    /// Is it a call that gives a part of an object of Java that says nothing about the rest?
    pub(super) fn is_getter(&self, node: Node<'t>) -> bool {
        node.kind() == "method_invocation"
            && self.field(node, &["object"]).is_some()
            && self.field(node, &["name"]).is_some_and(|name| {
                matches!(
                    self.text(name),
                    "getName"
                        | "getKey"
                        | "getType"
                        | "getContentType"
                        | "getClass"
                        | "getMethod"
                        | "getStatus"
                        | "getSize"
                )
            })
            && self
                .field(node, &["arguments"])
                .is_some_and(|arguments| arguments.named_child_count() == 0)
    }

    /// `if (REFUSED.contains(name)) return;`: what goes on is anything else.
    fn is_refusal(&self, branch: Node<'t>, name: &str) -> bool {
        let condition = self.field(branch, &["condition"]).map(|condition| {
            let text = self.text(condition).trim();
            let inner = text
                .strip_prefix('(')
                .and_then(|text| text.strip_suffix(')'));
            inner.unwrap_or(text).trim()
        });
        condition.is_some_and(|text| {
            !text.starts_with('!')
                && text
                    .strip_suffix(')')
                    .and_then(|text| text.strip_suffix(name))
                    .is_some_and(|text| text.ends_with(".contains("))
        })
    }

    /// Is the value of a condition known? In a loop it may be another each time.
    pub(super) fn known(&self, value: &Value<'t>) -> Option<i64> {
        if self.language != Language::Java {
            return value.number;
        }
        let constant = match value.whole() {
            Some("true") => Some(1),
            Some("false") => Some(0),
            _ => None,
        };
        value.number.or(constant).filter(|_| self.loops == 0)
    }

    pub(super) fn repeat(&mut self, node: Node<'t>) -> Value<'t> {
        self.loops += 1;
        let leaps = std::mem::take(&mut self.leaps);
        let value = self.repeated(node);
        let leaps = std::mem::replace(&mut self.leaps, leaps);
        self.merge(&leaps, true);
        self.loops -= 1;
        value
    }

    /// Does a block end with leaving the loop or the case around it, so that what it bound goes on behind that?
    fn leaps_out(&self, block: Node<'t>) -> bool {
        let last = self.parts(block).pop().unwrap_or(block);
        self.language == Language::Java
            && matches!(last.kind(), "break_statement" | "continue_statement")
    }

    fn repeated(&mut self, node: Node<'t>) -> Value<'t> {
        let mark = self.log.len();
        let range = self
            .parts(node)
            .into_iter()
            .find(|child| child.kind() == "range_clause")
            .unwrap_or(node);
        let left = self.field(range, &["left", "name", "pattern"]);
        let right = self.field(range, &["right", "value"]);
        if let Some((left, right)) = left.zip(right) {
            let value = self.visit(right);
            let value = Value {
                text: None,
                tail: None,
                number: None,
                built: false,
                table: None,
                ..value
            };
            let value = if value.tag == Tag::Container {
                value.tagged(Tag::None)
            } else {
                value
            };
            self.bind_each(left, value);
        }
        for field in ["init", "initializer", "condition", "update", "increment"] {
            if let Some(part) = self.field(node, &[field]) {
                self.visit(part);
            }
        }
        if let Some(body) = self.field(node, &["body"]) {
            self.visit(body);
        }
        if let Some(other) = self.field(node, &["alternative"]) {
            self.visit(other);
        }
        let changes = self.changes(mark);
        self.merge(&[changes], true);
        Value::dynamic()
    }

    pub(super) fn cases(&mut self, node: Node<'t>) -> Value<'t> {
        let mut branches = Vec::new();
        let before = self.leaps.len();
        let mut open = true;
        let mut result: Option<Value<'t>> = None;
        let mut subject = None;
        let mut stack: Vec<Node<'t>> = self.parts(node);
        stack.reverse();
        let mut taken = false;
        let mut falls = false;
        while let Some(part) = stack.pop() {
            match self.kind(part) {
                Kind::Case => {
                    let head = self.heads(part);
                    let default = head.starts_with("default")
                        || head == "case _"
                        || head.starts_with("_ ")
                        || self.language == Language::Java && head.ends_with(" default ");
                    open &= !default;
                    // A subject that is known takes the case that names it.
                    let named = falls
                        || subject.is_none_or(|subject: &str| {
                            head.contains(&format!("'{subject}'"))
                                || head.contains(&format!("\"{subject}\""))
                                || default && !taken
                        });
                    let mark = self.log.len();
                    self.dead += usize::from(!named);
                    let value = self.last(part);
                    self.dead -= usize::from(!named);
                    result = Some(result.map_or(value, |seen| seen.or(value)));
                    let changes = self.changes(mark);
                    taken |= named && subject.is_some();
                    falls = self.language == Language::Java
                        && subject.is_some()
                        && named
                        && part.kind() == "switch_block_statement_group"
                        && !self.exits(part);
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
                    if subject.is_none() && branches.is_empty() && self.loops == 0 {
                        subject = value.whole().filter(|text| text.len() < 40);
                    }
                }
            }
        }
        branches.extend(self.leaps.drain(before.min(self.leaps.len())..));
        self.merge(&branches, open && subject.is_none());
        result.unwrap_or_else(Value::dynamic)
    }

    /// What a case is for, as text.
    fn heads(&self, case: Node<'t>) -> String {
        if self.language != Language::Java {
            let head = self.text(case).split([':', '\n']).next();
            return head.unwrap_or_default().to_owned();
        }
        let labels = self.parts(case);
        let labels = labels
            .into_iter()
            .filter(|label| label.kind() == "switch_label");
        labels.fold(String::new(), |all, label| all + self.text(label) + " ")
    }

    pub(super) fn attempt(&mut self, node: Node<'t>) -> Value<'t> {
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
