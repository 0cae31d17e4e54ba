//! Owns the lockfiles of a tree: which there are, and what stands beside them.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::locks::Beside;
use crate::base::path::RepoPath;
use crate::source::tree::{FileMeta, SourceTree};

/// No file beside a lockfile is larger than this.
const LARGEST: u64 = 64 << 20;

/// What was read of a path: nothing where there is no file, or why it cannot be read.
type Content = Result<Option<Vec<u8>>, String>;

/// The files around a lockfile in a tree.
pub struct Around<'a> {
    tree: &'a dyn SourceTree,
    folder: String,
    read: RefCell<BTreeMap<String, Content>>,
}

impl<'a> Around<'a> {
    /// The files around this one.
    #[must_use]
    pub fn new(tree: &'a dyn SourceTree, file: &FileMeta) -> Self {
        let path = String::from_utf8_lossy(file.path.as_bytes()).into_owned();
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        Self {
            tree,
            folder: folder.to_owned(),
            read: RefCell::default(),
        }
    }

    fn look(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        let Some(path) = joined(&self.folder, path).and_then(RepoPath::new) else {
            return Err("it lies outside of the repository".to_owned());
        };
        let Some(meta) = self.tree.find(&path).filter(|meta| meta.is_file()) else {
            return Ok(None);
        };
        if meta.size > LARGEST {
            return Err("it is too large".to_owned());
        }
        self.tree
            .read(meta)
            .map(Some)
            .map_err(|problem| problem.to_string())
    }
}

impl Beside for Around<'_> {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        let mut read = self.read.borrow_mut();
        let found = read.entry(path.to_owned());
        found.or_insert_with(|| self.look(path)).clone()
    }
}

/// The path from the root; `None` when it leaves it.
#[must_use]
pub fn joined(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
