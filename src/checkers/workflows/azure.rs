//! Owns what is asked of an Azure pipeline: repositories that it takes templates from, containers, scripts, dependencies.

use crate::base::words;
use crate::model::rule::Severity;
use crate::source::yaml::{Document, Id};

use super::commands::{self, Text};
use super::hit::Sink;
use super::images;
use super::rules::{TEMPLATE_INJECTION, UNKNOWN_REFERENCE, UNPINNED_INCLUDE};

/// Macros whose text anybody chooses who proposes a change: they are put into a script before it runs.
const STRANGERS: &[&str] = &[
    "Build.SourceBranch",
    "Build.SourceBranchName",
    "Build.SourceVersionMessage",
    "Build.SourceVersionAuthor",
    "System.PullRequest.SourceBranch",
    "System.PullRequest.SourceBranchName",
    "Build.RequestedFor",
];

/// Is it one?
pub fn is_one(doc: &Document) -> bool {
    let Some(root) = doc.root() else { return false };
    let listed = |key: &str| {
        doc.get(root, key)
            .is_some_and(|node| !doc.items(node).is_empty())
    };
    let maps = |key: &str| {
        doc.get(root, key).is_some_and(|node| {
            doc.items(node)
                .iter()
                .any(|&item| !doc.entries(item).is_empty())
        })
    };
    listed("steps")
        || maps("jobs")
        || maps("stages")
        || doc.get(root, "pool").is_some()
        || doc.get(root, "extends").is_some()
}

/// Looks at a pipeline.
pub fn check(doc: &Document, text: &str, sink: &mut Sink<'_>) {
    let Some(root) = doc.root() else { return };
    let range = |node: Id| doc.range(node).unwrap_or(0..0);
    let list = |keys: &[&str]| doc.at(root, keys).map_or(&[][..], |node| doc.items(node));
    for &repository in list(&["resources", "repositories"]) {
        let Some(name) = doc.get(repository, "name") else {
            continue;
        };
        let reference = doc.get(repository, "ref").and_then(|node| doc.text(node));
        let (what, severity) = match reference {
            None => ("its default branch".to_owned(), Severity::Medium),
            Some(text) if text.starts_with("refs/heads/") => {
                (format!("a branch: {text}"), Severity::Low)
            }
            Some(_) => continue,
        };
        sink.tell(
            &UNPINNED_INCLUDE,
            range(name),
            format!("templates of another repository are taken from {what}"),
            "write `ref:` with a tag or a commit",
        )
        .graded(severity);
    }
    for &container in list(&["resources", "containers"]) {
        if let Some((node, text)) = doc
            .get(container, "image")
            .and_then(|node| Some((node, doc.text(node)?)))
        {
            images::image(text, range(node), sink);
        }
    }
    for list in lists(doc, root) {
        depends(doc, list, sink);
        for &item in doc.items(list) {
            step(doc, text, item, sink);
        }
    }
}

/// All lists of steps, jobs and stages, in their order.
fn lists(doc: &Document, root: Id) -> Vec<Id> {
    let mut found = Vec::new();
    let mut open = vec![root];
    let mut next = root;
    while let Some(id) = open.pop() {
        if id < next {
            continue;
        }
        next = id + 1;
        for &(key, value) in doc.entries(id) {
            if matches!(doc.text(key), Some("steps" | "jobs" | "stages"))
                && !doc.items(value).is_empty()
            {
                found.push(value);
            }
        }
        let mut below: Vec<Id> = doc.items(id).to_vec();
        below.extend(doc.entries(id).iter().map(|&(_, value)| value));
        below.sort_unstable();
        open.extend(below.iter().rev());
    }
    found
}

fn step(doc: &Document, text: &str, step: Id, sink: &mut Sink<'_>) {
    let inline = doc
        .at(step, &["inputs", "script"])
        .or_else(|| doc.at(step, &["inputs", "inlineScript"]));
    let script = ["script", "bash", "pwsh", "powershell"]
        .iter()
        .find_map(|key| doc.get(step, key))
        .or(inline);
    let Some(region) = script.and_then(|script| doc.region(script, text)) else {
        return;
    };
    // `$(name)` is put in before a shell sees it: for the reading of commands it is a word.
    let masked: String = region.text().replace("$(", "${");
    let script = Text {
        code: if masked.len() == region.text().len() {
            &masked
        } else {
            region.text()
        },
        place: &|at| region.place(at),
        is_secret: &|_| false,
    };
    commands::check(&script, false, sink);
    for name in STRANGERS {
        let macro_text = format!("$({name})");
        if let Some(at) = region.text().find(&macro_text) {
            sink.tell(
                &TEMPLATE_INJECTION,
                region.place(at)..region.place(at + macro_text.len() - 1) + 1,
                format!("text that anybody chooses becomes part of the script: {macro_text}"),
                "read it from the environment, in quotes: \"$BUILD_SOURCEBRANCH\" and its like",
            )
            .graded(Severity::Medium);
        }
    }
}

/// Jobs or stages of one list that depend on one that is not in it.
fn depends(doc: &Document, list: Id, sink: &mut Sink<'_>) {
    let names = |item: Id| {
        ["job", "stage", "deployment"]
            .iter()
            .find_map(|key| doc.get(item, key))
            .and_then(|node| doc.text(node))
    };
    let all: Vec<&str> = doc
        .items(list)
        .iter()
        .filter_map(|&item| names(item))
        .collect();
    // A template or a condition may bring more.
    let decided = doc.items(list).iter().all(|&item| names(item).is_some());
    if all.is_empty() || !decided {
        return;
    }
    for &item in doc.items(list) {
        let Some(on) = doc.get(item, "dependsOn") else {
            continue;
        };
        for &node in doc.items(on).iter().chain([&on]) {
            let Some(text) = doc
                .text(node)
                .filter(|text| !text.is_empty() && !text.contains('$'))
            else {
                continue;
            };
            if !all.contains(&text) {
                let meant = words::did_you_mean(text, all.iter().copied());
                sink.tell(
                    &UNKNOWN_REFERENCE,
                    doc.range(node).unwrap_or(0..0),
                    format!(
                        "`{}` depends on one that is not there: {text}",
                        names(item).unwrap_or_default()
                    ),
                    meant.map_or_else(
                        || "write its name as it stands there".to_owned(),
                        |known| format!("did you mean {known}?"),
                    ),
                );
            }
        }
    }
}
