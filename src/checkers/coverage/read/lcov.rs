//! Owns the reader of lcov's tracefiles, of lcov 1 and 2. What it sums up itself (`LF`, `BRH`) is not believed but counted.

use std::collections::BTreeMap;

use super::super::model::FileCoverage;
use super::numbers;
use super::sink::{Name, Sink};
use super::text::Text;

/// What a section (from `SF` to `end_of_record`) tells.
#[derive(Default)]
struct Section {
    path: String,
    file: FileCoverage,
    functions: Functions,
}

/// Functions on their way: `FN` and `FNDA` tell of one apart, and `FNL` and `FNA`.
#[derive(Default)]
struct Functions {
    /// By name, the lines that it starts at, in order.
    starts: BTreeMap<String, Vec<u32>>,
    /// By name, how often it was called, in order.
    calls: BTreeMap<String, Vec<u64>>,
    /// By index, the line that it starts at.
    indexed: BTreeMap<u64, u32>,
    /// By index, how often it was called, under whatever name.
    called: BTreeMap<u64, (Box<str>, bool)>,
}

/// Reads a tracefile.
pub fn read(text: &mut Text<'_>, sink: &mut Sink) -> Result<(), String> {
    let mut buffer = Vec::new();
    let mut section: Option<Section> = None;
    let mut number = 0_u64;
    while let Some(line) = text.line(&mut buffer)? {
        number += 1;
        let line = line.trim();
        let at = || format!("line {number} of the report");
        if line == "end_of_record" {
            match section.take() {
                Some(section) => section.close(sink)?,
                None => sink.flaws().note("a section ends that never began", at),
            }
            continue;
        }
        let Some((tag, value)) = line.split_once(':') else {
            if !line.is_empty() && !line.starts_with('#') {
                sink.flaws().note("a line is no record", at);
            }
            continue;
        };
        match tag {
            "SF" => {
                if let Some(section) = section.take() {
                    sink.flaws().note("a section has no end", at);
                    section.close(sink)?;
                }
                section = Some(Section {
                    path: value.trim().to_owned(),
                    ..Section::default()
                });
            }
            "DA" | "BRDA" | "FN" | "FNDA" | "FNL" | "FNA" => match &mut section {
                Some(section) => {
                    if section.record(tag, value, sink, number).is_none() {
                        sink.flaws().note("a record is malformed", at);
                    }
                }
                None => sink.flaws().note("a record stands in no section", at),
            },
            // Sums, the test's name, and what newer versions may add.
            _ if is_tag(tag) => {}
            _ if line.starts_with('#') => {}
            _ => sink.flaws().note("a line is no record", at),
        }
    }
    if let Some(section) = section {
        sink.flaws()
            .note("the report ends within a section: it is cut off", || {
                format!("that of {}", section.path)
            });
        section.close(sink)?;
    }
    Ok(())
}

fn is_tag(tag: &str) -> bool {
    (2..=6).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_uppercase())
}

impl Section {
    /// Takes a record; `None` when it is malformed.
    fn record(&mut self, tag: &str, value: &str, sink: &mut Sink, number: u64) -> Option<()> {
        let at = || format!("line {number} of the report");
        match tag {
            "DA" => {
                let mut fields = value.split(',');
                let (line, count) = (fields.next()?, fields.next()?.trim());
                // gcov writes it for code that only an exception reaches, and nothing did.
                let hits = if count == "=====" || count == "#####" {
                    Some(0)
                } else {
                    numbers::hits(count)
                };
                let hits = sink.hits(hits, at);
                if let Some(line) = sink.line(line, at) {
                    self.file.hit(line, hits);
                }
            }
            "BRDA" => {
                // The branch may be an expression with commas in it.
                let (line, rest) = value.split_once(',')?;
                let (name, taken) = rest.rsplit_once(',')?;
                name.split_once(',')?;
                let taken = match taken.trim() {
                    "-" => 0,
                    taken => sink.hits(numbers::hits(taken), at),
                };
                if let Some(line) = sink.line(line, at) {
                    self.file.branch(line, name.trim(), taken > 0);
                }
            }
            "FN" => {
                let (line, mut name) = value.split_once(',')?;
                // lcov 2 may write the last line before the name.
                if let Some((end, rest)) = name.split_once(',')
                    && !end.is_empty()
                    && end.bytes().all(|b| b.is_ascii_digit())
                {
                    name = rest;
                }
                if let Some(line) = sink.line(line, at) {
                    let starts = self.functions.starts.entry(name.to_owned()).or_default();
                    if !starts.contains(&line) {
                        starts.push(line);
                    }
                }
            }
            "FNDA" => {
                let (count, name) = value.split_once(',')?;
                let calls = sink.hits(numbers::hits(count), at);
                let known = self.functions.calls.entry(name.to_owned()).or_default();
                known.push(calls);
            }
            "FNL" => {
                let mut fields = value.split(',');
                let index = fields.next()?.trim().parse().ok()?;
                if let Some(line) = sink.line(fields.next()?, at) {
                    self.functions.indexed.insert(index, line);
                }
            }
            _ => {
                let mut fields = value.splitn(3, ',');
                let index = fields.next()?.trim().parse().ok()?;
                let calls = sink.hits(numbers::hits(fields.next()?), at);
                let name = fields.next()?;
                let called = self.functions.called.entry(index);
                called.or_insert_with(|| (name.into(), false)).1 |= calls > 0;
            }
        }
        Some(())
    }

    fn close(mut self, sink: &mut Sink) -> Result<(), String> {
        self.functions.settle(&mut self.file);
        sink.take(Name::from(self.path.as_str()), self.file)
    }
}

impl Functions {
    /// Brings together what was told apart.
    fn settle(self, file: &mut FileCoverage) {
        for (name, starts) in &self.starts {
            let calls = self.calls.get(name).map_or(&[][..], Vec::as_slice);
            for (nth, &line) in starts.iter().enumerate() {
                // Functions of one name are told of in the same order twice; a lone count is that of all of them.
                let called = if starts.len() > 1 && calls.len() == starts.len() {
                    calls[nth] > 0
                } else {
                    calls.iter().any(|&calls| calls > 0)
                };
                file.function((line, 0, name.as_str().into()), called);
            }
        }
        for (name, calls) in &self.calls {
            if !self.starts.contains_key(name) {
                let called = calls.iter().any(|&calls| calls > 0);
                file.function((0, 0, name.as_str().into()), called);
            }
        }
        // The names behind one index are names of one function.
        for (index, line) in &self.indexed {
            let called = self.called.get(index).is_some_and(|(_, called)| *called);
            file.function((*line, 0, "".into()), called);
        }
        for (index, (name, called)) in self.called {
            if !self.indexed.contains_key(&index) {
                file.function((0, 0, name), called);
            }
        }
    }
}
