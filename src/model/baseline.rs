//! Owns the baseline: the findings and the values that were accepted on a date. Knows no file format.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::metric::Value;
use super::trace::Trace;

/// What was accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    /// Findings of gates of scope `new`, by check (`gate.check`) and trace: how many alike, and since when.
    pub findings: BTreeMap<(String, Trace), Accepted>,
    /// Values that a criterion compares with: by gate, and by metric as the criterion names it.
    pub values: BTreeMap<(String, String), Recorded>,
}

/// How many findings alike were accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// How many; at least 1.
    pub count: usize,
    /// The day of the first one.
    pub since: Date,
}

/// A value that was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The value.
    pub value: Value,
    /// The day.
    pub since: Date,
}

impl Baseline {
    /// The accepted findings of a check.
    pub fn of_check(&self, check: &str) -> impl Iterator<Item = (&Trace, &Accepted)> {
        let findings = self.findings.iter();
        findings
            .filter(move |((own, _), _)| own == check)
            .map(|((_, trace), accepted)| (trace, accepted))
    }

    /// The value that was recorded for a criterion.
    #[must_use]
    pub fn value(&self, gate: &str, metric: &str) -> Option<Value> {
        let key = (gate.to_owned(), metric.to_owned());
        self.values.get(&key).map(|recorded| recorded.value)
    }
}
