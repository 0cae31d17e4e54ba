//! Owns the model of expressions and queries. Nothing here knows how it is read or what it means.

use serde::{Deserialize, Serialize};

/// A name, maybe qualified: `auth.users` is two parts.
pub type Name = Vec<String>;

/// A type as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeName {
    /// Its name, several words of the standard folded to the catalog's one: `timestamptz`, `varchar`, `int4`.
    pub name: Name,
    /// What stands in parentheses, as written.
    pub modifiers: Vec<String>,
    /// How many pairs of brackets.
    pub dimensions: u32,
    /// `SETOF`.
    pub setof: bool,
    /// `%TYPE`: the name is that of a column.
    pub of_column: bool,
}

/// A call of a function.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Its name.
    pub name: Name,
    /// Is it part of the grammar (`COALESCE`, `CURRENT_USER`), and no function that could be replaced?
    pub grammar: bool,
    /// The arguments, those by name too.
    pub args: Vec<Expr>,
    /// `f(*)`.
    pub star: bool,
    /// What else stands in the call: the order, the filter, the window.
    pub extra: Vec<Expr>,
    /// `OVER`.
    pub windowed: bool,
}

/// `IS ...`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Test {
    /// `IS NULL`.
    Null,
    /// `IS TRUE`.
    True,
    /// `IS FALSE`.
    False,
    /// `IS UNKNOWN`.
    Unknown,
    /// `IS DOCUMENT`, `IS JSON`, `IS NORMALIZED`.
    Other,
}

/// An expression.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Expr {
    /// `NULL`.
    Null,
    /// `TRUE`, `FALSE`.
    Bool(bool),
    /// A number as it is written.
    Number(String),
    /// A string, its escapes resolved.
    Text(String),
    /// `$1`.
    Param(String),
    /// `DEFAULT`, where a value may stand.
    Default,
    /// A column, maybe qualified; `*` as the last part stands for all.
    Column(Name),
    /// A call.
    Call(Box<Call>),
    /// `x::type`, `CAST(x AS type)`, `type 'x'`.
    Cast(Box<Expr>, TypeName),
    /// An operator before its operand.
    Unary(String, Box<Expr>),
    /// An operator between its operands. `LIKE` is `~~`, as the server keeps it.
    Binary(String, Box<Expr>, Box<Expr>),
    /// `AND` of all.
    And(Vec<Expr>),
    /// `OR` of all.
    Or(Vec<Expr>),
    /// `NOT`.
    Not(Box<Expr>),
    /// `IS` or, when the flag is set, `IS NOT`.
    Is(Box<Expr>, Test, bool),
    /// `IS DISTINCT FROM`; `IS NOT DISTINCT FROM` when the flag is set.
    Distinct(Box<Expr>, Box<Expr>, bool),
    /// `IN (...)`, or `NOT IN` when the flag is set.
    InList(Box<Expr>, Vec<Expr>, bool),
    /// `IN (SELECT ...)`, or `NOT IN` when the flag is set.
    InQuery(Box<Expr>, Box<Query>, bool),
    /// `BETWEEN`; the flag is `NOT`.
    Between(Box<Expr>, Box<Expr>, Box<Expr>, bool),
    /// `x op ANY (array)`; the flag is `ALL`.
    Quantified(String, Box<Expr>, Box<Expr>, bool),
    /// `EXISTS (SELECT ...)`.
    Exists(Box<Query>),
    /// `(SELECT ...)`.
    Scalar(Box<Query>),
    /// `ARRAY(SELECT ...)`.
    ArrayOf(Box<Query>),
    /// `ARRAY[...]`.
    Array(Vec<Expr>),
    /// `ROW(...)` or several values in parentheses.
    Row(Vec<Expr>),
    /// `CASE`: operand, pairs of condition and result, `ELSE`.
    Case(Option<Box<Expr>>, Vec<(Expr, Expr)>, Option<Box<Expr>>),
    /// `(x).field`.
    Field(Box<Expr>, String),
    /// `x[i]`, `x[i:j]`.
    Index(Box<Expr>, Vec<Expr>),
    /// `x COLLATE name`.
    Collate(Box<Expr>, Name),
}

/// A query with all that may stand around a `SELECT`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Query {
    /// `WITH` names, each with its query.
    pub with: Vec<(String, Query)>,
    /// `WITH RECURSIVE`.
    pub recursive: bool,
    /// The body.
    pub body: Body,
    /// `ORDER BY`, `LIMIT`, `OFFSET`.
    pub tail: Vec<Expr>,
}

/// The body of a query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    /// `SELECT`.
    Select(Box<Select>),
    /// `VALUES`.
    Values(Vec<Vec<Expr>>),
    /// `UNION`, `INTERSECT`, `EXCEPT` of all.
    Set(Vec<Query>),
    /// A statement that changes data: table, and all expressions and queries in it.
    Change(Box<Change>),
}

/// An `INSERT`, `UPDATE`, `DELETE` or `MERGE`, as far as names go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Its first word, in lower case.
    pub verb: String,
    /// The table.
    pub table: Name,
    /// The columns that an `INSERT` names.
    pub columns: Vec<String>,
    /// The source of an `INSERT`.
    pub source: Option<Query>,
    /// What an `UPDATE` sets, and its other expressions.
    pub sets: Vec<(String, Expr)>,
    /// `FROM`, `USING`.
    pub from: Vec<From>,
    /// `WHERE`.
    pub condition: Option<Expr>,
    /// `RETURNING` and the rest.
    pub rest: Vec<Expr>,
    /// `ON CONFLICT`: `true` when it updates.
    pub on_conflict: Option<bool>,
}

/// A `SELECT`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Select {
    /// `DISTINCT`.
    pub distinct: bool,
    /// The targets, each with its alias.
    pub targets: Vec<(Expr, Option<String>)>,
    /// `INTO` a table or, in a function's body, variables.
    pub into: Option<Name>,
    /// `FROM`.
    pub from: Vec<From>,
    /// `WHERE`.
    pub condition: Option<Expr>,
    /// `GROUP BY`, `HAVING`, `WINDOW`, `DISTINCT ON`.
    pub rest: Vec<Expr>,
}

/// What stands in `FROM`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum From {
    /// A relation, its alias, and the aliases of its columns.
    Relation(Name, Option<String>, Vec<String>),
    /// A query.
    Query(Box<Query>, Option<String>, Vec<String>),
    /// A function, or several.
    Function(Vec<Expr>, Option<String>, Vec<String>),
    /// A join: both sides, `ON`, the columns of `USING`, and whether it keeps rows without a partner.
    Join(Box<From>, Box<From>, Option<Box<Expr>>, Vec<String>, bool),
}
