//! Owns the reader of coverage.py's JSON.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::MapAccess;

use super::super::model::FileCoverage;
use super::json::{self, Entries, Part, Walk};
use super::numbers::Number;
use super::sink::{Name, Sink};
use super::text::Text;

#[derive(Deserialize)]
struct File {
    executed_lines: Vec<Number>,
    missing_lines: Vec<Number>,
    #[serde(default)]
    executed_branches: Vec<(Number, Number)>,
    #[serde(default)]
    missing_branches: Vec<(Number, Number)>,
    #[serde(default)]
    functions: BTreeMap<String, Function>,
}

#[derive(Deserialize)]
struct Function {
    #[serde(default)]
    executed_lines: Vec<Number>,
    #[serde(default)]
    missing_lines: Vec<Number>,
}

struct Document<'a> {
    sink: &'a mut Sink,
    has_files: bool,
}

/// Reads a report.
pub fn read(text: &mut Text<'_>, sink: &mut Sink) -> Result<(), String> {
    let mut document = Document {
        sink,
        has_files: false,
    };
    json::document(text, &mut document)?;
    if document.has_files {
        Ok(())
    } else {
        Err("it has no `files`".to_owned())
    }
}

impl Part for Document<'_> {
    fn map<'de, A: MapAccess<'de>>(&mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if key == "files" {
                self.has_files = true;
                let sink = &mut *self.sink;
                let mut take = |(path, file): (String, File)| {
                    let coverage = file.coverage(&path, sink);
                    sink.take(Name::from(path.as_str()), coverage)
                };
                map.next_value_seed(Walk(&mut Entries::new(&mut take)))?;
            } else {
                json::skip(&mut map)?;
            }
        }
        Ok(())
    }
}

impl File {
    fn coverage(self, path: &str, sink: &mut Sink) -> FileCoverage {
        let mut file = FileCoverage::default();
        let at = || format!("in {path}");
        for (lines, hits) in [(self.executed_lines, 1), (self.missing_lines, 0)] {
            for line in lines {
                if let Some(line) = sink.number(line.count(), at) {
                    file.hit(line, hits);
                }
            }
        }
        for (branches, taken) in [
            (self.executed_branches, true),
            (self.missing_branches, false),
        ] {
            for (from, to) in branches {
                // A negative line is the way out of the code object that starts there; from one, it is a way in.
                let (Number::Of(_) | Number::Negative(_)) = to else {
                    sink.flaws().note("a branch leads nowhere", at);
                    continue;
                };
                let line = match from {
                    Number::Negative(line) => Some(line.unsigned_abs()),
                    from => from.count(),
                };
                if let Some(line) = sink.number(line, at) {
                    let name = match to {
                        Number::Negative(to) => to.to_string(),
                        to => to.count().unwrap_or_default().to_string(),
                    };
                    file.branch(line, name, taken);
                }
            }
        }
        for (name, function) in self.functions {
            // The nameless one is the module, and one without a line has nothing to run.
            let lines = || {
                function
                    .executed_lines
                    .iter()
                    .chain(&function.missing_lines)
            };
            let first = lines().filter_map(|line| line.count()).min();
            if let Some(first) = first.filter(|_| !name.is_empty()) {
                let line = u32::try_from(first).unwrap_or(u32::MAX);
                file.function((line, 0, name.into()), !function.executed_lines.is_empty());
            }
        }
        file
    }
}
