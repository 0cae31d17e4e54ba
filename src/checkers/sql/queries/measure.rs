//! Owns the measurement of one query: its plan once, its times after a warm-up, each run undone.

use std::collections::BTreeMap;
use std::time::Duration;

use super::options::{Options, Query};
use super::plan::Plan;
use crate::base::words;
use crate::check::ports::{Refusal, Session, Work};
use crate::model::fault::{Fault, FaultKind};

/// Before and after each run: what it writes is gone before the next one.
const BEFORE: &str = "savepoint qgate";
const AFTER: &str = "rollback to savepoint qgate; release savepoint qgate";

/// What was measured.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The times, from the request until the last row was here; sorted.
    pub times: Vec<Duration>,
    /// The most rows that a run gave, or changed.
    pub rows: u64,
    /// The plan of one run.
    pub plan: Plan,
}

impl Measured {
    /// The 95th percentile by nearest rank: the smallest time that at least 95 of 100 runs did not exceed.
    pub fn p95(&self) -> Duration {
        self.ranked(95)
    }

    fn ranked(&self, percent: usize) -> Duration {
        let rank = (self.times.len() * percent).div_ceil(100);
        let at = rank.saturating_sub(1);
        self.times.get(at).copied().unwrap_or_default()
    }

    /// One line about it.
    pub fn said(&self) -> String {
        format!(
            "p95 {} and median {} of {}; {}; {}, {} of them read",
            words::duration(self.p95()),
            words::duration(self.ranked(50)),
            words::count(self.times.len(), "run"),
            words::count(usize::try_from(self.rows).unwrap_or(usize::MAX), "row"),
            words::count(
                usize::try_from(self.plan.hit + self.plan.read).unwrap_or(usize::MAX),
                "shared buffer"
            ),
            self.plan.read
        )
    }
}

/// Measures a query in a transaction of its own, and rolls it back.
///
/// # Errors
/// When the server refuses any of it, or not all runs were done in time: some runs alone say nothing.
pub fn measure(
    session: &mut dyn Session,
    query: &Query,
    text: &str,
    options: &Options,
) -> Result<Measured, Fault> {
    let of = |refusal| fault(&query.name, refusal);
    let text = text.trim().trim_end_matches(';');
    session.script(&begin(options)).map_err(of)?;
    let mut settings: BTreeMap<&String, &String> = options.settings.iter().collect();
    settings.extend(&query.settings);
    for (name, value) in settings {
        let given = [Some(name.clone()), Some(value.clone())];
        session
            .statement("select set_config($1, $2, true)", &given)
            .map_err(of)?;
    }
    if let Some(role) = query.role.as_ref().or(options.role.as_ref()) {
        let quoted = role.replace('"', "\"\"");
        session
            .script(&format!("set local role \"{quoted}\""))
            .map_err(of)?;
    }
    // What cannot be explained could end the transaction: it is refused here, and never run.
    session
        .statement(&format!("explain (format json) {text}"), &query.parameters)
        .map_err(of)?;
    session.script(BEFORE).map_err(of)?;
    let explained = format!("explain (analyze, buffers, format json) {text}");
    let rows = session
        .statement(&explained, &query.parameters)
        .map_err(of)?;
    session.script(AFTER).map_err(of)?;
    let said: String = rows
        .into_iter()
        .filter_map(|row| row.into_iter().next().flatten())
        .collect();
    let plan = Plan::parse(&said).ok_or_else(|| {
        Fault::new(
            FaultKind::Unparsable,
            format!("the plan of the query `{}` is not as expected", query.name),
            "report it with the version of the server",
        )
    })?;
    let work = Work {
        sql: text,
        parameters: &query.parameters,
        times: options.warm_up,
        before: BEFORE,
        after: AFTER,
    };
    session.time(&work).map_err(of)?;
    let ran = session
        .time(&Work {
            times: options.runs,
            ..work
        })
        .map_err(of)?;
    session.script("rollback").map_err(of)?;
    let mut times: Vec<Duration> = ran.iter().map(|timed| timed.wall).collect();
    times.sort_unstable();
    Ok(Measured {
        times,
        rows: ran.iter().map(|timed| timed.rows).max().unwrap_or_default(),
        plan,
    })
}

fn begin(options: &Options) -> String {
    format!(
        "begin; set local statement_timeout = {}; set local lock_timeout = {}; \
         set local idle_in_transaction_session_timeout = 0; set local plan_cache_mode = force_custom_plan",
        options.statement_timeout.0.as_millis(),
        options.lock_timeout.0.as_millis()
    )
}

fn fault(name: &str, refusal: Refusal) -> Fault {
    match refusal {
        Refusal::Lost(fault) => fault,
        Refusal::Server { code, message } => {
            let (kind, cure) = match code.as_str() {
                "57014" => (
                    FaultKind::Timeout,
                    "look at its plan with EXPLAIN, or raise `statement_timeout`",
                ),
                "55P03" => (
                    FaultKind::Timeout,
                    "wait until nobody holds the lock, or raise `lock_timeout`",
                ),
                "42501" => (
                    FaultKind::ToolFailed,
                    "name a `role` that may run it, or grant the right",
                ),
                _ => (FaultKind::ToolFailed, "run it by hand, as the same role"),
            };
            Fault::new(
                kind,
                format!("the query `{name}` was not measured: {message} ({code})"),
                cure,
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(times: &[u64], p95: u64) {
        let mut times: Vec<Duration> = times.iter().copied().map(Duration::from_millis).collect();
        times.sort_unstable();
        let measured = Measured {
            times,
            rows: 0,
            plan: Plan::default(),
        };
        assert_eq!(measured.p95(), Duration::from_millis(p95));
    }

    #[test]
    fn the_nearest_rank() {
        let hundred: Vec<u64> = (1..=100).collect();
        check(&hundred, 95);
        check(&hundred[..20], 19);
        check(&hundred[..21], 20);
        check(&[7], 7);
    }
}
