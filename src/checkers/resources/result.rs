//! Owns what was seen as evidence: measurements, what leaves them open, and notes. Pure.

use std::time::Duration;

use crate::base::{ascii, words};
use crate::check::usage::{Part, Sample, Usage};
use crate::model::evidence::{Doubt, Evidence};
use crate::model::metric::Value;
use crate::model::number::Number;
use crate::model::quantity::{Dimension, Quantity};

use super::growth::{Growth, PARTS, growth};
use super::series;

/// A percentile of 95 needs so many values.
const ENOUGH: usize = 20;

/// What was seen less often than this may have been more at any other moment.
const FEW: usize = 5;

/// What was measured, and how.
#[derive(Clone, Copy, Debug)]
pub struct Measure<'a> {
    /// What was seen.
    pub usage: &'a Usage,
    /// How often it was to be looked.
    pub every: Duration,
    /// What was used before this counts for peaks only.
    pub warm_up: Duration,
    /// What is used behind this counts for peaks only: the load is over.
    pub until: Option<Duration>,
    /// Processors that this run may use.
    pub processors: u32,
    /// Requests that were answered in the time that counts, and how long that was.
    pub requests: Option<(u64, Duration)>,
}

/// The metrics that a part of what can be seen gives.
const fn metrics(part: Part) -> &'static [&'static str] {
    match part {
        Part::Memory => &[
            "memory_usage",
            "p50_memory_usage",
            "p95_memory_usage",
            "memory_growth",
            "memory_growth_per_request",
            "threads",
            "processes",
        ],
        Part::Shared => &["proportional_memory"],
        Part::Disk => &[
            "disk_io_rate",
            "peak_disk_io_rate",
            "disk_read",
            "disk_written",
        ],
        Part::Network => &["network_bandwidth", "peak_network_bandwidth"],
        Part::Files => &["open_files"],
    }
}

/// What it says.
pub fn evidence(measure: &Measure<'_>) -> (Evidence, Option<Growth>) {
    let mut evidence = Evidence::default();
    for (part, why) in &measure.usage.unseen {
        for metric in metrics(*part) {
            evidence.doubts.push(Doubt {
                metric: (*metric).into(),
                other: None,
                why: format!("a part of it cannot be seen: {why}"),
                cure: "run qgate as the user who runs what is measured, or as root".to_owned(),
            });
        }
    }
    rates(measure, &mut evidence);
    memory(measure, &mut evidence);
    let growth = grown(measure, &mut evidence);
    counts(measure, &mut evidence);
    evidence.notes = notes(measure, growth);
    (evidence, growth)
}

impl Measure<'_> {
    /// The samples that count for means and percentiles.
    fn counted(&self) -> &[Sample] {
        let samples = &self.usage.samples;
        let samples = &samples[samples.partition_point(|sample| sample.at < self.warm_up)..];
        let until = self.until.unwrap_or(Duration::MAX);
        &samples[..samples.partition_point(|sample| sample.at <= until)]
    }

    /// What was seen at the end of the warm-up; nothing when there was none.
    fn before(&self) -> Sample {
        match self.counted().first() {
            Some(first) if !self.warm_up.is_zero() => *first,
            _ => Sample::default(),
        }
    }

    /// What was seen at the end of the time that counts; of those that ended with it the system tells it exactly.
    fn after(&self) -> Sample {
        let last = self.usage.samples.last().copied().unwrap_or_default();
        match (self.until, self.counted().last()) {
            (Some(_), Some(last)) => *last,
            _ => Sample {
                at: self.usage.wall,
                cpu: self.usage.cpu,
                read: self.usage.read,
                written: self.usage.written,
                ..last
            },
        }
    }

    /// How long it takes to see so much, in whole seconds.
    fn longer(&self, looks: usize) -> String {
        let looks = u32::try_from(looks).unwrap_or(u32::MAX);
        let time = self
            .every
            .saturating_mul(looks)
            .saturating_add(self.warm_up);
        words::duration(Duration::from_secs(time.as_secs() + 1))
    }
}

fn quantity(value: f64, dimension: Dimension) -> Quantity {
    Quantity {
        number: Number::from_float(value).unwrap_or(Number::ZERO),
        dimension,
    }
}

fn bytes(count: u64) -> Quantity {
    Quantity {
        number: Number::whole(i64::try_from(count).unwrap_or(i64::MAX)),
        dimension: Dimension::Data,
    }
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52 bytes a run")]
fn float(count: u64) -> f64 {
    count as f64
}

/// Processor time, disks and network.
fn rates(measure: &Measure<'_>, evidence: &mut Evidence) {
    let (before, after) = (measure.before(), measure.after());
    let time = after.at.saturating_sub(before.at);
    let cpu = after.cpu.saturating_sub(before.cpu);
    evidence.measure("cpu_time", Value::Plain(Quantity::time(cpu)));
    let disk = |sample: &Sample| float(sample.read.saturating_add(sample.written));
    let of = [
        (
            [
                "cpu_utilization",
                "p95_cpu_utilization",
                "peak_cpu_utilization",
            ],
            Dimension::Share,
            cpu.as_secs_f64(),
            series::seconds(measure.counted(), |sample| sample.cpu.as_secs_f64()),
        ),
        (
            ["disk_io_rate", "", "peak_disk_io_rate"],
            Dimension::DataRate,
            disk(&after) - disk(&before),
            series::seconds(measure.counted(), disk),
        ),
        (
            ["network_bandwidth", "", "peak_network_bandwidth"],
            Dimension::DataRate,
            float(after.network) - float(before.network),
            series::seconds(measure.counted(), |sample| float(sample.network)),
        ),
    ];
    for ([mean_name, p95_name, peak_name], dimension, used, seconds) in of {
        if time.is_zero() {
            for name in [mean_name, peak_name] {
                evidence.doubts.push(Doubt {
                    metric: name.into(),
                    other: None,
                    why: "it was seen at one moment only".to_owned(),
                    cure: "measure for longer, or look more often with `every`".to_owned(),
                });
            }
            continue;
        }
        let mean = used.max(0.0) / time.as_secs_f64();
        // The last part of a second, and a time that is shorter than one, have the mean of all.
        let peak = seconds.iter().copied().fold(mean, f64::max);
        evidence.measure(mean_name, Value::Plain(quantity(mean, dimension)));
        evidence.measure(peak_name, Value::Plain(quantity(peak, dimension)));
        if mean_name == "cpu_utilization" {
            let all = mean / f64::from(measure.processors.max(1));
            evidence.measure(
                "machine_cpu_utilization",
                Value::Plain(quantity(all, dimension)),
            );
        }
        match series::rate_at(&seconds, 95).filter(|_| seconds.len() >= ENOUGH) {
            _ if p95_name.is_empty() => {}
            Some(value) => evidence.measure(p95_name, Value::Plain(quantity(value, dimension))),
            None => evidence.doubts.push(Doubt {
                metric: p95_name.into(),
                other: None,
                why: format!("it needs {ENOUGH} seconds, and {} were seen", seconds.len()),
                cure: "measure for longer".to_owned(),
            }),
        }
    }
    for (name, all, before) in [
        ("disk_read", after.read, before.read),
        ("disk_written", after.written, before.written),
    ] {
        evidence.measure(name, Value::Plain(bytes(all.saturating_sub(before))));
    }
    if !measure.usage.own_network {
        for metric in metrics(Part::Network) {
            evidence.doubts.push(Doubt {
                metric: (*metric).into(),
                other: Some(quantity(0.0, Dimension::DataRate)),
                why: "what all programs of the machine sent and received is in it".to_owned(),
                cure: "measure where nothing else uses the network, or in a network namespace of its own".to_owned(),
            });
        }
    }
}

fn memory(measure: &Measure<'_>, evidence: &mut Evidence) {
    let usage = measure.usage;
    match usage.memory {
        Some(most) => evidence.measure("memory_usage", Value::Plain(bytes(most))),
        None => evidence.doubts.push(Doubt {
            metric: "memory_usage".into(),
            other: None,
            why: "it ended before anybody looked".to_owned(),
            cure: "measure something that lasts, or look more often with `every`".to_owned(),
        }),
    }
    if let Some(hidden) = usage.hidden.filter(|_| usage.samples.len() < FEW) {
        let seen = words::count(usage.samples.len(), "time");
        evidence.doubts.push(Doubt {
            metric: "memory_usage".into(),
            other: Some(bytes(hidden)),
            why: format!(
                "it was seen {seen} only, and the system does not tell whether it had more than {} in between",
                bytes(hidden)
            ),
            cure: "measure something that lasts, or look more often with `every`".to_owned(),
        });
    }
    if let Some(shared) = usage.shared {
        evidence.measure("proportional_memory", Value::Plain(bytes(shared)));
    }
    let mut all: Vec<u64> = measure
        .counted()
        .iter()
        .map(|sample| sample.memory)
        .collect();
    all.sort_unstable();
    for (name, percent) in [("p50_memory_usage", 50), ("p95_memory_usage", 95)] {
        match series::at(&all, percent).filter(|_| all.len() >= ENOUGH) {
            Some(value) => evidence.measure(name, Value::Plain(bytes(value))),
            None => evidence
                .doubts
                .push(too_few(name, ENOUGH, all.len(), measure)),
        }
    }
}

fn too_few(metric: &'static str, needed: usize, seen: usize, measure: &Measure<'_>) -> Doubt {
    Doubt {
        metric: metric.into(),
        other: None,
        why: format!("it needs {needed} looks, and {seen} were made"),
        cure: format!(
            "measure for {}, or look more often with `every`",
            measure.longer(needed)
        ),
    }
}

/// How memory grew, in bytes a second and for each request, with how much it may as well have been.
fn grown(measure: &Measure<'_>, evidence: &mut Evidence) -> Option<Growth> {
    let samples = measure.counted();
    let points: Vec<(Duration, u64)> = samples.iter().map(|s| (s.at, s.memory)).collect();
    let found = growth(&points);
    let per_request = measure.requests.and_then(|(count, time)| {
        (count > 0 && !time.is_zero()).then(|| time.as_secs_f64() / float(count))
    });
    let both = [
        ("memory_growth", Dimension::DataRate, Some(1.0)),
        ("memory_growth_per_request", Dimension::Data, per_request),
    ];
    for (metric, dimension, scale) in both {
        let Some(growth) = found else {
            evidence
                .doubts
                .push(too_few(metric, 2 * PARTS, samples.len(), measure));
            continue;
        };
        let Some(scale) = scale else { continue };
        evidence.measure(
            metric,
            Value::Plain(quantity(growth.slope * scale, dimension)),
        );
        let (least, most) = (
            quantity(growth.least * scale, dimension),
            quantity(growth.most * scale, dimension),
        );
        for other in [least, most] {
            evidence.doubts.push(Doubt {
                metric: metric.into(),
                other: Some(other),
                why: format!(
                    "memory goes up and down, and it may be anything from {least} to {most}"
                ),
                cure: "measure for longer, under a load that stays the same".to_owned(),
            });
        }
    }
    found
}

/// What is counted at each look: the most at once.
fn counts(measure: &Measure<'_>, evidence: &mut Evidence) {
    type Of = fn(&Sample) -> u64;
    let samples = &measure.usage.samples;
    let of: [(&'static str, Of); 3] = [
        ("open_files", |sample| sample.open_files),
        ("threads", |sample| sample.threads),
        ("processes", |sample| sample.processes),
    ];
    for (metric, of) in of {
        match samples.iter().map(of).max() {
            Some(most) => {
                let most = usize::try_from(most).unwrap_or(usize::MAX);
                evidence.measure(metric, Value::Plain(Quantity::count(most)));
                if samples.len() < FEW {
                    evidence
                        .doubts
                        .push(too_few(metric, FEW, samples.len(), measure));
                }
            }
            None => evidence.doubts.push(too_few(metric, FEW, 0, measure)),
        }
    }
}

fn notes(measure: &Measure<'_>, growth: Option<Growth>) -> Vec<String> {
    let usage = measure.usage;
    let samples = &usage.samples;
    let wall = usage.wall.as_secs_f64().max(f64::EPSILON);
    let gap = samples
        .windows(2)
        .map(|pair| pair[1].at.saturating_sub(pair[0].at));
    let mut notes = vec![format!(
        "looked {} in {}, at most {} apart, with {:.1}% of a processor",
        words::count(samples.len(), "time"),
        words::duration(usage.wall),
        words::duration(gap.max().unwrap_or_default()),
        100.0 * usage.cost.as_secs_f64() / wall
    )];
    let largest: Vec<String> = usage
        .largest
        .iter()
        .map(|(name, pid, size)| format!("{} ({pid}) {}", ascii::escape(name), bytes(*size)))
        .collect();
    if let (Some(most), false) = (usage.memory, largest.is_empty()) {
        notes.push(format!(
            "memory: at most {}; then {}",
            bytes(most),
            largest.join(", ")
        ));
    }
    if let Some(growth) = growth {
        let shown = |value| quantity(value, Dimension::DataRate);
        notes.push(format!(
            "memory grew by {} in the second half, from {} to {}",
            shown(growth.slope),
            shown(growth.least),
            shown(growth.most)
        ));
    }
    notes.push(format!(
        "processor: {} in all; disk: {} read, {} written",
        words::duration(usage.cpu),
        bytes(usage.read),
        bytes(usage.written)
    ));
    let network = samples.last().map_or(0, |last| last.network);
    let whose = if usage.own_network {
        "the network that is its own"
    } else {
        "the network interfaces, for whatever program,"
    };
    notes.push(format!("{whose} carried {}", bytes(network)));
    notes
}

/// An amount of data that was computed.
pub fn amount(count: f64) -> Quantity {
    quantity(count, Dimension::Data)
}
