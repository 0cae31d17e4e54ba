//! Owns temporary repositories for tests: real git, and nothing of the user's configuration. Shared by the test files.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A temporary folder, with a git repository or without one; it goes away with the value.
pub struct Repo {
    folder: tempfile::TempDir,
}

impl Repo {
    /// An empty repository without commits, on branch `main`.
    pub fn new() -> Self {
        let repo = Self::without_git();
        repo.git(&["init", "-q", "-b", "main"]);
        repo
    }

    /// A folder without git.
    pub fn without_git() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("qgate-test-")
            .tempdir()
            .expect("a temporary folder");
        Self { folder }
    }

    /// The root, absolute and without links.
    pub fn path(&self) -> PathBuf {
        self.folder
            .path()
            .canonicalize()
            .expect("the folder is there")
    }

    /// The native path of something in it.
    pub fn at(&self, path: impl AsRef<Path>) -> PathBuf {
        self.path().join(path)
    }

    /// Writes a file; missing folders are made.
    pub fn write(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) -> &Self {
        let path = self.at(path);
        let folder = path.parent().expect("a file lies in a folder");
        std::fs::create_dir_all(folder).expect("a folder can be made");
        std::fs::write(path, content).expect("a file can be written");
        self
    }

    /// Removes a file or a whole folder.
    pub fn remove(&self, path: impl AsRef<Path>) -> &Self {
        let path = self.at(path);
        let is_folder = path.symlink_metadata().expect("it is there").is_dir();
        let removed = if is_folder {
            std::fs::remove_dir_all(path)
        } else {
            std::fs::remove_file(path)
        };
        removed.expect("it can be removed");
        self
    }

    /// Makes a symbolic link with this target.
    #[cfg(unix)]
    pub fn link(&self, path: impl AsRef<Path>, target: impl AsRef<Path>) -> &Self {
        std::os::unix::fs::symlink(target, self.at(path)).expect("a link can be made");
        self
    }

    /// Makes a named pipe.
    #[cfg(unix)]
    pub fn fifo(&self, path: impl AsRef<Path>) -> &Self {
        let made = Command::new("mkfifo").arg(self.at(path)).status();
        assert!(made.expect("mkfifo is there").success());
        self
    }

    /// Adds all and commits; the new commit's id.
    pub fn commit(&self, message: &str) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.git(&["rev-parse", "HEAD"]).trim().to_owned()
    }

    /// Runs git in the root; its standard output.
    pub fn git(&self, args: &[&str]) -> String {
        String::from_utf8_lossy(&self.git_bytes(args)).into_owned()
    }

    /// As [`Repo::git`], raw.
    pub fn git_bytes(&self, args: &[&str]) -> Vec<u8> {
        let output = self.git_output(args);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {args:?}: {stderr}");
        output.stdout
    }

    /// As [`Repo::git`], for a git that may fail.
    pub fn git_output(&self, args: &[&str]) -> Output {
        hermetic(Command::new("git"))
            .args(args)
            .current_dir(self.path())
            .output()
            .expect("git is installed")
    }
}

/// What tells qgate that a CI system runs it.
const CI: [&str; 5] = [
    "CI",
    "GITHUB_EVENT_NAME",
    "GITLAB_CI",
    "TF_BUILD",
    "JENKINS_URL",
];

/// Nothing of the user's git configuration, no CI, fixed names and dates: the same commit ids and verdicts each time.
pub fn hermetic(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("GIT_") || text.starts_with("QGATE_") || CI.contains(&&*text) {
            command.env_remove(name);
        }
    }
    command.envs([
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_AUTHOR_NAME", "A"),
        ("GIT_AUTHOR_EMAIL", "a@example.com"),
        ("GIT_AUTHOR_DATE", "2026-01-02T03:04:05Z"),
        ("GIT_COMMITTER_NAME", "A"),
        ("GIT_COMMITTER_EMAIL", "a@example.com"),
        ("GIT_COMMITTER_DATE", "2026-01-02T03:04:05Z"),
        ("LC_ALL", "C"),
    ]);
    command
}

/// Asks again and again, and gives the first answer; panics when there is none in time.
pub fn wait_for<T>(most: std::time::Duration, mut ask: impl FnMut() -> Option<T>) -> T {
    let started = std::time::Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(started.elapsed() < most, "it did not happen in time");
        std::thread::yield_now();
    }
}
