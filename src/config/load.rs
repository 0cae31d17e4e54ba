//! Owns the way from a request to a plan: layers, environment and settings merged, then read against what is known.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::base::node::{Node, Problem};
use crate::check::registry::CheckerInfo;
use crate::checkers;
use crate::model::rule::Severity;

use super::checks::{Shared, key_origin};
use super::file::GateFile;
use super::gates::{self, Variables};
use super::layer::{GateFiles, suggest};
pub use super::merged::Merged;
use super::plan::{Plan, RuleSetting};
use super::score;
use super::selection::{circles, in_order, select, stage, unset};

/// What the command line asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// A gate file instead of `qgate.yaml`, relative to the root.
    pub config: Option<String>,
    /// The stage; pre-push, or ci where `ci` is set, when none is given.
    pub stage: Option<String>,
    /// Does this run in CI?
    pub ci: bool,
    /// The environment.
    pub environment: Option<String>,
    /// Only these gates; all of the stage when empty. Without a stage they run whatever their stages are.
    pub gates: Vec<String>,
    /// Settings that win over every file: the key's parts joined by dots, and a value in YAML.
    pub set: Vec<(String, String)>,
    /// Judges advisory gates too; the loader leaves it to the judge.
    pub strict: bool,
}

/// How many days ahead a waiver may reach when no gate file says it.
const MOST_DAYS: u32 = 30;

/// Looks up an environment variable.
pub type Variable<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Reads the configuration and makes the plan.
///
/// # Errors
/// All problems of all files.
pub fn load(
    request: &Request,
    files: &dyn GateFiles,
    variable: Variable<'_>,
) -> Result<Plan, Vec<Problem>> {
    load_with(checkers::ALL, request, files, variable)
}

/// As [`load`], with other checkers than the built-in ones.
///
/// # Errors
/// All problems of all files.
pub fn load_with(
    checkers: &'static [CheckerInfo],
    request: &Request,
    files: &dyn GateFiles,
    variable: Variable<'_>,
) -> Result<Plan, Vec<Problem>> {
    let merged = Merged::read(request, files);
    if merged.broken {
        return Err(tidy(merged.problems));
    }
    plan(checkers, request, merged, variable)
}

fn plan(
    checkers: &'static [CheckerInfo],
    request: &Request,
    mut merged: Merged,
    variable: Variable<'_>,
) -> Result<Plan, Vec<Problem>> {
    let mut problems = std::mem::take(&mut merged.problems);
    let mut notices = std::mem::take(&mut merged.notices);
    let file = &merged.file;
    let rules = rules(
        checkers,
        file,
        merged.node.get("rules"),
        &mut problems,
        &mut notices,
    );
    // Taken from the values, not from the types: a problem elsewhere in the file must not make these unknown.
    let formulas = merged
        .node
        .get("score")
        .and_then(|score| score.get("formulas"));
    let formulas = formulas.map(Node::entries).unwrap_or_default();
    let components: Vec<String> = formulas.iter().map(|(key, _)| key.name.clone()).collect();
    let stages: Vec<String> = merged.stages().map(str::to_owned).collect();
    let shared = Shared {
        checkers,
        rules: &rules,
        ruleset: file.ruleset.as_ref().map(|set| set.0.as_str()),
        timeout: file
            .defaults
            .timeout
            .map_or(Duration::from_mins(5), |t| t.0),
        retries: file.defaults.retries.unwrap_or(0),
        stages: &stages,
        components: &components,
    };
    let stage = stage(request, &stages, &mut problems);
    let selected = select(request, &merged, &stage, &mut problems);
    let ids = ids(&merged);
    let mut planned = Vec::new();
    let mut left_out = Vec::new();
    let mut scopes = BTreeMap::new();
    for (key, node) in merged.gates() {
        let runs = selected.contains(&key.name.as_str());
        let unset = unset(node, variable);
        let variables = if runs && unset.is_empty() {
            Variables::Read(variable)
        } else {
            Variables::Skipped
        };
        let gate = gates::read(key, node, &ids, &shared, variables, &mut problems);
        let Some(mut gate) = gate else { continue };
        scopes.insert(key.name.clone(), gate.gate.scope);
        if !runs || !unset.is_empty() {
            let checks = gate.checks.drain(..);
            left_out.extend(checks.map(|check| check.check));
        }
        if runs {
            gate.unset = unset;
            planned.push(gate);
        }
    }
    let score = score::read(
        &file.score,
        merged.node.get("score"),
        checkers,
        &planned,
        &mut problems,
    );
    circles(&merged, &mut problems);
    environments(&merged, &ids, &mut problems);
    if !problems.is_empty() {
        return Err(tidy(problems));
    }
    if planned.is_empty() {
        notices.push(format!("no gate runs in stage `{stage}`"));
    }
    Ok(Plan {
        gates: in_order(planned, &mut notices),
        score,
        exclude: merged.file.exclude,
        deadline: merged.file.deadline.map(|time| time.0),
        log_folder: merged
            .file
            .log_dir
            .unwrap_or_else(|| ".qgate/logs".to_owned()),
        bypass_allowed: merged.environment.bypass_allowed,
        scopes,
        left_out,
        max_exemption_days: merged.file.max_exemption_days.unwrap_or(MOST_DAYS),
        stage,
        environment: request.environment.clone(),
        sources: merged.sources,
        notices,
        configured: merged.configured,
    })
}

/// The ids of all gates, those included that are off: another gate's `needs` may name them.
fn ids(merged: &Merged) -> Vec<&str> {
    let all = merged
        .node
        .get("gates")
        .map(Node::entries)
        .unwrap_or_default();
    all.iter().map(|(key, _)| key.name.as_str()).collect()
}

fn rules(
    checkers: &[CheckerInfo],
    file: &GateFile,
    node: Option<&Node>,
    problems: &mut Vec<Problem>,
    notices: &mut Vec<String>,
) -> BTreeMap<String, RuleSetting> {
    let all = || checkers.iter().flat_map(|checker| checker.rules);
    for (id, word) in &file.rules {
        let Some(origin) = key_origin(node, id) else {
            continue;
        };
        let setting = RuleSetting::from(*word);
        match all().find(|rule| rule.id == id) {
            Some(rule) => {
                let weaker = match setting {
                    RuleSetting::Off => Some("off".to_owned()),
                    RuleSetting::Graded(s) => (s < rule.severity).then(|| Severity::to_string(&s)),
                };
                if let Some(now) = weaker {
                    let was = rule.severity;
                    notices.push(format!(
                        "rule `{id}`: {now} for all checks ({origin}), was {was}"
                    ));
                }
            }
            // Rules of outside tools are not known beforehand.
            None if id.contains('/') => {}
            None => {
                let message = format!("there is no rule `{id}`");
                let help = suggest(id, all().map(|rule| rule.id));
                problems.push(Problem::new(origin, message, help));
            }
        }
    }
    file.rules
        .iter()
        .map(|(id, word)| (id.clone(), (*word).into()))
        .collect()
}

/// The gates that environments name, also those that this run did not choose.
fn environments(merged: &Merged, ids: &[&str], problems: &mut Vec<Problem>) {
    let all = merged
        .node
        .get("environments")
        .map(Node::entries)
        .unwrap_or_default();
    for (_, environment) in all {
        for level in ["advisory", "mandatory"] {
            for item in gates::items(environment, level) {
                gates::known("gate", item, ids.iter().copied(), problems);
            }
        }
    }
}

/// Problems by file and place, each once.
#[must_use]
pub fn tidy(mut problems: Vec<Problem>) -> Vec<Problem> {
    let key = |p: &Problem| {
        (
            p.origin.text.name.clone(),
            p.origin.span.start,
            p.origin.span.end,
            p.message.clone(),
        )
    };
    problems.sort_by_key(key);
    problems.dedup_by_key(|p| key(p));
    problems
}
