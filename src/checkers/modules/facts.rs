//! Owns what is kept of a file: what it imports, and how its definitions hang together. Content only: where an import
//! leads is for the conclusion, which knows all files.

use serde::{Deserialize, Serialize};

use crate::source::file::{PARSE_LIMIT, SourceFile, parse};
use crate::source::language::Language;
use crate::source::script;

use super::read;

/// At most so many imports of a file are kept.
pub const MOST: usize = 5_000;

/// A name longer than this, in bytes, is none that a person wrote.
pub const LONGEST: usize = 500;

/// What is observed in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The language of what was read.
    pub language: Language,
    /// The name of its package, where the language writes one.
    pub package: String,
    /// What it imports, in the order of the lines.
    pub imports: Vec<Import>,
    /// The files that Rust's `mod` and `include!` name.
    pub parts: Vec<Part>,
    /// Does it say itself that it is run: `__main__`, `#!`, `package main`?
    pub is_entry: bool,
    /// Does it load modules by names that it computes?
    pub loads_by_name: bool,
    /// Its definitions, and in how many groups they fall of which none uses another.
    pub units: u32,
    /// See `units`.
    pub groups: u32,
    /// Had it syntax that the grammar does not know?
    pub is_flawed: bool,
    /// How many imports were not kept.
    pub more: u32,
    /// Why it was not read.
    pub unread: Option<Unread>,
}

/// One name that is imported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// What is imported, as it is written: `..a.b`, `./a`, `crate::a::b`, `example.com/a`.
    pub target: String,
    /// The names that are taken of it, where these may be modules too.
    pub names: Vec<String>,
    /// When it is loaded.
    pub when: When,
    /// Where it stands.
    pub line: u32,
    /// Where it stands.
    pub column: u32,
}

/// When an import is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum When {
    /// With the file itself.
    Start,
    /// When a function is called, or a promise is awaited.
    Later,
    /// Never: the compiler alone reads it.
    Never,
}

/// A file that is a part of a crate because this one names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The path of the module below this file's own; empty for a file that is included.
    pub module: Vec<String>,
    /// The file that is named, if one is.
    pub file: Option<String>,
    /// Whether the path in `file` counts from the folder of this file, as outside of inline modules.
    pub inline: usize,
}

/// Why a file was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unread {
    /// It is larger than what is parsed.
    Large,
    /// The parser gave up.
    Intricate,
}

impl Unread {
    /// Why, in words.
    pub const fn why(self) -> &'static str {
        match self {
            Self::Large => "too large to parse",
            Self::Intricate => "too intricate to parse",
        }
    }
}

/// Are the imports of this language read?
pub const fn is_read(language: Language) -> bool {
    matches!(
        language,
        Language::Python
            | Language::JavaScript
            | Language::TypeScript
            | Language::Tsx
            | Language::Vue
            | Language::Svelte
            | Language::Rust
            | Language::Go
            | Language::Java
    )
}

impl Facts {
    /// A file of which nothing is known yet.
    pub const fn empty(language: Language) -> Self {
        Self {
            language,
            package: String::new(),
            imports: Vec::new(),
            parts: Vec::new(),
            is_entry: false,
            loads_by_name: false,
            units: 0,
            groups: 0,
            is_flawed: false,
            more: 0,
            unread: None,
        }
    }

    /// Looks at a file; `None` when it is in no language whose imports are read.
    pub fn of(file: &SourceFile) -> Option<Self> {
        let language = file.language().filter(|language| is_read(*language))?;
        let mut facts = Self::empty(language);
        facts.is_entry = file.bytes().starts_with(b"#!");
        let unread = if file.bytes().len() > PARSE_LIMIT {
            Unread::Large
        } else {
            Unread::Intricate
        };
        if matches!(language, Language::Vue | Language::Svelte) {
            let (language, text) = script::of(file.bytes());
            match parse(language, &text) {
                Some(tree) => read::read(&mut facts, language, &tree, &text),
                None => facts.unread = Some(unread),
            }
        } else {
            match file.tree() {
                Some(tree) => read::read(&mut facts, language, tree, file.bytes()),
                None => facts.unread = Some(unread),
            }
        }
        Some(facts)
    }

    /// Keeps an import.
    pub fn import(&mut self, import: Import) {
        if import.target.is_empty() || import.target.len() > LONGEST {
            return;
        }
        if self.imports.len() == MOST {
            self.more += 1;
        } else {
            self.imports.push(import);
        }
    }
}
