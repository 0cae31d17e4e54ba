//! The changelog against a change that is known.

use crate::check::context::{Base, Cx, LazyChange};
use crate::check::nowhere;
use crate::model::evidence::Evidence;
use crate::source::diff::{Diff, FileDiff};
use crate::source::memory::MemoryTree;

use super::documents::changelog_of_change;

/// The findings of a change of these paths, in a tree that has them and `docs/changelog.md`.
fn check(changed: &[&str], expected: usize) {
    let paths = changed.iter().chain(&["docs/changelog.md"]);
    let tree = MemoryTree::new(paths.map(|path| (*path, "")));
    let files: Vec<String> = changed.iter().map(|path| (*path).to_owned()).collect();
    let base = || {
        Ok(Base {
            commit: "1".repeat(40),
            name: "a test".to_owned(),
        })
    };
    let change = LazyChange::new(base, move |_| {
        let files = files.iter();
        let files = files.filter_map(|path| {
            let path = crate::base::path::RepoPath::new(path.as_str())?;
            Some((path, FileDiff::default()))
        });
        Ok(Diff {
            files: files.collect(),
            deleted: Vec::new(),
        })
    });
    let cx = Cx {
        waivers: &[],
        tree: &tree,
        change: &change,
        ports: nowhere::ports(),
        timeout: std::time::Duration::from_mins(1),
        label: "test",
    };
    let mut evidence = Evidence::default();
    changelog_of_change(&cx, &mut evidence).expect("the change is known");
    assert_eq!(evidence.findings.len(), expected, "{changed:?}");
    for finding in evidence.findings {
        assert_eq!(
            finding.place.path().map(ToString::to_string).as_deref(),
            Some("docs/changelog.md")
        );
    }
}

#[test]
fn the_changelog_changes_with_the_code() {
    check(&["src/a.py"], 1);
    check(&["src/a.py", "docs/changelog.md"], 0);
    check(&["src/a.py", "changelogs/fragments/1.yml"], 0);
    check(&["src/a.py", ".changeset/a.md"], 0);
    check(&["src/changes.py"], 1);
    check(
        &["tests/test_a.py", "README.md", ".github/workflows/a.yml"],
        0,
    );
    check(&[], 0);
}
