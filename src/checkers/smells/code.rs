//! Owns the search for code in comments: lines that are no prose, that the language's grammar reads, and that say what only code
//! says.

use std::ops::Range;

use crate::source::file::parse;
use crate::source::language::Language;

use super::comments::Line;
use super::prose;
use super::statement::{Weight, weigh};

/// Longer runs of lines are not parsed, in bytes.
const LONGEST: usize = 16 * 1024;

/// The first lines of a block that are code nobody runs.
pub fn find(language: Language, lines: &[Line<'_>]) -> Option<Range<usize>> {
    if matches!(language, Language::Bash) {
        return None;
    }
    let is_no_code = |line: &Line<'_>| prose::is_prose(language, line.text);
    let mut at = 0;
    while at < lines.len() {
        if lines[at].text.trim().is_empty() || is_no_code(&lines[at]) {
            at += 1;
            continue;
        }
        let length = lines[at..]
            .iter()
            .take_while(|line| !is_no_code(line))
            .count();
        let mut end = at + length;
        while lines[end - 1].text.trim().is_empty() {
            end -= 1;
        }
        let run = &lines[at..end];
        if prose::may_be_code(language, run)
            && !prose::is_example(lines, at, end)
            && is_code(language, run)
        {
            return Some(at..end);
        }
        at += length;
    }
    None
}

fn is_code(language: Language, run: &[Line<'_>]) -> bool {
    let filled = run.iter().filter(|line| !line.text.trim().is_empty());
    let indent = |line: &Line<'_>| line.text.len() - line.text.trim_start().len();
    let least = filled.clone().map(indent).min().unwrap_or(0);
    let mut text = String::new();
    for line in run {
        text.push_str(line.text.get(least..).unwrap_or_default());
        text.push('\n');
    }
    if text.len() > LONGEST || text.contains("...") || text.contains('\u{2026}') {
        return false;
    }
    let count = filled.count();
    wraps(language, text.trim_start())
        .iter()
        .any(|wrap| is_read(language, wrap, &text, count))
}

/// What must stand around statements so that the grammar reads them: before, behind, and how many nodes deep they then are.
struct Wrap {
    before: &'static str,
    behind: &'static str,
    depth: usize,
}

const fn wrap(before: &'static str, behind: &'static str, depth: usize) -> Wrap {
    Wrap {
        before,
        behind,
        depth,
    }
}

fn wraps(language: Language, text: &str) -> &'static [Wrap] {
    const BARE: Wrap = wrap("", "", 0);
    match language {
        Language::Go
            if text.starts_with("func ")
                || text.starts_with("type ")
                || text.starts_with("import ") =>
        {
            const { &[wrap("package p\n", "", 1)] }
        }
        Language::Go => const { &[wrap("package p\nfunc f() {\n", "\n}\n", 3)] },
        Language::Java => {
            const {
                &[
                    wrap("class A { void f() {\n", "\n} }", 4),
                    wrap("class A {\n", "\n}", 2),
                    BARE,
                ]
            }
        }
        Language::CSharp => const { &[BARE, wrap("class A {\n", "\n}", 2)] },
        Language::C | Language::Cpp => const { &[wrap("void f() {\n", "\n}", 2), BARE] },
        Language::Rust => const { &[wrap("fn f() {\n", "\n}", 2), wrap("impl A {\n", "\n}", 2)] },
        Language::Php => const { &[wrap("<?php\n", "", 0), wrap("<?php class A {\n", "\n}", 2)] },
        Language::JavaScript | Language::TypeScript | Language::Tsx => {
            const { &[BARE, wrap("class A {\n", "\n}", 2)] }
        }
        _ => const { &[BARE] },
    }
}

fn is_read(language: Language, wrap: &Wrap, text: &str, lines: usize) -> bool {
    let (start, end) = (wrap.before.len(), wrap.before.len() + text.len());
    let whole = format!("{}{text}{}", wrap.before, wrap.behind);
    let Some(tree) = parse(language, whole.as_bytes()) else {
        return false;
    };
    let root = tree.root_node();
    if root.has_error() {
        return false;
    }
    // Down to the node whose children are the statements.
    let mut around = root;
    for _ in 0..wrap.depth {
        let inner = (0..around.named_child_count())
            .filter_map(|at| around.named_child(u32::try_from(at).unwrap_or(u32::MAX)))
            .find(|child| {
                child.start_byte() <= start
                    && child.end_byte() >= end.min(child.end_byte())
                    && child.end_byte() > start
            });
        let Some(inner) = inner else { break };
        if inner.start_byte() >= start {
            break;
        }
        around = inner;
    }
    let mut cursor = around.walk();
    let statements = around
        .named_children(&mut cursor)
        .filter(|child| child.start_byte() >= start && child.end_byte() <= end);
    let (mut strong, mut all) = (0, 0);
    for statement in statements {
        let comment = super::table::is_comment(statement);
        if comment {
            continue;
        }
        all += 1;
        match weigh(language, statement, whole.as_bytes(), lines) {
            Weight::Never => return false,
            Weight::Weak => {}
            Weight::Strong => strong += 1,
        }
    }
    strong > 0 && strong * 2 >= all
}
