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
    /// Digest of rule, path, anchor and ordinal among equals. The engine fills it in.
    pub fingerprint: String,
    /// Rules of the same check, and metrics that it measures, of which nobody can know whether they hold as long as this
    /// finding counts: what it tells of may break them unseen.
    pub leaves_open: Vec<&'static str>,
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
        let headline = headline.into();
        Self {
            rule: Cow::Borrowed(rule.id),
            severity: rule.severity,
            place,
            anchor: headline.clone(),
            headline,
            help: help.into(),
            fingerprint: String::new(),
            leaves_open: Vec::new(),
            standing: Standing::Counts,
        }
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

    /// Says of which rules and metrics nobody can know whether they hold, because of what the finding tells.
    #[must_use]
    pub fn leaving_open(mut self, names: Vec<&'static str>) -> Self {
        self.leaves_open = names;
        self
    }

    /// Sets another severity than the rule's.
    #[must_use]
    pub const fn graded(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }
}
