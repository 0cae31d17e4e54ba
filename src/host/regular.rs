//! Owns opening regular files: never through a link, never a device, never waiting for a pipe's other end. Knows no
//! tree.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, BufRead as _, BufReader};
use std::path::Path;

use crate::base::path::RepoPath;
use crate::source::tree::Identity;

/// Opens the file at `path` if it is a regular one; the folders above it are the caller's to check.
///
/// # Errors
/// When it is not there, not readable, or something else than a regular file.
pub fn open(path: &Path) -> io::Result<(File, Metadata)> {
    let file = open_unseen(path)?;
    let metadata = file.metadata()?;
    if metadata.is_file() {
        Ok((file, metadata))
    } else {
        Err(not_regular())
    }
}

/// Opens what is at `path` unless it is a link. That it is a regular file is for the caller to see, by its identity.
///
/// # Errors
/// When it is not there, not readable, or a link.
pub fn open_unseen(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    no_follow(&mut options);
    options.open(path).map_err(|problem| {
        // What the system says of a link that it refuses ("too many levels") helps nobody.
        match path.symlink_metadata() {
            Ok(metadata) if !metadata.is_file() => not_regular(),
            _ => problem,
        }
    })
}

/// Opens the file at `path` below `root` if it is a regular one and no folder on the way is a link.
///
/// # Errors
/// As [`open`], and when a folder on the way is a link.
pub fn open_below(root: &Path, path: &RepoPath) -> io::Result<(File, Metadata)> {
    if !real_parents(root, path) {
        return Err(io::Error::new(
            io::ErrorKind::NotFound,
            "a folder on the way is missing or a link",
        ));
    }
    open(&path.to_native(root))
}

/// Is each folder between `root` and the file a folder, and not a link to one?
#[must_use]
pub fn real_parents(root: &Path, path: &RepoPath) -> bool {
    let native = path.to_native(root);
    native
        .ancestors()
        .skip(1)
        .take_while(|folder| *folder != root)
        .all(|folder| {
            folder
                .symlink_metadata()
                .is_ok_and(|metadata| metadata.is_dir())
        })
}

fn not_regular() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file")
}

#[cfg(unix)]
fn no_follow(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY);
}

#[cfg(windows)]
fn no_follow(options: &mut OpenOptions) {
    use std::os::windows::fs::OpenOptionsExt as _;
    const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
    options.custom_flags(FILE_FLAG_OPEN_REPARSE_POINT);
}

/// What the metadata of a file proves of its content.
#[must_use]
pub fn identity(metadata: &Metadata) -> Identity {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let nanoseconds =
            |seconds: i64, part: i64| i128::from(seconds) * 1_000_000_000 + i128::from(part);
        Identity::Stat {
            size: metadata.len(),
            modified: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
            changed: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
            inode: metadata.ino(),
        }
    }
    #[cfg(not(unix))]
    {
        let since_epoch = metadata
            .modified()
            .ok()
            .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
        match since_epoch.and_then(|time| i128::try_from(time.as_nanos()).ok()) {
            None => Identity::None,
            Some(modified) => Identity::Stat {
                size: metadata.len(),
                modified,
                changed: modified,
                inode: 0,
            },
        }
    }
}

/// Of each line no more than this many bytes is handed over.
const KEPT: u64 = 64 * 1024;

/// Hands over each line of the file at `path` below `root` without its line feed, cut where it is very long; how many there
/// are. A link is one line, and not handed over. A last line without a line feed counts.
///
/// # Errors
/// As [`open_below`].
pub fn each_line(root: &Path, path: &RepoPath, mut take: impl FnMut(&[u8])) -> io::Result<u32> {
    if path.to_native(root).is_symlink() {
        return Ok(1);
    }
    let (file, _) = open_below(root, path)?;
    let mut file = BufReader::with_capacity(1 << 16, file);
    let mut lines = 0_usize;
    let mut line = Vec::new();
    loop {
        line.clear();
        io::Read::take(&mut file, KEPT).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            break;
        }
        if line.pop_if(|last| *last == b'\n').is_none() {
            file.skip_until(b'\n')?;
        }
        take(&line);
        lines += 1;
    }
    Ok(u32::try_from(lines).unwrap_or(u32::MAX - 1))
}
