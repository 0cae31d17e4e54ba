//! Owns what a catalog looks like to a reader: what migrations made, sorted, without what the platform brought. Knows no format.

use serde::Serialize;

use super::catalog::acl::{self, Acl, Rights};
use super::catalog::relation::{self, Con, ConKind, Index, Policy, RelKind, Relation};
use super::catalog::routine::Function;
use super::catalog::{Catalog, Origin};
use super::deparse;
use super::lints;
use super::parse::statement::Command;

/// All that was made.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    /// Tables, views and all else that has rows.
    pub tables: Vec<Table>,
    /// Functions and procedures.
    pub functions: Vec<Routine>,
    /// Extensions.
    pub extensions: Vec<Extension>,
    /// The roles that rights are told of.
    pub roles: Vec<String>,
}

/// A relation.
#[derive(Clone, Debug, Serialize)]
pub struct Table {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// `table`, `partitioned`, `view`, `matview` or `foreign`.
    pub kind: &'static str,
    /// Its owner.
    pub owner: String,
    /// Is row-level security on?
    pub rls: bool,
    /// Is it on for the owner too?
    pub force_rls: bool,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// Rights, the owner's left out.
    pub grants: Vec<Granted>,
    /// Its policies.
    pub policies: Vec<Rule>,
    /// Its indexes.
    pub indexes: Vec<Indexed>,
    /// Its constraints.
    pub constraints: Vec<Constraint>,
    /// For each of the roles: what it may do.
    pub access: Vec<Access>,
    /// Where it was made.
    #[serde(skip)]
    pub origin: Origin,
}

/// A column.
#[derive(Clone, Debug, Serialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type; `unknown` where only a query tells it.
    #[serde(rename = "type")]
    pub ty: String,
    /// `NOT NULL`.
    pub not_null: bool,
}

/// Rights of a role; `public` is everybody.
#[derive(Clone, Debug, Serialize)]
pub struct Granted {
    /// The role.
    pub role: String,
    /// What it was given.
    pub privileges: Vec<String>,
}

/// A policy.
#[derive(Clone, Debug, Serialize)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// `ALL`, `SELECT`, `INSERT`, `UPDATE` or `DELETE`.
    pub command: &'static str,
    /// Is it permissive?
    pub permissive: bool,
    /// Its roles; `public` is everybody.
    pub roles: Vec<String>,
    /// Has it a condition on the rows that are there?
    pub using: bool,
    /// Has it a condition on new rows?
    pub check: bool,
    /// The first condition.
    pub using_text: Option<String>,
    /// The second one.
    pub check_text: Option<String>,
}

/// An index.
#[derive(Clone, Debug, Serialize)]
pub struct Indexed {
    /// Its name.
    pub name: String,
    /// Is it unique?
    pub unique: bool,
    /// Is it the primary key's?
    pub primary: bool,
    /// Its columns; `(expr)` for anything else.
    pub columns: Vec<String>,
}

/// A constraint.
#[derive(Clone, Debug, Serialize)]
pub struct Constraint {
    /// Its name.
    pub name: String,
    /// `p`, `u`, `f`, `c` or `x`, as in `pg_constraint`.
    pub kind: &'static str,
    /// Its columns.
    pub columns: Vec<String>,
    /// The table that it refers to.
    pub references: Option<String>,
}

/// What a role may do to the rows of a table.
#[derive(Clone, Debug, Serialize)]
pub struct Access {
    /// The role.
    pub role: String,
    /// Reading.
    pub select: Reach,
    /// Adding.
    pub insert: Reach,
    /// Changing.
    pub update: Reach,
    /// Taking away.
    pub delete: Reach,
}

/// How far a right reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Reach {
    /// It was not given.
    None,
    /// It was given, and no policy lets a row through.
    Stopped,
    /// The rows that policies let through.
    Policies,
    /// Some columns of all rows, or of those that policies let through.
    Columns,
    /// Every row.
    All,
}

/// A function.
#[derive(Clone, Debug, Serialize)]
pub struct Routine {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Its arguments, as they identify it.
    pub args: String,
    /// Does it run with the rights of its owner?
    pub security_definer: bool,
    /// Its owner.
    pub owner: String,
    /// Is its search path fixed?
    pub search_path_set: bool,
    /// Rights, the owner's left out.
    pub grants: Vec<Granted>,
    /// The roles, of those told of, that may call it.
    pub callers: Vec<String>,
    /// Where it was made.
    #[serde(skip)]
    pub origin: Origin,
}

/// An extension.
#[derive(Clone, Debug, Serialize)]
pub struct Extension {
    /// Its name.
    pub name: String,
    /// Its schema.
    pub schema: String,
}

impl Shown {
    /// What a catalog holds, but for what was there before. Rights are told of the roles named.
    #[must_use]
    pub fn of(catalog: &Catalog, roles: &[String]) -> Self {
        let is_own = |schema: &str, extension: &Option<String>| {
            !lints::is_platform(schema) && extension.is_none()
        };
        let mut functions: Vec<Routine> = catalog
            .functions
            .values()
            .filter(|function| is_own(&function.schema, &function.extension))
            .map(|function| routine(catalog, function, roles))
            .collect();
        functions.sort_by(|a, b| (&a.schema, &a.name, &a.args).cmp(&(&b.schema, &b.name, &b.args)));
        let made = |name: &String| catalog.extension_origins.get(name);
        let extensions = catalog
            .extensions
            .iter()
            .filter(|(name, _)| made(name).is_some_and(|origin| origin.file.is_some()));
        Self {
            tables: catalog
                .sorted()
                .into_iter()
                .filter(|relation| is_own(&relation.schema, &relation.extension))
                .filter_map(|relation| table(catalog, relation, roles))
                .collect(),
            functions,
            extensions: extensions
                .map(|(name, schema)| Extension {
                    name: name.clone(),
                    schema: schema.clone(),
                })
                .collect(),
            roles: roles.to_vec(),
        }
    }
}

/// The roles that are worth telling of: those of the API, and those that migrations made.
#[must_use]
pub fn roles(catalog: &Catalog, before: &Catalog) -> Vec<String> {
    let api = ["anon", "authenticated", "service_role"];
    let mut roles: Vec<String> = api
        .iter()
        .filter(|role| catalog.roles.contains_key(**role))
        .map(|role| (*role).to_owned())
        .collect();
    let made = catalog
        .roles
        .iter()
        .filter(|(name, role)| !before.roles.contains_key(*name) && !role.superuser);
    roles.extend(made.map(|(name, _)| name.clone()));
    if roles.is_empty() {
        roles.push("public".to_owned());
    }
    roles
}

const fn command(command: Command) -> &'static str {
    match command {
        Command::All => "ALL",
        Command::Select => "SELECT",
        Command::Insert => "INSERT",
        Command::Update => "UPDATE",
        Command::Delete => "DELETE",
    }
}

fn grants(acl: &Acl, owner: &str) -> Vec<Granted> {
    let mut all: Vec<Granted> = acl
        .entries()
        .filter(|(role, _)| *role != owner)
        .map(|(role, rights)| Granted {
            role: shown_role(role),
            privileges: names(rights),
        })
        .collect();
    all.sort_by(|a, b| a.role.cmp(&b.role));
    all
}

fn names(rights: Rights) -> Vec<String> {
    let held = acl::NAMES.iter().filter(|(_, right)| rights.has(*right));
    let mut names: Vec<String> = held.map(|(name, _)| name.to_uppercase()).collect();
    names.sort();
    names
}

fn shown_role(role: &str) -> String {
    if role == acl::PUBLIC { "public" } else { role }.to_owned()
}

/// A column's type with its length or precision, as the server prints it.
fn typed(column: &relation::Column) -> String {
    let shown = column.ty.shown();
    if column.modifiers.is_empty() {
        return shown;
    }
    let modifiers = format!("({})", column.modifiers.join(","));
    // They stand behind the first words of a type of several, and before the brackets of an array.
    let bare = shown.trim_end_matches("[]");
    let brackets = &shown[bare.len()..];
    match bare
        .strip_suffix(" with time zone")
        .map(|head| (head, " with time zone"))
        .or_else(|| {
            bare.strip_suffix(" without time zone")
                .map(|head| (head, " without time zone"))
        }) {
        Some((head, tail)) => format!("{head}{modifiers}{tail}{brackets}"),
        None => format!("{bare}{modifiers}{brackets}"),
    }
}

/// `None`: what has no rows.
fn table(catalog: &Catalog, relation: &Relation, roles: &[String]) -> Option<Table> {
    let kind = match relation.kind {
        RelKind::Table => "table",
        RelKind::Partitioned => "partitioned",
        RelKind::View => "view",
        RelKind::MaterializedView => "matview",
        RelKind::Foreign => "foreign",
        RelKind::Sequence => return None,
    };
    let columns = relation.columns.iter().map(|column| Column {
        name: column.name.clone(),
        ty: typed(column),
        not_null: column.not_null,
    });
    let mut policies: Vec<Rule> = relation.policies.iter().map(policy).collect();
    policies.sort_by(|a, b| a.name.cmp(&b.name));
    let mut indexes: Vec<Indexed> = relation.indexes.iter().map(index).collect();
    indexes.sort_by(|a, b| a.name.cmp(&b.name));
    let mut constraints: Vec<Constraint> = relation
        .constraints
        .iter()
        .map(|con| constraint(catalog, con))
        .collect();
    constraints.sort_by(|a, b| a.name.cmp(&b.name));
    let access = |role: &String| Access {
        role: role.clone(),
        select: reach(catalog, relation, role, Command::Select),
        insert: reach(catalog, relation, role, Command::Insert),
        update: reach(catalog, relation, role, Command::Update),
        delete: reach(catalog, relation, role, Command::Delete),
    };
    Some(Table {
        schema: relation.schema.clone(),
        name: relation.name.clone(),
        kind,
        owner: relation.owner.clone(),
        rls: relation.rls,
        force_rls: relation.force,
        columns: columns.collect(),
        grants: grants(&relation.acl, &relation.owner),
        policies,
        indexes,
        constraints,
        access: roles.iter().map(access).collect(),
        origin: relation.origin,
    })
}

fn policy(policy: &Policy) -> Rule {
    let mut roles: Vec<String> = policy.roles.iter().map(|role| shown_role(role)).collect();
    if roles.is_empty() {
        roles.push("public".to_owned());
    }
    roles.sort();
    Rule {
        name: policy.name.clone(),
        command: command(policy.command),
        permissive: policy.permissive,
        roles,
        using: policy.using.is_some(),
        check: policy.check.is_some(),
        using_text: policy.using.as_ref().map(deparse::expr),
        check_text: policy.check.as_ref().map(deparse::expr),
    }
}

fn index(index: &Index) -> Indexed {
    let column = |name: &String| match name.as_str() {
        "" => "(expr)".to_owned(),
        name => name.to_owned(),
    };
    Indexed {
        name: index.name.clone(),
        unique: index.unique,
        primary: index.primary,
        columns: index.keys.iter().map(column).collect(),
    }
}

fn constraint(catalog: &Catalog, con: &Con) -> Constraint {
    let target = con.target.as_ref();
    let kind = match con.kind {
        ConKind::Primary => "p",
        ConKind::Unique => "u",
        ConKind::Foreign => "f",
        ConKind::Check => "c",
        ConKind::Exclude => "x",
    };
    Constraint {
        name: con.name.clone(),
        kind,
        columns: con.columns.clone(),
        references: target
            .and_then(|(oid, ..)| catalog.relation(*oid))
            .map(Relation::shown),
    }
}

/// How far a command of a role reaches into the rows of a table.
fn reach(catalog: &Catalog, relation: &Relation, role: &str, command: Command) -> Reach {
    let right = match command {
        Command::Select | Command::All => acl::SELECT,
        Command::Insert => acl::INSERT,
        Command::Update => acl::UPDATE,
        Command::Delete => acl::DELETE,
    };
    let whole = if role == "public" {
        relation.acl.of(acl::PUBLIC).has(right)
    } else {
        catalog.may(role, relation, right)
    };
    let part = relation
        .columns
        .iter()
        .any(|column| catalog.holds(role, "", &column.acl, right));
    if !whole && !part {
        return Reach::None;
    }
    let found = catalog.roles.get(role);
    let passes = found.is_some_and(|found| found.bypass || found.superuser);
    let acts_as = catalog.acts_as(role);
    let owns = acts_as.contains(&relation.owner) && !relation.force;
    if !relation.rls || passes || owns {
        return if whole { Reach::All } else { Reach::Columns };
    }
    let lets = relation.policies.iter().any(|policy| {
        let is_for = policy.roles.is_empty() || policy.roles.iter().any(|to| acts_as.contains(to));
        let fits = policy.command == Command::All || policy.command == command;
        policy.permissive && is_for && fits
    });
    match (lets, whole) {
        (false, _) => Reach::Stopped,
        (true, true) => Reach::Policies,
        (true, false) => Reach::Columns,
    }
}

fn routine(catalog: &Catalog, function: &Function, roles: &[String]) -> Routine {
    let may = |role: &&String| {
        let all = function.acl.of(acl::PUBLIC).has(acl::EXECUTE);
        all || catalog.holds(role, &function.owner, &function.acl, acl::EXECUTE)
    };
    Routine {
        schema: function.schema.clone(),
        name: function.name.clone(),
        args: function.identity(),
        security_definer: function.definer,
        owner: function.owner.clone(),
        search_path_set: function
            .settings
            .iter()
            .any(|(name, _)| name == "search_path"),
        grants: grants(&function.acl, &function.owner),
        callers: roles.iter().filter(may).cloned().collect(),
        origin: function.origin,
    }
}
