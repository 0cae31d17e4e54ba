//! Owns the command that writes the reports: its request, what its end means, and which reports it really wrote.

use std::collections::BTreeMap;

use crate::base::path::RepoPath;
use crate::check::Cx;
use crate::check::ports::{Artifact, Finished, Request};
use crate::model::fault::{Fault, FaultKind};

use super::options::Options;

/// How many of the last lines of the output a message quotes.
const LAST_LINES: usize = 5;

/// The reports as they were before the command.
pub struct Before(BTreeMap<RepoPath, (u64, u64)>);

impl Before {
    /// Notes age and size of the reports that are there.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn note(options: &Options, cx: &Cx<'_>) -> Result<Self, Fault> {
        let found = cx.ports.artifacts.find(&options.places())?;
        let known = found
            .into_iter()
            .map(|file| (file.path, (file.modified_ns, file.size)));
        Ok(Self(known.collect()))
    }

    /// The reports that the command did not write.
    #[must_use]
    pub fn stale<'a>(&self, found: &'a [Artifact]) -> Option<&'a Artifact> {
        let mut found = found.iter();
        found.find(|file| self.0.get(&file.path) == Some(&(file.modified_ns, file.size)))
    }
}

/// Runs the command.
///
/// # Errors
/// When it cannot be run, and when it does not end well: what failed tests cover tells nothing.
pub fn run(options: &Options, cx: &Cx<'_>) -> Result<(), Fault> {
    let argv = match &options.shell {
        Some(line) if cfg!(windows) => vec!["cmd".to_owned(), "/C".to_owned(), line.clone()],
        Some(line) => vec!["sh".to_owned(), "-c".to_owned(), line.clone()],
        None => options.run.clone(),
    };
    let name = options
        .run
        .first()
        .map_or("the shell", String::as_str)
        .to_owned();
    let finished = cx.ports.programs.run(&Request {
        argv,
        folder: options.folder.as_ref().map(|folder| folder.0.clone()),
        variables: options.env.clone(),
        timeout: cx.timeout,
        log: format!("{}.log", cx.label),
        keep: Request::KEEP,
    })?;
    let end = match (finished.code, finished.signal) {
        (Some(code), _) if options.success.contains(&code) => return Ok(()),
        (Some(code), _) => format!("`{name}` ended with exit code {code}"),
        (None, signal) => format!(
            "`{name}` was ended by signal {}",
            signal.unwrap_or_default()
        ),
    };
    let missing = finished.code == Some(127);
    let kind = if missing {
        FaultKind::ToolMissing
    } else {
        FaultKind::ToolFailed
    };
    Err(Fault::new(kind, end, help(&finished)))
}

/// Where to look after a failure.
fn help(finished: &Finished) -> String {
    let output = [&finished.stderr, &finished.stdout].map(|bytes| String::from_utf8_lossy(bytes));
    let said = output.iter().find(|text| !text.trim().is_empty());
    let mut lines: Vec<&str> = said.map_or_else(Vec::new, |text| {
        let lines = text
            .lines()
            .rev()
            .map(str::trim)
            .filter(|line| !line.is_empty());
        lines.take(LAST_LINES).collect()
    });
    lines.reverse();
    let log = finished.log.as_deref().map(|log| format!("see {log}"));
    let said = (!lines.is_empty()).then(|| format!("its last words: {}", lines.join(" | ")));
    match (log, said) {
        (Some(log), Some(said)) => format!("{log}; {said}"),
        (Some(text), None) | (None, Some(text)) => text,
        (None, None) => "run it by hand: it printed nothing".to_owned(),
    }
}
