//! Owns approvals: what of a gate has to be approved, and whether an approval is for just that. Pure.

use std::collections::BTreeMap;

use crate::base::digest::Digest;
use crate::config::plan::PlannedGate;
use crate::config::waivers::{Approval, place};
use crate::model::criterion::Op;
use crate::model::gate::GateCriterion;
use crate::model::metric::Source;
use crate::model::outcome::GateOutcome;
use crate::model::quantity::Quantity;
use crate::model::report::{Approvable, GateReport};
use crate::model::waiver::{Flaw, FlawedWaiver, Waiver, WaiverKind};

use super::ledger::Ledger;

/// What an approval of this gate has to name: the broken criteria, the findings that broke them, and the values that were
/// measured.
#[must_use]
pub fn approvable(planned: &PlannedGate, report: &GateReport) -> Approvable {
    let mut parts: Vec<&str> = vec!["approval/1", &report.id];
    let mut values = BTreeMap::new();
    for (at, criterion) in report.criteria.iter().enumerate() {
        if criterion.held != Some(false) {
            continue;
        }
        parts.extend([criterion.metric.as_str(), &criterion.required]);
        let written = planned.gate.criteria.get(at);
        let is_measured = written.is_some_and(|written| is_measured(planned, written));
        if let (true, Some(value)) = (is_measured, criterion.value) {
            values.insert(criterion.metric.clone(), value);
        }
    }
    parts.push("");
    parts.extend(report.decisive.iter().map(String::as_str));
    Approvable {
        digest: Digest::of_parts(parts).short(),
        values,
    }
}

fn is_measured(planned: &PlannedGate, criterion: &GateCriterion) -> bool {
    let checks = planned.checks.iter().filter(|check| {
        let name = criterion.check.as_ref();
        name.is_none_or(|name| *name == check.name)
    });
    let mut metrics = checks.flat_map(|check| check.check.metrics());
    metrics.any(|metric| metric.name == criterion.metric && metric.source == Source::Measured)
}

/// The waiver that an approval is.
fn waiver(approval: &Approval) -> Waiver {
    Waiver {
        kind: WaiverKind::Approval,
        what: format!("gate {}", approval.gate),
        place: place(&approval.origin),
        reason: approval.reason.clone(),
        owner: Some(approval.approver.clone()),
        until: Some(approval.expires),
        used: 1,
    }
}

/// Lets a gate that needs an approval go on, if one of these is for just what failed in it; the waiver that it is then.
/// Else says why none fits.
pub fn approve(
    planned: &PlannedGate,
    report: &mut GateReport,
    approvals: &[Approval],
    ledger: &Ledger,
) -> Option<Waiver> {
    let wanted = report.approval.as_ref()?;
    let mut near = Vec::new();
    for approval in approvals
        .iter()
        .filter(|approval| approval.gate == report.id)
    {
        let waiver = waiver(approval);
        if let Some(flawed) = ledger.time_flaw(&waiver) {
            near.push(format!("{} ({})", flawed.headline, waiver.place));
        } else if approval.digest != wanted.digest {
            near.push(format!(
                "the approval at {} is for something else",
                waiver.place
            ));
        } else if let Some(worse) = worse(planned, wanted, approval) {
            near.push(format!("{worse} ({})", waiver.place));
        } else {
            report.outcome = GateOutcome::Approved;
            report.reasons.insert(
                0,
                format!("approved by {}: {}", approval.approver, approval.reason),
            );
            return Some(waiver);
        }
    }
    report.reasons.extend(near);
    None
}

/// The first value that is worse than what was approved, in words.
fn worse(planned: &PlannedGate, wanted: &Approvable, approval: &Approval) -> Option<String> {
    wanted.values.iter().find_map(|(metric, value)| {
        let Some(most) = approval.values.get(metric) else {
            return Some(format!(
                "the approval names no value of {metric}, which is {value}"
            ));
        };
        let mut own = planned.gate.criteria.iter();
        let op = own.find(|c| name_of(c) == *metric)?.criterion.op;
        is_worse(op, *value, *most).then(|| format!("{metric} is {value}, approved up to {most}"))
    })
}

fn is_worse(op: Op, value: Quantity, approved: Quantity) -> bool {
    if value.dimension != approved.dimension {
        return true;
    }
    match op {
        Op::Less | Op::AtMost => value.number > approved.number,
        Op::AtLeast | Op::More => value.number < approved.number,
        Op::Equal => value.number != approved.number,
    }
}

/// A criterion's metric, as gate files name it.
#[must_use]
pub fn name_of(criterion: &GateCriterion) -> String {
    match &criterion.check {
        Some(check) => format!("{check}.{}", criterion.metric),
        None => criterion.metric.clone(),
    }
}

/// Approvals whose time is over or too long, and those of gates that passed without them.
#[must_use]
pub fn flawed(approvals: &[Approval], gates: &[GateReport], ledger: &Ledger) -> Vec<FlawedWaiver> {
    let one = |approval: &Approval| {
        let waiver = waiver(approval);
        ledger.time_flaw(&waiver).or_else(|| {
            let mut own = gates.iter();
            let passed =
                own.any(|gate| gate.id == approval.gate && gate.outcome == GateOutcome::Passed);
            passed.then(|| FlawedWaiver {
                flaw: Flaw::Unused,
                place: waiver.place.clone(),
                headline: format!(
                    "the approval of gate {} waives nothing: it passed",
                    approval.gate
                ),
                help: "remove it".to_owned(),
            })
        })
    };
    approvals.iter().filter_map(one).collect()
}
