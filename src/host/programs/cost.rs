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
    let blocks = |count: i64| {
        u64::try_from(count)
            .unwrap_or_default()
            .saturating_mul(BLOCK)
    };
    // macOS counts memory in bytes, all others in kilobytes.
    let unit = if cfg!(target_os = "macos") { 1 } else { 1_024 };
    let most = |count: i64| {
        u64::try_from(count)
            .unwrap_or_default()
            .saturating_mul(unit)
    };
    let own = getrusage(UsageWho::RUSAGE_SELF).ok()?;
    let memory = most(usage.max_rss());
    Some(Cost {
        cpu: Duration::from_micros(both),
        disk: (
            blocks(usage.block_reads().into()),
            blocks(usage.block_writes().into()),
        ),
        memory,
        own: most(own.max_rss()),
        before: memory.max(most(own.max_rss())),
    })
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
pub(super) fn whole(watcher: Watcher, cost: Option<Cost>, wall: Duration) -> Usage {
    let exact = cost.map(|cost| Exact {
        cpu: cost.cpu,
        disk: cost.disk,
    });
    let mut usage = watcher.end(exact);
    usage.wall = wall;
    // The system tells the most that any child ever had: of this one only when it had more than those before it.
    match cost {
        Some(cost) if cost.memory > cost.before => {
            usage.memory = usage.memory.max(Some(cost.memory))
        }
        Some(cost) => usage.hidden = Some(cost.before),
        None => usage.hidden = Some(u64::MAX),
    }
    usage
}
