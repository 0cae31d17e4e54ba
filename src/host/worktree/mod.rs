//! Owns the work tree as a `SourceTree`: the files on disk that git does not ignore. Knows no contents; never leaves
//! the root.

pub mod listing;
mod walk;

use std::io::Read as _;
use std::path::{Path, PathBuf};

use rayon::slice::ParallelSliceMut as _;

use crate::base::path::RepoPath;
use crate::model::fault::{Fault, FaultKind};
use crate::source::tree::{EntryKind, FileMeta, ReadError, SourceTree, Tracking};

use super::git::Repository;
use super::regular;

/// The files on disk below one root.
#[derive(Debug)]
pub struct WorkTree {
    root: PathBuf,
    files: Vec<FileMeta>,
    problems: Vec<String>,
}

/// What a survey found.
#[derive(Default)]
struct Survey {
    files: Vec<FileMeta>,
    problems: Vec<String>,
}

impl WorkTree {
    /// Surveys the files below `root`: what git tracks and what is untracked and not ignored. Without a repository: all
    /// that `.gitignore` files do not exclude.
    ///
    /// # Errors
    /// When `root` is no folder that can be read, or git fails.
    pub fn open(root: &Path, repository: Option<&Repository>) -> Result<Self, Fault> {
        let root = root.canonicalize().map_err(|problem| {
            Fault::new(
                FaultKind::Missing,
                format!("{} cannot be opened: {problem}", root.display()),
                "name a folder that is there and can be read",
            )
        })?;
        let mut survey = match repository {
            Some(repository) => listing::survey(&root, repository)?,
            None => walk::survey(&root),
        };
        survey.files.par_sort_by(|a, b| a.path.cmp(&b.path));
        // What is in both of git's lists is tracked.
        survey.files.dedup_by(|b, a| a.path == b.path);
        survey.problems.sort();
        Ok(Self {
            root,
            files: survey.files,
            problems: survey.problems,
        })
    }

    /// The root, absolute and without links.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn read_file(&self, file: &FileMeta) -> Result<Vec<u8>, String> {
        let told = |problem: std::io::Error| problem.to_string();
        let mut handle = regular::open_unseen(&file.path.to_native(&self.root)).map_err(told)?;
        let mut content = Vec::with_capacity(usize::try_from(file.size).unwrap_or(0));
        (&mut handle)
            .take(file.size)
            .read_to_end(&mut content)
            .map_err(told)?;
        // One look behind the reading says it all: what is another file, or grew, has another identity.
        let after = handle.metadata().map_err(told)?;
        if content.len() as u64 == file.size && regular::identity(&after) == file.identity {
            Ok(content)
        } else {
            Err("it changed while qgate ran".to_owned())
        }
    }

    fn read_link(&self, file: &FileMeta) -> Result<Vec<u8>, String> {
        if !regular::real_parents(&self.root, &file.path) {
            return Err("a folder above it became a link".to_owned());
        }
        std::fs::read_link(file.path.to_native(&self.root))
            .map(|target| target.into_os_string().into_encoded_bytes())
            .map_err(|problem| problem.to_string())
    }
}

impl SourceTree for WorkTree {
    fn files(&self) -> &[FileMeta] {
        &self.files
    }

    fn read(&self, file: &FileMeta) -> Result<Vec<u8>, ReadError> {
        let content = match file.kind {
            EntryKind::File { .. } => self.read_file(file),
            EntryKind::Link => self.read_link(file),
            EntryKind::Submodule => Err("a submodule has no content".to_owned()),
        };
        content.map_err(|why| ReadError {
            path: file.path.clone(),
            why,
        })
    }

    fn problems(&self) -> &[String] {
        &self.problems
    }
}

/// The entry that the metadata describes; `None` for what is neither file nor link.
fn entry(path: RepoPath, metadata: &std::fs::Metadata, tracking: Tracking) -> Option<FileMeta> {
    let kind = if metadata.is_symlink() {
        EntryKind::Link
    } else if metadata.is_file() {
        EntryKind::File {
            executable: is_executable(metadata),
        }
    } else {
        return None;
    };
    let identity = regular::identity(metadata);
    Some(FileMeta::new(
        path,
        kind,
        metadata.len(),
        tracking,
        identity,
    ))
}

#[cfg(unix)]
fn is_executable(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &std::fs::Metadata) -> bool {
    false
}
