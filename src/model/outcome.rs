//! Owns outcomes: of a check, of a gate, of the run, and the exit codes that follow.

use std::fmt;

use super::fault::FaultKind;

/// How a check ended. Says nothing about what it found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    /// It saw all of its subject.
    Complete,
    /// It saw a part only.
    Partial,
    /// It was not run.
    Skipped,
    /// There is no subject here.
    NotApplicable,
    /// It could not know.
    Errored,
    /// It took longer than its limit.
    TimedOut,
}

impl CheckOutcome {
    /// The outcome that a fault ends in.
    #[must_use]
    pub const fn of_fault(kind: FaultKind) -> Self {
        match kind {
            FaultKind::Timeout => Self::TimedOut,
            _ => Self::Errored,
        }
    }
}

/// How a gate ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GateOutcome {
    /// Every check ended complete (or had no subject) and every criterion held.
    Passed,
    /// A criterion did not hold, and the gate blocks.
    Failed,
    /// A criterion did not hold, and the gate only warns.
    Warned,
    /// A criterion did not hold, and an approval would let it pass.
    NeedsApproval,
    /// A criterion did not hold, and somebody approved that.
    Approved,
    /// Nobody knows.
    Unknown,
    /// It was waived: on the command line, or by an exemption.
    Bypassed,
    /// None of its checks has a subject here, or no path of it matches.
    NotApplicable,
    /// It was left out because it is not configured: a variable it requires is unset.
    NotConfigured,
}

impl fmt::Display for GateOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Passed => "PASS",
            Self::Failed => "FAIL",
            Self::Warned => "WARN",
            Self::NeedsApproval => "HOLD",
            Self::Approved => "APPR",
            Self::Unknown => "????",
            Self::Bypassed => "BYPS",
            Self::NotApplicable => "N/A",
            Self::NotConfigured => "OFF",
        })
    }
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// This change may go on.
    Pass,
    /// It may not.
    Fail,
    /// It could not be judged.
    Unknown,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
            Self::Unknown => "UNKNOWN",
        })
    }
}

/// The exit codes, fixed for ever. When several apply, the order of precedence is 130, 2, 1, 3, 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Every mandatory gate passed.
    Pass = 0,
    /// A mandatory gate or the minimum score failed.
    Fail = 1,
    /// The command line or a gate file is wrong.
    Usage = 2,
    /// It could not be judged.
    Unknown = 3,
    /// Interrupted.
    Interrupted = 130,
}

impl From<Verdict> for Exit {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Pass => Self::Pass,
            Verdict::Fail => Self::Fail,
            Verdict::Unknown => Self::Unknown,
        }
    }
}
