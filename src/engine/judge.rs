//! Owns the judgement: criteria against measurements, levels, and the verdict. Pure, and fail closed: what nobody knows
//! never passes.

use std::collections::BTreeSet;

use crate::base::words::count;
use crate::config::plan::{PlannedGate, ScoreSpec};
use crate::model::gate::{FailureAction, Level};
use crate::model::number::Number;
use crate::model::outcome::{CheckOutcome, GateOutcome, Verdict};
use crate::model::report::{CheckReport, GateReport, Score};

use super::approval;
use super::criteria::{self, Class, Recall};

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

/// Judges a gate by its checks' reports, which are in the order of the plan.
#[must_use]
pub fn gate(
    planned: &PlannedGate,
    checks: Vec<CheckReport>,
    circumstances: Circumstances<'_>,
    recall: &Recall<'_>,
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
        scope: gate.scope,
        outcome: GateOutcome::Passed,
        reasons: Vec::new(),
        cures: Vec::new(),
        criteria: Vec::new(),
        decisive: BTreeSet::new(),
        exempt: None,
        approval: None,
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
    } else if let Some((needed, ended)) = circumstances.blocked_by {
        report.reasons.push(format!(
            "skipped: the gate `{needed}` that it needs did not pass"
        ));
        // It takes the class of the gate that it needs, and its own level: what did not run is no pass.
        let class = match ended {
            GateOutcome::Unknown => Class::Unknown,
            _ => Class::Broken,
        };
        report.outcome = outcome(class, report.level, gate.failure_action);
    } else {
        let (class, is_whole) = weigh(planned, &checks, recall, &mut report);
        report.outcome = outcome(class, report.level, gate.failure_action);
        // Nobody can approve what is not known.
        if report.outcome == GateOutcome::NeedsApproval && is_whole {
            report.approval = Some(approval::approvable(planned, &report));
        }
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

/// Fills in criteria, reasons and cures. Gives the class, and whether nothing is unknown.
fn weigh(
    planned: &PlannedGate,
    checks: &[CheckReport],
    recall: &Recall<'_>,
    report: &mut GateReport,
) -> (Class, bool) {
    let no_subject = |check: &CheckReport| check.outcome == CheckOutcome::NotApplicable;
    if checks.iter().all(no_subject) {
        let why = checks.iter().flat_map(|check| check.why.iter().cloned());
        report.reasons.extend(why);
        return (Class::NoSubject, true);
    }
    let weighed = match planned.gate.criteria.as_slice() {
        [] => vec![criteria::no_grave_finding(planned, checks)],
        own => own
            .iter()
            .map(|criterion| criteria::weigh(planned, criterion, checks, recall))
            .collect(),
    };
    let mut classes: Vec<Class> = weighed.iter().map(|weighed| weighed.class).collect();
    for weighed in weighed {
        report.reasons.extend(weighed.why);
        report.cures.extend(weighed.cure);
        report.decisive.extend(weighed.decisive);
        report.criteria.push(weighed.report);
    }
    for check in checks {
        let state = match check.outcome {
            CheckOutcome::Complete | CheckOutcome::NotApplicable => continue,
            CheckOutcome::Partial => "saw only a part",
            CheckOutcome::TimedOut => "timed out",
            CheckOutcome::Skipped => "was not run",
            CheckOutcome::Errored => "could not know",
        };
        classes.push(Class::Unknown);
        let whys = check.why.iter();
        report
            .reasons
            .extend(whys.map(|why| format!("{} {state}: {why}", check.name)));
        report.cures.extend(check.cure.clone());
    }
    // What is broken for sure comes before what is not known.
    let class = [Class::Broken, Class::Unknown]
        .into_iter()
        .find(|class| classes.contains(class));
    let is_whole = !classes.contains(&Class::Unknown);
    (class.unwrap_or(Class::Held), is_whole)
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
