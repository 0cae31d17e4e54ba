//! Owns the rules on indexes, and on what works on a table as a whole.

use super::super::catalog::relation::RelKind;
use super::super::parse::statement::Maintain;
use super::super::parse::table::CreateIndex;
use super::locks::Level;
use super::look::Look;

/// `CREATE INDEX`.
pub fn create(look: &mut Look<'_>, index: &CreateIndex) {
    let table = look.table(&index.table);
    let name = index.name.clone().unwrap_or_default();
    let there = || {
        let key = table.relation.map(|relation| relation.schema.as_str());
        key.is_some_and(|schema| look.fold.catalog.is_taken(schema, &name))
    };
    let is_materialized = |kind: RelKind| matches!(kind, RelKind::MaterializedView | RelKind::View);
    if index.if_not_exists && there() {
        return;
    }
    let shown = table.shown.clone();
    let called = if name.is_empty() {
        "the index".to_owned()
    } else {
        format!("the index {name}")
    };
    if index.concurrently {
        look.alone(&shown, "CREATE INDEX CONCURRENTLY");
        return;
    }
    let skipped = table
        .relation
        .is_some_and(|relation| is_materialized(relation.kind));
    if table.new || skipped || index.only {
        return;
    }
    look.say(
        "require_concurrent_index_creation",
        &shown,
        &name,
        format!("{called} is made while nobody can write to {shown}"),
    );
    look.lock(&table, Level::Writes);
}

/// `VACUUM FULL`, `CLUSTER`, `REINDEX`.
pub fn maintain(look: &mut Look<'_>, maintain: &Maintain) {
    let what = match maintain.verb.as_str() {
        "vacuum" if maintain.full => "VACUUM FULL",
        "cluster" => "CLUSTER",
        "reindex" => "REINDEX",
        _ => return,
    };
    let is_reindex = what == "REINDEX";
    if is_reindex && maintain.concurrently {
        look.alone("the index", "REINDEX CONCURRENTLY");
        return;
    }
    if maintain.names.is_empty() {
        say(look, is_reindex, "the database", what);
        return;
    }
    for name in &maintain.names {
        let table = if maintain.index {
            let found = look.fold.find_by_index(name);
            found.map_or_else(
                || look.table(name),
                |relation| look.table(&vec![relation.schema.clone(), relation.name.clone()]),
            )
        } else {
            look.table(name)
        };
        if table.new {
            continue;
        }
        say(look, is_reindex, &table.shown, what);
        look.lock(
            &table,
            if is_reindex {
                Level::Writes
            } else {
                Level::All
            },
        );
    }
}

fn say(look: &mut Look<'_>, is_reindex: bool, shown: &str, what: &str) {
    if is_reindex {
        let headline = format!("indexes of {shown} are made anew while nobody can write to it");
        look.say("require_concurrent_reindex", shown, what, headline);
    } else {
        let headline = format!("{what} writes {shown} anew while nobody can read or write it");
        look.say("prefer_repack", shown, what, headline);
    }
}
