//! Owns folders of Drizzle Kit: the journal says what is applied, and in which order, unless it was left behind long ago.

use serde::Deserialize;

use super::pool::{Pool, Sql, join, split};
use super::{Kind, MigrationSet};

#[derive(Deserialize)]
struct Journal {
    #[serde(default)]
    dialect: String,
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    idx: u64,
    tag: String,
}

/// Claims every folder with a journal.
pub fn claim(pool: &mut Pool<'_>) -> Vec<MigrationSet> {
    let roots: Vec<String> = pool
        .folders()
        .into_iter()
        .filter(|dir| pool.has(&journal(dir)))
        .collect();
    roots.iter().map(|root| folder(pool, root)).collect()
}

fn journal(dir: &str) -> String {
    join(dir, "meta/_journal.json")
}

fn folder(pool: &mut Pool<'_>, root: &str) -> MigrationSet {
    let mut set = MigrationSet::new(Kind::Drizzle, root);
    let mut files = pool.take_folder(root);
    let path = pool.path(&journal(root));
    let read = pool
        .text(&journal(root))
        .and_then(|text| serde_json::from_str::<Journal>(&text).ok());
    let Some(mut journal) = read else {
        set.note(
            path.as_ref(),
            "the journal cannot be read: the files are taken in the order of their names",
        );
        for sql in &files {
            set.apply(sql, sql.stem(), None);
        }
        return set;
    };
    if !journal.dialect.is_empty() {
        set.heard.declared = Some(journal.dialect);
    }
    journal.entries.sort_by_key(|entry| entry.idx);
    let named = |sql: &Sql| journal.entries.iter().any(|entry| entry.tag == sql.stem());
    if !files.iter().any(named) {
        set.note(
            path.as_ref(),
            "the journal names none of the files: they are taken in the order of their names",
        );
        for sql in &files {
            set.apply(sql, sql.stem(), None);
        }
        return set;
    }
    let stray = files.iter().filter(|sql| !named(sql)).count();
    if stray * 2 > files.len() {
        set = MigrationSet::new(Kind::Plain, root);
        set.note(
            path.as_ref(),
            "the journal names less than half of the files: another tool runs them, in the order of their names",
        );
        for sql in &files {
            set.apply(sql, sql.stem(), None);
        }
        return set;
    }
    for entry in &journal.entries {
        let at = files.iter().position(|sql| sql.stem() == entry.tag);
        match at {
            Some(at) => {
                let sql: Sql = files.remove(at);
                set.apply(&sql, &entry.tag, None);
            }
            None => set.note(
                path.as_ref(),
                format!("the journal names `{}.sql`, which is not there", entry.tag),
            ),
        }
    }
    for sql in &files {
        set.leave(sql, "the journal does not name it");
    }
    set
}

/// Is this folder of a folder-each root one of Drizzle's?
pub fn is_unit(pool: &Pool<'_>, dir: &str) -> bool {
    pool.has(&join(dir, "snapshot.json")) && !split(dir).1.is_empty()
}
