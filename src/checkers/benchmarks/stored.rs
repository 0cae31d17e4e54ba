//! Owns the comparison of reports with accepted results. Weaker than base and head side by side: see `detect::history`.

use std::collections::BTreeMap;

use crate::base::path::RepoPath;
use crate::base::words::count;
use crate::check::Cx;
use crate::check::machine::Snapshot;
use crate::check::options::Glob;
use crate::model::evidence::Evidence;
use crate::model::fault::{Fault, FaultKind};
use crate::model::finding::Finding;

use super::accepted::{Accepted, Series};
use super::compare::{self, badness, place};
use super::detect::history::{self, Verdict};
use super::gather::{Gathered, LARGEST, gather};
use super::options::{Options, real};
use super::read::Hints;
use super::record::Record;
use super::{MISSING, THRESHOLD, tell_open};

/// The results that the option `reports` names.
///
/// # Errors
/// When there is none, or one cannot be used.
pub fn results(options: &Options, cx: &Cx<'_>) -> Result<Gathered, Fault> {
    let found = cx.ports.artifacts.find(&options.reports)?;
    let files = found.into_iter().filter(|file| !file.folder);
    let files: BTreeMap<String, RepoPath> = files
        .map(|file| {
            (
                String::from_utf8_lossy(file.path.as_bytes()).into_owned(),
                file.path,
            )
        })
        .collect();
    let paths: Vec<String> = files.keys().cloned().collect();
    if paths.is_empty() {
        let globs: Vec<&str> = options.reports.iter().map(Glob::as_str).collect();
        return Err(Fault::new(
            FaultKind::Missing,
            format!("there is no benchmark report at `{}`", globs.join("`, `")),
            "run the benchmarks first, and see where they write their results",
        ));
    }
    let mut load = |path: &str| {
        if let Some(path) = files.get(path) {
            return cx.ports.artifacts.read(path, LARGEST).map(Some);
        }
        // A sibling that the globs need not match.
        let read =
            RepoPath::new(path.as_bytes()).map(|path| cx.ports.artifacts.read(&path, LARGEST));
        read.transpose().or_else(|fault| match fault.kind {
            FaultKind::Missing => Ok(None),
            _ => Err(fault),
        })
    };
    gather(&paths, &mut load, Hints::default(), &options.wishes())
}

/// Thresholds that the tool judged and that did not hold.
pub fn thresholds(gathered: &Gathered) -> impl Iterator<Item = Finding> {
    let crossed = gathered.thresholds.iter().filter(|(one, _)| !one.held);
    crossed.map(|(one, path)| {
        let headline = format!(
            "the threshold `{}` of {} was crossed",
            one.expression, one.metric
        );
        let help = format!("see {path} for the values, and make it faster or move the threshold");
        let anchor = format!("{} {}", one.metric, one.expression);
        Finding::new(&THRESHOLD, place(&one.metric), headline, help).anchored(anchor)
    })
}

/// Compares results with those accepted in the file `baseline`.
///
/// # Errors
/// When the file is not there or cannot be understood.
pub fn compare(
    options: &Options,
    baseline: &str,
    gathered: &Gathered,
    cx: &Cx<'_>,
    evidence: &mut Evidence,
) -> Result<(), Fault> {
    let accepted = accepted(baseline, cx)?;
    let machine = cx.ports.machine.snapshot(&gathered.tools());
    let Some(known) = accepted.series(&machine) else {
        evidence.partial(not_comparable(&accepted, &machine));
        return Ok(());
    };
    let wishes = options.wishes();
    let judged = gathered
        .records
        .values()
        .filter(|(record, _)| wishes.judges(record));
    let judged: Vec<&(Record, String)> = judged.collect();
    let mut open = Vec::new();
    for (record, path) in &judged {
        let key = record.key();
        match known.get(&key) {
            None => evidence
                .notes
                .push(format!("{key}: new, {baseline} has nothing of it")),
            Some(series) if series.unit != record.unit => open.push(format!(
                "{key}: it is in `{}` now and was accepted in `{}`",
                record.unit, series.unit
            )),
            Some(_) if record.better.is_none() => open.push(format!(
                "{key}: nobody knows which way is better; name it in `better`"
            )),
            Some(series) => one(options, record, path, series, evidence, &mut open),
        }
    }
    for (key, series) in known {
        let here = gathered.records.contains_key(key);
        if !here && is_judged_key(options, key) {
            evidence.findings.push(missing(key, baseline, series));
        }
    }
    tell_open(options, open, evidence);
    Ok(())
}

/// Is the metric that a key ends in one that is asked for?
fn is_judged_key(options: &Options, key: &str) -> bool {
    let metric = key.rsplit(' ').next().unwrap_or(key);
    let record = Record::new("", "", metric, "", 0.0);
    options.wishes().judges(&record)
}

fn missing(key: &str, baseline: &str, series: &Series) -> Finding {
    let headline = format!("`{key}` has no result any more");
    let help = format!(
        "run it again, or take it out of {baseline}, which has {} of it",
        count(series.values.len(), "value")
    );
    Finding::new(&MISSING, place(key), headline, help).anchored(key)
}

fn one(
    options: &Options,
    record: &Record,
    path: &str,
    series: &Series,
    evidence: &mut Evidence,
    open: &mut Vec<String>,
) {
    if record.is_exact() {
        let limit = real(options.counter_growth);
        let before = series.values.last().copied().unwrap_or(f64::NAN);
        if !before.is_finite() {
            open.push(format!("{}: no value is accepted", record.key()));
        } else if compare::rose(record, before, record.value, limit) {
            evidence
                .findings
                .push(compare::of_count(record, before, limit));
        }
        return;
    }
    let max_regression = real(options.max_regression);
    let before: Vec<f64> = series
        .values
        .iter()
        .map(|&value| badness(record, value))
        .collect();
    let judged = history::judge(&before, badness(record, record.value), max_regression);
    let said = || compare::history_said(&record.key(), &judged, max_regression);
    match judged.verdict {
        Verdict::Fail => evidence
            .findings
            .push(compare::of_history(record, path, &judged)),
        Verdict::Pass => evidence.notes.push(said()),
        Verdict::TooNoisy | Verdict::Learning | Verdict::Invalid => open.push(said()),
    }
}

fn accepted(baseline: &str, cx: &Cx<'_>) -> Result<Accepted, Fault> {
    let path = RepoPath::new(baseline.as_bytes());
    let bytes = path
        .ok_or_else(|| no_baseline(baseline))
        .and_then(|path| cx.ports.artifacts.read(&path, LARGEST));
    let bytes = bytes.map_err(|fault| match fault.kind {
        FaultKind::Missing if fault.what.contains("not there") => no_baseline(baseline),
        _ => fault,
    })?;
    Accepted::read(&bytes).map_err(|why| {
        Fault::new(
            FaultKind::Unparsable,
            format!("the accepted results in {baseline} cannot be read: {why}"),
            "mend the file, or make it anew with `qgate benchmarks accept`",
        )
    })
}

fn no_baseline(baseline: &str) -> Fault {
    Fault::new(
        FaultKind::Missing,
        format!("no results are accepted: there is no {baseline}"),
        format!(
            "accept some with `qgate benchmarks accept --baseline {baseline} REPORT`, or compare base and head with `ab`"
        ),
    )
}

fn not_comparable(accepted: &Accepted, machine: &Snapshot) -> String {
    let differences = accepted.differences(machine);
    let differences = if differences.is_empty() {
        "nothing is accepted on any machine".to_owned()
    } else {
        differences.join("; ")
    };
    format!(
        "not comparable: no results are accepted on a machine like this one, class {} ({differences})",
        machine.class_id()
    )
}
