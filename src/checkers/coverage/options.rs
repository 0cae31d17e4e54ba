//! Owns the options of `coverage`: which reports are read, what runs first, which files must be told of, and which floors there are.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::path::RepoPath;
use crate::check::options::{Folder, Glob, Share};
use crate::model::metric::{Better, Metric, Source};
use crate::model::quantity::Dimension;

/// Where tools write their reports when nobody tells them otherwise.
pub const USUAL: &[&str] = &[
    "coverage.xml",
    "cobertura.xml",
    "cobertura-coverage.xml",
    "clover.xml",
    "lcov.info",
    "coverage.lcov",
    "coverage.out",
    "cover.out",
    "coverage.json",
    "coverage/coverage-final.json",
    "coverage/lcov.info",
    "coverage/cobertura-coverage.xml",
    "coverage/clover.xml",
    "coverage/coverage.json",
    "coverage/.resultset.json",
    "target/llvm-cov/lcov.info",
    "target/llvm-cov/coverage.json",
    "target/site/jacoco/jacoco.xml",
    "build/reports/jacoco/test/jacocoTestReport.xml",
    "**/TestResults/*/coverage.cobertura.xml",
];

/// Reads the reports of coverage tools, in any known format, and brings several together. With `run` the tests are run first.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// The reports: paths or globs from the root. The content tells the format. Without any, the usual places are searched.
    pub reports: Vec<Glob>,
    /// What writes the reports, and its arguments: `[pytest, --cov, --cov-report=xml]`. No shell is involved.
    pub run: Vec<String>,
    /// A command line for `sh -c` (`cmd /C` on Windows), instead of `run`.
    pub shell: Option<String>,
    /// The folder to run in, from the root.
    #[serde(rename = "in")]
    pub folder: Option<Folder>,
    /// Variables to set.
    pub env: BTreeMap<String, String>,
    /// Exit codes that mean: it ran, and all is well.
    pub success: Vec<i32>,
    /// Files that the command reads or runs. In an untrusted run it is held back when the change touches one of them, and at
    /// any change when none is named.
    pub inputs: Vec<Glob>,
    /// What a path of a report starts with that is to be taken away.
    pub strip: Vec<String>,
    /// Only files that one of these matches are judged.
    pub only: Vec<Glob>,
    /// Files that one of these matches are not judged.
    pub omit: Vec<Glob>,
    /// Sources that the reports must tell of. See `untested`.
    pub include: Vec<Glob>,
    /// What a file of `include` is that no report tells of: `count`: none of its lines ran; `fail`: a finding besides;
    /// `ignore`: nothing.
    pub untested: Untested,
    /// Floors for parts of the repository, by name. Each gives metrics of its own: `api` gives `api_line_coverage`.
    pub groups: BTreeMap<String, Group>,
    /// Floors that each file must reach.
    pub each_file: Floors,
    /// Floors that each folder must reach with the files directly in it.
    pub each_folder: Floors,
    /// Fewer changed lines that can run are not judged.
    pub min_changed_lines: u32,
    /// How many flaws of reports are put up with.
    pub tolerate_flaws: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            reports: Vec::new(),
            run: Vec::new(),
            shell: None,
            folder: None,
            env: BTreeMap::new(),
            success: vec![0],
            inputs: Vec::new(),
            strip: Vec::new(),
            only: Vec::new(),
            omit: Vec::new(),
            include: Vec::new(),
            untested: Untested::Count,
            groups: BTreeMap::new(),
            each_file: Floors::default(),
            each_folder: Floors::default(),
            min_changed_lines: 20,
            tolerate_flaws: 0,
        }
    }
}

/// What a source is that no report tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Untested {
    /// None of its lines ran.
    Count,
    /// It is a finding, and none of its lines ran.
    Fail,
    /// Nothing is said of it.
    Ignore,
}

/// Floors.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Floors {
    /// Of lines: `80%`.
    pub line: Option<Share>,
    /// Of branches.
    pub branch: Option<Share>,
    /// Of functions.
    pub function: Option<Share>,
}

impl Floors {
    /// Is there any?
    #[must_use]
    pub const fn is_set(&self) -> bool {
        self.line.is_some() || self.branch.is_some() || self.function.is_some()
    }
}

/// A part of the repository.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Its files.
    pub paths: Vec<Glob>,
    /// Of lines: `80%`.
    #[serde(default)]
    pub line: Option<Share>,
    /// Of branches.
    #[serde(default)]
    pub branch: Option<Share>,
    /// Of functions.
    #[serde(default)]
    pub function: Option<Share>,
}

impl Group {
    /// Its floors.
    #[must_use]
    pub fn floors(&self) -> Floors {
        Floors {
            line: self.line,
            branch: self.branch,
            function: self.function,
        }
    }
}

impl Options {
    /// Is anything to be run?
    #[must_use]
    pub fn runs(&self) -> bool {
        !self.run.is_empty() || self.shell.is_some()
    }

    /// Is there any floor?
    #[must_use]
    pub fn has_floors(&self) -> bool {
        let set = |group: &Group| group.floors().is_set();
        self.each_file.is_set() || self.each_folder.is_set() || self.groups.values().any(set)
    }

    /// Where reports are looked for.
    #[must_use]
    pub fn places(&self) -> Vec<Glob> {
        if self.reports.is_empty() {
            USUAL
                .iter()
                .filter_map(|place| Glob::new(place).ok())
                .collect()
        } else {
            self.reports.clone()
        }
    }

    /// The metrics of the groups.
    #[must_use]
    pub fn group_metrics(&self) -> Vec<Metric> {
        let kinds = [
            ("line_coverage", "lines that ran, in this group"),
            ("branch_coverage", "branches taken, in this group"),
            ("function_coverage", "functions called, in this group"),
        ];
        let names = self.groups.keys();
        names
            .flat_map(|group| {
                kinds.map(|(name, summary)| Metric {
                    name: format!("{group}_{name}").into(),
                    dimension: Dimension::Share,
                    better: Better::Higher,
                    source: Source::Measured,
                    summary: summary.into(),
                })
            })
            .collect()
    }

    /// What does not fit together.
    ///
    /// # Errors
    /// Says it.
    pub fn check(&self) -> Result<(), String> {
        if !self.run.is_empty() && self.shell.is_some() {
            return Err("`run` and `shell` exclude each other: keep one".to_owned());
        }
        if self.run.first().is_some_and(String::is_empty) {
            return Err("the first word of `run` is empty: name a program".to_owned());
        }
        if self.runs() && self.reports.is_empty() {
            return Err("`run` needs `reports`: say where the command writes them".to_owned());
        }
        if self.untested != Untested::Count && self.include.is_empty() {
            return Err("`untested` needs `include`: say which files must be tested".to_owned());
        }
        for (name, group) in &self.groups {
            let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
            let good =
                name.starts_with(|c: char| c.is_ascii_lowercase()) && name.bytes().all(plain);
            if !good || matches!(name.as_str(), "new" | "uncovered") {
                return Err(format!(
                    "`{name}` is no name of a group: use lower case words joined by `_`"
                ));
            }
            if group.paths.is_empty() {
                return Err(format!("the group `{name}` has no paths"));
            }
        }
        Ok(())
    }

    /// Is this file judged?
    #[must_use]
    pub fn judges(&self, path: &RepoPath) -> bool {
        let any = |globs: &[Glob]| globs.iter().any(|glob| glob.matches(path));
        (self.only.is_empty() || any(&self.only)) && !any(&self.omit)
    }
}
