//! Owns the rules on `ALTER TABLE`: what looks through a table, writes it anew or breaks who uses it, under its lock.

use super::super::parse::expr::Expr;
use super::super::parse::statement::Object;
use super::super::parse::table::{
    Action, AlterTable, ColumnDef, Constraint, ConstraintKind, CreateTable, Element,
};
use super::locks::Level;
use super::look::{Look, Table};
use super::retype::{Change, change};
use super::{design, drops, volatile};

/// `ALTER TABLE`.
pub fn alter(look: &mut Look<'_>, alter: &AlterTable) {
    let table = look.table(&alter.name);
    if alter.object != Object::Table || alter.if_exists && table.relation.is_none() {
        return;
    }
    for action in &alter.actions {
        if let Action::AddColumn(column, _) = action
            && !has(&table, &column.name)
        {
            design::column(look, &table.shown, column);
        }
    }
    if table.new || !table.has_rows() {
        for action in &alter.actions {
            partition(look, &table, action);
            if let Action::Rename(to) = action {
                drops::rename_table(look, &table, None, Some(to));
            }
        }
        return;
    }
    let added = |name: &str| {
        let mut actions = alter.actions.iter();
        actions.any(|action| matches!(action, Action::AddColumn(column, _) if column.name == *name))
    };
    for action in &alter.actions {
        if let Some(level) = level(action) {
            look.lock(&table, level);
        }
        partition(look, &table, action);
        match action {
            Action::AddColumn(column, _)
                if !has(&table, &column.name) || is_dropped(alter, &column.name) =>
            {
                add_column(look, &table, column);
            }
            Action::DropColumn(name, if_exists, _) => {
                drops::drop_column(look, &table, name, *if_exists);
            }
            Action::ColumnType(name, kind, using) => {
                retype(look, &table, name, kind, using.as_ref());
            }
            Action::NotNull(name, true) if !added(name) => set_not_null(look, &table, name),
            Action::NotNull(name, false) => drop_not_null(look, &table, name),
            Action::AddConstraint(constraint) => add_constraint(look, &table, constraint, None),
            Action::DropConstraint(name, ..) => released(look, &table, name),
            Action::Validate(name) => validate(look, &table, name),
            Action::RenameColumn(from, to) => drops::rename_column(look, &table, from, to),
            Action::Rename(to) => drops::rename_table(look, &table, None, Some(to)),
            Action::Schema(schema) => drops::rename_table(look, &table, Some(schema), None),
            Action::Rewrite(word) => {
                let shown = &table.shown;
                let headline = format!(
                    "SET {} writes {shown} anew while nobody can read or write it",
                    word.to_uppercase()
                );
                look.say("rewriting_table", shown, word, headline);
            }
            _ => {}
        }
    }
}

fn has(table: &Table<'_>, column: &str) -> bool {
    table
        .relation
        .is_some_and(|relation| relation.column(column).is_some())
}

fn is_dropped(alter: &AlterTable, name: &str) -> bool {
    let mut actions = alter.actions.iter();
    actions.any(|action| matches!(action, Action::DropColumn(other, ..) if other == name))
}

/// The lock that an action takes; none where it is a weak one. As PostgreSQL 15 says it of itself (`pg_locks`).
fn level(action: &Action) -> Option<Level> {
    match action {
        Action::Other(word) if word == "cluster" => None,
        Action::Validate(_)
        | Action::SetOptions(_)
        | Action::ResetOptions(_)
        | Action::Attach(_)
        | Action::ColumnOther(_)
        | Action::Detach(_, true) => None,
        Action::Trigger(..) => Some(Level::Writes),
        Action::AddConstraint(constraint) => match constraint.kind {
            ConstraintKind::Foreign(_) => Some(Level::Writes),
            _ => Some(Level::All),
        },
        _ => Some(Level::All),
    }
}

fn add_column(look: &mut Look<'_>, table: &Table<'_>, column: &ColumnDef) {
    let (shown, name) = (&table.shown, &column.name);
    let full = format!("{shown}.{name}");
    let serial = column.kind.as_ref().is_some_and(design::is_serial);
    let numbered = serial || column.identity;
    let default = column.default.as_ref().filter(|value| !is_null(value));
    let is_primary = |c: &Constraint| matches!(c.kind, ConstraintKind::Primary(_));
    if column.constraints.iter().any(is_primary) {
        let headline = format!(
            "{full} is added as a primary key: {shown} is written anew, and indexed, while nobody can read or write it"
        );
        look.say("adding_serial_primary_key_field", shown, name, headline);
        return;
    }
    let rewrites = if numbered {
        Some("takes a number for each row".to_owned())
    } else {
        default
            .and_then(|value| volatile::called(look.fold, value))
            .map(|call| format!("asks {call} for each row"))
    };
    if column.generated.is_some() && column.stored {
        let headline = format!(
            "{full} is generated and stored: {shown} is written anew while nobody can read or write it"
        );
        look.say("adding_stored_generated_column", shown, name, headline);
    } else if let Some(why) = rewrites {
        let headline =
            format!("{full} {why}: {shown} is written anew while nobody can read or write it");
        look.say("adding_field_with_volatile_default", shown, name, headline);
    } else if column.not_null == Some(true) && default.is_none() && column.generated.is_none() {
        let headline =
            format!("{full} is NOT NULL without a default: it fails if {shown} has a row");
        look.say("adding_required_field", shown, name, headline);
    }
    for constraint in &column.constraints {
        // Without a default all values are null, and nothing is to be looked for.
        let idle = matches!(constraint.kind, ConstraintKind::Foreign(_)) && default.is_none();
        if idle {
            refer(look, constraint);
        } else {
            add_constraint(look, table, constraint, Some(name));
        }
    }
}

fn is_null(value: &Expr) -> bool {
    match value {
        Expr::Null => true,
        Expr::Cast(inner, _) => is_null(inner),
        _ => false,
    }
}

fn retype(
    look: &mut Look<'_>,
    table: &Table<'_>,
    name: &str,
    kind: &super::super::parse::expr::TypeName,
    using: Option<&Expr>,
) {
    let (shown, lint) = (&table.shown, "changing_column_type");
    let column = table.relation.and_then(|relation| relation.column(name));
    let headline = |from: &str| {
        let to = kind.name.join(".");
        let to = if kind.modifiers.is_empty() {
            to
        } else {
            format!("{to}({})", kind.modifiers.join(","))
        };
        let brackets = "[]".repeat(kind.dimensions as usize);
        format!(
            "{shown}.{name} becomes {to}{brackets}{from}: {shown} is written anew while nobody can read or write it"
        )
    };
    match column {
        Some(column) if column.ty.name != "unknown" && !column.ty.name.is_empty() => {
            if change(look.fold, column, kind, using) == Change::Rewrites {
                let from = format!(", and was {}", column.ty.shown());
                look.say(lint, shown, name, headline(&from));
            }
        }
        None if table.known().is_some() => {}
        // A text takes most of what it may have been as it is.
        _ if kind.name == ["text"] && kind.dimensions == 0 => {}
        _ => look.doubt(lint, shown, name, headline("")),
    }
}

fn set_not_null(look: &mut Look<'_>, table: &Table<'_>, name: &str) {
    if let Some(relation) = table.relation {
        let already = relation.column(name).is_some_and(|column| column.not_null);
        let mut constraints = relation.constraints.iter();
        let proven =
            constraints.any(|con| !con.not_valid && con.proves.iter().any(|column| column == name));
        if already || proven {
            return;
        }
    }
    let shown = &table.shown;
    let headline = format!(
        "{shown}.{name} becomes NOT NULL: all of {shown} is looked through while nobody can read or write it"
    );
    look.say("adding_not_nullable_field", shown, name, headline);
}

fn drop_not_null(look: &mut Look<'_>, table: &Table<'_>, name: &str) {
    let column = table.relation.and_then(|relation| relation.column(name));
    let is_new = column
        .and_then(|column| column.origin)
        .is_some_and(|origin| look.is_new(origin));
    let nullable = column.is_some_and(|column| !column.not_null);
    if is_new || nullable || column.is_none() && table.known().is_some() {
        return;
    }
    let shown = &table.shown;
    let headline = format!("{shown}.{name} may be null now: who reads it must expect that");
    look.say("ban_drop_not_null", shown, name, headline);
}

/// The table that a foreign key referred to is locked like the one that it is taken from.
fn released(look: &mut Look<'_>, table: &Table<'_>, name: &str) {
    let Some(relation) = table.relation else {
        return;
    };
    if let Some(con) = relation.constraints.iter().find(|con| con.name == name) {
        look.lock_target(con);
    }
}

/// `CREATE TABLE`: what it refers to waits for writes, and what it is a partition of for everything.
pub fn create(look: &mut Look<'_>, table: &CreateTable) {
    if table.if_not_exists && look.fold.find(&table.name).is_some() {
        return;
    }
    if let Some(parent) = &table.partition_of {
        let parent = look.table(parent);
        look.lock(&parent, Level::All);
    }
    for element in &table.elements {
        match element {
            Element::Column(column) => column.constraints.iter().for_each(|con| refer(look, con)),
            Element::Constraint(constraint) => refer(look, constraint),
            Element::Like(_) => {}
        }
    }
}

/// The table that a key refers to is locked against writes as well.
fn refer(look: &mut Look<'_>, constraint: &Constraint) {
    if let ConstraintKind::Foreign(reference) = &constraint.kind {
        let target = look.table(&reference.table);
        look.lock(&target, Level::Writes);
    }
}

/// A constraint is added, alone or with the column that it stands with.
fn add_constraint(
    look: &mut Look<'_>,
    table: &Table<'_>,
    constraint: &Constraint,
    column: Option<&str>,
) {
    let shown = &table.shown;
    let name = match (&constraint.name, column) {
        (Some(name), _) => name.clone(),
        (None, Some(column)) => column.to_owned(),
        (None, None) => String::new(),
    };
    let called = |what: &str| match (&constraint.name, column) {
        (Some(name), _) => format!("{what} {name} of {shown}"),
        (None, Some(column)) => format!("{what} of {shown}.{column}"),
        (None, None) => format!("{what} of {shown}"),
    };
    refer(look, constraint);
    if constraint.not_valid {
        look.seen.not_valid.push((shown.clone(), name));
        return;
    }
    match &constraint.kind {
        ConstraintKind::Foreign(reference) => {
            let target = look.table(&reference.table).shown;
            let what = format!("{name} {}", reference.columns.join(","));
            let headline = format!(
                "{} is checked while nobody can write to it or to {target}",
                called("the foreign key")
            );
            look.say("adding_foreign_key_constraint", shown, &what, headline);
        }
        ConstraintKind::Check(_) => {
            let headline = format!(
                "{} is checked for all rows while nobody can read or write them",
                called("the check")
            );
            look.say("constraint_missing_not_valid", shown, &name, headline);
        }
        ConstraintKind::Unique(keys) if keys.using_index.is_none() => {
            let what = format!("{name} {}", keys.columns.join(","));
            let headline = format!(
                "{} makes its index while nobody can read or write the table",
                called("the unique constraint")
            );
            look.say("disallowed_unique_constraint", shown, &what, headline);
        }
        ConstraintKind::Primary(keys) => match &keys.using_index {
            None => {
                let headline = format!(
                    "{} makes its index while nobody can read or write the table",
                    called("the primary key")
                );
                look.say("adding_serial_primary_key_field", shown, &name, headline);
            }
            Some(index) => primary_by(look, table, index),
        },
        ConstraintKind::Exclude(..) => {
            let headline = format!(
                "{} makes its index while nobody can read or write the table, and cannot do it otherwise",
                called("the exclusion constraint")
            );
            look.say("adding_exclusion_constraint", shown, &name, headline);
        }
        ConstraintKind::Unique(_) => {}
    }
}

/// The columns of a primary key become NOT NULL, whatever made its index.
fn primary_by(look: &mut Look<'_>, table: &Table<'_>, index: &str) {
    let Some(relation) = table.known() else {
        return;
    };
    let found = relation.indexes.iter().find(|other| other.name == index);
    for key in found.map(|index| index.keys.clone()).unwrap_or_default() {
        set_not_null(look, table, &key);
    }
}

fn validate(look: &mut Look<'_>, table: &Table<'_>, name: &str) {
    let shown = &table.shown;
    let made = (shown.clone(), name.to_owned());
    if look.safety.shares() && look.safety.open.not_valid.contains(&made) {
        let headline = format!(
            "the constraint {name} of {shown} is validated in the transaction that made it, under its lock"
        );
        look.say(
            "require_separate_constraint_validation",
            shown,
            name,
            headline,
        );
    } else {
        let _ = look.works(&format!("all of {shown} is looked through"));
    }
}

/// What is attached and detached.
fn partition(look: &mut Look<'_>, table: &Table<'_>, action: &Action) {
    match action {
        Action::Attach(child) => {
            let child = look.table(child);
            let proven = child.relation.is_some_and(|relation| {
                let kind = super::super::catalog::relation::ConKind::Check;
                let mut all = relation.constraints.iter();
                all.any(|con| con.kind == kind && !con.not_valid)
            });
            if !child.new && !proven {
                let shown = child.shown.clone();
                let headline = format!(
                    "{shown} is attached to {}: all of it is looked through while nobody can read or write it",
                    table.shown
                );
                look.say("attach_partition_without_check", &shown, "", headline);
            }
            look.lock(&child, Level::All);
        }
        Action::Detach(child, concurrently) => {
            let child = look.table(child);
            let shown = child.shown.clone();
            if *concurrently {
                look.alone(&shown, "DETACH PARTITION CONCURRENTLY");
            } else if !table.new && !child.new {
                let headline = format!(
                    "{shown} is detached while {} is locked against reads and writes",
                    table.shown
                );
                look.say("require_concurrent_partition_detach", &shown, "", headline);
            }
        }
        _ => {}
    }
}
