//! Owns which database a set is for: what the tool declares, else what the files say, else what the folders are called.

use crate::base::path::RepoPath;

use super::content::{Content, Foreign};
use super::pool::Pool;
use super::{Down, MigrationSet, PassedOver};

/// What a set's files and its tool say of the database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// Files that were read.
    pub all: usize,
    /// Files with words of PostgreSQL.
    pub postgres: usize,
    /// Files with words of another database.
    pub foreign: Vec<Foreign>,
    /// What the tool's own file declares.
    pub declared: Option<String>,
}

impl Heard {
    /// Takes the words of one file.
    pub fn add(&mut self, content: &Content) {
        self.all += 1;
        match content.foreign {
            // A function body of PostgreSQL may speak of anything; a file of another database never speaks PostgreSQL
            // in earnest.
            Some(foreign) if !content.postgres => self.foreign.push(foreign),
            _ => self.postgres += usize::from(content.postgres),
        }
    }
}

enum Verdict {
    Postgres,
    Assumed,
    Other(String),
}

fn verdict(heard: &Heard, root: &str) -> Verdict {
    if let Some(declared) = &heard.declared {
        let lower = declared.to_lowercase();
        return if lower.starts_with("postgres") || lower == "cockroachdb" {
            Verdict::Postgres
        } else {
            let known = other_by_path(&lower);
            Verdict::Other(known.unwrap_or(declared).to_owned())
        };
    }
    let by_path = by_path(root);
    // A folder may be called `oracle` for other reasons: where most files speak PostgreSQL, they are right.
    if let Some(Named::Other(foreign)) = by_path
        && heard.postgres * 2 <= heard.all
    {
        return Verdict::Other(foreign.to_owned());
    }
    if heard.foreign.len() > heard.postgres {
        let mut all = heard.foreign.clone();
        all.sort();
        return Verdict::Other(all[all.len() / 2].name().to_owned());
    }
    if heard.postgres > 0 || by_path.is_some() {
        Verdict::Postgres
    } else {
        Verdict::Assumed
    }
}

/// The database that a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// PostgreSQL.
    Postgres,
    /// Another.
    Other(&'static str),
}

/// What the last telling part of a path says.
pub fn by_path(path: &str) -> Option<Named> {
    const OTHERS: [(&str, &str); 19] = [
        ("mysql", "MySQL"),
        ("mariadb", "MariaDB"),
        ("sqlite", "SQLite"),
        ("libsql", "SQLite"),
        ("clickhouse", "ClickHouse"),
        ("mssql", "SQL Server"),
        ("sqlserver", "SQL Server"),
        ("cassandra", "Cassandra"),
        ("spanner", "Spanner"),
        ("snowflake", "Snowflake"),
        ("bigquery", "BigQuery"),
        ("duckdb", "DuckDB"),
        ("hsqldb", "HSQLDB"),
        ("firebird", "Firebird"),
        ("redshift", "Redshift"),
        ("cloudflare", "SQLite"),
        ("starrocks", "StarRocks"),
        ("vertica", "Vertica"),
        ("redpanda", "Redpanda"),
    ];
    const SHORT: [(&str, &str); 5] = [
        ("h2", "H2"),
        ("d1", "SQLite"),
        ("db2", "Db2"),
        ("ydb", "YDB"),
        ("oracle", "Oracle"),
    ];
    path.rsplit('/').find_map(|part| {
        let part = part.to_lowercase();
        let words = super::names::words(&part);
        let is_word = |known: &str| words.iter().any(|word| word == known);
        if part.contains("postgres") || is_word("pg") || is_word("pgsql") || is_word("psql") {
            return Some(Named::Postgres);
        }
        OTHERS
            .iter()
            .find(|(known, _)| part.contains(known))
            .or_else(|| SHORT.iter().find(|(known, _)| is_word(known)))
            .map(|(_, name)| Named::Other(name))
    })
}

fn other_by_path(path: &str) -> Option<&'static str> {
    match by_path(path)? {
        Named::Other(name) => Some(name),
        Named::Postgres => None,
    }
}

/// Takes out the sets of other databases; the others know whether they are assumed to be of PostgreSQL.
pub fn drop_foreign(sets: &mut Vec<MigrationSet>) -> Vec<PassedOver> {
    let mut passed_over = Vec::new();
    let all = std::mem::take(sets);
    for mut set in all {
        match verdict(&set.heard, &set.root) {
            Verdict::Other(name) => {
                let mut files: Vec<RepoPath> = Vec::new();
                for migration in set.migrations {
                    files.push(migration.path);
                    if let Down::File(down) | Down::Empty(Some(down)) = migration.down {
                        files.push(down);
                    }
                }
                files.extend(set.not_applied.into_iter().map(|left| left.path));
                files.sort();
                passed_over.push(PassedOver {
                    root: set.root,
                    files,
                    why: format!("{name}, not PostgreSQL"),
                });
            }
            Verdict::Postgres => sets.push(set),
            Verdict::Assumed => {
                set.assumed = !set.supabase;
                sets.push(set);
            }
        }
    }
    passed_over
}

/// Moves loose files of other databases out of the pool, by the names of their folders and their words.
pub fn drop_loose(pool: &mut Pool<'_>) -> Vec<PassedOver> {
    let taken = pool.take(|sql| {
        let says_other = sql.is(|content| content.foreign.is_some() && !content.postgres);
        let says_postgres = sql.is(|content| content.postgres);
        says_other || (!says_postgres && matches!(by_path(&sql.dir), Some(Named::Other(_))))
    });
    taken
        .into_iter()
        .map(|sql| {
            let said = sql.content.as_ref().and_then(|content| content.foreign);
            let name = said.map(Foreign::name);
            let name = name.or_else(|| other_by_path(&sql.dir));
            PassedOver {
                root: super::pool::join(&sql.dir, &sql.name),
                files: vec![sql.path],
                why: format!("{}, not PostgreSQL", name.unwrap_or("another database")),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: &str) {
        let said = match by_path(input) {
            None => "",
            Some(Named::Postgres) => "PostgreSQL",
            Some(Named::Other(name)) => name,
        };
        assert_eq!(said, expected, "{input}");
    }

    #[test]
    fn paths() {
        check("jdbc-mysql/src/main/resources/migrations", "MySQL");
        check("mysql/migrations/postgres", "PostgreSQL");
        check("riverdriver/riversqlite/migration/main", "SQLite");
        check("src/h2/migration", "H2");
        check("oracles/migrations", "");
        check("packages/pg/migrations", "PostgreSQL");
        check("db/migrations", "");
    }
}
