//! Owns how `FROM` is read: relations, functions, queries, joins.

use super::cursor::{Cursor, Read};
use super::expr::{Expr, From, Name};
use super::read_call;
use super::read_expr::expr;
use super::read_query;
use super::read_type::type_name;
use super::token::Kind;

/// Reads what stands in `FROM`.
pub fn from_list(c: &mut Cursor<'_>) -> Read<Vec<From>> {
    c.list(joined)
}

/// One item of a list in `FROM`, with what is joined to it.
pub fn joined(c: &mut Cursor<'_>) -> Read<From> {
    let mut left = item(c)?;
    loop {
        let mut outer = false;
        let natural = c.eat("natural");
        let cross = c.is("cross") && c.is_at(1, "join");
        if cross {
            c.bump();
        } else {
            outer = is_outer(c);
        }
        if !c.eat("join") {
            return if natural || cross {
                c.wrong("JOIN")
            } else {
                Ok(left)
            };
        }
        c.grow()?;
        let right = c.nest(item)?;
        let right = nested(c, right, natural || cross)?;
        let mut condition = None;
        let mut using = Vec::new();
        if !natural && !cross {
            if c.eat("on") {
                condition = Some(Box::new(expr(c)?));
            } else if c.eat("using") {
                using = c.columns()?;
                if c.eat("as") {
                    c.ident()?;
                }
            } else {
                return c.wrong("ON");
            }
        }
        left = From::Join(Box::new(left), Box::new(right), condition, using, outer);
    }
}

/// Takes the words in front of `JOIN`: does it keep rows without a partner?
fn is_outer(c: &mut Cursor<'_>) -> bool {
    match c.eat_any(&["inner", "left", "right", "full"]) {
        None | Some("inner") => false,
        Some(_) => {
            c.eat("outer");
            true
        }
    }
}

/// `a JOIN b JOIN c ON ... ON ...`: the inner join is read first.
fn nested(c: &mut Cursor<'_>, left: From, free: bool) -> Read<From> {
    let joins = c.is_any(&["join", "inner", "left", "right", "full"]);
    if free || !joins {
        return Ok(left);
    }
    c.nest(|c| {
        let outer = is_outer(c);
        c.expect("join")?;
        let right = item(c)?;
        let right = nested(c, right, false)?;
        c.expect("on")?;
        let condition = Some(Box::new(expr(c)?));
        Ok(From::Join(
            Box::new(left),
            Box::new(right),
            condition,
            Vec::new(),
            outer,
        ))
    })
}

fn item(c: &mut Cursor<'_>) -> Read<From> {
    c.eat("lateral");
    if c.at_sign("(") {
        return closed(c);
    }
    if c.eat_all(&["rows", "from"]) {
        let calls = c.closed_list(|c| {
            let call = expr(c)?;
            if c.eat("as") {
                c.expect_sign("(")?;
                c.skip_closed()?;
            }
            Ok(call)
        })?;
        return function(c, calls);
    }
    if c.is_any(&["xmltable", "json_table"]) && c.sign_at(1, "(") {
        let name = c.label()?;
        c.bump();
        c.skip_closed()?;
        return function(c, vec![read_call::grammar(&name, Vec::new())]);
    }
    if let Some(call) = read_call::special(c, &c.peek(0).to_ascii_lowercase())? {
        return function(c, vec![call]);
    }
    let name = if c.is("only") {
        relation(c)?
    } else {
        let mark = c.mark();
        let name = c.function_name()?;
        if c.at_sign("(") {
            let call = read_call::call(c, name)?;
            return function(c, vec![call]);
        }
        c.back(mark);
        relation(c)?
    };
    let (alias, columns) = alias(c)?;
    if c.eat("tablesample") {
        c.function_name()?;
        c.expect_sign("(")?;
        c.skip_closed()?;
        if c.eat("repeatable") {
            c.expect_sign("(")?;
            c.skip_closed()?;
        }
    }
    Ok(From::Relation(name, alias, columns))
}

/// A relation, with or without those that inherit from it.
pub fn relation(c: &mut Cursor<'_>) -> Read<Name> {
    if c.eat("only") {
        if c.sign("(") {
            let name = c.name()?;
            c.expect_sign(")")?;
            return Ok(name);
        }
        return c.name();
    }
    let name = c.name()?;
    c.sign("*");
    Ok(name)
}

fn function(c: &mut Cursor<'_>, calls: Vec<Expr>) -> Read<From> {
    c.eat_all(&["with", "ordinality"]);
    let (alias, columns) = alias(c)?;
    Ok(From::Function(calls, alias, columns))
}

/// A query or a join in parentheses.
fn closed(c: &mut Cursor<'_>) -> Read<From> {
    c.nest(|c| {
        c.expect_sign("(")?;
        if read_query::inside(c) {
            let query = read_query::query(c)?;
            c.expect_sign(")")?;
            let (alias, columns) = alias(c)?;
            return Ok(From::Query(Box::new(query), alias, columns));
        }
        let inner = joined(c)?;
        c.expect_sign(")")?;
        alias(c)?;
        Ok(inner)
    })
}

/// An alias, and the names of columns; their types are read over.
fn alias(c: &mut Cursor<'_>) -> Read<(Option<String>, Vec<String>)> {
    let written = c.eat("as");
    if written && c.at_sign("(") {
        return Ok((None, columns(c)?));
    }
    let there = written
        || c.is_ident()
            && !c.is_any(&["set", "returning", "loop"])
            && !(c.is("tablesample") && c.sign_at(2, "("));
    if !there {
        return Ok((None, Vec::new()));
    }
    let name = c.ident()?;
    let columns = if c.at_sign("(") {
        columns(c)?
    } else {
        Vec::new()
    };
    Ok((Some(name), columns))
}

fn columns(c: &mut Cursor<'_>) -> Read<Vec<String>> {
    c.closed_list(|c| {
        let name = c.label()?;
        if matches!(c.kind(0), Some(Kind::Word | Kind::Quoted)) {
            type_name(c)?;
            if c.eat("collate") {
                c.name()?;
            }
        }
        Ok(name)
    })
}
