//! Owns how problems are shown: file, line, column, the line with a caret, and what to do. Plain ASCII.

use std::fmt::Write as _;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use crate::base::ascii::escape;
use crate::base::node::{Origin, Problem};
use crate::base::words;

/// How much of a line is shown, in columns.
const WIDTH: usize = 120;
/// How much of it before the caret.
const BEFORE: usize = 60;

/// All problems, by file and place, and a line that counts them. Printable ASCII and line feeds.
#[must_use]
pub fn render(problems: &[Problem]) -> String {
    let mut sorted: Vec<&Problem> = problems.iter().collect();
    sorted.sort_by_key(|p| {
        let Origin { text, span } = &p.origin;
        (&text.name, span.start, span.end, &p.message)
    });
    sorted.dedup();
    let mut out = String::new();
    for problem in &sorted {
        out.push_str(&one(problem));
        out.push_str("\n\n");
    }
    let mut files: Vec<&str> = sorted.iter().map(|p| p.origin.text.name.as_str()).collect();
    files.dedup();
    let place = match files[..] {
        [file] => escape(file).into_owned(),
        _ => words::count(files.len(), "file"),
    };
    let _ = writeln!(
        out,
        "{} in {place}; nothing was run",
        words::count(sorted.len(), "problem")
    );
    out
}

fn one(problem: &Problem) -> String {
    let name = escape(&problem.origin.text.name);
    let (line, column) = problem.origin.line_column();
    let excerpt = Excerpt::of(&problem.origin);
    let title = escape(&problem.message);
    let help = escape(&problem.help);
    let snippet = Snippet::source(excerpt.text.as_str())
        .line_start(line)
        .path(name.as_ref())
        .annotation(AnnotationKind::Primary.span(excerpt.span));
    let mut group = Level::ERROR.primary_title(title.as_ref()).element(snippet);
    if !help.is_empty() {
        group = group.element(Level::HELP.message(help.as_ref()));
    }
    let shown = Renderer::plain()
        .decor_style(DecorStyle::Ascii)
        .term_width(WIDTH + 40)
        .render(&[group]);
    // The renderer counts columns in the escaped and cut line; people count in the file.
    let mut lines: Vec<String> = shown.lines().map(str::to_owned).collect();
    if let Some(header) = lines
        .iter_mut()
        .find(|l| l.trim_start().starts_with("--> "))
    {
        let indent = header.len() - header.trim_start().len();
        *header = format!("{:indent$}--> {name}:{line}:{column}", "");
    }
    if excerpt.text.is_empty() {
        // Nothing stands there: a gutter without a line says nothing.
        lines.retain(|l| l.starts_with("error") || l.contains("--> ") || l.contains("= help"));
    }
    lines.join("\n")
}

/// One escaped line, cut to a width, with the span in it.
struct Excerpt {
    text: String,
    span: std::ops::Range<usize>,
}

impl Excerpt {
    fn of(origin: &Origin) -> Self {
        let whole = origin.text.text.as_str();
        let start = floor(whole, origin.span.start);
        let end = floor(whole, origin.span.end).max(start);
        let from = whole[..start].rfind('\n').map_or(0, |at| at + 1);
        let to = whole[start..]
            .find('\n')
            .map_or(whole.len(), |at| start + at);
        // A password that stands in the line is not repeated.
        let line = words::masked(&whole[from..to]);
        let line_end = line.trim_end().len();
        let start = start - from;
        let end = (end - from).min(line_end).max(start);
        let (cut, dots) = tail(&line[..start], BEFORE);
        let before = format!("{dots}{}", piece(cut));
        let marked = piece(head(&line[start..end], WIDTH));
        let room = WIDTH.saturating_sub(marked.len());
        let after = piece(head(&line[end..line_end.max(end)], room));
        let span = before.len()..before.len() + marked.len().max(1);
        Self {
            text: format!("{before}{marked}{after}"),
            span,
        }
    }
}

/// Escapes a piece of a line, so that its width is its length; backslashes stay single.
fn piece(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            ' '..='~' => c.to_string(),
            _ => escape(c.encode_utf8(&mut [0; 4])).into_owned(),
        })
        .collect()
}

fn head(text: &str, most: usize) -> &str {
    let end = text
        .char_indices()
        .nth(most)
        .map_or(text.len(), |(at, _)| at);
    &text[..end]
}

fn tail(text: &str, most: usize) -> (&str, &'static str) {
    let length = text.chars().count();
    if length <= most {
        return (text, "");
    }
    let start = text
        .char_indices()
        .nth(length - most)
        .map_or(0, |(at, _)| at);
    (&text[start..], "...")
}

fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
