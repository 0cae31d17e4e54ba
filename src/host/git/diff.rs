//! Owns the change between a base and a tree, as git sees it, no matter how the user configured git's diff. Knows no
//! findings.

use std::io::BufReader;
use std::process::Stdio;

use crate::base::path::RepoPath;
use crate::check::context::Base;
use crate::host::regular;
use crate::model::fault::Fault;
use crate::source::diff::{Diff, FileDiff};
use crate::source::moved::Moves;

use super::Repository;
use super::command::{self, Running};

/// What the base is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The files on disk, untracked ones with all their lines.
    WorkTree,
    /// What a commit would take now.
    Index,
    /// The commit that this names.
    Commit(String),
}

/// Each of them outweighs a setting that would change the output. `--text`: no attribute can hide a file's lines.
const FLAGS: &[&str] = &[
    "-c",
    "core.quotePath=false",
    "diff",
    "--raw",
    "--patch",
    "-z",
    "--unified=0",
    "--inter-hunk-context=0",
    "--find-renames",
    "-l2000",
    "--text",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--no-relative",
    "--no-abbrev",
    "--diff-algorithm=histogram",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "--submodule=short",
    "--ignore-submodules=dirty",
    "--ita-invisible-in-index",
    "-O/dev/null",
];

impl Repository {
    /// What differs between the base and the target.
    ///
    /// # Errors
    /// When git fails, or its answer cannot be read.
    pub fn diff(&self, base: &Base, target: &Target) -> Result<Diff, Fault> {
        let mut args = FLAGS.to_vec();
        let commit;
        match target {
            Target::WorkTree => args.push(&base.commit),
            Target::Index => args.extend(["--cached", &base.commit]),
            Target::Commit(rev) => {
                commit = self.commit(rev)?;
                args.extend([base.commit.as_str(), &commit]);
            }
        }
        args.push("--");
        let others = ["ls-files", "-z", "--others", "--exclude-standard"];
        let untracked = match target {
            // It starts first and walks over the folders while the tracked files are compared.
            Target::WorkTree => Some(self.runner().start(others)?),
            _ => None,
        };
        let diff = self.streamed(&args);
        let untracked = untracked.map(Running::finish).transpose()?;
        let (mut diff, mut moves) = diff?;
        if let Some(untracked) = untracked {
            if !untracked.status.success() {
                return Err(command::failed(&untracked.stderr));
            }
            self.add_untracked(&untracked.stdout, &mut diff, &mut moves);
        }
        moves.tell(&mut diff);
        Ok(diff)
    }

    /// Reads the patch while git writes it, because that of large files is large.
    fn streamed(&self, args: &[&str]) -> Result<(Diff, Moves), Fault> {
        let start = || -> std::io::Result<_> {
            let mut child = self
                .runner()
                .command(args)
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()?;
            let stdout = child.stdout.take().expect("the output is a pipe");
            let mut stderr = child.stderr.take().expect("the error output is a pipe");
            std::thread::scope(|scope| {
                // On its own thread, so that neither pipe is full while the other one is waited for.
                let complaint = scope.spawn(move || {
                    let mut text = Vec::new();
                    std::io::copy(&mut stderr, &mut text).map(|_| text)
                });
                let parsed = super::patch::parse(BufReader::with_capacity(1 << 16, stdout));
                let status = child.wait()?;
                let complaint = complaint.join().expect("a copy does not panic")?;
                Ok((parsed, status, complaint))
            })
        };
        let (parsed, status, complaint) =
            start().map_err(|problem| command::not_started(self.root(), &problem))?;
        if !status.success() {
            return Err(command::failed(&complaint));
        }
        parsed
    }

    fn add_untracked(&self, listed: &[u8], diff: &mut Diff, moves: &mut Moves) {
        // A nested repository is listed with a slash behind its name, which is no path of a file.
        let paths = listed.split(|&b| b == 0).filter_map(RepoPath::new);
        for path in paths {
            moves.hunk(Some((path.clone(), 1)));
            // A file that cannot be read is new as far as lines go.
            let lines = regular::each_line(self.root(), &path, |line| moves.add(line));
            let lines = lines.unwrap_or(u32::MAX - 1);
            let file = FileDiff {
                lines: (lines > 0).then_some(1..lines + 1).into_iter().collect(),
                ..FileDiff::default()
            };
            diff.files.insert(path, file);
        }
    }
}
