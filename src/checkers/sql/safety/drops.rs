//! Owns the rules on what is dropped and renamed: what is in use breaks, and rows are lost.

use super::super::catalog::relation::Use;
use super::super::catalog::{Key, Oid};
use super::super::parse::statement::{Object, Target};
use super::locks::Level;
use super::look::{Look, Table};
use super::pairs::{Dropped, GivenUp, Renamed};

/// `DROP`.
pub fn drop(
    look: &mut Look<'_>,
    object: Object,
    targets: &[Target],
    if_exists: bool,
    cascade: bool,
    concurrently: bool,
) {
    for target in targets {
        match object {
            Object::Table => drop_table(look, target, if_exists),
            Object::Index => drop_index(look, target, if_exists, concurrently),
            Object::Schema if cascade => drop_schema(look, target),
            Object::Type | Object::Domain if cascade => drop_type(look, target),
            Object::Policy | Object::Trigger | Object::Rule => {
                let on = target.on.clone().unwrap_or_default();
                let table = look.table(&on);
                match table.relation {
                    Some(_) if object == Object::Policy => look.lock_for_policy(&table),
                    Some(_) => look.lock(&table, Level::All),
                    None => {}
                }
            }
            _ => {}
        }
    }
}

fn drop_table(look: &mut Look<'_>, target: &Target, if_exists: bool) {
    let table = look.table(&target.name);
    if table.new || !table.has_rows() || table.relation.is_none() && if_exists {
        return;
    }
    let shown = table.shown.clone();
    let headline =
        format!("{shown} is dropped: its rows are lost, and what still asks for it fails");
    let hit = look.hit("ban_drop_table", &shown, "", headline);
    look.lock(&table, Level::All);
    for con in table.relation.iter().flat_map(|found| &found.constraints) {
        look.lock_target(con);
    }
    let name = look.fold.qualified(&target.name);
    let given_up = GivenUp {
        name,
        to: None,
        hit,
    };
    look.seen.names.given_up.push(given_up);
}

fn drop_schema(look: &mut Look<'_>, target: &Target) {
    let name = target.name.first().cloned().unwrap_or_default();
    let old = look.fold.catalog.relations.values().filter(|relation| {
        relation.schema == name && !look.is_new_relation(relation) && !relation.temporary
    });
    let count = old.count();
    if count > 0 {
        look.say(
            "ban_drop_table",
            &name,
            "schema",
            format!("the schema {name} is dropped with {count} relations that are in use"),
        );
    }
}

/// A type takes the columns along that have it.
fn drop_type(look: &mut Look<'_>, target: &Target) {
    let key = look.fold.made_type(&target.name);
    let mut lost = Vec::new();
    for relation in look.fold.catalog.sorted() {
        if look.is_new_relation(relation) {
            continue;
        }
        let of = |key: &Key, schema: &str, name: &str| key.0 == schema && key.1 == name;
        let columns = relation.columns.iter();
        let own = columns.filter(|column| of(&key, &column.ty.schema, &column.ty.name));
        lost.extend(own.map(|column| format!("{}.{}", relation.shown(), column.name)));
    }
    if !lost.is_empty() {
        let shown = format!("{}.{}", key.0, key.1);
        let columns = lost.join(", ");
        look.say(
            "ban_drop_column",
            &shown,
            "type",
            format!("the type {shown} is dropped and takes {columns} along"),
        );
    }
}

fn drop_index(look: &mut Look<'_>, target: &Target, if_exists: bool, concurrently: bool) {
    if concurrently {
        look.alone(&target.name.join("."), "DROP INDEX CONCURRENTLY");
        return;
    }
    let name = target.name.last().cloned().unwrap_or_default();
    let found = look.fold.find_by_index(&target.name);
    let Some(relation) = found else {
        if !if_exists {
            let shown = target.name.join(".");
            let headline = format!(
                "the index {shown} is dropped while its table is locked against reads and writes"
            );
            look.say("require_concurrent_index_deletion", &shown, "", headline);
        }
        return;
    };
    let table = look.table(&vec![relation.schema.clone(), relation.name.clone()]);
    let index = relation.indexes.iter().find(|index| index.name == name);
    let is_new = index.is_some_and(|index| look.is_new(index.origin));
    if table.new || is_new || !table.has_rows() {
        return;
    }
    let shown = table.shown.clone();
    look.say(
        "require_concurrent_index_deletion",
        &shown,
        &name,
        format!("the index {name} is dropped while {shown} is locked against reads and writes"),
    );
    look.lock(&table, Level::All);
}

/// `DROP COLUMN`. What is said of it, the end of the file decides.
pub fn drop_column(look: &mut Look<'_>, table: &Table<'_>, name: &str, if_exists: bool) {
    let column = table.relation.and_then(|relation| relation.column(name));
    if column.is_none() && (table.known().is_some() || if_exists) {
        return;
    }
    let origin = column.and_then(|column| column.origin);
    if origin.is_some_and(|origin| look.is_new(origin)) {
        return;
    }
    let shown = &table.shown;
    let oid = table.relation.map(|relation| relation.oid);
    let views = oid.map_or_else(Vec::new, |oid| views(look, oid, name));
    let also = if views.is_empty() {
        String::new()
    } else {
        format!("; {} read it", views.join(", "))
    };
    let headline = format!(
        "{shown}.{name} is dropped: its values are lost, and what still asks for it fails{also}"
    );
    let hit = look.hit("ban_drop_column", shown, name, headline);
    look.seen.names.dropped.push(Dropped {
        table: oid,
        name: name.to_owned(),
        hit,
    });
}

/// Views that read a column, and policies of other tables.
fn views(look: &Look<'_>, oid: Oid, column: &str) -> Vec<String> {
    let reads =
        |used: &Use| matches!(used, Use::Column(other, name) if *other == oid && name == column);
    let mut all = Vec::new();
    for relation in look.fold.catalog.sorted() {
        if relation.uses.iter().any(reads) {
            all.push(format!("the view {}", relation.shown()));
        }
    }
    all
}

/// `RENAME COLUMN`.
pub fn rename_column(look: &mut Look<'_>, table: &Table<'_>, from: &str, to: &str) {
    if let Some(relation) = table.relation {
        let taken = (relation.oid, to.to_owned());
        look.seen.names.taken_columns.insert(taken);
    }
    let column = table.relation.and_then(|relation| relation.column(from));
    let origin = column.and_then(|column| column.origin);
    let is_new = origin.is_some_and(|origin| look.is_new(origin));
    let missing = column.is_none() && table.known().is_some();
    if is_new || missing {
        return;
    }
    let shown = &table.shown;
    let headline = format!("{shown}.{from} becomes {to}: what still asks for {from} fails");
    let hit = look.hit("renaming_column", shown, from, headline);
    let bare = || shown.rsplit('.').next().unwrap_or_default().to_owned();
    let table = table
        .relation
        .map_or_else(bare, |relation| relation.name.clone());
    look.seen.names.renamed.push(Renamed {
        table,
        from: from.to_owned(),
        hit,
    });
}

/// `RENAME TO`, `SET SCHEMA`. Whether it is said, the end of the file decides.
pub fn rename_table(
    look: &mut Look<'_>,
    table: &Table<'_>,
    schema: Option<&str>,
    name: Option<&str>,
) {
    let shown = &table.shown;
    let (old_schema, old_name) = shown.split_once('.').unwrap_or(("", shown));
    let to = (
        schema.unwrap_or(old_schema).to_owned(),
        name.unwrap_or(old_name).to_owned(),
    );
    look.seen.names.taken.insert(to.clone());
    if table.new {
        return;
    }
    let new = match (schema, name) {
        (None, Some(name)) => name.to_owned(),
        _ => format!("{}.{}", to.0, to.1),
    };
    let headline = format!("{shown} becomes {new}: what still asks for {shown} fails");
    let hit = look.hit("renaming_table", shown, "", headline);
    let name = (old_schema.to_owned(), old_name.to_owned());
    let to = Some(to);
    look.seen.names.given_up.push(GivenUp { name, to, hit });
}
