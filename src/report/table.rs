//! Owns tables: plain ASCII columns where they fit, `key: value` blocks where they do not.

use comfy_table::presets::NOTHING;
use comfy_table::{ColumnConstraint, ContentArrangement, Width};

use super::layout::wrap;

/// The least width that the last column is worth showing at.
const LEAST_LAST: usize = 16;
/// What stands between two columns.
const GAP: usize = 2;

/// A table of escaped texts. All columns keep their width but the last, which is wrapped.
#[derive(Clone, Debug)]
pub struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these column titles.
    #[must_use]
    pub fn new(header: &[&str]) -> Self {
        Self {
            header: header.iter().map(|&title| title.to_owned()).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row; there must be as many cells as columns.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let row: Vec<String> = cells.into_iter().collect();
        debug_assert_eq!(row.len(), self.header.len(), "a cell for each column");
        self.rows.push(row);
    }

    /// Has it no rows?
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table in lines of at most `width` columns; empty without rows. A word that is wider is broken.
    #[must_use]
    pub fn render(&self, width: usize) -> String {
        if self.rows.is_empty() {
            return String::new();
        }
        let widths: Vec<usize> = (0..self.header.len()).map(|c| self.widest(c)).collect();
        let (last, others) = widths.split_last().expect("a table has a column");
        let fixed: usize = others.iter().map(|w| w + GAP).sum();
        if fixed + (*last).min(LEAST_LAST) > width {
            self.blocks(width)
        } else {
            self.columns(&widths, width)
        }
    }

    fn widest(&self, column: usize) -> usize {
        let cells = self.rows.iter().map(|row| row[column].len());
        cells.chain([self.header[column].len()]).max().unwrap_or(0)
    }

    fn columns(&self, widths: &[usize], width: usize) -> String {
        let mut table = comfy_table::Table::new();
        table
            .load_style(NOTHING)
            .set_truncation_indicator("...")
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(u16::try_from(width).unwrap_or(u16::MAX));
        let rule: Vec<String> = widths
            .iter()
            .zip(&self.header)
            .map(|(_, title)| "-".repeat(title.len()))
            .collect();
        table.set_header(self.header.clone());
        table.add_row(rule);
        table.add_rows(self.rows.clone());
        let last = widths.len() - 1;
        for (n, column) in table.column_iter_mut().enumerate() {
            let gap = if n == last { 0 } else { GAP };
            column.set_padding((0, u16::try_from(gap).unwrap_or(u16::MAX)));
            if n < last {
                let fixed = u16::try_from(widths[n] + gap).unwrap_or(u16::MAX);
                column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(fixed)));
            }
        }
        trimmed(&table.to_string())
    }

    fn blocks(&self, width: usize) -> String {
        let mut out = String::new();
        for (n, row) in self.rows.iter().enumerate() {
            if n > 0 {
                out.push('\n');
            }
            for (title, cell) in self.header.iter().zip(row).filter(|(_, c)| !c.is_empty()) {
                out.push_str(&wrap(&format!("{title}: {cell}"), width, "", "  "));
            }
        }
        out
    }
}

fn trimmed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use insta::assert_snapshot;

    fn check(width: usize) -> String {
        let mut table = Table::new(&["result", "gate", "why"]);
        table.row(["PASS".to_owned(), "files".to_owned(), String::new()]);
        let why = "secrets_detected is 2, required == 0 (qgate.yaml:14)";
        table.row(["FAIL".to_owned(), "no-secrets".to_owned(), why.to_owned()]);
        let text = table.render(width);
        assert!(text.lines().all(|line| line.len() <= width), "{text}");
        text
    }

    #[test]
    fn columns_or_blocks() {
        assert_snapshot!(check(80), @r"
        result  gate        why
        ------  ----        ---
        PASS    files
        FAIL    no-secrets  secrets_detected is 2, required == 0 (qgate.yaml:14)
        ");
        assert_snapshot!(check(50), @r"
        result  gate        why
        ------  ----        ---
        PASS    files
        FAIL    no-secrets  secrets_detected is 2,
                            required == 0 (qgate.yaml:14)
        ");
        assert_snapshot!(check(30), @r"
        result: PASS
        gate: files

        result: FAIL
        gate: no-secrets
        why: secrets_detected is 2,
          required == 0
          (qgate.yaml:14)
        ");
        assert_eq!(Table::new(&["gate"]).render(80), "");
    }
}
