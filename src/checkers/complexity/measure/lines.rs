//! Owns lines of code: which lines of a text hold something else than blanks and comments.

use std::ops::Range;

/// For each line, how many lines before it have code.
pub struct Lines {
    before: Vec<u32>,
}

impl Lines {
    /// Looks at a text whose comments, in order, are known.
    #[must_use]
    pub fn of(bytes: &[u8], comments: &[Range<usize>]) -> Self {
        let mut before = vec![0];
        let mut comments = comments.iter().peekable();
        let (mut at, mut count) = (0, 0);
        while at < bytes.len() {
            let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |n| at + n);
            let mut is_code = false;
            let mut from = at;
            while from < end && !is_code {
                while comments.next_if(|comment| comment.end <= from).is_some() {}
                let upto = comments
                    .peek()
                    .map_or(end, |comment| comment.start.clamp(from, end));
                is_code = bytes[from..upto]
                    .iter()
                    .any(|byte| !byte.is_ascii_whitespace());
                from = comments
                    .peek()
                    .map_or(end, |comment| comment.end.min(end).max(upto));
            }
            count += u32::from(is_code);
            before.push(count);
            at = end + 1;
        }
        Self { before }
    }

    /// How many lines of code there are from one line, counted from 1, to another, both included.
    #[must_use]
    pub fn between(&self, first: u32, last: u32) -> u32 {
        let at = |line: u32| {
            let last = self.before.len().saturating_sub(1);
            self.before
                .get((line as usize).min(last))
                .copied()
                .unwrap_or(0)
        };
        at(last).saturating_sub(at(first.saturating_sub(1)))
    }

    /// How many lines there are.
    #[must_use]
    pub fn count(&self) -> u32 {
        u32::try_from(self.before.len() - 1).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, comments: &[&str], expected: u32) {
        let range = |comment: &&str| {
            let at = text.find(comment).expect("the text has it");
            at..at + comment.len()
        };
        let comments: Vec<Range<usize>> = comments.iter().map(range).collect();
        let lines = Lines::of(text.as_bytes(), &comments);
        assert_eq!(lines.between(1, lines.count()), expected, "{text}");
    }

    #[test]
    fn blanks_and_comments_are_no_code() {
        check("", &[], 0);
        check("a\n\n  \nb", &[], 2);
        check("a // x\n// y\nb\n", &["// x", "// y"], 2);
        check(
            "/* x\n y */ a /* z */\n/* 1 */ /* 2 */\n",
            &["/* x\n y */", "/* z */", "/* 1 */", "/* 2 */"],
            1,
        );
        check("/* x\n\n y */\n", &["/* x\n\n y */"], 0);
        check("# x\r\na\r\n", &["# x"], 1);
    }
}
