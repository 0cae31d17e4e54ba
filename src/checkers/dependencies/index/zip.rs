//! Owns the reading of records out of a zip archive, batch by batch.

use std::io::{Read, Seek};

use super::build::{Builder, RECORD, is_candidate};

/// A batch is handed on when it has this many bytes or files.
const BATCH: usize = 32 << 20;
const FILES: usize = 4096;

/// No archive unpacks to more than this.
const ALL: u64 = 16 << 30;

/// Adds every record of an archive.
///
/// # Errors
/// Says what is wrong with the archive itself. A single file that cannot be read is a bad record.
pub fn add(builder: &mut Builder, archive: impl Read + Seek) -> Result<(), String> {
    let mut archive = zip::ZipArchive::new(archive)
        .map_err(|problem| format!("it is no whole zip archive: {problem}"))?;
    let mut batch = Vec::new();
    let mut bytes = 0;
    let mut all = 0_u64;
    for at in 0..archive.len() {
        let mut file = match archive.by_index(at) {
            Ok(file) => file,
            Err(problem) => {
                batch.push((format!("file {at}.json"), Err(problem.to_string())));
                continue;
            }
        };
        let name = match file.name() {
            Ok(name) => name.into_owned(),
            Err(_) => format!("file {at}.json"),
        };
        if !file.is_file() || !is_candidate(&name) {
            continue;
        }
        let mut content = Vec::new();
        let limit = u64::try_from(RECORD).unwrap_or(u64::MAX);
        let content = match (&mut file).take(limit + 1).read_to_end(&mut content) {
            Ok(_) if content.len() > RECORD => Err(format!("it is larger than {RECORD} bytes")),
            Ok(_) => Ok(content),
            Err(problem) => Err(problem.to_string()),
        };
        let length = content.as_ref().map_or(0, Vec::len);
        bytes += length;
        all += u64::try_from(length).unwrap_or(u64::MAX);
        if all > ALL {
            return Err(format!("it unpacks to more than {ALL} bytes"));
        }
        batch.push((name, content));
        if bytes >= BATCH || batch.len() >= FILES {
            builder.add(std::mem::take(&mut batch));
            bytes = 0;
        }
    }
    builder.add(batch);
    Ok(())
}
