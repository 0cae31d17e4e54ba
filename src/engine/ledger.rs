//! Owns the ledger of a run: which waivers there are, what each waives, and which are flawed. Pure; it judges nothing.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::base::path::RepoPath;
use crate::base::words::{self, count};
use crate::check::Lane;
use crate::check::options::Glob;
use crate::check::registry::Check;
use crate::checkers;
use crate::config::plan::Plan;
use crate::config::waivers::{Exemption, Target};
use crate::model::finding::{Finding, Standing};
use crate::model::outcome::{CheckOutcome, GateOutcome};
use crate::model::place::{Place, Span};
use crate::model::report::{CheckReport, GateReport};
use crate::model::waiver::{Flaw, FlawedWaiver, Waiver, WaiverKind};
use crate::source::diff::Diff;
use crate::source::ignore::Ignore;

/// The ledger.
pub struct Ledger {
    today: Date,
    most_days: u32,
    entries: Vec<Entry>,
    by_file: BTreeMap<RepoPath, Vec<usize>>,
    flawed: Vec<FlawedWaiver>,
}

/// A waiver that may be used.
struct Entry {
    waiver: Waiver,
    target: Aim,
}

/// What a waiver is about.
enum Aim {
    Gate(String),
    Findings {
        rule: Option<String>,
        fingerprint: Option<String>,
        path: Option<Glob>,
    },
    /// The line, or the whole file; the file is the waiver's own.
    Here {
        line: Option<u32>,
        rules: Vec<String>,
    },
}

impl Ledger {
    /// The ledger of a day: the exemptions that hold on it.
    #[must_use]
    pub fn new(
        today: Date,
        most_days: u32,
        exemptions: &[Exemption],
        flawed: &[FlawedWaiver],
    ) -> Self {
        let mut ledger = Self {
            today,
            most_days,
            entries: Vec::new(),
            by_file: BTreeMap::new(),
            flawed: flawed.to_vec(),
        };
        for exemption in exemptions {
            let target = match &exemption.target {
                Target::Gate(id) => Aim::Gate(id.clone()),
                Target::Findings {
                    rule,
                    fingerprint,
                    path,
                } => Aim::Findings {
                    rule: rule.clone(),
                    fingerprint: fingerprint.clone(),
                    path: path.clone(),
                },
            };
            ledger.add(exemption.waiver(), target);
        }
        ledger
    }

    /// Takes a waiver in, unless its time is over or too long.
    fn add(&mut self, waiver: Waiver, target: Aim) {
        match self.time_flaw(&waiver) {
            Some(flawed) => self.flawed.push(flawed),
            None => self.entries.push(Entry { waiver, target }),
        }
    }

    /// Is the waiver's last day over, or too far ahead?
    #[must_use]
    pub fn time_flaw(&self, waiver: &Waiver) -> Option<FlawedWaiver> {
        let until = waiver.until?;
        let days = (until - self.today).get_days();
        let told = |flaw, headline, help: &str| FlawedWaiver {
            flaw,
            place: waiver.place.clone(),
            headline,
            help: help.to_owned(),
        };
        let what = format!("the {} of {}", waiver.kind, waiver.what);
        if days < 0 {
            return Some(told(
                Flaw::Expired,
                format!("{what} expired on {until}"),
                "mend what it waived, or waive it anew with a later date",
            ));
        }
        (days > i32::try_from(self.most_days).unwrap_or(i32::MAX)).then(|| {
            told(
                Flaw::TooLong,
                format!(
                    "{what} reaches {} ahead, {} are allowed",
                    count(usize::try_from(days).unwrap_or(0), "day"),
                    self.most_days
                ),
                "write an earlier date; until then it does not hold",
            )
        })
    }

    /// Takes in the waivers in a file. `change`: only those count whose line, and the line that they are about, were
    /// there before it.
    pub fn add_file(&mut self, path: &RepoPath, ignores: &[Ignore], change: Option<&Diff>) {
        let first = self.entries.len();
        for ignore in ignores {
            let place = Place::Part(path.clone(), Span::at(ignore.line, ignore.column));
            match Self::inline(path, ignore, &place, change) {
                Ok((waiver, target)) => self.add(waiver, target),
                Err((flaw, headline, help)) => self.flawed.push(FlawedWaiver {
                    flaw,
                    place,
                    headline,
                    help,
                }),
            }
        }
        let own = (first..self.entries.len()).collect();
        self.by_file.insert(path.clone(), own);
    }

    /// Are the waivers of this file taken in?
    #[must_use]
    pub fn has_file(&self, path: &RepoPath) -> bool {
        self.by_file.contains_key(path)
    }

    fn inline(
        path: &RepoPath,
        ignore: &Ignore,
        place: &Place,
        change: Option<&Diff>,
    ) -> Result<(Waiver, Aim), (Flaw, String, String)> {
        let malformed =
            |headline: &str, help: &str| (Flaw::Malformed, headline.to_owned(), help.to_owned());
        let form = "write `qgate:ignore RULE reason=TEXT until=YYYY-MM-DD`";
        if ignore.rules.is_empty() {
            return Err(malformed("the ignore names no rule", form));
        }
        if ignore.reason.is_empty() {
            return Err(malformed("the ignore gives no reason", form));
        }
        if ignore.until.is_empty() {
            return Err(malformed("the ignore has no last day", form));
        }
        let Ok(until) = ignore.until.parse::<Date>() else {
            let headline = format!("`{}` is no date", ignore.until);
            return Err(malformed(&headline, "write it as YYYY-MM-DD"));
        };
        if let Some(unknown) = ignore.rules.iter().find(|rule| !is_rule(rule)) {
            let headline = format!("there is no rule `{unknown}`");
            let near = words::did_you_mean(unknown, rule_ids());
            let help = near.map_or("`qgate list rules` names them".to_owned(), |near| {
                format!("did you mean `{near}`?")
            });
            return Err(malformed(&headline, &help));
        }
        let lines = [Some(ignore.line), ignore.target];
        let is_new = |diff: &Diff| lines.iter().flatten().any(|line| diff.is_new(path, *line));
        if change.is_some_and(is_new) {
            return Err((
                Flaw::Untrusted,
                "an ignore that comes with this change does not count".to_owned(),
                "a change that is not trusted waives nothing of its own: have it merged by somebody who may".to_owned(),
            ));
        }
        let noun = if ignore.rules.len() == 1 {
            "rule"
        } else {
            "rules"
        };
        let rules = ignore.rules.join(", ");
        let what = match ignore.target {
            Some(line) => format!("{noun} {rules} in line {line} of {path}"),
            None => format!("{noun} {rules} in {path}"),
        };
        let waiver = Waiver {
            kind: WaiverKind::Ignore,
            what,
            place: place.clone(),
            reason: ignore.reason.clone(),
            owner: Some(ignore.owner.clone()).filter(|owner| !owner.is_empty()),
            until: Some(until),
            used: 0,
        };
        let target = Aim::Here {
            line: ignore.target,
            rules: ignore.rules.clone(),
        };
        Ok((waiver, target))
    }

    /// Marks the findings that a waiver is about.
    pub fn waive(&self, findings: &mut [Finding]) {
        if self.entries.is_empty() {
            return;
        }
        for finding in findings {
            let of_file = finding.place.path().and_then(|path| self.by_file.get(path));
            let of_file = of_file.into_iter().flatten().copied();
            let others = 0..self.entries.len();
            let others =
                others.filter(|&at| matches!(self.entries[at].target, Aim::Findings { .. }));
            let mut all = of_file.chain(others);
            if let Some(at) = all.find(|&at| self.entries[at].fits(finding)) {
                finding.standing = Standing::Waived(at);
            }
        }
    }

    /// The exemption of a gate: its position and its text.
    #[must_use]
    pub fn of_gate(&self, gate: &str) -> Option<(usize, String)> {
        let is_it = |entry: &Entry| matches!(&entry.target, Aim::Gate(id) if id == gate);
        let at = self.entries.iter().position(is_it)?;
        let waiver = &self.entries[at].waiver;
        let until = waiver.until.map(|until| format!(" until {until}"));
        let owner = waiver.owner.as_deref().unwrap_or_default();
        let text = format!(
            "exempt{} by {owner}: {}",
            until.unwrap_or_default(),
            waiver.reason
        );
        Some((at, text))
    }

    /// All that is flawed so far, with those waivers that found nothing to waive although all that could have found
    /// something was judged; by place.
    #[must_use]
    pub fn flawed(&self, plan: &Plan, gates: &[Option<&GateReport>]) -> Vec<FlawedWaiver> {
        let used = used(gates);
        let mut flawed = self.flawed.clone();
        for (at, entry) in self.entries.iter().enumerate() {
            if !used.contains_key(&at) && entry.was_sought(plan, gates) {
                flawed.push(FlawedWaiver {
                    flaw: Flaw::Unused,
                    place: entry.waiver.place.clone(),
                    headline: format!(
                        "the {} of {} waives nothing",
                        entry.waiver.kind, entry.waiver.what
                    ),
                    help: "remove it".to_owned(),
                });
            }
        }
        flawed
            .sort_by(|a, b| (&a.place, a.flaw, &a.headline).cmp(&(&b.place, b.flaw, &b.headline)));
        flawed.dedup();
        flawed
    }

    /// The waivers that these gates used, and the findings' standings made to point at them.
    #[must_use]
    pub fn close(self, gates: &mut [GateReport]) -> Vec<Waiver> {
        let shared: Vec<Option<&GateReport>> = gates.iter().map(Some).collect();
        let used = used(&shared);
        let position: BTreeMap<usize, usize> = used
            .keys()
            .enumerate()
            .map(|(to, from)| (*from, to))
            .collect();
        for gate in gates.iter_mut() {
            if let Some(at) = &mut gate.exempt {
                *at = position.get(at).copied().unwrap_or_default();
            }
            for finding in gate.checks.iter_mut().flat_map(|check| &mut check.findings) {
                if let Standing::Waived(at) = &mut finding.standing {
                    *at = position.get(at).copied().unwrap_or_default();
                }
            }
        }
        let entries = self.entries.into_iter().enumerate();
        let waivers = entries.filter_map(|(at, entry)| {
            let used = *used.get(&at)?;
            Some(Waiver {
                used,
                ..entry.waiver
            })
        });
        waivers.collect()
    }
}

/// How often each waiver was used: distinct findings, and gates.
fn used(gates: &[Option<&GateReport>]) -> BTreeMap<usize, usize> {
    let mut prints: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    for gate in gates.iter().flatten() {
        if let Some(at) = gate.exempt {
            prints.entry(at).or_default().insert(&gate.id);
        }
        for finding in gate.checks.iter().flat_map(|check| &check.findings) {
            if let Standing::Waived(at) = finding.standing {
                prints.entry(at).or_default().insert(&finding.fingerprint);
            }
        }
    }
    prints
        .into_iter()
        .map(|(at, prints)| (at, prints.len()))
        .collect()
}

impl Entry {
    fn fits(&self, finding: &Finding) -> bool {
        match &self.target {
            Aim::Gate(_) => false,
            Aim::Findings {
                rule,
                fingerprint,
                path,
            } => {
                rule.as_ref().is_none_or(|rule| *rule == finding.rule)
                    && fingerprint
                        .as_ref()
                        .is_none_or(|print| *print == finding.fingerprint)
                    && path.as_ref().is_none_or(|glob| {
                        finding.place.path().is_some_and(|path| glob.matches(path))
                    })
            }
            Aim::Here { line, rules } => {
                let is_here = match (line, &finding.place) {
                    (None, Place::Part(..) | Place::File(_)) => true,
                    (Some(line), Place::Part(_, span)) => span.start.line == *line,
                    _ => false,
                };
                is_here && rules.iter().any(|rule| *rule == finding.rule)
            }
        }
    }

    /// Was all judged in which something to waive could have been found?
    fn was_sought(&self, plan: &Plan, gates: &[Option<&GateReport>]) -> bool {
        let rules: Vec<&str> = match &self.target {
            Aim::Gate(id) => {
                let mut own = gates.iter().flatten();
                return own.any(|gate| gate.id == *id && gate.outcome == GateOutcome::Passed);
            }
            Aim::Findings { rule, .. } => rule.iter().map(String::as_str).collect(),
            Aim::Here { rules, .. } => rules.iter().map(String::as_str).collect(),
        };
        let is_it =
            |check: &dyn Check| rules.is_empty() || rules.iter().any(|rule| can_find(check, rule));
        if plan.left_out.iter().any(|check| is_it(&**check)) {
            return false;
        }
        let mut looked = false;
        for (planned, gate) in plan.gates.iter().zip(gates) {
            let asked = planned.checks.iter().enumerate();
            let asked = asked.filter(|(_, check)| is_it(&*check.check));
            let mut asked = asked.map(|(at, _)| at).peekable();
            if asked.peek().is_none() {
                continue;
            }
            let Some(gate) = gate else { return false };
            if !asked.all(|at| gate.checks.get(at).is_some_and(knows)) {
                return false;
            }
            looked = true;
        }
        looked
    }
}

/// Rules of outside tools are not known beforehand: whatever does not compute only may find them.
fn can_find(check: &dyn Check, rule: &str) -> bool {
    let has_it = check.rules().iter().any(|known| known.id == rule);
    has_it || (rule.contains('/') && check.lane() != Lane::Pure)
}

fn knows(check: &CheckReport) -> bool {
    matches!(
        check.outcome,
        CheckOutcome::Complete | CheckOutcome::NotApplicable
    )
}

fn rule_ids() -> impl Iterator<Item = &'static str> {
    checkers::rules().map(|rule| rule.id)
}

/// Rules of outside tools are not known beforehand.
fn is_rule(id: &str) -> bool {
    id.contains('/') || checkers::rule(id).is_some()
}
