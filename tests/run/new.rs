//! Gates of scope `new`: old debt does not stop a change, new debt does.

use super::support::Repo;
use super::{Run, check, checked, gated};

/// A check by an outside tool.
const TOOL: &str = "      - command: {shell: \"grep -n TODO a.txt | sed 's/^/a.txt:/'\", regex: {pattern: '^(?P<file>[^:]+):(?P<line>[0-9]+):(?P<message>.*)$'}}\n";

/// A gate of scope `new` over old debt on `main`, with a branch `topic` checked out.
fn with_debt(checks: &str) -> Repo {
    let repo = gated(checks);
    let old = std::fs::read_to_string(repo.at("qgate.yaml")).expect("it was written");
    repo.write(
        "qgate.yaml",
        format!("{old}    scope: new\n    criteria: {{whitespace_issues: 0}}\n"),
    );
    repo.write("debt.md", "one \n\ntwo\nthree\t\n");
    repo.commit("debt");
    repo.git(&["checkout", "-q", "-b", "topic"]);
    repo
}

#[test]
fn old_debt_does_not_stop_a_change_and_new_debt_does() {
    let repo = with_debt("      - text:\n");
    check(&repo, &["run"], 0, "PASS");
    // Moved, renamed and reindented: nothing of it is new.
    repo.write("debt.md", "above\n\n\tthree\t\n  one \n\ntwo\n");
    check(&repo, &["run"], 0, "PASS");
    repo.git(&["mv", "debt.md", "renamed.md"]);
    repo.commit("renamed");
    check(&repo, &["run"], 0, "PASS");
    let text = check(&repo, &["run", "--verbose"], 0, "(known)");
    assert!(text.contains("2 findings from before not judged"), "{text}");
    // A copy is new, and so is another line of the same kind.
    repo.write("renamed.md", "above\n\n\tthree\t\n  one \n\ntwo\none \n");
    let text = check(&repo, &["run"], 1, "whitespace_issues is 1");
    assert!(
        !text.contains("renamed.md:3"),
        "a known finding is shown:\n{text}"
    );
    repo.write("renamed.md", "fine\n")
        .write("new.md", "four \n");
    check(&repo, &["run"], 1, "new.md:1");
    // The index is judged as it is.
    check(&repo, &["run", "--staged"], 0, "PASS");
    repo.git(&["add", "-A"]);
    check(&repo, &["run", "--staged"], 1, "new.md:1");
}

#[test]
fn sarif_tells_what_is_new_and_how_github_knows_it_again() {
    let repo = with_debt("      - text:\n");
    let text = "above\r\n\n\tthree\t\n  one \n\ntwo\nfour \n";
    repo.write("debt.md", text);
    let file = repo.at("r.sarif").display().to_string();
    let output = format!("sarif={file}");
    check(&repo, &["run", "--output", &output], 1, "debt.md:7");
    let log = std::fs::read_to_string(&file).expect("it was written");
    let log: serde_json::Value = serde_json::from_str(&log).expect("JSON");
    let results = log["runs"][0]["results"].as_array().expect("results");
    let told = results.iter().map(|result| {
        let region = &result["locations"][0]["physicalLocation"]["region"];
        let hash = &result["partialFingerprints"]["primaryLocationLineHash"];
        let words = [&region["startLine"], &result["baselineState"], hash];
        words
            .map(|word| word.to_string().replace('"', ""))
            .join(" ")
    });
    // The hashes are those that the upload action of GitHub makes of this file.
    let expected = [
        "1 new a88acc03e3ac9ae2:1",
        "7 new 3efc5ba11728a159:1",
        "3 unchanged 3a1e59c68dfbf6e1:1",
        "4 unchanged 1461cb9f7f472173:1",
    ];
    assert_eq!(told.collect::<Vec<_>>(), expected);
    let log = check(
        &repo,
        &["run", "--format", "sarif"],
        1,
        "3efc5ba11728a159:1",
    );
    assert_eq!(log.matches("LineHash").count(), 4, "{log}");
}

#[test]
fn a_line_that_stands_alone_in_another_file_is_not_the_one_that_went_away() {
    let repo = gated("      - text:\n");
    let old = std::fs::read_to_string(repo.at("qgate.yaml")).expect("it was written");
    repo.write(
        "qgate.yaml",
        format!("{old}    scope: new\n    criteria: {{merge_conflicts: 0}}\n"),
    );
    let conflict = |ours: &str| format!("<<<<<<< HEAD\n{ours}\n=======\nothers\n>>>>>>> topic\n");
    repo.write(
        "one.txt",
        conflict("a line of ours that tells where it is from"),
    )
    .write("two.txt", "fine\n");
    repo.commit("debt");
    repo.git(&["checkout", "-q", "-b", "topic"]);
    repo.write("one.txt", "fine\n")
        .write("two.txt", format!("fine\n{}", conflict("something else")));
    repo.commit("resolved here, and not there");
    check(&repo, &["run"], 1, "two.txt:2");
    // The same conflict, carried along in its block, is the old one.
    repo.write(
        "two.txt",
        format!(
            "fine\n{}",
            conflict("a line of ours that tells where it is from")
        ),
    );
    check(&repo, &["run"], 0, "PASS");
}

#[test]
fn without_a_base_nobody_knows_what_is_new() {
    let repo = with_debt("      - text:\n");
    repo.git(&["branch", "-q", "-D", "main"]);
    check(&repo, &["run"], 3, "--base");
    check(&repo, &["run", "--base", "HEAD"], 0, "PASS");
    check(&repo, &["run", "--base", "HEAD~1"], 1, "debt.md:1");
    check(&repo, &["run", "--base", "nonsense"], 3, "nonsense");
}

#[test]
fn what_an_outside_tool_finds_is_new_where_lines_changed() {
    let repo = gated(TOOL);
    let old = std::fs::read_to_string(repo.at("qgate.yaml")).expect("it was written");
    repo.write(
        "qgate.yaml",
        format!("{old}    scope: new\n    criteria: {{tool_findings: 0}}\n"),
    );
    repo.write("a.txt", "TODO old\nx\n");
    repo.commit("debt");
    repo.git(&["checkout", "-q", "-b", "topic"]);
    check(&repo, &["run"], 0, "PASS");
    repo.write("a.txt", "above\nTODO old\nx\n");
    check(&repo, &["run"], 0, "PASS");
    repo.write("a.txt", "TODO old\nx\nTODO new\n");
    let text = check(&repo, &["run"], 1, "a.txt:3");
    assert!(!text.contains("a.txt:1"), "{text}");
}

#[test]
fn where_there_is_nothing_nothing_is_claimed() {
    for repo in [Repo::new(), Repo::without_git()] {
        let text = check(
            &repo,
            &["run", "--verbose"],
            0,
            "no file is here to look at",
        );
        assert!(!text.contains("PASS    "), "{text}");
        assert!(!text.contains("????"), "{text}");
    }
    // What the configuration names and what is absent is no such thing.
    let repo = Repo::without_git();
    let outside = Repo::without_git();
    outside.write("only.yaml", "version: 1\ngates:\n  only:\n    component: security\n    level: mandatory\n    checks:\n      - files: { expect: [README.md] }\n");
    let config = outside.at("only.yaml").display().to_string();
    check(&repo, &["run", "--config", &config], 1, "README.md");
}

#[test]
fn a_gate_of_a_kind_of_file_that_is_not_here_is_not_applicable() {
    for checks in [
        "      - terminal-output:\n",
        "      - commits: { untracked: false }\n",
    ] {
        let repo = gated(checks);
        repo.git(&["mv", "qgate.yaml", "only.yml"]);
        repo.git(&["mv", "a.txt", "a.rs"]);
        let text = check(
            &repo,
            &["run", "--config", "only.yml"],
            0,
            "1 not applicable",
        );
        assert!(!text.contains("PASS    only"), "{text}");
    }
}

#[test]
fn hints_on_commits_wherever_the_head_is() {
    let repo = Repo::new();
    repo.write("a.txt", "fine\n").commit("did things");
    // On the only branch there is, without a remote: what is new cannot be known.
    check(&repo, &["run"], 0, "????    commit-messages");
    repo.git(&["switch", "-q", "-c", "topic"]);
    repo.write("b.txt", "fine\n").commit("did more");
    let text = check(&repo, &["run", "--verbose"], 0, "`did more` has no type");
    assert!(!text.contains("did things"), "{text}");
    repo.git(&["switch", "-q", "--detach"]);
    check(&repo, &["run", "--verbose"], 0, "`did more` has no type");
    let clone = Repo::without_git();
    let from = format!("file://{}", repo.path().display());
    let to = clone.at("shallow").display().to_string();
    repo.git(&["clone", "-q", "--depth=1", "--branch=topic", &from, &to]);
    let text = check(
        &clone,
        &["-C", "shallow", "run", "--verbose"],
        0,
        "no commits since",
    );
    assert!(!text.contains("????"), "{text}");
    let words = ["-C", "shallow", "run", "--base", "HEAD~1"];
    let cure = check(&clone, &words, 0, "????    commit-messages");
    assert!(cure.contains("git fetch --unshallow"), "{cure}");
}

#[test]
fn new_from_makes_every_gate_one_of_scope_new() {
    let repo = gated("      - text:\n");
    let gates = std::fs::read_to_string(repo.at("qgate.yaml")).expect("it was written");
    let tool = format!("  tool:\n    checks:\n{TOOL}    criteria: {{tool_findings: 0}}\n");
    let criteria = "    criteria: {whitespace_issues: 0}\n";
    repo.write("qgate.yaml", format!("{gates}{criteria}{tool}"))
        .write("debt.md", "one \n")
        .write("a.txt", "TODO old\n")
        .commit("debt");
    check(&repo, &["run"], 1, "debt.md:1");
    let since = ["run", "--new-from", "HEAD"];
    let text = check(&repo, &since, 0, "only what is new since `HEAD`");
    assert!(text.contains("PASS    tool"), "{text}");
    checked(
        &Run::new(&repo, &["run"]).with("QGATE_NEW_FROM", "HEAD"),
        0,
        "PASS",
    );
    check(
        &repo,
        &["run", "--new-from", "HEAD", "--dry-run"],
        0,
        "only what is new",
    );
    // Since the merge-base, as with --base.
    repo.git(&["switch", "-q", "-c", "topic"]);
    repo.write("more.md", "two \n")
        .write("a.txt", "TODO old\nTODO new\n")
        .commit("more");
    let text = check(&repo, &["run", "--new-from", "main"], 1, "more.md:1");
    assert!(text.contains("a.txt:2"), "{text}");
    assert!(
        !text.contains("debt.md:1") && !text.contains("a.txt:1"),
        "{text}"
    );
    check(
        &repo,
        &["run", "--new-from", "nonsense"],
        3,
        "no commit `nonsense`",
    );
    check(
        &repo,
        &["run", "--new-from", "main", "--base", "main"],
        2,
        "cannot be used with",
    );
    // What is measured is no finding: it is judged as it is.
    let failing = format!(
        "{gates}  fails:\n    checks:\n      - command: {{run: [git, nonsense]}}\n    criteria: {{command_succeeded: true}}\n"
    );
    repo.write("qgate.yaml", failing);
    check(&repo, &["run", "--new-from", "HEAD"], 1, "FAIL    fails");
}
