//! Owns the reading of a gate's checks: one checker's key, its options, and the keys that all checks share.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::base::node::{Key, Kind, Node, Origin, Problem, de};
use crate::check::options::Glob;
use crate::check::registry::{Check, CheckerInfo};
use crate::model::metric::Metric;
use crate::model::rule::Severity;

use super::criteria::Witness;
use super::file::{CHECK_KEYS, CheckFields};
use super::layer::suggest;
use super::plan::{PlannedCheck, RuleSetting};

/// What all gates of a plan share.
pub struct Shared<'a> {
    /// The checkers that are known.
    pub checkers: &'static [CheckerInfo],
    /// What gate files say of rules, for all checks.
    pub rules: &'a BTreeMap<String, RuleSetting>,
    /// Rules that are newer than this only inform.
    pub ruleset: Option<&'a str>,
    /// The limit of a check that names none.
    pub timeout: Duration,
    /// The retries of a check that names none.
    pub retries: u32,
    /// The stages.
    pub stages: &'a [String],
    /// The components of the score.
    pub components: &'a [String],
}

/// Reads the checks of a gate. For each, what it can measure is told even where its options are wrong.
pub fn read(
    checks: &[Node],
    shared: &Shared<'_>,
    problems: &mut Vec<Problem>,
) -> (Vec<PlannedCheck>, Vec<Witness>) {
    let mut planned = Vec::new();
    let mut witnesses: Vec<Witness> = Vec::new();
    for node in checks {
        let (name, check, metrics) = one(node, shared, problems);
        if let Some(name) = &name
            && witnesses.iter().any(|w| w.name == *name)
        {
            let message = format!("two checks of this gate are named `{name}`");
            let help = "give each a name of its own with `as: NAME`";
            problems.push(Problem::new(&node.origin, message, help));
        }
        witnesses.push(Witness {
            name: name.unwrap_or_default(),
            metrics,
        });
        planned.extend(check);
    }
    (planned, witnesses)
}

type Read = (Option<String>, Option<PlannedCheck>, Option<Vec<Metric>>);

fn one(node: &Node, shared: &Shared<'_>, problems: &mut Vec<Problem>) -> Read {
    let Kind::Map(entries) = &node.kind else {
        let help = "write the checker's name as a key: `- text: {}`";
        problems.push(Problem::new(&node.origin, "a check is a map", help));
        return (None, None, None);
    };
    let (common, others): (Vec<_>, Vec<_>) = entries
        .iter()
        .cloned()
        .partition(|(key, _)| CHECK_KEYS.contains(&key.name.as_str()));
    let fields = de::read::<CheckFields>(
        &Node {
            origin: node.origin.clone(),
            kind: Kind::Map(common),
        },
        problems,
    );
    let Some((key, options)) = the_checker(node, &others, shared, problems) else {
        return (fields.and_then(|f| f.name), None, None);
    };
    let Some(info) = shared.checkers.iter().find(|c| c.name == key.name) else {
        return (fields.and_then(|f| f.name), None, None);
    };
    let check = (info.build)(options, problems);
    let metrics = check.as_ref().map(|check| check.metrics());
    let Some(fields) = fields else {
        return (Some(info.name.to_owned()), None, metrics);
    };
    let name = fields.name.clone().unwrap_or_else(|| info.name.to_owned());
    let well_named = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if name.is_empty() || !name.chars().all(well_named) {
        let origin = node.get("as").map_or(&node.origin, |n| &n.origin);
        let message = format!("`{name}` cannot name a check");
        let help = "use letters, digits, `-` and `_`";
        problems.push(Problem::new(origin, message, help));
    }
    let rules = rules_of(node, info, shared, &fields, problems);
    let planned = check.map(|check| PlannedCheck {
        name: name.clone(),
        live_globs: live_globs(&check, options),
        check,
        timeout: fields.timeout.map_or(shared.timeout, |time| time.0),
        retries: fields.retries.unwrap_or(shared.retries),
        exclude: fields.exclude,
        rules,
        tolerate_partial_files: fields.tolerate.partial_files,
        origin: key.origin.clone(),
    });
    (Some(name), planned, metrics)
}

/// The one key that is a checker's. Problems are pushed for none, for several, and for unknown ones.
fn the_checker<'a>(
    node: &Node,
    others: &'a [(Key, Node)],
    shared: &Shared<'_>,
    problems: &mut Vec<Problem>,
) -> Option<&'a (Key, Node)> {
    let names = || shared.checkers.iter().map(|c| c.name);
    if others.is_empty() {
        let help = suggest("", names());
        problems.push(Problem::new(
            &node.origin,
            "a check without a checker",
            help,
        ));
        return None;
    }
    let (known, unknown): (Vec<_>, Vec<_>) = others
        .iter()
        .partition(|(key, _)| names().any(|name| name == key.name));
    for (key, _) in unknown {
        let (message, known) = if known.is_empty() {
            let message = format!("there is no checker `{}`", key.name);
            (message, names().collect::<Vec<_>>())
        } else {
            let message = format!("unknown key `{}`", key.name);
            (message, CHECK_KEYS.to_vec())
        };
        let help = suggest(&key.name, known);
        problems.push(Problem::new(&key.origin, message, help));
    }
    if let [_, (second, _), ..] = known[..] {
        let message = format!("a second checker, `{}`, in one check", second.name);
        let help = "start a new list item with `- ` in front of it";
        problems.push(Problem::new(&second.origin, message, help));
    }
    known.first().copied()
}

fn rules_of(
    node: &Node,
    info: &CheckerInfo,
    shared: &Shared<'_>,
    fields: &CheckFields,
    problems: &mut Vec<Problem>,
) -> BTreeMap<String, RuleSetting> {
    let mut rules = BTreeMap::new();
    for rule in info.rules {
        if shared.ruleset.is_some_and(|pinned| rule.since > pinned) {
            rules.insert(rule.id.to_owned(), RuleSetting::Graded(Severity::Info));
        }
    }
    let its_own = |id: &str| id.contains('/') || info.rules.iter().any(|rule| rule.id == id);
    for (id, setting) in shared.rules.iter().filter(|(id, _)| its_own(id)) {
        rules.insert(id.clone(), *setting);
    }
    for (id, word) in &fields.rules {
        if its_own(id) {
            rules.insert(id.clone(), (*word).into());
            continue;
        }
        let message = format!("the checker `{}` has no rule `{id}`", info.name);
        let help = suggest(id, info.rules.iter().map(|rule| rule.id));
        let origin = key_origin(node.get("rules"), id).unwrap_or(&node.origin);
        problems.push(Problem::new(origin, message, help));
    }
    rules
}

/// Where a key of a map stands.
#[must_use]
pub fn key_origin<'a>(map: Option<&'a Node>, name: &str) -> Option<&'a Origin> {
    let (key, _) = map?.entries().iter().find(|(key, _)| key.name == name)?;
    Some(&key.origin)
}

/// The globs of the options that a user wrote, each with its place.
fn live_globs(check: &Arc<dyn Check>, options: &Node) -> Vec<(Glob, Origin)> {
    let written = check.globs().into_iter().filter_map(|glob| {
        let origin = find_text(options, glob.as_str())?;
        Some((glob.clone(), origin.clone()))
    });
    written
        .filter(|(_, origin)| !origin.text.built_in)
        .collect()
}

fn find_text<'a>(node: &'a Node, text: &str) -> Option<&'a Origin> {
    match &node.kind {
        Kind::Str(here) => (here == text).then_some(&node.origin),
        Kind::Seq(items) => items.iter().find_map(|item| find_text(item, text)),
        Kind::Map(entries) => entries.iter().find_map(|(_, value)| find_text(value, text)),
        _ => None,
    }
}
