//! Owns the tests of `qgate init`: what is proposed for which files, and that it is valid.

use super::*;
use crate::base::path::RepoPath;
use crate::config::GateFiles;
use crate::source::memory::MemoryTree;

struct One(String);

impl GateFiles for One {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        Ok((path == ROOTS[0]).then(|| self.0.clone().into_bytes()))
    }
}

/// The ids of the gates that are proposed for these files, after the text was found valid.
fn check(files: &[&str], reports: &[&str], expected: &[&str]) {
    let tree = MemoryTree::new(files.iter().map(|path| (path.as_bytes(), "")));
    let reports: Vec<RepoPath> = reports
        .iter()
        .filter_map(|path| RepoPath::new(*path))
        .collect();
    let text = text(&Found::of(tree.files(), &reports));
    assert!(
        text.bytes()
            .all(|b| b == b'\n' || (0x20..=0x7e).contains(&b)),
        "{text}"
    );
    let nothing_set = |_: &str| None;
    let valid = config::validate(&Request::default(), &One(text.clone()), &nothing_set);
    if let Err(problems) = valid {
        panic!("{}\n{text}", config::render(&problems));
    }
    let merged = config::load::Merged::read(&Request::default(), &One(text.clone()));
    let built_in = config::load::Merged::read(
        &Request::default(),
        &One("version: 1\nextends: [recommended]\n".to_owned()),
    );
    let built_in: Vec<&str> = built_in.gates().map(|(key, _)| key.name.as_str()).collect();
    let own: Vec<&str> = merged
        .gates()
        .map(|(key, _)| key.name.as_str())
        .filter(|id| !built_in.contains(id))
        .collect();
    assert_eq!(own, expected, "{text}");
}

#[test]
fn proposals_fit_and_are_valid() {
    check(&[], &[], &[]);
    check(&["README.md", "notes.txt"], &[], &[]);
    check(
        &["src/a.py", "tests/test_a.py", "uv.lock"],
        &[],
        &["python-tests"],
    );
    check(&["src/a.py"], &["coverage.json"], &["line-coverage"]);
    check(
        &["package.json", "src/a.test.ts", "pnpm-lock.yaml"],
        &[],
        &["node-tests"],
    );
    check(&["package.json", "src/a.ts"], &[], &[]);
    check(
        &["Cargo.toml", "Cargo.lock", "src/lib.rs"],
        &[],
        &["rust-tests"],
    );
    check(&["go.mod", "a.go", "migrations/1.sql"], &[], &["go-tests"]);
    check(
        &["za\u{17c}\n\u{1b}[31m.py", "node_modules/x/test.js"],
        &["coverage.xml"],
        &["line-coverage"],
    );
}

#[test]
fn what_was_found_is_said() {
    let files = ["a.py", "b.py", "tests/test_a.py", "m/1.sql", "poetry.lock"];
    let tree = MemoryTree::new(files.map(|path| (path, "")));
    let reports = [RepoPath::new("lcov.info").expect("a path")];
    let found = Found::of(tree.files(), &reports);
    assert_eq!(
        found.describe(),
        [
            "Found here, in files: python 3, sql 1.",
            "Tests, in files: python 1.",
            "Dependencies: 1 lock file.",
            "SQL: 1 file.",
            "Coverage reports: lcov.info.",
        ]
    );
}
