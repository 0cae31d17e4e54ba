//! Owns the rules on rows that a migration changes, and on labels of enumerations.

use std::collections::BTreeSet;

use super::super::catalog::kinds::Kind;
use super::super::catalog::{Key, Oid};
use super::super::fold::scope;
use super::super::parse::expr::{Body, Change, Expr, From, Name, Query};
use super::super::parse::statement::{Object, Statement, TypeChange, TypeKind};
use super::super::parse::table::Action;
use super::locks::Level;
use super::look::{Look, Table};

/// Statements that are no `ALTER TABLE`, `CREATE INDEX` or `DROP`.
pub fn other(look: &mut Look<'_>, statement: &Statement) {
    match statement {
        Statement::Query(query) => self::query(look, query),
        Statement::CreateTableAs(_, _, _, _, Some(query)) => reads(look, query),
        Statement::CreateView(view) if view.object == Object::MaterializedView => {
            reads(look, &view.query);
        }
        Statement::Refresh(name, _) => {
            let table = look.table(name);
            if !table.new {
                let _ = look.works(&format!("{} is made anew", table.shown));
            }
        }
        Statement::Truncate(names, cascade) => truncate(look, names, *cascade),
        Statement::CreatePolicy(policy) => {
            let table = look.table(&policy.table);
            look.lock_for_policy(&table);
        }
        Statement::AlterPolicy(policy) => {
            let table = look.table(&policy.table);
            look.lock_for_policy(&table);
        }
        Statement::CreateTrigger(trigger) => {
            let table = look.table(&trigger.table);
            look.lock(&table, Level::Writes);
        }
        Statement::Set(setting, _) => {
            let on = setting.values.as_ref().is_some_and(|all| {
                let off = |value: &String| matches!(value.as_str(), "0" | "0s" | "0ms");
                !all.is_empty() && !all.iter().any(off)
            });
            look.seen.timeout = setting.name == "lock_timeout" && on;
        }
        Statement::CreateType(name, TypeKind::Enum(_)) => {
            look.seen.types.push(look.fold.qualified(name));
        }
        Statement::AlterType(name, TypeChange::AddValue(value, _)) => {
            let key = look.fold.made_type(name);
            let known = match look.fold.catalog.kinds.get(&key) {
                Some(Kind::Enum(labels)) => labels.contains(value),
                _ => false,
            };
            if !known && look.safety.shares() && !look.safety.open.types.contains(&key) {
                look.seen.values.push((key, value.clone()));
            }
        }
        _ => {}
    }
}

fn query(look: &mut Look<'_>, query: &Query) {
    match &query.body {
        Body::Change(change) => self::change(look, change),
        Body::Select(select) => {
            for (target, _) in &select.targets {
                if let Expr::Call(call) = target
                    && call.name.last().is_some_and(|name| name == "set_config")
                    && matches!(call.args.first(), Some(Expr::Text(name)) if name == "lock_timeout")
                {
                    look.seen.timeout = true;
                }
            }
            if select.into.is_some() {
                reads(look, query);
            }
        }
        _ => {}
    }
}

/// The rows of a query are read.
fn reads(look: &mut Look<'_>, query: &Query) {
    let mut tables = Vec::new();
    sources(query, &mut tables);
    for name in tables {
        let table = look.table(name);
        if table.relation.is_some() && !table.new {
            let _ = look.works(&format!("{} is read", table.shown));
            return;
        }
    }
}

fn sources<'a>(query: &'a Query, found: &mut Vec<&'a Name>) {
    match &query.body {
        Body::Select(select) => {
            let mut open: Vec<&From> = select.from.iter().collect();
            while let Some(from) = open.pop() {
                match from {
                    From::Relation(name, ..) => found.push(name),
                    From::Query(inner, ..) => sources(inner, found),
                    From::Join(left, right, ..) => open.extend([&**left, &**right]),
                    From::Function(..) => {}
                }
            }
        }
        Body::Set(all) => all.iter().for_each(|inner| sources(inner, found)),
        Body::Values(_) | Body::Change(_) => {}
    }
}

fn change(look: &mut Look<'_>, change: &Change) {
    let table = look.table(&change.table);
    if change.verb == "insert" {
        if let Some(source) = &change.source {
            reads(look, source);
        }
        return;
    }
    if table.new || !table.has_rows() {
        return;
    }
    let shown = table.shown.clone();
    let told = !is_of_one_row(&table, change.condition.as_ref())
        && look.works(&format!("rows of {shown} are changed"));
    if change.condition.is_some() || !change.from.is_empty() {
        return;
    }
    match change.verb.as_str() {
        "delete" => {
            look.seen.emptied.push(shown.clone());
            let headline = format!("every row of {shown} is deleted");
            look.say("delete_without_where", &shown, "", headline);
        }
        // That it is done under a lock is the worse part.
        "update" if !told => {
            let columns: Vec<&str> = change.sets.iter().map(|(name, _)| name.as_str()).collect();
            let columns = columns.join(", ");
            let headline = format!("every row of {shown} is changed in one statement ({columns})");
            look.say("update_without_where", &shown, &columns, headline);
        }
        _ => {}
    }
}

/// Does the condition name one row, by a key?
fn is_of_one_row(table: &Table<'_>, condition: Option<&Expr>) -> bool {
    let Some(relation) = table.relation else {
        return false;
    };
    let is_key = |column: &String| {
        let mut indexes = relation.indexes.iter();
        indexes.any(|index| index.unique && index.keys.len() == 1 && index.keys[0] == *column)
    };
    let mut open: Vec<&Expr> = condition.into_iter().collect();
    while let Some(expr) = open.pop() {
        match expr {
            Expr::And(all) => open.extend(all),
            Expr::Binary(op, left, right) if op == "=" => {
                let value = matches!(
                    **right,
                    Expr::Text(_) | Expr::Number(_) | Expr::Cast(..) | Expr::Param(_)
                );
                if let Expr::Column(name) = &**left
                    && value
                    && name.last().is_some_and(is_key)
                {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

fn truncate(look: &mut Look<'_>, names: &[Name], cascade: bool) {
    for name in names {
        let table = look.table(name);
        if table.new || !table.has_rows() {
            continue;
        }
        let shown = table.shown.clone();
        look.lock(&table, Level::All);
        let others = match table.relation {
            Some(relation) if cascade => referring(look, relation.oid),
            _ => BTreeSet::new(),
        };
        look.seen.emptied.push(shown.clone());
        let lint = "ban_truncate_cascade";
        let known = table.known().is_some();
        if cascade && !others.is_empty() {
            let also = others.into_iter().collect::<Vec<_>>().join(", ");
            let headline = format!("{shown} is emptied, and with it {also}");
            look.say(lint, &shown, "", headline);
        } else if cascade && !known {
            let headline = format!("{shown} is emptied, and with it all tables that refer to it");
            look.doubt(lint, &shown, "", headline);
        } else {
            let headline = format!("{shown} is emptied");
            look.say("delete_without_where", &shown, "truncate", headline);
        }
    }
}

/// Tables in use that refer to a table, through any number of others.
fn referring(look: &Look<'_>, oid: Oid) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let mut seen = BTreeSet::from([oid]);
    let mut open = vec![oid];
    while let Some(oid) = open.pop() {
        for relation in look.fold.catalog.relations.values() {
            let refers = relation.constraints.iter().any(|con| {
                let target = con.target.as_ref();
                target.is_some_and(|(target, ..)| *target == oid)
            });
            if refers && seen.insert(relation.oid) {
                all.insert(relation.shown());
                open.push(relation.oid);
            }
        }
    }
    all
}

/// A label that the transaction made cannot be used in it.
pub fn values(look: &mut Look<'_>, statement: &Statement) {
    if look.safety.open.values.is_empty() {
        return;
    }
    let (mut used, mut own) = (Vec::new(), Vec::new());
    let open = &look.safety.open.values;
    let mut see = |table: Option<&Table<'_>>, column: Option<&str>, expr: &Expr| {
        labels(look, table, column, expr, &mut used);
    };
    match statement {
        Statement::AlterTable(alter) => {
            let table = look.table(&alter.name);
            for action in &alter.actions {
                match action {
                    Action::ColumnDefault(name, Some(value)) => {
                        see(Some(&table), Some(name), value);
                    }
                    Action::AddColumn(column, _) => {
                        if let (Some(kind), Some(value)) = (&column.kind, &column.default) {
                            let key = look.fold.made_type(&kind.name);
                            if let Expr::Text(text) = value {
                                own.push((key, text.clone()));
                            } else {
                                see(None, None, value);
                            }
                        }
                    }
                    _ => {}
                }
            }
        }
        Statement::Query(query) => {
            if let Body::Change(change) = &query.body {
                let table = look.table(&change.table);
                for (column, value) in &change.sets {
                    see(Some(&table), Some(column), value);
                }
                if let Some(condition) = &change.condition {
                    see(Some(&table), None, condition);
                }
            }
        }
        Statement::CreateIndex(index) => {
            let table = look.table(&index.table);
            if let Some(condition) = &index.condition {
                see(Some(&table), None, condition);
            }
        }
        _ => {}
    }
    let found = used.into_iter().chain(own).find(|one| open.contains(one));
    if let Some(((schema, name), value)) = found {
        let shown = format!("{schema}.{name}");
        let headline = format!(
            "the label '{value}' of {shown} is used in the transaction that adds it: the server refuses"
        );
        look.fails("enum_value_in_same_transaction", &shown, &value, headline);
    }
}

/// Labels in an expression, each with its type where that is plain.
fn labels(
    look: &Look<'_>,
    table: Option<&Table<'_>>,
    column: Option<&str>,
    expr: &Expr,
    used: &mut Vec<(Key, String)>,
) {
    let of = |column: &str| {
        let relation = table?.relation?;
        let ty = &relation.column(column)?.ty;
        Some((ty.schema.clone(), ty.name.clone()))
    };
    let mut texts = |column: &str, all: &[&Expr]| {
        let Some(key) = of(column) else { return };
        for one in all {
            if let Expr::Text(text) = one {
                used.push((key.clone(), text.clone()));
            }
        }
    };
    match expr {
        Expr::Text(_) => {
            if let Some(column) = column {
                texts(column, &[expr]);
            }
        }
        Expr::Cast(inner, kind) => {
            if let Expr::Text(text) = &**inner {
                used.push((look.fold.made_type(&kind.name), text.clone()));
            }
        }
        Expr::Binary(_, left, right) => {
            if let (Expr::Column(name), right) = (&**left, &**right) {
                texts(name.last().map_or("", String::as_str), &[right]);
            }
        }
        Expr::InList(left, all, _) => {
            if let Expr::Column(name) = &**left {
                let all: Vec<&Expr> = all.iter().collect();
                texts(name.last().map_or("", String::as_str), &all);
            }
        }
        Expr::Case(_, arms, other) => {
            if let Some(column) = column {
                let results = arms.iter().map(|(_, result)| result);
                let all: Vec<&Expr> = results.chain(other.as_deref()).collect();
                texts(column, &all);
            }
        }
        _ => {}
    }
    scope::children(
        expr,
        &mut |child| labels(look, table, None, child, used),
        &mut |_| {},
    );
}
