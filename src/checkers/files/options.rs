//! Owns the options of the checker `files`.

use serde::{Deserialize, Serialize};

use crate::check::options::{Glob, Size};

/// The options of the check.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Files that must exist and not be empty: paths, or globs of which something must match.
    pub expect: Vec<Glob>,
    /// Files that must not exist.
    pub forbid: Vec<Glob>,
    /// No file may be larger.
    pub max_size: Option<Size>,
    /// Which litter in the root counts.
    pub root_litter: Litter,
    /// Are credential files looked for, by name and content? Examples and tests are tolerated.
    pub sensitive: bool,
    /// Does the whole sensitive-file ("potato") policy hold: its full list of names, and the ignore entries?
    pub potato: bool,
    /// How strictly the policy is graded.
    pub potato_level: Level,
    /// What each ignore file must list under the policy.
    pub ignore_entries: Vec<String>,
    /// Sensitive names that may be committed all the same.
    pub allow: Vec<Glob>,
    /// Are names found that Windows cannot have?
    pub windows_names: bool,
}

/// Which litter in the root counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Litter {
    /// None.
    Off,
    /// What git tracks, or neither tracks nor ignores.
    Tracked,
    /// What git ignores, too.
    All,
}

/// How strictly the sensitive-file policy is graded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Critical names are critical, all else is high.
    Strict,
    /// Critical names are high, all else is medium.
    Moderate,
    /// All is info.
    Advisory,
}

impl Default for Options {
    fn default() -> Self {
        let texts = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect();
        let globs = |list: &[&str]| {
            let glob = |text: &&str| Glob::new(text).expect("a constant glob");
            list.iter().map(glob).collect()
        };
        Self {
            expect: Vec::new(),
            forbid: Vec::new(),
            max_size: None,
            root_litter: Litter::Tracked,
            sensitive: true,
            potato: false,
            potato_level: Level::Strict,
            ignore_entries: texts(&[
                "Potato",
                "Potato.md",
                "*[Pp]otato*",
                "HEY_POTATO_*",
                "*_POTATO_*",
            ]),
            allow: globs(&["**/.env.ci", "**/.tokens.ci", "**/.env.example"]),
            windows_names: false,
        }
    }
}
