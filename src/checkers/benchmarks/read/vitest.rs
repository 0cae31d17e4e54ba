//! Owns `vitest bench --outputJson`. Times are in milliseconds; the path of a file is the machine's and is not read.

use crate::source::json_value::Json;

use super::{Record, Report};

pub fn read(root: Json<'_>) -> Result<Report, String> {
    let mut report = Report::of("vitest");
    let groups = root.list("files").flat_map(|file| file.list("groups"));
    for group in groups {
        for benchmark in group.list("benchmarks") {
            let name = benchmark.text("name");
            let samples = benchmark.numbers("samples").unwrap_or_default();
            let suite = group.text("fullName");
            let n = benchmark.whole("sampleCount").unwrap_or(1);
            let record = Record::of_samples(suite, name, "time", "ms", &samples).or_else(|| {
                let value = benchmark
                    .number("median")
                    .or_else(|| benchmark.number("mean"))?;
                Some(Record::new(suite, name, "time", "ms", value).measured(n))
            });
            let record = record.ok_or_else(|| format!("`{name}` has no time: it did not run"))?;
            let (lo, hi) = (benchmark.number("min"), benchmark.number("max"));
            report.records.push(record.between("ms", lo, hi));
        }
    }
    Ok(report)
}
