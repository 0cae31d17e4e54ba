//! The survey of the work tree.

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
    check_tree(&open(repo), expected);
}

fn check_tree(tree: &WorkTree, expected: &str) {
    assert_eq!(listed(tree), expected);
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
    repo.git(&["config", "core.fsmonitor", "touch ran-by-git; false"]);
    check(&repo, "T:.gitignore T:a.py U:new T:src/b.rs");
}

#[test]
fn no_commit_and_no_file() {
    let repo = Repo::new();
    check(&repo, "");
    repo.write("a", "").git(&["add", "a"]);
    repo.write("b", "");
    check(&repo, "T:a U:b");
}

#[test]
fn no_git() {
    let repo = Repo::without_git();
    repo.write("src/a.rs", "a")
        .write(".hidden/b", "b")
        .write(".gitignore", "*.log\n!keep.log\n")
        .write("src/.gitignore", "/out\n")
        .write(".ignore", "*\n")
        .write("x.log", "")
        .write("src/keep.log", "")
        .write("src/out/x", "");
    repo.link("link", "/etc/passwd")
        .link("loop", ".")
        .fifo("pipe");
    check(
        &repo,
        "N:.gitignore N:.hidden/b N:.ignore N:link@ N:loop@ N:src/.gitignore N:src/a.rs N:src/keep.log",
    );
}

#[test]
fn links_are_never_followed() {
    let outside = Repo::without_git();
    outside.write("secret", "secret");
    let repo = Repo::new();
    repo.write("folder/secret", "mine")
        .write("folder/deep/x", "mine");
    repo.link("out", outside.path().join("secret"))
        .link("all", outside.path())
        .link("loop", ".")
        .link("self", "self")
        .link("dangling", "nowhere");
    repo.commit("one");
    check(
        &repo,
        "T:all@ T:dangling@ T:folder/deep/x T:folder/secret T:loop@ T:out@ T:self@",
    );
    let tree = open(&repo);
    let target = |name: &str| {
        let file = tree
            .files()
            .iter()
            .find(|file| file.path.as_bytes() == name.as_bytes());
        tree.read(file.expect("it is listed"))
            .expect("a link has a target")
    };
    assert_eq!(target("dangling"), b"nowhere");
    assert_eq!(target("loop"), b".");

    // Tracked paths below a folder that became a link lie outside.
    repo.remove("folder").link("folder", outside.path());
    outside.write("deep/x", "secret");
    check(&repo, "T:all@ T:dangling@ U:folder@ T:loop@ T:out@ T:self@");
}

#[test]
fn a_file_that_became_something_else_is_not_read() {
    let outside = Repo::without_git();
    outside.write("secret", "secret").write("folder/b", "b");
    let repo = Repo::new();
    repo.write("a", "mine")
        .write("folder/b", "b")
        .write("c", "c")
        .write("d", "d");
    let tree = open(&repo);
    repo.remove("a").link("a", outside.at("secret"));
    repo.remove("c").fifo("c");
    repo.write("d", "other");
    std::fs::rename(repo.at("folder"), repo.at("moved")).expect("a folder can be moved");
    repo.link("folder", outside.at("folder"));
    for file in tree.files() {
        let read = tree.read(file);
        assert!(read.is_err(), "{}: {read:?}", file.path);
    }
    assert_eq!(tree.files().len(), 4);
}

#[test]
fn pipes_and_sockets() {
    let repo = Repo::new();
    repo.write("tracked", "x").commit("one");
    repo.fifo("pipe").remove("tracked").fifo("tracked");
    let _socket = std::os::unix::net::UnixListener::bind(repo.at("socket")).expect("a socket");
    let tree = open(&repo);
    assert_eq!(listed(&tree), "");
    assert_eq!(
        tree.problems(),
        ["tracked: tracked as a file, but it is a device"]
    );
}

#[test]
fn nested_repositories_and_submodules() {
    let repo = Repo::new();
    repo.write("a", "a")
        .write("sub/inner", "x")
        .write("nested/inner", "x");
    for folder in ["sub", "nested"] {
        repo.git(&["-C", folder, "init", "-q"]);
        repo.git(&["-C", folder, "add", "-A"]);
        repo.git(&["-C", folder, "commit", "-q", "-m", "inner"]);
    }
    let id = repo.git(&["-C", "sub", "rev-parse", "HEAD"]);
    let entry = format!("160000,{},sub", id.trim());
    repo.git(&["update-index", "--add", "--cacheinfo", &entry]);
    check(&repo, "U:a T:sub/");
    let without = WorkTree::open(&repo.path(), None).expect("the tree can be surveyed");
    check_tree(&without, "N:a");
}

#[test]
fn names_in_any_bytes() {
    use std::os::unix::ffi::OsStrExt as _;
    let repo = Repo::new();
    let name = |bytes| std::ffi::OsStr::from_bytes(bytes);
    repo.write(name(b"\xff\xfe.py"), "x")
        .write(name(b"a\tb\n\"c"), "x");
    check(&repo, "U:a\\tb\\n\"c U:\\xff\\xfe.py");
    repo.commit("one");
    repo.write(":(top)x", "")
        .write("? y", "")
        .write("H 100644 0 0", "");
    check(
        &repo,
        "U::(top)x U:? y U:H 100644 0 0 T:a\\tb\\n\"c T:\\xff\\xfe.py",
    );
}

#[test]
fn conflicts_deleted_files_and_modes() {
    let repo = Repo::new();
    repo.write("both", "one")
        .write("gone", "x")
        .write("run", "x")
        .write("was", "x");
    repo.commit("one");
    repo.git(&["checkout", "-q", "-b", "other"]);
    repo.write("both", "two").commit("two");
    repo.git(&["checkout", "-q", "main"]);
    repo.write("both", "three").commit("three");
    assert!(!repo.git_output(&["merge", "other"]).status.success());
    repo.remove("gone").remove("was").write("was/now", "x");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(repo.at("run"), mode).expect("a mode can be set");
    check(&repo, "T:both T:run* U:was/now");
}

#[test]
fn sparse_checkout() {
    let repo = Repo::new();
    repo.write("root", "")
        .write("in/a", "")
        .write("out/b", "")
        .commit("one");
    repo.git(&["sparse-checkout", "set", "in"]);
    check(&repo, "T:in/a T:root");
}

#[test]
fn what_cannot_be_looked_at_is_a_problem() {
    let repo = Repo::new();
    repo.write("a", "a").commit("one");
    // No file system takes such a name, so the answer is neither "there" nor "not there", for root too.
    let entry = format!(
        "100644,{},{}",
        repo.git(&["rev-parse", "HEAD:a"]).trim(),
        "n".repeat(300)
    );
    repo.git(&["update-index", "--add", "--cacheinfo", &entry]);
    let tree = open(&repo);
    assert_eq!(listed(&tree), "T:a");
    assert_eq!(tree.problems().len(), 1, "{:?}", tree.problems());
    assert!(tree.problems()[0].starts_with("nnn"));

    let closed = |mode: u32| {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(mode);
        std::fs::set_permissions(repo.at("closed"), mode).expect("a mode can be set");
    };
    repo.write("closed/x", "x");
    closed(0);
    // root reads every folder.
    let is_root = std::fs::read_dir(repo.at("closed")).is_ok();
    let with_git = open(&repo).problems().len();
    let without = WorkTree::open(&repo.path(), None).expect("the tree can be surveyed");
    closed(0o755);
    assert_eq!(with_git, if is_root { 1 } else { 2 });
    assert_eq!(without.problems().len(), usize::from(!is_root));
}

#[test]
fn from_a_folder_of_the_repository() {
    let repo = Repo::new();
    repo.write("a", "")
        .write("in/b", "")
        .write("in/deep/c", "")
        .commit("one");
    let repository = Repository::discover(&repo.at("in")).expect("git answers");
    let tree = WorkTree::open(&repo.at("in"), repository.as_ref()).expect("a survey");
    check_tree(&tree, "T:b T:deep/c");
    assert!(WorkTree::open(&repo.at("nowhere"), None).is_err());
}

#[test]
fn three_thousand_files() {
    let repo = Repo::new();
    for n in 0..3_000 {
        repo.write(
            format!("d{}/e{}/f{n}.py", n % 17, n % 101),
            format!("x = {n}\n"),
        );
    }
    repo.commit("many");
    repo.write("d0/new", "");
    let tree = open(&repo);
    assert_eq!(tree.files().len(), 3_001);
    assert!(tree.files().is_sorted_by(|a, b| a.path < b.path));
    let read: usize = tree
        .files()
        .iter()
        .filter_map(|file| tree.read(file).ok())
        .count();
    assert_eq!(read, 3_001);
}
