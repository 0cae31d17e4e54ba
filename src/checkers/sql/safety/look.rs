//! Owns what the rules see of a statement's surroundings, and how they say what they found.

use super::super::catalog::relation::{Con, RelKind, Relation};
use super::super::catalog::{Key, Origin};
use super::super::fold::Fold;
use super::super::lints::Hit;
use super::super::parse::expr::Name;
use super::Safety;
use super::locks::{Level, Lock};
use super::pairs::Names;

/// What was found.
#[derive(Debug)]
pub struct Found {
    pub(super) hit: Hit,
    /// The old state is not known, and may excuse it.
    pub(super) undecided: bool,
    /// It stands when the statement fails too.
    pub(super) certain: bool,
}

/// What a statement brought, told when it has run.
#[derive(Debug, Default)]
pub struct Seen {
    pub(super) hits: Vec<Found>,
    pub(super) locks: Vec<Lock>,
    /// Constraints that were made without a look at the rows: table and name.
    pub(super) not_valid: Vec<(String, String)>,
    /// Labels that an enumeration got.
    pub(super) values: Vec<(Key, String)>,
    /// Types that were made.
    pub(super) types: Vec<Key>,
    /// Names that were given up, and taken.
    pub(super) names: Names,
    /// Tables that have no row any more.
    pub(super) emptied: Vec<String>,
    pub(super) timeout: bool,
}

/// A statement's surroundings.
#[derive(Debug)]
pub struct Look<'a> {
    pub(super) fold: &'a Fold,
    pub(super) safety: &'a Safety,
    pub(super) seen: &'a mut Seen,
}

/// A table that a statement names.
#[derive(Clone, Debug)]
pub struct Table<'a> {
    /// `schema.name`.
    pub(super) shown: String,
    pub(super) relation: Option<&'a Relation>,
    /// Nobody uses it yet, or it has no row.
    pub(super) new: bool,
}

impl Table<'_> {
    /// Are its columns, keys and indexes known?
    pub(super) fn known(&self) -> Option<&Relation> {
        self.relation.filter(|relation| !relation.external)
    }

    /// Could it hold rows? A view does not.
    pub(super) fn has_rows(&self) -> bool {
        self.relation.is_none_or(|relation| {
            relation.outside || matches!(relation.kind, RelKind::Table | RelKind::Partitioned)
        })
    }
}

impl<'a> Look<'a> {
    pub(super) fn table(&self, name: &Name) -> Table<'a> {
        let relation = self.fold.find(name);
        let (schema, bare) = self.fold.qualified(name);
        let shown = relation.map_or_else(|| format!("{schema}.{bare}"), Relation::shown);
        let new = relation.is_some_and(|relation| self.is_new_relation(relation));
        Table {
            new: new || self.safety.empty.contains(&shown),
            shown,
            relation,
        }
    }

    pub(super) fn is_new_relation(&self, relation: &Relation) -> bool {
        relation.temporary || !relation.outside && self.safety.is_new(relation.origin)
    }

    pub(super) fn is_new(&self, origin: Origin) -> bool {
        self.safety.is_new(origin)
    }

    /// Says something of an object. The object and `what` tell the finding from others of its rule.
    pub(super) fn say(&mut self, lint: &'static str, object: &str, what: &str, headline: String) {
        self.add(lint, object, what, headline, false, false);
    }

    /// As [`Look::say`], where the old state is not known.
    pub(super) fn doubt(&mut self, lint: &'static str, object: &str, what: &str, headline: String) {
        self.add(lint, object, what, headline, true, false);
    }

    /// As [`Look::say`], of a statement that fails.
    pub(super) fn fails(&mut self, lint: &'static str, object: &str, what: &str, headline: String) {
        self.add(lint, object, what, headline, false, true);
    }

    fn add(
        &mut self,
        lint: &'static str,
        object: &str,
        what: &str,
        headline: String,
        undecided: bool,
        certain: bool,
    ) {
        let hit = self.hit(lint, object, what, headline);
        self.seen.hits.push(Found {
            hit,
            undecided,
            certain,
        });
    }

    pub(super) fn hit(
        &self,
        lint: &'static str,
        object: &str,
        what: &str,
        headline: String,
    ) -> Hit {
        Hit {
            lint,
            key: format!("{lint} {object} {what}"),
            object: object.to_owned(),
            headline,
            origin: self.fold.at(),
        }
    }

    /// The statement takes a lock on a table in use.
    pub(super) fn lock(&mut self, table: &Table<'_>, level: Level) {
        self.lock_for(table, level, false);
    }

    /// The table that a foreign key refers to loses what watches over it, and is locked for that.
    pub(super) fn lock_target(&mut self, con: &Con) {
        let target = con.target.as_ref().map(|(oid, ..)| *oid);
        if let Some(target) = target.and_then(|oid| self.fold.catalog.relation(oid)) {
            let target = self.table(&vec![target.schema.clone(), target.name.clone()]);
            self.lock(&target, Level::All);
        }
    }

    /// As [`Look::lock`], all of it for a policy.
    pub(super) fn lock_for_policy(&mut self, table: &Table<'_>) {
        self.lock_for(table, Level::All, true);
    }

    fn lock_for(&mut self, table: &Table<'_>, level: Level, policy: bool) {
        if !table.new && table.has_rows() {
            self.seen.locks.push(Lock {
                oid: table.relation.map(|relation| relation.oid),
                table: table.shown.clone(),
                level,
                policy,
            });
        }
    }

    /// The statement looks at many rows, or writes them. Was there something to say?
    pub(super) fn works(&mut self, what: &str) -> bool {
        let hit = self.safety.held_by(self, what);
        let told = hit.is_some();
        self.seen.hits.extend(hit.map(|hit| Found {
            hit,
            undecided: false,
            certain: false,
        }));
        told
    }

    /// What cannot run in a transaction is in one.
    pub(super) fn alone(&mut self, object: &str, what: &str) {
        if self.safety.shares() {
            let why = self.safety.why_shared();
            self.fails(
                "ban_concurrent_index_creation_in_transaction",
                object,
                what,
                format!("{what} fails: {why}"),
            );
        }
    }
}
