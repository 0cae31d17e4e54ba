//! Owns twins: findings of outside tools that a finding of qgate's own tells too. Each still counts in its own gate; the
//! score counts them once, and a report shows qgate's. Knows no tool: the rules say what they have in common.

use std::collections::BTreeMap;

use crate::base::path::RepoPath;
use crate::checkers;
use crate::model::finding::Finding;
use crate::model::rule::Rule;

/// A finding of qgate's own: its lines, its rule, its fingerprint.
struct Own {
    lines: (u32, u32),
    rule: &'static Rule,
    fingerprint: String,
}

/// Marks the findings of outside tools that share a line, and a weakness or a rule, with a finding of qgate's own that counts.
pub fn mark(findings: &mut [&mut Finding]) {
    if !findings.iter().any(|finding| finding.is_foreign()) {
        return;
    }
    let mut own: BTreeMap<RepoPath, Vec<Own>> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| finding.counts()) {
        let rule = checkers::rule(&finding.rule).filter(|rule| !rule.standards.is_empty());
        let (Some(path), Some(lines), Some(rule)) = (finding.place.path(), lines(finding), rule)
        else {
            continue;
        };
        let fingerprint = finding.fingerprint.clone();
        own.entry(path.clone()).or_default().push(Own {
            lines,
            rule,
            fingerprint,
        });
    }
    for finding in findings.iter_mut().filter(|finding| finding.is_foreign()) {
        finding.twin = twin(finding, &own);
    }
}

fn twin(finding: &Finding, own: &BTreeMap<RepoPath, Vec<Own>>) -> Option<String> {
    let (first, last) = lines(finding)?;
    let tool = finding.rule.split('/').next().unwrap_or_default();
    let every = format!("{tool}/*");
    let near = own.get(finding.place.path()?)?;
    let same = |own: &&Own| {
        let told = finding.standards.iter().any(|name| own.rule.bears(name));
        let told = told || own.rule.bears(&finding.rule) || own.rule.bears(&every);
        told && own.lines.0 <= last && first <= own.lines.1
    };
    Some(near.iter().find(same)?.fingerprint.clone())
}

/// The first and the last line of a finding in a file.
fn lines(finding: &Finding) -> Option<(u32, u32)> {
    let span = finding.place.span()?;
    Some((span.start.line, span.end.line.max(span.start.line)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::finding::Standing;
    use crate::model::place::{Place, Span};
    use crate::model::rule::Severity;

    /// Is a finding of an outside tool in this line the twin of a key that qgate found in line 7?
    fn check(theirs: &'static str, line: u32, standards: &[&str], standing: Standing) -> bool {
        let path = RepoPath::new("src/a.py").expect("a path");
        let finding = |rule: &'static str, line| {
            let place = Place::Part(path.clone(), Span::at(line, 1));
            Finding::of(rule.into(), Severity::High, place, "a key", "revoke it")
        };
        let mut own = finding("cloud-key", 7);
        own.fingerprint = "own".to_owned();
        own.standing = standing;
        let mut theirs = finding(theirs, line);
        theirs.standards = standards.iter().map(|name| (*name).to_owned()).collect();
        mark(&mut [&mut own, &mut theirs]);
        assert_eq!(own.twin, None);
        theirs.identity() == "own"
    }

    #[test]
    fn one_weakness_in_one_line_is_one_finding() {
        let counts = Standing::Counts;
        assert!(check("tool/a", 7, &["CWE-798"], counts));
        assert!(!check("tool/a", 7, &[], counts));
        assert!(check("gitleaks/a", 7, &[], counts));
        assert!(!check("tool/a", 8, &["CWE-798"], counts));
        assert!(!check("tool/a", 7, &["CWE-79"], counts));
        assert!(!check("tool/a", 7, &["CWE-798"], Standing::Waived(0)));
    }
}
