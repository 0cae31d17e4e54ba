//! Owns what a gate file can say of documentation.

use serde::{Deserialize, Serialize};

use crate::check::options::Glob;

/// The options of the check.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each switches a rule of its own"
)]
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
    /// Must the changelog be changed with the code? Compares with the base; without one it is not known.
    pub changelog_with_change: bool,
    /// Must the README of each package have an example?
    pub examples: bool,
    /// Prompts: instructions for language models.
    pub prompts: Prompts,
}

/// Which files are prompts, and how large each may be.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Prompts {
    /// Globs. Without any, the files that coding agents read: `AGENTS.md`, `CLAUDE.md`, rules, skills and `prompts` folders.
    pub files: Vec<Glob>,
    /// The most tokens of a file, as they are estimated.
    pub max_tokens: u32,
}

impl Default for Prompts {
    fn default() -> Self {
        Self {
            files: Vec::new(),
            max_tokens: 10_000,
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            root: None,
            tests: false,
            readme: true,
            changelog: false,
            changelog_with_change: false,
            examples: false,
            prompts: Prompts::default(),
        }
    }
}
