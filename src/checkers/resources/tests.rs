//! What is said of things that nobody ran: too few looks, parts that nobody may see, commands of a moment.

use std::time::Duration;

use super::result::{Measure, evidence};
use crate::check::usage::{Part, Sample, Usage};
use crate::model::evidence::Evidence;

fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// Looks every tenth of a second at what uses half a processor and writes 1 kB each time.
fn usage(looks: u64) -> Usage {
    let sample = |n| Sample {
        at: ms(n * 100),
        cpu: ms(n * 50),
        memory: 1_000_000,
        read: 0,
        written: n * 1_000,
        network: n * 500,
        open_files: 3,
        threads: 2,
        processes: 1,
    };
    let samples: Vec<Sample> = (0..looks).map(sample).collect();
    let last = samples.last().copied().unwrap_or_default();
    Usage {
        wall: last.at,
        cpu: last.cpu,
        written: last.written,
        memory: Some(1_000_000),
        samples,
        ..Usage::default()
    }
}

fn tell(usage: &Usage, change: impl FnOnce(&mut Measure<'_>)) -> Evidence {
    let mut measure = Measure {
        usage,
        every: ms(100),
        warm_up: Duration::ZERO,
        until: None,
        processors: 2,
        requests: None,
    };
    change(&mut measure);
    evidence(&measure).0
}

fn value(evidence: &Evidence, metric: &str) -> String {
    let found = evidence.measurements.iter().find(|m| m.metric == metric);
    found.map_or_else(String::new, |m| m.value.quantity().to_string())
}

fn open(evidence: &Evidence, metric: &str) -> String {
    let found = evidence.doubts.iter().find(|doubt| doubt.metric == metric);
    found.map_or_else(String::new, |doubt| {
        format!("{}; {}", doubt.why, doubt.cure)
    })
}

#[test]
fn a_long_look_tells_all() {
    let usage = usage(301);
    let all = tell(&usage, |_| {});
    for (metric, expected) in [
        ("cpu_time", "15s"),
        ("cpu_utilization", "50%"),
        ("p95_cpu_utilization", "50%"),
        ("peak_cpu_utilization", "50%"),
        ("machine_cpu_utilization", "25%"),
        ("memory_usage", "1MB"),
        ("p95_memory_usage", "1MB"),
        ("memory_growth", "0B/s"),
        ("disk_io_rate", "10KB/s"),
        ("disk_written", "300KB"),
        ("network_bandwidth", "5KB/s"),
        ("open_files", "3"),
    ] {
        assert_eq!(value(&all, metric), expected, "{metric}");
    }
    assert!(open(&all, "network_bandwidth").starts_with("what all programs of the machine"));
    let metrics = all
        .doubts
        .iter()
        .filter(|doubt| !doubt.metric.contains("network"));
    let metrics: Vec<&str> = metrics
        .filter(|doubt| !doubt.metric.starts_with("memory_growth"))
        .map(|doubt| &*doubt.metric)
        .collect();
    assert!(metrics.is_empty(), "{metrics:?}");
}

#[test]
fn only_the_time_of_the_load_counts() {
    let mut usage = usage(101);
    for sample in &mut usage.samples[51..] {
        sample.cpu = ms(2_500);
    }
    usage.cpu = ms(2_500);
    let all = tell(&usage, |measure| {
        measure.warm_up = ms(1_000);
        measure.until = Some(ms(5_000));
        measure.requests = Some((400, ms(4_000)));
    });
    assert_eq!(value(&all, "cpu_time"), "2s");
    assert_eq!(value(&all, "cpu_utilization"), "50%");
    assert_eq!(value(&all, "memory_growth_per_request"), "0B");
    assert_eq!(value(&tell(&usage, |_| {}), "cpu_utilization"), "25%");
}

#[test]
fn too_few_looks_are_open() {
    let few = usage(3);
    let few = tell(&few, |_| {});
    for metric in ["open_files", "threads", "processes"] {
        assert!(
            open(&few, metric).starts_with("it needs 5 looks, and 3 were made"),
            "{few:?}"
        );
    }
    for metric in ["p95_cpu_utilization", "p95_memory_usage", "memory_growth"] {
        assert_eq!(value(&few, metric), "", "{metric}");
        assert!(open(&few, metric).starts_with("it needs "), "{metric}");
    }
    let none = tell(&Usage::default(), |_| {});
    for metric in [
        "cpu_utilization",
        "disk_io_rate",
        "memory_usage",
        "processes",
    ] {
        assert_eq!(value(&none, metric), "", "{metric}");
        assert_ne!(open(&none, metric), "", "{metric}");
    }
    let mut short = usage(2);
    short.hidden = Some(80_000_000);
    let short = tell(&short, |_| {});
    assert!(
        open(&short, "memory_usage").contains("whether it had more than 80MB"),
        "{short:?}"
    );
}

#[test]
fn what_nobody_may_see_is_open() {
    let mut usage = usage(100);
    usage.unseen = vec![(Part::Disk, "`x`: no permission to read it".to_owned())];
    usage.own_network = true;
    let all = tell(&usage, |_| {});
    for metric in [
        "disk_io_rate",
        "peak_disk_io_rate",
        "disk_read",
        "disk_written",
    ] {
        assert_eq!(
            open(&all, metric),
            "a part of it cannot be seen: `x`: no permission to read it; run qgate as the user who runs what is measured, or as root"
        );
    }
    assert_eq!(open(&all, "network_bandwidth"), "");
}
