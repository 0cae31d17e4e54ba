//! Owns the way from a path in a tool's report to a place in the tree; reads no disk.

use std::path::Path;

use crate::base::path::RepoPath;
use crate::model::place::{Place, Point, Span};
use crate::source::tree::SourceTree;

/// The ground on which a report's paths stand.
#[derive(Clone, Copy)]
pub struct Places<'a> {
    /// The tree's root folder.
    pub root: &'a Path,
    /// The folder that the tool ran in.
    pub folder: Option<&'a RepoPath>,
    /// The tree: tells which of several readings of a path is a file.
    pub tree: &'a dyn SourceTree,
}

impl Places<'_> {
    /// The path inside the root; `None` when it leads out of it.
    pub fn path(&self, text: &str) -> Option<RepoPath> {
        let as_it_is = self.read(text);
        let known = |path: &RepoPath| self.tree.find(path).is_some();
        if !text.contains('\\') || as_it_is.as_ref().is_some_and(known) {
            return as_it_is;
        }
        self.read(&text.replace('\\', "/"))
    }

    fn read(&self, text: &str) -> Option<RepoPath> {
        if is_absolute(text) {
            let root = self.root.to_string_lossy().replace('\\', "/");
            let rest = text.strip_prefix(root.trim_end_matches('/'))?;
            return normal(&[rest.strip_prefix('/')?.as_bytes()]);
        }
        let from_root = normal(&[text.as_bytes()]);
        let Some(folder) = self.folder else {
            return from_root;
        };
        let from_folder = normal(&[folder.as_bytes(), text.as_bytes()]);
        match from_root {
            Some(path) if self.tree.find(&path).is_some() => {
                let other = from_folder.filter(|path| self.tree.find(path).is_some());
                Some(other.unwrap_or(path))
            }
            _ => from_folder,
        }
    }

    /// The place of a finding; lines and columns count from 1, and 0 stands for none. What is outside the root is an
    /// object.
    pub fn place(&self, text: &str, start: (u32, u32), end: (u32, u32)) -> Place {
        if text.is_empty() {
            return Place::Object("the whole project".to_owned());
        }
        match self.path(text) {
            Some(path) => in_file(path, start, end),
            None => Place::Object(text.to_owned()),
        }
    }

    /// The one file of the tree whose path ends in `suffix`, at a folder's border.
    pub fn ending(&self, suffix: &str) -> Option<RepoPath> {
        let ends_so = |path: &RepoPath| {
            let before = path.as_bytes().strip_suffix(suffix.as_bytes());
            before.is_some_and(|before| before.is_empty() || before.ends_with(b"/"))
        };
        let mut files = self.tree.files().iter().filter(|file| ends_so(&file.path));
        let first = files.next()?;
        files.next().is_none().then(|| first.path.clone())
    }
}

/// The part of a file between two points; an end that is missing or before the start is the start.
pub fn in_file(path: RepoPath, start: (u32, u32), end: (u32, u32)) -> Place {
    if start.0 == 0 {
        return Place::File(path);
    }
    let start = Point {
        line: start.0,
        column: start.1.max(1),
    };
    let end = Point {
        line: if end.0 == 0 { start.line } else { end.0 },
        column: end.1.max(1),
    };
    Place::Part(
        path,
        Span {
            start,
            end: end.max(start),
        },
    )
}

fn is_absolute(text: &str) -> bool {
    let drive = text.as_bytes();
    text.starts_with(['/', '\\'])
        || (drive.len() > 2 && drive[0].is_ascii_alphabetic() && drive[1] == b':')
}

/// The path without `.` and `..`.
fn normal(pieces: &[&[u8]]) -> Option<RepoPath> {
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in pieces.iter().flat_map(|piece| piece.split(|&b| b == b'/')) {
        match part {
            b"" | b"." => {}
            b".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    RepoPath::new(parts.join(&b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::memory::MemoryTree;

    fn check(folder: Option<&str>, text: &str, expected: Option<&str>) {
        let tree = MemoryTree::new([("src/a.py", ""), ("api/src/a.py", ""), ("b.py", "")]);
        let folder = folder.and_then(RepoPath::new);
        let places = Places {
            root: Path::new("/home/me/x"),
            folder: folder.as_ref(),
            tree: &tree,
        };
        let found = places.path(text).map(|path| path.to_string());
        assert_eq!(found.as_deref(), expected, "{text}");
    }

    #[test]
    fn paths() {
        check(None, "src/a.py", Some("src/a.py"));
        check(None, "./src/../src/a.py", Some("src/a.py"));
        check(None, "src\\a.py", Some("src/a.py"));
        check(None, "/home/me/x/src/a.py", Some("src/a.py"));
        check(None, "/home/me/xy/src/a.py", None);
        check(None, "/home/me/x/../y", None);
        check(None, "../a.py", None);
        check(None, "C:/x/a.py", None);
        check(Some("api"), "src/a.py", Some("api/src/a.py"));
        check(Some("api"), "b.py", Some("b.py"));
        check(Some("api"), "../b.py", Some("b.py"));
        check(Some("api"), "new.py", Some("api/new.py"));
        check(Some("api"), "../../b.py", None);
    }
}
