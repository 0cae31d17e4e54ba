//! Owns the histogram of times: three significant digits from a microsecond up, in bounded memory.

use std::time::Duration;

/// The longest time that is told apart, in nanoseconds: two hours.
const LONGEST: u64 = 7_200_000_000_000;

/// Times.
#[derive(Clone, Debug)]
pub struct Histogram(hdrhistogram::Histogram<u64>);

impl Default for Histogram {
    fn default() -> Self {
        Self::new()
    }
}

impl Histogram {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        let made = hdrhistogram::Histogram::new_with_bounds(1_000, LONGEST, 3);
        Self(made.expect("the bounds are in order"))
    }

    /// Adds a time; what is longer than the longest counts as that.
    pub fn add(&mut self, time: Duration) {
        self.0.saturating_record(nanoseconds(time));
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: &Self) {
        // It fails only where the bounds differ.
        let _ = self.0.add(&other.0);
    }

    /// How many times it has.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// The time that this share of all does not exceed, from 0 to 1; nought when there is none.
    #[must_use]
    pub fn at(&self, share: f64) -> Duration {
        if self.0.is_empty() {
            return Duration::ZERO;
        }
        Duration::from_nanos(self.0.value_at_quantile(share).min(self.0.max()))
    }

    /// The mean.
    #[must_use]
    pub fn mean(&self) -> Duration {
        if self.0.is_empty() {
            return Duration::ZERO;
        }
        Duration::from_secs_f64(self.0.mean() / 1e9)
    }

    /// The longest.
    #[must_use]
    pub fn max(&self) -> Duration {
        Duration::from_nanos(self.0.max())
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(share: f64, expected_ms: f64) {
        let mut times = Histogram::new();
        for ms in 1..=1_000 {
            times.add(Duration::from_millis(ms));
        }
        let found = times.at(share).as_secs_f64() * 1_000.0;
        let off = (found - expected_ms).abs();
        assert!(off <= expected_ms / 1_000.0, "{share}: {found}");
    }

    #[test]
    fn shares_are_true_to_three_digits() {
        check(0.5, 500.0);
        check(0.95, 950.0);
        check(0.999, 999.0);
        check(1.0, 1_000.0);
    }

    #[test]
    fn nothing_and_the_endless() {
        let mut times = Histogram::new();
        assert_eq!(times.at(0.5), Duration::ZERO);
        assert_eq!(times.mean(), Duration::ZERO);
        times.add(Duration::MAX);
        times.add(Duration::ZERO);
        assert_eq!(times.count(), 2);
        assert!(times.max() >= Duration::from_secs(7_000));
    }
}
