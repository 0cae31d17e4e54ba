//! Owns what `cargo bench` prints: lines of libtest and of criterion.

use super::{Record, Report};

pub fn read(text: &str) -> Result<Report, String> {
    let mut report = Report::of("cargo bench");
    let mut waiting = "";
    for line in text.lines() {
        let line = line.trim_end();
        if let Some((name, result)) = libtest(line) {
            let (value, range) =
                result.ok_or_else(|| format!("the result of `{name}` cannot be read"))?;
            let record = Record::new("", name, "time", "ns/iter", value);
            let record = record.between("ns", Some(value - range), Some(value + range));
            report.records.push(record);
        } else if let Some((head, metric, values)) = bracket(line) {
            if !head.is_empty() {
                waiting = head;
            }
            let Some([lo, value, hi]) = estimates(values) else {
                // The change since the last run, in percent.
                continue;
            };
            if waiting.is_empty() {
                return Err(format!(
                    "a result belongs to no benchmark: `{}`",
                    line.trim()
                ));
            }
            let record = Record::new("", waiting, metric, value.1, value.0);
            let of = |end: (f64, &str)| Some(Record::new("", "", "", end.1, end.0).value);
            let (lo, hi) = (of(lo), of(hi));
            report.records.push(Record { lo, hi, ..record });
        } else if is_name(line) {
            waiting = line;
        }
        if report.records.len() > super::MOST_RECORDS {
            return Err("it has too many results".to_owned());
        }
    }
    Ok(report)
}

/// Criterion gives a long name a line of its own, above the results.
fn is_name(line: &str) -> bool {
    !line.is_empty() && !line.starts_with([' ', '\t']) && !line.starts_with("Benchmarking ")
}

/// `test NAME ... bench:   1,234.5 ns/iter (+/- 67)`.
fn libtest(line: &str) -> Option<(&str, Option<(f64, f64)>)> {
    let (name, rest) = line.strip_prefix("test ")?.split_once(" ... bench:")?;
    let number = |text: &str| text.replace(',', "").trim().parse::<f64>().ok();
    let result = || {
        let (value, rest) = rest.split_once(" ns/iter")?;
        let range = rest.split_once("(+/- ")?.1.split_once(')')?.0;
        Some((number(value)?, number(range)?))
    };
    Some((name.trim_end(), result()))
}

/// `NAME    time:   [...]`, or `thrpt:`; the name may be missing.
fn bracket(line: &str) -> Option<(&str, &'static str, &str)> {
    for (word, metric) in [("time:", "time"), ("thrpt:", "throughput")] {
        let Some((head, rest)) = line.split_once(word) else {
            continue;
        };
        let values = rest.trim_start().strip_prefix('[')?.split_once(']')?.0;
        let head = head.trim();
        let head = if head == "change:" { "" } else { head };
        return Some((head, metric, values));
    }
    None
}

/// Three numbers with units; percentages are none.
fn estimates(text: &str) -> Option<[(f64, &str); 3]> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [lo, lo_unit, value, value_unit, hi, hi_unit] = words[..] else {
        return None;
    };
    let number = |word: &str| word.replace(',', "").parse::<f64>().ok();
    Some([
        (number(lo)?, lo_unit),
        (number(value)?, value_unit),
        (number(hi)?, hi_unit),
    ])
}
