//! Owns the model of tables as statements write them: columns, constraints, indexes, and what `ALTER TABLE` does.

use serde::{Deserialize, Serialize};

use super::expr::{Expr, Name, TypeName};
use super::statement::Object;

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnDef {
    /// Its name.
    pub name: String,
    /// Its type; none for columns of a typed table or a partition.
    pub kind: Option<TypeName>,
    /// `NOT NULL`, or an explicit `NULL`.
    pub not_null: Option<bool>,
    /// `DEFAULT`.
    pub default: Option<Expr>,
    /// `GENERATED ... AS IDENTITY`.
    pub identity: bool,
    /// `GENERATED ALWAYS AS (...)`.
    pub generated: Option<Expr>,
    /// `STORED`.
    pub stored: bool,
    /// The constraints that stand with the column, each naming it.
    pub constraints: Vec<Constraint>,
}

/// A constraint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Constraint {
    /// `CONSTRAINT name`.
    pub name: Option<String>,
    /// What it is.
    pub kind: ConstraintKind,
    /// `NOT VALID`.
    pub not_valid: bool,
}

/// What a constraint is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConstraintKind {
    /// `PRIMARY KEY` of these columns.
    Primary(Keys),
    /// `UNIQUE` of these columns.
    Unique(Keys),
    /// `FOREIGN KEY`.
    Foreign(Reference),
    /// `CHECK`; the flag is `NO INHERIT`.
    Check(Expr),
    /// `EXCLUDE`: access method, elements, condition.
    Exclude(String, Vec<IndexItem>, Option<Expr>),
}

/// The columns of a key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    /// The columns.
    pub columns: Vec<String>,
    /// `INCLUDE`.
    pub include: Vec<String>,
    /// `NULLS NOT DISTINCT`.
    pub nulls_not_distinct: bool,
    /// `USING INDEX`.
    pub using_index: Option<String>,
    /// `DEFERRABLE`.
    pub deferrable: bool,
}

/// `REFERENCES`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// The columns that refer.
    pub columns: Vec<String>,
    /// The table that is referred to.
    pub table: Name,
    /// Its columns; empty: its primary key.
    pub to: Vec<String>,
    /// `ON DELETE`, in lower case, with the columns where some are named; empty: no action.
    pub on_delete: String,
}

/// An element of an index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexItem {
    /// A column or an expression.
    pub expr: Expr,
    /// `COLLATE`.
    pub collation: Option<Name>,
    /// The operator class.
    pub class: Option<Name>,
    /// `DESC`.
    pub descending: bool,
    /// `NULLS FIRST`, where written.
    pub nulls_first: Option<bool>,
    /// Of an exclusion: the operator.
    pub operator: Option<String>,
}

/// `CREATE INDEX`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, not states"
)]
pub struct CreateIndex {
    /// `UNIQUE`.
    pub unique: bool,
    /// `CONCURRENTLY`.
    pub concurrently: bool,
    /// `ON ONLY`.
    pub only: bool,
    /// `IF NOT EXISTS`.
    pub if_not_exists: bool,
    /// Its name, where given.
    pub name: Option<String>,
    /// Its table.
    pub table: Name,
    /// `USING`; empty: `btree`.
    pub method: String,
    /// The elements.
    pub items: Vec<IndexItem>,
    /// `INCLUDE`.
    pub include: Vec<String>,
    /// `NULLS NOT DISTINCT`.
    pub nulls_not_distinct: bool,
    /// `WITH`, sorted.
    pub options: Vec<(String, String)>,
    /// `WHERE`.
    pub condition: Option<Expr>,
}

/// What `LIKE` takes over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Like {
    /// The table.
    pub table: Name,
    /// What `INCLUDING` and `EXCLUDING` name, in order; the flag is `INCLUDING`.
    pub parts: Vec<(bool, String)>,
}

/// An element of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Element {
    /// A column.
    Column(ColumnDef),
    /// A constraint.
    Constraint(Constraint),
    /// `LIKE`.
    Like(Like),
}

/// `CREATE TABLE`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateTable {
    /// `FOREIGN`.
    pub foreign: bool,
    /// `TEMP`.
    pub temporary: bool,
    /// `IF NOT EXISTS`.
    pub if_not_exists: bool,
    /// Its name.
    pub name: Name,
    /// Columns, constraints, `LIKE`, in order.
    pub elements: Vec<Element>,
    /// `INHERITS`.
    pub inherits: Vec<Name>,
    /// `PARTITION OF`.
    pub partition_of: Option<Name>,
    /// `OF type`.
    pub of_type: Option<Name>,
    /// `PARTITION BY`: the strategy and its columns.
    pub partition_by: Option<Vec<IndexItem>>,
}

/// `ALTER TABLE` and the like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlterTable {
    /// Table, view, index, sequence...
    pub object: Object,
    /// `IF EXISTS`.
    pub if_exists: bool,
    /// Its name.
    pub name: Name,
    /// What is done, in order.
    pub actions: Vec<Action>,
}

/// What `ALTER TABLE` does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// `ADD COLUMN`; the flag is `IF NOT EXISTS`.
    AddColumn(ColumnDef, bool),
    /// `DROP COLUMN`: name, `IF EXISTS`, `CASCADE`.
    DropColumn(String, bool, bool),
    /// `ALTER COLUMN ... TYPE`; the last is `USING`.
    ColumnType(String, TypeName, Option<Expr>),
    /// `SET DEFAULT`, `DROP DEFAULT`.
    ColumnDefault(String, Option<Expr>),
    /// `SET NOT NULL`, `DROP NOT NULL`.
    NotNull(String, bool),
    /// `ADD GENERATED ... AS IDENTITY`, `DROP IDENTITY`.
    Identity(String, bool),
    /// `DROP EXPRESSION`.
    DropExpression(String),
    /// What else is done to a column.
    ColumnOther(String),
    /// `ADD CONSTRAINT`.
    AddConstraint(Constraint),
    /// `DROP CONSTRAINT`: name, `IF EXISTS`, `CASCADE`.
    DropConstraint(String, bool, bool),
    /// `VALIDATE CONSTRAINT`.
    Validate(String),
    /// `RENAME CONSTRAINT`.
    RenameConstraint(String, String),
    /// `RENAME COLUMN`.
    RenameColumn(String, String),
    /// `RENAME TO`.
    Rename(String),
    /// `SET SCHEMA`.
    Schema(String),
    /// `OWNER TO`.
    Owner(String),
    /// `ENABLE ROW LEVEL SECURITY`, `DISABLE`.
    RowSecurity(bool),
    /// `FORCE ROW LEVEL SECURITY`, `NO FORCE`.
    ForceRowSecurity(bool),
    /// `SET (...)`.
    SetOptions(Vec<(String, String)>),
    /// `RESET (...)`.
    ResetOptions(Vec<String>),
    /// `ATTACH PARTITION`.
    Attach(Name),
    /// `DETACH PARTITION`; the flag is `CONCURRENTLY`.
    Detach(Name, bool),
    /// `INHERIT`, `NO INHERIT`.
    Inherit(Name, bool),
    /// `ENABLE TRIGGER`, `DISABLE TRIGGER`: its name, or `all` or `user`.
    Trigger(String, bool),
    /// `SET LOGGED`, `SET ACCESS METHOD` and others that write the table anew.
    Rewrite(String),
    /// What else, by its first words.
    Other(String),
}
