//! Owns which migrations are not released yet: nobody uses what they make, and they alone are judged.

use std::collections::BTreeSet;

use super::super::facts::Facts;
use super::super::sources::MigrationSet;
use crate::base::path::RepoPath;
use crate::source::diff::Diff;

/// Which migrations are judged by the rules on a database in use.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Only {
    /// Those that the base does not have: what they make is new to all of them.
    New,
    /// All, each by what was there before it.
    #[default]
    All,
    /// None: the database after the last migration alone is looked at.
    None,
}

/// What is not released yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreleased {
    /// Each migration was released alone.
    Each,
    /// These are released together.
    These(BTreeSet<RepoPath>),
}

impl Unreleased {
    /// No migration is judged.
    #[must_use]
    pub const fn none() -> Self {
        Self::These(BTreeSet::new())
    }

    /// Is the migration judged?
    #[must_use]
    pub fn judges(&self, path: &RepoPath) -> bool {
        match self {
            Self::Each => true,
            Self::These(paths) => paths.contains(path),
        }
    }

    /// The migrations of a set that the base does not have: each of their statements is new, and the file had no other name.
    pub fn since<'a>(
        set: &MigrationSet,
        diff: &Diff,
        facts: &dyn Fn(&RepoPath) -> Option<&'a Facts>,
    ) -> Self {
        let is_new = |path: &&RepoPath| {
            let Some(file) = diff.files.get(path).filter(|file| file.old_path.is_none()) else {
                return false;
            };
            let script = facts(path).and_then(|facts| facts.script.as_ref());
            script.is_some_and(|script| {
                let mut pieces = script.pieces.iter();
                pieces.all(|piece| {
                    let line = piece.span.start.line;
                    file.lines.iter().any(|range| range.contains(&line))
                })
            })
        };
        let paths = set.migrations.iter().map(|migration| &migration.path);
        Self::These(paths.filter(is_new).cloned().collect())
    }
}
