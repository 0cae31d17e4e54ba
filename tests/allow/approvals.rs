//! `qgate approve`: just what failed, by somebody, until a day; in CI from the base.

use super::{check, check_with, gated};
use crate::support::Repo;

const HOLD: &str = "    failure_action: require_approval\n";
const CI: &[(&str, &str)] = &[("CI", "true")];

fn approve(repo: &Repo, args: &[&str], exit: i32, says: &str) -> String {
    let mut words = vec!["approve"];
    words.extend(args);
    words.extend(["--reason", "agreed, OPS-2", "--by", "bea"]);
    check(repo, &words, exit, says)
}

#[test]
fn an_approval_is_for_just_what_failed() {
    let repo = gated(HOLD);
    repo.write("a.md", "one \n");
    let text = check(&repo, &["run"], 1, "HOLD");
    let command = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("or: qgate approve tidy --digest "));
    let digest = command
        .expect("the report tells how")
        .split(' ')
        .next()
        .expect("a digest");
    approve(&repo, &["tidy", "--digest", digest], 0, "until 2026-12-25");
    let text = check(&repo, &["run"], 0, "APPR");
    assert!(
        text.contains("waived: approval of gate tidy until 2026-12-25 by bea: agreed, OPS-2"),
        "{text}"
    );
    check(&repo, &["run", "--strict"], 0, "APPR");
    // One finding more is something else.
    repo.write("a.md", "one \ntwo \n");
    check(&repo, &["run"], 1, "is for something else");
    // Without a digest the gate is run.
    approve(&repo, &["tidy"], 0, "added");
    check(&repo, &["run"], 0, "APPR");
    repo.write("a.md", "one\n");
    check(
        &repo,
        &["run"],
        0,
        "the approval of gate tidy waives nothing: it passed",
    );
    approve(&repo, &["tidy"], 2, "it passes");
    approve(&repo, &["nonsense"], 2, "there is no gate `nonsense`");
    let repo = gated("");
    repo.write("a.md", "one \n");
    approve(
        &repo,
        &["tidy"],
        2,
        "only a gate with `failure_action: require_approval` can be approved",
    );
}

#[test]
fn a_measured_value_may_not_get_worse() {
    let repo = Repo::new();
    repo.write(
        "qgate.yaml",
        format!(
            "version: 1\ngates:\n  speed:\n    checks:\n      - command:\n          shell: cat p95.json\n          json:\n            from: stdout\n            \
             metrics:\n              p95: {{ pointer: /p95, unit: ms, better: lower }}\n    criteria: {{ p95: '< 200ms' }}\n{HOLD}"
        ),
    );
    repo.write("p95.json", "{\"p95\": 212}");
    let text = check(&repo, &["run"], 1, "or: qgate approve speed --digest ");
    assert!(text.contains("--value 'p95=212ms'"), "{text}");
    approve(&repo, &["speed"], 0, "added");
    check(&repo, &["run"], 0, "APPR");
    repo.write("p95.json", "{\"p95\": 205}");
    check(&repo, &["run"], 0, "APPR");
    repo.write("p95.json", "{\"p95\": 213}");
    check(&repo, &["run"], 1, "p95 is 213ms, approved up to 212ms");
    // An approval that names no value approves none.
    let text = std::fs::read_to_string(repo.at(".qgate/approvals.yaml")).expect("it was written");
    let without: Vec<&str> = text
        .lines()
        .filter(|line| !line.contains("values:"))
        .collect();
    repo.write(".qgate/approvals.yaml", without.join("\n"));
    check(&repo, &["run"], 1, "names no value of p95");
    repo.write(
        ".qgate/approvals.yaml",
        text.replace("2026-12-25", "2026-11-24"),
    );
    check(&repo, &["run"], 1, "expired on 2026-11-24");
    repo.write(".qgate/approvals.yaml", "approvals:\n  - {gate: speed}\n");
    check(&repo, &["run"], 1, "`digest` is missing");
}

#[test]
fn nobody_approves_what_is_not_known() {
    let repo = gated("      - command: { run: [no-such-tool-here] }\n");
    let config = std::fs::read_to_string(repo.at("qgate.yaml")).expect("it was written");
    let config = config.replace("    criteria", "PLACE    criteria");
    let (head, tail) = config.split_once("PLACE").expect("it has criteria");
    let (criteria, command) = tail.split_once('\n').expect("a line");
    repo.write("qgate.yaml", format!("{head}{command}{criteria}\n{HOLD}"));
    repo.write("a.md", "one \n");
    let text = check(&repo, &["run"], 1, "HOLD");
    assert!(!text.contains("or: qgate approve"), "{text}");
    approve(&repo, &["tidy"], 2, "nobody can approve it");
}

#[test]
fn in_ci_no_change_approves_itself() {
    let repo = gated(HOLD);
    repo.write("a.md", "one \n").commit("base");
    repo.git(&["switch", "-q", "-c", "topic"]);
    approve(&repo, &["tidy"], 0, "added");
    repo.commit("approve myself");
    check(&repo, &["run"], 0, "APPR");
    check_with(&repo, &["run"], CI, 1, "HOLD");
    check(&repo, &["run", "--untrusted"], 1, "HOLD");
    repo.git(&["switch", "-q", "main"]);
    repo.git(&["merge", "-q", "--ff-only", "topic"]);
    repo.git(&["switch", "-q", "topic"]);
    repo.write("c.md", "fine\n").commit("more");
    check_with(&repo, &["run"], CI, 0, "APPR");
    check(&repo, &["run", "--untrusted"], 0, "APPR");
    // Without a base nobody can say what was approved.
    repo.git(&["branch", "-q", "-D", "main"]);
    let text = check_with(&repo, &["run"], CI, 1, "approvals cannot be read");
    assert!(text.contains("--base"), "{text}");
}
