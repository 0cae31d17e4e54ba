//! Owns folders of Flyway: versions as numbers, the newest baseline, repeatable files last, undo files beside.

use std::collections::BTreeMap;

use super::folder_each::other_languages;
use super::names::{self, Flyway};
use super::pool::{Pool, Sql, join};
use super::{Kind, MigrationSet, dialect};

/// Claims every location.
pub fn claim(pool: &mut Pool<'_>) -> Vec<MigrationSet> {
    let found = pool.take(|sql| names::flyway(sql.stem()).is_some());
    let mut roots: BTreeMap<String, Vec<Sql>> = BTreeMap::new();
    for sql in found {
        roots.entry(location(&sql.dir)).or_default().push(sql);
    }
    let mut sets = Vec::new();
    for (root, files) in roots {
        let versioned = |sql: &Sql| {
            !matches!(
                names::flyway(sql.stem()),
                Some(Flyway::Repeatable(_)) | None
            )
        };
        if files.iter().any(versioned) {
            sets.push(set(pool, &root, &files));
        } else {
            pool.sql.extend(files);
        }
    }
    pool.sql.sort_by(|a, b| a.path.cmp(&b.path));
    sets
}

/// The location that a folder belongs to: Flyway looks below `db/migration` too; a folder named after a database is a
/// location of its own.
fn location(dir: &str) -> String {
    let parts: Vec<&str> = dir.split('/').collect();
    let home = parts
        .windows(2)
        .position(|pair| pair[0] == "db" && matches!(pair[1], "migration" | "migrations"));
    let Some(home) = home else {
        return dir.to_owned();
    };
    let root = parts[..home + 2].join("/");
    let named = parts[home + 2..]
        .iter()
        .position(|part| dialect::by_path(part).is_some());
    named.map_or(root.clone(), |named| {
        join(&root, &parts[home + 2..=home + 2 + named].join("/"))
    })
}

fn set(pool: &Pool<'_>, root: &str, files: &[Sql]) -> MigrationSet {
    let mut set = MigrationSet::new(Kind::Flyway, root);
    let mut versioned: Vec<(&str, &Sql)> = Vec::new();
    let mut undo: Vec<(&str, &Sql)> = Vec::new();
    let mut baselines: Vec<(&str, &Sql)> = Vec::new();
    let mut repeatable: Vec<(&str, &Sql)> = Vec::new();
    for sql in files {
        match names::flyway(sql.stem()) {
            Some(Flyway::Versioned(version)) => versioned.push((version, sql)),
            Some(Flyway::Undo(version)) => undo.push((version, sql)),
            Some(Flyway::Baseline(version)) => baselines.push((version, sql)),
            Some(Flyway::Repeatable(name)) => repeatable.push((name, sql)),
            None => {}
        }
    }
    versioned.sort_by(|a, b| names::by_version(a.0, b.0));
    baselines.sort_by(|a, b| names::by_version(a.0, b.0));
    repeatable.sort_by_key(|(name, _)| *name);
    let base = baselines.pop();
    if let Some((version, sql)) = base {
        set.apply(sql, version, None);
    }
    for (_, sql) in baselines {
        set.leave(sql, "a newer baseline stands for it");
    }
    for (version, sql) in versioned {
        if base.is_some_and(|(base, _)| names::by_version(version, base).is_le()) {
            set.leave(sql, "the baseline stands for it in an empty database");
            continue;
        }
        let down = undo
            .iter()
            .find(|(undone, _)| names::by_version(undone, version).is_eq());
        set.apply(sql, version, down.map(|(_, sql)| *sql));
    }
    for (version, sql) in undo {
        let known =
            |migration: &super::Migration| names::by_version(&migration.version, version).is_eq();
        if !set.migrations.iter().any(known) {
            set.leave(sql, "it takes back a migration that is not there");
        }
    }
    for (name, sql) in repeatable {
        set.apply(sql, name, None);
    }
    set.note_twins();
    other_languages(pool, &mut set, root);
    set
}
