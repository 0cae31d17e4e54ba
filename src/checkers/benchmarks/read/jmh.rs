//! Owns JMH's `-rf json`. The unit, not the tool, tells which way is better: `ops/s` or `ns/op`.

use crate::source::json_value::Json;

use super::{Record, Report};

pub fn read(root: Json<'_>) -> Result<Report, String> {
    let mut report = Report::of("jmh");
    for result in root.items() {
        let name = result.text("benchmark");
        let params = result.params("params");
        let mode = result.text("mode");
        let primary = result
            .get("primaryMetric")
            .ok_or_else(|| format!("`{name}` has no primary metric"))?;
        let record = metric(name, main_metric(mode), primary)
            .ok_or_else(|| format!("`{name}` has no score"))?;
        report.records.push(record.with(params.clone()));
        for (of, secondary) in result.map("secondaryMetrics") {
            // Percentiles of the sample mode, and what profilers measure.
            let of = of.trim_start_matches(['\u{b7}', '+']);
            let of = of.rsplit_once('\u{b7}').map_or(of, |(_, last)| last);
            if let Some(record) = metric(name, of, secondary) {
                report.records.push(record.with(params.clone()));
            }
        }
    }
    Ok(report)
}

fn main_metric(mode: &str) -> &str {
    match mode {
        "thrpt" => "throughput",
        "ss" => "single-shot",
        "sample" => "sampled",
        _ => "time",
    }
}

fn metric(name: &str, of: &str, values: Json<'_>) -> Option<Record> {
    let unit = values.text("scoreUnit");
    // One list for each fork. The sample mode has histograms instead.
    let raw: Option<Vec<f64>> = values
        .list("rawData")
        .flat_map(Json::items)
        .map(Json::as_number)
        .collect();
    let samples = raw.unwrap_or_default();
    let record = match Record::of_samples("", name, of, unit, &samples) {
        Some(record) => record,
        None => Record::new("", name, of, unit, values.number("score")?),
    };
    // "NaN" where there was one iteration only.
    let mut interval = values.list("scoreConfidence").map(Json::as_number);
    let (lo, hi) = (interval.next().flatten(), interval.next().flatten());
    Some(record.between(unit, lo, hi))
}
