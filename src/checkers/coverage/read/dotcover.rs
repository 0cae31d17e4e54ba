//! Owns the reader of dotCover's XML: statements with their places in the detailed report; a summary states counts alone.

use std::collections::BTreeMap;

use quick_xml::events::BytesStart;

use super::super::model::{Count, FileCoverage};
use super::sink::{Name, Sink};
use super::text::Text;
use super::xml::{self, Step, attribute, whole};

/// Where the walk is.
#[derive(Default)]
struct Walk {
    paths: BTreeMap<u64, String>,
    files: BTreeMap<u64, FileCoverage>,
    kept: usize,
    total: Option<Count>,
    names: Vec<String>,
    methods: Vec<Method>,
}

#[derive(Default)]
struct Method {
    name: String,
    first: Option<(u64, u32)>,
    ran: bool,
}

/// Reads a report.
pub fn read(text: &mut Text<'_>, sink: &mut Sink) -> Result<(), String> {
    if text.head()?.trim_ascii_start().starts_with(b"{") {
        return Err("its JSON tells of no lines: write the report type DetailedXML".to_owned());
    }
    let mut walk = Walk::default();
    xml::walk(text, &mut |step| match step {
        Step::Start(element) => {
            walk.start(element, sink);
            if walk.kept > super::sink::MOST {
                return Err("it tells of too many lines".to_owned());
            }
            Ok(())
        }
        Step::Text(_) => Ok(()),
        Step::End(name) => {
            walk.end(name);
            Ok(())
        }
    })?;
    if walk.files.is_empty() && walk.total.is_some_and(|count| count.total > 0) {
        return Err(
            "it is a summary that tells of no lines: write the report type DetailedXML".to_owned(),
        );
    }
    for (number, file) in walk.files {
        match walk.paths.get(&number) {
            Some(path) => sink.take(Name::from(path.as_str()), file)?,
            None => sink
                .flaws()
                .note("a statement lies in a file that is not listed", || {
                    format!("file {number}")
                }),
        }
    }
    Ok(())
}

impl Walk {
    fn start(&mut self, element: &BytesStart<'_>, sink: &mut Sink) {
        let name = || attribute(element, "Name").unwrap_or_default();
        match element.local_name().as_ref() {
            "Root" | "CoverageStatistics" => {
                let covered = whole(element, "CoveredStatements").unwrap_or(0);
                let total = whole(element, "TotalStatements");
                self.total = total.map(|total| Count::new(covered, total));
            }
            "File" => {
                if let Some(number) = whole(element, "Index") {
                    self.paths.insert(number, name());
                }
            }
            "Assembly" | "Namespace" | "Type" => self.names.push(name()),
            "Method" | "Constructor" | "Property" | "Event" | "OwnCoverage" | "AnonymousMethod" => {
                self.methods.push(Method {
                    name: format!("{}.{}", self.names.join("."), name()),
                    ..Method::default()
                });
            }
            "Statement" => self.statement(element, sink),
            _ => {}
        }
    }

    fn statement(&mut self, element: &BytesStart<'_>, sink: &mut Sink) {
        let at = || "a statement".to_owned();
        let covered = attribute(element, "Covered").map(|text| text.to_ascii_lowercase());
        let ran = match covered.as_deref() {
            Some("true" | "1") => true,
            Some("false" | "0") => false,
            _ => {
                sink.flaws()
                    .note("a statement does not tell whether it ran", at);
                return;
            }
        };
        let Some(number) = whole(element, "FileIndex") else {
            sink.flaws().note("a statement lies in no file", at);
            return;
        };
        let Some(start) = sink.number(whole(element, "Line"), at) else {
            return;
        };
        let small = |name| whole(element, name).and_then(|number| u32::try_from(number).ok());
        let end = small("EndLine").unwrap_or(start);
        let lines = sink.span(start, end, at);
        let file = self.files.entry(number).or_default();
        self.kept += 1;
        for line in lines {
            self.kept += usize::from(!file.lines.contains_key(&line));
            file.part(line, u64::from(ran));
        }
        let position = (
            start,
            small("Column").unwrap_or(0),
            end,
            small("EndColumn").unwrap_or(0),
        );
        file.statement(position, ran, 1);
        if let Some(method) = self.methods.last_mut() {
            method.ran |= ran;
            method.first.get_or_insert((number, start));
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "Assembly" | "Namespace" | "Type" => {
                self.names.pop();
            }
            "Method" | "Constructor" | "Property" | "Event" | "OwnCoverage" | "AnonymousMethod" => {
                if let Some(method) = self.methods.pop()
                    && let Some((number, line)) = method.first
                {
                    let file = self.files.entry(number).or_default();
                    file.function((line, 0, method.name.into()), method.ran);
                }
            }
            _ => {}
        }
    }
}
