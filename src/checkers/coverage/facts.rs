//! Owns what coverage needs to know of a source file: how long it is, which lines have code, and where the statements begin that
//! go over several lines. Knows no report.

use serde::{Deserialize, Serialize};
use tree_sitter::Node;

use crate::source::file::SourceFile;
use crate::source::language::Language;

/// What is known of a source file. Ranges of lines have their last line in them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Facts {
    /// How many lines it has.
    pub lines: u32,
    /// The lines with code: neither blank nor comment alone.
    pub code: Vec<(u32, u32)>,
    /// The lines that statements begin at; empty where there is no grammar.
    pub starts: Vec<u32>,
    /// The statements that go over several lines, or their heads where a body follows.
    pub spans: Vec<(u32, u32)>,
}

impl Facts {
    /// Looks at a file.
    #[must_use]
    pub fn of(file: &SourceFile) -> Self {
        let lines = u32::try_from(file.line_count()).unwrap_or(u32::MAX);
        let mut facts = Self {
            lines,
            ..Self::default()
        };
        match file.tree() {
            Some(tree) => facts.walk(tree.root_node()),
            None => facts.guess(file),
        }
        facts
    }

    /// Has the line code?
    #[must_use]
    pub fn has_code(&self, line: u32) -> bool {
        within(&self.code, line)
    }

    /// The line that the statement begins at whose first lines this is one of.
    #[must_use]
    pub fn start_of(&self, line: u32) -> Option<u32> {
        // The innermost one: of those that hold the line, the one that begins last.
        let before = self.spans.partition_point(|(start, _)| *start <= line);
        let mut held = self.spans[..before].iter().rev().take(1_000);
        held.find(|(_, end)| line <= *end).map(|(start, _)| *start)
    }

    /// The lines that can run, as far as the text tells.
    pub fn executable(&self) -> impl Iterator<Item = u32> {
        let guessed = self.starts.is_empty();
        let code = self.code.iter().filter(move |_| guessed);
        let code = code.flat_map(|&(start, end)| start..=end);
        self.starts.iter().copied().chain(code)
    }

    fn note_code(&mut self, start: u32, end: u32) {
        match self.code.last_mut() {
            Some(last) if start <= last.1 + 1 => last.1 = last.1.max(end),
            _ => self.code.push((start, end)),
        }
    }

    fn walk(&mut self, root: Node<'_>) {
        let mut cursor = root.walk();
        let mut spans = Vec::new();
        // Whether each node on the way down to the cursor, itself not among them, holds statements.
        let mut holders: Vec<bool> = Vec::new();
        loop {
            let node = cursor.node();
            let is_comment = node.is_extra() && node.kind().contains("comment");
            if !is_comment {
                if node.child_count() == 0 && node.start_byte() < node.end_byte() {
                    self.note_code(row(node), end_row(node));
                }
                if holders.last() == Some(&true) && is_statement(node) {
                    let start = row(node);
                    self.starts.push(start);
                    spans.push((start, head_end(node)));
                }
                let holds = is_holder(node.kind());
                if cursor.goto_first_child() {
                    holders.push(holds);
                    continue;
                }
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    self.starts.sort_unstable();
                    self.starts.dedup();
                    spans.retain(|(start, end)| end > start);
                    spans.sort_unstable();
                    spans.dedup();
                    self.spans = spans;
                    return;
                }
                holders.pop();
            }
        }
    }

    /// Without a grammar every line is code that neither is blank nor begins as comments do.
    fn guess(&mut self, file: &SourceFile) {
        let mut block = false;
        for (number, line) in file.lines() {
            let line = line.trim_ascii();
            let begins = |start: &[u8]| line.starts_with(start);
            if block {
                block = !line.windows(2).any(|pair| pair == b"*/");
                continue;
            }
            if begins(b"/*") {
                block = !line.windows(2).any(|pair| pair == b"*/");
                continue;
            }
            let is_comment = match file.language() {
                Some(Language::Ruby | Language::Perl | Language::Makefile | Language::Bash) => {
                    begins(b"#")
                }
                Some(Language::Php) => begins(b"#") || begins(b"//"),
                _ => begins(b"//"),
            };
            if !line.is_empty() && !is_comment {
                self.note_code(number, number);
            }
        }
    }
}

fn within(ranges: &[(u32, u32)], line: u32) -> bool {
    let before = ranges.partition_point(|(start, _)| *start <= line);
    before.checked_sub(1).is_some_and(|at| line <= ranges[at].1)
}

fn row(node: Node<'_>) -> u32 {
    u32::try_from(node.start_position().row + 1).unwrap_or(u32::MAX)
}

/// The last line that the node has a character in.
fn end_row(node: Node<'_>) -> u32 {
    let end = node.end_position();
    let row = if end.column == 0 && end.row > node.start_position().row {
        end.row
    } else {
        end.row + 1
    };
    u32::try_from(row).unwrap_or(u32::MAX)
}

/// Kinds of nodes that hold statements.
const HOLDERS: &[&str] = &[
    "module",
    "block",
    "program",
    "source_file",
    "statement_block",
    "statement_list",
    "class_body",
    "interface_body",
    "enum_body",
    "declaration_list",
    "compound_statement",
    "translation_unit",
    "compilation_unit",
    "constructor_body",
    "body_statement",
    "switch_case",
    "switch_default",
    "switch_block_statement_group",
    "expression_case",
    "default_case",
    "communication_case",
    "do_group",
    "function_body",
    "then",
    "else",
];

fn is_holder(kind: &str) -> bool {
    HOLDERS.contains(&kind)
}

/// Is a node that stands directly in one that holds statements a statement?
fn is_statement(node: Node<'_>) -> bool {
    node.is_named()
        && !is_holder(node.kind())
        && !node.is_error()
        && node.start_byte() < node.end_byte()
}

/// The last line of the statement, or of its head: what stands before the first node that holds other statements.
fn head_end(node: Node<'_>) -> u32 {
    /// Heads are shallow: a few levels reach the body.
    const DEEPEST: usize = 4;
    let (start, end) = (row(node), end_row(node));
    let mut cursor = node.walk();
    let mut depth = 0;
    loop {
        let at = cursor.node();
        if depth > 0 && is_holder(at.kind()) {
            // A body without a brace begins below its head.
            let below = at.child(0).is_none_or(|first| first.kind() != "{");
            let body = row(at);
            let last = if below { body.saturating_sub(1) } else { body };
            return last.clamp(start, end);
        }
        if depth < DEEPEST && cursor.goto_first_child() {
            depth += 1;
            continue;
        }
        while !cursor.goto_next_sibling() {
            if depth == 0 || !cursor.goto_parent() {
                return end;
            }
            depth -= 1;
        }
        if depth == 0 {
            return end;
        }
    }
}
