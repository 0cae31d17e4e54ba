//! Owns the choice of the base: what a change is compared with. Knows no diff.

use crate::check::context::Base;
use crate::model::fault::Fault;

use super::Repository;
use super::ci::{self, Variable};

/// Where a base is looked for when nobody names one, the best first.
const CANDIDATES: &[&str] = &[
    "@{upstream}",
    "origin/HEAD",
    "origin/main",
    "origin/master",
    "main",
    "master",
];

impl Repository {
    /// The base of what is checked out: the merge-base of the head with `explicit`, or else what the CI event names, or
    /// else the merge-base with the upstream or default branch. `None` when there is nothing to compare with: before the
    /// first commit, or without any other branch.
    ///
    /// # Errors
    /// When `explicit` names no commit, when the CI event's base is not in this clone, and when a shallow clone left out
    /// the history that would tell.
    pub fn base(
        &self,
        explicit: Option<&str>,
        variable: Variable<'_>,
    ) -> Result<Option<Base>, Fault> {
        if let Some(rev) = explicit {
            let commit = self.commit(rev)?;
            return self.fork_point(rev, &commit);
        }
        let Some(head) = self.head()? else {
            return Ok(None);
        };
        if let Some((system, event)) = ci::event(self.root(), variable)? {
            return self.base_of_event(system, &event, &head).map(Some);
        }
        let branch = self.branch()?;
        for candidate in CANDIDATES {
            if branch.as_deref() == Some(*candidate) {
                continue;
            }
            if let Some(commit) = self.resolve(candidate)? {
                return self.fork_point(candidate, &commit);
            }
        }
        if self.is_shallow() {
            return Err(Self::shallow("the commits of the default branch"));
        }
        Ok(None)
    }

    /// The merge-base of the head with `commit`. Without a common history it is `commit` itself.
    fn fork_point(&self, rev: &str, commit: &str) -> Result<Option<Base>, Fault> {
        let found = |commit: String, name: String| Ok(Some(Base { commit, name }));
        let Some(head) = self.head()? else {
            return found(commit.to_owned(), rev.to_owned());
        };
        let output = self.runner().output(["merge-base", &head, commit])?;
        let fork = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if output.status.success() && !fork.is_empty() {
            let name = if fork == commit {
                rev.to_owned()
            } else {
                format!("merge-base with {rev}")
            };
            return found(fork, name);
        }
        if self.is_shallow() {
            return Err(Self::shallow(&format!(
                "the commits between the head and {rev}"
            )));
        }
        found(commit.to_owned(), format!("{rev}, without common history"))
    }
}
