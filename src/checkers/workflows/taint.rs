//! Owns the question who chooses a value: which expressions of a workflow hold text that a stranger may write.

use crate::source::expression::{Expr, Part, Path};

use super::flow::{Flow, Job, Step, Uses};

/// Who may choose the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Writer {
    /// Who may write to the repository, or start its workflows.
    Member,
    /// Who calls the workflow or the action: it depends on them.
    Caller,
    /// Anybody, in a run that has no rights of its own.
    Stranger,
    /// Anybody, in a run with the repository's rights.
    StrangerWithRights,
}

/// A text that somebody else chooses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taint {
    /// The context: `github.event.issue.title`.
    pub what: String,
    pub writer: Writer,
}

/// Events that anybody can cause and that run with the repository's rights.
pub const RIGHTS: &[&str] = &[
    "pull_request_target",
    "workflow_run",
    "issues",
    "issue_comment",
    "discussion",
    "discussion_comment",
    "fork",
    "gollum",
    "watch",
];

/// Texts of strangers: the context, `*` for any one part, and the events whose runs have rights when they carry it.
const STRANGERS: &[(&str, &[&str])] = &[
    ("github.head_ref", &["pull_request_target"]),
    (
        "github.event.pull_request.title",
        &["pull_request_target", "issue_comment"],
    ),
    ("github.event.pull_request.body", &["pull_request_target"]),
    (
        "github.event.pull_request.head.ref",
        &["pull_request_target"],
    ),
    (
        "github.event.pull_request.head.label",
        &["pull_request_target"],
    ),
    (
        "github.event.pull_request.head.repo.default_branch",
        &["pull_request_target"],
    ),
    (
        "github.event.pull_request.head.repo.description",
        &["pull_request_target"],
    ),
    (
        "github.event.pull_request.head.repo.homepage",
        &["pull_request_target"],
    ),
    ("github.event.issue.title", &["issues", "issue_comment"]),
    ("github.event.issue.body", &["issues", "issue_comment"]),
    (
        "github.event.comment.body",
        &["issue_comment", "discussion_comment"],
    ),
    ("github.event.review.body", &[]),
    ("github.event.review_comment.body", &[]),
    (
        "github.event.discussion.title",
        &["discussion", "discussion_comment"],
    ),
    (
        "github.event.discussion.body",
        &["discussion", "discussion_comment"],
    ),
    ("github.event.answer.body", &["discussion"]),
    (
        "github.event.changes.title.from",
        &["pull_request_target", "issues"],
    ),
    (
        "github.event.changes.body.from",
        &["pull_request_target", "issues"],
    ),
    ("github.event.pages.*.page_name", &["gollum"]),
    ("github.event.commits.*.message", &[]),
    ("github.event.commits.*.author.name", &[]),
    ("github.event.commits.*.author.email", &[]),
    ("github.event.commits.*.committer.name", &[]),
    ("github.event.commits.*.committer.email", &[]),
    ("github.event.head_commit.message", &[]),
    ("github.event.head_commit.author.name", &[]),
    ("github.event.head_commit.author.email", &[]),
    ("github.event.head_commit.committer.name", &[]),
    ("github.event.head_commit.committer.email", &[]),
    ("github.event.workflow_run.head_branch", &["workflow_run"]),
    ("github.event.workflow_run.display_title", &["workflow_run"]),
    (
        "github.event.workflow_run.head_commit.message",
        &["workflow_run"],
    ),
    (
        "github.event.workflow_run.head_commit.author.name",
        &["workflow_run"],
    ),
    (
        "github.event.workflow_run.head_commit.author.email",
        &["workflow_run"],
    ),
    (
        "github.event.workflow_run.head_repository.description",
        &["workflow_run"],
    ),
    (
        "github.event.workflow_run.pull_requests.*.head.ref",
        &["workflow_run"],
    ),
    ("github.event.check_suite.head_branch", &[]),
    ("github.event.check_run.check_suite.head_branch", &[]),
];

/// Texts of those who may write to the repository.
const MEMBERS: &[&str] = &[
    "github.ref_name",
    "github.ref",
    "github.base_ref",
    "github.event.ref",
    "github.event.base_ref",
    "github.event.pull_request.base.ref",
    "github.event.release.name",
    "github.event.release.body",
    "github.event.release.tag_name",
    "github.event.release.target_commitish",
    "github.event.label.name",
    "github.event.milestone.title",
    "github.event.milestone.description",
    "github.event.pull_request.labels.*.name",
    "github.event.issue.labels.*.name",
];

/// Outputs of actions that hold names of files of a pull request, and its like.
const OUTPUTS: &[(&str, &str)] = &[
    ("tj-actions/changed-files", ""),
    ("step-security/changed-files", ""),
    ("tj-actions/branch-names", "current_branch"),
    ("tj-actions/branch-names", "head_ref_branch"),
    ("xt0rted/pull-request-comment-branch", "head_ref"),
    ("eficode/resolve-pr-refs", "head_ref"),
    ("dorny/paths-filter", "_files"),
    ("jitterbit/get-changed-files", ""),
    ("trilom/file-changes-action", "files"),
];

/// Where an expression stands.
#[derive(Clone, Copy)]
pub struct Scope<'a, 'f> {
    pub flow: &'a Flow<'f>,
    pub job: Option<&'a Job<'f>>,
    pub step: Option<&'a Step<'f>>,
}

/// How far values are followed from output to output.
const FARTHEST: usize = 6;

impl Scope<'_, '_> {
    /// The worst text in the value of an expression.
    pub fn taint(&self, expr: &Expr) -> Option<Taint> {
        self.flow.refuel();
        self.follow(expr, 0)
    }

    fn follow(&self, expr: &Expr, depth: usize) -> Option<Taint> {
        if depth > FARTHEST || !self.flow.spend() {
            return None;
        }
        match expr {
            // What is false is empty, or one of a few fixed texts.
            Expr::And(_, value) => self.follow(value, depth),
            Expr::Or(a, b) => worse(self.follow(a, depth), self.follow(b, depth)),
            Expr::Path(path) => self.path(path, depth),
            Expr::Call(call) => {
                let name = call.name.to_ascii_lowercase();
                match name.as_str() {
                    "tojson" => call
                        .arguments
                        .iter()
                        .map(|argument| worse(self.follow(argument, depth), self.whole(argument)))
                        .fold(None, worse),
                    "format" | "join" | "fromjson" | "case" => call
                        .arguments
                        .iter()
                        .map(|argument| self.follow(argument, depth))
                        .fold(None, worse),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// What an object holds, taken as a whole.
    fn whole(&self, expr: &Expr) -> Option<Taint> {
        let Expr::Path(path) = expr else { return None };
        let start = format!("{}.", path.dotted());
        let inside = |(known, rights): &&(&str, &[&str])| {
            known.starts_with(&start) && (self.flow.has_event(rights) || self.has_its_event(known))
        };
        let worst = STRANGERS
            .iter()
            .filter(inside)
            .map(|(_, rights)| self.writer(rights))
            .max()?;
        Some(Taint {
            what: path.dotted(),
            writer: worst,
        })
    }

    /// Is the workflow started by an event that may carry this context?
    fn has_its_event(&self, known: &str) -> bool {
        let names: &[&str] = match known.split('.').nth(2).unwrap_or_default() {
            "pull_request" | "review" | "review_comment" | "changes" => &[
                "pull_request",
                "pull_request_target",
                "pull_request_review",
                "pull_request_review_comment",
            ],
            "commits" | "head_commit" => &["push"],
            "check_suite" | "check_run" => &["check_suite", "check_run"],
            _ => &[],
        };
        self.flow.has_event(names)
    }

    fn writer(&self, rights: &[&str]) -> Writer {
        if self.flow.has_event(rights) {
            Writer::StrangerWithRights
        } else {
            Writer::Stranger
        }
    }

    fn path(&self, path: &Path, depth: usize) -> Option<Taint> {
        let dotted = path.dotted();
        let known = |pattern: &str| fits(pattern, path, &dotted);
        let taint = |writer| {
            Some(Taint {
                what: dotted.clone(),
                writer,
            })
        };
        if let Some((_, rights)) = STRANGERS.iter().find(|(pattern, _)| known(pattern)) {
            return taint(self.writer(rights));
        }
        if MEMBERS.iter().any(|pattern| known(pattern))
            || ["github.event.client_payload.", "github.event.deployment."]
                .iter()
                .any(|start| dotted.starts_with(start))
        {
            return self.by_members(&dotted);
        }
        if dotted == "github.event.issue.pull_request" || path.parts.is_empty() {
            return None;
        }
        match (path.root.to_ascii_lowercase().as_str(), path.name(0)) {
            ("inputs", Some(name)) => self.input(name, &dotted),
            ("github", Some(event)) if event.eq_ignore_ascii_case("event") => {
                let is_input = path
                    .name(1)
                    .is_some_and(|n| n.eq_ignore_ascii_case("inputs"));
                is_input
                    .then(|| self.input(path.name(2)?, &dotted))
                    .flatten()
            }
            ("env", Some(name)) => self.variable(name, depth),
            ("needs", Some(job)) => {
                let job = self.flow.job_of(job)?;
                let outputs = self.flow.doc.get(job.node, "outputs")?;
                self.value(outputs, path.name(2)?, Some(job), depth)
            }
            ("steps", Some(step)) => self.output(step, path.name(2)?),
            ("matrix", Some(name)) => {
                let matrix = self.flow.doc.at(self.job?.node, &["strategy", "matrix"])?;
                self.value(matrix, name, self.job, depth)
            }
            _ => None,
        }
    }

    /// A name of a branch or tag, and what is like it. In runs for pull requests `github.ref` is a number.
    fn by_members(&self, dotted: &str) -> Option<Taint> {
        let only_pull_requests = !self.flow.events.is_empty()
            && self
                .flow
                .events
                .iter()
                .all(|event| matches!(event.name, "pull_request" | "schedule" | "merge_group"));
        let is_ref = matches!(dotted, "github.ref" | "github.ref_name");
        (!(is_ref && only_pull_requests)).then(|| Taint {
            what: dotted.to_owned(),
            writer: Writer::Member,
        })
    }

    /// An input: one that is a number, a boolean or one of a list is no text.
    fn input(&self, name: &str, dotted: &str) -> Option<Taint> {
        let flow = self.flow;
        if flow.action {
            return Some(Taint {
                what: dotted.to_owned(),
                writer: Writer::Caller,
            });
        }
        let mut worst = None;
        for (event, writer) in [
            ("workflow_dispatch", Writer::Member),
            ("workflow_call", Writer::Caller),
        ] {
            let inputs = flow
                .event(event)
                .and_then(|event| event.config)
                .and_then(|config| flow.doc.get(config, "inputs"));
            let Some(input) = inputs.and_then(|inputs| flow.doc.get(inputs, name)) else {
                continue;
            };
            let kind = flow.text_at(input, &["type"]);
            if matches!(kind, None | Some("string")) {
                let what = dotted.to_owned();
                worst = worse(worst, Some(Taint { what, writer }));
            }
        }
        worst
    }

    /// A variable that the step, the job or the workflow sets.
    fn variable(&self, name: &str, depth: usize) -> Option<Taint> {
        let doc = self.flow.doc;
        let nodes = [
            self.step.map(|step| step.node),
            self.job.map(|job| job.node),
            Some(self.flow.root),
        ];
        let found = nodes.into_iter().flatten().find_map(|node| {
            let env = doc.get(node, "env")?;
            doc.get(env, name).map(|_| env)
        })?;
        self.value(found, name, self.job, depth)
    }

    /// A value of a map, whose expressions stand in `job`.
    fn value(&self, map: usize, name: &str, job: Option<&Job<'_>>, depth: usize) -> Option<Taint> {
        let doc = self.flow.doc;
        let node = doc
            .entries(map)
            .iter()
            .find(|&&(key, _)| {
                doc.text(key)
                    .is_some_and(|key| key.eq_ignore_ascii_case(name))
            })?
            .1;
        let job = job.and_then(|job| self.flow.job_of(job.id));
        let scope = Scope {
            flow: self.flow,
            job,
            step: None,
        };
        self.flow
            .expressions(node)
            .iter()
            .map(|(expr, _)| scope.follow(expr, depth + 1))
            .fold(None, worse)
    }

    fn output(&self, step: &str, name: &str) -> Option<Taint> {
        let job = self.job?;
        let is_it = |known: &&Step<'_>| {
            known
                .id
                .is_some_and(|(_, id)| id.eq_ignore_ascii_case(step))
        };
        let (_, uses) = job.steps.iter().find(is_it)?.uses?;
        let uses = Uses::of(uses);
        let lists = ["count", "changed_keys", "any_changed", "only_changed"];
        let known = OUTPUTS.iter().any(|(action, output)| {
            uses.is(action)
                && (output.is_empty()
                    || name == *output
                    || (output.starts_with('_') && name.ends_with(output)))
        });
        if !known || lists.iter().any(|end| name.ends_with(end)) || name == "any_changed" {
            return None;
        }
        let pull_requests = self
            .flow
            .has_event(&["pull_request_target", "issue_comment"]);
        let writer = if pull_requests {
            Writer::StrangerWithRights
        } else {
            Writer::Stranger
        };
        let what = format!("steps.{step}.outputs.{name}");
        Some(Taint { what, writer })
    }
}

/// The worse of two.
pub fn worse(a: Option<Taint>, b: Option<Taint>) -> Option<Taint> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if b.writer > a.writer { b } else { a }),
        (a, b) => a.or(b),
    }
}

/// Is the path of this pattern? A `*` of the pattern is any one part; an object that is taken from stays an object.
fn fits(pattern: &str, path: &Path, dotted: &str) -> bool {
    if !pattern.contains('*') {
        return pattern == dotted;
    }
    let mut wanted = pattern.split('.').skip(1);
    let all = path.parts.iter().all(|part| match (wanted.next(), part) {
        (Some("*"), _) => true,
        (Some(name), Part::Name(part)) => part.eq_ignore_ascii_case(name),
        _ => false,
    });
    all && wanted.next().is_none() && path.root.eq_ignore_ascii_case("github")
}

/// Does the condition keep strangers out: the pull request comes from this repository, or from a member?
pub fn keeps_strangers_out(condition: &Expr) -> bool {
    match condition {
        Expr::And(a, b) => keeps_strangers_out(a) || keeps_strangers_out(b),
        Expr::Or(a, b) => keeps_strangers_out(a) && keeps_strangers_out(b),
        Expr::Compare("==", a, b) => {
            let own = ["github.repository", "github.event.pull_request.base.repo.full_name", "github.event.repository.full_name"];
            let theirs = ["github.event.pull_request.head.repo.full_name", "github.event.workflow_run.head_repository.full_name"];
            let names = |x: &Expr, list: &[&str]| list.iter().any(|name| x.is_path(name));
            let either = |f: &dyn Fn(&Expr, &Expr) -> bool| f(a, b) || f(b, a);
            either(&|x, y| names(x, &theirs) && (names(y, &own) || matches!(y, Expr::Text(_))))
                || either(&|x, y| {
                    x.is_path("github.event.pull_request.user.login") && matches!(y, Expr::Text(_))
                })
                || either(&|x, y| {
                    x.is_path("github.event.pull_request.head.repo.fork")
                        && matches!(y, Expr::Bool(false))
                })
                || either(&|x, y| {
                    matches!(x, Expr::Path(path) if path.dotted().ends_with(".author_association"))
                        && matches!(y, Expr::Text(role) if role != "NONE" && !role.starts_with("FIRST"))
                })
                || either(&|x, y| {
                    x.is_path("github.event_name")
                        && matches!(y, Expr::Text(name) if !RIGHTS.contains(&name.as_str()) && !name.starts_with("pull_request"))
                })
                || either(&|x, y| {
                    x.is_path("github.event.workflow_run.event")
                        && matches!(y, Expr::Text(name) if !name.starts_with("pull_request"))
                })
        }
        Expr::Not(one) => one.is_path("github.event.pull_request.head.repo.fork"),
        // `contains(fromJSON('["OWNER"]'), github.event.comment.author_association)`
        Expr::Call(call) if call.name.eq_ignore_ascii_case("contains") => call
            .arguments
            .iter()
            .any(|argument| matches!(argument, Expr::Path(path) if path.dotted().ends_with(".author_association"))),
        _ => false,
    }
}
