//! Owns where the advisory indexes of this user lie: one file for each ecosystem, replaced all or nothing.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;

use super::{regular, store};
use crate::check::ports::Advisories;
use crate::model::fault::{Fault, FaultKind};

/// The variable that names another folder.
const VARIABLE: &str = "QGATE_ADVISORIES";

/// The ending of an index's name.
pub const ENDING: &str = "qadv";

/// No index is larger than this.
const LARGEST: u64 = 1 << 30;

/// A folder of indexes.
#[derive(Clone, Debug)]
pub struct Folder(Option<PathBuf>);

impl Folder {
    /// The user's: what `QGATE_ADVISORIES` names, else `qgate/advisories` in the user's cache folder.
    #[must_use]
    pub fn of_user() -> Self {
        let named = std::env::var_os(VARIABLE).filter(|named| !named.is_empty());
        let cache = || {
            let strategy = etcetera::choose_base_strategy().ok()?;
            Some(strategy.cache_dir().join("qgate").join("advisories"))
        };
        Self(named.map(PathBuf::from).or_else(cache))
    }

    /// This one.
    #[must_use]
    pub const fn at(path: PathBuf) -> Self {
        Self(Some(path))
    }

    /// Where it is.
    ///
    /// # Errors
    /// When the user has no cache folder.
    pub fn path(&self) -> Result<&Path, Fault> {
        self.0.as_deref().ok_or_else(|| {
            Fault::new(
                FaultKind::Missing,
                "the user's cache folder is not known",
                format!("set HOME, XDG_CACHE_HOME or {VARIABLE}"),
            )
        })
    }

    /// The file of an ecosystem's index. The names of ecosystems have no `/`.
    ///
    /// # Errors
    /// As [`Folder::path`].
    pub fn file(&self, ecosystem: &str) -> Result<PathBuf, Fault> {
        Ok(self.path()?.join(format!("{ecosystem}.{ENDING}")))
    }

    /// Puts an index in its place.
    ///
    /// # Errors
    /// When it cannot be written; the old one is then untouched.
    pub fn save(&self, ecosystem: &str, bytes: &[u8]) -> Result<(), Fault> {
        let path = self.file(ecosystem)?;
        store::write_atomic(&path, bytes).map_err(|problem| {
            Fault::new(
                FaultKind::Unreadable,
                format!("{} cannot be written: {problem}", path.display()),
                format!("make its folder writable, or name another one in {VARIABLE}"),
            )
        })
    }
}

impl Advisories for Folder {
    fn index(&self, ecosystem: &str) -> Result<Option<Vec<u8>>, Fault> {
        let path = self.file(ecosystem)?;
        let read = || {
            let (file, metadata) = regular::open(&path)?;
            if metadata.len() > LARGEST {
                return Err(io::Error::new(
                    io::ErrorKind::FileTooLarge,
                    "it is too large",
                ));
            }
            let mut bytes = Vec::new();
            file.take(LARGEST).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        match read() {
            Ok(bytes) => Ok(Some(bytes)),
            Err(problem) if problem.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(problem) => Err(Fault::new(
                FaultKind::Unreadable,
                format!("{} cannot be read: {problem}", path.display()),
                "run `qgate advisories update`",
            )),
        }
    }
}
