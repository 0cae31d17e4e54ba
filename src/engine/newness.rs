//! Owns what is new: findings of a check that it does not report on the base tree, matched one to one. Pure.
//!
//! The cascade: the same rule, path and anchor; then the same in the file that this one was renamed from; then the same
//! rule and anchor of a line that moved to another file. Line numbers never count. An outside tool cannot be run on the
//! base: what it finds is new where the line, or else the file, was changed.

use std::collections::BTreeMap;

use crate::base::path::RepoPath;
use crate::model::finding::Finding;
use crate::model::place::Place;
use crate::source::diff::Diff;

/// How near two findings are to each other.
#[derive(Clone, Copy)]
enum Match {
    SamePlace,
    Renamed,
    Moved,
}

/// Marks the findings that the base has too.
pub fn by_base(findings: &mut [Finding], base: &[Finding], diff: &Diff) {
    let mut left: Vec<&Finding> = base.iter().collect();
    for level in [Match::SamePlace, Match::Renamed, Match::Moved] {
        let (known, unmatched) = pair(findings, left, level, diff);
        left = unmatched;
        for at in known {
            findings[at].known = true;
        }
    }
}

/// Pairs the findings that are not known yet with those of the base that are left: the positions of the former that found
/// a partner, and what is left of the latter.
fn pair<'b>(
    findings: &[Finding],
    base: Vec<&'b Finding>,
    level: Match,
    diff: &Diff,
) -> (Vec<usize>, Vec<&'b Finding>) {
    let mut waiting: BTreeMap<Key<'_>, Vec<&'b Finding>> = BTreeMap::new();
    let mut left = Vec::new();
    for finding in base {
        match key(finding, level, None) {
            Some(key) => waiting.entry(key).or_default().push(finding),
            None => left.push(finding),
        }
    }
    let mut known = Vec::new();
    for (at, finding) in findings.iter().enumerate().filter(|(_, f)| !f.known) {
        let partners = key(finding, level, Some(diff)).and_then(|key| waiting.get_mut(&key));
        if partners.and_then(Vec::pop).is_some() {
            known.push(at);
        }
    }
    left.extend(waiting.into_values().flatten());
    (known, left)
}

/// What must be equal: rule, place and anchor.
type Key<'f> = (&'f str, &'f [u8], &'f str);

/// The key of a finding on one level; `diff` tells renames, for findings that are not of the base.
fn key<'f>(finding: &'f Finding, level: Match, diff: Option<&'f Diff>) -> Option<Key<'f>> {
    let old_path =
        |path: &RepoPath| -> Option<&'f RepoPath> { diff?.files.get(path)?.old_path.as_ref() };
    let place: &[u8] = match (level, &finding.place) {
        (Match::SamePlace, Place::Object(name)) => name.as_bytes(),
        (Match::SamePlace, Place::Part(path, _) | Place::File(path)) => path.as_bytes(),
        (Match::Renamed, Place::Part(path, _) | Place::File(path)) => match diff {
            Some(_) => old_path(path)?.as_bytes(),
            None => path.as_bytes(),
        },
        // Only what is anchored in its content can be told again elsewhere.
        (Match::Moved, Place::Part(..)) if finding.anchor != finding.headline => &[],
        (Match::Renamed | Match::Moved, _) => return None,
    };
    Some((&finding.rule, place, &finding.anchor))
}

/// Marks the findings that stand where nothing was changed.
pub fn by_lines(findings: &mut [Finding], diff: &Diff) {
    for finding in findings {
        finding.known = match &finding.place {
            Place::Part(path, span) => {
                let mut lines = span.start.line..=span.end.line.max(span.start.line);
                !lines.any(|line| diff.is_new(path, line))
            }
            Place::File(path) => !diff.files.contains_key(path),
            Place::Object(_) => false,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::place::Span;
    use crate::model::rule::{Rule, Severity};
    use crate::source::diff::FileDiff;

    static RULE: Rule = Rule {
        id: "r",
        severity: Severity::Low,
        since: "2026-11",
        page: "",
    };

    fn path(text: &str) -> RepoPath {
        RepoPath::new(text).expect("inside")
    }

    /// `path:line=anchor`, several separated by blanks; no line: the file as a whole.
    fn findings(text: &str) -> Vec<Finding> {
        let one = |word: &str| {
            let (place, anchor) = word.split_once('=').expect("it has an anchor");
            let place = match place.split_once(':') {
                Some((file, line)) => {
                    Place::Part(path(file), Span::at(line.parse().expect("a line"), 1))
                }
                None => Place::File(path(place)),
            };
            Finding::new(&RULE, place, "seen", "look").anchored(anchor)
        };
        text.split_whitespace().map(one).collect()
    }

    /// Which findings are new, given those of the base and what was renamed.
    fn check(base: &str, head: &str, renamed: &[(&str, &str)], expected: &str) {
        let mut diff = Diff::default();
        for (old, new) in renamed {
            let file = FileDiff {
                old_path: Some(path(old)),
                lines: Vec::new(),
            };
            diff.files.insert(path(new), file);
        }
        let mut head = findings(head);
        by_base(&mut head, &findings(base), &diff);
        let new: Vec<String> = head
            .iter()
            .filter(|finding| !finding.known)
            .map(|finding| format!("{}={}", finding.place, finding.anchor))
            .collect();
        assert_eq!(new.join(" "), expected);
    }

    #[test]
    fn lines_that_move_are_not_new() {
        check("a:1=x a:9=y", "a:5=x a:20=y", &[], "");
        check("a:1=x", "a:1=x a:2=x", &[], "a:2:1=x");
        check("a:1=x a:2=x", "a:7=x", &[], "");
        check("a:1=x", "b:1=x", &[("a", "b")], "");
        check("a:1=x", "b:1=x", &[], "");
        // It stays where it was: what appears elsewhere is a copy.
        check("a:1=x", "a:1=x b:1=x", &[], "b:1:1=x");
        check("a:1=x", "a:1=z", &[], "a:1:1=z");
    }

    #[test]
    fn a_file_as_a_whole_does_not_move() {
        check("a=seen", "b=seen", &[], "b=seen");
        check("a=seen", "b=seen", &[("a", "b")], "");
    }

    #[test]
    fn each_finding_of_the_base_excuses_one() {
        check("a:1=x", "a:1=x a:2=x a:3=x", &[], "a:2:1=x a:3:1=x");
    }

    #[test]
    fn outside_tools_are_judged_by_changed_lines() {
        let mut diff = Diff::default();
        let file = FileDiff {
            old_path: None,
            lines: vec![3..4, 4..5],
        };
        diff.files.insert(path("a"), file);
        let mut head = findings("a:2=x a:4=x b:4=x a=x b=x");
        by_lines(&mut head, &diff);
        let known: Vec<bool> = head.iter().map(|finding| finding.known).collect();
        assert_eq!(known, [true, false, true, false, true]);
    }
}
