//! Owns the comparison of base and head side by side: builds, warm-up, pairs in turn, stages, and what the verdicts become.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::base::words::count;
use crate::check::Cx;
use crate::model::evidence::Evidence;
use crate::model::fault::Fault;
use crate::model::finding::Finding;

use super::compare::{self, badness, place};
use super::detect::{self, Design, Judged, Pairs, Verdict};
use super::options::{Ab, Measure, Options, real};
use super::record::Record;
use super::side::{Runner, Side, Values, typical};
use super::{MISSING, measure, tell_open};

/// All values of one quantity.
struct Series {
    /// How the quantity looks, from the first run of the head.
    record: Record,
    /// Base and head in the order they were run; `None` where a run did not give it.
    pairs: Vec<(Option<f64>, Option<f64>)>,
}

/// Runs and judges.
///
/// # Errors
/// When there is no base, or a build or a run fails.
pub fn conclude(ab: &Ab, options: &Options, cx: &Cx<'_>) -> Result<Evidence, Fault> {
    let base = cx.change.base()?;
    let checkout = cx.ports.checkouts.check_out(&base.commit)?;
    let sides = [
        Side {
            name: "base",
            programs: checkout.programs(),
            artifacts: checkout.artifacts(),
        },
        Side {
            name: "head",
            programs: cx.ports.programs,
            artifacts: cx.ports.artifacts,
        },
    ];
    let mut runner = Runner::new(ab, options, cx);
    for side in &sides {
        runner.build(side)?;
    }
    let machine = cx.ports.machine.snapshot(&[]);
    let mut known = [BTreeSet::new(), BTreeSet::new()];
    for (side, known) in sides.iter().zip(&mut known) {
        // The first run finds cold caches and is not counted.
        known.extend(runner.run(side)?.into_keys());
    }
    runner.walls.clear();
    runner.cpu = Duration::ZERO;
    let budget = ab.budget.map(|budget| budget.0);
    let budget = budget.unwrap_or(runner.left() / 10 * 9);
    let before = cx.ports.machine.state();
    let design = options.design();
    let mut comparison = Comparison {
        runner,
        sides: &sides,
        design,
        series: BTreeMap::new(),
        run: 0,
        budget,
        spent: Duration::ZERO,
    };
    let whole = comparison.stages()?;
    let after = cx.ports.machine.state();
    let noise = after.crowded_since(&before, comparison.runner.cpu);
    let noisy_clock = noise.is_some() && ab.measure() != Measure::Cpu;
    let mut evidence = Evidence::default();
    evidence.notes.push(format!(
        "base {} ({}) and head in turn, {}, each {} long, measured by {}",
        base.commit.get(..10).unwrap_or(&base.commit),
        base.name,
        count(comparison.run, "pair"),
        typical(&comparison.runner.walls),
        match ab.measure() {
            Measure::Cpu => "processor time",
            Measure::Wall => "wall time",
            Measure::Report => "its report",
        }
    ));
    evidence
        .notes
        .push(format!("machine: {}", describe(&machine)));
    if let Some(noise) = &noise {
        evidence
            .notes
            .push(format!("the machine is noisy: {noise}"));
    }
    if !whole {
        evidence
            .notes
            .push("the time for pairs was up before all of them ran".to_owned());
    }
    comparison.tell(options, noisy_clock, &known, &mut evidence);
    Ok(evidence)
}

fn describe(machine: &crate::check::machine::Snapshot) -> String {
    let facts = machine
        .class
        .iter()
        .map(|(name, value)| format!("{name} {value}"));
    let facts: Vec<String> = facts.collect();
    format!("class {} ({})", machine.class_id(), facts.join(", "))
}

/// A comparison on its way.
struct Comparison<'a> {
    runner: Runner<'a>,
    sides: &'a [Side<'a>; 2],
    design: Design,
    series: BTreeMap<String, Series>,
    /// Pairs that ran.
    run: usize,
    budget: Duration,
    spent: Duration,
}

impl Comparison<'_> {
    /// Runs both stages, the second one when something is open after the first; false when the time was up before.
    fn stages(&mut self) -> Result<bool, Fault> {
        if !self.pairs(self.design.first)? {
            return Ok(false);
        }
        let (timed, _) = self.split();
        let all: Vec<Pairs> = timed.into_iter().map(|(_, pairs)| pairs).collect();
        if !detect::is_open(&all, &self.design) {
            return Ok(true);
        }
        self.pairs(self.design.first + self.design.second)
    }

    /// Runs pairs until there are `upto`; false when the time was up before.
    fn pairs(&mut self, upto: usize) -> Result<bool, Fault> {
        let mut longest = Duration::ZERO;
        while self.run < upto {
            let left = self
                .budget
                .saturating_sub(self.spent)
                .min(self.runner.left());
            if left <= longest + longest / 4 {
                return Ok(false);
            }
            let before = self.runner.left();
            // A B B A: what drifts in one direction meets both alike.
            let order = if self.run.is_multiple_of(2) {
                [0, 1]
            } else {
                [1, 0]
            };
            let mut values = [Values::new(), Values::new()];
            for at in order {
                values[at] = self.runner.run(&self.sides[at])?;
            }
            let took = before.saturating_sub(self.runner.left());
            self.spent += took;
            longest = longest.max(took);
            let [base, head] = values;
            self.push(base, head);
        }
        Ok(true)
    }

    fn push(&mut self, mut base: Values, head: Values) {
        let run = self.run;
        self.run += 1;
        let mut put = |key: String, record: Record, pair: (Option<f64>, Option<f64>)| {
            let series = self.series.entry(key).or_insert_with(|| Series {
                record,
                pairs: Vec::new(),
            });
            series.pairs.resize(run, (None, None));
            series.pairs.push(pair);
        };
        for (key, record) in head {
            let before = base.remove(&key).map(|before| before.value);
            let now = record.value;
            put(key, record, (before, Some(now)));
        }
        for (key, record) in base {
            let before = record.value;
            put(key, record, (Some(before), None));
        }
    }

    /// The quantities that every run gave on both sides and whose direction is known, upside down where more is better; and the
    /// keys of all others.
    fn split(&self) -> (Vec<(&Series, Pairs)>, Vec<&str>) {
        let (mut whole, mut torn) = (Vec::new(), Vec::new());
        for (key, series) in &self.series {
            let record = &series.record;
            let pairs: Option<Vec<(f64, f64)>> = series
                .pairs
                .iter()
                .map(|&(base, head)| Some((badness(record, base?), badness(record, head?))))
                .collect();
            match pairs {
                Some(pairs) if pairs.len() == self.run && record.better.is_some() => {
                    if record.is_exact() {
                        continue;
                    }
                    let first = pairs.len().min(self.design.first);
                    let (first, second) = pairs.split_at(first);
                    let pairs = Pairs {
                        first: first.to_vec(),
                        second: second.to_vec(),
                    };
                    whole.push((series, pairs));
                }
                _ => torn.push(key.as_str()),
            }
        }
        (whole, torn)
    }

    fn tell(
        &self,
        options: &Options,
        noisy_clock: bool,
        known: &[BTreeSet<String>; 2],
        evidence: &mut Evidence,
    ) {
        let mut open = Vec::new();
        let (timed, torn) = self.split();
        let all: Vec<Pairs> = timed.iter().map(|(_, pairs)| pairs.clone()).collect();
        let judged = detect::judge(&all, &self.design);
        for ((series, pairs), judged) in timed.iter().zip(&judged) {
            one(
                &series.record,
                pairs,
                judged,
                noisy_clock,
                evidence,
                &mut open,
            );
        }
        self.counts(options, evidence);
        measure(evidence, "benchmarks", self.series.len());
        for key in torn {
            let series = &self.series[key];
            let has = |side: fn(&(Option<f64>, Option<f64>)) -> bool| series.pairs.iter().any(side);
            let (before, now) = (has(|pair| pair.0.is_some()), has(|pair| pair.1.is_some()));
            match (
                before || known[0].contains(key),
                now || known[1].contains(key),
            ) {
                (true, false) => evidence.findings.push(missing(&series.record)),
                (false, true) => evidence
                    .notes
                    .push(format!("{key}: new, the base has it not")),
                _ if series.record.better.is_none() => open.push(format!(
                    "{key}: nobody knows which way is better; name it in `better`"
                )),
                _ => open.push(format!("{key}: some runs did not give it")),
            }
        }
        tell_open(options, open, evidence);
    }

    /// Counts that the program alone decides: the medians are compared as they are.
    fn counts(&self, options: &Options, evidence: &mut Evidence) {
        let limit = real(options.counter_growth);
        let exact = self.series.values();
        for series in exact.filter(|series| series.record.is_exact()) {
            let both: Vec<(f64, f64)> = series
                .pairs
                .iter()
                .filter_map(|pair| Some((pair.0?, pair.1?)))
                .collect();
            let pairs = Pairs {
                first: both,
                second: Vec::new(),
            };
            let Some((base, head)) = detect::medians(&pairs) else {
                continue;
            };
            let record = Record {
                value: head,
                ..series.record.clone()
            };
            if compare::rose(&record, base, head, limit) {
                evidence
                    .findings
                    .push(compare::of_count(&record, base, limit));
            }
        }
    }
}

fn one(
    record: &Record,
    pairs: &Pairs,
    judged: &Judged,
    noisy_clock: bool,
    evidence: &mut Evidence,
    open: &mut Vec<String>,
) {
    let said = compare::pairs_said(&record.key(), judged);
    match judged.verdict {
        Verdict::Fail => {
            let medians = detect::medians(pairs).unwrap_or((f64::NAN, f64::NAN));
            let medians = (badness(record, medians.0), badness(record, medians.1));
            evidence
                .findings
                .push(compare::of_pairs(record, medians, judged));
        }
        // On a noisy machine pairs that look alike may hide a slowdown; those that differ do not.
        Verdict::Pass if noisy_clock && is_timed(record) => {
            open.push(format!("{said}; the machine is too noisy to believe it"));
        }
        Verdict::Pass => evidence.notes.push(said),
        Verdict::Inconclusive | Verdict::TooFew | Verdict::Invalid => open.push(said),
    }
}

/// Does the value tell of time? Other things do not depend on what else runs.
fn is_timed(record: &Record) -> bool {
    matches!(&record.unit[..], "ns" | "/s" | "B/s")
}

fn missing(record: &Record) -> Finding {
    let key = record.key();
    let headline = format!("`{key}` has no result any more; the base gives one");
    let help = "run it again on the head, or say in the change why it went";
    Finding::new(&MISSING, place(&record.title()), headline, help).anchored(key)
}
