//! `qgate baseline`: what was accepted does not count, what comes later does, and a gain can be taken.

use super::{check, gated};
use crate::support::Repo;

const NEW: &str = "    scope: new\n";

fn text(repo: &Repo) -> String {
    std::fs::read_to_string(repo.at(".qgate/baseline.json")).expect("there is a baseline")
}

#[test]
fn old_debt_is_accepted_and_new_debt_is_not() {
    let repo = gated(NEW);
    repo.write("a.md", "one \ntwo\nthree \n");
    // Before the first commit there is no base: without a baseline nobody knows.
    check(&repo, &["run"], 3, "????");
    check(
        &repo,
        &["baseline"],
        0,
        "wrote .qgate/baseline.json: 2 findings, 0 values",
    );
    insta::assert_snapshot!(text(&repo), @r#"
    {
      "schema": "qgate-baseline/1",
      "findings": [
        {"check":"tidy.text","rule":"trailing-whitespace","path":"a.md","thin":"d33fb48ab5adff26","count":1,"since":"2026-11-25"},
        {"check":"tidy.text","rule":"trailing-whitespace","path":"a.md","thin":"dbec0e689fb63bd7","count":1,"since":"2026-11-25"}
      ],
      "values": []
    }
    "#);
    check(
        &repo,
        &["run", "--verbose"],
        0,
        "what is new is told by the baseline alone",
    );
    check(&repo, &["baseline", "--check"], 0, "is up to date");
    repo.write("a.md", "new \none \ntwo\nthree \n");
    let told = check(&repo, &["run"], 1, "a.md:1");
    assert!(!told.contains("a.md:2"), "{told}");
    // Nothing is accepted by taking a gain.
    check(&repo, &["baseline", "--tighten"], 0, "2 findings");
    check(&repo, &["run"], 1, "a.md:1");
    check(
        &repo,
        &["baseline"],
        0,
        "accepted: a.md: trailing-whitespace",
    );
    check(&repo, &["run"], 0, "PASS");
}

#[test]
fn a_gain_is_told_and_can_be_taken() {
    let repo = gated(NEW);
    repo.write("a.md", "first line \nsecond line \n");
    check(&repo, &["baseline"], 0, "2 findings");
    repo.write("a.md", "first line \nsecond line\n");
    check(
        &repo,
        &["run"],
        0,
        "better than the baseline: 1 finding is gone",
    );
    let stale = check(
        &repo,
        &["baseline", "--check"],
        1,
        "is stale: 1 finding is gone",
    );
    assert!(
        stale.contains("gone: a.md: trailing-whitespace [tidy.text]"),
        "{stale}"
    );
    let before = text(&repo);
    check(
        &repo,
        &["baseline", "--prune"],
        0,
        "wrote .qgate/baseline.json: 1 finding",
    );
    assert_ne!(text(&repo), before);
    check(&repo, &["baseline", "--check"], 0, "is up to date");
    // What was taken does not come back.
    repo.write("a.md", "first line \nsecond line \n");
    check(&repo, &["run"], 1, "a.md:2");
}

#[test]
fn files_may_move_and_gates_of_scope_all_are_not_excused() {
    let repo = gated(NEW);
    repo.write("old/a.md", "a line of some length \n");
    check(&repo, &["baseline"], 0, "1 finding");
    repo.write("new/b.md", "a line of some length \n")
        .remove("old");
    check(&repo, &["run"], 0, "PASS");
    let strict = gated("");
    strict.write("a.md", "one \n");
    check(
        &strict,
        &["baseline"],
        0,
        "with `scope: new` a baseline excuses them",
    );
    check(&strict, &["run"], 1, "a.md:1");
}

#[test]
fn values_are_recorded_and_compared_exactly() {
    let repo = Repo::new();
    repo.write(
        "qgate.yaml",
        "version: 1\ngates:\n  cover:\n    checks:\n      - command:\n          shell: cat share.json\n          json:\n            \
         from: stdout\n            metrics:\n              line_coverage: { pointer: /covered, unit: '%', better: higher }\n    \
         criteria: { line_coverage: '>= baseline - 0.1%' }\n",
    );
    repo.write("share.json", "{\"covered\": 83.25}");
    let text_of = check(
        &repo,
        &["run"],
        3,
        "there is nothing recorded to compare with",
    );
    assert!(
        text_of.contains("help: record it with `qgate baseline`"),
        "{text_of}"
    );
    check(&repo, &["baseline", "--check"], 2, "there is no baseline");
    check(
        &repo,
        &["baseline"],
        0,
        "line_coverage of gate cover: 83.25%",
    );
    check(&repo, &["run"], 0, "PASS");
    repo.write("share.json", "{\"covered\": 83.15}");
    check(&repo, &["run"], 0, "PASS");
    repo.write("share.json", "{\"covered\": 83.1499}");
    check(
        &repo,
        &["run"],
        1,
        "line_coverage is 83.1499%, required >= baseline - 0.1%, where baseline is 83.25%",
    );
    repo.write("share.json", "{\"covered\": 90}");
    check(&repo, &["run"], 0, "line_coverage of gate cover is better");
    check(&repo, &["baseline", "--prune"], 0, "1 value");
    check(&repo, &["baseline", "--check"], 1, "is stale");
    check(
        &repo,
        &["baseline", "--tighten"],
        0,
        "line_coverage of gate cover: 90%, was 83.25%",
    );
    repo.write("share.json", "{\"covered\": 83.25}");
    check(&repo, &["run"], 1, "where baseline is 90%");
}

#[test]
fn the_base_branch_is_measured() {
    let repo = Repo::new();
    repo.write(
        "qgate.yaml",
        "version: 1\ngates:\n  tidy:\n    checks:\n      - text: {}\n    criteria: { whitespace_issues: '<= base_branch' }\n",
    );
    repo.write("a.md", "one \ntwo \n").commit("debt");
    repo.git(&["switch", "-q", "-c", "topic"]);
    repo.write("a.md", "one\ntwo \nthree \n");
    check(&repo, &["run"], 0, "PASS");
    repo.write("a.md", "one \ntwo \nthree \n");
    check(
        &repo,
        &["run"],
        1,
        "whitespace_issues is 3, required <= base_branch, where base_branch is 2",
    );
}

#[test]
fn what_cannot_be_read_or_judged_changes_nothing() {
    let repo = gated(NEW);
    repo.write("a.md", "one \n");
    check(&repo, &["baseline"], 0, "1 finding");
    let good = text(&repo);
    repo.write(
        ".qgate/baseline.json",
        good.replace("baseline/1", "baseline/9"),
    );
    check(&repo, &["run"], 2, "`qgate-baseline/9`");
    repo.write(".qgate/baseline.json", format!("<<<<<<< ours\n{good}"));
    check(
        &repo,
        &["run"],
        2,
        "a merge left its conflict markers in it",
    );
    repo.write(".qgate/baseline.json", &good);
    // A check that panics says nothing of what is there.
    let seeded = [("QGATE_SEED_PANIC", "text")];
    super::check_with(
        &repo,
        &["baseline"],
        &seeded,
        3,
        "the baseline is left as it is",
    );
    assert_eq!(text(&repo), good);
}

#[test]
fn stages_keep_their_own_entries() {
    let repo = gated(NEW);
    let config = std::fs::read_to_string(repo.at("qgate.yaml")).expect("it was written");
    repo.write(
        "qgate.yaml",
        format!("{config}    stages: [pre-push]\n  late:\n    stages: [nightly]\n    scope: new\n    checks:\n      - text: {{}}\n    \
                 criteria: {{ whitespace_issues: 0 }}\n"),
    );
    repo.write("a.md", "one \n");
    check(&repo, &["baseline"], 0, "1 finding");
    check(&repo, &["baseline", "--stage", "nightly"], 0, "2 findings");
    check(&repo, &["baseline"], 0, "2 findings");
    // A gate that is gone leaves nothing behind.
    repo.write("qgate.yaml", format!("{config}{NEW}"));
    let config = std::fs::read_to_string(repo.at("qgate.yaml")).expect("it was written");
    repo.write("qgate.yaml", config.replacen(NEW, "", 1));
    check(
        &repo,
        &["baseline", "--check"],
        1,
        "gone: a.md: trailing-whitespace [late.text]",
    );
    check(&repo, &["baseline", "--tighten"], 0, "1 finding");
}
