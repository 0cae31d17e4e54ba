//! Owns the reader of Cobertura's XML, and of what a dozen tools write like it. Rates are not believed; lines are counted.

use quick_xml::events::BytesStart;

use super::super::model::{Count, FileCoverage};
use super::numbers;
use super::sink::{Name, Sink};
use super::text::Text;
use super::xml::{self, Step, attribute, whole};

/// Where the walk is.
#[derive(Default)]
struct Walk {
    /// The names of the elements that are open, those inside of a class only.
    class: Option<Class>,
    in_methods: bool,
    method: Option<Method>,
    line: Option<Open>,
    source: Option<String>,
    seen: u64,
}

#[derive(Default)]
struct Class {
    path: String,
    name: String,
    /// What the class tells itself.
    own: FileCoverage,
    /// What its methods tell; it counts when the class tells of no line.
    of_methods: FileCoverage,
}

struct Method {
    name: String,
    first: u32,
    hit: bool,
    /// What the method says of itself, for one without lines.
    says: bool,
}

/// A line that is open: its conditions may tell what it does not.
struct Open {
    line: u32,
    branch: bool,
    count: Option<Count>,
    conditions: Count,
}

/// Reads a report.
pub fn read(text: &mut Text<'_>, sink: &mut Sink) -> Result<(), String> {
    let mut walk = Walk::default();
    xml::walk(text, &mut |step| match step {
        Step::Start(element) => {
            walk.start(element, sink);
            Ok(())
        }
        Step::Text(text) => {
            if let Some(source) = &mut walk.source {
                source.push_str(text);
            }
            Ok(())
        }
        Step::End(name) => walk.end(name, sink),
    })
}

impl Walk {
    fn start(&mut self, element: &BytesStart<'_>, sink: &mut Sink) {
        match element.local_name().as_ref() {
            "source" => self.source = Some(String::new()),
            "class" => {
                self.class = Some(Class {
                    path: attribute(element, "filename").unwrap_or_default(),
                    name: attribute(element, "name").unwrap_or_default(),
                    ..Class::default()
                });
            }
            "methods" => self.in_methods = true,
            "method" if self.in_methods => {
                let name = attribute(element, "name").unwrap_or_default();
                let signature = attribute(element, "signature").unwrap_or_default();
                let says = |name| {
                    attribute(element, name)
                        .and_then(|text| text.trim().parse::<f64>().ok())
                        .is_some_and(|number| number > 0.0)
                };
                self.method = Some(Method {
                    name: format!("{name}{signature}"),
                    first: 0,
                    hit: false,
                    says: says("hits") || says("line-rate"),
                });
            }
            "line" if self.class.is_some() => self.line(element, sink),
            "condition" => {
                if let Some(open) = &mut self.line
                    && let Some(share) = attribute(element, "coverage")
                {
                    // Each condition has two outcomes.
                    let share = share
                        .trim()
                        .trim_end_matches('%')
                        .parse()
                        .unwrap_or(0.0_f64);
                    let taken = if share >= 100.0 {
                        2
                    } else {
                        u64::from(share > 0.0)
                    };
                    open.conditions.covered += taken;
                    open.conditions.total += 2;
                }
            }
            _ => {}
        }
    }

    fn line(&mut self, element: &BytesStart<'_>, sink: &mut Sink) {
        let Some(class) = &mut self.class else { return };
        self.seen += 1;
        let number = self.seen;
        let at = || format!("in {}, the {number}. line element", class.path);
        let Some(line) = sink.number(whole(element, "number"), at) else {
            return;
        };
        let hits = attribute(element, "hits").and_then(|text| numbers::hits(&text));
        let hits = sink.hits(hits, at);
        let file = if self.in_methods {
            &mut class.of_methods
        } else {
            &mut class.own
        };
        file.hit(line, hits);
        if let Some(method) = &mut self.method {
            method.hit |= hits > 0;
            if method.first == 0 || line < method.first {
                method.first = line;
            }
        }
        let covered = attribute(element, "condition-coverage");
        let count = covered.as_deref().and_then(conditions);
        if covered.is_some_and(|text| text.contains('(')) && count.is_none() {
            sink.flaws()
                .note("the branches of a line are unreadable", at);
        }
        let branch = attribute(element, "branch");
        self.line = Some(Open {
            line,
            branch: branch.is_some_and(|text| text.eq_ignore_ascii_case("true")),
            count,
            conditions: Count::default(),
        });
    }

    fn end(&mut self, name: &str, sink: &mut Sink) -> Result<(), String> {
        match name {
            "source" => {
                if let Some(source) = self.source.take() {
                    sink.root(&source);
                }
            }
            "line" => {
                if let (Some(open), Some(class)) = (self.line.take(), &mut self.class) {
                    let told = Some(open.conditions).filter(|count| count.total > 0);
                    let count = open.count.or(told.filter(|_| open.branch));
                    let file = if self.in_methods {
                        &mut class.of_methods
                    } else {
                        &mut class.own
                    };
                    if let Some(count) = count {
                        file.branch_count(open.line, count);
                    }
                }
            }
            "method" => {
                if let (Some(method), Some(class)) = (self.method.take(), &mut self.class) {
                    let called = if method.first > 0 {
                        method.hit
                    } else {
                        method.says
                    };
                    let name = format!("{}.{}", class.name, method.name);
                    class.own.function((method.first, 0, name.into()), called);
                }
            }
            "methods" => self.in_methods = false,
            "class" => {
                if let Some(class) = self.class.take() {
                    let mut file = class.own;
                    if file.lines.is_empty() {
                        file.lines = class.of_methods.lines;
                        file.branches = class.of_methods.branches;
                    }
                    sink.take(Name::from(class.path.as_str()), file)?;
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// `50% (1/2)`.
fn conditions(text: &str) -> Option<Count> {
    let (_, counts) = text.split_once('(')?;
    let (covered, total) = counts.split_once(')')?.0.split_once('/')?;
    let covered = covered.trim().parse().ok()?;
    let total = total.trim().parse().ok()?;
    (covered <= total).then(|| Count::new(covered, total))
}
