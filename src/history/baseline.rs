//! Owns the form of `.qgate/baseline.json`: sorted, an entry on each line, so that it can be read in a review and merged by
//! git. Exact: values are fractions, and the same baseline is the same bytes.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::base::ascii;
use crate::base::path::RepoPath;
use crate::model::baseline::{Accepted, Baseline, Recorded};
use crate::model::metric::Value;
use crate::model::number::Number;
use crate::model::quantity::{Dimension, Quantity};
use crate::model::trace::{Anchor, Spot, Trace};

/// Where the baseline is written.
pub const PATH: &str = ".qgate/baseline.json";

/// The form's name and version. Fingerprints belong to it: a new way to make them is a new version.
const SCHEMA: &str = "qgate-baseline/1";

#[derive(Deserialize)]
struct Version {
    schema: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "schema")]
    _schema: String,
    findings: Vec<Entry>,
    values: Vec<ValueEntry>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Entry {
    /// `gate.check`
    check: String,
    rule: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    /// In hexadecimal, where the path is no UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    path_bytes: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    anchor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thin: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    headline: Option<String>,
    /// How much it is, where more is worse.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<u64>,
    count: usize,
    since: String,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ValueEntry {
    gate: String,
    metric: String,
    /// Of a share.
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    whole: Option<u64>,
    /// Of anything else: `12`, `1/3`, in the dimension's base unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dimension: Option<Dimension>,
    since: String,
}

/// The baseline as a file.
#[must_use]
pub fn render(baseline: &Baseline) -> String {
    let findings: Vec<String> = baseline
        .findings
        .iter()
        .map(|((check, trace), accepted)| line(&entry(check, trace, *accepted)))
        .collect();
    let values: Vec<String> = baseline
        .values
        .iter()
        .map(|((gate, metric), recorded)| line(&value_entry(gate, metric, *recorded)))
        .collect();
    format!(
        "{{\n  \"schema\": \"{SCHEMA}\",\n  \"findings\": {},\n  \"values\": {}\n}}\n",
        list(&findings),
        list(&values)
    )
}

fn line(entry: &impl Serialize) -> String {
    ascii::json(&serde_json::to_string(entry).expect("an entry has text keys only"))
}

fn list(lines: &[String]) -> String {
    if lines.is_empty() {
        return "[]".to_owned();
    }
    format!("[\n    {}\n  ]", lines.join(",\n    "))
}

fn entry(check: &str, trace: &Trace, accepted: Accepted) -> Entry {
    let mut entry = Entry {
        check: check.to_owned(),
        rule: trace.rule.clone(),
        amount: trace.amount,
        count: accepted.count,
        since: accepted.since.to_string(),
        ..Entry::default()
    };
    match &trace.spot {
        Spot::Object(name) => entry.object = Some(name.clone()),
        Spot::Path(path) => match std::str::from_utf8(path.as_bytes()) {
            Ok(text) => entry.path = Some(text.to_owned()),
            Err(_) => entry.path_bytes = Some(ascii::hex(path.as_bytes())),
        },
    }
    let digest = Some(trace.anchor.digest().to_owned());
    match &trace.anchor {
        Anchor::Content(_) => entry.anchor = digest,
        Anchor::Thin(_) => entry.thin = digest,
        Anchor::Headline(_) => entry.headline = digest,
    }
    entry
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pair = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
    text.len()
        .is_multiple_of(2)
        .then(|| (0..text.len()).step_by(2).map(pair).collect())?
}

fn value_entry(gate: &str, metric: &str, recorded: Recorded) -> ValueEntry {
    let mut entry = ValueEntry {
        gate: gate.to_owned(),
        metric: metric.to_owned(),
        since: recorded.since.to_string(),
        ..ValueEntry::default()
    };
    match recorded.value {
        Value::Ratio { part, whole } => {
            entry.part = Some(part);
            entry.whole = Some(whole);
        }
        Value::Plain(quantity) => {
            entry.value = Some(quantity.number.exact());
            entry.dimension = Some(quantity.dimension);
        }
    }
    entry
}

/// Reads a baseline.
///
/// # Errors
/// Says what is wrong and where; a baseline is read whole or not at all.
pub fn read(bytes: &[u8]) -> Result<Baseline, String> {
    let version: Version = serde_json::from_slice(bytes).map_err(|problem| {
        let line = problem.line();
        let text = String::from_utf8_lossy(bytes);
        let is_conflict = ["<<<<<<< ", ">>>>>>> "];
        let conflict = text
            .lines()
            .any(|l| is_conflict.iter().any(|mark| l.starts_with(mark)));
        if conflict {
            "a merge left its conflict markers in it".to_owned()
        } else {
            format!("line {line}: {problem}")
        }
    })?;
    if version.schema != SCHEMA {
        return Err(format!(
            "it is of the form `{}`, and this qgate reads `{SCHEMA}`",
            version.schema
        ));
    }
    let file: File = serde_json::from_slice(bytes).map_err(|problem| problem.to_string())?;
    let mut findings: BTreeMap<(String, Trace), Accepted> = BTreeMap::new();
    for entry in file.findings {
        let what = format!(
            "an entry of check `{}` and rule `{}`",
            entry.check, entry.rule
        );
        let (key, accepted) = finding(entry).ok_or_else(|| format!("{what} is not complete"))?;
        // Two branches that were merged may both have it.
        let slot = findings.entry(key).or_insert(accepted);
        slot.count = slot.count.max(accepted.count);
        slot.since = slot.since.min(accepted.since);
    }
    let mut values = BTreeMap::new();
    for entry in file.values {
        let what = format!("the value `{}` of gate `{}`", entry.metric, entry.gate);
        let (key, recorded) = value(entry).ok_or_else(|| format!("{what} is not complete"))?;
        if values.insert(key, recorded).is_some() {
            return Err(format!("{what} stands there twice"));
        }
    }
    Ok(Baseline { findings, values })
}

fn finding(entry: Entry) -> Option<((String, Trace), Accepted)> {
    let spot = match (entry.path, entry.path_bytes, entry.object) {
        (Some(path), None, None) => Spot::Path(RepoPath::new(path)?),
        (None, Some(bytes), None) => Spot::Path(RepoPath::new(unhex(&bytes)?)?),
        (None, None, Some(name)) => Spot::Object(name),
        _ => return None,
    };
    let anchor = match (entry.anchor, entry.thin, entry.headline) {
        (Some(digest), None, None) => Anchor::Content(digest),
        (None, Some(digest), None) => Anchor::Thin(digest),
        (None, None, Some(digest)) => Anchor::Headline(digest),
        _ => return None,
    };
    let accepted = Accepted {
        count: entry.count,
        since: entry.since.parse().ok()?,
    };
    let trace = Trace {
        rule: entry.rule,
        spot,
        anchor,
        amount: entry.amount,
    };
    let is_whole = entry.check.contains('.') && !trace.rule.is_empty() && accepted.count > 0;
    is_whole.then_some(((entry.check, trace), accepted))
}

fn value(entry: ValueEntry) -> Option<((String, String), Recorded)> {
    let value = match (entry.part, entry.whole, entry.value, entry.dimension) {
        (Some(part), Some(whole), None, None) => Value::ratio(part, whole)?,
        (None, None, Some(text), Some(dimension)) => Value::Plain(Quantity {
            number: Number::parse_exact(&text)?,
            dimension,
        }),
        _ => return None,
    };
    let since: Date = entry.since.parse().ok()?;
    let key = (entry.gate, entry.metric);
    (!key.0.is_empty() && !key.1.is_empty()).then_some((key, Recorded { value, since }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use insta::assert_snapshot;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn trace(rule: &str, spot: Spot, anchor: Anchor) -> Trace {
        Trace {
            rule: rule.to_owned(),
            spot,
            anchor,
            amount: None,
        }
    }

    fn path(bytes: &[u8]) -> Spot {
        Spot::Path(RepoPath::new(bytes).expect("a path"))
    }

    fn sample() -> Baseline {
        let since = date(2026, 11, 25);
        let traces = [
            trace("r", path(b"a.md"), Anchor::Content("91f2".to_owned())),
            trace(
                "r",
                path("za\u{17c}##[x".as_bytes()),
                Anchor::Thin("aa".to_owned()),
            ),
            trace("r", path(b"\xff"), Anchor::Headline("bb".to_owned())),
            trace(
                "t/x",
                Spot::Object("commit 1".to_owned()),
                Anchor::Headline("cc".to_owned()),
            ),
        ];
        let findings = traces
            .into_iter()
            .zip(1..)
            .map(|(trace, count)| (("g.c".to_owned(), trace), Accepted { count, since }));
        let third = Quantity {
            number: Number::ratio(-1, 3).expect("3 is not 0"),
            dimension: Dimension::Time,
        };
        let values = [
            ("cov", Value::Ratio { part: 1, whole: 3 }),
            ("p95", Value::Plain(third)),
        ];
        let values = values.into_iter().map(|(metric, value)| {
            (
                ("g".to_owned(), metric.to_owned()),
                Recorded { value, since },
            )
        });
        Baseline {
            findings: findings.collect(),
            values: values.collect(),
        }
    }

    #[test]
    fn an_entry_on_each_line() {
        let text = render(&sample());
        assert_eq!(read(text.as_bytes()), Ok(sample()));
        assert_snapshot!(text);
        let empty = render(&Baseline::default());
        assert_eq!(read(empty.as_bytes()), Ok(Baseline::default()));
    }

    fn check(text: &str, expected: &str) {
        let problem = read(text.as_bytes()).expect_err("it is wrong");
        assert!(problem.contains(expected), "{problem}");
    }

    #[test]
    fn what_is_wrong_is_said() {
        let good = render(&sample());
        check("", "line 1");
        check(
            &good.replace("baseline/1", "baseline/2"),
            "`qgate-baseline/2`",
        );
        check(
            &good.replace("\"count\":1", "\"count\":0"),
            "rule `r` is not complete",
        );
        check(
            &good.replace("\"count\":1", "\"line\":1"),
            "unknown field `line`",
        );
        check(
            &good.replace("\"whole\":3", "\"whole\":0"),
            "`cov` of gate `g` is not complete",
        );
        check("<<<<<<< HEAD\n", "conflict markers");
    }

    proptest! {
        #[test]
        fn any_bytes_end(bytes: Vec<u8>) {
            let _ = read(&bytes);
        }

        #[test]
        fn any_number_comes_back(n: i64, d in 1_i64..) {
            let number = Number::ratio(n.into(), d.into()).expect("d is not 0");
            prop_assert_eq!(Number::parse_exact(&number.exact()), Some(number));
        }
    }
}
