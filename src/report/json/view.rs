//! Owns the shape of the JSON report: view types of its own, so that the model can change without it.

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use crate::base::ascii;
use crate::model::finding::Finding;
use crate::model::gate::{FailureAction, Level};
use crate::model::metric::{Measurement, Value};
use crate::model::number::Number;
use crate::model::outcome::{CheckOutcome, Exit, GateOutcome, Verdict};
use crate::model::place::Place;
use crate::model::quantity::{Dimension, Quantity};
use crate::model::report::{
    CheckReport, ComponentScore, CriterionReport, GateReport, Report, Score, Timing,
};
use crate::model::rule::Severity;
use crate::model::waiver::{Waiver, WaiverKind};
use crate::report::standards;

/// A report of qgate.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "qgate report", rename = "Report")]
pub struct Document {
    /// The format's name and version: `qgate-report/1`.
    schema: &'static str,
    /// What was found out: the same for the same tree, configuration and supplies.
    body: Body,
    /// Times and cache hits: they change from run to run and never decide anything.
    timing: TimingView,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Body {
    /// The version of qgate.
    version: &'static str,
    /// The answer.
    verdict: Verdict,
    /// The exit code of the run.
    exit_code: u8,
    /// Why the verdict is not `pass`, most important first; empty when it is.
    reasons: Vec<String>,
    /// What was judged.
    subject: SubjectView,
    /// The gates, in the order of the configuration.
    gates: Vec<GateView>,
    /// The score.
    score: ScoreView,
    /// How many findings each class of the OWASP Top 10 has; classes without one are left out.
    owasp: BTreeMap<&'static str, usize>,
    /// What weakens a pack, what was bypassed, and what else a reader must know.
    notices: Vec<String>,
    /// Every waiver that was used.
    waivers: Vec<WaiverView>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct SubjectView {
    /// The stage.
    stage: String,
    /// The environment, if one was chosen.
    environment: Option<String>,
    /// The texts that the configuration came from, in the order of application.
    configuration: Vec<String>,
    /// `work tree`, `index` or a commit.
    tree: String,
    /// What is new is judged against this, if it is known.
    base: Option<String>,
    /// How many files are in the tree.
    files: usize,
}

#[derive(Debug, Serialize, JsonSchema)]
struct GateView {
    /// The id.
    id: String,
    /// One line for people.
    title: String,
    /// The component that it scores into.
    component: String,
    /// The level in force.
    level: Level,
    /// What happens when a criterion does not hold.
    failure_action: FailureAction,
    /// How it ended.
    outcome: GateOutcome,
    /// Why it ended so, one line each.
    reasons: Vec<String>,
    /// What would cure what kept it from being known.
    cures: Vec<String>,
    /// Where it was written.
    origin: String,
    /// Its criteria.
    criteria: Vec<CriterionView>,
    /// What an approval of it has to name; null unless it needs or has one.
    approval: Option<ApprovableView>,
    /// Its checks.
    checks: Vec<CheckView>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ApprovableView {
    /// The digest of what failed.
    digest: String,
    /// The measured values that are to be approved, by metric.
    values: BTreeMap<String, QuantityView>,
}

/// What stops a finding or a gate from counting.
#[derive(Debug, Serialize, JsonSchema)]
struct WaiverView {
    /// What it is.
    kind: WaiverKind,
    /// What it is about.
    what: String,
    /// Where it was written.
    place: PlaceView,
    /// Why.
    reason: String,
    /// Who answers for it.
    owner: Option<String>,
    /// The last day on which it holds.
    until: Option<String>,
    /// How many findings or gates it waives in this run.
    used: usize,
}

#[derive(Debug, Serialize, JsonSchema)]
struct CriterionView {
    /// `metric` or `check.metric`.
    metric: String,
    /// The comparison, as text: `< 200ms`.
    required: String,
    /// The value; null when it was not measured.
    value: Option<QuantityView>,
    /// Did it hold? Null when nobody knows.
    held: Option<bool>,
    /// Where it was written.
    origin: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct CheckView {
    /// The name in the gate.
    name: String,
    /// The checker.
    checker: String,
    /// How it ended; says nothing about what it found.
    outcome: CheckOutcome,
    /// Why, unless it is complete.
    why: Vec<String>,
    /// What would cure it.
    cure: Option<String>,
    /// How many files it looked into.
    files: usize,
    /// What it measured, by metric.
    measurements: Vec<MeasurementView>,
    /// What it found, worst first.
    findings: Vec<FindingView>,
    /// What else is worth saying.
    notes: Vec<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct MeasurementView {
    /// The metric.
    metric: String,
    /// Its value.
    #[serde(flatten)]
    value: QuantityView,
    /// Of a share: how many hold, exactly.
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<u64>,
    /// Of a share: out of how many, exactly.
    #[serde(skip_serializing_if = "Option::is_none")]
    whole: Option<u64>,
}

/// A number with its unit. The unit depends on the metric only, never on the size of the number.
#[derive(Debug, Serialize, JsonSchema)]
struct QuantityView {
    /// A decimal number as text, rounded to 9 decimals; `true` or `false` for the unit `bool`.
    value: String,
    /// The unit.
    unit: Unit,
}

#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
enum Unit {
    #[serde(rename = "count")]
    Count,
    #[serde(rename = "%")]
    Percent,
    #[serde(rename = "s")]
    Seconds,
    #[serde(rename = "B")]
    Bytes,
    #[serde(rename = "/s")]
    PerSecond,
    #[serde(rename = "B/s")]
    BytesPerSecond,
    #[serde(rename = "bool")]
    Truth,
}

#[derive(Debug, Serialize, JsonSchema)]
struct FindingView {
    /// The rule; for outside tools `tool/rule`.
    rule: String,
    /// How bad it is.
    severity: Severity,
    /// Where it is.
    place: PlaceView,
    /// One line that stands alone.
    headline: String,
    /// What to do about it.
    help: String,
    /// Identifies the finding when lines move.
    fingerprint: String,
    /// What must stand at its place instead, where that mends it for certain; else left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
    /// What the field calls its weakness: `CWE-89`, `A05:2025`. Left out when nothing is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    standards: Vec<String>,
    /// The fingerprint of a finding of qgate's own that tells the same as this one of an outside tool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    twin: Option<String>,
    /// It was there before, on the base or in the baseline: a gate of scope `new` did not judge it. Left out when it is not so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    known: bool,
    /// A waiver stops it from counting. Left out when it is not so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    waived: bool,
}

/// A part of a file (`path` and the four numbers), a whole file (`path`), or something outside the files (`object`).
#[derive(Debug, Default, Serialize, JsonSchema)]
struct PlaceView {
    /// The path from the root, with `/`. Where it is not UTF-8, bytes that do not fit are U+FFFD here.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    /// The exact path in hexadecimal, where it is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    path_bytes: Option<String>,
    /// The first line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    /// The first column in characters, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u32>,
    /// The line of the point behind the last character.
    #[serde(skip_serializing_if = "Option::is_none")]
    end_line: Option<u32>,
    /// The column of the point behind the last character.
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<u32>,
    /// A commit, a URL, a database table, a tool.
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ScoreView {
    /// The weighted mean of the measured components, 0 to 100, as a decimal number rounded to 9 decimals; null when
    /// none was measured.
    total: Option<String>,
    /// The least that is asked for, if any.
    minimum: Option<String>,
    /// The components, by name.
    components: BTreeMap<String, ComponentView>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ComponentView {
    /// Its weight, relative to the others'.
    weight: String,
    /// Its formula.
    formula: String,
    /// Its score, 0 to 100; null when it was not measured.
    score: Option<String>,
    /// The values that went into the formula.
    inputs: BTreeMap<String, String>,
    /// Optional terms that dropped out; where the score is null, what was not measured.
    missing: Vec<String>,
    /// Why it counts 0 although its formula says otherwise.
    zeroed: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct TimingView {
    /// The whole run, in microseconds.
    total_us: u64,
    /// Each gate's checks together, in microseconds.
    gates_us: BTreeMap<String, u64>,
    /// Gates that took longer than their `duration_target`.
    late: Vec<String>,
    /// Files that were read.
    files_read: usize,
    /// Files whose facts all came from the cache.
    files_cached: usize,
}

impl Document {
    /// The view of a report.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        let subject = &report.subject;
        Self {
            schema: super::SCHEMA,
            body: Body {
                version: env!("CARGO_PKG_VERSION"),
                verdict: report.verdict,
                exit_code: Exit::from(report.verdict) as u8,
                reasons: report.reasons.clone(),
                subject: SubjectView {
                    stage: subject.stage.clone(),
                    environment: subject.environment.clone(),
                    configuration: subject.configuration.clone(),
                    tree: subject.tree.clone(),
                    base: subject.base.clone(),
                    files: subject.files,
                },
                gates: report.gates.iter().map(gate).collect(),
                score: score(&report.score),
                owasp: (standards::owasp(report).into_iter())
                    .map(|(class, _, count)| (class, count))
                    .collect(),
                notices: report.notices.clone(),
                waivers: report.waivers.iter().map(waiver).collect(),
            },
            timing: timing(&report.timing),
        }
    }
}

fn gate(gate: &GateReport) -> GateView {
    GateView {
        id: gate.id.clone(),
        title: gate.title.clone(),
        component: gate.component.clone(),
        level: gate.level,
        failure_action: gate.failure_action,
        outcome: gate.outcome,
        reasons: gate.reasons.clone(),
        cures: gate.cures.clone(),
        origin: gate.origin.clone(),
        criteria: gate.criteria.iter().map(criterion).collect(),
        approval: gate.approval.as_ref().map(|approvable| ApprovableView {
            digest: approvable.digest.clone(),
            values: approvable
                .values
                .iter()
                .map(|(metric, value)| (metric.clone(), quantity(*value)))
                .collect(),
        }),
        checks: gate.checks.iter().map(check).collect(),
    }
}

fn waiver(waiver: &Waiver) -> WaiverView {
    WaiverView {
        kind: waiver.kind,
        what: waiver.what.clone(),
        place: place(&waiver.place),
        reason: waiver.reason.clone(),
        owner: waiver.owner.clone(),
        until: waiver.until.map(|until| until.to_string()),
        used: waiver.used,
    }
}

fn criterion(criterion: &CriterionReport) -> CriterionView {
    CriterionView {
        metric: criterion.metric.clone(),
        required: criterion.required.clone(),
        value: criterion.value.map(quantity),
        held: criterion.held,
        origin: criterion.origin.clone(),
    }
}

fn check(check: &CheckReport) -> CheckView {
    CheckView {
        name: check.name.clone(),
        checker: check.checker.clone(),
        outcome: check.outcome,
        why: check.why.clone(),
        cure: check.cure.clone(),
        files: check.files,
        measurements: check.measurements.iter().map(measurement).collect(),
        findings: check.findings.iter().map(finding).collect(),
        notes: check.notes.clone(),
    }
}

fn measurement(measurement: &Measurement) -> MeasurementView {
    let (part, whole) = match measurement.value {
        Value::Ratio { part, whole } => (Some(part), Some(whole)),
        Value::Plain(_) => (None, None),
    };
    MeasurementView {
        metric: measurement.metric.to_string(),
        value: quantity(measurement.value.quantity()),
        part,
        whole,
    }
}

fn quantity(quantity: Quantity) -> QuantityView {
    let Quantity { number, dimension } = quantity;
    let hundredfold = || number.times(Number::whole(100)).unwrap_or(number);
    let (value, unit) = match dimension {
        Dimension::Count => (decimal(number), Unit::Count),
        Dimension::Share => (decimal(hundredfold()), Unit::Percent),
        Dimension::Time => (decimal(number), Unit::Seconds),
        Dimension::Data => (decimal(number), Unit::Bytes),
        Dimension::Rate => (decimal(number), Unit::PerSecond),
        Dimension::DataRate => (decimal(number), Unit::BytesPerSecond),
        Dimension::Truth => ((!number.is_zero()).to_string(), Unit::Truth),
    };
    QuantityView { value, unit }
}

/// A decimal number with at most 9 decimals, noughts at the end cut: `88.6`.
fn decimal(number: Number) -> String {
    let text = number.to_decimal(9);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn place(place: &Place) -> PlaceView {
    let mut view = PlaceView::default();
    if let Some(path) = place.path() {
        let bytes = path.as_bytes();
        view.path = Some(String::from_utf8_lossy(bytes).into_owned());
        view.path_bytes = std::str::from_utf8(bytes)
            .is_err()
            .then(|| ascii::hex(bytes));
    } else {
        view.object = Some(place.to_string());
    }
    if let Some(span) = place.span() {
        view.line = Some(span.start.line);
        view.column = Some(span.start.column);
        view.end_line = Some(span.end.line);
        view.end_column = Some(span.end.column);
    }
    view
}

fn finding(finding: &Finding) -> FindingView {
    FindingView {
        rule: finding.rule.to_string(),
        severity: finding.severity,
        place: place(&finding.place),
        headline: finding.headline.clone(),
        help: finding.help.clone(),
        fingerprint: finding.fingerprint.clone(),
        fix: finding.fix.clone(),
        standards: standards::of(finding),
        twin: finding.twin.clone(),
        known: finding.is_known(),
        waived: finding.is_waived(),
    }
}

fn score(score: &Score) -> ScoreView {
    let component = |c: &ComponentScore| ComponentView {
        weight: decimal(c.weight),
        formula: c.formula.clone(),
        score: c.score.map(decimal),
        inputs: c
            .inputs
            .iter()
            .map(|(name, n)| (name.clone(), decimal(*n)))
            .collect(),
        missing: c.missing.clone(),
        zeroed: c.zeroed.clone(),
    };
    ScoreView {
        total: score.total.map(decimal),
        minimum: score.minimum.map(decimal),
        components: score
            .components
            .iter()
            .map(|(name, c)| (name.clone(), component(c)))
            .collect(),
    }
}

fn timing(timing: &Timing) -> TimingView {
    let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    TimingView {
        total_us: micros(timing.total),
        gates_us: timing
            .gates
            .iter()
            .map(|(id, time)| (id.clone(), micros(*time)))
            .collect(),
        late: timing.late.clone(),
        files_read: timing.files_read,
        files_cached: timing.files_cached,
    }
}
