//! Owns what ended programs cost: the processor time of all children of this process that were waited for, with all that these
//! waited for, and what they had of memory and disks.

use std::time::Duration;

use crate::check::usage::Usage;
use crate::host::usage::{Exact, Watcher};

/// The bytes that the system counts a disk's work in.
#[cfg(unix)]
const BLOCK: u64 = 512;

/// What ended children cost.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cost {
    /// Processor time.
    pub(super) cpu: Duration,
    /// Bytes from disks and to disks.
    disk: (u64, u64),
    /// The most memory that one of them had, in bytes.
    memory: u64,
    /// The most that this process had.
    own: u64,
    /// The most that one had before, or this process: a child that it just started has its memory for a moment.
    before: u64,
}

/// What all ended children cost so far; `None` where the system does not tell.
#[cfg(unix)]
pub(super) fn of_children() -> Option<Cost> {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::{TimeVal, TimeValLike as _};

    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).ok()?;
    let time = |value: TimeVal| u64::try_from(value.num_microseconds()).ok();
    let both = time(usage.user_time())?.checked_add(time(usage.system_time())?)?;
    // macOS counts memory in bytes, all others in kilobytes.
    let unit = if cfg!(target_os = "macos") { 1 } else { 1_024 };
    let own = getrusage(UsageWho::RUSAGE_SELF).ok()?;
    let own = whole(own.max_rss()).saturating_mul(unit);
    let memory = whole(usage.max_rss()).saturating_mul(unit);
    Some(Cost {
        cpu: Duration::from_micros(both),
        disk: (
            whole(usage.block_reads()).saturating_mul(BLOCK),
            whole(usage.block_writes()).saturating_mul(BLOCK),
        ),
        memory,
        own,
        before: memory.max(own),
    })
}

/// A count of the system, whose width differs from one to another.
#[cfg(unix)]
fn whole(count: impl TryInto<u64>) -> u64 {
    count.try_into().unwrap_or(0)
}

#[cfg(not(unix))]
pub(super) fn of_children() -> Option<Cost> {
    None
}

/// What the children cost that ended since then.
pub(super) fn since(before: Option<Cost>) -> Option<Cost> {
    let (now, before) = (of_children()?, before?);
    Some(Cost {
        cpu: now.cpu.checked_sub(before.cpu)?,
        disk: (
            now.disk.0.checked_sub(before.disk.0)?,
            now.disk.1.checked_sub(before.disk.1)?,
        ),
        memory: now.memory,
        own: now.own,
        // What this process has now it may have had when it started the child.
        before: before.before.max(now.own),
    })
}

/// What a command used that ended after this time: what was seen of it, and what the system says.
pub(super) fn usage(watcher: Watcher, cost: Option<Cost>, wall: Duration) -> Usage {
    let exact = cost.map(|cost| Exact {
        cpu: cost.cpu,
        disk: cost.disk,
    });
    let mut usage = watcher.end(exact);
    usage.wall = wall;
    // The system tells the most that any child ever had: of this one only when it had more than those before it.
    match cost {
        Some(cost) if cost.memory > cost.before => {
            usage.memory = usage.memory.max(Some(cost.memory));
        }
        Some(cost) => usage.hidden = Some(cost.before),
        None => usage.hidden = Some(u64::MAX),
    }
    usage
}
