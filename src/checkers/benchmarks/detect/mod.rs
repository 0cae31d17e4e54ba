//! Owns the verdict on pairs of runs of two versions: the two-stage design. Knows no benchmark tool and no machine.
//!
//! Pairs are measured side by side, so that what the machine does meets both versions alike. A first stage flags; only a second
//! one, on fresh pairs, condemns. That nothing was found is a pass only where the upper limit of the shift is small enough:
//! noise never passes for speed.

pub mod history;
pub mod rank;

use rank::{mann_whitney, median, shift};

/// Fewer pairs than this say nothing.
pub const FEWEST: usize = 8;

/// The error that the first stage may make.
const FLAG: f64 = 0.10;

/// The error that the second stage may make, all benchmarks together.
const CONDEMN: f64 = 0.01;

/// The error of the upper limit.
const LIMIT: f64 = 0.01;

/// What is asked of a comparison.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Design {
    /// Pairs of the first stage.
    pub first: usize,
    /// Pairs of the second stage.
    pub second: usize,
    /// The relative slowdown that a pass excludes: 0.05.
    pub max_regression: f64,
    /// The smallest relative slowdown that is called one: 0.03.
    pub min_effect: f64,
}

impl Default for Design {
    fn default() -> Self {
        Self {
            first: 15,
            second: 25,
            max_regression: 0.05,
            min_effect: 0.03,
        }
    }
}

/// What pairs say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It got worse.
    Fail,
    /// It did not get worse by as much as was to be excluded.
    Pass,
    /// Neither can be said.
    Inconclusive,
    /// There are too few pairs to say anything.
    TooFew,
    /// A value is no positive number.
    Invalid,
}

/// The pairs of one benchmark: base and head. Larger is worse.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pairs {
    /// The first stage.
    pub first: Vec<(f64, f64)>,
    /// The second stage; empty before it ran.
    pub second: Vec<(f64, f64)>,
}

/// What is known of one benchmark.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judged {
    /// The verdict.
    pub verdict: Verdict,
    /// The relative shift of head against base, over all pairs: 0.04 is 4% worse. NaN where nothing can be said.
    pub shift: f64,
    /// Its upper limit at 99% confidence; infinite where there is none.
    pub upper: f64,
    /// The probability that the last stage looks like this by chance; NaN where it was not tested.
    pub p: f64,
    /// The error that was allowed to `p`.
    pub allowed: f64,
    /// The pairs that were looked at.
    pub pairs: usize,
}

impl Judged {
    const fn nothing(verdict: Verdict, pairs: usize) -> Self {
        Self {
            verdict,
            shift: f64::NAN,
            upper: f64::INFINITY,
            p: f64::NAN,
            allowed: CONDEMN,
            pairs,
        }
    }
}

/// The logarithms of both sides.
struct Sides {
    base: Vec<f64>,
    head: Vec<f64>,
}

impl Sides {
    fn of<'a>(pairs: impl Iterator<Item = &'a (f64, f64)>) -> Self {
        let (base, head) = pairs.map(|(base, head)| (base.ln(), head.ln())).unzip();
        Self { base, head }
    }

    fn p(&self) -> f64 {
        mann_whitney(&self.base, &self.head)
    }

    /// The relative shift and its upper limit.
    fn shift(&self) -> (f64, f64) {
        let found = shift(&self.base, &self.head, LIMIT);
        found.map_or((f64::NAN, f64::INFINITY), |found| {
            (found.estimate.exp_m1(), found.upper.exp_m1())
        })
    }
}

/// How the first stage ended.
enum Stage {
    Settled(Judged),
    Open { flagged: bool },
}

fn first_stage(pairs: &Pairs, design: &Design) -> Stage {
    let is_bad = |value: f64| !(value.is_finite() && value > 0.0);
    let count = pairs.first.len() + pairs.second.len();
    let mut all = pairs.first.iter().chain(&pairs.second);
    if all.any(|(base, head)| is_bad(*base) || is_bad(*head)) {
        return Stage::Settled(Judged::nothing(Verdict::Invalid, count));
    }
    if pairs.first.len() < FEWEST {
        return Stage::Settled(Judged::nothing(Verdict::TooFew, count));
    }
    let sides = Sides::of(pairs.first.iter());
    let (shift, upper) = sides.shift();
    let p = sides.p();
    let flagged = p <= FLAG && shift > design.min_effect / 2.0;
    if !flagged && upper < design.max_regression && pairs.first.len() >= design.first {
        return Stage::Settled(Judged {
            verdict: Verdict::Pass,
            shift,
            upper,
            p,
            allowed: FLAG,
            pairs: pairs.first.len(),
        });
    }
    Stage::Open { flagged }
}

/// Does any of them need the second stage?
#[must_use]
pub fn is_open(all: &[Pairs], design: &Design) -> bool {
    all.iter()
        .any(|pairs| matches!(first_stage(pairs, design), Stage::Open { .. }))
}

/// Judges all benchmarks of a comparison together, in order.
#[must_use]
pub fn judge(all: &[Pairs], design: &Design) -> Vec<Judged> {
    let stages: Vec<Stage> = all.iter().map(|pairs| first_stage(pairs, design)).collect();
    let whole = |pairs: &Pairs| pairs.second.len() >= design.second.max(FEWEST);
    // Which are tested is decided by the first stage's pairs alone: the second stage's are fresh.
    let tested: Vec<(usize, f64)> = (0..all.len())
        .filter(|&at| matches!(stages[at], Stage::Open { flagged: true }) && whole(&all[at]))
        .map(|at| (at, Sides::of(all[at].second.iter()).p()))
        .collect();
    let allowed = holm(&tested, CONDEMN);
    let decide = |(at, stage): (usize, Stage)| {
        let flagged = match stage {
            Stage::Settled(judged) => return judged,
            Stage::Open { flagged } => flagged,
        };
        let pairs = &all[at];
        let (shift, upper) = Sides::of(pairs.first.iter().chain(&pairs.second)).shift();
        let test = tested.iter().zip(&allowed).find(|((of, _), _)| *of == at);
        let (p, allowed) = test.map_or((f64::NAN, CONDEMN), |((_, p), allowed)| (*p, *allowed));
        let fresh = Sides::of(pairs.second.iter()).shift().0;
        let verdict = if flagged && p <= allowed && fresh > design.min_effect {
            Verdict::Fail
        } else if whole(pairs) && upper < design.max_regression {
            Verdict::Pass
        } else {
            Verdict::Inconclusive
        };
        Judged {
            verdict,
            shift,
            upper,
            p,
            allowed,
            pairs: pairs.first.len() + pairs.second.len(),
        }
    };
    stages.into_iter().enumerate().map(decide).collect()
}

/// The error that each of several tests may make so that all together make at most `alpha`, in the tests' order. One that comes
/// after the first that fails is allowed none.
///
/// S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6 (1979).
fn holm(tests: &[(usize, f64)], alpha: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..tests.len()).collect();
    order.sort_by(|&x, &y| tests[x].1.total_cmp(&tests[y].1));
    let mut allowed = vec![0.0; tests.len()];
    for (done, at) in order.into_iter().enumerate() {
        allowed[at] = alpha / rank::real(tests.len() - done);
        if tests[at].1 > allowed[at] {
            break;
        }
    }
    allowed
}

/// The medians of base and head over all pairs.
#[must_use]
pub fn medians(pairs: &Pairs) -> Option<(f64, f64)> {
    let all = || pairs.first.iter().chain(&pairs.second);
    let base: Vec<f64> = all().map(|pair| pair.0).collect();
    let head: Vec<f64> = all().map(|pair| pair.1).collect();
    Some((median(&base)?, median(&head)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Numbers between 0 and 1 that look random.
    struct Noise(u64);

    impl Noise {
        fn next(&mut self) -> f64 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            let high = u32::try_from((z ^ (z >> 31)) >> 32).unwrap_or(0);
            f64::from(high) / f64::from(u32::MAX)
        }

        /// Pairs with a spread of about 1%, the head's times `factor`.
        fn pairs(&mut self, n: usize, factor: f64) -> Vec<(f64, f64)> {
            let mut value = || 100.0 + (0..4).map(|_| self.next()).sum::<f64>() * 2.0;
            (0..n).map(|_| (value(), value() * factor)).collect()
        }

        fn both(&mut self, factor: f64) -> Pairs {
            let first = self.pairs(15, factor);
            let second = self.pairs(25, factor);
            Pairs { first, second }
        }
    }

    fn verdict(pairs: &Pairs) -> Verdict {
        judge(std::slice::from_ref(pairs), &Design::default())[0].verdict
    }

    #[test]
    fn verdicts() {
        let mut noise = Noise(1);
        assert_eq!(verdict(&noise.both(1.0)), Verdict::Pass);
        assert_eq!(verdict(&noise.both(1.1)), Verdict::Fail);
        assert_eq!(verdict(&noise.both(0.5)), Verdict::Pass);
        let few = Pairs {
            first: noise.pairs(7, 3.0),
            second: Vec::new(),
        };
        assert_eq!(verdict(&few), Verdict::TooFew);
        let mut broken = noise.both(1.0);
        broken.second[3].1 = 0.0;
        assert_eq!(verdict(&broken), Verdict::Invalid);
        broken.second[3].1 = f64::NAN;
        assert_eq!(verdict(&broken), Verdict::Invalid);
        assert_eq!(verdict(&Pairs::default()), Verdict::TooFew);
    }

    #[test]
    fn one_stage_alone_condemns_nobody() {
        let mut noise = Noise(2);
        let slow = Pairs {
            first: noise.pairs(15, 2.0),
            second: Vec::new(),
        };
        assert!(is_open(std::slice::from_ref(&slow), &Design::default()));
        assert_eq!(verdict(&slow), Verdict::Inconclusive);
        let cut = Pairs {
            second: noise.pairs(24, 2.0),
            ..slow
        };
        assert_eq!(verdict(&cut), Verdict::Inconclusive);
    }

    #[test]
    fn noise_is_no_pass() {
        let mut noise = Noise(3);
        let mut wild = || (noise.next() * 3.0).exp();
        let mut pairs = Pairs::default();
        for _ in 0..15 {
            pairs.first.push((wild(), wild()));
        }
        for _ in 0..25 {
            pairs.second.push((wild(), wild()));
        }
        assert_eq!(verdict(&pairs), Verdict::Inconclusive);
    }

    #[test]
    fn many_benchmarks_share_one_error() {
        let tests = [(0, 0.004), (1, 0.0001), (2, 0.9)];
        let allowed = holm(&tests, 0.01);
        assert_eq!(allowed, [0.005, 0.01 / 3.0, 0.01]);
        let stopped = holm(&[(0, 0.004), (1, 0.5), (2, 0.006), (3, 0.6)], 0.01);
        assert_eq!(stopped, [0.0025, 0.0, 0.0, 0.0]);
        assert!(holm(&[], 0.01).is_empty());
    }

    #[test]
    fn of_many_equal_ones_none_fails() {
        let mut noise = Noise(4);
        let all: Vec<Pairs> = (0..60).map(|_| noise.both(1.0)).collect();
        let failed = judge(&all, &Design::default());
        assert!(failed.iter().all(|judged| judged.verdict != Verdict::Fail));
        let mut all = all;
        all[17] = noise.both(1.1);
        let judged = judge(&all, &Design::default());
        let failed: Vec<usize> = (0..all.len())
            .filter(|&at| judged[at].verdict == Verdict::Fail)
            .collect();
        assert_eq!(failed, [17]);
    }

    proptest! {
        #[test]
        fn few_pairs_never_pass(
            first in prop::collection::vec((0.001f64..1e9, 0.001f64..1e9), 0..FEWEST),
            second in prop::collection::vec((0.001f64..1e9, 0.001f64..1e9), 0..30),
            limit in 0.001f64..10.0,
        ) {
            let design = Design { first: 1, second: 1, max_regression: limit, min_effect: limit / 2.0 };
            let judged = judge(&[Pairs { first, second }], &design);
            prop_assert_eq!(judged[0].verdict, Verdict::TooFew);
        }

        #[test]
        fn the_unit_does_not_matter(
            seed in any::<u64>(),
            factor in 0.9f64..1.2,
            power in -30i32..30,
        ) {
            let pairs = Noise(seed).both(factor);
            let scale = 2f64.powi(power);
            let scaled = |all: &[(f64, f64)]| all.iter().map(|(a, b)| (a * scale, b * scale)).collect();
            let other = Pairs { first: scaled(&pairs.first), second: scaled(&pairs.second) };
            let both = judge(&[pairs], &Design::default())[0];
            let other = judge(&[other], &Design::default())[0];
            prop_assert_eq!(both.verdict, other.verdict);
            prop_assert!((both.shift - other.shift).abs() < 1e-9);
        }

        #[test]
        fn swapped_sides_swap_the_shift(seed in any::<u64>(), factor in 0.8f64..1.25) {
            let pairs = Noise(seed).pairs(20, factor);
            let there = Sides::of(pairs.iter());
            let back = Sides { base: there.head.clone(), head: there.base.clone() };
            let (a, b) = (there.shift().0.ln_1p(), back.shift().0.ln_1p());
            prop_assert!((a + b).abs() < 1e-9);
        }

        #[test]
        fn any_values_are_judged(
            first in prop::collection::vec((any::<f64>(), any::<f64>()), 0..40),
            second in prop::collection::vec((any::<f64>(), any::<f64>()), 0..40),
        ) {
            let judged = judge(&[Pairs { first, second }], &Design::default());
            prop_assert_eq!(judged.len(), 1);
        }
    }
}
