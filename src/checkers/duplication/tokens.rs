//! Owns tokens: which leaves of a syntax tree count, and what each of them is. Knows no language by name: a grammar's own
//! names of its kinds decide, so that a new grammar needs nothing here.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use tree_sitter::{Node, TreeCursor};

use crate::source::language::Language;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// A name that somebody chose.
    Name,
    /// A number.
    Number,
    /// A text, or a part of one.
    Text,
    /// The key of a table: it is data where its value is.
    Key,
    /// A word of the language.
    Word,
    /// A bracket, an operator, a comma.
    Mark,
}

impl Class {
    /// The class that it is taken for where names and values do not count.
    #[must_use]
    pub const fn blurred(self) -> Self {
        match self {
            Self::Key => Self::Name,
            other => other,
        }
    }

    /// As a byte, for facts.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Name => 0,
            Self::Number => 1,
            Self::Text => 2,
            Self::Key => 3,
            Self::Word => 4,
            Self::Mark => 5,
        }
    }

    /// From a byte; what is none is a mark.
    #[must_use]
    pub const fn from_code(code: u8) -> Self {
        match code {
            0 => Self::Name,
            1 => Self::Number,
            2 => Self::Text,
            3 => Self::Key,
            4 => Self::Word,
            _ => Self::Mark,
        }
    }
}

/// What is done with a node of a kind.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// It does not count, nor does anything in it.
    Drop,
    /// It is dropped, but its lines are lines of code: an import.
    Pass,
    /// It is one token, if nothing is computed in it.
    Whole,
    /// The leaves in it count.
    Enter(Class),
}

/// What is known of a kind.
#[derive(Clone, Copy)]
struct Kind {
    role: Role,
    /// Does the first part of a node of this kind name a value?
    is_pair: bool,
    /// In a text, is nothing computed in it?
    is_plain: bool,
    /// May it be an export of what another file has?
    may_re_export: bool,
}

/// The kinds of one grammar, by kind id.
pub struct Table(Vec<Kind>);

/// Imports, packages and their like: every file of a project has the same ones.
const PASSED: [&str; 18] = [
    "extern_crate_declaration",
    "future_import_statement",
    "import",
    "import_declaration",
    "import_from_statement",
    "import_header",
    "import_list",
    "import_statement",
    "namespace_use_declaration",
    "package_clause",
    "package_declaration",
    "package_header",
    "preproc_include",
    "use_declaration",
    "using_directive",
    "using_declaration",
    "import_require_clause",
    "file_scoped_namespace_declaration",
];

/// Kinds whose first part names a value.
const PAIRS: [&str; 7] = [
    "pair",
    "field_initializer",
    "keyed_element",
    "literal_element",
    "keyword_argument",
    "initializer_pair",
    "object_elem",
];

impl Table {
    /// The table of a language; `None` when it has no grammar here.
    #[must_use]
    pub fn of(language: Language) -> Option<&'static Self> {
        static TABLES: OnceLock<BTreeMap<Language, Table>> = OnceLock::new();
        let tables = TABLES.get_or_init(|| {
            let all = Language::ALL.iter().copied();
            all.filter_map(|language| Some((language, Self::new(&language.grammar()?))))
                .collect()
        });
        tables.get(&language)
    }

    fn new(grammar: &tree_sitter::Language) -> Self {
        let kinds = u16::try_from(grammar.node_kind_count()).unwrap_or(u16::MAX);
        let row = |id| {
            let name = grammar.node_kind_for_id(id).unwrap_or_default();
            Kind {
                role: role(name, grammar.node_kind_is_named(id)),
                is_pair: PAIRS.contains(&name),
                is_plain: is_plain(name),
                may_re_export: name == "export_statement",
            }
        };
        Self((0..kinds).map(row).collect())
    }

    /// Is nothing computed in the text at the cursor?
    fn has_plain_parts(&self, cursor: &mut TreeCursor<'_>) -> bool {
        if !cursor.goto_first_child() {
            return true;
        }
        let is_plain = |part: Node<'_>| !part.is_named() || self.kind(part).is_plain;
        let mut all = is_plain(cursor.node());
        while all && cursor.goto_next_sibling() {
            all = is_plain(cursor.node());
        }
        cursor.goto_parent();
        all
    }

    fn kind(&self, node: Node<'_>) -> Kind {
        let kind = self.0.get(usize::from(node.kind_id())).copied();
        kind.unwrap_or(Kind {
            role: Role::Enter(Class::Mark),
            is_pair: false,
            is_plain: false,
            may_re_export: false,
        })
    }
}

fn role(kind: &str, is_named: bool) -> Role {
    let ends = |tails: &[&str]| tails.iter().any(|tail| kind.ends_with(tail));
    if !is_named {
        let is_word = kind.starts_with(|c: char| c.is_ascii_alphabetic());
        return Role::Enter(if is_word { Class::Word } else { Class::Mark });
    }
    if kind.contains("comment") || kind == "hash_bang_line" {
        return Role::Drop;
    }
    if PASSED.contains(&kind) {
        return Role::Pass;
    }
    if ends(&[
        "string",
        "string_literal",
        "string_lit",
        "char_literal",
        "character_literal",
        "regex",
    ]) && !kind.starts_with("concatenated")
    {
        return Role::Whole;
    }
    let numbers = [
        "number",
        "integer",
        "float",
        "int_literal",
        "integer_literal",
        "float_literal",
        "number_literal",
        "real_literal",
        "floating_point_literal",
        "numeric_lit",
    ];
    if ends(&numbers) {
        return Role::Enter(Class::Number);
    }
    let texts = [
        "string", "literal", "fragment", "content", "text", "regex", "true", "false", "null",
        "nil", "none", "lit",
    ];
    let is_value = matches!(kind, "undefined" | "boolean" | "bool_lit" | "null_lit");
    if is_value || texts.iter().any(|text| kind.contains(text)) {
        return Role::Enter(Class::Text);
    }
    let is_name = kind.contains("identifier")
        || matches!(
            kind,
            "name" | "variable_name" | "constant" | "word" | "command_name"
        )
        || kind.ends_with("_variable");
    Role::Enter(if is_name { Class::Name } else { Class::Word })
}

/// One token: what it is, and where, in bytes and 0-based lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is; `None` when it only makes its lines lines of code.
    pub class: Option<Class>,
    /// Its first byte.
    pub start: usize,
    /// The byte behind it.
    pub end: usize,
    /// Its first line.
    pub line: u32,
    /// Its last line.
    pub last: u32,
}

/// What is known of a node that was entered.
struct Inside {
    /// Does its first part name a value?
    is_pair: bool,
    /// How many of its parts were passed.
    passed: u32,
}

/// The tokens of a tree, in order.
pub fn each(tree: &tree_sitter::Tree, table: &Table, mut take: impl FnMut(Token)) {
    let mut cursor = tree.walk();
    let mut inside: Vec<Inside> = Vec::new();
    loop {
        let node = cursor.node();
        let kind = table.kind(node);
        let token = |class| Token {
            class,
            start: node.start_byte(),
            end: node.end_byte(),
            line: u32::try_from(node.start_position().row).unwrap_or(u32::MAX),
            last: u32::try_from(node.end_position().row).unwrap_or(u32::MAX),
        };
        let is_key = inside
            .last()
            .is_some_and(|parent| parent.is_pair && parent.passed == 0);
        let has_parts = node.child_count() > 0;
        let mut enter = false;
        match kind.role {
            Role::Drop => {}
            _ if node.start_byte() == node.end_byte() => {}
            Role::Pass if has_parts => take(token(None)),
            Role::Whole if !has_parts || table.has_plain_parts(&mut cursor) => {
                take(token(Some(Class::Text)));
            }
            _ if kind.may_re_export && re_exports(node) => take(token(None)),
            _ if has_parts => enter = true,
            Role::Enter(Class::Name) if is_key => take(token(Some(Class::Key))),
            Role::Enter(class) => take(token(Some(class))),
            Role::Whole | Role::Pass => take(token(Some(Class::Word))),
        }
        if enter && cursor.goto_first_child() {
            inside.push(Inside {
                is_pair: kind.is_pair || is_key,
                passed: 0,
            });
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return;
            }
            inside.pop();
        }
        if let Some(parent) = inside.last_mut() {
            parent.passed += 1;
        }
    }
}

/// Is a part of this kind of a text as it is written, with nothing computed in it?
fn is_plain(kind: &str) -> bool {
    let plain = [
        "content",
        "escape",
        "fragment",
        "start",
        "end",
        "delimiter",
        "pattern",
        "flags",
        "string",
        "literal",
    ];
    plain.iter().any(|part| kind.contains(part)) && !kind.contains("interpolation")
}

/// Is it `export ... from "..."`, which is an import too?
fn re_exports(node: Node<'_>) -> bool {
    node.child_by_field_name("source").is_some()
}
