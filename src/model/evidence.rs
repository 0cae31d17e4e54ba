//! Owns evidence: all that one check has to say.

use std::borrow::Cow;

use super::finding::Finding;
use super::metric::{Measurement, Value};
use super::quantity::Quantity;
use super::waiver::Waiver;

/// How much of its subject a check saw.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Completeness {
    /// All of it.
    #[default]
    Complete,
    /// Not all of it, and why.
    Partial(Vec<String>),
    /// There is no subject here, and what was looked for.
    NotApplicable(String),
}

/// What leaves the value of a metric open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// The metric's name.
    pub metric: Cow<'static, str>,
    /// What the value may just as well be: a criterion that is answered otherwise by it is not known. `None` when nothing can
    /// be said of the metric at all.
    pub other: Option<Quantity>,
    /// Why, as a sentence that stands alone.
    pub why: String,
    /// What would cure it: an action.
    pub cure: String,
}

/// All that one check has to say.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Evidence {
    /// What it found, in any order: the engine sorts.
    pub findings: Vec<Finding>,
    /// What it measured. Metrics that count findings are left to the engine.
    pub measurements: Vec<Measurement>,
    /// What leaves measurements open, or says why there is none.
    pub doubts: Vec<Doubt>,
    /// How much of its subject it saw.
    pub completeness: Completeness,
    /// What else is worth saying: declared exclusions, parse errors that were recovered from, flaky tests.
    pub notes: Vec<String>,
    /// What the check's own options let go on for a while.
    pub waivers: Vec<Waiver>,
}

impl Evidence {
    /// There is nothing here for this check: says what was looked for.
    #[must_use]
    pub fn not_applicable(looked_for: impl Into<String>) -> Self {
        Self {
            completeness: Completeness::NotApplicable(looked_for.into()),
            ..Self::default()
        }
    }

    /// Adds a measurement.
    pub fn measure(&mut self, metric: impl Into<Cow<'static, str>>, value: Value) {
        self.measurements.push(Measurement {
            metric: metric.into(),
            value,
        });
    }

    /// Says that a part was not seen, and why.
    pub fn partial(&mut self, why: impl Into<String>) {
        match &mut self.completeness {
            Completeness::Partial(reasons) => reasons.push(why.into()),
            other => *other = Completeness::Partial(vec![why.into()]),
        }
    }
}
