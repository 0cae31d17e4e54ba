//! Owns the environment variables, the date and the root, as the `Surroundings` port gives them.

use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::check::ports::Surroundings;

/// The variable that fixes the clock, in seconds since the epoch, for reproducible runs.
const FIXED_CLOCK: &str = "SOURCE_DATE_EPOCH";

/// The system's surroundings. The date is taken once, so that midnight does not split a run.
#[derive(Clone, Debug)]
pub struct System {
    root: PathBuf,
    today: Date,
}

impl System {
    /// The surroundings of a run on the tree below `root`.
    ///
    /// # Errors
    /// Says when `SOURCE_DATE_EPOCH` is set and is no time.
    pub fn new(root: PathBuf) -> Result<Self, String> {
        let fixed = std::env::var_os(FIXED_CLOCK);
        let fixed = fixed.as_deref().map(std::ffi::OsStr::to_string_lossy);
        let today = today(fixed.as_deref(), Timestamp::now())?;
        // A root that cannot be resolved cannot be read either, and whoever reads it says so.
        let root = root.canonicalize().unwrap_or(root);
        Ok(Self { root, today })
    }
}

fn today(fixed: Option<&str>, now: Timestamp) -> Result<Date, String> {
    let time = match fixed.map(str::trim) {
        None | Some("") => now,
        Some(seconds) => seconds
            .parse()
            .ok()
            .and_then(|seconds| Timestamp::from_second(seconds).ok())
            .ok_or_else(|| format!("{FIXED_CLOCK} is not a number of seconds: `{seconds}`"))?,
    };
    Ok(time.to_zoned(TimeZone::UTC).date())
}

impl Surroundings for System {
    fn variable(&self, name: &str) -> Option<String> {
        // A name with `=` or NUL in it cannot be set; `var_os` answers `None` for it.
        std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
    }

    fn today(&self) -> Date {
        self.today
    }

    fn root(&self) -> PathBuf {
        self.root.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(fixed: Option<&str>, expected: Result<&str, &str>) {
        let now = Timestamp::from_second(1_700_000_000).expect("a time");
        let found = today(fixed, now).map(|date| date.to_string());
        assert_eq!(
            found.as_ref().map(String::as_str).map_err(String::as_str),
            expected
        );
    }

    #[test]
    fn the_clock() {
        check(None, Ok("2023-11-14"));
        check(Some(""), Ok("2023-11-14"));
        check(Some("0"), Ok("1970-01-01"));
        check(Some("86399"), Ok("1970-01-01"));
        check(
            Some("soon"),
            Err("SOURCE_DATE_EPOCH is not a number of seconds: `soon`"),
        );
        check(
            Some("99999999999999999"),
            Err("SOURCE_DATE_EPOCH is not a number of seconds: `99999999999999999`"),
        );
    }
}
