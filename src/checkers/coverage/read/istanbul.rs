//! Owns the readers of Istanbul's JSON: `coverage-final.json`, where a line ran as often as the statement that starts on it and ran
//! most, and `coverage-summary.json`, which states counts alone.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::super::model::{Count, FileCoverage};
use super::json::{self, Entries};
use super::numbers::Number;
use super::sink::{Name, Sink};
use super::text::Text;

#[derive(Deserialize)]
#[serde(untagged)]
enum Wrapped {
    Of { data: Box<File> },
    Plain(Box<File>),
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct File {
    #[serde(default)]
    path: Option<String>,
    #[serde(default)]
    all: bool,
    #[serde(default)]
    statement_map: BTreeMap<String, Range>,
    #[serde(default)]
    s: BTreeMap<String, Number>,
    #[serde(default)]
    fn_map: BTreeMap<String, Function>,
    #[serde(default)]
    f: BTreeMap<String, Number>,
    #[serde(default)]
    branch_map: BTreeMap<String, Branch>,
    #[serde(default)]
    b: BTreeMap<String, Vec<Number>>,
}

#[derive(Deserialize, Clone, Copy)]
struct Range {
    #[serde(default)]
    start: Point,
    #[serde(default)]
    end: Point,
}

#[derive(Deserialize, Clone, Copy)]
struct Point {
    #[serde(default = "nothing")]
    line: Number,
    #[serde(default = "nothing")]
    column: Number,
}

const fn nothing() -> Number {
    Number::Nothing
}

impl Default for Point {
    fn default() -> Self {
        Self {
            line: Number::Nothing,
            column: Number::Nothing,
        }
    }
}

#[derive(Deserialize)]
struct Function {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    line: Option<Number>,
    #[serde(default)]
    decl: Option<Range>,
    #[serde(default)]
    loc: Option<Range>,
}

#[derive(Deserialize)]
struct Branch {
    #[serde(default)]
    line: Option<Number>,
    #[serde(default)]
    loc: Option<Range>,
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    locations: Vec<Range>,
}

/// Reads `coverage-final.json`.
pub fn read(text: &mut Text<'_>, sink: &mut Sink) -> Result<(), String> {
    let mut take = |(key, value): (String, Wrapped)| {
        let (Wrapped::Of { data } | Wrapped::Plain(data)) = value;
        let path = data
            .path
            .clone()
            .filter(|path| !path.is_empty())
            .unwrap_or(key);
        let coverage = data.coverage(&path, sink);
        sink.take(Name::from(path.as_str()), coverage)
    };
    json::document(text, &mut Entries::new(&mut take))
}

fn small(number: Number) -> u32 {
    number
        .count()
        .and_then(|number| u32::try_from(number).ok())
        .unwrap_or(0)
}

impl File {
    fn coverage(self, path: &str, sink: &mut Sink) -> FileCoverage {
        let mut file = FileCoverage {
            idle: self.all,
            ..FileCoverage::default()
        };
        let at = || format!("in {path}");
        for (id, range) in &self.statement_map {
            let Some(line) = sink.number(range.start.line.count(), at) else {
                continue;
            };
            let hits = match self.s.get(id) {
                Some(hits) => sink.hits(hits.count(), at),
                None => sink.hits(None, at),
            };
            let known = file.lines.get(&line).map_or(0, |known| known.hits);
            file.hit(line, hits.saturating_sub(known));
            let Range { start, end } = *range;
            let position = (
                line,
                small(start.column),
                small(end.line),
                small(end.column),
            );
            file.statement(position, hits > 0, 1);
        }
        for (id, function) in &self.fn_map {
            let start = function.decl.or(function.loc).map(|range| range.start);
            let line = function.line.or(start.map(|start| start.line));
            let column = start.map_or(0, |start| small(start.column));
            let calls = self.f.get(id).and_then(|calls| calls.count());
            let calls = sink.hits(calls, at);
            let name = function.name.as_deref().unwrap_or_default();
            let line = line.map_or(0, small);
            file.function((line, column, name.into()), calls > 0);
        }
        for (id, branch) in &self.branch_map {
            let Some(taken) = self.b.get(id) else {
                sink.flaws().note("a branch has no counts", at);
                continue;
            };
            // An implicit `else` has no place of its own; the branch as a whole has one.
            let whole = branch.loc.or_else(|| branch.locations.first().copied());
            let line = branch.line.and_then(Number::count);
            let line = whole.and_then(|range| range.start.line.count()).or(line);
            let Some(line) = sink.number(line, at) else {
                continue;
            };
            let column = whole.map_or(0, |range| small(range.start.column));
            let end = whole.map_or((0, 0), |range| {
                (small(range.end.line), small(range.end.column))
            });
            for (nth, taken) in taken.iter().enumerate() {
                let taken = sink.hits(taken.count(), at);
                let name = format!("{column}-{}:{} {} {nth}", end.0, end.1, branch.kind);
                file.branch(line, name, taken > 0);
            }
        }
        file
    }
}

#[derive(Deserialize)]
struct Summary {
    #[serde(default)]
    lines: Option<Stated>,
    #[serde(default)]
    statements: Option<Stated>,
    #[serde(default)]
    functions: Option<Stated>,
    #[serde(default)]
    branches: Option<Stated>,
}

#[derive(Deserialize)]
struct Stated {
    total: Number,
    covered: Number,
}

/// Reads `coverage-summary.json`. Its `total` is what its files add up to; a summary of a total alone names no file.
pub fn summary(text: &mut Text<'_>, sink: &mut Sink) -> Result<(), String> {
    let mut total = None;
    let mut take = |(path, summary): (String, Summary)| {
        let coverage = summary.coverage(&path, sink);
        if path == "total" {
            total = Some(coverage);
            return Ok(());
        }
        sink.take(Name::from(path.as_str()), coverage)
    };
    json::document(text, &mut Entries::new(&mut take))?;
    match total {
        Some(total) if sink.is_empty() => sink.take(Name::default(), total),
        _ => Ok(()),
    }
}

impl Summary {
    fn coverage(&self, path: &str, sink: &mut Sink) -> FileCoverage {
        let mut count = |stated: &Option<Stated>| {
            let stated = stated.as_ref()?;
            let (Some(total), Some(covered)) = (stated.total.count(), stated.covered.count())
            else {
                sink.flaws()
                    .note("a count is no number", || format!("in {path}"));
                return None;
            };
            if covered > total {
                sink.flaws()
                    .note("more is covered than there is", || format!("in {path}"));
            }
            Some(Count::new(covered, total))
        };
        let mut file = FileCoverage::default();
        file.stated.lines = count(&self.lines);
        file.stated.statements = count(&self.statements);
        file.stated.functions = count(&self.functions);
        file.stated.branches = count(&self.branches);
        file
    }
}
