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
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// The id, unique in all of qgate, in kebab case. Once released it resolves for ever.
    pub id: &'static str,
    /// The severity of its findings, unless a gate file says otherwise.
    pub severity: Severity,
    /// The rule set that brought it: `2026-11`.
    pub since: &'static str,
    /// What the field calls its weakness: `CWE-89`, `A05:2025` (OWASP Top 10), `CICD-SEC-4` (OWASP for pipelines); and the
    /// rules of other tools that tell the same: `bandit/B608`, `gitleaks/*`. A finding of theirs at the same lines is the same finding.
    pub standards: &'static [&'static str],
    /// The rule's page: documentation, the text of `qgate explain`, and executable examples.
    pub page: &'static str,
}

impl Rule {
    /// Does the field call its weakness so? `OWASP` stands for any class of the OWASP Top 10.
    #[must_use]
    pub fn bears(&self, standard: &str) -> bool {
        if standard == "OWASP" {
            return self.owasp().is_some();
        }
        self.standards.contains(&standard)
    }

    /// Its class in the OWASP Top 10: `A05:2025`.
    #[must_use]
    pub fn owasp(&self) -> Option<&'static str> {
        let is_owasp = |standard: &&&str| standard.starts_with('A') && standard.contains(":20");
        self.standards.iter().find(is_owasp).copied()
    }
}
