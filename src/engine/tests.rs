//! Properties of the verdict and the score, over scripted checks.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;

use super::{judge, score, settle};
use crate::base::digest::Digest;
use crate::base::node::{Origin, Text};
use crate::check::Lane;
use crate::check::context::Cx;
use crate::check::options::Glob;
use crate::check::registry::Check;
use crate::config::plan::{ComponentSpec, PlannedCheck, PlannedGate, ScoreSpec};
use crate::model::criterion::Criterion;
use crate::model::evidence::{Doubt, Evidence};
use crate::model::fault::{Fault, FaultKind};
use crate::model::finding::{Finding, Standing};
use crate::model::formula::Formula;
use crate::model::gate::{FailureAction, Gate, GateCriterion, Level, Scope};
use crate::model::metric::{Better, Metric, Value};
use crate::model::number::Number;
use crate::model::outcome::{CheckOutcome, GateOutcome, Verdict};
use crate::model::place::Place;
use crate::model::quantity::{Dimension, Quantity};
use crate::model::report::{CheckReport, GateReport};
use crate::model::rule::{Rule, Severity};
use crate::source::file::SourceFile;
use crate::source::tree::FileMeta;

static RULE: Rule = Rule {
    id: "seen",
    severity: Severity::Medium,
    since: "2026-11",
    standards: &[],
    page: "",
};
const METRICS: [Metric; 2] = [
    Metric::counts("seen", &["seen"], "findings of the only rule"),
    Metric::measured("line_coverage", Dimension::Share, Better::Higher, "a share"),
];

/// A check whose reports the test writes itself.
struct Scripted;

impl Check for Scripted {
    fn name(&self) -> &'static str {
        "scripted"
    }
    fn rules(&self) -> &'static [&'static Rule] {
        &[]
    }
    fn metrics(&self) -> Vec<Metric> {
        METRICS.to_vec()
    }
    fn key(&self) -> Digest {
        Digest::of(b"scripted")
    }
    fn options(&self) -> serde_json::Value {
        serde_json::Value::Null
    }
    fn wants(&self, _: &FileMeta) -> bool {
        false
    }
    fn observe(&self, _: &SourceFile) -> Vec<u8> {
        Vec::new()
    }
    fn conclude(&self, _: &[(&FileMeta, &[u8])], _: &Cx<'_>) -> Result<Evidence, Fault> {
        Ok(Evidence::default())
    }
    fn lane(&self) -> Lane {
        Lane::Pure
    }
    fn globs(&self) -> Vec<&Glob> {
        Vec::new()
    }
}

fn origin() -> Origin {
    let text = Text {
        name: "qgate.yaml".to_owned(),
        text: String::new(),
        built_in: false,
    };
    Origin {
        text: Arc::new(text),
        span: 0..0,
    }
}

fn planned(id: &str, component: &str, level: Level, criteria: &[(&str, &str)]) -> PlannedGate {
    let criteria = criteria.iter().map(|(metric, text)| GateCriterion {
        check: None,
        metric: (*metric).to_owned(),
        criterion: Criterion::parse(text).expect("a good criterion"),
        origin: origin(),
    });
    let gate = Gate {
        id: id.to_owned(),
        title: id.to_owned(),
        component: component.to_owned(),
        level,
        failure_action: FailureAction::Block,
        scope: Scope::All,
        needs: Vec::new(),
        criteria: criteria.collect(),
        duration_target: None,
        origin: origin(),
    };
    let check = PlannedCheck {
        name: "scripted".to_owned(),
        check: Arc::new(Scripted),
        timeout: Duration::from_secs(1),
        retries: 0,
        exclude: Vec::new(),
        rules: BTreeMap::new(),
        tolerate_partial_files: 0,
        origin: origin(),
        live_globs: Vec::new(),
    };
    PlannedGate {
        gate,
        paths: Vec::new(),
        unset: Vec::new(),
        checks: vec![check],
    }
}

fn finding(severity: Severity, name: &str) -> Finding {
    Finding::new(&RULE, Place::Object(name.to_owned()), "seen", "look away").graded(severity)
}

fn found(gate: &PlannedGate, findings: Vec<Finding>) -> CheckReport {
    settle::evidence(
        &gate.checks[0],
        Evidence {
            findings,
            ..Evidence::default()
        },
        1,
    )
}

fn spec(components: &[(&str, i64, &str)]) -> ScoreSpec {
    let components = components.iter().map(|(name, weight, formula)| {
        let formula = Formula::parse(formula).expect("a good formula");
        (
            (*name).to_owned(),
            ComponentSpec {
                weight: Number::whole(*weight),
                formula,
            },
        )
    });
    ScoreSpec {
        components: components.collect(),
        ..ScoreSpec::default()
    }
}

fn one(planned: &PlannedGate, check: CheckReport) -> GateReport {
    judge::gate(
        planned,
        vec![check],
        judge::Circumstances::default(),
        &|_, _, _| None,
    )
}

/// The outcome of one gate with one check, and the verdict of a run of only that gate.
fn check(
    level: Level,
    criteria: &[(&str, &str)],
    report: impl FnOnce(&PlannedGate) -> CheckReport,
) -> (GateOutcome, Verdict) {
    let planned = planned("gate", "security", level, criteria);
    let gate = one(&planned, report(&planned));
    let outcome = gate.outcome;
    let spec = ScoreSpec::default();
    let gates = [gate];
    let score = score::score(&spec, std::slice::from_ref(&planned), &gates);
    (outcome, judge::verdict(&gates, &score, &spec).0)
}

#[test]
fn outcomes() {
    use GateOutcome::{Failed, NotApplicable, Passed, Unknown, Warned};
    use Level::{Advisory, Mandatory};
    let clean = |gate: &PlannedGate| found(gate, Vec::new());
    let dirty = |gate: &PlannedGate| found(gate, vec![finding(Severity::High, "a")]);
    let lost = |gate: &PlannedGate| {
        settle::fault(
            &gate.checks[0],
            &Fault::new(FaultKind::ToolMissing, "no tool", "install it"),
        )
    };
    let partly = |findings: Vec<Finding>| {
        move |gate: &PlannedGate| {
            let mut evidence = Evidence {
                findings,
                ..Evidence::default()
            };
            evidence.partial("a file was unreadable");
            settle::evidence(&gate.checks[0], evidence, 1)
        }
    };
    let covered = |gate: &PlannedGate| {
        let mut evidence = Evidence::default();
        evidence.measure("line_coverage", Value::ratio(2, 3).expect("3 is not 0"));
        settle::evidence(&gate.checks[0], evidence, 1)
    };
    assert_eq!(check(Mandatory, &[], clean), (Passed, Verdict::Pass));
    assert_eq!(check(Mandatory, &[], dirty), (Failed, Verdict::Fail));
    assert_eq!(check(Advisory, &[], dirty), (Warned, Verdict::Pass));
    assert_eq!(
        check(Mandatory, &[("seen", "<= 1")], dirty),
        (Passed, Verdict::Pass)
    );
    assert_eq!(
        check(Mandatory, &[("seen", "0")], dirty),
        (Failed, Verdict::Fail)
    );
    assert_eq!(
        check(Mandatory, &[("seen", "<= baseline")], dirty),
        (Unknown, Verdict::Unknown)
    );
    assert_eq!(check(Mandatory, &[], lost), (Unknown, Verdict::Unknown));
    assert_eq!(check(Advisory, &[], lost), (Unknown, Verdict::Pass));
    assert_eq!(
        check(Mandatory, &[("line_coverage", ">= 66.6%")], covered),
        (Passed, Verdict::Pass)
    );
    assert_eq!(
        check(Mandatory, &[("line_coverage", ">= 66.7%")], covered),
        (Failed, Verdict::Fail)
    );
    assert_eq!(
        check(Mandatory, &[("line_coverage", ">= 1%")], clean),
        (Unknown, Verdict::Unknown)
    );
    let nothing = |gate: &PlannedGate| settle::no_subject(&gate.checks[0], "no file");
    assert_eq!(
        check(Mandatory, &[("seen", "0")], nothing),
        (NotApplicable, Verdict::Pass)
    );
    // A part tells enough to fail, never enough to pass.
    assert_eq!(
        check(Mandatory, &[("seen", "0")], partly(Vec::new())),
        (Unknown, Verdict::Unknown)
    );
    assert_eq!(
        check(
            Mandatory,
            &[("seen", "0")],
            partly(vec![finding(Severity::Low, "a")])
        ),
        (Failed, Verdict::Fail)
    );
    assert_eq!(
        check(
            Mandatory,
            &[("seen", ">= 2")],
            partly(vec![finding(Severity::Low, "a")])
        ),
        (Unknown, Verdict::Unknown)
    );
}

#[test]
fn what_a_doubt_leaves_open_is_not_known() {
    use GateOutcome::{Failed, Passed, Unknown};
    let measured = |other: Option<&str>, with_value: bool| {
        let other = other.map(|text| Quantity::parse(text).expect("a quantity"));
        move |gate: &PlannedGate| {
            let mut evidence = Evidence::default();
            if with_value {
                evidence.measure("line_coverage", Value::ratio(2, 3).expect("3 is not 0"));
            }
            evidence.doubts.push(Doubt {
                metric: "line_coverage".into(),
                other,
                why: "it was dark".to_owned(),
                cure: "light a lamp".to_owned(),
            });
            settle::evidence(&gate.checks[0], evidence, 1)
        }
    };
    let outcome = |criterion: &str, other, with_value| {
        let criteria = [("line_coverage", criterion)];
        check(Level::Mandatory, &criteria, measured(other, with_value)).0
    };
    // Either value gives the same answer.
    assert_eq!(outcome(">= 50%", Some("60%"), true), Passed);
    assert_eq!(outcome(">= 70%", Some("60%"), true), Failed);
    assert_eq!(outcome(">= 65%", Some("60%"), true), Unknown);
    assert_eq!(outcome(">= 70%", Some("80%"), true), Unknown);
    assert_eq!(outcome(">= 0%", None, true), Unknown);
    assert_eq!(outcome(">= 0%", None, false), Unknown);
    // That it is just so is judged by what was seen.
    assert_eq!(outcome("== 60%", Some("60%"), true), Failed);
}

#[test]
fn a_skipped_gate_takes_the_class_of_the_one_it_needs_and_its_own_level() {
    let outcome = |level, ended| {
        let gate = planned("gate", "security", level, &[]);
        let blocked_by = Some(("needed", ended));
        let circumstances = judge::Circumstances {
            blocked_by,
            ..judge::Circumstances::default()
        };
        judge::gate(
            &gate,
            vec![settle::skipped(&gate.checks[0], "")],
            circumstances,
            &|_, _, _| None,
        )
        .outcome
    };
    assert_eq!(
        outcome(Level::Mandatory, GateOutcome::Warned),
        GateOutcome::Failed
    );
    assert_eq!(
        outcome(Level::Mandatory, GateOutcome::Unknown),
        GateOutcome::Unknown
    );
    assert_eq!(
        outcome(Level::Advisory, GateOutcome::Failed),
        GateOutcome::Warned
    );
}

#[test]
fn no_gate_is_no_pass() {
    let spec = ScoreSpec::default();
    let score = score::score(&spec, &[], &[]);
    assert_eq!(judge::verdict(&[], &score, &spec).0, Verdict::Unknown);
}

#[test]
fn the_worked_example_comes_out_to_the_digit() {
    let names = [
        "code_quality",
        "test_coverage",
        "dependencies",
        "documentation",
        "performance",
    ];
    let parts: Vec<(&str, i64, &str)> = names
        .into_iter()
        .zip([25, 20, 20, 15, 20])
        .zip(["90", "85", "95", "78", "92"])
        .map(|((n, w), f)| (n, w, f))
        .collect();
    let spec = spec(&parts);
    let planned: Vec<PlannedGate> = names
        .iter()
        .map(|name| planned(name, name, Level::Mandatory, &[]))
        .collect();
    let gates: Vec<GateReport> = planned
        .iter()
        .map(|gate| one(gate, found(gate, Vec::new())))
        .collect();
    assert_eq!(
        score::score(&spec, &planned, &gates)
            .total
            .map(|n| n.to_string())
            .as_deref(),
        Some("88.6")
    );
    // A component that was not measured leaves the mean.
    let unmeasured = score::score(&spec, &planned[..4], &gates[..4]);
    assert_eq!(
        unmeasured.total.map(|n| n.to_decimal(4)).as_deref(),
        Some("87.7500")
    );
    assert_eq!(unmeasured.components["performance"].score, None);
}

#[test]
fn a_component_that_could_not_be_judged_counts_nothing() {
    let spec = spec(&[("security", 20, "100 - high * 20")]);
    let gate = planned("gate", "security", Level::Mandatory, &[]);
    let lost = settle::fault(
        &gate.checks[0],
        &Fault::new(FaultKind::Timeout, "slow", "wait"),
    );
    let gates = [one(&gate, lost)];
    let score = score::score(&spec, std::slice::from_ref(&gate), &gates);
    assert_eq!(score.total, Some(Number::ZERO));
}

const SEVERITIES: [Severity; 5] = [
    Severity::Info,
    Severity::Low,
    Severity::Medium,
    Severity::High,
    Severity::Critical,
];

/// A gate as drawn: component, how it grades, and the names of its findings. Equal findings of one check have one
/// severity; another gate may grade them otherwise.
type Drawn = (usize, usize, Vec<u8>);

fn gates() -> impl Strategy<Value = Vec<Drawn>> {
    prop::collection::vec(
        (0..3_usize, 0..5_usize, prop::collection::vec(0..6_u8, 0..5)),
        1..5,
    )
}

const COMPONENTS: [&str; 3] = ["security", "database", "code_quality"];

fn build(drawn: &[Drawn]) -> (Vec<PlannedGate>, Vec<GateReport>) {
    let planned: Vec<PlannedGate> = drawn
        .iter()
        .enumerate()
        .map(|(n, (component, ..))| {
            planned(
                &format!("gate-{n}"),
                COMPONENTS[*component],
                Level::Mandatory,
                &[],
            )
        })
        .collect();
    let reports = planned
        .iter()
        .zip(drawn)
        .map(|(gate, (_, grade, names))| {
            let findings = names.iter().map(|name| {
                finding(
                    SEVERITIES[(usize::from(*name) + grade) % 5],
                    &name.to_string(),
                )
            });
            one(gate, found(gate, findings.collect()))
        })
        .collect();
    (planned, reports)
}

fn default_formulas() -> ScoreSpec {
    spec(&[
        (
            "security",
            20,
            "100 - critical * 40 - high * 20 - medium * 5",
        ),
        (
            "database",
            10,
            "100 - critical * 40 - high * 20 - medium * 5",
        ),
        ("code_quality", 25, "100 - (seen * 5) / max(1, seen)"),
    ])
}

proptest! {
    #[test]
    fn removing_a_finding_never_lowers_the_score(mut drawn in gates(), gate: prop::sample::Index, at: prop::sample::Index) {
        let spec = default_formulas();
        let (planned, reports) = build(&drawn);
        let before = score::score(&spec, &planned, &reports);
        let gate = gate.index(drawn.len());
        prop_assume!(!drawn[gate].2.is_empty());
        let at = at.index(drawn[gate].2.len());
        drawn[gate].2.remove(at);
        let (planned, reports) = build(&drawn);
        prop_assert!(score::score(&spec, &planned, &reports).total >= before.total);
    }

    #[test]
    fn a_waived_finding_is_as_good_as_none(drawn in gates(), gate: prop::sample::Index, at: prop::sample::Index) {
        let spec = default_formulas();
        let gate = gate.index(drawn.len());
        prop_assume!(!drawn[gate].2.is_empty());
        let at = at.index(drawn[gate].2.len());
        let (planned, mut waived) = build(&drawn);
        let mut check = waived[gate].checks[0].clone();
        let place = Place::Object(drawn[gate].2[at].to_string());
        for finding in check.findings.iter_mut().filter(|finding| finding.place == place) {
            finding.standing = Standing::Waived(0);
        }
        settle::recount(&planned[gate].checks[0], &mut check);
        waived[gate] = one(&planned[gate], check);
        let mut less = drawn.clone();
        let name = less[gate].2[at];
        less[gate].2.retain(|other| *other != name);
        let (_, removed) = build(&less);
        let outcomes = |reports: &[GateReport]| reports.iter().map(|gate| gate.outcome).collect::<Vec<_>>();
        prop_assert_eq!(outcomes(&waived), outcomes(&removed));
        let total = |reports: &[GateReport]| score::score(&spec, &planned, reports).total;
        prop_assert_eq!(total(&waived), total(&removed));
    }

    #[test]
    fn order_never_changes_score_or_verdict(drawn in gates().prop_flat_map(|drawn| (Just(drawn.clone()), Just(drawn).prop_shuffle()))) {
        let spec = default_formulas();
        let answers = |drawn: &[Drawn]| {
            let (planned, reports) = build(drawn);
            let score = score::score(&spec, &planned, &reports);
            (score.total, judge::verdict(&reports, &score, &spec).0)
        };
        prop_assert_eq!(answers(&drawn.0), answers(&drawn.1));
    }

    #[test]
    fn what_is_not_known_never_passes(drawn in gates(), lost: prop::sample::Index, how in 0..4_usize) {
        let (planned, mut reports) = build(&drawn);
        let lost = lost.index(reports.len());
        let check = &planned[lost].checks[0];
        let report = match how {
            0 => settle::fault(check, &Fault::new(FaultKind::Panic, "broke", "report it")),
            1 => settle::fault(check, &Fault::new(FaultKind::Timeout, "slow", "wait")),
            2 => settle::skipped(check, "left out"),
            _ => {
                let mut evidence = Evidence::default();
                evidence.partial("unreadable");
                settle::evidence(check, evidence, 1)
            }
        };
        prop_assert_ne!(report.outcome, CheckOutcome::Complete);
        reports[lost] = one(&planned[lost], report);
        let spec = default_formulas();
        let score = score::score(&spec, &planned, &reports);
        prop_assert_ne!(judge::verdict(&reports, &score, &spec).0, Verdict::Pass);
    }

    #[test]
    fn a_score_is_between_0_and_100(drawn in gates()) {
        let spec = default_formulas();
        let (planned, reports) = build(&drawn);
        let total = score::score(&spec, &planned, &reports).total.expect("something was measured");
        prop_assert!(total >= Number::ZERO && total <= Number::whole(100));
    }
}

#[test]
fn equal_findings_have_fingerprints_of_their_own() {
    let gate = planned("gate", "security", Level::Mandatory, &[]);
    let twins = vec![
        finding(Severity::Low, "a").anchored("x"),
        finding(Severity::High, "a").anchored("x"),
    ];
    let mut twins_apart = twins.clone();
    twins_apart[1].headline = "seen again".to_owned();
    let report = found(&gate, twins_apart);
    assert_eq!(report.findings.len(), 2);
    assert_ne!(
        report.findings[0].fingerprint,
        report.findings[1].fingerprint
    );
    assert_eq!(report.findings[0].severity, Severity::High);
    assert_eq!(
        report.measurements[0].value,
        Value::Plain(Quantity::count(2))
    );
}
