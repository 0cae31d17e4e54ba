//! Owns what a gate file can say of risky code.

use serde::{Deserialize, Serialize};

/// The options of the check.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Leave tests, fixtures and examples out.
    pub skip_tests: bool,
    /// Do the marks of other tools (`nosec`, `nosemgrep`, `noqa: S608` and their like) silence a finding? They are counted and
    /// listed all the same.
    pub marks: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            skip_tests: false,
            marks: true,
        }
    }
}
