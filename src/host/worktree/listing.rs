//! Owns the survey where there is git: what git lists, looked at on disk. Knows no ignore rules: git applies them.

use std::collections::HashMap;
use std::io;
use std::path::Path;

use rayon::prelude::*;

use crate::base::path::RepoPath;
use crate::host::git::{Repository, command};
use crate::model::fault::{Fault, FaultKind};
use crate::source::tree::{EntryKind, FileMeta, Identity, Tracking};

use super::{Survey, entry};

/// A line of git's list.
#[derive(Debug)]
pub struct Listed {
    /// The path.
    pub path: RepoPath,
    /// In which of the two lists it is.
    pub tracking: Tracking,
    /// Is it a submodule?
    pub submodule: bool,
}

/// Asks git for all files and the disk for each of them. git walks the folders for what is untracked meanwhile the
/// tracked files are looked at. It starts first: a file that is added to the index in between is then in both lists, not
/// in none.
pub(super) fn survey(root: &Path, repository: &Repository) -> Result<Survey, Fault> {
    let git = repository.runner().at(root);
    let untracked = git.start(["ls-files", "-z", "--others", "--exclude-standard"])?;
    let tracked = git.run(["ls-files", "-z", "--stage"])?;
    let mut survey = Survey::default();
    survey.look(root, parse(&tracked, Tracking::Tracked)?);
    let untracked = untracked.finish()?;
    if !untracked.status.success() {
        return Err(command::failed(&untracked.stderr));
    }
    survey.look(root, parse(&untracked.stdout, Tracking::Untracked)?);
    survey
        .problems
        .extend(unreadable_folders(&untracked.stderr));
    Ok(survey)
}

impl Survey {
    fn look(&mut self, root: &Path, listed: Vec<Listed>) {
        let folders = real_folders(root, &listed);
        let looked: Vec<Looked> = listed
            .into_par_iter()
            .with_min_len(64)
            .map(|file| look(root, file, &folders))
            .collect();
        self.files.reserve(looked.len());
        for looked in looked {
            match looked {
                Looked::Entry(file) => self.files.push(file),
                Looked::Absent => {}
                Looked::Problem(problem) => self.problems.push(problem),
            }
        }
    }
}

/// Reads a list: `MODE ID STAGE<tab>PATH` for what is tracked, `PATH` for what is not. A path in conflict comes once for
/// each stage, one after the other.
///
/// # Errors
/// When a record is none of git's.
pub fn parse(list: &[u8], tracking: Tracking) -> Result<Vec<Listed>, Fault> {
    let mut files: Vec<Listed> = Vec::new();
    for record in list.split(|&b| b == 0).filter(|record| !record.is_empty()) {
        let path = match tracking {
            Tracking::Tracked => record.splitn(2, |&b| b == b'\t').nth(1),
            _ => Some(record),
        };
        // A nested repository is listed with a slash behind its name.
        if path.is_some_and(|path| path.ends_with(b"/")) {
            continue;
        }
        let path = path
            .and_then(RepoPath::new)
            .ok_or_else(|| unexpected(record))?;
        if files.last().is_some_and(|last| last.path == path) {
            continue;
        }
        files.push(Listed {
            path,
            tracking,
            submodule: tracking == Tracking::Tracked && record.starts_with(b"160000 "),
        });
    }
    Ok(files)
}

fn unexpected(record: &[u8]) -> Fault {
    Fault::new(
        FaultKind::Unparsable,
        format!(
            "git listed a file in an unknown form: {}",
            String::from_utf8_lossy(record)
        ),
        "report it as a defect of qgate, with the output of `git --version`",
    )
}

/// Of each folder that holds a listed file: is it a real folder all the way from the root, or is there a link on the
/// way? git itself does not list untracked files behind links.
fn real_folders<'a>(root: &Path, listed: &'a [Listed]) -> HashMap<Vec<u8>, bool> {
    let mut real: HashMap<Vec<u8>, bool> = HashMap::new();
    let mut last: &'a [u8] = &[];
    for file in listed {
        let path = file.path.as_bytes();
        let folder = parent(path);
        if file.tracking == Tracking::Untracked || folder == last {
            continue;
        }
        last = folder;
        is_real(root, folder, &mut real);
    }
    real
}

fn is_real(root: &Path, folder: &[u8], known: &mut HashMap<Vec<u8>, bool>) -> bool {
    if folder.is_empty() {
        return true;
    }
    if let Some(&real) = known.get(folder) {
        return real;
    }
    let native = || crate::host::git::native(folder);
    let real = is_real(root, parent(folder), known)
        // A folder that cannot be looked at is reported with its files.
        && !root.join(native()).is_symlink();
    known.insert(folder.to_vec(), real);
    real
}

fn parent(path: &[u8]) -> &[u8] {
    let slash = path.iter().rposition(|&b| b == b'/').unwrap_or(0);
    &path[..slash]
}

/// What the disk says of a listed file.
enum Looked {
    Entry(FileMeta),
    /// Deleted, or its place is taken by something else.
    Absent,
    Problem(String),
}

fn look(root: &Path, file: Listed, folders: &HashMap<Vec<u8>, bool>) -> Looked {
    if folders.get(parent(file.path.as_bytes())) == Some(&false) {
        return Looked::Absent;
    }
    let metadata = match file.path.to_native(root).symlink_metadata() {
        Ok(metadata) => metadata,
        Err(problem) => {
            return match problem.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Looked::Absent,
                _ => Looked::Problem(format!("{}: {problem}", file.path)),
            };
        }
    };
    if metadata.is_dir() {
        if !file.submodule {
            return Looked::Absent;
        }
        let kind = EntryKind::Submodule;
        let meta = FileMeta::new(file.path, kind, 0, file.tracking, Identity::None);
        return Looked::Entry(meta);
    }
    let shown = file.tracking == Tracking::Tracked;
    let name = shown.then(|| file.path.to_string());
    match (entry(file.path, &metadata, file.tracking), name) {
        (Some(meta), _) => Looked::Entry(meta),
        (None, Some(name)) => {
            Looked::Problem(format!("{name}: tracked as a file, but it is a device"))
        }
        (None, None) => Looked::Absent,
    }
}

/// The folders that git could not look into: it warns and goes on.
fn unreadable_folders(stderr: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(stderr)
        .lines()
        .filter_map(|line| line.strip_prefix("warning: could not open directory "))
        .map(|line| format!("a folder cannot be read: {line}"))
        .collect()
}
