//! Owns the judging of one tree: the ports, the cache, and what is allowed to stand, put together for the engine.

use std::path::PathBuf;

use crate::base::node::Problem;
use crate::base::progress::Progress;
use crate::check::context::LazyChange;
use crate::check::ports::{Git, Ports};
use crate::config::GateFiles;
use crate::config::plan::Plan;
use crate::config::waivers::{self, Approval, Waivers};
use crate::engine::Store;
use crate::engine::run::{self as engine, Allowed, Settings, World};
use crate::history;
use crate::host::cache::Folder;
use crate::host::gate_files::OfTree;
use crate::host::interrupt::Cancel;
use crate::host::watch::{self, StopWatch};
use crate::host::{
    advisories, artifacts, checkout, database, http, load, machine, programs, store, surroundings,
    terminal,
};
use crate::model::baseline::Baseline;
use crate::model::fault::{Fault, FaultKind};
use crate::model::report::Report;
use crate::source::tree::{FileMeta, SourceTree, Tracking};

use super::line_hashes;
use super::run_args::RunArgs;
use super::site::{BadConfig, Site};
use super::{Usage, untrusted};

/// What is judged.
pub(super) struct Subject<'a> {
    /// The tree.
    pub tree: &'a dyn SourceTree,
    /// What it is, for people.
    pub tree_name: &'a str,
    /// When it was surveyed, in nanoseconds since the epoch.
    pub surveyed: i128,
    /// What is new in it.
    pub change: &'a LazyChange<'a>,
    /// How the base's tree is opened.
    pub base_tree: &'a engine::FindTree<'a>,
    /// Its history.
    pub git: &'a dyn Git,
    /// Where gate files, exemptions, approvals and the baseline come from.
    pub files: &'a (dyn GateFiles + Sync),
    /// The change is not trusted: see [`untrusted`].
    pub untrusted: bool,
}

/// What every run is given, whatever it judges.
#[derive(Clone, Copy)]
pub(super) struct Means<'a> {
    /// The flags.
    pub args: &'a RunArgs,
    /// Time.
    pub watch: &'a StopWatch,
    /// Interruption.
    pub cancel: &'a Cancel,
    /// Where progress is told.
    pub progress: &'a dyn Progress,
}

/// Judges a tree by a plan.
pub(super) fn judge_subject(
    site: &Site,
    plan: &Plan,
    settings: &Settings,
    subject: &Subject<'_>,
    means: Means<'_>,
) -> anyhow::Result<Report> {
    let dead = dead_globs(plan, subject.tree);
    if !dead.is_empty() {
        return Err(BadConfig(dead).into());
    }
    // What an untrusted change could have put into the repository is neither read nor written through.
    let configured = plan.configured && !subject.untrusted;
    let cache = if means.args.no_cache {
        None
    } else {
        cache_folder(site, configured, subject.tree).map(Folder)
    };
    let logs = log_folder(site, plan, configured);
    let (offline, cancel) = (means.args.offline, means.cancel);
    let runner = programs::Programs::new(site.root.clone(), logs, cancel.clone());
    let ports = Ports {
        artifacts: &artifacts::Disk::new(&site.root, site.repository()?.cloned()),
        programs: &runner,
        git: subject.git,
        http: &http::Client::new(offline, cancel.clone()),
        load: &load::Client::new(offline, cancel.clone()),
        databases: &database::Client::new(offline, cancel.clone()),
        advisories: &advisories::Folder::of_user(),
        surroundings: &surroundings::System::new(site.root.clone())
            .map_err(|problem| Usage::new(problem, "unset it, or set it to a time"))?,
        machine: &machine::System::new(runner.clone()),
        checkouts: &checkout::Checkouts::new(site.repository()?.cloned(), runner.clone()),
    };
    let guard = untrusted::Guard::new(ports, subject.change);
    let ports = if subject.untrusted {
        guard.ports()
    } else {
        ports
    };
    let approvals = || approvals(subject);
    let allowed = Allowed {
        baseline: baseline(subject.files)?,
        exemptions: waivers::exemptions(subject.files),
        approvals: &approvals,
        untrusted: subject.untrusted,
    };
    let world = World {
        allowed: &allowed,
        tree: subject.tree,
        tree_name: subject.tree_name,
        change: subject.change,
        base_tree: subject.base_tree,
        ports,
        store: cache.as_ref().map(|folder| folder as &dyn Store),
        surveyed: subject.surveyed,
        build: &watch::build(),
        watch: means.watch,
        progress: means.progress,
    };
    let mut report = engine::run(plan, world, settings);
    if line_hashes::are_wanted(means.args) {
        report.line_hashes = line_hashes::of(&report, subject.tree);
    }
    Ok(report)
}

/// Option globs that a user wrote and that match no file: most likely a misspelt path, and then the check sees nothing.
fn dead_globs(plan: &Plan, tree: &dyn SourceTree) -> Vec<Problem> {
    let globs = plan
        .gates
        .iter()
        .flat_map(|gate| &gate.checks)
        .flat_map(|check| &check.live_globs);
    let dead = globs.filter(|(glob, _)| !tree.files().iter().any(|file| glob.matches(&file.path)));
    let mut problems: Vec<Problem> = dead
        .map(|(glob, origin)| {
            let message = format!("the glob `{glob}` matches no file");
            Problem::new(
                origin,
                message,
                "globs start at the repository's root; `**/` stands for any folder",
            )
        })
        .collect();
    problems.dedup();
    problems
}

/// A cache that cannot be had makes a run slower, not wrong.
fn cache_folder(site: &Site, configured: bool, tree: &dyn SourceTree) -> Option<PathBuf> {
    // One that came with the repository was not written by this program.
    let own = |file: &FileMeta| {
        file.tracking == Tracking::Tracked && file.path.as_bytes().starts_with(b".qgate/cache/")
    };
    if configured && tree.files().iter().any(own) {
        tracing::warn!("no cache: the one in .qgate/cache is tracked by git");
        return None;
    }
    match store::cache_folder(&site.root, configured) {
        Ok(folder) => Some(folder),
        Err(problem) => {
            tracing::warn!(%problem, "no cache");
            None
        }
    }
}

/// Without a configuration nothing is written into the repository.
fn log_folder(site: &Site, plan: &Plan, configured: bool) -> Option<PathBuf> {
    if configured {
        return Some(site.root.join(&plan.log_folder));
    }
    Some(store::cache_folder(&site.root, false).ok()?.join("logs"))
}

/// The baseline that lies beside the gate files; `None` where there is none.
///
/// # Errors
/// When it cannot be read ([`Usage`]).
pub(super) fn baseline(files: &dyn GateFiles) -> Result<Option<Baseline>, Usage> {
    let path = history::baseline::PATH;
    let wrong = |why: String| {
        let help = "mend it, or remove it and make it anew with `qgate baseline`";
        Usage::new(format!("the baseline {path} cannot be read: {why}"), help)
    };
    let bytes = files.read(path).map_err(wrong)?;
    let read = bytes.map(|bytes| history::baseline::read(&bytes).map_err(wrong));
    read.transpose()
}

/// The approvals: on a CI system, and in a run that trusts nothing of the change, those of the base, so that no change
/// approves itself.
fn approvals(subject: &Subject<'_>) -> Result<Waivers<Approval>, Fault> {
    if subject.untrusted || !terminal::in_ci() {
        return Ok(waivers::approvals(subject.files));
    }
    let base = subject.change.base().map_err(|fault| {
        let what = format!("in CI they come from the base, and {}", fault.what);
        Fault::new(FaultKind::Missing, what, fault.cure)
    })?;
    let tree = (subject.base_tree)(base)?;
    Ok(waivers::approvals(&OfTree::new(&*tree)))
}
