//! Owns the catalog: what a database holds, as far as rules ask. Knows no statement; `fold` changes it.

pub mod acl;
pub mod builtin;
pub mod kinds;
pub mod known;
pub mod names;
pub mod relation;
pub mod routine;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use acl::{Acl, Rights};
use kinds::{Kind, Ty};
use relation::{RelKind, Relation};
use routine::Function;

use super::parse::expr::Name;
use crate::model::place::Span;

/// What identifies an object for ever, whatever its name becomes.
pub type Oid = u32;

/// A schema and a name in it.
pub type Key = (String, String);

/// Where an object was made: the number of the file, and the place there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// The file; `None`: the platform brought it.
    pub file: Option<u32>,
    /// The statement.
    pub span: Span,
}

/// A role.
#[derive(Clone, Debug, Default)]
pub struct Role {
    /// `BYPASSRLS`.
    pub bypass: bool,
    /// `INHERIT`.
    pub inherit: bool,
    /// `SUPERUSER`.
    pub superuser: bool,
    /// The roles that it is a member of.
    pub member_of: BTreeSet<String>,
}

/// A schema.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    /// Its owner.
    pub owner: String,
}

/// A bucket of the storage service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// Is everybody allowed to read?
    pub public: bool,
}

/// Rights that new objects get: owner, schema (empty: all), kind of object.
pub type DefaultKey = (String, String, &'static str);

/// All that a database holds.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    next: Oid,
    /// Schemas by name.
    pub schemas: BTreeMap<String, Schema>,
    /// Relations.
    pub relations: BTreeMap<Oid, Arc<Relation>>,
    /// Names of relations and of their indexes.
    pub names: BTreeMap<Key, Oid>,
    /// Types that are no table's.
    pub kinds: BTreeMap<Key, Kind>,
    /// Functions.
    pub functions: BTreeMap<Oid, Arc<Function>>,
    /// Functions by name.
    pub routines: BTreeMap<Key, Vec<Oid>>,
    /// Roles by name.
    pub roles: BTreeMap<String, Role>,
    /// Extensions by name, with their schema.
    pub extensions: BTreeMap<String, String>,
    /// Where extensions were made.
    pub extension_origins: BTreeMap<String, Origin>,
    /// Publications with their tables; `None` for all.
    pub publications: BTreeMap<String, Option<BTreeSet<Oid>>>,
    /// Buckets by id.
    pub buckets: BTreeMap<String, Bucket>,
    /// Rights that new objects get.
    pub defaults: BTreeMap<DefaultKey, Acl>,
    /// Where a member was put into a role: the member, the role.
    pub membership_origins: BTreeMap<(String, String), Origin>,
    /// Where default rights were given that were not there before: owner, schema, kind of object, to whom.
    pub default_origins: BTreeMap<(DefaultKey, String), Origin>,
    /// Event triggers by name, with the event.
    pub event_triggers: BTreeMap<String, String>,
}

impl Catalog {
    /// The next identifier.
    pub fn oid(&mut self) -> Oid {
        self.next += 1;
        self.next
    }

    /// How far identifiers went: a mark to come back to with [`Catalog::back_to`].
    #[must_use]
    pub const fn mark(&self) -> Oid {
        self.next
    }

    /// Takes out every relation that was made since the mark, and puts one back as it was.
    pub fn back_to(&mut self, mark: Oid, kept: Option<Arc<Relation>>) {
        self.relations.retain(|oid, _| *oid <= mark);
        if let Some(kept) = kept {
            self.relations.insert(kept.oid, kept);
        }
        let relations = &self.relations;
        let own = |name: &str, relation: &Arc<Relation>| {
            relation.name == name || relation.indexes.iter().any(|index| index.name == name)
        };
        self.names.retain(|(_, name), oid| {
            relations
                .get(oid)
                .is_some_and(|relation| own(name, relation))
        });
        for tables in self.publications.values_mut().flatten() {
            tables.retain(|oid| *oid <= mark);
        }
    }

    /// A relation that is there.
    pub fn relation(&self, oid: Oid) -> Option<&Relation> {
        self.relations.get(&oid).map(Arc::as_ref)
    }

    /// A relation that is there, to change it.
    pub fn relation_mut(&mut self, oid: Oid) -> Option<&mut Relation> {
        self.relations.get_mut(&oid).map(Arc::make_mut)
    }

    /// The relation of this name, or the table that an index of this name belongs to.
    #[must_use]
    pub fn named(&self, schema: &str, name: &str) -> Option<Oid> {
        self.names
            .get(&(schema.to_owned(), name.to_owned()))
            .copied()
    }

    /// The relation of this name in the first schema of the path that has it.
    #[must_use]
    pub fn find(&self, name: &Name, path: &[String]) -> Option<Oid> {
        match name.as_slice() {
            // Temporary ones come first, whatever the path says.
            [name] => self
                .named("pg_temp", name)
                .or_else(|| path.iter().find_map(|schema| self.named(schema, name))),
            [.., schema, name] => self.named(schema, name),
            [] => None,
        }
    }

    /// The relation itself, not the table of an index.
    #[must_use]
    pub fn find_relation(&self, name: &Name, path: &[String]) -> Option<Oid> {
        let oid = self.find(name, path)?;
        let relation = self.relation(oid)?;
        (name.last() == Some(&relation.name)).then_some(oid)
    }

    /// Is the name taken in the schema: by a relation, an index, or a type that is not a table's?
    #[must_use]
    pub fn is_taken(&self, schema: &str, name: &str) -> bool {
        self.named(schema, name).is_some()
    }

    /// Puts a relation in, with the names of its indexes.
    pub fn insert(&mut self, relation: Relation) {
        let key = (relation.schema.clone(), relation.name.clone());
        self.names.insert(key, relation.oid);
        for index in &relation.indexes {
            let key = (relation.schema.clone(), index.name.clone());
            self.names.insert(key, relation.oid);
        }
        self.relations.insert(relation.oid, Arc::new(relation));
    }

    /// Takes a relation out, with everything that is its own.
    pub fn remove(&mut self, oid: Oid) {
        self.relations.remove(&oid);
        self.names.retain(|_, other| *other != oid);
        for tables in self.publications.values_mut().flatten() {
            tables.remove(&oid);
        }
    }

    /// Adds a function.
    pub fn add_function(&mut self, function: Function) {
        let key = (function.schema.clone(), function.name.clone());
        self.routines.entry(key).or_default().push(function.oid);
        self.functions.insert(function.oid, Arc::new(function));
    }

    /// Takes a function out.
    pub fn remove_function(&mut self, oid: Oid) {
        if let Some(function) = self.functions.remove(&oid) {
            let key = (function.schema.clone(), function.name.clone());
            if let Some(all) = self.routines.get_mut(&key) {
                all.retain(|other| *other != oid);
            }
        }
    }

    /// Functions of this name, along the path.
    #[must_use]
    pub fn functions_named(&self, name: &Name, path: &[String]) -> Vec<&Function> {
        let of = |schema: &str, name: &str| {
            let key = (schema.to_owned(), name.to_owned());
            let all = self.routines.get(&key).into_iter().flatten();
            all.filter_map(|oid| self.functions.get(oid).map(Arc::as_ref))
                .collect::<Vec<_>>()
        };
        match name.as_slice() {
            [name] => path.iter().flat_map(|schema| of(schema, name)).collect(),
            [.., schema, name] => of(schema, name),
            [] => Vec::new(),
        }
    }

    /// The roles whose rights a role has: its own, and those of roles that it inherits from.
    #[must_use]
    pub fn acts_as(&self, role: &str) -> BTreeSet<String> {
        let mut all = BTreeSet::from([role.to_owned()]);
        let mut open = vec![role.to_owned()];
        while let Some(name) = open.pop() {
            let Some(found) = self.roles.get(&name).filter(|found| found.inherit) else {
                continue;
            };
            for above in &found.member_of {
                if all.insert(above.clone()) {
                    open.push(above.clone());
                }
            }
        }
        all
    }

    /// Has the role the right, by an access list?
    #[must_use]
    pub fn holds(&self, role: &str, owner: &str, acl: &Acl, right: Rights) -> bool {
        if self.roles.get(role).is_some_and(|found| found.superuser) {
            return true;
        }
        let roles = self.acts_as(role);
        roles.contains(owner) && acl.of(owner).has(right)
            || acl.of(acl::PUBLIC).has(right)
            || roles.iter().any(|role| acl.of(role).has(right))
    }

    /// May the role read the relation as a whole?
    #[must_use]
    pub fn selects(&self, role: &str, relation: &Relation) -> bool {
        self.may(role, relation, acl::SELECT)
    }

    /// Has the role the right on the relation as a whole?
    #[must_use]
    pub fn may(&self, role: &str, relation: &Relation, right: Rights) -> bool {
        let reads = right == acl::SELECT && self.acts_as(role).contains("pg_read_all_data");
        reads || self.holds(role, &relation.owner, &relation.acl, right)
    }

    /// May the role read any column of the relation?
    #[must_use]
    pub fn selects_any(&self, role: &str, relation: &Relation) -> bool {
        !relation.columns.is_empty() && self.selects(role, relation)
            || relation
                .columns
                .iter()
                .any(|column| self.holds(role, "", &column.acl, acl::SELECT))
    }

    /// A new object's access list: the usual one, or what default rights make of it.
    #[must_use]
    pub fn first_acl(&self, owner: &str, schema: &str, object: &'static str) -> Acl {
        let usual = || Acl::usual(owner, object);
        let global = self
            .defaults
            .get(&(owner.to_owned(), String::new(), object))
            .cloned();
        let mut acl = global.unwrap_or_else(usual);
        if let Some(own) = self
            .defaults
            .get(&(owner.to_owned(), schema.to_owned(), object))
        {
            acl.merge(own);
        }
        acl
    }

    /// Tables and all else that has rows, in the order of their names.
    pub fn sorted(&self) -> Vec<&Relation> {
        let mut all: Vec<&Relation> = self.relations.values().map(Arc::as_ref).collect();
        all.sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
        all
    }

    /// The type of a column, through arrays no more than one deep.
    #[must_use]
    pub fn column_type(&self, oid: Oid, column: &str) -> Option<Ty> {
        let relation = self.relation(oid)?;
        relation.column(column).map(|found| found.ty.clone())
    }

    /// Is it a relation of the server itself?
    #[must_use]
    pub fn is_system(name: &Name) -> bool {
        match name.as_slice() {
            [name] => name.starts_with("pg_"),
            [.., schema, _] => schema == "pg_catalog" || schema == "information_schema",
            [] => false,
        }
    }

    /// The relations of a kind.
    pub fn of_kind(&self, kind: RelKind) -> impl Iterator<Item = &Relation> {
        self.sorted()
            .into_iter()
            .filter(move |relation| relation.kind == kind)
    }
}
