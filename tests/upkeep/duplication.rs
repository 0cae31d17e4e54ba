//! Duplicated code, and which of it is new.

use super::{Repo, check};

const GATES: &str = "\
version: 1
extends: []
gates:
  copies:
    scope: new
    checks:
      - duplication: { min_tokens: 30, min_lines: 3 }
    criteria: { duplicated_blocks: 0 }
  share:
    checks:
      - duplication: { min_tokens: 30, min_lines: 3, new: true }
    criteria: { duplication: '< 100%', new_duplication: '<= 50%' }
";

/// A function of seven lines, of which the last six are the same whatever its name.
fn function(name: &str) -> String {
    format!(
        "\ndef {name}(rows):\n    result = 0\n    for row in rows:\n        if row.active and row.price > 0:\n            \
         result += row.price * row.count\n            print(result, row.price)\n    return result\n"
    )
}

fn repo() -> Repo {
    let repo = Repo::new();
    repo.write("qgate.yaml", GATES);
    repo.write("a.py", function("a"))
        .write("b.py", function("b"));
    repo.commit("start");
    repo.git(&["switch", "-q", "-c", "topic"]);
    repo
}

#[test]
fn what_was_copied_before_is_not_new() {
    let repo = repo();
    // It moves within its file.
    repo.write("a.py", format!("x = 1\n{}", function("a")));
    repo.commit("move");
    check(
        &repo,
        &["run", "--base", "main"],
        0,
        &["PASS    copies", "PASS    share"],
    );
}

#[test]
fn the_copy_is_told_and_not_what_was_copied() {
    let repo = repo();
    repo.write("c.py", function("c"));
    repo.commit("copy");
    let says = [
        "duplicated_blocks is 1",
        "c.py:3:1",
        "6 lines, 42 tokens: the same code as a.py:3-8, b.py:3-8",
        "2 findings from before not judged",
        "new_duplication is 85.714%",
    ];
    check(&repo, &["run", "--base", "main"], 1, &says);
}

#[test]
fn no_code_is_said_and_a_change_without_code_has_no_new_duplicate() {
    let repo = repo();
    repo.write("README.md", "# Title\n").commit("text");
    let says = ["no line of code is new since the base"];
    check(&repo, &["run", "--base", "main", "--verbose"], 0, &says);
    repo.remove("a.py").remove("b.py").commit("none");
    check(
        &repo,
        &["run", "--base", "main"],
        0,
        &["code in a language that is parsed"],
    );
}
