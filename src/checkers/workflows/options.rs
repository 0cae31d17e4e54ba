//! Owns what a gate file can say of pipelines: which actions must be pinned, whose tokens come first, whose marks count.

use serde::{Deserialize, Serialize};

/// The options of the check.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// How actions and reusable workflows are pinned.
    pub pin: Pin,
    /// Names of secrets, the one to use first in front: turns the rule `token-hierarchy` on.
    pub tokens: Vec<String>,
    /// Do the marks of another scanner (`zizmor: ignore[...]`) silence a finding? They are counted and listed all the same.
    pub marks: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            pin: Pin::default(),
            tokens: Vec::new(),
            marks: true,
        }
    }
}

/// How actions are pinned.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Pin {
    /// What is asked of every action that no list below names.
    pub default: Pinned,
    /// Actions of which a tag is enough: `owner/*`, `owner/name`.
    pub allow_tags: Vec<String>,
    /// Actions of which anything is taken.
    pub allow_any: Vec<String>,
}

impl Default for Pin {
    fn default() -> Self {
        Self {
            default: Pinned::Hash,
            // The last one looks its own tag up and works by no other name.
            allow_tags: [
                "actions/*",
                "github/*",
                "slsa-framework/slsa-github-generator",
            ]
            .map(str::to_owned)
            .to_vec(),
            allow_any: Vec::new(),
        }
    }
}

/// How firmly an action is pinned.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Pinned {
    /// Anything: a branch too.
    Any,
    /// A tag.
    Tag,
    /// The hash of a commit.
    Hash,
}

impl Pin {
    /// What is asked of the action `owner/name`.
    pub fn of(&self, action: &str) -> Pinned {
        let listed = |list: &[String]| list.iter().any(|pattern| matches(pattern, action));
        if listed(&self.allow_any) {
            Pinned::Any
        } else if listed(&self.allow_tags) {
            self.default.min(Pinned::Tag)
        } else {
            self.default
        }
    }
}

fn matches(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.to_ascii_lowercase(), action.to_ascii_lowercase());
    match pattern.strip_suffix('*') {
        Some(start) => action.starts_with(start),
        None => action == pattern,
    }
}
