//! Owns the rules on line ends and plain ASCII.

use crate::model::rule::Severity;
use crate::source::file::SourceFile;
use crate::source::language::Language;

use super::hit::{Hits, Kind, Line, lines};

/// Scans for trailing white space, the final line end, mixed line ends and, if asked, other characters than ASCII.
pub fn scan(file: &SourceFile, ascii: bool, hits: &mut Hits) {
    let bytes = file.bytes();
    let class = file.class();
    let foreign = class.generated || class.vendored || class.minified || class.lock;
    let tidy = !foreign && !hits.foreign && !is_patch(bytes);
    let ascii = ascii && !bytes.is_ascii();
    if !(tidy || ascii) {
        return;
    }
    let mut ends = Ends::default();
    for line in lines(bytes) {
        if ascii {
            non_ascii(&line, hits);
        }
        if tidy {
            trailing(&line, file.language(), hits);
            ends.take(&line, bytes);
        }
    }
    if tidy {
        ends.report(hits);
        if bytes.last().is_some_and(|&last| last != b'\n') && hits.room(Kind::NoFinalNewline) {
            hits.whole(Kind::NoFinalNewline, Severity::Info, "");
        }
    }
}

fn non_ascii(line: &Line<'_>, hits: &mut Hits) {
    let Some(from) = line.bytes.iter().position(|b| !b.is_ascii()) else {
        return;
    };
    if !hits.room(Kind::NonAscii) {
        return;
    }
    let chunk = line.bytes[from..].utf8_chunks().next();
    let first = chunk
        .as_ref()
        .and_then(|chunk| chunk.valid().chars().next());
    let (length, name) = match first {
        Some(c) => (c.len_utf8(), format!("U+{:04X}", u32::from(c))),
        None => (
            1,
            format!("the byte 0x{:02x}, which is not UTF-8", line.bytes[from]),
        ),
    };
    hits.push(
        Kind::NonAscii,
        Severity::Medium,
        line,
        (from, from + length),
        name,
    );
}

fn trailing(line: &Line<'_>, language: Option<Language>, hits: &mut Hits) {
    let bytes = line.bytes.strip_suffix(b"\r").unwrap_or(line.bytes);
    let kept = bytes
        .iter()
        .rposition(|b| !matches!(b, b' ' | b'\t'))
        .map_or(0, |at| at + 1);
    if kept == bytes.len() {
        return;
    }
    // Two spaces behind a text are a line break in Markdown.
    let line_break = kept > 0 && bytes.len() - kept >= 2 && !bytes[kept..].contains(&b'\t');
    if language == Some(Language::Markdown) && line_break {
        return;
    }
    if hits.room(Kind::Trailing) {
        hits.push(
            Kind::Trailing,
            Severity::Info,
            line,
            (kept, bytes.len()),
            "",
        );
    }
}

/// How many lines end how, and the first of each kind.
#[derive(Default)]
struct Ends {
    crlf: usize,
    lf: usize,
}

impl Ends {
    fn take(&mut self, line: &Line<'_>, all: &[u8]) {
        if line.start + line.bytes.len() == all.len() {
            return;
        }
        if line.bytes.ends_with(b"\r") {
            self.crlf += 1;
        } else {
            self.lf += 1;
        }
    }

    fn report(&self, hits: &mut Hits) {
        if self.crlf > 0 && self.lf > 0 && hits.room(Kind::MixedEnds) {
            let detail = format!("{} CRLF, {} LF", self.crlf, self.lf);
            hits.whole(Kind::MixedEnds, Severity::Low, detail);
        }
    }
}

/// A patch holds the white space of the lines that it changes.
fn is_patch(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(4_096)];
    let starts = |opening: &[u8]| {
        head.split(|&b| b == b'\n')
            .any(|line| line.starts_with(opening))
    };
    starts(b"diff --git ") || (starts(b"--- ") && starts(b"+++ ") && starts(b"@@ -"))
}
