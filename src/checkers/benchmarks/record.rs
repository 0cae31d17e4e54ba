//! Owns a benchmark's result as all formats are read into it, and what units mean. Knows no format.

use std::fmt::Write as _;

use crate::model::metric::Better;

/// One measured quantity of one benchmark.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The package, file or group; empty where there is none.
    pub suite: String,
    /// The benchmark.
    pub name: String,
    /// Its parameters as `a=1,b=2`; empty where there are none.
    pub params: String,
    /// What was measured: `time`, `throughput`, `allocs/op`.
    pub metric: String,
    /// The unit of the values: times are in `ns`, amounts of data in `B`.
    pub unit: String,
    /// Which way is better; `None` where nothing tells.
    pub better: Option<Better>,
    /// The value: the median where the tool gives it.
    pub value: f64,
    /// The lower end of the range that the tool gives.
    pub lo: Option<f64>,
    /// The upper end of the range that the tool gives.
    pub hi: Option<f64>,
    /// How many measurements stand behind the value.
    pub n: u64,
    /// The measurements themselves, where the tool gives them.
    pub samples: Vec<f64>,
}

impl Record {
    /// A record of one value.
    #[must_use]
    pub fn new(suite: &str, name: &str, metric: &str, unit: &str, value: f64) -> Self {
        let scale = Scale::of(unit);
        Self {
            suite: suite.to_owned(),
            name: name.to_owned(),
            params: String::new(),
            metric: metric.to_owned(),
            value: value * scale.factor,
            unit: scale.unit,
            better: scale.better,
            lo: None,
            hi: None,
            n: 1,
            samples: Vec::new(),
        }
    }

    /// A record of the median of several values; `None` when there are none.
    #[must_use]
    pub fn of_samples(
        suite: &str,
        name: &str,
        metric: &str,
        unit: &str,
        samples: &[f64],
    ) -> Option<Self> {
        let value = super::detect::rank::median(samples)?;
        let factor = Scale::of(unit).factor;
        Some(Self {
            n: samples.len() as u64,
            samples: samples.iter().map(|sample| sample * factor).collect(),
            ..Self::new(suite, name, metric, unit, value)
        })
    }

    /// Sets the range, in the unit that the record was made with.
    #[must_use]
    pub fn between(mut self, unit: &str, lo: Option<f64>, hi: Option<f64>) -> Self {
        let factor = Scale::of(unit).factor;
        self.lo = lo.map(|lo| lo * factor);
        self.hi = hi.map(|hi| hi * factor);
        self
    }

    /// Sets the parameters.
    #[must_use]
    pub fn with(mut self, params: impl Into<String>) -> Self {
        self.params = params.into();
        self
    }

    /// Sets how many measurements stand behind the value.
    #[must_use]
    pub const fn measured(mut self, n: u64) -> Self {
        self.n = n;
        self
    }

    /// Sets which way is better, where the unit does not tell.
    #[must_use]
    pub const fn better(mut self, better: Option<Better>) -> Self {
        if better.is_some() {
            self.better = better;
        }
        self
    }

    /// What identifies the quantity from run to run.
    #[must_use]
    pub fn key(&self) -> String {
        let mut key = self.title();
        let _ = write!(key, " {}", self.metric);
        key
    }

    /// The benchmark without the quantity.
    #[must_use]
    pub fn title(&self) -> String {
        let mut title = String::new();
        if !self.suite.is_empty() {
            let _ = write!(title, "{}: ", self.suite);
        }
        title.push_str(&self.name);
        if !self.params.is_empty() {
            let _ = write!(title, " ({})", self.params);
        }
        title
    }

    /// Does the program alone decide the value, and not the machine? Then no statistics are needed.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        matches!(
            &self.unit[..],
            "allocs/op" | "B/op" | "instructions" | "allocations" | "buffers" | "gas"
        )
    }
}

/// What a unit means.
struct Scale {
    unit: String,
    factor: f64,
    better: Option<Better>,
}

/// Units of time in nanoseconds.
const TIMES: &[(&str, f64)] = &[
    ("ns", 1.0),
    ("nanoseconds", 1.0),
    ("us", 1e3),
    ("\u{b5}s", 1e3),
    ("\u{3bc}s", 1e3),
    ("microseconds", 1e3),
    ("ms", 1e6),
    ("milliseconds", 1e6),
    ("s", 1e9),
    ("sec", 1e9),
    ("secs", 1e9),
    ("seconds", 1e9),
    ("min", 6e10),
    ("minutes", 6e10),
];

/// Units of data in bytes.
const DATA: &[(&str, f64)] = &[
    ("b", 1.0),
    ("byte", 1.0),
    ("bytes", 1.0),
    ("kb", 1e3),
    ("kib", 1_024.0),
    ("mb", 1e6),
    ("mib", 1_048_576.0),
    ("gb", 1e9),
    ("gib", 1_073_741_824.0),
];

/// Counts that a program repeats exactly, or nearly.
const COUNTS: &[&str] = &[
    "b/op",
    "allocs/op",
    "instructions",
    "allocations",
    "buffers",
    "gas",
];

fn found(table: &[(&str, f64)], unit: &str) -> Option<f64> {
    table
        .iter()
        .find(|(name, _)| *name == unit)
        .map(|(_, f)| *f)
}

impl Scale {
    fn of(text: &str) -> Self {
        let text = text.trim();
        let unit = text.to_lowercase();
        let make = |unit: &str, factor, better| Self {
            unit: unit.to_owned(),
            factor,
            better,
        };
        if COUNTS.contains(&&unit[..]) {
            let shown = if unit == "b/op" { "B/op" } else { &unit };
            return make(shown, 1.0, Some(Better::Lower));
        }
        let (above, below) = unit.split_once('/').unwrap_or((&unit, ""));
        let (above, below) = (above.trim(), below.trim());
        if matches!(below, "" | "op" | "iter" | "iteration" | "ops") {
            if let Some(factor) = found(TIMES, above) {
                return make("ns", factor, Some(Better::Lower));
            }
            if let Some(factor) = found(DATA, above).filter(|_| below.is_empty()) {
                return make("B", factor, Some(Better::Lower));
            }
        }
        if let Some(factor) = found(TIMES, below) {
            let data = found(DATA, above);
            let shown = if data.is_some() { "B/s" } else { "/s" };
            let factor = data.unwrap_or(1.0) * (1e9 / factor);
            return make(shown, factor, Some(Better::Higher));
        }
        make(text, 1.0, None)
    }
}

/// A value with its unit, as people read it: `1.234ms`, `12.3MB/s`, `42 allocs/op`.
#[must_use]
pub fn shown(value: f64, unit: &str) -> String {
    let steps: &[(f64, &str)] = match unit {
        "ns" => &[(1e9, "s"), (1e6, "ms"), (1e3, "us"), (1.0, "ns")],
        "B" => &[(1e9, "GB"), (1e6, "MB"), (1e3, "KB"), (1.0, "B")],
        "B/s" => &[(1e9, "GB/s"), (1e6, "MB/s"), (1e3, "KB/s"), (1.0, "B/s")],
        _ => &[],
    };
    let step = steps.iter().find(|(least, _)| value.abs() >= *least);
    match step.or(steps.last()) {
        Some((by, unit)) => format!("{}{unit}", digits(value / by)),
        None if unit.is_empty() || unit.starts_with('/') => format!("{}{unit}", digits(value)),
        None => format!("{} {unit}", digits(value)),
    }
}

/// Four digits that count.
fn digits(value: f64) -> String {
    let size = value.abs();
    let text = if size >= 1_000.0 || size == 0.0 {
        return format!("{value:.0}");
    } else if size >= 100.0 {
        format!("{value:.1}")
    } else if size >= 10.0 {
        format!("{value:.2}")
    } else if size >= 1.0 {
        format!("{value:.3}")
    } else {
        format!("{value:.6}")
    };
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: f64, unit: &str, expected: &str, better: Option<Better>) {
        let record = Record::new("", "x", "time", unit, value);
        assert_eq!(shown(record.value, &record.unit), expected, "{unit}");
        assert_eq!(record.better, better, "{unit}");
    }

    #[test]
    fn units_tell_the_direction() {
        let (lower, higher) = (Some(Better::Lower), Some(Better::Higher));
        check(1.5, "s", "1.5s", lower);
        check(1500.0, "ns/iter", "1.5us", lower);
        check(2.25, "\u{b5}s", "2.25us", lower);
        check(3.0, "ms/op", "3ms", lower);
        check(12.0, "ops/s", "12/s", higher);
        check(12.0, "ops/ms", "12000/s", higher);
        check(100.0, "MB/s", "100MB/s", higher);
        check(7.0, "allocs/op", "7 allocs/op", lower);
        check(64.0, "B/op", "64 B/op", lower);
        check(2.0, "KiB", "2.048KB", lower);
        check(5.0, "iter/sec", "5/s", higher);
        check(3.0, "widgets", "3 widgets", None);
        check(3.0, "widgets/op", "3 widgets/op", None);
        check(0.5, "", "0.5", None);
    }

    #[test]
    fn keys() {
        let record = Record::new("pkg", "Parse", "time", "ns/op", 1.0).with("n=2");
        assert_eq!(record.key(), "pkg: Parse (n=2) time");
        assert!(!record.is_exact());
        assert!(Record::new("", "Parse", "allocs/op", "allocs/op", 1.0).is_exact());
    }
}
