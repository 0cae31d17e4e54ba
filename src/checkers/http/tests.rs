//! What is said of loads that nobody sent: too few requests, rare failures, a generator that was late or busy.

use std::time::Duration;

use super::result;
use crate::check::load::options::Options;
use crate::check::load::{Failure, Health, Histogram, Outcome, Plan, Tally};
use crate::model::evidence::{Completeness, Evidence};

fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

fn plan(how: &str) -> Plan {
    let options = format!(r#"{{"url": "http://127.0.0.1/a", {how}}}"#);
    let options: Options = serde_json::from_str(&options).expect("options");
    options.check().expect("they fit");
    options.plan().expect("a plan")
}

/// So many requests that each took so long, of which so many failed with 500.
fn outcome(requests: u64, took: Duration, failed: u64) -> Outcome {
    let mut times = Histogram::new();
    for _ in 0..requests {
        times.add(took);
    }
    let mut tally = Tally {
        requests,
        response: times.clone(),
        ..Tally::new()
    };
    if failed > 0 {
        tally.failures.insert(Failure::Status(500), failed);
    }
    Outcome {
        tallies: vec![tally],
        response: times.clone(),
        steady: times.clone(),
        service: times,
        lag: Histogram::new(),
        in_time: requests - failed,
        sent: requests,
        peak: 3,
        connections: 3,
        health: Health {
            wall: ms(10_000),
            busy: Some(ms(1_000)),
            waited: Some(ms(100)),
            ..Health::default()
        },
    }
}

const OPEN: &str = r#""rate": "200/s""#;

/// The metrics that are open, each with what it may just as well be.
fn open(evidence: &Evidence) -> Vec<String> {
    let doubts = evidence.doubts.iter();
    doubts
        .map(|doubt| match doubt.other {
            Some(other) => format!("{} {other}", doubt.metric),
            None => doubt.metric.to_string(),
        })
        .collect()
}

fn check(plan: &Plan, outcome: &Outcome, expected: &[&str]) {
    let evidence = result::evidence(plan, outcome);
    assert_eq!(evidence.completeness, Completeness::Complete);
    assert_eq!(open(&evidence), expected);
}

#[test]
fn what_so_many_requests_tell() {
    let plan = plan(OPEN);
    let many = outcome(30_000, ms(5), 4);
    check(&plan, &many, &["timeout_rate 0.01%"]);
    let all = [
        "p95_response_time",
        "p99_response_time",
        "p999_response_time",
        "error_rate 1.506%",
        "timeout_rate 1.506%",
    ];
    check(&plan, &outcome(199, ms(5), 0), &all);
    check(
        &plan,
        &outcome(200, ms(5), 3),
        &[all[1], all[2], "timeout_rate 1.498%"],
    );
    let none = result::evidence(&plan, &outcome(0, ms(5), 0));
    assert!(
        none.measurements
            .iter()
            .all(|m| !m.metric.ends_with("time"))
    );
}

#[test]
fn what_the_generator_was_late_is_not_the_service_s() {
    let plan = plan(OPEN);
    let mut late = outcome(30_000, ms(12), 5);
    late.steady = outcome(30_000, ms(2), 0).response;
    late.lag = outcome(30_000, ms(10), 0).response;
    let found = open(&result::evidence(&plan, &late));
    let shown = "p95_response_time 2.0";
    assert!(
        found.iter().any(|line| line.starts_with(shown)),
        "{found:?}"
    );
}

#[test]
fn a_generator_that_was_busy_all_the_time_shows_at_most_how_slow_a_service_is() {
    let plan = plan(r#""users": 10"#);
    let mut busy = outcome(30_000, ms(2), 5);
    busy.health.busy = Some(ms(9_500));
    let found = open(&result::evidence(&plan, &busy));
    assert!(
        found.contains(&"p95_response_time 0s".to_owned()),
        "{found:?}"
    );
    assert!(found[0].starts_with("throughput "), "{found:?}");
}

fn bottleneck(change: impl FnOnce(&mut Outcome), expected: Option<&str>) {
    let mut outcome = outcome(10_000, ms(5), 0);
    change(&mut outcome);
    let evidence = result::evidence(&plan(OPEN), &outcome);
    let why = match evidence.completeness {
        Completeness::Partial(reasons) => Some(reasons.join("; ")),
        _ => None,
    };
    match (&why, expected) {
        (None, None) => {}
        (Some(why), Some(part)) => assert!(why.contains(part), "{why}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn who_could_not() {
    bottleneck(|_| {}, None);
    // Every connection was busy: the service's doing.
    bottleneck(|outcome| outcome.sent = 5_000, None);
    // It was late and caught up: what that did to the times is in them.
    bottleneck(
        |outcome| {
            for _ in 0..200 {
                outcome.lag.add(ms(150));
            }
        },
        None,
    );
    bottleneck(
        |outcome| {
            outcome.sent = 5_000;
            outcome.health.busy = Some(ms(9_800));
        },
        Some("it sent 50.0% of the requests in their time"),
    );
    bottleneck(
        |outcome| {
            outcome.sent = 9_800;
            for _ in 0..200 {
                outcome.lag.add(ms(150));
            }
        },
        Some("was 150ms late one time in a hundred"),
    );
    bottleneck(|outcome| outcome.health.unsent = 5, None);
    bottleneck(
        |outcome| outcome.health.unsent = 50,
        Some("could not send 50 of 10050 requests"),
    );
    bottleneck(
        |outcome| outcome.health.dropped = 50,
        Some("50 of 10050 requests were given up unsent"),
    );
}
