//! Owns faults: why a check could not know. Every fault names what would cure it.

use std::fmt;

/// The kinds of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The network is needed and not there or not allowed.
    Offline,
    /// It took longer than its limit.
    Timeout,
    /// A program is not installed.
    ToolMissing,
    /// A program could not be started or ended in a way that says nothing about the code.
    ToolFailed,
    /// Something that the configuration names is not there.
    Missing,
    /// A file could not be read.
    Unreadable,
    /// A file or an output could not be understood.
    Unparsable,
    /// What is there is too old to rely on.
    Stale,
    /// The history that is needed is not in this clone.
    ShallowClone,
    /// The check panicked: a defect of qgate.
    Panic,
    /// The run was interrupted or its deadline passed.
    Cancelled,
}

/// A check could not know.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct Fault {
    /// The kind.
    pub kind: FaultKind,
    /// One line that stands alone.
    pub what: String,
    /// What would cure it: an action.
    pub cure: String,
}

impl Fault {
    /// A fault.
    #[must_use]
    pub fn new(kind: FaultKind, what: impl Into<String>, cure: impl Into<String>) -> Self {
        Self {
            kind,
            what: what.into(),
            cure: cure.into(),
        }
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Offline => "offline",
            Self::Timeout => "timed out",
            Self::ToolMissing => "tool missing",
            Self::ToolFailed => "tool failed",
            Self::Missing => "missing",
            Self::Unreadable => "unreadable",
            Self::Unparsable => "unparsable",
            Self::Stale => "stale",
            Self::ShallowClone => "shallow clone",
            Self::Panic => "panic",
            Self::Cancelled => "cancelled",
        })
    }
}
