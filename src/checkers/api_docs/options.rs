//! Owns what a gate file can say of the documentation of code.

use serde::{Deserialize, Serialize};

/// The options of the check.
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Do getters and setters that do nothing else count, too?
    pub accessors: bool,
    /// Are tests, fixtures and examples looked into, too?
    pub tests: bool,
}
