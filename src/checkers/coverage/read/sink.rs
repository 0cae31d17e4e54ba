//! Owns what a reader fills: the files of one report, and what was wrong with it; holds the bound of memory.

use std::collections::BTreeMap;

use super::super::model::FileCoverage;
use super::Format;

/// A line beyond this one is no line of a source file.
pub const LAST_LINE: u64 = 10_000_000;

/// A part of a file that spans more lines than this was not written by a tool that measured it.
const LONGEST_SPAN: u64 = 200_000;

/// The most entries (lines, branches, functions, statements) that are kept of one report.
pub const MOST: usize = 20_000_000;

/// How a report calls a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// The path, as it is written.
    pub path: String,
    /// The module that it is in, where the path is one within a module.
    pub module: String,
}

impl From<&str> for Name {
    fn from(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            module: String::new(),
        }
    }
}

/// What is wrong with a report that could be read in part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flaws(BTreeMap<&'static str, (u64, String)>);

impl Flaws {
    /// Notes one; `at` tells where the first of its kind is.
    pub fn note(&mut self, what: &'static str, at: impl FnOnce() -> String) {
        self.0.entry(what).or_insert_with(|| (0, at())).0 += 1;
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.values().map(|(count, _)| count).sum()
    }

    /// One text for each kind.
    #[must_use]
    pub fn told(&self) -> Vec<String> {
        let told = self.0.iter().map(|(what, (count, first))| match *count {
            1 => format!("{what} ({first})"),
            count => format!("{what} ({count} times, first {first})"),
        });
        told.collect()
    }
}

/// A report that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Its format.
    pub format: Format,
    /// The files that it tells of.
    pub files: BTreeMap<Name, FileCoverage>,
    /// Folders that paths may be relative to.
    pub roots: Vec<String>,
    /// The commit that it says it measured.
    pub commit: Option<String>,
    /// What is wrong with it.
    pub flaws: Flaws,
}

impl Report {
    /// A report that tells of nothing yet.
    #[must_use]
    pub fn empty(format: Format) -> Self {
        Self {
            format,
            files: BTreeMap::new(),
            roots: Vec::new(),
            commit: None,
            flaws: Flaws::default(),
        }
    }
}

/// A report on its way.
#[derive(Debug)]
pub struct Sink {
    report: Report,
    kept: usize,
}

impl Sink {
    /// An empty report.
    pub fn new(format: Format) -> Self {
        Self {
            report: Report::empty(format),
            kept: 0,
        }
    }

    /// What is wrong with the report.
    pub fn flaws(&mut self) -> &mut Flaws {
        &mut self.report.flaws
    }

    /// A folder that paths may be relative to.
    pub fn root(&mut self, folder: &str) {
        let folder = folder.trim();
        if !folder.is_empty()
            && self.report.roots.len() < 1_000
            && !self.report.roots.iter().any(|known| known == folder)
        {
            self.report.roots.push(folder.to_owned());
        }
    }

    /// The commit that was measured.
    pub fn commit(&mut self, id: &str) {
        self.report.commit = Some(id.to_owned());
    }

    /// Takes the coverage of a file, or a part of it.
    ///
    /// # Errors
    /// When the report tells of more than fits into memory.
    pub fn take(&mut self, name: Name, file: FileCoverage) -> Result<(), String> {
        self.kept += 1 + file.weight();
        if self.kept > MOST {
            return Err(format!(
                "it tells of more than {MOST} lines, branches and functions"
            ));
        }
        match self.report.files.get_mut(&name) {
            Some(known) => {
                let before = known.weight();
                let brought = file.weight();
                known.merge(file, true);
                // What was known already takes no more room.
                self.kept -= (before + brought).saturating_sub(known.weight());
            }
            None => {
                self.report.files.insert(name, file);
            }
        }
        Ok(())
    }

    /// A line number as the report writes it; `None`, and a flaw, when it is none.
    pub fn line(&mut self, text: &str, at: impl FnOnce() -> String) -> Option<u32> {
        let number = text.trim().parse::<u64>().ok();
        self.number(number, at)
    }

    /// A line number; `None`, and a flaw, when it is none.
    pub fn number(&mut self, number: Option<u64>, at: impl FnOnce() -> String) -> Option<u32> {
        match number {
            Some(line @ 1..=LAST_LINE) => u32::try_from(line).ok(),
            Some(0) => {
                self.flaws().note("a line has the number 0", at);
                None
            }
            _ => {
                self.flaws()
                    .note("a line has no number that a line can have", at);
                None
            }
        }
    }

    /// Hits as the report writes them; 0, and a flaw, when they are no number of hits.
    pub fn hits(&mut self, hits: Option<u64>, at: impl FnOnce() -> String) -> u64 {
        if hits.is_none() {
            self.flaws().note("hits are negative or no number", at);
        }
        hits.unwrap_or(0)
    }

    /// The lines from `start` to `end`; none, and a flaw, when they are too many.
    pub fn span(
        &mut self,
        start: u32,
        end: u32,
        at: impl FnOnce() -> String,
    ) -> std::ops::RangeInclusive<u32> {
        if end < start {
            self.flaws()
                .note("a part of a file ends before it starts", at);
            return start..=start;
        }
        if u64::from(end - start) > LONGEST_SPAN {
            self.flaws()
                .note("a part of a file spans too many lines", at);
            return start..=start;
        }
        start..=end
    }

    /// Does the report tell of no file so far?
    pub fn is_empty(&self) -> bool {
        self.report.files.is_empty()
    }

    /// The report.
    pub fn close(mut self, replaced: u64) -> Report {
        if replaced > 0 {
            let what = "bytes are no text in the encoding that it should have";
            self.flaws().note(what, || format!("{replaced} of them"));
        }
        self.report
    }
}
