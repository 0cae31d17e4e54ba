//! Owns the verdict on one value against those that were accepted before. Weaker than pairs: what a machine does on another day
//! looks like a change of the code.

use super::rank::{median, real};

/// Fewer accepted values than this teach nothing.
pub const FEWEST: usize = 10;

/// More accepted values than this are not looked at: the last ones.
pub const MOST: usize = 30;

/// How many robust standard deviations away a value may lie.
const DEVIATIONS: f64 = 4.0;

/// Makes the median absolute deviation of normal values their standard deviation.
const ROBUST: f64 = 1.4826;

/// A smaller slowdown than this is never called one.
const FLOOR: f64 = 0.02;

/// A slowdown is found in a series whose noise is at most this part of it.
const RESOLUTION: f64 = 5.4;

/// What the accepted values say of a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It is worse than noise explains.
    Fail,
    /// It is not, and the series is quiet enough to show a slowdown.
    Pass,
    /// The series is too noisy to tell.
    TooNoisy,
    /// There are too few accepted values.
    Learning,
    /// A value is no positive number.
    Invalid,
}

/// What is known of one value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judged {
    /// The verdict.
    pub verdict: Verdict,
    /// The median of the accepted values.
    pub median: f64,
    /// The relative shift against it.
    pub shift: f64,
    /// The relative shift from which on it would fail.
    pub limit: f64,
    /// The robust relative standard deviation of the accepted values.
    pub noise: f64,
    /// The accepted values that were looked at.
    pub n: usize,
}

/// Judges `value` against the accepted ones, oldest first. Larger is worse.
#[must_use]
pub fn judge(accepted: &[f64], value: f64, max_regression: f64) -> Judged {
    let last = &accepted[accepted.len().saturating_sub(MOST)..];
    let is_good = |value: f64| value.is_finite() && value > 0.0;
    let logs: Vec<f64> = last.iter().map(|value| value.ln()).collect();
    let mut judged = Judged {
        verdict: Verdict::Learning,
        median: f64::NAN,
        shift: f64::NAN,
        limit: f64::INFINITY,
        noise: f64::INFINITY,
        n: last.len(),
    };
    if !is_good(value) || !last.iter().copied().all(is_good) {
        judged.verdict = Verdict::Invalid;
        return judged;
    }
    let Some(middle) = median(&logs) else {
        return judged;
    };
    let away: Vec<f64> = logs.iter().map(|log| (log - middle).abs()).collect();
    let noise = ROBUST * median(&away).unwrap_or(f64::INFINITY);
    let wide = DEVIATIONS * noise * (1.0 + 1.57 / real(last.len())).sqrt();
    let shift = value.ln() - middle;
    judged.median = middle.exp();
    judged.shift = shift.exp_m1();
    judged.noise = noise;
    judged.limit = wide.max(FLOOR.ln_1p()).exp_m1();
    if last.len() < FEWEST {
        return judged;
    }
    judged.verdict = if shift > wide.max(FLOOR.ln_1p()) {
        Verdict::Fail
    } else if RESOLUTION * noise <= max_regression.ln_1p() {
        Verdict::Pass
    } else {
        Verdict::TooNoisy
    };
    judged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(accepted: &[f64], value: f64, expected: Verdict) {
        let judged = judge(accepted, value, 0.05);
        assert_eq!(judged.verdict, expected, "{judged:?}");
    }

    #[test]
    fn verdicts() {
        let quiet: Vec<f64> = (0..20).map(|i| 100.0 + f64::from(i % 5) * 0.1).collect();
        check(&quiet, 100.3, Verdict::Pass);
        check(&quiet, 101.9, Verdict::Pass);
        check(&quiet, 103.0, Verdict::Fail);
        check(&quiet, 50.0, Verdict::Pass);
        check(&quiet[..9], 300.0, Verdict::Learning);
        check(&[], 1.0, Verdict::Learning);
        check(&quiet, 0.0, Verdict::Invalid);
        check(&quiet, f64::NAN, Verdict::Invalid);
        check(&[vec![-1.0], quiet].concat(), 100.0, Verdict::Invalid);
    }

    #[test]
    fn a_noisy_series_never_passes() {
        let noisy: Vec<f64> = (0..20).map(|i| 100.0 + f64::from(i * 7 % 20)).collect();
        check(&noisy, 105.0, Verdict::TooNoisy);
        check(&noisy, 125.0, Verdict::TooNoisy);
        check(&noisy, 200.0, Verdict::Fail);
    }

    #[test]
    fn the_last_values_count() {
        let moved: Vec<f64> = [vec![100.0; 40], vec![200.0; 30]].concat();
        check(&moved, 201.0, Verdict::Pass);
        assert_eq!(judge(&moved, 201.0, 0.05).n, MOST);
    }
}
