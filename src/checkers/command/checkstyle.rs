//! Owns the reader of checkstyle reports: bytes to findings.

use quick_xml::events::BytesStart;

use super::places::Places;
use super::report::{Found, Report, severity};
use super::xml::{self, attribute, number};

use crate::model::rule::Severity;

/// Reads a report. `tool` stands before the rule in ids.
///
/// # Errors
/// Says why the report cannot be used.
pub fn read(bytes: &[u8], tool: &str, places: &Places<'_>) -> Result<Report, String> {
    let mut report = Report::default();
    let mut file = String::new();
    xml::walk(bytes, &["checkstyle"], |event| {
        if let xml::Step::Start(element) = event {
            match element.local_name().as_ref() {
                "file" => file = attribute(element, "name").unwrap_or_default(),
                "error" => error(element, tool, &file, places, &mut report),
                _ => {}
            }
        }
    })?;
    Ok(report)
}

fn error(
    element: &BytesStart<'_>,
    tool: &str,
    file: &str,
    places: &Places<'_>,
    report: &mut Report,
) {
    let word = attribute(element, "severity").unwrap_or_default();
    if word == "ignore" {
        report.suppressed += 1;
        return;
    }
    let source = attribute(element, "source").unwrap_or_default();
    // `com.puppycrawl.tools.checkstyle.checks.FooCheck`, `eslint.rules.no-undef`: the rule is the last part.
    let rule = source.rsplit('.').next().unwrap_or_default();
    let at = (number(element, "line"), number(element, "column"));
    report.find(Found {
        rule: format!("{tool}/{}", if rule.is_empty() { "finding" } else { rule }),
        severity: severity(&word).unwrap_or(Severity::Medium),
        place: places.place(file, at, at),
        message: &attribute(element, "message").unwrap_or_default(),
        help: "",
        anchor: None,
        standards: Vec::new(),
    });
}
