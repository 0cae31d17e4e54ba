//! Owns how findings and gates stand in a run: known from before, waived, approved. Knows no order of checks.

use std::collections::BTreeMap;
use std::sync::{MutexGuard, PoisonError};

use rayon::prelude::*;

use crate::base::path::RepoPath;
use crate::check::Lane;
use crate::check::context::LazyChange;
use crate::check::nowhere;
use crate::check::ports::Ports;
use crate::config::plan::PlannedGate;
use crate::model::criterion::{Bound, Reference};
use crate::model::fault::{Fault, FaultKind};
use crate::model::finding::{Finding, Standing};
use crate::model::gate::{FailureAction, GateCriterion, Scope};
use crate::model::outcome::{CheckOutcome, GateOutcome};
use crate::model::place::Place;
use crate::model::quantity::Quantity;
use crate::model::report::{CheckReport, GateReport};
use crate::model::trace::Trace;
use crate::model::waiver::{Waiver, WaiverKind};
use crate::source::diff::Diff;

use super::cache::Cache;
use super::lanes::{self, Stand};
use super::ledger::Ledger;
use super::newness::Before;
use super::pass::{self, CheckObservations, Position};
use super::run::Run;
use super::{approval, ignores, newness, ratchet, settle};

impl Run<'_> {
    /// Takes the waivers that the pass found into the ledger.
    pub(super) fn collect_ignores(&self) {
        let files = self.world.tree.files();
        let mut ledger = self.ledger();
        let with_any = self.observed.rider.files.iter();
        for (at, facts) in with_any.filter(|(_, facts)| !facts.is_empty()) {
            ledger.add_file(&files[*at].path, &ignores::read(facts), self.untrusted());
        }
    }

    /// The change, where what it waives does not count.
    fn untrusted(&self) -> Option<&Diff> {
        // Without a known change an untrusted run does not begin.
        let is_untrusted = self.world.allowed.untrusted;
        is_untrusted.then(|| self.world.change.diff().ok())?
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs the checks that are compared with the base, and compute only, on the base tree too. Here, and not when the
    /// first of them concludes: a pool worker must not wait.
    pub(super) fn look_at_base(&self) -> Result<BTreeMap<Position, CheckReport>, Fault> {
        let gates = self.plan.gates.iter().enumerate();
        let compares = |planned: &PlannedGate| {
            let mut criteria = planned.gate.criteria.iter();
            let by_base = |bound: &Bound| {
                matches!(
                    bound,
                    Bound::Relative {
                        reference: Reference::BaseBranch,
                        ..
                    }
                )
            };
            planned.gate.scope == Scope::New || criteria.any(|c| by_base(&c.criterion.bound))
        };
        let is_asked = |planned: &PlannedGate| planned.unset.is_empty() && compares(planned);
        let accept = self.settings.accept;
        let new = gates.filter(|(_, planned)| !accept && is_asked(planned));
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
            None,
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
            // Supplies are what they are for the head: the same data, and the same day.
            ports: Ports {
                advisories: self.stand.ports.advisories,
                surroundings: self.stand.ports.surroundings,
                ..nowhere::ports()
            },
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

    /// Marks which findings were there before: on the base, or in the baseline.
    fn mark_known(&self, at: Position, report: &mut CheckReport) -> Result<(), Fault> {
        let on_base = self.known_on_base(at, &report.findings);
        if let Some(baseline) = &self.world.allowed.baseline {
            let label = ratchet::label(&self.plan.gates[at.0], at.1);
            let accepted = baseline.of_check(&label);
            let accepted: Vec<(&Trace, usize)> = accepted
                .map(|(trace, accepted)| (trace, accepted.count))
                .collect();
            let is_gone = |path: &RepoPath| self.world.tree.find(path).is_none();
            let before = Before::in_baseline(accepted.iter().copied(), &is_gone);
            let diff = self.world.change.asked().and(self.world.change.diff().ok());
            let (mut known, _) = before.matched(&report.findings, diff, &[]);
            if let (Ok(on_base), Some(base)) = (&on_base, self.on_base(at)) {
                let beside =
                    newness::beside_base(&accepted, &is_gone, base, &report.findings, on_base);
                for (at, known) in known.iter_mut().enumerate() {
                    *known = beside[at] || (*known && on_base[at]);
                }
            }
            newness::mark(&mut report.findings, &known, Standing::InBaseline);
        }
        match on_base {
            Ok(known) => newness::mark(&mut report.findings, &known, Standing::OnBase),
            // The baseline alone is enough to tell what is new: it only accepts less.
            Err(fault) if self.world.allowed.baseline.is_some() => {
                let note = format!("what is new is told by the baseline alone: {}", fault.what);
                report.notes.push(note);
            }
            Err(fault) => return Err(fault),
        }
        Ok(())
    }

    /// What a check found on the base, if it was run there.
    fn on_base(&self, at: Position) -> Option<&[Finding]> {
        let base = self.base.as_ref().ok()?.get(&at)?;
        Some(&base.findings)
    }

    /// Which of the findings the base has too.
    fn known_on_base(&self, at: Position, findings: &[Finding]) -> Result<Vec<bool>, Fault> {
        let base = self.base.as_ref().map_err(Clone::clone)?;
        let diff = self.world.change.diff()?;
        let Some(base) = base.get(&at) else {
            return Ok(newness::unchanged(findings, diff));
        };
        if !matches!(
            base.outcome,
            CheckOutcome::Complete | CheckOutcome::Partial | CheckOutcome::NotApplicable
        ) {
            let why = base.why.first().map_or("nobody knows why", String::as_str);
            let what = format!("what is new is not known: the base could not be judged: {why}");
            return Err(Fault::new(
                FaultKind::Missing,
                what,
                "judge all findings: `scope: all`",
            ));
        }
        let traces: Vec<Trace> = base.findings.iter().map(Trace::of).collect();
        let (known, _) = Before::on_base(&traces, diff).matched(findings, Some(diff), &[]);
        Ok(known)
    }

    /// How the findings of a check stand: waived, known, or counting.
    pub(super) fn settled(&self, at: Position, raw: &CheckReport) -> CheckReport {
        let (planned, check) = (&self.plan.gates[at.0], &self.plan.gates[at.0].checks[at.1]);
        let mut report = raw.clone();
        if !matches!(
            report.outcome,
            CheckOutcome::Complete | CheckOutcome::Partial
        ) {
            return report;
        }
        self.waive(&mut report.findings);
        if planned.gate.scope == Scope::New
            && !self.settings.accept
            && let Err(fault) = self.mark_known(at, &mut report)
        {
            return settle::fault(check, &fault);
        }
        settle::recount(check, &mut report);
        report
    }

    fn waive(&self, findings: &mut [Finding]) {
        let mut ledger = self.ledger();
        for path in findings.iter().filter_map(|finding| finding.place.path()) {
            if !ledger.has_file(path) && !self.was_searched(path) {
                let file = self.world.tree.find(path);
                let found = file.map(|file| ignores::of(self.world.tree, file));
                ledger.add_file(path, &found.unwrap_or_default(), self.untrusted());
            }
        }
        ledger.waive(findings);
    }

    /// Did the pass look for waivers in this file?
    fn was_searched(&self, path: &RepoPath) -> bool {
        let files = self.world.tree.files();
        let searched = &self.observed.rider.files;
        let found = searched.binary_search_by(|(at, _)| files[*at].path.cmp(path));
        found.is_ok()
    }

    /// What a relative criterion compares with.
    pub(super) fn recall(
        &self,
        gate: usize,
        reference: Reference,
        check: usize,
        wanted: &GateCriterion,
    ) -> Option<Quantity> {
        match reference {
            Reference::Baseline => {
                let baseline = self.world.allowed.baseline.as_ref()?;
                let id = &self.plan.gates[gate].gate.id;
                Some(baseline.value(id, &approval::name_of(wanted))?.quantity())
            }
            Reference::BaseBranch => {
                let base = self.base.as_ref().ok()?.get(&(gate, check))?;
                let mut measurements = base.measurements.iter();
                let own = measurements.find(|m| m.metric == wanted.metric)?;
                (base.outcome == CheckOutcome::Complete).then(|| own.value.quantity())
            }
        }
    }

    /// Lets a gate that did not pass go on, if an exemption or an approval says so; the approval or bypass that was used.
    pub(super) fn let_go_on(&self, gate: usize, report: &mut GateReport) -> Option<Waiver> {
        if let Some(reason) = self.settings.bypass.get(&report.id) {
            return Some(Waiver {
                kind: WaiverKind::Bypass,
                what: format!("gate {}", report.id),
                place: Place::Object("the command line".to_owned()),
                reason: reason.clone(),
                owner: None,
                until: None,
                used: 1,
            });
        }
        let did_not_pass = matches!(
            report.outcome,
            GateOutcome::Failed
                | GateOutcome::NeedsApproval
                | GateOutcome::Unknown
                | GateOutcome::Warned
        );
        if did_not_pass && let Some((at, text)) = self.ledger().of_gate(&report.id) {
            report.outcome = GateOutcome::Bypassed;
            report.reasons.insert(0, text);
            report.exempt = Some(at);
            return None;
        }
        if report.outcome != GateOutcome::NeedsApproval {
            return None;
        }
        match self.approvals.get_or_init(self.world.allowed.approvals) {
            Ok(approvals) => approval::approve(
                &self.plan.gates[gate],
                report,
                &approvals.entries,
                &self.ledger(),
            ),
            Err(fault) => {
                let why = format!("approvals cannot be read: {}", fault.what);
                report.reasons.push(why);
                report.cures.push(fault.cure.clone());
                None
            }
        }
    }

    /// Finds out what is wrong with waivers, when all gates but those that look back are judged.
    pub(super) fn look_back(&mut self) {
        let gates: Vec<Option<&GateReport>> = self.reports.iter().map(Option::as_ref).collect();
        let mut flawed = self.ledger().flawed(self.plan, &gates);
        let can_be_approved =
            |planned: &PlannedGate| planned.gate.failure_action == FailureAction::RequireApproval;
        if self.plan.gates.iter().any(can_be_approved)
            && let Ok(approvals) = self.approvals.get_or_init(self.world.allowed.approvals)
        {
            let judged = gates.into_iter().flatten().cloned().collect::<Vec<_>>();
            flawed.extend(approvals.flawed.iter().cloned());
            flawed.extend(approval::flawed(
                &approvals.entries,
                &judged,
                &self.ledger(),
            ));
        }
        self.flawed = flawed;
    }
}
