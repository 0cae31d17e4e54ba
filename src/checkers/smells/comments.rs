//! Owns comments as blocks: comments that stand alone on adjacent lines are one; each is handed to what looks into its text.

use std::ops::Range;

use tree_sitter::Node;

use crate::source::language::Language;

use crate::base::words;

use super::code;
use super::facts::{Kind, Sink};
use super::marker::Markers;

/// A comment.
pub struct Comment {
    bytes: Range<usize>,
    row: usize,
    end_row: usize,
    column: usize,
}

impl Comment {
    /// The comment of a node.
    pub fn of(node: Node<'_>) -> Self {
        let (start, end) = (node.start_position(), node.end_position());
        let ends_line = end.column == 0 && end.row > start.row;
        Self {
            bytes: node.byte_range(),
            row: start.row,
            end_row: end.row - usize::from(ends_line),
            column: start.column,
        }
    }
}

/// A line of a comment without the signs of comments.
pub struct Line<'t> {
    /// Its text, with what it is indented behind the sign.
    pub text: &'t str,
    /// Where the text begins in the file.
    pub at: usize,
}

/// Comments, as they come.
pub struct Comments<'m> {
    language: Language,
    markers: &'m Markers,
    /// The block that may go on: its comments.
    block: Vec<Comment>,
}

impl<'m> Comments<'m> {
    /// None yet.
    pub fn new(language: Language, markers: &'m Markers) -> Self {
        Self {
            language,
            markers,
            block: Vec::new(),
        }
    }

    /// Takes the next comment.
    pub fn add(&mut self, comment: Comment, sink: &mut Sink<'_>) {
        let bytes = sink.file.bytes();
        self.markers.look(bytes, comment.bytes.clone(), sink);
        let before = &bytes[..comment.bytes.start];
        let line = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        if !before[line..].iter().all(u8::is_ascii_whitespace) {
            self.finish(sink);
            return;
        }
        let goes_on = self
            .block
            .last()
            .is_some_and(|last| last.end_row + 1 == comment.row && last.column == comment.column);
        if !goes_on {
            self.finish(sink);
        }
        self.block.push(comment);
    }

    /// Looks at the block that is open.
    pub fn finish(&mut self, sink: &mut Sink<'_>) {
        if self.block.is_empty() {
            return;
        }
        let block = std::mem::take(&mut self.block);
        // A page for people shows code, and a settings file of one shows what may be set.
        if sink.file.class().docs {
            return;
        }
        let bytes = sink.file.bytes();
        let mut lines = Vec::new();
        for comment in &block {
            let Ok(text) = std::str::from_utf8(&bytes[comment.bytes.clone()]) else {
                return;
            };
            if is_for_docs(self.language, text) {
                return;
            }
            bare(text, comment.bytes.start, &mut lines);
        }
        if let Some(found) = code::find(self.language, &lines) {
            let (first, last) = (&lines[found.start], &lines[found.end - 1]);
            let range = first.at..last.at + last.text.len();
            sink.add(
                Kind::CommentedOutCode,
                range,
                words::count(found.len(), "line"),
            );
        }
    }
}

/// Is it a comment that documents what follows, or a setting for a tool?
fn is_for_docs(language: Language, text: &str) -> bool {
    let slashes = matches!(
        language,
        Language::Rust | Language::CSharp | Language::Cpp | Language::C
    );
    text.starts_with("/**")
        || text.starts_with("/*!")
        || (slashes && (text.starts_with("///") || text.starts_with("//!")))
        || text.starts_with("#!")
        || text.starts_with("#:")
        || text.starts_with("//go:")
        || text.starts_with("=begin")
}

/// Adds the lines of a comment without its signs.
fn bare<'t>(text: &'t str, start: usize, lines: &mut Vec<Line<'t>>) {
    let is_block = text.starts_with("/*") || text.starts_with("<!--");
    let mut at = start;
    let mut is_first = true;
    for line in text.split_inclusive('\n') {
        let mut rest = line.trim_end();
        if is_block {
            if is_first {
                rest = rest
                    .strip_prefix("/*")
                    .or_else(|| rest.strip_prefix("<!--"))
                    .unwrap_or(rest);
            }
            rest = rest
                .strip_suffix("*/")
                .or_else(|| rest.strip_suffix("-->"))
                .unwrap_or(rest)
                .trim_end();
            let inner = rest.trim_start();
            if !is_first && (inner == "*" || inner.starts_with("* ")) {
                rest = &inner[1..];
            }
        } else {
            rest = rest.trim_start();
            rest = rest
                .strip_prefix("//")
                .or_else(|| rest.strip_prefix('#'))
                .unwrap_or(rest);
        }
        let offset = rest.as_ptr() as usize - line.as_ptr() as usize;
        lines.push(Line {
            text: rest,
            at: at + offset,
        });
        at += line.len();
        is_first = false;
    }
}
