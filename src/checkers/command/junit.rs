//! Owns the reader of `JUnit` reports: bytes to failed tests and counts; the numbers are counted, not believed.

use std::collections::{BTreeMap, BTreeSet};

use quick_xml::events::BytesStart;

use super::places::{Places, in_file};
use super::report::{Found, Report};
use super::xml::{self, Step, attribute, number};
use crate::base::path::RepoPath;
use crate::model::metric::Value;
use crate::model::place::Place;
use crate::model::quantity::Quantity;
use crate::model::rule::Severity;

/// The most of a failure's text that is kept, in bytes: its first line becomes the headline.
const TEXT: usize = 4096;

/// Classes whose file is searched for; more are left without one.
const CLASSES: usize = 500;

/// The tests of all reports of one check.
#[derive(Debug, Default)]
pub struct Tests {
    run: u64,
    failed: u64,
    skipped: u64,
    flaky: BTreeSet<String>,
    passed_names: BTreeSet<String>,
    failed_names: BTreeSet<String>,
    files: BTreeMap<String, Option<RepoPath>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    Passed,
    Skipped,
    Failed,
    Errored,
}

/// A suite on its way: what its attributes say and what was counted below it.
#[derive(Debug)]
struct Suite {
    name: String,
    said: [Option<u64>; 3],
    counted: [u64; 3],
}

/// A test on its way.
#[derive(Debug)]
struct Test {
    class: String,
    name: String,
    file: String,
    line: u32,
    status: Status,
    flaky: bool,
    message: String,
}

/// Where the walk is.
#[derive(Debug, Default)]
struct Walk {
    suites: Vec<Suite>,
    test: Option<Test>,
    in_failure: bool,
}

impl Tests {
    /// Reads one report.
    ///
    /// # Errors
    /// Says why the report cannot be used.
    pub fn read(
        &mut self,
        bytes: &[u8],
        places: &Places<'_>,
        report: &mut Report,
    ) -> Result<(), String> {
        let mut walk = Walk::default();
        xml::walk(bytes, &["testsuites", "testsuite"], |step| match step {
            Step::Start(element) => walk.start(element, report),
            Step::Text(text) => walk.text(text),
            Step::End(name) => match name {
                "testcase" => {
                    if let Some(test) = walk.test.take() {
                        walk.count(test.status);
                        self.take(&test, places, report);
                    }
                }
                "testsuite" | "testsuites" => walk.end_suite(report),
                "failure" | "error" => walk.in_failure = false,
                _ => {}
            },
        })
    }

    fn take(&mut self, test: &Test, places: &Places<'_>, report: &mut Report) {
        let id = match test.class.as_str() {
            "" => test.name.clone(),
            class => format!("{class}::{}", test.name),
        };
        if test.flaky {
            self.flaky.insert(id.clone());
        }
        match test.status {
            Status::Skipped => self.skipped += 1,
            Status::Passed => {
                self.run += 1;
                self.passed_names.insert(id);
            }
            Status::Failed | Status::Errored => {
                self.run += 1;
                self.failed += 1;
                self.failed_names.insert(id.clone());
                let (rule, verb) = if test.status == Status::Failed {
                    ("junit/failure", "failed")
                } else {
                    ("junit/error", "ended in an error")
                };
                let message = match super::report::line(&test.message) {
                    none if none.is_empty() => format!("test {} {verb}", test.name),
                    said => format!("test {} {verb}: {said}", test.name),
                };
                report.find(Found {
                    rule: rule.to_owned(),
                    severity: Severity::High,
                    place: self.place(test, &id, places),
                    message: &message,
                    help: "run the test by itself, and mend it or what it tests",
                    anchor: Some(id),
                    standards: Vec::new(),
                });
            }
        }
    }

    fn place(&mut self, test: &Test, id: &str, places: &Places<'_>) -> Place {
        let file = match test.file.as_str() {
            "" if self.files.len() < CLASSES || self.files.contains_key(&test.class) => self
                .files
                .entry(test.class.clone())
                .or_insert_with(|| file_of(&test.class, places))
                .clone(),
            "" => None,
            file => places.path(file),
        };
        match file {
            Some(path) => in_file(path, (test.line, 1), (0, 0)),
            None => Place::Object(format!("test {id}")),
        }
    }

    /// Adds the counts to the report.
    ///
    /// # Errors
    /// When no test was run: that is no success.
    pub fn close(mut self, report: &mut Report) -> Result<(), String> {
        if self.run == 0 {
            return Err(match self.skipped {
                0 => "no test was run".to_owned(),
                n => format!("no test was run, {n} were skipped"),
            });
        }
        let both = self.failed_names.intersection(&self.passed_names).cloned();
        self.flaky.extend(both.collect::<Vec<_>>());
        let count =
            |n: u64| Value::Plain(Quantity::count(usize::try_from(n).unwrap_or(usize::MAX)));
        report.measure("tests_run", count(self.run));
        report.measure("tests_failed", count(self.failed));
        report.measure("tests_skipped", count(self.skipped));
        report.measure("tests_flaky", count(self.flaky.len() as u64));
        if let Some(rate) = Value::ratio(self.run - self.failed, self.run) {
            report.measure("test_pass_rate", rate);
        }
        let notes = self.flaky.iter().take(20);
        report
            .notes
            .extend(notes.map(|name| format!("flaky test: {name} failed and passed")));
        Ok(())
    }
}

impl Walk {
    fn start(&mut self, element: &BytesStart<'_>, report: &mut Report) {
        let name = element.local_name();
        let said = |name: &str| attribute(element, name).and_then(|text| text.trim().parse().ok());
        match name.as_ref() {
            "testsuite" | "testsuites" => self.suites.push(Suite {
                name: attribute(element, "name").unwrap_or_default(),
                said: [said("tests"), said("failures"), said("errors")],
                counted: [0; 3],
            }),
            "testcase" => {
                let text = |name| attribute(element, name).unwrap_or_default();
                let not_run = text("status") == "notrun" || text("result") == "suppressed";
                self.test = Some(Test {
                    class: text("classname"),
                    name: text("name"),
                    file: text("file"),
                    line: number(element, "line"),
                    status: if not_run {
                        Status::Skipped
                    } else {
                        Status::Passed
                    },
                    flaky: false,
                    message: String::new(),
                });
            }
            kind @ ("failure" | "error") => {
                let message = attribute(element, "message").unwrap_or_default();
                let Some(test) = &mut self.test else {
                    let suite = self.suites.last().map_or("", |suite| &suite.name);
                    let why = format!("the suite `{suite}` reports an error outside its tests");
                    report.partial.push(why);
                    return;
                };
                self.in_failure = message.trim().is_empty();
                test.message = message;
                test.status = if kind == "error" {
                    Status::Errored
                } else {
                    Status::Failed
                };
            }
            "skipped" => {
                if let Some(test) = &mut self.test
                    && test.status == Status::Passed
                {
                    test.status = Status::Skipped;
                }
            }
            "flakyFailure" | "flakyError" => {
                if let Some(test) = &mut self.test {
                    test.flaky = true;
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(test) = &mut self.test
            && self.in_failure
            && test.message.len() < TEXT
        {
            test.message.push_str(text);
        }
    }

    fn count(&mut self, status: Status) {
        for suite in &mut self.suites {
            suite.counted[0] += 1;
            suite.counted[1] += u64::from(status == Status::Failed);
            suite.counted[2] += u64::from(status == Status::Errored);
        }
    }

    fn end_suite(&mut self, report: &mut Report) {
        let Some(suite) = self.suites.pop() else {
            return;
        };
        let [tests, failures, errors] = suite.said;
        let bad = failures.unwrap_or(0).saturating_add(errors.unwrap_or(0));
        let counted_bad = suite.counted[1] + suite.counted[2];
        if bad > counted_bad {
            report.partial.push(format!(
                "the suite `{}` says that {bad} tests failed, but shows {counted_bad}",
                suite.name
            ));
        } else if tests.is_some_and(|tests| tests != suite.counted[0]) {
            report.notes.push(format!(
                "the suite `{}` says that it has {} tests, but shows {}",
                suite.name,
                tests.unwrap_or(0),
                suite.counted[0]
            ));
        }
    }
}

/// The file of a class, by the customs of Python and of the languages of the JVM.
fn file_of(class: &str, places: &Places<'_>) -> Option<RepoPath> {
    const ENDINGS: [&str; 5] = ["py", "java", "kt", "scala", "groovy"];
    let class = class.split('$').next().unwrap_or(class);
    if class.is_empty() || class.len() > 512 {
        return None;
    }
    let parts: Vec<&str> = class.split('.').collect();
    let exact = (1..=parts.len()).rev().find_map(|n| {
        let stem = parts[..n].join("/");
        ENDINGS.iter().find_map(|ending| {
            let path = places.path(&format!("{stem}.{ending}"))?;
            places.tree.find(&path).map(|file| file.path.clone())
        })
    });
    exact.or_else(|| {
        let stem = parts.join("/");
        ENDINGS
            .iter()
            .find_map(|ending| places.ending(&format!("{stem}.{ending}")))
    })
}
