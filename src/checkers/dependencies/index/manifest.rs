//! Owns what an index says of itself: where its data comes from, how old it is, how much of it there is; and whether that
//! can be relied on.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::checkers::dependencies::inventory::Ecosystem;

/// The format of the index. Another one is not read.
pub const FORMAT: u32 = 1;

/// How many bad records are listed.
pub const LISTED: usize = 50;

/// What an index says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: u32,
    /// The ecosystem's name in OSV.
    pub ecosystem: String,
    /// Where the data comes from: a URL without secrets, or a path.
    pub source: String,
    /// When it was fetched, in seconds since the epoch.
    pub fetched: i64,
    /// When the source was made, in seconds since the epoch; `None` when nothing tells.
    pub as_of: Option<i64>,
    /// What tells that.
    pub as_of_by: String,
    /// How many records there are.
    pub records: usize,
    /// How many of them were taken back; they are not in the index.
    pub withdrawn: usize,
    /// How many could not be read.
    pub bad: usize,
    /// The first of those, each with what is wrong.
    pub bad_listed: Vec<String>,
    /// How many package names there are.
    pub names: usize,
    /// Is it a part of the data on purpose? Then nobody can tell whether it is complete.
    pub subset: bool,
    /// The SHA-256 of the archive that it was made from; empty when it was a folder.
    pub sha256: String,
    /// What the server calls this version of the archive.
    pub etag: String,
    /// The length of what follows.
    pub body: usize,
}

/// Why an index cannot be relied on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// Its data is older than the limit: days, and the limit.
    Old(i64, i64),
    /// Nothing tells how old it is.
    Ageless,
    /// It is from after now: the clock is wrong, or the data is.
    Future(Date),
    /// Too many records could not be read.
    Bad(usize, usize),
    /// A package that must be known as vulnerable is not: data is missing.
    Canary(&'static str),
}

impl Manifest {
    /// The day that the data is of.
    #[must_use]
    pub fn day(&self) -> Option<Date> {
        let time = Timestamp::from_second(self.as_of?).ok()?;
        Some(time.to_zoned(TimeZone::UTC).date())
    }

    /// The age of the data in days; negative when it is from after today.
    #[must_use]
    pub fn age(&self, today: Date) -> Option<i64> {
        let span = today.since(self.day()?).ok()?;
        Some(i64::from(span.get_days()))
    }

    /// What speaks against relying on it; `max_age` in days, `None` for any age. Without the canary.
    #[must_use]
    pub fn doubts(&self, today: Date, max_age: Option<i64>) -> Vec<Doubt> {
        let mut doubts = Vec::new();
        match (self.age(today), max_age, self.day()) {
            (Some(age), _, Some(day)) if age < -1 => doubts.push(Doubt::Future(day)),
            (Some(age), Some(most), _) if age > most => doubts.push(Doubt::Old(age, most)),
            (None, Some(_), _) => doubts.push(Doubt::Ageless),
            _ => {}
        }
        // More than one in 200.
        if self.bad * 200 > self.records + self.bad {
            doubts.push(Doubt::Bad(self.bad, self.records + self.bad));
        }
        doubts
    }

    /// The ecosystem.
    #[must_use]
    pub fn of(&self) -> Option<Ecosystem> {
        Ecosystem::of_name(&self.ecosystem)
    }
}

impl Doubt {
    /// In words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Old(age, most) => format!("the data is {age} days old, more than {most}"),
            Self::Ageless => "nothing tells how old the data is".to_owned(),
            Self::Future(day) => {
                format!("the data is from {day}, which is after today: is the clock right?")
            }
            Self::Bad(bad, all) => format!("{bad} of {all} records could not be read"),
            Self::Canary(name) => {
                format!("no advisory for {name}, which has some: the data is not complete")
            }
        }
    }
}

/// Reads the time stamps that databases write, in seconds since the epoch: with `Z`, an offset or neither, with fractions, or a
/// day alone; and the one of HTTP. Those of the year 1 mean that nothing is known.
#[must_use]
pub fn seconds(text: &str) -> Option<i64> {
    let text = text.trim();
    let mail = |text: &str| Some(jiff::fmt::rfc2822::parse(text).ok()?.timestamp());
    let time = text
        .parse::<Timestamp>()
        .ok()
        .or_else(|| mail(text))
        .or_else(|| {
            let local = text.parse::<DateTime>().ok();
            let local = local.or_else(|| Some(text.parse::<Date>().ok()?.at(0, 0, 0, 0)));
            Some(local?.to_zoned(TimeZone::UTC).ok()?.timestamp())
        })?;
    Some(time.as_second()).filter(|seconds| *seconds > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_stamps() {
        let day = Some(1_735_689_600);
        for text in [
            "2025-01-01T00:00:00Z",
            "2025-01-01T00:00:00.123456Z",
            "2025-01-01T01:00:00+01:00",
            "2025-01-01T00:00:00+00:00",
            "2025-01-01 00:00:00",
            "Wed, 01 Jan 2025 00:00:00 GMT",
            "2025-01-01T00:00:00.5",
            " 2025-01-01 ",
        ] {
            assert_eq!(seconds(text), day, "{text}");
        }
        for text in [
            "",
            "soon",
            "0001-01-01T00:00:00Z",
            "2025-13-01",
            "20250101T99",
        ] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    #[test]
    fn what_can_be_relied_on() {
        let check = |as_of: Option<i64>, bad: usize, max_age: Option<i64>, expected: &[Doubt]| {
            let manifest = Manifest {
                as_of,
                bad,
                records: 199 - bad,
                ..Manifest::default()
            };
            let today = jiff::civil::date(2025, 1, 9);
            assert_eq!(manifest.doubts(today, max_age), expected);
        };
        let new_year = 1_735_689_600;
        check(Some(new_year), 0, Some(8), &[]);
        check(Some(new_year), 0, Some(7), &[Doubt::Old(8, 7)]);
        check(Some(new_year), 0, None, &[]);
        check(Some(new_year + 86_400 * 9), 0, Some(7), &[]);
        let later = jiff::civil::date(2025, 1, 11);
        check(
            Some(new_year + 86_400 * 10),
            0,
            None,
            &[Doubt::Future(later)],
        );
        check(None, 0, Some(7), &[Doubt::Ageless]);
        check(None, 0, None, &[]);
        check(Some(new_year), 1, Some(8), &[Doubt::Bad(1, 199)]);
    }
}
