//! Owns the format `junit`: a test suite for each component, a test case for each gate.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::base::words::count;
use crate::model::outcome::{GateOutcome, Verdict};
use crate::model::report::{GateReport, Report};
use crate::model::waiver::Waiver;

use super::found::{self, Weight};
use super::issues;
use super::xml::{self, text};

/// How many findings of a gate its test case tells.
const MOST: usize = 100;

/// How a test case ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    Passed,
    Failed,
    Errored,
    Skipped,
}

struct Case {
    xml: String,
    ended: Ended,
    time: Duration,
}

/// The report. A gate that decides is failed, or errored when it could not be judged; an advisory gate is never either,
/// because readers would count it: it passes and tells its findings, or is skipped when it could not be judged.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut suites: BTreeMap<&str, Vec<Case>> = BTreeMap::new();
    for gate in &report.gates {
        let time = report.timing.gates.get(&gate.id).copied();
        let case = case(gate, time.unwrap_or_default());
        suites.entry(&gate.component).or_default().push(case);
    }
    let beyond = found::beyond_gates(report);
    if !beyond.is_empty() || report.score.minimum.is_some() {
        suites
            .entry("qgate")
            .or_default()
            .push(verdict(report, beyond));
    }
    let all: Vec<&Case> = suites.values().flatten().collect();
    let mut out = format!(
        "{}<testsuites name=\"qgate {}\"{}>\n",
        xml::HEAD,
        text(&report.subject.stage),
        totals(&all)
    );
    for (component, cases) in &suites {
        out.push_str(&format!(
            "  <testsuite name=\"{}\"{}{}>\n",
            text(component),
            totals(&cases.iter().collect::<Vec<_>>()),
            format_args!(
                " skipped=\"{}\"",
                cases
                    .iter()
                    .filter(|case| case.ended == Ended::Skipped)
                    .count()
            )
        ));
        for case in cases {
            out.push_str(&case.xml);
        }
        out.push_str("  </testsuite>\n");
    }
    let waivers: Vec<String> = report.waivers.iter().map(Waiver::placed).collect();
    out.push_str(&told("qgate notices", &report.notices));
    out.push_str(&told("qgate waivers", &waivers));
    out + "</testsuites>\n"
}

/// A suite without cases that tells something in its output; nothing when there is nothing to tell.
fn told(name: &str, lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    format!(
        "  <testsuite name=\"{name}\" tests=\"0\" failures=\"0\" errors=\"0\" skipped=\"0\" time=\"0.000\">\n    \
         <system-out>{}</system-out>\n  </testsuite>\n",
        text(&lines.join("\n"))
    )
}

fn totals(cases: &[&Case]) -> String {
    let of = |wanted| cases.iter().filter(|case| case.ended == wanted).count();
    let time: Duration = cases.iter().map(|case| case.time).sum();
    format!(
        " tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{}\"",
        cases.len(),
        of(Ended::Failed),
        of(Ended::Errored),
        seconds(time)
    )
}

fn seconds(time: Duration) -> String {
    format!("{}.{:03}", time.as_secs(), time.subsec_millis())
}

fn case(gate: &GateReport, time: Duration) -> Case {
    let decides = Weight::of_gate(gate) == Weight::Error;
    let ended = match gate.outcome {
        GateOutcome::Failed | GateOutcome::NeedsApproval if decides => Ended::Failed,
        GateOutcome::Unknown if decides => Ended::Errored,
        GateOutcome::Unknown
        | GateOutcome::Bypassed
        | GateOutcome::Approved
        | GateOutcome::NotApplicable
        | GateOutcome::NotConfigured => Ended::Skipped,
        GateOutcome::Failed
        | GateOutcome::NeedsApproval
        | GateOutcome::Warned
        | GateOutcome::Passed => Ended::Passed,
    };
    let first = gate
        .reasons
        .first()
        .map_or(issues::ended(gate.outcome), String::as_str);
    let told = lines(gate).join("\n");
    let inner = match ended {
        Ended::Failed => result("failure", first, issues::ended(gate.outcome), &told),
        Ended::Errored => result("error", first, issues::ended(gate.outcome), &told),
        Ended::Skipped => format!("      <skipped message=\"{}\"/>\n", text(first)),
        Ended::Passed => String::new(),
    };
    let outside = matches!(ended, Ended::Passed | Ended::Skipped) && !told.is_empty();
    let output = if outside {
        format!("      <system-out>{}</system-out>\n", text(&told))
    } else {
        String::new()
    };
    let head = head(&gate.id, &gate.component, time);
    Case {
        xml: closed(&head, &(inner + &output)),
        ended,
        time,
    }
}

/// A test case for what no gate explains: the minimum score.
fn verdict(report: &Report, beyond: &[String]) -> Case {
    let (ended, element) = match report.verdict {
        _ if beyond.is_empty() => (Ended::Passed, ""),
        Verdict::Fail => (Ended::Failed, "failure"),
        Verdict::Pass | Verdict::Unknown => (Ended::Errored, "error"),
    };
    let inner = match beyond.first() {
        Some(first) => result(element, first, "score", &beyond.join("\n")),
        None => String::new(),
    };
    Case {
        xml: closed(&head("score", "qgate", Duration::ZERO), &inner),
        ended,
        time: Duration::ZERO,
    }
}

fn head(name: &str, class: &str, time: Duration) -> String {
    format!(
        "<testcase name=\"{}\" classname=\"qgate.{}\" time=\"{}\"",
        text(name),
        text(class),
        seconds(time)
    )
}

fn closed(head: &str, inner: &str) -> String {
    if inner.is_empty() {
        format!("    {head}/>\n")
    } else {
        format!("    {head}>\n{inner}    </testcase>\n")
    }
}

fn result(element: &str, message: &str, kind: &str, told: &str) -> String {
    format!(
        "      <{element} message=\"{}\" type=\"{}\">{}</{element}>\n",
        text(message),
        text(kind),
        text(told)
    )
}

/// All that is to say about a gate. Help is told where it is needed for the first time.
fn lines(gate: &GateReport) -> Vec<String> {
    let mut lines = gate.reasons.clone();
    lines.extend(gate.cures.iter().map(|cure| format!("help: {cure}")));
    let all = gate.checks.iter().flat_map(|c| &c.findings);
    let findings: Vec<_> = all.filter(|finding| finding.counts()).collect();
    let mut helped = BTreeSet::new();
    for finding in findings.iter().take(MOST) {
        lines.push(format!(
            "{}: {}: {} [{}]",
            finding.place, finding.severity, finding.headline, finding.rule
        ));
        if !finding.help.is_empty() && helped.insert((&finding.rule, &finding.help)) {
            lines.push(format!("    help: {}", finding.help));
        }
    }
    if findings.len() > MOST {
        let left = findings.len() - MOST;
        lines.push(format!("and {}", count(left, "more finding")));
    }
    lines
}
