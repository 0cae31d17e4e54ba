//! Owns the rules on what a run is allowed and given: permissions, secrets, credentials that stay, caches, runners.

use crate::model::rule::Severity;
use crate::source::expression::{Expr, Part};

use super::flow::{Flow, Job, Step, Uses};
use super::hit::Sink;
use super::rules::{
    CACHE_POISONING, EXCESSIVE_PERMISSIONS, PERSISTED_CREDENTIALS, SECRETS_EXPOSED,
    SELF_HOSTED_RUNNER,
};
use super::script;

/// Looks at a workflow.
pub fn check(flow: &Flow<'_>, sink: &mut Sink<'_>) {
    if !flow.action {
        permissions(flow, sink);
        runners(flow, sink);
    }
    for job in &flow.jobs {
        inherited(flow, job, sink);
        credentials(flow, job, sink);
        caches(flow, job, sink);
    }
    exposed(flow, sink);
}

fn permissions(flow: &Flow<'_>, sink: &mut Sink<'_>) {
    let own = |job: &&Job<'_>| flow.doc.get(job.node, "permissions").is_none();
    match flow.doc.get(flow.root, "permissions") {
        None => {
            let without: Vec<&Job<'_>> = flow.jobs.iter().filter(own).collect();
            // Who calls a reusable workflow says what it may do.
            let only_called = flow
                .events
                .iter()
                .all(|event| event.name == "workflow_call");
            if let Some(first) = without
                .first()
                .filter(|_| !only_called || flow.events.is_empty())
            {
                let others = match without.len() - 1 {
                    0 => String::new(),
                    1 => " and 1 other".to_owned(),
                    n => format!(" and {n} others"),
                };
                sink.tell(
                    &EXCESSIVE_PERMISSIONS,
                    flow.range(first.key),
                    format!("no `permissions:` says what the token of job `{}`{others} may do", first.id),
                    "write `permissions: {}` or `contents: read` at the top, and more at the job that needs it",
                );
            }
        }
        Some(all) => {
            let inheriting = flow.jobs.iter().filter(own).count();
            for &(key, right) in flow.doc.entries(all) {
                let scope = flow.doc.text(key).unwrap_or_default();
                if flow.doc.text(right) == Some("write") && flow.jobs.len() > 1 && inheriting > 1 {
                    sink.tell(
                        &EXCESSIVE_PERMISSIONS,
                        flow.range(key),
                        format!("every job may write: `{scope}: write` stands at the top, for {inheriting} jobs"),
                        "give it to the job that needs it",
                    )
                    .graded(if matches!(scope, "contents" | "packages" | "id-token" | "actions") {
                        Severity::Medium
                    } else {
                        Severity::Low
                    });
                }
            }
            write_all(flow, all, sink);
        }
    }
    for job in &flow.jobs {
        if let Some(permissions) = flow.doc.get(job.node, "permissions") {
            write_all(flow, permissions, sink);
        }
    }
}

fn write_all(flow: &Flow<'_>, node: usize, sink: &mut Sink<'_>) {
    if flow.doc.text(node) == Some("write-all") {
        sink.tell(
            &EXCESSIVE_PERMISSIONS,
            flow.range(node),
            "the token may write everything: write-all",
            "name the few rights that are needed",
        )
        .graded(Severity::High);
    }
}

fn inherited(flow: &Flow<'_>, job: &Job<'_>, sink: &mut Sink<'_>) {
    let Some((node, uses)) = flow
        .field(job.node, "secrets")
        .filter(|(_, text)| *text == "inherit")
        .zip(job.uses)
        .map(|((node, _), (_, uses))| (node, uses))
    else {
        return;
    };
    let (severity, whose) = match Uses::of(uses) {
        Uses::Local(_) | Uses::Own(_) => (
            Severity::Low,
            "every secret goes to a workflow that names those it needs",
        ),
        _ => (
            Severity::Medium,
            "every secret goes to a workflow of another repository",
        ),
    };
    sink.tell(
        &SECRETS_EXPOSED,
        flow.range(node),
        format!("{whose}: secrets: inherit"),
        "name the secrets that it needs under `secrets:`",
    )
    .graded(severity);
}

/// All secrets at once, or one whose name only the run tells.
fn exposed(flow: &Flow<'_>, sink: &mut Sink<'_>) {
    let nodes: Vec<usize> = flow
        .doc
        .scalars()
        .filter(|(_, text)| text.contains("secrets") && text.contains("${{"))
        .map(|(id, _)| id)
        .collect();
    for node in nodes {
        for (expr, range) in flow.expressions(node).iter() {
            let mut found = None;
            expr.walk(&mut |part| match part {
                Expr::Call(call)
                    if call.name.eq_ignore_ascii_case("tojson")
                        && call
                            .arguments
                            .iter()
                            .any(|argument| argument.is_path("secrets")) =>
                {
                    found = Some("every secret goes to one step: toJSON(secrets)");
                }
                Expr::Path(path) if path.root.eq_ignore_ascii_case("secrets") => {
                    if matches!(path.parts.first(), Some(Part::At(_))) {
                        found =
                            Some("the run chooses the secret, so every secret goes to the runner");
                    } else if matches!(path.parts.first(), Some(Part::All)) {
                        found = Some("every secret goes to one step: secrets.*");
                    }
                }
                _ => {}
            });
            if let Some(headline) = found {
                sink.tell(
                    &SECRETS_EXPOSED,
                    range.clone(),
                    headline,
                    "name the secrets that are needed, one by one",
                );
            }
        }
    }
}

/// A checkout that leaves the token in the tree, and what happens to the tree then.
fn credentials(flow: &Flow<'_>, job: &Job<'_>, sink: &mut Sink<'_>) {
    for (number, step) in job.steps.iter().enumerate() {
        let Some((node, uses)) = step.uses else {
            continue;
        };
        let Uses::Action { reference, .. } = Uses::of(uses) else {
            continue;
        };
        if !Uses::of(uses).is("actions/checkout")
            || flow.text_at(step.node, &["with", "persist-credentials"]) == Some("false")
        {
            continue;
        }
        // Since version 6 the token is kept outside of the tree.
        let version = version_of(flow, node, reference.unwrap_or_default());
        let in_tree = version.is_none_or(|major| major < 6);
        let after = &job.steps[number + 1..];
        // Nobody writes more by hand.
        let after = &after[..after.len().min(100)];
        let upload = after.iter().find(|step| uploads_tree(flow, step));
        if upload.is_some() && in_tree {
            sink.around = flow.range(step.node);
            sink.tell(
                &PERSISTED_CREDENTIALS,
                flow.range(node),
                "the checkout leaves the token in .git, and a later step uploads the whole tree",
                "write `persist-credentials: false`, and upload only what is wanted",
            )
            .graded(Severity::High);
        } else if !after.iter().any(|step| needs_token(flow, step)) {
            sink.around = flow.range(step.node);
            sink.tell(
                &PERSISTED_CREDENTIALS,
                flow.range(node),
                "the checkout leaves the token where every later step can read it",
                "write `persist-credentials: false` where no later step pushes or fetches",
            );
        }
        sink.around = 0..0;
    }
}

/// The major version of an action: its reference, or the comment behind a hash.
pub fn version_of(flow: &Flow<'_>, node: usize, reference: &str) -> Option<u64> {
    let end = flow.range(node).end;
    let line = flow.text.get(end..)?.lines().next().unwrap_or_default();
    let comment = line
        .split_once('#')
        .map_or("", |(_, comment)| comment.trim());
    [reference, comment].into_iter().find_map(|text| {
        let text = text.trim_start_matches(|c: char| !c.is_ascii_digit());
        let digits = text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len());
        (digits < 4).then(|| text[..digits].parse().ok()).flatten()
    })
}

fn uploads_tree(flow: &Flow<'_>, step: &Step<'_>) -> bool {
    let Some((node, uses)) = step.uses else {
        return false;
    };
    let Uses::Action { reference, .. } = Uses::of(uses) else {
        return false;
    };
    if !Uses::of(uses).is("actions/upload-artifact") {
        return false;
    }
    // Version 4 leaves hidden files out unless it is told not to.
    let hidden = flow.text_at(step.node, &["with", "include-hidden-files"]) == Some("true")
        || version_of(flow, node, reference.unwrap_or_default()).is_some_and(|major| major < 4);
    let path = flow
        .text_at(step.node, &["with", "path"])
        .unwrap_or_default();
    let whole = |line: &str| {
        matches!(
            line.trim().trim_end_matches('/'),
            "." | "./*" | "**" | "./**" | "*" | "**/*" | "./" | "${{ github.workspace }}"
        )
    };
    hidden && path.lines().any(whole)
}

/// Does a later step need the token that was left?
fn needs_token(flow: &Flow<'_>, step: &Step<'_>) -> bool {
    const ACTIONS: &[&str] = &[
        "peter-evans/create-pull-request",
        "stefanzweifel/git-auto-commit-action",
        "ad-m/github-push-action",
        "endbug/add-and-commit",
        "jamesives/github-pages-deploy-action",
        "peaceiris/actions-gh-pages",
        "changesets/action",
        "anothrnick/github-tag-action",
        "googleapis/release-please-action",
        "benchmark-action/github-action-benchmark",
        "release-plz/action",
        "goreleaser/goreleaser-action",
    ];
    if let Some((_, uses)) = step.uses {
        let uses = Uses::of(uses);
        return matches!(uses, Uses::Local(_) | Uses::Own(_))
            || ACTIONS.iter().any(|name| uses.is(name));
    }
    let Some(script) = flow.script(step) else {
        return false;
    };
    script::commands(script.region.text())
        .iter()
        .any(|command| {
            let (program, rest) = command.program();
            program == "git"
                && rest.iter().any(|word| {
                    matches!(
                        word.text.as_str(),
                        "push" | "fetch" | "pull" | "clone" | "submodule" | "ls-remote"
                    )
                })
        })
}

/// Events and branches of releases.
fn is_release(flow: &Flow<'_>) -> bool {
    let tags = flow
        .event("push")
        .and_then(|push| push.config)
        .is_some_and(|config| {
            flow.doc.get(config, "tags").is_some() && flow.doc.get(config, "branches").is_none()
        });
    tags || flow.has_event(&["release"])
}

/// Does the step publish something to others?
fn publishes(flow: &Flow<'_>, step: &Step<'_>) -> bool {
    const ACTIONS: &[&str] = &[
        "pypa/gh-action-pypi-publish",
        "softprops/action-gh-release",
        "goreleaser/goreleaser-action",
        "actions/create-release",
        "actions/upload-release-asset",
        "js-devtools/npm-publish",
        "ncipollo/release-action",
        "svenstaro/upload-release-action",
        "crazy-max/ghaction-github-release",
        "rubygems/release-gem",
        "actions/attest-build-provenance",
        "taiki-e/upload-rust-binary-action",
        "nwtgck/actions-netlify",
        "changesets/action",
        "gradle/publish",
    ];
    if let Some((_, uses)) = step.uses {
        let uses = Uses::of(uses);
        let pushes = uses.is("docker/build-push-action")
            && flow
                .text_at(step.node, &["with", "push"])
                .is_some_and(|push| push != "false");
        return pushes || ACTIONS.iter().any(|name| uses.is(name));
    }
    let Some(script) = flow.script(step) else {
        return false;
    };
    script::commands(script.region.text())
        .iter()
        .any(|command| {
            let (program, rest) = command.program();
            let first = rest
                .iter()
                .find(|word| !word.text.starts_with('-'))
                .map_or("", |word| &word.text);
            let second = rest
                .iter()
                .filter(|word| !word.text.starts_with('-'))
                .nth(1)
                .map_or("", |word| &word.text);
            let dry = rest.iter().any(|word| word.text.contains("dry-run"));
            !dry && match program {
                "cargo" | "npm" | "pnpm" | "poetry" | "uv" | "flit" | "hatch" | "bun" => {
                    first == "publish"
                }
                "yarn" => first == "publish" || (first == "npm" && second == "publish"),
                "twine" => first == "upload",
                "docker" | "gem" | "nuget" => first == "push",
                "gh" => first == "release" && matches!(second, "create" | "upload"),
                "mvn" => first == "deploy",
                "python" | "python3" => {
                    rest.iter().any(|word| word.text == "twine")
                        && rest.iter().any(|word| word.text == "upload")
                }
                _ => false,
            }
        })
}

/// Caches in jobs that publish: who can write the cache writes the release.
fn caches(flow: &Flow<'_>, job: &Job<'_>, sink: &mut Sink<'_>) {
    if flow.action || !job.steps.iter().any(|step| publishes(flow, step)) {
        return;
    }
    // Where the workflow publishes from branches too, the cache is the branch's own.
    if !is_release(flow) {
        return;
    }
    for step in &job.steps {
        let Some((node, uses)) = step.uses else {
            continue;
        };
        let input = |name: &str| flow.text_at(step.node, &["with", name]);
        let on = |name: &str| input(name).is_some_and(|value| !matches!(value, "false" | ""));
        let uses = Uses::of(uses);
        let is = |names: &[&str]| names.iter().any(|name| uses.is(name));
        let caches = if is(&[
            "actions/cache",
            "swatinem/rust-cache",
            "mozilla-actions/sccache-action",
            "hendrikmuhs/ccache-action",
        ]) {
            input("lookup-only") != Some("true")
        } else if is(&[
            "actions/setup-node",
            "actions/setup-python",
            "actions/setup-java",
            "pnpm/action-setup",
        ]) {
            on("cache")
        } else if is(&["ruby/setup-ruby"]) {
            on("bundler-cache")
        } else if is(&["docker/build-push-action"]) {
            on("cache-from")
        } else if is(&["actions/setup-go", "astral-sh/setup-uv"]) {
            // They cache unless they are told not to.
            input("cache") != Some("false") && input("enable-cache") != Some("false")
        } else {
            false
        };
        if caches {
            sink.around = flow.range(step.node);
            sink.tell(
                &CACHE_POISONING,
                flow.range(node),
                format!("job `{}` publishes what it builds from a cache that runs of other branches fill", job.id),
                "build releases without a cache",
            );
            sink.around = 0..0;
        }
    }
}

fn runners(flow: &Flow<'_>, sink: &mut Sink<'_>) {
    const PUBLIC: &[&str] = &[
        "pull_request",
        "pull_request_target",
        "issue_comment",
        "workflow_run",
    ];
    if !flow.has_event(PUBLIC) {
        return;
    }
    for job in &flow.jobs {
        let Some(on) = flow.doc.get(job.node, "runs-on") else {
            continue;
        };
        let mut labels = vec![on];
        labels.extend(flow.doc.items(on));
        if let Some(inner) = flow.doc.get(on, "labels") {
            labels.push(inner);
            labels.extend(flow.doc.items(inner));
        }
        let own = labels.iter().copied().find(|&label| {
            flow.doc
                .text(label)
                .is_some_and(|text| text.eq_ignore_ascii_case("self-hosted"))
        });
        if let Some(label) = own {
            sink.tell(
                &SELF_HOSTED_RUNNER,
                flow.range(label),
                format!("job `{}` runs what strangers propose on a machine of your own", job.id),
                "use a runner that is thrown away after each job, or do not start it for pull requests",
            );
        }
    }
}
