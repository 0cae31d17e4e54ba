//! Commits and the index as trees.

use qgate::host::sizes::Sizes;
use qgate::host::trees::{CommitTree, IndexTree};
use qgate::source::tree::SourceTree;

use crate::repository::repository;
use crate::support::Repo;
use crate::survey::{listed, open};

/// Names and contents in one line.
fn contents(tree: &dyn SourceTree) -> String {
    let content = |file| match tree.read(file) {
        Ok(content) => String::from_utf8_lossy(&content).into_owned(),
        Err(problem) => format!("({})", problem.why.split(' ').next().unwrap_or_default()),
    };
    let shown: Vec<String> = tree
        .files()
        .iter()
        .map(|file| format!("{}={}:{}", file.path, file.size, content(file)))
        .collect();
    shown.join(" ")
}

#[test]
fn three_trees_of_one_repository() {
    let repo = Repo::new();
    repo.write("a", "one").write("src/b", "b");
    repo.link("link", "a");
    let first = repo.commit("one");
    repo.write("a", "staged")
        .write("new", "n")
        .git(&["add", "-A"]);
    repo.write("a", "on disk")
        .write("untracked", "")
        .remove("src/b");

    let found = repository(&repo.path());
    let commit = CommitTree::open(&found, "HEAD").expect("a commit");
    assert_eq!(commit.id(), first);
    assert_eq!(listed(&commit), "T:a T:link@ T:src/b");
    assert_eq!(contents(&commit), "a=3:one link=1:a src/b=1:b");
    let index = IndexTree::open(&found).expect("an index");
    assert_eq!(contents(&index), "a=6:staged link=1:a new=1:n src/b=1:b");
    assert_eq!(
        contents(&open(&repo)),
        "a=7:on disk link=1:a new=1:n untracked=0:"
    );
    assert!(CommitTree::open(&found, "nope").is_err());
}

#[test]
fn empty_conflicted_and_nested() {
    let repo = Repo::new();
    let found = repository(&repo.path());
    assert_eq!(contents(&IndexTree::open(&found).expect("an index")), "");
    let entry = format!("160000,{},sub", repo.commit("empty"));
    repo.git(&["update-index", "--add", "--cacheinfo", &entry]);
    let index = IndexTree::open(&found).expect("an index");
    assert_eq!(listed(&index), "T:sub/");
    assert_eq!(contents(&index), "sub=0:(a)");

    let repo = Repo::new();
    repo.write("x", "one").commit("one");
    repo.git(&["checkout", "-q", "-b", "other"]);
    repo.write("x", "two").commit("two");
    repo.git(&["checkout", "-q", "main"]);
    repo.write("x", "three").commit("three");
    repo.git_output(&["merge", "other"]);
    let index = IndexTree::open(&repository(&repo.path())).expect("an index");
    assert_eq!(listed(&index), "");
    assert_eq!(index.problems().len(), 1, "{:?}", index.problems());
}

#[test]
fn contents_are_what_was_committed_to_the_byte() {
    let repo = Repo::new();
    let large: Vec<u8> = (0..3_000_000_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    repo.write("large", &large)
        .write("missing x\n", "a\0\n\nb")
        .write("empty", "");
    repo.commit("one");
    let tree = CommitTree::open(&repository(&repo.path()), "main").expect("a commit");
    let read: Vec<Vec<u8>> = std::thread::scope(|scope| {
        let readers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let contents = tree
                        .files()
                        .iter()
                        .map(|file| tree.read(file).expect("it is there"));
                    contents.collect::<Vec<_>>().concat()
                })
            })
            .collect();
        readers
            .into_iter()
            .map(|reader| reader.join().expect("no panic"))
            .collect()
    });
    let expected = [&large[..], b"a\0\n\nb"].concat();
    assert!(read.iter().all(|content| *content == expected));
}

#[test]
fn what_a_partial_clone_left_out_cannot_be_read() {
    let origin = Repo::new();
    origin.write("a", "content").commit("one");
    origin.git(&["config", "uploadpack.allowFilter", "true"]);
    let clone = Repo::without_git();
    let url = format!("file://{}", origin.path().display());
    clone.git(&[
        "clone",
        "-q",
        "--filter=blob:none",
        "--no-checkout",
        &url,
        ".",
    ]);
    let found = repository(&clone.path());
    let tree = CommitTree::open(&found, "HEAD").expect("a commit");
    assert_eq!(contents(&tree), "a=0:(the)");
    clone.git(&["checkout", "-q", "HEAD"]);
    assert_eq!(contents(&tree), "a=0:content");
}

#[test]
fn sizes_from_another_time_are_the_same_sizes() {
    let repo = Repo::new();
    let entry = format!("160000,{},sub", repo.commit("empty"));
    repo.git(&["update-index", "--add", "--cacheinfo", &entry]);
    repo.write("a", "one").write("b", "four").write("c", "");
    repo.git(&["add", "a", "b", "c"]);
    repo.git(&["commit", "-q", "-m", "one"]);
    let found = repository(&repo.path());
    let folder = Repo::without_git();
    let sizes = Sizes::kept_in(&folder.at("deep/down"));
    let kept = || std::fs::read_to_string(folder.at("deep/down/sizes")).expect("it was written");
    let check = |lines: usize| {
        let plain = CommitTree::open(&found, "HEAD").expect("a commit");
        let tree = CommitTree::open_with(&found, "HEAD", Some(&sizes)).expect("a commit");
        assert_eq!(contents(&tree), contents(&plain));
        assert_eq!(tree.files(), plain.files());
        assert_eq!(kept().lines().count(), 1 + lines, "{}", kept());
    };
    check(3);
    let first = kept();
    check(3);
    assert_eq!(kept(), first);
    repo.write("a", "another").commit("two");
    check(4);
    // Torn and foreign files are as good as none.
    let last = kept();
    for broken in [&last[..last.len() - 2], "", "qgate-sizes-9 0\n", "\n\n"] {
        folder.write("deep/down/sizes", broken);
        check(3);
    }
    // It does not grow for ever.
    let mut much = "qgate-sizes-1 20\n".to_owned();
    for n in 0..20 {
        much.push_str(&format!("{n:040} {n}\n"));
    }
    folder.write("deep/down/sizes", much);
    check(3);
    // Where nothing can be written, git is asked each time.
    folder.remove("deep").write("deep", "in the way");
    let tree = CommitTree::open_with(&found, "HEAD", Some(&sizes)).expect("a commit");
    assert!(contents(&tree).starts_with("a=7:another b=4:four c=0:"));
}
