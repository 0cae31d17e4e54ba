//! Finding the repository, its history, and the base.

use std::path::Path;

use qgate::check::ports::Git;
use qgate::host::git::Repository;
use qgate::model::fault::{Fault, FaultKind};

use crate::support::Repo;

pub fn repository(path: &Path) -> Repository {
    let found = Repository::discover(path).expect("git answers");
    found.expect("there is a repository")
}

#[test]
fn found_from_anywhere_in_it() {
    let repo = Repo::new();
    repo.write("a/b/c", "");
    let found = repository(&repo.at("a/b"));
    assert_eq!(found.root(), repo.path());
    assert_eq!(found.git_folder(), repo.at(".git"));
    assert_eq!(found.head().expect("git answers"), None);
    assert!(!found.is_shallow());
    let id = repo.commit("one");
    assert_eq!(found.head().expect("git answers"), Some(id));
    assert_eq!(found.hooks().expect("git answers"), repo.at(".git/hooks"));
    repo.git(&["config", "core.hooksPath", ".husky"]);
    let hooks = repository(&repo.at("a")).hooks();
    assert_eq!(hooks.expect("git answers"), repo.at(".husky"));
}

#[test]
fn linked_work_trees_and_git_files() {
    let repo = Repo::new();
    repo.write("a", "").commit("one");
    let other = Repo::without_git();
    let linked = other.at("linked");
    let linked_name = linked.to_str().expect("a plain name");
    repo.git(&["worktree", "add", "-q", "-b", "side", linked_name]);
    let found = repository(&linked);
    assert_eq!(found.root(), linked);
    assert_eq!(
        found.branch().expect("git answers").as_deref(),
        Some("side")
    );
    assert_eq!(found.hooks().expect("git answers"), repo.at(".git/hooks"));

    let apart = Repo::without_git();
    apart.git(&["init", "-q", "--separate-git-dir", "store", "tree"]);
    let found = repository(&apart.at("tree"));
    assert_eq!(found.root(), apart.at("tree"));
    assert_eq!(found.git_folder(), apart.at("store"));
}

#[test]
fn none_or_a_fault() {
    let check = |dir: &Path, expected: Option<(FaultKind, &str)>| match Repository::discover(dir) {
        Ok(found) => assert!(found.is_none() && expected.is_none(), "{found:?}"),
        Err(fault) => {
            let (kind, what) = expected.expect("no fault");
            assert_eq!(fault.kind, kind, "{fault:?}");
            assert!(fault.what.contains(what), "{fault:?}");
        }
    };
    let none = Repo::without_git();
    check(&none.path(), None);
    check(
        &none.at("nowhere"),
        Some((FaultKind::ToolFailed, "nowhere")),
    );
    let bare = Repo::without_git();
    bare.git(&["init", "-q", "--bare"]);
    check(&bare.path(), Some((FaultKind::Missing, "has no work tree")));
    let broken = Repo::new();
    broken.remove(".git/HEAD");
    check(
        &broken.path(),
        Some((FaultKind::ToolFailed, "does not take")),
    );
    let lost = Repo::without_git();
    lost.write(".git", "gitdir: /nowhere\n");
    check(&lost.path(), Some((FaultKind::ToolFailed, "/nowhere")));
}

/// The base in one word, or the fault.
fn base(repo: &Repo, explicit: Option<&str>) -> String {
    match repository(&repo.path()).base(explicit, &|_| None) {
        Ok(None) => "none".to_owned(),
        Ok(Some(base)) => {
            let subject = repo.git(&["log", "-1", "--format=%s", &base.commit]);
            format!("{}: {}", subject.trim(), base.name)
        }
        Err(Fault { kind, cure, .. }) => format!("{kind}: {cure}"),
    }
}

#[test]
fn bases() {
    let repo = Repo::new();
    assert_eq!(base(&repo, None), "none");
    repo.commit("one");
    assert_eq!(base(&repo, None), "none");
    repo.git(&["checkout", "-q", "-b", "feature"]);
    assert_eq!(base(&repo, None), "one: main");
    repo.commit("two");
    repo.git(&["checkout", "-q", "main"]);
    repo.commit("three");
    repo.git(&["checkout", "-q", "feature"]);
    assert_eq!(base(&repo, None), "one: merge-base with main");
    assert_eq!(base(&repo, Some("HEAD")), "two: HEAD");
    repo.git(&["update-ref", "refs/remotes/origin/master", "HEAD"]);
    assert_eq!(base(&repo, None), "two: origin/master");
    repo.git(&["branch", "-q", "--set-upstream-to", "main"]);
    assert_eq!(base(&repo, None), "one: merge-base with @{upstream}");
    let missing = "missing: fetch it, `git fetch origin nope`, or name another one";
    assert_eq!(base(&repo, Some("nope")), missing);
    assert!(base(&repo, Some("--help")).starts_with("missing: "));
    repo.git(&["checkout", "-q", "--orphan", "alone"]);
    repo.commit("four");
    assert_eq!(
        base(&repo, Some("main")),
        "three: main, without common history"
    );
}

#[test]
fn shallow_clones() {
    let origin = Repo::new();
    origin.commit("one");
    origin.git(&["checkout", "-q", "-b", "feature"]);
    origin.commit("two");
    origin.git(&["checkout", "-q", "main"]);
    origin.commit("three");
    let clone = Repo::without_git();
    let url = format!("file://{}", origin.path().display());
    clone.git(&["clone", "-q", "--depth=1", "--no-single-branch", &url, "."]);
    clone.git(&["checkout", "-q", "--detach", "origin/feature"]);
    let cure = "shallow clone: run `git fetch --unshallow`; in GitHub Actions set `fetch-depth: 0` at actions/checkout";
    assert!(repository(&clone.path()).is_shallow());
    assert_eq!(base(&clone, Some("origin/main")), cure);
    assert_eq!(base(&clone, None), cure);
    let commits = repository(&clone.path()).commits(None, "HEAD");
    assert_eq!(
        commits.map_err(|fault| fault.kind),
        Err(FaultKind::ShallowClone)
    );
    clone.git(&["fetch", "-q", "--unshallow"]);
    assert_eq!(base(&clone, None), "one: merge-base with origin/HEAD");
}

#[test]
fn commits_of_a_range() {
    let repo = Repo::new();
    let one = repo.commit("one");
    repo.git(&["config", "i18n.commitEncoding", "iso-8859-1"]);
    repo.git(&["config", "log.showSignature", "true"]);
    repo.commit("FEAT(x): two\n\nBody\n\n\nend");
    repo.git(&["checkout", "-q", "-b", "side", &one]);
    repo.commit("three");
    repo.git(&["merge", "-q", "--no-ff", "-m", "four", "main"]);
    let found = repository(&repo.path());
    let subjects = |from: Option<&str>, to: &str| -> Vec<String> {
        let commits = found.commits(from, to).expect("git answers");
        let subject = |message: &str| message.lines().next().map(str::to_owned);
        commits
            .iter()
            .filter_map(|commit| subject(&commit.message))
            .collect()
    };
    assert_eq!(subjects(Some("main"), "HEAD"), ["three", "four"]);
    assert_eq!(subjects(None, "main"), ["one", "FEAT(x): two"]);
    assert_eq!(subjects(Some("HEAD"), "HEAD"), [""; 0]);
    let commits = found.commits(Some(&one), "main").expect("git answers");
    assert_eq!(commits[0].message, "FEAT(x): two\n\nBody\n\nend\n");
    assert_eq!(commits[0].parents, [one]);
    assert!(found.commits(Some("nope"), "HEAD").is_err());
    assert_eq!(
        found
            .config("log.showSignature")
            .expect("git answers")
            .as_deref(),
        Some("true")
    );
    assert_eq!(found.config("no.such").expect("git answers"), None);
    repo.git(&["checkout", "-q", "--detach"]);
    assert_eq!(found.branch().expect("git answers"), None);
}
