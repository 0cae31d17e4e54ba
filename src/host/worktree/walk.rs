//! Owns the survey where there is no git: a walk that reads `.gitignore` files as git does. Knows no index.

use std::path::Path;
use std::sync::mpsc;

use ignore::{DirEntry, WalkBuilder, WalkState};

use crate::base::path::RepoPath;
use crate::source::tree::{FileMeta, Tracking};

use super::{Survey, entry};

/// Walks over all that lies below `root`. Only what `.gitignore` files inside it say counts, so that the same tree gives
/// the same survey on every machine.
pub(super) fn survey(root: &Path) -> Survey {
    let (found, results) = mpsc::channel();
    let walk = WalkBuilder::new(root)
        .hidden(false)
        .ignore(false)
        .parents(false)
        .git_global(false)
        .git_exclude(false)
        .require_git(false)
        .follow_links(false)
        .filter_entry(enters)
        .build_parallel();
    walk.run(|| {
        let found = found.clone();
        Box::new(move |item| {
            let looked = match item {
                Ok(item) => look(root, &item),
                Err(problem) => Some(Err(problem.to_string())),
            };
            if let Some(looked) = looked {
                // The receiver outlives the walk.
                let _ = found.send(looked);
            }
            WalkState::Continue
        })
    });
    drop(found);
    let mut survey = Survey::default();
    for looked in results {
        match looked {
            Ok(file) => survey.files.push(file),
            Err(problem) => survey.problems.push(problem),
        }
    }
    survey
}

/// Neither `.git` itself nor a repository inside the tree is entered.
fn enters(item: &DirEntry) -> bool {
    let is_folder = item.file_type().is_some_and(|kind| kind.is_dir());
    let is_nested = || item.path().join(".git").symlink_metadata().is_ok();
    item.depth() == 0 || (item.file_name() != ".git" && !(is_folder && is_nested()))
}

fn look(root: &Path, item: &DirEntry) -> Option<Result<FileMeta, String>> {
    if item.file_type().is_none_or(|kind| kind.is_dir()) {
        return None;
    }
    let path = RepoPath::from_native(item.path().strip_prefix(root).ok()?)?;
    match item.path().symlink_metadata() {
        Ok(metadata) => entry(path, &metadata, Tracking::NoGit).map(Ok),
        Err(problem) => Some(Err(format!("{path}: {problem}"))),
    }
}
