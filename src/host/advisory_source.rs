//! Owns the sources of advisories on disk: a folder of records, a zip archive, an index, a bundle of indexes, a folder of
//! indexes. Knows no place where indexes are kept.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use super::advisories::ENDING;
use super::{beside, regular};
use crate::checkers::dependencies::index::build::{Builder, RECORD, is_candidate};
use crate::checkers::dependencies::index::manifest::Manifest;
use crate::checkers::dependencies::index::segment::{self, Index};
use crate::checkers::dependencies::index::zip;
use crate::checkers::dependencies::inventory::Ecosystem;
use crate::model::fault::{Fault, FaultKind};

/// How many files of a folder are read at a time.
const BATCH: usize = 4096;

/// What a source holds.
#[derive(Debug, Default)]
pub struct Made {
    /// The indexes.
    pub indexes: BTreeMap<Ecosystem, Vec<u8>>,
    /// How many files were no advisories, and how many advisories are of other ecosystems alone.
    pub others: (usize, usize),
}

/// Reads a source. `about` tells what its records do not.
///
/// # Errors
/// When it cannot be read, or holds no advisory at all.
pub fn read(path: &Path, about: &Manifest) -> Result<Made, Fault> {
    let unreadable = |problem: &dyn std::fmt::Display| {
        let what = format!("{} cannot be read: {problem}", path.display());
        Fault::new(
            FaultKind::Unreadable,
            what,
            "name a folder, zip archive or bundle of advisories",
        )
    };
    let metadata = std::fs::metadata(path).map_err(|problem| unreadable(&problem))?;
    if !metadata.is_dir() {
        let mut file = File::open(path).map_err(|problem| unreadable(&problem))?;
        return read_file(&mut file, about).map_err(|why| unreadable(&why));
    }
    if let Some(made) = indexes_in(path).map_err(|why| unreadable(&why))? {
        return Ok(made);
    }
    let mut builder = Builder::default();
    add_folder(&mut builder, path).map_err(|problem| unreadable(&problem))?;
    finish(&builder, about).map_err(|why| unreadable(&why))
}

/// Reads an archive or a bundle.
///
/// # Errors
/// Says why it cannot be used.
pub fn read_file(file: &mut File, about: &Manifest) -> Result<Made, String> {
    let mut start = [0; 64];
    let mut got = 0;
    while got < start.len() {
        match file.read(&mut start[got..]) {
            Ok(0) => break,
            Ok(more) => got += more,
            Err(problem) => return Err(problem.to_string()),
        }
    }
    file.seek(SeekFrom::Start(0))
        .map_err(|problem| problem.to_string())?;
    let start = &start[..got];
    if start.starts_with(segment::MAGIC) {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)
            .map_err(|problem| problem.to_string())?;
        return unpack(&bytes);
    }
    if start.starts_with(b"PK") {
        let mut builder = Builder::default();
        zip::add(&mut builder, BufReader::new(file))?;
        return finish(&builder, about);
    }
    let text = start.trim_ascii_start();
    Err(if text.is_empty() {
        "it is empty".to_owned()
    } else if text.starts_with(b"<") {
        "it is a web page, no archive of advisories".to_owned()
    } else {
        "it is neither a zip archive nor a bundle of advisories".to_owned()
    })
}

/// The indexes of a bundle, each checked.
fn unpack(bytes: &[u8]) -> Result<Made, String> {
    let mut made = Made::default();
    for (manifest, bytes) in segment::split(bytes).map_err(|flaw| flaw.to_string())? {
        let index = Index::open(bytes.to_vec());
        let index = index.map_err(|flaw| format!("{}: {flaw}", manifest.ecosystem))?;
        made.indexes.insert(index.ecosystem(), bytes.to_vec());
    }
    Ok(made)
}

/// The indexes in a folder, if it has any.
fn indexes_in(folder: &Path) -> Result<Option<Made>, String> {
    let mut made = Made::default();
    for &ecosystem in Ecosystem::ALL {
        let path = folder.join(format!("{}.{ENDING}", ecosystem.name()));
        if path.exists() {
            let bytes = beside::read(&path).map_err(|problem| problem.to_string())?;
            made.indexes.insert(ecosystem, bytes);
        }
    }
    Ok((!made.indexes.is_empty()).then_some(made))
}

fn add_folder(builder: &mut Builder, folder: &Path) -> Result<(), walkdir::Error> {
    let mut batch = Vec::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let entry = entry?;
        let name = entry.path().strip_prefix(folder).unwrap_or(entry.path());
        let name = name.to_string_lossy().into_owned();
        if !entry.file_type().is_file() || !is_candidate(&name) {
            continue;
        }
        batch.push((name, record(entry.path())));
        if batch.len() >= BATCH {
            builder.add(std::mem::take(&mut batch));
        }
    }
    builder.add(batch);
    Ok(())
}

fn record(path: &Path) -> Result<Vec<u8>, String> {
    let limit = u64::try_from(RECORD).unwrap_or(u64::MAX);
    let (file, metadata) = regular::open(path).map_err(|problem| problem.to_string())?;
    if metadata.len() > limit {
        return Err(format!("it is larger than {RECORD} bytes"));
    }
    let mut bytes = Vec::new();
    let read = file.take(limit).read_to_end(&mut bytes);
    read.map(|_| bytes).map_err(|problem| problem.to_string())
}

fn finish(builder: &Builder, about: &Manifest) -> Result<Made, String> {
    let mut made = Made {
        others: builder.others(),
        ..Made::default()
    };
    for ecosystem in builder.ecosystems() {
        let bytes = builder
            .finish(ecosystem, about)
            .map_err(|flaw| flaw.to_string())?;
        made.indexes.insert(ecosystem, bytes);
    }
    if made.indexes.is_empty() {
        let (bad, listed) = builder.bad();
        return Err(match listed.first() {
            Some(first) => {
                format!("no advisory could be read; {bad} files are bad, the first is {first}")
            }
            None => "there is no advisory in it".to_owned(),
        });
    }
    Ok(made)
}
