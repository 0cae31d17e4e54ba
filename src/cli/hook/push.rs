//! Owns `qgate hook pre-push`: each pushed commit is judged as git keeps it, whatever lies on disk.

use std::collections::BTreeMap;

use crate::base::ascii::escape;
use crate::check::context::{Base, LazyChange};
use crate::check::ports::{Blob, Commit, Depth, Git};
use crate::cli::args::{Global, PrePushArgs};
use crate::cli::held;
use crate::cli::judging::{self, Means, Subject};
use crate::cli::output::{Console, progress};
use crate::cli::run;
use crate::cli::run_args::RunArgs;
use crate::cli::site::Site;
use crate::cli::{Usage, failed};
use crate::config::plan::Plan;
use crate::engine::Watch as _;
use crate::host::gate_files::OfTree;
use crate::host::git::{Repository, Target};
use crate::host::sizes::Sizes;
use crate::host::trees::CommitTree;
use crate::host::watch::{self, StopWatch};
use crate::host::{hooks, interrupt, store, terminal};
use crate::model::fault::{Fault, FaultKind};
use crate::model::outcome::Exit;
use crate::model::report::Report;
use crate::source::memory::MemoryTree;

use super::lines::{self, Pushed};

/// The stage of the hook, unless another one is asked for.
const STAGE: &str = "pre-push";

/// A commit to judge, once for all refs that it goes to.
#[derive(Default)]
struct Candidate {
    refs: Vec<String>,
    branches: Vec<String>,
    bases: Vec<Base>,
    /// The remote has nothing of its history for some ref.
    from_nothing: bool,
}

/// Judges what is pushed.
///
/// # Errors
/// When something that is no fault of a check went wrong.
pub fn run(args: &PrePushArgs, global: &Global, console: &mut Console) -> anyhow::Result<Exit> {
    if terminal::variable("QGATE").as_deref() == Some("0") {
        console.say("qgate: this push is not judged: QGATE=0\n");
        return Ok(Exit::Pass);
    }
    let Some(input) = hooks::input()? else {
        return Err(Usage::new(
            "git runs this hook, with what is pushed on standard input",
            "install it with `qgate hook install`, or use `qgate run`",
        )
        .into());
    };
    let exit = judge_all(&input, args, global, console).unwrap_or_else(|problem| {
        let exit = failed(&problem, console);
        console.say(&verdict(exit, "the push"));
        exit
    });
    Ok(exit)
}

fn judge_all(
    input: &[u8],
    args: &PrePushArgs,
    global: &Global,
    console: &mut Console,
) -> anyhow::Result<Exit> {
    let pushed = what_is_pushed(args, input)?;
    if pushed.refs.is_empty() {
        console.say("qgate: nothing was pushed\n");
        return Ok(Exit::Pass);
    }
    let cancel = interrupt::listen()?;
    let watch = StopWatch::start(cancel.clone());
    let site = Site::open(global)?;
    let Some(repository) = site.repository()? else {
        return Err(Usage::new("this is no git repository", "push from a repository").into());
    };
    let candidates = candidates(repository, &pushed, console)?;
    if let Some(jobs) = args.run.jobs {
        rayon::ThreadPoolBuilder::new()
            .num_threads(jobs.get())
            .build_global()?;
    }
    let mut flags = args.run.clone();
    flags.plan.stage.get_or_insert_with(|| STAGE.to_owned());
    if !flags.text.verbose {
        flags.text.quiet = flags.text.quiet.max(1);
    }
    let progress = progress(args.run.text.quiet > 0);
    let means = Means {
        args: &flags,
        watch: &watch,
        cancel: &cancel,
        progress: &*progress,
    };
    let mut worst = Exit::Pass;
    for (commit, candidate) in &candidates {
        let judged = judge(&site, repository, commit, candidate, global, means);
        let exit = match judged {
            Ok(report) => {
                run::write(&flags, &report, &site.root, console)?;
                report.verdict.into()
            }
            Err(problem) => failed(&problem, console),
        };
        let exit = if watch.interrupted() {
            Exit::Interrupted
        } else {
            exit
        };
        let what = format!("{} ({})", candidate.refs.join(", "), short(commit));
        console.say(&verdict(exit, &what));
        worst = worse(worst, exit);
    }
    if candidates.len() > 1 {
        console.say(&verdict(worst, "the push"));
    }
    Ok(worst)
}

/// What git says, where nobody asks for something else.
fn what_is_pushed(args: &PrePushArgs, input: &[u8]) -> anyhow::Result<Pushed> {
    let named = args.run.base.is_some() || args.run.new_from.is_some();
    if args.run.staged || args.run.dry_run || args.run.untrusted || named {
        return Err(Usage::new(
            "a push is judged as it is: no --staged, --untrusted, --dry-run, --base or --new-from",
            "leave them out, and their variables unset, or use `qgate run`",
        )
        .into());
    }
    Ok(lines::read(args.remote.as_deref(), input)?)
}

/// The commits to judge, by id.
fn candidates(
    repository: &Repository,
    pushed: &Pushed,
    console: &mut Console,
) -> Result<BTreeMap<String, Candidate>, Fault> {
    let mut candidates: BTreeMap<String, Candidate> = BTreeMap::new();
    for r in &pushed.refs {
        if r.is_deletion() {
            console.say(&format!(
                "qgate: {} is deleted: nothing to judge\n",
                escape(&r.remote)
            ));
            continue;
        }
        let Some(range) = repository.pushed(&pushed.remote, r)? else {
            let what = escape(&r.remote);
            console.say(&format!(
                "qgate: {what}: the remote has all of its commits already\n"
            ));
            continue;
        };
        let candidate = candidates.entry(range.commit).or_default();
        candidate.refs.push(escape(&r.remote).into_owned());
        candidate.branches.extend(r.branch().map(str::to_owned));
        match range.base {
            Some(base) => candidate.bases.push(base),
            None => candidate.from_nothing = true,
        }
    }
    Ok(candidates)
}

fn judge(
    site: &Site,
    repository: &Repository,
    commit: &str,
    candidate: &Candidate,
    global: &Global,
    means: Means<'_>,
) -> anyhow::Result<Report> {
    let args: &RunArgs = means.args;
    let surveyed = watch::now();
    let sizes = sizes(site, args);
    let tree = CommitTree::open_with(repository, commit, sizes.as_ref())?;
    let files = OfTree::new(&tree);
    let mut plan = site.plan_from(&files, global, &args.plan, &args.gates)?;
    plan.deadline = args.deadline.or(plan.deadline);
    let settings = run::settings(args, &plan)?;
    if let Some(deadline) = plan.deadline {
        watch::end_after(deadline + run::GRACE);
    }
    hold_commands(&mut plan, repository, commit)?;
    let empty = repository.empty_tree()?;
    let common = repository.common_base(&candidate.bases)?;
    let base = common.filter(|_| !candidate.from_nothing).unwrap_or(Base {
        commit: empty.clone(),
        name: "nothing: the remote has no part of this history".to_owned(),
    });
    let target = Target::Commit(commit.to_owned());
    let change = LazyChange::new(|| Ok(base.clone()), |base| repository.diff(base, &target));
    let git = PushedGit {
        repository,
        commit,
        branches: &candidate.branches,
        empty: &empty,
    };
    let subject = Subject {
        tree: &tree,
        tree_name: &format!("commit {}", short(commit)),
        surveyed,
        change: &change,
        base_tree: &|base| {
            if base.commit == empty {
                return Ok(Box::new(MemoryTree::default()));
            }
            let tree = CommitTree::open_with(repository, &base.commit, sizes.as_ref())?;
            Ok(Box::new(tree))
        },
        git: &git,
        files: &files,
        untrusted: false,
    };
    judging::judge_subject(site, &plan, &settings, &subject, means)
}

/// The sizes that are known from the last push. They are the user's, whatever the repository says: none that it brings are
/// believed.
fn sizes(site: &Site, args: &RunArgs) -> Option<Sizes> {
    if args.no_cache {
        return None;
    }
    let folder = store::cache_folder(&site.root, false).ok()?;
    Some(Sizes::kept_in(&folder))
}

/// Commands run on disk: when that is not what is pushed, they cannot tell.
fn hold_commands(plan: &mut Plan, repository: &Repository, commit: &str) -> Result<(), Fault> {
    if !held::has_commands(plan) || repository.has_on_disk(commit)? {
        return Ok(());
    }
    let what = format!(
        "commands run on disk, and that is not the pushed commit {}",
        short(commit)
    );
    let cure =
        "check the commit out, commit or stash what is changed or untracked, then push again";
    held::hold_commands(plan, &Fault::new(FaultKind::Missing, what, cure));
    Ok(())
}

/// The history as the push makes it: the pushed commit is the head, and the branches are those that it goes to.
struct PushedGit<'a> {
    repository: &'a Repository,
    commit: &'a str,
    branches: &'a [String],
    /// The tree without files stands for no base.
    empty: &'a str,
}

impl Git for PushedGit<'_> {
    fn commits(&self, from: Option<&str>, to: &str) -> Result<Vec<Commit>, Fault> {
        let from = from.filter(|from| *from != self.empty);
        let to = if to == "HEAD" { self.commit } else { to };
        self.repository.commits(from, to)
    }

    fn has_commits(&self) -> Result<bool, Fault> {
        Ok(true)
    }

    fn branches(&self) -> Result<Vec<String>, Fault> {
        Ok(self.branches.to_vec())
    }

    fn config(&self, key: &str) -> Result<Option<String>, Fault> {
        self.repository.config(key)
    }

    fn blobs(&self, largest: u64, take: &mut dyn FnMut(Vec<Blob>)) -> Result<Depth, Fault> {
        self.repository.blobs(largest, take)
    }
}

fn short(commit: &str) -> &str {
    commit.get(..10).unwrap_or(commit)
}

/// The last line: git shows no exit code of a hook but its own.
fn verdict(exit: Exit, what: &str) -> String {
    let (word, meaning) = match exit {
        Exit::Pass => return format!("qgate: {what}: PASS\n"),
        Exit::Fail => ("FAIL", "a mandatory gate or the minimum score failed"),
        Exit::Usage => ("UNKNOWN", "the command line or the configuration is wrong"),
        Exit::Unknown => ("UNKNOWN", "something could not be judged"),
        Exit::Interrupted => ("UNKNOWN", "interrupted"),
    };
    let code = exit as u8;
    format!("qgate: {what}: {word}: {meaning} (exit code {code}); the push is stopped\n")
}

/// The one that outweighs the other.
fn worse(one: Exit, other: Exit) -> Exit {
    let order = [
        Exit::Interrupted,
        Exit::Usage,
        Exit::Fail,
        Exit::Unknown,
        Exit::Pass,
    ];
    let found = order
        .into_iter()
        .find(|exit| *exit == one || *exit == other);
    found.unwrap_or(Exit::Unknown)
}
