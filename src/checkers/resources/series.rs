//! Owns what samples come to: percentiles, whole seconds, and rates. Pure.

use std::time::Duration;

use crate::check::usage::Sample;

/// What counts as one moment for a rate.
const SECOND: Duration = Duration::from_secs(1);

/// The value that this share of the values does not exceed; they are sorted. `None` when there is none.
pub fn at(sorted: &[u64], percent: usize) -> Option<u64> {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

/// How much was used in each second, or a little more, as rates a second; none when all of it is shorter.
pub fn seconds(samples: &[Sample], of: impl Fn(&Sample) -> f64) -> Vec<f64> {
    let mut rates = Vec::new();
    let Some(mut from) = samples.first() else {
        return rates;
    };
    for sample in samples {
        let time = sample.at.saturating_sub(from.at);
        if time >= SECOND {
            rates.push((of(sample) - of(from)) / time.as_secs_f64());
            from = sample;
        }
    }
    rates
}

/// The rate that this share of the rates does not exceed.
pub fn rate_at(rates: &[f64], percent: usize) -> Option<f64> {
    let mut sorted = rates.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles() {
        let all: Vec<u64> = (1..=20).collect();
        assert_eq!(
            [at(&all, 50), at(&all, 95), at(&all, 100)],
            [Some(10), Some(19), Some(20)]
        );
        assert_eq!(at(&[7], 95), Some(7));
        assert_eq!(at(&[], 50), None);
        assert_eq!(rate_at(&[3.0, 1.0, 2.0], 100), Some(3.0));
        assert_eq!(rate_at(&[], 95), None);
    }

    #[test]
    fn a_second_is_whole() {
        let sample = |ms, cpu| Sample {
            at: Duration::from_millis(ms),
            cpu: Duration::from_millis(cpu),
            ..Sample::default()
        };
        let busy = |sample: &Sample| sample.cpu.as_secs_f64();
        let samples: Vec<Sample> = (0..=25).map(|n| sample(n * 100, n.min(10) * 100)).collect();
        assert_eq!(seconds(&samples, busy), [1.0, 0.0]);
        assert!(seconds(&samples[..10], busy).is_empty());
        assert!(seconds(&[], busy).is_empty());
        // A gap is one long second.
        assert_eq!(seconds(&[sample(0, 0), sample(4_000, 1_000)], busy), [0.25]);
    }
}
