//! Owns a report with something of everything, for tests of renderers and for examples in the documentation.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use crate::base::path::RepoPath;
use crate::model::finding::Finding;
use crate::model::gate::{FailureAction, Level, Scope};
use crate::model::metric::{Measurement, Value};
use crate::model::number::Number;
use crate::model::outcome::{CheckOutcome, GateOutcome, Verdict};
use crate::model::place::{Place, Span};
use crate::model::quantity::Quantity;
use crate::model::report::{
    CheckReport, ComponentScore, CriterionReport, GateReport, Report, Score, Subject, Timing,
};
use crate::model::rule::Severity;

/// A finding of `rule` at a place, with a fingerprint made of both.
pub fn finding(rule: &'static str, severity: Severity, place: Place, headline: &str) -> Finding {
    let fingerprint = format!("{rule}@{place}");
    let help = format!("mend it as `qgate explain {rule}` says");
    Finding {
        fingerprint,
        ..Finding::of(Cow::Borrowed(rule), severity, place, headline, help)
    }
}

/// A point in a file.
pub fn at(path: &[u8], line: u32, column: u32) -> Place {
    let path = RepoPath::new(path.to_vec()).expect("a path inside the root");
    Place::Part(path, Span::at(line, column))
}

fn check(name: &str, outcome: CheckOutcome) -> CheckReport {
    CheckReport {
        name: name.to_owned(),
        checker: name.to_owned(),
        outcome,
        why: Vec::new(),
        cure: None,
        findings: Vec::new(),
        measurements: Vec::new(),
        doubts: Vec::new(),
        notes: Vec::new(),
        waivers: Vec::new(),
        files: 0,
    }
}

fn gate(id: &str, outcome: GateOutcome, checks: Vec<CheckReport>) -> GateReport {
    GateReport {
        id: id.to_owned(),
        title: id.to_owned(),
        component: "code_quality".to_owned(),
        level: Level::Mandatory,
        failure_action: FailureAction::Block,
        scope: Scope::All,
        outcome,
        reasons: Vec::new(),
        cures: Vec::new(),
        criteria: Vec::new(),
        decisive: std::collections::BTreeSet::new(),
        exempt: None,
        approval: None,
        checks,
        origin: format!("pack recommended:{}", id.len()),
    }
}

fn component(
    weight: i64,
    formula: &str,
    inputs: &[(&str, i64)],
    score: Option<i64>,
) -> ComponentScore {
    ComponentScore {
        weight: Number::whole(weight),
        formula: formula.to_owned(),
        score: score.map(Number::whole),
        inputs: inputs
            .iter()
            .map(|(name, n)| ((*name).to_owned(), Number::whole(*n)))
            .collect(),
        missing: Vec::new(),
        zeroed: None,
    }
}

fn secrets() -> GateReport {
    let mut secrets = check("text", CheckOutcome::Complete);
    secrets.files = 318;
    secrets.findings = (1..=12)
        .map(|line| {
            let place = at(b"src/keys.py", line * 3, 5);
            finding(
                "private-key",
                Severity::Critical,
                place,
                "a private key is committed",
            )
        })
        .chain([finding(
            "bidi-control",
            Severity::High,
            at("docs/za\u{17c}\u{1b}[31m.md".as_bytes(), 7, 1),
            "a bidirectional control \u{202e} hides what the line says",
        )])
        .chain([finding(
            "final-newline",
            Severity::Info,
            Place::File(RepoPath::new(b"a\xff.txt".to_vec()).expect("a path")),
            "the last line has no line feed",
        )])
        .collect();
    secrets.measurements = vec![
        Measurement {
            metric: "private_keys".into(),
            value: Value::Plain(Quantity::count(12)),
        },
        Measurement {
            metric: "text_share".into(),
            value: Value::Ratio { part: 2, whole: 3 },
        },
    ];
    secrets.notes = vec!["2 binary files were not read".to_owned()];
    let mut gate = gate("no-secrets", GateOutcome::Failed, vec![secrets]);
    gate.title = "No credential is committed".to_owned();
    gate.component = "security".to_owned();
    gate.reasons = vec!["private_keys is 12, required == 0 (qgate.yaml:14)".to_owned()];
    gate.criteria = vec![CriterionReport {
        metric: "private_keys".to_owned(),
        required: "== 0".to_owned(),
        value: Some(Quantity::count(12)),
        held: Some(false),
        origin: "qgate.yaml:14".to_owned(),
    }];
    gate
}

fn tests() -> GateReport {
    let mut tests = check("unit", CheckOutcome::Errored);
    tests.checker = "command".to_owned();
    tests.why = vec!["`pytest` is not installed".to_owned()];
    tests.cure = Some("install it, or set `run` to where it is".to_owned());
    let mut gate = gate("unit-tests", GateOutcome::Unknown, vec![tests]);
    gate.reasons = vec!["unit could not know: `pytest` is not installed".to_owned()];
    gate.cures = vec!["install it, or set `run` to where it is".to_owned()];
    gate
}

/// A failed run.
pub fn report() -> Report {
    let passed = gate(
        "hygiene",
        GateOutcome::Passed,
        vec![check("files", CheckOutcome::Complete)],
    );
    let mut absent = gate("sql", GateOutcome::NotApplicable, Vec::new());
    absent.reasons = vec!["no file matches migrations/**".to_owned()];
    let components = BTreeMap::from([
        (
            "code_quality".to_owned(),
            component(25, "100 - smells * 5", &[("smells", 2)], Some(90)),
        ),
        (
            "performance".to_owned(),
            ComponentScore {
                missing: vec!["regressions".to_owned()],
                ..component(20, "100 - regressions * 10", &[], None)
            },
        ),
        (
            "security".to_owned(),
            component(20, "100 - critical * 5", &[("critical", 12)], Some(40)),
        ),
    ]);
    Report {
        verdict: Verdict::Fail,
        reasons: vec![
            "1 mandatory gate failed: no-secrets".to_owned(),
            "1 mandatory gate could not be judged: unit-tests".to_owned(),
        ],
        subject: Subject {
            stage: "pre-push".to_owned(),
            environment: None,
            configuration: vec!["qgate.yaml".to_owned(), "pack recommended".to_owned()],
            tree: "work tree".to_owned(),
            base: Some("1a2b3c4d5e (merge-base with origin/main)".to_owned()),
            files: 318,
        },
        gates: vec![secrets(), tests(), passed, absent],
        score: Score {
            total: Number::ratio(610, 9),
            minimum: Some(Number::whole(80)),
            components,
        },
        waivers: Vec::new(),
        flawed_waivers: Vec::new(),
        notices: vec![
            "`hygiene` of pack recommended is weaker here: mandatory to advisory".to_owned(),
        ],
        line_hashes: BTreeMap::new(),
        timing: Timing {
            total: Duration::from_millis(4_250),
            gates: BTreeMap::from([("no-secrets".to_owned(), Duration::from_millis(12))]),
            late: vec!["no-secrets".to_owned()],
            files_cached: 300,
            files_read: 18,
        },
    }
}
