//! Owns the checker `probe`: is a service well? Knows no socket, no clock and no gate.

mod certificate;
mod options;

use std::time::Duration;

use crate::base::words;
use crate::check::load::{Call, Histogram};
use crate::check::ports::{Look, Service, Stopped};
use crate::check::target::{Hosts, Target};
use crate::check::{Checker, Cx, Lane, Observed};
use crate::model::evidence::{Doubt, Evidence};
use crate::model::fault::{Fault, FaultKind};
use crate::model::finding::Finding;
use crate::model::metric::{Better, Metric, Value};
use crate::model::place::Place;
use crate::model::quantity::{Dimension, Quantity};
use crate::model::rule::{Rule, Severity};
use crate::rule;

use options::Options;

static CERTIFICATE_EXPIRY: Rule = rule!("certificate-expiry", Medium, "2026-12");
static CERTIFICATE_INVALID: Rule = rule!("certificate-invalid", High, "2026-12");
static PROBE_FAILED: Rule = rule!("probe-failed", High, "2026-12");

/// A certificate that ends within so many days is a grave matter.
const GRAVE: i64 = 3;

/// The probes that tell a 95th percentile.
const ENOUGH: u64 = 200;

/// The checker.
#[derive(Debug)]
pub struct Probe {
    options: Options,
}

impl Checker for Probe {
    const NAME: &'static str = "probe";
    const SUMMARY: &'static str =
        "health of services: status, body, response time, and how long their certificates last";
    const GUIDE: &'static str = include_str!("guide.md");
    const REVISION: u32 = 1;
    const RULES: &'static [&'static Rule] =
        &[&CERTIFICATE_EXPIRY, &CERTIFICATE_INVALID, &PROBE_FAILED];
    const METRICS: &'static [Metric] = &[
        Metric::measured(
            "availability",
            Dimension::Share,
            Better::Higher,
            "probes that were answered as they should be, out of all",
        ),
        Metric::measured(
            "probe_failures",
            Dimension::Count,
            Better::Lower,
            "probes that were not",
        ),
        Metric::measured(
            "max_response_time",
            Dimension::Time,
            Better::Lower,
            "the longest that an answer took, connection included",
        ),
        Metric::measured(
            "mean_response_time",
            Dimension::Time,
            Better::Lower,
            "the mean of all answers",
        ),
        Metric::measured(
            "p95_response_time",
            Dimension::Time,
            Better::Lower,
            "95 of 100 answers took no longer; 200 answers are needed",
        ),
        Metric::measured(
            "certificate_days",
            Dimension::Count,
            Better::Higher,
            "days until the first certificate ends",
        ),
        Metric::counts(
            "certificates_invalid",
            &["certificate-invalid"],
            "certificates that are not to be trusted",
        ),
    ];

    type Options = Options;
    type Facts = ();

    fn new(options: Options) -> Result<Self, String> {
        options.check()?;
        Ok(Self { options })
    }

    fn options(&self) -> &Options {
        &self.options
    }

    fn lane(&self) -> Lane {
        Lane::Measures
    }

    fn gives(&self, metric: &str) -> bool {
        let of_tls = matches!(metric, "certificate_days" | "certificates_invalid");
        !of_tls || self.options.targets().any(Target::tls)
    }

    fn conclude(&self, _: &[Observed<'_, ()>], cx: &Cx<'_>) -> Result<Evidence, Fault> {
        let serve = self.options.serve.as_ref();
        let service = serve.map(|serve| serve.start(cx)).transpose()?;
        let asked = self.ask_all(cx);
        let stopped = service.map(Service::stop);
        let all = asked?;
        Ok(self.evidence(&all, stopped.as_ref(), cx))
    }
}

/// All probes of one address.
struct Asked<'a> {
    target: &'a Target,
    /// The answers' times.
    times: Histogram,
    probes: u32,
    /// What was wrong with those that failed, oldest first.
    failures: Vec<String>,
    /// How many were tried again.
    again: u32,
    certificate: Option<Vec<u8>>,
    distrust: Option<String>,
}

impl Probe {
    fn ask_all(&self, cx: &Cx<'_>) -> Result<Vec<Asked<'_>>, Fault> {
        let mut left = Left {
            time: cx.timeout,
            cx,
        };
        let mut all: Vec<Asked<'_>> = Vec::new();
        for target in self.options.targets() {
            all.push(Asked {
                target,
                times: Histogram::new(),
                probes: 0,
                failures: Vec::new(),
                again: 0,
                certificate: None,
                distrust: None,
            });
        }
        for round in 0..self.options.probes {
            if round > 0 {
                left.pause(self.options.every.0)?;
            }
            for asked in &mut all {
                self.probe(asked, &mut left)?;
            }
        }
        Ok(all)
    }

    /// One probe, tried again as often as the options say.
    fn probe(&self, asked: &mut Asked<'_>, left: &mut Left<'_>) -> Result<(), Fault> {
        let call = self.options.call(asked.target);
        let mut tries = 0;
        let failure = loop {
            let look = left.look(&call, self.options.timeout.0)?;
            let wrong = self.wrong(&call, &look);
            if look.status.is_some() {
                asked.times.add(look.wall);
            }
            if look.certificate.is_some() {
                asked.certificate = look.certificate;
                asked.distrust = look.distrust;
            }
            if wrong.is_none() || tries == self.options.retries {
                break wrong;
            }
            tries += 1;
            left.pause(self.options.every.0)?;
        };
        asked.probes += 1;
        asked.again += u32::from(tries > 0);
        asked.failures.extend(failure);
        Ok(())
    }

    fn wrong(&self, call: &Call, look: &Look) -> Option<String> {
        let Some(status) = look.status else {
            let why = look.distrust.as_ref().or(look.problem.as_ref());
            let why = why.map_or("nothing is known", String::as_str);
            return Some(format!("gave no answer: {why}"));
        };
        if !call.expect.takes(status) {
            let wanted = call.expect.statuses();
            return Some(format!("answered with status {status}, not {wanted}"));
        }
        if let Some(wanted) = &call.expect.body
            && !wanted
                .regex()
                .is_match(&String::from_utf8_lossy(&look.body))
        {
            return Some("answered with a body that does not match".to_owned());
        }
        let within = self.options.within.filter(|within| look.wall > within.0)?;
        let took = Quantity::time(look.wall);
        Some(format!("took {took}, longer than {within}"))
    }

    fn evidence(&self, all: &[Asked<'_>], stopped: Option<&Stopped>, cx: &Cx<'_>) -> Evidence {
        let mut evidence = Evidence::default();
        let mut times = Histogram::new();
        let (mut probes, mut failed) = (0_u64, 0_u64);
        let mut fewest: Option<i64> = None;
        for asked in all {
            times.merge(&asked.times);
            probes += u64::from(asked.probes);
            failed += asked.failures.len() as u64;
            evidence.findings.extend(failure(asked, stopped));
            if asked.again > 0 {
                let again = words::count(asked.again as usize, "probe");
                let note = format!(
                    "{}: {again} answered only when tried again, or not at all",
                    asked.target
                );
                evidence.notes.push(note);
            }
            if asked.target.tls() {
                let days = self.certificate(asked, cx, &mut evidence);
                fewest = fewest.into_iter().chain(days).min();
            }
        }
        if let Some(share) = Value::ratio(probes - failed, probes) {
            evidence.measure("availability", share);
        }
        let count = usize::try_from(failed).unwrap_or(usize::MAX);
        evidence.measure("probe_failures", Value::Plain(Quantity::count(count)));
        measure_times(&times, &mut evidence);
        if let Some(days) = fewest {
            let days = Quantity {
                number: crate::model::number::Number::whole(days),
                dimension: Dimension::Count,
            };
            evidence.measure("certificate_days", Value::Plain(days));
        }
        if let (Some(serve), Some(stopped)) = (&self.options.serve, stopped) {
            serve.tell(stopped, &mut evidence);
        }
        evidence
    }

    /// Looks at the certificate of an address; gives the days that it lasts.
    fn certificate(&self, asked: &Asked<'_>, cx: &Cx<'_>, evidence: &mut Evidence) -> Option<i64> {
        let (target, place) = (
            asked.target,
            Place::Object(format!("certificate of {}", asked.target.authority())),
        );
        let Some(der) = &asked.certificate else {
            evidence.partial(format!("{target} showed no certificate"));
            return None;
        };
        if let Some(why) = &asked.distrust {
            let headline = format!(
                "the certificate of {} is not to be trusted: {why}",
                target.authority()
            );
            let help =
                "renew it, or name its authority in SSL_CERT_FILE where it is one of your own";
            let finding = Finding::new(&CERTIFICATE_INVALID, place.clone(), headline, help);
            evidence.findings.push(finding.anchored(target.authority()));
        }
        let Some(last) = certificate::last_day(der) else {
            evidence.partial(format!(
                "the certificate of {} cannot be read",
                target.authority()
            ));
            return None;
        };
        let left = cx.ports.surroundings.today().until(last).ok()?;
        let days = i64::from(left.get_days());
        evidence.notes.push(format!(
            "the certificate of {} is good until {last}",
            target.authority()
        ));
        if self
            .options
            .certificate_days
            .limit()
            .is_some_and(|limit| days <= limit)
        {
            let headline = if days < 0 {
                format!("the certificate of {} ended on {last}", target.authority())
            } else {
                let days = words::count(usize::try_from(days).unwrap_or(0), "day");
                format!(
                    "the certificate of {} ends in {days}, on {last}",
                    target.authority()
                )
            };
            let finding = Finding::new(
                &CERTIFICATE_EXPIRY,
                place,
                headline,
                "renew it, and see why it was not renewed by itself",
            );
            let grave = if days <= GRAVE {
                Severity::High
            } else {
                Severity::Medium
            };
            evidence
                .findings
                .push(finding.graded(grave).anchored(target.authority()));
        }
        Some(days)
    }
}

/// What is left of the check's time: nothing here sees a clock, so each answer and pause is taken off.
struct Left<'a> {
    time: Duration,
    cx: &'a Cx<'a>,
}

impl Left<'_> {
    fn take(&mut self, time: Duration) -> Result<(), Fault> {
        let out_of_time = || {
            let limit = words::duration(self.cx.timeout);
            Fault::new(
                FaultKind::Timeout,
                format!("the probes take longer than {limit}"),
                "raise `timeout` of the check, or ask less often",
            )
        };
        self.time = self.time.checked_sub(time).ok_or_else(out_of_time)?;
        Ok(())
    }

    fn look(&mut self, call: &Call, timeout: Duration) -> Result<Look, Fault> {
        // Whoever wrote the address wants it to be asked.
        let hosts = Hosts::new(vec![call.target.authority()]);
        let look = self
            .cx
            .ports
            .load
            .look(call, &hosts, timeout.min(self.time))?;
        self.take(look.wall)?;
        Ok(look)
    }

    fn pause(&mut self, time: Duration) -> Result<(), Fault> {
        self.take(time)?;
        self.cx.ports.load.pause(time)
    }
}

fn measure_times(times: &Histogram, evidence: &mut Evidence) {
    if times.count() == 0 {
        for metric in [
            "max_response_time",
            "mean_response_time",
            "p95_response_time",
        ] {
            evidence.doubts.push(Doubt {
                metric: metric.into(),
                other: None,
                why: "no probe was answered".to_owned(),
                cure: "start the service, or mend its address".to_owned(),
            });
        }
        return;
    }
    let time = |time| Value::Plain(Quantity::time(time));
    evidence.measure("max_response_time", time(times.max()));
    evidence.measure("mean_response_time", time(times.mean()));
    if times.count() >= ENOUGH {
        evidence.measure("p95_response_time", time(times.at(0.95)));
    } else {
        evidence.doubts.push(Doubt {
            metric: "p95_response_time".into(),
            other: None,
            why: format!("it needs {ENOUGH} answers, and {} came", times.count()),
            cure: format!("ask more often: `probes: {ENOUGH}`, or take `max_response_time`"),
        });
    }
}

fn failure(asked: &Asked<'_>, stopped: Option<&Stopped>) -> Option<Finding> {
    let first = asked.failures.first()?;
    let target = asked.target;
    let headline = match asked.probes {
        1 => format!("{target} {first}"),
        all => format!(
            "{} of {all} probes failed: {target} {first}",
            asked.failures.len()
        ),
    };
    let help = match stopped.and_then(|stopped| stopped.log.as_ref()) {
        Some(log) => format!("see {log}"),
        None => "see the service's own log".to_owned(),
    };
    let place = Place::Object(format!("service {target}"));
    let finding = Finding::new(&PROBE_FAILED, place, headline, help);
    Some(finding.anchored(target.to_string()))
}
