//! Owns the run's stopwatch and its interruption, as the engine asks for them.

use std::time::{Duration, Instant};

use super::interrupt::Cancel;
use crate::engine::Watch;

/// Time since the run began, and whether it was interrupted.
pub struct StopWatch {
    started: Instant,
    cancel: Cancel,
}

impl StopWatch {
    /// Starts now.
    #[must_use]
    pub fn start(cancel: Cancel) -> Self {
        Self {
            started: Instant::now(),
            cancel,
        }
    }
}

impl Watch for StopWatch {
    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    fn interrupted(&self) -> bool {
        self.cancel.is_raised()
    }
}

/// Nanoseconds since the epoch, by the clock that stamps files.
#[must_use]
pub fn now() -> i128 {
    jiff::Timestamp::now().as_nanosecond()
}

/// Names this program for cache entries: its version, and in a development build when it was built, so that changed
/// code never answers from an older build's cache.
#[must_use]
pub fn build() -> String {
    let version = env!("CARGO_PKG_VERSION");
    let stamp = || {
        let program = std::env::current_exe().ok()?.metadata().ok()?;
        let age = program
            .modified()
            .ok()?
            .duration_since(std::time::UNIX_EPOCH)
            .ok()?;
        Some(age.as_nanos())
    };
    match stamp() {
        Some(stamp) if cfg!(debug_assertions) => format!("{version}+{stamp}"),
        _ => version.to_owned(),
    }
}

/// Ends the process with exit code 3 after `time`, should it still run then: a check that hangs must not hang the gate.
pub fn end_after(time: Duration) {
    #[expect(
        clippy::disallowed_methods,
        reason = "the end of the time is what it waits for"
    )]
    std::thread::spawn(move || {
        std::thread::sleep(time);
        let words = b"qgate: error: the run went on behind its deadline and was ended: nothing was judged\n";
        let _ = std::io::Write::write_all(&mut std::io::stderr(), words);
        std::process::exit(3);
    });
}
