//! Owns what a push brings that the remote does not have: commit, base and range of one pushed ref. Knows no gate.

use crate::base::ascii::escape;
use crate::check::context::Base;
use crate::model::fault::{Fault, FaultKind};

use super::Repository;
use super::command;

/// One line that git hands to the hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushedRef {
    /// What is pushed, as the user wrote it: `refs/heads/main`, `HEAD`; `(delete)` for a deletion.
    pub local: String,
    /// The id of what is pushed; zeros for a deletion.
    pub id: String,
    /// The ref on the remote that is set.
    pub remote: String,
    /// What the remote's ref is now; zeros where there is none.
    pub remote_id: String,
}

impl PushedRef {
    /// Reads a line `LOCAL-REF LOCAL-ID REMOTE-REF REMOTE-ID`; `None` for anything else. A local ref may hold spaces.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let mut words = line.rsplitn(4, ' ');
        let remote_id = words.next()?.to_owned();
        let remote = words.next()?.to_owned();
        let id = words.next()?.to_owned();
        let local = words.next()?.to_owned();
        let is_id = |id: &str| id.len() >= 40 && id.bytes().all(|b| b.is_ascii_hexdigit());
        (is_id(&id) && is_id(&remote_id) && !remote.is_empty()).then_some(Self {
            local,
            id,
            remote,
            remote_id,
        })
    }

    /// Is the remote's ref deleted?
    #[must_use]
    pub fn is_deletion(&self) -> bool {
        is_zero(&self.id)
    }

    /// The branch that is set on the remote; `None` for a tag or another ref.
    #[must_use]
    pub fn branch(&self) -> Option<&str> {
        self.remote.strip_prefix("refs/heads/")
    }
}

fn is_zero(id: &str) -> bool {
    id.bytes().all(|b| b == b'0')
}

/// What a pushed ref brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// The pushed commit; a tag's is the one that it names.
    pub commit: String,
    /// What it is compared with; `None`: the remote has no part of its history.
    pub base: Option<Base>,
}

impl Repository {
    /// What a pushed ref brings; `None` when the remote has all of it already.
    ///
    /// # Errors
    /// When the remote's commit is not in this clone, when history is missing in a shallow clone, when what is pushed is
    /// no commit, and when git fails.
    pub fn pushed(&self, remote: &str, pushed: &PushedRef) -> Result<Option<Range>, Fault> {
        let commit = self.resolve(&pushed.id)?.ok_or_else(|| {
            Fault::new(
                FaultKind::Missing,
                format!(
                    "{} is no commit, so it cannot be judged",
                    escape(&pushed.local)
                ),
                "push commits and tags of commits",
            )
        })?;
        if is_zero(&pushed.remote_id) {
            return self.range_of_new(remote, commit);
        }
        let Some(old) = self.resolve(&pushed.remote_id)? else {
            let cure = format!(
                "run `git fetch {} {}`, then push again",
                escape(remote),
                escape(&pushed.remote)
            );
            let what = format!(
                "what {} is on the remote, {}, is not in this clone",
                escape(&pushed.remote),
                short(&pushed.remote_id)
            );
            return Err(Fault::new(FaultKind::Missing, what, cure));
        };
        if old == commit {
            return Ok(None);
        }
        let base = self.base_of_update(remote, &commit, &old)?;
        Ok(Some(Range { commit, base }))
    }

    /// The commit that all of these have in common, for a commit that is pushed to several refs; `None` when there is
    /// none.
    ///
    /// # Errors
    /// When git fails.
    pub fn common_base(&self, bases: &[Base]) -> Result<Option<Base>, Fault> {
        let Some((first, others)) = bases.split_first() else {
            return Ok(None);
        };
        let mut common = first.clone();
        for other in others.iter().filter(|other| other.commit != first.commit) {
            match self.fork(&common.commit, &other.commit)? {
                Some(commit) => {
                    let name = "what all pushed refs have on the remote".to_owned();
                    common = Base { commit, name };
                }
                None => return Ok(None),
            }
        }
        Ok(Some(common))
    }

    /// Is this commit checked out, and nothing changed or untracked beside it? Then the disk is what is pushed.
    ///
    /// # Errors
    /// When git fails.
    pub fn has_on_disk(&self, commit: &str) -> Result<bool, Fault> {
        if self.head()?.as_deref() != Some(commit) {
            return Ok(false);
        }
        let args = [
            "status",
            "--porcelain",
            "-z",
            "--untracked-files=all",
            "--",
            ":/",
            // qgate writes it itself, beside the cache.
            ":(top,exclude).qgate/.gitignore",
        ];
        Ok(self.runner().run(args)?.is_empty())
    }

    /// Is the work tree what the index holds, with nothing changed or untracked beside it?
    ///
    /// # Errors
    /// When git fails.
    pub fn has_index_on_disk(&self) -> Result<bool, Fault> {
        let own = [":/", ":(top,exclude).qgate/.gitignore"];
        let changed = [
            "diff",
            "--name-only",
            "-z",
            "--no-ext-diff",
            "--",
            own[0],
            own[1],
        ];
        let others = [
            "ls-files",
            "--others",
            "--exclude-standard",
            "-z",
            "--",
            own[0],
            own[1],
        ];
        Ok(self.runner().run(changed)?.is_empty() && self.runner().run(others)?.is_empty())
    }

    /// The base of an update: what the remote has, or the fork point when it is overwritten. When the default branch was
    /// merged in since, its tip: its changes are not those of this push, and what the branch brought before is judged again.
    fn base_of_update(&self, remote: &str, commit: &str, old: &str) -> Result<Option<Base>, Fault> {
        let Some(fork) = self.fork(old, commit)? else {
            return if self.is_shallow() {
                Err(Self::shallow("the commits since the last push"))
            } else {
                Ok(None)
            };
        };
        if let Some(merged) = self.fork_with_default(remote, commit)?
            && merged.commit != commit
            && !self.is_ancestor(&merged.commit, &fork)?
        {
            return Ok(Some(merged));
        }
        let name = if fork == old {
            "what the remote has".to_owned()
        } else {
            "merge-base with what is overwritten".to_owned()
        };
        Ok(Some(Base { commit: fork, name }))
    }

    /// What a new ref brings, by the remote's refs as this clone knows them; `None` when the remote has the commit.
    fn range_of_new(&self, remote: &str, commit: String) -> Result<Option<Range>, Fault> {
        let known = format!("--remotes={}", literal(remote));
        let args = [
            "rev-list",
            "--boundary",
            "--topo-order",
            &commit,
            "--not",
            &known,
        ];
        let listed = self.runner().run(args)?;
        let listed = String::from_utf8_lossy(&listed).into_owned();
        let (edges, new): (Vec<&str>, Vec<&str>) =
            listed.lines().partition(|line| line.starts_with('-'));
        if new.is_empty() {
            return Ok(None);
        }
        let edges: Vec<&str> = edges.iter().map(|edge| &edge[1..]).collect();
        if edges.is_empty() {
            return if self.is_shallow() {
                Err(Self::shallow("the commits that the remote already has"))
            } else {
                Ok(Some(Range { commit, base: None }))
            };
        }
        let edges = self.independent(&edges)?;
        if let Some(base) = self.fork_with_default(remote, &commit)?
            && edges.contains(&base.commit)
        {
            let base = Some(base);
            return Ok(Some(Range { commit, base }));
        }
        let name = format!("the last commit that {} has", escape(remote));
        let base = edges.into_iter().next();
        let base = base.map(|commit| Base { commit, name });
        Ok(Some(Range { commit, base }))
    }

    /// The merge-base with the remote's default branch, as far as this clone knows it.
    fn fork_with_default(&self, remote: &str, commit: &str) -> Result<Option<Base>, Fault> {
        for branch in ["HEAD", "main", "master"] {
            let name = format!("refs/remotes/{remote}/{branch}");
            if let Some(tip) = self.resolve(&name)? {
                let fork = self.fork(commit, &tip)?;
                let name = format!("merge-base with {}/{branch}", escape(remote));
                return Ok(fork.map(|commit| Base { commit, name }));
            }
        }
        Ok(None)
    }

    /// Those of the commits that no other of them has in its history.
    fn independent(&self, commits: &[&str]) -> Result<Vec<String>, Fault> {
        let args = ["merge-base", "--independent"].into_iter();
        let found = self.runner().run(args.chain(commits.iter().copied()))?;
        let found = String::from_utf8_lossy(&found);
        Ok(found.lines().map(str::to_owned).collect())
    }

    pub(super) fn fork(&self, one: &str, other: &str) -> Result<Option<String>, Fault> {
        let output = self.runner().output(["merge-base", one, other])?;
        let fork = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        match output.status.code() {
            Some(0) if !fork.is_empty() => Ok(Some(fork)),
            Some(1) => Ok(None),
            _ => Err(command::failed(&output.stderr)),
        }
    }

    pub(super) fn is_ancestor(&self, old: &str, new: &str) -> Result<bool, Fault> {
        let args = ["merge-base", "--is-ancestor", old, new];
        let output = self.runner().output(args)?;
        match output.status.code() {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            _ => Err(command::failed(&output.stderr)),
        }
    }

    /// The id of the tree without files.
    ///
    /// # Errors
    /// When git fails.
    pub fn empty_tree(&self) -> Result<String, Fault> {
        let output = self
            .runner()
            .feed(["hash-object", "-t", "tree", "--stdin"], b"")?;
        if !output.status.success() {
            return Err(command::failed(&output.stderr));
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}

/// A remote's name as a pattern that matches only itself.
fn literal(remote: &str) -> String {
    let mut out = String::new();
    for c in remote.chars() {
        if matches!(c, '*' | '?' | '[' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn short(id: &str) -> &str {
    id.get(..10).unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: Option<(&str, &str)>) {
        let found = PushedRef::parse(line);
        let found = found
            .as_ref()
            .map(|r| (r.local.as_str(), r.remote.as_str()));
        assert_eq!(found, expected, "{line}");
    }

    #[test]
    fn lines_are_read_from_the_right() {
        let (a, b) = ("1".repeat(40), "0".repeat(40));
        check(
            &format!("refs/heads/x {a} refs/heads/y {b}"),
            Some(("refs/heads/x", "refs/heads/y")),
        );
        check(
            &format!("HEAD@{{1 day ago}} {a} refs/heads/y {b}"),
            Some(("HEAD@{1 day ago}", "refs/heads/y")),
        );
        check(
            &format!("(delete) {b} refs/heads/y {a}"),
            Some(("(delete)", "refs/heads/y")),
        );
        check("", None);
        check(&format!("x y refs/heads/y {b}"), None);
        check(&format!("{a} refs/heads/y {b}"), None);
    }
}
