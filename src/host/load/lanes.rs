//! Owns how a load is shared by several threads: how many there are, the part of each, and what they share. Sends nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::check::load::{Model, Outcome, Plan};

/// More threads than this would take from the service what it needs.
const MOST: usize = 4;

/// Below this rate one thread does it, and any connection that is free takes what is due.
const FAST: f64 = 10_000.0;

/// Fewer users than these for each thread are not worth one.
const FEWEST: usize = 4;

/// The part of a load that one thread has.
#[derive(Clone, Debug)]
pub(super) struct Lane {
    number: usize,
    lanes: usize,
    common: Arc<Common>,
}

/// What all threads of a load share.
#[derive(Debug, Default)]
struct Common {
    turn: AtomicUsize,
    under_way: AtomicUsize,
}

impl Lane {
    /// The lanes of a plan: several where a single thread could not send as much as it asks for.
    pub(super) fn of(plan: &Plan) -> Vec<Self> {
        let wanted = match &plan.model {
            Model::Open(schedule) if schedule.fastest() > FAST => plan.connections,
            Model::Closed { users, think } if think.is_zero() => *users,
            _ => 0,
        };
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self::split((wanted / FEWEST).min(cores).clamp(1, MOST))
    }

    /// So many lanes.
    pub(super) fn split(lanes: usize) -> Vec<Self> {
        let common = Arc::new(Common::default());
        let lane = |number| Self {
            number,
            lanes,
            common: Arc::clone(&common),
        };
        (0..lanes).map(lane).collect()
    }

    /// This lane's part of a number of users or connections.
    pub(super) const fn part(&self, whole: usize) -> usize {
        whole / self.lanes + (self.number < whole % self.lanes) as usize
    }

    /// How many of them the lanes before it have.
    pub(super) fn before(&self, whole: usize) -> usize {
        whole / self.lanes * self.number + self.number.min(whole % self.lanes)
    }

    /// The next turn, of so many.
    pub(super) fn turn(&self, length: usize) -> usize {
        self.common.turn.fetch_add(1, Ordering::Relaxed) % length
    }

    /// A request is under way; how many are now, with those of all other threads.
    pub(super) fn begin(&self) -> usize {
        self.common.under_way.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// It no longer is.
    pub(super) fn end(&self) {
        self.common.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What came of all lanes together. The busiest thread speaks for the generator.
pub(super) fn merged(all: Vec<Outcome>) -> Option<Outcome> {
    all.into_iter().reduce(|mut whole, part| {
        for (tally, other) in whole.tallies.iter_mut().zip(&part.tallies) {
            tally.requests += other.requests;
            for (failure, count) in &other.failures {
                *tally.failures.entry(*failure).or_default() += count;
            }
            tally.response.merge(&other.response);
        }
        whole.response.merge(&part.response);
        whole.steady.merge(&part.steady);
        whole.service.merge(&part.service);
        whole.lag.merge(&part.lag);
        whole.in_time += part.in_time;
        whole.sent += part.sent;
        whole.peak = whole.peak.max(part.peak);
        whole.connections += part.connections;
        let (health, other) = (&mut whole.health, part.health);
        let worked = |ran: Option<_>, waited: Option<_>| Some(ran? + waited?);
        if worked(other.busy, other.waited) > worked(health.busy, health.waited) {
            (health.busy, health.waited) = (other.busy, other.waited);
        }
        health.wall = health.wall.max(other.wall);
        health.dropped += other.dropped;
        health.unsent += other.unsent;
        whole
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_and_nothing_counts_twice() {
        for whole in [0, 1, 7, 8, 128] {
            for lanes in 1..=4 {
                let lanes = Lane::split(lanes);
                let mut next = 0;
                for lane in &lanes {
                    assert_eq!(lane.before(whole), next);
                    next += lane.part(whole);
                }
                assert_eq!(next, whole);
            }
        }
        let lanes = Lane::split(2);
        let turns: Vec<usize> = (0..4).map(|at| lanes[at % 2].turn(3)).collect();
        assert_eq!(turns, [0, 1, 2, 0]);
        assert_eq!((lanes[0].begin(), lanes[1].begin()), (1, 2));
        lanes[0].end();
        assert_eq!(lanes[1].begin(), 2);
    }
}
