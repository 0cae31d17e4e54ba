//! The report as text for people: plain ASCII, the same bytes for the same body; only the last line tells times.

pub(super) mod findings;
mod gate;
mod header;
mod overview;
pub(super) mod summary;
mod times;

use crate::base::ascii::escape;
use crate::model::outcome::GateOutcome;
use crate::model::report::{GateReport, Report};

pub use overview::level;

/// How much is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// What did not pass, and the summary.
    Quiet,
    /// A table of all gates as well.
    Normal,
    /// Every gate, check, measurement, note and time.
    Verbose,
}

/// How the text is written.
#[derive(Clone, Copy, Debug)]
pub struct TextOptions {
    /// Columns.
    pub width: usize,
    /// How many findings of each gate are shown, at most half of them of one rule; 0: all.
    pub max_findings: usize,
    /// How much is told.
    pub detail: Detail,
}

/// The report as text. Whoever shows it as a CI log finds no command in it.
#[must_use]
pub fn render(report: &Report, options: TextOptions) -> String {
    let mut out = Page::new(options.width);
    if options.detail != Detail::Quiet {
        header::write(report, &mut out);
        overview::write(report, &mut out);
    }
    for gate in &report.gates {
        if options.detail == Detail::Verbose || needs_attention(gate) {
            gate::write(report, gate, options, &mut out);
        }
    }
    if options.detail != Detail::Quiet && !report.notices.is_empty() {
        out.gap();
        for notice in &report.notices {
            out.line(&format!("notice: {}", escape(notice)), "", "  ");
        }
    }
    if !report.waivers.is_empty() {
        out.gap();
        for waiver in &report.waivers {
            out.line(&format!("waived: {}", escape(&waiver.placed())), "", "  ");
        }
    }
    summary::write(report, options.detail, &mut out);
    if options.detail == Detail::Verbose {
        times::write(report, &mut out);
    }
    super::guard::defuse(&out.text).into_owned()
}

/// Is there something to do about this gate?
fn needs_attention(gate: &GateReport) -> bool {
    matches!(
        gate.outcome,
        GateOutcome::Failed
            | GateOutcome::Warned
            | GateOutcome::NeedsApproval
            | GateOutcome::Unknown
    )
}

/// A text that grows by lines of at most a width.
pub(super) struct Page {
    /// What was written so far.
    pub(super) text: String,
    width: usize,
}

impl Page {
    pub(super) const fn new(width: usize) -> Self {
        Self {
            text: String::new(),
            width,
        }
    }

    /// Adds a line, wrapped; see [`super::layout::wrap`].
    pub(super) fn line(&mut self, text: &str, first: &str, rest: &str) {
        self.text
            .push_str(&super::layout::wrap(text, self.width, first, rest));
    }

    /// An empty line, unless nothing stands above it.
    pub(super) fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }
}

#[cfg(test)]
mod tests;
