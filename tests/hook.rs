//! `git push` with the hook installed, to a bare remote: what is bad is stopped, what is good passes, whatever lies on disk.

#![cfg(unix)]

#[path = "hook/cases.rs"]
mod cases;
mod support;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use support::{Repo, hermetic};

const GOOD: &str = "fine\n";
const BAD: &str = "<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\n";

/// A command in `folder` that finds the qgate under test on PATH.
fn command(program: &str, folder: &Path) -> Command {
    let own = Path::new(env!("CARGO_BIN_EXE_qgate"));
    let mut path = OsString::from(own.parent().expect("it lies in a folder"));
    path.push(":");
    path.push(std::env::var_os("PATH").expect("there is a PATH"));
    let mut command = hermetic(Command::new(program));
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name == "CI" || name.starts_with("QGATE") || name.starts_with("PRE_COMMIT") {
            command.env_remove(name);
        }
    }
    command
        .env("PATH", path)
        .env(
            "XDG_CACHE_HOME",
            concat!(env!("CARGO_TARGET_TMPDIR"), "/hook-cache"),
        )
        .current_dir(folder);
    command
}

fn said(output: &Output) -> String {
    let all = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8_lossy(&all).into_owned()
}

/// Runs a command and checks whether it succeeds and a part of what it says.
#[track_caller]
fn checked(mut command: Command, succeeds: bool, says: &str) -> String {
    let output = command.output().expect("it can be started");
    let text = said(&output);
    assert_eq!(output.status.success(), succeeds, "{command:?}\n{text}");
    assert!(text.contains(says), "`{says}` is not said:\n{text}");
    text
}

/// A clone with the hook, and its remote.
struct Site {
    repo: Repo,
    remote: Repo,
}

impl Site {
    /// One commit on `main`, pushed; the hook is installed.
    fn new() -> Self {
        let site = Self::without_hook();
        site.qgate(&["hook", "install"], true, "");
        site
    }

    fn without_hook() -> Self {
        let remote = Repo::without_git();
        remote.git(&["init", "-q", "--bare", "-b", "main"]);
        let repo = Repo::new();
        repo.write("a.txt", GOOD).commit("first");
        let url = remote.path();
        repo.git(&["remote", "add", "origin", url.to_str().expect("text")]);
        repo.git(&["push", "-q", "-u", "origin", "main"]);
        Self { repo, remote }
    }

    #[track_caller]
    fn qgate(&self, args: &[&str], succeeds: bool, says: &str) -> String {
        let mut command = command("qgate", &self.repo.path());
        command.args(args);
        checked(command, succeeds, says)
    }

    /// `git push` with these words.
    #[track_caller]
    fn check(&self, args: &[&str], passes: bool, says: &str) -> String {
        self.check_in(&self.repo.path(), args, &[], passes, says)
    }

    #[track_caller]
    fn check_in(
        &self,
        folder: &Path,
        args: &[&str],
        variables: &[(&str, &str)],
        passes: bool,
        says: &str,
    ) -> String {
        let before = self.remote.git(&["show-ref"]);
        let mut command = command("git", folder);
        command
            .arg("push")
            .args(args)
            .envs(variables.iter().copied());
        let text = checked(command, passes, says);
        if !passes {
            assert_eq!(self.remote.git(&["show-ref"]), before, "{text}");
        }
        text
    }

    fn hook(&self) -> PathBuf {
        self.repo.at(".git/hooks/pre-push")
    }
}

fn write_hook(repo: &Repo, path: &str, script: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    repo.write(path, script);
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(repo.at(path), mode).expect("it can be made executable");
}

#[test]
fn new_branches_and_updates() {
    let site = Site::new();
    site.repo.git(&["switch", "-q", "-c", "work"]);
    site.repo.write("b.txt", GOOD).commit("good");
    site.check(&["origin", "work"], true, "refs/heads/work");
    site.repo.write("b.txt", BAD).commit("bad");
    let text = site.check(&["origin", "work"], false, "b.txt:1");
    assert!(text.contains("FAIL: a mandatory gate"), "{text}");
    assert!(
        text.contains("(exit code 1); the push is stopped"),
        "{text}"
    );
    site.check(&["origin", "work:other"], false, "refs/heads/other");
    site.repo.write("b.txt", GOOD).commit("mended");
    site.check(&["origin", "work"], true, "PASS");
    site.check(&["origin", "work"], true, "nothing was pushed");
    site.check(
        &["origin", "work:third"],
        true,
        "has all of its commits already",
    );
}

#[test]
fn every_ref_of_a_push_counts() {
    let site = Site::new();
    site.repo.write("b.txt", GOOD).commit("good");
    site.repo.git(&["switch", "-q", "-c", "work"]);
    site.repo.write("c.txt", BAD).commit("bad");
    site.repo.git(&["switch", "-q", "main"]);
    let text = site.check(&["origin", "main", "work"], false, "c.txt:1");
    assert!(text.contains("qgate: the push: FAIL"), "{text}");
    site.repo.git(&["branch", "same"]);
    let text = site.check(&["origin", "main", "same"], true, "PASS");
    assert_eq!(text.matches("qgate: refs/heads/").count(), 1, "{text}");
}

#[test]
fn deletions_tags_and_forced_pushes() {
    let site = Site::new();
    site.repo.git(&["switch", "-q", "-c", "work"]);
    site.repo.write("b.txt", GOOD).commit("good");
    site.check(&["origin", "work"], true, "PASS");
    site.repo.git(&["commit", "-q", "--amend", "-m", "anew"]);
    site.check(&["origin", "work"], false, "rejected");
    site.check(&["-f", "origin", "work"], true, "PASS");
    site.check(&["origin", ":work"], true, "is deleted: nothing to judge");
    site.repo.write("b.txt", BAD).commit("bad");
    site.repo.git(&["tag", "-a", "-m", "one", "v1"]);
    site.check(&["origin", "v1"], false, "refs/tags/v1");
    site.check(&["-f", "origin", "work:main"], false, "b.txt:1");
    site.repo.git(&["tag", "-f", "v1", "main"]);
    site.check(&["origin", "v1"], true, "has all of its commits");
}

#[test]
fn what_lies_on_disk_does_not_matter() {
    let site = Site::new();
    site.repo.write("b.txt", GOOD).commit("good");
    site.repo.write("a.txt", BAD).write("new.txt", BAD);
    site.check(&["origin", "main"], true, "PASS");
    site.repo.git(&["stash", "-q", "-u"]);
    site.repo.write("c.txt", GOOD).commit("good too");
    site.repo.write("a.txt", BAD);
    site.repo.git(&["add", "-A"]);
    site.check(&["origin", "main"], true, "PASS");
    site.repo.commit("bad");
    site.repo.write("a.txt", GOOD);
    site.check(&["origin", "main"], false, "a.txt:1");
    // Gate files are those of the commit, too.
    site.repo.write("qgate.yaml", "version: 1\ngates: {}\n");
    site.check(&["origin", "main"], false, "a.txt:1");
}

#[test]
fn merges_bring_only_what_is_new() {
    let gates = "version: 1\ngates:\n  only:\n    component: code_quality\n    level: mandatory\n    checks:\n      \
                 - commits: {style: upper}\n";
    let site = Site::without_hook();
    site.repo
        .write("qgate.yaml", gates)
        .commit("lower case, from before");
    site.repo.git(&["push", "-q", "origin", "main"]);
    site.qgate(&["hook", "install"], true, "");
    site.repo.git(&["switch", "-q", "-c", "work", "HEAD~1"]);
    site.repo
        .write("b.txt", GOOD)
        .commit("FEAT: add the first file");
    site.repo.git(&["merge", "-q", "--no-edit", "main"]);
    site.check(&["origin", "work"], true, "PASS");
    site.repo.git(&["switch", "-q", "main"]);
    site.repo
        .git(&["merge", "-q", "--no-ff", "--no-edit", "work"]);
    site.check(&["origin", "main"], true, "PASS");
    site.repo.write("d.txt", GOOD).commit("nothing like it");
    site.check(&["origin", "main"], false, "commit-message");
}

#[test]
fn a_protected_branch_is_the_one_that_is_pushed_to() {
    let gates = "version: 1\ngates:\n  only:\n    component: code_quality\n    level: mandatory\n    checks:\n      \
                 - commits: {protected: [main]}\n";
    let site = Site::new();
    site.repo.git(&["switch", "-q", "-c", "work"]);
    site.repo.write("qgate.yaml", gates).commit("gates");
    site.check(
        &["origin", "work", "work:main"],
        false,
        "protected branch `main`",
    );
    site.check(&["origin", "work"], true, "PASS");
}

#[test]
fn the_first_push_and_unknown_commits() {
    let site = Site::new();
    let other = Repo::without_git();
    other.git(&["init", "-q", "--bare"]);
    let url = other.path();
    let url = url.to_str().expect("text");
    site.check(&[url, "main"], true, "PASS");
    site.repo.write("b.txt", BAD).commit("bad");
    site.check(&["--force", url, "main:more"], false, "b.txt:1");
    // Somebody else pushed what this clone has never seen.
    let theirs = Repo::without_git();
    let from = site.remote.path();
    theirs.git(&["clone", "-q", from.to_str().expect("text"), "."]);
    theirs.write("t.txt", GOOD).commit("theirs");
    theirs.git(&["push", "-q", "origin", "HEAD:main"]);
    let text = site.check(
        &["-f", "origin", "main"],
        false,
        "git fetch origin refs/heads/main",
    );
    assert!(text.contains("(exit code 3)"), "{text}");
}

#[test]
fn shallow_clones() {
    let site = Site::without_hook();
    for n in 0..3 {
        site.repo.write("n.txt", format!("{n}\n")).commit("more");
    }
    site.repo.git(&["push", "-q", "origin", "main"]);
    let shallow = Repo::without_git();
    let url = format!("file://{}", site.remote.path().display());
    shallow.git(&["clone", "-q", "--depth", "1", &url, "."]);
    let mut install = command("qgate", &shallow.path());
    install.args(["hook", "install"]);
    checked(install, true, "wrote");
    shallow.write("b.txt", GOOD).commit("good");
    site.check_in(&shallow.path(), &["origin", "HEAD:work"], &[], true, "PASS");
    shallow.write("b.txt", BAD).commit("bad");
    site.check_in(
        &shallow.path(),
        &["origin", "HEAD:work"],
        &[],
        false,
        "b.txt:1",
    );
    // What the remote has is not known without a tracking ref.
    site.check_in(
        &shallow.path(),
        &[&url, "HEAD:more"],
        &[],
        false,
        "git fetch --unshallow",
    );
}

#[test]
fn linked_work_trees_subfolders_and_c() {
    let site = Site::new();
    let trees = Repo::without_git();
    let linked = trees.at("linked");
    let path = linked.to_str().expect("text");
    site.repo
        .git(&["worktree", "add", "-q", "-b", "side", path]);
    std::fs::create_dir(linked.join("sub")).expect("it can be made");
    std::fs::write(linked.join("sub/b.txt"), BAD).expect("it can be written");
    site.repo.git(&["-C", path, "add", "-A"]);
    site.repo.git(&["-C", path, "commit", "-q", "-m", "bad"]);
    site.check_in(
        &linked.join("sub"),
        &["origin", "side"],
        &[],
        false,
        "sub/b.txt:1",
    );
    let mut away = command("git", &trees.path());
    away.args(["-C", path, "push", "origin", "side"]);
    checked(away, false, "sub/b.txt:1");
    std::fs::write(linked.join("sub/b.txt"), GOOD).expect("it can be written");
    site.repo
        .git(&["-C", path, "commit", "-q", "-a", "-m", "mended"]);
    site.check_in(&linked.join("sub"), &["origin", "side"], &[], true, "PASS");
}

#[test]
fn a_hook_that_was_there_runs_first() {
    let site = Site::without_hook();
    let theirs =
        "#!/bin/sh\necho \"theirs $1\"\nread -r a b c d && echo \"to $c\"\n[ \"${STOP-}\" != 1 ]\n";
    write_hook(&site.repo, ".git/hooks/pre-push", theirs);
    site.qgate(&["hook", "status"], false, "does not name qgate");
    site.qgate(&["hook", "install"], true, "runs first");
    site.qgate(&["hook", "install"], true, "is installed");
    site.qgate(&["hook", "status"], true, "pre-push.qgate-prev");
    site.repo.write("b.txt", BAD).commit("bad");
    let text = site.check(&["origin", "main"], false, "b.txt:1");
    assert!(
        text.contains("theirs origin\nto refs/heads/main\n"),
        "{text}"
    );
    let path = site.repo.path();
    let text = site.check_in(
        &path,
        &["origin", "main"],
        &[("STOP", "1")],
        false,
        "theirs",
    );
    assert!(!text.contains("b.txt"), "{text}");
    site.qgate(&["hook", "uninstall"], true, "put back");
    assert_eq!(
        std::fs::read_to_string(site.hook()).expect("it is there"),
        theirs
    );
    site.qgate(&["hook", "uninstall"], true, "nothing to remove");
    site.check(&["origin", "main"], true, "theirs origin");
}

#[test]
fn skipped_and_missing() {
    let site = Site::new();
    site.qgate(&["hook", "status"], true, "qgate runs before a push");
    site.repo.write("b.txt", BAD).commit("bad");
    // A PATH with git and the shell's tools, and without qgate.
    let tools = Repo::without_git();
    for tool in ["git", "sh", "cat"] {
        let found = checked_path(tool);
        tools.link(tool, found);
    }
    let path = tools.path();
    let path = path.to_str().expect("text");
    let here = site.repo.path();
    let fail = [("PATH", path), ("QGATE_HOOK_MISSING", "fail")];
    site.check_in(&here, &["origin", "main"], &fail, false, "not on PATH");
    site.check_in(
        &here,
        &["origin", "main:x"],
        &[("PATH", path)],
        true,
        "not on PATH",
    );
    site.check_in(
        &here,
        &["origin", "main"],
        &[("QGATE", "0")],
        true,
        "not judged: QGATE=0",
    );
    site.qgate(&["hook", "uninstall"], true, "removed");
    site.qgate(&["hook", "status"], false, "nothing runs");
}

fn checked_path(tool: &str) -> PathBuf {
    let path = std::env::var_os("PATH").expect("there is a PATH");
    let found = std::env::split_paths(&path).map(|folder| folder.join(tool));
    found
        .into_iter()
        .find(|file| file.is_file())
        .expect("the tool is there")
}

#[test]
fn hooks_path_and_other_keepers_of_hooks() {
    let site = Site::without_hook();
    site.repo.git(&["config", "core.hooksPath", "tools/hooks"]);
    site.qgate(
        &["hook", "install"],
        true,
        "one without that folder runs no hook",
    );
    assert!(site.repo.at("tools/hooks/pre-push").is_file());
    site.repo.write("b.txt", BAD).commit("bad");
    site.check(&["origin", "main"], false, "b.txt:1");
    site.repo.git(&["config", "--unset", "core.hooksPath"]);
    let global = site.repo.at("global");
    std::fs::write(&global, "[core]\n\thooksPath = /nowhere/hooks\n").expect("it can be written");
    let mut install = command("qgate", &site.repo.path());
    install
        .args(["hook", "install"])
        .env("GIT_CONFIG_GLOBAL", &global);
    checked(install, false, "for all repositories (global)");
    for (keeper, line) in [
        (".husky/pre-commit", "qgate hook pre-push \"$@\""),
        ("lefthook.yml", "use_stdin: true"),
        (".pre-commit-config.yaml", "repo: local"),
    ] {
        site.repo.write(keeper, "");
        site.qgate(&["hook", "install"], false, line);
        assert!(!site.hook().exists());
        site.repo.remove(keeper.split('/').next().expect("a name"));
    }
    site.repo.write("lefthook.yml", "");
    site.qgate(&["hook", "install", "--force"], true, "wrote");
}

#[test]
fn commands_need_the_pushed_commit_on_disk() {
    let gates = "version: 1\ngates:\n  only:\n    component: code_quality\n    level: mandatory\n    checks:\n      \
                 - command: {run: [git, --version]}\n";
    let site = Site::new();
    site.repo
        .write("qgate.yaml", gates)
        .write(".gitignore", ".qgate/\n")
        .commit("gates");
    site.check(&["origin", "main"], true, "PASS");
    site.repo.write("b.txt", GOOD).commit("good");
    site.repo.write("a.txt", "changed\n");
    let text = site.check(&["origin", "main"], false, "commit or stash");
    assert!(text.contains("(exit code 3)"), "{text}");
}

#[test]
fn pre_commit_hands_over_variables() {
    let site = Site::new();
    let from = site.repo.git(&["rev-parse", "HEAD"]);
    let to = site.repo.write("b.txt", BAD).commit("bad");
    let mut hook = command("qgate", &site.repo.path());
    hook.args(["hook", "pre-push"])
        .stdin(std::process::Stdio::null())
        .env("PRE_COMMIT_FROM_REF", from.trim())
        .env("PRE_COMMIT_TO_REF", to)
        .env("PRE_COMMIT_REMOTE_NAME", "origin")
        .env("PRE_COMMIT_REMOTE_BRANCH", "refs/heads/main")
        .env("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/main");
    checked(hook, false, "b.txt:1");
}
