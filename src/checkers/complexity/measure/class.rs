//! Owns what a node means to the measure: a class for each kind of each grammar, as a table that is made once.

use std::collections::BTreeMap;
use std::num::NonZeroU16;
use std::sync::OnceLock;

use crate::source::language::Language;

use super::kinds;

/// What a node means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Class {
    /// Nothing of its own.
    #[default]
    Nothing,
    /// `if`, `unless`, and their modifiers; one that continues an `else` is told by where it stands.
    If,
    /// `elif`, `elsif`, `elseif` as a node of its own.
    ElseIf,
    /// An `else` that is a node of its own.
    Else,
    /// `a ? b : c`, `b if a else c`.
    Ternary,
    /// A loop.
    Loop,
    /// `switch`, `match`, `when`, `select`, `case ... in`.
    Switch,
    /// A case of a switch, unless it is the default.
    Case,
    /// A guard of a case, or a filter of a comprehension.
    Guard,
    /// `for` in a comprehension.
    Generator,
    /// A handler of exceptions.
    Catch,
    /// `handler` of `x rescue y`.
    Rescue,
    /// A `try` whose `else` counts.
    Try,
    /// Two operands and an operator, which may be a boolean one.
    Binary,
    /// Several operands with boolean operators between them.
    Chain,
    /// A parenthesis.
    Paren,
    /// An operator that hands an error on: `?`.
    Propagation,
    /// A function with a name.
    Function,
    /// A function without one.
    Closure,
    /// What names functions inside it: a class, a module, a namespace, a property.
    Scope,
    /// What gives its value a name: a declaration, an assignment, a pair.
    Binder,
    /// What is only around a value: `(x)`, `x as T`.
    Around,
    /// An object or class that takes its name from what it is bound to.
    Object,
    /// Where an expression ends although the tree goes on: a block, a JSX element.
    Boundary,
    /// `goto`, and `break` or `continue`, which count with a label.
    Jump,
    /// `return`.
    Return,
    /// A call, which may be of the function itself.
    Call,
    /// Statements that may begin with a docstring.
    Block,
    /// A comment.
    Comment,
    /// A conditional of the preprocessor: its condition is no code.
    Preprocessor,
    /// Tokens that no grammar has read: the body of a macro.
    Opaque,
}

/// An operator that decides whether its right side is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// `&&`, `and`.
    And,
    /// `||`, `or`.
    Or,
    /// `??`, `?:` of Kotlin: counts for the cyclomatic number only.
    Null,
}

/// What the kinds and fields of a grammar mean.
pub struct Table {
    /// The language.
    pub language: Language,
    classes: Vec<Class>,
    operators: Vec<Option<Op>>,
    /// The fields of a node.
    pub fields: Fields,
}

/// Fields by their meaning; `None` where a grammar has none of this name.
#[expect(missing_docs, reason = "each is the field of its name")]
pub struct Fields {
    pub alternative: Option<NonZeroU16>,
    pub body: Option<NonZeroU16>,
    pub condition: Option<NonZeroU16>,
    pub consequence: Option<NonZeroU16>,
    pub handler: Option<NonZeroU16>,
    pub left: Option<NonZeroU16>,
    pub operator: Option<NonZeroU16>,
    pub right: Option<NonZeroU16>,
    pub value: Option<NonZeroU16>,
}

impl Table {
    /// The table of a language; `None` where nothing is measured.
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
        let kinds = kinds::of(language)?;
        let grammar = language.grammar()?;
        let count = u16::try_from(grammar.node_kind_count()).ok()?;
        let mut table = Self {
            language,
            classes: vec![Class::Nothing; usize::from(count)],
            operators: vec![None; usize::from(count)],
            fields: Fields {
                alternative: grammar.field_id_for_name("alternative"),
                body: grammar.field_id_for_name("body"),
                condition: grammar.field_id_for_name("condition"),
                consequence: grammar.field_id_for_name("consequence"),
                handler: grammar.field_id_for_name("handler"),
                left: grammar.field_id_for_name("left"),
                operator: grammar.field_id_for_name("operator"),
                right: grammar.field_id_for_name("right"),
                value: grammar.field_id_for_name("value"),
            },
        };
        for id in 0..count {
            let Some(name) = grammar.node_kind_for_id(id) else {
                continue;
            };
            let at = usize::from(id);
            if grammar.node_kind_is_named(id) {
                let class = kinds.classes.iter().find(|(kind, _)| *kind == name);
                table.classes[at] = class.map_or(Class::Nothing, |(_, class)| *class);
            } else {
                let op = kinds.operators.iter().find(|(token, _)| *token == name);
                table.operators[at] = op.map(|(_, op)| *op);
            }
        }
        Some(table)
    }

    /// What a node of this kind means.
    #[must_use]
    pub fn class(&self, kind: u16) -> Class {
        let class = self.classes.get(usize::from(kind));
        class.copied().unwrap_or_default()
    }

    /// Which operator a token of this kind is.
    #[must_use]
    pub fn op(&self, kind: u16) -> Option<Op> {
        self.operators.get(usize::from(kind)).copied().flatten()
    }
}
