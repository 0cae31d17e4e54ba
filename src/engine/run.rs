//! Owns the order of a run: waves of gates by `needs`, lanes within a wave, and the report at the end.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rayon::prelude::*;

use crate::base::progress::Progress;
use crate::check::Lane;
use crate::check::context::{Base, LazyChange};
use crate::check::nowhere;
use crate::check::ports::Ports;
use crate::config::plan::{Plan, PlannedGate};
use crate::model::fault::{Fault, FaultKind};
use crate::model::gate::{FailureAction, Level, Scope};
use crate::model::outcome::{CheckOutcome, GateOutcome};
use crate::model::report::{CheckReport, GateReport, Report, Subject, Timing};
use crate::source::tree::SourceTree;

use super::cache::Cache;
use super::judge::{self, Circumstances};
use super::lanes::{self, Stand};
use super::pass::{self, CheckObservations, Observations, Position};
use super::{Store, Watch, newness, score, settle};

/// How a base's tree is opened.
pub type FindTree<'a> = dyn Fn(&Base) -> Result<Box<dyn SourceTree>, Fault> + Sync + 'a;

/// All that a run is given besides its plan.
#[derive(Clone, Copy)]
pub struct World<'a> {
    /// The tree that is judged.
    pub tree: &'a dyn SourceTree,
    /// What the tree is, for people: `work tree`.
    pub tree_name: &'a str,
    /// The change since the base.
    pub change: &'a LazyChange<'a>,
    /// The base's tree.
    pub base_tree: &'a FindTree<'a>,
    /// The ports.
    pub ports: Ports<'a>,
    /// Where the cache is kept; `None`: nowhere.
    pub store: Option<&'a dyn Store>,
    /// When the tree was surveyed, in nanoseconds since the epoch.
    pub surveyed: i128,
    /// Names the program: another one's cache entries are misses.
    pub build: &'a str,
    /// Time and interruption.
    pub watch: &'a dyn Watch,
    /// Where progress is told.
    pub progress: &'a dyn Progress,
}

/// What the command line decides.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Advisory gates decide too, and gates that are not configured are unknown.
    pub strict: bool,
    /// Nothing more is begun once a deciding gate has failed.
    pub fail_fast: bool,
    /// Gates that are waived, with the reason.
    pub bypass: BTreeMap<String, String>,
}

struct Run<'a> {
    plan: &'a Plan,
    world: World<'a>,
    settings: &'a Settings,
    stand: Stand<'a>,
    done: Mutex<BTreeMap<Position, (CheckReport, Duration)>>,
    observed: Observations,
    /// What the checks of scope `new` say of the base.
    base: Result<BTreeMap<Position, CheckReport>, Fault>,
    reports: Vec<Option<GateReport>>,
}

/// Runs a plan.
#[must_use]
pub fn run(plan: &Plan, world: World<'_>, settings: &Settings) -> Report {
    let stand = Stand {
        tree: world.tree,
        change: world.change,
        ports: world.ports,
        watch: world.watch,
        deadline: plan.deadline,
        exclude: &plan.exclude,
    };
    let mut run = Run {
        plan,
        world,
        settings,
        stand,
        done: Mutex::default(),
        observed: Observations::default(),
        base: Ok(BTreeMap::new()),
        reports: plan.gates.iter().map(|_| None).collect(),
    };
    for (number, wave) in waves(&plan.gates).into_iter().enumerate() {
        run.wave(&wave, number == 0);
    }
    run.report()
}

/// Gates grouped so that each comes after all that it needs.
fn waves(gates: &[PlannedGate]) -> Vec<Vec<usize>> {
    let mut depth: BTreeMap<&str, usize> = BTreeMap::new();
    let mut waves: Vec<Vec<usize>> = Vec::new();
    for (at, planned) in gates.iter().enumerate() {
        let needed = planned
            .gate
            .needs
            .iter()
            .filter_map(|need| depth.get(need.as_str()));
        let own = needed.max().map_or(0, |deepest| deepest + 1);
        depth.insert(&planned.gate.id, own);
        waves.resize_with(waves.len().max(own + 1), Vec::new);
        waves[own].push(at);
    }
    waves
}

impl Run<'_> {
    fn wave(&mut self, gates: &[usize], first: bool) {
        let runnable: Vec<usize> = gates
            .iter()
            .copied()
            .filter(|&g| self.is_runnable(g))
            .collect();
        let mut waiting = self.lane(&runnable, Lane::Waits);
        if first {
            let files = self.world.tree.files();
            let looks_at_files = |&(g, c): &Position| {
                files
                    .iter()
                    .any(|file| self.plan.gates[g].checks[c].check.wants(file))
            };
            let (after, beside): (Vec<Position>, Vec<Position>) =
                waiting.into_iter().partition(looks_at_files);
            waiting = after;
            let (this, beside) = (&*self, &beside);
            let cache = Cache::open(self.world.store, self.world.build, self.world.surveyed);
            let observed = std::thread::scope(|scope| {
                scope.spawn(move || lanes::in_pool(beside, |job| this.nothing_observed(*job)));
                pass::observe(
                    this.plan,
                    this.world.tree,
                    cache,
                    this.world.watch,
                    this.world.progress,
                    |_| true,
                )
            });
            self.observed = observed;
            self.base = self.look_at_base();
        }
        tracing::debug!(at = ?self.world.watch.elapsed(), "observed");
        lanes::in_pool(&waiting, |job| self.conclude(*job));
        self.lane(&runnable, Lane::Pure)
            .par_iter()
            .for_each(|job| self.conclude(*job));
        tracing::debug!(at = ?self.world.watch.elapsed(), "concluded what computes only");
        for lane in [Lane::Writes, Lane::Artifacts, Lane::Measures] {
            let jobs = self.lane(&runnable, lane);
            if self.settings.fail_fast && !jobs.is_empty() && self.has_failed(&runnable) {
                break;
            }
            if lane == Lane::Artifacts {
                lanes::in_pool(&jobs, |job| self.conclude(*job));
            } else {
                for job in jobs {
                    self.conclude(job);
                }
            }
        }
        for &gate in gates {
            self.reports[gate] = Some(self.judge(gate));
        }
    }

    /// Runs the checks of scope `new` that compute only on the base tree too. Here, and not when the first of them
    /// concludes: a pool worker must not wait.
    fn look_at_base(&self) -> Result<BTreeMap<Position, CheckReport>, Fault> {
        let gates = self.plan.gates.iter().enumerate();
        let new = gates
            .filter(|(_, planned)| planned.gate.scope == Scope::New && planned.unset.is_empty());
        let new: Vec<usize> = new.map(|(g, _)| g).collect();
        if new.is_empty() {
            return Ok(BTreeMap::new());
        }
        let jobs = self.lane(&new, Lane::Pure);
        let world = self.world;
        let base = world.change.base()?;
        world.change.diff()?;
        let tree = (world.base_tree)(base)?;
        let cache = Cache::open(world.store, world.build, world.surveyed);
        let observed = pass::observe(
            self.plan,
            &*tree,
            cache,
            world.watch,
            world.progress,
            |at| jobs.contains(&at),
        );
        let change = LazyChange::unknown(Fault::new(
            FaultKind::Missing,
            "the base has no base of its own here",
            "judge all findings: `scope: all`",
        ));
        let stand = Stand {
            tree: &*tree,
            change: &change,
            ports: nowhere::ports(),
            ..self.stand
        };
        let conclude = |&(g, c): &Position| {
            let (gate, check) = (&self.plan.gates[g], &self.plan.gates[g].checks[c]);
            let nothing = CheckObservations::default();
            let seen = observed.checks.get(&(g, c)).unwrap_or(&nothing);
            (
                (g, c),
                lanes::conclude(gate, check, seen, observed.stopped, stand),
            )
        };
        Ok(jobs.par_iter().map(conclude).collect())
    }

    /// Marks which findings the base has too.
    fn mark_known(&self, at: Position, report: &mut CheckReport) -> Result<(), Fault> {
        let check = &self.plan.gates[at.0].checks[at.1];
        let base = self.base.as_ref().map_err(Clone::clone)?;
        let diff = self.world.change.diff()?;
        match base.get(&at) {
            Some(base)
                if matches!(
                    base.outcome,
                    CheckOutcome::Complete | CheckOutcome::Partial | CheckOutcome::NotApplicable
                ) =>
            {
                newness::by_base(&mut report.findings, &base.findings, diff);
            }
            Some(base) => {
                let why = base.why.first().map_or("nobody knows why", String::as_str);
                let what = format!("what is new is not known: the base could not be judged: {why}");
                return Err(Fault::new(
                    FaultKind::Missing,
                    what,
                    "judge all findings: `scope: all`",
                ));
            }
            None => newness::by_lines(&mut report.findings, diff),
        }
        settle::count_new(check, report);
        Ok(())
    }

    /// Is there anything to run: not bypassed, configured, in scope, and not blocked by a needed gate?
    fn is_runnable(&self, gate: usize) -> bool {
        let planned = &self.plan.gates[gate];
        planned.unset.is_empty()
            && !self.settings.bypass.contains_key(&planned.gate.id)
            && self.blocker(planned).is_none()
            && self.in_scope(planned)
            && !(self.settings.fail_fast && self.reports.iter().flatten().any(decides_against))
    }

    /// Not applicable where no path matches.
    fn in_scope(&self, planned: &PlannedGate) -> bool {
        let matches = |file: &crate::source::tree::FileMeta| {
            planned.paths.iter().any(|glob| glob.matches(&file.path))
        };
        planned.paths.is_empty() || self.world.tree.files().iter().any(matches)
    }

    fn blocker<'g>(&'g self, planned: &'g PlannedGate) -> Option<(&'g str, GateOutcome)> {
        planned.gate.needs.iter().find_map(|need| {
            let report = self
                .reports
                .iter()
                .flatten()
                .find(|report| report.id == *need)?;
            let blocks = matches!(
                report.outcome,
                GateOutcome::Failed
                    | GateOutcome::NeedsApproval
                    | GateOutcome::Unknown
                    | GateOutcome::Warned
            );
            blocks.then_some((need.as_str(), report.outcome))
        })
    }

    fn lane(&self, gates: &[usize], lane: Lane) -> Vec<Position> {
        let mut jobs = Vec::new();
        for &g in gates {
            let checks = self.plan.gates[g].checks.iter().enumerate();
            jobs.extend(
                checks
                    .filter(|(_, check)| check.check.lane() == lane)
                    .map(|(c, _)| (g, c)),
            );
        }
        jobs
    }

    fn conclude(&self, at: Position) {
        match self.observed.checks.get(&at) {
            Some(observed) => self.conclude_with(at, observed),
            None => self.nothing_observed(at),
        }
    }

    /// For checks that wait and look at no file: they begin beside the file pass.
    fn nothing_observed(&self, at: Position) {
        self.conclude_with(at, &CheckObservations::default());
    }

    fn conclude_with(&self, (g, c): Position, observed: &CheckObservations) {
        let (gate, check) = (&self.plan.gates[g], &self.plan.gates[g].checks[c]);
        let started = self.world.watch.elapsed();
        let mut report = lanes::conclude(gate, check, observed, self.observed.stopped, self.stand);
        let has_evidence = matches!(
            report.outcome,
            CheckOutcome::Complete | CheckOutcome::Partial
        );
        if gate.gate.scope == Scope::New
            && has_evidence
            && let Err(fault) = self.mark_known((g, c), &mut report)
        {
            report = settle::fault(check, &fault);
        }
        let took = self.world.watch.elapsed().saturating_sub(started);
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        done.insert((g, c), (report, took));
        let total = self.plan.gates.iter().map(|gate| gate.checks.len()).sum();
        self.world.progress.at(done.len(), total, "checks");
    }

    fn has_failed(&self, gates: &[usize]) -> bool {
        gates.iter().any(|&gate| decides_against(&self.judge(gate)))
    }

    fn judge(&self, gate: usize) -> GateReport {
        let planned = &self.plan.gates[gate];
        let done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        let checks =
            planned
                .checks
                .iter()
                .enumerate()
                .map(|(c, check)| match done.get(&(gate, c)) {
                    Some((report, _)) => report.clone(),
                    None if !self.in_scope(planned) => {
                        settle::no_subject(check, "no file matches the gate's paths")
                    }
                    None => settle::skipped(check, "the run ended before it"),
                });
        let circumstances = Circumstances {
            strict: self.settings.strict,
            bypass: self
                .settings
                .bypass
                .get(&planned.gate.id)
                .map(String::as_str),
            blocked_by: self.blocker(planned),
        };
        judge::gate(planned, checks.collect(), circumstances)
    }

    fn report(self) -> Report {
        let plan = self.plan;
        let gates: Vec<GateReport> = self.reports.into_iter().flatten().collect();
        let score = score::score(&plan.score, &plan.gates, &gates);
        let (verdict, reasons) = judge::verdict(&gates, &score, &plan.score);
        let done = self
            .done
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let mut timing = Timing {
            total: self.world.watch.elapsed(),
            gates: BTreeMap::new(),
            late: Vec::new(),
            files_cached: self.observed.cached,
            files_read: self.observed.read,
        };
        for ((g, _), (_, took)) in done {
            *timing
                .gates
                .entry(plan.gates[g].gate.id.clone())
                .or_default() += took;
        }
        let target = |id: &str| {
            plan.gates
                .iter()
                .find(|g| g.gate.id == id)
                .and_then(|g| g.gate.duration_target)
        };
        let late = timing
            .gates
            .iter()
            .filter(|(id, took)| target(id).is_some_and(|target| **took > target));
        timing.late = late.map(|(id, _)| id.clone()).collect();
        let subject = Subject {
            stage: plan.stage.clone(),
            environment: plan.environment.clone(),
            configuration: plan.sources.clone(),
            tree: self.world.tree_name.to_owned(),
            base: (self.world.change.asked())
                .map(|base| format!("{} ({})", short(&base.commit), base.name)),
            files: self.world.tree.files().len(),
        };
        Report {
            verdict,
            reasons,
            subject,
            gates,
            score,
            notices: plan.notices.clone(),
            timing,
        }
    }
}

fn short(commit: &str) -> &str {
    commit.get(..10).unwrap_or(commit)
}

fn decides_against(gate: &GateReport) -> bool {
    gate.level == Level::Mandatory
        && gate.failure_action != FailureAction::Warn
        && matches!(
            gate.outcome,
            GateOutcome::Failed | GateOutcome::NeedsApproval
        )
}
