//! Owns the pre-push hook on disk: writing it, chaining another one behind it, taking it away. Knows no verdict.

use std::fs;
use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::model::fault::Fault;

use super::git::{Repository, command};

/// The hook that install writes. It holds the mark.
pub const SHIM: &str = include_str!("pre-push.sh");

/// What tells our hook from another one.
const MARK: &[u8] = b"# qgate hook shim";

/// The name of the hook that was there before.
const PREVIOUS: &str = "pre-push.qgate-prev";

/// What stands where git looks for the hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing.
    Nothing,
    /// Ours.
    Ours,
    /// Another one that names qgate.
    Names,
    /// Another one.
    Foreign,
}

/// The place of the pre-push hook.
#[derive(Clone, Debug)]
pub struct Place {
    /// The hook.
    pub hook: PathBuf,
    /// Where the hook is kept that was there before ours.
    pub previous: PathBuf,
    /// `core.hooksPath`, if it is set: who set it (`local`, `worktree`, `global`, `system`), and its value.
    pub configured: Option<(String, String)>,
}

impl Place {
    /// The place in this repository.
    ///
    /// # Errors
    /// When git fails.
    pub fn of(repository: &Repository) -> Result<Self, Fault> {
        let folder = repository.hooks()?;
        let args = ["config", "--show-scope", "-z", "--get", "core.hooksPath"];
        let output = repository.runner().output(args)?;
        let configured = match output.status.code() {
            Some(0) => {
                let text = String::from_utf8_lossy(&output.stdout).into_owned();
                let (scope, value) = text.split_once('\0').unwrap_or((&text, ""));
                Some((scope.to_owned(), value.trim_end_matches('\0').to_owned()))
            }
            Some(1) => None,
            _ => return Err(command::failed(&output.stderr)),
        };
        Ok(Self {
            hook: folder.join("pre-push"),
            previous: folder.join(PREVIOUS),
            configured,
        })
    }

    /// What stands there.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn standing(&self) -> io::Result<Standing> {
        if self
            .hook
            .symlink_metadata()
            .is_err_and(|problem| problem.kind() == io::ErrorKind::NotFound)
        {
            return Ok(Standing::Nothing);
        }
        let content = match fs::read(&self.hook) {
            // A link that leads nowhere is somebody's, too.
            Err(problem) if problem.kind() == io::ErrorKind::NotFound => {
                return Ok(Standing::Foreign);
            }
            read => read?,
        };
        let has = |word: &[u8]| content.windows(word.len()).any(|part| part == word);
        Ok(if has(MARK) {
            Standing::Ours
        } else if has(b"qgate") {
            Standing::Names
        } else {
            Standing::Foreign
        })
    }

    /// Is there a hook from before ours?
    #[must_use]
    pub fn has_previous(&self) -> bool {
        self.previous.symlink_metadata().is_ok()
    }

    /// Does git run what stands there? It skips a hook that is not executable.
    #[must_use]
    pub fn is_executable(&self) -> bool {
        is_executable(&self.hook)
    }

    /// Puts our hook there. Another one is kept beside it first; at no time is there none.
    ///
    /// # Errors
    /// When it cannot be written, and when a hook would have to be overwritten.
    pub fn install(&self) -> io::Result<()> {
        let folder = self.hook.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        if matches!(self.standing()?, Standing::Foreign | Standing::Names) {
            fs::hard_link(&self.hook, &self.previous)?;
        }
        let mut builder = tempfile::Builder::new();
        builder.prefix(".qgate-");
        executable(&mut builder);
        let mut file = builder.tempfile_in(folder)?;
        file.write_all(SHIM.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(&self.hook)?;
        Ok(())
    }

    /// Takes our hook away and puts the one from before back.
    ///
    /// # Errors
    /// When that cannot be done.
    pub fn uninstall(&self) -> io::Result<()> {
        if self.has_previous() {
            fs::rename(&self.previous, &self.hook)
        } else {
            fs::remove_file(&self.hook)
        }
    }
}

#[cfg(unix)]
fn executable(builder: &mut tempfile::Builder) {
    use std::os::unix::fs::PermissionsExt as _;
    builder.permissions(fs::Permissions::from_mode(0o777));
}

#[cfg(not(unix))]
fn executable(_: &mut tempfile::Builder) {}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.is_file()
}

/// What git hands over on standard input; `None` when that is a terminal, which nobody is asked to type into.
///
/// # Errors
/// When it cannot be read.
pub fn input() -> io::Result<Option<Vec<u8>>> {
    if io::stdin().is_terminal() {
        return Ok(None);
    }
    let mut text = Vec::new();
    io::stdin().lock().read_to_end(&mut text)?;
    Ok(Some(text))
}

/// The first of these files or folders that is there, below `root`.
#[must_use]
pub fn first_of<'a>(root: &Path, names: &[&'a str]) -> Option<&'a str> {
    let there = |name: &&&str| root.join(**name).symlink_metadata().is_ok();
    names.iter().find(there).copied()
}
