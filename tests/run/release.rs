//! The pack `release-quality`: its worked example comes out to the digit, and what was not measured is no pass.

use super::support::Repo;
use super::{Run, checked};

/// A repository that extends the pack, and the measurements beside it, which git ignores.
fn site(gates: &str, measurements: &str) -> Repo {
    let repo = Repo::new();
    repo.write(
        "qgate.yaml",
        format!("version: 1\nextends: [release-quality]\n{gates}"),
    )
    .write(".gitignore", "reports/\n")
    .write("reports/m.json", measurements)
    .commit("first");
    repo
}

/// 90, 85, 95, 78 and 92.
const EXAMPLE: &str = r#"{"smells": 2, "complexity": 0, "line_coverage": 85, "vulnerabilities": 0, "outdated": 2.5,
    "documentation_coverage": 78, "regressions": 0.8}"#;

fn run<'a>(repo: &'a Repo, args: &[&'a str]) -> Run<'a> {
    Run::new(repo, args)
        .with("QGATE_WIDTH", "200")
        .with("RELEASE_MEASUREMENTS", "reports/m.json")
}

#[test]
fn the_worked_example_of_the_pack() {
    let repo = site("", EXAMPLE);
    let text = checked(&run(&repo, &["run"]), 0, "score 88.6 (minimum 80)");
    assert!(text.contains("over 100 of 100 weight"), "{text}");
    let report = run(&repo, &["run", "--format", "json"]).output().stdout;
    let report: serde_json::Value = serde_json::from_slice(&report).expect("JSON");
    assert_eq!(report["body"]["score"]["total"], "88.6", "{report}");
    let text = checked(&run(&repo, &["explain", "score"]), 0, "score 88.6");
    for line in [
        "code_quality   90     25      2.5",
        "test_coverage  85     20      3",
        "dependencies   95     20      1",
        "documentation  78     15      3.3",
        "performance    92     20      1.6",
        "formula: 100 - smells * 5 - complexity * 2",
    ] {
        assert!(text.contains(line), "`{line}` is not in\n{text}");
    }
    // Findings of security and database do not move this score; they have gates of their own.
    repo.write("bad.txt", "<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\n");
    let text = checked(&run(&repo, &["run"]), 1, "score 88.6 (minimum 80)");
    assert!(text.contains("FAIL    text-integrity"), "{text}");
}

#[test]
fn below_the_minimum_by_very_little() {
    let (exact, less) = (
        EXAMPLE.replace("\"smells\": 2", "\"smells\": 8.88"),
        EXAMPLE.replace("\"smells\": 2", "\"smells\": 8.8800001"),
    );
    checked(&run(&site("", &exact), &["run"]), 0, "score 80");
    checked(&run(&site("", &less), &["run"]), 1, "below the minimum 80");
}

#[test]
fn what_was_not_measured_is_no_pass() {
    let repo = site("", EXAMPLE);
    let unset = Run::new(&repo, &["run"]).with("QGATE_WIDTH", "200");
    let text = checked(&unset, 3, "a score of 80 is required");
    assert!(text.contains("RELEASE_MEASUREMENTS"), "{text}");
    // A number that is not in the file: the component counts nothing.
    let repo = site("", &EXAMPLE.replace("\"smells\": 2,", ""));
    let text = checked(&run(&repo, &["run"]), 1, "score 66.1 (minimum 80)");
    assert!(text.contains("it has nothing at `/smells`"), "{text}");
    let repo = site("", EXAMPLE);
    repo.remove("reports");
    checked(&run(&repo, &["run"]), 1, "score 0.0 (minimum 80)");
}

#[test]
fn a_gate_of_ones_own_can_measure_instead() {
    let own = "  own:\n    component: test_coverage\n    checks:\n      - command: {run: [echo, '{\"percent\": VALUE}'], \
               json: {from: stdout, metrics: {line_coverage: {pointer: /percent, unit: '%', better: higher}}}}\n";
    let gates = |value: &str| format!("gates:\n{}", own.replace("VALUE", value));
    let repo = site(
        &format!("{}  release-test-coverage: off\n", gates("85")),
        EXAMPLE,
    );
    checked(&run(&repo, &["run"]), 0, "score 88.6 (minimum 80)");
    // Beside the pack's gate the worst of both counts, whichever comes first.
    let repo = site(&gates("95"), EXAMPLE);
    checked(&run(&repo, &["run"]), 0, "score 88.6 (minimum 80)");
    let repo = site(&gates("60"), EXAMPLE);
    checked(&run(&repo, &["run"]), 0, "score 83.6 (minimum 80)");
}
