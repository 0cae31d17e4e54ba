//! Owns what ended programs cost: the processor time of all children of this process that were waited for, with all that these
//! waited for.

use std::time::Duration;

/// The processor time of all ended children so far; `None` where the system does not tell.
#[cfg(unix)]
pub(super) fn of_children() -> Option<Duration> {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::{TimeVal, TimeValLike as _};

    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).ok()?;
    let time = |value: TimeVal| u64::try_from(value.num_microseconds()).ok();
    let both = time(usage.user_time())?.checked_add(time(usage.system_time())?)?;
    Some(Duration::from_micros(both))
}

#[cfg(not(unix))]
pub(super) fn of_children() -> Option<Duration> {
    None
}

/// What the children cost that ended since then.
pub(super) fn since(before: Option<Duration>) -> Option<Duration> {
    of_children()?.checked_sub(before?)
}
