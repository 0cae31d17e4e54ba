//! Owns the checker `coverage`: what tests ran, told by the reports of any coverage tool. Knows no test and no tool by name.

pub mod changed;
mod ends;
pub mod facts;
mod judge;
pub mod model;
pub mod options;
pub mod paths;
pub mod read;
mod reports;
mod run;
pub mod set;

use std::collections::{BTreeMap, BTreeSet};

use crate::base::path::RepoPath;
use crate::check::{Checker, Cx, Lane, Observed};
use crate::model::evidence::Evidence;
use crate::model::fault::Fault;
use crate::model::metric::{Better, Metric};
use crate::model::quantity::Dimension;
use crate::model::rule::Rule;
use crate::rule;
use crate::source::file::SourceFile;
use crate::source::language::Language;
use crate::source::tree::FileMeta;

use facts::Facts;
use judge::Judging;
use options::Options;
use set::Union;

static BELOW_MINIMUM: Rule = rule!("coverage-below-minimum", High, "2026-11");
static UNCOVERED: Rule = rule!("uncovered-new-lines", Medium, "2026-11");
static UNTESTED: Rule = rule!("untested-file", High, "2026-11");

/// The checker.
#[derive(Debug)]
pub struct Coverage {
    options: Options,
}

/// A share of which more is better.
const fn share(name: &'static str, summary: &'static str) -> Metric {
    Metric::measured(name, Dimension::Share, Better::Higher, summary)
}

impl Checker for Coverage {
    const NAME: &'static str = "coverage";
    const SUMMARY: &'static str =
        "what tests ran: lines, branches and functions, in total and of the change";
    const REVISION: u32 = 1;
    const RULES: &'static [&'static Rule] = &[&BELOW_MINIMUM, &UNCOVERED, &UNTESTED];
    const METRICS: &'static [Metric] = &[
        share("line_coverage", "lines that ran, out of those that can run"),
        share("branch_coverage", "branches taken, out of all"),
        share("function_coverage", "functions called, out of all"),
        share(
            "statement_coverage",
            "statements that ran, where the format tells of them",
        ),
        share(
            "coverage",
            "lines and branches together, as coverage.py counts",
        ),
        share(
            "new_line_coverage",
            "changed lines that ran, out of those that can run",
        ),
        Metric::measured(
            "uncovered_lines",
            Dimension::Count,
            Better::Lower,
            "lines that can run and never did",
        ),
        Metric::measured(
            "uncovered_new_lines",
            Dimension::Count,
            Better::Lower,
            "changed lines that can run and never did",
        ),
        Metric::counts(
            "below_minimum",
            &["coverage-below-minimum"],
            "files, folders and groups below their floors",
        ),
        Metric::counts(
            "untested_files",
            &["untested-file"],
            "files of `include` that no report tells of",
        ),
    ];

    type Options = Options;
    type Facts = Facts;

    fn new(options: Options) -> Result<Self, String> {
        options.check()?;
        Ok(Self { options })
    }

    fn options(&self) -> &Options {
        &self.options
    }

    fn wants(&self, file: &FileMeta) -> bool {
        file.is_file()
            && file
                .language
                .is_some_and(|language| LANGUAGES.contains(&language))
    }

    fn observe(&self, file: &SourceFile) -> Option<Facts> {
        Some(Facts::of(file))
    }

    fn conclude(&self, files: &[Observed<'_, Facts>], cx: &Cx<'_>) -> Result<Evidence, Fault> {
        let known = files
            .iter()
            .filter_map(|one| Some((&one.file.path, one.facts.clone()?)));
        let facts: BTreeMap<&RepoPath, Facts> = known.collect();
        let Some(gathered) = reports::gather(&self.options, &facts, cx)? else {
            return Ok(Evidence::not_applicable(
                "no coverage report is at a usual place",
            ));
        };
        let mut evidence = Evidence {
            notes: gathered.notes,
            ..Evidence::default()
        };
        for why in gathered.partial {
            evidence.partial(why);
        }
        let mut coverage = gathered.coverage;
        let mut judging = Judging {
            options: &self.options,
            seen: files.iter().map(|one| (&one.file.path, one.file)).collect(),
            facts: &facts,
            languages: BTreeSet::new(),
        };
        judging.judge(&mut coverage, cx, &mut evidence);
        Ok(evidence)
    }

    fn lane(&self) -> Lane {
        if self.options.runs() {
            Lane::Writes
        } else {
            Lane::Artifacts
        }
    }

    fn gives(&self, metric: &str) -> bool {
        match metric {
            "below_minimum" => self.options.has_floors(),
            "untested_files" => self.options.untested == options::Untested::Fail,
            _ => true,
        }
    }

    fn metrics(&self) -> Vec<Metric> {
        self.options.group_metrics()
    }
}

/// Languages of code that runs in tests.
const LANGUAGES: &[Language] = &[
    Language::Bash,
    Language::C,
    Language::Cpp,
    Language::CSharp,
    Language::Go,
    Language::Java,
    Language::JavaScript,
    Language::Kotlin,
    Language::Perl,
    Language::Php,
    Language::Python,
    Language::Ruby,
    Language::Rust,
    Language::Svelte,
    Language::Swift,
    Language::Tsx,
    Language::TypeScript,
    Language::Vue,
];

/// Is the file code that somebody here wrote, and that tests can run?
#[must_use]
pub fn is_source(file: &FileMeta) -> bool {
    let class = file.class;
    file.is_file()
        && file
            .language
            .is_some_and(|language| LANGUAGES.contains(&language))
        && !class.vendored
        && !class.generated
        && !class.minified
        && !class.docs
}

/// The languages of the files that reports tell of.
#[must_use]
pub fn languages(coverage: &Union) -> BTreeSet<Language> {
    coverage
        .files
        .keys()
        .filter_map(Language::of_path)
        .collect()
}
