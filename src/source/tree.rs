//! Owns the contract of a tree of files: a work tree, the index, or any commit.

use serde::{Deserialize, Serialize};

use crate::base::path::RepoPath;

use super::class::PathClass;
use super::language::Language;

/// What kind of entry a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    /// A regular file; `true` when it is executable.
    File {
        /// Has it the executable bit?
        executable: bool,
    },
    /// A symbolic link. It is never followed; its content is its target.
    Link,
    /// A submodule. It is never entered.
    Submodule,
}

/// How a path stands to git.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tracking {
    /// In the index (or in the commit).
    Tracked,
    /// In the work tree, not in the index, not ignored.
    Untracked,
    /// There is no git here.
    NoGit,
}

/// What proves, without reading it, that a file's content is what it was.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Identity {
    /// A git object's id: it names the content.
    Blob(String),
    /// A work tree file's metadata; equal metadata means equal content unless the file was `racy`: changed so shortly
    /// before it was looked at that a second change would not show.
    Stat {
        /// Length in bytes.
        size: u64,
        /// Last change of the content, nanoseconds since the epoch.
        modified: i128,
        /// Last change of the inode, nanoseconds since the epoch.
        changed: i128,
        /// The inode number; 0 where there is none.
        inode: u64,
    },
    /// Nothing proves it: it is read each time.
    None,
}

/// All that is known of a file without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileMeta {
    /// Its path.
    pub path: RepoPath,
    /// What it is.
    pub kind: EntryKind,
    /// Its length in bytes.
    pub size: u64,
    /// How it stands to git.
    pub tracking: Tracking,
    /// The language that its name tells; files without a telling name are asked again by content.
    pub language: Option<Language>,
    /// What its path tells.
    pub class: PathClass,
    /// What proves its content.
    pub identity: Identity,
}

impl FileMeta {
    /// Metadata from the path's facts; language and class are derived.
    #[must_use]
    pub fn new(
        path: RepoPath,
        kind: EntryKind,
        size: u64,
        tracking: Tracking,
        identity: Identity,
    ) -> Self {
        let language = Language::of_path(&path);
        let class = PathClass::of_path(&path);
        Self {
            path,
            kind,
            size,
            tracking,
            language,
            class,
            identity,
        }
    }

    /// Is it a regular file?
    #[must_use]
    pub const fn is_file(&self) -> bool {
        matches!(self.kind, EntryKind::File { .. })
    }
}

/// A file could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {why}")]
pub struct ReadError {
    /// The file.
    pub path: RepoPath,
    /// The reason, raw.
    pub why: String,
}

/// A tree of files.
pub trait SourceTree: Sync {
    /// All entries that git does not ignore, sorted by path.
    fn files(&self) -> &[FileMeta];

    /// The content of a regular file or the target of a link. Called from many threads.
    ///
    /// # Errors
    /// When the file cannot be read, or is no longer what [`SourceTree::files`] said.
    fn read(&self, file: &FileMeta) -> Result<Vec<u8>, ReadError>;

    /// What could not be surveyed (an unreadable folder), for the report. A tree with problems is not complete.
    fn problems(&self) -> &[String];

    /// The entry at `path`.
    fn find(&self, path: &RepoPath) -> Option<&FileMeta> {
        let files = self.files();
        files
            .binary_search_by(|file| file.path.cmp(path))
            .ok()
            .map(|at| &files[at])
    }
}
