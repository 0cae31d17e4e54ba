//! Owns the comparison of catalogs: what migrations make of a live database, and what is expected, value by value.

use std::path::Path;

use serde_json::Value;

use crate::server::Server;

/// The catalog of a live database.
pub fn live(server: &Server, database: &str) -> Value {
    let said = server.query(database, include_str!("catalog.sql"));
    serde_json::from_str(said.trim()).expect("one JSON value")
}

/// The catalog that a set must bring about, kept beside it.
pub fn expected(set: &Path) -> Value {
    let text =
        std::fs::read_to_string(set.join("catalog.json")).expect("it is kept beside the set");
    serde_json::from_str(&text).expect("JSON")
}

/// Where the two differ: one line for each place.
pub fn differences(wanted: &Value, found: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    compare("", wanted, found, &mut lines);
    lines
}

fn compare(at: &str, wanted: &Value, found: &Value, lines: &mut Vec<String>) {
    match (wanted, found) {
        (Value::Object(wanted), Value::Object(found)) => {
            for (key, value) in wanted {
                let at = format!("{at}/{key}");
                match found.get(key) {
                    Some(found) => compare(&at, value, found, lines),
                    None => lines.push(format!("{at}: missing")),
                }
            }
        }
        (Value::Array(wanted), Value::Array(found)) if wanted.iter().all(|v| name(v).is_some()) => {
            for value in wanted {
                let own = name(value).expect("it was just asked");
                let at = format!("{at}/{own}");
                match found
                    .iter()
                    .find(|found| name(found).as_ref() == Some(&own))
                {
                    Some(found) => compare(&at, value, found, lines),
                    None => lines.push(format!("{at}: missing")),
                }
            }
            let known: Vec<_> = wanted.iter().filter_map(name).collect();
            let more = found.iter().filter_map(name);
            lines.extend(
                more.filter(|name| !known.contains(name))
                    .map(|name| format!("{at}/{name}: not in the database")),
            );
        }
        _ if wanted == found => {}
        _ => lines.push(format!("{at}: {wanted} in the database, {found} found")),
    }
}

/// What tells one member of a list from another.
fn name(value: &Value) -> Option<String> {
    let part = |key: &str| value.get(key).and_then(Value::as_str);
    let own = part("name").or_else(|| part("role"))?;
    let schema = part("schema").map(|schema| format!("{schema}."));
    let args = part("args").map(|args| format!("({args})"));
    Some(format!(
        "{}{own}{}",
        schema.unwrap_or_default(),
        args.unwrap_or_default()
    ))
}
