//! Owns relations: tables, views and the like, with all that is theirs.

use std::collections::BTreeMap;

use super::super::parse::expr::Expr;
use super::super::parse::statement::Command;
use super::super::parse::table::IndexItem;
use super::acl::Acl;
use super::kinds::Ty;
use super::{Oid, Origin};

/// What a relation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each variant is the kind of its name")]
pub enum RelKind {
    Table,
    Partitioned,
    View,
    MaterializedView,
    Foreign,
    Sequence,
}

/// A column.
#[derive(Clone, Debug, Default)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Ty,
    /// What stood in parentheses behind its type.
    pub modifiers: Vec<String>,
    /// `NOT NULL`.
    pub not_null: bool,
    /// Where it was made; `None` where a query or the platform gave it.
    pub origin: Option<Origin>,
    /// Rights on this column alone.
    pub acl: Acl,
}

/// What a constraint is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is the constraint of its name")]
pub enum ConKind {
    Primary,
    Unique,
    Foreign,
    Check,
    Exclude,
}

/// A constraint.
#[derive(Clone, Debug)]
pub struct Con {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: ConKind,
    /// Its columns.
    pub columns: Vec<String>,
    /// Of a foreign key: the table, its columns, and the index that it leans on.
    pub target: Option<(Oid, Vec<String>, String)>,
    /// `ON DELETE`.
    pub on_delete: String,
    /// `NOT VALID`.
    pub not_valid: bool,
    /// Of a check: the columns that it proves to be not null.
    pub proves: Vec<String>,
    /// Where it was made.
    pub origin: Origin,
}

/// An index.
#[derive(Clone, Debug)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// The access method.
    pub method: String,
    /// `UNIQUE`.
    pub unique: bool,
    /// Does it stand for the primary key?
    pub primary: bool,
    /// The columns by name, expressions left out as empty names.
    pub keys: Vec<String>,
    /// The elements, as they were written.
    pub items: Vec<IndexItem>,
    /// `INCLUDE`.
    pub include: Vec<String>,
    /// `WHERE`.
    pub condition: Option<Expr>,
    /// What is said of it beside its name, to compare two.
    pub signature: String,
    /// Is it the index of a constraint?
    pub constraint: bool,
    /// Where it was made.
    pub origin: Origin,
}

/// A policy.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// `PERMISSIVE`.
    pub permissive: bool,
    /// The command.
    pub command: Command,
    /// The roles; empty: everybody.
    pub roles: Vec<String>,
    /// `USING`.
    pub using: Option<Expr>,
    /// `WITH CHECK`.
    pub check: Option<Expr>,
    /// The relations and functions in it.
    pub uses: Vec<Use>,
    /// Those of `USING` alone.
    pub using_uses: Vec<Use>,
    /// Those of `WITH CHECK` alone.
    pub check_uses: Vec<Use>,
    /// The search path along which its names were found.
    pub path: Vec<String>,
    /// Where it was made.
    pub origin: Origin,
}

/// What an object depends on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// A relation.
    Relation(Oid),
    /// A column of a relation.
    Column(Oid, String),
    /// A function.
    Function(Oid),
}

/// A relation.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, not states"
)]
pub struct Relation {
    /// What identifies it.
    pub oid: Oid,
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: RelKind,
    /// Its owner.
    pub owner: String,
    /// Rights on it.
    pub acl: Acl,
    /// Its columns.
    pub columns: Vec<Column>,
    /// `ROW LEVEL SECURITY`.
    pub rls: bool,
    /// `FORCE ROW LEVEL SECURITY`.
    pub force: bool,
    /// `WITH (...)`.
    pub options: BTreeMap<String, String>,
    /// Its constraints.
    pub constraints: Vec<Con>,
    /// Its indexes.
    pub indexes: Vec<Index>,
    /// Its policies.
    pub policies: Vec<Policy>,
    /// Its triggers, with their function.
    pub triggers: Vec<(String, Option<Oid>)>,
    /// The tables that it inherits from, or is a partition of.
    pub parents: Vec<Oid>,
    /// Is it a partition?
    pub partition: bool,
    /// What a view's query depends on.
    pub uses: Vec<Use>,
    /// The extension that it belongs to.
    pub extension: Option<String>,
    /// Is it gone at the end of the session?
    pub temporary: bool,
    /// Nothing here made it: only its name is known.
    pub external: bool,
    /// No migration made it: it was there before, or is made elsewhere.
    pub outside: bool,
    /// Where it was made.
    pub origin: Origin,
}

impl Relation {
    /// A relation without anything.
    #[must_use]
    pub fn new(oid: Oid, schema: &str, name: &str, kind: RelKind, origin: Origin) -> Self {
        Self {
            oid,
            schema: schema.to_owned(),
            name: name.to_owned(),
            kind,
            owner: String::new(),
            acl: Acl::default(),
            columns: Vec::new(),
            rls: false,
            force: false,
            options: BTreeMap::new(),
            constraints: Vec::new(),
            indexes: Vec::new(),
            policies: Vec::new(),
            triggers: Vec::new(),
            parents: Vec::new(),
            partition: false,
            uses: Vec::new(),
            extension: None,
            temporary: false,
            external: false,
            outside: false,
            origin,
        }
    }

    /// The column of this name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The column of this name, to change it.
    pub fn column_mut(&mut self, name: &str) -> Option<&mut Column> {
        self.columns.iter_mut().find(|column| column.name == name)
    }

    /// The primary key's index.
    #[must_use]
    pub fn primary(&self) -> Option<&Index> {
        self.indexes.iter().find(|index| index.primary)
    }

    /// `schema.name`.
    #[must_use]
    pub fn shown(&self) -> String {
        format!("{}.{}", self.schema, self.name)
    }

    /// Does a view run with the rights of its reader?
    #[must_use]
    pub fn is_invoker(&self) -> bool {
        self.options.get("security_invoker").is_some_and(|value| {
            ["", "1", "true", "yes", "on"].contains(&value.to_ascii_lowercase().as_str())
        })
    }
}
