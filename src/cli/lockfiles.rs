//! Owns the lockfiles that a command line names, and those in the folders that it names.

use std::path::{Path, PathBuf};

use super::Usage;
use crate::checkers::dependencies::detect;
use crate::checkers::dependencies::inventory::Ecosystem;
use crate::checkers::dependencies::locks::{self, Format};
use crate::checkers::dependencies::vulnerabilities::survey::Lock;
use crate::host::beside;
use crate::host::worktree::WorkTree;
use crate::source::tree::SourceTree as _;

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// Those that were read, as they are named.
    pub locks: Vec<(Ecosystem, Lock)>,
    /// Those that could not be read, and why.
    pub unread: Vec<String>,
}

/// Reads what these paths name, from the folder `from`.
///
/// # Errors
/// When a path is no lockfile ([`Usage`]), or a folder holds none.
pub fn read(paths: &[PathBuf], from: &Path) -> anyhow::Result<Found> {
    let mut found = Found::default();
    for path in named(paths, from)? {
        let shown = path.to_string_lossy().replace('\\', "/");
        let Some(format) = Format::of_path(&shown) else {
            let help = "name files such as Cargo.lock, package-lock.json, uv.lock or go.mod";
            let what = format!("{shown} is no lockfile that qgate knows");
            return Err(Usage::new(what, help).into());
        };
        let native = from.join(&path);
        let bytes = beside::read(&native).map_err(|problem| {
            let what = format!("{shown} cannot be read: {problem}");
            Usage::new(what, "name a file that is there")
        })?;
        let name = native.file_name();
        let name = name.map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        match locks::read(format, &name, &bytes, &beside::OnDisk::of(&native)) {
            Ok(inventory) => found.locks.push((
                format.ecosystem(),
                Lock {
                    path: shown,
                    inventory,
                },
            )),
            Err(unread) => found.unread.push(format!("{shown}: {unread}")),
        }
    }
    Ok(found)
}

fn named(paths: &[PathBuf], from: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in paths {
        let native = from.join(path);
        if !native.is_dir() {
            found.push(path.clone());
            continue;
        }
        let tree = WorkTree::open(&native, None)?;
        let wanted = tree.files().iter().filter(|file| detect::is_wanted(file));
        let survey = detect::survey(wanted);
        if survey.locks.is_empty() {
            let what = format!("{} holds no lockfile that qgate knows", path.display());
            return Err(Usage::new(what, "name a lockfile, or a folder with one").into());
        }
        let locks = survey.locks.iter();
        found.extend(locks.map(|(file, _)| file.path.to_native(path)));
    }
    Ok(found)
}
