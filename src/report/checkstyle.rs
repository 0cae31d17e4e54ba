//! Owns the format `checkstyle`: XML that many linters write and many viewers read.

use std::collections::BTreeMap;

use crate::model::place::Place;
use crate::model::report::Report;
use crate::model::rule::Severity;

use super::found::{self, Weight};
use super::issues;
use super::xml::{self, text};

/// The name under which stands what is at no file.
const NO_FILE: &str = "qgate";

/// The report: findings by file, and under the name `qgate` what is at no file: findings at objects, gates that did not
/// pass, reasons, notices.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for found in found::all(report) {
        let finding = found.finding;
        let name = finding.place.path().map_or_else(
            || NO_FILE.to_owned(),
            |path| match std::str::from_utf8(path.as_bytes()) {
                Ok(path) => path.to_owned(),
                Err(_) => path.to_string(),
            },
        );
        let object = match &finding.place {
            Place::Object(object) => format!("{object}: "),
            Place::Part(..) | Place::File(_) => String::new(),
        };
        let help = match finding.help.as_str() {
            "" => String::new(),
            help => format!("; help: {help}"),
        };
        let message = format!("{object}{}{help}", finding.headline);
        let point = finding.place.span().map(|span| span.start);
        let at = point.map_or_else(String::new, |at| {
            format!(" line=\"{}\" column=\"{}\"", at.line, at.column)
        });
        let severity = match found.severity {
            Severity::Critical | Severity::High => "error",
            Severity::Medium => "warning",
            Severity::Low | Severity::Info => "info",
        };
        let source = format!("qgate.{}", finding.rule);
        let entries = files.entry(name).or_default();
        entries.push(error(&at, severity, &message, &source));
    }
    let own = own(report);
    if !own.is_empty() {
        files.entry(NO_FILE.to_owned()).or_default().extend(own);
    }
    let mut out = format!("{}<checkstyle version=\"8.0\">\n", xml::HEAD);
    for (name, entries) in files {
        let entries = entries.concat();
        out.push_str(&format!(
            "  <file name=\"{}\">\n{entries}  </file>\n",
            text(&name)
        ));
    }
    out + "</checkstyle>\n"
}

fn error(at: &str, severity: &str, message: &str, source: &str) -> String {
    format!(
        "    <error{at} severity=\"{severity}\" message=\"{}\" source=\"{}\"/>\n",
        text(message),
        text(source)
    )
}

/// What the run itself says.
fn own(report: &Report) -> Vec<String> {
    let mut out = Vec::new();
    for gate in &report.gates {
        let severity = match Weight::of_gate(gate) {
            Weight::Error => "error",
            Weight::Warning => "warning",
            Weight::Notice => continue,
        };
        out.push(error("", severity, &issues::sentence(gate), "qgate.gate"));
    }
    for reason in found::beyond_gates(report) {
        out.push(error("", "error", reason, "qgate.verdict"));
    }
    for notice in &report.notices {
        out.push(error("", "info", notice, "qgate.notice"));
    }
    for waiver in &report.waivers {
        out.push(error("", "info", &waiver.placed(), "qgate.waiver"));
    }
    out
}
