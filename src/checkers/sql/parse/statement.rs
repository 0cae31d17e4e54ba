//! Owns the model of statements: what the catalog and the rules need of each. Nothing here knows how it is read.

use serde::{Deserialize, Serialize};

use super::body::Block;
use super::expr::{Change, Expr, Name, Query, TypeName};
use super::table::{AlterTable, CreateIndex, CreateTable};

/// What kind of object a statement names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each variant is the kind of its name")]
pub enum Object {
    Table,
    View,
    MaterializedView,
    ForeignTable,
    Sequence,
    Index,
    Type,
    Domain,
    Function,
    Procedure,
    Routine,
    Aggregate,
    Schema,
    Extension,
    Policy,
    Trigger,
    Rule,
    Role,
    Publication,
    EventTrigger,
    Database,
    Column,
    Constraint,
    Other,
}

/// An object that a statement names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Its name.
    pub name: Name,
    /// Of a function: the types of its arguments, where they are written.
    pub args: Option<Vec<TypeName>>,
    /// Of a policy, trigger or rule: its table.
    pub on: Option<Name>,
}

/// A parameter of a function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Param {
    /// Its mode.
    pub mode: Mode,
    /// Its name, maybe none.
    pub name: Option<String>,
    /// Its type.
    pub kind: TypeName,
    /// Has it a default?
    pub default: Option<Expr>,
}

/// The mode of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    /// `IN`.
    In,
    /// `OUT`.
    Out,
    /// `INOUT`.
    InOut,
    /// `VARIADIC`.
    Variadic,
    /// A column of `RETURNS TABLE`.
    Table,
}

/// A setting that is attached to a function, a role, or the session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// Its values; `None` for `FROM CURRENT`; empty for `DEFAULT`.
    pub values: Option<Vec<String>>,
}

/// `CREATE FUNCTION`, `CREATE PROCEDURE`, `CREATE AGGREGATE`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateFunction {
    /// Function, procedure or aggregate.
    pub object: Object,
    /// `OR REPLACE`.
    pub replace: bool,
    /// Its name.
    pub name: Name,
    /// Its parameters, columns of `RETURNS TABLE` at the end.
    pub params: Vec<Param>,
    /// `RETURNS`.
    pub returns: Option<TypeName>,
    /// `LANGUAGE`, in lower case.
    pub language: Option<String>,
    /// `SECURITY DEFINER`.
    pub definer: bool,
    /// `VOLATILE`, `STABLE`, `IMMUTABLE`: the first letter.
    pub volatility: char,
    /// `SET`.
    pub settings: Vec<Setting>,
    /// The text of the body; of a function in C the symbol.
    pub source: String,
    /// Of a function in SQL: what its body holds.
    pub queries: Vec<Statement>,
    /// Of a function in PL/pgSQL: its body.
    pub block: Option<Block>,
    /// Is the body one of the standard (`RETURN`, `BEGIN ATOMIC`)?
    pub standard: bool,
}

/// What `ALTER FUNCTION` changes beside names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionChange {
    /// `SECURITY DEFINER`, `SECURITY INVOKER`.
    pub definer: Option<bool>,
    /// Volatility.
    pub volatility: Option<char>,
    /// `SET`.
    pub settings: Vec<Setting>,
    /// `RESET`; an empty name stands for `ALL`.
    pub resets: Vec<String>,
}

/// `CREATE VIEW`, `CREATE MATERIALIZED VIEW`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateView {
    /// View or materialized view.
    pub object: Object,
    /// `OR REPLACE`.
    pub replace: bool,
    /// `TEMP`.
    pub temporary: bool,
    /// `IF NOT EXISTS`.
    pub if_not_exists: bool,
    /// Its name.
    pub name: Name,
    /// The names of its columns, where given.
    pub columns: Vec<String>,
    /// `WITH (...)`.
    pub options: Vec<(String, String)>,
    /// The query.
    pub query: Query,
}

/// The command that a policy is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each variant is the command of its name")]
pub enum Command {
    All,
    Select,
    Insert,
    Update,
    Delete,
}

/// `CREATE POLICY`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatePolicy {
    /// Its name.
    pub name: String,
    /// Its table.
    pub table: Name,
    /// `AS PERMISSIVE`, the default.
    pub permissive: bool,
    /// `FOR`.
    pub command: Command,
    /// `TO`; empty: not written.
    pub roles: Vec<String>,
    /// `USING`.
    pub using: Option<Expr>,
    /// `WITH CHECK`.
    pub check: Option<Expr>,
}

/// What rights are given on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum On {
    /// Objects by name.
    Objects(Object, Vec<Target>),
    /// `ALL TABLES IN SCHEMA`.
    AllIn(Object, Vec<String>),
}

/// `GRANT`, `REVOKE`, and the same within `ALTER DEFAULT PRIVILEGES`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// `REVOKE`?
    pub revoke: bool,
    /// `GRANT OPTION FOR`: the right itself stays.
    pub option_only: bool,
    /// The rights in lower case, each with its columns; empty for `ALL`.
    pub rights: Vec<(String, Vec<String>)>,
    /// Columns of `ALL (a, b)`.
    pub columns: Vec<String>,
    /// On what.
    pub on: On,
    /// To whom, or from whom; `public` stands for everybody.
    pub roles: Vec<String>,
    /// `CASCADE`.
    pub cascade: bool,
}

/// `ALTER DEFAULT PRIVILEGES`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefaultRights {
    /// `FOR ROLE`; empty: the current one.
    pub owners: Vec<String>,
    /// `IN SCHEMA`; empty: everywhere.
    pub schemas: Vec<String>,
    /// What kind of object.
    pub object: Object,
    /// The rights, to whom.
    pub grant: Grant,
}

/// What begins, ends or parts a transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each variant is the statement of its name")]
pub enum Transaction {
    Begin,
    Commit,
    Rollback,
    Savepoint(String),
    RollbackTo(String),
    Release(String),
    Other,
}

/// What `ALTER` changes on any kind of object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change1 {
    /// `RENAME TO`.
    Rename(String),
    /// `SET SCHEMA`.
    Schema(String),
    /// `OWNER TO`.
    Owner(String),
    /// Something that matters to no rule.
    Other,
}

/// `CREATE TYPE`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TypeKind {
    /// `AS ENUM`.
    Enum(Vec<String>),
    /// `AS (...)`.
    Composite(Vec<(String, TypeName)>),
    /// `AS RANGE`, a base type, or a shell.
    Other,
}

/// `ALTER TYPE`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TypeChange {
    /// `ADD VALUE`; the flag is `IF NOT EXISTS`.
    AddValue(String, bool),
    /// `RENAME VALUE`.
    RenameValue(String, String),
    /// `ADD ATTRIBUTE`.
    AddAttribute(String, TypeName),
    /// `DROP ATTRIBUTE`.
    DropAttribute(String),
    /// What else.
    Other,
}

/// `CREATE TRIGGER`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateTrigger {
    /// `OR REPLACE`.
    pub replace: bool,
    /// Its name.
    pub name: String,
    /// Its table.
    pub table: Name,
    /// The function.
    pub function: Name,
}

/// `VACUUM`, `CLUSTER`, `REINDEX`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Maintain {
    /// Its first word, in lower case.
    pub verb: String,
    /// `FULL`.
    pub full: bool,
    /// `CONCURRENTLY`.
    pub concurrently: bool,
    /// Of `REINDEX`: is it a single index?
    pub index: bool,
    /// The tables, or the index; empty: all.
    pub names: Vec<Name>,
}

/// A statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Statement {
    /// `CREATE TABLE`, `CREATE FOREIGN TABLE`.
    CreateTable(Box<CreateTable>),
    /// `ALTER TABLE` and the like for views, indexes, sequences.
    AlterTable(Box<AlterTable>),
    /// `CREATE INDEX`.
    CreateIndex(Box<CreateIndex>),
    /// `CREATE VIEW`.
    CreateView(Box<CreateView>),
    /// `CREATE TABLE AS`, `SELECT INTO`: name, `IF NOT EXISTS`, temporary, column names, query (none: `EXECUTE`).
    CreateTableAs(Name, bool, bool, Vec<String>, Option<Box<Query>>),
    /// `CREATE FUNCTION` and the like.
    CreateFunction(Box<CreateFunction>),
    /// `ALTER FUNCTION`, names aside.
    AlterFunction(Object, Target, FunctionChange),
    /// `CREATE POLICY`.
    CreatePolicy(Box<CreatePolicy>),
    /// `ALTER POLICY`: name, table, new name, roles, `USING`, `WITH CHECK`.
    AlterPolicy(Box<AlterPolicy>),
    /// `CREATE SCHEMA`: name, owner, `IF NOT EXISTS`, and the statements in it.
    CreateSchema(Option<String>, Option<String>, bool, Vec<Statement>),
    /// `CREATE SEQUENCE`: name, `IF NOT EXISTS`, temporary.
    CreateSequence(Name, bool, bool),
    /// `CREATE TYPE`.
    CreateType(Name, TypeKind),
    /// `ALTER TYPE`, names aside.
    AlterType(Name, TypeChange),
    /// `CREATE DOMAIN`.
    CreateDomain(Name, TypeName),
    /// `CREATE EXTENSION`: name, `IF NOT EXISTS`, schema.
    CreateExtension(String, bool, Option<String>),
    /// `CREATE ROLE`: name, options in lower case, roles it is put into, roles that are put into it.
    CreateRole(String, Vec<String>, Vec<String>, Vec<String>),
    /// `ALTER ROLE`: name, options in lower case.
    AlterRole(String, Vec<String>),
    /// `CREATE TRIGGER`.
    CreateTrigger(Box<CreateTrigger>),
    /// `CREATE EVENT TRIGGER`: name, event, function.
    CreateEventTrigger(String, String, Name),
    /// `CREATE RULE`: name, table, `OR REPLACE`.
    CreateRule(String, Name, bool),
    /// `CREATE PUBLICATION`: name, tables, `FOR ALL TABLES`.
    CreatePublication(String, Vec<Name>, bool),
    /// `ALTER PUBLICATION`: name, `add`, `drop` or `set`, tables.
    AlterPublication(String, String, Vec<Name>),
    /// `ALTER`, where one change is the same for every kind of object: kind, object, `IF EXISTS`, change.
    Alter(Object, Target, bool, Change1),
    /// `DROP`: kind, objects, `IF EXISTS`, `CASCADE`, `CONCURRENTLY`.
    Drop(Object, Vec<Target>, bool, bool, bool),
    /// `GRANT`, `REVOKE`.
    Grant(Box<Grant>),
    /// `GRANT role TO role`: `REVOKE`, what, to whom.
    GrantRole(bool, Vec<String>, Vec<String>),
    /// `ALTER DEFAULT PRIVILEGES`.
    DefaultRights(Box<DefaultRights>),
    /// `SET`; the flag is `LOCAL`. `RESET` has no values.
    Set(Setting, bool),
    /// `SET ROLE`, `SET SESSION AUTHORIZATION`; none: back to the first one.
    SetRole(Option<String>),
    /// `BEGIN` and the like.
    Transaction(Transaction),
    /// `DO`.
    Do(Box<Block>),
    /// A query, or a change of data that is read for its meaning.
    Query(Box<Query>),
    /// `CALL`.
    Call(Expr),
    /// A change of data of which only the head was read.
    Bulk(Change),
    /// `TRUNCATE`: tables, `CASCADE`.
    Truncate(Vec<Name>, bool),
    /// `REFRESH MATERIALIZED VIEW`: name, `CONCURRENTLY`.
    Refresh(Name, bool),
    /// `VACUUM`, `CLUSTER`, `REINDEX`.
    Maintain(Box<Maintain>),
    /// `COMMENT ON`, when the object must be there for it to work.
    Comment(Object, Target),
    /// `REASSIGN OWNED`, `DROP OWNED`, `IMPORT FOREIGN SCHEMA`: changes that are not followed.
    Opaque(String),
    /// A statement that changes nothing of which a rule speaks: its first two words.
    Other(String),
}

/// `ALTER POLICY`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlterPolicy {
    /// Its name.
    pub name: String,
    /// Its table.
    pub table: Name,
    /// `RENAME TO`.
    pub rename: Option<String>,
    /// `TO`.
    pub roles: Vec<String>,
    /// `USING`.
    pub using: Option<Expr>,
    /// `WITH CHECK`.
    pub check: Option<Expr>,
}
