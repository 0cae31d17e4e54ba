//! Owns schemas in one piece: dumps of `pg_dump` and schema files. Where migrations are near, they are copies of what
//! those bring about, and are not read.

use super::content::Content;
use super::pool::{Pool, Sql, join, split, within};
use super::{Kind, MigrationSet, PassedOver, names};

/// Parts of a path that say "database here" and name no project.
const PLACES: &[&str] = &[
    "migration",
    "migrations",
    "migrate",
    "committed",
    "supabase",
    "prisma",
    "drizzle",
    "db",
    "database",
    "databases",
    "sql",
    "postgres",
    "postgresql",
    "pg",
    "src",
    "main",
    "resources",
    "schema",
    "schemas",
    "default",
    "data",
    "internal",
    "meta",
];

/// Folders whose children are projects.
const SHELVES: &[&str] = &[
    "packages",
    "apps",
    "services",
    "libs",
    "crates",
    "modules",
    "pkgs",
    "internal-packages",
    "projects",
];

/// The folder of the project that a migration set belongs to.
pub fn project(root: &str) -> &str {
    let mut end = root.len();
    let mut last = root.len();
    while end > 0 {
        let part = split(&root[..end]).1;
        if SHELVES.contains(&part) {
            return &root[..last];
        }
        let place = names::words(part);
        if !place.iter().all(|word| PLACES.contains(&word.as_str())) {
            return &root[..end];
        }
        last = end;
        end = end.saturating_sub(part.len() + 1);
    }
    ""
}

/// Is a migration set near, that brings this schema about? A dump outside of any shelf is one of the whole repository.
fn covered(sql: &Sql, sets: &[MigrationSet]) -> bool {
    let shelved = sql.dir.split('/').any(|part| SHELVES.contains(&part));
    (is_dump(sql) && !shelved && !sets.is_empty())
        || sets
            .iter()
            .any(|set| within(&sql.dir, project(&set.root)) || within(&sql.dir, &set.root))
}

fn is_schema(sql: &Sql) -> bool {
    let known = ["schema", "structure", "database", "ddl", "init", "tables"];
    let stem = sql.stem().to_lowercase();
    known.contains(&stem.as_str()) && sql.is(|content| content.defines && !content.queries)
}

fn is_dump(sql: &Sql) -> bool {
    sql.is(|content| content.dump && content.defines)
}

/// Claims dumps and schema files that no migration set is near of.
pub fn claim(pool: &mut Pool<'_>, sets: &[MigrationSet]) -> Vec<MigrationSet> {
    let files = pool.take(|sql| (is_dump(sql) || is_schema(sql)) && !covered(sql, sets));
    files.iter().map(single).collect()
}

/// Claims dumps.
pub fn claim_dump(pool: &mut Pool<'_>) -> Vec<MigrationSet> {
    let files = pool.take(is_dump);
    files.iter().map(single).collect()
}

fn single(sql: &Sql) -> MigrationSet {
    let kind = if is_dump(sql) {
        Kind::PgDump
    } else {
        Kind::SchemaFile
    };
    let mut set = MigrationSet::new(kind, join(&sql.dir, &sql.name));
    set.apply(sql, sql.stem(), None);
    set
}

/// What is left of dumps and schema files stands near a set.
pub fn pass_over_copies(pool: &mut Pool<'_>) -> Vec<PassedOver> {
    pool.take(|sql| sql.is(|content: &Content| content.dump) || is_schema(sql))
        .into_iter()
        .map(|sql| PassedOver {
            root: join(&sql.dir, &sql.name),
            why: if sql.is(|content| content.defines) {
                "a copy of a schema that migrations bring about"
            } else {
                "a dump of rows"
            }
            .to_owned(),
            files: vec![sql.path],
        })
        .collect()
}

/// Gives seeds to the nearest set.
pub fn give_seeds(pool: &mut Pool<'_>, sets: &mut [MigrationSet]) {
    let near = |sets: &[MigrationSet], sql: &Sql| {
        let fits = |set: &&MigrationSet| within(&sql.dir, project(&set.root));
        let found = sets.iter().enumerate().filter(|(_, set)| fits(set));
        found
            .max_by_key(|(at, set)| (project(&set.root).len(), std::cmp::Reverse(*at)))
            .map(|(at, _)| at)
    };
    let seeds = pool.take(|sql| sql.is_seed() && near(sets, sql).is_some());
    for sql in seeds {
        let at = near(sets, &sql).expect("it was just asked");
        sets[at].seeds.push(sql.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: &str) {
        assert_eq!(project(input), expected, "{input}");
    }

    #[test]
    fn projects() {
        check("supabase/migrations", "");
        check("packages/db/migrations", "packages/db");
        check("apps/web/supabase/migrations", "apps/web");
        check("services/supabase/migrations", "services/supabase");
        check("server/src/main/resources/db/migration", "server");
        check(
            "packages/data/sql/dbmate/migrations",
            "packages/data/sql/dbmate",
        );
        check("a/b/schema.sql", "a/b");
    }
}
