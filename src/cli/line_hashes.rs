//! Owns the hashes of the lines at which a SARIF report has results: the one thing that a renderer cannot make of a report.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::run_args::{Format, RunArgs};
use crate::base::path::RepoPath;
use crate::model::report::Report;
use crate::report::sarif;
use crate::source::tree::SourceTree;

/// What is larger, in bytes, is not read for a hash.
const LARGEST: u64 = 32 << 20;

/// Is a report asked for that has the hashes?
#[must_use]
pub fn are_wanted(args: &RunArgs) -> bool {
    let mut formats = args.output.iter().map(|output| output.format);
    args.format == Format::Sarif || formats.any(|format| format == Format::Sarif)
}

/// The hashes, by file and line. A file that is no regular one, is too large or cannot be read has none: the upload action
/// adds what is missing.
#[must_use]
pub fn of(report: &Report, tree: &dyn SourceTree) -> BTreeMap<(RepoPath, u32), String> {
    let lines = sarif::lines(report);
    let hashes = lines.par_iter().flat_map_iter(|(path, lines)| {
        let file = tree.find(path);
        let file = file.filter(|file| file.is_file() && file.size <= LARGEST);
        let content = file.and_then(|file| tree.read(file).ok());
        let hashes = content.map(|content| sarif::line_hash::line_hashes(&content, lines));
        let hashes = hashes.into_iter().flatten();
        hashes.map(|(line, hash)| ((path.clone(), line), hash))
    });
    hashes.collect()
}
