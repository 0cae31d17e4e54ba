//! Owns the end of the text: why the verdict is not "pass", the score, the counts, the verdict, and the time.

use crate::base::ascii::escape;
use crate::base::words::{count, duration};
use crate::model::number::Number;
use crate::model::outcome::{Exit, GateOutcome, Verdict};
use crate::model::report::{Report, Score};
use crate::report::standards;

use super::gate::{paste, run_words};
use super::{Detail, Page, needs_attention};

/// Writes the end.
pub fn write(report: &Report, detail: Detail, out: &mut Page) {
    out.gap();
    for reason in &report.reasons {
        out.line(&escape(reason), "", "  ");
    }
    let wanted = report.verdict != Verdict::Pass && detail != Detail::Quiet;
    if wanted && let Some(command) = next(report) {
        out.line(&format!("next: {command}"), "", "  ");
    }
    if let Some(line) = standards::owasp_line(report).filter(|_| detail != Detail::Quiet) {
        out.line(&line, "", "  ");
    }
    out.line(&score(&report.score), "", "  ");
    let exit = Exit::from(report.verdict) as u8;
    let text = format!("{}: {}; exit {exit}", report.verdict, counts(report));
    out.line(&text, "", "  ");
    out.line(&time(report), "", "  ");
}

/// The command that does the whole run again, or explains the score where no gate is to blame. A single gate has said
/// its own.
fn next(report: &Report) -> Option<String> {
    let mut words = run_words(report);
    match report
        .gates
        .iter()
        .filter(|gate| needs_attention(gate))
        .count()
    {
        0 if report.gates.is_empty() => return None,
        0 => words
            .splice(1..2, ["explain".to_owned(), "score".to_owned()])
            .for_each(drop),
        1 => return None,
        _ => {}
    }
    Some(paste(&words))
}

/// `score 91.2 over 80 of 130 weight; not measured: performance, database`
pub fn score(score: &Score) -> String {
    let Some(total) = score.total else {
        return "no score: no component was measured".to_owned();
    };
    let sum = |measured_only: bool| {
        let components = score.components.values();
        components
            .filter(|c| !measured_only || c.score.is_some())
            .fold(Number::ZERO, |sum, c| sum.plus(c.weight).unwrap_or(sum))
    };
    let mut text = format!("score {}", total.to_decimal(1));
    if let Some(minimum) = score.minimum {
        // One decimal is enough unless it reads like the minimum that was missed.
        if total < minimum && Number::parse(&total.to_decimal(1)) >= Some(minimum) {
            text = format!("score {total}");
        }
        text.push_str(&format!(" (minimum {minimum})"));
    }
    text.push_str(&format!(" over {} of {} weight", sum(true), sum(false)));
    let components = score.components.iter();
    let unmeasured = components.filter(|(_, c)| c.score.is_none());
    let unmeasured: Vec<_> = unmeasured.map(|(name, _)| escape(name)).collect();
    if !unmeasured.is_empty() {
        text.push_str(&format!("; not measured: {}", unmeasured.join(", ")));
    }
    text
}

/// How many gates ended how; outcomes that no gate has are left out.
fn counts(report: &Report) -> String {
    let said: Vec<String> = [
        (GateOutcome::Failed, "failed"),
        (GateOutcome::NeedsApproval, "waiting for approval"),
        (GateOutcome::Unknown, "unknown"),
        (GateOutcome::Warned, "warned"),
        (GateOutcome::Approved, "approved"),
        (GateOutcome::Bypassed, "bypassed"),
        (GateOutcome::Passed, "passed"),
        (GateOutcome::NotApplicable, "not applicable"),
        (GateOutcome::NotConfigured, "not configured"),
    ]
    .into_iter()
    .filter_map(|(outcome, word)| {
        let gates = report.gates.iter().filter(|gate| gate.outcome == outcome);
        let gates = gates.count();
        (gates > 0).then(|| format!("{gates} {word}"))
    })
    .collect();
    if said.is_empty() {
        "no gate".to_owned()
    } else {
        said.join(", ")
    }
}

fn time(report: &Report) -> String {
    let timing = &report.timing;
    let mut text = format!(
        "took {}; {} read, {} from the cache",
        duration(timing.total),
        count(timing.files_read, "file"),
        timing.files_cached
    );
    if !timing.late.is_empty() {
        let late: Vec<_> = timing.late.iter().map(|id| escape(id)).collect();
        text.push_str(&format!("; over the duration target: {}", late.join(", ")));
    }
    text
}
