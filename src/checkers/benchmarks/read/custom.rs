//! Owns lists that people write themselves: github-action-benchmark's `customSmallerIsBetter` and `customBiggerIsBetter`, and
//! Bencher's metric format. Which of the first two it is, the file does not tell.

use crate::model::metric::Better;

use crate::source::json_value::Json;

use super::{Hints, Record, Report};

/// A list of `{name, unit, value, range?}`.
pub fn list(root: Json<'_>) -> Result<Report, String> {
    let mut report = Report::of("custom");
    for entry in root.items() {
        let name = entry.text("name");
        let unit = entry.text("unit");
        let value = entry.get("value").and_then(|value| {
            let of_text = || value.as_text()?.trim().parse().ok();
            value.as_number().or_else(of_text)
        });
        let value = value.ok_or_else(|| format!("`{name}` has no number as its value"))?;
        let record = Record::new("", name, "value", unit, value);
        let range = entry
            .get("range")
            .and_then(Json::plain)
            .and_then(|text| range(text, value));
        let (lo, hi) = (
            range.map(|range| value - range),
            range.map(|range| value + range),
        );
        report.records.push(record.between(unit, lo, hi));
    }
    Ok(report)
}

/// `12`, `+/- 12`, `12%`, also with the sign for plus-minus.
fn range(text: &str, value: f64) -> Option<f64> {
    let text = text
        .trim()
        .trim_start_matches(['\u{b1}', '+', '/', '-', ' ']);
    let (text, share) = match text.strip_suffix('%') {
        Some(text) => (text, value.abs() / 100.0),
        None => (text, 1.0),
    };
    let range: f64 = text.replace(',', "").trim().parse().ok()?;
    range.is_finite().then_some(range * share)
}

/// Is it a map of maps of maps with a `value`?
pub fn is_metric_format(root: Json<'_>) -> bool {
    let mut measures = root
        .entries()
        .flat_map(|(_, benchmark)| benchmark.entries());
    let first = measures.next();
    first.is_some_and(|(_, measure)| measure.number("value").is_some())
}

/// `{benchmark: {measure: {value, lower_value?, upper_value?}}}`.
pub fn metric_format(root: Json<'_>, hints: Hints) -> Result<Report, String> {
    let mut report = Report::of("bencher");
    for (name, benchmark) in root.entries() {
        for (measure, values) in benchmark.entries() {
            let (unit, better) = match measure {
                "latency" => ("ns", None),
                "throughput" => ("ops/s", None),
                "allocations" | "instructions" => (measure, None),
                "file-size" => ("B", None),
                "build-time" => ("s", None),
                _ => ("", hints.better),
            };
            let value = values
                .number("value")
                .ok_or_else(|| format!("`{name}` has no value of {measure}"))?;
            let (lo, hi) = (values.number("lower_value"), values.number("upper_value"));
            let record = Record::new("", name, measure, unit, value).better(better);
            report.records.push(record.between(unit, lo, hi));
        }
    }
    report.records.iter_mut().for_each(swap_ends);
    Ok(report)
}

/// Which end is which has no fixed meaning there.
fn swap_ends(record: &mut Record) {
    if let (Some(lo), Some(hi)) = (record.lo, record.hi)
        && lo > hi
    {
        (record.lo, record.hi) = (Some(hi), Some(lo));
    }
    if record.better.is_none() && record.metric.ends_with("-time") {
        record.better = Some(Better::Lower);
    }
}
