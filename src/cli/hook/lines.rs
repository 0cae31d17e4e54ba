//! Owns what a hook is told to judge: git's lines, or pre-commit's variables. Judges nothing.

use crate::host::git::PushedRef;
use crate::host::terminal;
use crate::model::fault::{Fault, FaultKind};

/// The remote when nobody names one.
const NO_REMOTE: &str = "origin";

/// What is pushed where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pushed {
    /// The remote's name, or its address where it has none.
    pub remote: String,
    /// The refs, in git's order.
    pub refs: Vec<PushedRef>,
}

/// Reads the hook's arguments and standard input. pre-commit eats the latter and sets variables instead.
///
/// # Errors
/// When a line cannot be read.
pub fn read(remote: Option<&str>, input: &[u8]) -> Result<Pushed, Fault> {
    let text = String::from_utf8_lossy(input);
    let mut refs = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let parsed = PushedRef::parse(line).ok_or_else(|| {
            Fault::new(
                FaultKind::Unparsable,
                format!("what git says of the push cannot be read: {line}"),
                "run it as git's pre-push hook: standard input has a line for each ref",
            )
        })?;
        refs.push(parsed);
    }
    if refs.is_empty() {
        refs.extend(of_pre_commit());
    }
    let remote = remote.map(str::to_owned);
    let remote = remote.or_else(|| terminal::variable("PRE_COMMIT_REMOTE_NAME"));
    Ok(Pushed {
        remote: remote.unwrap_or_else(|| NO_REMOTE.to_owned()),
        refs,
    })
}

fn of_pre_commit() -> Option<PushedRef> {
    let id = terminal::variable("PRE_COMMIT_TO_REF")?;
    let variable = |name| terminal::variable(name).unwrap_or_default();
    let remote = variable("PRE_COMMIT_REMOTE_BRANCH");
    let from = terminal::variable("PRE_COMMIT_FROM_REF");
    let line = format!(
        "{} {id} {} {}",
        variable("PRE_COMMIT_LOCAL_BRANCH"),
        if remote.is_empty() {
            "unknown"
        } else {
            &remote
        },
        from.unwrap_or_else(|| "0".repeat(id.len())),
    );
    PushedRef::parse(&line)
}
