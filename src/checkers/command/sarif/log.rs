//! Owns the parts of the SARIF 2.1.0 format that are read; a property that is null is as one that is missing.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

/// A value, its default where the document has null.
fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

macro_rules! parts {
    ($($(#[$doc:meta])* $name:ident { $($(#[$extra:meta])* $field:ident: $type:ty = $key:literal,)* })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Default, Deserialize)]
            #[serde(default)]
            pub struct $name {
                $(
                    #[serde(rename = $key, deserialize_with = "or_default")]
                    pub $field: $type,
                )*
            }
        )*
    };
}

parts! {
    /// The whole document.
    Log { version: Option<String> = "version", runs: Option<Vec<Run>> = "runs", }

    /// One run of one tool.
    Run {
        tool: Tool = "tool",
        invocations: Vec<Invocation> = "invocations",
        results: Option<Vec<Outcome>> = "results",
        artifacts: Vec<Artifact> = "artifacts",
        bases: BTreeMap<String, ArtifactLocation> = "originalUriBaseIds",
    }

    /// A tool: the driver and what extends it.
    Tool { driver: Component = "driver", extensions: Vec<Component> = "extensions", }

    /// A part of a tool with rules of its own.
    Component { name: Option<String> = "name", rules: Vec<Descriptor> = "rules", }

    /// A rule's description.
    Descriptor {
        id: Option<String> = "id",
        short: Message = "shortDescription",
        help: Message = "help",
        help_uri: Option<String> = "helpUri",
        messages: BTreeMap<String, Message> = "messageStrings",
        configuration: Configuration = "defaultConfiguration",
        relationships: Vec<Relationship> = "relationships",
        properties: Properties = "properties",
    }

    /// A rule's default settings.
    Configuration { level: Option<Level> = "level", }

    /// The properties that are not SARIF's own.
    Properties { severity: Option<serde_json::Value> = "security-severity", tags: serde_json::Value = "tags", cwe: serde_json::Value = "cwe", }

    /// What a rule has to do with something outside: a class of a taxonomy.
    Relationship { target: Reference = "target", }

    /// How the tool was run.
    Invocation {
        execution_successful: Option<bool> = "executionSuccessful",
        notifications: Vec<Notification> = "toolExecutionNotifications",
        configuration: Vec<Notification> = "toolConfigurationNotifications",
    }

    /// What the tool says of itself.
    Notification { level: Option<Level> = "level", message: Message = "message", }

    /// A result.
    Outcome {
        rule_id: Option<String> = "ruleId",
        rule_index: Option<i64> = "ruleIndex",
        rule: Option<Reference> = "rule",
        kind: Option<String> = "kind",
        level: Option<Level> = "level",
        message: Message = "message",
        locations: Vec<Location> = "locations",
        suppressions: Vec<Suppression> = "suppressions",
        baseline: Option<String> = "baselineState",
        fingerprints: BTreeMap<String, String> = "fingerprints",
        partial_fingerprints: BTreeMap<String, String> = "partialFingerprints",
        properties: Properties = "properties",
    }

    /// A reference to a rule.
    Reference { id: Option<String> = "id", index: Option<i64> = "index", component: Option<ComponentReference> = "toolComponent", }

    /// A reference to an extension, or to a taxonomy.
    ComponentReference { index: Option<i64> = "index", name: Option<String> = "name", }

    /// A message, spelt out or by its id.
    Message {
        text: Option<String> = "text",
        markdown: Option<String> = "markdown",
        id: Option<String> = "id",
        arguments: Vec<String> = "arguments",
    }

    /// Why a result does not count.
    Suppression { status: Option<String> = "status", }

    /// Where a result is.
    Location { physical: Option<Physical> = "physicalLocation", }

    /// Where in which file.
    Physical { artifact: ArtifactLocation = "artifactLocation", region: Option<Region> = "region", }

    /// A file.
    ArtifactLocation {
        uri: Option<String> = "uri",
        base: Option<String> = "uriBaseId",
        index: Option<i64> = "index",
    }

    /// A file that results refer to by its index.
    Artifact { location: ArtifactLocation = "location", }
}

/// A part of a file.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Region {
    pub start_line: Option<i64>,
    pub start_column: Option<i64>,
    pub end_line: Option<i64>,
    pub end_column: Option<i64>,
}

/// How bad a result is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    None,
    Note,
    Warning,
    Error,
}

impl Properties {
    /// The security severity, 0 to 10; `None` when there is none.
    pub fn security(&self) -> Option<f64> {
        let score = match self.severity.as_ref()? {
            serde_json::Value::String(text) => text.trim().parse().ok(),
            value => value.as_f64(),
        };
        score.filter(|score| *score > 0.0)
    }
}

impl Descriptor {
    /// The weaknesses that it names, as `CWE-89`: in its tags (`external/cwe/cwe-089`, `CWE-89: ...`), in a property of
    /// that name, or as a relationship to the taxonomy.
    pub fn standards(&self) -> Vec<String> {
        let related = self.relationships.iter().filter_map(|related| {
            let target = &related.target;
            let name = target.component.as_ref()?.name.as_deref()?;
            let id = target.id.as_deref()?;
            name.eq_ignore_ascii_case("cwe")
                .then(|| format!("cwe-{}", id.trim_start_matches("CWE-")))
        });
        let related: Vec<String> = related.collect();
        let told = [&self.properties.tags, &self.properties.cwe];
        let told = told.into_iter().flat_map(|value| match value {
            serde_json::Value::Array(list) => list.as_slice(),
            one => std::slice::from_ref(one),
        });
        let told = told.filter_map(serde_json::Value::as_str);
        let mut names: Vec<String> = told
            .chain(related.iter().map(String::as_str))
            .filter_map(cwe)
            .collect();
        names.sort();
        names.dedup();
        names
    }
}

/// The first `CWE-89` in a text, without leading zeros.
fn cwe(text: &str) -> Option<String> {
    let text = text.to_ascii_lowercase();
    let (_, rest) = text.split_once("cwe-")?;
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    let number: u32 = digits.parse().ok()?;
    Some(format!("CWE-{number}"))
}

impl Outcome {
    /// Did the tool's user waive it, or is it gone since the tool's own baseline? Every suppression must be accepted.
    pub fn is_waived(&self) -> bool {
        let accepted = |one: &Suppression| matches!(one.status.as_deref(), None | Some("accepted"));
        let suppressed = !self.suppressions.is_empty() && self.suppressions.iter().all(accepted);
        suppressed || self.baseline.as_deref() == Some("absent")
    }

    /// Is it a problem at all? `pass` and `notApplicable` are results too.
    pub fn is_problem(&self) -> bool {
        !matches!(self.kind.as_deref(), Some("pass" | "notApplicable"))
    }

    /// What identifies it, by the tool's own fingerprints.
    pub fn anchor(&self) -> Option<String> {
        let prints = if self.fingerprints.is_empty() {
            &self.partial_fingerprints
        } else {
            &self.fingerprints
        };
        let prints: Vec<String> = prints.iter().map(|(k, v)| format!("{k}={v}")).collect();
        (!prints.is_empty()).then(|| prints.join(" "))
    }
}
