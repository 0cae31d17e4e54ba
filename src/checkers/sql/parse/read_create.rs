//! Owns how `CREATE` is read, by the kind of object, and what is said of types and publications.

use super::cursor::{Cursor, Read};
use super::expr::Name;
use super::read::{rename_and_so_on, routine, statement};
use super::read_expr::expr;
use super::read_function::create_function;
use super::read_other;
use super::read_query::query;
use super::read_rights;
use super::read_table::{create_index, create_table, options};
use super::read_type::type_name;
use super::statement::{
    Change1, CreateTrigger, CreateView, Object, Statement, Target, TypeChange, TypeKind,
};

/// Reads a statement that begins with `CREATE`.
#[expect(clippy::too_many_lines, reason = "one arm for each kind")]
pub fn create(c: &mut Cursor<'_>) -> Read<Statement> {
    c.bump();
    let replace = c.eat_all(&["or", "replace"]);
    let _ = c.eat_any(&["global", "local"]);
    let temporary = c.eat_any(&["temporary", "temp"]).is_some();
    c.eat("unlogged");
    let word = c.peek(0).to_ascii_lowercase();
    let replaceable = [
        "view",
        "recursive",
        "function",
        "procedure",
        "aggregate",
        "trigger",
        "constraint",
        "rule",
        "transform",
        "language",
        "trusted",
        "procedural",
    ];
    if replace && !replaceable.contains(&word.as_str())
        || temporary
            && !["table", "view", "recursive", "sequence", "property"].contains(&word.as_str())
    {
        return c.wrong("what may be made so");
    }
    match word.as_str() {
        "table" => {
            c.bump();
            table(c, false, temporary)
        }
        "foreign" if c.is_at(1, "table") => {
            c.bump();
            c.bump();
            table(c, true, false)
        }
        "index" | "unique" => Ok(Statement::CreateIndex(Box::new(create_index(c)?))),
        "view" | "recursive" | "materialized" => view(c, replace, temporary),
        "function" | "procedure" | "aggregate" => create_function(c, replace, routine(c)),
        "policy" => {
            c.bump();
            read_rights::create_policy(c)
        }
        "schema" => {
            c.bump();
            schema(c)
        }
        "sequence" => {
            c.bump();
            let if_not_exists = c.if_not_exists();
            let name = c.name()?;
            read_other::sequence(c)?;
            Ok(Statement::CreateSequence(name, if_not_exists, temporary))
        }
        "type" => {
            c.bump();
            create_type(c)
        }
        "domain" => {
            c.bump();
            let name = c.name()?;
            c.eat("as");
            let base = type_name(c)?;
            super::read_table::domain(c)?;
            Ok(Statement::CreateDomain(name, base))
        }
        "extension" => {
            c.bump();
            extension(c)
        }
        "role" | "group" => {
            c.bump();
            read_rights::role(c, true)
        }
        "user" if !c.is_at(1, "mapping") => {
            c.bump();
            read_rights::role(c, true)
        }
        "trigger" | "constraint" => trigger(c, replace),
        "event" => event_trigger(c),
        "rule" => {
            c.bump();
            let name = c.ident()?;
            c.expect("as")?;
            c.expect("on")?;
            c.bump();
            c.expect("to")?;
            let table = c.name()?;
            rule(c)?;
            Ok(Statement::CreateRule(name, table, replace))
        }
        "publication" => {
            c.bump();
            publication(c)
        }
        "database" => read_other::database(c),
        "" => c.wrong("what to create"),
        _ if [
            "access",
            "cast",
            "collation",
            "conversion",
            "foreign",
            "language",
            "operator",
            "server",
            "statistics",
            "subscription",
            "tablespace",
            "text",
            "transform",
            "user",
            "default",
            "trusted",
            "procedural",
            "property",
        ]
        .contains(&word.as_str()) =>
        {
            c.skip_rest();
            Ok(Statement::Other(format!("create {word}")))
        }
        _ => c.wrong("what to create"),
    }
}

/// A table, or one made of a query.
fn table(c: &mut Cursor<'_>, foreign: bool, temporary: bool) -> Read<Statement> {
    let mark = c.mark();
    let if_not_exists = c.if_not_exists();
    let name = c.name()?;
    // The form with a query has names of columns only.
    let listed = c.at_sign("(") && (c.sign_at(2, ",") || c.sign_at(2, ")"));
    if !foreign && (listed || c.is_any(&["as", "using", "with", "on", "tablespace"])) {
        let columns = if listed { c.columns()? } else { Vec::new() };
        while !c.is_done() && !c.is("as") {
            let open = c.at_sign("(");
            c.bump();
            if open {
                c.skip_closed()?;
            }
        }
        c.expect("as")?;
        if c.is("execute") {
            c.skip_rest();
            return Ok(Statement::CreateTableAs(
                name,
                if_not_exists,
                temporary,
                columns,
                None,
            ));
        }
        let found = query(c)?;
        with_data(c)?;
        return Ok(Statement::CreateTableAs(
            name,
            if_not_exists,
            temporary,
            columns,
            Some(Box::new(found)),
        ));
    }
    c.back(mark);
    Ok(Statement::CreateTable(Box::new(create_table(
        c, foreign, temporary,
    )?)))
}

fn with_data(c: &mut Cursor<'_>) -> Read<()> {
    if c.eat("with") {
        c.eat("no");
        c.expect("data")?;
    }
    Ok(())
}

fn view(c: &mut Cursor<'_>, replace: bool, temporary: bool) -> Read<Statement> {
    let materialized = c.eat("materialized");
    let recursive = c.eat("recursive");
    c.expect("view")?;
    let if_not_exists = materialized && c.if_not_exists();
    let name = c.name()?;
    let columns = c.columns()?;
    if c.eat("using") {
        c.ident()?;
    }
    let with = if c.is("with") && c.sign_at(1, "(") {
        c.bump();
        options(c)?
    } else {
        Vec::new()
    };
    if c.eat("tablespace") {
        c.ident()?;
    }
    c.expect("as")?;
    let mut query = query(c)?;
    if recursive {
        let inner = query.clone();
        query
            .with
            .push((name.last().cloned().unwrap_or_default(), inner));
        query.recursive = true;
    }
    if c.eat("with") {
        if !c.eat("no") {
            let _ = c.eat_any(&["cascaded", "local"]);
        }
        if !c.eat("data") {
            c.expect("check")?;
            c.expect("option")?;
        }
    }
    Ok(Statement::CreateView(Box::new(CreateView {
        object: if materialized {
            Object::MaterializedView
        } else {
            Object::View
        },
        replace,
        temporary,
        if_not_exists,
        name,
        columns,
        options: with,
        query,
    })))
}

fn schema(c: &mut Cursor<'_>) -> Read<Statement> {
    let if_not_exists = c.if_not_exists();
    let mut name = None;
    if !c.is("authorization") {
        name = Some(c.ident()?);
    }
    let owner = if c.eat("authorization") {
        Some(c.role()?)
    } else {
        None
    };
    let mut elements = Vec::new();
    while c.is_any(&["create", "grant"]) {
        elements.push(c.nest(statement)?);
    }
    Ok(Statement::CreateSchema(
        name,
        owner,
        if_not_exists,
        elements,
    ))
}

fn create_type(c: &mut Cursor<'_>) -> Read<Statement> {
    let name = c.name()?;
    let kind = if c.eat_all(&["as", "enum"]) {
        c.expect_sign("(")?;
        let labels = if c.at_sign(")") {
            Vec::new()
        } else {
            c.list(Cursor::string)?
        };
        c.expect_sign(")")?;
        TypeKind::Enum(labels)
    } else if c.is("as") && c.sign_at(1, "(") {
        c.bump();
        c.bump();
        let mut fields = Vec::new();
        if !c.at_sign(")") {
            fields = c.list(|c| {
                let field = c.label()?;
                let kind = type_name(c)?;
                if c.eat("collate") {
                    c.name()?;
                }
                Ok((field, kind))
            })?;
        }
        c.expect_sign(")")?;
        TypeKind::Composite(fields)
    } else {
        let range = c.eat("as");
        if range {
            c.expect("range")?;
        }
        if c.sign("(") {
            c.skip_closed()?;
        } else if range {
            return c.wrong("(");
        }
        TypeKind::Other
    };
    Ok(Statement::CreateType(name, kind))
}

/// Reads what follows `ALTER TYPE`.
pub fn alter_type(c: &mut Cursor<'_>) -> Read<Statement> {
    let name: Name = c.name()?;
    if let Some(change) = rename_and_so_on(c)? {
        let target = Target {
            name,
            ..Target::default()
        };
        return Ok(Statement::Alter(Object::Type, target, false, change));
    }
    let change = if c.eat_all(&["add", "value"]) {
        let if_not_exists = c.if_not_exists();
        let value = c.string()?;
        if c.eat_any(&["before", "after"]).is_some() {
            c.string()?;
        }
        TypeChange::AddValue(value, if_not_exists)
    } else if c.eat_all(&["rename", "value"]) {
        let from = c.string()?;
        c.expect("to")?;
        TypeChange::RenameValue(from, c.string()?)
    } else if c.eat_all(&["add", "attribute"]) {
        let field = c.label()?;
        let kind = type_name(c)?;
        c.skip_rest();
        TypeChange::AddAttribute(field, kind)
    } else if c.eat_all(&["drop", "attribute"]) {
        c.if_exists();
        let field = c.label()?;
        c.skip_rest();
        TypeChange::DropAttribute(field)
    } else {
        let known = c.eat_all(&["alter", "attribute"])
            || c.eat_all(&["rename", "attribute"])
            || c.is("set");
        if !known || c.is_done() {
            return c.wrong("what to change");
        }
        c.skip_rest();
        TypeChange::Other
    };
    Ok(Statement::AlterType(name, change))
}

fn extension(c: &mut Cursor<'_>) -> Read<Statement> {
    let if_not_exists = c.if_not_exists();
    let name = c.ident()?;
    let mut schema = None;
    c.eat("with");
    loop {
        if c.eat("schema") {
            schema = Some(c.ident()?);
        } else if c.eat("version") || c.eat("from") {
            c.bump();
        } else if !c.eat("cascade") {
            break;
        }
    }
    Ok(Statement::CreateExtension(name, if_not_exists, schema))
}

fn trigger(c: &mut Cursor<'_>, replace: bool) -> Read<Statement> {
    c.eat("constraint");
    c.expect("trigger")?;
    let name = c.ident()?;
    if c.eat("instead") {
        c.expect("of")?;
    } else if c.eat_any(&["before", "after"]).is_none() {
        return c.wrong("BEFORE or AFTER");
    }
    loop {
        match c.eat_any(&["insert", "update", "delete", "truncate"]) {
            None => return c.wrong("an event"),
            Some("update") if c.eat("of") => {
                c.list(Cursor::ident)?;
            }
            Some(_) => {}
        }
        if !c.eat("or") {
            break;
        }
    }
    c.expect("on")?;
    let table = c.name()?;
    trigger_parts(c)?;
    c.expect("execute")?;
    if c.eat_any(&["function", "procedure"]).is_none() {
        return c.wrong("FUNCTION");
    }
    let function = c.function_name()?;
    c.expect_sign("(")?;
    c.skip_closed()?;
    Ok(Statement::CreateTrigger(Box::new(CreateTrigger {
        replace,
        name,
        table,
        function,
    })))
}

/// What stands between the table of a trigger and its function.
fn trigger_parts(c: &mut Cursor<'_>) -> Read<()> {
    if c.eat("from") {
        c.name()?;
    }
    while c.is_any(&["deferrable", "initially"]) || c.is("not") && c.is_at(1, "deferrable") {
        c.eat("not");
        if !c.eat("deferrable") {
            c.bump();
            if c.eat_any(&["deferred", "immediate"]).is_none() {
                return c.wrong("DEFERRED or IMMEDIATE");
            }
        }
    }
    if c.eat("referencing") {
        while c.eat_any(&["new", "old"]).is_some() {
            if c.eat_any(&["table", "row"]).is_none() {
                return c.wrong("TABLE");
            }
            c.eat("as");
            c.ident()?;
        }
    }
    if c.eat("for") {
        c.eat("each");
        if c.eat_any(&["row", "statement"]).is_none() {
            return c.wrong("ROW or STATEMENT");
        }
    }
    if c.eat("when") {
        c.expect_sign("(")?;
        expr(c)?;
        c.expect_sign(")")?;
    }
    Ok(())
}

/// What follows the table of a rule.
fn rule(c: &mut Cursor<'_>) -> Read<()> {
    if c.eat("where") {
        expr(c)?;
    }
    c.expect("do")?;
    let _ = c.eat_any(&["instead", "also"]);
    if c.eat("nothing") {
        return Ok(());
    }
    if c.at_sign("(") && !super::read_query::encloses(c) {
        c.bump();
        while !c.sign(")") {
            if c.sign(";") {
                continue;
            }
            c.nest(statement)?;
            if !c.at_sign(";") && !c.at_sign(")") {
                return c.wrong(";");
            }
        }
        return Ok(());
    }
    c.nest(statement).map(|_| ())
}

fn event_trigger(c: &mut Cursor<'_>) -> Read<Statement> {
    c.bump();
    c.expect("trigger")?;
    let name = c.ident()?;
    c.expect("on")?;
    let event = c.label()?;
    while !c.is_done() && !c.is("execute") {
        c.bump();
    }
    c.expect("execute")?;
    c.bump();
    let function = c.function_name()?;
    c.expect_sign("(")?;
    c.expect_sign(")")?;
    Ok(Statement::CreateEventTrigger(name, event, function))
}

fn publication_tables(c: &mut Cursor<'_>) -> Read<Vec<Name>> {
    let mut tables = Vec::new();
    if !c.is_any(&["table", "tables"]) {
        return c.wrong("TABLE");
    }
    let mut schemas = false;
    loop {
        let again = c.eat_all(&["tables", "in", "schema"]);
        schemas |= again;
        if again || schemas && !c.is("table") {
            if !c.eat("current_schema") {
                c.ident()?;
            }
        } else {
            schemas = false;
            c.eat("table");
            tables.push(super::read_from::relation(c)?);
            if c.at_sign("(") {
                c.columns()?;
            }
            if c.eat("where") {
                c.expect_sign("(")?;
                c.skip_closed()?;
            }
        }
        if !c.sign(",") {
            return Ok(tables);
        }
    }
}

fn publication(c: &mut Cursor<'_>) -> Read<Statement> {
    let name = c.ident()?;
    let mut tables = Vec::new();
    let mut all = false;
    if c.eat("for") {
        if c.eat_all(&["all", "tables"]) {
            all = true;
        } else {
            tables = publication_tables(c)?;
        }
    }
    if c.eat("with") {
        options(c)?;
    }
    Ok(Statement::CreatePublication(name, tables, all))
}

/// Reads what follows `ALTER PUBLICATION`.
pub fn alter_publication(c: &mut Cursor<'_>) -> Read<Statement> {
    let name = c.ident()?;
    if let Some(change) = rename_and_so_on(c)? {
        let target = Target {
            name: vec![name],
            ..Target::default()
        };
        return Ok(Statement::Alter(Object::Publication, target, false, change));
    }
    let Some(verb) = c.eat_any(&["add", "drop", "set"]) else {
        return c.wrong("ADD, DROP or SET");
    };
    if c.at_sign("(") {
        options(c)?;
        let target = Target {
            name: vec![name],
            ..Target::default()
        };
        return Ok(Statement::Alter(
            Object::Publication,
            target,
            false,
            Change1::Other,
        ));
    }
    let tables = publication_tables(c)?;
    Ok(Statement::AlterPublication(name, verb.to_owned(), tables))
}
