//! Two small checkers, so that the grammar is tested whatever the real ones are.

use qgate::check::options::{Glob, Pattern, Time};
use qgate::check::registry::CheckerInfo;
use qgate::check::{Checker, Cx, Observed};
use qgate::model::evidence::Evidence;
use qgate::model::fault::Fault;
use qgate::model::metric::{Better, Metric};
use qgate::model::quantity::Dimension;
use qgate::model::rule::{Rule, Severity};
use serde::{Deserialize, Serialize};

static HASTY: Rule = Rule {
    id: "hasty-answer",
    severity: Severity::High,
    since: "2026-11",
    standards: &[],
    page: "",
};
static LATE: Rule = Rule {
    id: "late-answer",
    severity: Severity::Medium,
    since: "2027-02",
    standards: &[],
    page: "",
};

pub static CHECKERS: &[CheckerInfo] = &[CheckerInfo::of::<Probe>(), CheckerInfo::of::<Tally>()];

#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ProbeOptions {
    url: String,
    period: Option<Time>,
    attempts: u32,
    files: Vec<Glob>,
    pattern: Option<Pattern>,
}

/// Gives metrics of each dimension that matters.
pub struct Probe(ProbeOptions);

impl Checker for Probe {
    const NAME: &'static str = "probe";
    const SUMMARY: &'static str = "asks a service";
    const REVISION: u32 = 1;
    const RULES: &'static [&'static Rule] = &[&HASTY, &LATE];
    const METRICS: &'static [Metric] = &[
        Metric::measured(
            "p95_response_time",
            Dimension::Time,
            Better::Lower,
            "95th percentile",
        ),
        Metric::measured(
            "p99_response_time",
            Dimension::Time,
            Better::Lower,
            "99th percentile",
        ),
        Metric::measured(
            "timeout_rate",
            Dimension::Share,
            Better::Lower,
            "requests without answer",
        ),
        Metric::measured(
            "answered",
            Dimension::Truth,
            Better::Higher,
            "did anybody answer",
        ),
    ];
    type Options = ProbeOptions;
    type Facts = ();

    fn new(options: ProbeOptions) -> Result<Self, String> {
        if options.url == "ftp://" {
            return Err("only http is asked".to_owned());
        }
        Ok(Self(options))
    }

    fn options(&self) -> &ProbeOptions {
        &self.0
    }

    fn conclude(&self, _: &[Observed<'_, ()>], _: &Cx<'_>) -> Result<Evidence, Fault> {
        Ok(Evidence::default())
    }

    fn globs(&self) -> Vec<&Glob> {
        self.0.files.iter().collect()
    }
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TallyOptions {
    limit: u32,
}

/// Counts.
pub struct Tally(TallyOptions);

impl Checker for Tally {
    const NAME: &'static str = "tally";
    const SUMMARY: &'static str = "counts";
    const REVISION: u32 = 1;
    const RULES: &'static [&'static Rule] = &[];
    const METRICS: &'static [Metric] = &[
        Metric::measured("smells", Dimension::Count, Better::Lower, "smells"),
        Metric::measured(
            "line_coverage",
            Dimension::Share,
            Better::Higher,
            "lines run",
        ),
    ];
    type Options = TallyOptions;
    type Facts = ();

    fn new(options: TallyOptions) -> Result<Self, String> {
        Ok(Self(options))
    }

    fn options(&self) -> &TallyOptions {
        &self.0
    }

    fn conclude(&self, _: &[Observed<'_, ()>], _: &Cx<'_>) -> Result<Evidence, Fault> {
        Ok(Evidence::default())
    }
}
