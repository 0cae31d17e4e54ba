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
        let time = fixed_clock()?.unwrap_or_else(Timestamp::now);
        let today = time.to_zoned(TimeZone::UTC).date();
        // A root that cannot be resolved cannot be read either, and whoever reads it says so.
        let root = root.canonicalize().unwrap_or(root);
        Ok(Self { root, today })
    }
}

/// Now.
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// The time that `SOURCE_DATE_EPOCH` fixes, if it is set.
///
/// # Errors
/// Says when it is set and is no time.
pub fn fixed_clock() -> Result<Option<Timestamp>, String> {
    let fixed = std::env::var_os(FIXED_CLOCK);
    read(&fixed.unwrap_or_default().to_string_lossy())
}

fn read(fixed: &str) -> Result<Option<Timestamp>, String> {
    if fixed.trim().is_empty() {
        return Ok(None);
    }
    let seconds = fixed.trim().parse().ok();
    let time = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
    let wrong = || {
        format!(
            "{FIXED_CLOCK} is not a number of seconds: `{}`",
            fixed.trim()
        )
    };
    time.map(Some).ok_or_else(wrong)
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

    fn check(fixed: &str, expected: Result<Option<i64>, &str>) {
        let found = read(fixed).map(|time| time.map(Timestamp::as_second));
        assert_eq!(
            found.as_ref().map_err(String::as_str),
            expected.as_ref().map_err(|why| *why)
        );
    }

    #[test]
    fn the_clock() {
        check("", Ok(None));
        check(" 0 ", Ok(Some(0)));
        check("86399", Ok(Some(86_399)));
        check(
            "soon",
            Err("SOURCE_DATE_EPOCH is not a number of seconds: `soon`"),
        );
        check(
            "99999999999999999",
            Err("SOURCE_DATE_EPOCH is not a number of seconds: `99999999999999999`"),
        );
    }
}
