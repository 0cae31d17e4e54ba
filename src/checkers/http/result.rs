//! Owns what a load says: measurements, what leaves them open, findings and notes. Pure.

use std::time::Duration;

use crate::base::words;
use crate::check::load::{
    BUSY, Call, Failure, Histogram, Model, Outcome, Plan, Tally, bottleneck, busy,
};
use crate::model::evidence::{Doubt, Evidence};
use crate::model::finding::Finding;
use crate::model::metric::Value;
use crate::model::number::Number;
use crate::model::place::Place;
use crate::model::quantity::{Dimension, Quantity};

use super::FAILED_EXPECTATION;

/// The percentiles: metric, share, and the least requests that tell anything.
const SHARES: [(&str, f64, u64); 5] = [
    ("p50_response_time", 0.5, 20),
    ("p90_response_time", 0.9, 100),
    ("p95_response_time", 0.95, 200),
    ("p99_response_time", 0.99, 1_000),
    ("p999_response_time", 0.999, 10_000),
];

/// What the load says.
pub fn evidence(plan: &Plan, outcome: &Outcome) -> Evidence {
    let mut evidence = Evidence::default();
    measure(plan, outcome, &mut evidence);
    if let Some(why) = bottleneck(plan, outcome) {
        evidence.partial(why);
    }
    for (call, tally) in plan.calls.iter().zip(&outcome.tallies) {
        evidence.findings.extend(failures(call, tally));
    }
    evidence.notes = notes(plan, outcome);
    evidence
}

fn measure(plan: &Plan, outcome: &Outcome, evidence: &mut Evidence) {
    let requests = outcome.requests();
    let count = |n: u64| Value::Plain(Quantity::count(usize::try_from(n).unwrap_or(usize::MAX)));
    evidence.measure("requests", count(requests));
    evidence.measure("concurrent_users", count(outcome.peak as u64));
    evidence.measure(
        "throughput",
        Value::Plain(rate(outcome.in_time, plan.duration)),
    );
    let busy = busy(outcome).filter(|share| *share >= BUSY);
    if let Some(share) = busy {
        evidence.doubts.push(Doubt {
            metric: "throughput".into(),
            other: Some(Quantity {
                number: Number::whole(i64::from(u32::MAX)),
                dimension: Dimension::Rate,
            }),
            why: busy_words(share),
            cure: BUSY_CURE.to_owned(),
        });
    }
    for (metric, share, least) in SHARES {
        if requests < least {
            evidence.doubts.push(too_few(metric, least, requests, plan));
        } else {
            let of = |times: &Histogram| times.at(share);
            time(
                metric,
                [&outcome.response, &outcome.steady].map(of),
                busy,
                evidence,
            );
        }
    }
    if requests > 0 {
        let both = [&outcome.response, &outcome.steady];
        time(
            "max_response_time",
            both.map(Histogram::max),
            busy,
            evidence,
        );
        time(
            "mean_response_time",
            both.map(Histogram::mean),
            busy,
            evidence,
        );
    }
    let shares = [
        ("error_rate", outcome.failed(), "failed"),
        (
            "timeout_rate",
            outcome.failed_by(Failure::Timeout),
            "had no answer in time",
        ),
    ];
    for (metric, part, verb) in shares {
        let Some(value) = Value::ratio(part, requests) else {
            evidence.doubts.push(too_few(metric, 1, requests, plan));
            continue;
        };
        evidence.measure(metric, value);
        evidence
            .doubts
            .extend(rare(metric, (part, requests), verb, plan));
    }
}

/// Measures a time, and says what it would be without the generator's own part.
fn time(
    metric: &'static str,
    [response, steady]: [Duration; 2],
    busy: Option<f64>,
    evidence: &mut Evidence,
) {
    evidence.measure(metric, Value::Plain(Quantity::time(response)));
    let other = |other, why, cure: &str| Doubt {
        metric: metric.into(),
        other: Some(Quantity::time(other)),
        why,
        cure: cure.to_owned(),
    };
    if let Some(share) = busy {
        evidence
            .doubts
            .push(other(Duration::ZERO, busy_words(share), BUSY_CURE));
    }
    if steady < response {
        let shown = Quantity::time(steady);
        let why = format!("the load generator itself was late, and without that it is {shown}");
        evidence.doubts.push(other(
            steady,
            why,
            "repeat it on a machine with a processor to spare, or at a lower rate",
        ));
    }
}

/// A share that is seen as nought, or nearly, may be rarer or more frequent than it was seen: three in all that were asked is
/// what chance hides one time in twenty.
fn rare(metric: &'static str, (part, whole): (u64, u64), verb: &str, plan: &Plan) -> Option<Doubt> {
    // -ln(0.05) is 2.996.
    let other = Number::ratio(2_996, i128::from(whole) * 1_000)?;
    (part < 3).then(|| {
        let other = Quantity {
            number: other,
            dimension: Dimension::Share,
        };
        let need = |limit: u64| words::duration(duration_for(3 * limit, whole, plan));
        Doubt {
            metric: metric.into(),
            why: format!(
                "{part} of {whole} requests {verb}, and of so few as many may fail as {other}"
            ),
            cure: format!(
                "send more: the limit times the requests must reach 3; a limit of 1% needs a duration of {}, one of 0.1% {}",
                need(100),
                need(1_000)
            ),
            other: Some(other),
        }
    })
}

fn too_few(metric: &'static str, least: u64, requests: u64, plan: &Plan) -> Doubt {
    let needed = words::duration(duration_for(least, requests, plan));
    Doubt {
        metric: metric.into(),
        other: None,
        why: format!("it needs {least} requests, and {requests} were counted"),
        cure: if requests == 0 {
            "send more".to_owned()
        } else {
            format!("at this pace that takes a duration of {needed}")
        },
    }
}

/// How long it takes to count so many, in whole seconds.
fn duration_for(needed: u64, requests: u64, plan: &Plan) -> Duration {
    let millis = u64::try_from(plan.duration.as_millis()).unwrap_or(u64::MAX);
    let millis = needed.saturating_mul(millis) / requests.max(1);
    Duration::from_secs(millis.div_ceil(1_000))
}

fn rate(count: u64, over: Duration) -> Quantity {
    let nanoseconds = i128::try_from(over.as_nanos()).unwrap_or(i128::MAX);
    let number = Number::ratio(i128::from(count) * 1_000_000_000, nanoseconds);
    Quantity {
        number: number.unwrap_or(Number::ZERO),
        dimension: Dimension::Rate,
    }
}

const BUSY_CURE: &str = "send less than the generator can, or give it a processor to itself";

fn busy_words(share: f64) -> String {
    format!(
        "the load generator itself had work for {:.0}% of the time, and the service may be faster",
        share * 100.0
    )
}

fn failures(call: &Call, tally: &Tally) -> Vec<Finding> {
    let each = tally.failures.iter().map(|(failure, count)| {
        let what = match failure {
            Failure::Status(status) => {
                format!(
                    "answered with status {status}, not {}",
                    call.expect.statuses()
                )
            }
            Failure::Body => "answered with a body that does not match".to_owned(),
            Failure::Timeout => "had no answer in time".to_owned(),
            Failure::Connect => "found no connection".to_owned(),
            Failure::Broken => "lost the connection before the answer was whole".to_owned(),
            Failure::Garbage => "were answered with what is no HTTP".to_owned(),
        };
        let headline = format!(
            "{count} of {} requests {}: {what}",
            tally.requests, call.name
        );
        let place = Place::Object(format!("request {}", call.name));
        let help = format!("ask {} by hand, and see the service's own log", call.target);
        let finding = Finding::new(&FAILED_EXPECTATION, place, headline, help);
        finding.anchored(format!("{} {failure:?}", call.name))
    });
    each.collect()
}

fn line(times: &Histogram) -> String {
    let at = |name: &str, share| format!("{name} {}", Quantity::time(times.at(share)));
    [
        at("p50", 0.5),
        at("p95", 0.95),
        at("p99", 0.99),
        at("max", 1.0),
    ]
    .join(", ")
}

fn notes(plan: &Plan, outcome: &Outcome) -> Vec<String> {
    let requests = outcome.requests();
    let long = words::duration(plan.duration);
    let mut notes = vec![match plan.model {
        Model::Open(_) => format!(
            "{requests} requests in {long}, sent whatever the answers; {} connections, {} at once",
            outcome.connections, outcome.peak
        ),
        Model::Closed { users, .. } => format!("{requests} requests in {long} by {users} users"),
    }];
    if let Model::Closed { .. } = plan.model {
        notes.push(
            "users wait for their answers: while the service stalls they ask less, so the percentiles leave out those who would have waited (coordinated omission); `rate` counts them"
                .to_owned(),
        );
    }
    notes.push(format!(
        "from when they were due: {}",
        line(&outcome.response)
    ));
    if outcome.service.count() > 0 {
        notes.push(format!(
            "from when they were sent: {}",
            line(&outcome.service)
        ));
    }
    if plan.calls.len() > 1 {
        for (call, tally) in plan.calls.iter().zip(&outcome.tallies) {
            let (all, failed) = (tally.requests, tally.failed());
            notes.push(format!(
                "{}: {all} requests, {failed} failed, {}",
                call.name,
                line(&tally.response)
            ));
        }
    }
    let health = outcome.health;
    let mut own = format!(
        "the generator: {} late one time in a hundred",
        Quantity::time(outcome.lag.at(0.99))
    );
    if let (Some(ran), Some(waited), false) = (health.busy, health.waited, health.wall.is_zero()) {
        let percent = |time: Duration| 100.0 * time.as_secs_f64() / health.wall.as_secs_f64();
        own.push_str(&format!(
            ", {:.0}% of a processor, {:.0}% of the time in wait for one",
            percent(ran),
            percent(waited)
        ));
    }
    notes.push(own);
    notes
}
