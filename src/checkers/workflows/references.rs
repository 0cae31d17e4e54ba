//! Owns the rule on what expressions name: properties, inputs, steps, jobs and keys of a matrix that are not there.

use std::ops::Range;

use crate::base::words;
use crate::source::expression::Path;

use super::contexts::{Spot, Walk};
use super::flow::Step;
use super::rules::UNKNOWN_REFERENCE;

/// What `github` has.
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

impl<'s, 'f> Walk<'s, 'f, '_> {
    /// Tells a name that is not there.
    pub fn unknown(
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

    /// A property of `github`.
    pub fn github(&mut self, path: &Path, name: &str, at: Range<usize>) {
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

    /// An input.
    pub fn input(&mut self, name: &str, at: Range<usize>) {
        let known = &self.inputs;
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

    /// A step, and what is taken of it.
    pub fn step(&mut self, path: &Path, name: &str, at: Range<usize>, spot: Spot<'s, 'f>) {
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

    /// A needed job, and what is taken of it.
    pub fn need(&mut self, path: &Path, name: &str, at: Range<usize>, spot: Spot<'s, 'f>) {
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

    /// A key of the matrix.
    pub fn matrix(&mut self, name: &str, at: Range<usize>, spot: Spot<'s, 'f>) {
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
