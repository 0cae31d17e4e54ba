//! Owns the comparison of a gate file before and after a layer: what asks for less is told, with both places.

use crate::base::node::{Key, Kind, Node, Origin};
use crate::model::criterion::{Bound, Criterion, Op};
use crate::model::number::Number;

use super::criteria::text_of;
use super::file::CHECK_KEYS;
use super::gates::stages;
use super::layer::is_off;

/// One line for each weakening of a gate, of the score's limits, and for each change of rules for all checks.
#[must_use]
pub fn notices(before: &Node, after: &Node) -> Vec<String> {
    let mut told = Vec::new();
    let entries = |file: &Node| {
        file.get("gates")
            .map(Node::entries)
            .unwrap_or_default()
            .to_vec()
    };
    let now = entries(after);
    for (key, old) in &entries(before) {
        if let Some((_, new)) = now.iter().find(|(known, _)| known.name == key.name)
            && !is_off(old)
            && !same(old, new)
        {
            gate(key, old, new, &mut told);
        }
    }
    let score = |file: &Node, key: &str| file.get("score").and_then(|s| s.get(key)).cloned();
    for limit in ["minimum", "component_minimum", "minimum_measured_weight"] {
        if let (Some(old), Some(new)) = (score(before, limit), score(after, limit))
            && number(&new) < number(&old)
        {
            told.push(format!(
                "score: `{limit}` is {} ({}), was {} ({})",
                shown(&new),
                new.origin,
                shown(&old),
                old.origin
            ));
        }
    }
    let days = |file: &Node| file.get("max_exemption_days").cloned();
    if let (Some(old), Some(new)) = (days(before), days(after))
        && number(&new) > number(&old)
    {
        told.push(format!(
            "`max_exemption_days` is {} ({}), was {} ({})",
            shown(&new),
            new.origin,
            shown(&old),
            old.origin
        ));
    }
    told
}

/// The line for a gate whose level changes.
#[must_use]
pub fn level_notice(id: &str, old: (&str, &Origin), new: (&str, &Origin)) -> String {
    format!(
        "gate `{id}`: level is {} ({}), was {} ({})",
        new.0, new.1, old.0, old.1
    )
}

fn gate(key: &Key, old: &Node, new: &Node, told: &mut Vec<String>) {
    let id = &key.name;
    if is_off(new) {
        told.push(format!(
            "gate `{id}`: off ({}), was {}",
            new.origin, key.origin
        ));
        return;
    }
    for (field, words) in [
        ("level", &["advisory", "mandatory"][..]),
        ("failure_action", &["warn", "require_approval", "block"]),
        ("scope", &["new", "all"]),
    ] {
        let strictest = words.len() - 1;
        let rank = |node: &Node| {
            let word = node.get(field).and_then(Node::as_str);
            words
                .iter()
                .position(|w| Some(*w) == word)
                .unwrap_or(strictest)
        };
        let place = |node: &Node| node.get(field).map_or(&key.origin, |n| &n.origin).clone();
        if rank(new) < rank(old) {
            told.push(format!(
                "gate `{id}`: {field} is {} ({}), was {} ({})",
                words[rank(new)],
                place(new),
                words[rank(old)],
                place(old)
            ));
        }
    }
    for stage in stages(old) {
        if !stages(new).contains(&stage) {
            let place = new.get("stages").map_or(&key.origin, |n| &n.origin);
            told.push(format!(
                "gate `{id}`: no longer runs in stage {stage} ({place}), was {}",
                key.origin
            ));
        }
    }
    for field in ["paths", "requires"] {
        let (before, after) = (old.get(field), new.get(field));
        if let Some(after) = after
            && !after.items().is_empty()
            && !before.is_some_and(|before| same(before, after))
        {
            told.push(format!(
                "gate `{id}`: `{field}` is changed ({}), was {}",
                after.origin,
                before.map_or(&key.origin, |n| &n.origin)
            ));
        }
    }
    checks(key, old, new, told);
    criteria(key, old, new, told);
}

fn checks(key: &Key, old: &Node, new: &Node, told: &mut Vec<String>) {
    let id = &key.name;
    let list = |gate: &Node| {
        gate.get("checks")
            .map(Node::items)
            .unwrap_or_default()
            .to_vec()
    };
    let place = new.get("checks").map_or(&key.origin, |n| &n.origin);
    let now = list(new);
    for check in &list(old) {
        let name = name_of(check);
        match now.iter().find(|other| name_of(other) == name) {
            None => told.push(format!(
                "gate `{id}`: the check `{name}` is gone ({place}), was {}",
                check.origin
            )),
            Some(other) if !same(check, other) => told.push(format!(
                "gate `{id}`: the check `{name}` has other options ({}), was {}",
                other.origin, check.origin
            )),
            Some(_) => {}
        }
    }
}

fn name_of(check: &Node) -> &str {
    let checker = || {
        let mut keys = check.entries().iter().map(|(key, _)| key.name.as_str());
        keys.find(|key| !CHECK_KEYS.contains(key))
    };
    let given = check.get("as").and_then(Node::as_str);
    given.or_else(checker).unwrap_or_default()
}

fn criteria(key: &Key, old: &Node, new: &Node, told: &mut Vec<String>) {
    let id = &key.name;
    let of = |gate: &Node| {
        let all = gate.get("criteria").map(Node::entries).unwrap_or_default();
        let on = all.iter().filter(|(_, value)| !is_off(value));
        on.cloned().collect::<Vec<_>>()
    };
    let (before, after) = (of(old), of(new));
    let place = new.get("criteria").map_or(&key.origin, |n| &n.origin);
    if before.is_empty() && !after.is_empty() {
        told.push(format!(
            "gate `{id}`: has criteria of its own ({place}), was no finding of severity high or above ({})",
            key.origin
        ));
    }
    for (metric, asked) in &before {
        let now = after.iter().find(|(known, _)| known.name == metric.name);
        match now {
            None => told.push(format!(
                "gate `{id}`: `{}` is no longer asked for ({}), was {} ({})",
                metric.name,
                new.get("criteria")
                    .and_then(|all| all.get(&metric.name))
                    .map_or(place, |off| &off.origin),
                shown(asked),
                asked.origin
            )),
            Some((_, now)) if !at_least_as_strict(now, asked) => told.push(format!(
                "gate `{id}`: `{}` must be {} ({}), was {} ({})",
                metric.name,
                shown(now),
                now.origin,
                shown(asked),
                asked.origin
            )),
            Some(_) => {}
        }
    }
}

/// Does whatever meets `new` meet `old`? `false` where that is not plain.
fn at_least_as_strict(new: &Node, old: &Node) -> bool {
    let read = |node: &Node| text_of(node).and_then(|text| Criterion::parse(&text).ok());
    let (Some(new), Some(old)) = (read(new), read(old)) else {
        return false;
    };
    let (Bound::Fixed(a), Bound::Fixed(b)) = (new.bound, old.bound) else {
        return new == old;
    };
    let (x, y) = (a.number, b.number);
    a.dimension == b.dimension
        && match (new.op, old.op) {
            (Op::Less | Op::AtMost | Op::Equal, Op::AtMost) | (Op::Less, Op::Less) => x <= y,
            (Op::AtMost | Op::Equal, Op::Less) => x < y,
            (Op::More | Op::AtLeast | Op::Equal, Op::AtLeast) | (Op::More, Op::More) => x >= y,
            (Op::AtLeast | Op::Equal, Op::More) => x > y,
            (Op::Equal, Op::Equal) => x == y,
            _ => false,
        }
}

/// Are the values equal, wherever they stand?
fn same(a: &Node, b: &Node) -> bool {
    match (&a.kind, &b.kind) {
        (Kind::Seq(a), Kind::Seq(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Kind::Map(a), Kind::Map(b)) => {
            a.len() == b.len()
                && a.iter().all(|(key, value)| {
                    let other = b.iter().find(|(known, _)| known.name == key.name);
                    other.is_some_and(|(_, other)| same(value, other))
                })
        }
        (a, b) => a == b,
    }
}

fn number(node: &Node) -> Option<Number> {
    text_of(node).and_then(|text| Number::parse(&text))
}

fn shown(node: &Node) -> String {
    text_of(node).unwrap_or_default()
}
