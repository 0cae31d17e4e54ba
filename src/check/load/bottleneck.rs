//! Owns the question whether a load was what it was to be, or its generator could not send it. Pure.

use std::time::Duration;

use super::{Model, Outcome, Plan};
use crate::base::words;

/// A generator that was ready to run for this share of the time says nothing of how fast a service is.
pub const BUSY: f64 = 0.9;

/// A generator that was later than this, one time in a hundred, did not keep the rate.
const LATE: Duration = Duration::from_millis(100);

/// Of requests due, the share that must have been sent in time.
const KEPT: f64 = 0.99;

/// Of requests due, the share that may be lost on this machine.
const LOST: f64 = 0.001;

/// The share of the time for which the generator's thread ran or waited for a processor.
#[must_use]
pub fn busy(outcome: &Outcome) -> Option<f64> {
    let health = outcome.health;
    let worked = health.busy? + health.waited?;
    (!health.wall.is_zero()).then(|| worked.as_secs_f64() / health.wall.as_secs_f64())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of requests are far below 2^52"
)]
fn share(part: u64, whole: u64) -> f64 {
    part as f64 / whole.max(1) as f64
}

/// Why the load was not what was asked for, when that is the generator's doing.
#[must_use]
pub fn bottleneck(plan: &Plan, outcome: &Outcome) -> Option<String> {
    let health = outcome.health;
    let requests = outcome.requests() + health.dropped + health.unsent;
    if share(health.unsent, requests) > LOST {
        return Some(format!(
            "this machine could not send {} of {requests} requests: it has no ports or descriptors left; fewer `connections`, or a higher limit on open files",
            health.unsent
        ));
    }
    if share(health.dropped, requests) > LOST {
        return Some(format!(
            "{} of {requests} requests were given up unsent, so many waited for a connection; a lower rate or a shorter `timeout`",
            health.dropped
        ));
    }
    let Model::Open(_) = plan.model else {
        return None;
    };
    let late = outcome.lag.at(0.99);
    let busy = busy(outcome).filter(|busy| *busy >= BUSY);
    let kept = share(outcome.sent, outcome.requests());
    // A generator that caught up has put what it was late into the times. Where it was neither late nor busy, every connection
    // was: that is the service's doing.
    if kept >= KEPT || (late <= LATE && busy.is_none()) {
        return None;
    }
    let busy = busy.map_or_else(String::new, |busy| {
        format!(" and had work for {:.0}% of the time", busy * 100.0)
    });
    Some(format!(
        "the load generator was the bottleneck, not the service: it sent {:.1}% of the requests in their time, was {} late one time in a hundred{busy}; a lower rate, or a processor to itself",
        kept * 100.0,
        words::duration(late)
    ))
}
