//! Owns the sizes of files as they lie on disk and as they go over the wire: gzip at its highest level, brotli at its highest
//! quality, each file by itself. Nothing is kept in memory but a buffer.

use std::io::{self, Read, Write};

use crate::base::path::RepoPath;
use crate::check::options::Glob;
use crate::check::ports::Artifacts;
use crate::model::fault::{Fault, FaultKind};

/// More than this are no assets of one page.
const MOST_FILES: usize = 20_000;

/// More than this is not compressed: it would take minutes.
const MOST_BYTES: u64 = 512 << 20;

/// How much is read at a time.
const BUFFER: usize = 1 << 16;

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Its path.
    pub path: RepoPath,
    /// Its size.
    pub sizes: Sizes,
}

/// Sizes in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// As it lies there.
    pub raw: u64,
    /// Through gzip.
    pub gzip: u64,
    /// Through brotli.
    pub brotli: u64,
}

/// The assets that the globs match.
///
/// # Errors
/// When there is none, or one cannot be read.
pub fn measure(
    artifacts: &dyn Artifacts,
    globs: &[Glob],
    exclude: &[Glob],
    whose: &str,
) -> Result<Vec<Asset>, Fault> {
    let found = artifacts.find(globs)?;
    let wanted = |path: &RepoPath| !exclude.iter().any(|glob| glob.matches(path));
    let files: Vec<_> = found
        .into_iter()
        .filter(|file| !file.folder && wanted(&file.path))
        .collect();
    if files.is_empty() {
        let globs: Vec<&str> = globs.iter().map(Glob::as_str).collect();
        return Err(Fault::new(
            FaultKind::Missing,
            format!("{whose} has no built file at `{}`", globs.join("`, `")),
            "build it first, and see where the files lie",
        ));
    }
    let total = files
        .iter()
        .fold(0u64, |sum, file| sum.saturating_add(file.size));
    if files.len() > MOST_FILES || total > MOST_BYTES {
        return Err(Fault::new(
            FaultKind::Unreadable,
            format!(
                "{whose} has {} files of {total} bytes: too much to be sent to users",
                files.len()
            ),
            "narrow the globs of `assets`",
        ));
    }
    let one = |path: RepoPath| {
        let sizes = artifacts.open(&path, MOST_BYTES).and_then(|mut file| {
            sizes(&mut file).map_err(|problem| {
                Fault::new(
                    FaultKind::Unreadable,
                    format!("{path} cannot be read: {problem}"),
                    "see that nothing writes it at the same time",
                )
            })
        })?;
        Ok(Asset { path, sizes })
    };
    files.into_iter().map(|file| one(file.path)).collect()
}

/// The sum of all.
pub fn total(assets: &[Asset]) -> Sizes {
    assets.iter().fold(Sizes::default(), |sum, asset| Sizes {
        raw: sum.raw + asset.sizes.raw,
        gzip: sum.gzip + asset.sizes.gzip,
        brotli: sum.brotli + asset.sizes.brotli,
    })
}

/// Counts what is written.
#[derive(Default)]
struct Counter(u64);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn sizes(file: &mut dyn Read) -> io::Result<Sizes> {
    let mut raw = 0;
    let best = flate2::Compression::best();
    let mut gzip = flate2::write::GzEncoder::new(Counter::default(), best);
    let mut brotli = brotli::CompressorWriter::new(Counter::default(), BUFFER, 11, 22);
    let mut buffer = vec![0; BUFFER];
    loop {
        let n = match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => n,
            Err(problem) if problem.kind() == io::ErrorKind::Interrupted => continue,
            Err(problem) => return Err(problem),
        };
        raw += n as u64;
        gzip.write_all(&buffer[..n])?;
        brotli.write_all(&buffer[..n])?;
    }
    Ok(Sizes {
        raw,
        gzip: gzip.finish()?.0,
        brotli: brotli.into_inner().0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(content: &[u8]) -> Sizes {
        sizes(&mut &content[..]).expect("memory can be read")
    }

    #[test]
    fn packed_sizes() {
        let text = b"const answer = 42; // the same again\n".repeat(500);
        let sizes = check(&text);
        assert_eq!(sizes.raw, 18_500);
        assert!(sizes.gzip > 20 && sizes.gzip < 300, "{sizes:?}");
        assert!(sizes.brotli > 10 && sizes.brotli <= sizes.gzip, "{sizes:?}");
        // What is packed already grows a little.
        let mut seed = 1u32;
        let noise: Vec<u8> = (0..100_000)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                seed.to_be_bytes()[0]
            })
            .collect();
        let sizes = check(&noise);
        assert!(sizes.gzip > 99_000 && sizes.brotli > 99_000, "{sizes:?}");
        assert_eq!(check(b"").raw, 0);
    }
}
