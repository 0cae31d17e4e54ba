//! Owns a file under observation: bytes, text, lines, language and syntax tree, each made once and shared by all
//! checkers. It deliberately has no path: what is observed depends on content, language and class only, so that it can
//! be cached under them.

use std::borrow::Cow;
use std::cell::Cell;
use std::ops::{ControlFlow, Range};
use std::sync::OnceLock;

use crate::base::digest::Digest;
use crate::model::place::{Point, Span};
use crate::model::trace::THIN;

use super::class::PathClass;
use super::language::Language;

/// Files above this size in bytes are not parsed.
pub const PARSE_LIMIT: usize = 2 * 1024 * 1024;

/// A file under observation.
pub struct SourceFile {
    bytes: Vec<u8>,
    language: Option<Language>,
    class: PathClass,
    line_starts: OnceLock<Vec<usize>>,
    tree: OnceLock<Option<tree_sitter::Tree>>,
}

impl SourceFile {
    /// A file with its content. `language` and `class` are what the path tells; content refines both.
    #[must_use]
    pub fn new(bytes: Vec<u8>, language: Option<Language>, class: PathClass) -> Self {
        let language = language.or_else(|| Language::of_content(&bytes));
        let class = class.refined(&bytes);
        Self {
            bytes,
            language,
            class,
            line_starts: OnceLock::new(),
            tree: OnceLock::new(),
        }
    }

    /// The content.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The content as text; `None` when it is not UTF-8.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes).ok()
    }

    /// The language, by name or else by content.
    #[must_use]
    pub const fn language(&self) -> Option<Language> {
        self.language
    }

    /// The class, by path and content.
    #[must_use]
    pub const fn class(&self) -> PathClass {
        self.class
    }

    /// Has it a NUL byte in its first 8,000 bytes, as git decides it?
    #[must_use]
    pub fn is_binary(&self) -> bool {
        self.bytes.iter().take(8_000).any(|&byte| byte == 0)
    }

    fn line_starts(&self) -> &[usize] {
        self.line_starts.get_or_init(|| {
            let after_line_feeds = self
                .bytes
                .iter()
                .enumerate()
                .filter(|(_, b)| **b == b'\n')
                .map(|(at, _)| at + 1);
            std::iter::once(0).chain(after_line_feeds).collect()
        })
    }

    /// The number of lines; the empty line behind a final line feed does not count.
    #[must_use]
    pub fn line_count(&self) -> usize {
        let starts = self.line_starts();
        starts.len() - usize::from(starts.last() == Some(&self.bytes.len()))
    }

    /// The bytes of a 1-based line, without its line end.
    #[must_use]
    pub fn line(&self, line: u32) -> &[u8] {
        let starts = self.line_starts();
        let index = (line as usize).saturating_sub(1);
        let Some(&start) = starts.get(index) else {
            return &[];
        };
        let end = starts.get(index + 1).copied().unwrap_or(self.bytes.len());
        let line = &self.bytes[start..end];
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        line.strip_suffix(b"\r").unwrap_or(line)
    }

    /// All lines with their 1-based numbers.
    pub fn lines(&self) -> impl Iterator<Item = (u32, &[u8])> {
        (1..=u32::try_from(self.line_count()).unwrap_or(u32::MAX)).map(|n| (n, self.line(n)))
    }

    /// The point of a byte offset.
    #[must_use]
    pub fn point(&self, offset: usize) -> Point {
        let offset = offset.min(self.bytes.len());
        let starts = self.line_starts();
        let index = starts.partition_point(|&start| start <= offset) - 1;
        let column = characters(&self.bytes[starts[index]..offset]) + 1;
        Point {
            line: u32::try_from(index + 1).unwrap_or(u32::MAX),
            column: u32::try_from(column).unwrap_or(u32::MAX),
        }
    }

    /// The span of a byte range.
    #[must_use]
    pub fn span(&self, range: Range<usize>) -> Span {
        Span {
            start: self.point(range.start),
            end: self.point(range.end),
        }
    }

    /// The syntax tree of the whole file; `None` when its language has no grammar here, or it is too large or too deep
    /// to parse.
    #[must_use]
    pub fn tree(&self) -> Option<&tree_sitter::Tree> {
        self.tree
            .get_or_init(|| parse(self.language?, &self.bytes))
            .as_ref()
    }
}

fn characters(bytes: &[u8]) -> usize {
    bytes
        .utf8_chunks()
        .map(|chunk| chunk.valid().chars().count() + chunk.invalid().len())
        .sum()
}

/// Parses a text, or a region of one, on its own. `None` when there is no grammar for the language, or the text is too
/// large or too intricate: some inputs (ten thousand closing parentheses) cost the parser time in the square of their length.
/// The limit counts steps, not time, so that the answer is the same on every machine.
#[must_use]
pub fn parse(language: Language, bytes: &[u8]) -> Option<tree_sitter::Tree> {
    if bytes.len() > PARSE_LIMIT
        || has_too_many_pipes(language, bytes)
        || is_too_sharp(language, bytes)
    {
        return None;
    }
    let mut parser = tree_sitter::Parser::new();
    parser.set_language(&language.grammar()?).ok()?;
    // Real files take at most one step for each 50 bytes (2,600 measured).
    let budget = 2_000 + bytes.len() / 16;
    let steps = Cell::new(0_usize);
    let step = || {
        steps.set(steps.get() + 1);
        steps.get() <= budget
    };
    let mut go_on = |_: &tree_sitter::ParseState| {
        if step() {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    };
    let text = readable(bytes);
    let bytes = &*text;
    let mut read = |at: usize, _| {
        let mut end = bytes.len().min(at + READ_SIZE);
        // Never a part of a character: the parser would ask for the rest, and must not be told that there is none.
        while bytes.get(end).is_some_and(|byte| byte & 0xc0 == 0x80) {
            end -= 1;
        }
        if step() {
            bytes.get(at..end).unwrap_or_default()
        } else {
            &[]
        }
    };
    let options = tree_sitter::ParseOptions::new().progress_callback(&mut go_on);
    let tree = parser.parse_with_options(&mut read, None, Some(options))?;
    (steps.get() <= budget).then_some(tree)
}

/// The bytes with a question mark in place of each that is no part of UTF-8: a parser that meets one where its budget ends would crash.
fn readable(bytes: &[u8]) -> Cow<'_, [u8]> {
    if std::str::from_utf8(bytes).is_ok() {
        return Cow::Borrowed(bytes);
    }
    let mut text = Vec::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.extend_from_slice(chunk.valid().as_bytes());
        text.resize(text.len() + chunk.invalid().len(), b'?');
    }
    Cow::Owned(text)
}

/// What the parser is handed at once, in bytes; each hand-over is a step, so that reading ahead again and again is counted.
const READ_SIZE: usize = 1_024;

/// The shell grammar repairs a pipeline without an end in time in the square of its length, in one step that nothing
/// can interrupt.
fn has_too_many_pipes(language: Language, bytes: &[u8]) -> bool {
    language == Language::Bash && bytes.split(|&b| b == b'|').nth(5_000).is_some()
}

/// A `<` may compare or begin arguments of a type. Where many stand open in one statement, some grammars try both for each, in
/// steps that take longer and longer.
fn is_too_sharp(language: Language, bytes: &[u8]) -> bool {
    let most = match language {
        Language::CSharp => 60,
        Language::Java | Language::Kotlin => 1_000,
        _ => return false,
    };
    let mut open = 0_usize;
    let mut before = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        match byte {
            b'<' if before != b'<' && !matches!(bytes.get(at + 1), Some(b'<' | b'=')) => open += 1,
            b'>' => open = open.saturating_sub(1),
            b';' | b'{' | b'}' => open = 0,
            _ => {}
        }
        if open > most {
            return true;
        }
        before = byte;
    }
    false
}

/// A line with its white space folded, for anchors that survive reindenting.
fn normalised(line: &[u8]) -> String {
    let words: Vec<String> = line
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty())
        .map(|word| String::from_utf8_lossy(word).into_owned())
        .collect();
    words.join(" ")
}

/// What anchors a finding in a line: it survives reindenting and tells nothing of the line, except for one of a few letters,
/// such as a lone brace: that one stands for itself, so that nobody takes it for the same line elsewhere.
#[must_use]
pub fn anchor(line: &[u8]) -> String {
    let text = normalised(line);
    let letters = text.chars().filter(|c| !c.is_whitespace()).count();
    if letters < THIN {
        return text;
    }
    Digest::of(text.as_bytes()).short()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(bytes: &[u8]) -> SourceFile {
        SourceFile::new(bytes.to_vec(), None, PathClass::default())
    }

    #[test]
    fn the_parser_sees_whole_characters_only() {
        assert_eq!(&*super::readable(b"a\xffb\xe2\x82"), b"a?b??");
        assert_eq!(
            &*super::readable("\u{20ac}".as_bytes()),
            "\u{20ac}".as_bytes()
        );
    }

    #[test]
    fn lines_and_points() {
        let text = file(b"a\r\n\xc3\xa9\xffb\n\nend");
        assert_eq!(text.line_count(), 4);
        assert_eq!(text.line(1), b"a");
        assert_eq!(text.line(4), b"end");
        assert_eq!(text.line(9), b"");
        assert_eq!(text.point(6), Point { line: 2, column: 3 });
        assert_eq!(text.point(999), Point { line: 4, column: 4 });
        assert_eq!(file(b"").line_count(), 0);
        assert_eq!(file(b"x\n").line_count(), 1);
    }

    #[test]
    fn what_takes_a_parser_too_long_is_not_parsed() {
        let check = |text: &str, expected| {
            let parsed = parse(Language::CSharp, text.as_bytes()).is_some();
            assert_eq!(parsed, expected, "{text}");
        };
        check(&"a<".repeat(100), false);
        check(&"a<b;".repeat(100), true);
        check(&"a<b>(c), ".repeat(100), true);
        check(&"a << 1 | b <= ".repeat(100), true);
    }

    #[test]
    fn anchors_survive_reindenting() {
        assert_eq!(anchor(b"\t  if  x :\r"), anchor(b"if x :"));
        assert_eq!(anchor(b"  if something :"), anchor(b"if something :"));
        assert_ne!(anchor(b"if something :"), anchor(b"if nothing :"));
        assert_eq!(anchor(b"\t} "), "}");
    }
}
