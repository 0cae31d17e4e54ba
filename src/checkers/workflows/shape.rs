//! Owns the rules on the shape of a workflow or action: its keys, what each holds, ids, and the order of jobs.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::words;
use crate::source::yaml::Id;

use super::flow::{Flow, Job, Uses};
use super::hit::Sink;
use super::rules::{DUPLICATE_ID, NEEDS_CYCLE, UNKNOWN_REFERENCE, WORKFLOW_SHAPE};

const ROOT: &[&str] = &[
    "name",
    "description",
    "run-name",
    "on",
    "permissions",
    "env",
    "defaults",
    "concurrency",
    "jobs",
];
const JOB: &[&str] = &[
    "name",
    "permissions",
    "needs",
    "if",
    "runs-on",
    "environment",
    "concurrency",
    "outputs",
    "env",
    "defaults",
    "steps",
    "timeout-minutes",
    "strategy",
    "continue-on-error",
    "container",
    "services",
    "uses",
    "with",
    "secrets",
    "snapshot",
];
const CALL: &[&str] = &[
    "name",
    "uses",
    "with",
    "secrets",
    "needs",
    "if",
    "permissions",
    "strategy",
    "concurrency",
];
const STEP: &[&str] = &[
    "id",
    "if",
    "name",
    "uses",
    "run",
    "working-directory",
    "shell",
    "with",
    "env",
    "continue-on-error",
    "timeout-minutes",
    "background",
    "wait",
    "wait-all",
    "cancel",
    "parallel",
];
const CONTAINER: &[&str] = &[
    "image",
    "credentials",
    "env",
    "ports",
    "volumes",
    "options",
    "command",
    "entrypoint",
];
const PERMISSIONS: &[&str] = &[
    "actions",
    "artifact-metadata",
    "attestations",
    "checks",
    "contents",
    "deployments",
    "discussions",
    "id-token",
    "issues",
    "models",
    "packages",
    "pages",
    "pull-requests",
    "repository-projects",
    "security-events",
    "statuses",
    "copilot-requests",
    "vulnerability-alerts",
    "metadata",
];
const ACTION: &[&str] = &[
    "name",
    "author",
    "description",
    "inputs",
    "outputs",
    "runs",
    "branding",
];
const USING: &[&str] = &[
    "composite",
    "docker",
    "node12",
    "node16",
    "node20",
    "node24",
];

struct Shape<'s, 'f, 'k> {
    flow: &'s Flow<'f>,
    sink: &'s mut Sink<'k>,
}

/// Looks at a workflow or action.
pub fn check(flow: &Flow<'_>, sink: &mut Sink<'_>) {
    let mut shape = Shape { flow, sink };
    if flow.action {
        shape.action();
    } else {
        shape.workflow();
    }
    for job in &flow.jobs {
        shape.ids(job);
    }
    needs(flow, sink);
}

impl Shape<'_, '_, '_> {
    fn tell(&mut self, node: Id, headline: String, help: String) {
        self.sink
            .tell(&WORKFLOW_SHAPE, self.flow.range(node), headline, help);
    }

    /// Keys that are not known, or stand twice.
    fn keys(&mut self, node: Id, place: &str, known: &[&str]) {
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for &(key, _) in self.flow.doc.entries(node) {
            let Some(name) = self.flow.doc.text(key) else {
                continue;
            };
            let count = seen.entry(name).or_default();
            *count += 1;
            if *count == 2 {
                self.tell(
                    key,
                    format!("`{name}` stands twice in {place}"),
                    "keep one: the service refuses the file".to_owned(),
                );
            }
            // `<<` takes over the entries of another map.
            if known.is_empty()
                || known.contains(&name)
                || name == "<<"
                || (place == "the workflow" && name == "true")
            {
                continue;
            }
            let meant = words::did_you_mean(name, known.iter().copied());
            self.tell(
                key,
                format!("{place} has no key of this name: {name}"),
                meant.map_or_else(
                    || format!("it has {}", known.join(", ")),
                    |known| format!("did you mean {known}?"),
                ),
            );
        }
    }

    fn permissions(&mut self, node: Id) {
        let Some(permissions) = self.flow.doc.get(node, "permissions") else {
            return;
        };
        self.keys(permissions, "`permissions`", PERMISSIONS);
        for &(key, value) in self.flow.doc.entries(permissions) {
            let right = self.flow.doc.text(value).unwrap_or_default();
            if !matches!(right, "read" | "write" | "none") {
                let name = self.flow.doc.text(key).unwrap_or_default();
                self.tell(
                    value,
                    format!("a right is read, write or none, not this: {name}: {right}"),
                    "write one of them".to_owned(),
                );
            }
        }
        if let Some(all) = self.flow.doc.text(permissions)
            && !matches!(all, "read-all" | "write-all" | "" | "~" | "null")
        {
            self.tell(
                permissions,
                format!("`permissions` is read-all, write-all or a map, not this: {all}"),
                "write `permissions: {}` and what is needed".to_owned(),
            );
        }
    }

    fn workflow(&mut self) {
        let (flow, root) = (self.flow, self.flow.root);
        self.keys(root, "the workflow", ROOT);
        self.permissions(root);
        if flow.events.is_empty()
            && flow.doc.get(root, "on").is_none()
            && flow.doc.get(root, "true").is_none()
        {
            let at = flow.doc.entries(root).first().map_or(root, |&(key, _)| key);
            self.tell(
                at,
                "nothing starts the workflow: it has no `on:`".to_owned(),
                "write `on:` with its events".to_owned(),
            );
        }
        let jobs = flow.doc.get(root, "jobs").unwrap_or(root);
        self.keys(jobs, "`jobs`", &[]);
        for job in &flow.jobs {
            self.job(job);
        }
    }

    fn job(&mut self, job: &Job<'_>) {
        let flow = self.flow;
        if flow.doc.entries(job.node).is_empty() {
            self.tell(
                job.key,
                format!("job `{}` is no map", job.id),
                "write `runs-on:` and `steps:` below it".to_owned(),
            );
            return;
        }
        if !is_id(job.id) {
            self.tell(
                job.key,
                format!(
                    "an id begins with a letter and has letters, digits, `-` and `_`: {}",
                    job.id
                ),
                "use such a name, and `name:` for what people read".to_owned(),
            );
        }
        self.permissions(job.node);
        // What is merged in by `<<` is not seen.
        let merged = flow.doc.get(job.node, "<<").is_some();
        let has = |key: &str| merged || flow.doc.get(job.node, key).is_some();
        if job.uses.is_some() {
            self.keys(job.node, "a job that calls a workflow", CALL);
        } else {
            self.keys(job.node, "a job", JOB);
            if !has("steps") {
                self.tell(
                    job.key,
                    format!("job `{}` has neither `steps:` nor `uses:`", job.id),
                    "write its steps".to_owned(),
                );
            } else if job.steps.is_empty() && !merged {
                self.tell(
                    job.key,
                    format!("job `{}` has no step", job.id),
                    "write its steps".to_owned(),
                );
            }
            if !has("runs-on") {
                self.tell(
                    job.key,
                    format!("job `{}` does not say where it runs", job.id),
                    "write `runs-on:`".to_owned(),
                );
            }
        }
        let inner: [(&str, &[&str]); 5] = [
            ("strategy", &["matrix", "fail-fast", "max-parallel"]),
            ("container", CONTAINER),
            ("environment", &["name", "url", "deployment"]),
            ("concurrency", &["group", "cancel-in-progress", "queue"]),
            ("snapshot", &["image-name", "version", "if"]),
        ];
        for (key, known) in inner {
            if let Some(node) = flow.doc.get(job.node, key) {
                self.keys(node, &format!("`{key}`"), known);
            }
        }
        if let Some(services) = flow.doc.get(job.node, "services") {
            for &(_, service) in flow.doc.entries(services) {
                self.keys(service, "a service", CONTAINER);
            }
        }
        self.steps(job);
    }

    fn steps(&mut self, job: &Job<'_>) {
        let flow = self.flow;
        for step in &job.steps {
            self.sink.around = flow.range(step.node);
            self.keys(step.node, "a step", STEP);
            for key in ["env", "with"] {
                if let Some(node) = flow.doc.get(step.node, key) {
                    self.keys(node, &format!("`{key}`"), &[]);
                }
            }
            let has = |key: &str| flow.doc.get(step.node, key).is_some();
            let other = ["wait", "wait-all", "cancel", "parallel", "<<"]
                .into_iter()
                .any(has);
            match (step.uses, step.run) {
                (None, None) if !other => self.tell(
                    step.node,
                    "a step has neither `run:` nor `uses:`".to_owned(),
                    "write what it does".to_owned(),
                ),
                (Some(_), Some(run)) => self.tell(
                    run,
                    "a step has both `run:` and `uses:`".to_owned(),
                    "make two steps of it".to_owned(),
                ),
                (Some((node, text)), None) => {
                    if let Uses::Action {
                        slug,
                        reference: None,
                        ..
                    } = Uses::of(text)
                        && !text.contains("${{")
                    {
                        self.tell(
                            node,
                            format!("an action is named with its version: {slug}"),
                            "write owner/name@hash, or ./path for an action of this repository"
                                .to_owned(),
                        );
                    }
                    if has("shell") || has("working-directory") {
                        let key = if has("shell") {
                            "shell"
                        } else {
                            "working-directory"
                        };
                        let at = flow.doc.get(step.node, key).unwrap_or(step.node);
                        self.tell(
                            at,
                            format!("`{key}` is for scripts, and this step uses an action"),
                            "remove it".to_owned(),
                        );
                    }
                }
                (None, Some(run)) => {
                    if let Some(with) = flow.doc.get(step.node, "with") {
                        self.tell(
                            with,
                            "`with` is for actions, and this step runs a script".to_owned(),
                            "use `env:`".to_owned(),
                        );
                    }
                    if flow.action && !has("shell") && !has("<<") {
                        self.tell(
                            run,
                            "in an action every script says its shell".to_owned(),
                            "write `shell: bash`".to_owned(),
                        );
                    }
                }
                (None, None) => {}
            }
        }
        self.sink.around = 0..0;
    }

    fn action(&mut self) {
        let flow = self.flow;
        self.keys(flow.root, "an action", ACTION);
        let Some(runs) = flow.doc.get(flow.root, "runs") else {
            return;
        };
        if let Some((node, using)) = flow.field(runs, "using")
            && !USING.contains(&using)
        {
            let meant = words::did_you_mean(using, USING.iter().copied());
            self.tell(
                node,
                format!("an action cannot run by this: {using}"),
                meant.map_or_else(
                    || format!("it runs by {}", USING.join(", ")),
                    |known| format!("did you mean {known}?"),
                ),
            );
        }
        if let Some(job) = flow.jobs.first().filter(|job| !job.steps.is_empty()) {
            self.steps(job);
        }
    }

    /// Ids of steps that stand twice.
    fn ids(&mut self, job: &Job<'_>) {
        let mut seen = BTreeSet::new();
        for step in &job.steps {
            let Some((node, id)) = step.id else { continue };
            if id.contains("${{") {
                continue;
            }
            if !is_id(id) {
                self.tell(
                    node,
                    format!(
                        "an id begins with a letter and has letters, digits, `-` and `_`: {id}"
                    ),
                    "use such a name".to_owned(),
                );
            }
            if !seen.insert(id.to_ascii_lowercase()) {
                self.sink.tell(
                    &DUPLICATE_ID,
                    self.flow.range(node),
                    format!("two steps of job `{}` have this id: {id}", job.id),
                    "give each its own",
                );
            }
        }
    }
}

fn is_id(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// Jobs that need one that is not there, or each other.
fn needs(flow: &Flow<'_>, sink: &mut Sink<'_>) {
    let number: BTreeMap<String, usize> = flow
        .jobs
        .iter()
        .enumerate()
        .map(|(n, job)| (job.id.to_ascii_lowercase(), n))
        .collect();
    let mut edges: Vec<Vec<usize>> = Vec::new();
    for job in &flow.jobs {
        let mut to = Vec::new();
        for &(node, need) in &job.needs {
            match number.get(&need.to_ascii_lowercase()) {
                Some(&n) => to.push(n),
                None if need.contains("${{") || need.is_empty() => {}
                None => {
                    let meant = words::did_you_mean(need, flow.jobs.iter().map(|job| job.id));
                    sink.tell(
                        &UNKNOWN_REFERENCE,
                        flow.range(node),
                        format!("job `{}` needs a job that is not there: {need}", job.id),
                        meant.map_or_else(
                            || "remove it".to_owned(),
                            |known| format!("did you mean {known}?"),
                        ),
                    );
                }
            }
        }
        edges.push(to);
    }
    let waiting = waiting(&edges);
    // Of those, some only wait for a ring: the ring is told at its first job.
    let Some(start) = waiting.iter().position(|&waits| waits) else {
        return;
    };
    let mut path = vec![start];
    let ring = loop {
        let last = path[path.len() - 1];
        let Some(&next) = edges[last].iter().find(|&&need| waiting[need]) else {
            return;
        };
        if let Some(at) = path.iter().position(|&job| job == next) {
            break path.split_off(at);
        }
        path.push(next);
    };
    let names: Vec<&str> = ring
        .iter()
        .chain(ring.first())
        .map(|&n| flow.jobs[n].id)
        .collect();
    let first = ring.iter().copied().min().unwrap_or(start);
    sink.tell(
        &NEEDS_CYCLE,
        flow.range(flow.jobs[first].key),
        format!("jobs wait for each other: {}", names.join(" needs ")),
        "remove one of the needs",
    );
}

/// Which jobs never start: jobs whose needs are done are done, and what is left over waits for itself.
fn waiting(edges: &[Vec<usize>]) -> Vec<bool> {
    let mut dependents: Vec<Vec<usize>> = vec![Vec::new(); edges.len()];
    for (job, needs) in edges.iter().enumerate() {
        for &need in needs {
            dependents[need].push(job);
        }
    }
    let mut open: Vec<usize> = edges.iter().map(Vec::len).collect();
    let mut done: Vec<usize> = (0..edges.len()).filter(|&job| open[job] == 0).collect();
    while let Some(job) = done.pop() {
        for &dependent in &dependents[job] {
            open[dependent] -= 1;
            if open[dependent] == 0 {
                done.push(dependent);
            }
        }
    }
    open.iter().map(|&left| left > 0).collect()
}
