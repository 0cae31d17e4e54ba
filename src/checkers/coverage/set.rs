//! Owns the union of several reports: what is known of each file of the repository, and of names that are no file of it.

use std::collections::BTreeMap;

use crate::base::path::RepoPath;
use crate::base::words::count;

use super::model::{FileCoverage, Totals};
use super::paths::{Files, Found};
use super::read::{Format, Name, Report};

/// How many names of a kind are kept to be shown.
const SHOWN: usize = 10;

/// Names of reports of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// How many.
    pub count: usize,
    /// The first ones.
    pub first: Vec<String>,
}

impl Names {
    fn add(&mut self, name: &Name) {
        self.count += 1;
        if self.first.len() < SHOWN {
            self.first.push(name.path.clone());
        }
    }

    fn told(&self, what: &str) -> Option<String> {
        let first = self.first.first()?;
        Some(format!("{what} {} (first {first})", self.count))
    }
}

/// How the names of all reports were matched with files of the repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matching {
    /// Names that are a file of the repository.
    pub matched: usize,
    /// Those of them with other capital letters.
    pub folded: Names,
    /// Names that are no file.
    pub unmatched: Names,
    /// Names that may be one of several files.
    pub ambiguous: Names,
    /// Names of other people's code.
    pub outside: Names,
}

impl Matching {
    /// In one line: `matched 812, unmatched 3 (first x/y.py), ambiguous 1 (first z.py)`.
    #[must_use]
    pub fn told(&self) -> String {
        let rest = [
            self.unmatched.told("unmatched"),
            self.ambiguous.told("ambiguous"),
            self.outside.told("of other people's code"),
            self.folded.told("matched with other capital letters"),
        ];
        let mut told = vec![format!("matched {}", self.matched)];
        told.extend(rest.into_iter().flatten());
        told.join(", ")
    }
}

/// What is known of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its coverage.
    pub coverage: FileCoverage,
    /// The format that told it, the first one of several.
    format: Format,
}

/// The union of reports.
#[derive(Debug, Default)]
pub struct Union {
    /// What is known of files of the repository.
    pub files: BTreeMap<RepoPath, Known>,
    /// What is known under names that are no file of the repository, or where there is no repository.
    pub others: BTreeMap<Name, Known>,
    /// How the names were matched.
    pub matching: Matching,
}

impl Union {
    /// Takes a report; `files`: the repository, if there is one.
    pub fn add(&mut self, report: Report, files: Option<&Files<'_>>) {
        let format = report.format;
        let Some(files) = files else {
            for (name, coverage) in report.files {
                merge(&mut self.others, name, coverage, format);
            }
            return;
        };
        let found = files.find_all(&report);
        self.add_found(report, found);
    }

    /// Takes a report whose names were looked for already: `found` stands in their order.
    pub fn add_found(&mut self, report: Report, found: Vec<Found>) {
        let format = report.format;
        for ((name, coverage), found) in report.files.into_iter().zip(found) {
            match found {
                Found::File { path, folded } => {
                    self.matching.matched += 1;
                    if folded {
                        self.matching.folded.add(&name);
                    }
                    merge(&mut self.files, path, coverage, format);
                    continue;
                }
                Found::Ambiguous => self.matching.ambiguous.add(&name),
                Found::Unmatched => self.matching.unmatched.add(&name),
                Found::Outside => self.matching.outside.add(&name),
            }
            merge(&mut self.others, name, coverage, format);
        }
    }

    /// Adds a file that no report tells of.
    pub fn add_untested(&mut self, path: RepoPath, coverage: FileCoverage) {
        merge(&mut self.files, path, coverage, Format::Lcov);
    }

    /// The counts of the files of the repository.
    #[must_use]
    pub fn totals(&self) -> Totals {
        sum(self.files.values())
    }

    /// The counts of everything.
    #[must_use]
    pub fn all_totals(&self) -> Totals {
        let mut totals = self.totals();
        totals.add(&sum(self.others.values()));
        totals
    }

    /// How many files there are, for people.
    #[must_use]
    pub fn told(&self) -> String {
        count(self.files.len() + self.others.len(), "file")
    }
}

fn sum<'a>(files: impl Iterator<Item = &'a Known>) -> Totals {
    let mut totals = Totals::default();
    for known in files {
        totals.add(&known.coverage.totals());
    }
    totals
}

fn merge<K: Ord>(all: &mut BTreeMap<K, Known>, key: K, coverage: FileCoverage, format: Format) {
    match all.get_mut(&key) {
        Some(known) => known.coverage.merge(coverage, known.format == format),
        None => {
            all.insert(key, Known { coverage, format });
        }
    }
}
