//! Owns the lints that a live database knows too: what each says of a catalog, and under which key. Knows no file.

mod api;
mod functions;
mod keys;
mod policies;

use std::collections::BTreeSet;

pub(super) use api::{SENSITIVE, sensitive};

use super::catalog::relation::Relation;
use super::catalog::{Catalog, Origin};
use super::fold::{Doubt, Fold};
use super::rule;

/// Schemas of the platform, which the lints leave out.
const PLATFORM: [&str; 26] = [
    "_timescaledb_cache",
    "_timescaledb_catalog",
    "_timescaledb_config",
    "_timescaledb_internal",
    "auth",
    "cron",
    "extensions",
    "graphql",
    "graphql_public",
    "information_schema",
    "net",
    "pg_catalog",
    "pgbouncer",
    "pgmq",
    "pgroonga",
    "pgsodium",
    "pgsodium_masks",
    "pgtle",
    "realtime",
    "repack",
    "storage",
    "supabase_functions",
    "supabase_migrations",
    "tiger",
    "topology",
    "vault",
];

/// Is it a schema of the platform?
#[must_use]
pub fn is_platform(schema: &str) -> bool {
    PLATFORM.contains(&schema)
}

/// What a lint found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// The lint's name.
    pub lint: &'static str,
    /// The key under which a live database knows it.
    pub key: String,
    /// The object, for people.
    pub object: String,
    /// One line about it.
    pub headline: String,
    /// Where the object was made.
    pub origin: Origin,
}

/// What the lints look at.
#[derive(Debug)]
pub struct View<'a> {
    /// The catalog.
    pub catalog: &'a Catalog,
    /// The schemas that the API serves.
    pub exposed: &'a [String],
    hits: Vec<Hit>,
}

impl View<'_> {
    fn is_platform(schema: &str) -> bool {
        is_platform(schema)
    }

    fn is_exposed(&self, schema: &str) -> bool {
        self.exposed.iter().any(|exposed| exposed == schema) && !Self::is_platform(schema)
    }

    /// May the roles of the API read the relation?
    fn is_readable(&self, relation: &Relation) -> bool {
        ["anon", "authenticated"]
            .iter()
            .any(|role| self.has(role) && self.catalog.selects(role, relation))
    }

    fn has(&self, role: &str) -> bool {
        self.catalog.roles.contains_key(role)
    }

    fn hit(
        &mut self,
        lint: &'static str,
        key: String,
        object: String,
        headline: String,
        origin: Origin,
    ) {
        self.hits.push(Hit {
            lint,
            key,
            object,
            headline,
            origin,
        });
    }
}

/// All that the lints say of a catalog, sorted.
#[must_use]
pub fn all(catalog: &Catalog, exposed: &[String]) -> Vec<Hit> {
    let mut view = View {
        catalog,
        exposed,
        hits: Vec::new(),
    };
    view.keys();
    view.policies();
    view.api();
    view.functions();
    view.hits.sort();
    view.hits
        .dedup_by(|a, b| (a.lint, &a.key) == (b.lint, &b.key));
    view.hits
}

/// What the lints say of a history: what both readings of it agree on, and, marked, what only one of them says or a
/// statement that was not followed may have changed.
pub fn judged(
    strict: &Fold,
    lenient: &Fold,
    exposed: &[String],
    all: impl Fn(&Catalog, &[String]) -> Vec<Hit>,
) -> Vec<(Hit, bool)> {
    let doubts: BTreeSet<Doubt> = strict.doubts.union(&lenient.doubts).copied().collect();
    let is_doubted = |hit: &Hit| rule::is_touched(hit.lint, &doubts);
    let by_strict = all(&strict.catalog, exposed);
    let by_lenient = all(&lenient.catalog, exposed);
    let key = |hit: &Hit| (hit.lint, hit.key.clone());
    let in_strict: BTreeSet<_> = by_strict.iter().map(key).collect();
    let in_lenient: BTreeSet<_> = by_lenient.iter().map(key).collect();
    let mut found: Vec<(Hit, bool)> = by_strict
        .into_iter()
        .map(|hit| {
            let undecided = is_doubted(&hit) || !in_lenient.contains(&key(&hit));
            (hit, undecided)
        })
        .collect();
    let more = by_lenient
        .into_iter()
        .filter(|hit| !in_strict.contains(&key(hit)));
    found.extend(more.map(|hit| (hit, true)));
    found.sort();
    found
}
