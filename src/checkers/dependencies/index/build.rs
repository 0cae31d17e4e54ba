//! Owns the making of indexes from records, batch by batch. A bad record is listed and hides no other.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::de::IgnoredAny;

use super::manifest::{LISTED, Manifest, seconds};
use super::segment::{self, Flaw};
use crate::checkers::dependencies::inventory::Ecosystem;
use crate::checkers::dependencies::osv::advisory::Advisory;
use crate::checkers::dependencies::osv::record::Record;
use crate::checkers::dependencies::osv::rustsec;

/// No record is longer than this.
pub const RECORD: usize = 16 << 20;

/// A file that may be a record: its name, and its content or why it has none.
pub type File = (String, Result<Vec<u8>, String>);

/// May a file of this path be a record?
#[must_use]
pub fn is_candidate(path: &str) -> bool {
    let hidden = path
        .split(['/', '\\'])
        .any(|part| part.starts_with('.') && part != "." && part != "..");
    let end = path.rsplit('.').next().unwrap_or_default();
    !hidden && matches!(end, "json" | "yaml" | "yml" | "md") && path.contains('.')
}

fn is_json(name: &str) -> bool {
    name.rsplit('.').next() == Some("json")
}

fn is_markdown(name: &str) -> bool {
    name.rsplit('.').next() == Some("md")
}

/// Makes indexes.
#[derive(Debug, Default)]
pub struct Builder {
    shelves: BTreeMap<Ecosystem, Shelf>,
    bad: Vec<String>,
    bad_count: usize,
    others: usize,
    elsewhere: usize,
    newest: i64,
}

/// What is known of an ecosystem so far. Names and bodies lie in one piece of memory.
#[derive(Debug, Default)]
struct Shelf {
    bytes: Vec<u8>,
    /// Where name and body begin and end.
    entries: Vec<[usize; 3]>,
    records: usize,
    withdrawn: usize,
}

enum Read {
    Record {
        parts: Vec<(Ecosystem, String, Vec<u8>)>,
        touched: Vec<Ecosystem>,
        withdrawn: bool,
        newest: i64,
    },
    Other,
    Bad(String),
}

impl Builder {
    /// Adds files.
    pub fn add(&mut self, files: Vec<File>) {
        let read: Vec<Read> = files
            .into_par_iter()
            .map(|(name, content)| read(&name, content))
            .collect();
        for read in read {
            match read {
                Read::Other => self.others += 1,
                Read::Bad(why) => {
                    self.bad_count += 1;
                    if self.bad.len() < LISTED {
                        self.bad.push(why);
                    }
                }
                Read::Record {
                    parts,
                    touched,
                    withdrawn,
                    newest,
                } => {
                    self.newest = self.newest.max(newest);
                    self.elsewhere += usize::from(touched.is_empty());
                    for ecosystem in touched {
                        let of_one = self.shelves.entry(ecosystem).or_default();
                        of_one.records += 1;
                        of_one.withdrawn += usize::from(withdrawn);
                    }
                    for (ecosystem, name, body) in parts {
                        let of_one = self.shelves.entry(ecosystem).or_default();
                        let start = of_one.bytes.len();
                        of_one.bytes.extend_from_slice(name.as_bytes());
                        let middle = of_one.bytes.len();
                        of_one.bytes.extend_from_slice(&body);
                        of_one.entries.push([start, middle, of_one.bytes.len()]);
                    }
                }
            }
        }
    }

    /// The ecosystems that records were found for.
    pub fn ecosystems(&self) -> impl Iterator<Item = Ecosystem> {
        self.shelves.keys().copied()
    }

    /// How many records could not be read, and the first of them.
    #[must_use]
    pub fn bad(&self) -> (usize, &[String]) {
        (self.bad_count, &self.bad)
    }

    /// How many files were no advisories, and how many advisories were of other ecosystems alone.
    #[must_use]
    pub const fn others(&self) -> (usize, usize) {
        (self.others, self.elsewhere)
    }

    /// Writes the index of an ecosystem. `about` tells what the records do not: source, times, checksum. Where it tells no
    /// time of the source, that of the newest record is taken.
    ///
    /// # Errors
    /// When it cannot be encoded.
    pub fn finish(&self, ecosystem: Ecosystem, about: &Manifest) -> Result<Vec<u8>, Flaw> {
        let nothing = Shelf::default();
        let of_one = self.shelves.get(&ecosystem).unwrap_or(&nothing);
        let part = |start: usize, end: usize| &of_one.bytes[start..end];
        let mut order: Vec<(&[u8], &[u8])> = of_one
            .entries
            .iter()
            .map(|&[start, middle, end]| (part(start, middle), part(middle, end)))
            .collect();
        order.par_sort_unstable();
        order.dedup();
        let mut entries: Vec<(&str, Vec<&[u8]>)> = Vec::new();
        for (name, body) in order {
            let name = std::str::from_utf8(name).map_err(|_| Flaw::Broken("name"))?;
            match entries.last_mut() {
                Some((last, bodies)) if *last == name => bodies.push(body),
                _ => entries.push((name, vec![body])),
            }
        }
        let mut manifest = Manifest {
            ecosystem: ecosystem.name().to_owned(),
            records: of_one.records,
            withdrawn: of_one.withdrawn,
            bad: self.bad_count,
            bad_listed: self.bad.clone(),
            ..about.clone()
        };
        if manifest.as_of.is_none() && self.newest > 0 {
            manifest.as_of = Some(self.newest);
            "the newest record".clone_into(&mut manifest.as_of_by);
        }
        segment::write(manifest, &entries)
    }
}

/// Reads a record of JSON or, by the file's name, of YAML or in the form of `RustSec`.
///
/// # Errors
/// Says what is wrong.
pub fn record(name: &str, content: &[u8]) -> Result<Record, String> {
    if is_json(name) {
        return Record::of_json(content);
    }
    let text = std::str::from_utf8(content).map_err(|_| "it is not UTF-8".to_owned())?;
    if is_markdown(name) {
        return rustsec::read(text);
    }
    Record::of_yaml(text)
}

fn read(name: &str, content: Result<Vec<u8>, String>) -> Read {
    let content = match content {
        Ok(content) => content,
        Err(why) => return Read::Bad(format!("{name}: {why}")),
    };
    let record = match record(name, &content) {
        Ok(record) => record,
        Err(_) if is_other(name, &content) => return Read::Other,
        Err(why) => return Read::Bad(format!("{name}: {why}")),
    };
    let times = [&record.modified, &record.published, &record.withdrawn];
    let times = times.into_iter().flatten().filter_map(|time| seconds(time));
    let packages = record
        .affected
        .iter()
        .filter_map(|entry| entry.package.as_ref());
    let mut touched: Vec<Ecosystem> = packages
        .filter_map(|package| Ecosystem::of_name(&package.ecosystem))
        .collect();
    touched.sort_unstable();
    touched.dedup();
    let withdrawn = record.withdrawn.is_some();
    let mut parts = Vec::new();
    if !withdrawn {
        for (ecosystem, name, advisory) in Advisory::of(&record) {
            match postcard::to_stdvec(&advisory) {
                Ok(body) => parts.push((ecosystem, name, body)),
                Err(_) => return Read::Bad(format!("{name}: it cannot be encoded")),
            }
        }
    }
    Read::Record {
        parts,
        touched,
        withdrawn,
        newest: times.max().unwrap_or(0),
    }
}

/// Is it well formed, and nothing like an advisory?
fn is_other(name: &str, content: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Shape {
        #[serde(default)]
        id: Option<IgnoredAny>,
        #[serde(default)]
        affected: Option<IgnoredAny>,
    }
    let is_other = |shape: &Shape| shape.id.is_none() && shape.affected.is_none();
    if is_json(name) {
        return match serde_json::from_slice::<Shape>(content) {
            Ok(shape) => is_other(&shape),
            // A list or a single value, well formed.
            Err(_) => {
                serde_json::from_slice::<IgnoredAny>(content).is_ok()
                    && !content.trim_ascii_start().starts_with(b"{")
            }
        };
    }
    let Ok(text) = std::str::from_utf8(content) else {
        return false;
    };
    if is_markdown(name) {
        return !text.trim_start().starts_with(rustsec::START);
    }
    serde_yaml::from_str::<Shape>(text).is_ok_and(|shape| is_other(&shape))
}
