//! Owns the checker `http`: how a service answers under load. Knows no socket and no clock.

mod result;
#[cfg(test)]
mod tests;

use crate::base::words;
use crate::check::load::options::Options;
use crate::check::ports::Stopped;
use crate::check::{Checker, Cx, Lane, Observed};
use crate::model::evidence::Evidence;
use crate::model::fault::{Fault, FaultKind};
use crate::model::finding::Finding;
use crate::model::metric::{Better, Metric};
use crate::model::place::Place;
use crate::model::quantity::Dimension;
use crate::model::rule::Rule;
use crate::rule;

static FAILED_EXPECTATION: Rule = rule!("failed-expectation", High, "2026-12");
static SERVICE_ENDED: Rule = rule!("service-ended", High, "2026-12");

/// The checker.
#[derive(Debug)]
pub struct Http {
    options: Options,
}

const fn time(name: &'static str, summary: &'static str) -> Metric {
    Metric::measured(name, Dimension::Time, Better::Lower, summary)
}

impl Checker for Http {
    const NAME: &'static str = "http";
    const SUMMARY: &'static str =
        "load on an HTTP service: response times from when requests were due, throughput, errors";
    const GUIDE: &'static str = include_str!("guide.md");
    const REVISION: u32 = 1;
    const RULES: &'static [&'static Rule] = &[&FAILED_EXPECTATION, &SERVICE_ENDED];
    const METRICS: &'static [Metric] = &[
        time("p50_response_time", "half of the requests took no longer"),
        time("p90_response_time", "nine of ten requests took no longer"),
        time(
            "p95_response_time",
            "95 of 100 requests took no longer; 200 requests are needed",
        ),
        time(
            "p99_response_time",
            "99 of 100 requests took no longer; 1000 requests are needed",
        ),
        time(
            "p999_response_time",
            "999 of 1000 requests took no longer; 10000 requests are needed",
        ),
        time("max_response_time", "no request took longer"),
        time("mean_response_time", "the mean of all requests"),
        Metric::measured(
            "throughput",
            Dimension::Rate,
            Better::Higher,
            "good answers in a second",
        ),
        Metric::measured(
            "error_rate",
            Dimension::Share,
            Better::Lower,
            "requests without a good answer; the limit times the requests must reach 3",
        ),
        Metric::measured(
            "timeout_rate",
            Dimension::Share,
            Better::Lower,
            "requests without an answer in time; the limit times the requests must reach 3",
        ),
        Metric::measured(
            "concurrent_users",
            Dimension::Count,
            Better::Higher,
            "the most requests that were under way at once",
        ),
        Metric::measured(
            "requests",
            Dimension::Count,
            Better::Higher,
            "requests that count",
        ),
        Metric::counts(
            "failed_expectations",
            &["failed-expectation"],
            "kinds of failure, each request by itself",
        ),
        Metric::counts(
            "services_ended",
            &["service-ended"],
            "services that ended under load",
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

    fn conclude(&self, _: &[Observed<'_, ()>], cx: &Cx<'_>) -> Result<Evidence, Fault> {
        let longest = self.options.longest();
        if longest > cx.timeout {
            return Err(Fault::new(
                FaultKind::Timeout,
                format!(
                    "the load may take {}, and the check {}",
                    words::duration(longest),
                    words::duration(cx.timeout)
                ),
                "raise `timeout` of the check, or ask for less",
            ));
        }
        let plan = self
            .options
            .plan()
            .map_err(|why| Fault::new(FaultKind::Missing, why, "mend the options of the check"))?;
        let service = self.options.serve.as_ref();
        let service = service.map(|serve| serve.start(cx)).transpose()?;
        let outcome = cx.ports.load.send(&plan);
        let stopped = service.map(crate::check::ports::Service::stop);
        let outcome = outcome.map_err(|fault| with_end(&fault, stopped.as_ref()))?;
        let mut evidence = result::evidence(&plan, &outcome);
        if let Some(stopped) = &stopped {
            self.tell(stopped, &mut evidence);
        }
        Ok(evidence)
    }
}

impl Http {
    /// Adds what became of the service.
    fn tell(&self, stopped: &Stopped, evidence: &mut Evidence) {
        let Some(serve) = &self.options.serve else {
            return;
        };
        serve.tell(stopped, evidence);
        if let Some(how) = &stopped.ended {
            let name = serve.name();
            let place = Place::Object(format!("service {name}"));
            let headline = format!("`{name}` ended under load, with {how}");
            let finding = Finding::new(&SERVICE_ENDED, place, headline, stopped.help());
            evidence.findings.push(finding.anchored(name));
        }
    }
}

/// The fault, with how the service ended where that is the reason.
fn with_end(fault: &Fault, stopped: Option<&Stopped>) -> Fault {
    let ended = stopped.and_then(|stopped| Some((stopped.ended.as_ref()?, stopped)));
    let alone = || fault.clone();
    ended.map_or_else(alone, |(how, stopped)| {
        let what = format!(
            "the service ended before the load, with {how}: {}",
            fault.what
        );
        Fault::new(fault.kind, what, stopped.help())
    })
}
