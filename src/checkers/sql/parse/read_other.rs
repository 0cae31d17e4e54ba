//! Owns how statements are read that change no catalog: transactions, cursors, prepared statements, locks, maintenance.

use super::cursor::{Cursor, Read};
use super::read::statement;
use super::read_expr::{expr, exprs};
use super::read_query::{self, query};
use super::read_table::options;
use super::read_type::type_name;
use super::statement::{Statement, Transaction};
use super::token::Kind;

/// Reads what begins, ends or parts a transaction.
pub fn transaction(c: &mut Cursor<'_>, first: &str) -> Read<Statement> {
    if first == "prepare" && !c.is_at(1, "transaction") {
        return prepare(c);
    }
    c.bump();
    let found = match first {
        "savepoint" => Transaction::Savepoint(c.ident()?),
        "release" => {
            c.eat("savepoint");
            Transaction::Release(c.ident()?)
        }
        "begin" => {
            let _ = c.eat_any(&["work", "transaction"]);
            modes(c)?;
            Transaction::Begin
        }
        "start" => {
            c.expect("transaction")?;
            modes(c)?;
            Transaction::Begin
        }
        "prepare" => {
            c.bump();
            c.string()?;
            Transaction::Other
        }
        _ if c.eat("prepared") => {
            c.string()?;
            Transaction::Other
        }
        _ => {
            let _ = c.eat_any(&["work", "transaction"]);
            let back = matches!(first, "rollback" | "abort");
            if first == "rollback" && c.eat("to") {
                c.eat("savepoint");
                Transaction::RollbackTo(c.ident()?)
            } else {
                if c.eat("and") {
                    c.eat("no");
                    c.expect("chain")?;
                }
                if back {
                    Transaction::Rollback
                } else {
                    Transaction::Commit
                }
            }
        }
    };
    Ok(Statement::Transaction(found))
}

/// `ISOLATION LEVEL ...`, `READ ONLY` and the like; commas between them may be left out.
pub fn modes(c: &mut Cursor<'_>) -> Read<()> {
    while !c.is_done() {
        if c.eat_all(&["isolation", "level"]) {
            let known = c.eat("serializable")
                || c.eat_all(&["repeatable", "read"])
                || c.eat_all(&["read", "committed"])
                || c.eat_all(&["read", "uncommitted"]);
            if !known {
                return c.wrong("a level of isolation");
            }
        } else if c.eat("read") {
            if c.eat_any(&["only", "write"]).is_none() {
                return c.wrong("ONLY or WRITE");
            }
        } else {
            c.eat("not");
            c.expect("deferrable")?;
        }
        if c.sign(",") && c.is_done() {
            return c.wrong("a mode");
        }
    }
    Ok(())
}

fn prepare(c: &mut Cursor<'_>) -> Read<Statement> {
    c.bump();
    c.ident()?;
    if c.at_sign("(") {
        c.closed_list(type_name)?;
    }
    c.expect("as")?;
    c.nest(statement)?;
    Ok(Statement::Other("prepare".to_owned()))
}

/// Takes a statement of no interest, whose syntax is looked at all the same: where the server refuses it, a transaction fails.
pub fn other(c: &mut Cursor<'_>) -> Read<Statement> {
    let first = c.peek(0).to_ascii_lowercase();
    let words = super::read::words(c);
    c.bump();
    match first.as_str() {
        "execute" => {
            c.ident()?;
            if c.sign("(") {
                exprs(c)?;
                c.expect_sign(")")?;
            }
        }
        "deallocate" => {
            c.eat("prepare");
            if !c.eat("all") {
                c.ident()?;
            }
        }
        "listen" => {
            c.ident()?;
        }
        "close" => {
            if !c.eat("all") {
                c.ident()?;
            }
        }
        "unlisten" => {
            if !c.sign("*") {
                c.ident()?;
            }
        }
        "notify" => {
            c.ident()?;
            if c.sign(",") {
                c.string()?;
            }
        }
        "load" => {
            c.string()?;
        }
        "discard" => {
            if c.eat_any(&["all", "plans", "sequences", "temp", "temporary"])
                .is_none()
            {
                return c.wrong("what to discard");
            }
        }
        "checkpoint" => {
            if c.at_sign("(") {
                options(c)?;
            }
        }
        "lock" => lock(c)?,
        "explain" => explain(c)?,
        "declare" => {
            c.ident()?;
            while c
                .eat_any(&["binary", "insensitive", "asensitive", "scroll", "no"])
                .is_some()
            {}
            c.expect("cursor")?;
            if c.eat_any(&["with", "without"]).is_some() {
                c.expect("hold")?;
            }
            c.expect("for")?;
            query(c)?;
        }
        "copy" => copy(c)?,
        "merge" => {
            c.back(c.mark() - 1);
            read_query::change(c)?;
        }
        "show" => {
            if c.is_done() {
                return c.wrong("what to show");
            }
            c.skip_rest();
        }
        "analyse" | "analyze" | "cluster" | "fetch" | "move" | "reindex" | "repack"
        | "security" | "vacuum" | "wait" => {
            c.skip_rest();
        }
        _ => {
            c.back(c.mark() - 1);
            return c.wrong("a statement");
        }
    }
    Ok(Statement::Other(words))
}

fn lock(c: &mut Cursor<'_>) -> Read<()> {
    c.eat("table");
    c.list(super::read_from::relation)?;
    if c.eat("in") {
        while c
            .eat_any(&["access", "row", "share", "update", "exclusive"])
            .is_some()
        {}
        c.expect("mode")?;
    }
    c.eat("nowait");
    Ok(())
}

fn explain(c: &mut Cursor<'_>) -> Read<()> {
    if c.at_sign("(") && !read_query::encloses(c) {
        c.bump();
        c.skip_closed()?;
    } else {
        let _ = c.eat_any(&["analyze", "analyse"]);
        c.eat("verbose");
    }
    c.nest(statement).map(|_| ())
}

/// `COPY table FROM ...`, `COPY (query) TO ...`.
fn copy(c: &mut Cursor<'_>) -> Read<()> {
    c.eat("binary");
    if c.sign("(") {
        query(c)?;
        c.expect_sign(")")?;
    } else {
        c.name()?;
        c.columns()?;
    }
    if c.eat_any(&["from", "to"]).is_none() {
        return c.wrong("FROM or TO");
    }
    let program = c.eat("program");
    if program || c.eat_any(&["stdin", "stdout"]).is_none() {
        c.string()?;
    }
    c.eat("with");
    if c.at_sign("(") {
        c.bump();
        c.skip_closed()?;
    } else {
        while !c.is_done() && !c.is("where") {
            if !matches!(c.kind(0), Some(Kind::Word | Kind::Text | Kind::Quoted))
                && !c.at_sign(",")
                && !c.at_sign("*")
            {
                return c.wrong("an option of COPY");
            }
            c.bump();
        }
    }
    if c.eat("where") {
        expr(c)?;
    }
    Ok(())
}

/// `[WITH] option [=] value ...` of a database.
pub fn database(c: &mut Cursor<'_>) -> Read<Statement> {
    c.bump();
    c.ident()?;
    c.eat("with");
    while !c.is_done() {
        c.label()?;
        if c.is("limit") {
            c.bump();
        }
        c.sign("=");
        c.sign("-");
        if c.is_string() {
            c.string()?;
        } else if c.kind(0) == Some(Kind::Number) || c.is("default") {
            c.bump();
        } else {
            c.label()?;
        }
    }
    Ok(Statement::Other("create database".to_owned()))
}

/// Options of a sequence.
pub fn sequence(c: &mut Cursor<'_>) -> Read<()> {
    while !c.is_done() && !c.at_sign(")") {
        if c.eat("as") {
            type_name(c)?;
        } else if c.eat("no") {
            if c.eat_any(&["minvalue", "maxvalue", "cycle"]).is_none() {
                return c.wrong("MINVALUE, MAXVALUE or CYCLE");
            }
        } else if c.eat_any(&["cycle", "logged", "unlogged"]).is_some() {
        } else if c.eat("owned") {
            c.expect("by")?;
            if !c.eat("none") {
                c.name()?;
            }
        } else if c.eat_all(&["sequence", "name"]) {
            c.name()?;
        } else if c.eat("restart") {
            if c.eat("with") || c.kind(0) == Some(Kind::Number) || c.at_sign("-") || c.at_sign("+")
            {
                number(c)?;
            }
        } else if let Some(word) =
            c.eat_any(&["increment", "start", "minvalue", "maxvalue", "cache"])
        {
            if word == "increment" {
                c.eat("by");
            }
            if word == "start" {
                c.eat("with");
            }
            number(c)?;
        } else {
            return c.wrong("an option of the sequence");
        }
    }
    Ok(())
}

fn number(c: &mut Cursor<'_>) -> Read<()> {
    let _ = c.sign("-") || c.sign("+");
    if c.kind(0) != Some(Kind::Number) {
        return c.wrong("a number");
    }
    c.bump();
    Ok(())
}
