//! Owns the checker `resources`: what a command, a service or a running process uses of the machine. Knows no process and no
//! clock.

mod growth;
mod options;
mod result;
mod series;
#[cfg(test)]
mod tests;

use std::time::Duration;

use crate::base::{ascii, words};
use crate::check::load::{Outcome, Plan, bottleneck};
use crate::check::ports::{Finished, Request, Service, Stopped};
use crate::check::usage::{Usage, Watch};
use crate::check::{Checker, Cx, Lane, Observed};
use crate::model::evidence::Evidence;
use crate::model::fault::{Fault, FaultKind};
use crate::model::finding::Finding;
use crate::model::metric::{Better, Metric};
use crate::model::place::Place;
use crate::model::quantity::Dimension;
use crate::model::rule::Rule;
use crate::rule;

use growth::Growth;
use options::Options;
use result::Measure;

static COMMAND_FAILED: Rule = rule!("measured-command-failed", High, "2026-12");
static PROCESS_ENDED: Rule = rule!("measured-process-ended", High, "2026-12");
static MEMORY_LEAK: Rule = rule!("memory-leak", High, "2026-12");
static LEFT_BEHIND: Rule = rule!("processes-left-behind", Medium, "2026-12");

/// How often it is asked whether a watched process still lives.
const ASK: Duration = Duration::from_millis(200);

/// What is used under a load of which more than one in so many requests fail says nothing.
const FAILING: u64 = 100;

/// The checker.
#[derive(Debug)]
pub struct Resources {
    options: Options,
}

const fn less(name: &'static str, dimension: Dimension, summary: &'static str) -> Metric {
    Metric::measured(name, dimension, Better::Lower, summary)
}

impl Checker for Resources {
    const NAME: &'static str = "resources";
    const SUMMARY: &'static str =
        "processor, memory, disk, network and open files of a command, a service or a process";
    const GUIDE: &'static str = include_str!("guide.md");
    const REVISION: u32 = 1;
    const RULES: &'static [&'static Rule] =
        &[&COMMAND_FAILED, &PROCESS_ENDED, &MEMORY_LEAK, &LEFT_BEHIND];
    const METRICS: &'static [Metric] = &[
        less(
            "cpu_utilization",
            Dimension::Share,
            "processor time for each second, in the mean: 100% is one processor busy all the time",
        ),
        less(
            "p95_cpu_utilization",
            Dimension::Share,
            "95 of 100 seconds used no more; 20 seconds are needed",
        ),
        less(
            "peak_cpu_utilization",
            Dimension::Share,
            "no second used more",
        ),
        less(
            "machine_cpu_utilization",
            Dimension::Share,
            "the mean as a share of all processors that the run may use",
        ),
        less("cpu_time", Dimension::Time, "processor time in all"),
        less("memory_usage", Dimension::Data, "the most memory at once"),
        less(
            "p50_memory_usage",
            Dimension::Data,
            "half of the looks saw no more memory",
        ),
        less(
            "p95_memory_usage",
            Dimension::Data,
            "95 of 100 looks saw no more memory",
        ),
        less(
            "proportional_memory",
            Dimension::Data,
            "the most memory when what is shared is parted among those that share it",
        ),
        less(
            "memory_growth",
            Dimension::DataRate,
            "how memory grew in the second half of the time",
        ),
        less(
            "memory_growth_per_request",
            Dimension::Data,
            "the same for each request of a load",
        ),
        less(
            "disk_io_rate",
            Dimension::DataRate,
            "what came from disks and went to them, for each second in the mean",
        ),
        less(
            "peak_disk_io_rate",
            Dimension::DataRate,
            "no second had more of it",
        ),
        less("disk_read", Dimension::Data, "what came from disks"),
        less("disk_written", Dimension::Data, "what went to disks"),
        less(
            "network_bandwidth",
            Dimension::DataRate,
            "what the network interfaces carried for each second in the mean, for whatever program",
        ),
        less(
            "peak_network_bandwidth",
            Dimension::DataRate,
            "no second had more of it",
        ),
        less(
            "open_files",
            Dimension::Count,
            "the most open files, sockets and pipes at once",
        ),
        less("threads", Dimension::Count, "the most threads at once"),
        less("processes", Dimension::Count, "the most processes at once"),
        Metric::counts(
            "memory_leaks",
            &["memory-leak"],
            "programs whose memory surely grows",
        ),
        Metric::counts(
            "left_processes",
            &["processes-left-behind"],
            "commands that left processes behind",
        ),
        Metric::counts(
            "failed_runs",
            &["measured-command-failed", "measured-process-ended"],
            "commands that failed and processes that ended while they were measured",
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
        match metric {
            "proportional_memory" => self.options.proportional,
            "memory_growth_per_request" => self.options.load.is_some(),
            "memory_leaks" => self.options.max_growth.is_some(),
            "left_processes" => self.options.measures_command(),
            _ => true,
        }
    }

    fn conclude(&self, _: &[Observed<'_, ()>], cx: &Cx<'_>) -> Result<Evidence, Fault> {
        let longest = self.options.longest();
        if longest > cx.timeout {
            return Err(Fault::new(
                FaultKind::Timeout,
                format!(
                    "the measurement may take {}, and the check {}",
                    words::duration(longest),
                    words::duration(cx.timeout)
                ),
                "raise `timeout` of the check, or ask for less",
            ));
        }
        if self.options.measures_command() {
            self.command(cx)
        } else {
            self.process(cx)
        }
    }
}

/// What was done while a process was looked at.
enum Done {
    /// Nothing: time went by.
    Time,
    /// A command ran.
    Command(Finished),
    /// A load was sent.
    Load(Box<(Plan, Outcome)>),
}

impl Resources {
    fn request(&self, cx: &Cx<'_>) -> Request {
        Request {
            argv: self.options.command.clone(),
            folder: self.options.folder.as_ref().map(|folder| folder.0.clone()),
            variables: self.options.env.clone(),
            timeout: cx.timeout,
            log: format!("{}.log", cx.label),
            keep: Request::KEEP,
        }
    }

    /// The command's name for people.
    fn name(&self) -> &str {
        let first = self.options.command.first().map_or("", String::as_str);
        first.rsplit('/').next().unwrap_or(first)
    }

    /// Measures the command itself.
    fn command(&self, cx: &Cx<'_>) -> Result<Evidence, Fault> {
        let programs = cx.ports.programs;
        let (measured, usage) = programs.record(&self.request(cx), self.options.looks())?;
        let name = self.name();
        let mut evidence = self.evidence(&usage, None, name, cx);
        self.failed(&measured.finished, &mut evidence);
        if !usage.left.is_empty() {
            let left: Vec<String> = usage
                .left
                .iter()
                .map(|(name, pid)| format!("{} ({pid})", ascii::escape(name)))
                .collect();
            let headline = format!("`{name}` left processes behind: {}", left.join(", "));
            let help =
                "wait for what is started, or end it; qgate ended what was left of its group";
            let place = Place::Object(format!("command {name}"));
            let finding = Finding::new(&LEFT_BEHIND, place, headline, help);
            evidence.findings.push(finding.anchored(name));
        }
        Ok(evidence)
    }

    /// Measures a service, or a process that runs already.
    fn process(&self, cx: &Cx<'_>) -> Result<Evidence, Fault> {
        let serve = self.options.serve.as_ref();
        let service = serve.map(|serve| serve.start(cx)).transpose()?;
        let looks = self.options.looks();
        let watch = match (&service, self.options.subject()) {
            (Some(service), _) => service.watch(looks),
            (None, Some(subject)) => cx.ports.programs.watch(&subject, looks),
            (None, None) => return Err(nobody()),
        }?;
        let done = self.meanwhile(&*watch, cx);
        let usage = watch.finish();
        let stopped = service.map(Service::stop);
        let done = done.map_err(|fault| with_end(&fault, stopped.as_ref()))?;
        let requests = match &done {
            Done::Load(load) => {
                let (plan, outcome) = &**load;
                Some((outcome.requests(), plan.duration))
            }
            _ => None,
        };
        let name = serve.map_or_else(
            || match (self.options.pid, &self.options.pid_file) {
                (Some(pid), _) => format!("process {pid}"),
                (None, Some(file)) => format!("process of {}", ascii::escape(file)),
                (None, None) => String::new(),
            },
            |serve| serve.name().to_owned(),
        );
        let mut evidence = self.evidence(&usage, requests, &name, cx);
        match &done {
            Done::Time => {}
            Done::Command(finished) => self.failed(finished, &mut evidence),
            Done::Load(load) => loaded(load, &mut evidence),
        }
        if let (Some(serve), Some(stopped)) = (serve, &stopped) {
            serve.tell(stopped, &mut evidence);
        }
        let how = stopped
            .as_ref()
            .map(|stopped| (stopped.ended.as_ref(), stopped.help()));
        let ended = match how {
            Some((Some(how), help)) => Some((format!(", with {how}"), help)),
            // What a service started lives on where the service itself went to the background.
            Some((None, _)) => None,
            None => {
                let help = "see why it ended, and measure again".to_owned();
                usage.ended.then(|| (String::new(), help))
            }
        };
        if let Some((how, help)) = ended {
            if stopped.is_none() {
                evidence.partial(format!("the {name} ended while it was measured"));
            }
            let headline = format!("`{name}` ended while it was measured{how}");
            let place = Place::Object(format!("program {name}"));
            let finding = Finding::new(&PROCESS_ENDED, place, headline, help);
            evidence.findings.push(finding.anchored(&name));
        }
        Ok(evidence)
    }

    /// Does what is to be done while it is looked.
    fn meanwhile(&self, watch: &dyn Watch, cx: &Cx<'_>) -> Result<Done, Fault> {
        if let Some(load) = &self.options.load {
            let plan = load.plan().map_err(|why| {
                Fault::new(FaultKind::Missing, why, "mend the options of the check")
            })?;
            let outcome = cx.ports.load.send(&plan)?;
            return Ok(Done::Load(Box::new((plan, outcome))));
        }
        if !self.options.command.is_empty() {
            let request = self.request(cx);
            return Ok(Done::Command(cx.ports.programs.run(&request)?));
        }
        let mut left = self.options.duration().unwrap_or_default();
        while !left.is_zero() && !watch.ended() {
            let part = left.min(ASK);
            cx.ports.load.pause(part)?;
            left -= part;
        }
        Ok(Done::Time)
    }

    fn evidence(
        &self,
        usage: &Usage,
        requests: Option<(u64, Duration)>,
        name: &str,
        cx: &Cx<'_>,
    ) -> Evidence {
        let (mut evidence, growth) = result::evidence(&Measure {
            usage,
            every: self.options.every.0,
            warm_up: self.options.warm_up(),
            processors: cx.ports.machine.state().processors,
            until: requests.map(|(_, time)| self.options.warm_up().saturating_add(time)),
            requests,
        });
        if self.options.max_growth.is_some() && growth.is_none() {
            evidence.partial(format!(
                "too few looks to tell whether the memory of `{name}` grows: measure longer, or take `every` shorter"
            ));
        }
        evidence.findings.extend(self.leak(growth, name));
        evidence
    }

    /// The finding that memory surely grows by more than it may.
    fn leak(&self, growth: Option<Growth>, name: &str) -> Option<Finding> {
        let (limit, growth) = (self.options.max_growth?, growth?);
        let minute = |slope: f64| result::amount(slope * 60.0);
        #[expect(
            clippy::cast_precision_loss,
            reason = "a limit on growth is far below 2^52"
        )]
        let most = limit.0 as f64;
        if growth.least * 60.0 <= most {
            return None;
        }
        let headline = format!(
            "the memory of `{name}` grows by {} a minute, and surely by {}; {} are allowed",
            minute(growth.slope),
            minute(growth.least),
            result::amount(most)
        );
        let help =
            "compare two profiles of its heap, from the beginning and from the end of the load";
        let place = Place::Object(format!("program {name}"));
        Some(Finding::new(&MEMORY_LEAK, place, headline, help).anchored(name))
    }

    /// Tells of a command that failed: what it used says nothing of one that works.
    fn failed(&self, finished: &Finished, evidence: &mut Evidence) {
        let name = self.name();
        let how = match (finished.code, finished.signal) {
            (Some(0), _) => None,
            (Some(code), _) => Some(format!("exit code {code}")),
            (None, Some(signal)) => Some(format!("signal {signal}")),
            (None, None) => Some("an unknown status".to_owned()),
        };
        if let Some(log) = &finished.log {
            evidence
                .notes
                .push(format!("the command's output is in {log}"));
        }
        let Some(how) = how else { return };
        evidence.partial(format!("`{name}` failed, with {how}"));
        let help = match &finished.log {
            Some(log) => format!("see {log}"),
            None => "run it by hand".to_owned(),
        };
        let headline = format!("`{name}` failed while it was measured, with {how}");
        let place = Place::Object(format!("command {name}"));
        let finding = Finding::new(&COMMAND_FAILED, place, headline, help);
        evidence.findings.push(finding.anchored(name));
    }
}

fn nobody() -> Fault {
    Fault::new(
        FaultKind::Missing,
        "nothing says what is measured",
        "add `command`, `serve`, `pid` or `pid_file`",
    )
}

/// Tells what came of the load: what is used under one that is none says nothing.
fn loaded((plan, outcome): &(Plan, Outcome), evidence: &mut Evidence) {
    let (requests, failed) = (outcome.requests(), outcome.failed());
    evidence.notes.push(format!(
        "load: {requests} requests in {}, {failed} failed; the slowest of 100 took {}",
        words::duration(plan.duration),
        words::duration(outcome.response.at(0.99))
    ));
    if let Some(why) = bottleneck(plan, outcome) {
        evidence.partial(why);
    }
    if requests == 0 || failed.saturating_mul(FAILING) > requests {
        evidence.partial(format!(
            "{failed} of {requests} requests failed: what is used meanwhile says nothing of a service that answers"
        ));
    }
}

/// The fault, with how the service ended where that is the reason.
fn with_end(fault: &Fault, stopped: Option<&Stopped>) -> Fault {
    let ended = stopped.and_then(|stopped| Some((stopped.ended.as_ref()?, stopped)));
    let alone = || fault.clone();
    ended.map_or_else(alone, |(how, stopped)| {
        let what = format!(
            "the service ended while it was measured, with {how}: {}",
            fault.what
        );
        Fault::new(fault.kind, what, stopped.help())
    })
}
