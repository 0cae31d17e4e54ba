//! Owns a report with something of everything, as the documentation shows it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use qgate::base::path::RepoPath;
use qgate::model::finding::Finding;
use qgate::model::gate::{FailureAction, Level, Scope};
use qgate::model::number::Number;
use qgate::model::outcome::{CheckOutcome, GateOutcome, Verdict};
use qgate::model::place::{Place, Point, Span};
use qgate::model::report::{CheckReport, GateReport, Report, Score, Subject, Timing};
use qgate::model::rule::Severity;
use qgate::model::waiver::{Waiver, WaiverKind};

/// A path in the repository.
pub fn path(bytes: &[u8]) -> RepoPath {
    RepoPath::new(bytes.to_vec()).expect("a path inside the root")
}

/// A place within one line.
pub fn within(file: &str, line: u32, columns: std::ops::Range<u32>) -> Place {
    let point = |column| Point { line, column };
    let (start, end) = (point(columns.start), point(columns.end));
    Place::Part(path(file.as_bytes()), Span { start, end })
}

/// A finding.
pub fn finding(
    rule: &str,
    severity: Severity,
    place: Place,
    headline: &str,
    help: &str,
) -> Finding {
    let print = qgate::base::digest::Digest::of(format!("{rule}{place}").as_bytes());
    let rule = Cow::Owned(rule.to_owned());
    Finding {
        fingerprint: print.short(),
        ..Finding::of(rule, severity, place, headline, help)
    }
}

/// An exemption that was used.
pub fn waiver(what: &str, reason: &str) -> Waiver {
    Waiver {
        kind: WaiverKind::Exemption,
        what: what.to_owned(),
        place: within(".qgate/exemptions.yaml", 4, 3..4),
        reason: reason.to_owned(),
        owner: Some("ann".to_owned()),
        until: Some("2026-12-01".parse().expect("a date")),
        used: 3,
    }
}

/// A gate with one check of these findings.
pub fn gate(id: &str, level: Level, outcome: GateOutcome, findings: Vec<Finding>) -> GateReport {
    GateReport {
        id: id.to_owned(),
        title: id.to_owned(),
        component: "code_quality".to_owned(),
        level,
        failure_action: FailureAction::Block,
        scope: Scope::All,
        outcome,
        reasons: Vec::new(),
        cures: Vec::new(),
        criteria: Vec::new(),
        decisive: findings
            .iter()
            .map(|finding| finding.fingerprint.clone())
            .collect(),
        exempt: None,
        approval: None,
        checks: vec![CheckReport {
            name: "check".to_owned(),
            checker: "check".to_owned(),
            outcome: CheckOutcome::Complete,
            why: Vec::new(),
            cure: None,
            findings,
            measurements: Vec::new(),
            doubts: Vec::new(),
            notes: Vec::new(),
            waivers: Vec::new(),
            files: 1,
        }],
        origin: "pack recommended:12".to_owned(),
    }
}

/// A report of these gates, with the verdict and reasons that they have.
pub fn of(gates: Vec<GateReport>, verdict: Verdict, reasons: &[&str]) -> Report {
    Report {
        verdict,
        reasons: reasons.iter().map(|reason| (*reason).to_owned()).collect(),
        subject: Subject {
            stage: "ci".to_owned(),
            environment: None,
            configuration: vec!["pack recommended".to_owned(), "qgate.yaml".to_owned()],
            tree: "work tree".to_owned(),
            base: Some("1a2b3c4d5e (merge-base with origin/main)".to_owned()),
            files: 318,
        },
        gates,
        score: Score {
            total: Number::parse("81.25"),
            minimum: Some(Number::whole(80)),
            components: BTreeMap::new(),
        },
        waivers: vec![waiver(
            "rule trailing-whitespace in docs/**",
            "the tables are generated",
        )],
        flawed_waivers: Vec::new(),
        notices: vec![
            "`hygiene` of pack recommended is weaker here: mandatory to advisory".to_owned(),
        ],
        line_hashes: BTreeMap::from([((path(b"src/keys.py"), 3), "4c1f6b0e5b7d9384:1".to_owned())]),
        timing: Timing {
            total: Duration::from_millis(4_250),
            gates: BTreeMap::from([("no-secrets".to_owned(), Duration::from_millis(12))]),
            ..Timing::default()
        },
    }
}

/// A run without gates.
pub fn empty() -> Report {
    let mut report = of(
        Vec::new(),
        Verdict::Unknown,
        &["no gate is planned: nothing was judged"],
    );
    report.waivers.clear();
    report.notices.clear();
    report.score = Score::default();
    report
}

/// A failed run.
pub fn report() -> Report {
    use GateOutcome as O;
    use Level::{Advisory, Mandatory};
    let mut secrets = gate(
        "no-secrets",
        Mandatory,
        O::Failed,
        vec![
            finding(
                "private-key-header",
                Severity::Critical,
                within("src/keys.py", 3, 8..40),
                "a private key is committed",
                "remove it, and make a new key: this one is known",
            ),
            finding(
                "bidi-control",
                Severity::High,
                within("docs/za\u{17c}.md", 7, 1..2),
                "a bidirectional control hides what the line says",
                "remove it",
            ),
        ],
    );
    "security".clone_into(&mut secrets.component);
    secrets.reasons = vec!["2 of severity high or above, none is allowed".to_owned()];
    "qgate.yaml:14".clone_into(&mut secrets.origin);
    let mut tests = gate("unit-tests", Mandatory, O::Unknown, Vec::new());
    tests.reasons = vec!["unit could not know: `pytest` is not installed".to_owned()];
    tests.cures = vec!["install `pytest`, or put its folder on PATH".to_owned()];
    let mut commits = gate(
        "commits",
        Advisory,
        O::Warned,
        vec![finding(
            "commit-message",
            Severity::Low,
            Place::Object("commit 1a2b3c4".to_owned()),
            "the subject is `wip`",
            "",
        )],
    );
    commits.reasons = vec!["bad_messages is 1, required == 0 (qgate.yaml:31)".to_owned()];
    "qgate.yaml:28".clone_into(&mut commits.origin);
    let mut hygiene = gate(
        "hygiene",
        Advisory,
        O::Passed,
        vec![finding(
            "missing-final-newline",
            Severity::Info,
            Place::File(path(b"a\xff.txt")),
            "the last line has no line feed",
            "add one",
        )],
    );
    hygiene.decisive.clear();
    let mut bypassed = gate("load", Mandatory, O::Bypassed, Vec::new());
    bypassed.reasons = vec!["bypassed: the load generator is down, OPS-12".to_owned()];
    let mut absent = gate("sql", Mandatory, O::NotApplicable, Vec::new());
    absent.reasons = vec!["no file matches migrations/**".to_owned()];
    of(
        vec![secrets, tests, commits, hygiene, bypassed, absent],
        Verdict::Fail,
        &[
            "1 mandatory gate failed: no-secrets",
            "1 mandatory gate could not be judged: unit-tests",
        ],
    )
}
