//! Owns regions: a text inside a file (a script in a workflow, a decoded scalar) whose every byte knows its place in the
//! file. Knows no language.

/// A text that was taken out of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Region {
    text: String,
    /// Where runs of bytes stand: offset in the text, offset in the file; both ascending, the first at text offset 0.
    runs: Vec<(usize, usize)>,
}

impl Region {
    /// An empty region that begins at the byte offset `at` of its file.
    #[must_use]
    pub fn starting(at: usize) -> Self {
        Self {
            text: String::new(),
            runs: vec![(0, at)],
        }
    }

    /// A text of which only the start is known: each of its bytes stands at the byte offset `at`.
    #[must_use]
    pub fn fixed(text: String, at: usize) -> Self {
        Self {
            text,
            runs: vec![(0, at), (0, at)],
        }
    }

    /// Adds a character that stands at the byte offset `at` of the file.
    pub fn push(&mut self, c: char, at: usize) {
        if self.place(self.text.len()) != at {
            self.runs.push((self.text.len(), at));
        }
        self.text.push(c);
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The byte offset in the file of the byte at `offset` of the text.
    #[must_use]
    pub fn place(&self, offset: usize) -> usize {
        if let [(0, at), (0, _)] = self.runs[..] {
            return at;
        }
        let index = self.runs.partition_point(|&(from, _)| from <= offset);
        index
            .checked_sub(1)
            .map_or(0, |index| self.runs[index].1 + offset - self.runs[index].0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        let mut region = Region::starting(10);
        region.push('a', 10);
        region.push('b', 11);
        region.push('\n', 12);
        region.push('c', 20);
        assert_eq!(region.text(), "ab\nc");
        let places: Vec<usize> = (0..5).map(|at| region.place(at)).collect();
        assert_eq!(places, [10, 11, 12, 20, 21]);
        assert_eq!(Region::fixed("xyz".to_owned(), 7).place(2), 7);
        assert_eq!(Region::default().place(3), 0);
    }
}
