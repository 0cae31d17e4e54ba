//! Owns the reader of lines of text: bytes and patterns to findings and measurements.

use regex::{Captures, Regex};

use super::options::Lines;
use super::places::Places;
use super::report::{Found, Report, severity};
use crate::base::ascii;
use crate::model::metric::Value;

/// Longer lines are not looked at beyond this, in bytes.
const LONGEST: usize = 1 << 16;

/// Reads the findings and metrics. `tool` stands before the rule in ids.
///
/// # Errors
/// Says which metric is not in the text.
pub fn read(
    bytes: &[u8],
    options: &Lines,
    tool: &str,
    places: &Places<'_>,
) -> Result<Report, String> {
    let mut report = Report::default();
    let text = String::from_utf8_lossy(bytes);
    if let Some(pattern) = &options.pattern {
        for line in text.lines() {
            let line = plain(line);
            if let Some(found) = pattern.regex().captures(&line) {
                finding(&found, options, tool, places, &mut report);
            }
        }
    }
    for (name, metric) in &options.metrics {
        let value = last(&text, metric.pattern.regex())
            .ok_or_else(|| format!("no line of it matches the pattern of `{name}`"))?;
        let quantity = metric
            .unit
            .read(&value)
            .map_err(|problem| format!("the value of `{name}`, `{value}`, {problem}"))?;
        report.measure(name.clone(), Value::Plain(quantity));
    }
    Ok(report)
}

fn plain(line: &str) -> std::borrow::Cow<'_, str> {
    let end = line.floor_char_boundary(LONGEST);
    ascii::strip_terminal_sequences(&line[..end])
}

fn last(text: &str, pattern: &Regex) -> Option<String> {
    text.lines().rev().find_map(|line| {
        let line = plain(line);
        let value = pattern.captures(&line)?.name("value")?;
        Some(value.as_str().to_owned())
    })
}

fn finding(
    found: &Captures<'_>,
    options: &Lines,
    tool: &str,
    places: &Places<'_>,
    report: &mut Report,
) {
    let group = |name| found.name(name).map(|group| group.as_str().trim());
    let number = |name| group(name).and_then(|text| text.parse().ok()).unwrap_or(0);
    let whole = found.get(0).map_or("", |group| group.as_str());
    let at = (number("line"), number("column"));
    report.find(Found {
        rule: format!(
            "{tool}/{}",
            group("rule")
                .filter(|rule| !rule.is_empty())
                .unwrap_or("finding")
        ),
        severity: group("severity")
            .and_then(severity)
            .unwrap_or(options.severity),
        place: places.place(group("file").unwrap_or_default(), at, at),
        message: group("message").unwrap_or(whole),
        help: "",
        anchor: None,
        standards: Vec::new(),
    });
}
