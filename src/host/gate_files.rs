//! Owns reading gate files from disk. Knows no key of them.

use std::io::{self, Read as _};
use std::path::PathBuf;

use crate::base::path::RepoPath;
use crate::config::GateFiles;
use crate::source::tree::SourceTree;

use super::regular;

/// More than any gate file has; the configuration refuses less than this, with a better message.
const LIMIT: u64 = 16 * 1024 * 1024;

/// The gate files below a root.
#[derive(Clone, Debug)]
pub struct OnDisk {
    root: PathBuf,
}

impl OnDisk {
    /// The gate files below `root`. A file that the command line names may lie elsewhere: then its path is absolute.
    #[must_use]
    pub const fn new(root: PathBuf) -> Self {
        Self { root }
    }
}

impl GateFiles for OnDisk {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        let named = PathBuf::from(path);
        let opened = if named.is_absolute() {
            regular::open(&named)
        } else {
            let path = RepoPath::new(path).ok_or("it lies outside of the root")?;
            // An absent file in an absent folder is absent too; a folder that is a link is refused below.
            if path
                .to_native(&self.root)
                .symlink_metadata()
                .is_err_and(|e| is_absent(&e))
            {
                return Ok(None);
            }
            regular::open_below(&self.root, &path)
        };
        let file = match opened {
            Ok((file, _)) => file,
            Err(problem) if is_absent(&problem) && named.is_absolute() => return Ok(None),
            Err(problem) => return Err(problem.to_string()),
        };
        let mut bytes = Vec::new();
        let read = file.take(LIMIT).read_to_end(&mut bytes);
        read.map_err(|problem| problem.to_string())?;
        Ok(Some(bytes))
    }
}

/// The gate files of a commit.
pub struct OfTree<'a> {
    tree: &'a dyn SourceTree,
    disk: OnDisk,
}

impl<'a> OfTree<'a> {
    /// The gate files of `tree`. One that the command line names by an absolute path is read from disk.
    #[must_use]
    pub fn new(tree: &'a dyn SourceTree) -> Self {
        let disk = OnDisk::new(PathBuf::new());
        Self { tree, disk }
    }
}

impl GateFiles for OfTree<'_> {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        if PathBuf::from(path).is_absolute() {
            return self.disk.read(path);
        }
        let path = RepoPath::new(path).ok_or("it lies outside of the root")?;
        let files = self.tree.files();
        let Ok(at) = files.binary_search_by(|file| file.path.cmp(&path)) else {
            return Ok(None);
        };
        if !files[at].is_file() {
            return Err("it is no regular file".to_owned());
        }
        if files[at].size > LIMIT {
            return Err("it is too large".to_owned());
        }
        let content = self.tree.read(&files[at]);
        content.map(Some).map_err(|problem| problem.why)
    }
}

fn is_absent(problem: &io::Error) -> bool {
    matches!(
        problem.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, expected: Result<Option<&str>, &str>) {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("qgate.yaml"), "version: 1").expect("it can be written");
        std::fs::create_dir(folder.path().join("gates")).expect("it can be made");
        let found = OnDisk::new(folder.path().to_owned()).read(path);
        let found = found.map(|bytes| bytes.map(|b| String::from_utf8_lossy(&b).into_owned()));
        assert_eq!(
            found.as_ref().map(Option::as_deref).map_err(String::as_str),
            expected
        );
    }

    #[test]
    fn absent_is_not_unreadable() {
        check("qgate.yaml", Ok(Some("version: 1")));
        check("other.yaml", Ok(None));
        check("none/other.yaml", Ok(None));
        check("qgate.yaml/other.yaml", Ok(None));
        check("../qgate.yaml", Err("it lies outside of the root"));
        assert!(OnDisk::new(PathBuf::from("/")).read("/").is_err());
    }
}
