//! Owns the coverage of a change: which of its lines can run, and which of those did. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::base::path::RepoPath;
use crate::source::diff::{Diff, FileDiff};

use super::facts::Facts;
use super::model::{Count, FileCoverage, State};
use super::set::Union;

/// What the change brings to one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileChange {
    /// Lines that ran, those in part among them.
    pub covered: BTreeSet<u32>,
    /// Lines that ran in part.
    pub partial: BTreeSet<u32>,
    /// Lines that never ran.
    pub uncovered: BTreeSet<u32>,
    /// Does no report tell of the file?
    pub absent: bool,
    /// Changed lines that were only moved: they are left out.
    pub moved: usize,
}

/// What a change brings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// The files in which lines that can run were changed.
    pub files: BTreeMap<RepoPath, FileChange>,
    /// Changed files of which the reports tell counts only, and no lines.
    pub unknown: Vec<RepoPath>,
}

impl Change {
    /// How many of the changed lines ran.
    #[must_use]
    pub fn count(&self) -> Count {
        let mut all = (0, 0);
        for file in self.files.values() {
            all.0 += file.covered.len() as u64;
            all.1 += (file.covered.len() + file.uncovered.len()) as u64;
        }
        Count::new(all.0, all.1)
    }

    /// How many of the changed lines were only moved.
    #[must_use]
    pub fn moved(&self) -> usize {
        self.files.values().map(|file| file.moved).sum()
    }
}

/// What the judgement needs to know of the files of the tree.
pub trait Sources {
    /// What is known of a file; `None` when it cannot be read, or is no source.
    fn facts(&self, path: &RepoPath) -> Option<Facts>;

    /// Ought the reports to tell of this file?
    fn ought(&self, path: &RepoPath) -> bool;
}

/// Judges a change.
#[must_use]
pub fn judge(diff: &Diff, coverage: &Union, sources: &dyn Sources) -> Change {
    let mut change = Change::default();
    for (path, file) in &diff.files {
        let known = coverage.files.get(path).map(|known| &known.coverage);
        let judged = match known {
            Some(known) if known.lines.is_empty() && known.totals().lines.total > 0 => {
                change.unknown.push(path.clone());
                continue;
            }
            Some(known) => told(file, known, sources.facts(path).as_ref()),
            None if sources.ought(path) => match sources.facts(path) {
                Some(facts) => untold(file, &facts),
                None => continue,
            },
            None => continue,
        };
        if judged.covered.len() + judged.uncovered.len() + judged.moved > 0 {
            change.files.insert(path.clone(), judged);
        }
    }
    change
}

/// The changed lines that were not only moved, up to the last one that counts; and how many were.
fn fresh(file: &FileDiff, last: u32) -> (Vec<u32>, usize) {
    let is_moved = |line: u32| file.moved.iter().any(|range| range.contains(&line));
    let clipped = |range: &Range<u32>| range.start..range.end.min(last.saturating_add(1));
    let lines = file.lines.iter().flat_map(clipped);
    let (moved, fresh): (Vec<u32>, Vec<u32>) = lines.partition(|&line| is_moved(line));
    (fresh, moved.len())
}

/// What the change brings to a file that a report tells of.
fn told(file: &FileDiff, known: &FileCoverage, facts: Option<&Facts>) -> FileChange {
    let last = known.lines.keys().next_back().copied().unwrap_or(0);
    let last = facts.map_or(last, |facts| facts.lines.max(last));
    let (fresh, moved) = fresh(file, last);
    let mut change = FileChange {
        moved,
        ..FileChange::default()
    };
    for line in fresh {
        // A line without code is nobody's to cover, although some formats tell of each line of a block.
        if facts.is_some_and(|facts| !facts.has_code(line)) {
            continue;
        }
        let own = known.state(line).map(|state| (line, state));
        // A change inside of a statement is one of the statement, which the report tells of where it begins.
        let start = || {
            let start = facts?.start_of(line)?;
            Some((start, known.state(start)?))
        };
        match own.or_else(start) {
            Some((line, State::Miss)) => {
                change.uncovered.insert(line);
            }
            Some((line, state)) => {
                change.covered.insert(line);
                if state == State::Partial {
                    change.partial.insert(line);
                }
            }
            None => {}
        }
    }
    change
}

/// What the change brings to a file that no report tells of: nothing of it ran.
fn untold(file: &FileDiff, facts: &Facts) -> FileChange {
    let executable: BTreeSet<u32> = facts.executable().collect();
    let (fresh, moved) = fresh(file, facts.lines);
    let lines = fresh.into_iter().filter(|&line| facts.has_code(line));
    let lines = lines.filter_map(|line| {
        let start = facts
            .start_of(line)
            .filter(|start| executable.contains(start));
        executable.contains(&line).then_some(line).or(start)
    });
    FileChange {
        uncovered: lines.collect(),
        absent: true,
        moved,
        ..FileChange::default()
    }
}

/// Lines as ranges, their last line in them.
#[must_use]
pub fn ranges(lines: &BTreeSet<u32>) -> Vec<(u32, u32)> {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for &line in lines {
        match ranges.last_mut() {
            Some(last) if last.1 + 1 == line => last.1 = line,
            _ => ranges.push((line, line)),
        }
    }
    ranges
}

/// `3, 7-9`.
#[must_use]
pub fn shown(ranges: &[(u32, u32)]) -> String {
    let shown = ranges.iter().map(|&(start, end)| {
        if start == end {
            start.to_string()
        } else {
            format!("{start}-{end}")
        }
    });
    shown.collect::<Vec<_>>().join(", ")
}
