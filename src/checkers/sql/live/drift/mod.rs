//! Owns the comparison of a live database with what its migrations make: objects of the platform aside, what one side has and
//! the other lacks.

mod function;
mod relation;
mod rights;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use super::super::catalog::{Catalog, Origin};
use super::super::fold::Doubt;
use super::super::history::Judged;
use super::super::lints::is_platform;

/// Tables in which tools keep what they have run.
const BOOKS: [&str; 11] = [
    "__diesel_schema_migrations",
    "__drizzle_migrations",
    "_prisma_migrations",
    "_sqlx_migrations",
    "atlas_schema_revisions",
    "flyway_schema_history",
    "goose_db_version",
    "knex_migrations",
    "knex_migrations_lock",
    "pgmigrations",
    "schema_migrations",
];

/// Tables of the platform on which all policies are a project's own.
const OPEN: [&str; 3] = ["realtime.messages", "storage.buckets", "storage.objects"];

/// Which side has something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The database alone.
    Database,
    /// The migrations alone.
    Migrations,
    /// Both, but not alike.
    Both,
}

/// A difference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// The object, for people: `public.notes`.
    pub object: String,
    /// What differs: `the policy `own` of public.notes`.
    pub what: String,
    /// Which side has it.
    pub side: Side,
    /// What each has, where both have it.
    pub detail: String,
    /// May a statement that was not followed have made it?
    pub undecided: bool,
    /// The migration's statement.
    pub origin: Option<Origin>,
}

impl Difference {
    /// One line about it.
    #[must_use]
    pub fn headline(&self) -> String {
        let what = &self.what;
        match self.side {
            Side::Database => format!("{what} is in the database, and no migration makes it"),
            Side::Migrations => format!("the database lacks {what}, which the migrations make"),
            Side::Both => format!("{what} differs: {}", self.detail),
        }
    }

    /// What to do.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self.side {
            Side::Database => "write it in a migration, or drop it in the database",
            Side::Migrations => "run the migrations, or write one that takes it away",
            Side::Both => "write a migration that says what is right, and run it",
        }
    }

    /// By what it is told from others.
    #[must_use]
    pub fn key(&self) -> String {
        format!("sql_drift_{:?}_{}", self.side, self.what)
    }
}

/// Where the database and its migrations differ, sorted. What agrees with one of the two readings of the migrations is no
/// difference.
#[must_use]
pub fn between(judged: &Judged, live: &Catalog) -> Vec<Difference> {
    let mut doubts = judged.lenient.doubts.clone();
    doubts.extend(&judged.strict.doubts);
    let against = |made| {
        let mut all = Comparison {
            made,
            live,
            doubts: &doubts,
            found: Vec::new(),
        };
        all.relations();
        all.platform();
        all.functions();
        all.enums();
        all.found
    };
    let strict = against(&judged.strict.catalog);
    let strict: BTreeSet<String> = strict.iter().map(Difference::key).collect();
    let mut found = against(&judged.lenient.catalog);
    found.retain(|difference| strict.contains(&difference.key()));
    found.sort();
    found.dedup();
    found
}

struct Comparison<'a> {
    made: &'a Catalog,
    live: &'a Catalog,
    doubts: &'a BTreeSet<Doubt>,
    found: Vec<Difference>,
}

/// What of one side is compared, by its name.
type Named<'a, T> = BTreeMap<String, &'a T>;

fn named<T>(all: &[T], name: impl Fn(&T) -> String) -> Named<'_, T> {
    all.iter().map(|one| (name(one), one)).collect()
}

impl Comparison<'_> {
    fn add(
        &mut self,
        object: &str,
        what: String,
        side: Side,
        doubt: Doubt,
        origin: Option<Origin>,
    ) {
        self.differs(object, what, side, String::new(), doubt, origin);
    }

    fn differs(
        &mut self,
        object: &str,
        what: String,
        side: Side,
        detail: String,
        doubt: Doubt,
        origin: Option<Origin>,
    ) {
        let undecided = self.doubts.contains(&doubt) || self.doubts.contains(&Doubt::Everything);
        self.found.push(Difference {
            object: object.to_owned(),
            what,
            side,
            detail,
            undecided,
            origin,
        });
    }

    /// One of each side by name: what only one has is said, what both have is handed on.
    fn pair<'a, T>(
        &mut self,
        object: &str,
        sides: (&Named<'a, T>, &Named<'a, T>),
        shown: &dyn Fn(&str) -> String,
        doubt: Doubt,
        origin: &dyn Fn(&T) -> Option<Origin>,
    ) -> Vec<(&'a T, &'a T)> {
        let (made, live) = sides;
        for (name, one) in made.iter().filter(|(name, _)| !live.contains_key(*name)) {
            self.add(object, shown(name), Side::Migrations, doubt, origin(one));
        }
        for name in live.keys().filter(|name| !made.contains_key(*name)) {
            self.add(object, shown(name), Side::Database, doubt, None);
        }
        let both = made
            .iter()
            .filter_map(|(name, one)| Some((*one, *live.get(name)?)));
        both.collect()
    }
}

fn is_own(schema: &str) -> bool {
    !is_platform(schema) && !schema.starts_with("pg_")
}
