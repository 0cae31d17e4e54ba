//! Owns how calls of functions are read, those with a grammar of their own too.

use super::cursor::{Cursor, Read};
use super::expr::{Call, Expr, Name};
use super::read_expr::{expr, exprs};
use super::token::Kind;

/// A call that the grammar makes.
pub fn grammar(name: &str, args: Vec<Expr>) -> Expr {
    Expr::Call(Box::new(Call {
        name: vec![name.to_owned()],
        grammar: true,
        args,
        ..Call::default()
    }))
}

/// Reads a call whose name was read.
pub fn call(c: &mut Cursor<'_>, name: Name) -> Read<Expr> {
    c.expect_sign("(")?;
    let mut call = Call {
        name,
        ..Call::default()
    };
    if c.sign("*") {
        call.star = true;
    } else if !c.at_sign(")") {
        let _ = c.eat_any(&["all", "distinct"]);
        call.args = c.list(argument)?;
        if c.eat_all(&["order", "by"]) {
            call.extra.extend(order(c)?);
        }
    }
    c.expect_sign(")")?;
    suffix(c, &mut call)?;
    Ok(Expr::Call(Box::new(call)))
}

/// An argument, maybe by name.
fn argument(c: &mut Cursor<'_>) -> Read<Expr> {
    c.eat("variadic");
    if matches!(c.kind(0), Some(Kind::Word | Kind::Quoted))
        && (c.sign_at(1, "=>") || c.sign_at(1, ":="))
    {
        c.bump();
        c.bump();
    }
    expr(c)
}

/// What is behind `ORDER BY`.
pub fn order(c: &mut Cursor<'_>) -> Read<Vec<Expr>> {
    c.list(|c| {
        let key = expr(c)?;
        if c.eat("using") {
            c.bump();
        }
        let _ = c.eat_any(&["asc", "desc"]);
        if c.eat("nulls") && c.eat_any(&["first", "last"]).is_none() {
            return c.wrong("FIRST or LAST");
        }
        Ok(key)
    })
}

fn suffix(c: &mut Cursor<'_>, call: &mut Call) -> Read<()> {
    if c.eat_all(&["within", "group"]) {
        c.expect_sign("(")?;
        c.expect("order")?;
        c.expect("by")?;
        call.extra.extend(order(c)?);
        c.expect_sign(")")?;
    }
    if c.is("filter") && c.sign_at(1, "(") {
        c.bump();
        c.bump();
        c.expect("where")?;
        call.extra.push(expr(c)?);
        c.expect_sign(")")?;
    }
    if c.is_any(&["ignore", "respect"]) && c.is_at(1, "nulls") {
        c.bump();
        c.bump();
    }
    if c.is("over") && (c.sign_at(1, "(") || matches!(c.kind(1), Some(Kind::Word | Kind::Quoted))) {
        c.bump();
        call.windowed = true;
        if c.sign("(") {
            call.extra.extend(window(c)?);
        } else {
            c.label()?;
        }
    }
    Ok(())
}

/// A window behind its opening parenthesis, which is closed.
pub fn window(c: &mut Cursor<'_>) -> Read<Vec<Expr>> {
    let mut all = Vec::new();
    if c.is_ident() && !c.is_any(&["partition", "rows", "range", "groups"]) {
        c.bump();
    }
    if c.eat_all(&["partition", "by"]) {
        all.extend(exprs(c)?);
    }
    if c.eat_all(&["order", "by"]) {
        all.extend(order(c)?);
    }
    c.skip_closed()?;
    Ok(all)
}

/// Functions that the grammar knows: `None` when the word is none of them.
pub fn special(c: &mut Cursor<'_>, word: &str) -> Read<Option<Expr>> {
    let bare = matches!(
        word,
        "current_date"
            | "current_time"
            | "current_timestamp"
            | "localtime"
            | "localtimestamp"
            | "current_user"
            | "current_role"
            | "session_user"
            | "user"
            | "current_catalog"
            | "current_schema"
    );
    if bare {
        c.bump();
        if c.sign("(") {
            c.skip_closed()?;
        }
        return Ok(Some(grammar(word, Vec::new())));
    }
    if word == "collation" && c.is_at(1, "for") {
        c.bump();
        c.bump();
        return Ok(Some(grammar(word, c.closed_list(expr)?)));
    }
    if !c.sign_at(1, "(") {
        return Ok(None);
    }
    let found = match word {
        "coalesce" | "greatest" | "least" | "nullif" | "grouping" | "xmlconcat" => {
            c.bump();
            let args = c.closed_list(expr)?;
            grammar(word, args)
        }
        "extract" => {
            c.bump();
            c.bump();
            let field = if c.is_string() {
                c.string()?
            } else {
                c.label()?
            };
            c.expect("from")?;
            let from = expr(c)?;
            c.expect_sign(")")?;
            grammar(word, vec![Expr::Text(field), from])
        }
        "position" | "overlay" | "substring" | "trim" | "normalize" => {
            c.bump();
            c.bump();
            let _ = c.eat_any(&["both", "leading", "trailing"]);
            let mut args = Vec::new();
            while !c.at_sign(")") {
                if c.eat_any(&["from", "for", "in", "placing", "similar", "escape"])
                    .is_some()
                    || c.sign(",")
                {
                    continue;
                }
                if c.sign_at(1, "=>") || c.sign_at(1, ":=") {
                    c.bump();
                    c.bump();
                }
                args.push(if matches!(word, "position" | "substring") {
                    operand_of_position(c)?
                } else {
                    expr(c)?
                });
            }
            c.expect_sign(")")?;
            grammar(word, args)
        }
        "xmlelement" | "xmlforest" | "xmlparse" | "xmlpi" | "xmlroot" | "xmlserialize"
        | "xmlexists" | "json_object" | "json_array" | "json_query" | "json_value"
        | "json_exists" | "json_objectagg" | "json_arrayagg" | "json_scalar" | "json_serialize" => {
            c.bump();
            c.bump();
            c.skip_closed()?;
            let mut call = Call {
                name: vec![word.to_owned()],
                grammar: true,
                ..Call::default()
            };
            suffix(c, &mut call)?;
            Expr::Call(Box::new(call))
        }
        _ => return Ok(None),
    };
    Ok(Some(found))
}

/// `position(a in b)`: `in` is no operator here.
fn operand_of_position(c: &mut Cursor<'_>) -> Read<Expr> {
    super::read_expr::without_in(c)
}
