//! Owns gates: what is judged, without the checks that testify for it.

use crate::base::node::Origin;

use super::criterion::Criterion;

/// Does a gate decide?
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// It warns and never changes the exit code.
    Advisory,
    /// It decides.
    Mandatory,
}

/// What happens when a gate's criteria do not hold.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum FailureAction {
    /// The run fails, if the gate is mandatory.
    Block,
    /// The run fails until somebody approves.
    RequireApproval,
    /// The report says so.
    Warn,
}

/// Which findings a gate judges.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// All of them.
    All,
    /// Only new ones.
    New,
}

/// A criterion of a gate.
#[derive(Clone, Debug, PartialEq)]
pub struct GateCriterion {
    /// The check's name (its `as`, or the checker's), when the gate file names one: `NAME.metric`.
    pub check: Option<String>,
    /// The metric.
    pub metric: String,
    /// The comparison.
    pub criterion: Criterion,
    /// Where it was written.
    pub origin: Origin,
}

/// A gate.
#[derive(Clone, Debug, PartialEq)]
pub struct Gate {
    /// The id.
    pub id: String,
    /// One line for people; the id when none was given.
    pub title: String,
    /// The component it scores into.
    pub component: String,
    /// Does it decide?
    pub level: Level,
    /// What happens when it fails.
    pub failure_action: FailureAction,
    /// Which findings it judges.
    pub scope: Scope,
    /// Gates that must not have failed before this one runs.
    pub needs: Vec<String>,
    /// What must hold; empty means: no finding of severity high or above.
    pub criteria: Vec<GateCriterion>,
    /// Reported when missed.
    pub duration_target: Option<std::time::Duration>,
    /// Where the gate was written.
    pub origin: Origin,
}
