//! The base by the event of a CI system, in clones as such systems make them; and that the printed `git fetch` cures.

use std::cell::RefCell;
use std::process::Command;

use qgate::model::fault::Fault;

use super::repository::repository;
use crate::support::{Repo, hermetic};

const ZEROS: &str = "0000000000000000000000000000000000000000";

/// A bare remote, somebody's work on it, and a clone on a CI system.
struct Site {
    remote: Repo,
    work: Repo,
    ci: Repo,
    variables: RefCell<Vec<(String, String)>>,
}

impl Site {
    /// `main` has the commits m1, m2, m3; `topic` left it after m2 and has t1 and t2. Nothing is cloned yet.
    fn new() -> Self {
        let remote = Repo::without_git();
        remote.git(&["init", "-q", "--bare", "-b", "main"]);
        let work = Repo::new();
        let url = remote.path().display().to_string();
        work.git(&["remote", "add", "origin", &url]);
        for name in ["m1", "m2"] {
            work.write(name, name).commit(name);
        }
        work.git(&["switch", "-q", "-c", "topic"]);
        for name in ["t1", "t2"] {
            work.write(name, name).commit(name);
        }
        work.git(&["switch", "-q", "main"]);
        work.write("m3", "m3").commit("m3");
        work.git(&["push", "-q", "origin", "main", "topic"]);
        let ci = Repo::without_git();
        let variables = RefCell::new(Vec::new());
        Self {
            remote,
            work,
            ci,
            variables,
        }
    }

    /// The id of a commit, by its subject or a revision of the work.
    fn id(&self, rev: &str) -> String {
        self.work.git(&["rev-parse", rev]).trim().to_owned()
    }

    /// The merge of `topic` into `main` as the remote makes it, at `refs/pull/7/merge`.
    fn merged(&self) -> String {
        self.work.git(&["switch", "-q", "--detach", "main"]);
        self.work
            .git(&["merge", "-q", "--no-ff", "-m", "merge", "topic"]);
        self.work
            .git(&["push", "-q", "origin", "HEAD:refs/pull/7/merge"]);
        self.work.git(&["switch", "-q", "main"]);
        let merge = self.remote.git(&["rev-parse", "refs/pull/7/merge"]);
        merge.trim().to_owned()
    }

    /// As actions/checkout does it: one commit by its id, of a depth; 0 for all of it and all branches.
    fn checked_out(&self, commit: &str, depth: u32) -> &Self {
        let url = format!("file://{}", self.remote.path().display());
        self.ci.git(&["init", "-q"]);
        self.ci.git(&["remote", "add", "origin", &url]);
        let one = format!("+{commit}:refs/remotes/pull/7/merge");
        let all = "+refs/heads/*:refs/remotes/origin/*";
        let depth_flag = format!("--depth={depth}");
        let fetch = ["fetch", "-q", "--no-tags"];
        let fetched = match depth {
            0 => [&fetch[..], &["origin", all, &one]].concat(),
            _ => [&fetch[..], &[&depth_flag, "origin", &one]].concat(),
        };
        self.ci.git(&fetched);
        self.ci.git(&["checkout", "-q", "--detach", commit]);
        self
    }

    fn set(&self, name: &str, value: impl Into<String>) -> &Self {
        let mut all = self.variables.borrow_mut();
        all.retain(|(known, _)| known != name);
        all.push((name.to_owned(), value.into()));
        drop(all);
        self
    }

    /// The variables and the event file of GitHub Actions.
    fn git_hub(&self, event: &str, payload: &str) -> &Self {
        let file = self.ci.path().with_extension("event.json");
        std::fs::write(&file, payload).expect("it can be written");
        self.set("GITHUB_EVENT_NAME", event)
            .set("GITHUB_EVENT_PATH", file.display().to_string())
            .set("GITHUB_WORKSPACE", self.ci.path().display().to_string())
    }

    /// The pull request 7, from `topic` into `main`, opened when `main` was at `base`.
    fn pull_request(&self, base: &str) -> &Self {
        let (base, head) = (self.id(base), self.id("topic"));
        let payload = format!(
            r#"{{"pull_request": {{"base": {{"ref": "main", "sha": "{base}"}}, "head": {{"sha": "{head}"}}}}}}"#
        );
        self.git_hub("pull_request", &payload)
    }

    fn push(&self, branch: &str, before: &str, after: &str, forced: bool) -> &Self {
        let payload = format!(
            r#"{{"ref": "refs/heads/{branch}", "before": "{before}", "after": "{after}", "forced": {forced},
                "repository": {{"default_branch": "main"}}}}"#
        );
        self.git_hub("push", &payload)
    }

    fn found(&self) -> Result<String, Fault> {
        let variable = |name: &str| {
            let all = self.variables.borrow();
            let found = all.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.clone())
        };
        let base = repository(&self.ci.path()).base(None, &variable)?;
        let base = base.expect("there is something to compare with");
        let subject = if base.name.starts_with("nothing") {
            "-".to_owned()
        } else {
            self.ci.git(&["log", "-1", "--format=%s", &base.commit])
        };
        Ok(format!("{}: {}", subject.trim(), base.name))
    }

    /// What the base is: its subject and its name.
    #[track_caller]
    fn check(&self, expected: &str) -> &Self {
        match self.found() {
            Ok(found) => assert_eq!(found, expected),
            Err(fault) => panic!("{fault}; {}", fault.cure),
        }
        self
    }

    /// That the base is not known and why, in part; that the command of the cure is this one, and that it cures.
    #[track_caller]
    fn cured(&self, why: &str, command: &str, expected: &str) -> &Self {
        let fault = self.found().expect_err("the base is not in the clone");
        assert!(fault.what.contains(why), "{fault}");
        let printed = fault.cure.split('`').nth(1).expect("a command in ticks");
        let mut shown = printed.to_owned();
        for name in ["main", "main~1", "topic", "topic~1"] {
            shown = shown.replace(&self.id(name), name);
        }
        assert_eq!(shown, command, "{}", fault.cure);
        let mut shell = hermetic(Command::new("sh"));
        let shell = shell.args(["-c", printed]).current_dir(self.ci.path());
        let output = shell.output().expect("it can be started");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{printed}: {said}");
        self.check(expected)
    }
}

#[test]
fn the_merge_of_a_pull_request() {
    for depth in [0, 2] {
        let site = Site::new();
        let merge = site.merged();
        site.checked_out(&merge, depth)
            .pull_request("main~1")
            .check("m3: main for the pull request");
    }
    let site = Site::new();
    let merge = site.merged();
    site.checked_out(&merge, 1).pull_request("main~1").cured(
        "main as it was merged",
        "git fetch --no-tags --depth=1 origin main",
        "m3: main for the pull request",
    );
    // The file that describes the event is not there: the variables tell the merge.
    let site = Site::new();
    let merge = site.merged();
    site.checked_out(&merge, 2)
        .set("GITHUB_EVENT_NAME", "pull_request")
        .set("GITHUB_BASE_REF", "main")
        .set("GITHUB_REF", "refs/pull/7/merge")
        .set("GITHUB_SHA", merge)
        .check("m3: main for the pull request");
}

#[test]
fn the_head_of_a_pull_request() {
    let site = Site::new();
    let head = site.id("topic");
    site.checked_out(&head, 0)
        .pull_request("main")
        .check("m2: merge-base with main for the pull request");
    let site = Site::new();
    let fault = site
        .checked_out(&head, 1)
        .pull_request("main")
        .found()
        .expect_err("a shallow clone");
    assert!(
        fault
            .cure
            .ends_with("`, or set `fetch-depth: 0` at actions/checkout"),
        "{}",
        fault.cure
    );
    site.cured(
        "main, which the pull request goes into, is not in this shallow clone",
        "git fetch --no-tags --unshallow origin +refs/heads/main:refs/remotes/origin/main",
        "m2: merge-base with main for the pull request",
    );
    // The branch is there, but not where both part.
    let site = Site::new();
    site.checked_out(&head, 1);
    let main = "+refs/heads/main:refs/remotes/origin/main";
    site.ci
        .git(&["fetch", "-q", "--no-tags", "--depth=1", "origin", main]);
    site.pull_request("main").cured(
        "the history that tells where the pull request left main",
        "git fetch --no-tags --unshallow origin +refs/heads/main:refs/remotes/origin/main",
        "m2: merge-base with main for the pull request",
    );
}

#[test]
fn a_pull_request_that_took_in_its_branch() {
    let site = Site::new();
    site.work.git(&["switch", "-q", "topic"]);
    site.work
        .git(&["merge", "-q", "--no-ff", "-m", "took in", "main"]);
    site.work.write("t3", "t3").commit("t3");
    site.work.git(&["push", "-q", "origin", "topic"]);
    // What the event names is from when the pull request was opened.
    site.checked_out(&site.id("topic"), 0)
        .pull_request("main~2")
        .check("m3: main for the pull request");
}

#[test]
fn a_pull_request_that_is_merged_by_now() {
    let site = Site::new();
    let head = site.id("topic");
    site.work
        .git(&["merge", "-q", "--no-ff", "-m", "merged", "topic"]);
    site.work.git(&["push", "-q", "origin", "main"]);
    site.checked_out(&head, 0)
        .pull_request("main~1")
        .check("m2: merge-base with main for the pull request");
    // A base that nobody has any more cannot be replaced by the branch that has it all.
    let payload = format!(
        r#"{{"pull_request": {{"base": {{"ref": "main", "sha": "{}"}}}}}}"#,
        "1".repeat(40)
    );
    let fault = site.git_hub("pull_request", &payload).found();
    let fault = fault.expect_err("the change is in the branch already");
    assert!(fault.cure.contains("--base COMMIT"), "{}", fault.cure);
}

#[test]
fn pushes() {
    let site = Site::new();
    let (main, before) = (site.id("main"), site.id("main~1"));
    site.checked_out(&main, 0)
        .push("main", &before, &main, false)
        .check("m2: main before the push")
        .push("main", ZEROS, &main, false)
        .check("-: nothing: the first push of main");
    let site = Site::new();
    site.checked_out(&main, 1)
        .push("main", &before, &main, false)
        .cured(
            "main before the push",
            "git fetch --no-tags --depth=1 origin main~1",
            "m2: main before the push",
        );
    // A branch brings what the default branch does not have, whatever was pushed of it before.
    let topic = site.id("topic");
    for before in [ZEROS, &site.id("topic~1")] {
        let site = Site::new();
        site.checked_out(&topic, 0)
            .push("topic", before, &topic, false)
            .check("m2: merge-base with main for the push");
        let site = Site::new();
        site.checked_out(&topic, 1)
            .push("topic", before, &topic, false)
            .cured(
                "main, which the push goes into, is not in this shallow clone",
                "git fetch --no-tags --unshallow origin +refs/heads/main:refs/remotes/origin/main",
                "m2: merge-base with main for the push",
            );
    }
}

#[test]
fn forced_pushes() {
    let site = Site::new();
    let (before, after) = (site.id("main"), site.id("topic"));
    site.work.git(&["push", "-q", "-f", "origin", "topic:main"]);
    // What was there before is gone from every branch of the remote, and so from the clone.
    site.checked_out(&after, 0)
        .push("main", &before, &after, true)
        .cured(
            "main before the push",
            "git fetch --no-tags origin main",
            "m2: merge-base with main before the push",
        );
    let site = Site::new();
    site.work.git(&["push", "-q", "-f", "origin", "topic:main"]);
    site.checked_out(&after, 1)
        .push("main", &before, &after, true)
        .cured(
            "main before the push",
            "git fetch --no-tags --unshallow origin main",
            "m2: merge-base with main before the push",
        );
    // The remote has swept it out.
    let site = Site::new();
    site.work.git(&["push", "-q", "-f", "origin", "topic:main"]);
    site.remote
        .git(&["reflog", "expire", "--expire=now", "--all"]);
    site.remote.git(&["gc", "-q", "--prune=now"]);
    let fault = site
        .checked_out(&after, 0)
        .push("main", &before, &after, true)
        .found()
        .expect_err("it is gone");
    assert!(
        fault
            .cure
            .ends_with("; if the remote has it no more, name another base with --base COMMIT"),
        "{}",
        fault.cure
    );
}

#[test]
fn merge_groups() {
    let site = Site::new();
    let group = site.merged();
    let (main, branch) = (site.id("main"), "refs/heads/main");
    let payload = format!(
        r#"{{"merge_group": {{"base_sha": "{main}", "base_ref": "{branch}", "head_sha": "{group}"}}}}"#
    );
    site.checked_out(&group, 0)
        .git_hub("merge_group", &payload)
        .check("m3: main for the merge group");
    let site = Site::new();
    site.merged();
    site.checked_out(&group, 1)
        .git_hub("merge_group", &payload)
        .cured(
            "main for the merge group",
            "git fetch --no-tags --depth=1 origin main",
            "m3: main for the merge group",
        );
}

#[test]
fn git_lab_and_its_shallow_clones() {
    let merge_request = |site: &Site, depth: u32| {
        let (head, base) = (site.id("topic"), site.id("main~1"));
        site.checked_out(&head, depth)
            .set("GITLAB_CI", "true")
            .set("CI_PROJECT_DIR", site.ci.path().display().to_string())
            .set("CI_COMMIT_SHA", head)
            .set("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main")
            .set("CI_MERGE_REQUEST_DIFF_BASE_SHA", base);
    };
    let site = Site::new();
    merge_request(&site, 0);
    site.check("m2: main for the merge request");
    let site = Site::new();
    merge_request(&site, 1);
    let fault = site.found().expect_err("a shallow clone");
    assert!(
        fault.cure.ends_with("or set the variable `GIT_DEPTH: 0`"),
        "{}",
        fault.cure
    );
    site.cured(
        "main, which the merge request goes into,",
        "git fetch --no-tags --depth=1 origin main~1",
        "m2: main for the merge request",
    );
    // A pipeline of merged results: the base is the branch as it was merged.
    let site = Site::new();
    let merge = site.merged();
    site.checked_out(&merge, 1)
        .set("GITLAB_CI", "true")
        .set("CI_COMMIT_SHA", merge)
        .set("CI_MERGE_REQUEST_EVENT_TYPE", "merged_result")
        .set("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main")
        .set("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", site.id("main"))
        .set("CI_MERGE_REQUEST_DIFF_BASE_SHA", site.id("main~1"))
        .cured(
            "main as it was merged",
            "git fetch --no-tags --depth=1 origin main",
            "m3: main for the merge request",
        );
    // A branch: a deeper clone would not bring the default branch, so only the command is named.
    let site = Site::new();
    site.checked_out(&site.id("topic"), 1)
        .set("GITLAB_CI", "true")
        .set("CI_COMMIT_BRANCH", "topic")
        .set("CI_COMMIT_BEFORE_SHA", ZEROS)
        .set("CI_DEFAULT_BRANCH", "main");
    let fault = site.found().expect_err("a shallow clone");
    assert!(fault.cure.ends_with('`'), "{}", fault.cure);
    site.cured(
        "main, which the push goes into,",
        "git fetch --no-tags --unshallow origin +refs/heads/main:refs/remotes/origin/main",
        "m2: merge-base with main for the push",
    );
}

#[test]
fn azure_and_jenkins() {
    let site = Site::new();
    let merge = site.merged();
    site.checked_out(&merge, 1)
        .set("TF_BUILD", "True")
        .set("BUILD_SOURCEBRANCH", "refs/pull/7/merge")
        .set("BUILD_SOURCEVERSION", merge)
        .set("SYSTEM_PULLREQUEST_TARGETBRANCH", "refs/heads/main")
        .cured(
            "main as it was merged",
            "git fetch --no-tags --depth=1 origin main",
            "m3: main for the pull request",
        );
    let site = Site::new();
    let head = site.id("topic");
    site.checked_out(&head, 1)
        .set("JENKINS_URL", "https://ci.example.com/")
        .set("WORKSPACE", site.ci.path().display().to_string())
        .set("CHANGE_TARGET", "main")
        .cured(
            "main, which the pull request goes into,",
            "git fetch --no-tags --unshallow origin +refs/heads/main:refs/remotes/origin/main",
            "m2: merge-base with main for the pull request",
        );
    site.set("CHANGE_TARGET", "")
        .set("GIT_PREVIOUS_SUCCESSFUL_COMMIT", site.id("topic~1"))
        .check("t1: the last successful build");
}

#[test]
fn unrelated_histories_and_other_places() {
    let site = Site::new();
    site.work.git(&["switch", "-q", "--orphan", "alone"]);
    let alone = site.work.write("a", "a").commit("a1");
    site.work.git(&["push", "-q", "origin", "alone"]);
    site.checked_out(&alone, 0)
        .push("alone", ZEROS, &alone, false)
        .check("m3: main for the push, without common history");
    // In a linked work tree of the same clone.
    let linked = Repo::without_git();
    let at = linked.at("linked");
    let name = at.to_str().expect("a plain name");
    site.ci
        .git(&["worktree", "add", "-q", "--detach", name, "origin/topic"]);
    let base = |workspace: &str| {
        let variable = |name: &str| match name {
            "JENKINS_URL" | "CHANGE_TARGET" => Some("alone".to_owned()),
            "WORKSPACE" => Some(workspace.to_owned()),
            _ => None,
        };
        let base = repository(&at).base(None, &variable).expect("it is known");
        base.expect("there is one").name
    };
    let above = linked.path().display().to_string();
    assert_eq!(
        base(&above),
        "alone for the pull request, without common history"
    );
    // The event is another repository's.
    let other = site.remote.path().display().to_string();
    assert_eq!(base(&other), "merge-base with origin/main");
}

#[test]
fn before_the_first_commit_and_by_name() {
    let site = Site::new();
    site.ci.git(&["init", "-q"]);
    site.push("main", ZEROS, ZEROS, false);
    let variable = |name: &str| (name == "GITHUB_EVENT_NAME").then(|| "push".to_owned());
    let found = repository(&site.ci.path()).base(None, &variable);
    assert_eq!(found, Ok(None));
    // Who names a base is not asked for an event, even for one that makes no sense.
    site.ci.write("x", "x").commit("x1");
    let named = repository(&site.ci.path()).base(Some("HEAD"), &variable);
    let named = named.expect("it is there").expect("it is one");
    assert_eq!(named.name, "HEAD");
    let event = repository(&site.ci.path()).base(None, &variable);
    assert!(event.is_err(), "{event:?}");
}
