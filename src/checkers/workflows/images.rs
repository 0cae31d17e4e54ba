//! Owns the rules on container images: how they are named, and with which credentials they are fetched.

use std::ops::Range;

use crate::model::rule::Severity;

use super::flow::Flow;
use super::hit::Sink;
use super::rules::{HARDCODED_CONTAINER_CREDENTIALS, UNPINNED_IMAGE};

/// Looks at the containers and services of all jobs.
pub fn check(flow: &Flow<'_>, sink: &mut Sink<'_>) {
    let doc = flow.doc;
    for job in &flow.jobs {
        let container = doc.get(job.node, "container").into_iter();
        let services = doc
            .get(job.node, "services")
            .map_or(&[][..], |services| doc.entries(services));
        for node in container.chain(services.iter().map(|&(_, node)| node)) {
            let named = doc.get(node, "image").unwrap_or(node);
            if let Some(text) = doc.text(named) {
                image(text, flow.range(named), sink);
            }
            if let Some(password) = doc.at(node, &["credentials", "password"]) {
                let text = doc.text(password).unwrap_or_default();
                if !text.is_empty() && !text.contains("${{") {
                    sink.tell(
                        &HARDCODED_CONTAINER_CREDENTIALS,
                        flow.range(password),
                        "the password of a registry stands in the workflow",
                        "change it, and take its successor from `secrets`",
                    );
                }
            }
        }
    }
    if flow.action
        && let Some((node, text)) = doc
            .get(flow.root, "runs")
            .and_then(|runs| flow.field(runs, "image"))
        && let Some(name) = text.strip_prefix("docker://")
    {
        image(name, flow.range(node), sink);
    }
}

/// Tells an image that may be another one tomorrow.
pub fn image(text: &str, at: Range<usize>, sink: &mut Sink<'_>) {
    let text = text.trim();
    if text.is_empty()
        || text.contains("@sha256:")
        || text.contains('$')
        || text.starts_with("macos-")
    {
        return;
    }
    let name = text.rsplit('/').next().unwrap_or(text);
    let tag = name.split_once(':').map(|(_, tag)| tag);
    let (what, severity) = match tag {
        None => ("without a tag", Severity::Medium),
        Some("latest") => ("by its tag `latest`", Severity::Medium),
        Some(_) => ("by a tag, which can be moved", Severity::Low),
    };
    sink.tell(
        &UNPINNED_IMAGE,
        at,
        format!("the image is named {what}: {text}"),
        "name its digest: image:tag@sha256:...",
    )
    .graded(severity);
}
