//! Owns the repository: where it is, its head, its hooks folder. Talks to git by its command only; knows no tree.

mod base;
pub mod ci;
pub(crate) mod command;
mod diff;
mod event;
mod history;
pub(crate) mod objects;
pub mod patch;
mod push;
mod versions;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::model::fault::{Fault, FaultKind};

pub use diff::Target;
pub use push::{PushedRef, Range};

use command::Runner;

/// A git repository with a work tree.
#[derive(Clone, Debug)]
pub struct Repository {
    root: PathBuf,
    git_folder: PathBuf,
    shallow: bool,
    runner: Runner,
}

impl Repository {
    /// The repository that `dir` lies in; `None` when it lies in none.
    ///
    /// # Errors
    /// When git is needed and not installed, when it refuses the repository, and when the repository is broken or has
    /// no work tree.
    pub fn discover(dir: &Path) -> Result<Option<Self>, Fault> {
        let asked = Runner::new(dir).output([
            "rev-parse",
            "--is-shallow-repository",
            "--absolute-git-dir",
            "--show-toplevel",
        ]);
        let output = match asked {
            Err(fault) if fault.kind == FaultKind::ToolMissing && marker(dir).is_none() => {
                return Ok(None);
            }
            asked => asked?,
        };
        if output.status.success() {
            return Self::described(&output.stdout).map(Some);
        }
        let stderr = String::from_utf8_lossy(&output.stderr);
        if stderr.contains("not a git repository (or any") {
            return match marker(dir) {
                None => Ok(None),
                Some(marker) => Err(Fault::new(
                    FaultKind::ToolFailed,
                    format!("git does not take {} for a repository", marker.display()),
                    "repair it, or remove it if this is no repository",
                )),
            };
        }
        if stderr.contains("must be run in a work tree") {
            return Err(Fault::new(
                FaultKind::Missing,
                format!("the repository at {} has no work tree", dir.display()),
                "run qgate in a clone, or add one with `git worktree add DIR`",
            ));
        }
        Err(command::failed(&output.stderr))
    }

    fn described(stdout: &[u8]) -> Result<Self, Fault> {
        let stdout = stdout.strip_suffix(b"\n").unwrap_or(stdout);
        let lines: Vec<&[u8]> = stdout.split(|&b| b == b'\n').collect();
        let [shallow, git_folder, root] = lines[..] else {
            return Err(Fault::new(
                FaultKind::Unparsable,
                "the repository's path cannot be read from git's answer",
                "move the repository to a path without line breaks",
            ));
        };
        let root = native(root);
        let git_folder = native(git_folder);
        let runner = Runner::new(&root)
            .with_index(hook_index(std::env::var_os("GIT_INDEX_FILE"), &git_folder));
        Ok(Self {
            root,
            git_folder,
            shallow: shallow == b"true",
            runner,
        })
    }

    /// The work tree's root, absolute.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The repository's own folder, absolute; in a linked work tree that work tree's.
    #[must_use]
    pub fn git_folder(&self) -> &Path {
        &self.git_folder
    }

    /// Is part of the history left out of this clone?
    #[must_use]
    pub const fn is_shallow(&self) -> bool {
        self.shallow
    }

    /// The head commit's id; `None` before the first commit.
    ///
    /// # Errors
    /// When git fails.
    pub fn head(&self) -> Result<Option<String>, Fault> {
        self.resolve("HEAD")
    }

    /// The folder that git runs hooks from, absolute; it need not be there.
    ///
    /// # Errors
    /// When git fails.
    pub fn hooks(&self) -> Result<PathBuf, Fault> {
        let path = self.runner.run(["rev-parse", "--git-path", "hooks"])?;
        let path = native(path.strip_suffix(b"\n").unwrap_or(&path));
        Ok(self.root.join(path))
    }

    /// The id of the commit that `rev` names; `None` when it names none.
    ///
    /// # Errors
    /// When git fails.
    pub fn resolve(&self, rev: &str) -> Result<Option<String>, Fault> {
        if rev.is_empty() || rev.starts_with('-') {
            return Ok(None);
        }
        let commit = format!("{rev}^{{commit}}");
        let output = self
            .runner
            .output(["rev-parse", "--verify", "--quiet", &commit])?;
        let id = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        Ok((output.status.success() && !id.is_empty()).then_some(id))
    }

    pub(crate) const fn runner(&self) -> &Runner {
        &self.runner
    }

    /// As [`Self::resolve`], with a fault that names the revision.
    pub(crate) fn commit(&self, rev: &str) -> Result<String, Fault> {
        self.resolve(rev)?.ok_or_else(|| {
            let cure = if self.shallow {
                format!("fetch it: `git fetch origin {rev}`, or `git fetch --unshallow`")
            } else {
                format!("fetch it, `git fetch origin {rev}`, or name another one")
            };
            Fault::new(
                FaultKind::Missing,
                format!("there is no commit `{rev}` in this clone"),
                cure,
            )
        })
    }
}

/// Is this the id of the tree without files, by SHA-1 or SHA-256? It stands for a base where there was nothing.
pub(crate) fn is_empty_tree(id: &str) -> bool {
    matches!(
        id,
        "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
            | "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"
    )
}

/// The nearest `.git` at or above `dir`.
fn marker(dir: &Path) -> Option<PathBuf> {
    let dir = std::path::absolute(dir).ok()?;
    dir.ancestors()
        .map(|folder| folder.join(".git"))
        .find(|marker| marker.symlink_metadata().is_ok())
}

/// The index that git hands to a hook (`git commit -a` and `git commit FILE` make their own), if it is one of this
/// repository's.
fn hook_index(variable: Option<OsString>, git_folder: &Path) -> Option<PathBuf> {
    let index = std::path::absolute(variable?).ok()?;
    let folder = index.parent()?.canonicalize().ok()?;
    let own = folder == git_folder.canonicalize().ok()?;
    own.then_some(index)
}

#[cfg(unix)]
pub(crate) fn native(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
pub(crate) fn native(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_index_of_this_repository_is_taken() {
        let folder = tempfile::tempdir().expect("a folder");
        let git_folder = folder.path().join(".git");
        std::fs::create_dir(&git_folder).expect("it can be made");
        let check = |index: &Path, expected: bool| {
            let taken = hook_index(Some(index.into()), &git_folder);
            assert_eq!(taken.is_some(), expected, "{}", index.display());
        };
        check(&git_folder.join("index.lock"), true);
        check(&folder.path().join("index"), false);
        check(Path::new("/nowhere/index"), false);
        assert_eq!(hook_index(None, &git_folder), None);
    }
}
