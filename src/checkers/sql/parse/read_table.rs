//! Owns how tables and indexes are read.

use super::cursor::{Cursor, Read};
use super::expr::{Expr, Name};
use super::read_expr::expr;
use super::read_type::type_name;
use super::table::{
    ColumnDef, Constraint, ConstraintKind, CreateIndex, CreateTable, Element, IndexItem, Keys,
    Like, Reference,
};
use super::token::Kind;

/// `WITH (a = b, c)`: each option in lower case with its value.
pub fn options(c: &mut Cursor<'_>) -> Read<Vec<(String, String)>> {
    c.closed_list(|c| {
        let mut name = c.label()?;
        while c.sign(".") {
            name = format!("{name}.{}", c.label()?);
        }
        let mut value = String::new();
        if c.sign("=") {
            value = if c.is_string() {
                c.string()?
            } else {
                let mark = c.mark();
                c.sign("-");
                c.bump();
                while c.sign(".") {
                    c.bump();
                }
                c.since(mark).to_owned()
            };
        }
        Ok((name, value))
    })
}

/// Reads what follows `CREATE ... TABLE`.
pub fn create_table(c: &mut Cursor<'_>, foreign: bool, temporary: bool) -> Read<CreateTable> {
    let if_not_exists = c.if_not_exists();
    let name = c.name()?;
    let mut table = CreateTable {
        foreign,
        temporary,
        if_not_exists,
        name,
        elements: Vec::new(),
        inherits: Vec::new(),
        partition_of: None,
        of_type: None,
        partition_by: None,
    };
    if c.eat_all(&["partition", "of"]) {
        table.partition_of = Some(c.name()?);
    } else if c.eat("of") {
        table.of_type = Some(c.name()?);
    }
    let typed = table.partition_of.is_some() || table.of_type.is_some();
    if c.sign("(") && !c.sign(")") {
        table.elements = c.list(|c| element(c, typed))?;
        c.expect_sign(")")?;
    }
    if c.eat_all(&["for", "values"]) {
        if c.eat("in") || c.eat("with") {
            c.expect_sign("(")?;
            c.skip_closed()?;
        } else {
            c.expect("from")?;
            c.expect_sign("(")?;
            c.skip_closed()?;
            c.expect("to")?;
            c.expect_sign("(")?;
            c.skip_closed()?;
        }
    } else if table.partition_of.is_some() {
        c.eat("default");
    }
    if c.eat("inherits") {
        table.inherits = c.closed_list(Cursor::name)?;
    }
    if c.eat_all(&["partition", "by"]) {
        c.ident()?;
        table.partition_by = Some(c.closed_list(index_item)?);
    }
    // Storage, access method, what happens at commit, server: no rule speaks of them.
    tail(c)?;
    Ok(table)
}

fn tail(c: &mut Cursor<'_>) -> Read<()> {
    loop {
        if c.eat("using") || c.eat("tablespace") || c.eat("server") {
            c.ident()?;
        } else if c.eat_all(&["without", "oids"]) {
        } else if c.eat("with") {
            options(c)?;
        } else if c.eat("options") {
            c.expect_sign("(")?;
            c.skip_closed()?;
        } else if c.eat_all(&["on", "commit"]) {
            if !c.eat("drop") {
                let _ = c.eat_any(&["preserve", "delete"]);
                c.expect("rows")?;
            }
        } else {
            return Ok(());
        }
    }
}

fn element(c: &mut Cursor<'_>, typed: bool) -> Read<Element> {
    if c.is("like") {
        c.bump();
        let table = c.name()?;
        let mut parts = Vec::new();
        while let Some(word) = c.eat_any(&["including", "excluding"]) {
            parts.push((word == "including", c.label()?));
        }
        return Ok(Element::Like(Like { table, parts }));
    }
    if starts_constraint(c) {
        return Ok(Element::Constraint(table_constraint(c)?));
    }
    Ok(Element::Column(column(c, typed)?))
}

/// Does a constraint of the table start here? Some of its words may name a column as well.
fn starts_constraint(c: &Cursor<'_>) -> bool {
    c.is("constraint")
        || (c.is("primary") || c.is("foreign")) && c.is_at(1, "key")
        || c.is("unique") && (c.sign_at(1, "(") || c.is_at(1, "nulls") || c.is_at(1, "using"))
        || c.is("check") && c.sign_at(1, "(")
        || c.is("exclude") && (c.sign_at(1, "(") || c.is_at(1, "using"))
}

/// Reads a constraint of a table.
pub fn table_constraint(c: &mut Cursor<'_>) -> Read<Constraint> {
    let name = if c.eat("constraint") {
        Some(c.ident()?)
    } else {
        None
    };
    let kind = if c.eat_all(&["primary", "key"]) {
        ConstraintKind::Primary(keys(c)?)
    } else if c.eat("unique") {
        ConstraintKind::Unique(keys(c)?)
    } else if c.eat_all(&["foreign", "key"]) {
        let columns = c.columns()?;
        c.expect("references")?;
        ConstraintKind::Foreign(reference(c, columns)?)
    } else if c.eat("check") {
        ConstraintKind::Check(check(c)?)
    } else if c.eat("exclude") {
        exclude(c)?
    } else {
        return c.wrong("a constraint");
    };
    let mut constraint = Constraint {
        name,
        kind,
        not_valid: false,
    };
    constraint_tail(c, &mut constraint)?;
    Ok(constraint)
}

fn check(c: &mut Cursor<'_>) -> Read<Expr> {
    c.expect_sign("(")?;
    let condition = expr(c)?;
    c.expect_sign(")")?;
    Ok(condition)
}

fn constraint_tail(c: &mut Cursor<'_>, constraint: &mut Constraint) -> Read<()> {
    loop {
        if c.eat_all(&["not", "valid"]) {
            constraint.not_valid = true;
        } else if c.eat_all(&["no", "inherit"]) || c.eat_all(&["not", "deferrable"]) {
        } else if c.eat("deferrable") {
            if let ConstraintKind::Primary(keys) | ConstraintKind::Unique(keys) =
                &mut constraint.kind
            {
                keys.deferrable = true;
            }
        } else if c.eat("initially") {
            if c.eat_any(&["deferred", "immediate"]).is_none() {
                return c.wrong("DEFERRED or IMMEDIATE");
            }
        } else if c.eat("enforced") || c.eat_all(&["not", "enforced"]) {
        } else {
            return Ok(());
        }
    }
}

fn keys(c: &mut Cursor<'_>) -> Read<Keys> {
    let mut keys = Keys::default();
    if c.eat("nulls") {
        keys.nulls_not_distinct = c.eat("not");
        c.expect("distinct")?;
    }
    if c.eat_all(&["using", "index"]) && !c.is("tablespace") {
        keys.using_index = Some(c.ident()?);
        return Ok(keys);
    }
    keys.columns = c.columns()?;
    key_tail(c, &mut keys)?;
    Ok(keys)
}

fn key_tail(c: &mut Cursor<'_>, keys: &mut Keys) -> Read<()> {
    if c.eat("include") {
        keys.include = c.columns()?;
    }
    if c.is("with") && c.sign_at(1, "(") {
        c.bump();
        options(c)?;
    }
    if c.eat_all(&["using", "index", "tablespace"]) {
        c.ident()?;
    }
    Ok(())
}

fn exclude(c: &mut Cursor<'_>) -> Read<ConstraintKind> {
    let method = if c.eat("using") {
        c.ident()?
    } else {
        "btree".to_owned()
    };
    let items = c.closed_list(|c| {
        let mut item = index_item(c)?;
        c.expect("with")?;
        let mark = c.mark();
        if c.eat("operator") {
            c.expect_sign("(")?;
            c.skip_closed()?;
        } else {
            c.bump();
        }
        item.operator = Some(c.since(mark).to_owned());
        Ok(item)
    })?;
    let mut keys = Keys::default();
    key_tail(c, &mut keys)?;
    let condition = if c.eat("where") {
        Some(check(c)?)
    } else {
        None
    };
    Ok(ConstraintKind::Exclude(method, items, condition))
}

/// Reads what follows `REFERENCES`.
fn reference(c: &mut Cursor<'_>, columns: Vec<String>) -> Read<Reference> {
    let table: Name = c.name()?;
    let to = c.columns()?;
    let mut on_delete = String::new();
    loop {
        if c.eat("match") {
            c.bump();
        } else if c.eat("on") {
            let delete = c.eat_any(&["delete", "update"]) == Some("delete");
            let action = if c.eat_all(&["no", "action"]) {
                ""
            } else if c.eat("cascade") {
                "cascade"
            } else if c.eat("restrict") {
                "restrict"
            } else if c.eat_all(&["set", "null"]) {
                c.columns()?;
                "set null"
            } else if c.eat_all(&["set", "default"]) {
                c.columns()?;
                "set default"
            } else {
                return c.wrong("an action");
            };
            if delete {
                action.clone_into(&mut on_delete);
            }
        } else {
            break;
        }
    }
    Ok(Reference {
        columns,
        table,
        to,
        on_delete,
    })
}

/// Reads a column with its constraints.
pub fn column(c: &mut Cursor<'_>, typed: bool) -> Read<ColumnDef> {
    let name = c.ident()?;
    let mut column = ColumnDef {
        name,
        kind: None,
        not_null: None,
        default: None,
        identity: false,
        generated: None,
        constraints: Vec::new(),
    };
    if typed {
        c.eat_all(&["with", "options"]);
    } else {
        column.kind = Some(type_name(c)?);
    }
    while column_part(c, &mut column)? {}
    Ok(column)
}

fn column_part(c: &mut Cursor<'_>, column: &mut ColumnDef) -> Read<bool> {
    if c.eat("storage") || c.eat("compression") {
        c.label()?;
        return Ok(true);
    }
    if c.eat("collate") {
        c.name()?;
        return Ok(true);
    }
    if c.is("options") && c.sign_at(1, "(") {
        c.bump();
        c.bump();
        c.skip_closed()?;
        return Ok(true);
    }
    let name = if c.eat("constraint") {
        Some(c.ident()?)
    } else {
        None
    };
    let own = || vec![column.name.clone()];
    let kind = if c.eat_all(&["not", "null"]) {
        column.not_null = Some(true);
        c.eat_all(&["no", "inherit"]);
        return Ok(true);
    } else if c.eat("null") {
        column.not_null = Some(false);
        return Ok(true);
    } else if c.eat("default") {
        column.default = Some(expr(c)?);
        return Ok(true);
    } else if c.eat("generated") {
        if !c.eat("always") {
            c.expect("by")?;
            c.expect("default")?;
        }
        c.expect("as")?;
        if c.eat("identity") {
            column.identity = true;
            if c.sign("(") {
                super::read_other::sequence(c)?;
                c.expect_sign(")")?;
            }
        } else {
            column.generated = Some(check(c)?);
            let _ = c.eat_any(&["stored", "virtual"]);
        }
        return Ok(true);
    } else if c.eat_all(&["primary", "key"]) {
        let mut keys = Keys {
            columns: own(),
            ..Keys::default()
        };
        key_tail(c, &mut keys)?;
        ConstraintKind::Primary(keys)
    } else if c.eat("unique") {
        let mut keys = Keys {
            columns: own(),
            ..Keys::default()
        };
        if c.eat("nulls") {
            keys.nulls_not_distinct = c.eat("not");
            c.expect("distinct")?;
        }
        key_tail(c, &mut keys)?;
        ConstraintKind::Unique(keys)
    } else if c.eat("references") {
        ConstraintKind::Foreign(reference(c, own())?)
    } else if c.eat("check") {
        ConstraintKind::Check(check(c)?)
    } else if name.is_some() {
        return c.wrong("a constraint");
    } else if c.is_any(&["deferrable", "initially"]) || c.is("not") && c.is_at(1, "deferrable") {
        if let Some(last) = column.constraints.last_mut() {
            constraint_tail(c, last)?;
            return Ok(true);
        }
        return c.wrong("a constraint");
    } else {
        return Ok(false);
    };
    let mut constraint = Constraint {
        name,
        kind,
        not_valid: false,
    };
    constraint_tail(c, &mut constraint)?;
    column.constraints.push(constraint);
    Ok(true)
}

/// Reads the constraints of a domain.
pub fn domain(c: &mut Cursor<'_>) -> Read<()> {
    let mut column = ColumnDef {
        name: "value".to_owned(),
        kind: None,
        not_null: None,
        default: None,
        identity: false,
        generated: None,
        constraints: Vec::new(),
    };
    while column_part(c, &mut column)? {}
    Ok(())
}

/// Reads an element of an index: a column, a call, or an expression in parentheses.
pub fn index_item(c: &mut Cursor<'_>) -> Read<IndexItem> {
    let found = if c.at_sign("(") {
        check(c)?
    } else {
        index_key(c)?
    };
    let mut item = IndexItem {
        expr: found,
        collation: None,
        class: None,
        descending: false,
        nulls_first: None,
        operator: None,
    };
    if c.eat("collate") {
        item.collation = Some(c.name()?);
    }
    if c.is_ident() && !c.is("nulls") {
        item.class = Some(c.name()?);
        if c.at_sign("(") {
            options(c)?;
        }
    }
    if c.eat("desc") {
        item.descending = true;
    } else {
        c.eat("asc");
    }
    if c.eat("nulls") {
        item.nulls_first = Some(c.is("first"));
        c.bump();
    }
    Ok(item)
}

/// A column or a call without parentheses around it: no operator, no `COLLATE` belongs to it.
fn index_key(c: &mut Cursor<'_>) -> Read<Expr> {
    let called = c.sign_at(1, "(")
        || c.sign_at(1, ".") && c.sign_at(3, "(")
        || c.sign_at(1, ".") && c.sign_at(3, ".");
    if !called && matches!(c.kind(0), Some(Kind::Word | Kind::Quoted)) {
        return Ok(Expr::Column(vec![c.ident()?]));
    }
    super::read_expr::operand(c)
}

/// Reads what follows `CREATE`, from `UNIQUE` or `INDEX` on.
pub fn create_index(c: &mut Cursor<'_>) -> Read<CreateIndex> {
    let unique = c.eat("unique");
    c.expect("index")?;
    let concurrently = c.eat("concurrently");
    let if_not_exists = c.if_not_exists();
    let name = if c.is("on") && !if_not_exists {
        None
    } else {
        Some(c.ident()?)
    };
    c.expect("on")?;
    c.eat("only");
    let table = c.name()?;
    let method = if c.eat("using") {
        c.ident()?
    } else {
        "btree".to_owned()
    };
    let items = c.closed_list(index_item)?;
    let include = if c.eat("include") {
        c.columns()?
    } else {
        Vec::new()
    };
    let mut nulls_not_distinct = false;
    if c.eat("nulls") {
        nulls_not_distinct = c.eat("not");
        c.expect("distinct")?;
    }
    let mut with = Vec::new();
    if c.eat("with") {
        with = options(c)?;
        with.sort();
    }
    if c.eat("tablespace") {
        c.ident()?;
    }
    let condition = if c.eat("where") { Some(expr(c)?) } else { None };
    Ok(CreateIndex {
        unique,
        concurrently,
        if_not_exists,
        name,
        table,
        method,
        items,
        include,
        nulls_not_distinct,
        options: with,
        condition,
    })
}
