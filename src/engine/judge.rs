//! Owns the judgement: criteria against measurements, levels, and the verdict. Pure, and fail closed: what nobody knows
//! never passes.

use crate::base::words::count;
use crate::config::plan::{PlannedGate, ScoreSpec};
use crate::model::criterion::{Bound, Criterion, Op};
use crate::model::gate::{FailureAction, GateCriterion, Level};
use crate::model::metric::Source;
use crate::model::number::Number;
use crate::model::outcome::{CheckOutcome, GateOutcome, Verdict};
use crate::model::quantity::{Dimension, Quantity};
use crate::model::report::{CheckReport, CriterionReport, GateReport, Score};
use crate::model::rule::Severity;

/// What the run decides about a gate besides its evidence.
#[derive(Clone, Copy, Debug, Default)]
pub struct Circumstances<'a> {
    /// Advisory gates decide too, and gates that are not configured are unknown rather than left out.
    pub strict: bool,
    /// Why it was bypassed, if it was.
    pub bypass: Option<&'a str>,
    /// A needed gate that did not pass, and how it ended.
    pub blocked_by: Option<(&'a str, GateOutcome)>,
}

/// What can be said of a gate or a criterion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Held,
    Broken,
    Unknown,
    NoSubject,
}

/// Judges a gate by its checks' reports, which are in the order of the plan.
#[must_use]
pub fn gate(
    planned: &PlannedGate,
    checks: Vec<CheckReport>,
    circumstances: Circumstances<'_>,
) -> GateReport {
    let gate = &planned.gate;
    let mut report = GateReport {
        id: gate.id.clone(),
        title: gate.title.clone(),
        component: gate.component.clone(),
        level: if circumstances.strict {
            Level::Mandatory
        } else {
            gate.level
        },
        failure_action: gate.failure_action,
        outcome: GateOutcome::Passed,
        reasons: Vec::new(),
        cures: Vec::new(),
        criteria: Vec::new(),
        checks: Vec::new(),
        origin: gate.origin.to_string(),
    };
    if let Some(reason) = circumstances.bypass {
        report.outcome = GateOutcome::Bypassed;
        report.reasons.push(format!("bypassed: {reason}"));
    } else if !planned.unset.is_empty() {
        report.reasons.push(format!(
            "required variables are not set: {}",
            planned.unset.join(", ")
        ));
        report.outcome = if circumstances.strict {
            GateOutcome::Unknown
        } else {
            GateOutcome::NotConfigured
        };
    } else if let Some((needed, outcome)) = circumstances.blocked_by {
        report.reasons.push(format!(
            "skipped: the gate `{needed}` that it needs did not pass"
        ));
        report.outcome = outcome;
    } else {
        let class = weigh(planned, &checks, &mut report);
        report.outcome = outcome(class, report.level, gate.failure_action);
    }
    report.checks = checks;
    report
}

fn outcome(class: Class, level: Level, action: FailureAction) -> GateOutcome {
    match (class, level, action) {
        (Class::Held, ..) => GateOutcome::Passed,
        (Class::NoSubject, ..) => GateOutcome::NotApplicable,
        (Class::Unknown, ..) => GateOutcome::Unknown,
        (Class::Broken, _, FailureAction::RequireApproval) => GateOutcome::NeedsApproval,
        (Class::Broken, Level::Mandatory, FailureAction::Block) => GateOutcome::Failed,
        (Class::Broken, ..) => GateOutcome::Warned,
    }
}

/// Fills in criteria, reasons and cures.
fn weigh(planned: &PlannedGate, checks: &[CheckReport], report: &mut GateReport) -> Class {
    let mut classes = Vec::new();
    for check in checks {
        if let CheckOutcome::Complete | CheckOutcome::NotApplicable = check.outcome {
            continue;
        }
        classes.push(Class::Unknown);
        let state = match check.outcome {
            CheckOutcome::Partial => "saw only a part",
            CheckOutcome::TimedOut => "timed out",
            CheckOutcome::Skipped => "was not run",
            _ => "could not know",
        };
        report.reasons.extend(
            check
                .why
                .iter()
                .map(|why| format!("{} {state}: {why}", check.name)),
        );
        report.cures.extend(check.cure.clone());
    }
    if checks
        .iter()
        .all(|check| check.outcome == CheckOutcome::NotApplicable)
    {
        let why = checks.iter().flat_map(|check| check.why.iter().cloned());
        report.reasons.extend(why);
        return Class::NoSubject;
    }
    let broken = report.reasons.len();
    if planned.gate.criteria.is_empty() {
        let (criterion, class) = no_grave_finding(planned, checks);
        if class == Class::Broken {
            let found = criterion
                .value
                .map(|value| value.to_string())
                .unwrap_or_default();
            report.reasons.insert(
                broken,
                format!("{found} of severity high or above, none is allowed"),
            );
        }
        report.criteria.push(criterion);
        classes.push(class);
    }
    for criterion in &planned.gate.criteria {
        let (criterion, class, why) = weigh_one(planned, criterion, checks);
        report.reasons.extend(why);
        report.criteria.push(criterion);
        classes.push(class);
    }
    // What is broken for sure comes before what is not known.
    [Class::Broken, Class::Unknown]
        .into_iter()
        .find(|class| classes.contains(class))
        .unwrap_or(Class::Held)
}

/// The criterion of a gate that names none.
fn no_grave_finding(planned: &PlannedGate, checks: &[CheckReport]) -> (CriterionReport, Class) {
    let grave = checks
        .iter()
        .flat_map(|check| &check.findings)
        .filter(|f| f.severity >= Severity::High)
        .count();
    let known = checks.iter().all(|c| {
        matches!(
            c.outcome,
            CheckOutcome::Complete | CheckOutcome::NotApplicable
        )
    });
    let class = match (grave, known) {
        (1.., _) => Class::Broken,
        (0, true) => Class::Held,
        (0, false) => Class::Unknown,
    };
    let report = CriterionReport {
        metric: "findings of severity high or above".to_owned(),
        required: "== 0".to_owned(),
        value: Some(Quantity::count(grave)),
        held: match class {
            Class::Held => Some(true),
            Class::Broken => Some(false),
            Class::Unknown | Class::NoSubject => None,
        },
        origin: planned.gate.origin.to_string(),
    };
    (report, class)
}

fn weigh_one(
    planned: &PlannedGate,
    wanted: &GateCriterion,
    checks: &[CheckReport],
) -> (CriterionReport, Class, Option<String>) {
    let name = wanted.check.as_ref().map_or_else(
        || wanted.metric.clone(),
        |c| format!("{c}.{}", wanted.metric),
    );
    let mut report = CriterionReport {
        metric: name.clone(),
        required: wanted.criterion.to_string(),
        value: None,
        held: None,
        origin: wanted.origin.to_string(),
    };
    let giver = planned
        .checks
        .iter()
        .zip(checks)
        .find_map(|(planned, check)| {
            let named = wanted
                .check
                .as_ref()
                .is_none_or(|name| *name == planned.name);
            let metric = planned
                .check
                .metrics()
                .into_iter()
                .find(|metric| named && metric.name == wanted.metric)?;
            Some((metric, check))
        });
    let Some((metric, check)) = giver else {
        return (
            report,
            Class::Unknown,
            Some(format!("no check of this gate gives {name}")),
        );
    };
    let counted = metric.source != Source::Measured;
    match check.outcome {
        CheckOutcome::NotApplicable => return (report, Class::NoSubject, None),
        CheckOutcome::Skipped | CheckOutcome::Errored | CheckOutcome::TimedOut => {
            return (report, Class::Unknown, None);
        }
        CheckOutcome::Complete | CheckOutcome::Partial => {}
    }
    let Some(measured) = check
        .measurements
        .iter()
        .find(|m| m.metric == wanted.metric)
    else {
        return (
            report,
            Class::Unknown,
            Some(format!("{name} was not measured by {}", check.name)),
        );
    };
    let value = measured.value.quantity();
    report.value = Some(value);
    let complete = check.outcome == CheckOutcome::Complete;
    let held = wanted.criterion.holds(value, None);
    let class = match held {
        Some(true) if complete => Class::Held,
        Some(false) if complete || (counted && more_is_worse(&wanted.criterion)) => Class::Broken,
        _ => Class::Unknown,
    };
    report.held = match class {
        Class::Held => Some(true),
        Class::Broken => Some(false),
        Class::Unknown | Class::NoSubject => None,
    };
    let why = match (class, held) {
        (Class::Broken, _) => Some(format!(
            "{name} is {value}, required {} ({})",
            wanted.criterion, wanted.origin
        )),
        (Class::Unknown, None) => Some(format!(
            "{name} is {value}, but there is nothing recorded to compare with ({})",
            wanted.criterion
        )),
        _ => None,
    };
    (report, class, why)
}

/// A count that breaks such a criterion now breaks it all the more when the rest is seen.
fn more_is_worse(criterion: &Criterion) -> bool {
    let zero = Bound::Fixed(Quantity {
        number: Number::ZERO,
        dimension: Dimension::Count,
    });
    matches!(criterion.op, Op::Less | Op::AtMost)
        || (criterion.op == Op::Equal && criterion.bound == zero)
}

/// The verdict of the run, with the reasons why it is not "pass".
#[must_use]
pub fn verdict(gates: &[GateReport], score: &Score, spec: &ScoreSpec) -> (Verdict, Vec<String>) {
    let deciding = |gate: &&GateReport| {
        gate.level == Level::Mandatory && gate.failure_action != FailureAction::Warn
    };
    let named = |wanted: &[GateOutcome]| -> Vec<&str> {
        let gates = gates
            .iter()
            .filter(deciding)
            .filter(|gate| wanted.contains(&gate.outcome));
        gates.map(|gate| gate.id.as_str()).collect()
    };
    let failed = named(&[GateOutcome::Failed]);
    let waiting = named(&[GateOutcome::NeedsApproval]);
    let unknown = named(&[GateOutcome::Unknown]);
    let (low, unmeasured) = score_problems(score, spec);

    let mut reasons = Vec::new();
    let mut say = |gates: &[&str], what: &str| {
        if !gates.is_empty() {
            reasons.push(format!(
                "{} {what}: {}",
                count(gates.len(), "mandatory gate"),
                gates.join(", ")
            ));
        }
    };
    say(&failed, "failed");
    say(&waiting, "failed and may only go on with an approval");
    say(&unknown, "could not be judged");
    reasons.extend(low.iter().chain(&unmeasured).cloned());
    if gates.is_empty() {
        reasons.push("no gate is planned: nothing was judged".to_owned());
    }
    let verdict = if !failed.is_empty() || !waiting.is_empty() || !low.is_empty() {
        Verdict::Fail
    } else if reasons.is_empty() {
        Verdict::Pass
    } else {
        Verdict::Unknown
    };
    (verdict, reasons)
}

/// What is too low for sure, and what was not measured although a minimum asks for it.
fn score_problems(score: &Score, spec: &ScoreSpec) -> (Vec<String>, Vec<String>) {
    let (mut low, mut unmeasured) = (Vec::new(), Vec::new());
    match (spec.minimum, score.total) {
        (Some(minimum), Some(total)) if total < minimum => {
            low.push(format!(
                "the score {} is below the minimum {minimum}",
                shown(total, minimum)
            ));
        }
        (Some(minimum), None) => {
            unmeasured.push(format!(
                "a score of {minimum} is required, but no component was measured"
            ));
        }
        _ => {}
    }
    for (name, component) in &score.components {
        if let (Some(minimum), Some(score)) = (spec.component_minimum, component.score)
            && score < minimum
        {
            low.push(format!(
                "{name} scores {}, below the minimum {minimum}",
                shown(score, minimum)
            ));
        }
    }
    if let Some(minimum) = spec.minimum_measured_weight {
        let measured = score.components.values().filter(|c| c.score.is_some());
        let weight = measured.fold(Number::ZERO, |sum, c| sum.plus(c.weight).unwrap_or(sum));
        if weight < minimum {
            unmeasured.push(format!(
                "only a weight of {weight} was measured, {minimum} is required"
            ));
        }
    }
    (low, unmeasured)
}

/// One decimal, and more when one would read like the minimum itself.
fn shown(score: Number, minimum: Number) -> String {
    let short = score.to_decimal(1);
    if Number::parse(&short) == Some(minimum) {
        format!("{score}")
    } else {
        short
    }
}
