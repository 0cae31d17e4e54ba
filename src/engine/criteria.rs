//! Owns the weighing of one criterion against the reports of its gate's checks. Pure; what nobody knows never holds.

use crate::config::plan::PlannedGate;
use crate::model::criterion::{Bound, Criterion, Op};
use crate::model::finding::Finding;
use crate::model::gate::GateCriterion;
use crate::model::metric::{Metric, Source};
use crate::model::number::Number;
use crate::model::outcome::CheckOutcome;
use crate::model::quantity::{Dimension, Quantity};
use crate::model::report::{CheckReport, CriterionReport};
use crate::model::rule::Severity;

/// What can be said of a gate or a criterion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// It held.
    Held,
    /// It did not.
    Broken,
    /// Nobody knows.
    Unknown,
    /// There is nothing to judge.
    NoSubject,
}

/// A criterion as it was weighed.
pub struct Weighed {
    /// What can be said of it.
    pub class: Class,
    /// For the report.
    pub report: CriterionReport,
    /// Why it did not hold, in one line; `None` where it held, or where the check's own fault says why.
    pub why: Option<String>,
    /// The fingerprints of the findings that broke it.
    pub decisive: Vec<String>,
}

impl Weighed {
    fn new(report: CriterionReport, class: Class, why: Option<String>) -> Self {
        let held = match class {
            Class::Held => Some(true),
            Class::Broken => Some(false),
            Class::Unknown | Class::NoSubject => None,
        };
        Self {
            class,
            report: CriterionReport { held, ..report },
            why,
            decisive: Vec::new(),
        }
    }

    fn decided_by<'f>(mut self, findings: impl Iterator<Item = &'f Finding>) -> Self {
        if self.class == Class::Broken {
            self.decisive = findings.map(|f| f.fingerprint.clone()).collect();
        }
        self
    }
}

/// What a gate without criteria asks for.
#[must_use]
pub fn no_grave_finding(planned: &PlannedGate, checks: &[CheckReport]) -> Weighed {
    let all = checks.iter().flat_map(|check| &check.findings);
    let grave: Vec<&Finding> = all
        .filter(|f| !f.known && f.severity >= Severity::High)
        .collect();
    let known = checks.iter().all(|check| {
        matches!(
            check.outcome,
            CheckOutcome::Complete | CheckOutcome::NotApplicable
        )
    });
    let class = match (grave.len(), known) {
        (1.., _) => Class::Broken,
        (0, true) => Class::Held,
        (0, false) => Class::Unknown,
    };
    let report = CriterionReport {
        metric: "findings of severity high or above".to_owned(),
        required: "== 0".to_owned(),
        value: Some(Quantity::count(grave.len())),
        held: None,
        origin: planned.gate.origin.to_string(),
    };
    let why = (class == Class::Broken).then(|| {
        let found = crate::base::words::count(grave.len(), "finding");
        format!("{found} of severity high or above, none is allowed")
    });
    Weighed::new(report, class, why).decided_by(grave.into_iter())
}

/// Weighs a criterion of the gate.
#[must_use]
pub fn weigh(planned: &PlannedGate, wanted: &GateCriterion, checks: &[CheckReport]) -> Weighed {
    let name = match &wanted.check {
        Some(check) => format!("{check}.{}", wanted.metric),
        None => wanted.metric.clone(),
    };
    let mut report = CriterionReport {
        metric: name.clone(),
        required: wanted.criterion.to_string(),
        value: None,
        held: None,
        origin: wanted.origin.to_string(),
    };
    let Some((metric, check)) = giver(planned, wanted, checks) else {
        let why = format!("no check of this gate gives {name}");
        return Weighed::new(report, Class::Unknown, Some(why));
    };
    match check.outcome {
        CheckOutcome::NotApplicable => return Weighed::new(report, Class::NoSubject, None),
        CheckOutcome::Skipped | CheckOutcome::Errored | CheckOutcome::TimedOut => {
            return Weighed::new(report, Class::Unknown, None);
        }
        CheckOutcome::Complete | CheckOutcome::Partial => {}
    }
    let mut measurements = check.measurements.iter();
    let Some(measured) = measurements.find(|m| m.metric == wanted.metric) else {
        let why = format!("{name} was not measured by {}", check.name);
        return Weighed::new(report, Class::Unknown, Some(why));
    };
    let value = measured.value.quantity();
    report.value = Some(value);
    let criterion = &wanted.criterion;
    let class = class(criterion, value, &metric, check.outcome);
    let why = match class {
        Class::Broken => Some(format!(
            "{name} is {value}, required {criterion} ({})",
            wanted.origin
        )),
        Class::Unknown if criterion.holds(value, None).is_none() => Some(format!(
            "{name} is {value}, but there is nothing recorded to compare with ({criterion})"
        )),
        _ => None,
    };
    let judged = check.findings.iter().filter(|finding| !finding.known);
    let counted = judged.filter(|finding| {
        let counts = metric.source.counts(&finding.rule, finding.severity);
        counts.unwrap_or(true)
    });
    Weighed::new(report, class, why).decided_by(counted)
}

/// The metric that is asked for, and the report of the check that gives it.
fn giver<'c>(
    planned: &PlannedGate,
    wanted: &GateCriterion,
    checks: &'c [CheckReport],
) -> Option<(Metric, &'c CheckReport)> {
    planned.checks.iter().zip(checks).find_map(|(own, check)| {
        let named = wanted.check.as_ref().is_none_or(|name| *name == own.name);
        let metrics = own.check.metrics();
        let metric = metrics.into_iter().find(|m| m.name == wanted.metric)?;
        named.then_some((metric, check))
    })
}

fn class(criterion: &Criterion, value: Quantity, metric: &Metric, outcome: CheckOutcome) -> Class {
    let complete = outcome == CheckOutcome::Complete;
    // A part is enough to know that there are too many; never that there are few enough.
    let sure = complete || (metric.source != Source::Measured && more_is_worse(criterion));
    match criterion.holds(value, None) {
        Some(true) if complete => Class::Held,
        Some(false) if sure => Class::Broken,
        _ => Class::Unknown,
    }
}

/// A count that breaks such a criterion now breaks it all the more when the rest is seen.
fn more_is_worse(criterion: &Criterion) -> bool {
    let none = Bound::Fixed(Quantity {
        number: Number::ZERO,
        dimension: Dimension::Count,
    });
    let is_limit = matches!(criterion.op, Op::Less | Op::AtMost);
    is_limit || (criterion.op == Op::Equal && criterion.bound == none)
}
