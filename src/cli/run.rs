//! Owns `qgate run`: the composition of configuration, tree, ports and engine, and where the reports go.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;

use super::args::Global;
use super::judging::{Means, Subject, judge_subject};
use super::output::{Console, progress, width};
use super::run_args::{Format, RunArgs};
use super::site::Site;
use super::{Usage, held, untrusted};
use crate::base::ascii::escape;
use crate::check::context::{Base, LazyChange};
use crate::check::ports::Git;
use crate::config::GateFiles;
use crate::config::plan::{Plan, PlannedGate};
use crate::engine::Watch as _;
use crate::engine::run::Settings;
use crate::host::gate_files::OfTree;
use crate::host::git::{Repository, Target};
use crate::host::watch::{self, StopWatch};
use crate::host::{interrupt, store, terminal, trees, worktree};
use crate::model::fault::{Fault, FaultKind};
use crate::model::gate::Scope;
use crate::model::outcome::Exit;
use crate::model::report::Report;
use crate::report::{azure, checkstyle, github, gitlab, json, junit, markdown, sarif, text};
use crate::source::tree::SourceTree;

/// How large a step summary qgate writes, in bytes: others may write to it too.
const SUMMARY: usize = 500_000;

/// How large GitHub lets the summary of a step grow, in bytes: one that is larger is not shown at all.
const SUMMARY_MOST: u64 = 1 << 20;

/// How long a run may go on behind its deadline before it is ended by force.
pub(super) const GRACE: Duration = Duration::from_secs(15);

/// Judges the repository.
///
/// # Errors
/// When something that is no fault of a check went wrong.
pub fn run(args: &RunArgs, global: &Global, console: &mut Console) -> anyhow::Result<Exit> {
    if args.dry_run {
        let mut plan = Site::open(global)?.plan(global, &args.plan, &args.gates)?;
        only_new(&mut plan, args);
        settings(args, &plan)?;
        console.out(&outline(&plan))?;
        return Ok(Exit::Pass);
    }
    let judged = judged(args, global, false)?;
    write(args, &judged.report, &judged.root, console)?;
    if args.format == Format::Github {
        tell_github(&judged.report, judged.exit, console);
    }
    Ok(judged.exit)
}

/// Judges the repository and gives the report, with the exit code that it ends in.
///
/// # Errors
/// When something that is no fault of a check went wrong.
pub fn report(args: &RunArgs, global: &Global) -> anyhow::Result<(Report, Exit)> {
    let judged = judged(args, global, false)?;
    Ok((judged.report, judged.exit))
}

/// A run that is over.
pub(super) struct Judged {
    /// What was planned.
    pub plan: Plan,
    /// What came of it.
    pub report: Report,
    /// The exit code.
    pub exit: Exit,
    /// The root that was judged.
    pub root: PathBuf,
    /// The tree that was judged.
    pub tree: Box<dyn SourceTree>,
}

/// Judges the repository. With `accept` every finding counts, whether it was there before or not.
///
/// # Errors
/// When something that is no fault of a check went wrong.
pub(super) fn judged(args: &RunArgs, global: &Global, accept: bool) -> anyhow::Result<Judged> {
    let cancel = interrupt::listen()?;
    let watch = StopWatch::start(cancel.clone());
    let site = Site::open(global)?;
    let trusted = Trusted::of(args, &site)?;
    let mut plan = site.plan_from(&*trusted.files(&site), global, &args.plan, &args.gates)?;
    only_new(&mut plan, args);
    plan.deadline = args.deadline.or(plan.deadline);
    if args.staged {
        hold_commands(&mut plan, &site)?;
    }
    let settings = Settings {
        accept,
        ..settings(args, &plan)?
    };
    if let Some(deadline) = plan.deadline {
        watch::end_after(deadline + GRACE);
    }
    if let Some(jobs) = args.jobs {
        rayon::ThreadPoolBuilder::new()
            .num_threads(jobs.get())
            .build_global()?;
    }
    let progress = progress(args.text.quiet > 0);
    let means = Means {
        args,
        watch: &watch,
        cancel: &cancel,
        progress: &*progress,
    };
    let (report, tree) = judge(&site, &mut plan, &trusted, &settings, means)?;
    let exit = if watch.interrupted() {
        Exit::Interrupted
    } else {
        report.verdict.into()
    };
    Ok(Judged {
        plan,
        report,
        exit,
        root: site.root,
        tree,
    })
}

/// What the gate files are taken from.
enum Trusted {
    /// The disk.
    Disk,
    /// The base's tree: the change is not trusted.
    Base(Base, trees::CommitTree),
}

impl Trusted {
    fn of(args: &RunArgs, site: &Site) -> anyhow::Result<Self> {
        if !args.untrusted {
            return Ok(Self::Disk);
        }
        let Some(repository) = site.repository()? else {
            return Err(Usage::new(
                "--untrusted needs a git repository",
                "leave it out, or run qgate in a clone",
            )
            .into());
        };
        let base = base(Some(repository), args)?;
        let tree = trees::CommitTree::open(repository, &base.commit)?;
        Ok(Self::Base(base, tree))
    }

    fn files<'t>(&'t self, site: &Site) -> Box<dyn GateFiles + Sync + 't> {
        match self {
            Self::Disk => Box::new(site.files()),
            Self::Base(_, tree) => Box::new(OfTree::new(tree)),
        }
    }
}

pub(super) fn settings(args: &RunArgs, plan: &Plan) -> Result<Settings, Usage> {
    let reason = args.reason.as_deref().unwrap_or_default().trim();
    for gate in &args.bypass {
        if !plan.gates.iter().any(|planned| planned.gate.id == *gate) {
            return Err(Usage::new(
                format!("there is no gate `{gate}` to bypass"),
                "`qgate list gates` names them",
            ));
        }
        if !plan.bypass_allowed {
            let place = plan
                .environment
                .as_deref()
                .map_or("without --env".to_owned(), |env| format!("in `{env}`"));
            return Err(Usage::new(
                format!("the gate `{gate}` may not be bypassed {place}"),
                "choose an environment that sets `bypass_allowed: true`, or mend what the gate found",
            ));
        }
        if reason.is_empty() {
            return Err(Usage::new(
                "a bypass needs a reason",
                "say why with --reason TEXT",
            ));
        }
    }
    Ok(Settings {
        strict: args.plan.strict,
        fail_fast: args.fail_fast,
        bypass: args
            .bypass
            .iter()
            .map(|gate| (gate.clone(), reason.to_owned()))
            .collect(),
        accept: false,
    })
}

fn judge(
    site: &Site,
    plan: &mut Plan,
    trusted: &Trusted,
    settings: &Settings,
    means: Means<'_>,
) -> anyhow::Result<(Report, Box<dyn SourceTree>)> {
    let (args, watch) = (means.args, means.watch);
    let repository = site.repository()?;
    let surveyed = watch::now();
    tracing::debug!(at = ?watch.elapsed(), "planned");
    let (tree, tree_name, target) = tree(args, site)?;
    tracing::debug!(at = ?watch.elapsed(), files = tree.files().len(), "surveyed");
    let change = LazyChange::new(
        || base(repository, args),
        |base| match repository {
            Some(repository) => repository.diff(base, &target),
            None => Err(no_git()),
        },
    );
    if let Trusted::Base(base, _) = trusted {
        untrusted::tell(plan, base);
        untrusted::hold_commands(plan, change.diff()?);
    }
    let subject = Subject {
        tree: &*tree,
        tree_name,
        surveyed,
        change: &change,
        base_tree: &|base| match repository {
            Some(repository) => Ok(Box::new(trees::CommitTree::open(repository, &base.commit)?)),
            None => Err(no_git()),
        },
        git: repository.map_or(&NoGit as &dyn Git, |repository| repository),
        files: &*trusted.files(site),
        untrusted: args.untrusted,
    };
    let report = judge_subject(site, plan, settings, &subject, means)?;
    drop(change);
    Ok((report, tree))
}

/// With --new-from each gate judges only what is new, whatever its gate file says. The report tells.
fn only_new(plan: &mut Plan, args: &RunArgs) {
    let Some(from) = &args.new_from else { return };
    for planned in &mut plan.gates {
        planned.gate.scope = Scope::New;
    }
    plan.notices.push(format!(
        "--new-from: every gate judges only what is new since `{from}`"
    ));
}

/// Commands run on disk: when that is not what the index holds, they cannot tell.
fn hold_commands(plan: &mut Plan, site: &Site) -> Result<(), Fault> {
    let Some(repository) = site.repository()? else {
        return Ok(());
    };
    if !held::has_commands(plan) || repository.has_index_on_disk()? {
        return Ok(());
    }
    let why = Fault::new(
        FaultKind::Missing,
        "commands run on disk, and that is not what the index holds",
        "stage, stash or remove what is changed or untracked",
    );
    held::hold_commands(plan, &why);
    Ok(())
}

fn tree(
    args: &RunArgs,
    site: &Site,
) -> anyhow::Result<(Box<dyn SourceTree>, &'static str, Target)> {
    if !args.staged {
        let tree = worktree::WorkTree::open(&site.root, site.repository()?)?;
        return Ok((Box::new(tree), "work tree", Target::WorkTree));
    }
    let Some(repository) = site.repository()? else {
        return Err(Usage::new(
            "--staged needs a git repository",
            "leave it out, or run `git init`",
        )
        .into());
    };
    Ok((
        Box::new(trees::IndexTree::open(repository)?),
        "index",
        Target::Index,
    ))
}

fn base(repository: Option<&Repository>, args: &RunArgs) -> Result<Base, Fault> {
    let named = args.base.as_deref().or(args.new_from.as_deref());
    let found = repository
        .ok_or_else(no_git)?
        .base(named, &terminal::variable)?;
    found.ok_or_else(|| {
        Fault::new(
            FaultKind::Missing,
            "there is no base to compare with: no upstream and no default branch",
            "name one with --base COMMIT",
        )
    })
}

pub(super) fn write(
    args: &RunArgs,
    report: &Report,
    root: &Path,
    console: &mut Console,
) -> anyhow::Result<()> {
    let render = |format: Format| match format {
        Format::Text => text::render(report, text_options(args)),
        Format::Json => json::render(report),
        Format::Sarif => sarif::render(report),
        Format::Junit => junit::render(report),
        Format::Github => github::render(report, text_options(args)),
        Format::Gitlab => gitlab::render(report),
        Format::Azure => azure::render(report, text_options(args), &root.to_string_lossy()),
        Format::Checkstyle => checkstyle::render(report),
        Format::Markdown => markdown::render(report, markdown::COMMENT),
    };
    for output in &args.output {
        let path = absolute(&output.path);
        store::write_atomic(&path, render(output.format).as_bytes())
            .with_context(|| format!("the report {} cannot be written", path.display()))?;
    }
    if args.text.quiet < 2 || args.format != Format::Text {
        console.out(&render(args.format))?;
    }
    Ok(())
}

/// Writes the step summary and the step's outputs where GitHub Actions asks for them. Neither decides anything, so a
/// problem is told and no more.
fn tell_github(report: &Report, exit: Exit, console: &mut Console) {
    let files = [
        ("GITHUB_STEP_SUMMARY", markdown::render(report, SUMMARY)),
        ("GITHUB_OUTPUT", github::outputs(report, exit)),
    ];
    for (name, text) in files {
        let Some(path) = terminal::variable(name).filter(|path| !path.is_empty()) else {
            continue;
        };
        if let Err(problem) = store::append(Path::new(&path), text.as_bytes(), SUMMARY_MOST) {
            console.say(&format!("qgate: {name} is not written: {problem}\n"));
        }
    }
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn text_options(args: &RunArgs) -> text::TextOptions {
    text::TextOptions {
        width: width(args.text.width),
        detail: match (args.text.quiet, args.text.verbose) {
            (0, true) => text::Detail::Verbose,
            (0, false) => text::Detail::Normal,
            _ => text::Detail::Quiet,
        },
        max_findings: args.text.max_findings,
    }
}

/// What would run, and why not what would not.
fn outline(plan: &Plan) -> String {
    let mut out = format!(
        "stage {}: {} gates\n",
        escape(&plan.stage),
        plan.gates.len()
    );
    for planned in &plan.gates {
        out.push_str(&gate_outline(planned));
    }
    for notice in &plan.notices {
        out.push_str(&format!("note: {}\n", escape(notice)));
    }
    out
}

fn gate_outline(planned: &PlannedGate) -> String {
    let gate = &planned.gate;
    let level = format!("{:?}", gate.level).to_lowercase();
    let mut out = format!(
        "{} ({level}, {}): {}\n",
        escape(&gate.id),
        escape(&gate.component),
        escape(&gate.title)
    );
    if !planned.unset.is_empty() {
        out.push_str(&format!(
            "  not configured: set {}\n",
            escape(&planned.unset.join(", "))
        ));
    }
    for check in &planned.checks {
        let options = json::ascii(&check.check.options().to_string());
        out.push_str(&format!(
            "  check {}: {} {options}\n",
            escape(&check.name),
            check.check.name()
        ));
    }
    for criterion in &gate.criteria {
        let check = criterion
            .check
            .as_ref()
            .map(|name| format!("{name}."))
            .unwrap_or_default();
        let line = format!("{check}{} {}", criterion.metric, criterion.criterion);
        out.push_str(&format!(
            "  requires {} ({})\n",
            escape(&line),
            criterion.origin
        ));
    }
    if gate.criteria.is_empty() {
        out.push_str("  requires no finding of severity high or above\n");
    }
    out
}

/// Git history where there is no git.
struct NoGit;

fn no_git() -> Fault {
    Fault::new(
        FaultKind::Missing,
        "this is no git repository",
        "run `git init`, or leave out the checks of history",
    )
}

impl Git for NoGit {
    fn commits(&self, _: Option<&str>, _: &str) -> Result<Vec<crate::check::ports::Commit>, Fault> {
        Err(no_git())
    }

    fn has_commits(&self) -> Result<bool, Fault> {
        Err(no_git())
    }

    fn branches(&self) -> Result<Vec<String>, Fault> {
        Err(no_git())
    }

    fn config(&self, _: &str) -> Result<Option<String>, Fault> {
        Err(no_git())
    }
}
