//! Owns other commits on disk: their files in a temporary folder outside the repository, without git's own. No hook runs, and the
//! repository's index, branches and work trees stay as they are.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::check::checkouts::{Checkout, Checkouts as Port};
use crate::check::ports::{Artifacts, Programs as ProgramsPort};
use crate::model::fault::{Fault, FaultKind};

use super::artifacts::Disk;
use super::git::{Repository, command};
use super::programs::Programs;

/// Commits of one repository.
#[derive(Clone, Debug)]
pub struct Checkouts {
    repository: Option<Repository>,
    programs: Programs,
}

impl Checkouts {
    /// The commits of this repository. What runs beside them keeps its output where `programs` does.
    #[must_use]
    pub const fn new(repository: Option<Repository>, programs: Programs) -> Self {
        Self {
            repository,
            programs,
        }
    }
}

impl Port for Checkouts {
    fn check_out(&self, commit: &str) -> Result<Box<dyn Checkout>, Fault> {
        let repository = self.repository.as_ref().ok_or_else(|| {
            Fault::new(
                FaultKind::Missing,
                "there is no git repository here, so no commit to lay out",
                "run qgate in a git repository",
            )
        })?;
        let commit = repository.commit(commit)?;
        let made = tempfile::Builder::new().prefix("qgate-base-").tempdir();
        let folder = made.map_err(|problem| no_room(&problem))?;
        // Links in its path would make programs see another one than the folder's.
        let files = folder.path().join("tree");
        let made = std::fs::create_dir(&files).and_then(|()| files.canonicalize());
        let files = made.map_err(|problem| no_room(&problem))?;
        lay_out(repository, &commit, folder.path(), &files)?;
        Ok(Box::new(Laid {
            programs: self.programs.at(files.clone()),
            artifacts: Disk::new(&files, None),
            files,
            folder,
        }))
    }
}

/// Writes the commit's files, through an index of its own.
fn lay_out(
    repository: &Repository,
    commit: &str,
    folder: &Path,
    files: &Path,
) -> Result<(), Fault> {
    let index = Some(folder.join("index"));
    let runner = repository.runner().clone().with_index(index);
    runner.run(["read-tree", commit])?;
    let mut prefix = std::ffi::OsString::from("--prefix=");
    prefix.push(files);
    prefix.push("/");
    let args = ["checkout-index", "--all", "--force"].map(Into::into);
    let output = runner.output(args.into_iter().chain([prefix]))?;
    if output.status.success() {
        Ok(())
    } else {
        Err(command::failed(&output.stderr))
    }
}

fn no_room(problem: &std::io::Error) -> Fault {
    Fault::new(
        FaultKind::Unreadable,
        format!("no folder can be made for another commit's files: {problem}"),
        "make room in the folder for temporary files, or name another one with TMPDIR",
    )
}

/// A commit's files.
struct Laid {
    programs: Programs,
    artifacts: Disk,
    files: PathBuf,
    #[expect(dead_code, reason = "the folder lives as long as this value")]
    folder: TempDir,
}

impl Checkout for Laid {
    fn programs(&self) -> &dyn ProgramsPort {
        &self.programs
    }

    fn artifacts(&self) -> &dyn Artifacts {
        &self.artifacts
    }

    fn folder(&self) -> String {
        self.files.display().to_string()
    }
}
