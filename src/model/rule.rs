//! Owns rules and severities: what a finding is an instance of.

use std::fmt;

/// How bad a finding is. The order is from harmless to grave.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// A nuisance.
    Low,
    /// Should be mended.
    Medium,
    /// Must be mended soon.
    High,
    /// Must be mended now.
    Critical,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        })
    }
}

/// A rule of an embedded checker. Declared with `rule!`, which also embeds its page.
#[derive(Debug)]
pub struct Rule {
    /// The id, unique in all of qgate, in kebab case. Once released it resolves for ever.
    pub id: &'static str,
    /// The severity of its findings, unless a gate file says otherwise.
    pub severity: Severity,
    /// The rule set that brought it: `2026-11`.
    pub since: &'static str,
    /// The rule's page: documentation, the text of `qgate explain`, and executable examples.
    pub page: &'static str,
}
