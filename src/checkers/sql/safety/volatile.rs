//! Owns which defaults have another value for each row: only those write a table anew when a column is added.

use super::super::fold::{Fold, scope};
use super::super::parse::expr::Expr;

/// Functions of the server and of well-known extensions that are volatile, sorted.
const VOLATILE: &[&str] = &[
    "clock_timestamp",
    "cuid",
    "currval",
    "gen_random_bytes",
    "gen_random_uuid",
    "gen_salt",
    "gen_ulid",
    "generate_ulid",
    "lastval",
    "nanoid",
    "nextval",
    "random",
    "random_normal",
    "setval",
    "timeofday",
    "uuid_generate_v1",
    "uuid_generate_v1mc",
    "uuid_generate_v4",
    "uuid_generate_v7",
    "uuidv4",
    "uuidv7",
];

/// The first function in a default that may give another value each time.
pub fn called(fold: &Fold, default: &Expr) -> Option<String> {
    if let Expr::Call(call) = default
        && !call.grammar
        && is_volatile(fold, &call.name)
    {
        return Some(format!("{}()", call.name.join(".")));
    }
    let mut found = None;
    scope::children(
        default,
        &mut |child| {
            if found.is_none() {
                found = called(fold, child);
            }
        },
        &mut |_| {},
    );
    found
}

fn is_volatile(fold: &Fold, name: &Vec<String>) -> bool {
    let own = match name.as_slice() {
        [bare] => {
            let (schema, _) = fold.qualified(&vec![bare.clone()]);
            vec![schema, bare.clone()]
        }
        _ => name.clone(),
    };
    let own = fold.catalog.functions_named(&own, &[]);
    if !own.is_empty() {
        return own.iter().any(|function| function.volatility == 'v');
    }
    let last = name.last().map_or("", String::as_str);
    VOLATILE.binary_search(&last).is_ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_list_is_sorted() {
        assert!(super::VOLATILE.is_sorted());
    }
}
