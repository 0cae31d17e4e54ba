//! Owns the shape of a gate file: the types that it is read into and that the schema is made from. Knows no meaning.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::check::options::{Glob, Time};
use crate::model::gate::{FailureAction, Level, Scope};
use crate::model::rule::Severity;

use super::plan::RuleSetting;
use super::values::{AnyMap, Anything, Decimal, Requirement, RuleSet, Version};

/// A gate file: the rules that a change to this repository must meet.
#[derive(Default, serde::Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct GateFile {
    /// The version of this grammar: 1.
    pub version: Version,
    /// The versions of qgate that may read this file: `>=0.3`.
    pub requires_qgate: Option<Requirement>,
    /// Rules that are newer than this rule set only inform: `2026-11`.
    pub ruleset: Option<RuleSet>,
    /// Packs, by name, and gate files, by their path from the root of the repository. Later ones win; this file wins over all.
    pub extends: Vec<String>,
    /// Stages besides pre-push, ci, integration, deployment and nightly.
    pub stages: Vec<String>,
    /// What holds for every check that says nothing else.
    pub defaults: Defaults,
    /// The longest that a whole run may take: `10m`.
    pub deadline: Option<Time>,
    /// The folder for logs, relative to the root.
    pub log_dir: Option<String>,
    /// Files that no check looks into.
    pub exclude: Vec<Glob>,
    /// Rules that are off or graded otherwise.
    pub rules: BTreeMap<String, RuleWord>,
    /// How many days ahead an exemption, an approval or an inline ignore may reach: 30.
    pub max_exemption_days: Option<u32>,
    /// How the score is made.
    pub score: Score,
    /// Overrides of levels, and of what may be bypassed, by environment.
    pub environments: BTreeMap<String, Environment>,
    /// The gates, by id.
    #[schemars(with = "BTreeMap<String, GateEntry>")]
    pub gates: AnyMap,
}

/// What holds for every check that says nothing else.
#[derive(Default, serde::Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Defaults {
    /// The longest that a check may take: `5m`.
    pub timeout: Option<Time>,
    /// How often a check that failed to run is tried again.
    pub retries: Option<u32>,
}

/// How the score is made.
#[derive(Default, serde::Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Score {
    /// The run fails below it: 0 to 100.
    pub minimum: Option<Decimal>,
    /// The run fails when a measured component is below it: 0 to 100.
    pub component_minimum: Option<Decimal>,
    /// The run is unknown when less weight than this was measured.
    pub minimum_measured_weight: Option<Decimal>,
    /// The weight of each component, relative to the others; 0 leaves it out.
    pub weights: BTreeMap<String, Decimal>,
    /// The formula of each component over metrics.
    pub formulas: BTreeMap<String, String>,
}

/// What differs in an environment.
#[derive(Default, serde::Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Environment {
    /// May gates be bypassed here?
    pub bypass_allowed: bool,
    /// Gates that only warn here.
    pub advisory: Vec<String>,
    /// Gates that decide here.
    pub mandatory: Vec<String>,
}

/// A gate.
#[derive(Default, serde::Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct GateFields {
    /// One line for people.
    pub title: Option<String>,
    /// The component that it scores into; `code_quality` when none is given.
    pub component: Option<String>,
    /// Does it decide? mandatory when nothing is given.
    pub level: Option<Level>,
    /// What happens when it fails; block when nothing is given.
    pub failure_action: Option<FailureAction>,
    /// Which findings it judges; all when nothing is given.
    pub scope: Option<Scope>,
    /// When it runs; pre-push and ci when nothing is given.
    pub stages: Option<Vec<String>>,
    /// Gates that must not have failed before this one runs.
    pub needs: Vec<String>,
    /// The gate is not applicable where none of these matches.
    pub paths: Vec<Glob>,
    /// Environment variables without which the gate is not configured.
    pub requires: Vec<String>,
    /// Reported when missed: `30s`.
    pub duration_target: Option<Time>,
    /// What testifies: each a map with the checker's name as the key of its options.
    #[schemars(with = "Vec<Check>")]
    pub checks: Vec<Anything>,
    /// What must hold, by metric.
    #[schemars(with = "Criteria")]
    pub criteria: Option<Anything>,
}

/// The keys that each check may have beside its checker's name.
#[derive(Default, serde::Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CheckFields {
    /// The check's name in the gate, when the checker's name is not enough.
    #[serde(rename = "as")]
    pub name: Option<String>,
    /// The longest that it may take: `5m`.
    pub timeout: Option<Time>,
    /// How often it is tried again when it failed to run.
    pub retries: Option<u32>,
    /// Files that this check does not look into.
    pub exclude: Vec<Glob>,
    /// Rules that are off or graded otherwise here.
    pub rules: BTreeMap<String, RuleWord>,
    /// What does not make the check partial.
    pub tolerate: Tolerate,
}

/// The keys of [`CheckFields`], as gate files write them.
pub const CHECK_KEYS: &[&str] = &["as", "timeout", "retries", "exclude", "rules", "tolerate"];

/// What does not make a check partial.
#[derive(Default, serde::Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Tolerate {
    /// As many unreadable files.
    pub partial_files: usize,
}

/// `off`, or the severity that a rule's findings get.
#[derive(Clone, Copy, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RuleWord {
    /// No finding.
    Off,
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

impl From<RuleWord> for RuleSetting {
    fn from(word: RuleWord) -> Self {
        match word {
            RuleWord::Off => Self::Off,
            RuleWord::Info => Self::Graded(Severity::Info),
            RuleWord::Low => Self::Graded(Severity::Low),
            RuleWord::Medium => Self::Graded(Severity::Medium),
            RuleWord::High => Self::Graded(Severity::High),
            RuleWord::Critical => Self::Graded(Severity::Critical),
        }
    }
}

/// A gate, or `off`, for the schema.
#[expect(dead_code, reason = "only its schema is used")]
struct GateEntry(GateFields);

impl JsonSchema for GateEntry {
    fn schema_name() -> Cow<'static, str> {
        "GateEntry".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let fields = generator.subschema_for::<GateFields>();
        json_schema!({
            "description": "A gate, or `off` to drop a pack's gate.",
            "anyOf": [{ "const": "off" }, fields],
        })
    }
}

/// One check: filled in from the registry by the schema.
pub struct Check;

impl JsonSchema for Check {
    fn schema_name() -> Cow<'static, str> {
        "Check".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        super::schema::check(generator)
    }
}

/// What must hold, by metric: a map, or a list of maps with a single key.
pub struct Criteria;

impl JsonSchema for Criteria {
    fn schema_name() -> Cow<'static, str> {
        "Criteria".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let comparison = serde_json::json!({
            "description": "A comparison: `< 200ms`, `>= 95%`, `>= baseline - 0.5%`, 0, true; `off` drops a pack's criterion.",
            "type": ["string", "number", "boolean"],
        });
        json_schema!({
            "anyOf": [
                { "type": "object", "additionalProperties": comparison },
                {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "minProperties": 1,
                        "maxProperties": 1,
                        "additionalProperties": comparison,
                    },
                },
            ],
        })
    }
}
