//! Owns what is asked of a GitLab pipeline: what it includes, its images, scripts, and the jobs that it names.

use crate::base::words;
use crate::model::rule::Severity;
use crate::source::yaml::{Document, Id};

use super::commands::{self, Text};
use super::hit::Sink;
use super::images;
use super::rules::{TEMPLATE_INJECTION, UNKNOWN_REFERENCE, UNPINNED_INCLUDE, WORKFLOW_SHAPE};
use super::script;

/// Keys at the top that are no jobs.
const GLOBAL: &[&str] = &[
    "stages",
    "default",
    "include",
    "variables",
    "workflow",
    "image",
    "services",
    "cache",
    "before_script",
    "after_script",
    "spec",
    "types",
];

/// Variables whose text anybody chooses who proposes a change.
const STRANGERS: &[&str] = &[
    "CI_COMMIT_MESSAGE",
    "CI_COMMIT_TITLE",
    "CI_COMMIT_DESCRIPTION",
    "CI_COMMIT_AUTHOR",
    "CI_COMMIT_BRANCH",
    "CI_COMMIT_REF_NAME",
    "CI_MERGE_REQUEST_TITLE",
    "CI_MERGE_REQUEST_DESCRIPTION",
    "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME",
    "CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME",
];

struct Pipeline<'a, 's, 'k> {
    doc: &'a Document,
    text: &'a str,
    sink: &'s mut Sink<'k>,
}

/// Is it one? It has jobs with scripts, or includes them.
pub fn is_one(doc: &Document) -> bool {
    doc.root().is_some_and(|root| {
        doc.get(root, "include").is_some()
            || doc.get(root, "stages").is_some_and(|stages| {
                doc.items(stages)
                    .iter()
                    .all(|&stage| doc.text(stage).is_some())
            })
            || jobs(doc, root).next().is_some()
    })
}

fn jobs(doc: &Document, root: Id) -> impl Iterator<Item = (&str, Id, Id)> {
    doc.entries(root).iter().filter_map(move |&(key, node)| {
        let name = doc.text(key)?;
        let is_job = ["script", "extends", "trigger", "run"]
            .iter()
            .any(|key| doc.get(node, key).is_some());
        (!GLOBAL.contains(&name) && is_job).then_some((name, key, node))
    })
}

/// Looks at a pipeline.
pub fn check(doc: &Document, text: &str, sink: &mut Sink<'_>) {
    let Some(root) = doc.root() else { return };
    let mut pipeline = Pipeline { doc, text, sink };
    pipeline.includes(root);
    let default = doc.get(root, "default");
    let nodes = [Some(root), default].into_iter().flatten();
    for node in nodes.chain(jobs(doc, root).map(|(_, _, node)| node)) {
        pipeline.images(node);
        for key in ["before_script", "script", "after_script"] {
            if let Some(script) = doc.get(node, key) {
                pipeline.scripts(script);
            }
        }
    }
    pipeline.names(root);
}

impl Pipeline<'_, '_, '_> {
    fn at(&self, node: Id) -> std::ops::Range<usize> {
        self.doc.range(node).unwrap_or(0..0)
    }

    fn includes(&mut self, root: Id) {
        let doc = self.doc;
        let Some(include) = doc.get(root, "include") else {
            return;
        };
        let all: Vec<Id> = match doc.items(include) {
            [] => vec![include],
            items => items.to_vec(),
        };
        for item in all {
            let remote = doc.get(item, "remote").or(Some(item)).filter(|&node| {
                doc.text(node)
                    .is_some_and(|text| text.starts_with("http://") || text.starts_with("https://"))
            });
            if let Some(node) = remote {
                if doc.get(item, "integrity").is_none() {
                    self.include(node, "a pipeline is included from an address that may answer anything", "write `integrity:` with its digest, or include it from a project by commit", Severity::Medium);
                }
                continue;
            }
            if let Some(node) = doc.get(item, "project") {
                let reference = doc.get(item, "ref");
                let name = reference
                    .and_then(|node| doc.text(node))
                    .unwrap_or_default();
                if reference.is_none() {
                    self.include(
                        node,
                        "a pipeline of another project is included from its default branch",
                        "write `ref:` with a commit",
                        Severity::Medium,
                    );
                } else if !name.contains('$')
                    && !super::flow::is_hash(name)
                    && !name.bytes().any(|b| b.is_ascii_digit())
                {
                    self.include(
                        node,
                        &format!("a pipeline of another project is included from a branch: {name}"),
                        "write `ref:` with a commit",
                        Severity::Low,
                    );
                }
            }
            if let Some((node, text)) = doc
                .get(item, "component")
                .and_then(|node| Some((node, doc.text(node)?)))
                && let Some((_, version)) = text.rsplit_once('@')
                && (version.starts_with('~') || !version.bytes().any(|b| b.is_ascii_digit()))
                && !version.contains('$')
            {
                self.include(
                    node,
                    &format!("a component is taken in whatever version is the newest: {version}"),
                    "name a version or a commit",
                    Severity::Medium,
                );
            }
        }
    }

    fn include(&mut self, node: Id, headline: &str, help: &str, severity: Severity) {
        let at = self.at(node);
        self.sink
            .tell(&UNPINNED_INCLUDE, at, headline, help)
            .graded(severity);
    }

    fn images(&mut self, node: Id) {
        let doc = self.doc;
        let services = doc
            .get(node, "services")
            .map_or(&[][..], |services| doc.items(services));
        for image in doc
            .get(node, "image")
            .into_iter()
            .chain(services.iter().copied())
        {
            let named = doc.get(image, "name").unwrap_or(image);
            if let Some(text) = doc.text(named) {
                images::image(text, self.at(named), self.sink);
            }
        }
    }

    fn scripts(&mut self, node: Id) {
        let doc = self.doc;
        let mut open = vec![node];
        let mut next = node;
        while let Some(id) = open.pop() {
            if id < next {
                continue;
            }
            next = id + 1;
            open.extend(doc.items(id).iter().rev());
            let Some(region) = doc.region(id, self.text) else {
                continue;
            };
            let text = Text {
                code: region.text(),
                place: &|at| region.place(at),
                is_secret: &|name| names_secret(name),
            };
            commands::check(&text, false, self.sink);
            evaluated(&text, self.sink);
        }
    }

    /// Stages and jobs that are not there. What is included may bring them.
    fn names(&mut self, root: Id) {
        let doc = self.doc;
        if doc.get(root, "include").is_some() {
            return;
        }
        let stages: Vec<&str> = doc.get(root, "stages").map_or_else(Vec::new, |stages| {
            doc.items(stages)
                .iter()
                .filter_map(|&stage| doc.text(stage))
                .collect()
        });
        let all: Vec<&str> = doc
            .entries(root)
            .iter()
            .filter_map(|&(key, _)| doc.text(key))
            .collect();
        for (name, key, node) in jobs(doc, root) {
            if let Some((stage, text)) = doc
                .get(node, "stage")
                .and_then(|node| Some((node, doc.text(node)?)))
                && !stages.is_empty()
                && !stages.contains(&text)
                && !matches!(text, ".pre" | ".post")
                && !text.contains('$')
            {
                let at = self.at(stage);
                let meant = words::did_you_mean(text, stages.iter().copied());
                self.unknown(
                    at,
                    format!("job `{name}` is in a stage that is not there: {text}"),
                    meant,
                );
            }
            let mut named: Vec<Id> = Vec::new();
            for key in ["needs", "dependencies", "extends"] {
                let Some(list) = doc.get(node, key) else {
                    continue;
                };
                named.extend(
                    doc.items(list)
                        .iter()
                        .map(|&item| doc.get(item, "job").unwrap_or(item)),
                );
                if key == "extends" {
                    named.push(list);
                }
            }
            for id in named {
                let Some(text) = doc.text(id) else { continue };
                // `needs: [job 1/3]` names one of several of a job.
                let base = text
                    .split(':')
                    .next()
                    .unwrap_or(text)
                    .trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '/' | ' '));
                if !all.contains(&text) && !all.contains(&base) && !text.contains('$') {
                    let at = self.at(id);
                    let meant = words::did_you_mean(text, all.iter().copied());
                    self.unknown(
                        at,
                        format!("job `{name}` names a job that is not there: {text}"),
                        meant,
                    );
                }
            }
            let hidden = name.starts_with('.');
            let makes = ["script", "trigger", "extends", "run"]
                .iter()
                .any(|key| doc.get(node, key).is_some());
            if !hidden && !makes {
                let at = self.at(key);
                self.sink.tell(
                    &WORKFLOW_SHAPE,
                    at,
                    format!("job `{name}` has no script"),
                    "write `script:`",
                );
            }
        }
    }

    fn unknown(&mut self, at: std::ops::Range<usize>, headline: String, meant: Option<&str>) {
        let help = meant.map_or_else(
            || "write its name as it stands there".to_owned(),
            |known| format!("did you mean {known}?"),
        );
        self.sink.tell(&UNKNOWN_REFERENCE, at, headline, help);
    }
}

/// Is the variable named like a secret?
fn names_secret(name: &str) -> bool {
    let words = [
        "TOKEN",
        "PASSWORD",
        "PASSWD",
        "SECRET",
        "PRIVATE_KEY",
        "API_KEY",
    ];
    name.bytes()
        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        && words.iter().any(|word| name.ends_with(word))
}

/// A text of strangers that a shell reads as commands once more.
fn evaluated(script: &Text<'_>, sink: &mut Sink<'_>) {
    for command in script::commands(script.code) {
        let (program, rest) = command.program();
        let again = program == "eval"
            || (matches!(program, "sh" | "bash" | "dash" | "zsh")
                && rest.iter().any(|word| word.text == "-c"));
        if !again {
            continue;
        }
        let found = rest.iter().filter(|word| !word.literal).find_map(|word| {
            STRANGERS.iter().find(|name| {
                word.text.contains(&format!("${name}"))
                    || word.text.contains(&format!("${{{name}}}"))
            })
        });
        if let Some(name) = found {
            let range = command.range();
            sink.tell(
                &TEMPLATE_INJECTION,
                (script.place)(range.start)..(script.place)(range.end.saturating_sub(1)) + 1,
                format!("text that anybody chooses becomes part of the script: ${name}"),
                "use the variable in quotes, and not in a text that a shell reads again",
            );
        }
    }
}
