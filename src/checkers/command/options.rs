//! Owns the options of `command`: what is run, what its exit codes mean, and which reports are read.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::check::options::{Folder, Glob, Pattern};
use crate::model::metric::{Better, Metric, Source};
use crate::model::quantity::{Dimension, Quantity};
use crate::model::rule::Severity;

/// Runs a tool and judges by its exit code or its reports. With reports and nothing to run, what another step wrote is
/// read.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// The program and its arguments: `[ruff, check, .]`. No shell is involved. A name with a `/` is a path from the
    /// root.
    pub run: Vec<String>,
    /// A command line for `sh -c` (`cmd /C` on Windows), instead of `run`.
    pub shell: Option<String>,
    /// The folder to run in, from the root.
    #[serde(rename = "in")]
    pub folder: Option<Folder>,
    /// Variables to set.
    pub env: BTreeMap<String, String>,
    /// Exit codes that mean: it ran and all is well.
    pub success: Vec<i32>,
    /// Exit codes that mean: it ran and found something. Used when a report is read; without a report every code outside
    /// `success` is a finding.
    pub findings_exit: Vec<i32>,
    /// What to do when the tool is not there: `pip install ruff`.
    pub install: Option<String>,
    /// The tool's name in rule ids, where the report does not tell it. The program's name when it is not given.
    pub tool: Option<String>,
    /// Does it write files that other checks read? Such commands run one at a time, before those checks. Taken as yes
    /// when a report is read from a file.
    pub writes: Option<bool>,
    /// Files that it reads or runs. In an untrusted run the command is held back when the change touches one of them, and
    /// at any change when none is named.
    pub inputs: Vec<Glob>,
    /// A SARIF 2.1.0 report: `stdout`, or a path or glob from the root.
    pub sarif: Option<Input>,
    /// `JUnit` reports: a path or glob from the root, or `stdout`.
    pub junit: Option<Input>,
    /// A checkstyle report: `stdout`, or a path or glob from the root.
    pub checkstyle: Option<Input>,
    /// Numbers in a JSON document.
    pub json: Option<Json>,
    /// Lines of text.
    pub regex: Option<Lines>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            run: Vec::new(),
            shell: None,
            folder: None,
            env: BTreeMap::new(),
            success: vec![0],
            findings_exit: vec![1],
            install: None,
            tool: None,
            writes: None,
            inputs: Vec::new(),
            sarif: None,
            junit: None,
            checkstyle: None,
            json: None,
            regex: None,
        }
    }
}

/// Metrics in a JSON document.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Json {
    /// Where the document is: `stdout`, or a path or glob from the root that matches one file.
    pub from: Input,
    /// The metrics by name: lower case, words joined by `_`.
    pub metrics: BTreeMap<String, JsonMetric>,
}

/// Where one metric is in a JSON document.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JsonMetric {
    /// A JSON pointer: `/totals/percent_covered`. A list or a map there counts its entries.
    pub pointer: String,
    /// The unit of the number there: `%`, `ms`, `MB`; `bool` for yes or no; none for a plain number.
    #[serde(default)]
    pub unit: Unit,
    /// Which way is better.
    pub better: Direction,
}

/// Findings and metrics in lines of text.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lines {
    /// Where the text is: `stdout`, `stderr`, or a path or glob from the root.
    #[serde(default = "stdout")]
    pub from: Input,
    /// Each line that it matches is a finding. Its named groups `file`, `line`, `column`, `message`, `severity` and `rule`
    /// say which.
    #[serde(default)]
    pub pattern: Option<Pattern>,
    /// The severity where the line does not tell it.
    #[serde(default = "medium")]
    pub severity: Severity,
    /// The metrics by name: lower case, words joined by `_`.
    #[serde(default)]
    pub metrics: BTreeMap<String, LineMetric>,
}

/// Where one metric is in lines of text.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LineMetric {
    /// The last line that it matches gives the value, in the named group `value`.
    pub pattern: Pattern,
    /// The unit of the number there, as for `json`.
    #[serde(default)]
    pub unit: Unit,
    /// Which way is better.
    pub better: Direction,
}

const fn stdout() -> Input {
    Input::Stdout
}

const fn medium() -> Severity {
    Severity::Medium
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

/// Where a report is.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub enum Input {
    /// On the standard output.
    Stdout,
    /// On the standard error.
    Stderr,
    /// In files.
    Files(Glob),
}

impl TryFrom<String> for Input {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "stdout" => Ok(Self::Stdout),
            "stderr" => Ok(Self::Stderr),
            _ => Glob::new(&text)
                .map(Self::Files)
                .map_err(|problem| format!("`{text}`: {problem}")),
        }
    }
}

impl From<Input> for String {
    fn from(input: Input) -> Self {
        match input {
            Input::Stdout => "stdout".to_owned(),
            Input::Stderr => "stderr".to_owned(),
            Input::Files(glob) => glob.as_str().to_owned(),
        }
    }
}

/// The unit of a metric that a user names.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Unit {
    text: String,
    dimension: Dimension,
}

impl Default for Unit {
    fn default() -> Self {
        Self {
            text: String::new(),
            dimension: Dimension::Count,
        }
    }
}

impl TryFrom<String> for Unit {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let dimension = if text == "bool" {
            Dimension::Truth
        } else {
            Quantity::parse(&format!("1{text}"))
                .map_err(|problem| format!("`{text}` {problem}"))?
                .dimension
        };
        if text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | '_' | '-')) {
            return Err(format!("`{text}` is no unit"));
        }
        Ok(Self { text, dimension })
    }
}

impl From<Unit> for String {
    fn from(unit: Unit) -> Self {
        unit.text
    }
}

impl Unit {
    /// What the unit measures.
    #[must_use]
    pub const fn dimension(&self) -> Dimension {
        self.dimension
    }

    /// Reads a number in this unit; one that brings a unit of its own must measure the same.
    ///
    /// # Errors
    /// Says what is wrong, as the rest of a message that starts with the text.
    pub fn read(&self, text: &str) -> Result<Quantity, String> {
        let text = text.trim();
        let plain = Quantity::parse(text)?;
        let quantity = if plain.dimension == Dimension::Count && self.dimension != Dimension::Truth
        {
            Quantity::parse(&format!("{text}{}", self.text))?
        } else {
            plain
        };
        if quantity.dimension == self.dimension {
            Ok(quantity)
        } else {
            Err(format!(
                "is a {}, not a {}",
                quantity.dimension, self.dimension
            ))
        }
    }
}

macro_rules! text_schema {
    ($type:ident, $example:literal) => {
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                Cow::Borrowed(concat!("Command", stringify!($type)))
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "examples": [$example] })
            }
        }
    };
}

text_schema!(Input, "stdout");
text_schema!(Unit, "%");

impl Options {
    /// Is anything to be run?
    #[must_use]
    pub fn runs(&self) -> bool {
        !self.run.is_empty() || self.shell.is_some()
    }

    /// The inputs of all reports, in a fixed order.
    pub fn inputs(&self) -> impl Iterator<Item = &Input> {
        [&self.sarif, &self.junit, &self.checkstyle]
            .into_iter()
            .flatten()
            .chain(self.json.as_ref().map(|json| &json.from))
            .chain(self.regex.as_ref().map(|lines| &lines.from))
    }

    /// The globs of the reports that are files.
    #[must_use]
    pub fn globs(&self) -> Vec<Glob> {
        let glob = |input: &Input| match input {
            Input::Files(glob) => Some(glob.clone()),
            Input::Stdout | Input::Stderr => None,
        };
        self.inputs().filter_map(glob).collect()
    }

    /// The metrics that the user named.
    #[must_use]
    pub fn named_metrics(&self) -> Vec<Metric> {
        let json = self.json.iter().flat_map(|json| &json.metrics);
        let json = json.map(|(name, metric)| (name, &metric.unit, metric.better));
        let lines = self.regex.iter().flat_map(|lines| &lines.metrics);
        let lines = lines.map(|(name, metric)| (name, &metric.unit, metric.better));
        json.chain(lines)
            .map(|(name, unit, better)| Metric {
                name: Cow::Owned(name.clone()),
                dimension: unit.dimension(),
                better: match better {
                    Direction::Higher => Better::Higher,
                    Direction::Lower => Better::Lower,
                },
                source: Source::Measured,
                summary: Cow::Borrowed("read from the tool's report"),
            })
            .collect()
    }

    /// What does not fit together.
    ///
    /// # Errors
    /// Says it.
    pub fn check(&self, known: &[Metric]) -> Result<(), String> {
        if !self.run.is_empty() && self.shell.is_some() {
            return Err("`run` and `shell` exclude each other: keep one".to_owned());
        }
        if self.run.first().is_some_and(String::is_empty) {
            return Err("the first word of `run` is empty: name a program".to_owned());
        }
        let from_output = self.inputs().any(|input| !matches!(input, Input::Files(_)));
        if !self.runs() && (from_output || self.inputs().next().is_none()) {
            return Err("there is nothing to run: add `run: [PROGRAM, ARGUMENT]`".to_owned());
        }
        let mut names: Vec<String> = known.iter().map(|metric| metric.name.to_string()).collect();
        for metric in self.named_metrics() {
            let name = metric.name.into_owned();
            let well_formed = name.starts_with(|c: char| c.is_ascii_lowercase())
                && name
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
            if !well_formed {
                return Err(format!(
                    "`{name}` is no metric name: use lower case words joined by `_`"
                ));
            }
            if names.contains(&name) {
                return Err(format!(
                    "the metric `{name}` is there already: choose another name"
                ));
            }
            names.push(name);
        }
        let has_value = |metric: &LineMetric| {
            let mut groups = metric.pattern.regex().capture_names();
            groups.any(|group| group == Some("value"))
        };
        let lines = self.regex.iter().flat_map(|lines| &lines.metrics);
        for (name, metric) in lines {
            if !has_value(metric) {
                return Err(format!(
                    "the pattern of `{name}` has no group `value`: write (?<value>[0-9.]+)"
                ));
            }
        }
        match &self.regex {
            Some(lines) if lines.pattern.is_none() && lines.metrics.is_empty() => {
                Err("`regex` reads nothing: add `pattern` or `metrics`".to_owned())
            }
            _ => Ok(()),
        }
    }
}
