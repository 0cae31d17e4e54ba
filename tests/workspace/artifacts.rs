//! The artifact port on disk.

use qgate::base::path::RepoPath;
use qgate::check::options::Glob;
use qgate::check::ports::{Artifact, Artifacts};
use qgate::host::artifacts::Disk;
use qgate::model::fault::FaultKind;

use crate::repository::repository;
use crate::support::Repo;

/// `!` in front of what is ignored, `/` behind a folder.
fn shown(found: &[Artifact]) -> String {
    let one = |found: &Artifact| {
        let ignored = if found.ignored { "!" } else { "" };
        let folder = if found.folder { "/" } else { "" };
        format!("{ignored}{}{folder}", found.path)
    };
    found.iter().map(one).collect::<Vec<_>>().join(" ")
}

fn check(disk: &Disk, globs: &[&str], expected: &str) {
    let globs: Vec<Glob> = globs
        .iter()
        .map(|glob| Glob::new(glob).expect("a glob"))
        .collect();
    let found = disk.find(&globs).expect("the disk can be read");
    assert_eq!(shown(&found), expected, "{globs:?}");
}

fn sample() -> Repo {
    let repo = Repo::new();
    repo.write(".gitignore", "*.xml\n/logs/\nnode_modules/\ntarget/\n")
        .write("kept.xml", "k")
        .write("a/report.xml", "rr")
        .write("logs/x.log", "")
        .write("node_modules/p/report.xml", "")
        .write("mod/target/site/report.xml", "")
        .write(".hidden/report.xml", "")
        .write("nested/report.xml", "");
    repo.git(&["add", "-f", "kept.xml", ".gitignore"]);
    repo.git(&["-C", "nested", "init", "-q"]);
    repo
}

#[test]
fn found_by_glob() {
    let repo = sample();
    let outside = Repo::without_git();
    outside.write("report.xml", "secret");
    repo.link("out", outside.path())
        .link("a/link.xml", outside.at("report.xml"));
    repo.write(":odd.xml", "");
    let disk = Disk::new(&repo.path(), Some(repository(&repo.path())));
    check(
        &disk,
        &["**/*.xml"],
        "!.hidden/report.xml !:odd.xml !a/report.xml kept.xml",
    );
    check(
        &disk,
        &["a/*.xml", "kept.xml", "**/report.xml"],
        "!.hidden/report.xml !a/report.xml kept.xml",
    );
    check(
        &disk,
        &["node_modules/p/*.xml"],
        "!node_modules/p/report.xml",
    );
    check(
        &disk,
        &["**/target/site/*.xml"],
        "!mod/target/site/report.xml",
    );
    check(&disk, &["logs/"], "!logs/x.log");
    check(
        &disk,
        &[
            "out/*.xml",
            "a/link.xml",
            ".git/**",
            "**/HEAD",
            "nowhere/**",
        ],
        "",
    );
    check(&disk, &[], "");
    let without = Disk::new(&repo.path(), None);
    check(&without, &["a/**"], "a/report.xml");
}

#[test]
fn the_root() {
    let repo = sample();
    repo.link("link", "a");
    let disk = Disk::new(&repo.path(), Some(repository(&repo.path())));
    let found = disk.root().expect("the root can be read");
    let expected = ".gitignore .hidden/ a/ kept.xml link !logs/ mod/ nested/ !node_modules/";
    assert_eq!(shown(&found), expected);
    assert!(Disk::new(&repo.at("nowhere"), None).root().is_err());
}

#[test]
fn reading() {
    let repo = sample();
    repo.link("link.xml", "a/report.xml")
        .link("to-a", "a")
        .fifo("pipe");
    let disk = Disk::new(&repo.path(), None);
    let read = |path: &str, limit| {
        let path = RepoPath::new(path).expect("a path");
        disk.read(&path, limit).map_err(|fault| fault.kind)
    };
    assert_eq!(read("a/report.xml", 2), Ok(b"rr".to_vec()));
    assert_eq!(read("a/report.xml", 1), Err(FaultKind::Unreadable));
    assert_eq!(read("a/none.xml", 9), Err(FaultKind::Missing));
    assert_eq!(read("to-a/report.xml", 9), Err(FaultKind::Missing));
    for odd in ["link.xml", "pipe", "a"] {
        assert_eq!(read(odd, 9), Err(FaultKind::Unreadable), "{odd}");
    }
}
