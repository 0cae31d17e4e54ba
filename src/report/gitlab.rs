//! Owns the format `gitlab`: the JSON of GitLab's Code Quality report.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::base::digest::Digest;
use crate::model::outcome::GateOutcome;
use crate::model::place::Place;
use crate::model::report::Report;
use crate::model::rule::Severity;
use crate::model::waiver::Waiver;

use super::found::{self, Found, Weight};
use super::{issues, json};

#[derive(Serialize)]
struct Entry {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

/// The report: an entry for each finding, one for each gate that decides and did not pass without a finding to show for
/// it, and one for each waiver that was used. What is at no file stands at the gate file.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut entries: Vec<Entry> = found::all(report)
        .iter()
        .map(|found| finding(found, report))
        .collect();
    entries.extend(report.gates.iter().filter_map(|gate| {
        let silent = gate.outcome == GateOutcome::Unknown || gate.decisive.is_empty();
        let weighs = Weight::of_gate(gate) == Weight::Error;
        let (path, line) = found::origin(report, &gate.origin);
        (silent && weighs).then(|| Entry {
            description: issues::sentence(gate),
            check_name: "qgate/gate".to_owned(),
            fingerprint: Digest::of_parts(["gate", &gate.id]).short(),
            severity: "blocker",
            location: location(&path, line),
        })
    }));
    entries.extend(report.waivers.iter().map(|used| waiver(used, report)));
    unique(&mut entries);
    let text = serde_json::to_string_pretty(&entries).expect("entries have text keys only");
    json::ascii(&text) + "\n"
}

fn finding(found: &Found<'_>, report: &Report) -> Entry {
    let shown = found.shown(report);
    let finding = found.finding;
    let description = match shown.object {
        Some(object) => format!("{object}: {}", finding.headline),
        None => finding.headline.clone(),
    };
    Entry {
        description,
        check_name: finding.rule.to_string(),
        fingerprint: finding.fingerprint.clone(),
        severity: match found.severity {
            Severity::Info => "info",
            Severity::Low => "minor",
            Severity::Medium => "major",
            Severity::High => "critical",
            Severity::Critical => "blocker",
        },
        location: location(&shown.path, shown.span.map_or(1, |span| span.start.line)),
    }
}

/// GitLab has no place for waivers but among the findings.
fn waiver(waiver: &Waiver, report: &Report) -> Entry {
    let (path, line) = match &waiver.place {
        Place::Part(path, span) => (path.clone(), span.start.line),
        Place::File(path) => (path.clone(), 1),
        Place::Object(_) => found::origin(report, ""),
    };
    // Neither how often it was used nor how long it holds makes it another one.
    let place = path.to_string();
    let print = Digest::of_parts(["waiver", &waiver.kind.to_string(), &waiver.what, &place]);
    Entry {
        fingerprint: print.short(),
        description: waiver.to_string(),
        check_name: "qgate/waiver".to_owned(),
        severity: "info",
        location: location(&path, line),
    }
}

fn location(path: &crate::base::path::RepoPath, line: u32) -> Location {
    Location {
        path: String::from_utf8_lossy(path.as_bytes()).into_owned(),
        lines: Lines { begin: line.max(1) },
    }
}

/// GitLab drops what has the fingerprint of another entry. Ours are unique within a check; where two checks give the same
/// one, the later ones get their ordinal mixed in.
fn unique(entries: &mut [Entry]) {
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for entry in entries {
        let ordinal = seen.entry(entry.fingerprint.clone()).or_default();
        *ordinal += 1;
        if *ordinal > 1 || entry.fingerprint.is_empty() {
            let ordinal = ordinal.to_string();
            entry.fingerprint = Digest::of_parts([&entry.fingerprint, &ordinal]).to_string();
        }
    }
}
