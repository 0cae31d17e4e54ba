//! Gates of scope `new` on a CI system: the event tells the base, and what it cannot tell is no pass.

use super::support::Repo;
use super::{Run, checked, gated};

/// A gate of scope `new` over old debt on `main`; a remote that has it; and the branch `topic` with one more commit.
fn site(added: &str) -> (Repo, Repo) {
    let repo = gated("      - text:\n      - commits: {style: upper, untracked: false}\n");
    let gates = std::fs::read_to_string(repo.at("qgate.yaml")).expect("it was written");
    let criteria = "    scope: new\n    criteria: {whitespace_issues: 0, bad_commit_messages: 0}\n";
    repo.write("qgate.yaml", format!("{gates}{criteria}"));
    repo.write("debt.md", "one \n").commit("FEAT: debt");
    repo.git(&["switch", "-q", "-c", "topic"]);
    repo.write("more.md", added).commit("FEAT: add more");
    let remote = Repo::without_git();
    remote.git(&["init", "-q", "--bare", "-b", "main"]);
    let url = remote.path().display().to_string();
    repo.git(&["push", "-q", &url, "main", "topic"]);
    (repo, remote)
}

fn cloned(remote: &Repo, flags: &[&str]) -> Repo {
    let clone = Repo::without_git();
    let url = format!("file://{}", remote.path().display());
    clone.git(&[&["clone", "-q"], flags, &[&url, "."]].concat());
    clone
}

/// A push to `branch`, from one commit to another, as GitHub Actions tells it.
fn pushed<'a>(clone: &'a Repo, branch: &str, before: &str, after: &str) -> Run<'a> {
    let file = clone.path().with_extension("json");
    let payload = format!(
        r#"{{"ref": "refs/heads/{branch}", "before": "{before}", "after": "{after}", "forced": false,
            "repository": {{"default_branch": "main"}}}}"#
    );
    std::fs::write(&file, payload).expect("it can be written");
    Run::new(clone, &["run"])
        .with("QGATE_WIDTH", "200")
        .with("GITHUB_EVENT_NAME", "push")
        .with("GITHUB_EVENT_PATH", file.display().to_string())
        .with("GITHUB_WORKSPACE", clone.path().display().to_string())
}

#[test]
fn a_branch_is_judged_against_the_default_branch() {
    for (added, code, says) in [("two\n", 0, "PASS"), ("two \n", 1, "more.md:1")] {
        let (repo, remote) = site(added);
        let clone = cloned(&remote, &["--branch=topic"]);
        let tip = repo.git(&["rev-parse", "topic"]).trim().to_owned();
        // What was pushed of the branch before does not excuse it.
        let run = pushed(&clone, "topic", &tip, &tip);
        let text = checked(&run, code, says);
        assert!(text.contains("(main for the push)"), "{text}");
    }
}

#[test]
fn a_base_that_is_not_in_the_clone_is_no_pass_and_names_the_cure() {
    let (repo, remote) = site("two \n");
    let clone = cloned(&remote, &["--branch=topic", "--depth=1"]);
    let tip = repo.git(&["rev-parse", "topic"]).trim().to_owned();
    let run = pushed(&clone, "topic", &tip, &tip);
    let cure = "git fetch --no-tags --unshallow origin +refs/heads/main:refs/remotes/origin/main";
    checked(&run, 3, cure);
    let words: Vec<&str> = cure.split(' ').skip(1).collect();
    clone.git(&words);
    checked(&run, 1, "more.md:1");
}

#[test]
fn the_default_branch_is_judged_against_what_was_there() {
    let (repo, remote) = site("two \n");
    let id = |rev: &str| repo.git(&["rev-parse", rev]).trim().to_owned();
    let clone = cloned(&remote, &["--branch=topic"]);
    let run = pushed(&clone, "main", &id("main"), &id("topic"));
    let text = checked(&run, 1, "more.md:1");
    assert!(!text.contains("debt.md:1"), "{text}");
    assert!(text.contains("(main before the push)"), "{text}");
    // A first push: all of it is new, the message of the first commit too.
    let run = pushed(&clone, "main", &"0".repeat(40), &id("topic"));
    let text = checked(&run, 1, "debt.md:1");
    assert!(text.contains("nothing: the first push of main"), "{text}");
    assert!(text.contains("`first` has no type"), "{text}");
}

#[test]
fn an_event_that_makes_no_sense_is_no_pass() {
    let (_, remote) = site("two\n");
    let clone = cloned(&remote, &["--branch=topic"]);
    let run = pushed(&clone, "topic", "nonsense", "nonsense");
    checked(&run, 3, "is no commit id: nonsense");
    checked(&run.with("QGATE_BASE", "origin/main"), 0, "PASS");
    // Another repository than the one that the event is about.
    let run = pushed(&clone, "topic", "nonsense", "nonsense")
        .with("GITHUB_WORKSPACE", remote.path().display().to_string());
    checked(&run, 0, "PASS");
}
