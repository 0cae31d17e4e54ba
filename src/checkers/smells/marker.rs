//! Owns marks of work to be done in comments: `TODO`, `FIXME` and what else the option names.

use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};

use super::facts::{Kind, Sink};

/// The longest text of a mark that is told, in characters.
const TOLD: usize = 60;

/// The words, ready to be looked for.
#[derive(Debug)]
pub struct Markers(AhoCorasick);

impl Markers {
    /// These words.
    ///
    /// # Errors
    /// When one is empty.
    pub fn new(words: &[String]) -> Result<Self, String> {
        if words.iter().any(|word| word.trim().is_empty()) {
            return Err("one of the words in `markers` is empty".to_owned());
        }
        let search = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostLongest)
            .build(words);
        Ok(Self(search.map_err(|why| why.to_string())?))
    }

    /// Looks at a comment.
    pub fn look(&self, bytes: &[u8], comment: Range<usize>, sink: &mut Sink<'_>) {
        let text = &bytes[comment.clone()];
        for found in self.0.find_iter(text) {
            if is_mark(text, found.range()) {
                let at = comment.start + found.start();
                let rest = &text[found.start()..];
                let line = rest.split(|&b| b == b'\n').next().unwrap_or_default();
                sink.add(Kind::WorkMarker, at..at + found.len(), told(line));
            }
        }
    }
}

/// Is it a mark, and not a word of a sentence, a placeholder or a part of a name?
fn is_mark(text: &[u8], word: Range<usize>) -> bool {
    let is_part = |b: &u8| {
        b.is_ascii_alphanumeric()
            || matches!(b, b'_' | b'-' | b'/' | b'.' | b'\\' | b'\'' | b'"' | b'`')
    };
    // A full stop or a dash behind the word, and nothing that goes on with it.
    let is_end = |behind: &[u8]| {
        matches!(behind[0], b'.' | b'-') && behind.get(1).is_none_or(|b| !is_part(b))
    };
    let (before, behind) = (&text[..word.start], &text[word.end..]);
    if before.last().is_some_and(is_part) && !before.ends_with(b"//") && !before.ends_with(b"--") {
        return false;
    }
    if behind.first().is_some_and(is_part) && !is_end(behind) {
        return false;
    }
    let line = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
    let begins = before[line..].iter().all(|b| !b.is_ascii_alphanumeric());
    let names = matches!(behind.first(), Some(b':' | b'('));
    let is_upper = text[word].iter().all(|b| !b.is_ascii_lowercase());
    if is_upper {
        begins || names
    } else {
        begins && behind.first() == Some(&b':')
    }
}

/// The mark with what stands behind it, shortened.
fn told(line: &[u8]) -> String {
    let line = String::from_utf8_lossy(line);
    let line = line.trim().trim_end_matches("*/").trim_end_matches("-->");
    let short: String = line.chars().take(TOLD).collect();
    if short.len() < line.len() {
        format!("{}...", short.trim_end())
    } else {
        short.trim_end().to_owned()
    }
}
