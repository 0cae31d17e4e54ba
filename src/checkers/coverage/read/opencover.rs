//! Owns the reader of `OpenCover`'s XML: sequence points and branch points of methods; files by number across modules.

use std::collections::BTreeMap;

use quick_xml::events::BytesStart;

use super::super::model::FileCoverage;
use super::numbers;
use super::sink::{Name, Sink};
use super::text::Text;
use super::xml::{self, Step, attribute, whole};

/// The compiler's number of a line that no source has.
const HIDDEN: u64 = 0x00fe_efee;

/// Where the walk is.
#[derive(Default)]
struct Walk {
    /// Files by number; `None` for one whose path is not told.
    paths: BTreeMap<u64, String>,
    files: BTreeMap<u64, FileCoverage>,
    kept: usize,
    class: String,
    method: Option<Method>,
    text: Option<String>,
}

#[derive(Default)]
struct Method {
    name: String,
    file: Option<u64>,
    first: Option<(u64, u32)>,
    ran: bool,
    branches: Vec<Branch>,
}

struct Branch {
    file: Option<u64>,
    line: Option<u64>,
    name: String,
    taken: bool,
}

/// Reads a report.
pub fn read(text: &mut Text<'_>, sink: &mut Sink) -> Result<(), String> {
    let mut walk = Walk::default();
    xml::walk(text, &mut |step| match step {
        Step::Start(element) => {
            walk.start(element, sink);
            if walk.kept > super::sink::MOST {
                return Err("it tells of too many lines".to_owned());
            }
            Ok(())
        }
        Step::Text(text) => {
            if let Some(known) = &mut walk.text {
                known.push_str(text);
            }
            Ok(())
        }
        Step::End(name) => {
            walk.end(name, sink);
            Ok(())
        }
    })?;
    for (number, file) in std::mem::take(&mut walk.files) {
        match walk.paths.get(&number) {
            Some(path) => sink.take(Name::from(path.as_str()), file)?,
            None => sink
                .flaws()
                .note("a point lies in a file that is not listed", || {
                    format!("file {number}")
                }),
        }
    }
    Ok(())
}

impl Walk {
    fn start(&mut self, element: &BytesStart<'_>, sink: &mut Sink) {
        match element.local_name().as_ref() {
            "File" => {
                let path = attribute(element, "fullPath");
                if let (Some(number), Some(path)) = (whole(element, "uid"), path) {
                    self.paths.insert(number, path);
                }
            }
            "FullName" | "Name" => self.text = Some(String::new()),
            "Method" => self.method = Some(Method::default()),
            "FileRef" => {
                if let Some(method) = &mut self.method {
                    method.file = whole(element, "uid");
                }
            }
            "SequencePoint" => self.sequence_point(element, sink),
            "BranchPoint" => {
                if let Some(method) = &mut self.method {
                    let text = |name| attribute(element, name).unwrap_or_default();
                    let hits = attribute(element, "vc");
                    let Some(hits) = hits.and_then(|hits| numbers::hits(&hits)) else {
                        sink.flaws()
                            .note("a point tells nothing", || format!("in {}", method.name));
                        return;
                    };
                    method.branches.push(Branch {
                        file: whole(element, "fileid"),
                        line: whole(element, "sl").filter(|&line| line != HIDDEN && line > 0),
                        name: format!("{}@{}:{}", text("offset"), text("path"), text("ordinal")),
                        taken: hits > 0,
                    });
                }
            }
            _ => {}
        }
    }

    fn sequence_point(&mut self, element: &BytesStart<'_>, sink: &mut Sink) {
        let Some(method) = &mut self.method else {
            return;
        };
        let hits = attribute(element, "vc").and_then(|hits| numbers::hits(&hits));
        let start = whole(element, "sl");
        let at = || format!("in {}", method.name);
        let (Some(hits), Some(start)) = (hits, start) else {
            sink.flaws().note("a point tells nothing", at);
            return;
        };
        if start == HIDDEN {
            return;
        }
        let Some(number) = whole(element, "fileid").or(method.file) else {
            sink.flaws().note("a point lies in no file", at);
            return;
        };
        let Some(start) = sink.number(Some(start), at) else {
            return;
        };
        let end = whole(element, "el").filter(|&end| end != HIDDEN);
        let end = end.and_then(|end| u32::try_from(end).ok()).unwrap_or(start);
        let lines = sink.span(start, end.max(start), at);
        let column = |name| {
            let column = whole(element, name).and_then(|column| u32::try_from(column).ok());
            column.unwrap_or(0)
        };
        let position = (start, column("sc"), end, column("ec"));
        let file = self.files.entry(number).or_default();
        self.kept += 1;
        for line in lines {
            self.kept += usize::from(!file.lines.contains_key(&line));
            file.part(line, hits);
        }
        file.statement(position, hits > 0, 1);
        method.ran |= hits > 0;
        method.first.get_or_insert((number, start));
    }

    fn end(&mut self, name: &str, sink: &mut Sink) {
        match name {
            "FullName" => self.class = self.text.take().unwrap_or_default(),
            "Name" => {
                let text = self.text.take();
                if let (Some(method), Some(text)) = (&mut self.method, text) {
                    method.name = text;
                }
            }
            "Method" => {
                if let Some(method) = self.method.take() {
                    self.close(method, sink);
                }
            }
            _ => {}
        }
    }

    fn close(&mut self, method: Method, sink: &mut Sink) {
        // A method without a line in any source, such as one that the compiler wrote, is nobody's to cover.
        let Some((number, line)) = method.first else {
            return;
        };
        let file = self.files.entry(number).or_default();
        file.function((line, 0, method.name.as_str().into()), method.ran);
        for branch in method.branches {
            let line = branch.line.unwrap_or_else(|| u64::from(line));
            let at = || format!("in {}", method.name);
            let Some(line) = sink.number(Some(line), at) else {
                continue;
            };
            let number = branch.file.or(method.file).unwrap_or(number);
            let file = self.files.entry(number).or_default();
            self.kept += 1;
            file.branch(
                line,
                format!("{}{}", method.name, branch.name),
                branch.taken,
            );
        }
    }
}
