//! Owns the answers about a configuration: where each value of a gate came from, and whether every stage loads.

use crate::base::ascii::escape;
use crate::base::node::{Kind, Node, Problem};
use crate::base::words;
use crate::check::registry::CheckerInfo;
use crate::checkers;

use super::gates::{DEFAULT_COMPONENT, DEFAULT_STAGES};
use super::layer::{GateFiles, flag, suggest};
use super::load::{Request, Variable, load_with, tidy};
use super::merged::Merged;

/// The effective values of a gate, one line each, with the place that each came from. Printable ASCII.
///
/// # Errors
/// All problems of the files, or that there is no such gate.
pub fn explain(
    request: &Request,
    files: &dyn GateFiles,
    gate: &str,
) -> Result<Vec<String>, Vec<Problem>> {
    let merged = Merged::read(request, files);
    if merged.broken || !merged.problems.is_empty() {
        return Err(tidy(merged.problems));
    }
    let Some((key, node)) = merged.gates().find(|(key, _)| key.name == gate) else {
        let message = format!("there is no gate `{gate}`");
        let help = suggest(gate, merged.gates().map(|(key, _)| key.name.as_str()));
        return Err(vec![Problem::new(
            &flag("explain config", gate),
            message,
            help,
        )]);
    };
    let mut lines = vec![(format!("gate {gate}"), key.origin.to_string())];
    leaves(node, "", &mut lines);
    let stages = DEFAULT_STAGES.join(", ");
    for (field, value) in [
        ("component", DEFAULT_COMPONENT),
        ("criteria", "no finding of severity high or above"),
        ("failure_action", "block"),
        ("level", "mandatory"),
        ("scope", "all"),
        ("stages", stages.as_str()),
    ] {
        if node.get(field).is_none() {
            lines.push((format!("{field}: {value}"), "by default".to_owned()));
        }
    }
    if let Some(defaults) = merged.node.get("defaults") {
        leaves(defaults, "defaults", &mut lines);
    }
    let width = lines
        .iter()
        .map(|(value, _)| value.len())
        .max()
        .unwrap_or(0);
    let width = width.min(60);
    Ok(lines
        .into_iter()
        .map(|(value, place)| format!("{value:width$}  {place}"))
        .collect())
}

fn leaves(node: &Node, path: &str, lines: &mut Vec<(String, String)>) {
    let value = match &node.kind {
        Kind::Map(entries) if !entries.is_empty() => {
            for (key, value) in entries {
                let name = escape(&key.name);
                let below = if path.is_empty() {
                    name.into_owned()
                } else {
                    format!("{path}.{name}")
                };
                leaves(value, &below, lines);
            }
            return;
        }
        Kind::Seq(items) if items.iter().any(|item| !item.entries().is_empty()) => {
            for (n, item) in items.iter().enumerate() {
                leaves(item, &format!("{path}[{n}]"), lines);
            }
            return;
        }
        Kind::Seq(items) => {
            let shown: Vec<String> = items.iter().map(|item| scalar(&item.kind)).collect();
            format!("[{}]", shown.join(", "))
        }
        kind => scalar(kind),
    };
    lines.push((
        format!("{path}: {}", escape(&value)),
        node.origin.to_string(),
    ));
}

fn scalar(kind: &Kind) -> String {
    match kind {
        Kind::Null => "(nothing)".to_owned(),
        Kind::Bool(b) => b.to_string(),
        Kind::Int(n) => n.to_string(),
        Kind::Float(n) => n.to_string(),
        Kind::Str(text) => words::masked(text).into_owned(),
        Kind::Seq(items) => format!(
            "[{}]",
            items
                .iter()
                .map(|i| scalar(&i.kind))
                .collect::<Vec<_>>()
                .join(", ")
        ),
        Kind::Map(_) => "{}".to_owned(),
    }
}

/// Loads the configuration for every stage and every environment. What is well but worth knowing is returned, one line
/// each. A variable that is not set here is no problem: another machine may set it.
///
/// # Errors
/// All problems of all files.
pub fn validate(
    request: &Request,
    files: &dyn GateFiles,
    variable: Variable<'_>,
) -> Result<Vec<String>, Vec<Problem>> {
    validate_with(checkers::ALL, request, files, variable)
}

/// As [`validate`], with other checkers than the built-in ones.
///
/// # Errors
/// All problems of all files.
pub fn validate_with(
    checkers: &'static [CheckerInfo],
    request: &Request,
    files: &dyn GateFiles,
    variable: Variable<'_>,
) -> Result<Vec<String>, Vec<Problem>> {
    let merged = Merged::read(request, files);
    if merged.broken {
        return Err(tidy(merged.problems));
    }
    let names = |key: &str| -> Vec<String> {
        let map = merged.node.get(key).map(Node::entries).unwrap_or_default();
        map.iter().map(|(key, _)| key.name.clone()).collect()
    };
    let environments = [None]
        .into_iter()
        .chain(names("environments").into_iter().map(Some));
    let (mut notices, mut problems) = (Vec::new(), Vec::new());
    for environment in environments {
        for stage in merged.stages() {
            let request = Request {
                stage: Some(stage.to_owned()),
                environment: environment.clone(),
                gates: Vec::new(),
                ..request.clone()
            };
            match load_with(checkers, &request, files, variable) {
                Ok(plan) => notices.extend(plan.notices),
                Err(found) => problems.extend(found),
            }
        }
    }
    let (unset, problems): (Vec<_>, Vec<_>) = tidy(problems).into_iter().partition(is_unset);
    if !problems.is_empty() {
        return Err(problems);
    }
    notices.retain(|notice| !notice.starts_with("no gate runs in stage"));
    notices.extend(
        unset
            .iter()
            .map(|p| format!("{} ({})", p.message, p.origin)),
    );
    notices.sort();
    notices.dedup();
    Ok(notices)
}

fn is_unset(problem: &Problem) -> bool {
    problem.message.starts_with("the environment variable `")
        && problem.message.ends_with("is not set")
}
