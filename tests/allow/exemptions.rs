//! `qgate exempt` and `.qgate/exemptions.yaml`: what is waived, why, by whom and until when; and all that is wrong with it.

use super::{check, gated};
use crate::support::Repo;

fn exempt(repo: &Repo, args: &[&str], exit: i32, says: &str) -> String {
    let mut words = vec!["exempt", "add", "--reason", "old, OPS-1", "--owner", "ann"];
    words.extend(args);
    check(repo, &words, exit, says)
}

#[test]
fn findings_are_waived_and_listed() {
    let repo = gated("");
    repo.write("docs/a.md", "one \n").write("b.md", "two \n");
    check(&repo, &["run"], 1, "whitespace_issues is 2");
    exempt(
        &repo,
        &["--rule", "trailing-whitespace", "--path", "docs/**"],
        0,
        "until 2026-12-25",
    );
    let text = check(&repo, &["run"], 1, "whitespace_issues is 1");
    assert!(text.contains(
        "waived: exemption of rule trailing-whitespace in docs/** until 2026-12-25 by ann: old, OPS-1"
    ), "{text}");
    assert!(!text.contains("docs/a.md:1"), "{text}");
    check(&repo, &["run", "--verbose"], 1, "(waived)");
    exempt(
        &repo,
        &[
            "--rule",
            "trailing-whitespace",
            "--path",
            "b.md",
            "--expires",
            "2026-11-25",
        ],
        0,
        "until 2026-11-25",
    );
    check(&repo, &["run"], 0, "PASS");
    let list = check(&repo, &["exempt", "list"], 0, "active  2026-11-25  ann");
    assert_eq!(list.matches("active").count(), 2, "{list}");
    for format in [
        "json",
        "sarif",
        "junit",
        "github",
        "gitlab",
        "azure",
        "checkstyle",
        "markdown",
    ] {
        check(&repo, &["run", "--format", format], 0, "old, OPS-1");
    }
    // Quiet is not silent about it.
    check(&repo, &["run", "-q"], 0, "waived: exemption");
}

#[test]
fn one_finding_by_its_fingerprint() {
    let repo = gated("");
    repo.write("a.md", "one \ntwo \n");
    let report = check(&repo, &["run", "--format", "json"], 1, "fingerprint");
    let report: serde_json::Value = serde_json::from_str(&report).expect("it is JSON");
    let finding = &report["body"]["gates"][0]["checks"][0]["findings"][0];
    let print = finding["fingerprint"].as_str().expect("it has one");
    exempt(
        &repo,
        &["--fingerprint", print],
        0,
        "added to .qgate/exemptions.yaml",
    );
    check(&repo, &["run"], 1, "whitespace_issues is 1");
    // Lines may move under a waiver.
    repo.write("a.md", "above\n\none \ntwo \n");
    check(&repo, &["run"], 1, "whitespace_issues is 1");
    // A line that changes is another one.
    repo.write("a.md", "ones \ntwo \n");
    check(&repo, &["run"], 1, "whitespace_issues is 2");
}

#[test]
fn a_gate_can_be_exempt_as_a_whole() {
    let repo = gated("");
    repo.write("a.md", "one \n");
    exempt(&repo, &["--gate", "tidy"], 0, "added");
    let text = check(&repo, &["run"], 0, "BYPS");
    assert!(
        text.contains("exempt until 2026-12-25 by ann: old, OPS-1"),
        "{text}"
    );
    repo.write("a.md", "one\n");
    check(
        &repo,
        &["run"],
        0,
        "the exemption of gate tidy waives nothing; remove it",
    );
    // It also lets go on what could not be judged, and says so.
    repo.write(
        "qgate.yaml",
        "version: 1\ngates:\n  tidy:\n    checks:\n      - command: { run: [no-such-tool-here] }\n",
    );
    check(&repo, &["run"], 0, "waived: exemption of gate tidy");
}

#[test]
fn what_is_over_too_long_or_malformed_does_not_hold() {
    let repo = gated("");
    repo.write("a.md", "one \n");
    let write = |entry: &str| {
        repo.write(
            ".qgate/exemptions.yaml",
            format!("version: 1\nexemptions:\n  - {entry}\n"),
        );
    };
    write("{rule: trailing-whitespace, path: '**', reason: r, owner: o, expires: 2026-11-24}");
    check(&repo, &["run"], 1, "expired on 2026-11-24");
    write("{rule: trailing-whitespace, path: '**', reason: r, owner: o, expires: 2026-12-26}");
    check(&repo, &["run"], 1, "reaches 31 days ahead, 30 are allowed");
    check(
        &repo,
        &["run", "--set", "max_exemption_days=31"],
        0,
        "`max_exemption_days` is 31",
    );
    write("{rule: trailing-whitespac, path: '**', reason: r, owner: o, expires: 2026-12-01}");
    check(
        &repo,
        &["run"],
        1,
        "there is no rule `trailing-whitespac`; did you mean `trailing-whitespace`?",
    );
    write("{rule: trailing-whitespace, path: '**', owner: o, expires: 2026-12-01}");
    check(
        &repo,
        &["run"],
        1,
        ".qgate/exemptions.yaml:3:5: `reason` is missing",
    );
    repo.write(".qgate/exemptions.yaml", "version: 1\n\texemptions: [\n");
    check(&repo, &["run"], 1, "until then nothing in this file holds");
    check(&repo, &["exempt", "list"], 0, "malformed");
}

#[test]
fn flaws_are_findings_of_a_gate_that_asks_for_them() {
    let repo = gated(
        "  waivers:\n    checks:\n      - waivers: {}\n    criteria: { expired_waivers: 0, unused_waivers: 0 }\n",
    );
    repo.write("a.md", "one\n");
    check(&repo, &["run"], 0, "not applicable: waivers");
    repo.write(
        ".qgate/exemptions.yaml",
        "exemptions:\n  - {rule: trailing-whitespace, path: a.md, reason: r, owner: o, expires: 2026-11-01}\n  \
         - {rule: trailing-whitespace, path: '**', reason: r, owner: o, expires: 2026-12-01}\n",
    );
    let text = check(&repo, &["run"], 1, "expired_waivers is 1");
    assert!(
        text.contains(".qgate/exemptions.yaml:2:5: medium: "),
        "{text}"
    );
    assert!(text.contains("waives nothing [waiver-unused]"), "{text}");
    check(
        &repo,
        &["exempt", "prune", "--unused"],
        0,
        "removed: exemption of rule trailing-whitespace in a.md",
    );
    check(&repo, &["run"], 0, "not applicable: waivers");
    // Where not all was judged that could have found something, nobody says that it is unused.
    exempt(
        &repo,
        &["--rule", "trailing-whitespace", "--path", "**"],
        0,
        "added",
    );
    let seeded = [("QGATE_SEED_PANIC", "text")];
    let text = super::check_with(&repo, &["run"], &seeded, 3, "panicked");
    assert!(!text.contains("waives nothing"), "{text}");
    check(
        &repo,
        &["run", "--gate", "waivers"],
        0,
        "not applicable: waivers",
    );
}

#[test]
fn wrong_words_are_answered_and_nothing_is_written() {
    let repo = gated("");
    exempt(&repo, &["--rule", "trailing-whitespace"], 2, "needs a path");
    exempt(
        &repo,
        &["--rule", "trailing", "--path", "x"],
        2,
        "there is no rule `trailing`",
    );
    exempt(
        &repo,
        &["--gate", "tidy", "--expires", "2027-11-25"],
        2,
        "more than 30 days ahead",
    );
    exempt(
        &repo,
        &["--gate", "tidy", "--expires", "2026-11-24"],
        2,
        "is over",
    );
    exempt(&repo, &[], 2, "an exemption of nothing");
    check(
        &repo,
        &[
            "exempt", "add", "--gate", "tidy", "--reason", " ", "--owner", "x",
        ],
        2,
        "`reason` is missing",
    );
    check(
        &repo,
        &["exempt", "add", "--gate", "tidy", "--reason", "r"],
        2,
        "say who with --owner",
    );
    assert!(!repo.at(".qgate/exemptions.yaml").exists());
    check(&repo, &["exempt", "list"], 0, "no exemption");
    check(&repo, &["exempt", "prune"], 0, "nothing to prune");
    repo.write(
        ".qgate/exemptions.yaml",
        "{version: 1, exemptions: [{gate: tidy, reason: r, owner: o, expires: 2026-12-01}]}\n",
    );
    exempt(&repo, &["--gate", "tidy"], 2, "add this entry by hand");
}
