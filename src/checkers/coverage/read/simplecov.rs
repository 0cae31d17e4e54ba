//! Owns the readers of `SimpleCov`'s JSON: `.resultset.json`, `coverage.json`, and what simplecov-json writes.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::MapAccess;

use super::super::model::{Count, FileCoverage};
use super::json::{self, Entries, Items, Part, Walk};
use super::numbers::Number;
use super::sink::{Name, Sink};
use super::text::Text;

/// What is told of a file: a list of hits, or a map with one.
#[derive(Deserialize)]
#[serde(untagged)]
enum File {
    Lines(Vec<Number>),
    More(More),
}

#[derive(Deserialize)]
struct More {
    #[serde(default)]
    lines: Vec<Number>,
    #[serde(default)]
    branches: Option<Branches>,
    #[serde(default)]
    methods: Option<Methods>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Branches {
    /// By condition, then by branch; both are written as Ruby writes a list.
    Keyed(BTreeMap<String, BTreeMap<String, Number>>),
    Listed(Vec<Branch>),
}

#[derive(Deserialize)]
struct Branch {
    #[serde(default, rename = "type")]
    kind: String,
    start_line: Number,
    end_line: Number,
    coverage: Number,
    #[serde(default)]
    report_line: Option<Number>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Methods {
    Keyed(BTreeMap<String, Number>),
    Listed(Vec<Method>),
}

#[derive(Deserialize)]
struct Method {
    #[serde(default)]
    name: String,
    start_line: Number,
    coverage: Number,
}

/// An item of simplecov-json's `files`.
#[derive(Deserialize)]
struct Listed {
    filename: String,
    coverage: File,
}

/// The document: one of files, or one of commands.
struct Document<'a> {
    sink: &'a mut Sink,
    has_files: bool,
}

/// A command of a result set, or what stands beside the files.
struct Command<'a, 'b>(&'a mut Document<'b>);

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
        Err("it tells of no files".to_owned())
    }
}

#[derive(Deserialize)]
struct Meta {
    #[serde(default)]
    root: Option<String>,
    #[serde(default)]
    commit: Option<String>,
}

impl Document<'_> {
    fn files<'de, A: MapAccess<'de>>(&mut self, map: &mut A) -> Result<(), A::Error> {
        self.has_files = true;
        let sink = &mut *self.sink;
        let mut take = |(path, file): (String, File)| {
            let coverage = file.coverage(&path, sink);
            sink.take(Name::from(path.as_str()), coverage)
        };
        map.next_value_seed(Walk(&mut Entries::new(&mut take)))
    }
}

impl Part for Document<'_> {
    fn map<'de, A: MapAccess<'de>>(&mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "meta" => {
                    let meta: Meta = map.next_value()?;
                    if let Some(commit) = &meta.commit {
                        self.sink.commit(commit);
                    }
                    if let Some(root) = &meta.root {
                        self.sink.root(root);
                    }
                }
                "coverage" => self.files(&mut map)?,
                "files" => {
                    self.has_files = true;
                    let sink = &mut *self.sink;
                    let mut take = |file: Listed| {
                        let coverage = file.coverage.coverage(&file.filename, sink);
                        sink.take(Name::from(file.filename.as_str()), coverage)
                    };
                    map.next_value_seed(Walk(&mut Items::new(&mut take)))?;
                }
                "$schema" | "total" | "timestamp" | "command_name" | "metrics" | "groups"
                | "errors" => {
                    json::skip(&mut map)?;
                }
                _ => map.next_value_seed(Walk(&mut Command(self)))?,
            }
        }
        Ok(())
    }
}

impl Part for Command<'_, '_> {
    fn map<'de, A: MapAccess<'de>>(&mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "coverage" => self.0.files(&mut map)?,
                _ => json::skip(&mut map)?,
            }
        }
        Ok(())
    }
}

impl File {
    fn coverage(self, path: &str, sink: &mut Sink) -> FileCoverage {
        let mut file = FileCoverage::default();
        let at = || format!("in {path}");
        let more = match self {
            Self::Lines(lines) => More {
                lines,
                branches: None,
                methods: None,
            },
            Self::More(more) => more,
        };
        for (line, hits) in (1_u64..).zip(more.lines) {
            // `null` and "ignored" are lines that cannot run, or that nobody asks for.
            if hits == Number::Nothing {
                continue;
            }
            if let Some(line) = sink.number(Some(line), at) {
                let hits = sink.hits(hits.count(), at);
                file.hit(line, hits);
            }
        }
        match more.branches {
            Some(Branches::Keyed(conditions)) => {
                for (condition, branches) in conditions {
                    let place = line_of(&condition);
                    for (branch, hits) in branches {
                        if hits == Number::Nothing {
                            continue;
                        }
                        let taken = sink.hits(hits.count(), at) > 0;
                        if let Some(line) = sink.number(place, at) {
                            file.branch(line, format!("{condition} {branch}"), taken);
                        }
                    }
                }
            }
            Some(Branches::Listed(branches)) => {
                for branch in branches
                    .iter()
                    .filter(|branch| branch.coverage != Number::Nothing)
                {
                    let taken = sink.hits(branch.coverage.count(), at) > 0;
                    let line = branch.report_line.unwrap_or(branch.start_line);
                    let Some(line) = sink.number(line.count(), at) else {
                        continue;
                    };
                    let places = (branch.start_line.count(), branch.end_line.count());
                    let mut nth = 0;
                    // Nothing but the order tells two branches of one line apart.
                    let name = loop {
                        let name = format!("{} {places:?} {nth}", branch.kind);
                        if !file.has_branch(line, &name) {
                            break name;
                        }
                        nth += 1;
                    };
                    file.branch(line, name, taken);
                }
            }
            None => {}
        }
        match more.methods {
            Some(Methods::Keyed(methods)) => {
                for (method, hits) in methods
                    .into_iter()
                    .filter(|(_, hits)| *hits != Number::Nothing)
                {
                    let called = sink.hits(hits.count(), at) > 0;
                    let line = line_of(&method).and_then(|line| u32::try_from(line).ok());
                    file.function((line.unwrap_or(0), 0, method.into()), called);
                }
            }
            Some(Methods::Listed(methods)) => {
                for method in methods
                    .into_iter()
                    .filter(|method| method.coverage != Number::Nothing)
                {
                    let called = sink.hits(method.coverage.count(), at) > 0;
                    let line = method
                        .start_line
                        .count()
                        .and_then(|line| u32::try_from(line).ok());
                    file.function((line.unwrap_or(0), 0, method.name.into()), called);
                }
            }
            None => {}
        }
        // Keeps the promise that a file of which nothing can run is told of all the same.
        if file.lines.is_empty() {
            file.stated.lines = Some(Count::default());
        }
        file
    }
}

/// The line that a list such as `[:if, 0, 6, 4, 10, 7]` or `["Foo", :bar, 8, 2, 11, 5]` begins at: the fourth number from the end.
fn line_of(key: &str) -> Option<u64> {
    let inside = key.trim().strip_suffix(']')?;
    let mut numbers = inside.rsplit(',').map(str::trim);
    numbers.nth(3)?.parse().ok()
}
