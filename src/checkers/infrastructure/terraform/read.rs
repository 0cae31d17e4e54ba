//! Owns the reading of Terraform: blocks, attributes and literal values, from the syntax tree. Knows no rule.

use serde::{Deserialize, Serialize};
use tree_sitter::Node;

use crate::model::place::Span;
use crate::source::file::SourceFile;

/// How deep blocks and values are read.
const DEEPEST: usize = 48;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Value {
    /// A text, number or switch, as it is written.
    Text(String),
    /// A text with `${...}` in it, and a heredoc with some.
    Template(String),
    List(Vec<Value>),
    Map(Vec<(String, Value)>),
    /// `var.name`, `local.name`, `aws_s3_bucket.a.id`
    Reference(String),
    Call(String, Vec<Value>),
    Null,
    Unknown,
}

/// `name = value`
#[derive(Debug, Serialize, Deserialize)]
pub struct Attribute {
    pub name: String,
    pub value: Value,
    pub span: Span,
}

/// A block.
#[derive(Debug, Serialize, Deserialize)]
pub struct Block {
    /// `resource`, `ingress`
    pub kind: String,
    /// The texts behind it.
    pub labels: Vec<String>,
    pub attributes: Vec<Attribute>,
    pub blocks: Vec<Block>,
    /// Its first line.
    pub span: Span,
    /// The line that it ends in.
    pub last: u32,
}

impl Block {
    /// The attribute of this name.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes
            .iter()
            .find(|attribute| attribute.name == name)
    }

    /// The value of this name.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.attribute(name).map(|attribute| &attribute.value)
    }

    /// The blocks of this kind in it.
    pub fn inner<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Self> {
        self.blocks.iter().filter(move |block| block.kind == kind)
    }

    /// Has it such a block, or one that is made of a list?
    #[must_use]
    pub fn has(&self, kind: &str) -> bool {
        self.blocks
            .iter()
            .any(|block| block.kind == kind || (block.kind == "dynamic" && block.label(0) == kind))
    }

    /// The label of this number.
    #[must_use]
    pub fn label(&self, n: usize) -> &str {
        self.labels.get(n).map_or("", String::as_str)
    }
}

/// The blocks of a file; `None` when it cannot be parsed at all. With them, how many parts are no Terraform.
#[must_use]
pub fn blocks(file: &SourceFile, text: &str) -> Option<(Vec<Block>, usize)> {
    let root = file.tree()?.root_node();
    let reader = Reader { file, text };
    let mut cursor = root.walk();
    let bodies = root.named_children(&mut cursor);
    let mut blocks = Vec::new();
    let mut errors = usize::from(root.is_error());
    for body in bodies {
        errors += usize::from(body.is_error());
        let mut cursor = body.walk();
        for child in body.named_children(&mut cursor) {
            match child.kind() {
                "block" => blocks.push(reader.block(child, DEEPEST)),
                "ERROR" => errors += 1,
                _ => {}
            }
        }
    }
    Some((blocks, errors))
}

struct Reader<'a> {
    file: &'a SourceFile,
    text: &'a str,
}

impl Reader<'_> {
    fn source(&self, node: Node<'_>) -> &str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    fn block(&self, node: Node<'_>, depth: usize) -> Block {
        let mut block = Block {
            kind: String::new(),
            labels: Vec::new(),
            attributes: Vec::new(),
            blocks: Vec::new(),
            span: self.head(node),
            last: self.file.point(node.end_byte()).line,
        };
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            match child.kind() {
                "identifier" if block.kind.is_empty() => {
                    self.source(child).clone_into(&mut block.kind);
                }
                "identifier" | "string_lit" => block
                    .labels
                    .push(self.source(child).trim_matches('"').to_owned()),
                "body" if depth > 0 => self.body(child, &mut block, depth - 1),
                _ => {}
            }
        }
        block
    }

    fn body(&self, node: Node<'_>, block: &mut Block, depth: usize) {
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            match child.kind() {
                "block" => block.blocks.push(self.block(child, depth)),
                "attribute" => {
                    let name = child
                        .named_child(0)
                        .map_or("", |name| self.source(name))
                        .to_owned();
                    let value = child
                        .named_child(1)
                        .map_or(Value::Unknown, |value| self.value(value, depth));
                    block.attributes.push(Attribute {
                        name,
                        value,
                        span: self.head(child),
                    });
                }
                _ => {}
            }
        }
    }

    /// The part of a node in its first line.
    fn head(&self, node: Node<'_>) -> Span {
        let range = node.byte_range();
        let line = self
            .source(node)
            .lines()
            .next()
            .unwrap_or_default()
            .trim_end_matches([' ', '{']);
        self.file.span(range.start..range.start + line.len())
    }

    fn value(&self, node: Node<'_>, depth: usize) -> Value {
        if depth == 0 {
            return Value::Unknown;
        }
        let children = || {
            let mut cursor = node.walk();
            node.named_children(&mut cursor)
                .filter(|child| child.kind() != "comment")
                .collect::<Vec<_>>()
        };
        match node.kind() {
            "expression" | "collection_value" | "literal_value" | "template_expr" => {
                let inner: Vec<_> = children();
                match inner[..] {
                    [one] => self.value(one, depth - 1),
                    // `a.b.c`, and nothing else.
                    [first, ..]
                        if first.kind() == "variable_expr"
                            && inner[1..].iter().all(|part| part.kind() == "get_attr") =>
                    {
                        Value::Reference(self.source(node).split_whitespace().collect())
                    }
                    _ => Value::Unknown,
                }
            }
            "numeric_lit" | "bool_lit" => Value::Text(self.source(node).to_owned()),
            "null_lit" => Value::Null,
            "string_lit" => Value::Text(unescaped(self.source(node).trim_matches('"'))),
            "quoted_template" | "heredoc_template" => {
                let interpolated = children().iter().any(|part| {
                    part.kind().starts_with("template_inter")
                        || part.kind().starts_with("template_dir")
                });
                let text = self.source(node).to_owned();
                if interpolated {
                    Value::Template(text)
                } else {
                    Value::Text(heredoc(&text))
                }
            }
            "tuple" => Value::List(
                children()
                    .into_iter()
                    .filter(|part| part.kind() == "expression")
                    .map(|part| self.value(part, depth - 1))
                    .collect(),
            ),
            "object" => {
                let pairs = children()
                    .into_iter()
                    .filter(|part| part.kind() == "object_elem");
                let pair = |part: Node<'_>| {
                    let key = part.named_child(0)?;
                    let value = part.named_child(1)?;
                    Some((
                        self.source(key).trim_matches('"').to_owned(),
                        self.value(value, depth - 1),
                    ))
                };
                Value::Map(pairs.filter_map(pair).collect())
            }
            "variable_expr" => Value::Reference(self.source(node).to_owned()),
            "function_call" => {
                let inner = children();
                let name = inner
                    .first()
                    .map_or("", |name| self.source(*name))
                    .to_owned();
                let arguments = inner
                    .iter()
                    .filter(|part| part.kind() == "function_arguments");
                let mut values = Vec::new();
                for part in arguments {
                    let mut cursor = part.walk();
                    values.extend(
                        part.named_children(&mut cursor)
                            .map(|argument| self.value(argument, depth - 1)),
                    );
                }
                Value::Call(name, values)
            }
            _ => Value::Unknown,
        }
    }
}

/// The lines between `<<EOF` and `EOF`.
fn heredoc(text: &str) -> String {
    if !text.starts_with("<<") {
        return unescaped(text.trim_matches('"'));
    }
    let lines: Vec<&str> = text.lines().collect();
    lines
        .get(1..lines.len().saturating_sub(1))
        .unwrap_or_default()
        .join("\n")
}

fn unescaped(text: &str) -> String {
    text.replace("\\\"", "\"").replace("\\n", "\n")
}
