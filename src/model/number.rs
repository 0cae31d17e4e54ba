//! Owns exact numbers: fractions of 128-bit integers, so that no rounding decides a verdict.

use std::cmp::Ordering;
use std::fmt;

/// An exact fraction, always reduced, with a positive denominator.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Number {
    numerator: i128,
    denominator: i128,
}

impl Number {
    /// Nought.
    pub const ZERO: Self = Self::whole(0);

    /// A whole number.
    #[must_use]
    pub const fn whole(n: i64) -> Self {
        Self {
            numerator: n as i128,
            denominator: 1,
        }
    }

    /// `numerator / denominator`; `None` when the denominator is 0 or a part does not fit.
    #[must_use]
    pub fn ratio(numerator: i128, denominator: i128) -> Option<Self> {
        if denominator == 0 {
            return None;
        }
        let divisor = gcd(numerator.unsigned_abs(), denominator.unsigned_abs());
        let divisor = i128::try_from(divisor).ok()? * denominator.signum();
        Some(Self {
            numerator: numerator.checked_div(divisor)?,
            denominator: denominator.checked_div(divisor)?,
        })
    }

    /// Reads `12`, `-3.25`, `1_000`: digits with at most 18 decimals, nothing else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = text
            .strip_prefix('-')
            .map_or((false, text), |rest| (true, rest));
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
        let well_formed = whole.starts_with(|c: char| c.is_ascii_digit())
            && whole.bytes().all(|b| b.is_ascii_digit() || b == b'_')
            && decimals.bytes().all(|b| b.is_ascii_digit())
            && decimals.len() <= 18
            && !digits.ends_with('.');
        if !well_formed {
            return None;
        }
        let all: i128 = format!("{}{decimals}", whole.replace('_', ""))
            .parse()
            .ok()?;
        Self::ratio(
            if negative { -all } else { all },
            10_i128.pow(u32::try_from(decimals.len()).ok()?),
        )
    }

    /// The nearest exact fraction of a finite float, to 9 decimals; for values that other tools measured as floats.
    #[must_use]
    pub fn from_float(value: f64) -> Option<Self> {
        value
            .is_finite()
            .then(|| format!("{value:.9}"))
            .and_then(|text| Self::parse(&text))
    }

    /// The exact value as text: `12`, `-1/3`.
    #[must_use]
    pub fn exact(self) -> String {
        match self.denominator {
            1 => self.numerator.to_string(),
            denominator => format!("{}/{denominator}", self.numerator),
        }
    }

    /// Reads what [`Self::exact`] writes.
    #[must_use]
    pub fn parse_exact(text: &str) -> Option<Self> {
        let (numerator, denominator) = text.split_once('/').unwrap_or((text, "1"));
        Self::ratio(numerator.parse().ok()?, denominator.parse().ok()?)
    }

    /// The value is below nought.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.numerator < 0
    }

    /// The value is nought.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.numerator == 0
    }

    /// Rounded to `decimals` places, half away from nought, as text without an exponent: `88.6`.
    #[must_use]
    pub fn to_decimal(self, decimals: u32) -> String {
        let scale = 10_u128.pow(decimals.min(18));
        let (n, d) = (
            self.numerator.unsigned_abs(),
            self.denominator.unsigned_abs(),
        );
        let whole = n / d;
        // The remainder is below d, and d * scale may not fit: long division, digit by digit, never overflows
        // as long as d * 10 fits, and a larger d is cut down first.
        let (mut rest, d) = if d > u128::MAX / 100 {
            (n % d / 100, d / 100)
        } else {
            (n % d, d)
        };
        let mut fraction = 0_u128;
        for _ in 0..decimals.min(18) {
            rest *= 10;
            fraction = fraction * 10 + rest / d;
            rest %= d;
        }
        let round_up = u128::from(rest * 2 >= d);
        let (whole, fraction) = if fraction + round_up == scale {
            (whole + 1, 0)
        } else {
            (whole, fraction + round_up)
        };
        let sign = if self.is_negative() && (whole, fraction) != (0, 0) {
            "-"
        } else {
            ""
        };
        if decimals == 0 {
            format!("{sign}{whole}")
        } else {
            format!(
                "{sign}{whole}.{fraction:0width$}",
                width = decimals as usize
            )
        }
    }

    /// The sum; `None` when it does not fit.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        let left = self.numerator.checked_mul(other.denominator)?;
        let right = other.numerator.checked_mul(self.denominator)?;
        Self::ratio(
            left.checked_add(right)?,
            self.denominator.checked_mul(other.denominator)?,
        )
    }

    /// The difference; `None` when it does not fit.
    #[must_use]
    pub fn minus(self, other: Self) -> Option<Self> {
        self.plus(Self {
            numerator: other.numerator.checked_neg()?,
            ..other
        })
    }

    /// The product; `None` when it does not fit.
    #[must_use]
    pub fn times(self, other: Self) -> Option<Self> {
        let left = Self::ratio(self.numerator, other.denominator)?;
        let right = Self::ratio(other.numerator, self.denominator)?;
        Self::ratio(
            left.numerator.checked_mul(right.numerator)?,
            left.denominator.checked_mul(right.denominator)?,
        )
    }

    /// The quotient; `None` when `other` is 0 or the result does not fit.
    #[must_use]
    pub fn over(self, other: Self) -> Option<Self> {
        self.times(Self::ratio(other.denominator, other.numerator)?)
    }
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        // Whole parts first, then the remainders by Euclid's continued fractions: exact, and it cannot overflow.
        let (mut a, mut b) = (*self, *other);
        loop {
            let (qa, qb) = (
                a.numerator.div_euclid(a.denominator),
                b.numerator.div_euclid(b.denominator),
            );
            if qa != qb {
                return qa.cmp(&qb);
            }
            let (ra, rb) = (
                a.numerator.rem_euclid(a.denominator),
                b.numerator.rem_euclid(b.denominator),
            );
            match (ra, rb) {
                (0, 0) => return Ordering::Equal,
                (0, _) => return Ordering::Less,
                (_, 0) => return Ordering::Greater,
                _ => {
                    // ra/da ? rb/db is the same as db/rb ? da/ra.
                    let next_a = Self {
                        numerator: b.denominator,
                        denominator: rb,
                    };
                    b = Self {
                        numerator: a.denominator,
                        denominator: ra,
                    };
                    a = next_a;
                }
            }
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Whole numbers plainly, others with up to three decimals, trailing noughts cut.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.to_decimal(3);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.numerator, self.denominator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(input: &str, expected: &str) {
        assert_eq!(
            Number::parse(input)
                .map(|n| n.to_string())
                .unwrap_or_default(),
            expected,
            "{input}"
        );
    }

    #[test]
    fn reads_and_prints() {
        check("12", "12");
        check("-3.250", "-3.25");
        check("1_000", "1000");
        check("100", "100");
        for bad in [
            "", ".", "1.", ".5", "1e3", "0x1", "1.2.3", "--1", "+1", "_1",
        ] {
            check(bad, "");
        }
        assert_eq!(
            Number::ratio(2, 3).map(|n| n.to_decimal(1)).as_deref(),
            Some("0.7")
        );
        assert_eq!(
            Number::ratio(-1, 1000).map(|n| n.to_decimal(1)).as_deref(),
            Some("0.0")
        );
        assert_eq!(
            Number::ratio(1999, 1000)
                .map(|n| n.to_decimal(0))
                .as_deref(),
            Some("2")
        );
    }

    proptest! {
        #[test]
        fn order_and_arithmetic_agree(a in -1_000_000_i64..1_000_000, b in 1_i64..1_000_000, c in -1_000_000_i64..1_000_000, d in 1_i64..1_000_000) {
            let x = Number::ratio(a.into(), b.into()).expect("b is not 0");
            let y = Number::ratio(c.into(), d.into()).expect("d is not 0");
            let difference = x.minus(y).expect("small numbers fit");
            prop_assert_eq!(x.cmp(&y), difference.cmp(&Number::ZERO));
            prop_assert_eq!(difference.plus(y), Some(x));
            if !y.is_zero() {
                prop_assert_eq!(x.over(y).and_then(|q| q.times(y)), Some(x));
            }
        }

        #[test]
        fn no_pair_of_numbers_panics(a: i128, b: i128, c: i128, d: i128) {
            if let (Some(x), Some(y)) = (Number::ratio(a, b), Number::ratio(c, d)) {
                let _ = (x.cmp(&y), x.plus(y), x.times(y), x.over(y), x.to_decimal(3));
            }
        }
    }
}
