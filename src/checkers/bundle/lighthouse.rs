//! Owns Lighthouse's JSON: scores of categories and the numbers of audits. Of several runs of a page the median counts.

use std::collections::BTreeMap;

use crate::source::json::Document;
use crate::source::json_value::Json;

/// A number that is read.
pub struct Wanted {
    /// The metric.
    pub metric: &'static str,
    /// The category or the audit.
    pub key: &'static str,
    /// Is it a category? Its score is from 0 to 1, and 0 to 100 is measured.
    pub category: bool,
}

/// All that is read. Times are in milliseconds.
pub const WANTED: &[Wanted] = &[
    category("lighthouse_performance", "performance"),
    category("lighthouse_accessibility", "accessibility"),
    category("lighthouse_best_practices", "best-practices"),
    category("lighthouse_seo", "seo"),
    audit("first_contentful_paint", "first-contentful-paint"),
    audit("largest_contentful_paint", "largest-contentful-paint"),
    audit("total_blocking_time", "total-blocking-time"),
    audit("speed_index", "speed-index"),
    audit("cumulative_layout_shift", "cumulative-layout-shift"),
];

const fn category(metric: &'static str, key: &'static str) -> Wanted {
    Wanted {
        metric,
        key,
        category: true,
    }
}

const fn audit(metric: &'static str, key: &'static str) -> Wanted {
    Wanted {
        metric,
        key,
        category: false,
    }
}

/// What several reports say.
#[derive(Debug, Default)]
pub struct Pages {
    /// The values of each metric by page.
    values: BTreeMap<String, BTreeMap<&'static str, Vec<f64>>>,
}

impl Pages {
    /// Adds a report.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn add(&mut self, text: &str) -> Result<(), String> {
        let document =
            Document::parse(text).map_err(|flaw| format!("it is no JSON: {}", flaw.what))?;
        let root = Json::root(&document);
        // As PageSpeed Insights and some runners wrap it.
        let wrapped = ["lhr", "lighthouseResult"]
            .iter()
            .find_map(|key| root.get(key));
        let root = wrapped.unwrap_or(root);
        if !root.has("categories") || !root.has("audits") {
            return Err(
                "it is no report of Lighthouse: it has no categories and audits".to_owned(),
            );
        }
        if let Some(error) = root.get("runtimeError")
            && !matches!(error.text("code"), "" | "NO_ERROR")
        {
            return Err(format!(
                "Lighthouse could not load the page: {}",
                error.text("code")
            ));
        }
        let url = ["finalDisplayedUrl", "finalUrl", "requestedUrl"]
            .map(|key| root.text(key))
            .into_iter()
            .find(|url| !url.is_empty());
        let page = self
            .values
            .entry(url.unwrap_or_default().to_owned())
            .or_default();
        for wanted in WANTED {
            let value = if wanted.category {
                let category = root.get("categories").and_then(|all| all.get(wanted.key));
                let Some(category) = category else { continue };
                let score = category.number("score");
                let score = score.ok_or_else(|| {
                    format!("{} has no score: some audit of it failed", wanted.key)
                })?;
                Some(score * 100.0)
            } else {
                let audit = root.get("audits").and_then(|all| all.get(wanted.key));
                audit.and_then(|audit| audit.number("numericValue"))
            };
            if let Some(value) = value {
                page.entry(wanted.metric).or_default().push(value);
            }
        }
        Ok(())
    }

    /// Each metric's value: the median of a page's runs, of the page that is worst.
    pub fn worst(&self) -> BTreeMap<&'static str, f64> {
        let mut worst: BTreeMap<&'static str, f64> = BTreeMap::new();
        for values in self.values.values() {
            for (metric, runs) in values {
                let Some(value) = quantile(runs, 0.5) else {
                    continue;
                };
                let higher = metric.starts_with("lighthouse_");
                let known = worst.entry(metric).or_insert(value);
                *known = if higher {
                    known.min(value)
                } else {
                    known.max(value)
                };
            }
        }
        worst
    }

    /// Pages, and runs of them.
    pub fn counts(&self) -> (usize, usize) {
        let runs = self.values.values();
        let runs = runs.map(|page| page.values().map(Vec::len).max().unwrap_or(0));
        (self.values.len(), runs.sum())
    }
}

/// A quantile by the nearest rank; the median of an even number of values is the mean of the two in the middle.
pub fn quantile(values: &[f64], share: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let half = sorted.len() / 2;
    if sorted.len().is_multiple_of(2) && (share - 0.5).abs() < 1e-9 {
        return Some(f64::midpoint(
            *sorted.get(half.checked_sub(1)?)?,
            *sorted.get(half)?,
        ));
    }
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rank is neither negative nor large"
    )]
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(url: &str, score: &str, paint: &str) -> String {
        format!(
            r#"{{"finalDisplayedUrl": "{url}", "categories": {{"performance": {{"score": {score}}}}},
                "audits": {{"largest-contentful-paint": {{"numericValue": {paint}}}, "speed-index": {{}}}}}}"#
        )
    }

    #[test]
    fn medians_of_runs_and_the_worst_page() {
        let mut pages = Pages::default();
        for (url, score, paint) in [
            ("a", "0.9", "1000"),
            ("a", "0.5", "1100"),
            ("a", "0.91", "5000"),
            ("b", "0.8", "900"),
        ] {
            pages.add(&report(url, score, paint)).expect("good");
        }
        let worst = pages.worst();
        assert_eq!(worst["lighthouse_performance"].to_string(), "80");
        assert_eq!(worst["largest_contentful_paint"].to_string(), "1100");
        assert!(!worst.contains_key("speed_index"));
        assert_eq!(pages.counts(), (2, 4));
    }

    #[test]
    fn what_is_no_report() {
        let refused = |text: &str| Pages::default().add(text).expect_err("refused");
        assert!(refused("{").starts_with("it is no JSON"));
        assert!(refused("{}").contains("no categories"));
        assert!(refused(&report("a", "null", "1")).contains("no score"));
        assert!(
            refused(r#"{"categories": {}, "audits": {}, "runtimeError": {"code": "NO_FCP"}}"#)
                .contains("NO_FCP")
        );
    }

    #[test]
    fn quantiles() {
        assert_eq!(quantile(&[], 0.75), None);
        assert_eq!(quantile(&[3.0], 0.75), Some(3.0));
        assert_eq!(quantile(&[1.0, 2.0, 3.0, 4.0], 0.75), Some(3.0));
        assert_eq!(quantile(&[1.0, 2.0, 3.0, 4.0], 0.5), Some(2.5));
    }
}
