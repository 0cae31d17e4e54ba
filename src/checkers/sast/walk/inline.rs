//! Owns calls of functions that stand in the same file: what they make of their arguments, found by walking them with these.

use std::collections::{HashMap, HashSet};

use tree_sitter::Node;

use super::{Call, Kind, Origin, Value, Walk};
use crate::checkers::sast::java;

/// So deep functions are followed into the functions that they call.
const DEEPEST: usize = 2;

/// So many times the size of the file may be walked once more.
const WORTH: usize = 4;

/// The functions of a file, by name and number of parameters.
#[derive(Debug, Default)]
pub(super) struct Functions<'t> {
    by_name: HashMap<(&'t str, usize), Option<Node<'t>>>,
    classes: HashSet<&'t str>,
    /// So many bytes may be walked once more.
    budget: usize,
    depth: usize,
}

impl<'t> Walk<'t> {
    /// Lists the functions of a file; of two with the same name and number of parameters, neither is known.
    pub(super) fn list_functions(&mut self, root: Node<'t>) {
        let mut open = vec![root];
        let mut steps = 0;
        while let Some(node) = open.pop() {
            steps += 1;
            if steps > 20_000 {
                break;
            }
            match self.kind(node) {
                Kind::Class => {
                    if let Some(name) = self.field(node, &["name"]) {
                        self.functions.classes.insert(self.text(name));
                    }
                    if let Some(body) = self.field(node, &["body"]) {
                        open.extend(self.parts(body));
                    }
                }
                Kind::Function => {
                    let name = self.field(node, &["name"]).map(|name| self.text(name));
                    let count = self
                        .field(node, &["parameters"])
                        .map_or(0, |all| self.parts(all).len());
                    if let Some(name) = name {
                        self.functions
                            .by_name
                            .entry((name, count))
                            .and_modify(|known| *known = None)
                            .or_insert(Some(node));
                    }
                }
                _ if node == root => open.extend(self.parts(node)),
                _ => {}
            }
        }
        self.functions.budget = self.bytes.len().saturating_mul(WORTH);
        self.fields = self.values.clone();
    }

    /// The function of this file that a call calls.
    fn called(&self, call: &Call<'t>) -> Option<Node<'t>> {
        if call.node.kind() != "method_invocation" {
            return None;
        }
        let own = call.object.is_none_or(|object| {
            let text = self.text(object);
            let class = |name: &str| self.functions.classes.contains(name);
            match object.kind() {
                "this" => true,
                "identifier" => class(text),
                "object_creation_expression" => self
                    .field(object, &["type"])
                    .is_some_and(|kind| class(java::type_name(self.text(kind)))),
                _ => false,
            }
        });
        if !own {
            return None;
        }
        *self.functions.by_name.get(&(call.name, call.args.len()))?
    }

    /// What a function of this file makes of the arguments; `None` where that is not followed.
    pub(super) fn inlined(&mut self, call: &Call<'t>) -> Option<Value<'t>> {
        if self.functions.depth >= DEEPEST || self.inside == 0 {
            return None;
        }
        let node = self.called(call)?;
        let body = self.field(node, &["body"])?;
        let parameters = self.field(node, &["parameters"])?;
        self.functions.budget = self.functions.budget.checked_sub(node.byte_range().len())?;
        let foreign = |value: &Value<'t>| value.origin == Origin::Input;
        let quiet = !call.args.iter().any(|arg| foreign(&arg.value));
        let values = std::mem::take(&mut self.values);
        let log = std::mem::take(&mut self.log);
        let made_of = std::mem::take(&mut self.made_of);
        let outer = (self.function, self.handler, self.start, self.quiet);
        let before = (self.returns.take(), self.dead, self.loops);
        (self.dead, self.loops) = (0, 0);
        self.quiet += usize::from(quiet);
        self.start = node.start_byte();
        self.function = call.name;
        self.functions.depth += 1;
        for (parameter, arg) in self.parts(parameters).into_iter().zip(&call.args) {
            if let Some(name) = self.field(parameter, &["name"]) {
                self.set(self.text(name), arg.value);
            }
        }
        self.visit(body);
        self.functions.depth -= 1;
        let value = self.returns.take();
        (self.function, self.handler, self.start, self.quiet) = outer;
        (self.returns, self.dead, self.loops) = before;
        self.values = values;
        self.log = log;
        self.made_of = made_of;
        Some(Value {
            table: None,
            ..value.unwrap_or_else(Value::dynamic)
        })
    }
}
