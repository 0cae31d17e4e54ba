//! Owns the merging of layers as untyped values that keep their origins. Maps merge field by field, lists replace.

use std::sync::Arc;

use crate::base::node::{Key, Kind, Node, Origin, Problem, Text};

use super::yaml;

/// Lays `over` on `base`: maps merge field by field, all else is replaced. Keys keep the place where they came first.
#[must_use]
pub fn merge(base: Node, over: Node) -> Node {
    match (base.kind, over.kind) {
        (Kind::Map(mut entries), Kind::Map(more)) => {
            for (key, value) in more {
                match entries.iter_mut().find(|(known, _)| known.name == key.name) {
                    Some((_, slot)) => {
                        let old = std::mem::replace(slot, null(&value.origin));
                        *slot = merge(old, value);
                    }
                    None => entries.push((key, value)),
                }
            }
            Node {
                origin: base.origin,
                kind: Kind::Map(entries),
            }
        }
        (_, kind) => Node {
            origin: over.origin,
            kind,
        },
    }
}

/// Lays a whole gate file on those before it: as [`merge`], but stages are added to those that are known.
#[must_use]
pub fn merge_files(base: Node, mut over: Node) -> Node {
    let known = base.get("stages").map(|stages| stages.items().to_vec());
    if let (Some(mut all), Some(stages)) = (known, get_mut(&mut over, "stages"))
        && let Kind::Seq(items) = &mut stages.kind
    {
        all.append(items);
        *items = all;
    }
    merge(base, over)
}

/// The value at `key`, if this is a map that has it.
pub fn get_mut<'a>(node: &'a mut Node, key: &str) -> Option<&'a mut Node> {
    match &mut node.kind {
        Kind::Map(entries) => entries
            .iter_mut()
            .find(|(k, _)| k.name == key)
            .map(|(_, value)| value),
        _ => None,
    }
}

/// Takes the value at `key` out of a map.
pub fn take(node: &mut Node, key: &str) -> Option<Node> {
    let Kind::Map(entries) = &mut node.kind else {
        return None;
    };
    let at = entries.iter().position(|(k, _)| k.name == key)?;
    Some(entries.remove(at).1)
}

/// Nothing, at a place.
#[must_use]
pub fn null(origin: &Origin) -> Node {
    Node {
        origin: origin.clone(),
        kind: Kind::Null,
    }
}

/// Turns criteria that are written as a list of maps with a single key into one map, in every gate of a file.
pub fn criteria_as_maps(file: &mut Node, problems: &mut Vec<Problem>) {
    let Some(gates) = get_mut(file, "gates") else {
        return;
    };
    let Kind::Map(gates) = &mut gates.kind else {
        return;
    };
    for (_, gate) in gates {
        let Some(criteria) = get_mut(gate, "criteria") else {
            continue;
        };
        let Kind::Seq(items) = &mut criteria.kind else {
            continue;
        };
        let mut entries: Vec<(Key, Node)> = Vec::new();
        for item in std::mem::take(items) {
            let origin = item.origin.clone();
            match item.kind {
                Kind::Map(mut one) if one.len() == 1 => {
                    let (key, value) = one.remove(0);
                    if entries.iter().any(|(known, _)| known.name == key.name) {
                        let message = format!("the criterion `{}` is written twice", key.name);
                        problems.push(Problem::new(&key.origin, message, "keep one of the two"));
                    } else {
                        entries.push((key, value));
                    }
                }
                _ => problems.push(Problem::new(
                    &origin,
                    "a criterion in a list is a map with a single key",
                    "write it as `- line_coverage: \">= 95%\"`",
                )),
            }
        }
        criteria.kind = Kind::Map(entries);
    }
}

/// The layer of one `--set KEY=VALUE`: the key's parts joined by dots, the value in YAML.
///
/// # Errors
/// When the value is not YAML or the key is empty.
pub fn set(key: &str, value: &str) -> Result<Node, Vec<Problem>> {
    // Parsed behind as many spaces as the key takes, so that spans fit the text that the user typed.
    let typed = Arc::new(Text {
        name: "--set".to_owned(),
        text: format!("{key}={value}"),
        built_in: false,
    });
    let blank = Arc::new(Text {
        name: "--set".to_owned(),
        text: format!("{}{value}", " ".repeat(key.len() + 1)),
        built_in: false,
    });
    let origin = Origin {
        text: typed.clone(),
        span: 0..key.len(),
    };
    if key.split('.').any(str::is_empty) {
        let help = "write it as --set gates.GATE.level=advisory";
        return Err(vec![Problem::new(&origin, "a setting without a key", help)]);
    }
    let mut node = yaml::parse(&blank).map_err(|problems| {
        let retold = problems.into_iter().map(|mut problem| {
            problem.origin.text = typed.clone();
            problem
        });
        retold.collect::<Vec<_>>()
    })?;
    retext(&mut node, &typed);
    let mut parts: Vec<&str> = key.split('.').collect();
    if parts.len() > 4 && parts[0] == "gates" && parts[2] == "criteria" {
        parts = key.splitn(4, '.').collect();
    }
    for part in parts.into_iter().rev() {
        let key = Key {
            origin: origin.clone(),
            name: part.to_owned(),
        };
        node = Node {
            origin: origin.clone(),
            kind: Kind::Map(vec![(key, node)]),
        };
    }
    Ok(node)
}

fn retext(node: &mut Node, text: &Arc<Text>) {
    node.origin.text = text.clone();
    match &mut node.kind {
        Kind::Seq(items) => items.iter_mut().for_each(|item| retext(item, text)),
        Kind::Map(entries) => {
            for (key, value) in entries {
                key.origin.text = text.clone();
                retext(value, text);
            }
        }
        _ => {}
    }
}
