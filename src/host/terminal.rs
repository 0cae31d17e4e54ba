//! Owns what the surroundings of the program say about its output: variables, terminals, widths.

use std::io::{IsTerminal as _, Write as _};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::base::ascii;
use crate::base::progress::Progress;

/// The environment variable, if it is set and is text.
#[must_use]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Does this run on a CI system? `CI` is set, and not to `false` or `0` or nothing.
#[must_use]
pub fn in_ci() -> bool {
    variable("CI").is_some_and(|value| !matches!(value.as_str(), "" | "0" | "false"))
}

/// Is standard error a terminal?
#[must_use]
pub fn stderr_is_terminal() -> bool {
    std::io::stderr().is_terminal()
}

/// The columns that standard output has: `COLUMNS`, else the terminal's; `None` when neither says.
#[must_use]
pub fn columns() -> Option<usize> {
    let said = variable("COLUMNS").and_then(|text| text.parse().ok());
    let seen = || terminal_size::terminal_size_of(std::io::stdout()).map(|(w, _)| w.0.into());
    said.or_else(seen).filter(|columns| *columns > 0)
}

/// The status line: one line on a terminal that is written over, and wiped when the work is done.
///
/// The only output of qgate that uses a carriage return, and none of it reaches a file or a pipe.
pub struct StatusLine {
    started: Instant,
    /// When the line was last written, in milliseconds after the start.
    written: AtomicU64,
    /// How long the text is that stands there now.
    shown: Mutex<usize>,
    columns: usize,
}

/// How often the line changes at most, in milliseconds.
const REFRESH: u64 = 100;

impl StatusLine {
    /// A status line on standard error; `None` where that is no terminal, or on a CI system.
    #[must_use]
    pub fn on_stderr() -> Option<Self> {
        let wanted = stderr_is_terminal() && variable("CI").is_none();
        wanted.then(|| Self {
            started: Instant::now(),
            written: AtomicU64::new(0),
            shown: Mutex::new(0),
            columns: terminal_size::terminal_size_of(std::io::stderr())
                .map_or(80, |(width, _)| width.0.into()),
        })
    }

    fn put(&self, text: &str) {
        let Ok(mut shown) = self.shown.try_lock() else {
            return;
        };
        let text = &text[..text.len().min(self.columns.saturating_sub(1))];
        let line = format!("\r{text:<width$}\r", width = *shown);
        let _ = std::io::stderr().write_all(line.as_bytes());
        *shown = text.len();
    }
}

impl Progress for StatusLine {
    fn at(&self, done: usize, total: usize, what: &str) {
        let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let last = self.written.load(Ordering::Relaxed);
        let due = now.saturating_sub(last) >= REFRESH
            && self
                .written
                .compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok();
        if due {
            let what = ascii::escape(what);
            self.put(&match total {
                0 => what.into_owned(),
                _ => format!("[{done}/{total}] {what}"),
            });
        }
    }
}

/// Wipes the line.
impl Drop for StatusLine {
    fn drop(&mut self) {
        self.put("");
    }
}
