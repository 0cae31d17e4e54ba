//! Owns when requests are due: a rate that stands or climbs, evenly or at random, from a seed. Pure; knows no clock.

use std::time::Duration;

/// How requests are spread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Arrival {
    /// Evenly.
    #[default]
    Constant,
    /// Each whenever it likes, as people come; from a seed, so that a run can be repeated.
    Poisson(u64),
}

/// A part of a load, in which the rate goes straight from one value to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stage {
    /// Requests a second at its beginning.
    pub from: f64,
    /// Requests a second at its end.
    pub to: f64,
    /// How long it takes.
    pub over: Duration,
}

impl Stage {
    /// How many requests are due in it.
    fn requests(self) -> f64 {
        self.over.as_secs_f64() * f64::midpoint(self.from, self.to)
    }

    /// After how many seconds so many are due.
    fn after(self, requests: f64) -> f64 {
        let seconds = self.over.as_secs_f64();
        let slope = (self.to - self.from) / seconds;
        let root = (self.from * self.from + 2.0 * requests * slope)
            .max(0.0)
            .sqrt();
        if self.from + root > 0.0 {
            (2.0 * requests / (self.from + root)).min(seconds)
        } else {
            0.0
        }
    }
}

/// The times at which requests are due, from the beginning, in order.
#[derive(Clone, Debug)]
pub struct Schedule {
    stages: Vec<Stage>,
    arrival: Arrival,
    random: u64,
    /// The stage that is under way.
    at: usize,
    /// When it began, in seconds.
    began: f64,
    /// How much of its requests is past.
    past: f64,
}

impl Schedule {
    /// The requests of these stages, one after the other. An empty stage is passed over.
    #[must_use]
    pub fn new(stages: Vec<Stage>, arrival: Arrival) -> Self {
        let random = match arrival {
            Arrival::Constant => 0,
            Arrival::Poisson(seed) => seed,
        };
        let mut schedule = Self {
            stages,
            arrival,
            random,
            at: 0,
            began: 0.0,
            past: 0.0,
        };
        if arrival == Arrival::Constant {
            // The first one is due at once, and each of the others a whole step behind the one before.
            schedule.past = -1.0;
        }
        schedule
    }

    /// The highest rate, a second.
    #[must_use]
    pub fn fastest(&self) -> f64 {
        let rates = self.stages.iter().map(|stage| stage.from.max(stage.to));
        rates.fold(0.0, f64::max)
    }

    /// About how many requests there are.
    #[must_use]
    pub fn expected(&self) -> f64 {
        self.stages.iter().map(|stage| stage.requests()).sum()
    }

    /// The next step, in requests: one, or what chance wills, one in the mean.
    fn step(&mut self) -> f64 {
        match self.arrival {
            Arrival::Constant => 1.0,
            Arrival::Poisson(_) => {
                let bits = splitmix(&mut self.random) >> 11;
                #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
                let uniform = (bits as f64 + 1.0) / 9_007_199_254_740_993.0;
                -uniform.ln()
            }
        }
    }
}

impl Iterator for Schedule {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        self.past += self.step();
        loop {
            let stage = *self.stages.get(self.at)?;
            let all = stage.requests();
            // A hair less than the whole is the whole: the next stage has that request.
            if self.past < all - 1e-9 {
                let seconds = self.began + stage.after(self.past);
                return Some(Duration::from_secs_f64(seconds.max(0.0)));
            }
            self.past = (self.past - all).max(0.0);
            self.began += stage.over.as_secs_f64();
            self.at += 1;
        }
    }
}

/// The generator splitmix64 by Vigna.
fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The order in which things of these weights take turns, each as evenly as it can be; positions.
#[must_use]
pub fn cycle(weights: &[u32]) -> Vec<usize> {
    let all: i64 = weights.iter().map(|weight| i64::from(*weight)).sum();
    let mut credit = vec![0_i64; weights.len()];
    let mut order = Vec::new();
    for _ in 0..all {
        for (credit, weight) in credit.iter_mut().zip(weights) {
            *credit += i64::from(*weight);
        }
        let best = (0..weights.len()).max_by_key(|&at| (credit[at], std::cmp::Reverse(at)));
        let Some(best) = best else { break };
        credit[best] -= all;
        order.push(best);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(from: f64, to: f64, seconds: u64) -> Stage {
        let over = Duration::from_secs(seconds);
        Stage { from, to, over }
    }

    fn check(stages: &[Stage], expected: &[f64]) {
        let found: Vec<f64> = Schedule::new(stages.to_vec(), Arrival::Constant)
            .map(|due| due.as_secs_f64())
            .collect();
        let near = |(a, b): (&f64, &f64)| (a - b).abs() < 2e-6;
        let all_near = found.len() == expected.len() && found.iter().zip(expected).all(near);
        assert!(all_near, "{found:?} {expected:?}");
    }

    #[test]
    fn constant_and_ramped() {
        check(&[stage(2.0, 2.0, 2)], &[0.0, 0.5, 1.0, 1.5]);
        check(
            &[stage(1.0, 1.0, 2), stage(2.0, 2.0, 1)],
            &[0.0, 1.0, 2.0, 2.5],
        );
        // From nothing to 16 a second: t = sqrt(n / 8).
        check(
            &[stage(0.0, 16.0, 1)],
            &[
                0.0,
                0.353_553,
                0.5,
                0.612_372,
                std::f64::consts::FRAC_1_SQRT_2,
                0.790_569,
                0.866_025,
                0.935_414,
            ],
        );
        check(&[stage(4.0, 0.0, 1)], &[0.0, 0.292_893]);
        check(&[stage(0.0, 0.0, 1), stage(1.0, 1.0, 1)], &[1.0]);
        check(&[], &[]);
    }

    #[test]
    fn the_count_is_that_of_the_rate() {
        for rate in [3_u32, 7, 333, 500, 999] {
            let each = f64::from(rate);
            let count = Schedule::new(vec![stage(each, each, 10)], Arrival::Constant).count();
            assert_eq!(count, rate as usize * 10);
        }
    }

    #[test]
    fn chance_has_the_rate_and_the_spread_of_poisson_and_can_be_repeated() {
        let due = |seed| -> Vec<Duration> {
            Schedule::new(vec![stage(1000.0, 1000.0, 20)], Arrival::Poisson(seed)).collect()
        };
        let times = due(7);
        assert_eq!(times, due(7));
        assert_ne!(times, due(8));
        assert!(times.is_sorted());
        // 20000 give or take four deviations.
        assert!((19_434..20_566).contains(&times.len()), "{}", times.len());
        let gaps: Vec<f64> = times
            .windows(2)
            .map(|pair| pair[1].saturating_sub(pair[0]).as_secs_f64())
            .collect();
        let count = f64::from(u32::try_from(gaps.len()).expect("few"));
        let mean = gaps.iter().sum::<f64>() / count;
        let spread = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / count;
        let ratio = spread.sqrt() / mean;
        assert!((0.95..1.05).contains(&ratio), "{ratio}");
    }

    #[test]
    fn turns_are_taken_evenly() {
        assert_eq!(cycle(&[1]), [0]);
        assert_eq!(cycle(&[3, 1]), [0, 0, 1, 0]);
        assert_eq!(cycle(&[1, 1, 2]), [2, 0, 1, 2]);
        assert!(cycle(&[]).is_empty());
    }
}
