//! Owns what the kinds of each grammar mean to the search for smells, as tables that are made once.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::source::language::Language;

use Class::{Comment, Handler, If, Jump, Keys, Module};

/// What a node means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Class {
    /// Nothing of its own.
    #[default]
    Nothing,
    /// A comment.
    Comment,
    /// `if`, with its branches.
    If,
    /// A handler of errors.
    Handler,
    /// A literal of keys and values.
    Keys,
    /// What ends the statements it stands among.
    Jump,
    /// A module of Rust, which may be of tests.
    Module,
}

/// The table of a grammar.
pub struct Table {
    /// The language.
    pub language: Language,
    /// Bytes, one of which stands in whatever is worth looking into on one line: a sign of comments, a brace.
    pub signs: [u8; 2],
    classes: Vec<Class>,
}

impl Table {
    /// The table of a language; `None` where no smells are looked for.
    #[must_use]
    pub fn of(language: Language) -> Option<&'static Self> {
        static TABLES: OnceLock<BTreeMap<Language, Table>> = OnceLock::new();
        let tables = TABLES.get_or_init(|| {
            let all = Language::ALL.iter().copied();
            all.filter_map(|language| Some((language, Self::made(language)?)))
                .collect()
        });
        tables.get(&language)
    }

    fn made(language: Language) -> Option<Self> {
        let (signs, kinds) = kinds(language)?;
        let grammar = language.grammar()?;
        let count = u16::try_from(grammar.node_kind_count()).ok()?;
        let class = |id| {
            let name = grammar.node_kind_for_id(id)?;
            let is_named = grammar.node_kind_is_named(id);
            let known = kinds.iter().find(|(kind, _)| *kind == name);
            known.filter(|_| is_named).map(|(_, class)| *class)
        };
        Some(Self {
            language,
            signs,
            classes: (0..count).map(|id| class(id).unwrap_or_default()).collect(),
        })
    }

    /// What a node of this kind means.
    #[must_use]
    pub fn class(&self, kind: u16) -> Class {
        let class = self.classes.get(usize::from(kind));
        class.copied().unwrap_or_default()
    }
}

/// Is it a comment, in any language?
#[must_use]
pub fn is_comment(node: tree_sitter::Node<'_>) -> bool {
    node.is_named() && node.kind().ends_with("comment")
}

type Kinds = &'static [(&'static str, Class)];

const SLASHES: [u8; 2] = [b'/', b'{'];
const HASHES: [u8; 2] = [b'#', b'{'];

const fn kinds(language: Language) -> Option<([u8; 2], Kinds)> {
    Some(match language {
        Language::Python => (HASHES, PYTHON),
        Language::JavaScript | Language::TypeScript | Language::Tsx => (SLASHES, SCRIPT),
        Language::Rust => (SLASHES, RUST),
        Language::Go => (SLASHES, GO),
        Language::Java => (SLASHES, JAVA),
        Language::C | Language::Cpp | Language::CSharp => (SLASHES, C),
        Language::Ruby => (HASHES, RUBY),
        // `#` opens a comment, too; on a line of its own, it is seen all the same.
        Language::Php => (SLASHES, PHP),
        Language::Kotlin => (SLASHES, KOTLIN),
        Language::Bash => (HASHES, BASH),
        _ => return None,
    })
}

const PYTHON: Kinds = &[
    ("comment", Comment),
    ("if_statement", If),
    ("except_clause", Handler),
    ("dictionary", Keys),
    ("return_statement", Jump),
    ("raise_statement", Jump),
    ("break_statement", Jump),
    ("continue_statement", Jump),
];

const SCRIPT: Kinds = &[
    ("comment", Comment),
    ("html_comment", Comment),
    ("if_statement", If),
    ("catch_clause", Handler),
    ("object", Keys),
    ("return_statement", Jump),
    ("throw_statement", Jump),
    ("break_statement", Jump),
    ("continue_statement", Jump),
];

const RUST: Kinds = &[
    ("line_comment", Comment),
    ("block_comment", Comment),
    ("if_expression", If),
    ("mod_item", Module),
];

const GO: Kinds = &[
    ("comment", Comment),
    ("if_statement", If),
    ("return_statement", Jump),
    ("break_statement", Jump),
    ("continue_statement", Jump),
    ("goto_statement", Jump),
];

const JAVA: Kinds = &[
    ("line_comment", Comment),
    ("block_comment", Comment),
    ("if_statement", If),
    ("catch_clause", Handler),
];

const C: Kinds = &[
    ("comment", Comment),
    ("if_statement", If),
    ("catch_clause", Handler),
    ("return_statement", Jump),
    ("throw_statement", Jump),
    ("break_statement", Jump),
    ("continue_statement", Jump),
    ("goto_statement", Jump),
];

const RUBY: Kinds = &[
    ("comment", Comment),
    ("if", If),
    ("rescue", Handler),
    ("hash", Keys),
    ("return", Jump),
    ("break", Jump),
    ("next", Jump),
];

const PHP: Kinds = &[
    ("comment", Comment),
    ("if_statement", If),
    ("catch_clause", Handler),
    ("array_creation_expression", Keys),
    ("return_statement", Jump),
    ("break_statement", Jump),
    ("continue_statement", Jump),
];

const KOTLIN: Kinds = &[
    ("line_comment", Comment),
    ("block_comment", Comment),
    ("catch_block", Handler),
];

const BASH: Kinds = &[("comment", Comment)];
