//! Owns the options of `sql-queries`: which queries, as whom, how often, and what each may take.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::base::path::RepoPath;
use crate::check::database::DatabaseUrl;
use crate::check::options::Time;

/// The fewest runs whose 95th percentile is not just the slowest of them.
pub const FEWEST: u32 = 20;

/// The most runs that are taken.
const MOST: u32 = 10_000;

/// The options of the check.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// The database: `${DATABASE_URL}`. It is never shown. `sslmode` is read as libpq reads it.
    pub url: DatabaseUrl,
    /// The queries. Each has a `name`, its text in `sql` or in a `file` from the root, and maybe `parameters` (texts, for `$1`
    /// and so on), a `budget` for its 95th percentile, a `role` and `settings`.
    pub queries: Vec<Query>,
    /// How often each query is timed: 20 at least.
    pub runs: u32,
    /// How often each query runs before that.
    pub warm_up: u32,
    /// A sequential scan of this many rows is a finding.
    pub sequential_rows: u64,
    /// The role that the queries run as, where a query names none.
    pub role: Option<String>,
    /// Settings of the transaction, such as `request.jwt.claims`, where a query does not say otherwise.
    pub settings: BTreeMap<String, String>,
    /// The longest that one run may take.
    pub statement_timeout: Time,
    /// The longest that one run may wait for a lock.
    pub lock_timeout: Time,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            url: DatabaseUrl::default(),
            queries: Vec::new(),
            runs: FEWEST,
            warm_up: 3,
            sequential_rows: 10_000,
            role: None,
            settings: BTreeMap::new(),
            statement_timeout: Time(Duration::from_secs(30)),
            lock_timeout: Time(Duration::from_secs(2)),
        }
    }
}

/// A query.
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Query {
    /// What it is called in the report.
    pub name: String,
    /// Its text: one statement.
    pub sql: Option<String>,
    /// The file that holds its text, from the root.
    pub file: Option<String>,
    /// Its parameters as text; the server reads each by its type.
    pub parameters: Vec<Option<String>>,
    /// The most that the 95th percentile of its times may be.
    pub budget: Option<Time>,
    /// The role that it runs as.
    pub role: Option<String>,
    /// Settings of its transaction.
    pub settings: BTreeMap<String, String>,
}

impl Query {
    /// Its file, if it has one.
    pub fn path(&self) -> Option<RepoPath> {
        self.file
            .as_deref()
            .and_then(|file| RepoPath::new(file.as_bytes()))
    }
}

impl Options {
    /// Do they fit together?
    pub fn check(&self) -> Result<(), String> {
        if self.url.is_empty() {
            return Err("`url` names the database: url: \"${DATABASE_URL}\"".to_owned());
        }
        if self.queries.is_empty() {
            return Err("`queries` names no query".to_owned());
        }
        if !(FEWEST..=MOST).contains(&self.runs) {
            return Err(format!("`runs` is from {FEWEST} to {MOST}"));
        }
        if self.warm_up > MOST {
            return Err(format!("`warm_up` is at most {MOST}"));
        }
        let mut names = BTreeSet::new();
        for query in &self.queries {
            let name = query.name.trim();
            if name.is_empty() {
                return Err("a query has no `name`".to_owned());
            }
            if !names.insert(name) {
                return Err(format!("two queries are named `{name}`"));
            }
            let texts = usize::from(query.sql.is_some()) + usize::from(query.file.is_some());
            if texts != 1 {
                return Err(format!("the query `{name}` needs either `sql` or `file`"));
            }
            if query.file.is_some() && query.path().is_none() {
                return Err(format!(
                    "the file of the query `{name}` is no path from the root"
                ));
            }
        }
        Ok(())
    }
}
