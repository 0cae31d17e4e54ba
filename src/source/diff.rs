//! Owns a change: which files differ from the base, and which lines of them are new.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::base::path::RepoPath;

/// The difference between a base and the tree that is judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// Each file that was added or changed, with its new lines.
    pub files: BTreeMap<RepoPath, FileDiff>,
    /// Files that are gone, renamed ones not among them.
    pub deleted: Vec<RepoPath>,
}

/// How one file differs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileDiff {
    /// The path that it had on the base, if it was renamed.
    pub old_path: Option<RepoPath>,
    /// 1-based ranges of lines that were added or changed, in order, `end` excluded.
    pub lines: Vec<Range<u32>>,
    /// Those of them that were elsewhere before, or stood there with other white space.
    pub moved: Vec<Range<u32>>,
    /// Those that came in a block which can be told again in another file, whatever white space is at their end now.
    pub carried: Vec<Range<u32>>,
}

impl Diff {
    /// Is this line of this file new?
    #[must_use]
    pub fn is_new(&self, path: &RepoPath, line: u32) -> bool {
        self.files
            .get(path)
            .is_some_and(|file| file.lines.iter().any(|range| range.contains(&line)))
    }

    /// Was this line of this file elsewhere before?
    #[must_use]
    pub fn is_moved(&self, path: &RepoPath, line: u32) -> bool {
        self.files
            .get(path)
            .is_some_and(|file| file.moved.iter().any(|range| range.contains(&line)))
    }

    /// The paths of the base that are no longer there: of files that are deleted, and of those that have another name now.
    #[must_use]
    pub fn gone(&self) -> BTreeSet<&RepoPath> {
        let renamed = self
            .files
            .values()
            .filter_map(|file| file.old_path.as_ref());
        let gone = self.deleted.iter().chain(renamed);
        gone.filter(|path| !self.files.contains_key(path)).collect()
    }

    /// Did this line of this file come in a block that was elsewhere before?
    #[must_use]
    pub fn is_carried(&self, path: &RepoPath, line: u32) -> bool {
        self.files
            .get(path)
            .is_some_and(|file| file.carried.iter().any(|range| range.contains(&line)))
    }
}
