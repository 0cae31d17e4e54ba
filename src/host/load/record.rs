//! Owns the bookkeeping of a load: which requests count, and what is added where. Sends nothing.

use std::time::Duration;

use crate::check::load::{Failure, Health, Histogram, Outcome, Tally};

/// One request that is over; times are from the beginning.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    /// Which of the plan's calls.
    pub(super) call: usize,
    /// When it was due.
    pub(super) due: Duration,
    /// Since when a connection was free for it.
    pub(super) free: Duration,
    /// When it was begun; `None` when its time was up before.
    pub(super) begun: Option<Duration>,
    /// When it was over.
    pub(super) done: Duration,
    /// What was wrong with it.
    pub(super) failure: Option<Failure>,
}

/// The book.
#[derive(Debug)]
pub(super) struct Record {
    warm_up: Duration,
    end: Duration,
    in_time: Duration,
    timeout: Duration,
    pub(super) outcome: Outcome,
}

impl Record {
    pub(super) fn new(
        calls: usize,
        warm_up: Duration,
        duration: Duration,
        timeout: Duration,
    ) -> Self {
        let end = warm_up + duration;
        Self {
            warm_up,
            end,
            in_time: end + duration / 100,
            timeout,
            outcome: Outcome {
                tallies: vec![Tally::new(); calls],
                response: Histogram::new(),
                steady: Histogram::new(),
                service: Histogram::new(),
                lag: Histogram::new(),
                in_time: 0,
                sent: 0,
                peak: 0,
                connections: 0,
                health: Health::default(),
            },
        }
    }

    /// A request is begun, so that so many are under way.
    pub(super) fn begin(&mut self, at: Duration, under_way: usize) {
        if at >= self.warm_up {
            self.outcome.peak = self.outcome.peak.max(under_way);
        }
    }

    /// Does a request count that is due then?
    pub(super) fn counts(&self, due: Duration) -> bool {
        due >= self.warm_up
    }

    /// This machine could not send a request.
    pub(super) fn unsent(&mut self, due: Duration) {
        if self.counts(due) {
            self.outcome.health.unsent += 1;
        }
    }

    /// A request was given up because too many waited.
    pub(super) fn dropped(&mut self, due: Duration) {
        if self.counts(due) {
            self.outcome.health.dropped += 1;
        }
    }

    /// A request is over.
    pub(super) fn add(&mut self, sample: Sample) {
        if !self.counts(sample.due) {
            return;
        }
        let outcome = &mut self.outcome;
        let Some(tally) = outcome.tallies.get_mut(sample.call) else {
            return;
        };
        tally.requests += 1;
        let whole = sample.done.saturating_sub(sample.due);
        let late = sample.begun.map_or(Duration::ZERO, |begun| {
            begun.saturating_sub(sample.due.max(sample.free))
        });
        let answered = sample.failure.is_none_or(Failure::answered);
        // Nobody knows how long it would have taken: at the least as long as anybody waits.
        let response = if answered {
            whole
        } else {
            whole.max(self.timeout)
        };
        tally.response.add(response);
        outcome.response.add(response);
        outcome.steady.add(response.saturating_sub(late));
        if let Some(begun) = sample.begun {
            outcome.lag.add(late);
            outcome.sent += u64::from(begun < self.end);
            if answered {
                outcome.service.add(sample.done.saturating_sub(begun));
            }
        }
        match sample.failure {
            Some(failure) => *tally.failures.entry(failure).or_default() += 1,
            None => outcome.in_time += u64::from(sample.done <= self.in_time),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    /// Due, free, begun and done in milliseconds; gives response, steady and lag.
    fn check(times: [u64; 4], failure: Option<Failure>, expected: [u64; 3]) {
        let mut record = Record::new(1, ms(0), ms(1_000), ms(500));
        let [due, free, begun, done] = times.map(ms);
        record.add(Sample {
            call: 0,
            due,
            free,
            begun: Some(begun),
            done,
            failure,
        });
        let outcome = &record.outcome;
        let found = [&outcome.response, &outcome.steady, &outcome.lag].map(|times| {
            let nearest = times.max().as_secs_f64() * 1_000.0;
            format!("{nearest:.0}")
        });
        assert_eq!(found, expected.map(|ms| ms.to_string()));
    }

    #[test]
    fn who_is_to_blame() {
        // All in time.
        check([10, 0, 10, 15], None, [5, 5, 0]);
        // All connections were busy until 210: the server's doing.
        check([10, 210, 210, 215], None, [205, 205, 0]);
        // A connection was free, and the request was sent 20 late: ours.
        check([10, 0, 30, 35], None, [25, 5, 20]);
        // No answer: the timeout.
        check([10, 0, 10, 11], Some(Failure::Connect), [500, 500, 0]);
        // A wrong answer took what it took.
        check([10, 0, 10, 12], Some(Failure::Status(500)), [2, 2, 0]);
    }

    #[test]
    fn what_counts() {
        let mut record = Record::new(1, ms(100), ms(1_000), ms(500));
        let at = |due: u64, done: u64| Sample {
            call: 0,
            due: ms(due),
            free: ms(0),
            begun: Some(ms(due)),
            done: ms(done),
            failure: None,
        };
        record.add(at(99, 101));
        record.add(at(100, 101));
        record.add(at(1_099, 1_110));
        record.add(at(1_099, 1_111));
        assert_eq!(record.outcome.requests(), 3);
        assert_eq!(record.outcome.in_time, 2);
    }
}
