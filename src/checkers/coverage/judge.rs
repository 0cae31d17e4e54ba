//! Owns the way from the union of the reports to evidence: totals, floors, files that nobody tested, the lines of the change.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::path::RepoPath;
use crate::base::words::count;
use crate::check::Cx;
use crate::model::evidence::Evidence;
use crate::model::finding::Finding;
use crate::model::metric::Value;
use crate::model::number::Number;
use crate::model::place::{Place, Point, Span};
use crate::model::quantity::{Dimension, Quantity};
use crate::source::file::anchor;
use crate::source::language::Language;
use crate::source::tree::FileMeta;

use super::changed::{self, Change, Sources, ranges, shown};
use super::facts::Facts;
use super::model::{FileCoverage, Totals};
use super::options::{Floors, Options, Untested};
use super::set::Union;
use super::{BELOW_MINIMUM, UNCOVERED, UNTESTED, is_source, languages};

/// What is judged.
pub struct Judging<'a> {
    /// The options.
    pub options: &'a Options,
    /// The files that the check may look into.
    pub seen: BTreeMap<&'a RepoPath, &'a FileMeta>,
    /// What is known of them.
    pub facts: &'a BTreeMap<&'a RepoPath, Facts>,
    /// The languages of the files that the reports tell of.
    pub languages: BTreeSet<Language>,
}

impl Judging<'_> {
    /// Judges the union of the reports.
    pub fn judge(&mut self, coverage: &mut Union, cx: &Cx<'_>, evidence: &mut Evidence) {
        self.languages = languages(coverage);
        coverage.files.retain(|path, _| self.counts(path));
        let untested = self.add_untested(coverage, evidence);
        let totals = coverage.totals();
        if totals.lines.total == 0 && totals.statements.total == 0 {
            evidence
                .partial("the reports tell of nothing that can run in the files that are judged");
        }
        for (metric, count) in [
            ("line_coverage", totals.lines),
            ("branch_coverage", totals.branches),
            ("function_coverage", totals.functions),
            ("statement_coverage", totals.statements),
            ("coverage", totals.combined()),
        ] {
            if let Some(value) = Value::ratio(count.covered, count.total) {
                evidence.measure(metric, value);
            }
        }
        if totals.lines.total > 0 {
            let missed = totals.lines.total - totals.lines.covered;
            let missed = usize::try_from(missed).unwrap_or(usize::MAX);
            evidence.measure("uncovered_lines", Value::Plain(Quantity::count(missed)));
        }
        evidence.notes.push(format!(
            "{} of {} lines ran, in {}",
            totals.lines.covered,
            totals.lines.total,
            count(coverage.files.len(), "file")
        ));
        self.floors(coverage, &untested, evidence);
        self.change(coverage, cx, evidence);
    }

    /// Is the file judged? What an `exclude` of the gate file leaves out is not.
    fn counts(&self, path: &RepoPath) -> bool {
        let looked_into = self.seen.contains_key(path);
        let is_code =
            Language::of_path(path).is_some_and(|language| super::LANGUAGES.contains(&language));
        (looked_into || !is_code) && self.options.judges(path)
    }

    /// Adds the sources that must be told of and are not: none of their lines ran.
    fn add_untested(&self, coverage: &mut Union, evidence: &mut Evidence) -> BTreeSet<RepoPath> {
        let included = |path: &RepoPath| self.options.include.iter().any(|glob| glob.matches(path));
        let mut untested = BTreeSet::new();
        for (path, file) in &self.seen {
            let Some(facts) = self.facts.get(*path) else {
                continue;
            };
            if coverage.files.contains_key(*path)
                || !included(path)
                || !self.options.judges(path)
                || !is_source(file)
            {
                continue;
            }
            let mut none = FileCoverage::default();
            for line in facts.executable() {
                none.hit(line, 0);
            }
            if none.lines.is_empty() {
                continue;
            }
            untested.insert((*path).clone());
            if self.options.untested == Untested::Ignore {
                continue;
            }
            let lines = count(none.lines.len(), "line");
            coverage.add_untested((*path).clone(), none);
            if self.options.untested == Untested::Fail {
                let headline =
                    format!("no report tells of this file: {lines} that can run, by its text");
                let help = "test it, or leave it out with `omit`";
                let place = Place::File((*path).clone());
                let finding = Finding::new(&UNTESTED, place, headline, help);
                evidence.findings.push(finding.anchored("untested"));
            }
        }
        if let Some(first) = untested.first() {
            let many = count(untested.len(), "file");
            let what = match self.options.untested {
                Untested::Ignore => "ignored",
                _ => "counted as not run",
            };
            evidence
                .notes
                .push(format!("no report tells of {many}, {what} (first {first})"));
        }
        untested
    }

    fn floors(&self, coverage: &Union, untested: &BTreeSet<RepoPath>, evidence: &mut Evidence) {
        let mut folders: BTreeMap<Vec<u8>, Totals> = BTreeMap::new();
        let mut groups: BTreeMap<&str, Totals> = BTreeMap::new();
        for name in self.options.groups.keys() {
            groups.insert(name, Totals::default());
        }
        for (path, known) in &coverage.files {
            let totals = known.coverage.totals();
            let hint = if untested.contains(path) {
                ", and no report tells of it"
            } else {
                ""
            };
            let place = Place::File(path.clone());
            self.below(&self.options.each_file, &totals, &place, hint, evidence);
            let bytes = path.as_bytes();
            let folder = bytes
                .iter()
                .rposition(|&b| b == b'/')
                .map_or(&b""[..], |at| &bytes[..at]);
            folders.entry(folder.to_vec()).or_default().add(&totals);
            for (name, group) in &self.options.groups {
                if group.paths.iter().any(|glob| glob.matches(path)) {
                    groups.entry(name).or_default().add(&totals);
                }
            }
        }
        for (folder, totals) in folders {
            let place = RepoPath::new(folder)
                .map_or_else(|| Place::Object("the root folder".to_owned()), Place::File);
            self.below(&self.options.each_folder, &totals, &place, "", evidence);
        }
        for (name, totals) in groups {
            for (metric, count) in [
                ("line_coverage", totals.lines),
                ("branch_coverage", totals.branches),
                ("function_coverage", totals.functions),
            ] {
                if let Some(value) = Value::ratio(count.covered, count.total) {
                    evidence.measure(format!("{name}_{metric}"), value);
                }
            }
            let floors = self
                .options
                .groups
                .get(name)
                .map(super::options::Group::floors);
            let floors = floors.unwrap_or_default();
            if floors.is_set() && totals == Totals::default() {
                evidence.partial(format!("the reports tell of nothing in the group `{name}`"));
            }
            let place = Place::Object(format!("group {name}"));
            self.below(&floors, &totals, &place, "", evidence);
        }
    }

    #[expect(clippy::unused_self, reason = "it belongs to the judgement")]
    fn below(
        &self,
        floors: &Floors,
        totals: &Totals,
        place: &Place,
        hint: &str,
        evidence: &mut Evidence,
    ) {
        for (what, floor, reached) in [
            ("line", floors.line, totals.lines),
            ("branch", floors.branch, totals.branches),
            ("function", floors.function, totals.functions),
        ] {
            let Some(floor) = floor else { continue };
            let share = Number::ratio(reached.covered.into(), reached.total.into());
            let Some(share) = share.filter(|share| *share < floor.0) else {
                continue;
            };
            let shown = Quantity {
                number: share,
                dimension: Dimension::Share,
            };
            let headline = format!(
                "{what} coverage is {shown} ({} of {}), below the minimum of {floor}{hint}",
                reached.covered, reached.total
            );
            let help = "test what is not run yet";
            let finding = Finding::new(&BELOW_MINIMUM, place.clone(), headline, help);
            evidence
                .findings
                .push(finding.anchored(format!("{what} {floor}")));
        }
    }

    fn change(&self, coverage: &Union, cx: &Cx<'_>, evidence: &mut Evidence) {
        let diff = match cx.change.diff() {
            Ok(diff) => diff,
            Err(fault) => {
                evidence.notes.push(format!(
                    "the lines of the change are not judged: {}",
                    fault.what
                ));
                return;
            }
        };
        let change = changed::judge(diff, coverage, self);
        if let Some(first) = change.unknown.first() {
            let many = count(change.unknown.len(), "changed file");
            evidence.notes.push(format!(
                "the lines of the change are not judged: of {many} the reports tell counts alone (first {first})"
            ));
            return;
        }
        let all = change.count();
        let moved = match change.moved() {
            0 => String::new(),
            moved => format!("; {} only moved and left out", count(moved, "line")),
        };
        let zero = Value::Plain(Quantity::count(0));
        let whole = Value::Plain(Quantity {
            number: Number::whole(1),
            dimension: Dimension::Share,
        });
        if all.total == 0 {
            evidence
                .notes
                .push(format!("no changed line can run: nothing to cover{moved}"));
            evidence.measure("new_line_coverage", whole);
            evidence.measure("uncovered_new_lines", zero);
            return;
        }
        let told = format!("{} of {} changed lines ran{moved}", all.covered, all.total);
        if all.total < u64::from(self.options.min_changed_lines) {
            let least = self.options.min_changed_lines;
            evidence.notes.push(format!(
                "{told}: not judged, because they are fewer than {least}"
            ));
            evidence.measure("new_line_coverage", whole);
            evidence.measure("uncovered_new_lines", zero);
            return;
        }
        evidence.notes.push(told);
        if let Some(value) = Value::ratio(all.covered, all.total) {
            evidence.measure("new_line_coverage", value);
        }
        let missed = usize::try_from(all.total - all.covered).unwrap_or(usize::MAX);
        evidence.measure("uncovered_new_lines", Value::Plain(Quantity::count(missed)));
        uncovered(&change, cx, evidence);
    }
}

/// One finding for each run of changed lines that never ran.
fn uncovered(change: &Change, cx: &Cx<'_>, evidence: &mut Evidence) {
    for (path, file) in change
        .files
        .iter()
        .filter(|(_, file)| !file.uncovered.is_empty())
    {
        let content = cx.tree.find(path).and_then(|file| cx.tree.read(file).ok());
        let content = content.unwrap_or_default();
        let lines: Vec<&[u8]> = content.split(|&b| b == b'\n').collect();
        for (start, end) in ranges(&file.uncovered) {
            let what = match end - start {
                0 => format!("changed line {start} was never run"),
                _ => format!("changed lines {} were never run", shown(&[(start, end)])),
            };
            let why = if file.absent {
                ": no report tells of this file"
            } else {
                ""
            };
            let line = |line: u32| lines.get(line as usize - 1).copied().unwrap_or_default();
            let columns = String::from_utf8_lossy(line(end))
                .trim_end()
                .chars()
                .count();
            let span = Span {
                start: Point {
                    line: start,
                    column: 1,
                },
                end: Point {
                    line: end,
                    column: u32::try_from(columns + 1).unwrap_or(u32::MAX),
                },
            };
            let place = Place::Part(path.clone(), span);
            let help = "test these lines, or remove what nobody needs";
            let finding = Finding::new(&UNCOVERED, place, format!("{what}{why}"), help);
            evidence
                .findings
                .push(finding.anchored(anchor(line(start))));
        }
    }
}

impl Sources for Judging<'_> {
    fn facts(&self, path: &RepoPath) -> Option<Facts> {
        self.facts.get(path).cloned()
    }

    fn ought(&self, path: &RepoPath) -> bool {
        if !self.options.judges(path) {
            return false;
        }
        let Some(file) = self.seen.get(path).filter(|file| is_source(file)) else {
            return false;
        };
        if !self.options.include.is_empty() {
            return self.options.include.iter().any(|glob| glob.matches(path));
        }
        let told = |language: Language| self.languages.contains(&language);
        !file.class.test && file.language.is_some_and(told)
    }
}
