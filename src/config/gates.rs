//! Owns the reading of one gate, its layers merged, into what the engine runs.

use crate::base::node::{Key, Node, Origin, Problem, de};
use crate::model::gate::{FailureAction, Gate, Level, Scope};

use super::checks::{self, Shared};
use super::criteria;
use super::file::GateFields;
use super::interpolate::{interpolate, is_interpolated};
use super::layer::suggest;
use super::merge::null;
use super::plan::PlannedGate;

/// The stages of a gate that names none.
pub const DEFAULT_STAGES: [&str; 2] = ["pre-push", "ci"];
/// The component of a gate that names none.
pub const DEFAULT_COMPONENT: &str = "code_quality";

/// How the variables in a gate are treated.
#[derive(Clone, Copy)]
pub enum Variables<'a> {
    /// They are put in; one that is missing is an error.
    Read(&'a dyn Fn(&str) -> Option<String>),
    /// The gate does not run: values with variables in them are not looked at.
    Skipped,
}

/// Reads a gate. Problems are pushed.
pub fn read(
    key: &Key,
    node: &Node,
    ids: &[&str],
    shared: &Shared<'_>,
    variables: Variables<'_>,
    problems: &mut Vec<Problem>,
) -> Option<PlannedGate> {
    let mut node = node.clone();
    let mut found = Vec::new();
    let mut used = Vec::new();
    if let Variables::Read(variable) = variables {
        interpolate(&mut node, variable, &mut used, &mut found);
    }
    let gate = typed(key, &node, ids, shared, &mut found);
    if let Variables::Skipped = variables {
        found.retain(|problem| !is_interpolated(&problem.origin));
    }
    // Values of variables may be secret: messages name the variable instead.
    for problem in &mut found {
        for (name, value) in used.iter().filter(|(_, value)| value.len() >= 4) {
            problem.message = problem.message.replace(value, &format!("${{{name}}}"));
        }
        if problem.help.is_empty() && is_interpolated(&problem.origin) {
            "a variable that is to be a number, true or false stands outside of quotes and of `{ }`".clone_into(&mut problem.help);
        }
    }
    problems.append(&mut found);
    gate
}

fn typed(
    key: &Key,
    node: &Node,
    ids: &[&str],
    shared: &Shared<'_>,
    problems: &mut Vec<Problem>,
) -> Option<PlannedGate> {
    let fields = de::read::<GateFields>(node, problems);
    if key.name.is_empty() || !key.name.chars().all(is_id) {
        let message = format!("`{}` cannot name a gate", key.name);
        let help = "use lower-case letters, digits, `-` and `_`";
        problems.push(Problem::new(&key.origin, message, help));
    }
    let checks = node.get("checks").map(Node::items).unwrap_or_default();
    let (planned, witnesses) = checks::read(checks, shared, problems);
    if checks.is_empty() && fields.is_some() {
        let message = format!("the gate `{}` has no checks", key.name);
        let help = format!("add `checks:`, or write `{}: off` to drop it", key.name);
        problems.push(Problem::new(&key.origin, message, help));
    }
    let nothing = null(&key.origin);
    let written = node.get("criteria").unwrap_or(&nothing);
    let criteria = criteria::read(written, &witnesses, shared.checkers, problems);
    let fields = fields?;
    let component = fields
        .component
        .unwrap_or_else(|| DEFAULT_COMPONENT.to_owned());
    if !shared.components.contains(&component) {
        let message = format!("there is no component `{component}`");
        let help = suggest(&component, shared.components.iter().map(String::as_str));
        problems.push(Problem::new(origin(node, "component"), message, help));
    }
    for item in items(node, "stages") {
        known(
            "stage",
            item,
            shared.stages.iter().map(String::as_str),
            problems,
        );
    }
    for item in items(node, "needs") {
        known("gate", item, ids.iter().copied(), problems);
    }
    Some(PlannedGate {
        gate: Gate {
            id: key.name.clone(),
            title: fields.title.unwrap_or_else(|| key.name.clone()),
            component,
            level: fields.level.unwrap_or(Level::Mandatory),
            failure_action: fields.failure_action.unwrap_or(FailureAction::Block),
            scope: fields.scope.unwrap_or(Scope::All),
            needs: fields.needs,
            criteria,
            duration_target: fields.duration_target.map(|time| time.0),
            origin: key.origin.clone(),
        },
        paths: fields.paths,
        unset: Vec::new(),
        checks: planned,
    })
}

/// The items of a list in a gate.
#[must_use]
pub fn items<'a>(gate: &'a Node, key: &str) -> &'a [Node] {
    gate.get(key).map(Node::items).unwrap_or_default()
}

/// The stages in which a gate runs.
#[must_use]
pub fn stages(gate: &Node) -> Vec<&str> {
    match gate.get("stages") {
        Some(stages) => stages.items().iter().filter_map(Node::as_str).collect(),
        None => DEFAULT_STAGES.to_vec(),
    }
}

/// Pushes a problem when the text of `item` is none of the names.
pub fn known<'a>(
    what: &str,
    item: &Node,
    names: impl Iterator<Item = &'a str> + Clone,
    problems: &mut Vec<Problem>,
) {
    let Some(given) = item.as_str() else {
        return;
    };
    if names.clone().any(|name| name == given) {
        return;
    }
    let message = format!("there is no {what} `{given}`");
    problems.push(Problem::new(&item.origin, message, suggest(given, names)));
}

fn origin<'a>(node: &'a Node, key: &str) -> &'a Origin {
    node.get(key).map_or(&node.origin, |value| &value.origin)
}

fn is_id(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_')
}
