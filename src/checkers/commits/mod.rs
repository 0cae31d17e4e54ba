//! Owns the checker `commits`: the messages of new commits, the branch they are made on, what git does not track yet, and
//! commands that skip the hooks. Knows git through its port only.

mod bypass;
mod message;
mod shell;

use serde::{Deserialize, Serialize};

use crate::base::words;
use crate::check::options::Pattern;
use crate::check::ports::Commit;
use crate::check::{Checker, Cx, Lane, Observed};
use crate::model::evidence::Evidence;
use crate::model::fault::{Fault, FaultKind};
use crate::model::finding::Finding;
use crate::model::metric::Metric;
use crate::model::place::Place;
use crate::model::rule::{Rule, Severity};
use crate::rule;
use crate::source::file::SourceFile;
use crate::source::tree::{FileMeta, Tracking};

use bypass::Facts;
pub use message::Style;

/// The options of the check.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// The form of commit messages.
    pub style: Style,
    /// The types that a message may begin with; each style has its own list.
    pub types: Vec<String>,
    /// The longest first line, in characters.
    pub max_subject: usize,
    /// What a message must match under the style `pattern`.
    pub pattern: Option<Pattern>,
    /// Branches that are changed by merges in CI only.
    pub protected: Vec<String>,
    /// Are source files reported that git neither tracks nor ignores?
    pub untracked: bool,
    /// The endings of source files.
    pub sources: Vec<String>,
    /// Are commands found that skip the hooks?
    pub bypasses: bool,
    /// A comment beside such a command that matches this approves it.
    pub approval: Pattern,
}

impl Default for Options {
    fn default() -> Self {
        let sources = ["md", "py", "js", "ts", "sh", "yml", "yaml"];
        Self {
            style: Style::Off,
            types: Vec::new(),
            max_subject: 100,
            pattern: None,
            protected: Vec::new(),
            untracked: true,
            sources: sources.map(str::to_owned).to_vec(),
            bypasses: true,
            approval: Pattern::new(r"(?i)\bapprov(ed|al)\b").expect("a constant expression"),
        }
    }
}

/// A configured check.
#[derive(Debug)]
pub struct Commits(Options);

static COMMIT_MESSAGE: Rule = rule!("commit-message", Info, "2026-11");
static PROTECTED_BRANCH: Rule = rule!("protected-branch", High, "2026-11");
static UNTRACKED_SOURCE: Rule = rule!("untracked-source", Info, "2026-11");
static HOOK_BYPASS: Rule = rule!("hook-bypass", Medium, "2026-11");

impl Checker for Commits {
    const NAME: &'static str = "commits";
    const SUMMARY: &'static str =
        "commit messages, protected branches, untracked sources, commands that skip the hooks";
    const REVISION: u32 = 3;
    const RULES: &'static [&'static Rule] = &[
        &COMMIT_MESSAGE,
        &PROTECTED_BRANCH,
        &UNTRACKED_SOURCE,
        &HOOK_BYPASS,
    ];
    const METRICS: &'static [Metric] = &[
        Metric::counts(
            "bad_commit_messages",
            &["commit-message"],
            "new commits whose message has not the form",
        ),
        Metric::counts(
            "protected_branch_changes",
            &["protected-branch"],
            "changes made on a protected branch outside of CI",
        ),
        Metric::counts(
            "untracked_sources",
            &["untracked-source"],
            "source files that git neither tracks nor ignores",
        ),
        Metric::counts(
            "hook_bypasses",
            &["hook-bypass"],
            "commands that skip the hooks without an approval",
        ),
    ];

    type Options = Options;
    type Facts = Facts;

    fn new(options: Options) -> Result<Self, String> {
        match (&options.style, &options.pattern) {
            (Style::Pattern, None) => Err("the style `pattern` needs `pattern: REGEX`".to_owned()),
            (Style::Pattern, Some(_)) | (_, None) => Ok(Self(options)),
            (_, Some(_)) => Err("`pattern` is for `style: pattern` only".to_owned()),
        }
    }

    fn options(&self) -> &Options {
        &self.0
    }

    fn wants(&self, file: &FileMeta) -> bool {
        self.0.bypasses && file.is_file() && bypass::may_have(file)
    }

    fn observe(&self, file: &SourceFile) -> Option<Facts> {
        bypass::scan(file, self.0.approval.regex())
    }

    fn conclude(&self, files: &[Observed<'_, Facts>], cx: &Cx<'_>) -> Result<Evidence, Fault> {
        let mut evidence = Evidence::default();
        let idle = self.history(cx, &mut evidence)?;
        let sees_files = self.0.bypasses && !files.is_empty();
        let sees_tree = self.0.untracked && !is_without_git(cx.tree.files());
        match idle {
            Some(why) if !sees_files && !sees_tree => return Ok(Evidence::not_applicable(why)),
            Some(why) if self.needs_history() => evidence.notes.push(why),
            _ => {}
        }
        if self.0.untracked {
            self.blind_spots(cx, &mut evidence);
        }
        for Observed { file, facts } in files {
            if facts
                .as_ref()
                .is_some_and(|facts| facts.0.len() >= bypass::MOST)
            {
                let most = bypass::MOST;
                evidence.partial(format!("{}: {most} skipped hooks or more", file.path));
            }
            for hit in facts.iter().flat_map(|facts| &facts.0) {
                let place = Place::Part(file.path.clone(), hit.span);
                let headline = format!("`git {}` skips the hooks", hit.subcommand);
                let help = "leave out the option and mend what the hook finds, or put a comment with the approval right above";
                evidence.findings.push(
                    Finding::new(&HOOK_BYPASS, place, headline, help)
                        .anchored(hit.anchor.clone())
                        .graded(hit.severity),
                );
            }
        }
        Ok(evidence)
    }

    fn lane(&self) -> Lane {
        if self.needs_history() {
            Lane::Waits
        } else {
            Lane::Pure
        }
    }

    /// A part that is off measures nothing, so that no criterion holds for nothing.
    fn gives(&self, metric: &str) -> bool {
        match metric {
            "bad_commit_messages" => self.0.style != Style::Off,
            "protected_branch_changes" => !self.0.protected.is_empty(),
            "untracked_sources" => self.0.untracked,
            "hook_bypasses" => self.0.bypasses,
            _ => true,
        }
    }
}

impl Commits {
    fn needs_history(&self) -> bool {
        self.0.style != Style::Off || !self.0.protected.is_empty()
    }

    /// The parts that ask git. Without a base they cannot know. `Some`: there was nothing to ask, and why.
    fn history(&self, cx: &Cx<'_>, evidence: &mut Evidence) -> Result<Option<String>, Fault> {
        if !self.needs_history() {
            return Ok(Some("no file that commands may stand in".to_owned()));
        }
        if let Some(why) = nothing_committed(cx)? {
            return Ok(Some(why.to_owned()));
        }
        let in_ci = cx
            .ports
            .surroundings
            .variable("CI")
            .is_some_and(|value| !matches!(value.as_str(), "" | "0" | "false"));
        if self.0.style == Style::Off && in_ci {
            return Ok(Some("protected branches are not judged in CI".to_owned()));
        }
        let base = cx.change.base()?;
        let commits = cx.ports.git.commits(Some(&base.commit), "HEAD")?;
        if self.0.style != Style::Off {
            self.messages(&commits, evidence);
        }
        let changed = || -> Result<bool, Fault> {
            let diff = cx.change.diff()?;
            Ok(!diff.files.is_empty() || !diff.deleted.is_empty())
        };
        let guarded = !self.0.protected.is_empty() && !in_ci;
        if guarded && (!commits.is_empty() || changed()?) {
            self.branch(cx, evidence)?;
        } else if commits.is_empty() {
            return Ok(Some(format!("no commits since {}", base.name)));
        }
        Ok(None)
    }

    fn messages(&self, commits: &[Commit], evidence: &mut Evidence) {
        let mut skipped = 0;
        for commit in commits {
            if message::is_made_by_git(commit) {
                skipped += 1;
                continue;
            }
            let Err(problem) = message::judge(&self.0, &commit.message) else {
                continue;
            };
            let short = commit.id.get(..12).unwrap_or(&commit.id);
            let severity = match self.0.style {
                Style::Off | Style::Conventional => Severity::Info,
                Style::Upper | Style::Pattern => Severity::High,
            };
            let place = Place::Object(format!("commit {short}"));
            evidence.findings.push(
                Finding::new(&COMMIT_MESSAGE, place, problem.headline, problem.help)
                    .graded(severity),
            );
        }
        if skipped > 0 {
            let skipped = words::count(skipped, "merge or revert commit");
            evidence.notes.push(format!("{skipped} not judged"));
        }
    }

    fn branch(&self, cx: &Cx<'_>, evidence: &mut Evidence) -> Result<(), Fault> {
        for branch in cx.ports.git.branches()? {
            if !self.0.protected.contains(&branch) {
                continue;
            }
            let place = Place::Object(format!("branch {branch}"));
            let headline = format!("a change is made on the protected branch `{branch}`");
            let help =
                "move it to a branch of its own (`git switch -c NAME`) and open a pull request";
            evidence
                .findings
                .push(Finding::new(&PROTECTED_BRANCH, place, headline, help));
        }
        Ok(())
    }

    fn blind_spots(&self, cx: &Cx<'_>, evidence: &mut Evidence) {
        for file in cx.tree.files() {
            let is_source = file.path.extension().is_some_and(|ending| {
                self.0
                    .sources
                    .iter()
                    .any(|source| source.as_bytes() == ending)
            });
            if file.tracking == Tracking::Untracked && is_source {
                let headline = "git does not track this source file: what is pushed was judged with it, and is without it";
                let help = "add it (`git add`), or list it in .gitignore";
                let place = Place::File(file.path.clone());
                evidence
                    .findings
                    .push(Finding::new(&UNTRACKED_SOURCE, place, headline, help));
            }
        }
    }
}

fn is_without_git(files: &[FileMeta]) -> bool {
    files.iter().all(|file| file.tracking == Tracking::NoGit)
}

/// Why there is no commit to look at, if so.
fn nothing_committed(cx: &Cx<'_>) -> Result<Option<&'static str>, Fault> {
    const NO_GIT: &str = "no git repository: no commits and no branch to look at";
    let files = cx.tree.files();
    if !files.is_empty() && is_without_git(files) {
        return Ok(Some(NO_GIT));
    }
    match cx.ports.git.has_commits() {
        Ok(true) => Ok(None),
        Ok(false) => Ok(Some("there is no commit yet")),
        // An empty folder tells nothing of git itself.
        Err(fault) if files.is_empty() && fault.kind == FaultKind::Missing => Ok(Some(NO_GIT)),
        Err(fault) => Err(fault),
    }
}

#[cfg(test)]
mod tests;
