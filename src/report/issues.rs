//! Owns what is worth an annotation in a CI system, worst first, and the cap that those systems put on them.

use std::cmp::Reverse;

use crate::base::ascii::escape;
use crate::base::words::count;
use crate::model::outcome::GateOutcome;
use crate::model::place::{Place, Span};
use crate::model::report::{GateReport, Report};

use super::found::{self, Weight};
use super::guard;

/// How many annotations of each weight are written, the one that counts the others aside: runners keep ten.
pub const MOST: usize = 9;

/// An annotation. The texts are plain ASCII; the message has several lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// What it weighs.
    pub weight: Weight,
    /// A few words: the rule, the gate.
    pub title: String,
    /// What is said.
    pub message: String,
    /// The file, and the part of it, where a log can hold its name as it is: plain ASCII, and nothing that the log takes
    /// for a command.
    pub place: Option<(String, Option<Span>)>,
}

/// The annotations of a report, at most [`MOST`] of each weight and one that counts the others and says what tells them.
#[must_use]
pub fn capped(report: &Report, tells: &str) -> Vec<Issue> {
    let all = all(report);
    let mut out = Vec::new();
    for weight in [Weight::Error, Weight::Warning, Weight::Notice] {
        let same: Vec<&Issue> = all.iter().filter(|issue| issue.weight == weight).collect();
        out.extend(same.iter().take(MOST).map(|issue| (*issue).clone()));
        if same.len() > MOST {
            let left = same.len() - MOST;
            out.push(Issue {
                weight,
                title: "qgate".to_owned(),
                message: format!("and {left} more: {tells}"),
                place: None,
            });
        }
    }
    out
}

/// All annotations: first what no gate explains and gates without findings, then findings, worst first. A finding that
/// weighs no more than a notice is none: it would stand beside lines that nobody has to change.
fn all(report: &Report) -> Vec<Issue> {
    let mut issues: Vec<Issue> = found::beyond_gates(report)
        .iter()
        .map(|reason| plain(Weight::Error, "qgate", reason))
        .collect();
    issues.extend(report.gates.iter().filter_map(gate));
    let found = found::all(report);
    let told = found.iter().filter(|found| found.weight() > Weight::Notice);
    let mut findings: Vec<Issue> = told.map(finding).collect();
    findings.sort_by_key(|issue| Reverse(issue.weight));
    issues.extend(findings);
    let notices = report.notices.iter();
    issues.extend(notices.map(|notice| plain(Weight::Notice, "qgate", notice)));
    issues
}

fn plain(weight: Weight, title: &str, message: &str) -> Issue {
    Issue {
        weight,
        title: title.to_owned(),
        message: escape(message).into_owned(),
        place: None,
    }
}

/// A gate that did not pass, unless its findings say so.
fn gate(gate: &GateReport) -> Option<Issue> {
    let weight = Weight::of_gate(gate);
    let told = gate.outcome != GateOutcome::Unknown && !gate.decisive.is_empty();
    if weight == Weight::Notice || told {
        return None;
    }
    let mut lines = vec![format!("gate {} {}", escape(&gate.id), ended(gate.outcome))];
    lines.extend(
        gate.reasons
            .iter()
            .map(|reason| escape(reason).into_owned()),
    );
    let cures = gate.cures.iter();
    lines.extend(cures.map(|cure| format!("help: {}", escape(cure))));
    Some(Issue {
        weight,
        title: format!("gate {}", escape(&gate.id)),
        message: lines.join("\n"),
        place: None,
    })
}

/// A gate's end and why, on one line of raw text: `gate x failed; y is 3, required == 0`.
#[must_use]
pub fn sentence(gate: &GateReport) -> String {
    let mut text = format!("gate {} {}", gate.id, ended(gate.outcome));
    for reason in &gate.reasons {
        text.push_str("; ");
        text.push_str(reason);
    }
    text
}

/// How a gate ended, in words that follow its name.
#[must_use]
pub const fn ended(outcome: GateOutcome) -> &'static str {
    match outcome {
        GateOutcome::Passed => "passed",
        GateOutcome::Failed => "failed",
        GateOutcome::Warned => "warned",
        GateOutcome::NeedsApproval => "needs an approval",
        GateOutcome::Unknown => "could not be judged",
        GateOutcome::Approved => "failed and was approved",
        GateOutcome::Bypassed => "was bypassed",
        GateOutcome::NotApplicable => "is not applicable",
        GateOutcome::NotConfigured => "is not configured",
    }
}

fn finding(found: &found::Found<'_>) -> Issue {
    let finding = found.finding;
    let plain = |path: &crate::base::path::RepoPath| {
        let text = std::str::from_utf8(path.as_bytes()).ok()?;
        let is_plain = text.bytes().all(|b| matches!(b, b' '..=b'~'));
        // It never stands at the start of a line. GitHub's runner loses a `=` at the start of a value.
        let is_safe = guard::is_safe(&format!("/{text}")) && !text.starts_with('=');
        (is_plain && is_safe).then(|| text.to_owned())
    };
    let place = finding
        .place
        .path()
        .and_then(plain)
        .map(|path| (path, finding.place.span()));
    let gates: Vec<_> = found.gates.iter().map(|gate| escape(&gate.id)).collect();
    let noun = if gates.len() == 1 { "gate" } else { "gates" };
    let at = match (&place, &finding.place) {
        (Some(_), Place::Part(..) | Place::File(_)) => String::new(),
        _ => format!("{}: ", finding.place),
    };
    let mut message = format!(
        "{at}{}: {} ({noun} {})",
        found.severity,
        escape(&finding.headline),
        gates.join(", ")
    );
    if !finding.help.is_empty() {
        message.push_str(&format!("\nhelp: {}", escape(&finding.help)));
    }
    Issue {
        weight: found.weight(),
        title: escape(&finding.rule).into_owned(),
        message,
        place,
    }
}

/// `2 errors, 1 warning`, of what was written; for tests and logs.
#[must_use]
pub fn tally(issues: &[Issue]) -> String {
    let of = |weight| issues.iter().filter(|issue| issue.weight == weight).count();
    format!(
        "{}, {}, {}",
        count(of(Weight::Error), "error"),
        count(of(Weight::Warning), "warning"),
        count(of(Weight::Notice), "notice")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn check(findings: usize, expected: &str) {
        let mut report = sample::report();
        let check = &mut report.gates[0].checks[0];
        check.findings = (0..findings)
            .map(|n| {
                let line = u32::try_from(n).expect("few") + 1;
                let place = sample::at(b"a.py", line, 1);
                sample::finding("r", crate::model::rule::Severity::High, place, "h")
            })
            .collect();
        let prints = check
            .findings
            .iter()
            .map(|finding| finding.fingerprint.clone());
        report.gates[0].decisive = prints.collect();
        assert_eq!(tally(&capped(&report, "look there")), expected);
    }

    #[test]
    fn no_more_than_a_runner_keeps() {
        check(0, "2 errors, 0 warnings, 1 notice");
        check(8, "9 errors, 0 warnings, 1 notice");
        check(9, "10 errors, 0 warnings, 1 notice");
        check(500, "10 errors, 0 warnings, 1 notice");
    }

    #[test]
    fn a_file_is_named_only_as_it_is() {
        let named = |path: &[u8]| {
            let mut report = sample::report();
            let finding = &mut report.gates[0].checks[0].findings[0];
            finding.place = sample::at(path, 1, 1);
            let issues = all(&report);
            let issue = issues.iter().find(|issue| issue.title == "private-key");
            let issue = issue.expect("it is told");
            match &issue.place {
                Some((path, _)) => path.clone(),
                None => issue
                    .message
                    .split(": ")
                    .next()
                    .expect("a place")
                    .to_owned(),
            }
        };
        assert_eq!(named(b"::error::a, b%.py"), "::error::a, b%.py");
        assert_eq!(named(b"a ##[error]b"), "a ##[error]b:1:1");
        assert_eq!(named(b"=a"), "=a:1:1");
        assert_eq!(named(b"a\n\xff"), "a\\n\\xff:1:1");
    }

    #[test]
    fn the_others_are_counted() {
        let mut report = sample::report();
        let findings = report.gates[0].checks[0].findings.iter();
        let prints = findings
            .map(|finding| finding.fingerprint.clone())
            .collect();
        report.gates[0].decisive = prints;
        let issues = capped(&report, "look there");
        let last = issues.iter().rfind(|issue| issue.weight == Weight::Error);
        let last = last.expect("there are errors");
        assert_eq!(last.message, "and 6 more: look there");
    }
}
