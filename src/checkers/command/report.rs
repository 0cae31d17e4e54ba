//! Owns what the readers have in common: what a report comes down to, severities and texts of foreign findings.

use std::borrow::Cow;

use crate::base::ascii;
use crate::base::words::count;
use crate::model::finding::Finding;
use crate::model::metric::{Measurement, Value};
use crate::model::place::Place;
use crate::model::rule::Severity;

/// More findings than this are not kept: the check is partial then.
const MOST: usize = 50_000;

/// The longest headline, in characters.
const LONGEST: usize = 300;

/// What a report comes down to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What the tool found.
    pub findings: Vec<Finding>,
    /// What it measured.
    pub measurements: Vec<Measurement>,
    /// What is worth saying.
    pub notes: Vec<String>,
    /// Why the report does not tell everything.
    pub partial: Vec<String>,
    /// Findings that the tool itself says are waived.
    pub suppressed: usize,
    overflow: usize,
}

impl Report {
    /// Adds a foreign finding.
    pub fn find(&mut self, found: Found<'_>) {
        if self.findings.len() == MOST {
            self.overflow += 1;
            return;
        }
        let headline = match line(found.message) {
            empty if empty.is_empty() => found.rule.clone(),
            text => text,
        };
        let anchor = found.anchor.unwrap_or_else(|| headline.clone());
        let rule = Cow::Owned(found.rule);
        let finding = Finding::of(
            rule,
            found.severity,
            found.place,
            headline,
            line(found.help),
        );
        self.findings.push(Finding {
            standards: found.standards,
            ..finding.anchored(anchor)
        });
    }

    /// Adds a measurement.
    pub fn measure(&mut self, metric: impl Into<Cow<'static, str>>, value: Value) {
        self.measurements.push(Measurement {
            metric: metric.into(),
            value,
        });
    }

    /// Adds what another report came down to.
    pub fn merge(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.measurements.extend(other.measurements);
        self.notes.extend(other.notes);
        self.partial.extend(other.partial);
        self.suppressed += other.suppressed;
        self.overflow += other.overflow;
    }

    /// Turns the counters into notes.
    pub fn close(&mut self) {
        if self.suppressed > 0 {
            let findings = count(self.suppressed, "finding");
            let verb = if self.suppressed == 1 { "is" } else { "are" };
            let note = format!("{findings} {verb} suppressed by the tool itself");
            self.notes.push(note);
        }
        if self.overflow > 0 {
            let why = format!("{} findings above {MOST} are left out", self.overflow);
            self.partial.push(why);
        }
    }
}

/// A foreign finding; texts are as the tool gave them.
#[derive(Debug)]
pub struct Found<'a> {
    /// `tool/rule`.
    pub rule: String,
    /// How bad it is.
    pub severity: Severity,
    /// Where it is.
    pub place: Place,
    /// The message, of any length.
    pub message: &'a str,
    /// What to do; may be empty.
    pub help: &'a str,
    /// What identifies it when lines move; the headline when the tool gives nothing better.
    pub anchor: Option<String>,
    /// What the field calls its weakness: `CWE-89`.
    pub standards: Vec<String>,
}

/// The first line of a foreign text, bounded, without colours and final full stop.
pub fn line(text: &str) -> String {
    let text = ascii::strip_terminal_sequences(text);
    let first = text.lines().map(str::trim).find(|line| !line.is_empty());
    let first = first.unwrap_or_default();
    let first = first
        .strip_suffix('.')
        .filter(|rest| !rest.ends_with('.'))
        .unwrap_or(first);
    match first.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}...", &first[..at]),
        None => first.to_owned(),
    }
}

/// A tool's name as rule ids have it: `Ruff Linter` is `ruff-linter`.
pub fn slug(name: &str) -> String {
    let words = name
        .split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_')))
        .filter(|word| !word.is_empty());
    let slug = words.collect::<Vec<_>>().join("-").to_ascii_lowercase();
    if slug.is_empty() {
        "tool".to_owned()
    } else {
        slug
    }
}

/// A severity by the words that tools use; `None` for a word that is none.
pub fn severity(word: &str) -> Option<Severity> {
    Some(match word.to_ascii_lowercase().as_str() {
        "critical" | "fatal" | "blocker" | "f" => Severity::Critical,
        "error" | "high" | "err" | "major" | "e" => Severity::High,
        "warning" | "warn" | "medium" | "moderate" | "w" => Severity::Medium,
        "low" | "minor" | "note" | "convention" | "refactor" | "style" | "c" | "r" => Severity::Low,
        "info" | "information" | "informational" | "hint" | "i" => Severity::Info,
        _ => return None,
    })
}
