//! Owns the rules on the scripts of a GitHub workflow, and on what their environment gives them.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::source::expression::Expr;
use crate::source::workflow::Shell;

use super::commands::{self, Text};
use super::flow::{Flow, Job, Step};
use super::hit::Sink;
use super::rules::{INSECURE_COMMANDS, TOKEN_HIERARCHY, UNKNOWN_SHELL};
use super::syntax;

/// Looks at all scripts of a flow.
pub fn check(flow: &Flow<'_>, sink: &mut Sink<'_>) {
    for job in &flow.jobs {
        for step in &job.steps {
            sink.around = flow.range(step.node);
            shell(flow, step.node, sink);
            if let Some(script) = flow.script(step) {
                let region = &script.region;
                let secrets = secret_variables(flow, job, step);
                let text = Text {
                    code: region.text(),
                    place: &|at| region.place(at),
                    is_secret: &|name| secrets.contains(name),
                };
                if script.shell != Shell::Python {
                    commands::check(&text, true, sink);
                }
                if script.shell == Shell::Posix && is_surely_posix(flow, job, step) {
                    syntax::check(&text, sink);
                }
            }
        }
    }
    sink.around = 0..0;
    insecure(flow, sink);
}

/// Is it said that a POSIX shell runs the step, or a system on which that is the default?
fn is_surely_posix(flow: &Flow<'_>, job: &Job<'_>, step: &Step<'_>) -> bool {
    let said = [
        flow.text_at(step.node, &["shell"]),
        flow.text_at(job.node, &["defaults", "run", "shell"]),
    ];
    if let Some(shell) = said.into_iter().flatten().next() {
        return !shell.contains("${{");
    }
    let on = flow.text_at(job.node, &["runs-on"]).unwrap_or_default();
    on.starts_with("ubuntu") || on.starts_with("macos")
}

/// The variables of a step that hold a secret as it is.
fn secret_variables(flow: &Flow<'_>, job: &Job<'_>, step: &Step<'_>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for node in [flow.root, job.node, step.node] {
        let Some(env) = flow.doc.get(node, "env") else {
            continue;
        };
        for &(key, value) in flow.doc.entries(env) {
            let Some(name) = flow.doc.text(key) else {
                continue;
            };
            let secret = flow.expressions(value).iter().any(|(expr, _)| match expr {
                Expr::Path(path) => {
                    path.root.eq_ignore_ascii_case("secrets") || path.dotted() == "github.token"
                }
                _ => false,
            });
            if secret {
                names.insert(name.to_owned());
            } else {
                names.remove(name);
            }
        }
    }
    names
}

fn insecure(flow: &Flow<'_>, sink: &mut Sink<'_>) {
    let maps = [flow.root]
        .into_iter()
        .chain(flow.jobs.iter().map(|job| job.node))
        .chain(
            flow.jobs
                .iter()
                .flat_map(|job| job.steps.iter().map(|step| step.node)),
        );
    for node in maps {
        let Some(env) = flow.doc.get(node, "env") else {
            continue;
        };
        for &(key, value) in flow.doc.entries(env) {
            let on = flow
                .doc
                .text(value)
                .is_some_and(|text| !matches!(text, "false" | "0" | ""));
            if flow.doc.text(key) == Some("ACTIONS_ALLOW_UNSECURE_COMMANDS") && on {
                sink.tell(
                    &INSECURE_COMMANDS,
                    flow.range(key),
                    "everything that is printed may set variables and paths of later steps: ACTIONS_ALLOW_UNSECURE_COMMANDS",
                    "remove it, and write to the files $GITHUB_ENV and $GITHUB_PATH",
                );
            }
        }
    }
}

/// A `shell:` that the runner does not know.
fn shell(flow: &Flow<'_>, node: usize, sink: &mut Sink<'_>) {
    const KNOWN: [&str; 6] = ["bash", "sh", "pwsh", "powershell", "python", "cmd"];
    let Some((node, text)) = flow.field(node, "shell") else {
        return;
    };
    if text.contains("{0}") || text.contains("${{") || KNOWN.contains(&text) {
        return;
    }
    let meant = crate::base::words::did_you_mean(text, KNOWN);
    let help = meant.map_or_else(
        || "write bash, sh, pwsh, powershell, python or cmd, or a command line with {0} for the script".to_owned(),
        |known| format!("did you mean {known}?"),
    );
    sink.tell(
        &UNKNOWN_SHELL,
        flow.range(node),
        format!("the runner knows no shell of this name: {text}"),
        help,
    );
}

/// Uses of a token although one that comes first in the list is meant for it.
pub fn tokens(flow: &Flow<'_>, order: &[String], sink: &mut Sink<'_>) {
    if order.is_empty() {
        return;
    }
    // Parts that choose among several tokens themselves: a step, or a map of variables.
    let parts: Vec<Range<usize>> = flow
        .jobs
        .iter()
        .flat_map(|job| {
            let env = ["env", "secrets"].map(|key| flow.doc.get(job.node, key));
            let steps = job.steps.iter().map(|step| Some(step.node));
            env.into_iter().chain(steps).flatten().collect::<Vec<_>>()
        })
        .chain(flow.doc.get(flow.root, "env"))
        .map(|node| flow.range(node))
        .collect();
    let first_is_near = |at: usize| {
        let part = parts.iter().find(|part| part.contains(&at));
        part.and_then(|part| flow.text.get(part.clone()))
            .is_some_and(|text| text.contains(order[0].as_str()))
    };
    let nodes: Vec<usize> = flow
        .doc
        .scalars()
        .filter(|(_, text)| {
            text.contains("${{") && (text.contains("secrets") || text.contains("github"))
        })
        .map(|(id, _)| id)
        .collect();
    for node in nodes {
        for (expr, range) in flow.expressions(node).iter() {
            let mut used: Vec<usize> = Vec::new();
            expr.walk(&mut |part| {
                if let Expr::Path(path) = part {
                    let dotted = path.dotted();
                    let name = match dotted.strip_prefix("secrets.") {
                        Some(name) => name,
                        None if dotted == "github.token" => "github_token",
                        None => return,
                    };
                    used.extend(
                        order
                            .iter()
                            .position(|token| token.eq_ignore_ascii_case(name)),
                    );
                }
            });
            let Some(&first) = used.first() else { continue };
            let sorted = used.windows(2).all(|pair| pair[0] <= pair[1]);
            if sorted && (first == 0 || first_is_near(range.start)) {
                continue;
            }
            let headline = if sorted {
                format!("{} is used, and {} comes first", order[first], order[0])
            } else {
                format!(
                    "the tokens are not tried in their order: {}",
                    used.iter()
                        .map(|&n| order[n].as_str())
                        .collect::<Vec<_>>()
                        .join(", ")
                )
            };
            let chain: Vec<String> = order
                .iter()
                .map(|token| format!("secrets.{token}"))
                .collect();
            sink.tell(
                &TOKEN_HIERARCHY,
                range.clone(),
                headline,
                format!("write {}", chain.join(" || ")),
            );
        }
    }
}
