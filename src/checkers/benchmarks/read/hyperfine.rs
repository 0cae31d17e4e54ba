//! Owns hyperfine's `--export-json`. Times are in seconds.

use crate::source::json_value::Json;

use super::{Record, Report};

pub fn read(root: Json<'_>) -> Result<Report, String> {
    let mut report = Report::of("hyperfine");
    for result in root.list("results") {
        let name = result.text("command");
        let codes = || result.list("exit_codes");
        // With --ignore-failure a command that failed is timed all the same.
        if codes().any(|code| code.as_number() != Some(0.0)) {
            return Err(format!(
                "`{name}` did not end with exit code 0 in every run"
            ));
        }
        let params = result.params("parameters");
        let times = result
            .numbers("times")
            .ok_or_else(|| format!("`{name}` has a time that is no number"))?;
        let record = Record::of_samples("", name, "time", "s", &times).or_else(|| {
            let value = result.number("median").or_else(|| result.number("mean"))?;
            Some(Record::new("", name, "time", "s", value))
        });
        let record = record.ok_or_else(|| format!("`{name}` has no time"))?;
        let record = record.between("s", result.number("min"), result.number("max"));
        report.records.push(record.with(params.clone()));
        // Means of all runs, not samples.
        for metric in ["user", "system"] {
            if let Some(value) = result.number(metric) {
                let record = Record::new("", name, metric, "s", value);
                let n = times.len().max(1) as u64;
                report.records.push(record.with(params.clone()).measured(n));
            }
        }
        let memory = result.numbers("memory_usage_byte").unwrap_or_default();
        if let Some(record) = Record::of_samples("", name, "memory", "B", &memory) {
            report.records.push(record.with(params));
        }
    }
    Ok(report)
}
