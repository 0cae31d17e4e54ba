//! Owns quantities: an exact number with a dimension, read from `200ms`, `95%`, `2 MB`, `500/s`, `true`.

use std::fmt;

use super::number::Number;

/// What a number measures. Values are kept in the base unit named here.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Dimension {
    /// A plain number: findings, lines, a lint score.
    Count,
    /// A share; `1` is 100%.
    Share,
    /// A time, in seconds.
    Time,
    /// An amount of data, in bytes.
    Data,
    /// Events in a second.
    Rate,
    /// Bytes in a second.
    DataRate,
    /// Yes (1) or no (0).
    Truth,
}

/// The units of each dimension: name, base units as numerator and denominator. The first that fits is used to print.
const UNITS: &[(&str, Dimension, i64, i64)] = &[
    ("%", Dimension::Share, 1, 100),
    ("ns", Dimension::Time, 1, 1_000_000_000),
    ("us", Dimension::Time, 1, 1_000_000),
    ("ms", Dimension::Time, 1, 1_000),
    ("s", Dimension::Time, 1, 1),
    ("m", Dimension::Time, 60, 1),
    ("h", Dimension::Time, 3_600, 1),
    ("d", Dimension::Time, 86_400, 1),
    ("B", Dimension::Data, 1, 1),
    ("KB", Dimension::Data, 1_000, 1),
    ("KiB", Dimension::Data, 1_024, 1),
    ("MB", Dimension::Data, 1_000_000, 1),
    ("MiB", Dimension::Data, 1_048_576, 1),
    ("GB", Dimension::Data, 1_000_000_000, 1),
    ("GiB", Dimension::Data, 1_073_741_824, 1),
    ("/s", Dimension::Rate, 1, 1),
    ("/m", Dimension::Rate, 1, 60),
    ("B/s", Dimension::DataRate, 1, 1),
    ("KB/s", Dimension::DataRate, 1_000, 1),
    ("KiB/s", Dimension::DataRate, 1_024, 1),
    ("MB/s", Dimension::DataRate, 1_000_000, 1),
    ("MiB/s", Dimension::DataRate, 1_048_576, 1),
    ("GB/s", Dimension::DataRate, 1_000_000_000, 1),
    ("GiB/s", Dimension::DataRate, 1_073_741_824, 1),
    ("Mbps", Dimension::DataRate, 125_000, 1),
    ("Gbps", Dimension::DataRate, 125_000_000, 1),
];

impl Dimension {
    /// The units that a value of this dimension may be written with, for messages.
    #[must_use]
    pub fn units(self) -> String {
        match self {
            Self::Count => "a plain number".to_owned(),
            Self::Truth => "true or false".to_owned(),
            _ => {
                let names: Vec<&str> = UNITS
                    .iter()
                    .filter(|(_, dimension, ..)| *dimension == self)
                    .map(|(name, ..)| *name)
                    .collect();
                names.join(", ")
            }
        }
    }
}

/// A dimension's name as messages use it.
impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Count => "count",
            Self::Share => "percentage",
            Self::Time => "time",
            Self::Data => "amount of data",
            Self::Rate => "rate",
            Self::DataRate => "data rate",
            Self::Truth => "yes or no",
        })
    }
}

/// A number with its dimension, in base units.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Quantity {
    /// The value in the dimension's base unit.
    pub number: Number,
    /// What it measures.
    pub dimension: Dimension,
}

impl Quantity {
    /// A plain count.
    #[must_use]
    pub fn count(n: usize) -> Self {
        Self {
            number: Number::whole(i64::try_from(n).unwrap_or(i64::MAX)),
            dimension: Dimension::Count,
        }
    }

    /// Yes or no.
    #[must_use]
    pub const fn truth(yes: bool) -> Self {
        Self {
            number: Number::whole(yes as i64),
            dimension: Dimension::Truth,
        }
    }

    /// A time.
    #[must_use]
    pub fn time(d: std::time::Duration) -> Self {
        let nanoseconds = i128::try_from(d.as_nanos()).unwrap_or(i128::MAX);
        let number = Number::ratio(nanoseconds, 1_000_000_000).unwrap_or(Number::ZERO);
        Self {
            number,
            dimension: Dimension::Time,
        }
    }

    /// Reads a number with its unit.
    ///
    /// # Errors
    /// Says what is wrong with the text, as the rest of a message that starts with the text itself.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let "true" | "false" = text {
            return Ok(Self::truth(text == "true"));
        }
        let end = text
            .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '_')))
            .unwrap_or(text.len());
        let (digits, unit) = (&text[..end], text[end..].trim());
        let number = Number::parse(digits)
            .ok_or("is not a number with a unit such as 200ms, 95%, 2 MB or 500/s")?;
        if unit.is_empty() {
            return Ok(Self {
                number,
                dimension: Dimension::Count,
            });
        }
        let (_, dimension, up, down) =
            UNITS
                .iter()
                .find(|(name, ..)| *name == unit)
                .ok_or_else(|| {
                    let near = UNITS
                        .iter()
                        .map(|(name, ..)| *name)
                        .find(|name| name.eq_ignore_ascii_case(unit));
                    match near {
                        Some(near) => {
                            format!("has the unknown unit `{unit}`; did you mean `{near}`?")
                        }
                        None => format!("has the unknown unit `{unit}`"),
                    }
                })?;
        let number = number
            .times(Number::whole(*up))
            .and_then(|n| n.over(Number::whole(*down)))
            .ok_or("is too large a number")?;
        Ok(Self {
            number,
            dimension: *dimension,
        })
    }

    /// The value as a duration; `None` when it is no time or negative.
    #[must_use]
    pub fn as_duration(self) -> Option<std::time::Duration> {
        if self.dimension != Dimension::Time || self.number.is_negative() {
            return None;
        }
        let nanoseconds = self
            .number
            .times(Number::whole(1_000_000_000))?
            .to_decimal(0);
        nanoseconds
            .parse()
            .ok()
            .map(std::time::Duration::from_nanos)
    }

    /// The value in whole bytes; `None` when it is no amount of data or negative.
    #[must_use]
    pub fn as_bytes(self) -> Option<u64> {
        if self.dimension != Dimension::Data || self.number.is_negative() {
            return None;
        }
        self.number.to_decimal(0).parse().ok()
    }

    fn in_unit(self, unit: &str) -> Option<Number> {
        let (_, _, up, down) = UNITS.iter().find(|(name, ..)| *name == unit)?;
        self.number
            .times(Number::whole(*down))?
            .over(Number::whole(*up))
    }
}

/// The value in the unit that people would use: `91.2%`, `187.5ms`, `2.5MB`, `true`.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units: &[&str] = match self.dimension {
            Dimension::Count => return write!(f, "{}", self.number),
            Dimension::Truth => {
                return f.write_str(if self.number.is_zero() {
                    "false"
                } else {
                    "true"
                });
            }
            Dimension::Share => &["%"],
            Dimension::Time => &["h", "m", "s", "ms", "us", "ns"],
            Dimension::Data => &["GB", "MB", "KB", "B"],
            Dimension::Rate => &["/s"],
            Dimension::DataRate => &["GB/s", "MB/s", "KB/s", "B/s"],
        };
        let last = units[units.len() - 1];
        let at_least_one = |unit: &&&str| {
            self.in_unit(unit)
                .is_some_and(|n| n >= Number::whole(1) || n <= Number::whole(-1))
        };
        let unit = units
            .iter()
            .find(at_least_one)
            .copied()
            .unwrap_or(if self.number.is_zero() {
                if self.dimension == Dimension::Time {
                    "s"
                } else {
                    last
                }
            } else {
                last
            });
        write!(f, "{}{unit}", self.in_unit(unit).unwrap_or(self.number))
    }
}

impl Quantity {
    /// With up to 9 decimals, where the usual form would read like something else.
    #[must_use]
    pub fn precise(&self) -> String {
        let short = self.to_string();
        let unit = short.trim_start_matches(|c: char| c.is_ascii_digit() || "-.".contains(c));
        let number = self.in_unit(unit).unwrap_or(self.number).to_decimal(9);
        let number = number.trim_end_matches('0').trim_end_matches('.');
        format!("{number}{unit}")
    }
}

impl fmt::Debug for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: &str) {
        let shown = match Quantity::parse(input) {
            Ok(quantity) => format!("{quantity} {}", quantity.dimension),
            Err(problem) => problem,
        };
        assert_eq!(shown, expected, "{input}");
    }

    #[test]
    fn units() {
        check("0", "0 count");
        check("95%", "95% percentage");
        check("0.1 %", "0.1% percentage");
        check("200ms", "200ms time");
        check("1500ms", "1.5s time");
        check("0s", "0s time");
        check("2 MB", "2MB amount of data");
        check("1KiB", "1.024KB amount of data");
        check("500/s", "500/s rate");
        check("100 Mbps", "12.5MB/s data rate");
        check("true", "true yes or no");
        check("5mb", "has the unknown unit `mb`; did you mean `MB`?");
        check("5 parsecs", "has the unknown unit `parsecs`");
        check(
            "fast",
            "is not a number with a unit such as 200ms, 95%, 2 MB or 500/s",
        );
    }
}
