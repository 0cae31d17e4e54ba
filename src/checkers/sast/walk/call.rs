//! Owns calls and macros: whom they call, with what.

use tree_sitter::Node;

use super::{
    Arg, Call, Kind, Language, Origin, Part, Tag, Value, Walk, format, java, names, sinks, transfer,
};

impl<'t> Walk<'t> {
    #[expect(
        clippy::too_many_lines,
        reason = "one table, a line or two for each language"
    )]
    pub(super) fn call(&mut self, node: Node<'t>) -> Value<'t> {
        // A condition checked the same call before.
        if let Some(value) = self.values.get(self.text(node)) {
            return *value;
        }
        let callee = self.field(node, &["function", "constructor", "type"]);
        let callee = match callee {
            Some(callee) if callee.kind() == "generic_function" => {
                self.field(callee, &["function"])
            }
            other => other,
        };
        let created = node.kind() == "object_creation_expression";
        let (object, name) = if created {
            (None, callee)
        } else if node.kind() == "method_invocation" {
            (self.field(node, &["object"]), self.field(node, &["name"]))
        } else {
            match callee.filter(|callee| self.kind(*callee) == Kind::Member) {
                Some(member) => match self.member_parts(member) {
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
            let path = object + name.map_or("", |name| self.text(name));
            java::unpacked(&path).to_owned()
        } else if created {
            callee.map_or_else(String::new, |callee| {
                java::type_name(self.text(callee)).to_owned()
            })
        } else {
            callee.map_or_else(String::new, |callee| self.path(callee))
        };
        let mut args = Vec::new();
        let mut tagged = false;
        if let Some(list) = self.field(node, &["arguments"]) {
            if self.kind(list) == Kind::Text {
                // A tagged template: its parts are handed over apart from its text.
                self.visit(list);
                tagged = true;
            } else if self.kind(list) == Kind::Comprehension {
                let value = self.visit(list);
                args.push(Arg {
                    name: None,
                    node: list,
                    value,
                });
            } else {
                for child in self.parts(list) {
                    if name.is_some_and(|name| self.text(name) == "join")
                        && self.kind(child) == Kind::List
                    {
                        let parts: Vec<Part<'t>> = self
                            .parts(child)
                            .into_iter()
                            .map(|part| Part::Value(self.visit(part)))
                            .collect();
                        let value = Value::joined(&parts);
                        args.push(Arg {
                            name: None,
                            node: child,
                            value,
                        });
                        continue;
                    }
                    let named = self.kind(child) == Kind::Pair;
                    let name = self.field(child, &["name", "key"]).filter(|_| named);
                    let value = self.visit(child);
                    args.push(Arg {
                        name: name.map(|name| self.text(name)),
                        node: self
                            .field(child, &["value"])
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
        let name = name.map_or("", |name| self.text(name));
        let name = if created { java::type_name(name) } else { name };
        let call = Call {
            node,
            path,
            name,
            object,
            receiver,
            args,
        };
        sinks::call(self, &call);
        if self.language == Language::Java {
            return self.java(&call);
        }
        if let Some(object) = object
            && matches!(
                call.name,
                "append"
                    | "add"
                    | "push"
                    | "extend"
                    | "update"
                    | "insert"
                    | "unshift"
                    | "write"
                    | "WriteString"
                    | "push_str"
            )
        {
            let more = call
                .args
                .iter()
                .fold(Value::number(None), |all, arg| all.or(arg.value));
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

    /// The value of a call of Java, and what it changes.
    fn java(&mut self, call: &Call<'t>) -> Value<'t> {
        if let Some(value) = self.collection(call) {
            return value;
        }
        let inlined = self.inlined(call);
        self.hand_over(call);
        if let Some(value) = inlined {
            return value;
        }
        let receiver = call.receiver.unwrap_or_default();
        let value = Value {
            table: None,
            ..transfer::result(self, call)
        };
        if let Some(object) = call.object {
            let more = call.args.iter().map(|arg| arg.value);
            let more = more.fold(Value::number(None), Value::or);
            match call.name {
                "append" | "insert" if receiver.tag == Tag::None => {
                    if let Some(root) = self.chained(object) {
                        self.set(root, value);
                    }
                }
                "add" | "push" | "addElement"
                    if receiver.tag == Tag::None && more.origin >= Origin::Dynamic =>
                {
                    self.bind(object, receiver.or(more));
                }
                "nextBytes" if receiver.tag == Tag::Generator => {
                    if let Some(arg) = call.at(0) {
                        self.bind(arg.node, Value::dynamic().tagged(Tag::Guessable));
                    }
                }
                _ => {}
            }
        }
        value
    }

    /// The name at the root of a chain of calls that each give what they were called on.
    fn chained(&self, object: Node<'t>) -> Option<&'t str> {
        let mut at = object;
        for _ in 0..200 {
            match self.kind(at) {
                Kind::Name => return Some(self.text(at)),
                Kind::Call => at = self.field(at, &["object"])?,
                _ => return None,
            }
        }
        None
    }

    /// A macro of Rust: its arguments are tokens, of which texts and names can be told.
    pub(super) fn invocation(&mut self, node: Node<'t>) -> Value<'t> {
        let name = self
            .field(node, &["macro"])
            .map_or("", |name| self.text(name));
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
                    values.push(Arg {
                        name: None,
                        node: child,
                        value,
                    });
                }
                Kind::Name => {
                    let value = self.named(self.text(child));
                    let joined = child
                        .prev_sibling()
                        .is_some_and(|before| matches!(before.kind(), "." | "::" | "&."));
                    if !joined {
                        values.push(Arg {
                            name: None,
                            node: child,
                            value,
                        });
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
}
