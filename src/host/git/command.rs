//! Owns how git is run: a clean environment, no prompt, no network, and faults that say what git said. Knows no
//! repository layout.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use crate::model::fault::{Fault, FaultKind};

/// Variables that would make git look at another repository or change its output. A test compares the list with
/// `git rev-parse --local-env-vars`.
const CLEARED: &[&str] = &[
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_ATTR_SOURCE",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_PARAMETERS",
    "GIT_DIFF_OPTS",
    "GIT_DIR",
    "GIT_EXTERNAL_DIFF",
    "GIT_GLOB_PATHSPECS",
    "GIT_GRAFT_FILE",
    "GIT_ICASE_PATHSPECS",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_LITERAL_PATHSPECS",
    "GIT_NAMESPACE",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
    "LANGUAGE",
];

/// Variables that are set: messages in English, no lock for a refresh, no question, no object that replaces another
/// one, and no fetch of what a partial clone left out.
const SET: &[(&str, &str)] = &[
    ("LC_ALL", "C"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_ALLOW_PROTOCOL", "none"),
];

/// Runs git in one folder.
#[derive(Clone, Debug)]
pub(crate) struct Runner {
    folder: PathBuf,
    index: Option<PathBuf>,
}

impl Runner {
    /// Git in this folder.
    pub(crate) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            index: None,
        }
    }

    /// Git with another index file than the repository's, as `git commit -a` hands one to its hooks.
    pub(crate) fn with_index(mut self, index: Option<PathBuf>) -> Self {
        self.index = index;
        self
    }

    /// The same git in another folder.
    pub(crate) fn at(&self, folder: &Path) -> Self {
        Self::new(folder).with_index(self.index.clone())
    }

    /// The command, ready to be started, without standard input.
    pub(crate) fn command<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Command {
        let mut command = Command::new("git");
        command
            .args(["--no-pager", "-c", "core.fsmonitor=false"])
            .args(args)
            .current_dir(&self.folder)
            .stdin(Stdio::null());
        for name in CLEARED {
            command.env_remove(name);
        }
        command.envs(SET.iter().copied());
        if let Some(index) = &self.index {
            command.env("GIT_INDEX_FILE", index);
        }
        command
    }

    /// Runs git to its end; an exit code other than 0 is no error here.
    pub(crate) fn output<A: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = A>,
    ) -> Result<Output, Fault> {
        self.command(args)
            .output()
            .map_err(|problem| not_started(&self.folder, &problem))
    }

    /// Runs git to its end and gives its standard output.
    pub(crate) fn run<A: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = A>,
    ) -> Result<Vec<u8>, Fault> {
        let output = self.output(args)?;
        if output.status.success() {
            Ok(output.stdout)
        } else {
            Err(failed(&output.stderr))
        }
    }

    /// Starts git, to be finished later; until then it works beside us.
    pub(crate) fn start<A: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = A>,
    ) -> Result<Running, Fault> {
        let child = self
            .command(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|problem| not_started(&self.folder, &problem))?;
        Ok(Running(child))
    }

    /// Starts git with pipes to its standard input and output; its standard error is dropped.
    pub(crate) fn piped<A: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = A>,
    ) -> Result<Child, Fault> {
        self.command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|problem| not_started(&self.folder, &problem))
    }

    /// Runs git to its end with `input` on its standard input.
    pub(crate) fn feed<A: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = A>,
        input: &[u8],
    ) -> Result<Output, Fault> {
        let start = || -> io::Result<Output> {
            let mut child = self
                .command(args)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()?;
            let mut pipe = child.stdin.take().expect("the input is a pipe");
            std::thread::scope(|scope| {
                // On its own thread: git answers before it has read all, and full pipes on both sides would block.
                // A git that ends early breaks the pipe; its exit code and message tell why.
                scope.spawn(move || drop(io::Write::write_all(&mut pipe, input)));
                child.wait_with_output()
            })
        };
        start().map_err(|problem| not_started(&self.folder, &problem))
    }
}

/// A git at work.
pub(crate) struct Running(Child);

impl Running {
    /// Waits for its end.
    pub(crate) fn finish(self) -> Result<Output, Fault> {
        self.0.wait_with_output().map_err(|problem| {
            Fault::new(
                FaultKind::ToolFailed,
                format!("git's answer cannot be read: {problem}"),
                "run it again",
            )
        })
    }
}

/// The fault of a git that could not be started.
pub(crate) fn not_started(folder: &Path, problem: &io::Error) -> Fault {
    if problem.kind() == io::ErrorKind::NotFound && folder.is_dir() {
        return Fault::new(
            FaultKind::ToolMissing,
            "git is not installed",
            "install git, or put it on PATH",
        );
    }
    Fault::new(
        FaultKind::ToolFailed,
        format!(
            "git could not be started in {}: {problem}",
            folder.display()
        ),
        "check that the folder is there and that git can be run",
    )
}

/// The fault of a git that ended with an error, from its standard error.
pub(crate) fn failed(stderr: &[u8]) -> Fault {
    let text = String::from_utf8_lossy(stderr);
    let is_error = |line: &&str| line.starts_with("fatal: ") || line.starts_with("error: ");
    let line = text
        .lines()
        .find(is_error)
        .or_else(|| text.lines().next())
        .unwrap_or("git ended with an error and no message");
    let line = line.trim_start_matches("fatal: ");
    if line.contains("dubious ownership") {
        let exact = text
            .lines()
            .map(str::trim)
            .find(|line| line.starts_with("git config --global --add safe.directory"))
            .unwrap_or("git config --global --add safe.directory DIR");
        return Fault::new(
            FaultKind::ToolFailed,
            "git refuses the repository because another user owns it",
            format!("if you trust it, run `{exact}`"),
        );
    }
    Fault::new(
        FaultKind::ToolFailed,
        format!("git failed: {line}"),
        "run `git status` in the repository and repair what it names",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_local_variable_is_cleared() {
        let names = Runner::new(Path::new("."))
            .run(["rev-parse", "--local-env-vars"])
            .expect("git is installed");
        for name in String::from_utf8_lossy(&names).lines() {
            assert!(CLEARED.contains(&name), "{name}");
        }
    }

    #[test]
    fn faults_name_the_cure() {
        let check = |stderr: &str, cure: &str| {
            let fault = failed(stderr.as_bytes());
            assert!(fault.cure.contains(cure), "{fault:?}");
        };
        check(
            "fatal: detected dubious ownership in repository at '/srv/x'\nTo add an exception:\n\n\tgit config --global \
             --add safe.directory /srv/x\n",
            "`git config --global --add safe.directory /srv/x`",
        );
        check("fatal: bad object HEAD\n", "git status");
    }
}
