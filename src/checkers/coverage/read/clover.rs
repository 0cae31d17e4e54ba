//! Owns the reader of Clover's XML, and of what `PHPUnit` and Istanbul write like it.

use quick_xml::events::BytesStart;

use super::super::model::{Count, FileCoverage};
use super::numbers;
use super::sink::{Name, Sink};
use super::text::Text;
use super::xml::{self, Step, attribute, whole};

/// The version that Istanbul writes, whoever reads it.
const OF_ISTANBUL: &str = "3.2.0";

/// Where the walk is.
#[derive(Default)]
struct Walk {
    istanbul: bool,
    package: String,
    file: Option<File>,
    depth_of_class: usize,
    /// Are the files those of the tests themselves?
    tests: bool,
}

/// A condition: its line, and two numbers whose meaning depends on who wrote them.
type Condition = (u32, u64, u64);

/// What the numbers of a condition mean.
type Meaning = fn(Condition) -> Count;

#[derive(Default)]
struct File {
    path: String,
    coverage: FileCoverage,
    /// Conditions: the line, and how often each outcome came, or how many outcomes did.
    conditions: Vec<Condition>,
    /// What the file's own metrics state.
    stated: Option<Metrics>,
}

#[derive(Clone, Copy)]
struct Metrics {
    conditionals: Option<Count>,
    methods: Option<Count>,
    statements: Option<Count>,
}

/// Reads a report.
pub fn read(text: &mut Text<'_>, sink: &mut Sink) -> Result<(), String> {
    let mut walk = Walk::default();
    xml::walk(text, &mut |step| match step {
        Step::Start(element) => {
            walk.start(element, sink);
            Ok(())
        }
        Step::Text(_) => Ok(()),
        Step::End(name) => walk.end(name, sink),
    })
}

impl Walk {
    fn start(&mut self, element: &BytesStart<'_>, sink: &mut Sink) {
        match element.local_name().as_ref() {
            "coverage" => {
                self.istanbul = attribute(element, "clover").as_deref() == Some(OF_ISTANBUL);
            }
            "testproject" => self.tests = true,
            "package" => self.package = attribute(element, "name").unwrap_or_default(),
            "file" if !self.tests => {
                let path = attribute(element, "path").filter(|path| !path.is_empty());
                let path = path
                    .or_else(|| attribute(element, "name"))
                    .unwrap_or_default();
                let bare = !path.contains(['/', '\\']);
                let is_java = [".java", ".kt", ".groovy"]
                    .iter()
                    .any(|end| path.ends_with(end));
                let path = if bare && is_java && !self.package.is_empty() {
                    format!("{}/{path}", self.package.replace('.', "/"))
                } else {
                    path
                };
                self.file = Some(File {
                    path,
                    ..File::default()
                });
            }
            "class" => self.depth_of_class += 1,
            "metrics" if self.depth_of_class == 0 => {
                if let Some(file) = &mut self.file {
                    let count = |all, covered| {
                        Some(Count::new(whole(element, covered)?, whole(element, all)?))
                    };
                    file.stated = Some(Metrics {
                        conditionals: count("conditionals", "coveredconditionals"),
                        methods: count("methods", "coveredmethods"),
                        statements: count("statements", "coveredstatements"),
                    });
                }
            }
            "line" => self.line(element, sink),
            _ => {}
        }
    }

    fn line(&mut self, element: &BytesStart<'_>, sink: &mut Sink) {
        let Some(file) = &mut self.file else { return };
        let path = &file.path;
        let at = || format!("in {path}");
        let Some(line) = sink.number(whole(element, "num"), at) else {
            return;
        };
        let hits = |name| attribute(element, name).map(|text| numbers::hits(&text));
        let kind = attribute(element, "type").unwrap_or_default();
        match kind.as_str() {
            "method" => {
                let count = hits("count").unwrap_or(Some(0));
                let count = sink.hits(count, at);
                let name = attribute(element, "name").or_else(|| attribute(element, "signature"));
                let name = name.unwrap_or_default();
                file.coverage.function((line, 0, name.into()), count > 0);
            }
            "cond" => {
                let yes = sink.hits(hits("truecount").unwrap_or(Some(0)), at);
                let no = sink.hits(hits("falsecount").unwrap_or(Some(0)), at);
                // Clover itself counts how often each outcome came, and no more.
                let count = hits("count").unwrap_or(Some(yes.saturating_add(no)));
                let count = sink.hits(count, at);
                file.coverage.hit(line, count);
                file.conditions.push((line, yes, no));
            }
            _ => {
                let count = sink.hits(hits("count").unwrap_or(None), at);
                file.coverage.hit(line, count);
            }
        }
    }

    fn end(&mut self, name: &str, sink: &mut Sink) -> Result<(), String> {
        match name {
            "testproject" => self.tests = false,
            "package" => self.package.clear(),
            "class" => self.depth_of_class = self.depth_of_class.saturating_sub(1),
            "file" => {
                if let Some(file) = self.file.take() {
                    let name = Name::from(file.path.as_str());
                    sink.take(name, file.close(self.istanbul))?;
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// Istanbul writes how many outcomes came and how many did not.
const fn of_istanbul((_, taken, missed): Condition) -> Count {
    Count {
        covered: taken,
        total: taken.saturating_add(missed),
    }
}

/// Clover writes how often each of two outcomes came.
fn of_clover((_, yes, no): Condition) -> Count {
    Count::new(u64::from(yes > 0) + u64::from(no > 0), 2)
}

impl File {
    fn close(mut self, istanbul: bool) -> FileCoverage {
        let sum = |read: Meaning| {
            let counts = self.conditions.iter().map(|&condition| read(condition));
            counts.fold((0_u64, 0_u64), |(covered, total), count| {
                (
                    covered.saturating_add(count.covered),
                    total.saturating_add(count.total),
                )
            })
        };
        // The two meanings of the same attributes are told apart by the sums that the file states; else by who wrote it.
        let stated = self.stated.and_then(|metrics| metrics.conditionals);
        let stated = stated.map(|count| (count.covered, count.total));
        let meanings: [Meaning; 2] = [of_istanbul, of_clover];
        let [first, second] = if istanbul {
            meanings
        } else {
            [meanings[1], meanings[0]]
        };
        let read = if Some(sum(first)) != stated && Some(sum(second)) == stated {
            second
        } else {
            first
        };
        for &condition in &self.conditions {
            self.coverage.branch_count(condition.0, read(condition));
        }
        if let Some(metrics) = self.stated {
            self.coverage.stated.branches = metrics.conditionals;
            self.coverage.stated.functions = metrics.methods;
            self.coverage.stated.statements = metrics.statements;
        }
        self.coverage
    }
}
