//! Owns the port for another commit's files on disk, to build and run them beside the tree that is judged.

use super::ports::{Artifacts, Programs};
use crate::model::fault::{Fault, FaultKind};

/// The files of one commit in a folder of their own, which goes away with this value.
pub trait Checkout: Sync {
    /// Programs that run there.
    fn programs(&self) -> &dyn Programs;

    /// The files there, those that programs wrote too.
    fn artifacts(&self) -> &dyn Artifacts;

    /// The folder, for people.
    fn folder(&self) -> String;
}

/// Commits that can be laid out on disk.
pub trait Checkouts: Sync {
    /// Lays out a commit outside the repository.
    ///
    /// # Errors
    /// When there is no such commit in this clone, or no room for it.
    fn check_out(&self, _commit: &str) -> Result<Box<dyn Checkout>, Fault> {
        Err(Fault::new(
            FaultKind::Missing,
            "no other commit can be laid out here",
            "run the check in a repository",
        ))
    }
}
