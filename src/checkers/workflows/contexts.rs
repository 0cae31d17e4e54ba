//! Owns the rule on expressions: their grammar, and the contexts and functions that there are. What they name, `references`
//! knows.

use std::ops::Range;

use crate::base::words;
use crate::source::expression::{self, Call, Expr, Path};
use crate::source::yaml::Id;

use super::flow::{Event, Flow, Job};
use super::hit::Sink;
use super::rules::EXPRESSION_ERROR;

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
pub struct Spot<'s, 'f> {
    place: &'static str,
    contexts: &'static [&'static str],
    pub job: Option<&'s Job<'f>>,
    /// How many steps of the job come before.
    pub before: usize,
}

pub struct Walk<'s, 'f, 'k> {
    pub flow: &'s Flow<'f>,
    pub sink: &'s mut Sink<'k>,
    /// The inputs that are declared.
    pub inputs: Vec<&'f str>,
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

/// The inputs of a workflow or action.
fn inputs<'f>(flow: &Flow<'f>) -> Vec<&'f str> {
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
    names
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
                "strategy" => ("`strategy`", OF_CONDITION, 0),
                "env" => ("`env` of a job", OF_JOB_ENV, 0),
                "outputs" | "environment" => ("the end of a job", OF_STEPS, job.steps.len()),
                "container" | "services" => ("a container", OF_CONTAINER, 0),
                "secrets" => ("secrets that are handed on", OF_JOB_ENV, 0),
                "defaults" => ("`defaults`", OF_CONTAINER, 0),
                "name" | "runs-on" | "timeout-minutes" | "continue-on-error" | "concurrency"
                | "with" => ("this place", OF_JOB, 0),
                // Steps come below; the others hold no expression.
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
                        self.condition(node, spot("the condition of a step", OF_STEP_CONDITION));
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
            "jobs" if self.flow.job_of(name).is_none() => {
                let meant = words::did_you_mean(name, self.flow.jobs.iter().map(|job| job.id));
                self.unknown(
                    at,
                    format!("there is no job of this id: {name}"),
                    meant,
                    "name one of the jobs",
                );
            }
            _ => {}
        }
    }
}
