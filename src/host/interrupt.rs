//! Owns cancellation: the flag that ends a run, and the signals that raise it; knows no program and no gate.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::watch;

use crate::model::fault::{Fault, FaultKind};

use super::runtime;

/// The exit code of an interrupted run.
const INTERRUPTED: i32 = 130;

/// How long a second interrupt waits for the programs to be killed before the process is gone.
const LAST_MOMENT: Duration = Duration::from_millis(300);

/// How long an interrupted run may take to end by itself: a checker in the middle of a file cannot be stopped.
const PATIENCE: Duration = Duration::from_secs(10);

/// How urgent the end is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Nobody asked for an end.
    None,
    /// Programs are asked to end, and killed after their grace.
    Soon,
    /// Programs are killed now.
    Now,
}

/// A run's cancellation: once raised it stays raised. Clones share it.
#[derive(Clone, Debug)]
pub struct Cancel {
    flag: Arc<AtomicBool>,
    urgency: Arc<watch::Sender<Urgency>>,
}

impl Default for Cancel {
    fn default() -> Self {
        Self::new()
    }
}

impl Cancel {
    /// A cancellation that nothing but its owner raises.
    #[must_use]
    pub fn new() -> Self {
        Self {
            flag: Arc::new(AtomicBool::new(false)),
            urgency: Arc::new(watch::Sender::new(Urgency::None)),
        }
    }

    /// Was it raised?
    #[must_use]
    pub fn is_raised(&self) -> bool {
        self.flag.load(Ordering::SeqCst)
    }

    /// The flag, for those who only look: true once the run is to end.
    #[must_use]
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.flag)
    }

    /// Asks for the end; a second time, for the end at once.
    pub fn raise(&self) {
        self.flag.store(true, Ordering::SeqCst);
        self.urgency.send_modify(|urgency| {
            *urgency = match *urgency {
                Urgency::None => Urgency::Soon,
                Urgency::Soon | Urgency::Now => Urgency::Now,
            };
        });
    }

    /// Waits until the end is at least this urgent.
    pub(super) async fn until(&self, urgency: Urgency) {
        let mut receiver = self.urgency.subscribe();
        // The sender lives as long as `self`.
        let _ = receiver.wait_for(|now| *now >= urgency).await;
    }
}

/// The fault of what an interrupt ended.
pub(super) fn cancelled(what: &str) -> Fault {
    Fault::new(
        FaultKind::Cancelled,
        format!("`{what}` was ended because the run was interrupted"),
        "run again",
    )
}

/// From now on an interrupt (SIGINT, SIGTERM and SIGHUP; Ctrl-C on Windows) raises the cancellation that is returned,
/// and a second one, or ten seconds more, kills the running programs and ends the process with exit code 130.
///
/// # Errors
/// When the signals cannot be caught.
pub fn listen() -> Result<Cancel, Fault> {
    let cancel = Cancel::new();
    let watched = cancel.clone();
    let caught = runtime::wait(async move {
        let mut signals = Signals::catch()?;
        tokio::spawn(async move {
            signals.next().await;
            watched.raise();
            let _ = tokio::time::timeout(PATIENCE, signals.next()).await;
            watched.raise();
            tokio::time::sleep(LAST_MOMENT).await;
            std::process::exit(INTERRUPTED);
        });
        Ok(())
    })?;
    caught.map_err(|problem: std::io::Error| {
        Fault::new(
            FaultKind::ToolFailed,
            format!("interrupts cannot be caught: {problem}"),
            "report it with the name of your system",
        )
    })?;
    Ok(cancel)
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn catch() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }
}

#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn catch() -> std::io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    async fn next(&mut self) {
        self.0.recv().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twice_is_now_and_what_was_raised_before_is_not_missed() {
        let cancel = Cancel::new();
        assert!(!cancel.is_raised());
        cancel.raise();
        let waiting = cancel.clone();
        assert_eq!(
            runtime::wait(async move { waiting.until(Urgency::Soon).await }),
            Ok(())
        );
        assert!(cancel.flag().load(Ordering::SeqCst));
        cancel.raise();
        let waiting = cancel.clone();
        assert_eq!(
            runtime::wait(async move { waiting.until(Urgency::Now).await }),
            Ok(())
        );
    }
}
