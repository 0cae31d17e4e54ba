//! Owns the report: all that a run found out, before anyone renders it. Times live apart from the body.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::base::path::RepoPath;

use super::evidence::Doubt;
use super::finding::Finding;
use super::gate::{FailureAction, Level, Scope};
use super::metric::Measurement;
use super::number::Number;
use super::outcome::{CheckOutcome, GateOutcome, Verdict};
use super::quantity::Quantity;
use super::waiver::{FlawedWaiver, Waiver};

/// All that a run found out.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The answer.
    pub verdict: Verdict,
    /// Why the verdict is not "pass", one line each, most important first; empty when it is.
    pub reasons: Vec<String>,
    /// What was judged and by which configuration.
    pub subject: Subject,
    /// The gates that the stage planned, in the order of the configuration.
    pub gates: Vec<GateReport>,
    /// The score.
    pub score: Score,
    /// What weakens the configuration's packs, what was bypassed, and other things a reader must know.
    pub notices: Vec<String>,
    /// Every waiver that was used: exemptions, inline ignores, approvals, bypasses, what options of checks accept.
    pub waivers: Vec<Waiver>,
    /// Waivers that do not hold, or waive nothing.
    pub flawed_waivers: Vec<FlawedWaiver>,
    /// The hash of the line that a finding is shown at, by file and line, where a report asks for it. Never decides anything.
    pub line_hashes: BTreeMap<(RepoPath, u32), String>,
    /// Times and cache hits: they change from run to run and never decide anything.
    pub timing: Timing,
}

/// What was judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// The stage.
    pub stage: String,
    /// The environment, if one was chosen.
    pub environment: Option<String>,
    /// Where the configuration came from: file names, packs; "no configuration" names the built-in pack.
    pub configuration: Vec<String>,
    /// What was looked at: `work tree`, `index`, `commit 1a2b3c4`.
    pub tree: String,
    /// What is new is judged against this, if it is known: `1a2b3c4 (merge-base with origin/main)`.
    pub base: Option<String>,
    /// How many files are in the tree.
    pub files: usize,
}

/// One gate.
#[derive(Clone, Debug, PartialEq)]
pub struct GateReport {
    /// The id.
    pub id: String,
    /// One line for people.
    pub title: String,
    /// The component.
    pub component: String,
    /// The level in force.
    pub level: Level,
    /// The failure action.
    pub failure_action: FailureAction,
    /// Which findings it judges; one that judges what is new has compared all of its findings with the base.
    pub scope: Scope,
    /// How it ended.
    pub outcome: GateOutcome,
    /// Why it did not pass, one line each.
    pub reasons: Vec<String>,
    /// What would cure what kept it from being known, one line each.
    pub cures: Vec<String>,
    /// Its criteria.
    pub criteria: Vec<CriterionReport>,
    /// The fingerprints of the findings that broke a criterion.
    pub decisive: BTreeSet<String>,
    /// The exemption that lets it go on: its position in the report's waivers.
    pub exempt: Option<usize>,
    /// What an approval of it has to name; `None` unless it needs one or has one.
    pub approval: Option<Approvable>,
    /// Its checks.
    pub checks: Vec<CheckReport>,
    /// Where the gate was written: `pack recommended:12`.
    pub origin: String,
}

/// What failed in a gate that may go on with an approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approvable {
    /// The digest of the gate, its broken criteria and the findings that broke them.
    pub digest: String,
    /// The measured values of broken criteria, by metric as the criterion names it: an approval holds as long as none is
    /// worse.
    pub values: BTreeMap<String, Quantity>,
}

/// One criterion.
#[derive(Clone, Debug, PartialEq)]
pub struct CriterionReport {
    /// `check.metric` or `metric`.
    pub metric: String,
    /// The comparison: `< 200ms`.
    pub required: String,
    /// The value, if it was measured.
    pub value: Option<Quantity>,
    /// Did it hold? `None`: nobody knows.
    pub held: Option<bool>,
    /// Where the criterion was written.
    pub origin: String,
}

/// One check.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckReport {
    /// Its name in the gate.
    pub name: String,
    /// The checker.
    pub checker: String,
    /// How it ended.
    pub outcome: CheckOutcome,
    /// Why, unless it is complete.
    pub why: Vec<String>,
    /// What would cure it.
    pub cure: Option<String>,
    /// Findings that stand, worst first, then by place.
    pub findings: Vec<Finding>,
    /// Measurements, by name; counted ones included.
    pub measurements: Vec<Measurement>,
    /// What leaves measurements open, or says why there is none.
    pub doubts: Vec<Doubt>,
    /// What else is worth saying.
    pub notes: Vec<String>,
    /// What its own options let go on for a while; they are among [`Report::waivers`].
    pub waivers: Vec<Waiver>,
    /// How many files it looked into.
    pub files: usize,
}

/// The score of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Score {
    /// The weighted mean, 0 to 100; `None` when nothing was measured.
    pub total: Option<Number>,
    /// The least that is asked for, if any.
    pub minimum: Option<Number>,
    /// The components, by name.
    pub components: BTreeMap<String, ComponentScore>,
}

/// The score of one component.
#[derive(Clone, Debug, PartialEq)]
pub struct ComponentScore {
    /// Its weight.
    pub weight: Number,
    /// Its formula.
    pub formula: String,
    /// Its score, 0 to 100; `None` when it was not measured.
    pub score: Option<Number>,
    /// The values that went into the formula, by name.
    pub inputs: BTreeMap<String, Number>,
    /// Optional terms that dropped out, and, where the score is missing, what was not measured.
    pub missing: Vec<String>,
    /// Why the component counts 0 although its formula says otherwise.
    pub zeroed: Option<String>,
}

/// Times and cache hits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// The whole run.
    pub total: Duration,
    /// Each gate's checks together, by gate id.
    pub gates: BTreeMap<String, Duration>,
    /// Gates that took longer than their `duration_target`.
    pub late: Vec<String>,
    /// Files whose facts all came from the cache.
    pub files_cached: usize,
    /// Files that were read.
    pub files_read: usize,
}
