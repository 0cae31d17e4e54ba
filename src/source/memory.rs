//! Owns the tree in memory: for rule pages, tests and the seeded violations of `doctor`.

use std::collections::BTreeMap;

use crate::base::path::RepoPath;

use super::tree::{EntryKind, FileMeta, Identity, ReadError, SourceTree, Tracking};

/// A tree in memory.
#[derive(Debug, Default)]
pub struct MemoryTree {
    files: Vec<FileMeta>,
    contents: BTreeMap<RepoPath, Vec<u8>>,
}

impl MemoryTree {
    /// A tree of the files given, all tracked. Paths that leave the root are left out.
    #[must_use]
    pub fn new<P: Into<Vec<u8>>, C: Into<Vec<u8>>>(
        files: impl IntoIterator<Item = (P, C)>,
    ) -> Self {
        let contents: BTreeMap<RepoPath, Vec<u8>> = files
            .into_iter()
            .filter_map(|(path, content)| Some((RepoPath::new(path)?, content.into())))
            .collect();
        let files = contents
            .iter()
            .map(|(path, content)| {
                let kind = EntryKind::File { executable: false };
                FileMeta::new(
                    path.clone(),
                    kind,
                    content.len() as u64,
                    Tracking::Tracked,
                    Identity::None,
                )
            })
            .collect();
        Self { files, contents }
    }

    /// Changes the metadata of the file at `path`: another kind, untracked, another size.
    #[must_use]
    pub fn with(mut self, path: impl AsRef<[u8]>, change: impl FnOnce(&mut FileMeta)) -> Self {
        let path = path.as_ref();
        if let Some(file) = self
            .files
            .iter_mut()
            .find(|file| file.path.as_bytes() == path)
        {
            change(file);
        }
        self
    }
}

impl SourceTree for MemoryTree {
    fn files(&self) -> &[FileMeta] {
        &self.files
    }

    fn read(&self, file: &FileMeta) -> Result<Vec<u8>, ReadError> {
        let missing = || ReadError {
            path: file.path.clone(),
            why: "no such file in this tree".to_owned(),
        };
        self.contents.get(&file.path).cloned().ok_or_else(missing)
    }

    fn problems(&self) -> &[String] {
        &[]
    }
}
