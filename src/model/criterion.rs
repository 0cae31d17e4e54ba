//! Owns criteria: comparisons on a metric, read from `"< 200ms"`, `">= 95%"`, `0`, `true`, `">= baseline - 0.1%"`.

use std::fmt;

use super::number::Number;
use super::quantity::{Dimension, Quantity};

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `==`, and what a bare value means.
    Equal,
    /// `>=`
    AtLeast,
    /// `>`
    More,
}

/// What a relative criterion compares with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference {
    /// The value in `.qgate/baseline.json`.
    Baseline,
    /// The value on the base tree.
    BaseBranch,
}

/// The right-hand side of a criterion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// A fixed quantity.
    Fixed(Quantity),
    /// `reference * factor + offset`.
    Relative {
        /// What it is relative to.
        reference: Reference,
        /// The factor, 1 if none was written.
        factor: Number,
        /// What is added, if anything was.
        offset: Option<Quantity>,
    },
}

/// A comparison on a metric, without the metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Criterion {
    /// The comparison.
    pub op: Op,
    /// What it compares with.
    pub bound: Bound,
}

impl Criterion {
    /// Reads a criterion.
    ///
    /// # Errors
    /// Says what is wrong, as the rest of a message that starts with the text.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (op, rest) = [
            ("<=", Op::AtMost),
            (">=", Op::AtLeast),
            ("==", Op::Equal),
            ("<", Op::Less),
            (">", Op::More),
            ("=", Op::Equal),
        ]
        .into_iter()
        .find_map(|(sign, op)| text.strip_prefix(sign).map(|rest| (op, rest.trim())))
        .unwrap_or((Op::Equal, text));
        if rest.is_empty() {
            return Err("has nothing to compare with".to_owned());
        }
        let reference = [
            ("baseline", Reference::Baseline),
            ("base_branch", Reference::BaseBranch),
        ]
        .into_iter()
        .find_map(|(word, reference)| rest.strip_prefix(word).map(|tail| (reference, tail.trim())));
        let bound = match reference {
            None => Bound::Fixed(Quantity::parse(rest)?),
            Some((reference, tail)) => relative(reference, tail)?,
        };
        Ok(Self { op, bound })
    }

    /// The dimension of the bound; `None` when it fits any metric (a bare `baseline`).
    #[must_use]
    pub const fn dimension(&self) -> Option<Dimension> {
        match self.bound {
            Bound::Fixed(quantity) => Some(quantity.dimension),
            Bound::Relative {
                offset: Some(offset),
                ..
            } => Some(offset.dimension),
            Bound::Relative { offset: None, .. } => None,
        }
    }

    /// Does `value` meet the criterion? `reference` is the value that a relative bound refers to. `None` when that is
    /// missing or the arithmetic does not fit: then nobody knows.
    #[must_use]
    pub fn holds(&self, value: Quantity, reference: Option<Quantity>) -> Option<bool> {
        let bound = match self.bound {
            Bound::Fixed(quantity) => quantity.number,
            Bound::Relative { factor, offset, .. } => {
                let scaled = reference?.number.times(factor)?;
                scaled.plus(offset.map_or(Number::ZERO, |offset| offset.number))?
            }
        };
        Some(match self.op {
            Op::Less => value.number < bound,
            Op::AtMost => value.number <= bound,
            Op::Equal => value.number == bound,
            Op::AtLeast => value.number >= bound,
            Op::More => value.number > bound,
        })
    }
}

fn relative(reference: Reference, tail: &str) -> Result<Bound, String> {
    let mut chars = tail.chars();
    let sign = chars.next();
    let amount = chars.as_str().trim();
    let none = Bound::Relative {
        reference,
        factor: Number::whole(1),
        offset: None,
    };
    match sign {
        None => Ok(none),
        Some('+') => Ok(Bound::Relative {
            reference,
            factor: Number::whole(1),
            offset: Some(Quantity::parse(amount)?),
        }),
        Some('-') => {
            let Quantity { number, dimension } = Quantity::parse(amount)?;
            let number = Number::ZERO.minus(number).ok_or("is too large a number")?;
            Ok(Bound::Relative {
                reference,
                factor: Number::whole(1),
                offset: Some(Quantity { number, dimension }),
            })
        }
        Some('*') => {
            let factor = Number::parse(amount).ok_or("has no plain number behind `*`")?;
            Ok(Bound::Relative {
                reference,
                factor,
                offset: None,
            })
        }
        Some(_) => Err(
            "may only add, subtract or multiply, as in `baseline - 0.5%` or `base_branch * 1.05`"
                .to_owned(),
        ),
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Equal => "==",
            Self::AtLeast => ">=",
            Self::More => ">",
        })
    }
}

impl fmt::Display for Criterion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.op)?;
        match self.bound {
            Bound::Fixed(quantity) => write!(f, "{quantity}"),
            Bound::Relative {
                reference,
                factor,
                offset,
            } => {
                f.write_str(match reference {
                    Reference::Baseline => "baseline",
                    Reference::BaseBranch => "base_branch",
                })?;
                if factor != Number::whole(1) {
                    write!(f, " * {factor}")?;
                }
                match offset {
                    Some(Quantity { number, dimension }) if number.is_negative() => {
                        let number = Number::ZERO.minus(number).unwrap_or(number);
                        write!(f, " - {}", Quantity { number, dimension })
                    }
                    Some(offset) => write!(f, " + {offset}"),
                    None => Ok(()),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: &str) {
        let shown = Criterion::parse(input).map_or_else(|problem| problem, |c| c.to_string());
        assert_eq!(shown, expected, "{input}");
    }

    #[test]
    fn reads_and_prints() {
        check("< 200ms", "< 200ms");
        check(">=95%", ">= 95%");
        check("0", "== 0");
        check("true", "== true");
        check(">= baseline - 0.1%", ">= baseline - 0.1%");
        check("<= base_branch * 1.05", "<= base_branch * 1.05");
        check(">= baseline", ">= baseline");
        check("<", "has nothing to compare with");
        check(
            ">= baseline / 2",
            "may only add, subtract or multiply, as in `baseline - 0.5%` or `base_branch * 1.05`",
        );
        check("< 20 bananas", "has the unknown unit `bananas`");
    }

    #[test]
    fn holds_exactly() {
        let two_thirds = super::super::metric::Value::ratio(2, 3)
            .expect("3 is not 0")
            .quantity();
        let at = |text: &str| {
            Criterion::parse(text)
                .expect("well formed")
                .holds(two_thirds, Some(two_thirds))
        };
        assert_eq!(at(">= 66.666666%"), Some(true));
        assert_eq!(at(">= 66.666667%"), Some(false));
        assert_eq!(at(">= baseline"), Some(true));
        assert_eq!(at("< baseline - 0.1%"), Some(false));
        assert_eq!(
            Criterion::parse(">= baseline")
                .expect("well formed")
                .holds(two_thirds, None),
            None
        );
    }
}
