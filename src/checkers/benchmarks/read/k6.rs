//! Owns k6's summaries: the old `--summary-export`, what `handleSummary` is given, and the new machine-readable one. Their times
//! are in milliseconds whatever unit the text on the screen has.

use crate::model::metric::Better;

use crate::source::json_value::Json;

use super::{Record, Report, Threshold};

/// Metrics of time that an old export does not mark as such.
fn is_time(name: &str) -> bool {
    let name = name.split('{').next().unwrap_or(name);
    name.ends_with("_duration")
        || name.starts_with("http_req_")
            && matches!(
                &name["http_req_".len()..],
                "blocked" | "connecting" | "tls_handshaking" | "sending" | "waiting" | "receiving"
            )
        || matches!(name, "ws_connecting" | "ws_ping" | "ws_session_duration")
}

fn better(name: &str, metric: &str) -> Option<Better> {
    let name = name.split('{').next().unwrap_or(name);
    match (name, metric) {
        ("http_req_failed" | "dropped_iterations", _) => Some(Better::Lower),
        ("checks" | "http_reqs" | "iterations", "rate" | "count" | "value") => Some(Better::Higher),
        _ => None,
    }
}

/// The old export, whose values lie flat beside the thresholds, and that of `handleSummary`, where they lie in `values`.
pub fn summary(root: Json<'_>) -> Result<Report, String> {
    let mut report = Report::of("k6");
    for (name, metric) in root.map("metrics") {
        let values = metric.get("values");
        let time = match metric.text("contains") {
            "" => is_time(name),
            contains => contains == "time",
        };
        push(&mut report, name, values.unwrap_or(metric), time);
        for (expression, threshold) in metric.map("thresholds") {
            let held = threshold
                .truth("ok")
                // In the old export `true` means that the threshold was crossed.
                .or_else(|| {
                    threshold
                        .plain()
                        .and_then(|word| word.parse().ok())
                        .map(|crossed: bool| !crossed)
                });
            let held = held.ok_or_else(|| {
                format!("the threshold `{expression}` of {name} is neither true nor false")
            })?;
            report.thresholds.push(Threshold {
                metric: name.to_owned(),
                expression: expression.to_owned(),
                held,
            });
        }
    }
    Ok(report)
}

/// The new form: a list of metrics.
pub fn machine_readable(root: Json<'_>) -> Result<Report, String> {
    let mut report = Report::of("k6");
    let results = root.get("results").ok_or("it has no results")?;
    for metric in results.list("metrics") {
        let name = metric.text("name");
        let values = metric
            .get("values")
            .ok_or_else(|| format!("{name} has no values"))?;
        push(&mut report, name, values, metric.text("contains") == "time");
        for threshold in metric
            .list("thresholds")
            .chain(metric.map("thresholds").map(|(_, one)| one))
        {
            if let Some(held) = threshold.truth("ok") {
                let named = ["source", "expression", "name"].map(|key| threshold.text(key));
                let expression = named.into_iter().find(|text| !text.is_empty());
                report.thresholds.push(Threshold {
                    metric: name.to_owned(),
                    expression: expression.unwrap_or_default().to_owned(),
                    held,
                });
            }
        }
    }
    Ok(report)
}

fn push(report: &mut Report, name: &str, values: Json<'_>, time: bool) {
    for (metric, value) in values.entries() {
        let Some(value) = value.as_number() else {
            continue;
        };
        let unit = if time && metric != "count" {
            "ms"
        } else if metric == "rate" && values.has("count") {
            "/s"
        } else {
            ""
        };
        let mut record = Record::new("", name, metric, unit, value);
        if matches!(name.split('{').next(), Some("data_received" | "data_sent")) {
            record.better = None;
        }
        report.records.push(record.better(better(name, metric)));
    }
}
