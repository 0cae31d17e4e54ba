//! Owns the findings of a whole report, each once although several gates may have it, and where each is shown.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::base::path::RepoPath;
use crate::model::finding::Finding;
use crate::model::gate::{FailureAction, Level, Scope};
use crate::model::outcome::GateOutcome;
use crate::model::place::{Place, Span};
use crate::model::report::{GateReport, Report};
use crate::model::rule::Severity;

/// How much something weighs in this run. The order is from harmless to grave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Worth knowing: within the limits, or about the configuration.
    Notice,
    /// It does not decide.
    Warning,
    /// It is why the verdict is not "pass".
    Error,
}

impl Weight {
    /// What a gate's end weighs.
    #[must_use]
    pub fn of_gate(gate: &GateReport) -> Self {
        let decides = gate.level == Level::Mandatory && gate.failure_action != FailureAction::Warn;
        match gate.outcome {
            GateOutcome::Failed | GateOutcome::NeedsApproval | GateOutcome::Unknown if decides => {
                Self::Error
            }
            GateOutcome::Failed
            | GateOutcome::NeedsApproval
            | GateOutcome::Unknown
            | GateOutcome::Warned
            | GateOutcome::Approved
            | GateOutcome::Bypassed => Self::Warning,
            GateOutcome::Passed | GateOutcome::NotApplicable | GateOutcome::NotConfigured => {
                Self::Notice
            }
        }
    }
}

/// Whether a finding was there before. The order is from what excuses to what does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Age {
    /// It was there before: the base or the baseline has it too.
    Known,
    /// It was not.
    New,
}

impl Age {
    fn of(finding: &Finding, gate: &GateReport) -> Option<Self> {
        match gate.scope {
            Scope::All => None,
            Scope::New if finding.is_known() => Some(Self::Known),
            Scope::New => Some(Self::New),
        }
    }
}

/// A finding with the gates that have it.
#[derive(Debug)]
pub struct Found<'a> {
    /// The finding.
    pub finding: &'a Finding,
    /// The worst severity that a gate gives it.
    pub severity: Severity,
    /// Whether it was there before; `None` when no gate that has it compared it.
    pub age: Option<Age>,
    /// The gates that have it, in their order; at least one.
    pub gates: Vec<&'a GateReport>,
    /// What outside tools say of the same.
    pub twins: Vec<&'a Finding>,
}

/// Where a finding is shown.
#[derive(Debug, PartialEq, Eq)]
pub struct Shown<'a> {
    /// The file.
    pub path: RepoPath,
    /// The part of it, if it is known.
    pub span: Option<Span>,
    /// What the finding is really at, when that is no file: a commit, a URL. The file is then the gate file.
    pub object: Option<&'a str>,
}

/// All findings that count: worst first, those that decide before those that do not, then by place.
#[must_use]
pub fn all(report: &Report) -> Vec<Found<'_>> {
    collect(report, Finding::counts)
}

/// All findings but waived ones: first those of [`all`], then those that were there before.
#[must_use]
pub fn with_known(report: &Report) -> Vec<Found<'_>> {
    let mut found = collect(report, |finding| finding.counts() || finding.is_known());
    found.sort_by_key(|found| found.age == Some(Age::Known));
    found
}

fn collect(report: &Report, wanted: impl Fn(&Finding) -> bool) -> Vec<Found<'_>> {
    let mut found: BTreeMap<_, Found<'_>> = BTreeMap::new();
    for gate in &report.gates {
        let findings = gate.checks.iter().flat_map(|check| &check.findings);
        for finding in findings.filter(|finding| wanted(finding)) {
            let key = (
                &finding.place,
                &finding.rule,
                &finding.headline,
                &finding.fingerprint,
            );
            let entry = found.entry(key).or_insert_with(|| Found {
                finding,
                severity: finding.severity,
                age: None,
                gates: Vec::new(),
                twins: Vec::new(),
            });
            entry.age = entry.age.max(Age::of(finding, gate));
            entry.severity = entry.severity.max(finding.severity);
            if entry.gates.last().is_none_or(|last| last.id != gate.id) {
                entry.gates.push(gate);
            }
        }
    }
    let mut found: Vec<Found<'_>> = found.into_values().collect();
    join_twins(&mut found);
    found.sort_by_key(|found| (Reverse(found.severity), Reverse(found.weight())));
    found
}

/// What an outside tool tells as well is shown once, as qgate's own finding, with the gates of both.
fn join_twins(found: &mut Vec<Found<'_>>) {
    let own: BTreeMap<String, usize> = found
        .iter()
        .enumerate()
        .filter(|(_, found)| found.finding.twin.is_none())
        .map(|(at, found)| (found.finding.fingerprint.clone(), at))
        .collect();
    let of = |finding: &Finding| own.get(finding.twin.as_ref()?).copied();
    let (twins, mut rest): (Vec<_>, Vec<_>) =
        (found.drain(..).enumerate()).partition(|(_, found)| of(found.finding).is_some());
    for (_, twin) in twins {
        let at =
            of(twin.finding).and_then(|own| rest.binary_search_by_key(&own, |(at, _)| *at).ok());
        let (_, own) = &mut rest[at.expect("what a finding is a twin of has no twin")];
        own.severity = own.severity.max(twin.severity);
        own.age = own.age.max(twin.age);
        own.twins.push(twin.finding);
        let known = |gate: &&GateReport| own.gates.iter().any(|known| known.id == gate.id);
        let more: Vec<_> = twin.gates.into_iter().filter(|gate| !known(gate)).collect();
        own.gates.extend(more);
    }
    found.extend(rest.into_iter().map(|(_, found)| found));
}

impl<'a> Found<'a> {
    /// The most that it weighs in a gate which has it: as much as the gate when it broke a criterion; else no more than
    /// a warning, and as a nuisance, or when the base has it too, no more than a notice.
    #[must_use]
    pub fn weight(&self) -> Weight {
        let in_gate = |gate: &GateReport| {
            let of_gate = Weight::of_gate(gate);
            let mut prints = std::iter::once(self.finding).chain(self.twins.iter().copied());
            if prints.any(|finding| gate.decisive.contains(&finding.fingerprint)) {
                of_gate
            } else if self.finding.severity >= Severity::Medium && self.age != Some(Age::Known) {
                of_gate.min(Weight::Warning)
            } else {
                Weight::Notice
            }
        };
        let weights = self.gates.iter().map(|gate| in_gate(gate));
        weights.max().unwrap_or(Weight::Notice)
    }

    /// Where it is shown. What is at no file is shown at the gate that asked for it: some readers refuse a whole report
    /// for one result without a file.
    #[must_use]
    pub fn shown(&self, report: &Report) -> Shown<'a> {
        match &self.finding.place {
            Place::Part(path, span) => Shown {
                path: path.clone(),
                span: Some(*span),
                object: None,
            },
            Place::File(path) => Shown {
                path: path.clone(),
                span: None,
                object: None,
            },
            Place::Object(name) => {
                let (path, line) =
                    origin(report, self.gates.first().map_or("", |gate| &gate.origin));
                Shown {
                    path,
                    span: Some(Span::at(line, 1)),
                    object: Some(name),
                }
            }
        }
    }
}

/// Where something was written in a gate file of the repository, as path and line; the first line of the root gate file,
/// where it would be changed, when it comes from a pack.
#[must_use]
pub fn origin(report: &Report, text: &str) -> (RepoPath, u32) {
    let own = || {
        let (path, line) = text.rsplit_once(':')?;
        let line = line.parse().ok().filter(|line| *line > 0)?;
        Some((gate_file(path)?, line))
    };
    own().unwrap_or_else(|| {
        let mut sources = report.subject.configuration.iter().rev();
        let root = sources.find_map(|source| gate_file(source));
        let root = root.or_else(|| RepoPath::new("qgate.yaml"));
        (root.expect("it is a path"), 1)
    })
}

/// The path of a gate file, if this is one inside the repository.
fn gate_file(name: &str) -> Option<RepoPath> {
    let path = RepoPath::new(name).filter(|_| !name.contains('\\'))?;
    matches!(path.extension(), Some(b"yaml" | b"yml")).then_some(path)
}

/// The reasons of the verdict that no gate explains: a score below its minimum, no gate at all.
#[must_use]
pub fn beyond_gates(report: &Report) -> &[String] {
    let decisive = |outcome| {
        let mut gates = report.gates.iter();
        gates.any(|gate| gate.outcome == outcome && Weight::of_gate(gate) == Weight::Error)
    };
    let outcomes = [
        GateOutcome::Failed,
        GateOutcome::NeedsApproval,
        GateOutcome::Unknown,
    ];
    let of_gates = outcomes.into_iter().filter(|o| decisive(*o)).count();
    report.reasons.get(of_gates..).unwrap_or_default()
}

/// The last line and column of a span that are in it, and not behind it.
#[must_use]
pub fn last(span: Span) -> (u32, u32) {
    let (start, end) = (span.start, span.end);
    if end.line > start.line && end.column <= 1 {
        // How long the line before is, nobody says.
        let same = end.line - 1 == start.line;
        (end.line - 1, if same { start.column } else { 1 })
    } else if end.line > start.line {
        (end.line, end.column - 1)
    } else {
        let column = end.column.saturating_sub(1);
        (start.line, column.max(start.column))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::finding::Standing;
    use crate::report::sample;

    fn check(configuration: &str, given: &str, expected: &str) {
        let mut report = sample::report();
        report.subject.configuration = vec!["pack x".to_owned(), configuration.to_owned()];
        let (path, line) = origin(&report, given);
        assert_eq!(format!("{path}:{line}"), expected);
    }

    #[test]
    fn origins() {
        check("qgate.yaml", "gates/own.yaml:12", "gates/own.yaml:12");
        check("qgate.yaml", "pack recommended:12", "qgate.yaml:1");
        check(".qgate/qgate.yaml", "pack x:12", ".qgate/qgate.yaml:1");
        check(".qgate/qgate.yaml", "../x.yaml:3", ".qgate/qgate.yaml:1");
        check("no configuration", "", "qgate.yaml:1");
        check("/etc/qgate.yaml", "", "qgate.yaml:1");
    }

    #[test]
    fn a_finding_of_two_gates_is_one_finding() {
        let mut report = sample::report();
        let before = all(&report).len();
        let mut again = report.gates[0].clone();
        again.id = "again".to_owned();
        report.gates.push(again);
        let found = all(&report);
        assert_eq!(found.len(), before);
        assert!(found.iter().all(|found| found.gates.len() == 2));
        assert_eq!(found[0].severity, Severity::Critical);
        assert_eq!(found[0].weight(), Weight::Warning);
        let print = report.gates[0].checks[0].findings[0].fingerprint.clone();
        report.gates[0].decisive.insert(print);
        assert_eq!(all(&report)[0].weight(), Weight::Error);
    }

    #[test]
    fn what_an_outside_tool_tells_too_is_shown_once() {
        let mut report = sample::report();
        let own = report.gates[0].checks[0].findings[0].clone();
        let mut other = report.gates[0].clone();
        other.id = "outside".to_owned();
        other.checks.truncate(1);
        other.checks[0].findings = vec![Finding {
            rule: "tool/rule".into(),
            headline: "the same".to_owned(),
            fingerprint: "theirs".to_owned(),
            twin: Some(own.fingerprint.clone()),
            ..own.clone()
        }];
        other.decisive = ["theirs".to_owned()].into();
        let before = all(&report).len();
        report.gates.push(other);
        let found = all(&report);
        assert_eq!(found.len(), before);
        let same = found
            .iter()
            .find(|f| f.finding.fingerprint == own.fingerprint);
        let same = same.expect("qgate's own is shown");
        assert_eq!((same.gates.len(), same.twins.len()), (2, 1));
        assert_eq!(same.weight(), Weight::of_gate(same.gates[1]));
    }

    #[test]
    fn what_one_gate_calls_new_is_new() {
        let ages = |known: [bool; 2], scope: [Scope; 2]| {
            let mut report = sample::report();
            report.gates.truncate(1);
            report.gates.push(report.gates[0].clone());
            for ((gate, known), scope) in report.gates.iter_mut().zip(known).zip(scope) {
                gate.scope = scope;
                gate.checks[0].findings.truncate(1);
                if known {
                    gate.checks[0].findings[0].standing = Standing::OnBase;
                }
            }
            (with_known(&report)[0].age, all(&report).len())
        };
        let (whole, new) = (Scope::All, Scope::New);
        assert_eq!(ages([true, false], [new, new]), (Some(Age::New), 1));
        assert_eq!(ages([true, true], [new, new]), (Some(Age::Known), 0));
        assert_eq!(ages([true, false], [new, whole]), (Some(Age::Known), 1));
        assert_eq!(ages([false, false], [whole, whole]), (None, 1));
    }

    #[test]
    fn what_no_gate_explains_is_known() {
        let mut report = sample::report();
        assert_eq!(beyond_gates(&report), [] as [String; 0]);
        report.reasons.push("the score is too low".to_owned());
        assert_eq!(beyond_gates(&report), ["the score is too low"]);
    }
}
