//! Owns how functions, procedures and aggregates are read, with their bodies.

use super::body::Block;
use super::cursor::{Cursor, Read};
use super::expr::{Name, TypeName};
use super::plpgsql;
use super::read_expr::expr;
use super::read_query::query;
use super::read_type::type_name;
use super::script::Unread;
use super::split;
use super::statement::{
    CreateFunction, FunctionChange, Mode, Object, Param, Setting, Statement, Target,
};
use super::token::Kind;
use super::words;

/// Reads what follows `CREATE [OR REPLACE]`.
pub fn create_function(c: &mut Cursor<'_>, replace: bool, object: Object) -> Read<Statement> {
    c.bump();
    let name = c.function_name()?;
    let mut function = CreateFunction {
        object,
        replace,
        name,
        params: Vec::new(),
        returns: None,
        language: None,
        definer: false,
        volatility: 'v',
        settings: Vec::new(),
        source: String::new(),
        queries: Vec::new(),
        block: None,
        standard: false,
    };
    if object == Object::Aggregate {
        return aggregate(c, function);
    }
    function.params = params(c)?;
    if c.eat("returns") {
        if c.is("table") && c.sign_at(1, "(") {
            c.bump();
            let columns = c.closed_list(|c| {
                let name = Some(c.label()?);
                Ok(Param {
                    mode: Mode::Table,
                    name,
                    kind: type_name(c)?,
                    default: None,
                })
            })?;
            function.params.extend(columns);
        } else {
            function.returns = Some(type_name(c)?);
        }
    }
    let mut body = None;
    while !c.is_done() {
        option(c, &mut function, &mut body)?;
    }
    if let Some(text) = body {
        inner(c, &mut function, text);
    }
    Ok(Statement::CreateFunction(Box::new(function)))
}

/// The text of a body, and whether dollars or quotes are around it.
type Body = Option<String>;

/// Reads a body that is a text, in its language.
fn inner(c: &Cursor<'_>, function: &mut CreateFunction, text: String) {
    match function.language.as_deref().unwrap_or("sql") {
        "sql" => {
            let (statements, all) = split::body(&text, c.depth());
            function.queries = statements;
            if !all {
                function.block = Some(Block {
                    unread: true,
                    ..Block::default()
                });
            }
        }
        "plpgsql" => function.block = Some(plpgsql::block(&text, c.depth())),
        _ => {}
    }
    function.source = text;
}

fn aggregate(c: &mut Cursor<'_>, mut function: CreateFunction) -> Read<Statement> {
    "aggregate_dummy".clone_into(&mut function.source);
    function.language = Some("internal".to_owned());
    c.expect_sign("(")?;
    // The old form names its type among the options.
    let old = matches!(c.kind(0), Some(Kind::Word)) && c.sign_at(1, "=");
    if old {
        loop {
            let base = c.is("basetype");
            c.bump();
            c.expect_sign("=")?;
            if base && !c.is_string() {
                function.params.push(param(c)?);
            } else {
                while !c.is_done() && !c.at_sign(",") && !c.at_sign(")") {
                    c.bump();
                }
            }
            if !c.sign(",") {
                break;
            }
        }
        c.expect_sign(")")?;
        return Ok(Statement::CreateFunction(Box::new(function)));
    }
    if !c.sign("*") && !c.at_sign(")") {
        if !c.is("order") {
            function.params = c.list(param)?;
        }
        if c.eat_all(&["order", "by"]) {
            function.params.extend(c.list(param)?);
        }
    }
    c.expect_sign(")")?;
    c.expect_sign("(")?;
    c.skip_closed()?;
    Ok(Statement::CreateFunction(Box::new(function)))
}

/// Reads parameters in parentheses.
fn params(c: &mut Cursor<'_>) -> Read<Vec<Param>> {
    c.expect_sign("(")?;
    if c.sign(")") {
        return Ok(Vec::new());
    }
    let all = c.list(param)?;
    c.expect_sign(")")?;
    Ok(all)
}

fn mode(c: &mut Cursor<'_>) -> Option<Mode> {
    let found = if c.is("in") && c.is_at(1, "out") {
        c.bump();
        Mode::InOut
    } else if c.is("in") {
        Mode::In
    } else if c.is("out") {
        Mode::Out
    } else if c.is("inout") {
        Mode::InOut
    } else if c.is("variadic") {
        Mode::Variadic
    } else {
        return None;
    };
    c.bump();
    Some(found)
}

fn param(c: &mut Cursor<'_>) -> Read<Param> {
    let mut found = mode(c);
    let mut name = None;
    // A name stands before a type, if there is a second word that is no part of the type.
    let mark = c.mark();
    let first = type_name(c);
    let ends = |c: &Cursor<'_>| {
        c.is_done()
            || c.at_sign(",")
            || c.at_sign(")")
            || c.at_sign("=")
            || c.is("default")
            || c.at_sign(":=")
            || c.is("order")
    };
    let kind = match first {
        Ok(kind) if ends(c) => kind,
        _ => {
            c.back(mark);
            name = Some(c.label()?);
            if found.is_none() {
                found = mode(c);
            }
            type_name(c)?
        }
    };
    let default = if c.eat("default") || c.sign("=") || c.sign(":=") {
        Some(expr(c)?)
    } else {
        None
    };
    Ok(Param {
        mode: found.unwrap_or(Mode::In),
        name,
        kind,
        default,
    })
}

fn option(c: &mut Cursor<'_>, function: &mut CreateFunction, body: &mut Body) -> Read<()> {
    if c.eat("as") {
        *body = Some(c.string()?);
        if c.sign(",") {
            // Of a function in C: the library, then the symbol.
            *body = Some(c.string()?);
        }
        return Ok(());
    }
    if c.eat("language") {
        function.language = Some(if c.is_string() {
            c.string()?.to_ascii_lowercase()
        } else {
            c.label()?
        });
        return Ok(());
    }
    if c.eat("transform") {
        return c
            .list(|c| {
                c.expect("for")?;
                c.expect("type")?;
                type_name(c)
            })
            .map(|_| ());
    }
    if c.eat("return") {
        function.standard = true;
        let value = expr(c)?;
        function.queries = vec![Statement::Call(value)];
        return body_is_last(c);
    }
    if c.is("begin") && c.is_at(1, "atomic") {
        function.standard = true;
        atomic(c, function)?;
        return body_is_last(c);
    }
    if c.eat("window") {
        return Ok(());
    }
    let mut change = FunctionChange::default();
    if !common(c, &mut change)? {
        return c.wrong("an option of the function");
    }
    if let Some(definer) = change.definer {
        function.definer = definer;
    }
    if let Some(volatility) = change.volatility {
        function.volatility = volatility;
    }
    function.settings.extend(change.settings);
    Ok(())
}

/// No option follows a body of the standard.
fn body_is_last(c: &Cursor<'_>) -> Read<()> {
    if c.is_done() {
        Ok(())
    } else {
        c.wrong("the end of the function")
    }
}

/// The statements between `BEGIN ATOMIC` and `END`.
fn atomic(c: &mut Cursor<'_>, function: &mut CreateFunction) -> Read<()> {
    c.bump();
    c.bump();
    while !c.eat("end") {
        if c.sign(";") {
            continue;
        }
        if c.is_done() {
            return Err(Unread::Open);
        }
        if c.eat("return") {
            function.queries.push(Statement::Call(expr(c)?));
        } else {
            let found = query(c)?;
            function.queries.push(Statement::Query(Box::new(found)));
        }
        if !c.at_sign(";") && !c.is("end") {
            return c.wrong(";");
        }
    }
    Ok(())
}

/// An option that `CREATE` and `ALTER` share; `false` when none is next.
fn common(c: &mut Cursor<'_>, change: &mut FunctionChange) -> Read<bool> {
    if c.eat("external") {
        c.expect("security")?;
        change.definer = Some(c.eat("definer"));
        if change.definer == Some(false) {
            c.expect("invoker")?;
        }
    } else if c.eat("security") {
        change.definer = Some(c.eat("definer"));
        if change.definer == Some(false) {
            c.expect("invoker")?;
        }
    } else if let Some(word) = c.eat_any(&["immutable", "stable", "volatile"]) {
        change.volatility = word.chars().next();
    } else if c.eat_all(&["called", "on", "null", "input"])
        || c.eat_all(&["returns", "null", "on", "null", "input"])
        || c.eat("strict")
        || c.eat("leakproof")
        || c.eat_all(&["not", "leakproof"])
    {
    } else if c.eat("parallel") || c.eat("cost") || c.eat("rows") {
        c.bump();
    } else if c.eat("support") {
        c.function_name()?;
    } else if c.eat("set") {
        change.settings.push(setting(c)?);
    } else if c.eat("reset") {
        change.resets.push(if c.eat("all") {
            String::new()
        } else {
            setting_name(c)?
        });
    } else {
        return Ok(false);
    }
    Ok(true)
}

fn setting_name(c: &mut Cursor<'_>) -> Read<String> {
    let mut name = c.label()?;
    while c.sign(".") {
        name = format!("{name}.{}", c.label()?);
    }
    Ok(name.to_ascii_lowercase())
}

/// Reads what follows `SET`: name and values.
pub fn setting(c: &mut Cursor<'_>) -> Read<Setting> {
    if c.eat_all(&["time", "zone"]) {
        c.sign("-");
        if c.eat("interval") && c.sign("(") {
            c.skip_closed()?;
        }
        c.bump();
        return Ok(Setting {
            name: "timezone".to_owned(),
            values: Some(Vec::new()),
        });
    }
    if c.is("schema") && c.kind(1) == Some(Kind::Text) {
        c.bump();
        return Ok(Setting {
            name: "search_path".to_owned(),
            values: Some(vec![c.string()?]),
        });
    }
    let name = setting_name(c)?;
    if c.eat_all(&["from", "current"]) {
        return Ok(Setting { name, values: None });
    }
    if !c.sign("=") {
        c.expect("to")?;
    }
    if c.eat("default") {
        return Ok(Setting {
            name,
            values: Some(Vec::new()),
        });
    }
    let values = c.list(|c| {
        if c.is_string() {
            return c.string();
        }
        let mark = c.mark();
        if c.sign("-") || c.sign("+") || c.kind(0) == Some(Kind::Number) {
            c.bump();
            return Ok(c.since(mark).to_owned());
        }
        let word = c.peek(0).to_ascii_lowercase();
        let is_value = ["true", "false", "on"].contains(&word.as_str());
        if c.kind(0) == Some(Kind::Word) && words::is_reserved(&word) && !is_value {
            return c.wrong("a value");
        }
        c.label()
    })?;
    Ok(Setting {
        name,
        values: Some(values),
    })
}

/// A function that a statement names: its arguments count where they are written.
pub fn target(c: &mut Cursor<'_>) -> Read<Target> {
    let name: Name = c.function_name()?;
    let mut args = None;
    if c.sign("(") {
        let mut all: Vec<TypeName> = Vec::new();
        if c.sign("*") {
        } else if !c.at_sign(")") {
            let found = c.list(param)?;
            all.extend(
                found
                    .into_iter()
                    .filter(|param| param.mode != Mode::Out)
                    .map(|param| param.kind),
            );
            if c.eat_all(&["order", "by"]) {
                all.extend(c.list(param)?.into_iter().map(|param| param.kind));
            }
        }
        c.expect_sign(")")?;
        args = Some(all);
    }
    Ok(Target {
        name,
        args,
        on: None,
    })
}

/// Reads the options of `ALTER FUNCTION`.
pub fn alter_function(c: &mut Cursor<'_>, object: Object, target: Target) -> Read<Statement> {
    let mut change = FunctionChange::default();
    while common(c, &mut change)? {}
    let _ = c.eat("restrict");
    Ok(Statement::AlterFunction(object, target, change))
}
