//! Owns the trees that git keeps: any commit, and the index. Contents come from git objects; the disk is not looked at.

use crate::base::path::RepoPath;
use crate::model::fault::{Fault, FaultKind};
use crate::source::tree::{EntryKind, FileMeta, Identity, ReadError, SourceTree, Tracking};

use super::git::objects::Objects;
use super::git::{Repository, is_empty_tree};
use super::sizes::{self, Sizes};

/// The mode of a submodule.
const SUBMODULE: &str = "160000";

/// The files of one commit.
#[derive(Debug)]
pub struct CommitTree {
    id: String,
    tree: ObjectTree,
}

impl CommitTree {
    /// Lists the commit that `rev` names; the empty tree's id is nothing to list.
    ///
    /// # Errors
    /// When there is no such commit, or git fails.
    pub fn open(repository: &Repository, rev: &str) -> Result<Self, Fault> {
        Self::open_with(repository, rev, None)
    }

    /// As [`Self::open`], with the sizes that are known from another time.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_with(
        repository: &Repository,
        rev: &str,
        sizes: Option<&Sizes>,
    ) -> Result<Self, Fault> {
        if is_empty_tree(rev) {
            let (id, tree) = (rev.to_owned(), ObjectTree::new(repository));
            return Ok(Self { id, tree });
        }
        let id = repository.commit(rev)?;
        let mut args = vec!["ls-tree", "-r", "-z", "--full-tree"];
        if sizes.is_none() {
            args.push("-l");
        }
        args.push(&id);
        let list = repository.runner().run(args)?;
        let mut listed = Vec::new();
        for record in records(&list) {
            let (header, path) = halves(record)?;
            // A size that git does not know (`-`, `BAD`) belongs to what cannot be read.
            match (&header[..], sizes) {
                ([mode, _, id, size], None) => {
                    listed.push((*mode, *id, size.parse().unwrap_or(0), path));
                }
                ([mode, _, id], Some(_)) => listed.push((*mode, *id, 0, path)),
                _ => return Err(unexpected(record)),
            }
        }
        if let Some(sizes) = sizes {
            // A submodule is a commit of another repository.
            let mut files: Vec<_> = listed
                .iter_mut()
                .filter(|(mode, ..)| *mode != SUBMODULE)
                .collect();
            let ids: Vec<&str> = files.iter().map(|(_, id, ..)| *id).collect();
            let known = sizes.of(repository, &ids)?;
            for ((_, _, size, _), known) in files.iter_mut().zip(known) {
                *size = known;
            }
        }
        let mut tree = ObjectTree::new(repository);
        for (mode, id, size, path) in listed {
            tree.push(mode, id, size, path);
        }
        tree.sort();
        Ok(Self { id, tree })
    }

    /// The commit's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
}

/// What a commit would take now.
#[derive(Debug)]
pub struct IndexTree(ObjectTree);

impl IndexTree {
    /// Lists the index. A path in conflict has no one content: it is left out and a problem.
    ///
    /// # Errors
    /// When git fails.
    pub fn open(repository: &Repository) -> Result<Self, Fault> {
        let list = repository
            .runner()
            .run(["ls-files", "-z", "--stage", "--cached"])?;
        let mut staged = Vec::new();
        let mut tree = ObjectTree::new(repository);
        for record in records(&list) {
            let (header, path) = halves(record)?;
            let [mode, id, stage] = header[..] else {
                return Err(unexpected(record));
            };
            if stage == "0" {
                staged.push((mode, id, path));
            } else {
                tree.problems.push(format!(
                    "{path}: in conflict, so the index has no one content for it"
                ));
            }
        }
        tree.problems.dedup();
        let sizes = sizes::ask(repository, staged.iter().map(|(_, id, _)| *id))?;
        for ((mode, id, path), size) in staged.into_iter().zip(sizes) {
            tree.push(mode, id, size.unwrap_or(0), path);
        }
        tree.sort();
        Ok(Self(tree))
    }
}

macro_rules! tree_of_objects {
    ($type:ident, $field:tt) => {
        impl SourceTree for $type {
            fn files(&self) -> &[FileMeta] {
                &self.$field.files
            }

            fn read(&self, file: &FileMeta) -> Result<Vec<u8>, ReadError> {
                self.$field.read(file)
            }

            fn problems(&self) -> &[String] {
                &self.$field.problems
            }
        }
    };
}

tree_of_objects!(CommitTree, tree);
tree_of_objects!(IndexTree, 0);

/// What both have in common.
#[derive(Debug)]
struct ObjectTree {
    files: Vec<FileMeta>,
    problems: Vec<String>,
    objects: Objects,
}

impl ObjectTree {
    fn new(repository: &Repository) -> Self {
        Self {
            files: Vec::new(),
            problems: Vec::new(),
            objects: Objects::new(repository.runner().clone()),
        }
    }

    fn push(&mut self, mode: &str, id: &str, size: u64, path: RepoPath) {
        let kind = match mode {
            "120000" => EntryKind::Link,
            SUBMODULE => EntryKind::Submodule,
            mode => EntryKind::File {
                executable: mode == "100755",
            },
        };
        let (identity, size) = match kind {
            EntryKind::Submodule => (Identity::None, 0),
            _ => (Identity::Blob(id.to_owned()), size),
        };
        let file = FileMeta::new(path, kind, size, Tracking::Tracked, identity);
        self.files.push(file);
    }

    fn sort(&mut self) {
        self.files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    }

    fn read(&self, file: &FileMeta) -> Result<Vec<u8>, ReadError> {
        let content = match &file.identity {
            Identity::Blob(id) => self.objects.read(id),
            _ => Err("a submodule has no content".to_owned()),
        };
        content.map_err(|why| ReadError {
            path: file.path.clone(),
            why,
        })
    }
}

/// The records of a list that git ends with NUL bytes.
pub fn records(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    list.split(|&b| b == 0).filter(|record| !record.is_empty())
}

/// The words before the tab, and the path behind it.
///
/// # Errors
/// When the record is none of git's.
pub fn halves(record: &[u8]) -> Result<(Vec<&str>, RepoPath), Fault> {
    let read = || {
        let tab = record.iter().position(|&b| b == b'\t')?;
        let header = std::str::from_utf8(&record[..tab]).ok()?;
        let path = RepoPath::new(&record[tab + 1..])?;
        Some((header.split_ascii_whitespace().collect(), path))
    };
    read().ok_or_else(|| unexpected(record))
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
