//! Owns what a gate file can say of documentation.

use serde::{Deserialize, Serialize};

/// The options of the check.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// The folder at which links that begin with a slash start. Without it, those that lead nowhere from the root of the repository are
    /// taken for addresses of a site, and counted.
    pub root: Option<String>,
    /// Look into pages of tests and fixtures too.
    pub tests: bool,
    /// Must there be a README in the root?
    pub readme: bool,
    /// Must there be a changelog in the root?
    pub changelog: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            root: None,
            tests: false,
            readme: true,
            changelog: false,
        }
    }
}
