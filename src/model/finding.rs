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
    /// The base has it too: a gate of scope `new` does not judge it.
    pub known: bool,
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
            known: false,
        }
    }

    /// Sets what identifies the finding when lines move.
    #[must_use]
    pub fn anchored(mut self, anchor: impl Into<String>) -> Self {
        self.anchor = anchor.into();
        self
    }

    /// Sets another severity than the rule's.
    #[must_use]
    pub const fn graded(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }
}
