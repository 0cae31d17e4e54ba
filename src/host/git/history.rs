//! Owns the git port: commits, branch and configuration values. Knows no files.

use std::collections::BTreeSet;

use crate::check::ports::{Blob, Commit, Depth, Git};
use crate::model::fault::{Fault, FaultKind};

use super::command;
use super::objects::Objects;
use super::{Repository, is_empty_tree};

impl Git for Repository {
    fn commits(&self, from: Option<&str>, to: &str) -> Result<Vec<Commit>, Fault> {
        let to = self.commit(to)?;
        let from = from.filter(|from| !is_empty_tree(from));
        let from = from.map(|from| self.commit(from)).transpose()?;
        let mut args = vec!["rev-list", "--reverse", "--topo-order", "--parents", &to];
        let without = from.as_ref().map(|from| format!("^{from}"));
        args.extend(without.as_deref());
        let listed = self.runner().run(args)?;
        let objects = Objects::new(self.runner().clone());
        let mut commits = Vec::new();
        for line in String::from_utf8_lossy(&listed).lines() {
            let mut ids = line.split(' ');
            let id = ids.next().unwrap_or_default();
            let seen: BTreeSet<&str> = ids.collect();
            let raw = objects
                .read(id)
                .map_err(|why| Fault::new(FaultKind::Missing, why, "run `git fsck`"))?;
            let commit = read(id, &raw);
            // Where a shallow clone is cut, git lists fewer parents than the commit has.
            let cut = commit.parents.iter().any(|parent| {
                !seen.contains(parent.as_str()) && from.as_deref() != Some(parent.as_str())
            });
            if cut {
                return Err(Self::shallow("the commits of the range"));
            }
            commits.push(commit);
        }
        Ok(commits)
    }

    fn has_commits(&self) -> Result<bool, Fault> {
        Ok(self.head()?.is_some())
    }

    fn branches(&self) -> Result<Vec<String>, Fault> {
        Ok(self.branch()?.into_iter().collect())
    }

    fn config(&self, key: &str) -> Result<Option<String>, Fault> {
        let output = self.runner().output(["config", "-z", "--get", key])?;
        let value = output.stdout.strip_suffix(b"\0").unwrap_or(&output.stdout);
        match output.status.code() {
            Some(0) => Ok(Some(String::from_utf8_lossy(value).into_owned())),
            Some(1) => Ok(None),
            _ => Err(command::failed(&output.stderr)),
        }
    }

    fn blobs(&self, largest: u64, take: &mut dyn FnMut(Vec<Blob>)) -> Result<Depth, Fault> {
        self.all_blobs(largest, take)
    }
}

impl Repository {
    /// The branch that is checked out; `None` when the head is detached.
    ///
    /// # Errors
    /// When git fails.
    pub fn branch(&self) -> Result<Option<String>, Fault> {
        let output = self.runner().output(["symbolic-ref", "--quiet", "HEAD"])?;
        let name = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        match output.status.code() {
            Some(0) => Ok(Some(
                name.strip_prefix("refs/heads/").unwrap_or(&name).to_owned(),
            )),
            Some(1) => Ok(None),
            _ => Err(command::failed(&output.stderr)),
        }
    }

    /// When what is checked out was committed, in seconds since the epoch; `None` before the first commit.
    ///
    /// # Errors
    /// When git fails.
    pub fn head_time(&self) -> Result<Option<i64>, Fault> {
        if self.head()?.is_none() {
            return Ok(None);
        }
        let said = self.runner().run(["log", "-1", "--format=%ct", "HEAD"])?;
        Ok(String::from_utf8_lossy(&said).trim().parse().ok())
    }

    /// The fault of a history that this clone left out.
    pub(super) fn shallow(what: &str) -> Fault {
        Fault::new(
            FaultKind::ShallowClone,
            format!("{what} are not in this shallow clone"),
            "run `git fetch --unshallow`; in GitHub Actions set `fetch-depth: 0` at actions/checkout",
        )
    }
}

/// Reads a raw commit object: header lines, an empty line, the message.
pub(super) fn read(id: &str, raw: &[u8]) -> Commit {
    let end = raw.windows(2).position(|pair| pair == b"\n\n");
    let (header, message) = end.map_or((raw, &[][..]), |at| (&raw[..at], &raw[at + 2..]));
    let header = String::from_utf8_lossy(header);
    let parents = header
        .lines()
        .filter_map(|line| line.strip_prefix("parent "))
        .map(str::to_owned)
        .collect();
    Commit {
        id: id.to_owned(),
        parents,
        message: String::from_utf8_lossy(message).into_owned(),
    }
}
