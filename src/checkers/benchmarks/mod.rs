//! Owns the checker `benchmarks`: did it get slower? Base and head in turn on this machine, or reports against accepted results.

mod ab;
pub mod accepted;
mod compare;
pub mod detect;
pub mod gather;
mod options;
pub mod read;
pub mod record;
mod side;
mod stored;

use crate::base::words::count;
use crate::check::{Checker, Cx, Lane, Observed};
use crate::model::evidence::Evidence;
use crate::model::fault::Fault;
use crate::model::metric::{Better, Metric, Value};
use crate::model::quantity::{Dimension, Quantity};
use crate::model::rule::Rule;
use crate::rule;

pub use options::BASELINE;
use options::{Inconclusive, Options};

static REGRESSION: Rule = rule!("performance-regression", High, "2026-11");
static MISSING: Rule = rule!("benchmark-missing", Medium, "2026-11");
static THRESHOLD: Rule = rule!("load-threshold-crossed", High, "2026-11");

/// The checker.
#[derive(Debug)]
pub struct Benchmarks {
    options: Options,
}

impl Checker for Benchmarks {
    const NAME: &'static str = "benchmarks";
    const SUMMARY: &'static str =
        "benchmarks of base and head in turn on this machine, or reports against accepted results";
    const GUIDE: &'static str = include_str!("guide.md");
    const REVISION: u32 = 1;
    const RULES: &'static [&'static Rule] = &[&REGRESSION, &MISSING, &THRESHOLD];
    const METRICS: &'static [Metric] = &[
        Metric::counts(
            "regressions",
            &["performance-regression"],
            "benchmarks that got worse",
        ),
        Metric::counts(
            "missing_benchmarks",
            &["benchmark-missing"],
            "benchmarks that gave results before and give none now",
        ),
        Metric::counts(
            "crossed_thresholds",
            &["load-threshold-crossed"],
            "thresholds that the tool judged itself and that did not hold",
        ),
        Metric::measured(
            "inconclusive_benchmarks",
            Dimension::Count,
            Better::Lower,
            "benchmarks of which nothing can be said",
        ),
        Metric::measured(
            "benchmarks",
            Dimension::Count,
            Better::Higher,
            "quantities that were compared or read",
        ),
    ];

    type Options = Options;
    type Facts = ();

    fn new(options: Options) -> Result<Self, String> {
        options.check()?;
        Ok(Self { options })
    }

    fn options(&self) -> &Options {
        &self.options
    }

    fn lane(&self) -> Lane {
        if self.options.ab.is_some() {
            Lane::Measures
        } else {
            Lane::Artifacts
        }
    }

    fn gives(&self, metric: &str) -> bool {
        let compares = self.options.ab.is_some() || self.options.baseline.0.is_some();
        match metric {
            "regressions" | "missing_benchmarks" | "inconclusive_benchmarks" => compares,
            "crossed_thresholds" => self.options.ab.is_none(),
            _ => true,
        }
    }

    fn conclude(&self, _: &[Observed<'_, ()>], cx: &Cx<'_>) -> Result<Evidence, Fault> {
        if let Some(ab) = &self.options.ab {
            return ab::conclude(ab, &self.options, cx);
        }
        let gathered = stored::results(&self.options, cx)?;
        let mut evidence = Evidence::default();
        evidence.notes.extend(gathered.notes.iter().cloned());
        evidence.findings.extend(stored::thresholds(&gathered));
        measure(&mut evidence, "benchmarks", gathered.records.len());
        if let Some(baseline) = &self.options.baseline.0 {
            stored::compare(&self.options, baseline, &gathered, cx, &mut evidence)?;
        }
        Ok(evidence)
    }
}

fn measure(evidence: &mut Evidence, metric: &'static str, n: usize) {
    evidence.measure(metric, Value::Plain(Quantity::count(n)));
}

/// Says of which benchmarks nothing can be said: nobody knows then whether the gate holds, unless the options want it otherwise.
fn tell_open(options: &Options, open: Vec<String>, evidence: &mut Evidence) {
    measure(evidence, "inconclusive_benchmarks", open.len());
    if let (false, Inconclusive::Unknown) = (open.is_empty(), options.inconclusive) {
        evidence.partial(format!(
            "nothing can be said of {}, first {}",
            count(open.len(), "benchmark"),
            open[0]
        ));
    }
    evidence.notes.extend(open);
}
