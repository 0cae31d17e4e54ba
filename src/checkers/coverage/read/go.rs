//! Owns the reader of Go's coverage profiles. Blocks are brought together by position before anything is counted.

use std::collections::BTreeMap;

use super::super::model::{FileCoverage, Position};
use super::numbers;
use super::sink::{Name, Sink};
use super::text::Text;

/// Reads a profile, or several one after the other.
pub fn read(text: &mut Text<'_>, sink: &mut Sink) -> Result<(), String> {
    let mut buffer = Vec::new();
    let mut files: BTreeMap<String, BTreeMap<Position, (u64, u64)>> = BTreeMap::new();
    let mut number = 0_u64;
    let mut kept = 0_usize;
    while let Some(line) = text.line(&mut buffer)? {
        number += 1;
        let line = line.trim();
        if line.is_empty() || line.starts_with("mode:") {
            continue;
        }
        let at = || format!("line {number} of the report");
        let Some((path, position, statements, hits)) = block(line) else {
            sink.flaws().note("a line is no block", at);
            continue;
        };
        if position.0 == 0 || position.2 == 0 {
            sink.flaws().note("a line has the number 0", at);
            continue;
        }
        let hits = sink.hits(numbers::hits(hits), at);
        if !files.contains_key(path) {
            files.insert(path.to_owned(), BTreeMap::new());
        }
        let blocks = files.entry(path.to_owned()).or_default();
        kept += usize::from(!blocks.contains_key(&position));
        if kept > super::sink::MOST {
            return Err("it tells of too many blocks".to_owned());
        }
        let known = blocks.entry(position).or_insert((0, statements));
        known.0 = known.0.saturating_add(hits);
        known.1 = known.1.max(statements);
    }
    for (path, blocks) in files {
        let mut file = FileCoverage::default();
        for (position, (hits, statements)) in blocks {
            let (start, _, end, column) = position;
            // A block that ends before its last line's text, at the closing brace, does not own that line.
            let end = if column <= 2 && end > start {
                end - 1
            } else {
                end
            };
            for line in sink.span(start, end, || format!("in {path}")) {
                file.part(line, hits);
            }
            file.statement(position, hits > 0, statements);
        }
        sink.take(Name::from(path.as_str()), file)?;
    }
    Ok(())
}

/// `path:12.3,14.2 3 1`: start, end, statements, hits.
fn block(line: &str) -> Option<(&str, Position, u64, &str)> {
    let (line, hits) = line.rsplit_once(' ')?;
    let (line, statements) = line.trim_end().rsplit_once(' ')?;
    let (path, range) = line.trim_end().rsplit_once(':')?;
    let (start, end) = range.split_once(',')?;
    let point = |text: &str| -> Option<(u32, u32)> {
        let (line, column) = text.split_once('.')?;
        let line: u32 = line.parse().ok()?;
        (u64::from(line) <= super::sink::LAST_LINE).then_some((line, column.parse().ok()?))
    };
    let ((from, column), (to, last)) = (point(start)?, point(end)?);
    let position = (from, column, to, last);
    (!path.is_empty()).then_some((path, position, statements.parse().ok()?, hits))
}
