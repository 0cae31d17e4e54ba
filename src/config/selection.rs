//! Owns which gates a run plans, and in which order.

use crate::base::node::{Key, Node, Problem};

use super::layer::{flag, suggest};
use super::load::{Request, Variable};
use super::merged::Merged;
use super::plan::PlannedGate;
use super::{gates, order};

/// The variables that a gate requires and that are not set.
#[must_use]
pub fn unset(gate: &Node, variable: Variable<'_>) -> Vec<String> {
    let names = gates::items(gate, "requires")
        .iter()
        .filter_map(Node::as_str);
    let missing = names.filter(|name| variable(name).is_none_or(|value| value.is_empty()));
    missing.map(str::to_owned).collect()
}

/// The stage of the run.
pub fn stage(request: &Request, stages: &[String], problems: &mut Vec<Problem>) -> String {
    let Some(given) = &request.stage else {
        return if request.ci { "ci" } else { "pre-push" }.to_owned();
    };
    if !stages.contains(given) {
        let message = format!("there is no stage `{given}`");
        let help = suggest(given, stages.iter().map(String::as_str));
        problems.push(Problem::new(&flag("--stage", given), message, help));
    }
    given.clone()
}

/// The ids of the gates that this run plans.
pub fn select<'a>(
    request: &'a Request,
    merged: &'a Merged,
    stage: &str,
    problems: &mut Vec<Problem>,
) -> Vec<&'a str> {
    let runs = |gate: &Node| gates::stages(gate).contains(&stage);
    if request.gates.is_empty() {
        let of_stage = merged.gates().filter(|(_, gate)| runs(gate));
        return of_stage.map(|(key, _)| key.name.as_str()).collect();
    }
    let known = || merged.gates().map(|(key, _)| key.name.as_str());
    for id in &request.gates {
        let origin = flag("--gate", id);
        match merged.gates().find(|(key, _)| key.name == *id) {
            None => {
                let message = format!("there is no gate `{id}`");
                problems.push(Problem::new(&origin, message, suggest(id, known())));
            }
            Some((_, gate)) if request.stage.is_some() && !runs(gate) => {
                let message = format!("the gate `{id}` does not run in stage `{stage}`");
                let help = format!(
                    "leave out --stage, or use one of: {}",
                    gates::stages(gate).join(", ")
                );
                problems.push(Problem::new(&origin, message, help));
            }
            Some(_) => {}
        }
    }
    request.gates.iter().map(String::as_str).collect()
}

/// Gates that need each other in a circle, whatever stage they run in.
pub fn circles(merged: &Merged, problems: &mut Vec<Problem>) {
    let all: Vec<&(Key, Node)> = merged.gates().collect();
    let needs = |gate| {
        gates::items(gate, "needs")
            .iter()
            .filter_map(Node::as_str)
            .collect()
    };
    let graph: Vec<(&str, Vec<&str>)> = all
        .iter()
        .map(|(key, gate)| (key.name.as_str(), needs(gate)))
        .collect();
    if let Err(circle) = order::order(&graph) {
        let first = circle[0];
        let names = circle.iter().chain([&first]).map(|n| graph[*n].0);
        let message = format!(
            "`needs` goes in a circle: {}",
            names.collect::<Vec<_>>().join(" -> ")
        );
        let (key, gate) = all[first];
        let origin = gate.get("needs").map_or(&key.origin, |n| &n.origin);
        problems.push(Problem::new(origin, message, "remove one of these needs"));
    }
}

/// Puts the gates in order. Needed gates that this run leaves out are taken from `needs`, and that is told.
pub fn in_order(mut gates: Vec<PlannedGate>, notices: &mut Vec<String>) -> Vec<PlannedGate> {
    let ids: Vec<String> = gates.iter().map(|g| g.gate.id.clone()).collect();
    for PlannedGate { gate, .. } in &mut gates {
        gate.needs.retain(|need| {
            let here = ids.contains(need);
            if !here {
                notices.push(format!(
                    "gate `{}` needs `{need}`, which this run leaves out: judged without it",
                    gate.id
                ));
            }
            here
        });
    }
    let graph: Vec<(&str, Vec<&str>)> = gates
        .iter()
        .map(|g| {
            (
                g.gate.id.as_str(),
                g.gate.needs.iter().map(String::as_str).collect(),
            )
        })
        .collect();
    let sorted = order::order(&graph).expect("circles are errors");
    let mut slots: Vec<Option<PlannedGate>> = gates.into_iter().map(Some).collect();
    sorted.into_iter().filter_map(|n| slots[n].take()).collect()
}
