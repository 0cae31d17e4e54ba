//! Owns what the field calls the weaknesses found: the names of a finding, and the OWASP Top 10 of a report.

use std::collections::{BTreeMap, BTreeSet};

use crate::checkers;
use crate::model::finding::Finding;
use crate::model::report::Report;

/// The classes of the OWASP Top 10 of 2025, by the number in their id.
const OWASP: [&str; 10] = [
    "broken access control",
    "security misconfiguration",
    "software supply chain failures",
    "cryptographic failures",
    "injection",
    "insecure design",
    "authentication failures",
    "software or data integrity failures",
    "security logging and alerting failures",
    "mishandling of exceptional conditions",
];

/// What the field calls the weakness that a finding tells of: `CWE-89`, `A05:2025`, `CICD-SEC-4`.
#[must_use]
pub fn of(finding: &Finding) -> Vec<String> {
    match checkers::rule(&finding.rule) {
        // Rules of other tools stand there as well, for the sake of twins.
        Some(rule) => rule
            .standards
            .iter()
            .filter(|name| !name.contains('/'))
            .map(ToString::to_string)
            .collect(),
        None => finding.standards.clone(),
    }
}

/// How many findings that count belong to each class of the OWASP Top 10, with the class's name; those with none are left out.
#[must_use]
pub fn owasp(report: &Report) -> Vec<(&'static str, &'static str, usize)> {
    let mut classes: BTreeMap<&'static str, BTreeSet<&str>> = BTreeMap::new();
    let checks = report.gates.iter().flat_map(|gate| &gate.checks);
    for finding in checks
        .flat_map(|check| &check.findings)
        .filter(|finding| finding.counts())
    {
        let class = checkers::rule(&finding.rule).and_then(super::super::model::rule::Rule::owasp);
        if let Some(class) = class {
            classes
                .entry(class)
                .or_default()
                .insert(&finding.fingerprint);
        }
    }
    let named = classes.into_iter().filter_map(|(class, prints)| {
        let number: usize = class.get(1..3)?.parse().ok()?;
        Some((class, *OWASP.get(number.checked_sub(1)?)?, prints.len()))
    });
    named.collect()
}

/// The same in a line: `OWASP Top 10: A02:2025 security misconfiguration 1, A05:2025 injection 2`; `None` when there is none.
#[must_use]
pub fn owasp_line(report: &Report) -> Option<String> {
    let classes: Vec<String> = owasp(report)
        .into_iter()
        .map(|(class, name, count)| format!("{class} {name} {count}"))
        .collect();
    (!classes.is_empty()).then(|| format!("OWASP Top 10: {}", classes.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn classes_are_counted_once_for_each_finding() {
        let mut report = sample::report();
        report.gates.truncate(1);
        report.gates[0].checks[0].findings.truncate(1);
        report.gates[0].checks[0].findings[0].rule = "tool/rule".into();
        assert_eq!(owasp_line(&report), None);
        report.gates[0].checks[0].findings[0].rule = "cloud-key".into();
        let again = report.gates[0].clone();
        report.gates.push(again);
        let names = of(&report.gates[0].checks[0].findings[0]);
        assert_eq!(names, ["CWE-798", "A07:2025"]);
        let line = owasp_line(&report).expect("a finding of a class");
        assert_eq!(line, "OWASP Top 10: A07:2025 authentication failures 1");
    }
}
