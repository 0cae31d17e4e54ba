//! Owns the context of a conclusion: the tree, the change, and the ports.

use std::sync::OnceLock;

use crate::model::fault::Fault;
use crate::source::diff::Diff;
use crate::source::tree::SourceTree;

use super::ports::Ports;

/// What the tree is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The base commit's id.
    pub base: String,
    /// How the base was found, for people: `merge-base with origin/main`.
    pub base_name: String,
    /// What differs from it.
    pub diff: Diff,
}

/// The change, found when somebody asks for it first: a run that needs no base spends nothing on it.
pub struct LazyChange<'a> {
    found: OnceLock<Result<Change, Fault>>,
    find: Box<dyn Fn() -> Result<Change, Fault> + Send + Sync + 'a>,
}

impl<'a> LazyChange<'a> {
    /// A change that `find` finds.
    pub fn new(find: impl Fn() -> Result<Change, Fault> + Send + Sync + 'a) -> Self {
        Self {
            found: OnceLock::new(),
            find: Box::new(find),
        }
    }

    /// The change, or why it is not known.
    ///
    /// # Errors
    /// When there is no base, or it is not in this clone.
    pub fn get(&self) -> Result<&Change, Fault> {
        self.found
            .get_or_init(&self.find)
            .as_ref()
            .map_err(Clone::clone)
    }

    /// The change, if somebody asked for it and it is known.
    #[must_use]
    pub fn asked(&self) -> Option<&Change> {
        self.found.get()?.as_ref().ok()
    }
}

/// What a conclusion is given.
#[derive(Clone, Copy)]
pub struct Cx<'a> {
    /// The tree that is judged.
    pub tree: &'a dyn SourceTree,
    /// The change since the base.
    pub change: &'a LazyChange<'a>,
    /// The world.
    pub ports: Ports<'a>,
    /// The longest that this conclusion may take.
    pub timeout: std::time::Duration,
    /// `gate.check`: names log files.
    pub label: &'a str,
}
