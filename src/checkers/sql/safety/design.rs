//! Owns the rules on how columns are made, in tables that are new as well.

use super::super::parse::expr::TypeName;
use super::super::parse::table::{ColumnDef, Constraint, ConstraintKind, CreateTable, Element};
use super::super::sources::Kind;
use super::look::Look;

/// Is it one of the words that stand for a column with a sequence?
pub fn is_serial(kind: &TypeName) -> bool {
    let words = [
        "serial",
        "serial2",
        "serial4",
        "serial8",
        "smallserial",
        "bigserial",
    ];
    matches!(kind.name.as_slice(), [name] if words.contains(&name.as_str()))
}

/// `CREATE TABLE`.
pub fn table(look: &mut Look<'_>, table: &CreateTable) {
    let found = look.table(&table.name);
    if table.temporary || table.foreign || table.if_not_exists && found.relation.is_some() {
        return;
    }
    let keys: Vec<&str> = table
        .elements
        .iter()
        .filter_map(|element| match element {
            Element::Constraint(Constraint {
                kind: ConstraintKind::Primary(keys),
                ..
            }) if keys.columns.len() == 1 => keys.columns.first().map(String::as_str),
            _ => None,
        })
        .collect();
    let columns = table.elements.iter().filter_map(|element| match element {
        Element::Column(column) => Some(column),
        _ => None,
    });
    let mut without_zone = Vec::new();
    for column in columns {
        self::one(
            look,
            &found.shown,
            column,
            keys.contains(&column.name.as_str()),
        );
        if is_without_zone(column) {
            without_zone.push(column.name.as_str());
        }
    }
    zone(look, &found.shown, &without_zone);
}

/// `ADD COLUMN`.
pub fn column(look: &mut Look<'_>, table: &str, column: &ColumnDef) {
    one(look, table, column, false);
    if is_without_zone(column) {
        zone(look, table, &[&column.name]);
    }
}

fn is_without_zone(column: &ColumnDef) -> bool {
    let kind = column.kind.as_ref();
    kind.is_some_and(|kind| kind.name == ["timestamp"])
}

/// One finding for a table: it is one decision.
fn zone(look: &mut Look<'_>, table: &str, columns: &[&str]) {
    if columns.is_empty() || is_written_by_tool(look) {
        return;
    }
    let all = columns.join(", ");
    let verb = if columns.len() == 1 { "has" } else { "have" };
    let headline =
        format!("{all} of {table} {verb} no time zone: which moment is meant, the session decides");
    look.say("prefer_timestamp_tz", table, &all, headline);
}

/// The tool writes the types itself, from a schema of its own.
fn is_written_by_tool(look: &Look<'_>) -> bool {
    look.safety.kind == Kind::Prisma
}

fn one(look: &mut Look<'_>, table: &str, column: &ColumnDef, key: bool) {
    let Some(kind) = &column.kind else {
        return;
    };
    let name = &column.name;
    let [word] = kind.name.as_slice() else {
        return;
    };
    let full = format!("{table}.{name}");
    if word == "bpchar" {
        let length = kind.modifiers.first().map_or("1", String::as_str);
        let headline = format!("{full} is char({length}): values are filled up with blanks");
        look.say("ban_char_field", table, name, headline);
    }
    let own_key = |c: &Constraint| matches!(c.kind, ConstraintKind::Primary(_));
    let is_key = key || column.constraints.iter().any(own_key);
    let serial = is_serial(kind);
    let small = ["serial", "serial4", "smallserial", "serial2"].contains(&word.as_str())
        || column.identity && ["int4", "int2"].contains(&word.as_str());
    if is_key && small {
        let most = if word.contains("small") || word.ends_with('2') {
            "32767"
        } else {
            "2147483647"
        };
        let headline = format!("{full} numbers its rows up to {most}, and then every insert fails");
        look.say("prefer_bigint_over_int", table, name, headline);
    }
    if serial && !is_written_by_tool(look) {
        let headline = format!("{full} is {word}: its sequence has rights and an owner of its own");
        look.say("prefer_identity", table, name, headline);
    }
}
