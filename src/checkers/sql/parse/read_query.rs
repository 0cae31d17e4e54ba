//! Owns how queries are read, and the statements that change data.

use super::cursor::{Cursor, DEEPEST, Read};
use super::expr::{Body, Change, Expr, From, Query, Select};
use super::read_call;
use super::read_expr::expr;
use super::read_from::from_list;
use super::token::Kind;
use super::words;

/// At an opening parenthesis: is a query in it?
pub fn encloses(c: &mut Cursor<'_>) -> bool {
    let mark = c.mark();
    c.bump();
    let is = inside(c);
    c.back(mark);
    is
}

/// Behind an opening parenthesis: is it a query that it encloses, and no expression or join that begins with one?
pub fn inside(c: &Cursor<'_>) -> bool {
    let mut at = 0;
    loop {
        if ["select", "with", "values", "table"]
            .iter()
            .any(|word| c.is_at(at, word))
        {
            return true;
        }
        if !c.sign_at(at, "(") {
            return false;
        }
        let behind = at + c.closing(at) + 1;
        let goes_on = [
            "union",
            "intersect",
            "except",
            "order",
            "limit",
            "offset",
            "fetch",
            "for",
        ];
        let enclosed = c.sign_at(behind, ")") || goes_on.iter().any(|word| c.is_at(behind, word));
        if !enclosed {
            return false;
        }
        at += 1;
        if at > DEEPEST {
            return false;
        }
    }
}

/// Reads a query.
pub fn query(c: &mut Cursor<'_>) -> Read<Query> {
    c.nest(|c| {
        let (with, recursive) = with(c)?;
        let body = if c.is_any(&["insert", "update", "delete", "merge"]) {
            Body::Change(Box::new(change(c)?))
        } else {
            set(c)?
        };
        let tail = tail(c)?;
        Ok(Query {
            with,
            recursive,
            body,
            tail,
        })
    })
}

/// `WITH` and its names.
pub fn with(c: &mut Cursor<'_>) -> Read<(Vec<(String, Query)>, bool)> {
    if !c.eat("with") {
        return Ok((Vec::new(), false));
    }
    let recursive = c.eat("recursive");
    let names = c.list(|c| {
        let name = c.ident()?;
        c.columns()?;
        c.expect("as")?;
        if !c.eat("materialized") {
            c.eat_all(&["not", "materialized"]);
        }
        c.expect_sign("(")?;
        let inner = query(c)?;
        c.expect_sign(")")?;
        if c.eat("search") {
            if c.eat_any(&["depth", "breadth"]).is_none() {
                return c.wrong("DEPTH or BREADTH");
            }
            c.expect("first")?;
            c.expect("by")?;
            c.list(Cursor::ident)?;
            c.expect("set")?;
            c.ident()?;
        }
        if c.eat("cycle") {
            c.list(Cursor::ident)?;
            c.expect("set")?;
            c.ident()?;
            if c.eat("to") {
                expr(c)?;
                c.expect("default")?;
                expr(c)?;
            }
            c.expect("using")?;
            c.ident()?;
        }
        Ok((name, inner))
    })?;
    Ok((names, recursive))
}

/// Operands joined by `UNION` and the like.
fn set(c: &mut Cursor<'_>) -> Read<Body> {
    let first = operand(c)?;
    let mut all = Vec::new();
    while c.eat_any(&["union", "intersect", "except"]).is_some() {
        let _ = c.eat_any(&["all", "distinct"]);
        all.push(operand(c)?);
    }
    if all.is_empty() {
        return Ok(if first.with.is_empty() && first.tail.is_empty() {
            first.body
        } else {
            Body::Set(vec![first])
        });
    }
    all.insert(0, first);
    Ok(Body::Set(all))
}

/// A query of nothing but this.
pub fn plain_query(body: Body) -> Query {
    Query {
        with: Vec::new(),
        recursive: false,
        body,
        tail: Vec::new(),
    }
}

fn operand(c: &mut Cursor<'_>) -> Read<Query> {
    if c.at_sign("(") {
        c.bump();
        let inner = query(c)?;
        c.expect_sign(")")?;
        return Ok(inner);
    }
    if c.eat("values") {
        let rows = c.list(|c| c.closed_list(expr))?;
        return Ok(plain_query(Body::Values(rows)));
    }
    if c.eat("table") {
        let name = super::read_from::relation(c)?;
        return Ok(plain_query(Body::Select(Box::new(Select {
            targets: vec![(Expr::Column(vec!["*".to_owned()]), None)],
            from: vec![From::Relation(name, None, Vec::new())],
            ..Select::default()
        }))));
    }
    Ok(plain_query(Body::Select(Box::new(select(c)?))))
}

/// Targets, each with its alias.
pub fn targets(c: &mut Cursor<'_>) -> Read<Vec<(Expr, Option<String>)>> {
    c.list(|c| {
        if c.sign("*") {
            return Ok((Expr::Column(vec!["*".to_owned()]), None));
        }
        let target = expr(c)?;
        let alias = if c.eat("as") || is_bare_label(c) {
            Some(c.label()?)
        } else {
            None
        };
        Ok((target, alias))
    })
}

/// Could an alias without `AS` be next?
fn is_bare_label(c: &Cursor<'_>) -> bool {
    match c.kind(0) {
        Some(Kind::Quoted) => true,
        Some(Kind::Word) => words::is_bare_label(c.peek(0)),
        _ => false,
    }
}

fn select(c: &mut Cursor<'_>) -> Read<Select> {
    // `PERFORM` is what PL/pgSQL calls a query whose rows nobody wants.
    if !c.eat("perform") {
        c.expect("select")?;
    }
    behind_select(c)
}

/// What may stand behind `SELECT`.
fn behind_select(c: &mut Cursor<'_>) -> Read<Select> {
    let distinct = c.eat("distinct");
    let mut select = Select {
        distinct,
        ..Select::default()
    };
    if distinct {
        if c.eat("on") {
            select.rest.extend(c.closed_list(expr)?);
        }
    } else {
        c.eat("all");
    }
    if distinct || !ends_targets(c) {
        select.targets = targets(c)?;
    }
    if c.eat("into") {
        select.into = Some(into(c)?);
    }
    if c.eat("from") {
        select.from = from_list(c)?;
    }
    if c.eat("where") {
        select.condition = Some(expr(c)?);
    }
    if c.eat_all(&["group", "by"]) {
        let _ = c.eat_any(&["all", "distinct"]);
        select.rest.extend(c.list(grouping)?.into_iter().flatten());
    }
    if c.eat("having") {
        select.rest.push(expr(c)?);
    }
    if c.eat("window") {
        let windows = c.list(|c| {
            c.ident()?;
            c.expect("as")?;
            c.expect_sign("(")?;
            read_call::window(c)
        })?;
        select.rest.extend(windows.into_iter().flatten());
    }
    Ok(select)
}

/// A list of targets may be empty.
fn ends_targets(c: &Cursor<'_>) -> bool {
    const WORDS: [&str; 15] = [
        "from",
        "where",
        "into",
        "union",
        "intersect",
        "except",
        "limit",
        "group",
        "having",
        "window",
        "order",
        "offset",
        "fetch",
        "for",
        "with",
    ];
    c.is_done() || c.at_sign(")") || c.at_sign(";") || c.is_any(&WORDS)
}

/// Reads an expression of PL/pgSQL: whatever may stand behind `SELECT`.
pub fn value(c: &mut Cursor<'_>) -> Read<Expr> {
    c.nest(|c| {
        let mut select = behind_select(c)?;
        let tail = tail(c)?;
        let plain = select.from.is_empty()
            && select.condition.is_none()
            && select.rest.is_empty()
            && tail.is_empty()
            && matches!(select.targets.as_slice(), [(_, None)]);
        if plain && let Some((value, _)) = select.targets.pop() {
            return Ok(value);
        }
        if select.targets.is_empty() || select.into.is_some() {
            return c.wrong("a value");
        }
        Ok(Expr::Scalar(Box::new(Query {
            tail,
            ..plain_query(Body::Select(Box::new(select)))
        })))
    })
}

/// `INTO`: a new table.
fn into(c: &mut Cursor<'_>) -> Read<Vec<String>> {
    let _ = c.eat_any(&["global", "local"]);
    let _ = c.eat_any(&["temporary", "temp", "unlogged"]);
    c.eat("table");
    c.name()
}

fn grouping(c: &mut Cursor<'_>) -> Read<Vec<Expr>> {
    if c.at_sign("(") && c.sign_at(1, ")") {
        c.bump();
        c.bump();
        return Ok(Vec::new());
    }
    if c.eat_all(&["grouping", "sets"]) {
        return c.nest(|c| Ok(c.closed_list(grouping)?.into_iter().flatten().collect()));
    }
    Ok(vec![expr(c)?])
}

/// `ORDER BY`, `LIMIT` and what else may follow.
fn tail(c: &mut Cursor<'_>) -> Read<Vec<Expr>> {
    let mut all = Vec::new();
    loop {
        if c.eat_all(&["order", "by"]) {
            all.extend(read_call::order(c)?);
        } else if c.eat("limit") {
            if !c.eat("all") {
                all.push(expr(c)?);
            }
        } else if c.eat("offset") {
            all.push(expr(c)?);
            let _ = c.eat_any(&["row", "rows"]);
        } else if c.eat("fetch") {
            let _ = c.eat_any(&["first", "next"]);
            if !c.is_any(&["row", "rows"]) {
                all.push(expr(c)?);
            }
            let _ = c.eat_any(&["row", "rows"]);
            if !c.eat("only") {
                c.eat_all(&["with", "ties"]);
            }
        } else if c.is("for")
            && ["update", "share", "no", "key"]
                .iter()
                .any(|w| c.is_at(1, w))
        {
            c.bump();
            c.eat("no");
            c.eat("key");
            if c.eat_any(&["update", "share"]).is_none() {
                return c.wrong("UPDATE or SHARE");
            }
            if c.eat("of") {
                c.list(Cursor::name)?;
            }
            if !c.eat("nowait") {
                c.eat_all(&["skip", "locked"]);
            }
        } else {
            return Ok(all);
        }
    }
}

/// Reads an `INSERT`, `UPDATE`, `DELETE` or `MERGE`.
pub fn change(c: &mut Cursor<'_>) -> Read<Change> {
    let mut change = head(c)?;
    match change.verb.as_str() {
        "insert" => insert(c, &mut change)?,
        "update" => {
            c.expect("set")?;
            change.sets = sets(c)?;
            if c.eat("from") {
                change.from = from_list(c)?;
            }
        }
        "delete" if c.eat("using") => {
            change.from = from_list(c)?;
        }
        "merge" => return merge(c, change),
        _ => {}
    }
    if c.eat("where") {
        if c.eat_all(&["current", "of"]) {
            c.ident()?;
            change.condition = Some(Expr::Bool(false));
        } else {
            change.condition = Some(expr(c)?);
        }
    }
    if c.eat("returning") {
        change.rest = targets(c)?.into_iter().map(|(target, _)| target).collect();
    }
    Ok(change)
}

/// What follows the target of a `MERGE`.
fn merge(c: &mut Cursor<'_>, mut change: Change) -> Read<Change> {
    c.expect("using")?;
    change.from = vec![super::read_from::joined(c)?];
    c.expect("on")?;
    change.condition = Some(expr(c)?);
    while c.eat("when") {
        let not = c.eat("not");
        c.expect("matched")?;
        let source = c.eat("by") && c.eat_any(&["source", "target"]) == Some("source");
        if c.eat("and") {
            change.rest.push(expr(c)?);
        }
        c.expect("then")?;
        if c.eat_all(&["do", "nothing"]) {
        } else if not && !source {
            c.expect("insert")?;
            change.columns = c.columns()?;
            if c.eat("overriding") {
                c.bump();
                c.expect("value")?;
            }
            if !c.eat_all(&["default", "values"]) {
                c.expect("values")?;
                change.rest.extend(c.closed_list(expr)?);
            }
        } else if !c.eat("delete") {
            c.expect("update")?;
            c.expect("set")?;
            change.sets.extend(sets(c)?);
        }
    }
    if c.eat("returning") {
        change
            .rest
            .extend(targets(c)?.into_iter().map(|(target, _)| target));
    }
    Ok(change)
}

/// The verb, the table, its alias, and the columns of an `INSERT`.
pub fn head(c: &mut Cursor<'_>) -> Read<Change> {
    let mut change = Change {
        verb: c.label()?,
        ..Change::default()
    };
    match change.verb.as_str() {
        "insert" | "merge" => c.expect("into")?,
        "delete" => c.expect("from")?,
        _ => {}
    }
    c.eat("only");
    change.table = c.name()?;
    c.sign("*");
    if c.eat("as") || (c.is_ident() && !c.is_any(&["set", "overriding", "values", "default"])) {
        c.ident()?;
    }
    Ok(change)
}

fn insert(c: &mut Cursor<'_>, change: &mut Change) -> Read<()> {
    let columns = c.at_sign("(") && !c.sign_at(1, "(") && {
        let words = ["select", "with", "values", "table"];
        !words.iter().any(|word| c.is_at(1, word))
    };
    if columns {
        change.columns = c.closed_list(changed)?;
    }
    if c.eat("overriding") {
        c.bump();
        c.expect("value")?;
    }
    if !c.eat_all(&["default", "values"]) {
        change.source = Some(query(c)?);
    }
    if c.eat_all(&["on", "conflict"]) {
        if c.at_sign("(") {
            c.closed_list(super::read_table::index_item)?;
        }
        if c.eat_all(&["on", "constraint"]) {
            c.ident()?;
        }
        if c.eat("where") {
            expr(c)?;
        }
        c.expect("do")?;
        if c.eat("nothing") {
            change.on_conflict = Some(false);
        } else {
            c.expect("update")?;
            c.expect("set")?;
            change.sets = sets(c)?;
            change.on_conflict = Some(true);
        }
    }
    Ok(())
}

/// A column that is given a value, or a field or element of it.
fn changed(c: &mut Cursor<'_>) -> Read<String> {
    let name = c.ident()?;
    loop {
        if c.sign("[") {
            c.skip_closed()?;
        } else if c.sign(".") {
            c.label()?;
        } else {
            return Ok(name);
        }
    }
}

fn sets(c: &mut Cursor<'_>) -> Read<Vec<(String, Expr)>> {
    c.list(|c| {
        if c.at_sign("(") {
            let names = c.closed_list(changed)?;
            c.expect_sign("=")?;
            return Ok((names.join(","), expr(c)?));
        }
        let name = changed(c)?;
        c.expect_sign("=")?;
        Ok((name, expr(c)?))
    })
}
