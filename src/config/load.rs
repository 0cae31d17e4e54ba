//! Owns the way from a request to a plan: layers, environment and settings merged, then read against what is known.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::base::node::{Key, Kind, Node, Problem, de};
use crate::check::registry::CheckerInfo;
use crate::checkers;
use crate::model::rule::Severity;

use super::checks::{Shared, key_origin};
use super::file::{Environment, GateFile};
use super::gates::{self, Variables};
use super::layer::{GateFiles, Layers, flag, is_off, suggest};
use super::merge::{merge, merge_files, null, set};
use super::plan::{Plan, PlannedGate, RuleSetting};
use super::{order, score, weaken};

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

/// All layers as one, before any gate is read.
pub struct Merged {
    /// The values.
    pub node: Node,
    /// The typed part, gates aside.
    pub file: GateFile,
    /// The environment's settings.
    pub environment: Environment,
    /// What was wrong so far.
    pub problems: Vec<Problem>,
    /// Could some layer not be had?
    pub broken: bool,
    notices: Vec<String>,
    sources: Vec<String>,
    configured: bool,
}

impl Merged {
    /// Reads and merges all layers, the environment and the settings of a request.
    #[must_use]
    pub fn read(request: &Request, files: &dyn GateFiles) -> Self {
        let Layers {
            layers,
            mut problems,
            configured,
            mut broken,
            ..
        } = Layers::collect(request.config.as_deref(), files);
        let sources: Vec<String> = layers.iter().skip(1).map(|l| l.name.clone()).collect();
        let mut layers = layers.into_iter();
        let origin = flag("qgate", "");
        let mut node = layers.next().map_or(null(&origin), |layer| layer.node);
        let mut notices = Vec::new();
        for layer in layers {
            let next = merge_files(node.clone(), layer.node);
            notices.extend(weaken::notices(&node, &next));
            node = next;
        }
        let mut environment = Environment::default();
        if let Some(name) = &request.environment {
            environment = choose(name, &mut node, &mut notices, &mut problems);
        }
        for (key, value) in &request.set {
            match set(key, value) {
                Ok(layer) => {
                    let next = merge(node.clone(), layer);
                    notices.extend(weaken::notices(&node, &next));
                    node = next;
                }
                Err(wrong) => {
                    problems.extend(wrong);
                    broken = true;
                }
            }
        }
        let file = de::read::<GateFile>(&node, &mut problems).unwrap_or_default();
        Self {
            node,
            file,
            environment,
            problems,
            broken,
            notices,
            sources,
            configured,
        }
    }

    /// All stages.
    pub fn stages(&self) -> impl Iterator<Item = &str> {
        gates::items(&self.node, "stages")
            .iter()
            .filter_map(Node::as_str)
    }

    /// The gates, by id, in the order of the configuration; those that are off are left out.
    pub fn gates(&self) -> impl Iterator<Item = &(Key, Node)> {
        let all = self
            .node
            .get("gates")
            .map(Node::entries)
            .unwrap_or_default();
        all.iter().filter(|(_, gate)| !is_off(gate))
    }
}

/// Applies an environment: its levels go into the gates.
fn choose(
    name: &str,
    file: &mut Node,
    notices: &mut Vec<String>,
    problems: &mut Vec<Problem>,
) -> Environment {
    let known = file
        .get("environments")
        .map(Node::entries)
        .unwrap_or_default();
    let Some((_, chosen)) = known.iter().find(|(key, _)| key.name == name) else {
        let message = format!("there is no environment `{name}`");
        let help = suggest(name, known.iter().map(|(key, _)| key.name.as_str()));
        problems.push(Problem::new(&flag("--env", name), message, help));
        return Environment::default();
    };
    let chosen = chosen.clone();
    for level in ["advisory", "mandatory"] {
        for item in gates::items(&chosen, level) {
            let gates = file.get("gates").map(Node::entries).unwrap_or_default();
            gates::known(
                "gate",
                item,
                gates.iter().map(|(key, _)| key.name.as_str()),
                problems,
            );
            let id = item.as_str().unwrap_or_default();
            let Some((key, old)) = gates
                .iter()
                .find(|(key, gate)| key.name == id && !is_off(gate))
            else {
                continue;
            };
            let (was, place) = old
                .get("level")
                .and_then(|n| Some((n.as_str()?, &n.origin)))
                .unwrap_or(("mandatory", &key.origin));
            if was != level {
                notices.push(weaken::level_notice(
                    id,
                    (was, place),
                    (level, &item.origin),
                ));
            }
            let word = Node {
                origin: item.origin.clone(),
                kind: Kind::Str(level.to_owned()),
            };
            let layer = ["level", id, "gates"]
                .into_iter()
                .fold(word, |value, name| Node {
                    origin: item.origin.clone(),
                    kind: Kind::Map(vec![(
                        Key {
                            origin: item.origin.clone(),
                            name: name.to_owned(),
                        },
                        value,
                    )]),
                });
            *file = merge(file.clone(), layer);
        }
    }
    de::read(&chosen, &mut Vec::new()).unwrap_or_default()
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
    for (key, node) in merged.gates() {
        let runs = selected.contains(&key.name.as_str());
        let unset = unset(node, variable);
        let variables = if runs && unset.is_empty() {
            Variables::Read(variable)
        } else {
            Variables::Skipped
        };
        let gate = gates::read(key, node, &ids, &shared, variables, &mut problems);
        if runs && let Some(mut gate) = gate {
            if !unset.is_empty() {
                gate.checks.clear();
            }
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

fn unset(gate: &Node, variable: Variable<'_>) -> Vec<String> {
    let names = gates::items(gate, "requires")
        .iter()
        .filter_map(Node::as_str);
    let missing = names.filter(|name| variable(name).is_none_or(|value| value.is_empty()));
    missing.map(str::to_owned).collect()
}

fn stage(request: &Request, stages: &[String], problems: &mut Vec<Problem>) -> String {
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
fn select<'a>(
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

/// Gates that need each other in a circle, whatever stage they run in.
fn circles(merged: &Merged, problems: &mut Vec<Problem>) {
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
fn in_order(mut gates: Vec<PlannedGate>, notices: &mut Vec<String>) -> Vec<PlannedGate> {
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
