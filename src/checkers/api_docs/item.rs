//! Owns what is kept of a file: its public items and whether each is documented.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tree_sitter::Node;

use crate::model::place::Span;
use crate::source::file::{PARSE_LIMIT, SourceFile};
use crate::source::language::Language;

use super::options::Options;
use super::{braces, go, python, ruby, rust, script};

/// At most so many items of a file are kept.
const MOST: usize = 20_000;

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Kind {
    /// A class, a structure, an interface, an enumeration, a trait.
    Type,
    /// A function that belongs to no type.
    Function,
    /// A function of a type.
    Method,
    /// A constant or a variable.
    Value,
    /// A field, a property, or a variant.
    Member,
    /// A macro.
    Macro,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Type,
        Self::Function,
        Self::Method,
        Self::Value,
        Self::Member,
        Self::Macro,
    ];

    /// The word for one.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Function => "function",
            Self::Method => "method",
            Self::Value => "value",
            Self::Member => "member",
            Self::Macro => "macro",
        }
    }
}

/// A public item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// What it is.
    pub kind: Kind,
    /// The qualified name.
    pub name: String,
    /// The item of the module that it belongs to, or is.
    pub owner: String,
    /// Where it is: from its first token to its name.
    pub span: Span,
    /// Is it documented?
    pub is_documented: bool,
}

/// What is observed in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Public items: in Rust all of them, elsewhere those that are not documented.
    pub items: Vec<Item>,
    /// How many more are documented.
    pub documented: BTreeMap<Kind, u64>,
    /// Is the module, or the package by this file, documented? `None` where the language knows no such thing.
    pub module: Option<bool>,
    /// The package, where several files are one.
    pub package: String,
    /// What a crate's modules tell of each other.
    pub rust: Option<rust::Module>,
    /// Were there more items than are kept?
    pub is_cut: bool,
    /// Why the file was not read.
    pub unread: Option<Unread>,
}

/// Why a file was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unread {
    /// It is larger than what is parsed.
    Large,
    /// The parser gave up.
    Intricate,
    /// A tool made it.
    Generated,
}

/// Is documentation looked for in files of this language?
#[must_use]
pub const fn is_read(language: Language) -> bool {
    matches!(
        language,
        Language::Python
            | Language::JavaScript
            | Language::TypeScript
            | Language::Tsx
            | Language::Rust
            | Language::Go
            | Language::Java
            | Language::CSharp
            | Language::Kotlin
            | Language::Php
            | Language::Ruby
    )
}

/// Where items are put as they are found.
pub struct Sink<'f> {
    /// The file.
    pub file: &'f SourceFile,
    /// What is said in the gate file.
    pub options: &'f Options,
    /// What is kept.
    pub facts: Facts,
}

impl<'f> Sink<'f> {
    /// The text of a node, as far as it is text.
    #[must_use]
    pub fn text(&self, node: Node<'_>) -> &'f str {
        let bytes = self.file.bytes().get(node.byte_range());
        bytes
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .unwrap_or_default()
    }

    /// The text of the node's field `name`.
    #[must_use]
    pub fn name(&self, node: Node<'_>) -> Option<&'f str> {
        let name = node.child_by_field_name("name")?;
        Some(self.text(name)).filter(|name| !name.is_empty())
    }

    /// Takes an item; `name` is the qualified one, `named` the node with the name.
    pub fn item(&mut self, kind: Kind, name: String, named: Node<'_>, is_documented: bool) {
        if is_documented && self.file.language() != Some(Language::Rust) {
            *self.facts.documented.entry(kind).or_default() += 1;
            return;
        }
        if self.facts.items.len() == MOST {
            self.facts.is_cut = true;
            return;
        }
        let owner = name.split("::").next().unwrap_or_default().to_owned();
        self.facts.items.push(Item {
            kind,
            owner,
            span: self.file.span(named.byte_range()),
            name,
            is_documented,
        });
    }
}

impl Facts {
    /// Looks at a file; `None` when there is nothing to tell.
    #[must_use]
    pub fn of(file: &SourceFile, options: &Options) -> Option<Self> {
        let language = file.language().filter(|language| is_read(*language))?;
        let unread = |why| {
            Some(Self {
                unread: Some(why),
                ..Self::default()
            })
        };
        if file.class().generated || file.class().minified {
            return unread(Unread::Generated);
        }
        let Some(tree) = file.tree() else {
            let is_large = file.bytes().len() > PARSE_LIMIT;
            return unread(if is_large {
                Unread::Large
            } else {
                Unread::Intricate
            });
        };
        let mut sink = Sink {
            file,
            options,
            facts: Self::default(),
        };
        let root = tree.root_node();
        match language {
            Language::Python => python::look(root, &mut sink),
            Language::Rust => rust::look(root, &mut sink),
            Language::Go => go::look(root, &mut sink),
            Language::Ruby => ruby::look(root, &mut sink),
            Language::Java | Language::CSharp | Language::Kotlin | Language::Php => {
                braces::look(language, root, &mut sink);
            }
            _ => script::look(root, &mut sink),
        }
        let mut facts = sink.facts;
        facts.items.sort_by_key(|item| item.span.start);
        Some(facts)
    }
}

/// Comments that stand before an item, as they come.
#[derive(Clone, Copy, Default)]
pub struct Before {
    is_documented: bool,
    /// The row behind what came last.
    next_row: usize,
}

impl Before {
    /// Takes a comment. What is `apart` from the one before begins anew.
    pub fn comment(&mut self, node: Node<'_>, is_doc: bool) {
        if node.start_position().row > self.next_row {
            self.is_documented = false;
        }
        self.is_documented |= is_doc;
        self.next_row = next_row(node);
    }

    /// Takes an attribute, or whatever may stand between a comment and its item.
    pub fn between(&mut self, node: Node<'_>) {
        self.next_row = next_row(node);
    }

    /// Takes the item: is it documented? Begins anew.
    pub fn item(&mut self, node: Node<'_>, may_be_apart: bool) -> bool {
        let near = may_be_apart || node.start_position().row <= self.next_row;
        std::mem::take(self).is_documented && near
    }
}

fn next_row(node: Node<'_>) -> usize {
    let (start, end) = (node.start_position(), node.end_position());
    if end.column == 0 && end.row > start.row {
        end.row
    } else {
        end.row + 1
    }
}

/// Is it a comment, in any language?
#[must_use]
pub fn is_comment(node: Node<'_>) -> bool {
    node.is_named() && node.kind().ends_with("comment")
}

/// Does a `/** */` comment say anything?
#[must_use]
pub fn is_block_doc(text: &str) -> bool {
    let inner = text
        .strip_prefix("/**")
        .and_then(|text| text.strip_suffix("*/"));
    inner.is_some_and(|inner| inner.chars().any(char::is_alphanumeric))
}
