//! Owns how `DROP` and `COMMENT ON` are read.

use super::cursor::{Cursor, Read};
use super::read_function;
use super::read_type::type_name;
use super::statement::{Object, Statement, Target};

/// Kinds of objects by the words that name them.
const KINDS: &[(&[&str], Object)] = &[
    (&["table"], Object::Table),
    (&["view"], Object::View),
    (&["materialized", "view"], Object::MaterializedView),
    (&["foreign", "table"], Object::ForeignTable),
    (&["sequence"], Object::Sequence),
    (&["index"], Object::Index),
    (&["type"], Object::Type),
    (&["domain"], Object::Domain),
    (&["function"], Object::Function),
    (&["procedure"], Object::Procedure),
    (&["routine"], Object::Routine),
    (&["aggregate"], Object::Aggregate),
    (&["schema"], Object::Schema),
    (&["extension"], Object::Extension),
    (&["policy"], Object::Policy),
    (&["trigger"], Object::Trigger),
    (&["rule"], Object::Rule),
    (&["role"], Object::Role),
    (&["group"], Object::Role),
    (&["publication"], Object::Publication),
    (&["event", "trigger"], Object::EventTrigger),
    (&["database"], Object::Database),
    (&["column"], Object::Column),
    (&["constraint"], Object::Constraint),
];

fn kind(c: &mut Cursor<'_>) -> Option<Object> {
    if c.is("user") && !c.is_at(1, "mapping") {
        c.bump();
        return Some(Object::Role);
    }
    let found = KINDS.iter().find(|(words, _)| c.eat_all(words))?;
    Some(found.1)
}

fn one(c: &mut Cursor<'_>, object: Object) -> Read<Target> {
    match object {
        Object::Function | Object::Procedure | Object::Routine | Object::Aggregate => {
            read_function::target(c)
        }
        Object::Policy | Object::Trigger | Object::Rule | Object::Constraint => {
            let name = vec![c.ident()?];
            c.expect("on")?;
            if object == Object::Constraint {
                c.eat("domain");
            }
            Ok(Target {
                name,
                args: None,
                on: Some(c.name()?),
            })
        }
        Object::Type | Object::Domain => Ok(Target {
            name: type_name(c)?.name,
            ..Target::default()
        }),
        _ => Ok(Target {
            name: c.name()?,
            ..Target::default()
        }),
    }
}

/// Reads a statement that begins with `DROP`.
pub fn drop(c: &mut Cursor<'_>) -> Read<Statement> {
    c.bump();
    let Some(object) = kind(c) else {
        let word = c.peek(0).to_ascii_lowercase();
        if c.is_done() {
            return c.wrong("what to drop");
        }
        c.skip_rest();
        return Ok(if word == "owned" {
            Statement::Opaque("drop owned".to_owned())
        } else {
            Statement::Other(format!("drop {word}"))
        });
    };
    let concurrently = object == Object::Index && c.eat("concurrently");
    let if_exists = c.if_exists();
    let targets = c.list(|c| one(c, object))?;
    if object == Object::Database && (c.eat("with") || c.at_sign("(")) {
        super::read_table::options(c)?;
    }
    let cascade = c.cascade();
    Ok(Statement::Drop(
        object,
        targets,
        if_exists,
        cascade,
        concurrently,
    ))
}

/// Reads a statement that begins with `COMMENT`.
pub fn comment(c: &mut Cursor<'_>) -> Read<Statement> {
    c.bump();
    c.expect("on")?;
    let object = kind(c);
    let target = if let Some(object) = object {
        one(c, object)?
    } else {
        c.skip_rest();
        return Ok(Statement::Other("comment".to_owned()));
    };
    c.expect("is")?;
    if !c.eat("null") {
        c.string()?;
    }
    Ok(Statement::Comment(object.unwrap_or(Object::Other), target))
}
