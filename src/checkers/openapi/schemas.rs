//! Owns what is judged of schemas beyond the types of their keywords: bounds that contradict each other, names that are required and not there.

use super::bundle::{Bundle, Node};
use super::hit::Kind;
use super::shape::{SINCE31, V2};
use super::tree;
use super::walk::{Seen, Walk};

/// Judges all schemas.
pub fn judge(walk: &mut Walk<'_>) {
    for seen in walk.schemas.clone() {
        bounds(walk, seen);
        array(walk, seen);
        required(walk, seen);
        patterns(walk, seen);
    }
}

/// The number at a key.
#[must_use]
pub fn number(bundle: &Bundle, node: Node, key: &str) -> Option<f64> {
    match bundle.kind(bundle.get(node, key)?) {
        tree::Kind::Number(text) => text.parse().ok(),
        _ => None,
    }
}

fn wrong(walk: &mut Walk<'_>, seen: Seen, key: &str, what: &str) {
    let at = walk.bundle.key_of(seen.node, key).unwrap_or(seen.at);
    let way = walk.pointer(seen);
    walk.hit(Kind::Schema, at, format!("the schema at {way} {what}"));
}

fn bounds(walk: &mut Walk<'_>, seen: Seen) {
    let bundle = walk.bundle;
    for (low, high) in [
        ("minimum", "maximum"),
        ("minLength", "maxLength"),
        ("minItems", "maxItems"),
        ("minProperties", "maxProperties"),
        ("minContains", "maxContains"),
    ] {
        if let Some(least) = number(bundle, seen.node, low)
            && let Some(most) = number(bundle, seen.node, high)
            && least > most
        {
            let what = format!("can hold for nothing: `{low}` is {least}, and `{high}` is {most}");
            wrong(walk, seen, low, &what);
        }
    }
    if number(bundle, seen.node, "multipleOf").is_some_and(|step| step <= 0.0) {
        wrong(
            walk,
            seen,
            "multipleOf",
            "has a `multipleOf` that is not above 0",
        );
    }
}

/// Before 3.1 an array says what its items are.
fn array(walk: &mut Walk<'_>, seen: Seen) {
    let bundle = walk.bundle;
    let older = walk.version & SINCE31 == 0 && walk.version & V2 == 0;
    if older
        && bundle.text_at(seen.node, "type") == Some("array")
        && bundle.get(seen.node, "items").is_none()
    {
        wrong(walk, seen, "type", "is of arrays, and lacks `items`");
    }
}

/// A required name that no property has, where the schema names its properties and combines nothing.
fn required(walk: &mut Walk<'_>, seen: Seen) {
    let bundle = walk.bundle;
    let Some(list) = bundle.get(seen.node, "required") else {
        return;
    };
    let Some(Ok(properties)) = bundle.follow_at(seen.node, "properties") else {
        return;
    };
    let has = |key: &str| bundle.get(seen.node, key).is_some();
    if ["allOf", "anyOf", "oneOf", "$ref", "patternProperties", "if"]
        .iter()
        .any(|key| has(key))
    {
        return;
    }
    // Of a schema in a combination the others may name it.
    if walk
        .pointer(seen)
        .rsplit('/')
        .nth(1)
        .is_some_and(|part| matches!(part, "allOf" | "anyOf" | "oneOf"))
    {
        return;
    }
    let others = bundle.get(seen.node, "additionalProperties");
    if others.is_some_and(|others| !matches!(bundle.kind(others), tree::Kind::Flag(false))) {
        return;
    }
    let mut known = std::collections::BTreeSet::new();
    for item in bundle.items(list) {
        let Some(name) = bundle.text(item) else {
            continue;
        };
        if !known.insert(name) {
            let way = walk.pointer(seen);
            walk.hit(
                Kind::Schema,
                item,
                format!("the schema at {way} requires `{name}` twice"),
            );
        } else if bundle.get(properties, name).is_none() {
            let way = walk.pointer(seen);
            walk.hit(
                Kind::Required,
                item,
                format!("the schema at {way} requires `{name}`, which is none of its properties"),
            );
        }
    }
}

/// Names of `patternProperties` are regular expressions.
fn patterns(walk: &mut Walk<'_>, seen: Seen) {
    let bundle = walk.bundle;
    if walk.version & SINCE31 == 0 {
        return;
    }
    let Some(map) = bundle.get(seen.node, "patternProperties") else {
        return;
    };
    for (name, key, _) in bundle.entries(map) {
        if let Err(why) = super::pattern::check(name) {
            walk.hit(
                Kind::Schema,
                key,
                format!("`{name}` is no regular expression: {why}"),
            );
        }
    }
}
