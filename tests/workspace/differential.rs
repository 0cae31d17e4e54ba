//! Generated trees and edits, against git itself and against a second computation.

use std::collections::BTreeSet;

use proptest::prelude::*;
use qgate::base::path::RepoPath;
use qgate::host::git::Target;
use qgate::host::worktree::WorkTree;
use qgate::source::tree::SourceTree;

use crate::change::diff;
use crate::support::Repo;
use crate::survey::open;

fn paths(tree: &dyn SourceTree) -> BTreeSet<Vec<u8>> {
    tree.files()
        .iter()
        .map(|file| file.path.as_bytes().to_vec())
        .collect()
}

/// Files by git's other commands: those of `git status`, and what is indexed and still there.
fn by_git(repo: &Repo) -> BTreeSet<Vec<u8>> {
    let status = repo.git_bytes(&[
        "status",
        "-z",
        "--porcelain",
        "--no-renames",
        "--untracked-files=all",
    ]);
    let untracked = status
        .split(|&b| b == 0)
        .filter_map(|line| line.strip_prefix(b"?? "));
    let indexed = repo.git_bytes(&[
        "diff",
        "-z",
        "--name-only",
        "--cached",
        "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    ]);
    let indexed = indexed.split(|&b| b == 0).filter(|path| !path.is_empty());
    let there = |path: &&[u8]| {
        let path = RepoPath::new(*path).expect("a path");
        let metadata = path.to_native(&repo.path()).symlink_metadata();
        metadata.is_ok_and(|metadata| !metadata.is_dir())
    };
    indexed
        .filter(there)
        .chain(untracked)
        .map(<[u8]>::to_vec)
        .collect()
}

fn rules() -> impl Strategy<Value = String> {
    let rule = prop::sample::select(vec![
        "*.a", "!*.a", "x", "/x", "x/", "y/*", "!y/x.a", "**/y", "y/**", "/z/*", "!/z/x", "# c",
        "z/**/x", "\\!odd", "[xy].b", "", "x.? ", "!z/",
    ]);
    prop::collection::vec(rule, 0..5).prop_map(|rules| rules.join("\n"))
}

fn names() -> impl Strategy<Value = Vec<String>> {
    let name = "([xyz]/){0,3}f?[xyz](\\.[ab])?".prop_map(|name: String| name);
    prop::collection::vec(name, 1..24)
}

/// Writes what has room: a name that is already a folder, or lies below a file, is left out.
fn write_all(repo: &Repo, names: &[String]) {
    for name in names {
        let path = repo.at(name);
        let folder = path.parent().expect("it lies in the root");
        if !path.is_dir() && std::fs::create_dir_all(folder).is_ok() {
            std::fs::write(path, name).expect("it can be written");
        }
    }
}

/// For each old line: does it stay, and how much is added before it. All lines differ, so that only one comparison is
/// right.
fn edited(old: usize) -> impl Strategy<Value = Vec<(bool, u8)>> {
    prop::collection::vec((prop::bool::weighted(0.8), 0_u8..3), old)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_same_files_as_git(
        tracked in names(), untracked in names(), top in rules(), inner in rules(), gone in 0_usize..4,
    ) {
        let repo = Repo::new();
        write_all(&repo, &tracked);
        repo.git(&["add", "-A", "-f"]);
        for name in tracked.iter().take(gone) {
            let _ = std::fs::remove_file(repo.at(name));
        }
        write_all(&repo, &untracked);
        repo.write(".gitignore", &top);
        if repo.at("y").is_dir() {
            repo.write("y/.gitignore", &inner);
        }
        prop_assert_eq!(paths(&open(&repo)), by_git(&repo));
    }

    #[test]
    fn the_walk_ignores_what_git_ignores(files in names(), top in rules(), inner in rules()) {
        let repo = Repo::new();
        write_all(&repo, &files);
        repo.write(".gitignore", &top);
        if repo.at("y").is_dir() {
            repo.write("y/.gitignore", &inner);
        }
        let walked = WorkTree::open(&repo.path(), None).expect("a survey");
        prop_assert_eq!(paths(&walked), paths(&open(&repo)));
    }

    #[test]
    fn new_lines_are_those_that_were_not_there(
        edits in edited(40), ends in prop::collection::vec(prop::bool::weighted(0.9), 80), open_end in any::<(bool, bool)>(),
    ) {
        let mut old = String::new();
        let mut new = String::new();
        for (n, (stays, added)) in edits.iter().enumerate() {
            let line = format!("old {n}{}", if ends[n] { "\n" } else { "\r\n" });
            old.push_str(&line);
            for m in 0..added.saturating_sub(1) {
                new.extend(["new ", &n.to_string(), " ", &m.to_string(), "\n"]);
            }
            if *stays {
                new.push_str(&line);
            }
        }
        if open_end.0 {
            old.pop();
        }
        if open_end.1 {
            new.pop();
        }
        let repo = Repo::new();
        repo.git(&["config", "core.autocrlf", "false"]);
        let base = repo.write("f", &old).commit("old");
        repo.write("f", &new);
        let before: BTreeSet<&str> = old.split_inclusive('\n').collect();
        let diff = diff(&repo, &base, &Target::WorkTree);
        let path = RepoPath::new("f").expect("a path");
        for (n, line) in (1..).zip(new.split_inclusive('\n')) {
            prop_assert_eq!(diff.is_new(&path, n), !before.contains(line), "line {}: {:?}", n, line);
        }
    }
}
