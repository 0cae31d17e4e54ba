//! What a push can be: in each case a bad commit is stopped, the remote stays as it was, and a good one passes.

use super::support::Repo;
use super::{BAD, GOOD, Site, checked, command};

/// A gate of scope `new`; what the remote has of it is old debt.
const ONLY_NEW: &str = "version: 1\ngates:\n  only:\n    component: code_quality\n    level: mandatory\n    scope: new\n    \
                        checks:\n      - text: {}\n    criteria: {whitespace_issues: 0}\n";

#[test]
fn a_new_branch() {
    let site = Site::new();
    site.repo.git(&["switch", "-q", "-c", "work"]);
    site.repo.write("b.txt", BAD).commit("bad");
    site.check(&["-u", "origin", "work"], false, "b.txt:1");
    site.repo.write("b.txt", GOOD).commit("mended");
    site.check(&["-u", "origin", "work"], true, "PASS");
    // One that begins at another branch than the default one.
    site.repo.git(&["switch", "-q", "-c", "next"]);
    site.repo.write("c.txt", BAD).commit("bad");
    site.check(&["origin", "HEAD"], false, "c.txt:1");
    site.repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    site.repo.write("c.txt", GOOD).commit("good");
    site.check(&["origin", "HEAD"], true, "PASS");
}

#[test]
fn a_second_ref_whichever_is_bad() {
    let site = Site::new();
    for name in ["one", "two"] {
        site.repo.git(&["switch", "-q", "-c", name, "main"]);
        site.repo.write(name, GOOD).commit(name);
    }
    site.check(&["origin", "one", "two"], true, "qgate: the push: PASS");
    for bad in ["one", "two"] {
        site.repo.git(&["switch", "-q", bad]);
        site.repo.write("bad.txt", BAD).commit("bad");
        let other = if bad == "one" { "two" } else { "one" };
        site.repo.git(&["switch", "-q", other]);
        site.repo.write("more.txt", bad).commit("good");
        let text = site.check(&["origin", "one", "two"], false, "bad.txt:1");
        assert!(text.contains("the push: FAIL"), "{text}");
        let text = site.check(&["--all", "origin"], false, "bad.txt:1");
        assert_eq!(text.matches("qgate: refs/heads/").count(), 2, "{text}");
        site.repo.git(&["switch", "-q", bad]);
        site.repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
        site.check(&["--all", "origin"], true, "PASS");
    }
}

#[test]
fn a_deletion_alone_and_beside_a_bad_branch() {
    let site = Site::new();
    site.repo.git(&["branch", "old"]);
    site.repo.git(&["branch", "older"]);
    site.check(&["origin", "old", "older"], true, "has all of its commits");
    site.repo.write("b.txt", BAD).commit("bad");
    let text = site.check(&["origin", ":old", "main"], false, "b.txt:1");
    assert!(text.contains("refs/heads/old is deleted"), "{text}");
    site.repo.write("b.txt", GOOD).commit("mended");
    site.check(&["origin", ":old", "main"], true, "PASS");
    site.check(&["origin", ":older"], true, "nothing to judge");
    let left = site.remote.git(&["branch", "--format=%(refname:short)"]);
    assert_eq!(left.trim(), "main");
}

#[test]
fn forced_forward_sideways_and_back() {
    let site = Site::new();
    site.repo.write("b.txt", GOOD).commit("good");
    site.check(&["origin", "main"], true, "PASS");
    site.repo.write("b.txt", BAD);
    site.repo
        .git(&["commit", "-q", "-a", "--amend", "-m", "bad"]);
    site.check(&["-f", "origin", "main"], false, "b.txt:1");
    site.check(&["origin", "+main"], false, "b.txt:1");
    site.check(&["--force-with-lease", "origin", "main"], false, "b.txt:1");
    site.repo.write("b.txt", "other\n");
    site.repo
        .git(&["commit", "-q", "-a", "--amend", "-m", "good"]);
    site.check(&["--force-with-lease", "origin", "main"], true, "PASS");
    // Back to what was there before.
    site.repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    site.check(&["-f", "origin", "main"], true, "PASS");
    // A history that has nothing to do with the old one.
    site.repo.git(&["switch", "-q", "--orphan", "alone"]);
    site.repo.write("x.txt", BAD).commit("bad");
    site.check(&["-f", "origin", "HEAD:main"], false, "x.txt:1");
    site.check(&["origin", "alone"], false, "x.txt:1");
    site.repo.write("x.txt", GOOD).commit("mended");
    site.check(&["-f", "origin", "HEAD:main"], true, "PASS");
}

#[test]
fn tags_of_every_kind() {
    let site = Site::new();
    let tag = |name: &str, words: &[&str]| {
        site.repo.git(&[&["tag", "-f"], words, &[name]].concat());
    };
    site.repo.write("b.txt", BAD).commit("bad");
    tag("light", &[]);
    tag("annotated", &["-a", "-m", "one"]);
    site.repo
        .git(&["tag", "-a", "-m", "tag of a tag", "nested", "annotated"]);
    for name in ["light", "annotated", "nested"] {
        site.check(&["origin", name], false, "b.txt:1");
    }
    site.check(&["--tags", "origin"], false, "b.txt:1");
    site.check(&["--follow-tags", "origin", "main"], false, "b.txt:1");
    site.repo.write("b.txt", GOOD).commit("mended");
    site.repo.git(&["tag", "-d", "nested"]);
    tag("light", &[]);
    tag("annotated", &["-a", "-m", "one"]);
    // Two tags of one commit: it is judged once.
    let text = site.check(&["--tags", "origin"], true, "PASS");
    assert_eq!(text.matches("PASS\n").count(), 1, "{text}");
    site.check(&["-f", "origin", ":annotated"], true, "is deleted");
    // What is no commit cannot be judged.
    site.repo.git(&["tag", "blob", "HEAD:b.txt"]);
    let text = site.check(&["origin", "blob"], false, "is no commit");
    assert!(text.contains("(exit code 3)"), "{text}");
}

#[test]
fn a_dirty_tree_and_an_index_that_are_better_or_worse() {
    let site = Site::new();
    site.repo.write("b.txt", BAD).commit("bad");
    // Mended on disk, mended in the index, and taken away: the commit stays bad.
    site.repo.write("b.txt", GOOD);
    site.check(&["origin", "main"], false, "b.txt:1");
    site.repo.git(&["add", "-A"]);
    site.check(&["origin", "main"], false, "b.txt:1");
    site.repo.git(&["rm", "-q", "-f", "b.txt"]);
    site.check(&["origin", "main"], false, "b.txt:1");
    site.repo.commit("taken away");
    // Bad in the index only, on disk only, and in a merge that is not done.
    site.repo.write("b.txt", BAD);
    site.repo.git(&["add", "-A"]);
    site.repo.write("b.txt", GOOD);
    site.check(&["origin", "main"], true, "PASS");
    site.repo.git(&["reset", "-q", "--hard"]);
    site.repo.write("c.txt", GOOD).commit("good");
    site.repo.write("c.txt", BAD);
    site.check(&["origin", "main"], true, "PASS");
}

#[test]
fn what_a_merge_itself_brings() {
    let site = Site::new();
    site.repo.git(&["switch", "-q", "-c", "work"]);
    site.repo.write("b.txt", GOOD).commit("good");
    site.repo.git(&["switch", "-q", "main"]);
    site.repo.write("c.txt", GOOD).commit("good");
    site.repo
        .git(&["merge", "-q", "--no-commit", "--no-ff", "work"]);
    site.repo
        .write("b.txt", BAD)
        .commit("a merge that adds what neither side had");
    site.check(&["origin", "main"], false, "b.txt:1");
    site.repo.write("b.txt", GOOD);
    site.repo
        .git(&["commit", "-q", "-a", "--amend", "--no-edit"]);
    site.check(&["origin", "main"], true, "PASS");
    // The bad commit is on the side that is merged in.
    site.repo.git(&["switch", "-q", "work"]);
    site.repo.write("d.txt", BAD).commit("bad");
    site.repo.git(&["switch", "-q", "main"]);
    site.repo
        .git(&["merge", "-q", "--no-ff", "--no-edit", "work"]);
    site.check(&["origin", "main"], false, "d.txt:1");
}

#[test]
fn a_push_of_nothing_and_a_commit_of_nothing() {
    let site = Site::new();
    site.check(&["origin", "main"], true, "nothing was pushed");
    site.repo.commit("no file changed");
    site.check(&["origin", "main"], true, "PASS");
    site.repo.write("b.txt", BAD).commit("bad");
    site.repo.commit("no file changed");
    site.check(&["origin", "main"], false, "b.txt:1");
}

#[test]
fn only_what_is_new_is_judged_where_the_gate_says_so() {
    let site = Site::without_hook();
    site.repo
        .write("qgate.yaml", ONLY_NEW)
        .write("debt.txt", "old \n")
        .commit("debt");
    site.repo.git(&["push", "-q", "origin", "main"]);
    site.qgate(&["hook", "install"], true, "");
    site.repo.git(&["switch", "-q", "-c", "work"]);
    site.repo.write("b.txt", GOOD).commit("good");
    site.check(&["origin", "work"], true, "PASS");
    site.repo.write("b.txt", "new \n").commit("bad");
    site.check(&["origin", "work"], false, "b.txt:1");
    site.repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    // Somebody else's debt that came in by the default branch is not this push's.
    site.repo.git(&["switch", "-q", "main"]);
    site.repo.write("theirs.txt", "more \n").commit("theirs");
    site.repo
        .git(&["push", "-q", "--no-verify", "origin", "main"]);
    site.repo.git(&["switch", "-q", "work"]);
    site.repo.git(&["merge", "-q", "--no-edit", "main"]);
    site.check(&["origin", "work"], true, "PASS");
    site.repo.write("c.txt", "mine \n").commit("bad");
    let text = site.check(&["origin", "work"], false, "c.txt:1");
    assert!(!text.contains("theirs.txt"), "{text}");
    // To a remote that has none of the history all of it is new.
    let other = Repo::without_git();
    other.git(&["init", "-q", "--bare"]);
    let url = other.path();
    let to = [url.to_str().expect("text"), "main"];
    let mut push = command("git", &site.repo.path());
    push.arg("push").args(to);
    checked(push, false, "debt.txt:1");
    assert_eq!(other.git(&["for-each-ref"]), "");
}

#[test]
fn ids_of_64_digits() {
    let remote = Repo::without_git();
    remote.git(&[
        "init",
        "-q",
        "--bare",
        "--object-format=sha256",
        "-b",
        "main",
    ]);
    let repo = Repo::without_git();
    repo.git(&["init", "-q", "--object-format=sha256", "-b", "main"]);
    let url = remote.path();
    repo.git(&["remote", "add", "origin", url.to_str().expect("text")]);
    let site = Site { repo, remote };
    site.qgate(&["hook", "install"], true, "");
    site.repo
        .write("qgate.yaml", ONLY_NEW)
        .write("a.txt", "new \n")
        .commit("bad");
    let mut first = command("git", &site.repo.path());
    first.args(["push", "origin", "main"]);
    checked(first, false, "a.txt:1");
    site.repo.write("a.txt", GOOD).commit("good");
    let mut second = command("git", &site.repo.path());
    second.args(["push", "-u", "origin", "main"]);
    checked(second, true, "PASS");
    site.repo.write("a.txt", "new \n").commit("bad");
    site.check(&["origin", "main"], false, "a.txt:1");
}

#[test]
fn a_base_is_not_taken_from_elsewhere() {
    let site = Site::new();
    site.repo.write("b.txt", GOOD).commit("good");
    let here = site.repo.path();
    for name in ["QGATE_BASE", "QGATE_NEW_FROM"] {
        let text = site.check_in(
            &here,
            &["origin", "main"],
            &[(name, "HEAD")],
            false,
            "a push is judged as it is",
        );
        assert!(text.contains("exit code 2"), "{text}");
    }
    // Nor from a CI system's event: git says what is pushed.
    site.repo.write("b.txt", BAD).commit("bad");
    let event = [
        ("JENKINS_URL", "x"),
        ("GIT_PREVIOUS_SUCCESSFUL_COMMIT", "nonsense"),
    ];
    site.check_in(&here, &["origin", "main"], &event, false, "b.txt:1");
    site.repo.write("b.txt", GOOD).commit("mended");
    site.check_in(&here, &["origin", "main"], &event, true, "PASS");
}

#[test]
fn what_is_waived_is_what_the_pushed_commit_waives() {
    let site = Site::new();
    let day = [("SOURCE_DATE_EPOCH", "1795564800")];
    let push = |passes, says| {
        let folder = site.repo.path();
        site.check_in(&folder, &["origin", "main"], &day, passes, says);
    };
    let gate = ONLY_NEW.replace("    scope: new\n", "");
    site.repo
        .write("qgate.yaml", gate)
        .write("b.txt", "white space \n");
    site.repo.commit("bad");
    let exemption = "exemptions:\n  - {rule: trailing-whitespace, path: b.txt, reason: r, owner: o, expires: 2026-12-01}\n";
    site.repo.write(".qgate/exemptions.yaml", exemption);
    push(false, "b.txt:1");
    site.repo.commit("waived");
    site.repo.remove(".qgate/exemptions.yaml");
    push(
        true,
        "waived: exemption of rule trailing-whitespace in b.txt",
    );
}
