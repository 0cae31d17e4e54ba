//! Owns lines: which lines of a file the tokens of a run take.

use super::facts::{Code, Row};

/// The lines of one file's tokens.
pub struct Lines {
    /// The rows, each with the number of its first token.
    rows: Vec<(usize, Row)>,
}

/// The lines that a run takes as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The first line.
    pub first: u32,
    /// The last line.
    pub last: u32,
    /// How many of them hold tokens.
    pub code: usize,
}

impl Lines {
    /// The lines of a file.
    #[must_use]
    pub fn of(code: &Code) -> Self {
        let mut token = 0;
        let rows = code.rows().map(|row| {
            let first = token;
            token += row.tokens as usize;
            (first, row)
        });
        Self {
            rows: rows.collect(),
        }
    }

    /// Each line that lies wholly in the tokens from `from` to before `to`, in order, once.
    pub fn each(&self, from: usize, to: usize, mut take: impl FnMut(u32)) {
        let start = self.rows.partition_point(|(first, _)| *first < from);
        let inside = |(first, row): &&(usize, Row)| first + row.tokens as usize <= to;
        let mut done = 0;
        for (_, row) in self.rows[start..].iter().take_while(inside) {
            for line in row.line.max(done + 1)..=row.line + row.more {
                take(line);
                done = line;
            }
        }
    }

    /// The lines that lie wholly in the tokens from `from` to before `to`.
    #[must_use]
    pub fn stretch(&self, from: usize, to: usize) -> Stretch {
        let mut stretch = Stretch {
            first: 0,
            last: 0,
            code: 0,
        };
        self.each(from, to, |line| {
            if stretch.code == 0 {
                stretch.first = line;
            }
            stretch.last = line;
            stretch.code += 1;
        });
        stretch
    }
}
