//! Comments `qgate:ignore` in the files themselves.

use super::{check, check_with, gated};

/// White space at the end of a comment, so that the line itself can say that it is waived.
const WAIVED: &str = "# qgate:ignore trailing-whitespace reason=demo until=2026-12-01 \n";

#[test]
fn a_line_and_a_file() {
    let repo = gated("");
    repo.write("a.py", "# qgate:ignore trailing-whitespace reason=old code, OPS-1 until=2026-12-01 owner=ann\nx = 1 \n");
    let text = check(
        &repo,
        &["run"],
        0,
        "waived: ignore of rule trailing-whitespace in line 2 of a.py until 2026-12-01 by ann: old code, OPS-1",
    );
    assert!(text.contains("[a.py:1:3]"), "{text}");
    // The cache remembers it.
    check(
        &repo,
        &["run"],
        0,
        "waived: ignore of rule trailing-whitespace",
    );
    repo.write(
        "a.py",
        "# qgate:ignore trailing-whitespace reason=old code until=2026-12-01\nx = 1 \ny = 1 \n",
    );
    check(&repo, &["run"], 1, "a.py:3");
    repo.write("a.py", "# qgate:ignore-file trailing-whitespace reason=old code until=2026-12-01\nx = 1 \ny = 1 \n");
    check(&repo, &["run"], 0, "(2 times)");
    // A waiver can stand behind what it is about, and comes to the findings of outside tools too.
    repo.write(
        "qgate.yaml",
        "version: 1\ngates:\n  todo:\n    checks:\n      - command:\n          shell: \"grep -n TODO b.sh | sed 's/^/b.sh:/'\"\n          tool: grep\n          \
         regex: {pattern: '^(?P<file>[^:]+):(?P<line>[0-9]+):(?P<rule>TODO|x)?(?P<message>.*)$'}\n    criteria: { tool_findings: 0 }\n",
    );
    repo.remove("a.py").write("b.sh", "run # TODO\n");
    let text = check(&repo, &["run"], 1, "b.sh:1");
    let rule = text.split('[').find_map(|part| {
        part.split(']')
            .next()
            .filter(|rule| rule.starts_with("grep/"))
    });
    let rule = rule.expect("the finding has a rule of the tool");
    repo.write(
        "b.sh",
        format!("# qgate:ignore {rule} reason=later until=2026-12-01\nrun # TODO\n"),
    );
    check(&repo, &["run"], 0, "waived: ignore");
}

#[test]
fn what_is_wrong_is_said_and_does_not_hold() {
    let repo = gated("");
    for (comment, says) in [
        (
            "qgate:ignore trailing-whitespace until=2026-12-01",
            "gives no reason",
        ),
        (
            "qgate:ignore trailing-whitespace reason=x",
            "has no last day",
        ),
        ("qgate:ignore reason=x until=2026-12-01", "names no rule"),
        (
            "qgate:ignore trailing-whitespaces reason=x until=2026-12-01",
            "did you mean `trailing-whitespace`?",
        ),
        (
            "qgate:ignore trailing-whitespace reason=x until=tomorrow",
            "`tomorrow` is no date",
        ),
        (
            "qgate:ignore trailing-whitespace reason=x until=2026-11-24",
            "expired on 2026-11-24",
        ),
        (
            "qgate:ignore trailing-whitespace reason=x until=2027-11-24",
            "are allowed",
        ),
        (
            "qgate:ignore mixed-line-endings reason=x until=2026-12-01",
            "waives nothing",
        ),
    ] {
        repo.write("a.py", format!("# {comment}\nx = 1 \n"));
        let text = check(&repo, &["run"], 1, says);
        assert!(text.contains("a.py:1:3"), "{text}");
    }
}

#[test]
fn a_text_is_no_comment() {
    let repo = gated("");
    repo.write(
        "a.md",
        "# qgate:ignore trailing-whitespace reason=x until=2026-12-01\nx \n",
    );
    check(&repo, &["run"], 1, "a.md:2");
    repo.write(
        "a.md",
        "<!-- qgate:ignore trailing-whitespace reason=x until=2026-12-01 -->\nx \n",
    );
    check(&repo, &["run"], 0, "waived: ignore");
    repo.write("a.md", "fine\n").write("b.sh", WAIVED);
    check(
        &repo,
        &["run"],
        0,
        "waived: ignore of rule trailing-whitespace in line 1 of b.sh",
    );
}

#[test]
fn a_change_that_is_not_trusted_waives_nothing() {
    let repo = gated("");
    repo.write(
        "a.py",
        "# qgate:ignore trailing-whitespace reason=x until=2026-12-01\nx = 1 \n",
    );
    repo.commit("base");
    repo.git(&["switch", "-q", "-c", "topic"]);
    repo.write("c.py", "y = 2\n");
    // What the base waives stays waived, wherever it moves to.
    repo.write(
        "a.py",
        "above = 0\n# qgate:ignore trailing-whitespace reason=x until=2026-12-01\nx = 1 \n",
    );
    check(&repo, &["run", "--untrusted"], 0, "waived: ignore");
    // Another line below the same comment is not what was waived.
    repo.write(
        "a.py",
        "# qgate:ignore trailing-whitespace reason=x until=2026-12-01\nx = 2 \n",
    );
    check(&repo, &["run"], 0, "waived");
    check(
        &repo,
        &["run", "--untrusted"],
        1,
        "an ignore that comes with this change does not count",
    );
    repo.write("a.py", "fine = 1\n").write(
        "b.py",
        "# qgate:ignore-file trailing-whitespace reason=x until=2026-12-01\nx = 1 \n",
    );
    check_with(&repo, &["run"], &[("QGATE_UNTRUSTED", "1")], 1, "b.py:2");
}
