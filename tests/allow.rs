//! What is allowed to stand although it is not right: baseline, exemptions, inline ignores, approvals, bypasses; and what an
//! untrusted change cannot do about it.

mod support;

#[path = "allow/approvals.rs"]
mod approvals;
#[path = "allow/attacks.rs"]
mod attacks;
#[path = "allow/baseline.rs"]
mod baseline;
#[path = "allow/exemptions.rs"]
mod exemptions;
#[path = "allow/ignores.rs"]
mod ignores;

use std::process::{Command, Output};

use support::{Repo, hermetic};

/// 2026-11-25: the day on which all of these runs happen.
const TODAY: &str = "1795564800";

/// qgate in a repository, on a fixed day.
fn qgate(repo: &Repo, args: &[&str], variables: &[(&str, &str)]) -> Output {
    hermetic(Command::new(env!("CARGO_BIN_EXE_qgate")))
        .args(args)
        .current_dir(repo.path())
        .env("SOURCE_DATE_EPOCH", TODAY)
        .env("QGATE_WIDTH", "400")
        .env("XDG_CACHE_HOME", repo.at(".git/test-cache"))
        .envs(variables.iter().copied())
        .output()
        .expect("qgate can be run")
}

/// What a command says, and that it ends with this code and says this.
fn check(repo: &Repo, args: &[&str], exit: i32, says: &str) -> String {
    check_with(repo, args, &[], exit, says)
}

fn check_with(
    repo: &Repo,
    args: &[&str],
    variables: &[(&str, &str)],
    exit: i32,
    says: &str,
) -> String {
    let output = qgate(repo, args, variables);
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8(text).expect("it is ASCII");
    assert_eq!(output.status.code(), Some(exit), "{args:?}:\n{text}");
    assert!(text.contains(says), "{args:?}: no `{says}` in\n{text}");
    text
}

/// A repository with a gate `tidy` of these lines, which counts white space at line ends.
fn gated(lines: &str) -> Repo {
    let repo = Repo::new();
    repo.write(
        "qgate.yaml",
        format!(
            "version: 1\ngates:\n  tidy:\n    checks:\n      - text: {{}}\n    criteria: {{ whitespace_issues: 0 }}\n{lines}"
        ),
    );
    repo
}
