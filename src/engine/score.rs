//! Owns the score: components from their formulas, and their weighted mean. Exact; the order of gates or files never
//! changes it.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::plan::{ComponentSpec, PlannedGate, ScoreSpec};
use crate::model::gate::Level;
use crate::model::metric::{Better, Metric, Source, Value};
use crate::model::number::Number;
use crate::model::outcome::{CheckOutcome, GateOutcome};
use crate::model::quantity::{Dimension, Quantity};
use crate::model::report::{CheckReport, ComponentScore, GateReport, Score};
use crate::model::rule::Severity;

use super::settle::counts_finding;

/// Names that a formula may use besides metrics: how many findings of each severity the component has.
pub const SEVERITIES: [(&str, Severity); 5] = [
    ("critical", Severity::Critical),
    ("high", Severity::High),
    ("medium", Severity::Medium),
    ("low", Severity::Low),
    ("info", Severity::Info),
];

/// The score of a run; `gates` are the reports of `planned`, in its order.
#[must_use]
pub fn score(spec: &ScoreSpec, planned: &[PlannedGate], gates: &[GateReport]) -> Score {
    let components: BTreeMap<String, ComponentScore> = spec
        .components
        .iter()
        .map(|(name, spec)| {
            let own = planned
                .iter()
                .zip(gates)
                .filter(|(planned, _)| planned.gate.component == *name);
            (name.clone(), component(spec, &own.collect::<Vec<_>>()))
        })
        .collect();
    Score {
        total: mean(components.values()),
        minimum: spec.minimum,
        components,
    }
}

fn component(spec: &ComponentSpec, gates: &[(&PlannedGate, &GateReport)]) -> ComponentScore {
    let all = inputs(gates);
    let evaluated = spec.formula.evaluate(&all);
    let measured = gates
        .iter()
        .flat_map(|(_, gate)| &gate.checks)
        .any(|c| c.outcome == CheckOutcome::Complete);
    let zeroed = gates
        .iter()
        .find(|(_, gate)| could_not_know(gate))
        .map(|(_, gate)| format!("the mandatory gate `{}` could not be judged", gate.id));
    let clamped = evaluated
        .value
        .map(|value| value.clamp(Number::ZERO, Number::whole(100)));
    let score = match &zeroed {
        Some(_) => Some(Number::ZERO),
        None if measured => clamped,
        None => None,
    };
    let mut missing = evaluated.missing;
    if score.is_none() && missing.is_empty() {
        missing.push("no check of this component was complete".to_owned());
    }
    let named = spec.formula.metrics();
    ComponentScore {
        weight: spec.weight,
        formula: spec.formula.to_string(),
        score,
        inputs: all
            .into_iter()
            .filter(|(name, _)| named.iter().any(|(n, _)| n == name))
            .collect(),
        missing,
        zeroed,
    }
}

fn could_not_know(gate: &GateReport) -> bool {
    let lost = |check: &CheckReport| {
        matches!(
            check.outcome,
            CheckOutcome::Errored | CheckOutcome::TimedOut | CheckOutcome::Partial
        )
    };
    gate.level == Level::Mandatory
        && gate.outcome != GateOutcome::Bypassed
        && gate.checks.iter().any(lost)
}

/// Every value that a formula of this component may use: counts are summed by fingerprint, shares merged by their
/// parts, and of anything else the worst is taken. Only complete checks testify.
fn inputs(gates: &[(&PlannedGate, &GateReport)]) -> BTreeMap<String, Number> {
    let mut merged: BTreeMap<String, Merged> = BTreeMap::new();
    // Gates may grade the same finding differently: the worst grade counts.
    let mut findings: BTreeMap<&str, Severity> = BTreeMap::new();
    for (planned, gate) in gates {
        for (planned, check) in planned.checks.iter().zip(&gate.checks) {
            if check.outcome != CheckOutcome::Complete {
                continue;
            }
            for finding in check.findings.iter().filter(|f| !f.is_waived()) {
                let worst = findings
                    .entry(finding.identity())
                    .or_insert(finding.severity);
                *worst = finding.severity.max(*worst);
            }
            for metric in planned.check.metrics() {
                merge(&mut merged, &metric, check);
            }
        }
    }
    let mut values: BTreeMap<String, Number> = SEVERITIES
        .iter()
        .map(|(name, severity)| {
            let count = findings.values().filter(|worst| *worst == severity).count();
            ((*name).to_owned(), whole(count))
        })
        .collect();
    values.extend(
        merged
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.number()?))),
    );
    values
}

/// What all checks say of one metric. Its forms are kept apart until the end, so that their order decides nothing.
#[derive(Default)]
struct Merged {
    /// The fingerprints of the findings that are counted.
    counted: Option<BTreeSet<String>>,
    /// The parts and the wholes, summed.
    share: Option<(u64, u64)>,
    /// The lowest and the highest of the other values.
    range: Option<(Number, Number)>,
    higher_is_better: bool,
}

impl Merged {
    /// The worst of its forms.
    fn number(self) -> Option<Number> {
        let (lowest, highest) = self.range.unzip();
        let other = if self.higher_is_better {
            lowest
        } else {
            highest
        };
        let counted = self.counted.map(|prints| whole(prints.len()));
        let share = match self.share {
            None => None,
            Some((part, whole)) => Some(percent(part, whole)?),
        };
        let all = [counted, share, other].into_iter().flatten();
        if self.higher_is_better {
            all.min()
        } else {
            all.max()
        }
    }
}

fn merge(merged: &mut BTreeMap<String, Merged>, metric: &Metric, check: &CheckReport) {
    let measured = check.measurements.iter().find(|m| m.metric == metric.name);
    if metric.source == Source::Measured && measured.is_none() {
        return;
    }
    let entry = merged.entry(metric.name.to_string()).or_default();
    entry.higher_is_better |= metric.better == Better::Higher;
    if metric.source != Source::Measured {
        let counted = check
            .findings
            .iter()
            .filter(|finding| !finding.is_waived() && counts_finding(metric.source, finding));
        let prints = counted.map(|finding| finding.identity().to_owned());
        entry
            .counted
            .get_or_insert_with(BTreeSet::new)
            .extend(prints);
        return;
    }
    match measured.map(|m| m.value) {
        None => {}
        Some(Value::Ratio { part, whole }) => {
            let (parts, wholes) = entry.share.unwrap_or_default();
            entry.share = Some((parts.saturating_add(part), wholes.saturating_add(whole)));
        }
        Some(Value::Plain(quantity)) => {
            let number = readable(quantity);
            let (lowest, highest) = entry.range.unwrap_or((number, number));
            entry.range = Some((lowest.min(number), highest.max(number)));
        }
    }
}

/// A formula reads a share as a percentage, as people do.
fn percent(part: u64, whole: u64) -> Option<Number> {
    Number::ratio(i128::from(part) * 100, whole.into())
}

fn readable(quantity: Quantity) -> Number {
    match quantity.dimension {
        // Only a number far beyond any percentage does not fit; it is cut to 0..100 either way.
        Dimension::Share => {
            let hundred = Number::whole(100);
            quantity.number.times(hundred).unwrap_or(quantity.number)
        }
        _ => quantity.number,
    }
}

fn whole(n: usize) -> Number {
    Number::whole(i64::try_from(n).unwrap_or(i64::MAX))
}

/// The weighted mean of the measured components; `None` when there is none, or no weight.
fn mean<'a>(components: impl Iterator<Item = &'a ComponentScore>) -> Option<Number> {
    let (mut sum, mut weight) = (Number::ZERO, Number::ZERO);
    for component in components {
        let Some(score) = component.score else {
            continue;
        };
        // A fraction too fine to be added exactly is cut to 9 decimals, the same way every time.
        let term = component
            .weight
            .times(score)
            .filter(|term| sum.plus(*term).is_some());
        let term = term.or_else(|| component.weight.times(Number::parse(&score.to_decimal(9))?))?;
        sum = sum.plus(term)?;
        weight = weight.plus(component.weight)?;
    }
    sum.over(weight)
}
