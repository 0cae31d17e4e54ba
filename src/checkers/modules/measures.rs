//! Owns the measures of a map: coupling, cohesion, instability, fan-out. Where they come from: docs/modules.md.

use std::collections::BTreeMap;

use crate::model::evidence::Evidence;
use crate::model::metric::Value;
use crate::model::number::Number;
use crate::model::quantity::{Dimension, Quantity};
use crate::source::language::Language;

use super::map::Map;

/// A mean is rounded to so many parts of one: exact fractions of thousands of parts are too large.
const PARTS: u64 = 1_000_000;

/// Measures a map.
pub fn measure(map: &Map<'_>, evidence: &mut Evidence) {
    let size = map.modules.len();
    evidence.measure("modules", Value::Plain(Quantity::count(size)));
    let largest = (0..size).map(|at| map.graph.of(at).len()).max();
    let largest = Quantity::count(largest.unwrap_or(0));
    evidence.measure("max_fan_out", Value::Plain(largest));
    let pairs = pairs(map);
    for (name, part, whole) in [
        ("coupling", map.graph.reached(), pairs),
        ("coupling_factor", map.graph.len() as u64, pairs),
        cohesion(map),
        instability(map),
    ] {
        // No pair of modules, no two definitions: nothing is coupled, and nothing falls apart.
        let empty = Number::whole(i64::from(name == "cohesion"));
        let number = Number::ratio(part.into(), whole.into()).unwrap_or(empty);
        let dimension = Dimension::Count;
        evidence.measure(name, Value::Plain(Quantity { number, dimension }));
    }
}

/// How many pairs of modules could import one another: those of one language.
fn pairs(map: &Map<'_>) -> u64 {
    let mut sizes: BTreeMap<Language, u64> = BTreeMap::new();
    for module in &map.modules {
        let language = match module.language {
            Language::TypeScript | Language::Tsx | Language::Vue | Language::Svelte => {
                Language::JavaScript
            }
            other => other,
        };
        *sizes.entry(language).or_default() += 1;
    }
    sizes
        .values()
        .map(|size| size * size.saturating_sub(1))
        .sum()
}

/// Over all files: how many joins hold their definitions together, of those that would make each file one whole.
fn cohesion(map: &Map<'_>) -> (&'static str, u64, u64) {
    let judged = map.files.iter().filter(|file| file.module.is_some());
    let judged = judged.filter(|file| !file.meta.class.generated && file.facts.units > 1);
    let (mut part, mut whole) = (0, 0);
    for file in judged {
        part += u64::from(file.facts.units - file.facts.groups);
        whole += u64::from(file.facts.units - 1);
    }
    ("cohesion", part, whole)
}

fn instability(map: &Map<'_>) -> (&'static str, u64, u64) {
    let mut imported = vec![0_u64; map.modules.len()];
    for at in 0..map.modules.len() {
        for to in map.graph.of(at).keys() {
            imported[*to] += 1;
        }
    }
    let (mut sum, mut count) = (0, 0);
    for (at, fan_in) in imported.iter().enumerate() {
        let fan_out = map.graph.of(at).len() as u64;
        if let Some(own) = (fan_out * PARTS).checked_div(fan_in + fan_out) {
            sum += own;
            count += 1;
        }
    }
    ("module_instability", sum, count * PARTS)
}
