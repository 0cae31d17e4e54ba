//! Owns the rules on expressions: their grammar, the contexts and functions that there are, and what they name.

use std::ops::Range;

use crate::base::words;
use crate::source::expression::{self, Call, Expr, Path};
use crate::source::yaml::Id;

use super::flow::{Event, Flow, Job, Step};
use super::hit::Sink;
use super::rules::{EXPRESSION_ERROR, UNKNOWN_REFERENCE};

/// Every context.
const CONTEXTS: &[&str] = &[
    "github", "env", "vars", "secrets", "inputs", "matrix", "needs", "strategy", "job", "jobs",
    "runner", "steps",
];

/// Every function, and how many arguments it takes.
const FUNCTIONS: &[(&str, usize, usize)] = &[
    ("contains", 2, 2),
    ("startswith", 2, 2),
    ("endswith", 2, 2),
    ("format", 1, 1_000),
    ("join", 1, 2),
    ("tojson", 1, 1),
    ("fromjson", 1, 1),
    ("hashfiles", 1, 255),
    ("case", 3, 1_000),
    ("success", 0, 255),
    ("always", 0, 0),
    ("cancelled", 0, 0),
    ("failure", 0, 255),
];

const GITHUB: &[&str] = &[
    "action",
    "action_path",
    "action_ref",
    "action_repository",
    "action_status",
    "actor",
    "actor_id",
    "api_url",
    "artifact_cache_size_limit",
    "base_ref",
    "env",
    "event",
    "event_name",
    "event_path",
    "graphql_url",
    "head_ref",
    "job",
    "job_workflow_sha",
    "job_workflow_ref",
    "output",
    "path",
    "ref",
    "ref_name",
    "ref_protected",
    "ref_type",
    "repository",
    "repository_id",
    "repository_owner",
    "repository_owner_id",
    "repository_visibility",
    "repositoryurl",
    "retention_days",
    "run_attempt",
    "run_id",
    "run_number",
    "secret_source",
    "server_url",
    "sha",
    "state",
    "step_summary",
    "token",
    "triggering_actor",
    "workflow",
    "workflow_ref",
    "workflow_sha",
    "workspace",
    "enterprise",
    "enterprise_id",
    "job_workflow_repository",
];

/// Contexts of each place. The steps of a job know nearly all.
const OF_JOB: &[&str] = &["github", "needs", "strategy", "matrix", "vars", "inputs"];
const OF_JOB_ENV: &[&str] = &[
    "github", "needs", "strategy", "matrix", "vars", "secrets", "inputs",
];
const OF_CONTAINER: &[&str] = &[
    "github", "needs", "strategy", "matrix", "job", "runner", "env", "vars", "secrets", "inputs",
];
const OF_CONDITION: &[&str] = &["github", "needs", "vars", "inputs"];
const OF_STEPS: &[&str] = &[
    "github", "needs", "strategy", "matrix", "job", "runner", "env", "vars", "secrets", "steps",
    "inputs",
];
const OF_STEP_CONDITION: &[&str] = &[
    "github", "needs", "strategy", "matrix", "job", "runner", "env", "vars", "steps", "inputs",
];
const OF_ROOT: &[&str] = &["github", "inputs", "vars"];
const OF_ROOT_ENV: &[&str] = &["github", "secrets", "inputs", "vars"];

/// Where expressions stand.
#[derive(Clone, Copy)]
struct Spot<'s, 'f> {
    place: &'static str,
    contexts: &'static [&'static str],
    job: Option<&'s Job<'f>>,
    /// How many steps of the job come before.
    before: usize,
}

struct Walk<'s, 'f, 'k> {
    flow: &'s Flow<'f>,
    sink: &'s mut Sink<'k>,
    inputs: Option<Vec<&'f str>>,
}

/// Looks at every expression of a flow.
pub fn check(flow: &Flow<'_>, sink: &mut Sink<'_>) {
    let inputs = inputs(flow);
    let mut walk = Walk { flow, sink, inputs };
    let doc = flow.doc;
    if flow.action {
        let job = &flow.jobs[0];
        walk.steps(job);
        let spot = Spot {
            place: "the outputs of an action",
            contexts: &[
                "github", "inputs", "steps", "runner", "env", "job", "strategy", "matrix", "needs",
            ],
            job: Some(job),
            before: job.steps.len(),
        };
        for &(_, output) in doc
            .get(flow.root, "outputs")
            .map_or(&[][..], |outputs| doc.entries(outputs))
        {
            if let Some(value) = doc.get(output, "value").filter(|_| !job.steps.is_empty()) {
                walk.under(value, spot);
            }
        }
        return;
    }
    let root = |place, contexts| Spot {
        place,
        contexts,
        job: None,
        before: 0,
    };
    for (key, contexts) in [
        ("run-name", OF_ROOT),
        ("concurrency", OF_ROOT),
        ("env", OF_ROOT_ENV),
    ] {
        if let Some(node) = doc.get(flow.root, key) {
            walk.under(node, root("the top of a workflow", contexts));
        }
    }
    if let Some(call) = flow.event("workflow_call").and_then(|event| event.config) {
        for &(_, output) in doc
            .get(call, "outputs")
            .map_or(&[][..], |outputs| doc.entries(outputs))
        {
            if let Some(value) = doc.get(output, "value") {
                walk.under(
                    value,
                    root(
                        "the outputs of a workflow",
                        &["github", "jobs", "vars", "inputs"],
                    ),
                );
            }
        }
    }
    for job in &flow.jobs {
        walk.job(job);
    }
}

/// The inputs of a workflow or action; `None` where they cannot be known.
fn inputs<'f>(flow: &Flow<'f>) -> Option<Vec<&'f str>> {
    let doc = flow.doc;
    let mut names = Vec::new();
    let mut add = |node: Option<Id>| {
        let inputs = node.and_then(|node| doc.get(node, "inputs"));
        let entries = inputs.map_or(&[][..], |inputs| doc.entries(inputs));
        names.extend(entries.iter().filter_map(|&(key, _)| doc.text(key)));
    };
    if flow.action {
        add(Some(flow.root));
    } else {
        for event in ["workflow_dispatch", "workflow_call"] {
            add(flow.event(event).and_then(|event: &Event<'_>| event.config));
        }
    }
    Some(names)
}

impl<'s, 'f> Walk<'s, 'f, '_> {
    fn job(&mut self, job: &'s Job<'f>) {
        let doc = self.flow.doc;
        let spot = |place, contexts, before| Spot {
            place,
            contexts,
            job: Some(job),
            before,
        };
        for &(key, node) in doc.entries(job.node) {
            let (place, contexts, before) = match doc.text(key).unwrap_or_default() {
                "if" => {
                    self.condition(node, spot("the condition of a job", OF_CONDITION, 0));
                    continue;
                }
                "steps" => continue,
                "strategy" => ("`strategy`", OF_CONDITION, 0),
                "env" => ("`env` of a job", OF_JOB_ENV, 0),
                "outputs" => ("the outputs of a job", OF_STEPS, job.steps.len()),
                "container" | "services" => ("a container", OF_CONTAINER, 0),
                "secrets" => ("secrets that are handed on", OF_JOB_ENV, 0),
                "environment" => ("`environment`", OF_STEPS, job.steps.len()),
                "defaults" => ("`defaults`", OF_CONTAINER, 0),
                "name" | "runs-on" | "timeout-minutes" | "continue-on-error" | "concurrency"
                | "with" => ("this place", OF_JOB, 0),
                _ => continue,
            };
            self.under(node, spot(place, contexts, before));
        }
        self.steps(job);
    }

    fn steps(&mut self, job: &'s Job<'f>) {
        let doc = self.flow.doc;
        for (before, step) in job.steps.iter().enumerate() {
            self.sink.around = self.flow.range(step.node);
            for &(key, node) in doc.entries(step.node) {
                let key = doc.text(key).unwrap_or_default();
                let spot = |place, contexts| Spot {
                    place,
                    contexts,
                    job: Some(job),
                    before,
                };
                match key {
                    "if" => {
                        self.condition(node, spot("the condition of a step", OF_STEP_CONDITION))
                    }
                    "parallel" | "uses" | "id" => {}
                    _ => self.under(node, spot("a step", OF_STEPS)),
                }
            }
        }
        self.sink.around = 0..0;
    }

    fn condition(&mut self, node: Id, spot: Spot<'s, 'f>) {
        let Some(text) = self.flow.doc.text(node) else {
            return;
        };
        if text.contains("${{") {
            self.under(node, spot);
        } else if !text.trim().is_empty() {
            let at = self.flow.range(node);
            self.expression(text, &|_| at.clone(), spot);
        }
    }

    /// All expressions in a node and below it.
    fn under(&mut self, node: Id, spot: Spot<'s, 'f>) {
        let doc = self.flow.doc;
        let mut open = vec![node];
        let mut next = node;
        while let Some(id) = open.pop() {
            // An alias is looked at where it was written.
            if id < next {
                continue;
            }
            next = id + 1;
            open.extend(doc.items(id).iter().rev());
            open.extend(doc.entries(id).iter().rev().map(|&(_, value)| value));
            let Some(text) = doc.text(id).filter(|text| text.contains("${{")) else {
                continue;
            };
            let Some(region) = doc.region(id, self.flow.text) else {
                continue;
            };
            let ranges = expression::ranges(text);
            let place = |range: Range<usize>| {
                region.place(range.start)..region.place(range.end.max(1) - 1) + 1
            };
            let end = ranges.last().map_or(0, |range| range.end);
            if let Some(open) = text[end..].find("${{") {
                let start = end + open;
                self.problem(
                    place(start..start + 3),
                    "an expression is not closed: `}}` is missing".to_owned(),
                    "close it".to_owned(),
                );
            }
            for range in ranges {
                let inner = range.start + 3..range.end - 2;
                self.expression(&text[inner], &|_| place(range.clone()), spot);
            }
        }
    }

    fn problem(&mut self, at: Range<usize>, headline: String, help: String) {
        self.sink.tell(&EXPRESSION_ERROR, at, headline, help);
    }

    fn unknown(
        &mut self,
        at: Range<usize>,
        headline: String,
        meant: Option<&str>,
        otherwise: &str,
    ) {
        let help = meant.map_or_else(
            || otherwise.to_owned(),
            |known| format!("did you mean {known}?"),
        );
        self.sink.tell(&UNKNOWN_REFERENCE, at, headline, help);
    }

    fn expression(
        &mut self,
        text: &str,
        place: &dyn Fn(usize) -> Range<usize>,
        spot: Spot<'s, 'f>,
    ) {
        let expr = match Expr::parse(text) {
            Ok(expr) => expr,
            Err(problem) => {
                let shown = text.trim();
                let shown: String = shown.chars().take(80).collect();
                self.problem(
                    place(problem.at),
                    format!("the expression cannot be read: {}: {shown}", problem.what),
                    "mend it: the service refuses the whole workflow".to_owned(),
                );
                return;
            }
        };
        let mut calls: Vec<&Call> = Vec::new();
        let mut paths: Vec<&Path> = Vec::new();
        expr.walk(&mut |part| match part {
            Expr::Call(call) => calls.push(call),
            Expr::Path(path) => paths.push(path),
            _ => {}
        });
        for call in calls {
            self.call(call, place(call.at));
        }
        for path in paths {
            self.path(path, place(path.at), spot);
        }
    }

    fn call(&mut self, call: &Call, at: Range<usize>) {
        let name = call.name.to_ascii_lowercase();
        let Some(&(_, least, most)) = FUNCTIONS.iter().find(|(known, ..)| *known == name) else {
            let names = [
                "contains",
                "startsWith",
                "endsWith",
                "format",
                "join",
                "toJSON",
                "fromJSON",
                "hashFiles",
                "case",
                "success",
                "always",
                "cancelled",
                "failure",
            ];
            let meant = words::did_you_mean(&call.name, names);
            self.problem(
                at,
                format!("there is no function of this name: {}", call.name),
                meant.map_or_else(
                    || format!("there are {}", names.join(", ")),
                    |known| format!("did you mean {known}?"),
                ),
            );
            return;
        };
        let given = call.arguments.len();
        if given < least || given > most {
            let wanted = if least == most {
                least.to_string()
            } else {
                format!("at least {least}")
            };
            self.problem(
                at,
                format!("{} takes {wanted} arguments, not {given}", call.name),
                "give it those".to_owned(),
            );
        }
    }

    fn path(&mut self, path: &Path, at: Range<usize>, spot: Spot<'s, 'f>) {
        let root = path.root.to_ascii_lowercase();
        if !CONTEXTS.contains(&root.as_str()) {
            let meant = words::did_you_mean(&path.root, CONTEXTS.iter().copied());
            let help = match meant {
                Some(known) => format!("did you mean {known}?"),
                None if path.parts.is_empty() => {
                    format!("a text stands in single quotes: '{}'", path.root)
                }
                None => format!("there are {}", CONTEXTS.join(", ")),
            };
            self.problem(
                at,
                format!("there is no context of this name: {}", path.root),
                help,
            );
            return;
        }
        if !spot.contexts.contains(&root.as_str()) {
            self.problem(
                at,
                format!("`{root}` is not known in {}", spot.place),
                format!("there are {}", spot.contexts.join(", ")),
            );
            return;
        }
        let Some(name) = path.name(0) else { return };
        match root.as_str() {
            "github" => self.github(path, name, at),
            "steps" => self.step(path, name, at, spot),
            "needs" => self.need(path, name, at, spot),
            "matrix" => self.matrix(name, at, spot),
            "inputs" => self.input(name, at),
            "jobs" => {
                if self.flow.job_of(name).is_none() {
                    let meant = words::did_you_mean(name, self.flow.jobs.iter().map(|job| job.id));
                    self.unknown(
                        at,
                        format!("there is no job of this id: {name}"),
                        meant,
                        "name one of the jobs",
                    );
                }
            }
            _ => {}
        }
    }

    fn github(&mut self, path: &Path, name: &str, at: Range<usize>) {
        let lower = name.to_ascii_lowercase();
        if !GITHUB.contains(&lower.as_str()) {
            let meant = words::did_you_mean(name, GITHUB.iter().copied());
            self.unknown(
                at,
                format!("`github` has nothing of this name: {name}"),
                meant,
                "see the properties of the github context",
            );
        } else if lower == "event"
            && path
                .name(1)
                .is_some_and(|name| name.eq_ignore_ascii_case("inputs"))
            && let Some(input) = path.name(2)
            && self.flow.has_event(&["workflow_dispatch"])
        {
            self.input(input, at);
        }
    }

    fn input(&mut self, name: &str, at: Range<usize>) {
        let Some(known) = &self.inputs else { return };
        if known.iter().any(|input| input.eq_ignore_ascii_case(name)) {
            return;
        }
        let meant = words::did_you_mean(name, known.iter().copied());
        self.unknown(
            at,
            format!("there is no input of this name, so it is always empty: {name}"),
            meant,
            "declare it under `inputs:`",
        );
    }

    fn step(&mut self, path: &Path, name: &str, at: Range<usize>, spot: Spot<'s, 'f>) {
        let Some(job) = spot.job else { return };
        let is_it = |step: &Step<'_>| step.id.is_some_and(|(_, id)| id.eq_ignore_ascii_case(name));
        let dynamic = job.steps.iter().any(|step| {
            step.id.is_some_and(|(_, id)| id.contains("${{"))
                || self.flow.doc.get(step.node, "<<").is_some()
        });
        if dynamic {
            return;
        }
        match job.steps.iter().position(is_it) {
            None => {
                let ids = job
                    .steps
                    .iter()
                    .filter_map(|step| step.id)
                    .map(|(_, id)| id);
                let meant = words::did_you_mean(name, ids);
                self.unknown(
                    at,
                    format!(
                        "no step of job `{}` has this id, so it is always empty: {name}",
                        job.id
                    ),
                    meant,
                    "write `id:` at the step that is meant",
                );
            }
            Some(number) if number >= spot.before && spot.before < job.steps.len() => {
                self.unknown(
                    at,
                    format!("the step runs later, so it is always empty here: {name}"),
                    None,
                    "move the step that is meant to the front",
                );
            }
            Some(_) => {
                let member = path.name(1).unwrap_or("outputs").to_ascii_lowercase();
                if !matches!(member.as_str(), "outputs" | "outcome" | "conclusion") {
                    let meant = words::did_you_mean(&member, ["outputs", "outcome", "conclusion"]);
                    self.unknown(
                        at,
                        format!(
                            "a step has outputs, outcome and conclusion, and not this: {member}"
                        ),
                        meant,
                        "use one of them",
                    );
                }
            }
        }
    }

    fn need(&mut self, path: &Path, name: &str, at: Range<usize>, spot: Spot<'s, 'f>) {
        let Some(job) = spot.job.filter(|_| !self.flow.action) else {
            return;
        };
        if !job
            .needs
            .iter()
            .any(|(_, need)| need.eq_ignore_ascii_case(name))
        {
            if job.needs.iter().any(|(_, need)| need.contains("${{")) {
                return;
            }
            let there = self.flow.job_of(name).is_some();
            let otherwise = if there {
                "add it to `needs:`"
            } else {
                "name a job that it needs"
            };
            self.unknown(
                at,
                format!(
                    "job `{}` does not need this job, so it is always empty: {name}",
                    job.id
                ),
                None,
                otherwise,
            );
            return;
        }
        let member = path.name(1).unwrap_or("outputs").to_ascii_lowercase();
        if !matches!(member.as_str(), "outputs" | "result") {
            let meant = words::did_you_mean(&member, ["outputs", "result"]);
            self.unknown(
                at,
                format!("a needed job has outputs and a result, and not this: {member}"),
                meant,
                "use one of them",
            );
            return;
        }
        let Some(needed) = self
            .flow
            .job_of(name)
            .filter(|job| job.uses.is_none() && self.flow.doc.get(job.node, "<<").is_none())
        else {
            return;
        };
        if let (true, Some(output)) = (member == "outputs", path.name(2)) {
            let doc = self.flow.doc;
            let outputs = doc
                .get(needed.node, "outputs")
                .map_or(&[][..], |outputs| doc.entries(outputs));
            let names: Vec<&str> = outputs
                .iter()
                .filter_map(|&(key, _)| doc.text(key))
                .collect();
            if !names.iter().any(|known| known.eq_ignore_ascii_case(output)) {
                let meant = words::did_you_mean(output, names.iter().copied());
                self.unknown(
                    at,
                    format!(
                        "job `{name}` has no output of this name, so it is always empty: {output}"
                    ),
                    meant,
                    "add it to `outputs:` of that job",
                );
            }
        }
    }

    fn matrix(&mut self, name: &str, at: Range<usize>, spot: Spot<'s, 'f>) {
        let Some(job) = spot.job.filter(|_| !self.flow.action) else {
            return;
        };
        let doc = self.flow.doc;
        let Some(matrix) = doc.at(job.node, &["strategy", "matrix"]) else {
            if doc.get(job.node, "<<").is_none()
                && doc
                    .get(job.node, "strategy")
                    .is_none_or(|s| doc.text(s).is_none())
            {
                self.unknown(
                    at,
                    format!(
                        "job `{}` has no matrix, so it is always empty: {name}",
                        job.id
                    ),
                    None,
                    "write `strategy:`",
                );
            }
            return;
        };
        if doc.text(matrix).is_some() || doc.get(matrix, "<<").is_some() {
            return;
        }
        let mut names: Vec<&str> = Vec::new();
        for &(key, value) in doc.entries(matrix) {
            let Some(key) = doc.text(key) else { continue };
            if key == "include" {
                if doc.text(value).is_some() {
                    return;
                }
                for &item in doc.items(value) {
                    if doc.text(item).is_some() || doc.get(item, "<<").is_some() {
                        return;
                    }
                    names.extend(
                        doc.entries(item)
                            .iter()
                            .filter_map(|&(key, _)| doc.text(key)),
                    );
                }
            } else if key != "exclude" {
                names.push(key);
            }
        }
        if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            let meant = words::did_you_mean(name, names.iter().copied());
            self.unknown(
                at,
                format!("the matrix has nothing of this name, so it is always empty: {name}"),
                meant,
                "add it to the matrix",
            );
        }
    }
}
