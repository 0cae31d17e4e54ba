//! Owns the context of a conclusion: the tree, the change, and the ports.

use std::sync::OnceLock;

use crate::model::fault::Fault;
use crate::model::waiver::FlawedWaiver;
use crate::source::diff::Diff;
use crate::source::tree::SourceTree;

use super::ports::Ports;

/// What the tree is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    /// The commit's id; the empty tree's where there was nothing before.
    pub commit: String,
    /// How it was found, for people: `merge-base with origin/main`.
    pub name: String,
}

/// How a base is found.
type FindBase<'a> = Box<dyn Fn() -> Result<Base, Fault> + Send + Sync + 'a>;

/// How what differs from a base is found.
type FindDiff<'a> = Box<dyn Fn(&Base) -> Result<Diff, Fault> + Send + Sync + 'a>;

/// The change since the base, found when somebody asks for it first: a run that needs none spends nothing on it.
pub struct LazyChange<'a> {
    base: OnceLock<Result<Base, Fault>>,
    diff: OnceLock<Result<Diff, Fault>>,
    find_base: FindBase<'a>,
    find_diff: FindDiff<'a>,
}

impl<'a> LazyChange<'a> {
    /// A change that is found by these.
    pub fn new(
        find_base: impl Fn() -> Result<Base, Fault> + Send + Sync + 'a,
        find_diff: impl Fn(&Base) -> Result<Diff, Fault> + Send + Sync + 'a,
    ) -> Self {
        Self {
            base: OnceLock::new(),
            diff: OnceLock::new(),
            find_base: Box::new(find_base),
            find_diff: Box::new(find_diff),
        }
    }

    /// A change that nobody knows.
    #[must_use]
    pub fn unknown(why: Fault) -> Self {
        Self::new(move || Err(why.clone()), |_| Ok(Diff::default()))
    }

    /// What the tree is compared with.
    ///
    /// # Errors
    /// When there is no base, or it is not in this clone.
    pub fn base(&self) -> Result<&Base, Fault> {
        let base = self.base.get_or_init(&self.find_base);
        base.as_ref().map_err(Clone::clone)
    }

    /// What differs from the base.
    ///
    /// # Errors
    /// As [`LazyChange::base`], and when git cannot tell.
    pub fn diff(&self) -> Result<&Diff, Fault> {
        let base = self.base()?;
        let diff = self.diff.get_or_init(|| (self.find_diff)(base));
        diff.as_ref().map_err(Clone::clone)
    }

    /// The base, if somebody asked for it and it is known.
    #[must_use]
    pub fn asked(&self) -> Option<&Base> {
        self.base.get()?.as_ref().ok()
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
    /// Waivers with a flaw; empty until all other gates are judged.
    pub waivers: &'a [FlawedWaiver],
    /// `gate.check`: names log files.
    pub label: &'a str,
}
