//! Owns what is new: findings that were not there before, matched one to one. Pure.
//!
//! The cascade: the same rule, path and anchor; then the same in the file that this one was renamed from; then the same
//! rule and anchor of a line that moved to another file. Line numbers never count; an amount does: a function that is more
//! complex than it was is new. Of several that are alike those on lines
//! that the change did not touch were there before. A line of a few letters, such as a lone brace, is everywhere: where the
//! change is known it is one from before only if it was not touched, or moved (`source::moved`); where it is not known it
//! moves only out of a file that is gone. Into another file a line moves in a block, or out of a file that is gone: one
//! that stands alone there, such as `<<<<<<< HEAD`, is no proof that it is the one that was taken away elsewhere. An outside tool cannot be run on the base: what it finds is new where the line, or else the
//! file, was changed.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::path::RepoPath;
use crate::model::finding::{Finding, Standing};
use crate::model::place::Place;
use crate::model::trace::{Anchor, Spot, Trace};
use crate::source::diff::Diff;

/// What was there before.
pub struct Before<'a> {
    /// The traces, each with how many there were.
    traces: Vec<(&'a Trace, usize)>,
    renames: Renames<'a>,
    /// Paths that the base has and the head has not, where git tells.
    gone: BTreeSet<&'a RepoPath>,
}

/// How a file is known to have had another name.
#[derive(Clone, Copy)]
enum Renames<'a> {
    /// Git tells.
    Told(&'a Diff),
    /// A file of the same name in another folder, and the old one is gone.
    Guessed(&'a dyn Fn(&RepoPath) -> bool),
}

impl<'a> Before<'a> {
    /// The findings of the base.
    #[must_use]
    pub fn on_base(traces: &'a [Trace], diff: &'a Diff) -> Self {
        Self {
            traces: traces.iter().map(|trace| (trace, 1)).collect(),
            renames: Renames::Told(diff),
            gone: diff.gone(),
        }
    }

    /// The findings of the baseline; `is_gone` tells whether a file is no longer in the tree.
    #[must_use]
    pub fn in_baseline(
        traces: impl IntoIterator<Item = (&'a Trace, usize)>,
        is_gone: &'a dyn Fn(&RepoPath) -> bool,
    ) -> Self {
        Self {
            traces: traces.into_iter().collect(),
            renames: Renames::Guessed(is_gone),
            gone: BTreeSet::new(),
        }
    }

    /// Which of the findings were there before, and how many of each trace are left without a partner. `diff` tells which
    /// lines are changed, if somebody knows. Those that are `known` already take no part.
    #[must_use]
    pub fn matched(
        mut self,
        findings: &[Finding],
        diff: Option<&Diff>,
        known: &[bool],
    ) -> (Vec<bool>, Vec<usize>) {
        let traces: Vec<Trace> = findings.iter().map(Trace::of).collect();
        let touched = |finding| diff.map_or(Touch::Unknown, |diff| Touch::of(finding, diff));
        let touched: Vec<Touch> = findings.iter().map(touched).collect();
        let mut order: Vec<usize> = (0..findings.len()).collect();
        order.sort_by_key(|&at| touched[at]);
        order.retain(|&at| known.get(at) != Some(&true));
        let mut found = vec![false; findings.len()];
        for level in [Level::SamePlace, Level::Renamed, Level::Moved, Level::Left] {
            let mut waiting: BTreeMap<Key<'_>, Vec<usize>> = BTreeMap::new();
            for (at, (trace, count)) in self.traces.iter().enumerate() {
                if *count > 0
                    && let Some(key) = self.old_key(trace, level)
                {
                    waiting.entry(key).or_default().push(at);
                }
            }
            for &at in &order {
                if found[at] {
                    continue;
                }
                let key = self.new_key(&traces[at], touched[at], level);
                let partners = key.and_then(|key| waiting.get_mut(&key));
                if let Some(partners) = partners
                    && let Some(place) = self.partner(partners, &traces[at])
                {
                    found[at] = true;
                    let partner = partners[place];
                    self.traces[partner].1 -= 1;
                    if self.traces[partner].1 == 0 {
                        partners.remove(place);
                    }
                }
            }
        }
        let left = self.traces.iter().map(|(_, count)| *count).collect();
        (found, left)
    }

    /// Which of those that wait excuses this one: the last, or, where an amount tells, the smallest that is not less.
    fn partner(&self, waiting: &[usize], trace: &Trace) -> Option<usize> {
        if trace.amount.is_none() {
            return waiting.len().checked_sub(1);
        }
        let fits = |(_, at): &(usize, &usize)| trace.is_excused_by(self.traces[**at].0);
        let amount = |(_, at): &(usize, &usize)| self.traces[**at].0.amount;
        let fitting = waiting.iter().enumerate().filter(fits);
        fitting.min_by_key(amount).map(|(place, _)| place)
    }

    /// What must be equal on this level, of a trace from before.
    fn old_key<'t>(&self, trace: &'t Trace, level: Level) -> Option<Key<'t>> {
        let place: &[u8] = match (level, &trace.spot, self.renames) {
            (Level::SamePlace, spot, _) => place(spot),
            (Level::Renamed, Spot::Path(path), Renames::Told(_)) => path.as_bytes(),
            (Level::Renamed, Spot::Path(path), Renames::Guessed(is_gone)) if is_gone(path) => {
                path.name()
            }
            (Level::Moved, Spot::Path(path), renames) => match (&trace.anchor, renames) {
                (Anchor::Content(_), _) | (Anchor::Thin(_), Renames::Told(_)) => ANYWHERE,
                (Anchor::Thin(_), Renames::Guessed(is_gone)) if is_gone(path) => ANYWHERE,
                (Anchor::Thin(_) | Anchor::Headline(_), _) => return None,
            },
            (Level::Left, Spot::Path(path), _) if self.gone.contains(path) => ANYWHERE,
            (Level::Renamed | Level::Moved | Level::Left, ..) => return None,
        };
        Some((&trace.rule, place, trace.anchor.digest()))
    }

    /// What must be equal on this level, of a trace of now.
    fn new_key<'t>(&self, trace: &'t Trace, touch: Touch, level: Level) -> Option<Key<'t>>
    where
        'a: 't,
    {
        if matches!(self.renames, Renames::Told(_)) {
            let is_thin = matches!(trace.anchor, Anchor::Thin(_));
            let can_be = match level {
                Level::SamePlace | Level::Renamed => !is_thin || touch < Touch::Trimmed,
                Level::Moved if is_thin => touch == Touch::Carried,
                Level::Moved => matches!(touch, Touch::Carried | Touch::Trimmed),
                Level::Left if is_thin => matches!(touch, Touch::Carried | Touch::Moved),
                Level::Left => touch != Touch::None && touch < Touch::Changed,
            };
            if !can_be {
                return None;
            }
        }
        let place: &[u8] = match (level, &trace.spot, self.renames) {
            (Level::SamePlace, spot, _) => place(spot),
            (Level::Renamed, Spot::Path(path), Renames::Told(diff)) => {
                diff.files.get(path)?.old_path.as_ref()?.as_bytes()
            }
            (Level::Renamed, Spot::Path(path), Renames::Guessed(_)) => path.name(),
            (Level::Moved | Level::Left, Spot::Path(_), _) => match trace.anchor {
                Anchor::Content(_) | Anchor::Thin(_) => ANYWHERE,
                Anchor::Headline(_) => return None,
            },
            (Level::Renamed | Level::Moved | Level::Left, ..) => return None,
        };
        Some((&trace.rule, place, trace.anchor.digest()))
    }
}

/// How near two findings are to each other.
#[derive(Clone, Copy)]
enum Level {
    SamePlace,
    Renamed,
    Moved,
    /// The old one left a file that is gone.
    Left,
}

/// Rule, place and anchor.
type Key<'t> = (&'t str, &'t [u8], &'t str);

fn place(spot: &Spot) -> &[u8] {
    match spot {
        Spot::Path(path) => path.as_bytes(),
        Spot::Object(name) => name.as_bytes(),
    }
}

/// The place of what moved: it does not count.
const ANYWHERE: &[u8] = &[];

/// What the change did to the place of a finding.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Touch {
    /// Nothing.
    None,
    /// Each line that it brought came in a block that was elsewhere before.
    Carried,
    /// Each line that it brought was elsewhere before.
    Moved,
    /// Each came in a block, or was elsewhere before, and one has white space at its end now, or no longer.
    Trimmed,
    Changed,
    /// Nobody knows the change.
    Unknown,
}

impl Touch {
    fn of(finding: &Finding, diff: &Diff) -> Self {
        match &finding.place {
            Place::Part(path, span) => {
                let lines = span.start.line..=span.end.line.max(span.start.line);
                let touch = |line| {
                    if !diff.is_new(path, line) {
                        return Self::None;
                    }
                    match (diff.is_moved(path, line), diff.is_carried(path, line)) {
                        (true, true) => Self::Carried,
                        (true, false) => Self::Moved,
                        (false, true) => Self::Trimmed,
                        (false, false) => Self::Changed,
                    }
                };
                lines.map(touch).max().unwrap_or(Self::None)
            }
            Place::File(path) if !diff.files.contains_key(path) => Self::None,
            Place::File(_) | Place::Object(_) => Self::Changed,
        }
    }
}

/// Which of the findings that the base does not have were accepted in the baseline all the same. What is on the base and in
/// the baseline is one finding, and excuses one.
#[must_use]
pub fn beside_base(
    entries: &[(&Trace, usize)],
    is_gone: &dyn Fn(&RepoPath) -> bool,
    base: &[Finding],
    findings: &[Finding],
    on_base: &[bool],
) -> Vec<bool> {
    let all = Before::in_baseline(entries.iter().copied(), is_gone);
    let (_, left) = all.matched(base, None, &[]);
    let others = entries
        .iter()
        .zip(left)
        .map(|((trace, _), left)| (*trace, left));
    Before::in_baseline(others, is_gone)
        .matched(findings, None, on_base)
        .0
}

/// Gives the findings that were there before this standing, unless they have another one already.
pub fn mark(findings: &mut [Finding], known: &[bool], standing: Standing) {
    for (finding, _) in findings.iter_mut().zip(known).filter(|(_, known)| **known) {
        if finding.counts() {
            finding.standing = standing;
        }
    }
}

/// Which findings stand where nothing was changed.
#[must_use]
pub fn unchanged(findings: &[Finding], diff: &Diff) -> Vec<bool> {
    findings
        .iter()
        .map(|finding| Touch::of(finding, diff) == Touch::None)
        .collect()
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
        standards: &[],
        page: "",
    };

    fn path(text: &str) -> RepoPath {
        RepoPath::new(text).expect("inside")
    }

    /// `path:line=anchor`, several separated by blanks; no line: the file as a whole. An anchor in capitals is long.
    fn findings(text: &str) -> Vec<Finding> {
        let one = |word: &str| {
            let (place, anchor) = word.split_once('=').expect("it has an anchor");
            let place = match place.split_once(':') {
                Some((file, line)) => {
                    Place::Part(path(file), Span::at(line.parse().expect("a line"), 1))
                }
                None => Place::File(path(place)),
            };
            let long = anchor.chars().all(char::is_uppercase);
            let anchor = anchor.repeat(if long { 8 } else { 1 });
            Finding::new(&RULE, place, "seen", "look").anchored(anchor)
        };
        text.split_whitespace().map(one).collect()
    }

    fn new(head: &[Finding], known: &[bool]) -> String {
        let new = head.iter().zip(known).filter(|(_, known)| !**known);
        let places: Vec<String> = new.map(|(finding, _)| finding.place.to_string()).collect();
        places.join(" ")
    }

    /// Which findings are new, given those of the base, what was renamed, and which lines were changed, or moved (`~a:1`; `~~a:1` in a block, `~~~a:1` with another end), and files that are gone (`-a`).
    fn check(base: &str, head: &str, renamed: &[(&str, &str)], changed: &str, expected: &str) {
        let mut diff = Diff::default();
        for (old, new) in renamed {
            let file = FileDiff {
                old_path: Some(path(old)),
                ..FileDiff::default()
            };
            diff.files.insert(path(new), file);
        }
        for place in changed.split_whitespace() {
            if let Some(gone) = place.strip_prefix('-') {
                diff.deleted.push(path(gone));
                continue;
            }
            let (is_moved, is_carried) = (place.starts_with('~'), place.starts_with("~~"));
            let is_trimmed = place.starts_with("~~~");
            let place = place.trim_start_matches('~').split_once(':');
            let (file, line) = place.expect("a line");
            let line = line.parse().expect("a number");
            let file = diff.files.entry(path(file)).or_default();
            file.lines.push(line..line + 1);
            if is_moved && !is_trimmed {
                file.moved.push(line..line + 1);
            }
            if is_carried {
                file.carried.push(line..line + 1);
            }
        }
        let head = findings(head);
        let traces: Vec<Trace> = findings(base).iter().map(Trace::of).collect();
        let (known, _) = Before::on_base(&traces, &diff).matched(&head, Some(&diff), &[]);
        assert_eq!(new(&head, &known), expected, "{base} -> {head:?}");
    }

    #[test]
    fn lines_that_move_are_not_new() {
        check("a:1=x a:9=y", "a:5=x a:20=y", &[], "", "");
        check("a:1=x", "a:1=x a:2=x", &[], "", "a:2:1");
        check("a:1=x a:2=x", "a:7=x", &[], "", "");
        check("a:1=x", "b:1=x", &[("a", "b")], "", "");
        check("a:1=X", "b:1=X", &[], "~~b:1", "");
        // Alone it is no proof: it may be another one of its kind.
        check("a:1=X", "b:1=X", &[], "~b:1", "b:1:1");
        check("a:1=X", "b:1=X c:1=X", &[], "~b:1 ~~c:1", "b:1:1");
        check("a:1=X", "b:1=X", &[], "~~~b:1", "");
        check("a:1=x", "b:1=x", &[], "~~~b:1", "b:1:1");
        // Unless its own file is gone.
        check("a:1=X", "b:1=X", &[], "~b:1 -a", "");
        check("a:1=X", "b:1=X", &[], "b:1 -a", "b:1:1");
        check("a:1=X", "b:1=X c:1=X", &[("a", "c")], "~b:1", "b:1:1");
        check("a:1=X a:2=X", "b:1=X c:1=X", &[("a", "c")], "~b:1", "");
        // It stays where it was: what appears elsewhere is a copy.
        check("a:1=X", "a:1=X b:1=X", &[], "~~b:1", "b:1:1");
        check("a:1=x", "a:1=z", &[], "", "a:1:1");
    }

    #[test]
    fn of_twins_the_one_on_a_changed_line_is_new() {
        check("a:1=x", "a:1=x a:2=x", &[], "a:1", "a:1:1");
        check("a:1=x", "a:1=x a:2=x", &[], "a:2", "a:2:1");
        check("a:1=x a:2=x", "a:1=x a:2=x a:3=x", &[], "a:2", "a:2:1");
    }

    #[test]
    fn a_brace_is_from_before_where_it_was_not_touched_or_moved_in_a_block() {
        check("a:1=x", "b:1=x", &[], "", "b:1:1");
        check("a:1=x", "b:1=x", &[], "b:1", "b:1:1");
        check("a:1=x", "b:1=x", &[], "~~b:1", "");
        check("a:1=x", "b:1=x", &[], "~b:1", "b:1:1");
        check("a:1=x", "a:7=x", &[], "a:7", "a:7:1");
        check("a:1=x", "a:7=x", &[], "~a:7", "");
        check("a:1=x", "b:1=x", &[("a", "b")], "b:1", "b:1:1");
        check("a:1=x", "b:1=x b:2=x", &[], "b:1 ~~b:2", "b:1:1");
        // What stays has the first claim.
        check("a:1=x", "a:1=x b:2=x", &[], "~~b:2", "b:2:1");
        check("a:1=X", "a:7=X", &[], "a:7", "");
    }

    #[test]
    fn where_the_change_is_not_known_a_brace_moves_only_out_of_a_file_that_is_gone() {
        check_baseline("a:1=x", 1, "", "b:1=x", "b:1:1 left 1");
        check_baseline("a:1=x", 1, "a", "b:1=x", " left 0");
    }

    #[test]
    fn a_file_as_a_whole_does_not_move() {
        check("a=seen", "b=seen", &[], "", "b");
        check("a=seen", "b=seen", &[("a", "b")], "", "");
    }

    #[test]
    fn each_finding_of_the_base_excuses_one() {
        check("a:1=x", "a:1=x a:2=x a:3=x", &[], "", "a:2:1 a:3:1");
    }

    #[test]
    fn outside_tools_are_judged_by_changed_lines() {
        let mut diff = Diff::default();
        let file = FileDiff {
            lines: vec![3..4, 4..5],
            ..FileDiff::default()
        };
        diff.files.insert(path("a"), file);
        let head = findings("a:2=x a:4=x b:4=x a=x b=x");
        assert_eq!(unchanged(&head, &diff), [true, false, true, false, true]);
    }

    #[test]
    fn what_is_on_the_base_and_in_the_baseline_excuses_one() {
        let check = |base: &str, baseline: &str, head: &str, expected: &[bool]| {
            let (base, head) = (findings(base), findings(head));
            let traces: Vec<Trace> = base.iter().map(Trace::of).collect();
            let diff = Diff::default();
            let (on_base, _) = Before::on_base(&traces, &diff).matched(&head, Some(&diff), &[]);
            let accepted: Vec<Trace> = findings(baseline).iter().map(Trace::of).collect();
            let entries = accepted.iter().map(|trace| (trace, 1)).collect::<Vec<_>>();
            let beside = beside_base(&entries, &|_| true, &base, &head, &on_base);
            assert_eq!(beside, expected, "{base:?} {head:?}");
        };
        // The baseline alone would say that the file of the same name is the old one; the base has used it up.
        check("a/f:1=X", "a/f:1=X", "b/f:1=X c/g:1=X", &[false, false]);
        check("a:1=x", "a:1=x", "a:1=x a:2=x", &[false, false]);
        // Accepted on the way.
        check(
            "a:1=x",
            "a:1=x a:2=x",
            "a:1=x a:2=x a:3=x",
            &[false, true, false],
        );
        check("", "a:1=x", "a:1=x", &[true]);
    }

    /// The baseline knows counts, and no renames but those of a file that is gone and another one of its name.
    fn check_baseline(baseline: &str, count: usize, gone: &str, head: &str, expected: &str) {
        let before = findings(baseline);
        let traces: Vec<Trace> = before.iter().map(Trace::of).collect();
        let is_gone = |path: &RepoPath| path.as_bytes() == gone.as_bytes();
        let entries = traces.iter().map(|trace| (trace, count));
        let head = findings(head);
        let (known, left) = Before::in_baseline(entries, &is_gone).matched(&head, None, &[]);
        let left: usize = left.iter().sum();
        let shown = format!("{} left {left}", new(&head, &known));
        assert_eq!(shown, expected);
    }

    #[test]
    fn what_has_grown_is_new() {
        let check = |base: &[Option<u64>], head: &[Option<u64>], expected: &[bool]| {
            let with = |(n, amount): (usize, &Option<u64>)| {
                let place = Place::Part(path("a"), Span::at(u32::try_from(n).expect("few") + 1, 1));
                let finding = Finding::new(&RULE, place, "seen", "look");
                Finding {
                    amount: *amount,
                    ..finding.anchored("function f")
                }
            };
            let head: Vec<Finding> = head.iter().enumerate().map(with).collect();
            let base: Vec<Finding> = base.iter().enumerate().map(with).collect();
            let traces: Vec<Trace> = base.iter().map(Trace::of).collect();
            let diff = Diff::default();
            let (known, _) = Before::on_base(&traces, &diff).matched(&head, Some(&diff), &[]);
            assert_eq!(known, expected, "{base:?} -> {head:?}");
        };
        check(&[Some(20)], &[Some(20)], &[true]);
        check(&[Some(20)], &[Some(19)], &[true]);
        check(&[Some(20)], &[Some(21)], &[false]);
        // Of several that are alike each takes the nearest that is not less.
        check(&[Some(20), Some(30)], &[Some(18), Some(25)], &[true, true]);
        check(&[Some(30), Some(20)], &[Some(18), Some(25)], &[true, true]);
        check(&[Some(20), Some(30)], &[Some(25), Some(26)], &[true, false]);
        // A baseline that tells no amount excuses any.
        check(&[None], &[Some(21)], &[true]);
    }

    #[test]
    fn a_baseline_counts() {
        check_baseline("a:1=x", 2, "", "a:1=x a:5=x a:6=x", "a:6:1 left 0");
        check_baseline("a:1=x", 3, "", "a:4=x", " left 2");
        check_baseline("a/f=seen", 1, "a/f", "b/f=seen", " left 0");
        check_baseline("a/f=seen", 1, "a/f", "b/g=seen", "b/g left 1");
        check_baseline("a/f=seen", 1, "", "b/f=seen", "b/f left 1");
        check_baseline("a/f:1=X", 1, "", "b/g:1=X", " left 0");
    }
}
