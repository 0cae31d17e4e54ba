//! Owns `qgate baseline`: what stands now is accepted, the gain is taken, or the baseline is checked. Judges nothing.

use crate::base::ascii::escape;
use crate::base::path::RepoPath;
use crate::base::words::count;
use crate::check::ports::Surroundings as _;
use crate::engine::ratchet::{self, Gain};
use crate::history::baseline as form;
use crate::host::{store, surroundings};
use crate::model::baseline::Baseline;
use crate::model::gate::Scope;
use crate::model::outcome::{CheckOutcome, Exit};
use crate::model::trace::{Spot, Trace};

use super::Usage;
use super::args::{BaselineArgs, Global};
use super::judging;
use super::output::Console;
use super::run::{self, Judged};
use super::run_args::RunArgs;
use super::site::Site;

/// How many entries are shown.
const SHOWN: usize = 20;

/// Writes or checks the baseline.
///
/// # Errors
/// When it cannot be read or written, and as `qgate run`.
pub fn run(args: &BaselineArgs, global: &Global, console: &mut Console) -> anyhow::Result<Exit> {
    let of_run = RunArgs {
        plan: args.plan.clone(),
        gates: args.gates.clone(),
        ..RunArgs::plain()?
    };
    let judged = run::judged(&of_run, global, true)?;
    if judged.exit == Exit::Interrupted {
        return Ok(Exit::Interrupted);
    }
    let site = Site::open(global)?;
    let old = judging::baseline(&site.files())?;
    let unknown = unknown(&judged);
    if !unknown.is_empty() {
        console.say(&format!(
            "qgate: error: the baseline is left as it is: {}\n  help: cure that, or name gates that can be judged with --gate\n",
            unknown.join("; ")
        ));
        return Ok(Exit::Unknown);
    }
    let today = surroundings::System::new(site.root.clone())
        .map_err(|problem| Usage::new(problem, "unset it, or set it to a time"))?
        .today();
    let needs_one = args.tighten || args.check || args.prune;
    let old = match old {
        None if needs_one => {
            let help = "make one with `qgate baseline`";
            return Err(Usage::new(format!("there is no baseline {}", form::PATH), help).into());
        }
        old => old.unwrap_or_default(),
    };
    let is_gone = |path: &RepoPath| judged.tree.find(path).is_none();
    let gain = ratchet::gain(&judged.plan, &judged.report.gates, &old, &is_gone);
    if args.check {
        return check(&old, &gain, console);
    }
    let new = if args.tighten || args.prune {
        ratchet::tighten(&old, &gain, args.tighten, today)
    } else {
        ratchet::accept(&judged.plan, &judged.report.gates, &old, today)
    };
    let path = judged.root.join(form::PATH);
    let text = form::render(&new);
    store::write_atomic(&path, text.as_bytes())
        .map_err(|problem| anyhow::anyhow!("{} cannot be written: {problem}", path.display()))?;
    console.out(&told(&old, &new))?;
    if !needs_one {
        console.out(&hints(&judged))?;
    }
    Ok(Exit::Pass)
}

/// What could not be judged: of that nobody knows what is accepted.
fn unknown(judged: &Judged) -> Vec<String> {
    let mut unknown = Vec::new();
    for (planned, gate) in judged.plan.gates.iter().zip(&judged.report.gates) {
        let compares = planned.gate.scope == Scope::New || ratchet::is_compared(planned);
        for check in gate.checks.iter().filter(|_| compares) {
            if !matches!(
                check.outcome,
                CheckOutcome::Complete | CheckOutcome::NotApplicable
            ) {
                let why = check.why.first().map_or("nobody knows why", String::as_str);
                unknown.push(format!("{}.{}: {}", gate.id, check.name, escape(why)));
            }
        }
    }
    unknown
}

/// Fails when the baseline holds what is gone, or a value that is better now.
fn check(old: &Baseline, gain: &Gain, console: &mut Console) -> anyhow::Result<Exit> {
    if gain.is_empty() {
        console.out(&format!("{} is up to date: {}\n", form::PATH, size(old)))?;
        return Ok(Exit::Pass);
    }
    let mut text = format!("{} is stale: {}\n", form::PATH, gain.told());
    let gone: Vec<String> = gain
        .gone
        .iter()
        .map(|((check, trace), gone)| entry(check, trace, *gone))
        .collect();
    text.push_str(&lines("gone", &gone));
    text.push_str("next: qgate baseline --tighten\n");
    console.out(&text)?;
    Ok(Exit::Fail)
}

fn entry(check: &str, trace: &Trace, times: usize) -> String {
    let spot = match &trace.spot {
        Spot::Path(path) => path.to_string(),
        Spot::Object(name) => escape(name).into_owned(),
    };
    let times = if times == 1 {
        String::new()
    } else {
        format!(" ({times} times)")
    };
    format!("{spot}: {}{times} [{}]", escape(&trace.rule), escape(check))
}

fn lines(word: &str, entries: &[String]) -> String {
    let mut text = String::new();
    for entry in entries.iter().take(SHOWN) {
        text.push_str(&format!("  {word}: {entry}\n"));
    }
    if entries.len() > SHOWN {
        text.push_str(&format!("  and {} more\n", entries.len() - SHOWN));
    }
    text
}

fn size(baseline: &Baseline) -> String {
    let findings: usize = baseline
        .findings
        .values()
        .map(|accepted| accepted.count)
        .sum();
    format!(
        "{}, {}",
        count(findings, "finding"),
        count(baseline.values.len(), "value")
    )
}

/// What was written, and how it differs from before.
fn told(old: &Baseline, new: &Baseline) -> String {
    let mut text = format!("wrote {}: {}\n", form::PATH, size(new));
    let differs = |one: &Baseline, other: &Baseline| -> Vec<String> {
        let more = one.findings.iter().filter_map(|(key, accepted)| {
            let had = other.findings.get(key).map_or(0, |a| a.count);
            let more = accepted.count.checked_sub(had).filter(|more| *more > 0)?;
            Some(entry(&key.0, &key.1, more))
        });
        more.collect()
    };
    if !old.findings.is_empty() {
        text.push_str(&lines("accepted", &differs(new, old)));
    }
    text.push_str(&lines("gone", &differs(old, new)));
    for ((gate, metric), recorded) in &new.values {
        let value = recorded.value.quantity();
        let was = old.values.get(&(gate.clone(), metric.clone()));
        match was.map(|was| was.value.quantity()) {
            Some(was) if was == value => {}
            Some(was) => text.push_str(&format!("  {metric} of gate {gate}: {value}, was {was}\n")),
            None => text.push_str(&format!("  {metric} of gate {gate}: {value}\n")),
        }
    }
    text
}

/// Gates that would profit from a baseline and do not look at it.
fn hints(judged: &Judged) -> String {
    let mut text = String::new();
    for (planned, gate) in judged.plan.gates.iter().zip(&judged.report.gates) {
        let findings: usize = gate.checks.iter().map(|check| check.findings.len()).sum();
        if planned.gate.scope == Scope::All && !gate.decisive.is_empty() {
            text.push_str(&format!(
                "note: gate {} judges all findings, {} now: with `scope: new` a baseline excuses them\n",
                gate.id, findings
            ));
        }
    }
    text
}
