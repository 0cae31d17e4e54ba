//! Owns the checker `modules`: how the files of a repository import each other.

mod facts;
mod findings;
mod forbidden;
mod graph;
mod map;
mod measures;
mod options;
mod read;
mod resolve;
mod unused;
mod ways;

use crate::check::options::Glob;
use crate::check::{Checker, Cx, Observed};
use crate::model::evidence::Evidence;
use crate::model::fault::Fault;
use crate::model::metric::{Better, Metric};
use crate::model::quantity::Dimension;
use crate::model::rule::{Rule, Severity};
use crate::rule;
use crate::source::file::SourceFile;
use crate::source::tree::FileMeta;

use facts::Facts;
use map::Map;
use options::Options;

static IMPORT_CYCLE: Rule = rule!("import-cycle", Medium, "2026-11");
static FORBIDDEN_IMPORT: Rule = rule!("forbidden-import", Medium, "2026-11");
static UNREFERENCED_MODULE: Rule = rule!("unreferenced-module", Low, "2026-11");
static HIGH_FAN_OUT: Rule = rule!("high-fan-out", Low, "2026-11");

const fn part(name: &'static str, better: Better, summary: &'static str) -> Metric {
    Metric::measured(name, Dimension::Count, better, summary)
}

/// A configured check.
#[derive(Debug)]
pub struct Modules(Options);

impl Checker for Modules {
    const NAME: &'static str = "modules";
    const SUMMARY: &'static str = "how files import each other: circles, layers, what nothing uses";
    const REVISION: u32 = 2;
    const RULES: &'static [&'static Rule] = &[
        &IMPORT_CYCLE,
        &FORBIDDEN_IMPORT,
        &UNREFERENCED_MODULE,
        &HIGH_FAN_OUT,
    ];
    const GUIDE: &'static str =
        "How imports are followed, and how is measured: [modules](../modules.md).";
    const METRICS: &'static [Metric] = &[
        Metric::grave(
            "circular_dependencies",
            &["import-cycle"],
            Severity::Low,
            "groups of modules that import each other when they are loaded",
        ),
        Metric::counts(
            "forbidden_imports",
            &["forbidden-import"],
            "imports that a layer or an entry of `forbidden` does not allow",
        ),
        Metric::counts(
            "unreferenced_modules",
            &["unreferenced-module"],
            "modules that nothing imports, runs or names",
        ),
        part(
            "coupling",
            Better::Lower,
            "propagation cost: pairs of modules of which the first depends on the second, straight or over others, of all pairs",
        ),
        part(
            "coupling_factor",
            Better::Lower,
            "pairs of modules of which the first imports the second, of all pairs",
        ),
        part(
            "cohesion",
            Better::Higher,
            "how far the definitions of each file hang together: 1 where each uses the others, straight or over others",
        ),
        part(
            "module_instability",
            Better::Lower,
            "the mean over all modules of those it imports, of those it imports and those that import it",
        ),
        Metric::measured(
            "modules",
            Dimension::Count,
            Better::Lower,
            "modules whose imports were followed",
        ),
        Metric::measured(
            "max_fan_out",
            Dimension::Count,
            Better::Lower,
            "the most modules that one module imports",
        ),
    ];

    type Options = Options;
    type Facts = Facts;

    fn new(options: Options) -> Result<Self, String> {
        options.check()?;
        Ok(Self(options))
    }

    fn options(&self) -> &Options {
        &self.0
    }

    fn wants(&self, file: &FileMeta) -> bool {
        let class = file.class;
        file.is_file()
            && file.language.is_none_or(facts::is_read)
            && !(class.vendored || class.minified || class.lock)
    }

    fn observe(&self, file: &SourceFile) -> Option<Facts> {
        Facts::of(file)
    }

    fn conclude(&self, files: &[Observed<'_, Facts>], cx: &Cx<'_>) -> Result<Evidence, Fault> {
        let read = map::read(files);
        if read.is_empty() {
            return Ok(Evidence::not_applicable(
                "code in a language whose imports are followed",
            ));
        }
        let map = Map::new(files, &read, cx.tree, &self.0);
        let mut evidence = Evidence::default();
        findings::circles(&map, &mut evidence);
        findings::fan_out(&map, &self.0, &mut evidence);
        forbidden::find(&map, &self.0, &mut evidence);
        if self.0.unreferenced {
            unused::find(&map, &self.0, cx.tree, &mut evidence);
        }
        measures::measure(&map, &mut evidence);
        findings::notes(&map, &mut evidence);
        Ok(evidence)
    }

    fn gives(&self, metric: &str) -> bool {
        metric != "unreferenced_modules" || self.0.unreferenced
    }

    fn globs(&self) -> Vec<&Glob> {
        self.0.globs()
    }
}
