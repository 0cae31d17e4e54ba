//! Owns which format a report has: told by the start of its content.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::Format;
use super::xml::attribute;

/// The format of the report that starts so.
///
/// # Errors
/// When it is none that is known.
pub fn format(head: &[u8]) -> Result<Format, String> {
    let text = String::from_utf8_lossy(head);
    let start = text.trim_start();
    let unknown = || "it is in no format of coverage reports that is known here".to_owned();
    match start.as_bytes().first() {
        None => Err("it is empty".to_owned()),
        Some(b'<') => of_xml(start).ok_or_else(unknown),
        Some(b'{' | b'[') => of_json(start).ok_or_else(unknown),
        Some(_) if start.starts_with("mode:") => Ok(Format::Go),
        Some(_) => start
            .lines()
            .any(is_lcov)
            .then_some(Format::Lcov)
            .ok_or_else(unknown),
    }
}

fn is_lcov(line: &str) -> bool {
    line.trim_end() == "end_of_record"
        || ["SF:", "TN:", "DA:"]
            .iter()
            .any(|tag| line.starts_with(tag))
}

fn of_xml(text: &str) -> Option<Format> {
    let mut reader = Reader::from_str(text);
    let mut root: Option<BytesStart<'_>> = None;
    // The head may end anywhere: what it tells until there counts.
    while let Ok(event) = reader.read_event() {
        let element = match event {
            Event::Start(element) | Event::Empty(element) => element,
            Event::Eof => break,
            _ => continue,
        };
        let name: &str = element.local_name().into_inner();
        if root.is_some() {
            match name {
                "packages" | "package" | "sources" => return Some(Format::Cobertura),
                "project" | "testproject" => return Some(Format::Clover),
                _ => continue,
            }
        }
        match name {
            "report" => return Some(Format::Jacoco),
            "CoverageSession" => return Some(Format::OpenCover),
            "Root" | "CoverageStatistics" => return Some(Format::DotCover),
            "coverage" => {}
            _ => return None,
        }
        let has = |names: &[&str]| names.iter().any(|name| attribute(&element, name).is_some());
        if has(&["clover", "generated"]) {
            return Some(Format::Clover);
        }
        if has(&["line-rate", "branch-rate", "lines-valid", "lines-covered"]) {
            return Some(Format::Cobertura);
        }
        root = Some(element);
    }
    // SonarQube has a root of the same name, but gives it a version alone.
    let root = root?;
    attribute(&root, "version")
        .is_none()
        .then_some(Format::Cobertura)
}

/// The keys of a JSON document that begins so, with their depth, in order.
fn keys(text: &str) -> Vec<(usize, &str)> {
    let bytes = text.as_bytes();
    let mut keys = Vec::new();
    let (mut depth, mut at) = (0_usize, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                let start = at + 1;
                at = start;
                while at < bytes.len() && bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                let end = at.min(bytes.len());
                let rest = text.get(end + 1..).unwrap_or_default();
                if rest.trim_start().starts_with(':') && depth <= 4 {
                    keys.push((depth, text.get(start..end).unwrap_or_default()));
                }
            }
            _ => {}
        }
        at += 1;
    }
    keys
}

fn of_json(text: &str) -> Option<Format> {
    let keys = keys(text);
    let has = |depth: usize, name: &str| keys.contains(&(depth, name));
    let deep = |name: &str| keys.iter().any(|(_, key)| *key == name);
    if has(1, "data") && (deep("segments") || deep("filename") || deep("files") || deep("totals")) {
        return Some(Format::Llvm);
    }
    if has(1, "DotCoverVersion") {
        return Some(Format::DotCover);
    }
    if deep("statementMap") {
        return Some(Format::Istanbul);
    }
    if has(1, "meta") {
        return Some(if deep("simplecov_version") || has(1, "coverage") {
            Format::SimpleCov
        } else {
            Format::CoveragePy
        });
    }
    if has(1, "files") && (deep("executed_lines") || deep("missing_lines")) {
        return Some(Format::CoveragePy);
    }
    if has(2, "lines") && has(3, "pct") {
        return Some(Format::IstanbulSummary);
    }
    // A command with its files, or one list of files.
    if has(2, "coverage") || (has(1, "files") && deep("filename")) || has(1, "coverage") {
        return Some(Format::SimpleCov);
    }
    None
}
