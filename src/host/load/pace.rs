//! Owns the pacing thread: hands out each request when it is due, and never forgives itself a delay. Sends nothing.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedSender;

use crate::check::load::Schedule;

/// Requests that are due together, from the beginning.
pub(super) type Batch = Vec<Duration>;

/// Above this rate requests are handed out a millisecond's worth at a time: waking for each would cost more than it brings.
const BATCHED: f64 = 10_000.0;

/// The length of a batch.
const STEP: Duration = Duration::from_millis(1);

/// How long an interrupt may go unseen.
const NAP: Duration = Duration::from_millis(100);

/// Hands out all requests of the schedule, to several threads in turn.
#[expect(
    clippy::disallowed_methods,
    reason = "time itself is what is waited for"
)]
pub(super) fn pace(
    mut schedule: Schedule,
    start: Instant,
    senders: &[UnboundedSender<Batch>],
    cancel: &AtomicBool,
) {
    wake_on_time();
    let batched = schedule.fastest() > BATCHED;
    let mut next = schedule.next();
    let mut turn = 0;
    while let Some(due) = next {
        let now = start.checked_add(due).and_then(|at| {
            at.checked_duration_since(Instant::now())
                .filter(|left| !left.is_zero())
        });
        if let Some(left) = now {
            if cancel.load(Ordering::Relaxed) {
                return;
            }
            std::thread::sleep(left.min(NAP));
            continue;
        }
        let now = start.elapsed();
        let mut shares = vec![Batch::new(); senders.len()];
        let mut some = false;
        while let Some(due) = next.filter(|due| *due <= now) {
            shares[turn].push(due);
            turn = (turn + 1) % senders.len();
            some = true;
            next = schedule.next();
        }
        if !some {
            // The clock is not past the start yet.
            continue;
        }
        for (sender, batch) in senders.iter().zip(shares) {
            if !batch.is_empty() && sender.send(batch).is_err() {
                return;
            }
        }
        if batched {
            std::thread::sleep(STEP);
        }
    }
}

/// Asks the kernel to wake this thread when it asked for it, not 50 microseconds later. It does no harm where that is not to be
/// had.
fn wake_on_time() {
    if cfg!(target_os = "linux")
        && let Some(thread) = super::health::thread()
    {
        let _ = std::fs::write(format!("/proc/{thread}/timerslack_ns"), "1000");
    }
}
