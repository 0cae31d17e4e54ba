//! Owns what a gate file can say of smells.

use serde::{Deserialize, Serialize};

use crate::check::options::Glob;

/// The options of the check.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// The words that mark work to be done.
    pub markers: Vec<String>,
    /// Files whose output is for people, and no leftover: globs. Scripts are known by what they are; see the guide.
    pub scripts: Vec<Glob>,
    /// Are tests, fixtures and examples looked into, too?
    pub tests: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            markers: ["TODO", "FIXME", "HACK", "XXX"].map(str::to_owned).into(),
            scripts: Vec::new(),
            tests: false,
        }
    }
}
