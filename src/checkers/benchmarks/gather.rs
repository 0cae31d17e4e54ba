//! Owns the results of several reports together, and which of them are judged. Knows no disk: whoever asks loads.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::fault::{Fault, FaultKind};
use crate::model::metric::Better;

use super::read::{self, CRITERION_FILES, Hints, Report, Source, Threshold};
use super::record::Record;

/// The largest report that is read, in bytes.
pub const LARGEST: u64 = 64 << 20;

/// More files than this are no reports.
const MOST_FILES: usize = 50_000;

/// What is wanted of reports beyond what they say.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// The metrics that are judged; empty for those that are by themselves.
    pub metrics: Vec<String>,
    /// Which way is better, by metric or unit.
    pub better: BTreeMap<String, Better>,
}

impl Wishes {
    /// Is this quantity judged?
    #[must_use]
    pub fn judges(&self, record: &Record) -> bool {
        if self.metrics.is_empty() {
            is_telling(&record.metric)
        } else {
            self.metrics.contains(&record.metric)
        }
    }

    fn direct(&self, record: &mut Record) {
        let named = self.better.get(&record.metric);
        if let Some(better) = named.or_else(|| self.better.get(&record.unit)) {
            record.better = Some(*better);
        }
    }
}

/// Ends of ranges and high percentiles of one run are mostly noise; parts of a time are not the time.
fn is_telling(metric: &str) -> bool {
    let percentile = metric.strip_prefix('p').is_some_and(|rest| {
        let rest = rest.trim_start_matches('(');
        rest.starts_with(|c: char| c.is_ascii_digit()) && !matches!(rest, "50" | "50)")
    });
    let part = [
        "user", "system", "min", "max", "count", "passes", "fails", "matches", "total", "success",
    ];
    !percentile && !part.contains(&metric)
}

/// The results of several reports.
#[derive(Clone, Debug, Default)]
pub struct Gathered {
    /// Each quantity with the report that it is from, by its key.
    pub records: BTreeMap<String, (Record, String)>,
    /// Thresholds that tools judged, with the report that they are from.
    pub thresholds: Vec<(Threshold, String)>,
    /// What is worth saying.
    pub notes: Vec<String>,
    /// The formats that were read.
    pub formats: BTreeSet<&'static str>,
}

impl Gathered {
    /// Adds a report.
    ///
    /// # Errors
    /// When it has a quantity that another one has.
    pub fn add(&mut self, path: &str, report: Report, wishes: &Wishes) -> Result<(), Fault> {
        self.formats.insert(report.format);
        for note in report.notes {
            let note = format!("{path}: {note}");
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
        for threshold in report.thresholds {
            self.thresholds.push((threshold, path.to_owned()));
        }
        for mut record in report.records {
            wishes.direct(&mut record);
            let key = record.key();
            if let Some((_, other)) = self.records.insert(key.clone(), (record, path.to_owned())) {
                return Err(Fault::new(
                    FaultKind::Unparsable,
                    format!("`{key}` stands in two reports: {other} and {path}"),
                    "give the benchmarks different names, or name the report that counts",
                ));
            }
        }
        Ok(())
    }

    /// The tools whose versions decide what the results are.
    #[must_use]
    pub fn tools(&self) -> Vec<&'static str> {
        let tools: BTreeSet<&str> = self
            .formats
            .iter()
            .filter_map(|format| match *format {
                "criterion" | "cargo bench" => Some("rustc"),
                "pytest-benchmark" => Some("python"),
                "go" => Some("go"),
                "jmh" => Some("java"),
                "vitest" => Some("node"),
                _ => None,
            })
            .collect();
        tools.into_iter().collect()
    }
}

/// How a report's content is had; nothing where there is no such file.
pub type Load<'a> = dyn FnMut(&str) -> Result<Option<Vec<u8>>, Fault> + 'a;

/// Reads the reports at these paths, which `load` gives; it gives nothing for one that is not there.
///
/// # Errors
/// When one cannot be read or understood, and when a quantity stands in two of them.
pub fn gather(
    paths: &[String],
    load: &mut Load<'_>,
    hints: Hints,
    wishes: &Wishes,
) -> Result<Gathered, Fault> {
    let mut gathered = Gathered::default();
    if paths.len() > MOST_FILES {
        return Err(Fault::new(
            FaultKind::Unparsable,
            format!(
                "the globs match {} files: no benchmark writes so many",
                paths.len()
            ),
            "narrow the globs of `reports`",
        ));
    }
    let gone = |path: &str| {
        let what = format!("the report {path} went away while it was read");
        Fault::new(FaultKind::Missing, what, "run again")
    };
    for source in read::sources(paths) {
        match source {
            Source::File(path) => {
                let bytes = load(&path)?.ok_or_else(|| gone(&path))?;
                let report = read::read(&bytes, hints).map_err(|why| unusable(&path, &why))?;
                gathered.add(&path, report, wishes)?;
            }
            Source::Criterion(folder) => {
                let [benchmark, estimates, sample] =
                    CRITERION_FILES.map(|file| format!("{folder}/{file}"));
                let benchmark = load(&benchmark)?.ok_or_else(|| gone(&benchmark))?;
                let estimates = load(&estimates)?.ok_or_else(|| gone(&estimates))?;
                let sample = load(&sample)?.unwrap_or_default();
                let report = read::read_criterion([&benchmark, &estimates, &sample]);
                let path = format!("{folder}/new");
                let report = report.map_err(|why| unusable(&path, &why))?;
                gathered.add(&path, report, wishes)?;
            }
        }
    }
    Ok(gathered)
}

/// A report that cannot be used.
#[must_use]
pub fn unusable(path: &str, why: &str) -> Fault {
    Fault::new(
        FaultKind::Unparsable,
        format!("the benchmark report {path} cannot be used: {why}"),
        "see that the tool ended well and writes one of the formats known",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_judged() {
        for metric in [
            "time",
            "cpu",
            "throughput",
            "med",
            "p50",
            "p(50)",
            "avg",
            "allocs/op",
            "passing",
        ] {
            assert!(is_telling(metric), "{metric}");
        }
        for metric in ["user", "max", "p(95)", "p99.9", "p95", "count"] {
            assert!(!is_telling(metric), "{metric}");
        }
    }

    #[test]
    fn two_reports_with_the_same_benchmark() {
        let mut load = |_: &str| Ok(Some(b"BenchmarkA 5 9 ns/op\n".to_vec()));
        let paths = ["a.txt", "b.txt"].map(str::to_owned);
        let both = gather(&paths, &mut load, Hints::default(), &Wishes::default());
        assert_eq!(
            both.map(|_| ()).expect_err("it stands twice").what,
            "`BenchmarkA time` stands in two reports: a.txt and b.txt"
        );
        let one = gather(&paths[..1], &mut load, Hints::default(), &Wishes::default());
        let one = one.expect("good");
        assert_eq!(one.tools(), ["go"]);
        let mut nothing = |_: &str| Ok(None);
        let gone = gather(&paths, &mut nothing, Hints::default(), &Wishes::default());
        assert_eq!(gone.map(|_| ()).expect_err("gone").kind, FaultKind::Missing);
    }

    #[test]
    fn a_direction_by_hand() {
        let wishes = Wishes {
            better: BTreeMap::from([("fps".to_owned(), Better::Higher)]),
            ..Wishes::default()
        };
        let mut load = |_: &str| {
            Ok(Some(
                br#"[{"name": "a", "unit": "fps", "value": 60}]"#.to_vec(),
            ))
        };
        let gathered = gather(&["a.json".to_owned()], &mut load, Hints::default(), &wishes);
        let gathered = gathered.expect("good");
        assert_eq!(gathered.records["a value"].0.better, Some(Better::Higher));
    }
}
