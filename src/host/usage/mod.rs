//! Owns the looks at what running programs use: a thread that reads `/proc` until it is told to stop. Knows no limit.

#![cfg_attr(
    not(target_os = "linux"),
    allow(dead_code, reason = "nobody looks where there is no /proc")
)]

#[cfg(target_os = "linux")]
mod family;
#[cfg(target_os = "linux")]
mod look;
#[cfg(target_os = "linux")]
mod proc;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use crate::check::usage::{Looks, Usage, Watch};
use crate::model::fault::{Fault, FaultKind};

/// Who is looked at.
#[derive(Clone, Debug)]
pub(super) struct Root {
    /// The process.
    pub(super) pid: u32,
    /// The variable and its value that mark what it starts, where qgate started it.
    pub(super) mark: Option<(&'static str, String)>,
    /// Did it begin just now?
    pub(super) is_new: bool,
}

/// What the system says of a command that ended, and of all that it waited for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Exact {
    /// Processor time.
    pub(super) cpu: Duration,
    /// Bytes from disks and to disks.
    pub(super) disk: (u64, u64),
}

/// The thread that looks.
#[derive(Debug)]
pub(super) struct Watcher {
    stop: Option<mpsc::Sender<Option<Exact>>>,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<Usage>>,
}

impl Watcher {
    /// Looks a first time, and from then on.
    ///
    /// # Errors
    /// When there is no such process, or nobody can tell what it uses.
    #[cfg(target_os = "linux")]
    pub(super) fn start(root: Root, looks: Looks) -> Result<Self, Fault> {
        let pid = root.pid;
        let ended = Arc::new(AtomicBool::new(false));
        let mut looker = look::Looker::new(root, looks, Arc::clone(&ended)).map_err(|why| {
            Fault::new(
                FaultKind::Missing,
                format!("what the process {pid} uses cannot be seen: {why}"),
                "see that it runs, and that it is yours",
            )
        })?;
        let (stop, stopped) = mpsc::channel();
        let thread = std::thread::Builder::new().name("qgate-looks".to_owned());
        let thread = thread.spawn(move || looker.run(&stopped)).map_err(|why| {
            Fault::new(
                FaultKind::ToolFailed,
                format!("the thread that looks cannot be started: {why}"),
                "raise the limit on threads",
            )
        })?;
        Ok(Self {
            stop: Some(stop),
            ended,
            thread: Some(thread),
        })
    }

    /// Nobody can tell here.
    ///
    /// # Errors
    /// Always.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn start(_: Root, _: Looks) -> Result<Self, Fault> {
        Err(Fault::new(
            FaultKind::Missing,
            "what programs use can be seen on Linux only, and could not be judged here",
            "judge it on Linux, or take the gate out of this stage with `stages`",
        ))
    }

    /// Looks once more and stops.
    pub(super) fn end(mut self, exact: Option<Exact>) -> Usage {
        if let Some(stop) = self.stop.take() {
            // It fails only when the thread is gone, which shows below.
            let _ = stop.send(exact);
        }
        let usage = self.thread.take().and_then(|thread| thread.join().ok());
        usage.unwrap_or_default()
    }
}

impl Watch for Watcher {
    fn ended(&self) -> bool {
        self.ended.load(Ordering::SeqCst)
    }

    fn finish(self: Box<Self>) -> Usage {
        self.end(None)
    }
}

/// When a process that `/proc` knows started, in whole seconds since 1970; `None` where nobody tells.
#[cfg(target_os = "linux")]
pub(super) fn started(pid: u32) -> Option<u64> {
    let stat = proc::Stat::read(&std::fs::read(format!("/proc/{pid}/stat")).ok()?)?;
    let since = stat.start / proc::Units::ask()?.ticks;
    Some(proc::booted()?.saturating_add(since))
}

#[cfg(not(target_os = "linux"))]
pub(super) const fn started(_: u32) -> Option<u64> {
    None
}
