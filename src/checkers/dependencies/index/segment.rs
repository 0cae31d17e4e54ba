//! Owns the index's bytes: a line that names the format, the manifest as a line of JSON, the digest of all else, a table of
//! hashed names, and compressed blocks of advisories in the order of the names. Several indexes may stand one behind the
//! other: that is a bundle.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::canary;
use super::manifest::{Doubt, FORMAT, Manifest};
use crate::checkers::dependencies::inventory::Ecosystem;
use crate::checkers::dependencies::osv::advisory::Advisory;
use crate::checkers::dependencies::osv::affected::{Asked, Judged};

/// The first line.
pub const MAGIC: &[u8] = b"qgate advisories 1\n";

/// A block is closed when it is this long, before it is compressed.
const BLOCK: usize = 64 << 10;

/// No block is longer than this.
const LONGEST: usize = 256 << 20;

/// How hard it is compressed.
const LEVEL: i32 = 9;

/// The index of one ecosystem.
#[derive(Debug)]
pub struct Index {
    manifest: Manifest,
    ecosystem: Ecosystem,
    bytes: Vec<u8>,
    /// Where the hashed names are.
    prints: std::ops::Range<usize>,
    /// Where the blocks begin.
    blocks: usize,
    directory: Directory,
}

/// Where each block is, and which name it begins with.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Directory {
    firsts: Vec<String>,
    /// Where it ends, behind the directory; and its length when it is not compressed.
    ends: Vec<(usize, usize)>,
}

/// Why bytes are no index.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// It begins in another way.
    #[error("it is no index of advisories")]
    Foreign,
    /// Another version of qgate wrote it.
    #[error("it is of format {0}, and this qgate reads format {FORMAT}")]
    Format(u32),
    /// It ends too early.
    #[error("it is cut off")]
    Cut,
    /// Its digest does not fit.
    #[error("its checksum does not fit: it was changed or damaged")]
    Digest,
    /// A part of it cannot be read, though the digest fits.
    #[error("it cannot be read: {0}")]
    Broken(&'static str),
    /// It is of an ecosystem that this qgate does not know.
    #[error("it is of the ecosystem `{0}`, which this qgate does not know")]
    Ecosystem(String),
}

/// Writes an index. The entries are the advisories of each name, encoded, in the order of the names.
///
/// # Errors
/// When it cannot be compressed or encoded, which does not happen.
pub fn write(mut manifest: Manifest, entries: &[(&str, Vec<&[u8]>)]) -> Result<Vec<u8>, Flaw> {
    let mut prints: Vec<u32> = entries.iter().map(|(name, _)| print(name)).collect();
    prints.sort_unstable();
    let mut blocks: Vec<(String, Vec<u8>)> = Vec::new();
    for (name, advisories) in entries {
        if blocks.last().is_none_or(|(_, block)| block.len() >= BLOCK) {
            blocks.push(((*name).to_owned(), Vec::new()));
        }
        let Some((_, block)) = blocks.last_mut() else {
            continue;
        };
        let length: usize = advisories.iter().map(|advisory| advisory.len()).sum();
        put(block, name.len());
        block.extend_from_slice(name.as_bytes());
        put(block, length + 4);
        put(block, advisories.len());
        for advisory in advisories {
            block.extend_from_slice(advisory);
        }
    }
    let packed: Vec<Vec<u8>> = blocks
        .par_iter()
        .map(|(_, block)| zstd::bulk::compress(block, LEVEL))
        .collect::<Result<_, _>>()
        .map_err(|_| Flaw::Broken("compression"))?;
    let mut directory = Directory::default();
    let mut end = 0;
    for ((first, block), packed) in blocks.iter().zip(&packed) {
        end += packed.len();
        directory.firsts.push(first.clone());
        directory.ends.push((end, block.len()));
    }
    let directory = postcard::to_stdvec(&directory).map_err(|_| Flaw::Broken("directory"))?;
    let mut body = Vec::with_capacity(8 + prints.len() * 4 + directory.len() + end);
    put(&mut body, prints.len());
    for print in prints {
        body.extend_from_slice(&print.to_le_bytes());
    }
    put(&mut body, directory.len());
    body.extend_from_slice(&directory);
    for packed in packed {
        body.extend_from_slice(&packed);
    }
    manifest.format = FORMAT;
    manifest.names = entries.len();
    manifest.body = body.len();
    let line = serde_json::to_vec(&manifest).map_err(|_| Flaw::Broken("manifest"))?;
    let mut bytes = Vec::with_capacity(body.len() + line.len() + 100);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&line);
    bytes.push(b'\n');
    bytes.extend_from_slice(digest(&line, &body).as_bytes());
    bytes.push(b'\n');
    bytes.extend_from_slice(&body);
    Ok(bytes)
}

/// Cuts a bundle into indexes. Each is opened by itself.
///
/// # Errors
/// When it is none, or ends too early.
pub fn split(bytes: &[u8]) -> Result<Vec<(Manifest, &[u8])>, Flaw> {
    let mut found = Vec::new();
    let mut rest = bytes;
    loop {
        let head = Head::read(rest)?;
        let end = head.body.checked_add(head.manifest.body);
        let whole = end.and_then(|end| rest.get(..end)).ok_or(Flaw::Cut)?;
        rest = &rest[whole.len()..];
        found.push((head.manifest, whole));
        if rest.is_empty() {
            return Ok(found);
        }
    }
}

/// What every format has.
#[derive(Deserialize)]
struct Any {
    format: u32,
}

/// What stands in front of the body.
struct Head<'a> {
    manifest: Manifest,
    line: &'a [u8],
    digest: &'a [u8],
    /// Where the body begins.
    body: usize,
}

impl<'a> Head<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, Flaw> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(Flaw::Foreign)?;
        let (line, rest) = cut(rest)?;
        let (digest, rest) = cut(rest)?;
        let Any { format } = serde_json::from_slice(line).map_err(|_| Flaw::Broken("manifest"))?;
        if format != FORMAT {
            return Err(Flaw::Format(format));
        }
        let manifest = serde_json::from_slice(line).map_err(|_| Flaw::Broken("manifest"))?;
        Ok(Self {
            manifest,
            line,
            digest,
            body: bytes.len() - rest.len(),
        })
    }
}

fn cut(bytes: &[u8]) -> Result<(&[u8], &[u8]), Flaw> {
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let end = end.ok_or(Flaw::Cut)?;
    Ok((&bytes[..end], &bytes[end + 1..]))
}

impl Index {
    /// Opens one index: its digest is checked.
    ///
    /// # Errors
    /// When it is none, or is damaged.
    pub fn open(bytes: Vec<u8>) -> Result<Self, Flaw> {
        let head = Head::read(&bytes)?;
        let body = bytes.get(head.body..).unwrap_or_default();
        if body.len() != head.manifest.body {
            return Err(Flaw::Cut);
        }
        if digest(head.line, body).as_bytes() != head.digest {
            return Err(Flaw::Digest);
        }
        let mut at = head.body;
        let prints = number(&bytes, &mut at).and_then(|count| count.checked_mul(4));
        let prints = prints.and_then(|length| at.checked_add(length).map(|end| at..end));
        let prints = prints.filter(|prints| prints.end <= bytes.len());
        let prints = prints.ok_or(Flaw::Broken("names"))?;
        at = prints.end;
        let length = number(&bytes, &mut at).ok_or(Flaw::Broken("directory"))?;
        let directory = at.checked_add(length).and_then(|end| bytes.get(at..end));
        let directory = directory.and_then(|bytes| postcard::from_bytes::<Directory>(bytes).ok());
        let directory = directory.ok_or(Flaw::Broken("directory"))?;
        if directory.firsts.len() != directory.ends.len() {
            return Err(Flaw::Broken("directory"));
        }
        let manifest = head.manifest;
        let ecosystem = manifest
            .of()
            .ok_or_else(|| Flaw::Ecosystem(manifest.ecosystem.clone()))?;
        Ok(Self {
            blocks: at + length,
            manifest,
            ecosystem,
            prints,
            directory,
            bytes,
        })
    }

    /// What it says of itself.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Its ecosystem.
    #[must_use]
    pub const fn ecosystem(&self) -> Ecosystem {
        self.ecosystem
    }

    /// The advisories of these packages, by normal name. Packages without any are left out.
    ///
    /// # Errors
    /// When a block cannot be read.
    pub fn find<'n>(
        &self,
        names: impl IntoIterator<Item = &'n str>,
    ) -> Result<BTreeMap<&'n str, Vec<Advisory>>, Flaw> {
        let mut wanted: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
        for name in names {
            if self.may_have(name)
                && let Some(block) = self.block_of(name)
            {
                wanted.entry(block).or_default().insert(name);
            }
        }
        let blocks: Vec<(usize, BTreeSet<&str>)> = wanted.into_iter().collect();
        let found = blocks.into_par_iter().map(|(block, names)| {
            let mut found = Vec::new();
            self.each(block, |name, bytes| {
                if let Some(name) = names.get(name) {
                    found.push((*name, decode(bytes)?));
                }
                Ok(())
            })?;
            Ok(found)
        });
        let found: Vec<Vec<_>> = found.collect::<Result<_, Flaw>>()?;
        Ok(found.into_iter().flatten().collect())
    }

    /// Decodes everything.
    ///
    /// # Errors
    /// When a part cannot be read, or the names are not those that the manifest counts.
    pub fn verify(&self) -> Result<(), Flaw> {
        let blocks = (0..self.directory.firsts.len()).into_par_iter();
        let names = blocks.map(|block| {
            let mut names = 0;
            self.each(block, |name, bytes| {
                if !self.may_have(name) || self.block_of(name) != Some(block) {
                    return Err(Flaw::Broken("order of names"));
                }
                names += 1;
                decode(bytes).map(drop)
            })?;
            Ok(names)
        });
        let names: usize = names.collect::<Result<Vec<usize>, Flaw>>()?.iter().sum();
        if names == self.manifest.names {
            Ok(())
        } else {
            Err(Flaw::Broken("number of names"))
        }
    }

    /// The canary's doubt, if it is not known. A part of the data on purpose need not know it.
    ///
    /// # Errors
    /// When a block cannot be read.
    pub fn canary(&self) -> Result<Option<Doubt>, Flaw> {
        if self.manifest.subset {
            return Ok(None);
        }
        let (name, version) = canary::of(self.ecosystem);
        let found = self.find([name])?;
        let asked = Asked::new(self.ecosystem, version);
        let mut all = found.values().flatten();
        let is_hit = all.any(|advisory| advisory.judge(self.ecosystem, &asked) == Judged::Yes);
        Ok((!is_hit).then_some(Doubt::Canary(name)))
    }

    fn may_have(&self, name: &str) -> bool {
        let prints = self.bytes.get(self.prints.clone()).unwrap_or_default();
        let prints = prints.as_chunks::<4>().0;
        let wanted = print(name);
        prints
            .binary_search_by(|bytes| u32::from_le_bytes(*bytes).cmp(&wanted))
            .is_ok()
    }

    fn block_of(&self, name: &str) -> Option<usize> {
        let firsts = &self.directory.firsts;
        firsts
            .partition_point(|first| first.as_str() <= name)
            .checked_sub(1)
    }

    /// Hands over each name of a block with its advisories, encoded.
    fn each(
        &self,
        block: usize,
        mut take: impl FnMut(&str, &[u8]) -> Result<(), Flaw>,
    ) -> Result<(), Flaw> {
        let broken = Flaw::Broken("block");
        let ends = &self.directory.ends;
        let start = block.checked_sub(1).map_or(0, |before| ends[before].0);
        let (end, length) = ends[block];
        if length > LONGEST {
            return Err(broken);
        }
        let packed = self.bytes.get(self.blocks..);
        let packed = packed.and_then(|blocks| blocks.get(start..end));
        let packed = packed.ok_or_else(|| broken.clone())?;
        let bytes = zstd::bulk::decompress(packed, length).map_err(|_| broken.clone())?;
        let mut at = 0;
        while at < bytes.len() {
            let mut part = || {
                let length = number(&bytes, &mut at)?;
                let end = at.checked_add(length)?;
                let part = bytes.get(at..end)?;
                at = end;
                Some(part)
            };
            let name = part().and_then(|name| std::str::from_utf8(name).ok());
            let (Some(name), Some(body)) = (name, part()) else {
                return Err(broken);
            };
            take(name, body)?;
        }
        Ok(())
    }
}

fn decode(bytes: &[u8]) -> Result<Vec<Advisory>, Flaw> {
    let broken = || Flaw::Broken("advisory");
    let mut at = 0;
    let count = number(bytes, &mut at).ok_or_else(broken)?;
    let mut rest = &bytes[at..];
    let mut found = Vec::new();
    for _ in 0..count {
        let (advisory, more) = postcard::take_from_bytes(rest).map_err(|_| broken())?;
        found.push(advisory);
        rest = more;
    }
    Ok(found)
}

/// A hash of a name.
fn print(name: &str) -> u32 {
    let digest = blake3::hash(name.as_bytes());
    let [a, b, c, d, ..] = *digest.as_bytes();
    u32::from_le_bytes([a, b, c, d])
}

fn digest(line: &[u8], body: &[u8]) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(line).update(b"\n").update(body);
    hasher.finalize().to_hex().to_string()
}

/// Lengths are of four bytes; nothing here is longer than [`LONGEST`].
fn put(bytes: &mut Vec<u8>, length: usize) {
    let length = u32::try_from(length).unwrap_or(u32::MAX);
    bytes.extend_from_slice(&length.to_le_bytes());
}

fn number(bytes: &[u8], at: &mut usize) -> Option<usize> {
    let end = at.checked_add(4)?;
    let number = bytes.get(*at..end)?.first_chunk::<4>()?;
    *at = end;
    usize::try_from(u32::from_le_bytes(*number)).ok()
}

#[cfg(test)]
mod tests {
    use super::super::build::Builder;
    use super::*;

    fn index(names: usize) -> Vec<u8> {
        let mut builder = Builder::default();
        let record = |at: usize| {
            let text = format!(
                r#"{{"id": "X-{at}", "modified": "2026-01-01T00:00:00Z", "affected": [{{"package":
                    {{"ecosystem": "npm", "name": "name-{at}"}}, "versions": ["1.0.{at}"]}}]}}"#
            );
            (format!("X-{at}.json"), Ok(text.into_bytes()))
        };
        builder.add((0..names).map(record).collect());
        let about = Manifest::default();
        builder
            .finish(Ecosystem::Npm, &about)
            .expect("it can be made")
    }

    #[test]
    fn what_is_written_is_found() {
        // More than one block.
        let index = Index::open(index(5_000)).expect("it is whole");
        assert!(index.directory.firsts.len() > 2);
        index.verify().expect("it is right");
        let names = ["name-0", "name-4999", "name-77", "nobody", ""];
        let found = index.find(names).expect("it can be read");
        let ids: Vec<&str> = found.values().map(|all| all[0].id.as_str()).collect();
        assert_eq!(ids, ["X-0", "X-4999", "X-77"]);
        assert_eq!(index.manifest().names, 5_000);
        assert_eq!(index.canary(), Ok(Some(Doubt::Canary("lodash"))));
    }

    #[test]
    fn bundles() {
        let bundle = [index(2), index(3)].concat();
        let parts = split(&bundle).expect("it is one");
        let names: Vec<usize> = parts.iter().map(|(manifest, _)| manifest.names).collect();
        assert_eq!(names, [2, 3]);
        for (_, bytes) in parts {
            Index::open(bytes.to_vec()).expect("it is whole");
        }
        assert_eq!(split(&bundle[..bundle.len() - 1]).err(), Some(Flaw::Cut));
        assert_eq!(split(b"").err(), Some(Flaw::Foreign));
    }

    #[test]
    fn damage_is_never_an_answer() {
        let whole = index(40);
        for at in 0..whole.len() {
            Index::open(whole[..at].to_vec()).expect_err("it is cut off");
            let mut bytes = whole.clone();
            bytes[at] ^= 0x20;
            Index::open(bytes).expect_err("a byte is another one");
        }
        // Even one that was signed anew must not panic.
        let head = Head::read(&whole).expect("it is whole");
        let (line, start) = (head.line.to_vec(), head.body);
        for at in start..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] = bytes[at].wrapping_add(101);
            let digest = digest(&line, &bytes[start..]);
            let place = start - 65;
            bytes[place..place + 64].copy_from_slice(digest.as_bytes());
            if let Ok(index) = Index::open(bytes) {
                let _ = index.verify();
                let _ = index.find(["name-1", "name-39"]);
            }
        }
    }
}
