//! Owns the reader of numbers in a JSON document: bytes and pointers to measurements.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::options::{JsonMetric, Unit};
use super::report::Report;
use crate::model::metric::Value;
use crate::model::quantity::{Dimension, Quantity};

/// Reads the metrics. Numbers are taken as they are written, to 15 significant digits.
///
/// # Errors
/// Says why the document cannot be used, or which metric is not in it.
pub fn read(bytes: &[u8], metrics: &BTreeMap<String, JsonMetric>) -> Result<Report, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let document: Json =
        serde_json::from_slice(bytes).map_err(|problem| format!("it is not JSON: {problem}"))?;
    let mut report = Report::default();
    for (name, metric) in metrics {
        let value = document
            .pointer(&metric.pointer)
            .ok_or_else(|| format!("it has nothing at `{}` for `{name}`", metric.pointer))?;
        let quantity = quantity(value, &metric.unit)
            .map_err(|problem| format!("what is at `{}` for `{name}` {problem}", metric.pointer))?;
        report.measure(name.clone(), Value::Plain(quantity));
    }
    Ok(report)
}

fn quantity(value: &Json, unit: &Unit) -> Result<Quantity, String> {
    match value {
        Json::Number(number) => unit.read(&decimal(&number.to_string())?),
        Json::String(text) => unit.read(text),
        Json::Bool(yes) => unit.read(if *yes { "true" } else { "false" }),
        Json::Array(items) if unit.dimension() == Dimension::Count => {
            Ok(Quantity::count(items.len()))
        }
        Json::Object(items) if unit.dimension() == Dimension::Count => {
            Ok(Quantity::count(items.len()))
        }
        Json::Null => Err("is null".to_owned()),
        Json::Array(_) | Json::Object(_) => Err("is no number".to_owned()),
    }
}

/// The number without its exponent: `1.5e-3` is `0.0015`.
fn decimal(text: &str) -> Result<String, String> {
    let Some((digits, exponent)) = text.split_once(['e', 'E']) else {
        return Ok(text.to_owned());
    };
    let too_far = || format!("is {text}, which is too large or too small");
    let exponent: i32 = exponent.parse().map_err(|_| too_far())?;
    if !(-40..=30).contains(&exponent) {
        return Err(too_far());
    }
    let (sign, digits) = digits
        .strip_prefix('-')
        .map_or(("", digits), |rest| ("-", rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{}{whole}{fraction}{}", "0".repeat(41), "0".repeat(31));
    let point = i32::try_from(41 + whole.len()).map_err(|_| too_far())? + exponent;
    let point = usize::try_from(point).map_err(|_| too_far())?;
    let (whole, fraction) = all.split_at_checked(point).ok_or_else(too_far)?;
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    // A number has at most 18 decimals here; what is behind them decides nothing.
    let fraction = &fraction[..fraction.len().min(18)];
    let whole = if whole.is_empty() { "0" } else { whole };
    Ok(match fraction {
        "" => format!("{sign}{whole}"),
        _ => format!("{sign}{whole}.{fraction}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: &str, unit: &str, expected: Result<&str, &str>) {
        let value: Json = serde_json::from_str(value).expect("JSON");
        let unit = Unit::try_from(unit.to_owned()).expect("a unit");
        let found = quantity(&value, &unit).map(|quantity| quantity.to_string());
        assert_eq!(found.as_deref().map_err(String::as_str), expected);
    }

    #[test]
    fn values() {
        check("95.2", "%", Ok("95.2%"));
        check("0.1", "", Ok("0.1"));
        check("1.5e-3", "s", Ok("1.5ms"));
        check("2e3", "", Ok("2000"));
        check(
            "1e300",
            "",
            Err("is 1e+300, which is too large or too small"),
        );
        check("-1.5e-2", "", Ok("-0.015"));
        check("\"95.2%\"", "%", Ok("95.2%"));
        check("\"5ms\"", "%", Err("is a time, not a percentage"));
        check("[1,2,3]", "", Ok("3"));
        check("[1]", "%", Err("is no number"));
        check("true", "bool", Ok("true"));
        check("1", "bool", Err("is a count, not a yes or no"));
        check("null", "", Err("is null"));
    }
}
