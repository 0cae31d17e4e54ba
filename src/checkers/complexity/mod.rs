//! Owns the checker `complexity`: functions that are hard to follow, too long or too wide, measured on syntax trees.

pub mod facts;
mod limit;
pub mod measure;
pub mod options;

use crate::base::words;
use crate::check::{Checker, Cx, Observed};
use crate::model::evidence::Evidence;
use crate::model::fault::Fault;
use crate::model::finding::Finding;
use crate::model::metric::{Better, Metric, Value};
use crate::model::number::Number;
use crate::model::place::Place;
use crate::model::quantity::{Dimension, Quantity};
use crate::model::rule::Rule;
use crate::source::file::SourceFile;
use crate::source::tree::FileMeta;

use facts::{Facts, Over, Unread};
use limit::{LONG_FILE, Limit};
use options::Options;

/// A configured check.
#[derive(Debug)]
pub struct Complexity(Options);

/// At most so many files are listed.
const LISTED: usize = 20;

impl Checker for Complexity {
    const NAME: &'static str = "complexity";
    const SUMMARY: &'static str =
        "functions that are hard to follow, too long or too wide, in thirteen languages";
    const REVISION: u32 = 2;
    const RULES: &'static [&'static Rule] = &[
        &limit::COGNITIVE,
        &limit::CYCLOMATIC,
        &limit::LONG_FUNCTION,
        &limit::LONG_FILE,
        &limit::DEEP_NESTING,
        &limit::MANY_PARAMETERS,
        &limit::MANY_RETURNS,
        &limit::COMPLEX_CONDITION,
    ];
    const GUIDE: &'static str =
        "How is counted, beside other tools: [complexity](../complexity.md).";
    const METRICS: &'static [Metric] = &[
        Metric::counts(
            "complex_functions",
            &["cognitive-complexity"],
            "functions whose cognitive complexity is over the limit",
        ),
        Metric::counts(
            "branchy_functions",
            &["cyclomatic-complexity"],
            "functions whose cyclomatic complexity is over the limit",
        ),
        Metric::counts(
            "unwieldy_code",
            &[
                "long-function",
                "long-file",
                "deep-nesting",
                "many-parameters",
                "many-returns",
                "complex-condition",
            ],
            "functions and files over another limit of the check",
        ),
        measured(
            "max_cyclomatic",
            "the largest cyclomatic complexity of a function",
        ),
        measured(
            "max_cognitive",
            "the largest cognitive complexity of a function",
        ),
        measured("max_nesting", "how deep control structures nest at most"),
        measured("max_parameters", "the most parameters of a function"),
        measured("max_function_lines", "the most lines of code in a function"),
        measured(
            "average_cyclomatic",
            "the mean cyclomatic complexity of the functions",
        ),
        measured(
            "average_cognitive",
            "the mean cognitive complexity of the functions",
        ),
        measured("functions", "functions that were measured"),
        measured(
            "code_lines",
            "lines of code: neither blank nor comment alone",
        ),
        measured("kloc", "thousands of lines of code"),
    ];

    type Options = Options;
    type Facts = Facts;

    fn new(options: Options) -> Result<Self, String> {
        Ok(Self(options))
    }

    fn options(&self) -> &Options {
        &self.0
    }

    fn wants(&self, file: &FileMeta) -> bool {
        wants(file) && (self.0.tests || !file.class.test)
    }

    fn observe(&self, file: &SourceFile) -> Option<Facts> {
        Facts::of(file, &self.0)
    }

    fn conclude(&self, files: &[Observed<'_, Facts>], cx: &Cx<'_>) -> Result<Evidence, Fault> {
        let mut evidence = Evidence::default();
        let mut sums = Sums::default();
        let (mut flawed, mut packed, mut generated) = (Vec::new(), Vec::new(), 0);
        for Observed { file, facts } in files {
            let Some(facts) = facts else { continue };
            match facts.unread {
                Some(Unread::Generated) => generated += 1,
                Some(Unread::Packed) => packed.push(file.path.to_string()),
                Some(why) => evidence.partial(format!("{}: {}", file.path, why.why())),
                None => sums.add(facts),
            }
            if facts.is_flawed {
                flawed.push(file.path.to_string());
            }
            if facts.more > 0 {
                evidence.partial(format!(
                    "{}: {} more findings than are kept; exclude the file if nobody writes it",
                    file.path, facts.more
                ));
            }
            for over in &facts.over {
                evidence.findings.push(self.finding(file, over));
            }
            if facts.nloc > self.0.file_lines {
                evidence.findings.push(self.long_file(file, facts.nloc));
            }
        }
        let tests = cx.tree.files().iter();
        let tests = tests.filter(|file| !self.0.tests && file.class.test && wants(file));
        let tests = tests.filter(|file| file.language.is_some_and(facts::is_read));
        let tests = tests.count();
        if sums.files == 0 && evidence == Evidence::default() {
            return Ok(Evidence::not_applicable(
                "code in a language that is measured",
            ));
        }
        sums.measure(&mut evidence);
        let mut note = |count: usize, what: &str| {
            if count > 0 {
                let files = words::count(count, "file");
                evidence.notes.push(format!("{files} {what}"));
            }
        };
        note(tests, "of tests not judged (option `tests`)");
        note(generated, Unread::Generated.why());
        note(packed.len(), Unread::Packed.why());
        note(
            flawed.len(),
            "with syntax that was not understood; the rest was measured",
        );
        for (all, each) in [(&packed, "bundle"), (&flawed, "not understood in a part")] {
            let notes = &mut evidence.notes;
            notes.extend(all.iter().take(LISTED).map(|one| format!("{each}: {one}")));
            if all.len() > LISTED {
                notes.push(format!("{each}: {} more", all.len() - LISTED));
            }
        }
        Ok(evidence)
    }
}

/// Is it code that somebody here wrote, or may be?
#[must_use]
pub fn wants(file: &FileMeta) -> bool {
    let class = file.class;
    file.is_file()
        && file.language.is_none_or(facts::is_read)
        && !(class.vendored || class.generated || class.minified || class.lock)
}

const fn measured(name: &'static str, summary: &'static str) -> Metric {
    Metric::measured(name, Dimension::Count, Better::Lower, summary)
}

impl Complexity {
    fn finding(&self, file: &FileMeta, over: &Over) -> Finding {
        let Over {
            limit, value, most, ..
        } = *over;
        let mut help = limit.help().to_owned();
        if !over.parts.is_empty() {
            help.push_str(&format!("; {}", over.parts));
        }
        let place = Place::Part(file.path.clone(), over.span);
        let headline = limit.headline(&over.name, value, most, self.0.strict);
        Finding::new(limit.rule(), place, headline, help)
            .anchored(format!("function {}", over.name))
            .of_amount(value.into())
    }

    fn long_file(&self, file: &FileMeta, nloc: u32) -> Finding {
        let most = self.0.file_lines;
        let headline = format!("the file has {nloc} lines of code, more than {most}");
        let help = "move what belongs together into files of its own";
        Finding::new(&LONG_FILE, Place::File(file.path.clone()), headline, help)
            .anchored("the file")
            .of_amount(nloc.into())
    }
}

/// Sums over all files.
#[derive(Default)]
struct Sums {
    files: u32,
    functions: u64,
    cyclomatic: u64,
    cognitive: u64,
    nloc: u64,
    largest: [u32; Limit::ALL.len()],
}

impl Sums {
    fn add(&mut self, facts: &Facts) {
        self.files += 1;
        self.functions += u64::from(facts.functions);
        self.cyclomatic += facts.cyclomatic;
        self.cognitive += facts.cognitive;
        self.nloc += u64::from(facts.nloc);
        for (all, one) in self.largest.iter_mut().zip(facts.largest) {
            *all = one.max(*all);
        }
    }

    fn largest(&self, limit: Limit) -> u64 {
        let at = Limit::ALL.iter().position(|one| *one == limit);
        at.map_or(0, |at| u64::from(self.largest[at]))
    }

    fn measure(&self, evidence: &mut Evidence) {
        let mut put = |name: &'static str, part: u64, whole: u64| {
            if let Some(number) = Number::ratio(part.into(), whole.into()) {
                let dimension = Dimension::Count;
                evidence.measure(name, Value::Plain(Quantity { number, dimension }));
            }
        };
        put("max_cyclomatic", self.largest(Limit::Cyclomatic), 1);
        put("max_cognitive", self.largest(Limit::Cognitive), 1);
        put("max_nesting", self.largest(Limit::Nesting), 1);
        put("max_parameters", self.largest(Limit::Parameters), 1);
        put("max_function_lines", self.largest(Limit::Lines), 1);
        put("average_cyclomatic", self.cyclomatic, self.functions);
        put("average_cognitive", self.cognitive, self.functions);
        put("functions", self.functions, 1);
        put("code_lines", self.nloc, 1);
        put("kloc", self.nloc, 1_000);
    }
}
