//! Owns the question whether memory grows: a slope that a few odd samples do not move, and how far it is certain. Pure.

use std::time::Duration;

/// So many parts of the time are compared. In each the least counts: what is given back grows nowhere.
pub const PARTS: usize = 20;

/// How far from the middle of all slopes those lie that one may still believe in, in hundred cases one wrong: the
/// quantile of the normal distribution for it.
const CERTAIN: f64 = 2.576;

/// A growth in bytes a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Growth {
    /// The most likely.
    pub slope: f64,
    /// It is hardly less.
    pub least: f64,
    /// It is hardly more.
    pub most: f64,
}

/// How memory grew in the second half of the samples, at these times. `None` when there are too few to tell: one for each part.
pub fn growth(samples: &[(Duration, u64)]) -> Option<Growth> {
    let (first, last) = (samples.first()?.0, samples.last()?.0);
    let middle = first + last.saturating_sub(first) / 2;
    let from = samples.partition_point(|(at, _)| *at < middle);
    let points = parts(&samples[from..])?;
    // Theil and Sen: the median of the slopes between any two.
    let mut slopes: Vec<f64> = points
        .iter()
        .enumerate()
        .flat_map(|(at, (x, y))| {
            let later = points[at + 1..].iter();
            later.map(move |(x2, y2)| (y2 - y) / (x2 - x))
        })
        .filter(|slope| slope.is_finite())
        .collect();
    slopes.sort_by(f64::total_cmp);
    let count = slopes.len();
    if count < PARTS * (PARTS - 1) / 4 {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
    let (n, all) = (points.len() as f64, count as f64);
    // The spread of Kendall's statistic says which slopes bound the true one.
    let spread = CERTAIN * (n * (n - 1.0) * (2.0 * n + 5.0) / 18.0).sqrt();
    let at = |rank: f64| slopes[index(rank, count)];
    let median = if count % 2 == 1 {
        slopes[count / 2]
    } else {
        f64::midpoint(slopes[count / 2 - 1], slopes[count / 2])
    };
    Some(Growth {
        slope: median,
        least: at((all - spread) / 2.0 - 1.0),
        most: at(f64::midpoint(all, spread)),
    })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is kept within the list"
)]
fn index(rank: f64, count: usize) -> usize {
    (rank.max(0.0).round() as usize).min(count.saturating_sub(1))
}

/// The least of each part: when it was seen, in seconds, and how much.
fn parts(samples: &[(Duration, u64)]) -> Option<Vec<(f64, f64)>> {
    if samples.len() < PARTS {
        return None;
    }
    let cut = |part: usize| part * samples.len() / PARTS;
    let mut points = Vec::with_capacity(PARTS);
    for part in 0..PARTS {
        let of = &samples[cut(part)..cut(part + 1)];
        let (at, bytes) = of.iter().min_by_key(|(_, bytes)| *bytes)?;
        #[expect(clippy::cast_precision_loss, reason = "memory is far below 2^52 bytes")]
        points.push((at.as_secs_f64(), *bytes as f64));
    }
    Some(points)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: Duration = Duration::from_millis(100);

    fn of(count: u32, bytes: impl Fn(u32) -> u64) -> Option<Growth> {
        let samples: Vec<(Duration, u64)> = (0..count).map(|n| (STEP * n, bytes(n))).collect();
        growth(&samples)
    }

    /// A number that looks like chance.
    fn noise(n: u32) -> u64 {
        u64::from(n.wrapping_mul(2_654_435_761) >> 16) % 1_000
    }

    #[track_caller]
    fn near(found: f64, expected: f64, by: f64) {
        assert!((found - expected).abs() <= by, "{found} {expected}");
    }

    #[test]
    fn what_stands_still_does_not_grow() {
        let flat = of(100, |_| 5_000_000).expect("enough");
        let none = Growth {
            slope: 0.0,
            least: 0.0,
            most: 0.0,
        };
        assert_eq!(flat, none);
        let noisy = of(400, |n| 5_000_000 + noise(n)).expect("enough");
        assert!(noisy.least <= 0.0 && noisy.most >= 0.0, "{noisy:?}");
        assert!(noisy.most < 100.0, "{noisy:?}");
    }

    #[test]
    fn a_leak_is_certain() {
        // 100 bytes in each tenth of a second.
        let leak = of(100, |n| 1_000_000 + u64::from(n) * 100).expect("enough");
        near(leak.slope, 1_000.0, 1e-6);
        near(leak.least, 1_000.0, 1e-6);
        let noisy = of(400, |n| 1_000_000 + u64::from(n) * 100 + noise(n)).expect("enough");
        near(noisy.slope, 1_000.0, 50.0);
        assert!(noisy.least > 800.0, "{noisy:?}");
    }

    #[test]
    fn what_grows_first_and_what_is_given_back_is_no_leak() {
        let warm = of(100, |n| 1_000_000 + u64::from(n.min(40)) * 10_000).expect("enough");
        near(warm.slope, 0.0, 0.0);
        // Five samples up, and down again.
        let saw = of(200, |n| 1_000_000 + u64::from(n % 5) * 50_000).expect("enough");
        near(saw.slope, 0.0, 0.0);
        near(saw.most, 0.0, 0.0);
        let leaky = of(200, |n| {
            1_000_000 + u64::from(n % 5) * 50_000 + u64::from(n) * 10
        });
        let leaky = leaky.expect("enough");
        near(leaky.slope, 100.0, 1.0);
        assert!(leaky.least > 90.0, "{leaky:?}");
    }

    #[test]
    fn too_few_tell_nothing() {
        assert_eq!(of(0, |_| 1), None);
        assert_eq!(of(1, |_| 1), None);
        assert_eq!(of(38, |_| 1), None);
        assert!(of(40, |_| 1).is_some());
        let same: Vec<(Duration, u64)> = (0..60).map(|n| (STEP, n)).collect();
        assert_eq!(growth(&same), None);
    }
}
