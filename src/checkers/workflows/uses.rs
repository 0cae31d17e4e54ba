//! Owns the rules on actions that a workflow uses: how they are pinned, and which are known to be bad, gone or misspelt.

use std::ops::Range;

use crate::base::words;
use crate::model::rule::Severity;

use super::flow::{Flow, Job, Step, Uses, is_hash};
use super::hit::Sink;
use super::known::{ARCHIVED, BAD, CHANNELS, NEAR, RETIRED};
use super::options::{Options, Pinned};
use super::rules::{KNOWN_BAD_ACTION, RETIRED_ACTION, UNPINNED_ACTION};

/// Looks at every `uses:` of a flow.
pub fn check(flow: &Flow<'_>, options: &Options, sink: &mut Sink<'_>) {
    for job in &flow.jobs {
        let elsewhere = brings_other_trees(flow, job);
        if let Some((node, text)) = job.uses {
            one(flow, node, text, options, sink);
        }
        for step in &job.steps {
            if let Some((node, text)) = step.uses {
                if elsewhere && matches!(Uses::of(text), Uses::Local(_)) {
                    continue;
                }
                sink.around = flow.range(step.node);
                one(flow, node, text, options, sink);
                sink.around = 0..0;
            }
        }
    }
}

/// Does the job check out other trees, or this one to another place? Then a path may be of them.
fn brings_other_trees(flow: &Flow<'_>, job: &Job<'_>) -> bool {
    let with = |step: &Step<'_>, input| flow.doc.at(step.node, &["with", input]).is_some();
    flow.action
        || job.steps.iter().any(|step| {
            step.uses
                .is_some_and(|(_, uses)| Uses::of(uses).is("actions/checkout"))
                && (with(step, "path") || with(step, "repository") || with(step, "ref"))
        })
}

fn one(flow: &Flow<'_>, node: usize, text: &str, options: &Options, sink: &mut Sink<'_>) {
    let at = flow.range(node);
    match Uses::of(text) {
        Uses::Local(path) if path.starts_with("./..") || path.starts_with("..") => {}
        Uses::Local(path) | Uses::Own(path) => sink.local(path, at),
        Uses::Image(image) => super::images::image(image, at, sink),
        Uses::Action {
            slug,
            path,
            reference,
        } => {
            let name = slug.to_ascii_lowercase();
            if !name.contains('/') || text.contains("${{") {
                return;
            }
            pinned(slug, reference, options, &at, sink);
            known(&name, path, reference, comment(flow.text, &at), &at, sink);
        }
    }
}

fn pinned(
    slug: &str,
    reference: Option<&str>,
    options: &Options,
    at: &Range<usize>,
    sink: &mut Sink<'_>,
) {
    let Some(reference) = reference else {
        // It is no action at all without one: the shape tells it.
        return;
    };
    if is_hash(reference) {
        return;
    }
    let asked = options.pin.of(slug);
    let is_tag =
        is_version(reference) || CHANNELS.iter().any(|name| slug.eq_ignore_ascii_case(name));
    let (what, severity) = match (asked, is_tag) {
        (Pinned::Any, _) | (Pinned::Tag, true) => return,
        (_, false) => ("branch or moving tag", Severity::High),
        (Pinned::Hash, true) => ("tag", Severity::Medium),
    };
    sink.tell(
        &UNPINNED_ACTION,
        at.clone(),
        format!("{slug} is used by a {what}, which can be moved: {reference}"),
        "name the hash of the commit, and the version in a comment behind it",
    )
    .graded(severity);
}

/// Is it a version, as tags are named: `v4`, `1.2.3`, `release-1.2`, `name@1.2`?
fn is_version(reference: &str) -> bool {
    let digits = reference.bytes().any(|b| b.is_ascii_digit());
    digits && !reference.starts_with("refs/heads/") && !reference.contains("latest")
}

/// The comment behind a value.
fn comment<'t>(text: &'t str, at: &Range<usize>) -> &'t str {
    let rest = text.get(at.end..).unwrap_or_default();
    let line = rest.lines().next().unwrap_or_default();
    line.split_once('#')
        .map_or("", |(_, comment)| comment.trim())
}

fn known(
    name: &str,
    path: &str,
    reference: Option<&str>,
    comment: &str,
    at: &Range<usize>,
    sink: &mut Sink<'_>,
) {
    let reference = reference.unwrap_or_default();
    let version = if is_hash(reference) {
        comment.split_whitespace().next().unwrap_or_default()
    } else {
        reference
    };
    for bad in BAD.iter().filter(|bad| bad.action == name) {
        if bad.commits.contains(&reference) {
            sink.tell(
                &KNOWN_BAD_ACTION,
                at.clone(),
                format!("{name} at this commit steals secrets: {}", bad.what),
                "treat every secret of past runs as stolen; use a later commit",
            )
            .graded(Severity::Critical);
        } else if !is_hash(reference) && is_before(version, bad.fixed) {
            sink.tell(
                &KNOWN_BAD_ACTION,
                at.clone(),
                format!("{name}@{reference}: {}", bad.what),
                format!("use {} or later, by the hash of its commit", bad.fixed),
            );
        }
    }
    if let Some((_, instead)) = ARCHIVED.iter().find(|(action, _)| *action == name) {
        sink.tell(
            &KNOWN_BAD_ACTION,
            at.clone(),
            format!("{name} is archived: nobody mends it any more"),
            format!("use {instead}"),
        )
        .graded(Severity::Low);
    } else if let Some(right) = misspelt(name) {
        sink.tell(
            &KNOWN_BAD_ACTION,
            at.clone(),
            format!("{name} is nearly the name of {right}: it may belong to somebody else"),
            format!("use {right}"),
        );
    }
    let major = major(version);
    for (action, last, what) in RETIRED {
        if *action == name && path.is_empty() && major.is_some_and(|major| major <= *last) {
            sink.tell(
                &RETIRED_ACTION,
                at.clone(),
                format!("{name} {version} does not work any more: {what}"),
                format!("use version {} or later", last + 1),
            );
        }
    }
}

/// The well-known owner or action that a name misses by one letter.
fn misspelt(name: &str) -> Option<&'static str> {
    let (owner, action) = name.split_once('/')?;
    NEAR.iter().copied().find(|known| {
        let Some((known_owner, known_action)) = known.split_once('/') else {
            return false;
        };
        // Both the owner and the action are well known: only the owner may be a stranger's.
        action == known_action && owner != known_owner && words::distance(owner, known_owner) == 1
    })
}

fn numbers(version: &str) -> Option<Vec<u64>> {
    let version = version.trim_start_matches(['v', 'V']);
    let parts: Option<Vec<u64>> = version.split('.').map(|part| part.parse().ok()).collect();
    parts.filter(|parts| !parts.is_empty())
}

fn major(version: &str) -> Option<u64> {
    numbers(version)?.first().copied()
}

/// Is the version surely before `fixed`? `v4` is not before 4.1: it moves along.
fn is_before(version: &str, fixed: &str) -> bool {
    let (Some(version), Some(fixed)) = (numbers(version), numbers(fixed)) else {
        return false;
    };
    let short = version.len().min(fixed.len());
    version[..short] < fixed[..short]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        assert!(is_before("v45", "46.0.1"));
        assert!(is_before("v45.0.7", "46.0.1"));
        assert!(!is_before("v46", "46.0.1"));
        assert!(!is_before("main", "46.0.1"));
        assert!(is_version("v4") && is_version("release/v1") && !is_version("main"));
        assert_eq!(misspelt("action/checkout"), Some("actions/checkout"));
        assert_eq!(misspelt("actions/checkout"), None);
        assert_eq!(misspelt("someone/checkout"), None);
    }
}
