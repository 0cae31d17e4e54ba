//! Owns the format `markdown`: a comment for a pull request, or a step summary. It has a limit in bytes and says what
//! it leaves out.

mod escape;

use std::collections::BTreeSet;

use crate::base::words::count;
use crate::model::outcome::{Exit, GateOutcome};
use crate::model::report::{GateReport, Report};

use super::found::{self, Found, Weight};
use super::text::level;

pub use escape::{identifier, text as plain};
use escape::{short, text};

/// The limit of a comment, in bytes.
pub const COMMENT: usize = 60_000;

/// What the end of the report may need, in bytes: the notes on what was left out.
const RESERVE: usize = 1_000;

/// How much of one text is shown, in characters; longer ones are cut with `...`.
const LONGEST: usize = 300;

/// How many reasons and notices are shown.
const MOST: usize = 20;

/// How many gates that passed are named.
const NAMED: usize = 50;

/// The report in at most `limit` bytes (a few hundred at least). The first line is a comment that names the stage, so
/// that whoever posts it can find and replace the older one.
#[must_use]
pub fn render(report: &Report, limit: usize) -> String {
    let mut out = Bounded {
        text: String::new(),
        limit: limit.saturating_sub(RESERVE),
    };
    out.push(&head(report));
    list(&mut out, "", &report.reasons);
    out.push(&format!(
        "\n{}.\n",
        text(&super::text::summary::score(&report.score))
    ));
    if let Some(line) = super::standards::owasp_line(report) {
        out.push(&format!("\n{line}.\n"));
    }
    gates(report, &mut out);
    waivers(report, &mut out);
    findings(report, &mut out);
    if !report.notices.is_empty() {
        list(&mut out, "### Notices\n\n", &report.notices);
    }
    out.text
}

fn head(report: &Report) -> String {
    let subject = &report.subject;
    let mut said = vec![format!("stage {}", short(&subject.stage, LONGEST))];
    if let Some(environment) = &subject.environment {
        said.push(format!("environment {}", short(environment, LONGEST)));
    }
    said.push(format!(
        "{} of the {}",
        count(subject.files, "file"),
        short(&subject.tree, LONGEST)
    ));
    if let Some(base) = &subject.base {
        said.push(format!("base {}", short(base, LONGEST)));
    }
    let marker = identifier(&subject.stage);
    let marker = &marker[..marker.len().min(LONGEST)];
    format!(
        "<!-- qgate:{marker} -->\n## qgate: {}\n\n{}; exit {}\n",
        report.verdict,
        said.join(", "),
        Exit::from(report.verdict) as u8
    )
}

fn list(out: &mut Bounded, title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    let mut block = format!("\n{title}");
    for line in lines.iter().take(MOST) {
        block.push_str(&format!("- {}\n", short(line, LONGEST)));
    }
    if lines.len() > MOST {
        block.push_str(&format!("- and {} more\n", lines.len() - MOST));
    }
    out.push(&block);
}

fn gates(report: &Report, out: &mut Bounded) {
    let passed = |gate: &&GateReport| gate.outcome == GateOutcome::Passed;
    let (passed, mut others): (Vec<&GateReport>, Vec<&GateReport>) =
        report.gates.iter().partition(passed);
    others.sort_by_key(|gate| std::cmp::Reverse(Weight::of_gate(gate)));
    let rows = others.into_iter().map(|gate| {
        let reasons: Vec<String> = gate
            .reasons
            .iter()
            .take(3)
            .map(|r| short(r, LONGEST))
            .collect();
        let cures = gate
            .cures
            .iter()
            .take(3)
            .map(|cure| format!("help: {}", short(cure, LONGEST)));
        let why: Vec<String> = reasons.into_iter().chain(cures).collect();
        format!(
            "| {} | {} | {} | {} | {} |\n",
            word(gate.outcome),
            short(&gate.id, LONGEST),
            level(gate.level),
            short(&gate.component, LONGEST),
            why.join("<br>")
        )
    });
    let head =
        "\n### Gates\n\n| result | gate | level | component | why |\n|---|---|---|---|---|\n";
    out.table(head, rows, "gate");
    if !passed.is_empty() {
        let mut names: Vec<String> = passed.iter().map(|gate| short(&gate.id, LONGEST)).collect();
        if names.len() > NAMED {
            names.truncate(NAMED);
            names.push(format!("and {} more", passed.len() - NAMED));
        }
        let names = names.join(", ");
        let passed = count(passed.len(), "gate");
        out.push(&format!("\n{passed} passed: {names}.\n"));
    }
}

const fn word(outcome: GateOutcome) -> &'static str {
    match outcome {
        GateOutcome::Passed => "pass",
        GateOutcome::Failed => "**FAIL**",
        GateOutcome::Warned => "warn",
        GateOutcome::NeedsApproval => "**needs approval**",
        GateOutcome::Unknown => "**unknown**",
        GateOutcome::Approved => "approved",
        GateOutcome::Bypassed => "bypassed",
        GateOutcome::NotApplicable => "not applicable",
        GateOutcome::NotConfigured => "not configured",
    }
}

fn findings(report: &Report, out: &mut Bounded) {
    let mut found = found::all(report);
    found.sort_by_key(|found| std::cmp::Reverse(found.weight()));
    let weighs = |found: &Found<'_>| found.weight() > Weight::Notice;
    let (weighty, others): (Vec<Found<'_>>, Vec<Found<'_>>) = found.into_iter().partition(weighs);
    let mut helped = BTreeSet::new();
    let columns = "| severity | place | finding | rule | gate |\n|---|---|---|---|---|\n";
    let rows = weighty.iter().map(|found| row(found, &mut helped));
    out.table(&format!("\n### Findings\n\n{columns}"), rows, "finding");
    let aside = format!("{} that did not decide", count(others.len(), "finding"));
    let head = format!("\n<details><summary>{aside}</summary>\n\n{columns}");
    let rows = others.iter().map(|found| row(found, &mut helped));
    if out.table(&head, rows, "finding") {
        out.text.push_str("\n</details>\n");
    }
}

/// A finding. Its help is told where it is seen for the first time.
fn row<'a>(found: &Found<'a>, helped: &mut BTreeSet<(&'a str, &'a str)>) -> String {
    let finding = found.finding;
    let mut what = short(&finding.headline, LONGEST);
    if !finding.help.is_empty() && helped.insert((&finding.rule, &finding.help)) {
        what.push_str(&format!("<br>help: {}", short(&finding.help, LONGEST)));
    }
    let gates: Vec<String> = found
        .gates
        .iter()
        .take(3)
        .map(|gate| short(&gate.id, LONGEST))
        .collect();
    let place = match finding.place.span() {
        Some(span) => {
            let path = finding.place.path().map(ToString::to_string);
            format!("{}, line {}", path.unwrap_or_default(), span.start.line)
        }
        None => finding.place.to_string(),
    };
    format!(
        "| {} | {} | {what} | {} | {} |\n",
        found.severity,
        short(&place, LONGEST),
        short(&finding.rule, LONGEST),
        gates.join(", ")
    )
}

fn waivers(report: &Report, out: &mut Bounded) {
    if report.waivers.is_empty() {
        return;
    }
    let rows = report.waivers.iter().map(|waiver| {
        let until = waiver.until.map(|until| until.to_string());
        format!(
            "| {} | {} | {} | {} | {} | {} |\n",
            waiver.kind,
            short(&waiver.what, LONGEST),
            short(&waiver.reason, LONGEST),
            short(waiver.owner.as_deref().unwrap_or("-"), LONGEST),
            until.unwrap_or_else(|| "-".to_owned()),
            short(&waiver.place.to_string(), LONGEST)
        )
    });
    let head = "\n### Waived\n\n| kind | what | reason | owner | until | written at |\n|---|---|---|---|---|---|\n";
    out.table(head, rows, "waiver");
}

/// A text that takes blocks as long as there is room.
struct Bounded {
    text: String,
    limit: usize,
}

impl Bounded {
    fn fits(&self, block: &str) -> bool {
        self.text.len() + block.len() <= self.limit
    }

    /// A block that has no parts: whole or not at all.
    fn push(&mut self, block: &str) {
        if self.fits(block) {
            self.text.push_str(block);
        } else {
            self.text
                .push_str("\n(a part is left out: the report is too long)\n");
        }
    }

    /// A table, unless it has no rows; rows that find no room are counted. Was its head written?
    fn table(
        &mut self,
        head: &str,
        rows: impl ExactSizeIterator<Item = String>,
        noun: &str,
    ) -> bool {
        let all = rows.len();
        let mut shown = 0;
        let begun = all > 0 && self.fits(head);
        if begun {
            self.text.push_str(head);
            for row in rows {
                if !self.fits(&row) {
                    break;
                }
                self.text.push_str(&row);
                shown += 1;
            }
        }
        if shown < all {
            let left = count(all - shown, &format!("more {noun}"));
            self.text
                .push_str(&format!("\nAnd {left}: the log tells them.\n"));
        }
        begun
    }
}
