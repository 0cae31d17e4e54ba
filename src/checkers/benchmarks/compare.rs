//! Owns the words about a comparison: findings and notes of verdicts. Runs nothing.

use crate::model::finding::Finding;
use crate::model::place::Place;

use super::REGRESSION;
use super::detect::{self, history};
use super::record::{Record, shown};

/// A share as people read it: `+4.2%`.
pub fn percent(share: f64) -> String {
    if share.is_finite() {
        format!("{:+.1}%", share * 100.0)
    } else {
        "unknown".to_owned()
    }
}

/// The place of a benchmark.
pub fn place(title: &str) -> Place {
    Place::Object(format!("benchmark {title}"))
}

/// What a verdict on pairs says.
pub fn pairs_said(key: &str, judged: &detect::Judged) -> String {
    let verdict = match judged.verdict {
        detect::Verdict::Fail => "worse",
        detect::Verdict::Pass => "no regression",
        detect::Verdict::Inconclusive => "inconclusive",
        detect::Verdict::TooFew => "too few pairs",
        detect::Verdict::Invalid => "a value is no positive number",
    };
    let mut said = format!("{key}: {verdict}");
    if judged.shift.is_finite() {
        said += &format!(
            "; shift {}, at most {} at 99% confidence, {} pairs",
            percent(judged.shift),
            percent(judged.upper),
            judged.pairs
        );
    }
    if judged.p.is_finite() {
        let p = if judged.p < 0.0001 {
            "p < 0.0001".to_owned()
        } else {
            format!("p = {:.4}", judged.p)
        };
        said += &format!(", {p} of {:.4} allowed", judged.allowed);
    }
    said
}

/// A regression that pairs show.
pub fn of_pairs(record: &Record, (base, head): (f64, f64), judged: &detect::Judged) -> Finding {
    let key = record.key();
    let headline = format!(
        "`{key}` is {} worse: {} here, {} on the base",
        percent(judged.shift).trim_start_matches('+'),
        shown(head, &record.unit),
        shown(base, &record.unit)
    );
    let help = format!(
        "look at what the change does there; {}",
        pairs_said("the pairs say", judged)
    );
    Finding::new(&REGRESSION, place(&record.title()), headline, help).anchored(key)
}

/// A count that rose.
pub fn of_count(record: &Record, before: f64, limit: f64) -> Finding {
    let key = record.key();
    let headline = format!(
        "`{key}` is {} now and was {}",
        shown(record.value, &record.unit),
        shown(before, &record.unit)
    );
    let help = format!(
        "look at what the change does there; the program alone decides this count, and it may grow by {:.1}%",
        limit * 100.0
    );
    Finding::new(&REGRESSION, place(&record.title()), headline, help).anchored(key)
}

/// A regression against accepted values.
pub fn of_history(record: &Record, report: &str, judged: &history::Judged) -> Finding {
    let key = record.key();
    let headline = format!(
        "`{key}` is {} worse: {} now, {} in the median of {} accepted values",
        percent(judged.shift).trim_start_matches('+'),
        shown(record.value, &record.unit),
        shown(median(record, judged), &record.unit),
        judged.n
    );
    let help = format!(
        "measure again, and accept it with `qgate benchmarks accept --anew` if it is meant; from {report}, noise {:.1}%, limit {}",
        judged.noise * 100.0,
        percent(judged.limit)
    );
    Finding::new(&REGRESSION, place(&record.title()), headline, help).anchored(key)
}

/// The median in the record's own unit: where more is better it was judged upside down.
fn median(record: &Record, judged: &history::Judged) -> f64 {
    if is_higher(record) {
        judged.median.recip()
    } else {
        judged.median
    }
}

/// What accepted values say, where that is no regression.
pub fn history_said(key: &str, judged: &history::Judged, max_regression: f64) -> String {
    match judged.verdict {
        history::Verdict::Learning => format!(
            "{key}: {} of {} accepted values are there; until then nothing can be said",
            judged.n,
            history::FEWEST
        ),
        history::Verdict::TooNoisy => format!(
            "{key}: the series is too noisy to gate at {:.1}% (noise {:.1}%); shift {}",
            max_regression * 100.0,
            judged.noise * 100.0,
            percent(judged.shift)
        ),
        history::Verdict::Invalid => format!("{key}: a value is no positive number"),
        history::Verdict::Pass | history::Verdict::Fail => format!(
            "{key}: shift {} against the median of {}, limit {}, noise {:.1}%",
            percent(judged.shift),
            judged.n,
            percent(judged.limit),
            judged.noise * 100.0
        ),
    }
}

/// Is more better?
pub fn is_higher(record: &Record) -> bool {
    record.better == Some(crate::model::metric::Better::Higher)
}

/// A value that is worse the larger it is.
pub fn badness(record: &Record, value: f64) -> f64 {
    if is_higher(record) {
        value.recip()
    } else {
        value
    }
}

/// Did a count get worse by more than `limit`?
pub fn rose(record: &Record, before: f64, now: f64, limit: f64) -> bool {
    if is_higher(record) {
        now < before * (1.0 - limit)
    } else {
        now > before * (1.0 + limit)
    }
}
