//! Owns the results of load generators other than k6: oha, vegeta, wrk and hey. Most of them wait for an answer before they ask
//! again, so that a server that stops is asked less: their percentiles are too good then, and the report says so.

use crate::source::json_value::Json;

use super::{Record, Report};

/// What is said of a closed loop.
const CLOSED: &str = "is a closed loop unless told otherwise: while the server stands still it sends nothing, and its percentiles do not show \
                      the wait";

pub fn oha(root: Json<'_>) -> Result<Report, String> {
    let mut report = Report::of("oha");
    report.note(format!("oha {CLOSED} (`-q` with `--latency-correction`)"));
    let summary = root.get("summary").ok_or("it has no summary")?;
    for (key, metric, unit) in [
        ("average", "mean", "s"),
        ("fastest", "min", "s"),
        ("slowest", "max", "s"),
        ("requestsPerSec", "throughput", "/s"),
        ("successRate", "success", ""),
    ] {
        if let Some(value) = summary.number(key) {
            report
                .records
                .push(Record::new("", "load", metric, unit, value));
        }
    }
    for (percentile, value) in root.map("latencyPercentiles") {
        if let Some(value) = value.as_number() {
            report
                .records
                .push(Record::new("", "load", percentile, "s", value));
        }
    }
    Ok(report)
}

/// Vegeta sends at a fixed rate. Nanoseconds.
pub fn vegeta(root: Json<'_>) -> Report {
    let mut report = Report::of("vegeta");
    for (key, value) in root.map("latencies") {
        let metric = match key {
            "mean" | "min" | "max" => key.to_owned(),
            _ => match key.strip_suffix("th") {
                Some(percent) => format!("p{percent}"),
                None => continue,
            },
        };
        if let Some(value) = value.as_number() {
            report
                .records
                .push(Record::new("", "load", &metric, "ns", value));
        }
    }
    for (key, unit) in [("throughput", "/s"), ("success", "")] {
        if let Some(value) = root.number(key) {
            report
                .records
                .push(Record::new("", "load", key, unit, value));
        }
    }
    report
}

/// The text of wrk or hey; `None` when it is neither's.
pub fn text(text: &str) -> Option<Result<Report, String>> {
    let has = |start: &str| {
        text.lines()
            .any(|line| line.trim_start().starts_with(start))
    };
    if !has("Requests/sec:") {
        return None;
    }
    if has("Running ") {
        return Some(wrk(text));
    }
    has("Summary:").then(|| hey(text))
}

fn after<'t>(text: &'t str, start: &str) -> Option<&'t str> {
    let mut lines = text.lines().map(str::trim);
    lines
        .find_map(|line| line.strip_prefix(start))
        .map(str::trim)
}

fn push(report: &mut Report, metric: &str, (value, unit): (f64, &str)) {
    report
        .records
        .push(Record::new("", "load", metric, unit, value));
}

fn wrk(text: &str) -> Result<Report, String> {
    let mut report = Report::of("wrk");
    report.note(format!("wrk {CLOSED}"));
    let rate = after(text, "Requests/sec:").and_then(|rate| rate.parse().ok());
    push(
        &mut report,
        "throughput",
        (rate.ok_or("the line `Requests/sec:` has no number")?, "/s"),
    );
    let thread = text
        .lines()
        .map(str::trim)
        .find(|line| line.starts_with("Latency") && !line.starts_with("Latency Distribution"));
    let mut words = thread.unwrap_or_default().split_whitespace().skip(1);
    for metric in ["mean", "", "max"] {
        let value = words.next().and_then(with_unit);
        if let Some(value) = value.filter(|_| !metric.is_empty()) {
            push(&mut report, metric, value);
        }
    }
    for line in text.lines().map(str::trim) {
        if let Some((percent, value)) = line.split_once('%')
            && let (Ok(percent), Some(value)) = (percent.parse::<f64>(), with_unit(value.trim()))
        {
            push(&mut report, &format!("p{percent}"), value);
        }
    }
    Ok(report)
}

fn hey(text: &str) -> Result<Report, String> {
    let mut report = Report::of("hey");
    report.note(format!("hey {CLOSED}"));
    let rate = after(text, "Requests/sec:").and_then(|rate| rate.parse().ok());
    push(
        &mut report,
        "throughput",
        (rate.ok_or("the line `Requests/sec:` has no number")?, "/s"),
    );
    let seconds = |text: &str| text.strip_suffix("secs")?.trim().parse::<f64>().ok();
    for (start, metric) in [
        ("Average:", "mean"),
        ("Fastest:", "min"),
        ("Slowest:", "max"),
    ] {
        if let Some(value) = after(text, start).and_then(seconds) {
            push(&mut report, metric, (value, "s"));
        }
    }
    for line in text.lines().map(str::trim) {
        if let Some((percent, value)) = line.split_once("% in ")
            && let (Ok(percent), Some(value)) =
                (percent.trim_end_matches('%').parse::<f64>(), seconds(value))
        {
            push(&mut report, &format!("p{percent}"), (value, "s"));
        }
    }
    Ok(report)
}

/// `1.23ms`.
fn with_unit(word: &str) -> Option<(f64, &str)> {
    let end = word.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
    let (number, unit) = word.split_at(end);
    matches!(unit, "us" | "ms" | "s" | "m").then_some(())?;
    let (factor, unit) = if unit == "m" {
        (60.0, "s")
    } else {
        (1.0, unit)
    };
    Some((number.parse::<f64>().ok()? * factor, unit))
}
