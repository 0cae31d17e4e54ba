//! Owns the weighing of one criterion against the reports of its gate's checks. Pure; what nobody knows never holds.

use crate::config::plan::{PlannedCheck, PlannedGate, RuleSetting};
use crate::model::criterion::{Bound, Criterion, Op, Reference};
use crate::model::evidence::Doubt;
use crate::model::finding::Finding;
use crate::model::gate::GateCriterion;
use crate::model::metric::{Metric, Source};
use crate::model::number::Number;
use crate::model::outcome::CheckOutcome;
use crate::model::quantity::{Dimension, Quantity};
use crate::model::report::{CheckReport, CriterionReport};
use crate::model::rule::Severity;

use super::approval::name_of;

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

/// What a relative criterion of a check of the gate, by its position, compares with; `None` when that is not known.
pub type Recall<'a> = dyn Fn(Reference, usize, &GateCriterion) -> Option<Quantity> + 'a;

/// A criterion as it was weighed.
pub struct Weighed {
    /// What can be said of it.
    pub class: Class,
    /// For the report.
    pub report: CriterionReport,
    /// Why it did not hold, in one line; `None` where it held, or where the check's own fault says why.
    pub why: Option<String>,
    /// What would cure that it is not known.
    pub cure: Option<String>,
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
            cure: None,
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
        .filter(|f| f.counts() && f.severity >= Severity::High)
        .collect();
    let known = checks.iter().all(|check| {
        matches!(
            check.outcome,
            CheckOutcome::Complete | CheckOutcome::NotApplicable
        )
    });
    let mut pairs = planned.checks.iter().zip(checks);
    let open = pairs.find_map(|(own, check)| {
        Doubted::of(own, check, |name| {
            severity_of(own, name).is_some_and(|severity| severity >= Severity::High)
        })
    });
    let class = match (grave.len(), known && open.is_none()) {
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
    let why = why.or_else(|| open.as_ref().map(Doubted::why));
    let cure = open.and_then(|open| open.cure(class));
    let weighed = Weighed::new(report, class, why).decided_by(grave.into_iter());
    Weighed { cure, ..weighed }
}

/// The findings of a check that leave open whether a criterion holds.
struct Doubted<'a> {
    first: &'a Finding,
    count: usize,
    rule: &'static str,
}

impl<'a> Doubted<'a> {
    /// What leaves one of the rules or metrics open that the criterion asks for.
    fn of(
        own: &PlannedCheck,
        check: &'a CheckReport,
        asked: impl Fn(&str) -> bool,
    ) -> Option<Self> {
        let is_off = |name: &str| own.rules.get(name) == Some(&RuleSetting::Off);
        let asked = |finding: &&'a Finding| {
            let open = &mut finding.leaves_open.iter();
            open.find(|name| !is_off(name) && asked(name)).copied()
        };
        let counting = check.findings.iter().filter(|finding| finding.counts());
        let mut open = counting.filter_map(|finding| asked(&finding).map(|rule| (finding, rule)));
        let (first, rule) = open.next()?;
        Some(Self {
            first,
            rule,
            count: 1 + open.count(),
        })
    }

    fn why(&self) -> String {
        let (rule, at, what) = (self.rule, &self.first.place, &self.first.headline);
        let more = match self.count {
            1 => String::new(),
            count => format!(", and {} more", count - 1),
        };
        format!("it is open whether `{rule}` holds: {what} ({at}{more})")
    }

    fn cure(&self, class: Class) -> Option<String> {
        let rule = &self.first.rule;
        (class == Class::Unknown).then(|| {
            format!("mend what `{rule}` names, or waive it with a reason where you know that it breaks no rule")
        })
    }
}

/// The severity that the findings of a rule have in this check; `None` when it is no rule of it.
fn severity_of(own: &PlannedCheck, name: &str) -> Option<Severity> {
    match own.rules.get(name) {
        Some(RuleSetting::Graded(severity)) => Some(*severity),
        Some(RuleSetting::Off) => None,
        None => {
            let mut rules = own.check.rules().iter();
            rules.find(|rule| rule.id == name).map(|rule| rule.severity)
        }
    }
}

/// Weighs a criterion of the gate.
#[must_use]
pub fn weigh(
    planned: &PlannedGate,
    wanted: &GateCriterion,
    checks: &[CheckReport],
    recall: &Recall<'_>,
) -> Weighed {
    let name = name_of(wanted);
    let mut report = CriterionReport {
        metric: name.clone(),
        required: wanted.criterion.to_string(),
        value: None,
        held: None,
        origin: wanted.origin.to_string(),
    };
    let Some((at, metric, check)) = giver(planned, wanted, checks) else {
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
        let doubt = check.doubts.iter().find(|d| d.metric == wanted.metric);
        let why = doubt.map_or_else(
            || format!("{name} was not measured by {}", check.name),
            |doubt| format!("{name} is not known: {}", doubt.why),
        );
        let cure = doubt.map(|doubt| doubt.cure.clone());
        let weighed = Weighed::new(report, Class::Unknown, Some(why));
        return Weighed { cure, ..weighed };
    };
    let value = measured.value.quantity();
    report.value = Some(value);
    let criterion = &wanted.criterion;
    let reference = match criterion.bound {
        Bound::Fixed(_) => None,
        Bound::Relative { reference, .. } => recall(reference, at, wanted),
    };
    let held = criterion.holds(value, reference);
    let open = planned.checks.get(at).and_then(|own| {
        Doubted::of(own, check, |name| match metric.source {
            Source::Measured => metric.name == name,
            source => severity_of(own, name)
                .is_some_and(|severity| source.counts(name, severity) == Some(true)),
        })
    });
    let complete = check.outcome == CheckOutcome::Complete && open.is_none();
    if let Some(doubt) = doubt(check, criterion, &wanted.metric, (held, reference)) {
        let why = format!("{name} is {value} and may be otherwise: {}", doubt.why);
        let cure = Some(doubt.cure.clone());
        let weighed = Weighed::new(report, Class::Unknown, Some(why));
        return Weighed { cure, ..weighed };
    }
    let class = class(criterion, held, &metric, complete);
    let compared = reference.map(|reference| format!(", where {} is {reference}", word(criterion)));
    let why = match class {
        Class::Broken => Some(format!(
            "{name} is {}, required {criterion}{} ({})",
            shown(criterion, value, reference),
            compared.unwrap_or_default(),
            wanted.origin
        )),
        Class::Unknown if held.is_none() => Some(format!(
            "{name} is {value}, but there is nothing recorded to compare with ({criterion})"
        )),
        Class::Unknown => open.as_ref().map(Doubted::why),
        _ => None,
    };
    let cure = match held {
        None => Some(missing(criterion).to_owned()),
        Some(_) => open.and_then(|open| open.cure(class)),
    };
    let judged = check.findings.iter().filter(|finding| finding.counts());
    let counted = judged.filter(|finding| {
        let counts = metric.source.counts(&finding.rule, finding.severity);
        counts.unwrap_or(true)
    });
    let weighed = Weighed::new(report, class, why).decided_by(counted);
    Weighed { cure, ..weighed }
}

/// What leaves open whether the criterion holds, though the value is known. That something is exactly so is judged by what was
/// seen.
fn doubt<'c>(
    check: &'c CheckReport,
    criterion: &Criterion,
    metric: &str,
    (held, reference): (Option<bool>, Option<Quantity>),
) -> Option<&'c Doubt> {
    let differs = |doubt: &&Doubt| match doubt.other {
        None => true,
        Some(other) => criterion.op != Op::Equal && criterion.holds(other, reference) != held,
    };
    let mut doubts = check.doubts.iter().filter(|doubt| doubt.metric == metric);
    doubts.find(differs)
}

/// The value as it is read most easily, unless it would then seem to hold.
fn shown(criterion: &Criterion, value: Quantity, reference: Option<Quantity>) -> String {
    let short = value.to_string();
    let seems = Quantity::parse(&short).ok();
    match seems.and_then(|seems| criterion.holds(seems, reference)) {
        Some(true) => value.precise(),
        _ => short,
    }
}

const fn word(criterion: &Criterion) -> &'static str {
    match criterion.bound {
        Bound::Relative {
            reference: Reference::BaseBranch,
            ..
        } => "base_branch",
        _ => "baseline",
    }
}

/// What cures that nothing is known to compare with.
const fn missing(criterion: &Criterion) -> &'static str {
    match criterion.bound {
        Bound::Relative {
            reference: Reference::BaseBranch,
            ..
        } => {
            "name a base with --base; what a command measures cannot be measured on it: compare that with `baseline`"
        }
        _ => "record it with `qgate baseline`",
    }
}

/// The check that gives the metric that is asked for, by its position, the metric, and the check's report.
#[must_use]
pub fn giver<'c>(
    planned: &PlannedGate,
    wanted: &GateCriterion,
    checks: &'c [CheckReport],
) -> Option<(usize, Metric, &'c CheckReport)> {
    let pairs = planned.checks.iter().zip(checks).enumerate();
    pairs.into_iter().find_map(|(at, (own, check))| {
        let named = wanted.check.as_ref().is_none_or(|name| *name == own.name);
        let metrics = own.check.metrics();
        let metric = metrics.into_iter().find(|m| m.name == wanted.metric)?;
        named.then_some((at, metric, check))
    })
}

fn class(criterion: &Criterion, held: Option<bool>, metric: &Metric, complete: bool) -> Class {
    // A part is enough to know that there are too many; never that there are few enough.
    let sure = complete || (metric.source != Source::Measured && more_is_worse(criterion));
    match held {
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
