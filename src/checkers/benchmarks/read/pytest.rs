//! Owns pytest-benchmark's JSON. Times are in seconds; the rounds themselves are there with `--benchmark-save-data` only.

use crate::source::json_value::Json;

use super::{Record, Report};

pub fn read(root: Json<'_>) -> Result<Report, String> {
    let mut report = Report::of("pytest-benchmark");
    for benchmark in root.list("benchmarks") {
        let name = Some(benchmark.text("fullname")).filter(|name| !name.is_empty());
        let name = name.unwrap_or_else(|| benchmark.text("name"));
        let stats = benchmark
            .get("stats")
            .ok_or_else(|| format!("`{name}` has no statistics"))?;
        let data = stats.numbers("data").unwrap_or_default();
        let n = stats.whole("rounds").unwrap_or(1);
        let record = Record::of_samples("", name, "time", "s", &data).or_else(|| {
            let value = stats.number("median")?;
            Some(Record::new("", name, "time", "s", value).measured(n))
        });
        let record = record.ok_or_else(|| format!("`{name}` has no median"))?;
        report
            .records
            .push(record.between("s", stats.number("q1"), stats.number("q3")));
    }
    Ok(report)
}
