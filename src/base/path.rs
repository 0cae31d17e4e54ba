//! Owns repository paths: bytes with `/` between the parts, because a name in a repository need not be UTF-8.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::ascii;

/// A path inside the repository, relative to its root, with `/` between the parts and neither `.` nor `..` in it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RepoPath(Vec<u8>);

impl RepoPath {
    /// Takes a path as git prints it. `None` for one that is absolute, empty or leaves the root.
    #[must_use]
    pub fn new(bytes: impl Into<Vec<u8>>) -> Option<Self> {
        let bytes = bytes.into();
        let inside = !bytes.is_empty()
            && !bytes.contains(&0)
            && bytes
                .split(|&b| b == b'/')
                .all(|part| !matches!(part, b"" | b"." | b".."));
        inside.then_some(Self(bytes))
    }

    /// Takes a native relative path, such as a walk gives. `None` as for [`RepoPath::new`].
    #[must_use]
    pub fn from_native(path: &Path) -> Option<Self> {
        let mut bytes = Vec::new();
        for part in path.components() {
            let std::path::Component::Normal(part) = part else {
                return None;
            };
            if !bytes.is_empty() {
                bytes.push(b'/');
            }
            bytes.extend_from_slice(part.as_encoded_bytes());
        }
        Self::new(bytes)
    }

    /// The native path below `root`.
    #[must_use]
    pub fn to_native(&self, root: &Path) -> PathBuf {
        root.join(native(&self.0))
    }

    /// The path as a relative native path, for glob matching.
    #[must_use]
    pub fn as_native(&self) -> Cow<'_, Path> {
        native(&self.0)
    }

    /// The raw bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The last part.
    #[must_use]
    pub fn name(&self) -> &[u8] {
        self.0.rsplit(|&b| b == b'/').next().unwrap_or(&self.0)
    }

    /// What stands behind the last dot of the name, if the dot is not the name's first byte.
    #[must_use]
    pub fn extension(&self) -> Option<&[u8]> {
        let name = self.name();
        let dot = name.iter().rposition(|&b| b == b'.')?;
        (dot > 0).then(|| &name[dot + 1..])
    }

    /// The parts, from the root.
    #[must_use]
    pub fn parts(&self) -> impl DoubleEndedIterator<Item = &[u8]> {
        self.0.split(|&b| b == b'/')
    }

    /// Is this a file directly in the root?
    #[must_use]
    pub fn in_root(&self) -> bool {
        !self.0.contains(&b'/')
    }
}

#[cfg(unix)]
fn native(bytes: &[u8]) -> Cow<'_, Path> {
    use std::os::unix::ffi::OsStrExt as _;
    Cow::Borrowed(Path::new(std::ffi::OsStr::from_bytes(bytes)))
}

#[cfg(not(unix))]
fn native(bytes: &[u8]) -> Cow<'_, Path> {
    Cow::Owned(PathBuf::from(String::from_utf8_lossy(bytes).into_owned()))
}

/// The path as people see it: plain ASCII, escaped.
impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&ascii::escape_bytes(&self.0))
    }
}

impl fmt::Debug for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_the_root() {
        for bad in ["", "/etc/passwd", "../x", "a/../b", "a//b", "./a", "a\0b"] {
            assert!(RepoPath::new(bad).is_none(), "{bad:?}");
        }
        let path = RepoPath::new(*b"src/\xff.rs").expect("a name need not be UTF-8");
        assert_eq!(path.to_string(), "src/\\xff.rs");
        assert_eq!(path.extension(), Some(&b"rs"[..]));
        assert_eq!(
            RepoPath::new(".env").and_then(|p| p.extension().map(<[u8]>::to_vec)),
            None
        );
    }
}
