//! Owns findings: what a checker saw, where, and what mends it.

use std::borrow::Cow;

use super::place::Place;
use super::rule::{Rule, Severity};

/// One finding. Texts are raw; renderers escape them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule's id; for outside tools `tool/rule`.
    pub rule: Cow<'static, str>,
    /// How bad it is.
    pub severity: Severity,
    /// Where it is.
    pub place: Place,
    /// One line that stands alone: lower case, no full stop.
    pub headline: String,
    /// What to do about it: an action. May be empty only for outside tools.
    pub help: String,
    /// What identifies it when lines move: a qualified symbol, or a digest of the normalised line. Never a line number,
    /// never a secret.
    pub anchor: String,
    /// How much it is, where more is worse, such as a function's complexity: one that rose since was not there before.
    pub amount: Option<u64>,
    /// Digest of rule, path, anchor and ordinal among equals. The engine fills it in.
    pub fingerprint: String,
    /// Rules of the same check, and metrics that it measures, of which nobody can know whether they hold as long as this
    /// finding counts: what it tells of may break them unseen.
    pub leaves_open: Vec<&'static str>,
    /// What must stand at its place instead, where that mends it for certain.
    pub fix: Option<String>,
    /// What an outside tool says the field calls its weakness, as rules have it: `CWE-89`. Findings of qgate's own rules
    /// have theirs there.
    pub standards: Vec<String>,
    /// The fingerprint of a finding of qgate's own that tells the same as this one of an outside tool. The engine fills it in.
    pub twin: Option<String>,
    /// How it stands in this run. The engine fills it in.
    pub standing: Standing,
}

/// How a finding stands in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It counts.
    Counts,
    /// The base has it too: a gate of scope `new` does not judge it.
    OnBase,
    /// The baseline has it: a gate of scope `new` does not judge it.
    InBaseline,
    /// A waiver stops it from counting: its position in the report.
    Waived(usize),
}

impl Finding {
    /// A finding of `rule` at `place`. The anchor is the headline until [`Finding::anchored`] sets a better one.
    #[must_use]
    pub fn new(
        rule: &'static Rule,
        place: Place,
        headline: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self::of(Cow::Borrowed(rule.id), rule.severity, place, headline, help)
    }

    /// A finding of a rule that need not be qgate's.
    #[must_use]
    pub fn of(
        rule: Cow<'static, str>,
        severity: Severity,
        place: Place,
        headline: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        let headline = headline.into();
        Self {
            rule,
            severity,
            place,
            anchor: headline.clone(),
            headline,
            help: help.into(),
            amount: None,
            fingerprint: String::new(),
            leaves_open: Vec::new(),
            fix: None,
            standards: Vec::new(),
            twin: None,
            standing: Standing::Counts,
        }
    }

    /// What identifies it among all findings of a run: that of its twin, if it has one.
    #[must_use]
    pub fn identity(&self) -> &str {
        self.twin.as_deref().unwrap_or(&self.fingerprint)
    }

    /// Is it a finding of an outside tool?
    #[must_use]
    pub fn is_foreign(&self) -> bool {
        self.rule.contains('/')
    }

    /// Does it count against its gate?
    #[must_use]
    pub fn counts(&self) -> bool {
        self.standing == Standing::Counts
    }

    /// Was it there before: on the base, or in the baseline?
    #[must_use]
    pub const fn is_known(&self) -> bool {
        matches!(self.standing, Standing::OnBase | Standing::InBaseline)
    }

    /// Does a waiver stop it from counting?
    #[must_use]
    pub const fn is_waived(&self) -> bool {
        matches!(self.standing, Standing::Waived(_))
    }

    /// Sets what identifies the finding when lines move.
    #[must_use]
    pub fn anchored(mut self, anchor: impl Into<String>) -> Self {
        self.anchor = anchor.into();
        self
    }

    /// Sets how much it is, where more is worse.
    #[must_use]
    pub const fn of_amount(mut self, amount: u64) -> Self {
        self.amount = Some(amount);
        self
    }

    /// Says of which rules and metrics nobody can know whether they hold, because of what the finding tells.
    #[must_use]
    pub fn leaving_open(mut self, names: Vec<&'static str>) -> Self {
        self.leaves_open = names;
        self
    }

    /// Says what must stand at its place instead.
    #[must_use]
    pub fn mended_by(mut self, text: impl Into<String>) -> Self {
        self.fix = Some(text.into());
        self
    }

    /// Sets another severity than the rule's.
    #[must_use]
    pub const fn graded(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }
}
