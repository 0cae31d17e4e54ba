//! Owns the reader of `llvm-cov export`: lines are rebuilt from segments as LLVM itself does it.

use serde::Deserialize;
use serde::de::MapAccess;

use super::super::model::{Count, FileCoverage};
use super::json::{self, Items, Part, Walk};
use super::numbers::Number;
use super::sink::{Name, Sink};
use super::text::Text;

#[derive(Deserialize)]
struct File {
    filename: String,
    #[serde(default)]
    segments: Option<Vec<Segment>>,
    #[serde(default)]
    branches: Vec<Vec<Number>>,
    #[serde(default)]
    summary: Option<Summary>,
}

/// Line, column, count, has it a count, does a region begin here, is it a gap.
#[derive(Deserialize)]
#[serde(from = "Vec<Word>")]
struct Segment {
    line: Option<u64>,
    count: u64,
    counts: bool,
    begins: bool,
    gap: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Word {
    Flag(bool),
    Number(Number),
}

impl From<Vec<Word>> for Segment {
    fn from(words: Vec<Word>) -> Self {
        let number = |at: usize| match words.get(at) {
            Some(Word::Number(number)) => number.count(),
            Some(Word::Flag(flag)) => Some(u64::from(*flag)),
            None => None,
        };
        // Older versions write numbers for the flags.
        let flag = |at: usize| number(at).is_some_and(|number| number > 0);
        Self {
            line: number(0),
            count: number(2).unwrap_or(0),
            counts: flag(3),
            begins: flag(4),
            gap: flag(5),
        }
    }
}

#[derive(Deserialize)]
struct Summary {
    #[serde(default)]
    lines: Option<Stated>,
    #[serde(default)]
    functions: Option<Stated>,
    #[serde(default)]
    branches: Option<Stated>,
}

#[derive(Deserialize)]
struct Stated {
    count: Number,
    covered: Number,
}

#[derive(Deserialize)]
struct Function {
    #[serde(default)]
    count: Option<Number>,
    #[serde(default)]
    regions: Vec<Vec<Number>>,
    #[serde(default)]
    filenames: Vec<String>,
}

/// The document, or one of its `data`.
struct Document<'a> {
    sink: &'a mut Sink,
    has_files: bool,
}

/// Reads an export.
pub fn read(text: &mut Text<'_>, sink: &mut Sink) -> Result<(), String> {
    let mut document = Document {
        sink,
        has_files: false,
    };
    json::document(text, &mut document)?;
    if document.has_files {
        Ok(())
    } else {
        Err("it has no `data` with `files`".to_owned())
    }
}

impl Part for Document<'_> {
    fn map<'de, A: MapAccess<'de>>(&mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            let sink = &mut *self.sink;
            match key.as_str() {
                "data" => map.next_value_seed(Walk(self))?,
                "files" => {
                    self.has_files = true;
                    let mut take = |file: File| {
                        let name = Name::from(file.filename.as_str());
                        let coverage = file.coverage(sink);
                        sink.take(name, coverage)
                    };
                    map.next_value_seed(Walk(&mut Items::new(&mut take)))?;
                }
                "functions" => {
                    let mut take = |function: Function| function.tell(sink);
                    map.next_value_seed(Walk(&mut Items::new(&mut take)))?;
                }
                _ => json::skip(&mut map)?,
            }
        }
        Ok(())
    }

    fn list<'de, A: serde::de::SeqAccess<'de>>(&mut self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Walk(self))?.is_some() {}
        Ok(())
    }
}

impl File {
    fn coverage(self, sink: &mut Sink) -> FileCoverage {
        let path = &self.filename;
        let at = || format!("in {path}");
        let mut file = FileCoverage::default();
        let segments = self.segments.unwrap_or_default();
        let mut wrapped: Option<&Segment> = None;
        let mut rest = segments.as_slice();
        while let Some(first) = rest.first() {
            let Some(line) = sink.number(first.line, at) else {
                rest = &rest[1..];
                continue;
            };
            let count = rest
                .iter()
                .take_while(|segment| segment.line == first.line)
                .count();
            let (here, behind) = rest.split_at(count);
            tell(&mut file, line, here, wrapped);
            wrapped = here.last().or(wrapped);
            // The lines that no segment starts in go on as the last one said.
            let next = behind.first().and_then(|segment| segment.line);
            let next = next
                .and_then(|next| u32::try_from(next).ok())
                .unwrap_or(line);
            if next > line + 1 {
                for line in sink.span(line + 1, next - 1, at) {
                    tell(&mut file, line, &[], wrapped);
                }
            }
            rest = behind;
        }
        for branch in &self.branches {
            let number = |at: usize| branch.get(at).copied().unwrap_or(Number::Bad);
            let Some(line) = sink.number(number(0).count(), at) else {
                continue;
            };
            let place = |at| number(at).count().unwrap_or(0);
            let name = format!("{}-{}:{}", place(1), place(2), place(3));
            for (way, hits) in [("T", number(4)), ("F", number(5))] {
                let taken = sink.hits(hits.count(), at) > 0;
                file.branch(line, format!("{name}{way}"), taken);
            }
        }
        if let Some(summary) = self.summary {
            let count = |stated: Option<Stated>| {
                let stated = stated?;
                Some(Count::new(stated.covered.count()?, stated.count.count()?))
            };
            file.stated.lines = count(summary.lines);
            file.stated.functions = count(summary.functions);
            file.stated.branches = count(summary.branches);
        }
        file
    }
}

/// What the segments that start in a line, and the last one before it, say of the line.
fn tell(file: &mut FileCoverage, line: u32, here: &[Segment], wrapped: Option<&Segment>) {
    let starts = |segment: &&Segment| !segment.gap && segment.counts && segment.begins;
    let regions = here.iter().filter(starts).count();
    let skipped = here
        .first()
        .is_some_and(|first| !first.counts && first.begins);
    let goes_on = wrapped.is_some_and(|segment| segment.counts);
    let mapped = !skipped && (goes_on || regions > 0);
    let mapped = mapped || here.iter().any(|segment| segment.begins && segment.counts);
    if !mapped {
        return;
    }
    let before = wrapped.map_or(0, |segment| segment.count);
    let most = here
        .iter()
        .filter(starts)
        .map(|segment| segment.count)
        .max();
    let hits = most.map_or(before, |most| most.max(before));
    file.hit(line, hits);
}

impl Function {
    /// Instances of one generic function start at the same place: they are one function.
    fn tell(self, sink: &mut Sink) -> Result<(), String> {
        let region = self.regions.first();
        let number = |at: usize| {
            region
                .and_then(|region| region.get(at))
                .and_then(|number| number.count())
        };
        let index = usize::try_from(number(5).unwrap_or(0)).unwrap_or(usize::MAX);
        let Some(path) = self.filenames.get(index) else {
            sink.flaws().note("a function lies in no file", || {
                "one of `functions`".to_owned()
            });
            return Ok(());
        };
        let at = || format!("in {path}");
        let Some(line) = sink.number(number(0), at) else {
            return Ok(());
        };
        let column = number(1)
            .and_then(|column| u32::try_from(column).ok())
            .unwrap_or(0);
        let calls = sink.hits(self.count.and_then(Number::count), at);
        let mut file = FileCoverage::default();
        file.function((line, column, "".into()), calls > 0);
        sink.take(Name::from(path.as_str()), file)
    }
}
