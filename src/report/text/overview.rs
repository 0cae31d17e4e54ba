//! Owns the table of results: a row for each gate that had something to judge, and a line for those that had not.

use crate::base::ascii::escape;
use crate::base::words::count;
use crate::model::finding::Finding;
use crate::model::gate::Level;
use crate::model::outcome::GateOutcome;
use crate::model::report::{GateReport, Report};
use crate::report::table::Table;

use super::Page;

/// Writes the table.
pub fn write(report: &Report, out: &mut Page) {
    let mut table = Table::new(&["result", "gate", "level", "why"]);
    for gate in report.gates.iter().filter(|gate| !left_out(gate)) {
        table.row([
            gate.outcome.to_string(),
            escape(&gate.id).into_owned(),
            level(gate.level).to_owned(),
            why(gate),
        ]);
    }
    out.gap();
    out.text.push_str(&table.render(out.width));
    for (outcome, words) in [
        (GateOutcome::NotApplicable, "not applicable"),
        (GateOutcome::NotConfigured, "not configured"),
    ] {
        let gates = report.gates.iter().filter(|gate| gate.outcome == outcome);
        let gates: Vec<String> = gates
            .map(|gate| match gate.reasons.first() {
                Some(reason) => format!("{} ({})", escape(&gate.id), escape(reason)),
                None => escape(&gate.id).into_owned(),
            })
            .collect();
        if !gates.is_empty() {
            out.line(&format!("{words}: {}", gates.join(", ")), "", "  ");
        }
    }
}

fn left_out(gate: &GateReport) -> bool {
    matches!(
        gate.outcome,
        GateOutcome::NotApplicable | GateOutcome::NotConfigured
    )
}

/// The level in a word.
#[must_use]
pub const fn level(level: Level) -> &'static str {
    match level {
        Level::Mandatory => "mandatory",
        Level::Advisory => "advisory",
    }
}

/// The first reason, or what a gate that passed found all the same.
fn why(gate: &GateReport) -> String {
    let more = gate.reasons.len().saturating_sub(1);
    match gate.reasons.first() {
        Some(first) if more > 0 => format!("{} (and {more} more)", escape(first)),
        Some(first) => escape(first).into_owned(),
        None => {
            let all = || gate.checks.iter().flat_map(|check| &check.findings);
            let of = |is_it: fn(&Finding) -> bool| all().filter(|finding| is_it(finding)).count();
            let said: Vec<String> = [
                (of(Finding::counts), "within the limits"),
                (of(Finding::is_known), "from before"),
                (of(Finding::is_waived), "waived"),
            ]
            .into_iter()
            .filter(|(found, _)| *found > 0)
            .map(|(found, how)| format!("{} {how}", count(found, "finding")))
            .collect();
            said.join(", ")
        }
    }
}
