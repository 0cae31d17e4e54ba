//! Owns the order of a run: waves of gates by `needs`, lanes within a wave, and the report at the end.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use rayon::prelude::*;

use crate::base::path::RepoPath;
use crate::base::progress::Progress;
use crate::check::Lane;
use crate::check::context::{Base, LazyChange};
use crate::check::ports::Ports;
use crate::config::plan::{Plan, PlannedCheck, PlannedGate};
use crate::config::waivers::{Approval, Exemption, Waivers};
use crate::model::baseline::Baseline;
use crate::model::fault::Fault;
use crate::model::gate::{FailureAction, GateCriterion, Level};
use crate::model::outcome::GateOutcome;
use crate::model::report::{CheckReport, GateReport, Report, Subject, Timing};
use crate::model::waiver::{FlawedWaiver, Waiver};
use crate::source::tree::SourceTree;

use super::cache::Cache;
use super::judge::{self, Circumstances};
use super::lanes::{self, Stand};
use super::ledger::Ledger;
use super::pass::{self, CheckObservations, Observations, Position};
use super::{Store, Watch, ignores, ratchet, score, settle, twins};

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
    /// What is allowed to stand although it is not right.
    pub allowed: &'a Allowed<'a>,
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
    /// All findings count, whether they were there before or not: for a baseline.
    pub accept: bool,
}

/// Where approvals are read from.
pub type FindApprovals<'a> = dyn Fn() -> Result<Waivers<Approval>, Fault> + Sync + 'a;

/// What is allowed to stand although it is not right.
pub struct Allowed<'a> {
    /// The baseline, if there is one.
    pub baseline: Option<Baseline>,
    /// The exemptions.
    pub exemptions: Waivers<Exemption>,
    /// The approvals; asked for only when a gate can be approved.
    pub approvals: &'a FindApprovals<'a>,
    /// Inline waivers that the change brings do not count.
    pub untrusted: bool,
}

pub(super) struct Run<'a> {
    pub(super) plan: &'a Plan,
    pub(super) world: World<'a>,
    pub(super) settings: &'a Settings,
    pub(super) stand: Stand<'a>,
    pub(super) done: Mutex<BTreeMap<Position, (CheckReport, Duration)>>,
    pub(super) observed: Observations,
    /// What the checks that are compared with the base say of it.
    pub(super) base: Result<BTreeMap<Position, CheckReport>, Fault>,
    pub(super) ledger: Mutex<Ledger>,
    pub(super) approvals: OnceLock<Result<Waivers<Approval>, Fault>>,
    /// Waivers that were used and are not in the ledger: approvals and bypasses.
    pub(super) others: Vec<Waiver>,
    /// What is wrong with waivers, known when all gates but those that look back are judged.
    pub(super) flawed: Vec<FlawedWaiver>,
    pub(super) reports: Vec<Option<GateReport>>,
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
        waivers: &[],
    };
    let Waivers { entries, flawed } = &world.allowed.exemptions;
    let ledger = Ledger::new(
        world.ports.surroundings.today(),
        plan.max_exemption_days,
        entries,
        flawed,
    );
    let mut run = Run {
        plan,
        world,
        settings,
        stand,
        done: Mutex::default(),
        observed: Observations::default(),
        base: Ok(BTreeMap::new()),
        ledger: Mutex::new(ledger),
        approvals: OnceLock::new(),
        others: Vec::new(),
        flawed: Vec::new(),
        reports: plan.gates.iter().map(|_| None).collect(),
    };
    let (first, last) = waves(&plan.gates);
    for (number, wave) in first.iter().enumerate() {
        run.wave(wave, number == 0);
    }
    run.look_back();
    for wave in &last {
        run.wave(wave, first.is_empty());
    }
    run.report()
}

/// Gates grouped so that each comes after all that it needs; those that look back, and those that need them, apart.
fn waves(gates: &[PlannedGate]) -> (Vec<Vec<usize>>, Vec<Vec<usize>>) {
    let mut depth: BTreeMap<&str, (bool, usize)> = BTreeMap::new();
    let (mut first, mut last): (Vec<Vec<usize>>, Vec<Vec<usize>>) = Default::default();
    for (at, planned) in gates.iter().enumerate() {
        let looks_back = |check: &PlannedCheck| check.check.lane() == Lane::LooksBack;
        let needs = planned.gate.needs.iter();
        let needed: Vec<(bool, usize)> = needs
            .filter_map(|need| depth.get(need.as_str()).copied())
            .collect();
        let is_last =
            planned.checks.iter().any(looks_back) || needed.iter().any(|(is_last, _)| *is_last);
        let same = needed.iter().filter(|(own, _)| *own == is_last);
        let own = same.map(|(_, deepest)| deepest + 1).max().unwrap_or(0);
        depth.insert(&planned.gate.id, (is_last, own));
        let waves = if is_last { &mut last } else { &mut first };
        waves.resize_with(waves.len().max(own + 1), Vec::new);
        waves[own].push(at);
    }
    (first, last)
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
                    Some(&ignores::rider()),
                    |_| true,
                )
            });
            self.observed = observed;
            self.collect_ignores();
            self.base = self.look_at_base();
        }
        tracing::debug!(at = ?self.world.watch.elapsed(), "observed");
        lanes::in_pool(&waiting, |job| self.conclude(*job));
        self.lane(&runnable, Lane::Pure)
            .par_iter()
            .for_each(|job| self.conclude(*job));
        tracing::debug!(at = ?self.world.watch.elapsed(), "concluded what computes only");
        for lane in [
            Lane::Writes,
            Lane::Artifacts,
            Lane::Measures,
            Lane::LooksBack,
        ] {
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
            let mut report = self.judge(gate);
            let waiver = self.let_go_on(gate, &mut report);
            self.others.extend(waiver);
            self.reports[gate] = Some(report);
        }
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

    pub(super) fn lane(&self, gates: &[usize], lane: Lane) -> Vec<Position> {
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
        let stand = Stand {
            waivers: &self.flawed,
            ..self.stand
        };
        let report = lanes::conclude(gate, check, observed, self.observed.stopped, stand);
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
                    Some((report, _)) => self.settled((gate, c), report),
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
        let recall =
            |reference, check, wanted: &GateCriterion| self.recall(gate, reference, check, wanted);
        judge::gate(planned, checks.collect(), circumstances, &recall)
    }

    fn report(self) -> Report {
        let plan = self.plan;
        let mut gates: Vec<GateReport> = self.reports.into_iter().flatten().collect();
        let ledger = self
            .ledger
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let mut waivers = ledger.close(&mut gates);
        waivers.extend(self.others);
        let checks = gates.iter().flat_map(|gate| &gate.checks);
        let mut accepted: Vec<Waiver> = checks.flat_map(|check| check.waivers.clone()).collect();
        accepted.sort_by(|a, b| (&a.place, &a.what).cmp(&(&b.place, &b.what)));
        accepted.dedup();
        waivers.extend(accepted);
        let mut notices = plan.notices.clone();
        notices.extend(flaw_notices(plan, &self.flawed));
        if let Some(baseline) = &self.world.allowed.baseline {
            let is_gone = |path: &RepoPath| self.world.tree.find(path).is_none();
            let gain = ratchet::gain(plan, &gates, baseline, &is_gone);
            if !gain.is_empty() {
                notices.push(format!(
                    "better than the baseline: {}; `qgate baseline --tighten` takes the gain",
                    gain.told()
                ));
            }
        }
        let checks = gates.iter_mut().flat_map(|gate| &mut gate.checks);
        let mut findings: Vec<_> = checks.flat_map(|check| &mut check.findings).collect();
        twins::mark(&mut findings);
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
            notices,
            waivers,
            flawed_waivers: self.flawed,
            line_hashes: BTreeMap::new(),
            timing,
        }
    }
}

/// What is wrong with waivers, as notices, where no gate tells it.
fn flaw_notices(plan: &Plan, flawed: &[FlawedWaiver]) -> Vec<String> {
    let mut checks = plan.gates.iter().flat_map(|gate| &gate.checks);
    if checks.any(|check| check.check.lane() == Lane::LooksBack) {
        return Vec::new();
    }
    let told = flawed
        .iter()
        .map(|flawed| format!("{}: {}; {}", flawed.place, flawed.headline, flawed.help));
    told.collect()
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
