//! Owns the choice of the reader by a statement's first words.

use super::cursor::{Cursor, Read};
use super::expr::{Body, Change};
use super::plpgsql;
use super::read_alter::alter_table;
use super::read_create;
use super::read_drop;
use super::read_expr::expr;
use super::read_function::{self, setting};
use super::read_other;
use super::read_query;
use super::read_rights;
use super::statement::{Change1, Object, Setting, Statement, Target};

/// Reads a statement.
pub fn statement(c: &mut Cursor<'_>) -> Read<Statement> {
    let first = c.peek(0).to_ascii_lowercase();
    match first.as_str() {
        "create" => read_create::create(c),
        "alter" => alter(c),
        "drop" => read_drop::drop(c),
        "grant" | "revoke" => {
            c.bump();
            read_rights::grant(c, first == "revoke")
        }
        "comment" => read_drop::comment(c),
        "set" => set(c),
        "reset" => {
            c.bump();
            reset(c)
        }
        "do" => block(c),
        "insert" | "update" | "delete" => change(c),
        "select" | "with" | "values" | "table" | "(" => query(c),
        "call" => {
            c.bump();
            Ok(Statement::Call(expr(c)?))
        }
        "truncate" => {
            c.bump();
            c.eat("table");
            let names = c.list(|c| {
                c.eat("only");
                let name = c.name()?;
                c.sign("*");
                Ok(name)
            })?;
            let _ = c.eat_any(&["restart", "continue"]).is_some() && c.eat("identity");
            Ok(Statement::Truncate(names, c.cascade()))
        }
        "refresh" => {
            c.bump();
            c.expect("materialized")?;
            c.expect("view")?;
            let concurrently = c.eat("concurrently");
            let name = c.name()?;
            if c.eat("with") {
                c.eat("no");
                c.expect("data")?;
            }
            Ok(Statement::Refresh(name, concurrently))
        }
        "begin" | "start" | "commit" | "end" | "rollback" | "abort" | "savepoint" | "release"
        | "prepare" => read_other::transaction(c, &first),
        "reassign" | "import" => Ok(opaque(c)),
        _ => read_other::other(c),
    }
}

/// A statement that is not followed, and one that changes nothing of which a rule speaks.
fn opaque(c: &mut Cursor<'_>) -> Statement {
    let words = words(c);
    c.skip_rest();
    Statement::Opaque(words)
}

/// The first two words of the statement.
pub fn words(c: &Cursor<'_>) -> String {
    let mut words = c.peek(0).to_ascii_lowercase();
    if c.kind(1) == Some(super::token::Kind::Word) {
        words = format!("{words} {}", c.peek(1).to_ascii_lowercase());
    }
    words
}

fn query(c: &mut Cursor<'_>) -> Read<Statement> {
    Ok(Statement::Query(Box::new(read_query::query(c)?)))
}

/// Rows of data are read, but kept only where a rule asks for them.
fn change(c: &mut Cursor<'_>) -> Read<Statement> {
    let change = read_query::change(c)?;
    let kept = matches!(
        change.table.last().map(String::as_str),
        Some("buckets" | "queues")
    ) || !matches!(&change.source, Some(source) if matches!(source.body, Body::Values(_)));
    if kept {
        return Ok(Statement::Query(Box::new(read_query::plain_query(
            Body::Change(Box::new(change)),
        ))));
    }
    Ok(Statement::Bulk(Change {
        verb: change.verb,
        table: change.table,
        columns: change.columns,
        ..Change::default()
    }))
}

fn block(c: &mut Cursor<'_>) -> Read<Statement> {
    c.bump();
    let mut language = "plpgsql".to_owned();
    let mut text = None;
    while !c.is_done() {
        if c.eat("language") {
            language = if c.is_string() {
                c.string()?.to_ascii_lowercase()
            } else {
                c.label()?
            };
        } else {
            text = Some(c.string()?);
        }
    }
    let Some(text) = text else {
        return c.wrong("a body");
    };
    let mut block = plpgsql::block(&text, c.depth());
    if language != "plpgsql" {
        block = super::body::Block {
            unread: true,
            ..super::body::Block::default()
        };
    }
    Ok(Statement::Do(Box::new(block)))
}

fn set(c: &mut Cursor<'_>) -> Read<Statement> {
    c.bump();
    let quiet = || Ok(Statement::Other("set".to_owned()));
    if c.eat("constraints") {
        if !c.eat("all") {
            c.list(Cursor::name)?;
        }
        if c.eat_any(&["deferred", "immediate"]).is_none() {
            return c.wrong("DEFERRED or IMMEDIATE");
        }
        return quiet();
    }
    if c.eat_all(&["session", "characteristics", "as", "transaction"]) {
        read_other::modes(c)?;
        return quiet();
    }
    let local = c.eat("local");
    if !local && c.is("session") && !c.is_at(1, "=") && !c.is_at(1, "to") {
        c.bump();
    }
    if c.eat("transaction") {
        if c.eat("snapshot") {
            c.string()?;
        } else {
            read_other::modes(c)?;
        }
        return quiet();
    }
    if c.eat_all(&["xml", "option"]) {
        c.bump();
        return quiet();
    }
    if c.is("role") || c.is("authorization") || c.eat("session") {
        c.bump();
        if !c.sign("=") && c.is("to") {
            c.bump();
        }
        if c.eat("none") || c.eat("default") {
            return Ok(Statement::SetRole(None));
        }
        let role = if c.is_string() {
            c.string()?
        } else {
            c.role()?
        };
        return Ok(Statement::SetRole(Some(role)));
    }
    Ok(Statement::Set(setting(c)?, local))
}

fn reset(c: &mut Cursor<'_>) -> Read<Statement> {
    if c.eat("role") || c.eat_all(&["session", "authorization"]) {
        return Ok(Statement::SetRole(None));
    }
    let mut name = c.label()?;
    while c.sign(".") {
        name = format!("{name}.{}", c.label()?);
    }
    c.skip_rest();
    Ok(Statement::Set(
        Setting {
            name,
            values: Some(Vec::new()),
        },
        false,
    ))
}

/// Reads what follows `ALTER`.
fn alter(c: &mut Cursor<'_>) -> Read<Statement> {
    c.bump();
    if c.eat_all(&["default", "privileges"]) {
        return read_rights::default_rights(c);
    }
    if c.eat("policy") {
        return read_rights::alter_policy(c);
    }
    if c.eat_any(&["role", "user", "group"]).is_some() {
        if c.is("mapping") {
            c.skip_rest();
            return Ok(Statement::Other("alter user mapping".to_owned()));
        }
        return read_rights::role(c, false);
    }
    if c.eat("publication") {
        return read_create::alter_publication(c);
    }
    if c.is_any(&["function", "procedure", "routine", "aggregate"]) {
        let object = routine(c);
        c.bump();
        let target = read_function::target(c)?;
        return match rename_and_so_on(c)? {
            Some(change) => Ok(Statement::Alter(object, target, false, change)),
            None => read_function::alter_function(c, object, target),
        };
    }
    if c.is("type") {
        c.bump();
        return read_create::alter_type(c);
    }
    for (words, object) in [
        (&["table"][..], Object::Table),
        (&["foreign", "table"], Object::ForeignTable),
        (&["materialized", "view"], Object::MaterializedView),
        (&["view"], Object::View),
        (&["index"], Object::Index),
        (&["sequence"], Object::Sequence),
    ] {
        if c.eat_all(words) {
            return alter_table(c, object);
        }
    }
    for (word, object) in [
        ("schema", Object::Schema),
        ("domain", Object::Domain),
        ("extension", Object::Extension),
        ("database", Object::Database),
    ] {
        if c.eat(word) {
            let target = Target {
                name: c.name()?,
                ..Target::default()
            };
            let change = rename_and_so_on(c)?;
            c.skip_rest();
            let change = change.unwrap_or(Change1::Other);
            return Ok(Statement::Alter(object, target, false, change));
        }
    }
    if c.eat("trigger") {
        let name = c.ident()?;
        c.expect("on")?;
        let target = Target {
            name: vec![name],
            args: None,
            on: Some(c.name()?),
        };
        let change = rename_and_so_on(c)?.unwrap_or(Change1::Other);
        c.skip_rest();
        return Ok(Statement::Alter(Object::Trigger, target, false, change));
    }
    if c.eat_all(&["event", "trigger"]) {
        let target = Target {
            name: c.name()?,
            ..Target::default()
        };
        let change = rename_and_so_on(c)?.unwrap_or(Change1::Other);
        c.skip_rest();
        return Ok(Statement::Alter(
            Object::EventTrigger,
            target,
            false,
            change,
        ));
    }
    let words = format!("alter {}", c.peek(0).to_ascii_lowercase());
    if c.is_done() {
        return c.wrong("what to alter");
    }
    c.skip_rest();
    Ok(Statement::Other(words))
}

/// Function, procedure, aggregate or any of them.
pub fn routine(c: &Cursor<'_>) -> Object {
    if c.is("procedure") {
        Object::Procedure
    } else if c.is("aggregate") {
        Object::Aggregate
    } else if c.is("routine") {
        Object::Routine
    } else {
        Object::Function
    }
}

/// `RENAME TO`, `OWNER TO`, `SET SCHEMA`.
pub fn rename_and_so_on(c: &mut Cursor<'_>) -> Read<Option<Change1>> {
    Ok(Some(if c.eat_all(&["rename", "to"]) {
        Change1::Rename(c.ident()?)
    } else if c.eat_all(&["owner", "to"]) {
        Change1::Owner(c.role()?)
    } else if c.eat_all(&["set", "schema"]) {
        Change1::Schema(c.ident()?)
    } else if c.eat_all(&["depends", "on", "extension"])
        || c.eat_all(&["no", "depends", "on", "extension"])
    {
        c.ident()?;
        Change1::Other
    } else {
        return Ok(None);
    }))
}
