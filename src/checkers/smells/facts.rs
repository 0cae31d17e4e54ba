//! Owns what is kept of a file: the smells in it, each with its place and what identifies it.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::model::place::Span;
use crate::source::file::{PARSE_LIMIT, SourceFile, anchor, parse};
use crate::source::language::Language;
use crate::source::{bundle, header, script};

use super::marker::Markers;
use super::options::Options;
use super::table::Table;
use super::{debug, same, walk};

/// At most so many findings of a file are kept.
const MOST: usize = 2_000;

/// A line longer than this on the average, in bytes, is one that nobody writes.
const LONG_LINE: usize = 300;

/// What is observed in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The smells.
    pub hits: Vec<Hit>,
    /// How many were not kept.
    pub more: usize,
    /// Had it syntax that the grammar does not know?
    pub is_flawed: bool,
    /// Why it was not read.
    pub unread: Option<Unread>,
}

/// A smell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// Which one.
    pub kind: Kind,
    /// Where it is.
    pub span: Span,
    /// What stands there, in words that the headline needs.
    pub what: String,
    /// The digest of its line.
    pub anchor: String,
}

/// The smells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Kind {
    /// A mark of work to be done.
    WorkMarker,
    /// Code in a comment.
    CommentedOutCode,
    /// A call of a debugger.
    DebugLeftover,
    /// Output that is a leftover in a library, and meant in a script.
    DebugOutput,
    /// A handler that does nothing.
    SwallowedError,
    /// Branches that all do the same.
    IdenticalBranches,
    /// A condition that was asked before.
    DuplicateCondition,
    /// A key that was there before.
    DuplicateKey,
    /// The same on both sides of an operator.
    SelfComparison,
    /// The same on both sides of an assignment.
    SelfAssignment,
    /// What is behind a statement that leaves.
    UnreachableCode,
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
    /// It is a bundle: its lines are longer than anybody writes.
    Packed,
}

impl Unread {
    /// Why, in words.
    #[must_use]
    pub const fn why(self) -> &'static str {
        match self {
            Self::Large => "too large to parse",
            Self::Intricate => "too intricate to parse",
            Self::Generated => "made by a tool, not looked into",
            Self::Packed => "of lines that nobody writes (a bundle), not looked into",
        }
    }
}

/// Is a file of this language looked into?
#[must_use]
pub fn is_read(language: Language) -> bool {
    Table::of(language).is_some() || is_component(language)
}

/// Is it a component, whose scripts are read?
const fn is_component(language: Language) -> bool {
    matches!(language, Language::Vue | Language::Svelte)
}

/// Where smells are put as they are found.
pub struct Sink<'f> {
    /// The file.
    pub file: &'f SourceFile,
    facts: Facts,
}

impl Sink<'_> {
    /// Takes a smell at these bytes.
    pub fn add(&mut self, kind: Kind, bytes: Range<usize>, what: impl Into<String>) {
        if self.facts.hits.len() == MOST {
            self.facts.more += 1;
            return;
        }
        let span = self.file.span(bytes);
        self.facts.hits.push(Hit {
            kind,
            span,
            what: what.into(),
            anchor: anchor(self.file.line(span.start.line)),
        });
    }
}

/// Are its lines longer than anybody writes, or does it say that a tool put it together?
fn is_packed(language: Language, bytes: &[u8]) -> bool {
    let lines = memchr::memchr_iter(b'\n', bytes).count() + 1;
    let is_script = language == Language::JavaScript;
    bytes.len() > 5_000 && bytes.len() / lines > LONG_LINE || is_script && bundle::is_bundle(bytes)
}

impl Facts {
    /// Looks at a file; `None` when there is nothing to tell.
    #[must_use]
    pub fn of(file: &SourceFile, options: &Options, markers: &Markers) -> Option<Self> {
        let language = file.language().filter(|language| is_read(*language))?;
        let unread = |why| {
            Some(Self {
                unread: Some(why),
                ..Self::default()
            })
        };
        if file.class().generated {
            return unread(Unread::Generated);
        }
        if file.class().minified || is_packed(language, file.bytes()) {
            return unread(Unread::Packed);
        }
        let given_up = || {
            let is_large = file.bytes().len() > PARSE_LIMIT;
            unread(if is_large {
                Unread::Large
            } else {
                Unread::Intricate
            })
        };
        if is_component(language) {
            let (language, script) = script::of(file.bytes());
            return match parse(language, &script) {
                Some(tree) => Self::seen(language, &tree, file, options, markers),
                None => given_up(),
            };
        }
        let Some(tree) = file.tree() else {
            return given_up();
        };
        match header::as_cpp(language, tree, file.bytes()) {
            Some(tree) => Self::seen(Language::Cpp, &tree, file, options, markers),
            None => Self::seen(language, tree, file, options, markers),
        }
    }

    fn seen(
        language: Language,
        tree: &tree_sitter::Tree,
        file: &SourceFile,
        options: &Options,
        markers: &Markers,
    ) -> Option<Self> {
        let table = Table::of(language)?;
        let mut sink = Sink {
            file,
            facts: Self {
                is_flawed: tree.root_node().has_error(),
                ..Self::default()
            },
        };
        let tests = walk::walk(table, tree, options, markers, &mut sink);
        let tests = if options.tests { Vec::new() } else { tests };
        debug::look(table.language, tree, &tests, &mut sink);
        same::look(table.language, tree, &tests, &mut sink);
        let mut facts = sink.facts;
        facts.hits.sort_by_key(|hit| (hit.span.start, hit.kind));
        Some(facts)
    }
}
