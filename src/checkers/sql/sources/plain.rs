//! Owns folders of plain files: nothing but their place or their numbers says that they are migrations.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::base::path::RepoPath;

use super::files::{sequence, sqlx};
use super::folder_each::other_languages;
use super::names;
use super::pool::{Pool, Sql, join, split, within};
use super::schema::project;
use super::{Kind, MigrationSet, PassedOver};

const NAMED: &[&str] = &[
    "migration",
    "migrations",
    "migrate",
    "migrates",
    "migrator",
    "changesets",
    "changelogs",
];

const CHECKS: &[&str] = &["verify", "check", "validate", "test", "diagnose", "debug"];

/// Claims folders called `migrations` or below such a folder, folders that Atlas signs, and numbered files elsewhere.
/// Where another set is near, numbers alone do not make a set, nor does the name of a folder whose files have none.
pub fn claim(pool: &mut Pool<'_>, found: &[MigrationSet]) -> Vec<MigrationSet> {
    let mut named: Vec<String> = Vec::new();
    let mut numbered: Vec<String> = Vec::new();
    let mut unordered: Vec<String> = Vec::new();
    for dir in pool.folders() {
        let root = sequence(&dir).0.to_owned();
        let files = || pool.sql.iter().filter(|sql| sequence(&sql.dir).0 == root);
        if files().all(|sql| sql.is(|content| content.queries) || sql.is_seed()) {
            continue;
        }
        let all = files().count();
        let with_number = files().filter(|sql| !sql.number().is_empty()).count();
        let defines = files().any(|sql| sql.is(|content| content.defines && !content.queries));
        let makes_tables = files().any(|sql| sql.is(|content| content.makes_tables));
        let (above, last) = split(&root);
        let is_named = pool.has(&join(&root, "atlas.sum")) || names::has_word(last, NAMED);
        let below_named = names::has_word(split(above).1, NAMED);
        if (is_named || below_named) && with_number > 0 {
            named.push(root);
        } else if is_named && defines {
            unordered.push(root);
        } else if with_number > 1 && with_number * 2 > all && makes_tables {
            numbered.push(root);
        }
    }
    named.dedup();
    let mut sets = folders(pool, &named);
    for mut unsure in [unordered, numbered] {
        unsure.dedup();
        let near = |dir: &String| {
            let homes = found.iter().chain(&sets).map(|set| project(&set.root));
            homes.into_iter().any(|home| within(dir, home))
        };
        unsure.retain(|dir| !near(dir));
        let more = folders(pool, &unsure);
        sets.extend(more);
    }
    sets
}

/// What is left of folders called `migrations` has neither numbers nor a set of its own.
pub fn pass_over_unordered(pool: &mut Pool<'_>) -> Vec<PassedOver> {
    let left = pool.take(|sql| names::has_word(split(&sql.dir).1, NAMED));
    let mut folders: BTreeMap<String, Vec<RepoPath>> = BTreeMap::new();
    for sql in left {
        folders.entry(sql.dir).or_default().push(sql.path);
    }
    folders
        .into_iter()
        .map(|(root, files)| PassedOver {
            root,
            files,
            why: "no number tells the order, and other migrations of the project are read"
                .to_owned(),
        })
        .collect()
}

/// Claims these folders.
pub fn folders(pool: &mut Pool<'_>, roots: &[String]) -> Vec<MigrationSet> {
    roots.iter().filter_map(|root| folder(pool, root)).collect()
}

fn folder(pool: &mut Pool<'_>, root: &str) -> Option<MigrationSet> {
    let back = ["down", "rollback", "rollbacks", "revert", "undo"].map(|name| join(root, name));
    let mut files = pool.take(|sql| {
        (sequence(&sql.dir).0 == root || back.contains(&sql.dir))
            && !sql.is_seed()
            && !sql.is(|content| content.queries)
    });
    if files.is_empty() {
        return None;
    }
    let mut set = sqlx(pool, root).unwrap_or_else(|| MigrationSet::new(Kind::Plain, root));
    let downs: Vec<Sql> = {
        let (downs, ups) = files
            .into_iter()
            .partition(|sql| back.contains(&sql.dir) || names::takes_back(sql.stem()).is_some());
        files = ups;
        downs
    };
    let any_number = files.iter().any(|sql| !sql.number().is_empty());
    let unordered = files.iter().filter(|sql| sql.number().is_empty()).count();
    if !any_number && unordered > 1 {
        set.note(
            None,
            "the names have no numbers: the files are taken in the order of their names",
        );
    }
    let by_name = |a: &Sql, b: &Sql| (&a.dir, &a.name).cmp(&(&b.dir, &b.name));
    files.sort_by(by_name);
    let before: Vec<_> = files.iter().map(|sql| sql.path.clone()).collect();
    files.sort_by(in_order);
    let after: Vec<_> = files.iter().map(|sql| sql.path.clone()).collect();
    if let Some(at) = (0..after.len()).find(|&at| any_number && before[at] != after[at]) {
        set.note(
            Some(&after[at]),
            "the order by number is another than by name: the files are taken by number",
        );
    }
    let mut used = vec![false; downs.len()];
    for sql in &files {
        if any_number && sql.number().is_empty() && names::has_word(sql.stem(), CHECKS) {
            set.leave(
                sql,
                "it has no number, and its name says that it looks only",
            );
            continue;
        }
        if any_number && sql.number().is_empty() {
            set.note(
                Some(&sql.path),
                "it has no number: it is taken after the numbered files",
            );
        }
        let at = downs.iter().position(|down| takes_back(down, sql));
        if let Some(at) = at {
            used[at] = true;
        }
        let number = sql.number();
        let own = if number.is_empty() {
            sql.stem()
        } else {
            number
        };
        let version = join(sequence(&sql.dir).1, own);
        set.apply(sql, version, at.map(|at| &downs[at]));
    }
    for (down, used) in downs.iter().zip(used) {
        if !used {
            set.leave(down, "it takes back a migration that is not there");
        }
    }
    other_languages(pool, &mut set, root);
    Some(set)
}

/// By the number of the folder, then of the file; what has none comes last, by name.
fn in_order(a: &Sql, b: &Sql) -> Ordering {
    let unnumbered = |sql: &Sql| sql.number().is_empty();
    let series = |sql: &Sql| sequence(&sql.dir).1.to_owned();
    names::by_number(&series(a), &series(b))
        .then_with(|| unnumbered(a).cmp(&unnumbered(b)))
        .then_with(|| names::by_stamp(a.number(), b.number()))
        .then_with(|| a.name.cmp(&b.name))
}

/// Is `down` the file that takes `up` back: the same name in another folder, the same stem with a suffix, or a number
/// of its own that both share?
fn takes_back(down: &Sql, up: &Sql) -> bool {
    let stem = names::takes_back(down.stem()).unwrap_or(down.stem());
    stem == up.stem() || (!up.number().is_empty() && stem == up.number())
}
