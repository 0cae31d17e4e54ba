//! Checkers of upkeep, run as a whole on repositories: complexity, duplicated code.

mod support;

#[path = "upkeep/complexity.rs"]
mod complexity;
#[path = "upkeep/duplication.rs"]
mod duplication;

use std::process::{Command, Stdio};

use support::{Repo, hermetic};

/// Runs qgate and checks the exit code, what is said, and what is not: words that begin with `!`.
#[track_caller]
fn check(repo: &Repo, args: &[&str], code: i32, says: &[&str]) -> String {
    let mut command = hermetic(Command::new(env!("CARGO_BIN_EXE_qgate")));
    command.current_dir(repo.path()).stdin(Stdio::null());
    command.env("XDG_CACHE_HOME", repo.at(".git/test-cache"));
    let output = command.args(args).output().expect("qgate can be started");
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert_eq!(output.status.code(), Some(code), "{text}");
    for word in says {
        match word.strip_prefix('!') {
            Some(word) => assert!(!text.contains(word), "`{word}` is said:\n{text}"),
            None => assert!(text.contains(word), "`{word}` is not said:\n{text}"),
        }
    }
    text
}
