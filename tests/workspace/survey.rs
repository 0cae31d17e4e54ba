//! The survey of the work tree.

use std::path::Path;

use qgate::host::git::Repository;
use qgate::host::worktree::WorkTree;
use qgate::source::tree::{EntryKind, FileMeta, SourceTree, Tracking};

use crate::support::Repo;

pub fn open(repo: &Repo) -> WorkTree {
    let repository = Repository::discover(&repo.path()).expect("git answers");
    WorkTree::open(&repo.path(), repository.as_ref()).expect("the tree can be surveyed")
}

fn shown(file: &FileMeta) -> String {
    let tracking = match file.tracking {
        Tracking::Tracked => "T",
        Tracking::Untracked => "U",
        Tracking::NoGit => "N",
    };
    let kind = match file.kind {
        EntryKind::File { executable: true } => "*",
        EntryKind::File { executable: false } => "",
        EntryKind::Link => "@",
        EntryKind::Submodule => "/",
    };
    format!("{tracking}:{}{kind}", file.path)
}

/// All entries in one line.
pub fn listed(tree: &dyn SourceTree) -> String {
    let shown: Vec<String> = tree.files().iter().map(shown).collect();
    shown.join(" ")
}

fn check(repo: &Repo, expected: &str) {
    let tree = open(repo);
    assert_eq!(listed(&tree), expected);
    assert_eq!(tree.problems(), [""; 0]);
    for file in tree.files() {
        let read = tree.read(file);
        assert_eq!(read.is_ok(), file.kind != EntryKind::Submodule, "{read:?}");
        assert_eq!(tree.find(&file.path), Some(file));
    }
}

#[test]
fn plain() {
    let repo = Repo::new();
    repo.write("a.py", "a")
        .write("src/b.rs", "")
        .write(".gitignore", "*.log\n/out/\n");
    repo.commit("one");
    repo.write("new", "x").write("x.log", "").write("out/y", "");
    check(&repo, "T:.gitignore T:a.py U:new T:src/b.rs");
    assert!(Path::new(&repo.path()).is_absolute());
}
