//! Owns the folder as Terraform reads it: all files together, variables by their defaults, locals by their values.

use std::collections::BTreeMap;

use super::read::{Block, Value};

/// How many references are followed.
const DEEPEST: usize = 4;

/// The names of a folder.
#[derive(Default)]
pub struct Scope<'a>(BTreeMap<String, &'a Value>);

static UNKNOWN: Value = Value::Unknown;

impl<'a> Scope<'a> {
    /// Takes the variables and locals of a file in.
    pub fn add(&mut self, blocks: &'a [Block]) {
        for block in blocks {
            match block.kind.as_str() {
                "variable" => {
                    if let Some(value) = block.value("default") {
                        self.0.insert(format!("var.{}", block.label(0)), value);
                    }
                }
                "locals" => {
                    for attribute in &block.attributes {
                        self.0
                            .insert(format!("local.{}", attribute.name), &attribute.value);
                    }
                }
                _ => {}
            }
        }
    }

    /// What a value stands for.
    #[must_use]
    pub fn resolved<'v>(&self, value: &'v Value) -> &'v Value
    where
        'a: 'v,
    {
        let mut value = value;
        for _ in 0..DEEPEST {
            let Value::Reference(name) = value else {
                return value;
            };
            match self.0.get(name) {
                Some(found) => value = found,
                None => return &UNKNOWN,
            }
        }
        &UNKNOWN
    }

    /// The literal text of an attribute: `None` where there is none, `Some(None)` where it is not known.
    #[expect(
        clippy::option_option,
        reason = "missing and unknown are different answers"
    )]
    #[must_use]
    pub fn text<'b>(&self, block: &'b Block, name: &str) -> Option<Option<&'b str>>
    where
        'a: 'b,
    {
        match self.resolved(block.value(name)?) {
            Value::Text(text) => Some(Some(text)),
            Value::Null => None,
            _ => Some(None),
        }
    }

    /// Is the attribute this literal?
    #[must_use]
    pub fn is(&self, block: &Block, name: &str, text: &str) -> bool {
        block.value(name).is_some_and(|value| matches!(self.resolved(value), Value::Text(found) if found.eq_ignore_ascii_case(text)))
    }

    /// The literal texts of a list, or of one text.
    #[must_use]
    pub fn texts<'v>(&self, value: &'v Value) -> Vec<&'v str>
    where
        'a: 'v,
    {
        match self.resolved(value) {
            Value::Text(text) => vec![text],
            Value::List(items) => items
                .iter()
                .filter_map(|item| match self.resolved(item) {
                    Value::Text(text) => Some(text.as_str()),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The literal texts of an attribute.
    #[must_use]
    pub fn list<'b>(&self, block: &'b Block, name: &str) -> Vec<&'b str>
    where
        'a: 'b,
    {
        block
            .value(name)
            .map_or_else(Vec::new, |value| self.texts(value))
    }
}
