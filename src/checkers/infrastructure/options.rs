//! Owns what a gate file can say of infrastructure: how much is read, and whose marks count.

use serde::{Deserialize, Serialize};

use crate::check::options::Size;

/// The options of the check.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Larger files are not looked into; the report counts them.
    pub max_size: Size,
    /// Do the marks of other tools (`hadolint ignore=`, `checkov:skip=`, `trivy:ignore:`, `tfsec:ignore:`) silence what they
    /// name? They are counted and listed all the same.
    pub marks: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_size: Size(2_000_000),
            marks: true,
        }
    }
}
