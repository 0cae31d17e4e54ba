//! Owns what load is as data: requests, how they arrive, and what came of them. Pure; sends nothing.

mod bottleneck;
mod histogram;
pub mod options;
mod schedule;

use std::collections::BTreeMap;
use std::time::Duration;

use super::options::Pattern;
use super::target::{Hosts, Target};

pub use bottleneck::{BUSY, bottleneck, busy};
pub use histogram::Histogram;
pub use schedule::{Arrival, Schedule, Stage, cycle};

/// The highest rate that is sent, a second.
pub const FASTEST: u32 = 200_000;

/// The most users or connections at once.
pub const MOST_USERS: usize = 10_000;

/// What an answer must be.
#[derive(Clone, Debug, Default)]
pub struct Expect {
    /// The statuses that will do; any below 400 when empty.
    pub status: Vec<u16>,
    /// What the body must match. At most 1 MiB of it is looked at.
    pub body: Option<Pattern>,
}

impl Expect {
    /// Will this status do?
    #[must_use]
    pub fn takes(&self, status: u16) -> bool {
        if self.status.is_empty() {
            (100..400).contains(&status)
        } else {
            self.status.contains(&status)
        }
    }

    /// The statuses that will do, for people.
    #[must_use]
    pub fn statuses(&self) -> String {
        match self.status.as_slice() {
            [] => "one below 400".to_owned(),
            all => {
                let all: Vec<String> = all.iter().map(ToString::to_string).collect();
                all.join(" or ")
            }
        }
    }
}

/// One request of a plan.
#[derive(Clone, Debug)]
pub struct Call {
    /// How reports name it.
    pub name: String,
    /// The method.
    pub method: String,
    /// Where.
    pub target: Target,
    /// Headers, names in any case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// What the answer must be.
    pub expect: Expect,
}

/// How requests come.
#[derive(Clone, Debug)]
pub enum Model {
    /// At times that the answers do not change: an open loop.
    Open(Schedule),
    /// From users, each of whom waits for an answer and thinks before the next request: a closed loop.
    Closed {
        /// How many.
        users: usize,
        /// How long each thinks.
        think: Duration,
    },
}

/// A load.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The requests.
    pub calls: Vec<Call>,
    /// In which order they are sent, over and over: positions in `calls`.
    pub order: Vec<usize>,
    /// How they come.
    pub model: Model,
    /// What comes in this time first is not counted.
    pub warm_up: Duration,
    /// How long requests are sent that count.
    pub duration: Duration,
    /// A request without an answer after this time, from when it was due, has none.
    pub timeout: Duration,
    /// The most connections at once.
    pub connections: usize,
    /// The hosts that may be asked besides this machine.
    pub hosts: Hosts,
}

/// Why a request failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Failure {
    /// The status is none of those asked for.
    Status(u16),
    /// The body does not match.
    Body,
    /// No answer in time.
    Timeout,
    /// No connection.
    Connect,
    /// The connection broke before the answer was whole.
    Broken,
    /// What came is no HTTP answer.
    Garbage,
}

impl Failure {
    /// Did an answer come?
    #[must_use]
    pub const fn answered(self) -> bool {
        matches!(self, Self::Status(_) | Self::Body)
    }
}

/// What came of one of the plan's requests.
#[derive(Clone, Debug)]
pub struct Tally {
    /// How many were due.
    pub requests: u64,
    /// How many failed, and how.
    pub failures: BTreeMap<Failure, u64>,
    /// From when they were due to the end of the answer; what got no answer counts with the timeout.
    pub response: Histogram,
}

impl Tally {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            requests: 0,
            failures: BTreeMap::new(),
            response: Histogram::new(),
        }
    }

    /// How many failed.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.failures.values().sum()
    }
}

impl Default for Tally {
    fn default() -> Self {
        Self::new()
    }
}

/// How the generator itself did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// How long the thread that sends and receives had work, if the system tells.
    pub busy: Option<Duration>,
    /// How long it had work and no processor, if the system tells.
    pub waited: Option<Duration>,
    /// How long it was looked at.
    pub wall: Duration,
    /// Requests given up because too many waited for a connection.
    pub dropped: u64,
    /// Requests that this machine could not send: no port or no descriptor was left.
    pub unsent: u64,
}

/// What came of a load.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What came of each request, in the order of the plan's calls.
    pub tallies: Vec<Tally>,
    /// From when a request was due to the end of its answer, all together.
    pub response: Histogram,
    /// The same without what the generator itself was late.
    pub steady: Histogram,
    /// From when it was sent to the end of its answer; of answered ones only.
    pub service: Histogram,
    /// How late it was sent although a connection was free.
    pub lag: Histogram,
    /// Good answers that came within the duration and one hundredth more.
    pub in_time: u64,
    /// Requests that were sent within the duration.
    pub sent: u64,
    /// The most requests that were under way at once.
    pub peak: usize,
    /// The most connections that were open at once.
    pub connections: usize,
    /// How the generator itself did.
    pub health: Health,
}

impl Outcome {
    /// How many requests were due.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.tallies.iter().map(|tally| tally.requests).sum()
    }

    /// How many failed.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.tallies.iter().map(Tally::failed).sum()
    }

    /// How many failed so.
    #[must_use]
    pub fn failed_by(&self, how: Failure) -> u64 {
        let of = |tally: &Tally| tally.failures.get(&how).copied().unwrap_or(0);
        self.tallies.iter().map(of).sum()
    }
}
