//! Owns what is told beside the findings: what was looked into, what was not read, and what marks silence.

use std::collections::BTreeMap;

use crate::base::path::RepoPath;
use crate::base::words::count;
use crate::model::evidence::Evidence;

use super::hit::{Facts, Family, Unread};

/// What is counted beside the findings.
#[derive(Default)]
pub struct Told {
    files: BTreeMap<Family, usize>,
    templates: usize,
    parts: usize,
    broken: Vec<String>,
    /// Findings that a mark silences.
    pub marked: Vec<String>,
    /// Files above the limit.
    pub large: usize,
}

impl Told {
    /// Counts what a file's facts tell.
    pub fn file(&mut self, path: &RepoPath, facts: &Facts) {
        match facts.unread {
            Some(Unread::Template) => self.templates += 1,
            Some(Unread::Broken) => self.broken.push(path.to_string()),
            Some(Unread::Parts(parts)) => self.parts += parts,
            None => {}
        }
        if let Some(family) = facts.family {
            *self.files.entry(family).or_default() += 1;
        }
    }

    /// Is there nothing that the check could look into?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.templates == 0 && self.broken.is_empty()
    }

    /// Says it.
    pub fn notes(self, limit: &str, evidence: &mut Evidence) {
        let seen: Vec<String> = self
            .files
            .iter()
            .map(|(family, &n)| match family {
                Family::Dockerfile => count(n, "Dockerfile"),
                Family::Compose => count(n, "compose file"),
                Family::Kubernetes => count(n, "Kubernetes manifest"),
                Family::Terraform => count(n, "Terraform file"),
            })
            .collect();
        if !seen.is_empty() {
            evidence
                .notes
                .push(format!("looked into {}", seen.join(", ")));
        }
        if self.templates > 0 {
            let files = count(self.templates, "template");
            evidence.notes.push(format!(
                "{files} of manifests not read: render the charts and check what comes out"
            ));
        }
        if self.parts > 0 {
            let parts = count(self.parts, "instruction or block");
            evidence
                .notes
                .push(format!("{parts} not understood and skipped"));
        }
        if !self.broken.is_empty() {
            let files = count(self.broken.len(), "file");
            let shown: Vec<&str> = self.broken.iter().take(3).map(String::as_str).collect();
            let more = if self.broken.len() > 3 { ", ..." } else { "" };
            evidence.notes.push(format!(
                "{files} not read, because they do not parse: {}{more}",
                shown.join(", ")
            ));
        }
        if self.large > 0 {
            let files = count(self.large, "file");
            evidence
                .notes
                .push(format!("{files} over {limit} not looked into"));
        }
        if !self.marked.is_empty() {
            let findings = count(self.marked.len(), "finding");
            let shown: Vec<&str> = self.marked.iter().take(20).map(String::as_str).collect();
            let more = if self.marked.len() > 20 { ", ..." } else { "" };
            evidence.notes.push(format!(
                "{findings} silenced by marks of other tools: {}{more}",
                shown.join(", ")
            ));
        }
    }
}
