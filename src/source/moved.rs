//! Owns which lines of a change were only moved: a line that was taken away in one place and brought back in another; one
//! that says nothing, such as a brace, only within a block. How much white space there is does not count. Pure; knows no git.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher as _};
use std::ops::Range;

use crate::base::path::RepoPath;

use super::diff::Diff;

/// Letters and digits that a block must have to be told again elsewhere: a lone brace is everywhere.
const BLOCK: usize = 20;

/// A line with as many letters and digits needs no block, and may be where one is recognised.
const TELLING: usize = 3;

/// At most as many places are tried for one line.
const TRIED: usize = 32;

/// At most as many lines are remembered: a larger change is no move that anybody wants to have told.
const MOST: usize = 1_000_000;

/// What is remembered of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Line {
    text: u64,
    letters: usize,
    /// White space at the end of a line is more than indentation: who adds it has changed the line.
    has_tail: bool,
}

impl Line {
    fn of(bytes: &[u8]) -> Self {
        let mut hasher = DefaultHasher::new();
        let mut letters = 0;
        let words = bytes.split(u8::is_ascii_whitespace);
        for word in words.filter(|word| !word.is_empty()) {
            hasher.write(word);
            hasher.write_u8(b' ');
            let letter = |b: &&u8| b.is_ascii_alphanumeric() || !b.is_ascii();
            letters += word.iter().filter(letter).count();
        }
        let text = hasher.finish();
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        Self {
            text,
            letters,
            has_tail: bytes.last().is_some_and(u8::is_ascii_whitespace),
        }
    }
}

/// One place where lines were taken away, brought, or both.
#[derive(Debug)]
struct Hunk {
    removed: Range<usize>,
    added: Range<usize>,
    /// Where the added lines are: the file, and the first one's number.
    place: Option<(RepoPath, u32)>,
}

/// The lines of a change, as they are read.
#[derive(Debug, Default)]
pub struct Moves {
    hunks: Vec<Hunk>,
    removed: Vec<Line>,
    added: Vec<Line>,
}

impl Moves {
    /// Begins another hunk; `place` is where its added lines begin, if it has any.
    pub fn hunk(&mut self, place: Option<(RepoPath, u32)>) {
        self.hunks.push(Hunk {
            removed: self.removed.len()..self.removed.len(),
            added: self.added.len()..self.added.len(),
            place,
        });
    }

    /// A line that was taken away.
    pub fn remove(&mut self, line: &[u8]) {
        if let Some(hunk) = self.hunks.last_mut().filter(|_| self.removed.len() < MOST) {
            self.removed.push(Line::of(line));
            hunk.removed.end = self.removed.len();
        }
    }

    /// A line that was brought.
    pub fn add(&mut self, line: &[u8]) {
        if let Some(hunk) = self.hunks.last_mut().filter(|_| self.added.len() < MOST) {
            self.added.push(Line::of(line));
            hunk.added.end = self.added.len();
        }
    }

    /// Tells the change which of its lines were moved.
    pub fn tell(&self, diff: &mut Diff) {
        let hunk_of = self.hunk_of_removed();
        let mut places: HashMap<u64, Vec<usize>> = HashMap::new();
        for (at, line) in self.removed.iter().enumerate() {
            if line.letters >= TELLING {
                let places = places.entry(line.text).or_default();
                if places.len() < TRIED {
                    places.push(at);
                }
            }
        }
        for hunk in &self.hunks {
            let Some((path, first)) = &hunk.place else {
                continue;
            };
            let mut carried = vec![false; hunk.added.len()];
            let mut moved = carried.clone();
            let mut at = hunk.added.start;
            while at < hunk.added.end {
                let tried = places.get(&self.added[at].text);
                let tried = tried.filter(|_| !carried[at - hunk.added.start]);
                let blocks = tried.into_iter().flatten().map(|&from| {
                    let removed = self.hunks[hunk_of[from]].removed.clone();
                    (self.block(hunk.added.clone(), at, removed, from), from)
                });
                let longest = blocks.max_by_key(|(block, _)| block.len());
                match longest.filter(|(block, _)| self.letters(block) >= BLOCK) {
                    Some((block, from)) => {
                        for line in block.clone() {
                            let old = &self.removed[from + line - at];
                            carried[line - hunk.added.start] = true;
                            moved[line - hunk.added.start] |= self.added[line] == *old;
                        }
                        at = block.end;
                    }
                    None => at += 1,
                }
            }
            self.reindented(hunk, &mut moved);
            for (moved, line) in moved.iter_mut().zip(&self.added[hunk.added.clone()]) {
                let tried = places.get(&line.text);
                *moved |=
                    tried.is_some_and(|tried| tried.iter().any(|&old| self.removed[old] == *line));
            }
            if let Some(file) = diff.files.get_mut(path) {
                note(&mut file.moved, *first, &moved);
                note(&mut file.carried, *first, &carried);
            }
        }
    }

    fn hunk_of_removed(&self) -> Vec<usize> {
        let hunks = self.hunks.iter().enumerate();
        hunks
            .flat_map(|(at, hunk)| std::iter::repeat_n(at, hunk.removed.len()))
            .collect()
    }

    /// Lines of one hunk that stand where they stood, counted from its start or from its end, and differ in white space.
    fn reindented(&self, hunk: &Hunk, moved: &mut [bool]) {
        let (removed, added) = (
            &self.removed[hunk.removed.clone()],
            &self.added[hunk.added.clone()],
        );
        let same = |(old, new): (&Line, &Line)| old == new;
        for (at, pair) in removed.iter().zip(added).enumerate() {
            moved[at] |= same(pair);
        }
        for (at, pair) in removed.iter().rev().zip(added.iter().rev()).enumerate() {
            moved[added.len() - 1 - at] |= same(pair);
        }
    }

    /// The added lines around `at` that are the same as the removed ones around `from`.
    fn block(
        &self,
        added: Range<usize>,
        at: usize,
        removed: Range<usize>,
        from: usize,
    ) -> Range<usize> {
        let before = self.added[added.start..at]
            .iter()
            .rev()
            .zip(self.removed[removed.start..from].iter().rev());
        let after = self.added[at..added.end]
            .iter()
            .zip(&self.removed[from..removed.end]);
        let before = before.take_while(|(new, old)| new.text == old.text).count();
        let after = after.take_while(|(new, old)| new.text == old.text).count();
        at - before..at + after
    }

    fn letters(&self, block: &Range<usize>) -> usize {
        self.added[block.clone()]
            .iter()
            .map(|line| line.letters)
            .sum()
    }
}

/// Adds the lines that are marked, counted from `first`.
fn note(lines: &mut Vec<Range<u32>>, first: u32, marked: &[bool]) {
    for (line, _) in (first..).zip(marked).filter(|(_, marked)| **marked) {
        match lines.last_mut().filter(|last| last.end == line) {
            Some(last) => last.end += 1,
            None => lines.push(line..line + 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks which lines of file `f` were moved, and gives those that came in a block. The hunks of `-` and `+` lines are
    /// separated by `@` lines.
    fn check(patch: &str, expected: &str) -> String {
        let file = RepoPath::new("f").expect("inside");
        let mut diff = Diff::default();
        diff.files.entry(file.clone()).or_default();
        let mut moves = Moves::default();
        moves.hunk(Some((file.clone(), 1)));
        let mut line = 1;
        for text in patch.lines() {
            match text.split_at(1) {
                ("-", text) => moves.remove(text.as_bytes()),
                ("+", text) => {
                    moves.add(text.as_bytes());
                    line += 1;
                }
                _ => {
                    line = line / 10 * 10 + 11;
                    moves.hunk(Some((file.clone(), line)));
                }
            }
        }
        moves.tell(&mut diff);
        assert_eq!(shown(&diff.files[&file].moved), expected, "{patch}");
        shown(&diff.files[&file].carried)
    }

    fn shown(lines: &[Range<u32>]) -> String {
        let shown = lines
            .iter()
            .map(|lines| format!("{}-{}", lines.start, lines.end - 1));
        shown.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_moves_alone_is_not_carried() {
        let alone = "-return None\n@\n+one\n+return None\n";
        assert_eq!(check(alone, "12-12"), "");
        let block =
            "-return None\n-}\n-\n-def some_name():\n@\n+return None\n+}\n+\n+def some_name():\n";
        assert_eq!(check(block, "11-14"), "11-14");
        assert_eq!(check("-a\n-}\n+b\n+  }\n", "2-2"), "");
        // White space at the end changes a line; the block is told again all the same.
        let trimmed =
            "-return None  \n-}\n-\n-def some_name():\n@\n+return None\n+}\n+\n+def some_name():\n";
        assert_eq!(check(trimmed, "12-14"), "11-14");
    }

    #[test]
    fn a_block_moves_with_its_braces() {
        let block = "if something_long() {\n    do_this_thing();\n}\n";
        let with = |sign: &str, text: &str| -> String {
            let lines: Vec<String> = text.lines().map(|line| format!("{sign}{line}\n")).collect();
            lines.concat()
        };
        let away = with("-", block);
        check(&format!("{away}@\n+x\n{}", with("+", block)), "12-14");
        let deeper = with("+\t", block);
        check(&format!("{away}@\n+x\n{deeper}"), "12-14");
        // Another brace is not moved along with it.
        let more = format!("{away}@\n+}}\n+x\n{}+y\n+}}\n", with("+", block));
        check(&more, "13-15");
    }

    #[test]
    fn a_line_that_says_little_does_not_move() {
        check("-}\n@\n+}\n", "");
        check("-}\n-\n-}\n@\n+}\n+\n+}\n", "");
        check("-one\n@\n+one\n+two\n", "11-11");
        check("-fi\n@\n+fi\n", "");
        check(
            "-return None\n-}\n-\n-def some_name():\n@\n+return None\n+}\n+\n+def some_name():\n",
            "11-14",
        );
    }

    #[test]
    fn what_is_reindented_stays() {
        check("-}\n+  }\n", "1-1");
        check("-a\n-}\n+b\n+  }\n", "2-2");
        check("-a\n-}\n+b\n+c\n+  }\n", "3-3");
        check("-a\n-}\n-b\n+c\n", "");
        check("-}  \n-a\n+\t} \r\n+b\n", "1-1");
        check("-}\n-\n+} \n+\t\n", "");
    }

    #[test]
    fn equal_lines_cost_no_more_than_their_number() {
        let many = 20_000;
        let text = format!(
            "{}@\n{}",
            "-same words\n".repeat(many),
            "+same words\n".repeat(many)
        );
        check(&text, &format!("11-{}", many + 10));
        let blank = format!(
            "{}@\n{}",
            "-\n-word\n".repeat(many),
            "+word\n+\n+\n".repeat(many)
        );
        let words: Vec<String> = (0..many).map(|n| format!("{0}-{0}", 11 + 3 * n)).collect();
        check(&blank, &words.join(" "));
    }
}
