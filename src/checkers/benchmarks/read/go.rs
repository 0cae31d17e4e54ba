//! Owns the text of `go test -bench`. Repeats of `-count` are samples of one benchmark.

use std::collections::BTreeMap;

use super::{Record, Report};

/// The values of one quantity.
struct Series {
    suite: String,
    name: String,
    unit: String,
    values: Vec<f64>,
}

pub fn read(text: &str) -> Result<Report, String> {
    let mut all: Vec<Series> = Vec::new();
    let mut index: BTreeMap<(String, String, String), usize> = BTreeMap::new();
    let (mut suite, mut waiting) = (String::new(), String::new());
    for line in text.lines() {
        if let Some(package) = line.strip_prefix("pkg:") {
            package.trim().clone_into(&mut suite);
            waiting.clear();
            continue;
        }
        let (name, rest) = if line.starts_with("Benchmark") {
            let (name, rest) = line.split_once([' ', '\t']).unwrap_or((line, ""));
            name.clone_into(&mut waiting);
            (name, rest)
        } else if !waiting.is_empty() && line.starts_with([' ', '\t']) {
            // What the benchmark printed has pushed its numbers into a line of their own.
            (&waiting[..], line)
        } else {
            continue;
        };
        let Some(pairs) = pairs(rest) else { continue };
        for (value, unit) in pairs {
            if all.len() > super::MOST_RECORDS {
                return Err("it has too many results".to_owned());
            }
            let key = (suite.clone(), name.to_owned(), unit.to_owned());
            let at = *index.entry(key).or_insert_with(|| {
                all.push(Series {
                    suite: suite.clone(),
                    name: name.to_owned(),
                    unit: unit.to_owned(),
                    values: Vec::new(),
                });
                all.len() - 1
            });
            all[at].values.push(value);
        }
        waiting.clear();
    }
    let mut report = Report::of("go");
    let procs = processors(&all);
    for series in &all {
        let name = procs
            .get(&series.suite)
            .and_then(|ending| series.name.strip_suffix(ending.as_str()));
        let name = name.unwrap_or(&series.name);
        let metric = match &series.unit[..] {
            "ns/op" => "time",
            unit => unit,
        };
        report.records.extend(Record::of_samples(
            &series.suite,
            name,
            metric,
            &series.unit,
            &series.values,
        ));
    }
    Ok(report)
}

/// The iterations, and then each number with its unit.
fn pairs(rest: &str) -> Option<Vec<(f64, &str)>> {
    let mut words = rest.split_whitespace();
    words.next()?.parse::<u64>().ok()?;
    let mut found = Vec::new();
    while let Some(word) = words.next() {
        let value: f64 = word.parse().ok()?;
        found.push((value, words.next()?));
    }
    (!found.is_empty()).then_some(found)
}

/// The ending `-8` that names the number of processors, of each package that has one: all its benchmarks end in the same one. A
/// name may end in a number of its own.
fn processors(all: &[Series]) -> BTreeMap<String, String> {
    let mut endings: BTreeMap<String, Option<String>> = BTreeMap::new();
    for series in all {
        let ending = series.name.rsplit_once('-').and_then(|(_, digits)| {
            let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            is_number.then(|| format!("-{digits}"))
        });
        endings
            .entry(series.suite.clone())
            .and_modify(|known| {
                if *known != ending {
                    *known = None;
                }
            })
            .or_insert(ending);
    }
    let known = endings.into_iter();
    known
        .filter_map(|(suite, ending)| Some((suite, ending?)))
        .collect()
}
