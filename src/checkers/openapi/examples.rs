//! Owns the examples and defaults of a description: does each match its schema?

use super::bundle::Node;
use super::hit::Kind;
use super::objects::{MEDIA_TYPE, PARAMETER_2, RESPONSE};
use super::shape::{Object, V2};
use super::tree;
use super::value::{Judge, Side, Value, Verdict};
use super::walk::Walk;

/// Judges all of them.
pub fn judge(walk: &mut Walk<'_>) {
    let bundle = walk.bundle;
    let mut all: Vec<(Node, Node, &'static str, Node)> = Vec::new();
    for seen in &walk.schemas {
        for (key, what) in [("example", "example"), ("default", "default")] {
            if let Some(value) = bundle.get(seen.node, key) {
                all.push((value, seen.node, what, seen.at));
            }
        }
        let list = bundle.get(seen.node, "examples");
        let items = list.into_iter().flat_map(|list| bundle.items(list));
        all.extend(items.map(|value| (value, seen.node, "example", seen.at)));
    }
    for (seen, object) in &walk.carriers {
        let is = |other: &'static Object| std::ptr::eq(*object, other);
        if is(&RESPONSE) {
            if walk.version & V2 != 0
                && let Some(schema) = bundle.get(seen.node, "schema")
                && let Some(map) = bundle.get(seen.node, "examples")
            {
                let examples = bundle.entries(map).filter(|(media, ..)| is_json(media));
                all.extend(examples.map(|(_, _, value)| (value, schema, "example", seen.at)));
            }
            continue;
        }
        if is(&PARAMETER_2) {
            if let Some(value) = bundle.get(seen.node, "default")
                && bundle.text_at(seen.node, "type").is_some()
            {
                all.push((value, seen.node, "default", seen.at));
            }
            continue;
        }
        let Some(schema) = bundle.get(seen.node, "schema") else {
            continue;
        };
        if is(&MEDIA_TYPE) && !is_json(bundle.tree(seen.at).key(seen.at.id)) {
            continue;
        }
        if let Some(value) = bundle.get(seen.node, "example") {
            all.push((value, schema, "example", seen.at));
        }
        let map = bundle.get(seen.node, "examples");
        for (_, _, value) in map.into_iter().flat_map(|map| bundle.entries(map)) {
            let Ok(example) = bundle.follow(value) else {
                continue;
            };
            for key in ["value", "dataValue"] {
                if let Some(value) = bundle.get(example, key) {
                    all.push((value, schema, "example", seen.at));
                }
            }
        }
    }
    let judge = Judge::new(bundle, walk.version, Side::Either);
    let mut open = 0;
    for (node, schema, what, holder) in all {
        if matches!(bundle.kind(node), tree::Kind::Map(_)) && bundle.get(node, "$ref").is_some() {
            open += 1;
            continue;
        }
        let value = Value {
            tree: bundle.tree(node),
            id: node.id,
        };
        match judge.judge(value, schema) {
            Verdict::Good => {}
            Verdict::Open(_) => open += 1,
            Verdict::Bad(at, why) => {
                let part = if at.is_empty() { "it" } else { &at };
                // What is empty has no place in YAML.
                let empty = bundle.place(node).is_empty();
                walk.hit(
                    Kind::Example,
                    if empty { holder } else { node },
                    format!("the {what} does not match its schema: {part} {why}"),
                );
            }
        }
    }
    walk.hits.unjudged += open;
}

/// Is it JSON by its media type?
#[must_use]
pub fn is_json(media: &str) -> bool {
    let kind = media.split(';').next().unwrap_or_default().trim();
    let kind = kind.to_ascii_lowercase();
    matches!(kind.as_str(), "application/json" | "text/json") || kind.ends_with("+json")
}
