//! Owns the reading of the score: limits, weights and formulas.

use std::collections::BTreeMap;

use crate::base::node::{Node, Problem};
use crate::check::registry::CheckerInfo;
use crate::model::formula::Formula;

use super::checks::key_origin;
use super::file::Score;
use super::layer::suggest;
use super::plan::{ComponentSpec, PlannedGate, ScoreSpec};

/// Names that every component's formula may use: how many findings of that severity stand in the component.
pub const SEVERITIES: [&str; 5] = ["critical", "high", "medium", "low", "info"];

/// Reads the score. A formula in a user's file may only name metrics that some checker or planned check measures.
pub fn read(
    score: &Score,
    node: Option<&Node>,
    checkers: &[CheckerInfo],
    gates: &[PlannedGate],
    problems: &mut Vec<Problem>,
) -> ScoreSpec {
    let mut metrics: Vec<String> = SEVERITIES.map(str::to_owned).to_vec();
    metrics.extend(
        checkers
            .iter()
            .flat_map(|c| c.metrics)
            .map(|m| m.name.to_string()),
    );
    for check in gates.iter().flat_map(|gate| &gate.checks) {
        metrics.extend(check.check.metrics().iter().map(|m| m.name.to_string()));
    }
    let (weights, formulas) = (
        node.and_then(|n| n.get("weights")),
        node.and_then(|n| n.get("formulas")),
    );
    let mut components = BTreeMap::new();
    for (name, text) in &score.formulas {
        let Some(origin) = formulas.and_then(|f| f.get(name)).map(|n| &n.origin) else {
            continue;
        };
        let formula = match Formula::parse(text) {
            Ok(formula) => formula,
            Err(why) => {
                let help = "write it over metrics with + - * /, max, min and parentheses: `100 - smells * 5`";
                problems.push(Problem::new(origin, why, help));
                continue;
            }
        };
        for (metric, _) in formula.metrics() {
            if !origin.text.built_in && !metrics.iter().any(|known| known == metric) {
                let message = format!("no checker measures `{metric}`");
                let help = suggest(metric, metrics.iter().map(String::as_str));
                problems.push(Problem::new(origin, message, help));
            }
        }
        let Some(weight) = score.weights.get(name) else {
            let message = format!("the component `{name}` has a formula and no weight");
            let help = format!("add `{name}:` to `score.weights`");
            problems.push(Problem::new(origin, message, help));
            continue;
        };
        let weight = weight.0;
        components.insert(name.clone(), ComponentSpec { weight, formula });
    }
    for name in score.weights.keys() {
        if let Some(origin) = key_origin(weights, name)
            && !score.formulas.contains_key(name)
        {
            let message = format!("there is no component `{name}`");
            let help = suggest(name, score.formulas.keys().map(String::as_str));
            let help = format!("{help} (a new component needs a formula in `score.formulas`)");
            problems.push(Problem::new(origin, message, help));
        }
    }
    ScoreSpec {
        minimum: score.minimum.map(|n| n.0),
        component_minimum: score.component_minimum.map(|n| n.0),
        minimum_measured_weight: score.minimum_measured_weight.map(|n| n.0),
        components,
    }
}
