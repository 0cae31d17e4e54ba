//! Owns web vitals as real users' browsers measured them: what the `web-vitals` library reports, and answers of the `CrUX` API.

use std::collections::BTreeMap;

use crate::source::json::Document;
use crate::source::json_value::Json;

use super::lighthouse::quantile;

/// The short names, the long ones, and the metrics. All but the layout shift are in milliseconds.
pub const NAMES: &[(&str, &str, &str)] = &[
    (
        "LCP",
        "largest_contentful_paint",
        "real_largest_contentful_paint",
    ),
    (
        "INP",
        "interaction_to_next_paint",
        "real_interaction_to_next_paint",
    ),
    (
        "CLS",
        "cumulative_layout_shift",
        "real_cumulative_layout_shift",
    ),
    (
        "FCP",
        "first_contentful_paint",
        "real_first_contentful_paint",
    ),
    (
        "TTFB",
        "experimental_time_to_first_byte",
        "real_time_to_first_byte",
    ),
];

/// Values by metric.
#[derive(Debug, Default)]
pub struct Vitals {
    values: BTreeMap<&'static str, Vec<f64>>,
}

impl Vitals {
    /// Adds a file.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn add(&mut self, text: &str) -> Result<(), String> {
        let before = self.count();
        match Document::parse(text) {
            Ok(document) => self.document(Json::root(&document))?,
            // One object a line.
            Err(flaw) if text.trim_start().starts_with('{') => {
                for (at, line) in text.lines().enumerate() {
                    if line.trim().is_empty() {
                        continue;
                    }
                    let document = Document::parse(line).map_err(|own| {
                        let what = if at == 0 { flaw.what } else { own.what };
                        format!("it is no JSON: {what} in line {}", at + 1)
                    })?;
                    self.document(Json::root(&document))?;
                }
            }
            Err(flaw) => return Err(format!("it is no JSON: {}", flaw.what)),
        }
        if self.count() == before {
            return Err("it has none of LCP, INP, CLS, FCP and TTFB".to_owned());
        }
        Ok(())
    }

    fn document(&mut self, root: Json<'_>) -> Result<(), String> {
        let record = root.get("record").and_then(|record| record.get("metrics"));
        if let Some(metrics) = record {
            for (_, long, metric) in NAMES {
                let p75 = metrics
                    .get(long)
                    .and_then(|one| one.get("percentiles")?.get("p75"));
                if let Some(p75) = p75 {
                    let value = p75.plain().and_then(|text| text.parse().ok());
                    self.put(metric, value.ok_or_else(|| no_number(long))?)?;
                }
            }
            return Ok(());
        }
        if root.has("name") && root.has("value") {
            return self.entry(root);
        }
        for entry in root.items() {
            self.entry(entry)?;
        }
        for (name, value) in root.entries() {
            if let Some(metric) = metric(name) {
                self.put(metric, value.as_number().ok_or_else(|| no_number(name))?)?;
            }
        }
        Ok(())
    }

    fn entry(&mut self, entry: Json<'_>) -> Result<(), String> {
        let name = entry.text("name");
        let Some(metric) = metric(name) else {
            return Ok(());
        };
        let value = entry.number("value").ok_or_else(|| no_number(name))?;
        self.put(metric, value)
    }

    fn put(&mut self, metric: &'static str, value: f64) -> Result<(), String> {
        if !(value.is_finite() && value >= 0.0) {
            return Err(no_number(metric));
        }
        self.values.entry(metric).or_default().push(value);
        Ok(())
    }

    fn count(&self) -> usize {
        self.values.values().map(Vec::len).sum()
    }

    /// The 75th percentile of each metric, and of how many values.
    pub fn percentiles(&self) -> BTreeMap<&'static str, (f64, usize)> {
        let all = self.values.iter();
        all.filter_map(|(metric, values)| Some((*metric, (quantile(values, 0.75)?, values.len()))))
            .collect()
    }
}

fn metric(name: &str) -> Option<&'static str> {
    let known = NAMES.iter().find(|(short, ..)| *short == name);
    known.map(|(_, _, metric)| *metric)
}

fn no_number(name: &str) -> String {
    format!("{name} has no value that is a number from 0 up")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, f64, usize)]) {
        let mut vitals = Vitals::default();
        vitals.add(text).expect("good");
        let found = vitals.percentiles();
        let found: Vec<_> = found.into_iter().map(|(m, (v, n))| (m, v, n)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn forms() {
        let two = [
            ("real_cumulative_layout_shift", 0.1, 1),
            ("real_largest_contentful_paint", 3000.0, 4),
        ];
        check(
            r#"[{"name": "LCP", "value": 1000}, {"name": "LCP", "value": 2000}, {"name": "LCP", "value": 3000},
                {"name": "LCP", "value": 9000}, {"name": "CLS", "value": 0.1}, {"name": "FID", "value": 3}]"#,
            &two,
        );
        check(
            "{\"name\": \"LCP\", \"value\": 1}\n\n{\"name\": \"LCP\", \"value\": 2}\n",
            &[("real_largest_contentful_paint", 2.0, 2)],
        );
        check(
            r#"{"LCP": 5, "url": "x"}"#,
            &[("real_largest_contentful_paint", 5.0, 1)],
        );
        check(
            r#"{"record": {"metrics": {"cumulative_layout_shift": {"percentiles": {"p75": "0.07"}},
                "largest_contentful_paint": {"percentiles": {"p75": 2500}}}}}"#,
            &[
                ("real_cumulative_layout_shift", 0.07, 1),
                ("real_largest_contentful_paint", 2500.0, 1),
            ],
        );
    }

    #[test]
    fn what_is_no_measurement() {
        let refused = |text: &str| Vitals::default().add(text).expect_err("refused");
        assert!(refused("[]").contains("none of"));
        assert!(refused("{\"a\"").contains("line 1"));
        assert!(refused("[").starts_with("it is no JSON"));
        assert!(refused(r#"[{"name": "LCP", "value": "fast"}]"#).contains("no value"));
        assert!(refused(r#"{"LCP": -1}"#).contains("no value"));
    }
}
