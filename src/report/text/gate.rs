//! Owns one gate's section: why it ended so, what was found, what cures it, and the one next command.

use crate::base::ascii::escape;
use crate::base::words::count;
use crate::model::finding::Finding;
use crate::model::outcome::{CheckOutcome, GateOutcome};
use crate::model::report::{Approvable, CheckReport, CriterionReport, GateReport, Report};
use crate::model::rule::Severity;

use super::{Detail, Page, TextOptions, findings, needs_attention, overview};

/// Writes the section of a gate.
pub fn write(report: &Report, gate: &GateReport, options: TextOptions, out: &mut Page) {
    let verbose = options.detail == Detail::Verbose;
    out.gap();
    let title = if gate.title == gate.id {
        String::new()
    } else {
        format!(": {}", escape(&gate.title))
    };
    out.line(
        &format!("{} {}{title}", gate.outcome, escape(&gate.id)),
        "",
        "     ",
    );
    if verbose {
        let said = format!(
            "{}, {}, {}",
            overview::level(gate.level),
            escape(&gate.component),
            escape(&gate.origin)
        );
        out.line(&said, "  ", "    ");
    }
    for reason in &gate.reasons {
        out.line(&escape(reason), "  ", "    ");
    }
    let mut cures: Vec<&String> = gate.cures.iter().collect();
    cures.dedup();
    for cure in cures {
        out.line(&format!("help: {}", escape(cure)), "  ", "    ");
    }
    if verbose {
        gate.criteria.iter().for_each(|c| criterion(c, out));
        gate.checks.iter().for_each(|c| check(c, out));
    }
    let all: Vec<&Finding> = gate.checks.iter().flat_map(|c| &c.findings).collect();
    let (found, aside): (Vec<&Finding>, Vec<&Finding>) = all
        .into_iter()
        .partition(|f| verbose || (f.counts() && tells(gate, f)));
    let left = findings::write(&found, options.max_findings, out);
    if !aside.is_empty() {
        let more = count(aside.len(), "finding");
        out.line(
            &format!("{more} aside that did not decide (--verbose)"),
            "  ",
            "    ",
        );
    }
    if !verbose {
        notes(gate, out);
    }
    if needs_attention(gate) {
        out.line(
            &format!("next: {}", next(report, gate, left, verbose)),
            "  ",
            "    ",
        );
    }
    if gate.outcome == GateOutcome::NeedsApproval
        && let Some(approvable) = &gate.approval
    {
        let words = approve_words(gate, approvable);
        out.line(&format!("or: {}", paste(&words)), "  ", "    ");
    }
}

/// Is it worth a reader's time? What broke a criterion is; where nothing of it did, whatever is no nuisance only.
fn tells(gate: &GateReport, finding: &Finding) -> bool {
    if gate.outcome == GateOutcome::Unknown && !finding.leaves_open.is_empty() {
        return true;
    }
    if gate.decisive.is_empty() {
        finding.severity >= Severity::Medium
    } else {
        gate.decisive.contains(&finding.fingerprint)
    }
}

fn criterion(criterion: &CriterionReport, out: &mut Page) {
    let state = match criterion.held {
        Some(true) => "held",
        Some(false) => "broken",
        None => "not known",
    };
    let value = criterion
        .value
        .map_or_else(|| "not measured".to_owned(), |value| value.to_string());
    let text = format!(
        "criterion {} {}: {value}, {state} ({})",
        escape(&criterion.metric),
        escape(&criterion.required),
        escape(&criterion.origin)
    );
    out.line(&text, "  ", "    ");
}

fn check(check: &CheckReport, out: &mut Page) {
    let name = if check.name == check.checker {
        escape(&check.name).into_owned()
    } else {
        format!("{} ({})", escape(&check.name), escape(&check.checker))
    };
    let head = format!(
        "check {name}: {}, {}, {}",
        outcome(check.outcome),
        count(check.files, "file"),
        count(check.findings.len(), "finding")
    );
    out.line(&head, "  ", "    ");
    for why in &check.why {
        out.line(&escape(why), "    ", "      ");
    }
    for measured in &check.measurements {
        let text = format!(
            "{} = {}",
            escape(&measured.metric),
            measured.value.quantity()
        );
        out.line(&text, "    ", "      ");
    }
    for note in &check.notes {
        out.line(&format!("note: {}", escape(note)), "    ", "      ");
    }
}

const fn outcome(outcome: CheckOutcome) -> &'static str {
    match outcome {
        CheckOutcome::Complete => "complete",
        CheckOutcome::Partial => "partial",
        CheckOutcome::Skipped => "skipped",
        CheckOutcome::NotApplicable => "not applicable",
        CheckOutcome::Errored => "errored",
        CheckOutcome::TimedOut => "timed out",
    }
}

fn notes(gate: &GateReport, out: &mut Page) {
    for check in &gate.checks {
        for note in &check.notes {
            out.line(&format!("note: {}", escape(note)), "  ", "    ");
        }
    }
}

/// The one command that does this gate again, and shows more where more was found.
fn next(report: &Report, gate: &GateReport, left: usize, verbose: bool) -> String {
    let mut words = run_words(report);
    words.extend(["--gate".to_owned(), gate.id.clone()]);
    if left > 0 {
        words.extend(["--max-findings".to_owned(), "0".to_owned()]);
    } else if gate.outcome == GateOutcome::Unknown && !verbose {
        words.push("--verbose".to_owned());
    }
    paste(&words)
}

/// `qgate approve` with what it needs to know of this failure.
fn approve_words(gate: &GateReport, approvable: &Approvable) -> Vec<String> {
    let mut words: Vec<String> = ["qgate", "approve", &gate.id, "--digest", &approvable.digest]
        .map(str::to_owned)
        .into();
    for (metric, value) in &approvable.values {
        words.extend(["--value".to_owned(), format!("{metric}={value}")]);
    }
    words.extend(["--reason", "TEXT", "--by", "NAME"].map(str::to_owned));
    words
}

/// `qgate run` with the flags that make it judge the same thing.
pub fn run_words(report: &Report) -> Vec<String> {
    let mut words: Vec<String> = ["qgate", "run", "--stage", &report.subject.stage]
        .map(str::to_owned)
        .into();
    if let Some(environment) = &report.subject.environment {
        words.extend(["--env".to_owned(), environment.clone()]);
    }
    if report.subject.tree == "index" {
        words.push("--staged".to_owned());
    }
    words
}

/// Words as a shell takes them, on one line.
pub fn paste(words: &[String]) -> String {
    let joined = shlex::try_join(words.iter().map(String::as_str));
    escape(&joined.unwrap_or_else(|_| words.join(" "))).into_owned()
}
