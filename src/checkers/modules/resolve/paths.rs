//! Owns the paths of a tree: which files and folders there are, and which of them are modules.

use std::collections::{HashMap, HashSet};

use crate::source::tree::SourceTree;

use super::Read;

/// The paths of a tree.
pub struct Paths<'a> {
    modules: HashMap<&'a str, usize>,
    files: HashSet<&'a str>,
    folders: HashSet<&'a str>,
}

impl<'a> Paths<'a> {
    /// Of the files that were read, and of all that are in the tree.
    pub fn new(read: &'a [Read<'a>], tree: &'a dyn SourceTree) -> Self {
        let all = tree.files().iter();
        let all = all.filter_map(|file| std::str::from_utf8(file.path.as_bytes()).ok());
        let files: HashSet<&str> = all.collect();
        let mut folders = HashSet::from([""]);
        for file in read {
            let mut at = file.path;
            while let Some((above, _)) = at.rsplit_once('/') {
                if !folders.insert(above) {
                    break;
                }
                at = above;
            }
        }
        let modules = read.iter().enumerate().map(|(at, file)| (file.path, at));
        Self {
            modules: modules.collect(),
            files,
            folders,
        }
    }

    /// The module of a file.
    pub fn module(&self, path: &str) -> Option<usize> {
        self.modules.get(path).copied()
    }

    /// Is there such a file, module or not?
    pub fn has_file(&self, path: &str) -> bool {
        self.files.contains(path)
    }

    /// Is there such a folder, with a module somewhere below it?
    pub fn has_folder(&self, path: &str) -> bool {
        self.folders.contains(path)
    }
}

/// The folder of a path; empty for the root.
pub fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The last part of a path.
pub fn name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// A path below a folder, `.` and `..` taken out; `None` when it leaves the root.
pub fn join(folder: &str, relative: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in relative.split('/') {
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

/// The folder and those above it, the innermost first, the root last.
pub fn upward(folder: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(folder), |at| {
        if at.is_empty() {
            None
        } else {
            Some(self::folder(at))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        assert_eq!(join("a/b", "../c/./d"), Some("a/c/d".to_owned()));
        assert_eq!(join("a", "../.."), None);
        assert_eq!(join("", "a"), Some("a".to_owned()));
        assert_eq!(upward("a/b").collect::<Vec<_>>(), ["a/b", "a", ""]);
    }
}
