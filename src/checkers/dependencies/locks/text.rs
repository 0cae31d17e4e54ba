//! Owns the text of a lockfile: decoded once, with the place of each byte found in bounded time.

use std::ops::Range;

use crate::model::place::{Point, Span};

/// How many bytes of a long line are counted at most for one place.
const STEP: usize = 1_024;

/// The text of a lockfile.
pub(in super::super) struct Text {
    content: String,
    line_starts: Vec<usize>,
    /// How many characters stand before each multiple of [`STEP`] bytes.
    counted: Vec<usize>,
}

impl Text {
    /// Decodes a file: UTF-8, or UTF-16 with a byte order mark, as some shells write. `None` for anything else.
    pub(in super::super) fn new(bytes: &[u8]) -> Option<Self> {
        let text = match bytes {
            [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes)?,
            [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes)?,
            [0xef, 0xbb, 0xbf, rest @ ..] => std::str::from_utf8(rest).ok()?.to_owned(),
            _ => std::str::from_utf8(bytes).ok()?.to_owned(),
        };
        let feeds = text.bytes().enumerate().filter(|&(_, b)| b == b'\n');
        let line_starts = std::iter::once(0)
            .chain(feeds.map(|(at, _)| at + 1))
            .collect();
        let mut counted = vec![0];
        for chunk in text.as_bytes().chunks(STEP) {
            let before = counted.last().copied().unwrap_or(0);
            counted.push(before + characters(chunk));
        }
        Some(Self {
            content: text,
            line_starts,
            counted,
        })
    }

    pub(in super::super) fn as_str(&self) -> &str {
        &self.content
    }

    /// The lines without their ends, each with the byte that it begins at.
    pub(in super::super) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let mut at = 0;
        self.content.split_inclusive('\n').map(move |line| {
            let start = at;
            at += line.len();
            let line = line.strip_suffix('\n').unwrap_or(line);
            (start, line.strip_suffix('\r').unwrap_or(line))
        })
    }

    pub(in super::super) fn point(&self, offset: usize) -> Point {
        let offset = offset.min(self.content.len());
        let line = self.line_starts.partition_point(|&start| start <= offset);
        let start = self.line_starts[line - 1];
        let column = self.before(offset) - self.before(start) + 1;
        Point {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(column).unwrap_or(u32::MAX),
        }
    }

    pub(in super::super) fn span(&self, range: Range<usize>) -> Span {
        Span {
            start: self.point(range.start),
            end: self.point(range.end),
        }
    }

    /// How many characters stand before a byte.
    fn before(&self, offset: usize) -> usize {
        let step = offset / STEP;
        self.counted[step] + characters(&self.content.as_bytes()[step * STEP..offset])
    }
}

fn wide(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|&pair| unit(pair)).collect();
    rest.is_empty().then(|| String::from_utf16(&units).ok())?
}

/// The number of characters that begin in these bytes of a UTF-8 text.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&b| b & 0xc0 != 0x80).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_lines_short_and_long() {
        let long = "\u{e9}".repeat(3_000);
        let text = Text::new(format!("a\r\n{long}b\n").as_bytes()).expect("it is UTF-8");
        assert_eq!(
            text.point(1 + 2 + 6_000),
            Point {
                line: 2,
                column: 3_001
            }
        );
        assert_eq!(text.point(99_999), Point { line: 3, column: 1 });
        let lines: Vec<usize> = text.lines().map(|(at, line)| at + line.len()).collect();
        assert_eq!(lines, [1, 6_004]);
    }

    #[test]
    fn encodings() {
        let read = |bytes: &[u8]| Text::new(bytes).map(|text| text.as_str().to_owned());
        assert_eq!(read(b"\xff\xfea\0b\0").as_deref(), Some("ab"));
        assert_eq!(read(b"\xfe\xff\0a").as_deref(), Some("a"));
        assert_eq!(read(b"\xef\xbb\xbfa").as_deref(), Some("a"));
        assert_eq!(read(b"\xff\xfea"), None);
        assert_eq!(read(b"\xffa"), None);
    }
}
