//! Owns the way from a check's evidence to its report: rule settings, fingerprints, order, counted metrics. Pure.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::base::digest::Digest;
use crate::config::plan::{PlannedCheck, RuleSetting};
use crate::model::evidence::{Completeness, Evidence};
use crate::model::fault::Fault;
use crate::model::finding::Finding;
use crate::model::metric::{Measurement, Source, Value};
use crate::model::outcome::CheckOutcome;
use crate::model::place::Place;
use crate::model::quantity::Quantity;
use crate::model::report::CheckReport;

/// The report of a check that gave evidence, after looking into `files` files.
#[must_use]
pub fn evidence(planned: &PlannedCheck, evidence: Evidence, files: usize) -> CheckReport {
    let (outcome, why) = match evidence.completeness {
        Completeness::Complete => (CheckOutcome::Complete, Vec::new()),
        Completeness::Partial(reasons) => (CheckOutcome::Partial, reasons),
        Completeness::NotApplicable(looked_for) => (CheckOutcome::NotApplicable, vec![looked_for]),
    };
    let findings = findings(planned, evidence.findings);
    let mut measurements = evidence.measurements;
    if outcome != CheckOutcome::NotApplicable {
        measurements.extend(counts(planned, &findings.iter().collect::<Vec<_>>()));
    }
    measurements.sort_by(|a, b| a.metric.cmp(&b.metric));
    let (notes, doubts) = (evidence.notes, evidence.doubts);
    let waivers = evidence.waivers;
    CheckReport {
        outcome,
        why,
        findings,
        measurements,
        doubts,
        notes,
        waivers,
        files,
        ..empty(planned)
    }
}

/// The report of a check that could not know.
#[must_use]
pub fn fault(planned: &PlannedCheck, fault: &Fault) -> CheckReport {
    let (why, cure) = (vec![fault.what.clone()], Some(fault.cure.clone()));
    CheckReport {
        outcome: CheckOutcome::of_fault(fault.kind),
        why,
        cure,
        ..empty(planned)
    }
}

/// The report of a check that was not run, and why.
#[must_use]
pub fn skipped(planned: &PlannedCheck, why: impl Into<String>) -> CheckReport {
    CheckReport {
        why: vec![why.into()],
        ..empty(planned)
    }
}

/// The report of a check that has no subject here, and what was looked for.
#[must_use]
pub fn no_subject(planned: &PlannedCheck, why: impl Into<String>) -> CheckReport {
    CheckReport {
        outcome: CheckOutcome::NotApplicable,
        why: vec![why.into()],
        ..empty(planned)
    }
}

/// Counts again what counts: neither waived findings, nor those that a gate of scope `new` does not judge.
pub fn recount(planned: &PlannedCheck, report: &mut CheckReport) {
    let (counting, others): (Vec<&Finding>, Vec<&Finding>) =
        report.findings.iter().partition(|finding| finding.counts());
    if others.is_empty() {
        return;
    }
    let known = others.iter().filter(|finding| finding.is_known()).count();
    let waived = others.len() - known;
    let counted = counts(planned, &counting);
    for counted in counted {
        let mut measurements = report.measurements.iter_mut();
        if let Some(measured) = measurements.find(|m| m.metric == counted.metric) {
            *measured = counted;
        }
    }
    if known > 0 {
        let known = crate::base::words::count(known, "finding");
        report.notes.push(format!(
            "{known} from before not judged: only what is new counts here"
        ));
    }
    if waived > 0 {
        let waived = crate::base::words::count(waived, "finding");
        report.notes.push(format!("{waived} waived"));
    }
}

fn empty(planned: &PlannedCheck) -> CheckReport {
    CheckReport {
        name: planned.name.clone(),
        checker: planned.check.name().to_owned(),
        outcome: CheckOutcome::Skipped,
        why: Vec::new(),
        cure: None,
        findings: Vec::new(),
        measurements: Vec::new(),
        doubts: Vec::new(),
        notes: Vec::new(),
        waivers: Vec::new(),
        files: 0,
    }
}

fn findings(planned: &PlannedCheck, found: Vec<Finding>) -> Vec<Finding> {
    let graded = |mut finding: Finding| match planned.rules.get(finding.rule.as_ref()) {
        // What leaves other rules open is waived where it stands; it cannot be hushed up with its rule.
        Some(RuleSetting::Off) if !finding.leaves_open.is_empty() => Some(finding),
        Some(RuleSetting::Off) => None,
        Some(RuleSetting::Graded(severity)) => {
            finding.severity = *severity;
            Some(finding)
        }
        None => Some(finding),
    };
    let mut findings: Vec<Finding> = found.into_iter().filter_map(graded).collect();
    // By place before by severity: the ordinals of equals must not change when a rule is graded otherwise.
    findings.sort_by(|a, b| {
        (&a.place, &a.rule, &a.headline, &a.anchor).cmp(&(
            &b.place,
            &b.rule,
            &b.headline,
            &b.anchor,
        ))
    });
    findings.dedup();
    let mut ordinals: BTreeMap<Digest, u32> = BTreeMap::new();
    for finding in &mut findings {
        let place = match &finding.place {
            Place::Object(name) => name.as_bytes(),
            Place::Part(path, _) | Place::File(path) => path.as_bytes(),
        };
        let same = Digest::of_parts([finding.rule.as_bytes(), place, finding.anchor.as_bytes()]);
        let ordinal = ordinals.entry(same).or_default();
        finding.fingerprint =
            Digest::of_parts([&same.as_bytes()[..], &ordinal.to_le_bytes()]).short();
        *ordinal += 1;
    }
    findings.sort_by_key(|finding| Reverse(finding.severity));
    findings
}

/// Does a metric from this source count this finding?
#[must_use]
pub fn counts_finding(source: Source, finding: &Finding) -> bool {
    source.counts(&finding.rule, finding.severity) == Some(true)
}

fn counts(planned: &PlannedCheck, findings: &[&Finding]) -> Vec<Measurement> {
    let counted = planned
        .check
        .metrics()
        .into_iter()
        .filter_map(|metric| match metric.source {
            Source::Counts(_) | Source::Grave(..) | Source::Graded(_) | Source::Standard(..) => {
                let count = findings
                    .iter()
                    .filter(|finding| counts_finding(metric.source, finding))
                    .count();
                Some(Measurement {
                    metric: metric.name,
                    value: Value::Plain(Quantity::count(count)),
                })
            }
            Source::Measured => None,
        });
    counted.collect()
}
