//! Owns metrics: named quantities with a direction, and one run's measurements of them.

use std::borrow::Cow;

use super::number::Number;
use super::quantity::{Dimension, Quantity};
use super::rule::{Rule, Severity};

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
}

/// Where a metric's value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The checker measures it.
    Measured,
    /// The number of findings of these rules that still stand after exemptions; the engine counts them. An empty list
    /// means every rule of the check.
    Counts(&'static [&'static str]),
    /// The number of findings of these rules that still stand and are at least this severe.
    Grave(&'static [&'static str], Severity),
    /// The number of findings of this severity, of whatever rule, that still stand after exemptions.
    Graded(Severity),
    /// The number of findings that still stand of those of these rules which bear this standard: `OWASP`, `CWE-89`.
    Standard(&'static [&'static Rule], &'static str),
}

impl Source {
    /// Does a metric from here count a finding of this rule and severity? `None` when it counts no findings at all.
    #[must_use]
    pub fn counts(self, rule: &str, severity: Severity) -> Option<bool> {
        match self {
            Self::Measured => None,
            Self::Counts(rules) => Some(rules.is_empty() || rules.contains(&rule)),
            Self::Grave(rules, least) => Some(rules.contains(&rule) && severity >= least),
            Self::Graded(wanted) => Some(wanted == severity),
            Self::Standard(rules, standard) => Some(
                rules
                    .iter()
                    .any(|known| known.id == rule && known.bears(standard)),
            ),
        }
    }
}

/// A named quantity that a checker can measure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metric {
    /// The name as gate files write it: lower case, words joined by `_`.
    pub name: Cow<'static, str>,
    /// What it measures.
    pub dimension: Dimension,
    /// Which way is better.
    pub better: Better,
    /// Where its value comes from.
    pub source: Source,
    /// One line for `qgate list metrics`.
    pub summary: Cow<'static, str>,
}

impl Metric {
    /// A metric that counts findings of the rules named (all of the check's rules, when none is): less is better.
    #[must_use]
    pub const fn counts(
        name: &'static str,
        rules: &'static [&'static str],
        summary: &'static str,
    ) -> Self {
        Self {
            name: Cow::Borrowed(name),
            dimension: Dimension::Count,
            better: Better::Lower,
            source: Source::Counts(rules),
            summary: Cow::Borrowed(summary),
        }
    }

    /// A metric that counts findings of these rules that are at least this severe: less is better.
    #[must_use]
    pub const fn grave(
        name: &'static str,
        rules: &'static [&'static str],
        least: Severity,
        summary: &'static str,
    ) -> Self {
        Self {
            name: Cow::Borrowed(name),
            dimension: Dimension::Count,
            better: Better::Lower,
            source: Source::Grave(rules, least),
            summary: Cow::Borrowed(summary),
        }
    }

    /// A metric that counts findings of this severity: less is better.
    #[must_use]
    pub const fn graded(name: &'static str, severity: Severity, summary: &'static str) -> Self {
        Self {
            name: Cow::Borrowed(name),
            dimension: Dimension::Count,
            better: Better::Lower,
            source: Source::Graded(severity),
            summary: Cow::Borrowed(summary),
        }
    }

    /// A metric that counts findings of those of these rules which bear this standard (see [`Rule::bears`]): less is better.
    #[must_use]
    pub const fn standard(
        name: &'static str,
        rules: &'static [&'static Rule],
        standard: &'static str,
        summary: &'static str,
    ) -> Self {
        Self {
            name: Cow::Borrowed(name),
            dimension: Dimension::Count,
            better: Better::Lower,
            source: Source::Standard(rules, standard),
            summary: Cow::Borrowed(summary),
        }
    }

    /// A metric that the checker measures.
    #[must_use]
    pub const fn measured(
        name: &'static str,
        dimension: Dimension,
        better: Better,
        summary: &'static str,
    ) -> Self {
        Self {
            name: Cow::Borrowed(name),
            dimension,
            better,
            source: Source::Measured,
            summary: Cow::Borrowed(summary),
        }
    }
}

/// A metric's value in this run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// A quantity.
    Plain(Quantity),
    /// A share kept as its parts, so that several can be merged without rounding. The whole is above 0.
    Ratio {
        /// How many hold.
        part: u64,
        /// Out of how many.
        whole: u64,
    },
}

impl Value {
    /// A share of a whole; `None` when the whole is empty: nothing was measured then.
    #[must_use]
    pub const fn ratio(part: u64, whole: u64) -> Option<Self> {
        if whole == 0 {
            None
        } else {
            Some(Self::Ratio { part, whole })
        }
    }

    /// The value as a quantity.
    #[must_use]
    pub fn quantity(self) -> Quantity {
        match self {
            Self::Plain(quantity) => quantity,
            Self::Ratio { part, whole } => Quantity {
                number: Number::ratio(part.into(), whole.into()).unwrap_or(Number::ZERO),
                dimension: Dimension::Share,
            },
        }
    }
}

/// One measurement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measurement {
    /// The metric's name.
    pub metric: Cow<'static, str>,
    /// Its value.
    pub value: Value,
}
