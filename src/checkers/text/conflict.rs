//! Owns the recognition of merge conflicts: markers count only in the order in which git writes them, so that underlined
//! headings and quoted mail do not.

use crate::model::rule::Severity;
use crate::source::file::SourceFile;
use crate::source::language::Language;

use super::hit::{Hits, Kind, Line, lines};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Marker {
    Ours,
    Base,
    Middle,
    Theirs,
}

/// Git writes seven signs, then a space and a label (which some tools leave out).
fn marker(line: &[u8]) -> Option<Marker> {
    let sign = *line.first()?;
    if !matches!(sign, b'<' | b'|' | b'=' | b'>') || !line.starts_with(&[sign; 7]) {
        return None;
    }
    let rest = &line[7..];
    let rest = rest.strip_suffix(b"\r").unwrap_or(rest);
    match sign {
        b'=' => rest.is_empty().then_some(Marker::Middle),
        _ if !(rest.is_empty() || rest.starts_with(b" ")) => None,
        b'<' => Some(Marker::Ours),
        b'|' => Some(Marker::Base),
        _ => Some(Marker::Theirs),
    }
}

struct Open<'a> {
    line: Line<'a>,
    middle: bool,
    fenced: bool,
}

/// Scans for merge conflicts.
pub fn scan(file: &SourceFile, hits: &mut Hits) {
    let markdown = file.language() == Some(Language::Markdown);
    let test = file.class().test;
    let mut fence: Option<&[u8]> = None;
    let mut open: Option<Open<'_>> = None;
    let mut middle: Option<Line<'_>> = None;
    for line in lines(file.bytes()) {
        if markdown {
            fence = after(fence, line.bytes);
        }
        match marker(line.bytes) {
            Some(Marker::Ours) => {
                unfinished(open.take(), test, hits);
                middle = None;
                let fenced = fence.is_some();
                open = Some(Open {
                    line,
                    middle: false,
                    fenced,
                });
            }
            Some(Marker::Middle) => match &mut open {
                Some(open) => open.middle = true,
                None => middle = Some(line),
            },
            Some(Marker::Theirs) => match open.take() {
                Some(open) if open.middle => {
                    let quiet = test || (open.fenced && fence.is_some());
                    let severity = if quiet {
                        Severity::Medium
                    } else {
                        Severity::High
                    };
                    report(&open.line, severity, "a merge conflict was committed", hits);
                }
                Some(_) => {}
                None => {
                    if middle.take().is_some() && !markdown {
                        report(
                            &line,
                            severity_of_half(test),
                            "the end of a merge conflict was committed",
                            hits,
                        );
                    }
                }
            },
            Some(Marker::Base) | None => {}
        }
    }
    unfinished(open, test, hits);
}

fn unfinished(open: Option<Open<'_>>, test: bool, hits: &mut Hits) {
    if let Some(open) = open.filter(|open| open.middle && !open.fenced) {
        report(
            &open.line,
            severity_of_half(test),
            "the start of a merge conflict was committed",
            hits,
        );
    }
}

const fn severity_of_half(test: bool) -> Severity {
    if test {
        Severity::Low
    } else {
        Severity::Medium
    }
}

fn report(line: &Line<'_>, severity: Severity, headline: &str, hits: &mut Hits) {
    if hits.room(Kind::Conflict) {
        hits.push(Kind::Conflict, severity, line, (0, 7), headline);
    }
}

/// The Markdown fence that is open behind this line.
fn after<'a>(fence: Option<&'a [u8]>, line: &'a [u8]) -> Option<&'a [u8]> {
    let text = line.trim_ascii_start();
    let Some(&sign @ (b'`' | b'~')) = text.first() else {
        return fence;
    };
    let length = text.iter().take_while(|&&b| b == sign).count();
    let (ticks, rest) = text.split_at(length);
    match fence {
        None if length >= 3 && !rest.contains(&b'`') => Some(ticks),
        Some(opening) if ticks.starts_with(opening) && rest.trim_ascii().is_empty() => None,
        _ => fence,
    }
}
