//! Owns what the specification demands of single objects beyond their fields.

use super::bundle::Node;
use super::hit::Kind;
use super::objects::{
    DOCUMENT, EXAMPLE, HEADER, OPERATION, PARAMETER, PARAMETER_2, PATH_ITEM, RESPONSES, SECURITY,
};
use super::shape::{Object, SINCE31, V2};
use super::tree;
use super::walk::{Seen, Walk};

/// Judges one object.
pub fn of(walk: &mut Walk<'_>, seen: Seen, object: &'static Object) {
    let is = |other: &'static Object| std::ptr::eq(object, other);
    if is(&PARAMETER) || is(&PARAMETER_2) {
        parameter(walk, seen);
    } else if is(&HEADER) {
        schema_or_content(walk, seen, "Header");
    } else if is(&RESPONSES) {
        responses(walk, seen);
    } else if is(&SECURITY) {
        security(walk, seen);
    } else if is(&DOCUMENT) {
        let has = |key: &&str| walk.bundle.get(seen.node, key).is_some();
        let parts = ["paths", "components", "webhooks"];
        if walk.version & SINCE31 != 0 && !parts.iter().any(has) {
            invalid(
                walk,
                seen,
                None,
                "has none of `paths`, `components` and `webhooks`, and must have one",
            );
        }
    } else if is(&EXAMPLE) {
        both(walk, seen, "value", "externalValue");
    }
    if is(&OPERATION) || is(&PATH_ITEM) {
        twice(walk, seen);
    }
}

fn invalid(walk: &mut Walk<'_>, seen: Seen, at: Option<Node>, what: &str) {
    let way = walk.pointer(seen);
    walk.hit(
        Kind::Invalid,
        at.unwrap_or(seen.at),
        format!("{way} {what}"),
    );
}

fn parameter(walk: &mut Walk<'_>, seen: Seen) {
    let bundle = walk.bundle;
    let place = bundle.text_at(seen.node, "in");
    if place == Some("path") && !bundle.says(seen.node, "required") {
        let at = bundle.key_of(seen.node, "in");
        invalid(
            walk,
            seen,
            at,
            "is a parameter of the path, and must say `required: true`",
        );
    }
    if walk.version & V2 != 0 {
        let body = place == Some("body");
        let has = |key| bundle.get(seen.node, key).is_some();
        if body && !has("schema") {
            invalid(
                walk,
                seen,
                None,
                "is a parameter in the body, and lacks `schema`",
            );
        }
        if !body && place.is_some() && !has("type") {
            invalid(walk, seen, None, "is a parameter, and lacks `type`");
        }
        if bundle.text_at(seen.node, "type") == Some("array") && !has("items") {
            invalid(walk, seen, None, "is an array, and lacks `items`");
        }
    } else {
        schema_or_content(walk, seen, "Parameter");
    }
}

fn schema_or_content(walk: &mut Walk<'_>, seen: Seen, name: &str) {
    if walk.version & V2 != 0 {
        return;
    }
    let bundle = walk.bundle;
    let content = bundle.get(seen.node, "content");
    match (bundle.get(seen.node, "schema"), content) {
        (None, None) => {
            invalid(
                walk,
                seen,
                None,
                &format!("is a {name} Object, and lacks `schema` or `content`"),
            );
        }
        (Some(_), Some(_)) => both(walk, seen, "schema", "content"),
        _ => {}
    }
    if let Some(content) = content
        && bundle.entries(content).count() != 1
    {
        let at = bundle.key_of(seen.node, "content");
        invalid(walk, seen, at, "must have one media type in `content`");
    }
    both(walk, seen, "example", "examples");
}

/// Two fields that exclude each other.
fn both(walk: &mut Walk<'_>, seen: Seen, one: &str, other: &str) {
    let bundle = walk.bundle;
    if bundle.get(seen.node, one).is_some()
        && let Some(at) = bundle.key_of(seen.node, other)
    {
        invalid(
            walk,
            seen,
            Some(at),
            &format!("has `{one}` and `{other}`, which exclude each other"),
        );
    }
}

fn responses(walk: &mut Walk<'_>, seen: Seen) {
    let mut names = walk.bundle.entries(seen.node).map(|(name, ..)| name);
    if !names.any(|name| !name.starts_with("x-")) {
        invalid(walk, seen, None, "names no response, and must name one");
    }
}

fn security(walk: &mut Walk<'_>, seen: Seen) {
    let bundle = walk.bundle;
    let needed: &[&str] = match bundle.text_at(seen.node, "type") {
        Some("apiKey") => &["name", "in"],
        Some("http") => &["scheme"],
        Some("oauth2") => &["flows"],
        Some("openIdConnect") => &["openIdConnectUrl"],
        _ => &[],
    };
    for name in needed {
        if bundle.get(seen.node, name).is_none() {
            let of = bundle.text_at(seen.node, "type").unwrap_or_default();
            invalid(
                walk,
                seen,
                None,
                &format!("is of type {of}, and lacks `{name}`"),
            );
        }
    }
}

/// A list of parameters names each once.
fn twice(walk: &mut Walk<'_>, seen: Seen) {
    let bundle = walk.bundle;
    let Some(list) = bundle.get(seen.node, "parameters") else {
        return;
    };
    let mut known = std::collections::BTreeSet::new();
    for item in bundle.items(list) {
        let Ok(parameter) = bundle.follow(item) else {
            continue;
        };
        let name = bundle.text_at(parameter, "name");
        let place = bundle.text_at(parameter, "in");
        if let (Some(name), Some(place)) = (name, place)
            && !known.insert((name, place))
        {
            let what = format!("has the parameter `{name}` in {place} twice");
            invalid(walk, seen, bundle.key_of(seen.node, "parameters"), &what);
        }
    }
}

const TYPES: &[&str] = &["string", "number", "integer", "boolean", "array", "object"];

/// `type` of a schema: a name, or a list of names since 3.1.
pub fn type_names(walk: &mut Walk<'_>, node: Node, at: Node, trail: u32) {
    let bundle = walk.bundle;
    let newer = walk.version & SINCE31 != 0;
    let good = |name: &str| {
        TYPES.contains(&name)
            || (newer && name == "null")
            || (walk.version & V2 != 0 && name == "file")
    };
    let wrong: Option<String> = match bundle.kind(node) {
        tree::Kind::Text(name) if good(name) => None,
        tree::Kind::Text(name) => Some(format!("is `{name}`")),
        tree::Kind::List(items) if newer => {
            let mut names = items.iter().map(|&id| bundle.text(Node { id, ..node }));
            let bad = names.find(|name| !name.is_some_and(good));
            bad.map(|name| format!("names `{}`", name.unwrap_or("something that is no string")))
        }
        _ => Some(format!("is {}", bundle.tree(node).named(node.id))),
    };
    if let Some(what) = wrong {
        let way = walk.way(trail);
        let null = if newer { ", null" } else { "" };
        let list = TYPES.join(", ");
        walk.hit(
            Kind::Schema,
            at,
            format!("{way} {what}, and must be one of {list}{null}"),
        );
    }
}
