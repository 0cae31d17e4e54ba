//! Owns how the name of a type is read.

use super::cursor::{Cursor, Read};
use super::expr::TypeName;
use super::token::Kind;

/// Reads a type.
pub fn type_name(c: &mut Cursor<'_>) -> Read<TypeName> {
    let setof = c.eat("setof");
    let mut kind = bare(c)?;
    kind.setof = setof;
    if c.at_sign("%") && c.is_at(1, "type") {
        c.bump();
        c.bump();
        kind.of_column = true;
    }
    if c.eat("array") {
        kind.dimensions = 1;
        if c.sign("[") {
            c.skip_closed()?;
        }
    }
    while c.at_sign("[") {
        let number = c.kind(1) == Some(Kind::Number);
        if !c.sign_at(1 + usize::from(number), "]") {
            break;
        }
        c.bump();
        c.skip_closed()?;
        kind.dimensions += 1;
    }
    Ok(kind)
}

fn named(name: &str) -> TypeName {
    TypeName {
        name: vec![name.to_owned()],
        ..TypeName::default()
    }
}

fn modifiers(c: &mut Cursor<'_>, kind: &mut TypeName) -> Read<()> {
    if !c.at_sign("(") {
        return Ok(());
    }
    c.bump();
    loop {
        let mark = c.mark();
        while !c.is_done() && !c.at_sign(",") && !c.at_sign(")") {
            c.bump();
        }
        kind.modifiers.push(c.since(mark).to_owned());
        if c.sign(")") {
            return Ok(());
        }
        c.expect_sign(",")?;
    }
}

fn bare(c: &mut Cursor<'_>) -> Read<TypeName> {
    let quoted = c.kind(0) == Some(Kind::Quoted);
    let first = c.peek(0).to_ascii_lowercase();
    let qualified = c.sign_at(1, ".");
    let simple = match first.as_str() {
        _ if quoted || qualified => None,
        "int" | "integer" => Some("int4"),
        "smallint" => Some("int2"),
        "bigint" => Some("int8"),
        "real" => Some("float4"),
        "boolean" => Some("bool"),
        "decimal" | "dec" | "numeric" => Some("numeric"),
        _ => None,
    };
    if let Some(simple) = simple {
        c.bump();
        let mut kind = named(simple);
        modifiers(c, &mut kind)?;
        return Ok(kind);
    }
    if !quoted
        && !qualified
        && let Some(kind) = worded(c, &first)?
    {
        return Ok(kind);
    }
    let mut kind = TypeName {
        name: c.function_name()?,
        ..TypeName::default()
    };
    if kind.name.len() == 2 && kind.name[0] == "pg_catalog" {
        kind.name.remove(0);
    }
    modifiers(c, &mut kind)?;
    Ok(kind)
}

/// Types whose names the standard makes of several words.
fn worded(c: &mut Cursor<'_>, first: &str) -> Read<Option<TypeName>> {
    let kind = match first {
        "double" if c.is_at(1, "precision") => {
            c.bump();
            c.bump();
            named("float8")
        }
        "float" => {
            c.bump();
            let mut kind = named("float8");
            modifiers(c, &mut kind)?;
            let digits = kind
                .modifiers
                .first()
                .and_then(|text| text.parse::<u32>().ok());
            if digits.is_some_and(|digits| digits <= 24) {
                kind = named("float4");
            }
            kind.modifiers.clear();
            kind
        }
        "national" | "character" | "char" | "nchar" | "varchar" => {
            c.eat("national");
            let varying = c.is("varchar");
            c.bump();
            let varying = c.eat("varying") || varying;
            let mut kind = named(if varying { "varchar" } else { "bpchar" });
            modifiers(c, &mut kind)?;
            kind
        }
        "bit" => {
            c.bump();
            let mut kind = named(if c.eat("varying") { "varbit" } else { "bit" });
            modifiers(c, &mut kind)?;
            kind
        }
        "timestamp" | "time" => {
            c.bump();
            let mut kind = named(first);
            modifiers(c, &mut kind)?;
            if c.eat_all(&["with", "time", "zone"]) {
                kind.name[0].push_str("tz");
            } else {
                c.eat_all(&["without", "time", "zone"]);
            }
            kind
        }
        "interval" => {
            c.bump();
            let mut kind = named("interval");
            modifiers(c, &mut kind)?;
            interval_fields(c, &mut kind)?;
            kind
        }
        _ => return Ok(None),
    };
    Ok(Some(kind))
}

/// The fields of an interval: `day to second(3)`.
pub fn interval_fields(c: &mut Cursor<'_>, kind: &mut TypeName) -> Read<()> {
    const FIELDS: [&str; 6] = ["year", "month", "day", "hour", "minute", "second"];
    if c.eat_any(&FIELDS).is_some() {
        if c.eat("to") && c.eat_any(&FIELDS).is_none() {
            return c.wrong("a field");
        }
        modifiers(c, kind)?;
    }
    Ok(())
}
