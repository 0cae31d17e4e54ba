//! Owns Google Benchmark's JSON. Rows of repetitions are samples; rows of aggregates are read only where nothing else is there.

use std::collections::BTreeMap;

use crate::model::metric::Better;

use crate::source::json_value::Json;

use super::{Record, Report};

/// Keys of a row that are no user's counters.
const KNOWN: &[&str] = &[
    "family_index",
    "per_family_instance_index",
    "repetitions",
    "repetition_index",
    "threads",
    "iterations",
    "real_time",
    "cpu_time",
];

/// What older versions, which tell no `run_type`, put behind the name of an aggregate.
const AGGREGATES: &[&str] = &["_mean", "_median", "_stddev", "_cv", "_BigO", "_RMS"];

/// The values of one benchmark's one quantity.
#[derive(Default)]
struct Rows {
    iterations: Vec<f64>,
    median: Option<f64>,
    unit: String,
    better: Option<Better>,
}

pub fn read(root: Json<'_>) -> Result<Report, String> {
    let mut report = Report::of("google-benchmark");
    let context = root.get("context");
    if context.is_some_and(|context| context.text("library_build_type") == "debug") {
        report.note(
            "the benchmark library itself is a debug build: its timings are slower than need be",
        );
    }
    let mut order: Vec<(String, String)> = Vec::new();
    let mut all: BTreeMap<(String, String), Rows> = BTreeMap::new();
    for row in root.list("benchmarks") {
        let name = row.text("name");
        if row.truth("error_occurred") == Some(true) {
            return Err(format!(
                "`{name}` ended in an error: {}",
                row.text("error_message")
            ));
        }
        if row.truth("skipped") == Some(true) {
            report.note(format!("`{name}` was skipped"));
            continue;
        }
        let aggregate = row.text("run_type") == "aggregate"
            || row.has("rms")
            || row.has("big_o")
            || (!row.has("run_type") && AGGREGATES.iter().any(|ending| name.ends_with(ending)));
        if aggregate && row.text("aggregate_name") != "median" {
            continue;
        }
        let run = Some(row.text("run_name"))
            .filter(|run| !run.is_empty())
            .unwrap_or(name);
        for (metric, unit, better, value) in quantities(row) {
            let key = (run.to_owned(), metric);
            let rows = all.entry(key.clone()).or_insert_with(|| {
                order.push(key);
                Rows::default()
            });
            rows.unit = unit;
            rows.better = better;
            if aggregate {
                rows.median = Some(value);
            } else {
                rows.iterations.push(value);
            }
        }
    }
    for key in order {
        let (name, metric) = &key;
        let Some(rows) = all.get(&key) else { continue };
        let of_rows = Record::of_samples("", name, metric, &rows.unit, &rows.iterations);
        let record = of_rows.or_else(|| {
            let median = rows.median?;
            Some(Record::new("", name, metric, &rows.unit, median))
        });
        report
            .records
            .extend(record.map(|record| record.better(rows.better)));
    }
    Ok(report)
}

fn quantities(row: Json<'_>) -> Vec<(String, String, Option<Better>, f64)> {
    let unit = Some(row.text("time_unit")).filter(|unit| !unit.is_empty());
    let unit = unit.unwrap_or("ns");
    let mut found = Vec::new();
    for (key, metric) in [("real_time", "time"), ("cpu_time", "cpu")] {
        if let Some(value) = row.number(key) {
            found.push((metric.to_owned(), unit.to_owned(), None, value));
        }
    }
    for (key, value) in row.entries() {
        if KNOWN.contains(&key) {
            continue;
        }
        if let Some(value) = value.as_number() {
            let (unit, better) = match key {
                "bytes_per_second" => ("B/s", None),
                _ if key.ends_with("_per_second") => ("/s", Some(Better::Higher)),
                _ => ("", None),
            };
            found.push((key.to_owned(), unit.to_owned(), better, value));
        }
    }
    found
}
