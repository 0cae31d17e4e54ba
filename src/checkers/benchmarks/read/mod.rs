//! Owns the reading of benchmark reports: which format a file has, told by its content, and what all formats have in common.
//! Knows no disk.

mod criterion;
mod custom;
mod go;
mod google;
mod hyperfine;
mod jmh;
mod k6;
mod load;
mod pytest;
mod rust;
mod vitest;

use std::collections::{BTreeMap, BTreeSet};

use crate::model::metric::Better;
use crate::source::json::Document;
use crate::source::json_value::Json;

use super::record::Record;

/// More quantities than this are no benchmark report.
const MOST_RECORDS: usize = 100_000;

/// More measurements than this of one quantity are not kept: the median of the first ones stands for them.
const MOST_SAMPLES: usize = 100_000;

/// A threshold that the tool itself judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// The metric.
    pub metric: String,
    /// The expression.
    pub expression: String,
    /// Did it hold?
    pub held: bool,
}

/// What a report says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// The format's name.
    pub format: &'static str,
    /// The quantities, in the report's order.
    pub records: Vec<Record>,
    /// Thresholds that the tool judged.
    pub thresholds: Vec<Threshold>,
    /// What is worth knowing about the report.
    pub notes: Vec<String>,
}

impl Report {
    fn of(format: &'static str) -> Self {
        Self {
            format,
            ..Self::default()
        }
    }

    fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}

/// What no report says of itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hints {
    /// Which way is better where the unit does not tell.
    pub better: Option<Better>,
}

/// Reads one report.
///
/// # Errors
/// Says what is wrong with it, as the rest of a message that starts with its name.
pub fn read(bytes: &[u8], hints: Hints) -> Result<Report, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => utf16(bytes).ok_or("it is not UTF-8")?,
    };
    let mut report = match text.trim_start().as_bytes().first() {
        Some(b'{' | b'[') => json(&text, hints)?,
        Some(_) => words(&text)?,
        None => return Err("it is empty".to_owned()),
    };
    if report.records.is_empty() && report.thresholds.is_empty() {
        return Err(format!("it has no result ({})", report.format));
    }
    if report.records.len() > MOST_RECORDS {
        return Err(format!("it has more than {MOST_RECORDS} results"));
    }
    for record in &mut report.records {
        if !record.value.is_finite() {
            return Err(format!("{} has no finite value", record.key()));
        }
        record.better = record.better.or(hints.better);
        record.samples.truncate(MOST_SAMPLES);
    }
    no_doubles(&report)?;
    Ok(report)
}

/// `PowerShell` redirects output as UTF-16.
fn utf16(bytes: &[u8]) -> Option<String> {
    let rest = bytes.strip_prefix(b"\xff\xfe")?;
    let (pairs, odd) = rest.as_chunks::<2>();
    let units = pairs.iter().map(|pair| u16::from_le_bytes(*pair));
    let text: Result<String, _> = char::decode_utf16(units).collect();
    text.ok().filter(|_| odd.is_empty())
}

/// A name that stands twice would let one result hide the other.
fn no_doubles(report: &Report) -> Result<(), String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (at, record) in report.records.iter().enumerate() {
        if let Some(first) = seen.insert(record.key(), at) {
            return Err(format!(
                "`{}` stands in it twice, as result {} and {}",
                record.key(),
                first + 1,
                at + 1
            ));
        }
    }
    Ok(())
}

fn json(text: &str, hints: Hints) -> Result<Report, String> {
    let document = Document::parse(text).map_err(|flaw| {
        let line = text
            .get(..flaw.at)
            .map_or(0, |before| before.matches('\n').count());
        format!("it is no JSON: {} in line {}", flaw.what, line + 1)
    })?;
    let root = Json::root(&document);
    if !root.is_map() {
        let first = root
            .items()
            .next()
            .ok_or("it has no result (an empty list)")?;
        return if first.has("primaryMetric") {
            jmh::read(root)
        } else if first.has("name") && first.has("value") {
            custom::list(root)
        } else {
            Err(unknown())
        };
    }
    if root.has("machine_info") && root.has("benchmarks") {
        pytest::read(root)
    } else if root.has("context") && root.has("benchmarks") {
        google::read(root)
    } else if root.list("results").any(|result| result.has("command")) {
        hyperfine::read(root)
    } else if root.list("files").any(|file| file.has("groups")) {
        vitest::read(root)
    } else if root
        .get("results")
        .is_some_and(|results| results.has("metrics"))
    {
        k6::machine_readable(root)
    } else if root.has("metrics") && (root.has("root_group") || root.has("state")) {
        k6::summary(root)
    } else if root.has("summary") && root.has("latencyPercentiles") {
        load::oha(root)
    } else if root.has("latencies") && root.has("requests") {
        Ok(load::vegeta(root))
    } else if custom::is_metric_format(root) {
        custom::metric_format(root, hints)
    } else {
        Err(unknown())
    }
}

fn unknown() -> String {
    "it has none of the formats known: criterion, libtest, hyperfine, pytest-benchmark, Go, JMH, Google Benchmark, k6, vitest, oha, \
     vegeta, wrk, hey, customSmallerIsBetter, Bencher's"
        .to_owned()
}

fn words(text: &str) -> Result<Report, String> {
    if let Some(report) = load::text(text) {
        return report;
    }
    // Criterion says `Benchmarking NAME` while it works.
    let is_go = |line: &str| line.starts_with("Benchmark") && !line.starts_with("Benchmarking ");
    if text.lines().any(is_go) {
        return go::read(text);
    }
    let report = rust::read(text)?;
    if report.records.is_empty() {
        return Err(unknown());
    }
    Ok(report)
}

/// A folder that criterion wrote: `new`, with `benchmark.json` in it.
fn criterion_folders(paths: &[String]) -> BTreeSet<&str> {
    let folder = |path: &'_ String| {
        let at = path.strip_suffix("/new/benchmark.json").map(str::len)?;
        Some(at)
    };
    paths
        .iter()
        .filter_map(|path| Some(&path[..folder(path)?]))
        .collect()
}

/// What to read of the files that globs matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A report of its own.
    File(String),
    /// A benchmark's folder of criterion: the folder `new` in it is read.
    Criterion(String),
}

/// Sorts paths, relative to the root with `/` between their parts, into reports. What criterion keeps beside its results, such
/// as the results before these and its pages, is left out.
#[must_use]
pub fn sources(paths: &[String]) -> Vec<Source> {
    let folders = criterion_folders(paths);
    let within = |path: &str| {
        let mut at = path;
        while let Some((folder, _)) = at.rsplit_once('/') {
            if folders.contains(folder) {
                return true;
            }
            at = folder;
        }
        false
    };
    let is_page = |path: &str| {
        let ending = path.rsplit('.').next().unwrap_or_default();
        !folders.is_empty()
            && path.contains("/report/")
            && matches!(ending, "html" | "svg" | "css" | "js")
    };
    let benches = folders
        .iter()
        .map(|&folder| Source::Criterion(folder.to_owned()));
    let files = paths
        .iter()
        .filter(|path| !within(path) && !is_page(path))
        .map(|path| Source::File(path.clone()));
    benches.chain(files).collect()
}

/// The files that a folder of criterion is read from.
pub const CRITERION_FILES: [&str; 3] = [
    "new/benchmark.json",
    "new/estimates.json",
    "new/sample.json",
];

/// Reads a folder of criterion: the content of [`CRITERION_FILES`], in their order; the last one may be empty.
///
/// # Errors
/// As [`read`].
pub fn read_criterion(files: [&[u8]; 3]) -> Result<Report, String> {
    criterion::read(files)
}

#[cfg(test)]
mod tests;
