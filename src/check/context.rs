//! Owns the context of a conclusion: the tree, the change, and the ports.

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

/// What a conclusion is given.
#[derive(Clone, Copy)]
pub struct Cx<'a> {
    /// The tree that is judged.
    pub tree: &'a dyn SourceTree,
    /// The change since the base, or why it is not known.
    pub change: Result<&'a Change, &'a Fault>,
    /// The world.
    pub ports: Ports<'a>,
    /// The longest that this conclusion may take.
    pub timeout: std::time::Duration,
    /// `gate.check`: names log files.
    pub label: &'a str,
}
