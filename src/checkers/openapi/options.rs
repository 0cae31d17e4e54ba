//! Owns what a gate file can say of API descriptions: which files they are.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::options::{Glob, Size};

/// Judges OpenAPI descriptions.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// The descriptions. When none is named, every YAML and JSON file whose root says `openapi` or `swagger` is one, besides those of
    /// tests and vendored ones; files that they refer to are read as well.
    pub paths: Vec<Glob>,
    /// Larger files are not looked into; the report counts them.
    pub max_size: Size,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            paths: Vec::new(),
            max_size: Size(50_000_000),
        }
    }
}

impl Options {
    /// What does not fit together.
    ///
    /// # Errors
    /// Says it.
    #[expect(clippy::unused_self, reason = "what runs is checked here as well")]
    pub fn check(&self) -> Result<(), String> {
        Ok(())
    }
}
