//! Owns facts about this machine and this clone that `doctor` tells. Judges none of them.

use std::io;
use std::path::{Path, PathBuf};

use sysinfo::System;

use super::git::Repository;
use crate::model::fault::Fault;
use crate::model::number::Number;

/// The machine: cores, memory, system.
#[must_use]
pub fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let memory = System::new().ok().map(|mut system| {
        system.refresh_memory();
        system.total_memory()
    });
    let memory = memory
        .filter(|bytes| *bytes > 0)
        .and_then(|bytes| Number::ratio(bytes.into(), 1 << 30))
        .map_or_else(
            || "memory unknown".to_owned(),
            |gib| format!("{} GiB memory", gib.to_decimal(1)),
        );
    format!(
        "{cores} cores, {memory}, {} {}",
        std::env::consts::OS,
        std::env::consts::ARCH
    )
}

/// What git runs before a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hook {
    /// Nothing.
    None,
    /// A hook that names qgate.
    Ours(PathBuf),
    /// Another hook, or one that cannot be read.
    Other(PathBuf),
}

/// What git runs before a push in this repository.
///
/// # Errors
/// When git fails.
pub fn pre_push(repository: &Repository) -> Result<Hook, Fault> {
    let path = repository.hooks()?.join("pre-push");
    Ok(match std::fs::read(&path) {
        Ok(content) if content.windows(5).any(|word| word == b"qgate") => Hook::Ours(path),
        Err(problem) if problem.kind() == io::ErrorKind::NotFound => Hook::None,
        Ok(_) | Err(_) => Hook::Other(path),
    })
}

/// Can files be written in this folder? It is made where it is not there.
///
/// # Errors
/// When they cannot.
pub fn can_write(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    tempfile::tempfile_in(folder).map(drop)
}
