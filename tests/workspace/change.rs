//! The change between the base and a tree.

use std::os::unix::ffi::OsStrExt as _;

use qgate::base::path::RepoPath;
use qgate::check::context::Base;
use qgate::host::git::Target;
use qgate::source::diff::{Diff, FileDiff};

use crate::repository::repository;
use crate::support::Repo;

pub fn diff(repo: &Repo, base: &str, target: &Target) -> Diff {
    let base = Base {
        commit: base.to_owned(),
        name: "base".to_owned(),
    };
    let change = repository(&repo.path()).diff(&base, target);
    change.expect("git answers")
}

/// `PATH lines...`, `-PATH` for deleted ones; a new line for each file.
fn check(repo: &Repo, base: &str, target: &Target, expected: &str) {
    let diff = diff(repo, base, target);
    let file = |(path, file): (&RepoPath, &FileDiff)| {
        let old = file.old_path.as_ref().map(|old| format!("{old} => "));
        let lines = |lines: &[std::ops::Range<u32>], sign: &str| -> String {
            let range =
                |lines: &std::ops::Range<u32>| format!(" {sign}{}-{}", lines.start, lines.end - 1);
            lines.iter().map(range).collect()
        };
        format!(
            "{}{path}{}{}",
            old.unwrap_or_default(),
            lines(&file.lines, ""),
            lines(&file.moved, "~")
        )
    };
    let mut shown: Vec<String> = diff.files.iter().map(file).collect();
    shown.extend(diff.deleted.iter().map(|path| format!("-{path}")));
    assert_eq!(shown.join("\n"), expected);
}

#[test]
fn what_was_moved_is_told_of_staged_and_of_untracked_files() {
    let repo = Repo::new();
    let block = "if something_long() {\n    do_this_thing();\n}\n";
    repo.write("a", format!("{TEXT}{block}{TEXT}"))
        .write("b", TEXT);
    let base = repo.commit("one");
    repo.write("a", TEXT.repeat(2))
        .write("b", format!("{TEXT}x\n  {block}"))
        .write("c", format!("{block}}}\n"));
    let moved = "a\nb 10-13 ~11-13\nc 1-4 ~1-3";
    check(&repo, &base, &Target::WorkTree, moved);
    repo.git(&["add", "-A"]);
    check(&repo, &base, &Target::Index, moved);
}

const TEXT: &str = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";

#[test]
fn three_targets() {
    let repo = Repo::new();
    repo.write("a", TEXT)
        .write("gone", "x")
        .write("same", "x")
        .write("old name", TEXT.repeat(3));
    let base = repo.commit("one");
    repo.write("a", TEXT.replace("2\n", "2\nnew\n"))
        .commit("two");
    repo.write("staged", "s\nt")
        .write("folder/sub", "1\r\n2\r\n")
        .git(&["add", "-A"]);
    repo.write("a", TEXT.replace("2\n", "2\nnew\n").replace('9', "nine"));
    repo.write("untracked", "u\nv\n")
        .write("empty", "")
        .remove("gone");
    repo.git(&["mv", "old name", "new name"]);
    repo.link("link", "nowhere");
    let commit = "a 3-3";
    check(&repo, &base, &Target::Commit("HEAD".to_owned()), commit);
    let index = "a 3-3\nfolder/sub 1-2\nold name => new name\nstaged 1-2";
    check(&repo, &base, &Target::Index, index);
    let tree = "a 3-3 10-10\nempty\nfolder/sub 1-2\nlink 1-1\nold name => new name\nstaged 1-2\nuntracked 1-2\n-gone";
    check(&repo, &base, &Target::WorkTree, tree);
}

#[test]
fn the_users_settings_change_nothing() {
    let repo = Repo::new();
    repo.write("sub/a.txt", TEXT)
        .write("sub/b.bin", "\0\n1\n")
        .write("c.sql", TEXT)
        .write("d", TEXT.repeat(2));
    let base = repo.commit("one");
    repo.write("sub/a.txt", TEXT.replace('2', "two").replace('6', "six"));
    repo.write("sub/b.bin", "\0\n2\n")
        .write("c.sql", TEXT.replace('4', "--- a/x\n+++ b/y\n@@ -1 +1 @@"));
    repo.git(&["mv", "d", "e"]);
    repo.write(
        ".gitattributes",
        "*.sql -diff\n*.txt diff=odd\n*.bin binary\n",
    );
    let expected = ".gitattributes 1-3\nc.sql 4-6\nd => e\nsub/a.txt 2-2 6-6\nsub/b.bin 2-2";
    check(&repo, &base, &Target::WorkTree, expected);
    for (key, value) in [
        ("diff.noprefix", "true"),
        ("diff.mnemonicPrefix", "true"),
        ("diff.srcPrefix", "x/"),
        ("diff.dstPrefix", "y/"),
        ("diff.external", "false"),
        ("diff.context", "9"),
        ("diff.interHunkContext", "9"),
        ("diff.renames", "false"),
        ("diff.renameLimit", "1"),
        ("diff.orderFile", "/nowhere"),
        ("diff.relative", "true"),
        ("diff.submodule", "log"),
        ("diff.algorithm", "patience"),
        ("diff.wordRegex", "."),
        ("diff.odd.textconv", "true"),
        ("diff.odd.command", "false"),
        ("diff.colorMoved", "zebra"),
        ("diff.stat", "true"),
        ("color.ui", "always"),
        ("color.diff", "always"),
        ("core.quotePath", "true"),
        ("core.pager", "false"),
        ("core.abbrev", "4"),
        ("core.whitespace", "cr-at-eol"),
    ] {
        repo.git(&["config", key, value]);
    }
    check(&repo, &base, &Target::WorkTree, expected);
}

#[test]
fn odd_names_modes_kinds_and_line_ends() {
    let repo = Repo::new();
    let odd = std::ffi::OsStr::from_bytes(b"\xff\t\"\n\\ .py");
    repo.write(odd, "1\n")
        .write("mode", "x\n")
        .write("kind", "x\n")
        .write("tail", "1\n2")
        .write("crlf", "1\n2\n");
    repo.write("tab\tname", "1\n")
        .write("with blank", "1\n")
        .write("b/+++ b/x", "1\n");
    let base = repo.commit("one");
    repo.write(odd, "1\n2\n")
        .write("tail", "1\n2\n")
        .write("crlf", "1\r\n2\n")
        .remove("kind")
        .link("kind", "x");
    repo.write("tab\tname", "2\n")
        .write("with blank", "1\n2")
        .write("b/+++ b/x", "++ b/y\n");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(repo.at("mode"), mode).expect("a mode can be set");
    let expected = "b/+++ b/x 1-1\ncrlf 1-1 ~1-1\nkind 1-1\nmode\ntab\\tname 1-1\ntail 2-2 ~2-2\nwith blank 2-2\n\\xff\\t\"\\n\\\\ .py 2-2";
    check(&repo, &base, &Target::WorkTree, expected);
    repo.git(&["add", "-A"]);
    check(&repo, &base, &Target::Index, expected);
    repo.commit("two");
    check(&repo, &base, &Target::Commit("HEAD".to_owned()), expected);
}

#[test]
fn conflicts_are_new() {
    let repo = Repo::new();
    let base = repo.write("x", "one\n").commit("one");
    repo.git(&["checkout", "-q", "-b", "other"]);
    repo.write("x", "two\n").commit("two");
    repo.git(&["checkout", "-q", "main"]);
    repo.write("x", "three\n").commit("three");
    repo.git_output(&["merge", "other"]);
    let path = RepoPath::new("x").expect("a path");
    for target in [Target::WorkTree, Target::Index] {
        let diff = diff(&repo, &base, &target);
        assert!(
            diff.is_new(&path, 1) && diff.is_new(&path, 2),
            "{target:?} {diff:?}"
        );
    }
}

#[test]
fn a_long_binary_line_does_not_confuse() {
    let repo = Repo::new();
    repo.write("blob", "a").write("z", "1\n");
    let base = repo.commit("one");
    repo.write("blob", "+++ b/z".repeat(40_000))
        .write("z", "1\n2\n");
    check(&repo, &base, &Target::WorkTree, "blob 1-1\nz 2-2");
}
