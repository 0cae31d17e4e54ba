//! Owns the ratchet: where a run is better than the baseline, and the baseline that it would make. Pure.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::base::path::RepoPath;
use crate::base::words::count;
use crate::config::plan::{Plan, PlannedGate};
use crate::model::baseline::{Accepted, Baseline, Recorded};
use crate::model::criterion::{Bound, Op, Reference};
use crate::model::finding::Finding;
use crate::model::gate::{GateCriterion, Scope};
use crate::model::metric::Value;
use crate::model::outcome::CheckOutcome;
use crate::model::report::{CheckReport, GateReport};
use crate::model::trace::Trace;

use super::approval::name_of;
use super::criteria;
use super::newness::Before;

/// Where a run is better than the baseline.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gain {
    /// Findings of the baseline that are gone, by check and trace.
    pub gone: BTreeMap<(String, Trace), usize>,
    /// Values that are better now, by gate and metric.
    pub better: BTreeMap<(String, String), Value>,
}

impl Gain {
    /// Is there none?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.gone.is_empty() && self.better.is_empty()
    }

    /// In words: `3 findings are gone, line_coverage of gate unit is better`.
    #[must_use]
    pub fn told(&self) -> String {
        let gone: usize = self.gone.values().sum();
        let mut parts = Vec::new();
        match gone {
            0 => {}
            1 => parts.push("1 finding is gone".to_owned()),
            more => parts.push(format!("{} are gone", count(more, "finding"))),
        }
        let better = self.better.keys();
        parts.extend(better.map(|(gate, metric)| format!("{metric} of gate {gate} is better")));
        parts.join(", ")
    }
}

/// The name of a check in the baseline: `gate.check`.
#[must_use]
pub fn label(planned: &PlannedGate, check: usize) -> String {
    format!("{}.{}", planned.gate.id, planned.checks[check].name)
}

/// Compares a run with the baseline. `is_gone`: is a file no longer in the tree?
#[must_use]
pub fn gain(
    plan: &Plan,
    gates: &[GateReport],
    baseline: &Baseline,
    is_gone: &dyn Fn(&RepoPath) -> bool,
) -> Gain {
    let mut gain = Gain::default();
    for ((check, trace), accepted) in &baseline.findings {
        let gate = check.split('.').next().unwrap_or_default();
        if plan.scopes.get(gate) != Some(&Scope::New) {
            gain.gone
                .insert((check.clone(), trace.clone()), accepted.count);
        }
    }
    for (planned, gate) in plan.gates.iter().zip(gates) {
        for (c, check) in gate.checks.iter().enumerate() {
            if planned.gate.scope != Scope::New || !knows(check) {
                continue;
            }
            let label = label(planned, c);
            let before: Vec<(&Trace, usize)> = baseline
                .of_check(&label)
                .map(|(trace, accepted)| (trace, accepted.count))
                .collect();
            let (_, left) = Before::in_baseline(before.iter().copied(), is_gone).matched(
                &check.findings,
                None,
                &[],
            );
            let left = before.iter().zip(left).filter(|(_, left)| *left > 0);
            gain.gone
                .extend(left.map(|((trace, _), left)| ((label.clone(), (*trace).clone()), left)));
        }
        for (criterion, value) in compared(planned, gate) {
            let key = (planned.gate.id.clone(), name_of(criterion));
            let Some(recorded) = baseline.values.get(&key) else {
                continue;
            };
            let (old, new) = (recorded.value.quantity(), value.quantity());
            let better = match criterion.criterion.op {
                Op::Less | Op::AtMost => new.number < old.number,
                Op::AtLeast | Op::More => new.number > old.number,
                Op::Equal => false,
            };
            if better {
                gain.better.insert(key, value);
            }
        }
    }
    gain
}

/// The baseline that this run makes of the old one: the checks and values of its gates anew, those of others as they were.
#[must_use]
pub fn accept(plan: &Plan, gates: &[GateReport], old: &Baseline, today: Date) -> Baseline {
    let mut new = old.clone();
    for (planned, gate) in plan.gates.iter().zip(gates) {
        let prefix = format!("{}.", planned.gate.id);
        new.findings
            .retain(|(check, _), _| !check.starts_with(&prefix));
        new.values.retain(|(own, _), _| *own != planned.gate.id);
        if planned.gate.scope == Scope::New {
            for (c, check) in gate.checks.iter().enumerate() {
                let judged: Vec<&Finding> = check
                    .findings
                    .iter()
                    .filter(|finding| !finding.is_waived())
                    .collect();
                for finding in judged {
                    let key = (label(planned, c), Trace::of(finding));
                    let since = old.findings.get(&key).map_or(today, |known| known.since);
                    let slot = new
                        .findings
                        .entry(key)
                        .or_insert(Accepted { count: 0, since });
                    slot.count += 1;
                }
            }
        }
        for (criterion, value) in compared(planned, gate) {
            let key = (planned.gate.id.clone(), name_of(criterion));
            let known = old.values.get(&key).filter(|known| known.value == value);
            let since = known.map_or(today, |known| known.since);
            new.values.insert(key, Recorded { value, since });
        }
    }
    new.findings.retain(|(check, _), _| {
        let gate = check.split('.').next().unwrap_or_default();
        plan.scopes.get(gate) == Some(&Scope::New)
    });
    new.values
        .retain(|(gate, _), _| plan.scopes.contains_key(gate));
    new
}

/// The old baseline without what is gone; with `values`, those that are better taken as well.
#[must_use]
pub fn tighten(old: &Baseline, gain: &Gain, values: bool, today: Date) -> Baseline {
    let mut new = old.clone();
    for (key, gone) in &gain.gone {
        if let Some(accepted) = new.findings.get_mut(key) {
            accepted.count = accepted.count.saturating_sub(*gone);
        }
    }
    new.findings.retain(|_, accepted| accepted.count > 0);
    if values {
        for (key, value) in &gain.better {
            let recorded = Recorded {
                value: *value,
                since: today,
            };
            new.values.insert(key.clone(), recorded);
        }
    }
    new
}

/// Does a criterion of the gate compare with the baseline?
#[must_use]
pub fn is_compared(planned: &PlannedGate) -> bool {
    planned.gate.criteria.iter().any(compares)
}

fn compares(criterion: &GateCriterion) -> bool {
    matches!(
        criterion.criterion.bound,
        Bound::Relative {
            reference: Reference::Baseline,
            ..
        }
    )
}

/// The criteria of a gate that compare with the baseline, each with the value that was measured now.
fn compared<'p>(planned: &'p PlannedGate, gate: &GateReport) -> Vec<(&'p GateCriterion, Value)> {
    let relative = planned
        .gate
        .criteria
        .iter()
        .filter(|criterion| compares(criterion));
    let measured = relative.filter_map(|criterion| {
        let (_, _, check) = criteria::giver(planned, criterion, &gate.checks)?;
        let mut measurements = check.measurements.iter();
        let own = measurements.find(|m| m.metric == criterion.metric)?;
        (check.outcome == CheckOutcome::Complete).then_some((criterion, own.value))
    });
    measured.collect()
}

fn knows(check: &CheckReport) -> bool {
    matches!(
        check.outcome,
        CheckOutcome::Complete | CheckOutcome::NotApplicable
    )
}
