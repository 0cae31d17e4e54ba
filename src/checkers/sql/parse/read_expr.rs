//! Owns how expressions are read: operators by their precedence, everything in a bound depth.

use super::cursor::{Cursor, Read};
use super::expr::{Expr, Test, TypeName};
use super::read_call;
use super::read_query;
use super::read_type::{interval_fields, type_name};
use super::token::Kind;
use super::words;

// How tightly operators bind, as in the server's grammar.
const OR: u8 = 1;
const AND: u8 = 2;
const NOT: u8 = 3;
const IS: u8 = 4;
const COMPARE: u8 = 5;
const LIKE: u8 = 6;
const OTHER: u8 = 7;
const ADD: u8 = 8;
const MULTIPLY: u8 = 9;
const POWER: u8 = 10;
const ZONE: u8 = 11;
const COLLATE: u8 = 12;
const SIGN: u8 = 13;
const INDEX: u8 = 14;
const CAST: u8 = 15;

/// Reads an expression.
pub fn expr(c: &mut Cursor<'_>) -> Read<Expr> {
    bound(c, 0)
}

/// Reads expressions between commas.
pub fn exprs(c: &mut Cursor<'_>) -> Read<Vec<Expr>> {
    c.list(expr)
}

fn bound(c: &mut Cursor<'_>, least: u8) -> Read<Expr> {
    c.nest(|c| {
        let mut left = prefix(c)?;
        loop {
            let before = c.mark();
            left = infix(c, left, least)?;
            if c.mark() == before {
                return Ok(left);
            }
            c.grow()?;
        }
    })
}

fn precedence(op: &str) -> u8 {
    match op {
        "<" | ">" | "=" | "<=" | ">=" | "<>" | "!=" => COMPARE,
        "+" | "-" => ADD,
        "*" | "/" | "%" => MULTIPLY,
        "^" => POWER,
        _ => OTHER,
    }
}

/// Applies one operator that binds at least so tightly; without one, nothing is taken.
fn infix(c: &mut Cursor<'_>, left: Expr, least: u8) -> Read<Expr> {
    match c.kind(0) {
        Some(Kind::Op) => {
            let op = c.peek(0);
            let binds = precedence(op);
            if matches!(op, ":=" | "=>" | "..") || binds < least {
                return Ok(left);
            }
            c.bump();
            let op = if op == "!=" { "<>" } else { op };
            operator(c, op.to_owned(), left, binds)
        }
        Some(Kind::Mark) if c.at_sign("::") && CAST >= least => {
            c.bump();
            Ok(Expr::Cast(Box::new(left), type_name(c)?))
        }
        Some(Kind::Mark) if c.at_sign("[") && INDEX >= least => index(c, left),
        Some(Kind::Mark) if c.at_sign(".") => {
            c.bump();
            if c.sign("*") {
                return Ok(Expr::Field(Box::new(left), "*".to_owned()));
            }
            Ok(Expr::Field(Box::new(left), c.label()?))
        }
        Some(Kind::Word) => word(c, left, least),
        _ => Ok(left),
    }
}

/// What stands behind an operator: an operand, or `ANY` and `ALL` of several.
fn operator(c: &mut Cursor<'_>, op: String, left: Expr, binds: u8) -> Read<Expr> {
    if c.is_any(&["any", "some", "all"]) && c.sign_at(1, "(") {
        let all = c.is("all");
        c.bump();
        c.bump();
        let right = if read_query::inside(c) {
            Expr::Scalar(Box::new(read_query::query(c)?))
        } else {
            expr(c)?
        };
        c.expect_sign(")")?;
        return Ok(Expr::Quantified(op, Box::new(left), Box::new(right), all));
    }
    let right = bound(c, binds + 1)?;
    Ok(Expr::Binary(op, Box::new(left), Box::new(right)))
}

fn index(c: &mut Cursor<'_>, left: Expr) -> Read<Expr> {
    c.expect_sign("[")?;
    let mut items = Vec::new();
    while !c.at_sign("]") {
        if c.sign(":") {
            continue;
        }
        items.push(expr(c)?);
    }
    c.expect_sign("]")?;
    Ok(Expr::Index(Box::new(left), items))
}

fn joined(left: Expr, right: Expr, and: bool) -> Expr {
    match (left, and) {
        (Expr::And(mut all), true) => {
            all.push(right);
            Expr::And(all)
        }
        (Expr::Or(mut all), false) => {
            all.push(right);
            Expr::Or(all)
        }
        (left, true) => Expr::And(vec![left, right]),
        (left, false) => Expr::Or(vec![left, right]),
    }
}

/// An operand of `AND` or `OR`. A chain of them is one node, so it does not nest.
fn chain(c: &mut Cursor<'_>, left: Expr, and: bool) -> Read<Expr> {
    let (keyword, binds) = if and { ("and", AND) } else { ("or", OR) };
    // An `AND` in parentheses stays a node of its own.
    let mut all = left;
    let mut first = true;
    while c.eat(keyword) {
        let right = bound(c, binds + 1)?;
        all = if first {
            first = false;
            if and {
                Expr::And(vec![all, right])
            } else {
                Expr::Or(vec![all, right])
            }
        } else {
            joined(all, right, and)
        };
    }
    Ok(all)
}

fn word(c: &mut Cursor<'_>, left: Expr, least: u8) -> Read<Expr> {
    let word = c.peek(0).to_ascii_lowercase();
    match word.as_str() {
        "and" if AND >= least => return chain(c, left, true),
        "or" if OR >= least => return chain(c, left, false),
        "is" if IS >= least => return is(c, left),
        "isnull" if IS >= least => {
            c.bump();
            return Ok(Expr::Is(Box::new(left), Test::Null, false));
        }
        "notnull" if IS >= least => {
            c.bump();
            return Ok(Expr::Is(Box::new(left), Test::Null, true));
        }
        "at" if ZONE >= least => {
            if c.eat_all(&["at", "time", "zone"]) {
                let zone = bound(c, ZONE + 1)?;
                return Ok(read_call::grammar("timezone", vec![zone, left]));
            }
            if c.eat_all(&["at", "local"]) {
                return Ok(read_call::grammar("timezone", vec![left]));
            }
        }
        "collate" if COLLATE >= least => {
            c.bump();
            return Ok(Expr::Collate(Box::new(left), c.name()?));
        }
        "operator" if c.sign_at(1, "(") && OTHER >= least => {
            c.bump();
            c.bump();
            let mark = c.mark();
            while !c.is_done() && !c.at_sign(")") {
                c.bump();
            }
            let op = c
                .since(mark)
                .rsplit('.')
                .next()
                .unwrap_or_default()
                .to_owned();
            c.expect_sign(")")?;
            return operator(c, op, left, OTHER);
        }
        "overlaps" if OTHER >= least => {
            c.bump();
            let right = bound(c, OTHER + 1)?;
            return Ok(read_call::grammar("overlaps", vec![left, right]));
        }
        "not" | "in" | "like" | "ilike" | "similar" | "between" if LIKE >= least => {
            let not = c.is("not");
            let next = c.peek(usize::from(not)).to_ascii_lowercase();
            if not
                && !matches!(
                    next.as_str(),
                    "in" | "like" | "ilike" | "similar" | "between"
                )
            {
                return Ok(left);
            }
            c.eat("not");
            c.bump();
            return membership(c, left, &next, not);
        }
        _ => {}
    }
    Ok(left)
}

fn membership(c: &mut Cursor<'_>, left: Expr, word: &str, not: bool) -> Read<Expr> {
    let left = Box::new(left);
    match word {
        "in" => {
            c.expect_sign("(")?;
            let result = if read_query::inside(c) {
                Expr::InQuery(left, Box::new(read_query::query(c)?), not)
            } else {
                Expr::InList(left, exprs(c)?, not)
            };
            c.expect_sign(")")?;
            Ok(result)
        }
        "between" => {
            if !c.eat("symmetric") {
                c.eat("asymmetric");
            }
            let low = bound(c, OTHER)?;
            c.expect("and")?;
            let high = bound(c, OTHER)?;
            Ok(Expr::Between(left, Box::new(low), Box::new(high), not))
        }
        _ => {
            let op = match (word, not) {
                ("like", false) => "~~",
                ("like", true) => "!~~",
                ("ilike", false) => "~~*",
                ("ilike", true) => "!~~*",
                (_, false) => "~",
                (_, true) => "!~",
            };
            if word == "similar" {
                c.expect("to")?;
            }
            if c.is_any(&["any", "all", "some"]) && c.sign_at(1, "(") {
                return operator(c, op.to_owned(), *left, LIKE);
            }
            let mut right = bound(c, OTHER)?;
            if c.eat("escape") {
                let escape = bound(c, OTHER)?;
                right = read_call::grammar("like_escape", vec![right, escape]);
            }
            Ok(Expr::Binary(op.to_owned(), left, Box::new(right)))
        }
    }
}

fn is(c: &mut Cursor<'_>, left: Expr) -> Read<Expr> {
    c.bump();
    let not = c.eat("not");
    let left = Box::new(left);
    let test = match c.peek(0).to_ascii_lowercase().as_str() {
        "null" => Test::Null,
        "true" => Test::True,
        "false" => Test::False,
        "unknown" => Test::Unknown,
        "distinct" => {
            c.bump();
            c.expect("from")?;
            let right = bound(c, COMPARE)?;
            return Ok(Expr::Distinct(left, Box::new(right), not));
        }
        "document" => Test::Other,
        "normalized" | "nfc" | "nfd" | "nfkc" | "nfkd" => {
            if !c.is("normalized") {
                c.bump();
            }
            Test::Other
        }
        "json" => {
            c.bump();
            let _ = c.eat_any(&["value", "array", "object", "scalar"]);
            if c.eat_any(&["with", "without"]).is_some() {
                c.expect("unique")?;
                c.eat("keys");
            }
            return Ok(Expr::Is(left, Test::Other, not));
        }
        _ => return c.wrong("a test behind IS"),
    };
    c.bump();
    Ok(Expr::Is(left, test, not))
}

fn prefix(c: &mut Cursor<'_>) -> Read<Expr> {
    let Some(token) = c.token(0) else {
        return c.wrong("an expression");
    };
    let text = c.slice(token);
    match token.kind {
        Kind::Text | Kind::Dollar => Ok(Expr::Text(c.string()?)),
        Kind::Number => {
            c.bump();
            Ok(Expr::Number(text.to_owned()))
        }
        Kind::Param => {
            c.bump();
            Ok(Expr::Param(text.to_owned()))
        }
        Kind::Op => {
            let binds = match text {
                ":=" | "=>" | ".." | "=" | "*" | "<" | ">" => return c.wrong("an expression"),
                "+" | "-" => SIGN,
                _ => OTHER,
            };
            c.bump();
            let operand = bound(c, binds)?;
            Ok(match (text, operand) {
                ("-", Expr::Number(number)) if !number.starts_with('-') => {
                    Expr::Number(format!("-{number}"))
                }
                ("+", operand) => operand,
                (_, operand) => Expr::Unary(text.to_owned(), Box::new(operand)),
            })
        }
        Kind::Mark if text == "(" => parenthesis(c),
        Kind::Mark if text == ":" => {
            // A variable of psql.
            c.bump();
            let mark = c.mark();
            c.bump();
            Ok(Expr::Param(format!(":{}", c.since(mark))))
        }
        Kind::Quoted => name(c),
        Kind::Word => keyword(c, &text.to_ascii_lowercase()),
        _ => c.wrong("an expression"),
    }
}

fn parenthesis(c: &mut Cursor<'_>) -> Read<Expr> {
    c.bump();
    if read_query::inside(c) {
        let query = read_query::query(c)?;
        c.expect_sign(")")?;
        return Ok(Expr::Scalar(Box::new(query)));
    }
    let mut all = exprs(c)?;
    c.expect_sign(")")?;
    Ok(if all.len() == 1 {
        all.remove(0)
    } else {
        Expr::Row(all)
    })
}

fn keyword(c: &mut Cursor<'_>, word: &str) -> Read<Expr> {
    let simple = match word {
        "null" => Some(Expr::Null),
        "true" => Some(Expr::Bool(true)),
        "false" => Some(Expr::Bool(false)),
        "default" => Some(Expr::Default),
        _ => None,
    };
    if let Some(simple) = simple {
        c.bump();
        return Ok(simple);
    }
    match word {
        "not" => {
            c.bump();
            Ok(Expr::Not(Box::new(bound(c, NOT)?)))
        }
        "case" => case(c),
        "operator" if c.sign_at(1, "(") => {
            c.bump();
            c.bump();
            let mark = c.mark();
            c.skip_closed()?;
            let written = c.since(mark);
            let op = written
                .trim_end_matches(')')
                .rsplit('.')
                .next()
                .unwrap_or_default()
                .to_owned();
            Ok(Expr::Unary(op, Box::new(bound(c, OTHER)?)))
        }
        "exists" if c.sign_at(1, "(") => {
            c.bump();
            c.bump();
            let query = read_query::query(c)?;
            c.expect_sign(")")?;
            Ok(Expr::Exists(Box::new(query)))
        }
        "array" if c.sign_at(1, "[") => {
            c.bump();
            array(c)
        }
        "array" if c.sign_at(1, "(") => {
            c.bump();
            c.bump();
            let query = read_query::query(c)?;
            c.expect_sign(")")?;
            Ok(Expr::ArrayOf(Box::new(query)))
        }
        "row" if c.sign_at(1, "(") => {
            c.bump();
            c.bump();
            let all = if c.at_sign(")") {
                Vec::new()
            } else {
                exprs(c)?
            };
            c.expect_sign(")")?;
            Ok(Expr::Row(all))
        }
        "cast" | "treat" if c.sign_at(1, "(") => {
            c.bump();
            c.bump();
            let operand = expr(c)?;
            c.expect("as")?;
            let kind = type_name(c)?;
            c.expect_sign(")")?;
            Ok(Expr::Cast(Box::new(operand), kind))
        }
        "interval" => {
            c.bump();
            let mut kind = TypeName {
                name: vec![word.to_owned()],
                ..TypeName::default()
            };
            if c.sign("(") {
                c.skip_closed()?;
            }
            if !c.is_string() {
                return Ok(Expr::Column(vec![word.to_owned()]));
            }
            let text = c.string()?;
            interval_fields(c, &mut kind)?;
            Ok(Expr::Cast(Box::new(Expr::Text(text)), kind))
        }
        _ => {
            if let Some(found) = read_call::special(c, word)? {
                return Ok(found);
            }
            if let Some(found) = typed(c)? {
                return Ok(found);
            }
            if words::is_reserved(word) {
                return c.wrong("an expression");
            }
            name(c)
        }
    }
}

/// A string behind the name of its type: `date '2020-01-01'`.
fn typed(c: &mut Cursor<'_>) -> Read<Option<Expr>> {
    let could = c.kind(1) == Some(Kind::Text)
        || c.sign_at(1, "(") && c.kind(c.closing(1) + 2) == Some(Kind::Text)
        || c.is_any(&[
            "timestamp",
            "time",
            "double",
            "character",
            "bit",
            "national",
            "char",
        ]) && (c.kind(1) == Some(Kind::Word) || c.sign_at(1, "("));
    if !could {
        return Ok(None);
    }
    let mark = c.mark();
    if let Ok(kind) = type_name(c)
        && c.is_string()
    {
        let text = c.string()?;
        return Ok(Some(Expr::Cast(Box::new(Expr::Text(text)), kind)));
    }
    c.back(mark);
    Ok(None)
}

fn array(c: &mut Cursor<'_>) -> Read<Expr> {
    c.nest(|c| {
        c.expect_sign("[")?;
        let mut all = Vec::new();
        if !c.at_sign("]") {
            all = c.list(|c| if c.at_sign("[") { array(c) } else { expr(c) })?;
        }
        c.expect_sign("]")?;
        Ok(Expr::Array(all))
    })
}

fn case(c: &mut Cursor<'_>) -> Read<Expr> {
    c.bump();
    let operand = if c.is("when") {
        None
    } else {
        Some(Box::new(expr(c)?))
    };
    let mut arms = Vec::new();
    while c.eat("when") {
        let condition = expr(c)?;
        c.expect("then")?;
        arms.push((condition, expr(c)?));
    }
    let other = if c.eat("else") {
        Some(Box::new(expr(c)?))
    } else {
        None
    };
    c.expect("end")?;
    Ok(Expr::Case(operand, arms, other))
}

/// A column, or a call.
fn name(c: &mut Cursor<'_>) -> Read<Expr> {
    let mark = c.mark();
    let mut name = vec![c.label()?];
    while c.at_sign(".") {
        c.bump();
        if c.sign("*") {
            name.push("*".to_owned());
            return Ok(Expr::Column(name));
        }
        name.push(c.label()?);
        if name.len() > 8 {
            return c.wrong("a shorter name");
        }
    }
    if c.kind(0) == Some(Kind::Text)
        || c.at_sign("(") && name.len() > 1 && c.kind(c.closing(0) + 1) == Some(Kind::Text)
    {
        c.back(mark);
        let kind = type_name(c)?;
        let text = c.string()?;
        return Ok(Expr::Cast(Box::new(Expr::Text(text)), kind));
    }
    if c.at_sign("(") {
        return read_call::call(c, name);
    }
    Ok(Expr::Column(name))
}

/// Reads an expression in which `IN` is no operator.
pub fn without_in(c: &mut Cursor<'_>) -> Read<Expr> {
    bound(c, OTHER)
}

/// Reads one operand, no operator behind it.
pub fn operand(c: &mut Cursor<'_>) -> Read<Expr> {
    c.nest(prefix)
}
