//! Owns where qgate writes on disk, and that it writes all or nothing. Knows no content.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;

use crate::base::digest::Digest;
use crate::model::fault::{Fault, FaultKind};

/// qgate's folder in a repository.
const FOLDER: &str = ".qgate";

/// What of that folder stays out of the repository.
const IGNORED: &str = "\
# written by qgate: what stays out of the repository
cache/
logs/
history.db
audit.jsonl
";

/// Writes the file whole: whoever reads it, even after an interrupt, sees the old content or the new one. Missing
/// folders are made. A device or a pipe is written into, not replaced.
///
/// # Errors
/// When the folder or the file cannot be written, and when a link is in its place, because that could lead anywhere; the
/// old file is then untouched.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Ok(there) = fs::metadata(path)
        && !there.is_file()
        && !there.is_dir()
    {
        return fs::OpenOptions::new()
            .write(true)
            .open(path)?
            .write_all(bytes);
    }
    if path.is_symlink() {
        let what = "it is a link: name the file itself";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".qgate-");
    if let Ok(old) = fs::symlink_metadata(path)
        && old.is_file()
    {
        builder.permissions(old.permissions());
    } else {
        readable_for_all(&mut builder);
    }
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// Adds to the end of a file that another program owns; the file is made if it is missing.
///
/// # Errors
/// When it cannot be written, or would grow over `most` bytes; it is then untouched.
pub fn append(path: &Path, bytes: &[u8], most: u64) -> io::Result<()> {
    let there = fs::metadata(path).map_or(0, |metadata| metadata.len());
    if there.saturating_add(bytes.len() as u64) > most {
        let what = format!("it would be larger than {most} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, what));
    }
    let mut file = fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)?;
    file.write_all(bytes)
}

/// Less what the umask takes away.
#[cfg(unix)]
fn readable_for_all(builder: &mut tempfile::Builder) {
    use std::os::unix::fs::PermissionsExt as _;
    builder.permissions(fs::Permissions::from_mode(0o666));
}

#[cfg(not(unix))]
fn readable_for_all(_: &mut tempfile::Builder) {}

/// Where the cache lies: in the repository's `.qgate/` when it is `configured`, else in the user's cache folder, so that
/// qgate writes nothing into a repository that does not know it. Only `.qgate/.gitignore` is written here.
///
/// # Errors
/// When `.qgate/.gitignore` cannot be written, or there is no home folder to put a cache into.
pub fn cache_folder(root: &Path, configured: bool) -> Result<PathBuf, Fault> {
    // A link could lead out of the repository.
    let folder = root.join(FOLDER);
    let cache = folder.join("cache");
    if configured && !folder.is_symlink() && !cache.is_symlink() {
        ignore_own(&folder).map_err(|problem| {
            Fault::new(
                FaultKind::Unreadable,
                format!("{} cannot be written: {problem}", folder.display()),
                "make the folder writable, or run with `--no-cache`",
            )
        })?;
        return Ok(cache);
    }
    let strategy = etcetera::choose_base_strategy().map_err(|problem| {
        Fault::new(
            FaultKind::Missing,
            format!("the user's cache folder is not known: {problem}"),
            "set HOME or XDG_CACHE_HOME, or run with `--no-cache`",
        )
    })?;
    Ok(user_cache(&strategy.cache_dir(), root))
}

/// The cache of the tree at `root` in the user's cache folder `base`.
fn user_cache(base: &Path, root: &Path) -> PathBuf {
    let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let digest = Digest::of(root.as_os_str().as_encoded_bytes());
    base.join("qgate").join(digest.short())
}

fn ignore_own(folder: &Path) -> io::Result<()> {
    let path = folder.join(".gitignore");
    if path.symlink_metadata().is_ok() {
        return Ok(());
    }
    write_atomic(&path, IGNORED.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("the folder is there");
        let mut names: Vec<String> = entries
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_write_is_whole_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a/b.json");
        for content in ["one", "two"] {
            write_atomic(&path, content.as_bytes()).expect("it can be written");
            assert_eq!(fs::read_to_string(&path).expect("it is there"), content);
        }
        assert_eq!(names(&folder.path().join("a")), ["b.json"]);
        let taken = folder.path().join("a");
        assert!(
            write_atomic(&taken, b"x").is_err(),
            "a folder is in the way"
        );
        assert_eq!(names(folder.path()), ["a"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_and_devices_are_not_replaced() {
        use std::os::unix::fs::{FileTypeExt as _, symlink};
        let folder = tempfile::tempdir().expect("a folder");
        let link = folder.path().join("link");
        let device = folder.path().join("device");
        symlink(folder.path().join("elsewhere"), &link).expect("a link");
        symlink("/dev/null", &device).expect("a link");
        assert!(write_atomic(&link, b"x").is_err());
        write_atomic(&device, b"x").expect("it takes all");
        assert_eq!(names(folder.path()), ["device", "link"]);
        let null = fs::metadata("/dev/null").expect("it is there");
        assert!(null.file_type().is_char_device());

        symlink(folder.path(), folder.path().join(".qgate")).expect("a link");
        let cache = cache_folder(folder.path(), true).expect("there is a home");
        assert!(!cache.starts_with(folder.path()));
    }

    #[test]
    fn a_file_of_another_program_grows_up_to_its_limit() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("summary");
        append(&path, b"one\n", 8).expect("it is made");
        append(&path, b"two\n", 8).expect("it fits");
        append(&path, b"x", 8).expect_err("it does not fit");
        assert_eq!(fs::read(&path).expect("it is there"), b"one\ntwo\n");
    }

    #[test]
    fn only_a_configured_repository_is_written_into() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        let user = cache_folder(root, false).expect("there is a home");
        assert!(!user.starts_with(root));
        assert_eq!(
            user_cache(Path::new("/c"), root),
            user_cache(Path::new("/c"), &root.join("."))
        );
        assert!(names(root).is_empty());

        let own = cache_folder(root, true).expect("it can be written");
        assert_eq!(own, root.join(".qgate/cache"));
        assert_eq!(names(&root.join(".qgate")), [".gitignore"]);
        fs::write(root.join(".qgate/.gitignore"), "mine").expect("it can be written");
        cache_folder(root, true).expect("it can be written");
        let kept = fs::read_to_string(root.join(".qgate/.gitignore")).expect("it is there");
        assert_eq!(kept, "mine");
    }
}
