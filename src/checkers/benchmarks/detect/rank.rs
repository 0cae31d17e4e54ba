//! Owns rank statistics of two samples: the one-sided Mann-Whitney test, the Hodges-Lehmann shift and its upper limit. Knows no
//! benchmark.
//!
//! H. B. Mann, D. R. Whitney, "On a test of whether one of two random variables is stochastically larger than the other",
//! Annals of Mathematical Statistics 18 (1947); J. L. Hodges, E. L. Lehmann, "Estimates of location based on rank tests",
//! Annals of Mathematical Statistics 34 (1963).

use std::cmp::Ordering;

/// Up to this many values on both sides together the test is exact.
const EXACT: usize = 100;

/// The probability that values as large as those of `b`, or larger, come from where those of `a` come from. 1 where a side has
/// no values.
///
/// It is exact, with equal values too, up to 100 values; above that it is the normal approximation with corrections for ties and
/// continuity.
#[must_use]
pub fn mann_whitney(a: &[f64], b: &[f64]) -> f64 {
    if a.is_empty() || b.is_empty() {
        return 1.0;
    }
    let ranks = Ranks::of(a, b);
    if a.len() + b.len() > EXACT {
        return ranks.approximate();
    }
    if ranks.ties.is_empty() {
        let u = ranks.sum / 2 - b.len() * (b.len() + 1) / 2;
        // By symmetry as many arrangements lie at or above U as at or below its mirror image.
        return Null::of(a.len(), b.len()).at_most(a.len() * b.len() - u);
    }
    ranks.exact()
}

/// The ranks of two samples together; equal values share their mean rank. Twice the rank is kept: a whole number.
struct Ranks {
    doubled: Vec<usize>,
    /// The doubled rank sum of the second sample.
    sum: usize,
    /// The sizes of groups of equal values.
    ties: Vec<usize>,
    second: usize,
}

impl Ranks {
    fn of(a: &[f64], b: &[f64]) -> Self {
        let first = a.iter().map(|&value| (value, false));
        let mut all: Vec<(f64, bool)> = first.chain(b.iter().map(|&value| (value, true))).collect();
        all.sort_by(|x, y| x.0.total_cmp(&y.0));
        let mut ranks = Self {
            doubled: Vec::with_capacity(all.len()),
            sum: 0,
            ties: Vec::new(),
            second: b.len(),
        };
        let equal =
            |x: &(f64, bool), y: &(f64, bool)| x.0.partial_cmp(&y.0) == Some(Ordering::Equal);
        for group in all.chunk_by(equal) {
            let before = ranks.doubled.len();
            let rank = 2 * before + group.len() + 1;
            if group.len() > 1 {
                ranks.ties.push(group.len());
            }
            for (_, second) in group {
                ranks.doubled.push(rank);
                ranks.sum += if *second { rank } else { 0 };
            }
        }
        ranks
    }

    /// Counts the choices of as many values as the second sample has by their rank sums.
    fn exact(&self) -> f64 {
        let top: usize = self.doubled.iter().rev().take(self.second).sum();
        let width = top + 1;
        let mut counts = vec![0.0f64; (self.second + 1) * width];
        counts[0] = 1.0;
        for (taken, &rank) in self.doubled.iter().enumerate() {
            for chosen in (1..=self.second.min(taken + 1)).rev() {
                let (below, row) = counts.split_at_mut(chosen * width);
                let below = &below[(chosen - 1) * width..];
                for (to, from) in row[rank.min(width)..width].iter_mut().zip(below) {
                    *to += from;
                }
            }
        }
        let last = &counts[self.second * width..];
        let all: f64 = last.iter().sum();
        let extreme: f64 = last.iter().skip(self.sum).sum();
        (extreme / all).min(1.0)
    }

    fn approximate(&self) -> f64 {
        let all = real(self.doubled.len());
        let (m, n) = (all - real(self.second), real(self.second));
        let u = real(self.sum) / 2.0 - n * (n + 1.0) / 2.0;
        let cubes: f64 = self.ties.iter().map(|&t| real(t).powi(3) - real(t)).sum();
        let variance = m * n / 12.0 * (all + 1.0 - cubes / (all * (all - 1.0)));
        if variance <= 0.0 {
            return 1.0;
        }
        normal_above((u - m * n / 2.0 - 0.5) / variance.sqrt())
    }
}

/// How often each value of U comes up among all arrangements of two samples without equal values.
struct Null {
    counts: Vec<f64>,
}

impl Null {
    /// The coefficients of a Gaussian binomial, in whole numbers: sums of at most 100 values stay below 2^127.
    fn of(m: usize, n: usize) -> Self {
        let size = m * n + 1;
        let mut counts = vec![0i128; size];
        counts[0] = 1;
        for i in 1..=n {
            for at in (m + i..size).rev() {
                counts[at] -= counts[at - m - i];
            }
            for at in i..size {
                counts[at] += counts[at - i];
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "only ratios are wanted")]
        let counts = counts.into_iter().map(|count| count as f64).collect();
        Self { counts }
    }

    fn at_most(&self, u: usize) -> f64 {
        let all: f64 = self.counts.iter().sum();
        let low: f64 = self.counts.iter().take(u + 1).sum();
        (low / all).min(1.0)
    }

    /// The largest U such that this or less has at most the probability `alpha`.
    fn critical(&self, alpha: f64) -> Option<usize> {
        let all: f64 = self.counts.iter().sum();
        let mut low = 0.0;
        let above = self.counts.iter().position(|count| {
            low += count;
            low / all > alpha
        });
        above?.checked_sub(1)
    }
}

/// How far `b` lies above `a`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shift {
    /// The median of all differences: the Hodges-Lehmann estimate.
    pub estimate: f64,
    /// The one-sided upper limit; infinite where there are too few values for one.
    pub upper: f64,
}

/// The shift from `a` to `b`, with its upper limit at the confidence `1 - alpha`. `None` where a side has no values.
#[must_use]
pub fn shift(a: &[f64], b: &[f64], alpha: f64) -> Option<Shift> {
    let mut all: Vec<f64> = a
        .iter()
        .flat_map(|x| b.iter().map(move |y| y - x))
        .collect();
    all.sort_by(f64::total_cmp);
    let estimate = middle(&all)?;
    let critical = if a.len() + b.len() <= EXACT {
        Null::of(a.len(), b.len()).critical(alpha)
    } else {
        let (m, n) = (real(a.len()), real(b.len()));
        let spread = (m * n * (m + n + 1.0) / 12.0).sqrt();
        whole(m * n / 2.0 - normal_quantile(alpha) * spread - 0.5)
    };
    let at = critical.and_then(|critical| all.len().checked_sub(critical + 1));
    let upper = at.map_or(f64::INFINITY, |at| all[at]);
    Some(Shift { estimate, upper })
}

/// The median of sorted values.
#[must_use]
pub fn middle(sorted: &[f64]) -> Option<f64> {
    let half = sorted.len() / 2;
    let high = sorted.get(half)?;
    if sorted.len() % 2 == 1 {
        return Some(*high);
    }
    Some(f64::midpoint(sorted[half - 1], *high))
}

/// The median of values in any order.
#[must_use]
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    middle(&sorted)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of runs are far below 2^52"
)]
pub(super) fn real(n: usize) -> f64 {
    n as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is neither negative nor large"
)]
fn whole(x: f64) -> Option<usize> {
    (x >= 0.0).then_some(x as usize)
}

/// The probability that a normal variable is above `z`.
///
/// W. J. Cody's rational approximation is more than is needed; this is the continued fraction in the tail and the series in the
/// middle, good to 1e-12.
#[must_use]
pub fn normal_above(z: f64) -> f64 {
    if z < 0.0 {
        return 1.0 - normal_above(-z);
    }
    let density = (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    if z > 3.0 {
        let mut fraction = z;
        for k in (1..200).rev() {
            fraction = z + f64::from(k) / fraction;
        }
        return density / fraction;
    }
    let (mut term, mut sum, mut odd) = (z, z, 1.0);
    while term > 1e-17 * sum.max(1e-300) {
        odd += 2.0;
        term *= z * z / odd;
        sum += term;
    }
    0.5 - density * sum
}

/// The `z` that a normal variable exceeds with the probability `alpha`, by bisection.
fn normal_quantile(alpha: f64) -> f64 {
    let (mut low, mut high) = (-40.0, 40.0);
    for _ in 0..200 {
        let z = f64::midpoint(low, high);
        if normal_above(z) > alpha {
            low = z;
        } else {
            high = z;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, expected: f64) {
        let close = (found - expected).abs() <= 1e-9 * expected.abs().max(1e-3);
        assert!(close, "{found} instead of {expected}");
    }

    /// By counting all choices.
    fn counted(a: &[f64], b: &[f64]) -> f64 {
        let all: Vec<f64> = a.iter().chain(b).copied().collect();
        let u = |chosen: &dyn Fn(usize) -> bool| -> f64 {
            let mut sum = 0.0;
            for (i, x) in all.iter().enumerate().filter(|(i, _)| chosen(*i)) {
                for (j, y) in all.iter().enumerate().filter(|(j, _)| !chosen(*j)) {
                    assert_ne!(i, j);
                    sum += match x.partial_cmp(y) {
                        Some(Ordering::Greater) => 1.0,
                        Some(Ordering::Equal) => 0.5,
                        _ => 0.0,
                    };
                }
            }
            sum
        };
        let seen = u(&|i| i >= a.len());
        let (mut extreme, mut whole) = (0.0, 0.0);
        for mask in 0u32..1 << all.len() {
            if mask.count_ones() as usize == b.len() {
                whole += 1.0;
                extreme += f64::from(u8::from(u(&|i| mask >> i & 1 == 1) >= seen));
            }
        }
        extreme / whole
    }

    #[test]
    fn the_test_counts_every_arrangement() {
        for (a, b) in [
            (vec![1.0, 2.0, 3.0], vec![4.0, 5.0, 6.0]),
            (vec![4.0, 5.0, 6.0], vec![1.0, 2.0, 3.0]),
            (vec![1.0, 3.0, 5.5, 2.0], vec![2.5, 4.0, 9.0]),
            (vec![1.0, 1.0, 2.0, 2.0], vec![2.0, 2.0, 3.0, 1.0, 3.0]),
            (vec![7.0; 4], vec![7.0; 5]),
            (vec![1.0], vec![2.0, 0.5]),
        ] {
            near(mann_whitney(&a, &b), counted(&a, &b));
        }
        near(mann_whitney(&[], &[1.0]), 1.0);
    }

    #[test]
    fn known_probabilities() {
        // All of 15 above all of 15: one of C(30, 15) = 155117520 arrangements.
        let low: Vec<f64> = (0..15).map(f64::from).collect();
        let high: Vec<f64> = (20..35).map(f64::from).collect();
        near(mann_whitney(&low, &high), 1.0 / 155_117_520.0);
        near(normal_above(0.0), 0.5);
        near(normal_above(1.644_853_626_951_472_7), 0.05);
        near(normal_above(4.264_890_793_922_602), 1e-5);
        near(normal_above(-1.281_551_565_544_600_5), 0.9);
        near(normal_quantile(0.01), 2.326_347_874_040_841);
    }

    #[test]
    fn the_approximation_meets_the_exact_test() {
        let mut seed = 7u64;
        let mut next = || {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            f64::from(u32::try_from(seed >> 50).unwrap_or(0))
        };
        for _ in 0..20 {
            let a: Vec<f64> = (0..45).map(|_| next()).collect();
            let b: Vec<f64> = (0..45).map(|_| next()).collect();
            let (exact, rough) = (mann_whitney(&a, &b), Ranks::of(&a, &b).approximate());
            assert!((exact - rough).abs() < 0.005, "{exact} {rough}");
        }
        let many: Vec<f64> = (0..200).map(f64::from).collect();
        assert!(mann_whitney(&many, &many) > 0.49);
        assert!(mann_whitney(&vec![1.0; 90], &vec![1.0; 90]) > 0.99);
    }

    #[test]
    fn the_shift_and_its_limit() {
        let a: Vec<f64> = (0..20).map(|i| f64::from(i) / 10.0).collect();
        let b: Vec<f64> = a.iter().map(|x| x + 5.0).collect();
        let found = shift(&a, &b, 0.01).expect("values");
        near(found.estimate, 5.0);
        assert!(found.upper > 5.0 && found.upper < 5.6, "{}", found.upper);
        let few = shift(&[1.0, 2.0], &[2.0, 3.0], 0.01).expect("values");
        assert!(few.upper.is_infinite());
        assert_eq!(shift(&[], &b, 0.01), None);
        let many: Vec<f64> = (0..80).map(f64::from).collect();
        let found = shift(&many, &many, 0.01).expect("values");
        near(found.estimate, 0.0);
        assert!(found.upper > 7.0 && found.upper < 10.0, "{}", found.upper);
    }

    #[test]
    fn the_upper_limit_is_where_the_test_turns() {
        let a = [1.0, 4.0, 2.0, 8.0, 5.0, 7.0, 1.5, 3.3];
        let b = [2.2, 5.1, 9.0, 8.4, 6.0, 7.7, 2.9, 4.6];
        let upper = shift(&a, &b, 0.01).expect("values").upper;
        let below = |shift: f64| {
            let moved: Vec<f64> = b.iter().map(|y| y - shift).collect();
            mann_whitney(&moved, &a)
        };
        assert!(below(upper + 1e-6) <= 0.01, "{}", below(upper + 1e-6));
        assert!(below(upper - 1e-6) > 0.01, "{}", below(upper - 1e-6));
    }
}
