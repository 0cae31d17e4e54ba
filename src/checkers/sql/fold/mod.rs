//! Owns the fold: statements change a catalog as PostgreSQL would, one after the other, and fail as they would there.

mod alter;
mod ask;
mod body;
mod compare;
mod depends;
mod doubt;
mod drop;
mod evaluate;
mod function;
mod grant;
mod index;
mod insert;
mod look;
mod operators;
mod policy;
pub mod scope;
mod session;
mod standard;
mod statement;
mod system;
mod table;
mod targets;
mod types;
mod value;
mod view;

use std::collections::BTreeSet;

pub use doubt::Doubt;

use super::catalog::relation::{RelKind, Relation};
use super::catalog::{Catalog, Oid, Origin, Role, Schema, acl};
use super::parse::expr::Name;
use super::parse::script::{Script, What};
use super::safety::Safety;
use crate::model::place::Span;

/// Why a statement failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fail {
    /// What it names is not there.
    Missing(String),
    /// What it makes is there already.
    Exists(String),
    /// The server refuses it for another reason.
    Wrong(String),
}

/// What a statement did.
pub type Done = Result<(), Fail>;

/// What is said about a statement that failed, or whose effect nobody knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Where.
    pub origin: Origin,
    /// What happened.
    pub what: String,
    /// What is not known because of it.
    pub doubts: Vec<Doubt>,
    /// A digest of the statement, where what it does is not told by the catalog.
    pub mark: Option<String>,
}

impl Remark {
    /// Does it leave something undecided?
    #[must_use]
    pub const fn is_undecided(&self) -> bool {
        !self.doubts.is_empty()
    }
}

/// A database that statements change.
#[derive(Clone, Debug)]
pub struct Fold {
    /// What it holds.
    pub catalog: Catalog,
    lenient: bool,
    /// How many rows the queries of blocks looked at.
    looked: usize,
    session: Session,
    transaction: Option<Transaction>,
    origin: Origin,
    mark: Option<String>,
    /// What happened.
    pub remarks: Vec<Remark>,
    /// What dynamic statements may have changed.
    pub doubts: BTreeSet<Doubt>,
    /// Who judges each statement by what was there before it.
    pub watch: Option<Box<Safety>>,
    /// Operators or casts of their own were made: what compares with what is not known any more.
    operators: bool,
}

#[derive(Clone, Debug)]
struct Session {
    path: Vec<String>,
    role: String,
    check_bodies: bool,
}

#[derive(Clone, Debug)]
struct Transaction {
    before: Box<(Catalog, Session)>,
    savepoints: Vec<(String, Catalog)>,
    failed: bool,
}

impl Session {
    fn new() -> Self {
        Self {
            path: vec!["public".to_owned(), "extensions".to_owned()],
            role: "postgres".to_owned(),
            check_bodies: true,
        }
    }
}

impl Default for Fold {
    fn default() -> Self {
        Self::new()
    }
}

impl Fold {
    /// A server without anything, whose superuser is `postgres`.
    #[must_use]
    pub fn new() -> Self {
        let mut catalog = Catalog::default();
        for role in [
            "pg_database_owner",
            "pg_read_all_data",
            "pg_write_all_data",
            "pg_monitor",
            "pg_signal_backend",
        ] {
            let inherits = Role {
                inherit: true,
                ..Role::default()
            };
            catalog.roles.insert(role.to_owned(), inherits);
        }
        let superuser = Role {
            bypass: true,
            inherit: true,
            superuser: true,
            member_of: BTreeSet::new(),
        };
        catalog.roles.insert("postgres".to_owned(), superuser);
        catalog
            .schemas
            .insert("public".to_owned(), Schema::default());
        catalog
            .extensions
            .insert("plpgsql".to_owned(), "pg_catalog".to_owned());
        Self {
            catalog,
            lenient: false,
            looked: 0,
            session: Session::new(),
            transaction: None,
            origin: Origin {
                file: None,
                span: Span::at(1, 1),
            },
            mark: None,
            remarks: Vec::new(),
            doubts: BTreeSet::new(),
            watch: None,
            operators: false,
        }
    }

    /// A server that holds this already. What a statement names and is not there is no failure.
    #[must_use]
    pub fn over(catalog: Catalog) -> Self {
        Self {
            catalog,
            ..Self::new()
        }
        .leniently()
    }

    /// From here on, what is not there is taken for something that was there before.
    #[must_use]
    pub fn leniently(mut self) -> Self {
        self.lenient = true;
        self
    }

    /// Runs a script that is the platform's own.
    pub fn platform(&mut self, script: &Script) {
        self.run(None, script, &|_| true);
    }

    /// Runs a file in a session of its own. `takes` says which statements, by their bytes.
    pub fn file(&mut self, file: u32, script: &Script, takes: &dyn Fn((u32, u32)) -> bool) {
        self.session = Session::new();
        self.run(Some(file), script, takes);
    }

    fn run(&mut self, file: Option<u32>, script: &Script, takes: &dyn Fn((u32, u32)) -> bool) {
        for piece in script.pieces.iter().filter(|piece| takes(piece.bytes)) {
            self.origin = Origin {
                file,
                span: piece.span,
            };
            self.mark.clone_from(&piece.mark);
            match &piece.what {
                What::Statement(statement) => self.step(statement),
                What::Meta(_) => {}
                What::Unread(why) => {
                    self.remark(format!("not read: {why:?}"), &[Doubt::Everything]);
                    self.abort();
                }
            }
        }
        if let Some(open) = self.transaction.take() {
            self.catalog = open.before.0;
        }
        let temporary = self
            .catalog
            .relations
            .values()
            .filter(|relation| relation.temporary);
        let gone: Vec<Oid> = temporary.map(|relation| relation.oid).collect();
        for oid in gone {
            self.catalog.remove(oid);
        }
    }

    fn remark(&mut self, what: String, doubts: &[Doubt]) {
        self.remarks.push(Remark {
            origin: self.origin,
            what,
            doubts: doubts.to_vec(),
            mark: self.mark.clone(),
        });
    }

    /// Says that a statement was not followed, and that what the catalog tells from here on may be otherwise.
    fn doubt(&mut self, what: String, mut doubts: Vec<Doubt>) {
        let heavy = [Doubt::Indexes, Doubt::Tables, Doubt::RowSecurity];
        if heavy.iter().any(|doubt| doubts.contains(doubt)) {
            doubts.push(Doubt::Statements);
        }
        self.remark(what, &doubts);
        self.doubts.extend(doubts);
    }

    /// A statement failed: an open transaction does nothing from here on.
    fn abort(&mut self) {
        if let Some(open) = &mut self.transaction {
            open.failed = true;
        }
    }

    /// The schema that a new object of this name goes into, and its bare name.
    fn place(&mut self, name: &Name) -> Result<(String, String), Fail> {
        match name.as_slice() {
            [name] => {
                let mut path = self.session.path.iter();
                match path.find(|schema| self.catalog.schemas.contains_key(*schema)) {
                    Some(schema) => Ok((schema.clone(), name.clone())),
                    None => Err(Fail::Missing("a schema to create in".to_owned())),
                }
            }
            [.., schema, name] => {
                self.schema(schema)?;
                Ok((schema.clone(), name.clone()))
            }
            [] => Err(Fail::Wrong("no name".to_owned())),
        }
    }

    fn schema(&mut self, name: &str) -> Done {
        let own = ["pg_catalog", "information_schema", "pg_temp"];
        if self.catalog.schemas.contains_key(name) || own.contains(&name) {
            return Ok(());
        }
        if !self.lenient {
            return Err(Fail::Missing(format!("schema {name}")));
        }
        let owner = self.session.role.clone();
        self.catalog
            .schemas
            .insert(name.to_owned(), Schema { owner });
        self.remark(format!("the schema {name} was not made here"), &[]);
        Ok(())
    }

    /// The relation of this name. Leniently, one that is not there was made elsewhere.
    fn relation(&mut self, name: &Name) -> Result<Oid, Fail> {
        if let Some(oid) = self.catalog.find_relation(name, &self.session.path) {
            return Ok(oid);
        }
        let shown = name.join(".");
        if !self.lenient {
            return Err(Fail::Missing(format!("relation {shown}")));
        }
        let (schema, bare) = match name.as_slice() {
            [.., schema, bare] => (schema.clone(), bare.clone()),
            [bare] => ("public".to_owned(), bare.clone()),
            [] => return Err(Fail::Missing(shown)),
        };
        self.schema(&schema)?;
        let oid = self.catalog.oid();
        let mut relation = Relation::new(oid, &schema, &bare, RelKind::Table, self.origin);
        relation.external = true;
        relation.outside = true;
        relation.owner.clone_from(&self.session.role);
        relation.acl = self.catalog.first_acl(&relation.owner, &schema, "tables");
        self.catalog.insert(relation);
        self.remark(format!("{schema}.{bare} was not made here"), Doubt::TABLE);
        Ok(oid)
    }

    /// Is a role of this name there?
    fn role(&mut self, name: &str) -> Done {
        let words = ["public", "current_user", "session_user", "current_role"];
        if words.contains(&name) || self.catalog.roles.contains_key(name) {
            return Ok(());
        }
        if !self.lenient {
            return Err(Fail::Missing(format!("role {name}")));
        }
        let role = Role {
            inherit: true,
            ..Role::default()
        };
        self.catalog.roles.insert(name.to_owned(), role);
        self.remark(format!("the role {name} was not made here"), Doubt::ROLE);
        Ok(())
    }

    /// A role as access lists name it.
    fn grantee(&mut self, name: &str) -> Result<String, Fail> {
        self.role(name)?;
        Ok(match name {
            "public" => acl::PUBLIC.to_owned(),
            "current_user" | "session_user" | "current_role" => self.session.role.clone(),
            name => name.to_owned(),
        })
    }

    /// Is a constraint of this name in the schema?
    fn has_constraint(&self, schema: &str, name: &str) -> bool {
        let all = self.catalog.relations.values();
        all.filter(|relation| relation.schema == schema)
            .any(|relation| relation.constraints.iter().any(|con| con.name == name))
    }
}
