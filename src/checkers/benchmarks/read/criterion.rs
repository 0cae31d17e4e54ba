//! Owns the folders of criterion (0.4 and later): `new/benchmark.json`, `estimates.json`, `sample.json`. They are criterion's own
//! affair and may change: what is not as expected is an error.

use crate::source::json::Document;

use crate::source::json_value::Json;

use super::{Record, Report};

/// Reads the three files; the last one may be empty.
pub fn read(files: [&[u8]; 3]) -> Result<Report, String> {
    let [about, numbers, sample] =
        files.map(|bytes| std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8"));
    let about = parse("benchmark.json", about?)?;
    let about = Json::root(&about);
    let named = ["full_id", "title"].map(|key| about.text(key));
    let name = named.into_iter().find(|name| !name.is_empty());
    let name = name.ok_or("benchmark.json names no benchmark")?;
    let numbers = parse("estimates.json", numbers?)?;
    let numbers = Json::root(&numbers);
    let median = numbers
        .get("median")
        .ok_or("estimates.json has no median")?;
    let value = median
        .number("point_estimate")
        .ok_or("estimates.json has no median")?;
    let interval = median.get("confidence_interval");
    let end = |key| interval.and_then(|interval| interval.number(key));
    let samples = match sample? {
        "" => Vec::new(),
        text => samples(text)?,
    };
    let mut record = Record::of_samples("", name, "time", "ns", &samples)
        .unwrap_or_else(|| Record::new("", name, "time", "ns", value));
    record = record.between("ns", end("lower_bound"), end("upper_bound"));
    let mut report = Report::of("criterion");
    if record.value <= 0.0 {
        return Err(format!("{name} took no time"));
    }
    report.records.push(record);
    Ok(report)
}

fn parse<'t>(name: &str, text: &'t str) -> Result<Document<'t>, String> {
    Document::parse(text).map_err(|flaw| format!("{name} is no JSON: {}", flaw.what))
}

/// The time of one iteration in each sample.
fn samples(text: &str) -> Result<Vec<f64>, String> {
    let document = parse("sample.json", text)?;
    let root = Json::root(&document);
    let wrong = || "sample.json has no list of iterations and times".to_owned();
    let (iterations, times) = (root.numbers("iters"), root.numbers("times"));
    let (iterations, times) = (iterations.ok_or_else(wrong)?, times.ok_or_else(wrong)?);
    if iterations.len() != times.len() || iterations.iter().any(|&n| n < 1.0) {
        return Err(wrong());
    }
    Ok(times
        .iter()
        .zip(&iterations)
        .map(|(time, n)| time / n)
        .collect())
}
