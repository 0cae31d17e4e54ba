//! Owns the options of `benchmarks`: where results come from, what they are compared with, and how much worse is too much.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::base::path::RepoPath;
use crate::check::options::{Folder, Glob, Share, Time};
use crate::model::metric::Better;
use crate::model::number::Number;

use super::detect::{self, Design};
use super::gather::Wishes;

/// Where accepted results are kept when nothing else is said.
pub const BASELINE: &str = ".qgate/benchmarks.json";

/// More pairs than this are no comparison that somebody waits for.
const MOST_PAIRS: usize = 200;

/// Compares results of benchmarks with accepted ones (`reports`), or the change with its base, run side by side on this machine
/// (`ab`).
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Reports that benchmark tools wrote: paths or globs from the root. The content tells the format.
    pub reports: Vec<Glob>,
    /// Accepted results, written by `qgate benchmarks accept`; `none` compares with nothing, and then only thresholds that the
    /// tool judged itself count.
    pub baseline: Baseline,
    /// Runs base and head in turn on this machine, instead of `reports`.
    pub ab: Option<Ab>,
    /// The slowdown that a pass excludes.
    pub max_regression: Share,
    /// The smallest slowdown that is called one; three fifths of `max_regression` when it is not given.
    pub min_effect: Option<Share>,
    /// How much a count that the program alone decides, such as allocations, may rise.
    pub counter_growth: Share,
    /// The metrics that are judged, such as `time` or `allocs/op`. Without it all but ends of ranges, high percentiles and parts
    /// of another metric are.
    pub metrics: Vec<String>,
    /// Which way is better, by metric or unit, where the unit does not tell.
    pub better: BTreeMap<String, Direction>,
    /// What a benchmark is of which nothing can be said.
    pub inconclusive: Inconclusive,
    /// Files that the command reads or runs. In an untrusted run it is held back when the change touches one of them, and at
    /// any change when none is named.
    pub inputs: Vec<Glob>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            reports: Vec::new(),
            baseline: Baseline(Some(BASELINE.to_owned())),
            ab: None,
            max_regression: percent(5),
            min_effect: None,
            counter_growth: percent(1),
            metrics: Vec::new(),
            better: BTreeMap::new(),
            inconclusive: Inconclusive::default(),
            inputs: Vec::new(),
        }
    }
}

fn percent(n: i64) -> Share {
    Share(Number::ratio(n.into(), 100).unwrap_or(Number::ZERO))
}

/// A file from the root, or `none`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Baseline(pub Option<String>);

impl TryFrom<String> for Baseline {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text == "none" {
            return Ok(Self(None));
        }
        RepoPath::new(text.as_bytes())
            .map(|_| Self(Some(text)))
            .ok_or_else(|| "the baseline is a file below the root, or `none`".to_owned())
    }
}

impl From<Baseline> for String {
    fn from(baseline: Baseline) -> Self {
        baseline.0.unwrap_or_else(|| "none".to_owned())
    }
}

impl JsonSchema for Baseline {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "BenchmarkBaseline".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "examples": [BASELINE, "none"] })
    }
}

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
}

impl From<Direction> for Better {
    fn from(direction: Direction) -> Self {
        match direction {
            Direction::Higher => Self::Higher,
            Direction::Lower => Self::Lower,
        }
    }
}

/// What a benchmark is of which nothing can be said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Inconclusive {
    /// Nobody knows whether the gate holds.
    #[default]
    Unknown,
    /// It is said, and counted in `inconclusive_benchmarks`; a gate can have a criterion on that.
    Note,
}

/// A command that is run on the base and on the head, in turn.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Ab {
    /// The program and its arguments. No shell is involved.
    pub run: Vec<String>,
    /// A command line for `sh -c` (`cmd /C` on Windows), instead of `run`.
    pub shell: Option<String>,
    /// A command line that is run once on each side before: `cargo build --release`. The base lies in a folder of its own, with
    /// the files of its commit alone.
    pub build: Option<String>,
    /// The folder to run in, from the root.
    #[serde(rename = "in")]
    pub folder: Option<Folder>,
    /// Variables to set.
    pub env: BTreeMap<String, String>,
    /// What is compared. `report` when `report` is given, else processor time.
    pub measure: Option<Measure>,
    /// Where a benchmark tool leaves its results in each run: `stdout`, or a path or glob from the root.
    pub report: Option<Output>,
    /// How many pairs are run.
    pub pairs: PairsOption,
    /// The longest that all pairs together may take; what is open then is inconclusive. Nine tenths of the check's timeout when
    /// it is not given.
    pub budget: Option<Time>,
    /// The benchmark's name in messages; the program's when it is not given.
    pub name: Option<String>,
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Measure {
    /// Processor time of the command and all it started: user and system. The least noisy.
    Cpu,
    /// The time from start to end.
    Wall,
    /// The results of a benchmark tool.
    Report,
}

/// Where results are.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub enum Output {
    /// On the standard output.
    Stdout,
    /// In files.
    Files(Glob),
}

impl TryFrom<String> for Output {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text == "stdout" {
            return Ok(Self::Stdout);
        }
        Glob::new(&text)
            .map(Self::Files)
            .map_err(|problem| format!("`{text}`: {problem}"))
    }
}

impl From<Output> for String {
    fn from(output: Output) -> Self {
        match output {
            Output::Stdout => "stdout".to_owned(),
            Output::Files(glob) => glob.as_str().to_owned(),
        }
    }
}

impl JsonSchema for Output {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "BenchmarkOutput".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "examples": ["stdout", "target/bench.json"] })
    }
}

/// How many pairs are run.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PairsOption {
    /// Pairs of the first stage, which passes or raises a doubt.
    pub first: usize,
    /// Fresh pairs of the second stage, which alone condemns.
    pub second: usize,
}

impl Default for PairsOption {
    fn default() -> Self {
        let design = Design::default();
        Self {
            first: design.first,
            second: design.second,
        }
    }
}

impl Options {
    /// Do the options fit together?
    ///
    /// # Errors
    /// Says which do not.
    pub fn check(&self) -> Result<(), String> {
        let Some(ab) = &self.ab else {
            if self.reports.is_empty() {
                return Err("name `reports` to read, or a command to run in `ab`".to_owned());
            }
            return self.check_sizes();
        };
        if !self.reports.is_empty() {
            return Err(
                "`reports` and `ab` exclude each other: name the results of a run in `ab.report`"
                    .to_owned(),
            );
        }
        match (ab.run.is_empty(), &ab.shell) {
            (true, None) => return Err("`ab` needs `run` or `shell`".to_owned()),
            (false, Some(_)) => return Err("`ab.run` and `ab.shell` exclude each other".to_owned()),
            _ => {}
        }
        if (ab.measure == Some(Measure::Report)) && ab.report.is_none() {
            return Err(
                "`measure: report` needs `report`: where the results of a run are".to_owned(),
            );
        }
        if ab.report.is_some() && ab.measure.is_some_and(|measure| measure != Measure::Report) {
            return Err("`report` is read with `measure: report` alone".to_owned());
        }
        for (name, pairs) in [("first", ab.pairs.first), ("second", ab.pairs.second)] {
            if !(detect::FEWEST..=MOST_PAIRS).contains(&pairs) {
                return Err(format!(
                    "`pairs.{name}` is from {} to {MOST_PAIRS}: fewer pairs say nothing",
                    detect::FEWEST
                ));
            }
        }
        self.check_sizes()
    }

    fn check_sizes(&self) -> Result<(), String> {
        if self.max_regression.0.is_zero() {
            return Err(
                "`max_regression` is above 0%: no measurement excludes every slowdown".to_owned(),
            );
        }
        if self
            .min_effect
            .is_some_and(|least| least.0 > self.max_regression.0)
        {
            return Err("`min_effect` is at most `max_regression`".to_owned());
        }
        Ok(())
    }

    /// What a comparison is asked.
    #[must_use]
    pub fn design(&self) -> Design {
        let pairs = self.ab.as_ref().map(|ab| ab.pairs).unwrap_or_default();
        let max_regression = real(self.max_regression);
        Design {
            first: pairs.first,
            second: pairs.second,
            max_regression,
            min_effect: self.min_effect.map_or(max_regression * 0.6, real),
        }
    }

    /// What is to be read of reports.
    #[must_use]
    pub fn wishes(&self) -> Wishes {
        let better = self.better.iter();
        Wishes {
            metrics: self.metrics.clone(),
            better: better
                .map(|(name, way)| (name.clone(), (*way).into()))
                .collect(),
        }
    }
}

impl Ab {
    /// What is compared.
    #[must_use]
    pub fn measure(&self) -> Measure {
        let of_report = self.report.as_ref().map(|_| Measure::Report);
        self.measure.or(of_report).unwrap_or(Measure::Cpu)
    }

    /// The benchmark's name for people.
    #[must_use]
    pub fn title(&self) -> String {
        let line = self.shell.as_deref();
        let first = line
            .and_then(|line| line.split_whitespace().next())
            .or_else(|| self.run.first().map(String::as_str));
        let first = first.unwrap_or_default();
        let short = first.rsplit(['/', '\\']).next().unwrap_or(first);
        self.name.clone().unwrap_or_else(|| short.to_owned())
    }
}

/// A share as a number to compute with.
#[must_use]
pub fn real(share: Share) -> f64 {
    share.0.to_decimal(9).parse().unwrap_or(0.0)
}
