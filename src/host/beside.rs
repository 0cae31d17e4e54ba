//! Owns the files around a lockfile on disk: what it includes, and the manifest that it locks.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::regular;
use crate::checkers::dependencies::locks::Beside;

/// No file is larger than this.
const LARGEST: u64 = 256 << 20;

/// The files around a lockfile.
#[derive(Clone, Debug)]
pub struct OnDisk(PathBuf);

impl OnDisk {
    /// The files around this one.
    #[must_use]
    pub fn of(file: &Path) -> Self {
        Self(file.parent().unwrap_or(Path::new("")).to_owned())
    }
}

impl Beside for OnDisk {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        match read(&self.0.join(path)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(problem) if problem.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(problem) => Err(problem.to_string()),
        }
    }
}

/// The content of a regular file that is not too large.
///
/// # Errors
/// When it cannot be read.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let (file, metadata) = regular::open(path)?;
    if metadata.len() > LARGEST {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            "it is too large",
        ));
    }
    let mut bytes = Vec::new();
    file.take(LARGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}
