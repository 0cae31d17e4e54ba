//! Owns how `ALTER TABLE` and its kin are read.

use super::cursor::{Cursor, Read};
use super::read_expr::expr;
use super::read_other;
use super::read_table::{column, options, table_constraint};
use super::read_type::type_name;
use super::statement::{Object, Statement};
use super::table::{Action, AlterTable};

/// Reads what follows `ALTER TABLE`, `ALTER VIEW` and so on.
pub fn alter_table(c: &mut Cursor<'_>, object: Object) -> Read<Statement> {
    if c.eat("all") {
        c.skip_rest();
        return Ok(Statement::Other("alter all".to_owned()));
    }
    let if_exists = c.if_exists();
    let name = super::read_from::relation(c)?;
    if object == Object::Sequence && !c.is_any(&["owner", "rename", "set", "alter"]) {
        let first = c.peek(0).to_ascii_lowercase();
        read_other::sequence(c)?;
        let actions = vec![Action::Other(first)];
        return Ok(Statement::AlterTable(Box::new(AlterTable {
            object,
            if_exists,
            name,
            actions,
        })));
    }
    let actions = c.list(action)?;
    let alone = |action: &Action| {
        matches!(
            action,
            Action::Rename(_)
                | Action::RenameColumn(..)
                | Action::RenameConstraint(..)
                | Action::Schema(_)
                | Action::Attach(_)
                | Action::Detach(..)
        )
    };
    if actions.len() > 1 && actions.iter().any(alone) {
        return c.wrong("nothing beside it");
    }
    Ok(Statement::AlterTable(Box::new(AlterTable {
        object,
        if_exists,
        name,
        actions,
    })))
}

fn action(c: &mut Cursor<'_>) -> Read<Action> {
    let first = c.peek(0).to_ascii_lowercase();
    match first.as_str() {
        "add" => add(c),
        "drop" => drop(c),
        "alter" => alter_column(c),
        "rename" => rename(c),
        "validate" => {
            c.bump();
            c.expect("constraint")?;
            Ok(Action::Validate(c.ident()?))
        }
        "enable" | "disable" => toggle(c),
        "force" => {
            c.bump();
            row_security(c)?;
            Ok(Action::ForceRowSecurity(true))
        }
        "no" if c.is_at(1, "force") => {
            c.bump();
            c.bump();
            row_security(c)?;
            Ok(Action::ForceRowSecurity(false))
        }
        "no" if c.is_at(1, "depends") => {
            skip_action(c);
            Ok(Action::Other(first))
        }
        "no" | "inherit" => {
            let yes = !c.eat("no");
            c.expect("inherit")?;
            Ok(Action::Inherit(c.name()?, yes))
        }
        "owner" => {
            c.bump();
            c.expect("to")?;
            Ok(Action::Owner(c.role()?))
        }
        "set" => set(c),
        "reset" => {
            c.bump();
            let names = c.closed_list(|c| {
                let name = c.label()?;
                while c.sign(".") {
                    c.label()?;
                }
                Ok(name)
            })?;
            Ok(Action::ResetOptions(names))
        }
        "attach" => {
            c.bump();
            c.expect("partition")?;
            let name = c.name()?;
            skip_action(c);
            Ok(Action::Attach(name))
        }
        "detach" => {
            c.bump();
            c.expect("partition")?;
            let name = c.name()?;
            let concurrently = c.eat("concurrently");
            c.eat("finalize");
            Ok(Action::Detach(name, concurrently))
        }
        "cluster" | "of" | "not" | "replica" | "options" | "depends" | "merge" | "split" => {
            skip_action(c);
            Ok(Action::Other(first))
        }
        _ => c.wrong("an action"),
    }
}

/// Skips to the comma that parts actions.
fn skip_action(c: &mut Cursor<'_>) {
    while !c.is_done() && !c.at_sign(",") {
        let open = c.at_sign("(");
        c.bump();
        if open && c.skip_closed().is_err() {
            return;
        }
    }
}

fn row_security(c: &mut Cursor<'_>) -> Read<()> {
    c.expect("row")?;
    c.expect("level")?;
    c.expect("security")
}

fn add(c: &mut Cursor<'_>) -> Read<Action> {
    c.bump();
    let column_word = c.eat("column");
    let constraint = c.is("constraint")
        || c.is_any(&["primary", "foreign"]) && c.is_at(1, "key")
        || c.is("unique") && (c.sign_at(1, "(") || c.is_at(1, "using") || c.is_at(1, "nulls"))
        || c.is("check") && c.sign_at(1, "(")
        || c.is("exclude") && (c.sign_at(1, "(") || c.is_at(1, "using"));
    if constraint && !column_word {
        return Ok(Action::AddConstraint(table_constraint(c)?));
    }
    // Types and publications have actions of this name as well; they are not read here.
    let if_not_exists = c.if_not_exists();
    Ok(Action::AddColumn(column(c, false)?, if_not_exists))
}

fn drop(c: &mut Cursor<'_>) -> Read<Action> {
    c.bump();
    if c.eat("constraint") {
        let if_exists = c.if_exists();
        let name = c.ident()?;
        return Ok(Action::DropConstraint(name, if_exists, c.cascade()));
    }
    c.eat("column");
    let if_exists = c.if_exists();
    let name = c.ident()?;
    Ok(Action::DropColumn(name, if_exists, c.cascade()))
}

fn alter_column(c: &mut Cursor<'_>) -> Read<Action> {
    c.bump();
    if c.eat("constraint") {
        skip_action(c);
        return Ok(Action::Other("alter constraint".to_owned()));
    }
    c.eat("column");
    if c.kind(0) == Some(super::token::Kind::Number) {
        skip_action(c);
        return Ok(Action::Other("alter column".to_owned()));
    }
    let name = c.ident()?;
    if c.eat("type") || c.eat_all(&["set", "data", "type"]) {
        let kind = type_name(c)?;
        if c.eat("collate") {
            c.name()?;
        }
        let using = if c.eat("using") { Some(expr(c)?) } else { None };
        return Ok(Action::ColumnType(name, kind, using));
    }
    if c.eat_all(&["set", "default"]) {
        return Ok(Action::ColumnDefault(name, Some(expr(c)?)));
    }
    if c.eat_all(&["drop", "default"]) {
        return Ok(Action::ColumnDefault(name, None));
    }
    if c.eat_all(&["set", "not", "null"]) {
        return Ok(Action::NotNull(name, true));
    }
    if c.eat_all(&["drop", "not", "null"]) {
        return Ok(Action::NotNull(name, false));
    }
    if c.is("add") && c.is_at(1, "generated") {
        skip_action(c);
        return Ok(Action::Identity(name, true));
    }
    if c.eat_all(&["drop", "identity"]) {
        c.if_exists();
        return Ok(Action::Identity(name, false));
    }
    if c.eat_all(&["drop", "expression"]) {
        c.if_exists();
        return Ok(Action::DropExpression(name));
    }
    if !c.is_any(&["set", "reset", "restart", "options"]) {
        return c.wrong("what to do with the column");
    }
    skip_action(c);
    Ok(Action::ColumnOther(name))
}

fn rename(c: &mut Cursor<'_>) -> Read<Action> {
    c.bump();
    if c.eat("to") {
        return Ok(Action::Rename(c.ident()?));
    }
    if c.eat("constraint") {
        let from = c.ident()?;
        c.expect("to")?;
        return Ok(Action::RenameConstraint(from, c.ident()?));
    }
    c.eat("column");
    let from = c.ident()?;
    c.expect("to")?;
    Ok(Action::RenameColumn(from, c.ident()?))
}

fn toggle(c: &mut Cursor<'_>) -> Read<Action> {
    let enable = c.is("enable");
    c.bump();
    if c.is("row") {
        row_security(c)?;
        return Ok(Action::RowSecurity(enable));
    }
    let _ = c.eat_any(&["always", "replica"]);
    if c.eat("trigger") {
        return Ok(Action::Trigger(c.label()?, enable));
    }
    c.expect("rule")?;
    c.ident()?;
    Ok(Action::Other("rule".to_owned()))
}

fn set(c: &mut Cursor<'_>) -> Read<Action> {
    c.bump();
    if c.eat("schema") {
        return Ok(Action::Schema(c.ident()?));
    }
    if c.at_sign("(") {
        return Ok(Action::SetOptions(options(c)?));
    }
    let word = c.peek(0).to_ascii_lowercase();
    skip_action(c);
    Ok(match word.as_str() {
        "logged" | "unlogged" | "access" | "tablespace" => Action::Rewrite(word),
        _ => Action::Other(format!("set {word}")),
    })
}
