//! A pull request against the gate: `--untrusted` is not fooled.

use super::{check, gated};
use crate::support::Repo;

const SEEN: &str = "a.md:1";

/// A base with a gate, and a branch that brings a violation.
fn attacked(lines: &str) -> Repo {
    let repo = gated(lines);
    repo.write("b.md", "fine\n").commit("base");
    repo.git(&["switch", "-q", "-c", "attack"]);
    repo.write("a.md", "one \n");
    repo
}

#[test]
fn the_gate_file_is_weakened() {
    let repo = attacked("");
    for weaker in [
        "version: 1\ngates:\n  tidy: off\n",
        "version: 1\nrules: { trailing-whitespace: off }\ngates:\n  tidy:\n    checks:\n      - text: {}\n    criteria: { whitespace_issues: 0 }\n",
        "version: 1\nexclude: [a.md]\ngates:\n  tidy:\n    checks:\n      - text: {}\n    criteria: { whitespace_issues: 0 }\n",
        "not: [a, gate, file\n",
    ] {
        repo.write("qgate.yaml", weaker);
        let text = check(&repo, &["run", "--untrusted"], 1, SEEN);
        assert!(text.contains("notice: untrusted: gate files, exemptions, approvals and the baseline are those of the base"), "{text}");
    }
    // A second root file, where the base has one: not even looked at.
    repo.git(&["checkout", "-q", "qgate.yaml"]);
    repo.write(".qgate/qgate.yaml", "version: 1\ngates: {}\n");
    check(&repo, &["run"], 2, "both");
    check(&repo, &["run", "--untrusted"], 1, SEEN);
    // One that is nearer to where qgate is run from.
    repo.write("sub/qgate.yaml", "version: 1\ngates: {}\n");
    check(
        &repo,
        &["-C", "sub", "run", "--untrusted"],
        2,
        "sub/qgate.yaml",
    );
}

#[test]
fn an_exemption_a_baseline_or_an_approval_is_brought_along() {
    let repo = attacked("    scope: new\n");
    repo.write(
        ".qgate/exemptions.yaml",
        "exemptions:\n  - {rule: trailing-whitespace, path: '**', reason: r, owner: o, expires: 2026-12-01}\n  - {gate: tidy, reason: r, owner: o, expires: 2026-12-01}\n",
    );
    check(&repo, &["run"], 0, "waived");
    check(&repo, &["run", "--untrusted"], 1, SEEN);
    repo.remove(".qgate/exemptions.yaml");
    check(&repo, &["baseline"], 0, "1 finding");
    check(&repo, &["run"], 0, "PASS");
    check(&repo, &["run", "--untrusted"], 1, SEEN);
    // A broken one of the change is not read at all.
    repo.write(".qgate/baseline.json", "broken");
    check(&repo, &["run", "--untrusted"], 1, SEEN);
}

fn with_command(command: &str) -> Repo {
    let repo = Repo::new();
    repo.write("qgate.yaml", format!("version: 1\ngates:\n  tests:\n    checks:\n      - command: {command}\n    criteria: {{ command_succeeded: true }}\n"));
    repo.write("tests/run.sh", "exit 1\n").commit("base");
    repo.git(&["switch", "-q", "-c", "attack"]);
    repo
}

#[test]
fn a_command_that_the_change_touches_does_not_run() {
    let repo = with_command("{ run: [sh, tests/run.sh] }");
    check(&repo, &["run", "--untrusted"], 1, "FAIL");
    let trap = "touch ran\nexit 0\n";
    repo.write("tests/run.sh", trap);
    let text = check(
        &repo,
        &["run", "--untrusted"],
        3,
        "the change is not trusted, and the command may run what it touches: tests/run.sh",
    );
    assert!(
        text.contains("name what it reads and runs with `inputs`"),
        "{text}"
    );
    assert!(!repo.at("ran").exists());
    // Whatever it touches: nobody knows what a command runs.
    repo.git(&["checkout", "-q", "tests/run.sh"]);
    repo.write("other.txt", "x\n");
    check(&repo, &["run", "--untrusted"], 3, "other.txt");
    // The command of the change itself is not believed either.
    let weaker = std::fs::read_to_string(repo.at("qgate.yaml")).expect("it is there");
    repo.write("qgate.yaml", weaker.replace("sh, tests/run.sh", "'true'"));
    check(&repo, &["run"], 0, "PASS");
    check(&repo, &["run", "--untrusted"], 3, "????");
}

#[test]
fn a_command_that_names_its_inputs_runs_when_they_are_untouched() {
    let repo = with_command("{ run: [sh, tests/run.sh], inputs: ['tests/**'] }");
    repo.write("other.txt", "x\n");
    check(&repo, &["run", "--untrusted"], 1, "FAIL");
    repo.git(&["mv", "tests/run.sh", "tests/runs.sh"]);
    check(&repo, &["run", "--untrusted"], 3, "tests/run");
    repo.git(&["mv", "tests/runs.sh", "tests/run.sh"]);
    repo.write("tests/run.sh", "exit 0\n");
    check(&repo, &["run", "--untrusted"], 3, "????");
}

#[test]
fn a_program_or_a_report_of_the_change_is_not_believed() {
    let repo = with_command("{ run: [./tool.sh], inputs: ['tests/**'] }");
    let script = repo.at("tool.sh");
    repo.write("tool.sh", "#!/bin/sh\nexit 0\n");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755))
            .expect("it can be made to run");
    }
    check(
        &repo,
        &["run", "--untrusted"],
        3,
        "the program `./tool.sh` lies in the repository",
    );
    let repo = with_command("{ run: [tool], env: { PATH: /usr/bin }, inputs: ['tests/**'] }");
    repo.write("other.txt", "x\n");
    check(
        &repo,
        &["run", "--untrusted"],
        3,
        "`tool` is looked for on a PATH of its own",
    );
    let repo = with_command("{ junit: out.xml, inputs: ['tests/**'] }");
    repo.write(
        "out.xml",
        "<testsuite tests=\"1\"><testcase name=\"a\"/></testsuite>",
    );
    check(
        &repo,
        &["run", "--untrusted"],
        3,
        "the report out.xml comes with it",
    );
}

#[test]
fn a_forged_cache_is_not_read() {
    let repo = attacked("");
    check(&repo, &["run"], 1, SEEN);
    // The cache of a run that saw nothing wrong, with the very file names that this run would look for.
    repo.write("a.md", "one\n");
    check(&repo, &["run"], 0, "PASS");
    assert!(repo.at(".qgate/cache").exists());
    repo.git(&["add", "-f", ".qgate/cache"]);
    repo.commit("forged");
    repo.write("a.md", "one \n");
    check(&repo, &["run", "--untrusted"], 1, SEEN);
    let text = check(&repo, &["run"], 1, SEEN);
    assert!(text.contains("0 from the cache"), "{text}");
}

#[cfg(unix)]
#[test]
fn names_that_are_commands_and_escapes() {
    let repo = attacked("");
    for name in [
        "::error file=x::pwned",
        "##[error]pwned",
        "a\u{1b}[31m##vso[task.complete]b",
        "%0A::add-mask::x",
        "new\nline::warning::x",
    ] {
        repo.write(name, "one \n");
    }
    for format in ["text", "github", "azure", "markdown", "json"] {
        let text = check(&repo, &["run", "--untrusted", "--format", format], 1, "");
        assert!(
            text.bytes().all(|b| matches!(b, b'\n' | b' '..=b'~')),
            "{text}"
        );
        let stops = text.matches("::stop-commands::").count();
        assert_eq!(stops, usize::from(format == "github"), "{text}");
        for line in text.lines().filter(|line| line.contains("pwned")) {
            assert!(!line.trim_start().starts_with("::error file=x"), "{line}");
            assert!(
                !line.contains("##[error]") && !line.contains("##vso[task.complete]"),
                "{line}"
            );
        }
    }
}

#[test]
fn without_a_base_nothing_is_judged() {
    let repo = attacked("");
    repo.commit("attack");
    repo.git(&["branch", "-q", "-D", "main"]);
    check(&repo, &["run", "--untrusted"], 3, "--base");
    let outside = Repo::without_git();
    outside.write("qgate.yaml", "version: 1\n");
    check(
        &outside,
        &["run", "--untrusted"],
        2,
        "--untrusted needs a git repository",
    );
    // The base is chosen by who runs it, not by the change.
    check(&repo, &["run", "--untrusted", "--base", "HEAD~1"], 1, SEEN);
}
