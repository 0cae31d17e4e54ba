//! Owns the artifact port: files that git may ignore, found by glob on disk. Knows no reports.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, Metadata};
use std::io::Read;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::base::path::RepoPath;
use crate::check::options::Glob;
use crate::check::ports::{Artifact, Artifacts};
use crate::model::fault::{Fault, FaultKind};

use super::git::{Repository, command};
use super::regular;

/// Folders that are entered only for a glob that names them: they hold a great many files that are no reports.
const HEAVY: &[&str] = &["node_modules", "target"];

/// The files below one root.
#[derive(Debug)]
pub struct Disk {
    root: PathBuf,
    repository: Option<Repository>,
}

impl Disk {
    /// The files below `root`; the repository tells which of them are ignored.
    #[must_use]
    pub fn new(root: &Path, repository: Option<Repository>) -> Self {
        Self {
            root: root.to_owned(),
            repository,
        }
    }

    /// Walks where the glob's matches can lie.
    fn walk(&self, glob: &Glob, found: &mut BTreeMap<RepoPath, Artifact>) -> Result<(), Fault> {
        let start = self.root.join(literal_prefix(glob.as_str()));
        let inside = start
            .strip_prefix(&self.root)
            .ok()
            .and_then(RepoPath::from_native);
        if inside.is_some_and(|path| !regular::real_parents(&self.root, &path)) {
            return Ok(());
        }
        if !start
            .symlink_metadata()
            .is_ok_and(|start| !start.is_symlink())
        {
            return Ok(());
        }
        let walk = WalkDir::new(&start)
            .follow_links(false)
            .into_iter()
            .filter_entry(|entry| enters(entry, glob.as_str()));
        for entry in walk {
            let entry = match entry {
                Ok(entry) => entry,
                // What vanishes during the walk was not there.
                Err(problem) if is_absence(&problem) => continue,
                Err(problem) => return Err(unreadable(&problem)),
            };
            let relative = entry
                .path()
                .strip_prefix(&self.root)
                .unwrap_or(entry.path());
            let Some(path) = RepoPath::from_native(relative) else {
                continue;
            };
            if !entry.file_type().is_file() || found.contains_key(&path) || !glob.matches(&path) {
                continue;
            }
            match entry.metadata() {
                Ok(metadata) => {
                    found.insert(path.clone(), artifact(path, &metadata));
                }
                Err(problem) if is_absence(&problem) => {}
                Err(problem) => return Err(unreadable(&problem)),
            }
        }
        Ok(())
    }

    fn opened(&self, path: &RepoPath) -> Result<(File, Metadata), Fault> {
        let opened = regular::open_below(&self.root, path);
        opened.map_err(|problem| match problem.kind() {
            std::io::ErrorKind::NotFound => Fault::new(
                FaultKind::Missing,
                format!("{path} is not there"),
                "run what produces it first, or correct the path",
            ),
            _ => cannot_read(path, &problem),
        })
    }

    /// Asks git which of the paths it ignores; a tracked file is never ignored.
    fn mark_ignored(&self, artifacts: &mut [Artifact]) -> Result<(), Fault> {
        let Some(repository) = self.repository.as_ref().filter(|_| !artifacts.is_empty()) else {
            return Ok(());
        };
        let mut input = Vec::new();
        for artifact in &*artifacts {
            // Not a pathspec: a name that starts with a colon is meant as it stands.
            input.extend_from_slice(b"./");
            input.extend_from_slice(artifact.path.as_bytes());
            input.push(0);
        }
        let runner = repository.runner().at(&self.root);
        let output = runner.feed(["check-ignore", "-z", "--stdin"], &input)?;
        // 1: none of them is ignored.
        if !matches!(output.status.code(), Some(0 | 1)) {
            return Err(command::failed(&output.stderr));
        }
        let ignored: BTreeSet<&[u8]> = output
            .stdout
            .split(|&b| b == 0)
            .map(|path| path.strip_prefix(b"./").unwrap_or(path))
            .collect();
        for artifact in artifacts {
            artifact.ignored = ignored.contains(artifact.path.as_bytes());
        }
        Ok(())
    }
}

impl Artifacts for Disk {
    fn find(&self, globs: &[Glob]) -> Result<Vec<Artifact>, Fault> {
        let mut found = BTreeMap::new();
        for glob in globs {
            self.walk(glob, &mut found)?;
        }
        let mut found: Vec<Artifact> = found.into_values().collect();
        self.mark_ignored(&mut found)?;
        Ok(found)
    }

    fn root(&self) -> Result<Vec<Artifact>, Fault> {
        let walk = WalkDir::new(&self.root)
            .min_depth(1)
            .max_depth(1)
            .follow_links(false)
            .sort_by_file_name();
        let mut found = Vec::new();
        for entry in walk {
            let looked = entry.and_then(|entry| Ok((entry.metadata()?, entry)));
            let (metadata, entry) = match looked {
                Ok(looked) => looked,
                Err(problem) if problem.depth() > 0 && is_absence(&problem) => continue,
                Err(problem) => return Err(unreadable(&problem)),
            };
            let path = RepoPath::from_native(Path::new(entry.file_name()));
            if let Some(path) = path.filter(|path| path.as_bytes() != b".git") {
                found.push(artifact(path, &metadata));
            }
        }
        found.sort();
        self.mark_ignored(&mut found)?;
        Ok(found)
    }

    fn open<'a>(&'a self, path: &RepoPath, _: u64) -> Result<Box<dyn Read + 'a>, Fault> {
        let (file, _) = self.opened(path)?;
        Ok(Box::new(file))
    }

    fn read(&self, path: &RepoPath, limit: u64) -> Result<Vec<u8>, Fault> {
        let (file, metadata) = self.opened(path)?;
        let mut content =
            Vec::with_capacity(usize::try_from(metadata.len().min(limit)).unwrap_or(0));
        file.take(limit.saturating_add(1))
            .read_to_end(&mut content)
            .map_err(|problem| cannot_read(path, &problem))?;
        if content.len() as u64 > limit {
            return Err(Fault::new(
                FaultKind::Unreadable,
                format!("{path} is larger than {limit} bytes"),
                "make the file smaller, or raise the limit",
            ));
        }
        Ok(content)
    }
}

fn cannot_read(path: &RepoPath, problem: &std::io::Error) -> Fault {
    Fault::new(
        FaultKind::Unreadable,
        format!("{path} cannot be read: {problem}"),
        "make it a regular file that can be read",
    )
}

fn unreadable(problem: &walkdir::Error) -> Fault {
    Fault::new(
        FaultKind::Unreadable,
        format!("a folder cannot be read: {problem}"),
        "make it readable, or narrow the glob",
    )
}

fn is_absence(problem: &walkdir::Error) -> bool {
    problem
        .io_error()
        .is_some_and(|problem| problem.kind() == std::io::ErrorKind::NotFound)
}

/// Neither `.git` nor another repository is entered, and a heavy folder only when the glob names it.
fn enters(entry: &DirEntry, glob: &str) -> bool {
    if entry.file_name() == ".git" {
        return false;
    }
    if entry.depth() == 0 || !entry.file_type().is_dir() {
        return true;
    }
    let heavy = |name: &&&str| entry.file_name() == **name;
    let unnamed = |name: &&str| !glob.split('/').any(|part| part == *name);
    !HEAVY.iter().find(heavy).is_some_and(unnamed)
        && entry.path().join(".git").symlink_metadata().is_err()
}

/// The parts of a glob before the first that has a special character.
fn literal_prefix(glob: &str) -> PathBuf {
    glob.split('/')
        .take_while(|part| !part.contains(['*', '?', '[', ']', '{', '}', '!', '\\']))
        .filter(|part| !matches!(*part, "" | "."))
        .collect()
}

fn artifact(path: RepoPath, metadata: &Metadata) -> Artifact {
    let modified = metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    let folder = metadata.is_dir();
    Artifact {
        path,
        folder,
        size: if folder { 0 } else { metadata.len() },
        ignored: false,
        modified_ns: modified.map_or(0, |time| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walks_start_as_deep_as_they_can() {
        let check = |glob: &str, expected: &str| {
            assert_eq!(literal_prefix(glob), Path::new(expected), "{glob}");
        };
        check("**/*.xml", "");
        check("target/site/*.xml", "target/site");
        check("./a/{b,c}/d", "a");
        check("coverage.xml", "coverage.xml");
        check("logs/", "logs");
    }
}
