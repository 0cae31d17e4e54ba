//! Owns the rules on text of strangers that becomes code: in scripts, in variables of the runner, and in a checkout of their
//! commit.

use std::collections::BTreeSet;

use crate::model::rule::Severity;
use crate::source::expression::Expr;
use crate::source::workflow::Shell;

use super::flow::{Flow, Job, Step, Uses};
use super::hit::Sink;
use super::rules::{DANGEROUS_CHECKOUT, ENVIRONMENT_INJECTION, TEMPLATE_INJECTION};
use super::script::{self, Command};
use super::taint::{Scope, Taint, Writer, keeps_strangers_out};

/// Inputs of actions that are run as code.
const CODE: &[(&str, &str)] = &[
    ("actions/github-script", "script"),
    ("azure/powershell", "inlinescript"),
    ("azure/cli", "inlinescript"),
    ("appleboy/ssh-action", "script"),
    ("nick-fields/retry", "command"),
    ("nick-invision/retry", "command"),
    ("addnab/docker-run-action", "run"),
    ("mikefarah/yq", "cmd"),
    ("amadevus/pwsh-script", "script"),
    ("jannekem/run-python-script-action", "script"),
    ("cardinalby/js-eval-action", "expression"),
    ("reactivecircus/android-emulator-runner", "script"),
    ("devcontainers/ci", "runcmd"),
    ("cybozu/octoken-action", "script"),
    ("gradle/gradle-build-action", "arguments"),
    ("vmactions/freebsd-vm", "run"),
    ("cross-platform-actions/action", "run"),
    ("uraimo/run-on-arch-action", "run"),
    ("paulhatch/semantic-version", "version_format"),
];

/// How many other steps are looked at for one.
const NEAR: usize = 100;

/// Looks at all steps of a flow.
pub fn check(flow: &Flow<'_>, sink: &mut Sink<'_>) {
    for job in &flow.jobs {
        let job_guarded = flow
            .condition(job.node)
            .is_some_and(|c| keeps_strangers_out(&c));
        for (number, step) in job.steps.iter().enumerate() {
            let guarded = job_guarded
                || flow
                    .condition(step.node)
                    .is_some_and(|c| keeps_strangers_out(&c));
            sink.around = flow.range(step.node);
            templates(flow, job, step, guarded, sink);
            variables(flow, job, step, guarded, sink);
            checkout(flow, job, number, guarded, sink);
        }
    }
    sink.around = 0..0;
}

fn templates(flow: &Flow<'_>, job: &Job<'_>, step: &Step<'_>, guarded: bool, sink: &mut Sink<'_>) {
    let mut places = Vec::new();
    if let Some(run) = step.run {
        places.push((run, "the script"));
    }
    if let Some((_, uses)) = step.uses
        && let Some(with) = flow.doc.get(step.node, "with")
    {
        let uses = Uses::of(uses);
        for &(key, value) in flow.doc.entries(with) {
            let key = flow.doc.text(key).unwrap_or_default().to_ascii_lowercase();
            if CODE
                .iter()
                .any(|(action, input)| uses.is(action) && key == *input)
            {
                places.push((value, "the code"));
            }
        }
    }
    let scope = Scope {
        flow,
        job: Some(job),
        step: Some(step),
    };
    for (node, place) in places {
        for (expr, range) in flow.expressions(node).iter() {
            let Some(Taint { what, writer }) = scope.taint(expr) else {
                continue;
            };
            let severity = match writer {
                Writer::StrangerWithRights if !guarded => Severity::High,
                Writer::StrangerWithRights | Writer::Stranger if !guarded => Severity::Medium,
                _ => Severity::Low,
            };
            let by = match writer {
                Writer::Member => "whoever may write to the repository or start its workflows",
                Writer::Caller => "the caller",
                _ => "anybody",
            };
            sink.tell(
                &TEMPLATE_INJECTION,
                range.clone(),
                format!("text that {by} chooses becomes part of {place}: {what}"),
                "give it to the step in `env:` and use the variable in quotes",
            )
            .graded(severity);
        }
    }
}

/// Writes to the files from which the runner takes variables and paths for later steps.
fn variables(flow: &Flow<'_>, job: &Job<'_>, step: &Step<'_>, guarded: bool, sink: &mut Sink<'_>) {
    let Some(script) = flow.script(step) else {
        return;
    };
    let text = script.region.text();
    if !(text.contains("GITHUB_ENV") || text.contains("GITHUB_PATH")) {
        return;
    }
    let scope = Scope {
        flow,
        job: Some(job),
        step: Some(step),
    };
    let rights = flow.has_event(super::taint::RIGHTS);
    let brings_files = rights && !guarded && brings_files(flow, job, step);
    let all = script::commands(text);
    // Variables of the script that hold what a file says.
    let mut read: BTreeSet<&str> = BTreeSet::new();
    for command in &all {
        for word in &command.words {
            if let Some((name, value)) = word.text.split_once('=')
                && reads_file(value)
            {
                read.insert(name);
            }
        }
        if !writes_variables(command) {
            continue;
        }
        let body = command.heredoc.clone().map(|range| &text[range]);
        let texts = || command.texts().chain(body);
        let tainted = texts()
            .flat_map(variable_names)
            .filter_map(|name| {
                let expr = Expr::parse(&format!("env.{name}")).ok()?;
                scope
                    .taint(&expr)
                    .filter(|taint| taint.writer >= Writer::Stranger)
            })
            .max_by_key(|taint| taint.writer);
        let (writer, what) = match tainted {
            Some(taint) => (taint.writer, taint.what),
            None if brings_files
                && (texts().any(reads_file)
                    || texts()
                        .flat_map(variable_names)
                        .any(|name| read.contains(name))) =>
            {
                (
                    Writer::StrangerWithRights,
                    "a file that somebody else's run or commit brings".to_owned(),
                )
            }
            None => continue,
        };
        let severity = match writer {
            Writer::StrangerWithRights if !guarded => Severity::High,
            _ if guarded => Severity::Low,
            _ => Severity::Medium,
        };
        let range = command.range();
        sink.tell(
            &ENVIRONMENT_INJECTION,
            script.region.place(range.start)..script.region.place(range.end),
            format!("text that anybody chooses sets variables of later steps: {what}"),
            "write it to GITHUB_OUTPUT, or check that it holds no line feed and no other text than is expected",
        )
        .graded(severity);
    }
}

fn writes_variables(command: &Command) -> bool {
    let is_file = |text: &str| text.contains("GITHUB_ENV") || text.contains("GITHUB_PATH");
    command.output.as_deref().is_some_and(is_file)
        || (command.program().0 == "tee" && command.texts().any(is_file))
}

/// The names of the variables that a text expands.
fn variable_names(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('$').filter_map(|(at, _)| {
        let rest = text[at + 1..].trim_start_matches(['{', '!', '#']);
        let rest = rest.strip_prefix("env:").unwrap_or(rest);
        let ends = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
        let name = &rest[..rest.find(ends).unwrap_or(rest.len())];
        (!name.is_empty()).then_some(name)
    })
}

fn reads_file(text: &str) -> bool {
    ["$(cat ", "$(<", "$(jq ", "$(head ", "`cat ", "$(tail "]
        .iter()
        .any(|start| text.contains(start))
        && !text.contains("GITHUB_EVENT_PATH")
}

/// Did an earlier step bring files of a stranger: an artifact of their run, or their commit?
fn brings_files(flow: &Flow<'_>, job: &Job<'_>, step: &Step<'_>) -> bool {
    let before = job
        .steps
        .iter()
        .take_while(|other| other.node != step.node)
        .take(NEAR);
    before.into_iter().any(|other| {
        let downloads = other.uses.is_some_and(|(_, uses)| {
            let uses = Uses::of(uses);
            (uses.is("actions/download-artifact")
                && flow.text_at(other.node, &["with", "run-id"]).is_some())
                || uses.is("dawidd6/action-download-artifact")
        });
        downloads || of_stranger(flow, job, other).is_some()
    })
}

/// What a step checks out of a stranger's repository or branch.
fn of_stranger(
    flow: &Flow<'_>,
    job: &Job<'_>,
    step: &Step<'_>,
) -> Option<(std::ops::Range<usize>, String)> {
    if let Some((_, uses)) = step.uses
        && Uses::of(uses).is("actions/checkout")
    {
        for input in ["ref", "repository"] {
            let Some(node) = flow.doc.at(step.node, &["with", input]) else {
                continue;
            };
            let text = flow.doc.text(node).unwrap_or_default();
            flow.refuel();
            let pulls = text.contains("refs/pull/") && text.contains("${{");
            let head = flow
                .expressions(node)
                .iter()
                .find_map(|(expr, _)| head_of(flow, job, expr, 0));
            if let Some(what) = head.or_else(|| pulls.then(|| text.trim().to_owned())) {
                return Some((flow.range(node), what));
            }
        }
        return None;
    }
    let script = flow.script(step)?;
    let text = script.region.text();
    if !(text.contains("pr checkout") || text.contains("git ") && text.contains("pull/")) {
        return None;
    }
    let all = script::commands(text);
    let is = |command: &Command, program: &str, verbs: &[&str]| {
        let (name, rest) = command.program();
        name == program && rest.iter().any(|w| verbs.contains(&w.text.as_str()))
    };
    let pulls = |command: &Command| {
        command
            .texts()
            .any(|w| w.contains("pull/") && w.contains('$'))
    };
    let found = all.iter().enumerate().find(|(number, command)| {
        // What is only fetched is not yet in the tree.
        let taken = || {
            let verbs = [
                "checkout",
                "switch",
                "merge",
                "reset",
                "rebase",
                "cherry-pick",
                "worktree",
            ];
            all[*number..]
                .iter()
                .any(|command| is(command, "git", &verbs))
        };
        (is(command, "gh", &["pr"]) && is(command, "gh", &["checkout"]))
            || (is(command, "git", &["pull"]) && pulls(command))
            || (is(command, "git", &["fetch"]) && pulls(command) && taken())
    });
    let (_, found) = found?;
    let range = found.range();
    let place = script.region.place(range.start)..script.region.place(range.end);
    Some((place, text[range].to_owned()))
}

/// The head of a pull request that an expression names.
fn head_of(flow: &Flow<'_>, job: &Job<'_>, expr: &Expr, depth: usize) -> Option<String> {
    const HEADS: [&str; 9] = [
        "github.head_ref",
        "github.event.pull_request.head.sha",
        "github.event.pull_request.head.ref",
        "github.event.pull_request.head.repo.full_name",
        "github.event.pull_request.merge_commit_sha",
        "github.event.workflow_run.head_sha",
        "github.event.workflow_run.head_branch",
        "github.event.workflow_run.head_commit.id",
        "github.event.workflow_run.head_repository.full_name",
    ];
    match expr {
        Expr::And(_, value) => head_of(flow, job, value, depth),
        Expr::Or(a, b) => head_of(flow, job, a, depth).or_else(|| head_of(flow, job, b, depth)),
        Expr::Call(call) if call.name.eq_ignore_ascii_case("format") => call
            .arguments
            .iter()
            .find_map(|argument| head_of(flow, job, argument, depth)),
        Expr::Path(path) => {
            let dotted = path.dotted();
            if HEADS.contains(&dotted.as_str()) {
                return Some(dotted);
            }
            if depth > 4 || !flow.spend() {
                return None;
            }
            // What another job, or the environment, makes of it.
            let (map, name, job) = match (path.root.as_str(), path.name(0)) {
                ("needs", Some(id)) => {
                    let job = flow.job_of(id)?;
                    (flow.doc.get(job.node, "outputs")?, path.name(2)?, job)
                }
                ("env", Some(name)) => {
                    let nodes = [job.node, flow.root];
                    let env = nodes.iter().find_map(|&node| {
                        let env = flow.doc.get(node, "env")?;
                        flow.doc.get(env, name).map(|_| env)
                    });
                    (env?, name, job)
                }
                ("steps", Some(id)) => {
                    let known = job
                        .steps
                        .iter()
                        .find(|s| s.id.is_some_and(|(_, other)| other == id))?;
                    let uses = Uses::of(known.uses?.1);
                    let heads = uses.is("xt0rted/pull-request-comment-branch")
                        && path.name(2).is_some_and(|name| name.starts_with("head_"));
                    return heads.then_some(dotted);
                }
                _ => return None,
            };
            let value = flow.doc.get(map, name)?;
            flow.expressions(value)
                .iter()
                .find_map(|(expr, _)| head_of(flow, job, expr, depth + 1))
        }
        _ => None,
    }
}

fn checkout(flow: &Flow<'_>, job: &Job<'_>, number: usize, guarded: bool, sink: &mut Sink<'_>) {
    const EVENTS: &[&str] = &[
        "pull_request_target",
        "workflow_run",
        "issue_comment",
        "issues",
    ];
    if !flow.has_event(EVENTS) {
        return;
    }
    let step = &job.steps[number];
    let Some((place, what)) = of_stranger(flow, job, step) else {
        return;
    };
    // The context tells its event.
    let reachable = match what.as_str() {
        head if head.starts_with("github.event.workflow_run.") => flow.has_event(&["workflow_run"]),
        head if head.starts_with("github.") => {
            flow.has_event(&["pull_request_target", "issue_comment"])
        }
        _ => true,
    };
    if !reachable || only_for_others(flow, job, step) {
        return;
    }
    let runs = job.steps[number + 1..]
        .iter()
        .take(NEAR)
        .any(|later| runs_tree(flow, later));
    let in_folder = flow.doc.at(step.node, &["with", "path"]).is_some();
    let harmless = has_no_rights(flow, job);
    let severity = match (guarded, runs) {
        (true, _) => Severity::Low,
        (false, false) => Severity::Medium,
        (false, true) if harmless || in_folder || is_gated(flow, job, step) => Severity::High,
        (false, true) => Severity::Critical,
    };
    let event = EVENTS
        .iter()
        .find(|name| flow.has_event(&[name]))
        .unwrap_or(&"");
    let then = if runs { " and runs it" } else { "" };
    sink.tell(
        &DANGEROUS_CHECKOUT,
        place,
        format!("`{event}` gives the repository's rights to a run that checks out a stranger's commit{then}: {what}"),
        "run their code on `pull_request`, without secrets; use what it made in a second workflow, as data",
    )
    .graded(severity);
}

/// Does the condition name another event than the dangerous ones?
fn only_for_others(flow: &Flow<'_>, job: &Job<'_>, step: &Step<'_>) -> bool {
    fn names_other(expr: &Expr) -> bool {
        match expr {
            Expr::And(a, b) => names_other(a) || names_other(b),
            Expr::Or(a, b) => names_other(a) && names_other(b),
            Expr::Compare(sign, a, b) => {
                let event = match (&**a, &**b) {
                    (Expr::Path(path), Expr::Text(name)) | (Expr::Text(name), Expr::Path(path))
                        if path.dotted() == "github.event_name" =>
                    {
                        name
                    }
                    _ => return false,
                };
                let grave = super::taint::RIGHTS.contains(&event.as_str());
                (*sign == "==" && !grave) || (*sign == "!=" && grave)
            }
            _ => false,
        }
    }
    [job.node, step.node].iter().any(|&node| {
        flow.condition(node)
            .is_some_and(|condition| names_other(&condition))
    })
}

/// Does the step run what stands in the tree? Almost every command may; a few only read.
fn runs_tree(flow: &Flow<'_>, step: &Step<'_>) -> bool {
    const QUIET: &[&str] = &[
        "echo", "printf", "git", "gh", "cat", "ls", "mkdir", "cp", "mv", "rm", "curl", "jq",
        "grep", "sed", "awk", "set", "export", "cd", "exit", "test", "[", "[[", "true", "false",
        "fi", "done", "for", "case", "esac", "}", ")", "",
    ];
    if let Some((_, uses)) = step.uses {
        return match Uses::of(uses) {
            Uses::Local(_) | Uses::Own(_) => true,
            uses => [
                "docker/build-push-action",
                "pre-commit/action",
                "golangci/golangci-lint-action",
                "gradle/gradle-build-action",
                "cypress-io/github-action",
                "goreleaser/goreleaser-action",
                "bahmutov/npm-install",
                "ruby/setup-ruby",
                "borales/actions-yarn",
            ]
            .iter()
            .any(|name| uses.is(name)),
        };
    }
    let Some(script) = flow.script(step) else {
        return false;
    };
    if script.shell == Shell::Python {
        return true;
    }
    script::commands(script.region.text())
        .iter()
        .any(|command| !QUIET.contains(&command.program().0))
}

/// Must somebody of the repository say yes first: by a label, or for an environment?
fn is_gated(flow: &Flow<'_>, job: &Job<'_>, step: &Step<'_>) -> bool {
    let labels = [job.node, step.node].iter().any(|&node| {
        flow.field(node, "if")
            .is_some_and(|(_, text)| text.contains("label"))
    });
    labels || flow.doc.get(job.node, "environment").is_some()
}

/// Has the job neither a right to write nor a secret?
fn has_no_rights(flow: &Flow<'_>, job: &Job<'_>) -> bool {
    let permissions = flow
        .doc
        .get(job.node, "permissions")
        .or_else(|| flow.doc.get(flow.root, "permissions"));
    let Some(permissions) = permissions else {
        return false;
    };
    let writes = flow.doc.text(permissions) == Some("write-all")
        || flow
            .doc
            .entries(permissions)
            .iter()
            .any(|&(_, right)| flow.doc.text(right) == Some("write"));
    let range = flow.range(job.node);
    let uses_secrets = flow
        .text
        .get(range)
        .is_some_and(|text| text.contains("secrets."));
    !writes && !uses_secrets
}
