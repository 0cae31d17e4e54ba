//! Owns the shape of a gate file: the types that it is read into and that the schema is made from. Knows no meaning.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::check::options::{Glob, Time};
use crate::model::gate::{FailureAction, Level, Scope};
use crate::model::number::Number;
use crate::model::rule::Severity;

use super::plan::RuleSetting;

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

/// A value that is read later, against what is known by then.
#[derive(Default)]
pub struct Anything;

impl<'de> Deserialize<'de> for Anything {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}

/// A map whose values are read later.
#[derive(Default)]
pub struct AnyMap;

impl<'de> Deserialize<'de> for AnyMap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyMapVisitor;
        impl<'de> Visitor<'de> for AnyMapVisitor {
            type Value = AnyMap;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_unit<E>(self) -> Result<AnyMap, E> {
                Ok(AnyMap)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<AnyMap, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(AnyMap)
            }
        }
        deserializer.deserialize_map(AnyMapVisitor)
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

/// The version of the grammar.
#[derive(Default)]
pub struct Version;

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match i64::deserialize(deserializer)? {
            1 => Ok(Self),
            other => Err(de::Error::custom(format!(
                "version {other} of the gate file grammar is not known; this qgate reads `version: 1`"
            ))),
        }
    }
}

impl JsonSchema for Version {
    fn schema_name() -> Cow<'static, str> {
        "Version".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "const": 1 })
    }
}

/// A number, kept exactly to nine decimals.
#[derive(Clone, Copy)]
pub struct Decimal(pub Number);

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct DecimalVisitor;
        impl Visitor<'_> for DecimalVisitor {
            type Value = Decimal;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            fn visit_i64<E: de::Error>(self, n: i64) -> Result<Decimal, E> {
                if n < 0 {
                    return Err(E::custom(format!(
                        "expected a number of 0 or more, found {n}"
                    )));
                }
                Ok(Decimal(Number::whole(n)))
            }

            fn visit_f64<E: de::Error>(self, n: f64) -> Result<Decimal, E> {
                let number = Number::from_float(n).filter(|number| !number.is_negative());
                number
                    .map(Decimal)
                    .ok_or_else(|| E::custom(format!("expected a number of 0 or more, found {n}")))
            }
        }
        deserializer.deserialize_any(DecimalVisitor)
    }
}

impl JsonSchema for Decimal {
    fn schema_name() -> Cow<'static, str> {
        "Decimal".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "minimum": 0 })
    }
}

/// A rule set: a year and a month.
#[derive(Clone)]
pub struct RuleSet(pub String);

impl<'de> Deserialize<'de> for RuleSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let shape = |c: char| if c.is_ascii_digit() { '0' } else { c };
        if text.chars().map(shape).eq("0000-00".chars()) {
            return Ok(Self(text));
        }
        Err(de::Error::custom(format!(
            "`{text}` is no rule set; one is a year and a month, as \"2026-11\""
        )))
    }
}

impl JsonSchema for RuleSet {
    fn schema_name() -> Cow<'static, str> {
        "RuleSet".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$" })
    }
}

/// The versions of qgate that may read a file: comparisons joined by commas.
#[derive(Debug, PartialEq, Eq)]
pub struct Requirement(Vec<(String, [u32; 3])>);

impl Requirement {
    /// Reads `>=0.3`, `>=0.3, <2`.
    ///
    /// # Errors
    /// Says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!("`{text}` is no version requirement; write one as \">=0.3\" or \">=0.3, <2\"")
        };
        let parts = text.split(',').map(|part| {
            let part = part.trim();
            let at = part.find(|c: char| c.is_ascii_digit()).ok_or_else(wrong)?;
            let (sign, version) = (part[..at].trim(), version(&part[at..]).ok_or_else(wrong)?);
            match sign {
                ">=" | ">" | "<=" | "<" | "=" | "==" => Ok((sign.to_owned(), version)),
                "" => Ok(("=".to_owned(), version)),
                _ => Err(wrong()),
            }
        });
        parts.collect::<Result<_, _>>().map(Self)
    }

    /// Does this version of qgate meet it?
    #[must_use]
    pub fn met_by(&self, have: &str) -> bool {
        let have = version(have).unwrap_or_default();
        self.0.iter().all(|(sign, wanted)| match sign.as_str() {
            ">=" => have >= *wanted,
            ">" => have > *wanted,
            "<=" => have <= *wanted,
            "<" => have < *wanted,
            _ => have == *wanted,
        })
    }
}

fn version(text: &str) -> Option<[u32; 3]> {
    let mut parts = [0; 3];
    for (n, part) in text.split('.').enumerate() {
        *parts.get_mut(n)? = part.parse().ok()?;
    }
    Some(parts)
}

impl<'de> Deserialize<'de> for Requirement {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let have = env!("CARGO_PKG_VERSION");
        let text = String::deserialize(deserializer)?;
        let requirement = Self::parse(&text).map_err(de::Error::custom)?;
        if requirement.met_by(have) {
            return Ok(requirement);
        }
        Err(de::Error::custom(format!(
            "this file requires qgate {text}, and this is qgate {have}; install a version that meets it"
        )))
    }
}

impl JsonSchema for Requirement {
    fn schema_name() -> Cow<'static, str> {
        "Requirement".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "examples": [">=0.3"] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(requirement: &str, have: &str, expected: &str) {
        let met = Requirement::parse(requirement).map(|r| r.met_by(have).to_string());
        assert_eq!(
            met.unwrap_or_else(|problem| problem[..9].to_owned()),
            expected
        );
    }

    #[test]
    fn requirements() {
        check(">=0.3", "0.3.0", "true");
        check(">=0.3", "0.2.9", "false");
        check(">=0.1, <1", "0.9.9", "true");
        check(">=0.1, <1", "1.0.0", "false");
        check("~1.2", "1.2.0", "`~1.2` is");
    }
}
