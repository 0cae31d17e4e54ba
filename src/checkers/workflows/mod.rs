//! Owns the checker `workflows`: pipelines of GitHub, GitLab and Azure, their security and their mistakes.

mod azure;
mod commands;
mod conditions;
mod contexts;
mod flow;
mod github;
mod gitlab;
mod hit;
mod images;
mod injection;
mod known;
mod marks;
mod options;
mod references;
mod rights;
mod rules;
mod script;
mod shape;
mod steps;
mod syntax;
mod taint;
mod triggers;
mod uses;

use crate::base::words;
use crate::check::{Checker, Cx, Observed};
use crate::model::evidence::Evidence;
use crate::model::fault::Fault;
use crate::model::finding::Finding;
use crate::model::metric::Metric;
use crate::model::place::Place;
use crate::model::rule::{Rule, Severity};
use crate::source::file::SourceFile;
use crate::source::tree::{FileMeta, SourceTree};
use crate::source::yaml::Document;

use hit::{Facts, Sink};
use options::Options;

/// Larger files, in bytes, are not read: no service takes such a pipeline.
const LARGEST: u64 = 1_000_000;

/// A configured check.
pub struct Workflows(Options);

impl Checker for Workflows {
    const NAME: &'static str = "workflows";
    const SUMMARY: &'static str =
        "security and mistakes of GitHub workflows and actions, GitLab and Azure pipelines";
    const REVISION: u32 = 1;
    const RULES: &'static [&'static Rule] = rules::RULES;
    const METRICS: &'static [Metric] = &[
        Metric::graded(
            "critical_vulnerabilities",
            Severity::Critical,
            "findings of severity critical",
        ),
        Metric::graded(
            "high_vulnerabilities",
            Severity::High,
            "findings of severity high",
        ),
        Metric::graded(
            "medium_vulnerabilities",
            Severity::Medium,
            "findings of severity medium",
        ),
        Metric::graded(
            "low_vulnerabilities",
            Severity::Low,
            "findings of severity low",
        ),
        Metric::counts(
            "unpinned_actions",
            &["unpinned-action"],
            "actions that are not pinned as the options ask",
        ),
        Metric::counts(
            "workflow_injections",
            &[
                "template-injection",
                "environment-injection",
                "dangerous-checkout",
            ],
            "places where text or code of others runs",
        ),
        Metric::counts(
            "workflow_errors",
            &[
                "workflow-shape",
                "expression-error",
                "unknown-reference",
                "needs-cycle",
                "duplicate-id",
                "bad-trigger",
                "unknown-shell",
                "retired-action",
                "missing-local-file",
                "script-error",
            ],
            "mistakes with which a pipeline does not do what it says",
        ),
    ];

    type Options = Options;
    type Facts = Facts;

    fn new(options: Options) -> Result<Self, String> {
        Ok(Self(options))
    }

    fn options(&self) -> &Options {
        &self.0
    }

    fn wants(&self, file: &FileMeta) -> bool {
        let is_yaml = matches!(file.path.extension(), Some(b"yml" | b"yaml"));
        is_yaml
            && file.is_file()
            && file.size <= LARGEST
            && !file.class.vendored
            && is_pipeline(file)
    }

    fn observe(&self, file: &SourceFile) -> Option<Facts> {
        let unread = |why: &str| {
            Some(Facts {
                unread: Some(why.to_owned()),
                ..Facts::default()
            })
        };
        let Some(text) = file.text() else {
            return unread("it is not UTF-8");
        };
        let document = match Document::parse(text) {
            Ok(document) => document,
            Err(why) => return unread(&format!("it is no YAML: {why}")),
        };
        let mut sink = Sink::new(file);
        if let Some(flow) = flow::Flow::of(&document, text) {
            github::check(&flow, &self.0, &mut sink);
            sink.facts.unread = flow.unread().map(str::to_owned);
        } else if azure::is_one(&document) {
            azure::check(&document, text, &mut sink);
        } else if gitlab::is_one(&document) {
            gitlab::check(&document, text, &mut sink);
        }
        Some(sink.done())
    }

    fn conclude(&self, files: &[Observed<'_, Facts>], cx: &Cx<'_>) -> Result<Evidence, Fault> {
        if files.is_empty() {
            return Ok(Evidence::not_applicable(
                "workflows of GitHub, GitLab or Azure",
            ));
        }
        let mut evidence = Evidence::default();
        let mut marked = Vec::new();
        for Observed { file, facts } in files {
            let Some(facts) = facts else { continue };
            if let Some(why) = &facts.unread {
                evidence.partial(format!("{}: {why}", file.path));
            }
            if facts.unread_scripts > 0 {
                let scripts = words::count(facts.unread_scripts, "script");
                evidence.partial(format!("{}: {scripts} too intricate to be read", file.path));
            }
            if facts.more > 0 {
                evidence.partial(format!(
                    "{}: {} more findings than are kept",
                    file.path, facts.more
                ));
            }
            let mut add = |finding: Finding, mark: Option<&String>| match mark {
                Some(mark) if self.0.marks => marked.push(format!("{} ({mark})", finding.place)),
                _ => evidence.findings.push(finding),
            };
            for hit in &facts.hits {
                let place = Place::Part(file.path.clone(), hit.span);
                let finding = Finding::new(hit.rule(), place, &hit.headline, &hit.help)
                    .anchored(hit.anchor.clone())
                    .graded(hit.severity);
                add(finding, hit.mark.as_ref());
            }
            for local in &facts.locals {
                if !is_there(cx.tree, &local.path) {
                    let place = Place::Part(file.path.clone(), local.span);
                    let headline = format!("nothing stands at this path: {}", local.path);
                    let help = "name the folder of an action.yml, or the file of a workflow, from the root";
                    let finding = Finding::new(&rules::MISSING_LOCAL_FILE, place, headline, help);
                    add(finding.anchored(local.anchor.clone()), None);
                }
            }
        }
        for file in cx.tree.files() {
            if file.is_file() && file.size > LARGEST && is_pipeline(file) {
                evidence.partial(format!("{}: too large to be looked into", file.path));
            }
        }
        told(&marked, &mut evidence);
        Ok(evidence)
    }
}

/// Is a file of this name, at this place, one that a service runs?
fn is_pipeline(file: &FileMeta) -> bool {
    let path = file.path.as_bytes();
    let name = file.path.name().to_ascii_lowercase();
    let starts = |folders: &[&[u8]]| folders.iter().any(|folder| path.starts_with(folder));
    let is_action = matches!(name.as_slice(), b"action.yml" | b"action.yaml");
    let gitlab = name.ends_with(b".gitlab-ci.yml") || name.ends_with(b".gitlab-ci.yaml");
    let azure = name.starts_with(b"azure-pipeline")
        || starts(&[b".azure-pipelines/", b".azuredevops/", b".azure/pipelines/"]);
    starts(&[b".github/workflows/"])
        || ((is_action || gitlab || azure || starts(&[b".gitlab/ci/"])) && !file.class.test)
}

/// Is there an action or a workflow at this path?
fn is_there(tree: &dyn SourceTree, path: &str) -> bool {
    let path = path.trim_start_matches("./").trim_end_matches('/');
    let ending = path.rsplit_once('.').map(|(_, ending)| ending);
    let is_file = matches!(ending, Some("yml" | "yaml"));
    tree.files().iter().any(|file| {
        let file = file.path.as_bytes();
        if is_file {
            return file == path.as_bytes();
        }
        let inside = if path.is_empty() || path == "." {
            Some(file)
        } else {
            file.strip_prefix(path.as_bytes())
                .and_then(|rest| rest.strip_prefix(b"/"))
        };
        matches!(inside, Some(b"action.yml" | b"action.yaml" | b"Dockerfile"))
    })
}

/// At most so many marks are listed.
const LISTED: usize = 20;

fn told(marked: &[String], evidence: &mut Evidence) {
    if marked.is_empty() {
        return;
    }
    let findings = words::count(marked.len(), "finding");
    evidence.notes.push(format!(
        "{findings} silenced by the mark of another scanner (option `marks`)"
    ));
    for place in marked.iter().take(LISTED) {
        evidence.notes.push(format!("silenced: {place}"));
    }
    if marked.len() > LISTED {
        evidence
            .notes
            .push(format!("silenced: {} more", marked.len() - LISTED));
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;
    use crate::source::class::PathClass;
    use crate::source::language::Language;

    fn hits(text: &str) -> usize {
        let file = SourceFile::new(
            text.as_bytes().to_vec(),
            Some(Language::Yaml),
            PathClass::default(),
        );
        let check = Workflows::new(Options::default()).expect("good options");
        check.observe(&file).map_or(0, |facts| facts.hits.len())
    }

    /// Each would take minutes if a loop went over all for each of all.
    #[test]
    fn hostile_pipelines_end() {
        let mut chain = "on: push\njobs:\n".to_owned();
        for job in 0..1_500 {
            let _ = writeln!(chain, "  j{job}: {{needs: j{}, runs-on: x}}", job + 1);
        }
        hits(&chain);
        let uses = "      - uses: actions/checkout@v4\n".repeat(2_000);
        hits(&format!("on: push\njobs:\n  a:\n    steps:\n{uses}"));
        let mut fan = "on: push\njobs:\n".to_owned();
        for job in 0..12 {
            let value = format!("${{{{ needs.j{}.outputs.x }}}}", job + 1).repeat(200);
            let _ = writeln!(
                fan,
                "  j{job}:\n    outputs: {{x: \"{value}\"}}\n    steps: [{{run: \"{value}\"}}]"
            );
        }
        hits(&fan);
        let wide = "{run: 'curl http://x.sh | sh'},".repeat(4_000);
        hits(&format!("on: push\njobs: {{a: {{steps: [{wide}]}}}}"));
        for unit in ["a|", "$(", "'", "${{ ", "${{ a[", "{", "!(", "<<A\n"] {
            let script = unit
                .repeat(8_000 / unit.len())
                .replace('\n', "\n          ");
            hits(&format!(
                "on: push\njobs:\n  a:\n    steps:\n      - run: |\n          {script}\n"
            ));
            let wrapped =
                format!("on: push\njobs:\n  a:\n    if: |\n      {script}\n    steps: []\n");
            hits(&wrapped);
        }
    }
}
