//! Owns waivers: what stops a finding or a gate from counting, who says so, why and until when.

use std::fmt;

use jiff::civil::Date;

use super::place::Place;

/// What kind of waiver it is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum WaiverKind {
    /// An entry of `.qgate/exemptions.yaml`.
    Exemption,
    /// A comment in the file itself: `qgate:ignore`.
    Ignore,
    /// An entry of `.qgate/approvals.yaml`.
    Approval,
    /// A gate that the command line lets pass.
    Bypass,
    /// An option of a check, such as `ignore` of `vulnerabilities`.
    Acceptance,
}

impl fmt::Display for WaiverKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Exemption => "exemption",
            Self::Ignore => "ignore",
            Self::Approval => "approval",
            Self::Bypass => "bypass",
            Self::Acceptance => "acceptance",
        })
    }
}

/// A waiver that was used in this run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// The kind.
    pub kind: WaiverKind,
    /// What it is about: `rule trailing-whitespace in docs/**`, `gate api-speed`.
    pub what: String,
    /// Where it was written.
    pub place: Place,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The last day on which it holds.
    pub until: Option<Date>,
    /// How many findings or gates it waives in this run.
    pub used: usize,
}

impl Waiver {
    /// The waiver in one line with its place at the end, raw.
    #[must_use]
    pub fn placed(&self) -> String {
        format!("{self} [{}]", self.place)
    }
}

/// `exemption of rule x in docs/** until 2026-12-01 by ann: reason (3 times)`, raw.
impl fmt::Display for Waiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.kind, self.what)?;
        if let Some(until) = self.until {
            write!(f, " until {until}")?;
        }
        if let Some(owner) = &self.owner {
            write!(f, " by {owner}")?;
        }
        write!(f, ": {}", self.reason)?;
        match self.used {
            0 | 1 => Ok(()),
            used => write!(f, " ({used} times)"),
        }
    }
}

/// Why a waiver does not hold, or is not needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flaw {
    /// Its last day is over.
    Expired,
    /// It cannot be read, or something that it needs is missing.
    Malformed,
    /// It reaches further ahead than is allowed.
    TooLong,
    /// It is from a change that is not trusted.
    Untrusted,
    /// Nothing that it waives was found.
    Unused,
}

/// A waiver with a flaw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlawedWaiver {
    /// The flaw.
    pub flaw: Flaw,
    /// Where the waiver was written.
    pub place: Place,
    /// One line that stands alone.
    pub headline: String,
    /// What to do about it.
    pub help: String,
}
