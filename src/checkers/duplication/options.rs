//! Owns what a gate file can say of duplicated code.

use serde::{Deserialize, Serialize};

/// The options of the check.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// The least number of tokens that count as a duplicate.
    pub min_tokens: usize,
    /// The least number of lines with code that count as a duplicate, at each of its places.
    pub min_lines: usize,
    /// Is code a duplicate too in which only names and values differ?
    pub similar: bool,
    /// Are tests, fixtures and examples compared, too?
    pub tests: bool,
    /// Measure `new_duplication` too: it needs the base of the change.
    pub new: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            min_tokens: 100,
            min_lines: 10,
            similar: false,
            tests: false,
            new: false,
        }
    }
}
