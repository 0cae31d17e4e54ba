//! Owns the plan: what a configuration comes down to for one stage and environment. The engine reads nothing else.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::base::node::Origin;
use crate::check::options::Glob;
use crate::check::registry::Check;
use crate::model::formula::Formula;
use crate::model::gate::{Gate, Scope};
use crate::model::number::Number;
use crate::model::rule::Severity;

/// What a configuration comes down to.
pub struct Plan {
    /// The gates of the stage, in the order of `needs` and else of the configuration.
    pub gates: Vec<PlannedGate>,
    /// How the score is made.
    pub score: ScoreSpec,
    /// Files that no check looks into.
    pub exclude: Vec<Glob>,
    /// The whole run's limit.
    pub deadline: Option<Duration>,
    /// Where logs go, relative to the root.
    pub log_folder: String,
    /// May gates be bypassed?
    pub bypass_allowed: bool,
    /// The stage.
    pub stage: String,
    /// The environment, if one was chosen.
    pub environment: Option<String>,
    /// The texts that it came from: files and packs, in the order of application.
    pub sources: Vec<String>,
    /// Each weakening of a pack's gate, and what else a reader must know; one line each.
    pub notices: Vec<String>,
    /// The scope of every gate of the configuration, also of those that this run leaves out.
    pub scopes: BTreeMap<String, Scope>,
    /// The checks of gates that this run leaves out.
    pub left_out: Vec<Arc<dyn Check>>,
    /// How many days ahead a waiver may reach.
    pub max_exemption_days: u32,
    /// Does the repository have a configuration of its own? If not, qgate writes nothing into it.
    pub configured: bool,
}

/// A gate with its checks.
pub struct PlannedGate {
    /// What is judged.
    pub gate: Gate,
    /// Not applicable where none of these matches; empty means everywhere.
    pub paths: Vec<Glob>,
    /// Required environment variables that are not set: the gate is then not configured.
    pub unset: Vec<String>,
    /// What testifies.
    pub checks: Vec<PlannedCheck>,
}

/// A check with its settings.
pub struct PlannedCheck {
    /// Its name in the gate: `as`, or the checker's name.
    pub name: String,
    /// The configured check.
    pub check: Arc<dyn Check>,
    /// The longest that its conclusion may take.
    pub timeout: Duration,
    /// How often a conclusion that ended in a fault or a failed command is tried again.
    pub retries: u32,
    /// Files that this check does not look into.
    pub exclude: Vec<Glob>,
    /// Rules that are off or graded otherwise here; global settings are already in it.
    pub rules: BTreeMap<String, RuleSetting>,
    /// As many unreadable files are tolerated before the check is partial.
    pub tolerate_partial_files: usize,
    /// Where the check was written.
    pub origin: Origin,
    /// The option globs that a user wrote: each must match some file.
    pub live_globs: Vec<(Glob, Origin)>,
}

/// What a gate file says of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleSetting {
    /// Its findings are dropped.
    Off,
    /// Its findings have this severity.
    Graded(Severity),
}

/// How the score is made.
#[derive(Clone, Debug, Default)]
pub struct ScoreSpec {
    /// The run fails below it.
    pub minimum: Option<Number>,
    /// The run fails when a measured component is below it.
    pub component_minimum: Option<Number>,
    /// The run is unknown when less weight than this was measured.
    pub minimum_measured_weight: Option<Number>,
    /// Weight and formula of each component, by name.
    pub components: BTreeMap<String, ComponentSpec>,
}

/// How one component is scored.
#[derive(Clone, Debug)]
pub struct ComponentSpec {
    /// Its weight, relative to the others'.
    pub weight: Number,
    /// Its formula.
    pub formula: Formula,
}
