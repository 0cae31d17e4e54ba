//! Owns the search for a program: `PATH`, and `PATHEXT` on Windows; starts nothing.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Is the name a path rather than a name to be looked up?
pub(super) fn is_path(name: &str) -> bool {
    name.contains('/') || (cfg!(windows) && name.contains('\\'))
}

/// Where the program is: below `root` when the name is a relative path, else in the folders of `path`. Relative folders
/// of `path` are passed over: a checked repository must not be able to bring its own `git`.
pub(super) fn find(name: &str, root: &Path, path: Option<&OsStr>) -> Option<PathBuf> {
    if name.is_empty() {
        return None;
    }
    if is_path(name) {
        return executable(&root.join(name));
    }
    std::env::split_paths(path?)
        .filter(|folder| folder.is_absolute())
        .find_map(|folder| executable(&folder.join(name)))
}

#[cfg(unix)]
fn executable(file: &Path) -> Option<PathBuf> {
    use std::os::unix::fs::PermissionsExt as _;
    let meta = file.metadata().ok()?;
    (meta.is_file() && meta.permissions().mode() & 0o111 != 0).then(|| file.to_owned())
}

#[cfg(not(unix))]
fn executable(file: &Path) -> Option<PathBuf> {
    let endings = std::env::var("PATHEXT").unwrap_or_else(|_| ".COM;.EXE;.BAT;.CMD".to_owned());
    let ends_so = |ending: &str| {
        let name = file.to_string_lossy().to_ascii_lowercase();
        name.ends_with(&ending.to_ascii_lowercase())
    };
    if endings
        .split(';')
        .any(|ending| !ending.is_empty() && ends_so(ending))
        && file.is_file()
    {
        return Some(file.to_owned());
    }
    endings
        .split(';')
        .filter(|ending| !ending.is_empty())
        .find_map(|ending| {
            let mut name = file.as_os_str().to_owned();
            name.push(ending);
            Some(PathBuf::from(name)).filter(|file| file.is_file())
        })
}
