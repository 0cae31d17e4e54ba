//! Owns the conclusion of one check: what it is given, its retries, its faults, its panics; and the pool of threads for
//! checks that wait.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::base::words::count;
use crate::check::Lane;
use crate::check::context::{Cx, LazyChange};
use crate::check::options::Glob;
use crate::check::ports::Ports;
use crate::config::plan::{PlannedCheck, PlannedGate};
use crate::model::evidence::{Completeness, Evidence};
use crate::model::fault::{Fault, FaultKind};
use crate::model::finding::Finding;
use crate::model::report::CheckReport;
use crate::model::rule::Severity;
use crate::model::waiver::FlawedWaiver;
use crate::source::tree::{FileMeta, SourceTree};

use super::pass::CheckObservations;
use super::{Watch, settle};

/// Set to a checker's name, it makes that checker panic: to see for oneself that a crash never passes.
const SEEDED_PANIC: &str = "QGATE_SEED_PANIC";

/// How many checks may wait at once.
pub const POOL: usize = 4;

/// What every conclusion of a run is given.
#[derive(Clone, Copy)]
pub struct Stand<'a> {
    /// The tree.
    pub tree: &'a dyn SourceTree,
    /// The change since the base.
    pub change: &'a LazyChange<'a>,
    /// The world.
    pub ports: Ports<'a>,
    /// Time and interruption.
    pub watch: &'a dyn Watch,
    /// The run's limit.
    pub deadline: Option<Duration>,
    /// Files that no check looks into.
    pub exclude: &'a [Glob],
    /// What is known of flawed waivers.
    pub waivers: &'a [FlawedWaiver],
}

/// Concludes a check and reports on it. `stopped`: the file pass did not reach every file.
#[must_use]
pub fn conclude(
    gate: &PlannedGate,
    planned: &PlannedCheck,
    observed: &CheckObservations,
    stopped: bool,
    stand: Stand<'_>,
) -> CheckReport {
    match attempt_all(gate, planned, observed, stopped, stand) {
        Ok(evidence) => settle::evidence(planned, evidence, observed.files.len()),
        Err(fault) => settle::fault(planned, &fault),
    }
}

fn attempt_all(
    gate: &PlannedGate,
    planned: &PlannedCheck,
    observed: &CheckObservations,
    stopped: bool,
    stand: Stand<'_>,
) -> Result<Evidence, Fault> {
    if let Some(path) = observed.panicked.first() {
        return Err(panicked(planned, &format!("at {path}")));
    }
    let mut failed: Vec<Finding> = Vec::new();
    let mut tries = 0;
    let mut evidence = loop {
        tries += 1;
        let result = attempt(gate, planned, observed, stand);
        let again = tries <= planned.retries && !stand.watch.interrupted();
        match result {
            Ok(evidence)
                if again
                    && evidence
                        .findings
                        .iter()
                        .any(|f| f.severity >= Severity::Medium) =>
            {
                failed.extend(evidence.findings);
            }
            Err(_) if again => {}
            Ok(evidence) => break evidence,
            Err(fault) => return Err(fault),
        }
    };
    if tries > 1 {
        evidence
            .notes
            .push(format!("took {}", count(tries as usize, "try")));
        let gone = failed.iter().filter(|f| {
            !evidence
                .findings
                .iter()
                .any(|g| (&g.rule, &g.place, &g.anchor) == (&f.rule, &f.place, &f.anchor))
        });
        let mut flaky: Vec<String> = gone
            .map(|f| format!("flaky: {} ({}) failed and then passed", f.headline, f.place))
            .collect();
        flaky.sort();
        flaky.dedup();
        evidence.notes.extend(flaky);
    }
    leave_out(planned, stand, &mut evidence);
    if is_idle(planned, stand, &evidence) {
        return Ok(Evidence::not_applicable("no file is here to look at"));
    }
    complain(planned, observed, stopped, stand, &mut evidence);
    Ok(evidence)
}

/// Had a check that judges files alone none to judge? What it found all the same, such as an expected file that is
/// missing, stands; a tree that could not be surveyed is not empty.
fn is_idle(planned: &PlannedCheck, stand: Stand<'_>, evidence: &Evidence) -> bool {
    planned.check.lane() == Lane::Pure
        && stand.tree.files().is_empty()
        && stand.tree.problems().is_empty()
        && evidence.findings.is_empty()
        && evidence.completeness == Completeness::Complete
}

/// Drops findings at excluded paths: a check that judges by paths, or an outside tool, may see more than the file pass.
fn leave_out(planned: &PlannedCheck, stand: Stand<'_>, evidence: &mut Evidence) {
    let globs = || stand.exclude.iter().chain(&planned.exclude);
    let excluded = |finding: &Finding| {
        let path = finding.place.path();
        path.is_some_and(|path| globs().any(|glob| glob.matches(path)))
    };
    evidence.findings.retain(|finding| !excluded(finding));
}

/// Adds what the file pass could not see.
fn complain(
    planned: &PlannedCheck,
    observed: &CheckObservations,
    stopped: bool,
    stand: Stand<'_>,
    evidence: &mut Evidence,
) {
    if !observed.unreadable.is_empty() {
        let unread = count(observed.unreadable.len(), "file");
        let first = &observed.unreadable[0];
        let what = format!("{unread} could not be read, first {first}");
        if observed.unreadable.len() > planned.tolerate_partial_files {
            evidence.partial(what);
        } else {
            evidence.notes.push(format!("tolerated: {what}"));
        }
    }
    let sees_files = planned.check.lane() == Lane::Pure
        || !observed.files.is_empty()
        || !observed.unreadable.is_empty();
    if stopped {
        evidence.partial("the run was stopped before every file was seen");
    }
    if sees_files && let Some(problem) = stand.tree.problems().first() {
        evidence.partial(format!("the tree could not be surveyed: {problem}"));
    }
}

fn attempt(
    gate: &PlannedGate,
    planned: &PlannedCheck,
    observed: &CheckObservations,
    stand: Stand<'_>,
) -> Result<Evidence, Fault> {
    let timeout = match stand
        .deadline
        .map(|deadline| deadline.saturating_sub(stand.watch.elapsed()))
    {
        Some(left) if left.is_zero() => return Err(out_of_time()),
        left => left.map_or(planned.timeout, |left| left.min(planned.timeout)),
    };
    if stand.watch.interrupted() {
        return Err(Fault::new(
            FaultKind::Cancelled,
            "the run was interrupted",
            "run it again",
        ));
    }
    let label = format!("{}.{}", gate.gate.id, planned.name);
    let cx = Cx {
        tree: stand.tree,
        change: stand.change,
        ports: stand.ports,
        timeout,
        waivers: stand.waivers,
        label: &label,
    };
    let all = stand.tree.files();
    let files: Vec<(&FileMeta, &[u8])> = observed
        .files
        .iter()
        .map(|(at, facts)| (&all[*at], &facts[..]))
        .collect();
    let seeded = stand
        .ports
        .surroundings
        .variable(SEEDED_PANIC)
        .is_some_and(|name| name == planned.check.name());
    catch_unwind(AssertUnwindSafe(|| {
        assert!(!seeded, "seeded by {SEEDED_PANIC}");
        planned.check.conclude(&files, &cx)
    }))
    .unwrap_or_else(|_| Err(panicked(planned, "while it concluded")))
}

fn panicked(planned: &PlannedCheck, place: &str) -> Fault {
    Fault::new(
        FaultKind::Panic,
        format!(
            "the checker `{}` panicked {place}: a defect of qgate",
            planned.check.name()
        ),
        "report it with the file; until then exclude the file from this check",
    )
}

fn out_of_time() -> Fault {
    Fault::new(
        FaultKind::Cancelled,
        "the run's deadline passed before this check began",
        "raise --deadline",
    )
}

/// Does `work` for each job on at most [`POOL`] threads, and returns when all is done.
pub fn in_pool<J: Sync>(jobs: &[J], work: impl Fn(&J) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..jobs.len().min(POOL) {
            scope.spawn(|| {
                while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    work(job);
                }
            });
        }
    });
}
