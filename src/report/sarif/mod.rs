//! Owns the format `sarif`: SARIF 2.1.0, inside the limits of GitHub's code scanning. `docs/formats.md` documents it.

pub mod line_hash;
mod log;
mod rules;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::base::path::RepoPath;
use crate::base::words::count;
use crate::model::finding::Finding;
use crate::model::outcome::{Exit, GateOutcome};
use crate::model::place::{Place, Span};
use crate::model::report::{GateReport, Report};
use crate::model::rule::Severity;

use super::found::{self, Age, Found, Weight};
use super::markdown::identifier;
use super::{issues, json};
use log::{
    ArtifactChange, ArtifactLocation, AutomationDetails, Base, Driver, Fix, Invocation, Location,
    Log, LogicalLocation, Message, Notification, PhysicalLocation, Reference, Region, Replacement,
    ResultProperties, Run, RunProperties, SarifResult, Tool,
};

/// How many results a run may have; GitHub refuses more and keeps the worst 5,000.
pub const MOST: usize = 25_000;

/// The name of the base that all paths are relative to: the repository's root.
const BASE: &str = "%SRCROOT%";

/// The key of qgate's own fingerprint.
const FINGERPRINT: &str = "qgate/v1";

/// The key of the fingerprint that GitHub's code scanning reads.
const LINE_HASH: &str = "primaryLocationLineHash";

/// The report as SARIF, with a line feed at the end.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut found = found::with_known(report);
    let left = found.len().saturating_sub(MOST);
    found.truncate(MOST);
    // SARIF wants the state on every result or on none: who reads one takes it that everything was compared.
    let compared = found.iter().all(|found| found.age.is_some());
    let rules = rules::of(&found);
    let index: BTreeMap<String, usize> = rules
        .iter()
        .enumerate()
        .map(|(at, rule)| (rule.id.clone(), at))
        .collect();
    let results = found.iter().map(|found| SarifResult {
        baseline_state: found.age.filter(|_| compared).map(state),
        ..result(found, &index, report)
    });
    let results = results.collect();
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "qgate",
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    rules,
                },
            },
            automation_details: AutomationDetails {
                id: category(report),
            },
            invocations: [invocation(report, left)],
            column_kind: "unicodeCodePoints",
            original_uri_base_ids: BTreeMap::from([(
                BASE,
                Base {
                    description: Message {
                        text: "The root of the repository.".to_owned(),
                    },
                },
            )]),
            results,
            properties: RunProperties {
                verdict: report.verdict,
                score: report.score.total.map(|score| score.to_decimal(1)),
            },
        }],
    };
    let text = serde_json::to_string_pretty(&log).expect("the log has text keys only");
    json::ascii(&text) + "\n"
}

/// `qgate/ci/`, `qgate/deployment/production/`: GitHub takes what stands before the last `/` as the category, and each
/// category may be uploaded once in a workflow run.
fn category(report: &Report) -> String {
    let mut id = format!("qgate/{}/", identifier(&report.subject.stage));
    if let Some(environment) = &report.subject.environment {
        id.push_str(&identifier(environment));
        id.push('/');
    }
    id
}

fn invocation(report: &Report, left: usize) -> Invocation {
    let mut notes: Vec<Notification> = report.gates.iter().filter_map(gate).collect();
    let reasons = found::beyond_gates(report).iter();
    notes.extend(reasons.map(|reason| note("error", "qgate/verdict", reason.clone())));
    let notices = report.notices.iter();
    notes.extend(notices.map(|notice| note("note", "qgate/notice", notice.clone())));
    let waivers = report.waivers.iter();
    notes.extend(waivers.map(|waiver| note("note", "qgate/waiver", waiver.placed())));
    if left > 0 {
        let text = format!("{} left out: a run takes {MOST}", count(left, "finding"));
        notes.push(note("warning", "qgate/left-out", text));
    }
    let unknown = report
        .gates
        .iter()
        .any(|gate| gate.outcome == GateOutcome::Unknown);
    let exit = Exit::from(report.verdict);
    Invocation {
        execution_successful: !unknown && exit != Exit::Unknown,
        exit_code: exit as u8,
        exit_code_description: report.verdict.to_string().to_lowercase(),
        tool_execution_notifications: notes,
    }
}

fn gate(gate: &GateReport) -> Option<Notification> {
    let level = match Weight::of_gate(gate) {
        Weight::Error => "error",
        Weight::Warning => "warning",
        Weight::Notice => return None,
    };
    let mut text = issues::sentence(gate);
    for cure in &gate.cures {
        text.push_str(&format!("; help: {cure}"));
    }
    Some(note(level, "qgate/gate", text))
}

fn note(level: &'static str, id: &'static str, text: String) -> Notification {
    Notification {
        level,
        message: Message { text },
        descriptor: Reference { id },
    }
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

fn result(found: &Found<'_>, index: &BTreeMap<String, usize>, report: &Report) -> SarifResult {
    let finding = found.finding;
    let shown = found.shown(report);
    let region = region(shown.span);
    let mut text = finding.headline.clone();
    if !finding.help.is_empty() {
        text.push_str(&format!("\nhelp: {}", finding.help));
    }
    if let Some(object) = shown.object {
        text = format!("{object}: {text}");
    }
    let mut prints = BTreeMap::from([(FINGERPRINT, finding.fingerprint.clone())]);
    let line = (shown.path.clone(), region.start_line);
    if let Some(hash) = report.line_hashes.get(&line) {
        prints.insert(LINE_HASH, hash.clone());
    }
    SarifResult {
        rule_id: finding.rule.to_string(),
        rule_index: index
            .get(finding.rule.as_ref())
            .copied()
            .expect("every rule is listed"),
        level: level(found.severity),
        message: Message {
            text: without_links(&text),
        },
        locations: [Location {
            physical_location: PhysicalLocation {
                artifact_location: ArtifactLocation {
                    uri: uri(&shown.path),
                    uri_base_id: BASE,
                },
                region,
            },
            logical_locations: shown
                .object
                .map(|name| LogicalLocation {
                    fully_qualified_name: name.to_owned(),
                })
                .into_iter()
                .collect(),
        }],
        baseline_state: None,
        partial_fingerprints: prints,
        fixes: fixes(finding),
        properties: ResultProperties {
            severity: found.severity.to_string(),
            known: found.age == Some(Age::Known),
            gates: found.gates.iter().map(|gate| gate.id.clone()).collect(),
        },
    }
}

/// The change that mends a finding, for editors; GitHub does not read it.
fn fixes(finding: &Finding) -> Vec<Fix> {
    let (Place::Part(path, span), Some(text)) = (&finding.place, &finding.fix) else {
        return Vec::new();
    };
    let fix = Fix {
        description: Message {
            text: without_links(&finding.help),
        },
        artifact_changes: [ArtifactChange {
            artifact_location: ArtifactLocation {
                uri: uri(path),
                uri_base_id: BASE,
            },
            replacements: [Replacement {
                deleted_region: region(Some(*span)),
                inserted_content: Message { text: text.clone() },
            }],
        }],
    };
    vec![fix]
}

const fn state(age: Age) -> &'static str {
    match age {
        Age::Known => "unchanged",
        Age::New => "new",
    }
}

/// The lines at which results stand, by file: what [`Report::line_hashes`] should have a hash for.
#[must_use]
pub fn lines(report: &Report) -> BTreeMap<RepoPath, BTreeSet<u32>> {
    let mut lines: BTreeMap<RepoPath, BTreeSet<u32>> = BTreeMap::new();
    for found in found::with_known(report).iter().take(MOST) {
        let shown = found.shown(report);
        let line = region(shown.span).start_line;
        lines.entry(shown.path).or_default().insert(line);
    }
    lines
}

/// In a message `[text](target)` is a link: foreign text must not make one.
fn without_links(text: &str) -> String {
    text.replace("](", "] (")
}

/// GitHub wants all four numbers. A file as a whole is its first line, as far as GitHub can show it.
fn region(span: Option<Span>) -> Region {
    let span = span.unwrap_or(Span::at(1, 1));
    let (start, end) = (span.start, span.end.max(span.start));
    Region {
        start_line: start.line.max(1),
        start_column: start.column.max(1),
        end_line: end.line.max(1),
        end_column: end.column.max(1),
    }
}

/// The relative URI of a path: everything but letters, digits, `-`, `.`, `_`, `~` and `/` is percent-encoded, byte by
/// byte, so that a name that is not UTF-8 is kept too.
fn uri(path: &RepoPath) -> String {
    path.as_bytes()
        .iter()
        .fold(String::new(), |mut out, &byte| {
            if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
                out.push(char::from(byte));
            } else {
                let _ = write!(out, "%{byte:02X}");
            }
            out
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::finding::Standing;
    use crate::model::gate::Scope;
    use crate::report::sample;

    fn check(path: &[u8], expected: &str) {
        let path = RepoPath::new(path.to_vec()).expect("a path");
        assert_eq!(uri(&path), expected);
    }

    #[test]
    fn paths_are_uris() {
        check(b"src/a b.rs", "src/a%20b.rs");
        check(b"c:x/\xff%", "c%3Ax/%FF%25");
        check("za\u{17c}.md".as_bytes(), "za%C5%BC.md");
    }

    /// Each result's state, `-` for none, given the scope of each gate and whether the base has its finding.
    fn states(gates: &[(Scope, bool)]) -> String {
        let mut report = sample::report();
        report.gates = (0..)
            .zip(gates)
            .map(|(n, (scope, known))| {
                let mut gate = sample::report().gates.swap_remove(0);
                gate.id = format!("gate {n}");
                gate.scope = *scope;
                let findings = &mut gate.checks[0].findings;
                findings.truncate(1);
                findings[0].headline = format!("{n}");
                if *known {
                    findings[0].standing = Standing::InBaseline;
                }
                gate
            })
            .collect();
        let log: serde_json::Value = serde_json::from_str(&render(&report)).expect("JSON");
        let results = log["runs"][0]["results"].as_array().expect("results");
        let state = |result: &serde_json::Value| {
            let state = result["baselineState"].as_str().unwrap_or("-");
            format!(
                "{} {state}",
                result["message"]["text"]
                    .as_str()
                    .expect("a text")
                    .split('\n')
                    .next()
                    .expect("a line")
            )
        };
        results.iter().map(state).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn what_the_base_has_too_is_told_and_stands_behind() {
        let (all, new) = (Scope::All, Scope::New);
        assert_eq!(states(&[(new, true), (new, false)]), "1 new, 0 unchanged");
        // Not everything was compared, so no result has a state.
        assert_eq!(states(&[(new, true), (all, false)]), "1 -, 0 -");
        assert_eq!(states(&[(all, false)]), "0 -");
    }

    #[test]
    fn what_is_too_much_is_left_out_and_counted() {
        let mut report = sample::report();
        let findings = &mut report.gates[0].checks[0].findings;
        let one = findings[0].clone();
        findings.clear();
        findings.extend((0..=MOST).map(|n| {
            let mut finding = one.clone();
            finding.headline = format!("{n}");
            finding
        }));
        let log: serde_json::Value = serde_json::from_str(&render(&report)).expect("JSON");
        let run = &log["runs"][0];
        assert_eq!(run["results"].as_array().map(Vec::len), Some(MOST));
        let notes = run["invocations"][0]["toolExecutionNotifications"].to_string();
        assert!(notes.contains("1 finding left out"), "{notes}");
    }
}
