//! Owns the checker `command`: any outside tool, judged by its exit code or its reports. Knows no tool by name.

mod checkstyle;
mod json;
mod junit;
mod lines;
mod options;
mod places;
mod report;
mod run;
mod sarif;
#[cfg(test)]
mod tests;
mod xml;

use crate::check::ports::Finished;
use crate::check::{Checker, Cx, Lane, Observed};
use crate::model::evidence::Evidence;
use crate::model::fault::{Fault, FaultKind};
use crate::model::finding::Finding;
use crate::model::metric::{Better, Metric, Value};
use crate::model::place::Place;
use crate::model::quantity::{Dimension, Quantity};
use crate::model::rule::{Rule, Severity};
use crate::rule;

use options::{Input, Options};
use places::Places;
use report::Report;
use run::{Program, Snapshot};

static COMMAND_FAILED: Rule = rule!("command-failed", High, "2026-11");

/// The largest report that is read, in bytes.
const LARGEST: usize = 64 << 20;

/// The checker.
#[derive(Debug)]
pub struct Command {
    options: Options,
}

impl Checker for Command {
    const NAME: &'static str = "command";
    const SUMMARY: &'static str = "any outside tool, judged by its exit code or its reports";
    const REVISION: u32 = 1;
    const RULES: &'static [&'static Rule] = &[&COMMAND_FAILED];
    const METRICS: &'static [Metric] = &[
        Metric::measured(
            "exit_code",
            Dimension::Count,
            Better::Lower,
            "the tool's exit code",
        ),
        Metric::measured(
            "command_succeeded",
            Dimension::Truth,
            Better::Higher,
            "the exit code is one of `success`",
        ),
        Metric::counts("tool_findings", &[], "findings of the tool"),
        Metric::graded(
            "tool_critical",
            Severity::Critical,
            "findings of the tool, critical",
        ),
        Metric::graded("tool_high", Severity::High, "findings of the tool, high"),
        Metric::graded(
            "tool_medium",
            Severity::Medium,
            "findings of the tool, medium",
        ),
        Metric::graded("tool_low", Severity::Low, "findings of the tool, low"),
        Metric::graded("tool_info", Severity::Info, "findings of the tool, info"),
        Metric::measured(
            "tests_run",
            Dimension::Count,
            Better::Higher,
            "tests run, skipped ones not counted",
        ),
        Metric::measured(
            "tests_failed",
            Dimension::Count,
            Better::Lower,
            "tests that failed or ended in an error",
        ),
        Metric::measured(
            "tests_skipped",
            Dimension::Count,
            Better::Lower,
            "tests skipped",
        ),
        Metric::measured(
            "tests_flaky",
            Dimension::Count,
            Better::Lower,
            "tests that both failed and passed",
        ),
        Metric::measured(
            "test_pass_rate",
            Dimension::Share,
            Better::Higher,
            "passed tests out of those run",
        ),
    ];

    type Options = Options;
    type Facts = ();

    fn new(options: Options) -> Result<Self, String> {
        options.check(Self::METRICS)?;
        Ok(Self { options })
    }

    fn options(&self) -> &Options {
        &self.options
    }

    fn lane(&self) -> Lane {
        if !self.options.runs() {
            return Lane::Artifacts;
        }
        let reads_files = !self.options.globs().is_empty();
        if self.options.writes.unwrap_or(reads_files) {
            Lane::Writes
        } else {
            Lane::Waits
        }
    }

    fn metrics(&self) -> Vec<Metric> {
        self.options.named_metrics()
    }

    fn conclude(&self, _: &[Observed<'_, ()>], cx: &Cx<'_>) -> Result<Evidence, Fault> {
        let globs = self.options.globs();
        let program = Program::of(&self.options);
        let before = match program {
            Some(_) => Snapshot::take(&globs, cx)?,
            None => Snapshot::default(),
        };
        let finished = program
            .as_ref()
            .map(|program| program.run(&self.options, cx))
            .transpose()?;
        let root = cx.ports.surroundings.root();
        let reading = Reading {
            options: &self.options,
            tool: self.tool(program.as_ref()),
            places: Places {
                root: &root,
                folder: self.options.folder.as_ref().map(|folder| &folder.0),
                tree: cx.tree,
            },
            finished: finished.as_ref(),
            before: &before,
            cx,
        };
        let mut report = reading.read()?;
        report.close();
        let mut evidence = Evidence::default();
        if let (Some(program), Some(finished)) = (&program, &finished) {
            self.judge_exit(program, finished, &mut report)?;
            let code = finished.code.unwrap_or_default();
            let plain = Quantity::parse(&code.to_string()).unwrap_or(Quantity::count(0));
            evidence.measure("exit_code", Value::Plain(plain));
            evidence.measure(
                "command_succeeded",
                Value::Plain(Quantity::truth(self.succeeded(finished))),
            );
        }
        evidence.findings = report.findings;
        evidence.measurements.extend(report.measurements);
        evidence.notes = report.notes;
        for why in report.partial {
            evidence.partial(why);
        }
        Ok(evidence)
    }
}

impl Command {
    fn tool(&self, program: Option<&Program>) -> String {
        let name = self.options.tool.as_deref();
        report::slug(
            name.or_else(|| program.map(|program| program.name.as_str()))
                .unwrap_or("tool"),
        )
    }

    fn succeeded(&self, finished: &Finished) -> bool {
        finished
            .code
            .is_some_and(|code| self.options.success.contains(&code))
    }

    /// Sets the exit code against what the reports say. Codes that say nothing about the code never get here.
    fn judge_exit(
        &self,
        program: &Program,
        finished: &Finished,
        report: &mut Report,
    ) -> Result<(), Fault> {
        if self.succeeded(finished) {
            return Ok(());
        }
        let code = finished.code.unwrap_or_default();
        let name = &program.name;
        if self.options.inputs().next().is_none() {
            let place = Place::Object(format!("command {name}"));
            let headline = format!("`{name}` ended with exit code {code}");
            let finding = Finding::new(&COMMAND_FAILED, place, headline, run::help(finished));
            report
                .findings
                .push(finding.anchored(format!("{name} {code}")));
            return Ok(());
        }
        if report.findings.is_empty() && report.suppressed == 0 && report.partial.is_empty() {
            return Err(Fault::new(
                FaultKind::ToolFailed,
                format!("`{name}` ended with exit code {code}, but its report shows no finding"),
                format!(
                    "{}; add {code} to `success` if it means that all is well",
                    run::help(finished)
                ),
            ));
        }
        Ok(())
    }
}

/// The reading of all reports of one run.
struct Reading<'a> {
    options: &'a Options,
    tool: String,
    places: Places<'a>,
    finished: Option<&'a Finished>,
    before: &'a Snapshot,
    cx: &'a Cx<'a>,
}

impl Reading<'_> {
    fn read(&self) -> Result<Report, Fault> {
        let mut report = Report::default();
        let (options, places) = (self.options, &self.places);
        if let Some(input) = &options.sarif {
            self.each(input, |bytes| {
                sarif::read(bytes, places).map(|found| report.merge(found))
            })?;
        }
        if let Some(input) = &options.junit {
            let mut tests = junit::Tests::default();
            self.each(input, |bytes| tests.read(bytes, places, &mut report))?;
            tests.close(&mut report).map_err(|why| {
                let cure = "see that the tests are found, and that none of them is left out";
                Fault::new(FaultKind::Unparsable, why, cure)
            })?;
        }
        if let Some(input) = &options.checkstyle {
            self.each(input, |bytes| {
                checkstyle::read(bytes, &self.tool, places).map(|found| report.merge(found))
            })?;
        }
        if let Some(options) = &options.json {
            let mut documents = 0;
            self.each(&options.from, |bytes| {
                documents += 1;
                if documents > 1 {
                    return Err("it is not the only one: name one file".to_owned());
                }
                json::read(bytes, &options.metrics).map(|found| report.merge(found))
            })?;
        }
        if let Some(lines) = &options.regex {
            let mut texts = 0;
            self.each(&lines.from, |bytes| {
                texts += 1;
                if texts > 1 && !lines.metrics.is_empty() {
                    return Err("it is not the only one: metrics need one file".to_owned());
                }
                lines::read(bytes, lines, &self.tool, places).map(|found| report.merge(found))
            })?;
        }
        Ok(report)
    }

    /// Gives each document of an input to `take`.
    fn each(
        &self,
        input: &Input,
        mut take: impl FnMut(&[u8]) -> Result<(), String>,
    ) -> Result<(), Fault> {
        let stream =
            |name: &str, bytes: &[u8], take: &mut dyn FnMut(&[u8]) -> Result<(), String>| {
                take(bytes).map_err(|why| self.unusable(&format!("the {name}"), &why))
            };
        let output = || {
            let finished = self
                .finished
                .ok_or_else(|| self.unusable("the output", "nothing was run"))?;
            if finished.truncated {
                return Err(self.unusable("the output", "it was cut off"));
            }
            Ok(finished)
        };
        match input {
            Input::Stdout => stream("standard output", &output()?.stdout, &mut take),
            Input::Stderr => stream("standard error", &output()?.stderr, &mut take),
            Input::Files(glob) => {
                let files = self.before.fresh(glob, self.finished.is_some(), self.cx)?;
                for path in files {
                    let bytes = self.cx.ports.artifacts.read(&path, LARGEST as u64)?;
                    take(&bytes)
                        .map_err(|why| self.unusable(&format!("the report {path}"), &why))?;
                }
                Ok(())
            }
        }
    }

    fn unusable(&self, what: &str, why: &str) -> Fault {
        let cure = match self.finished.and_then(|finished| finished.log.as_deref()) {
            Some(log) => format!("see {log} for what the tool says"),
            None => "see that the tool writes its report in this format".to_owned(),
        };
        Fault::new(
            FaultKind::Unparsable,
            format!("{what} cannot be used: {why}"),
            cure,
        )
    }
}
