//! Owns the way from what a gate file names to a running process: its id, or a file that holds it. Starts nothing.

use std::io::Read as _;
use std::path::Path;
use std::time::UNIX_EPOCH;

use crate::base::ascii;
use crate::check::usage::Subject;
use crate::host::usage::{self, Root};
use crate::model::fault::{Fault, FaultKind};

/// A process writes its file after it began; clocks and file systems count in whole seconds, twice.
const SLACK: u64 = 2;

/// The process that is meant.
///
/// # Errors
/// When its file is not there, holds no id, or is older than the process that has the id now.
pub(super) fn find(subject: &Subject, root: &Path) -> Result<Root, Fault> {
    let pid = match subject {
        Subject::Pid(pid) => *pid,
        Subject::PidFile(file) => read(file, &root.join(file))?,
    };
    Ok(Root {
        pid,
        mark: None,
        is_new: false,
    })
}

fn read(name: &str, path: &Path) -> Result<u32, Fault> {
    let name = ascii::escape(name);
    let cure = "start the service, or mend `pid_file`";
    let unreadable = |why: std::io::Error| {
        let what = format!("the process id in {name} cannot be read: {why}");
        Fault::new(FaultKind::Missing, what, cure)
    };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let about = file.metadata().map_err(unreadable)?;
    if !about.is_file() {
        let what = format!("{name} is no file that could hold a process id");
        return Err(Fault::new(FaultKind::Missing, what, cure));
    }
    let mut text = String::new();
    file.take(64)
        .read_to_string(&mut text)
        .map_err(unreadable)?;
    // Some write more lines behind the id.
    let first = text.lines().next().unwrap_or_default().trim();
    let pid: u32 = first.parse().map_err(|_| {
        let what = format!("{name} holds no process id in its first line");
        Fault::new(FaultKind::Unparsable, what, cure)
    })?;
    let written = about.modified().ok();
    let written = written.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    if let (Some(written), Some(started)) = (written, usage::started(pid))
        && started > written.as_secs() + SLACK
    {
        let what = format!(
            "{name} is older than the process {pid}: that is another one, which was given the id of one that ended"
        );
        return Err(Fault::new(FaultKind::Stale, what, cure));
    }
    Ok(pid)
}
