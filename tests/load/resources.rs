//! What commands, services and processes use: those that leak, spin, fork, write, end, or leave others behind.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use qgate::model::evidence::Evidence;
use qgate::model::fault::FaultKind;
use qgate::model::number::Number;

use super::services::{options, serve};
use super::{Bench, build, headlines, quiet, server, value, why};

/// What the program below does: `short`, and how much of it.
const PROGRAM: &str = "QGATE_TEST_PROGRAM";

/// Processor time of this thread.
fn spent() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux tells");
    let ran = text.split(' ').next().and_then(|word| word.parse().ok());
    Duration::from_nanos(ran.expect("a number"))
}

/// Uses the processor for so long, however long that takes.
fn burn(time: Duration) {
    let before = spent();
    while spent().saturating_sub(before) < time {
        std::hint::black_box((0..20_000_u64).fold(0, u64::wrapping_add));
    }
}

fn again(what: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program has a path"));
    command
        .args(["resources::program", "--exact", "--test-threads=1"])
        .env(PROGRAM, what)
        .stdout(Stdio::null());
    command
}

/// No test, but what the tests measure: this program itself, asked for by a variable.
#[test]
fn program() {
    let Ok(what) = std::env::var(PROGRAM) else {
        return;
    };
    match what.as_str() {
        "burn" => burn(Duration::from_millis(50)),
        "short" => {
            for _ in 0..10 {
                again("burn").status().expect("it ran");
            }
        }
        "daemon" => {
            burn(Duration::from_millis(300));
            std::fs::write("done", "").expect("a file");
        }
        "much" => {
            let files: Vec<std::fs::File> = (0..40)
                .map(|_| std::fs::File::open("/dev/null").expect("it opens"))
                .collect();
            let memory = vec![1_u8; 60_000_000];
            let mut children: Vec<_> = (0..12)
                .map(|_| {
                    Command::new("sleep")
                        .arg("0.4")
                        .spawn()
                        .expect("it started")
                })
                .collect();
            let file = std::fs::File::create("written").expect("a file");
            (&file).write_all(&memory[..9_000_000]).expect("room");
            file.sync_all().expect("it is written");
            // Where the folder is memory, nothing went to a disk.
            std::fs::copy("/proc/self/io", "truth").expect("Linux tells");
            for child in &mut children {
                child.wait().expect("it ended");
            }
            std::hint::black_box((&files, &memory));
        }
        _ => std::process::exit(9),
    }
}

/// The options that run this program, in YAML; `wrap` goes before it.
fn run(wrap: &[&str], what: &str, more: &str) -> String {
    let own = std::env::current_exe().expect("this program has a path");
    let own = own.to_string_lossy().into_owned();
    let args = ["resources::program", "--exact", "--test-threads=1"];
    let words = wrap.iter().copied().chain([own.as_str()]).chain(args);
    let words: Vec<String> = words
        .map(|word| format!("'{}'", word.replace('\'', "''")))
        .collect();
    format!(
        "command: [{}]\nenv: {{{PROGRAM}: {what}}}\nevery: 20ms\n{more}",
        words.join(", ")
    )
}

fn measure(bench: &Bench, options: &str) -> Evidence {
    let done = bench.conclude("resources", options);
    done.unwrap_or_else(|fault| panic!("{options}: {fault}"))
}

/// In the metric's base unit.
#[track_caller]
fn number(evidence: &Evidence, metric: &str) -> f64 {
    let found = evidence.measurements.iter().find(|m| m.metric == metric);
    let found = found.unwrap_or_else(|| panic!("{metric} was measured: {evidence:?}"));
    let number: Number = found.value.quantity().number;
    number.to_decimal(9).parse().expect("a number")
}

#[track_caller]
fn within(evidence: &Evidence, metric: &str, least: f64, most: f64) {
    let found = number(evidence, metric);
    assert!(
        (least..=most).contains(&found),
        "{metric} is {found}, not {least} to {most}: {evidence:?}"
    );
}

#[test]
fn children_that_nobody_sees_count() {
    let evidence = measure(&Bench::new(), &run(&[], "short", ""));
    // Ten times a twentieth of a second, and what eleven starts of this program cost.
    within(&evidence, "cpu_time", 0.5, 1.5);
    assert_eq!(why(&evidence), "Complete");
    assert!(evidence.findings.is_empty(), "{evidence:?}");
    let wall = number(&evidence, "cpu_time") / number(&evidence, "cpu_utilization");
    assert!(wall < 30.0, "{wall}");
    assert!(number(&evidence, "peak_cpu_utilization") >= number(&evidence, "cpu_utilization"));
}

#[test]
fn processes_files_memory_and_disk_are_seen() {
    let bench = Bench::below_target();
    let evidence = measure(&bench, &run(&[], "much", "proportional: true\n"));
    within(&evidence, "processes", 13.0, 14.0);
    within(&evidence, "open_files", 80.0, 150.0);
    within(&evidence, "memory_usage", 60e6, 150e6);
    within(
        &evidence,
        "proportional_memory",
        60e6,
        number(&evidence, "memory_usage"),
    );
    let truth = std::fs::read_to_string(bench.root().join("truth")).expect("it wrote it");
    let mut lines = truth.lines();
    let written = lines.find_map(|line| line.strip_prefix("write_bytes: "));
    let written: f64 = written.and_then(|n| n.parse().ok()).expect("a number");
    within(&evidence, "disk_written", written, written + 1e6);
    assert!(
        number(&evidence, "disk_io_rate") * 60.0 >= written,
        "{evidence:?}"
    );
}

#[test]
fn what_leaves_the_tree_counts_and_is_told() {
    let daemon = [
        "sh",
        "-c",
        "(setsid \"$0\" \"$@\" > /dev/null 2>&1 &); while ! test -e done; do sleep 0.05; done; (setsid sleep 1 > /dev/null 2>&1 &); sleep 0.1",
    ];
    let evidence = measure(&Bench::new(), &run(&daemon, "daemon", ""));
    within(&evidence, "cpu_time", 0.25, 1.5);
    let all = headlines(&evidence);
    assert_eq!(all.len(), 1, "{all:?}");
    assert!(
        all[0].starts_with("processes-left-behind: `sh` left processes behind: sleep ("),
        "{all:?}"
    );
}

#[test]
fn a_command_that_fails_or_is_too_short_is_no_pass() {
    let evidence = measure(&Bench::new(), &run(&[], "fails", ""));
    assert_eq!(
        why(&evidence),
        format!("`{}` failed, with exit code 9", own_name())
    );
    assert!(headlines(&evidence)[0].starts_with("measured-command-failed: "));
    let evidence = measure(&Bench::new(), "{command: ['true']}");
    let open = |metric: &str| evidence.doubts.iter().any(|doubt| doubt.metric == metric);
    assert!(open("memory_usage"), "{evidence:?}");
    assert!(
        open("memory_growth") && open("p95_cpu_utilization"),
        "{evidence:?}"
    );
    let fault = Bench::new().conclude("resources", "{command: [no-such-program]}");
    assert_eq!(
        fault.expect_err("it is not there").kind,
        FaultKind::ToolMissing
    );
}

fn own_name() -> String {
    let own = std::env::current_exe().expect("this program has a path");
    own.file_name()
        .expect("it has a name")
        .to_string_lossy()
        .into_owned()
}

#[test]
fn a_process_is_found_by_id_or_file_and_its_end_is_told() {
    let bench = Bench::new();
    let _quiet = quiet();
    let measure = |options: &str| bench.conclude_now("resources", options, &[]);
    let mut child = Command::new("sleep")
        .arg("0.7")
        .spawn()
        .expect("it started");
    let id = format!("{}\nmore\n", child.id());
    std::fs::write(bench.root().join("x.pid"), id).expect("a file");
    let steady = measure("{pid_file: x.pid, duration: 200ms, every: 20ms}").expect("it lives");
    assert_eq!(why(&steady), "Complete");
    within(&steady, "processes", 1.0, 1.0);
    let reaper = std::thread::spawn(move || child.wait());
    let evidence = measure("{pid_file: x.pid, duration: 30s, every: 20ms}").expect("it lives");
    reaper.join().expect("it ended").expect("it was awaited");
    assert_eq!(
        why(&evidence),
        "the process of x.pid ended while it was measured"
    );
    assert_eq!(
        headlines(&evidence),
        ["measured-process-ended: `process of x.pid` ended while it was measured"]
    );
    let kind = |options: &str| measure(options).expect_err("unknown").kind;
    assert_eq!(kind("{pid_file: x.pid}"), FaultKind::Missing);
    assert_eq!(kind("{pid_file: y.pid}"), FaultKind::Missing);
    std::fs::write(bench.root().join("x.pid"), "none\n").expect("a file");
    assert_eq!(kind("{pid_file: x.pid}"), FaultKind::Unparsable);
    // An old file, whose id another process has now.
    let own = std::process::id().to_string();
    std::fs::write(bench.root().join("x.pid"), own).expect("a file");
    let file = std::fs::File::open(bench.root().join("x.pid")).expect("it is there");
    let old = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    file.set_modified(old).expect("it is ours");
    assert_eq!(kind("{pid_file: x.pid}"), FaultKind::Stale);
}

#[test]
fn a_leak_under_load_is_caught_long_before_a_limit() {
    let port = server::free_port();
    let under = |kind: &str, time: &str, more: &str| {
        let ready = format!("{{port: {port}}}");
        let serve = serve(&[], kind, port, &ready);
        let load = options(port, "").replace('\n', "\n  ");
        let load = load
            .replace("100/s", "200/s")
            .replace("timeout: 1s", "timeout: 300ms");
        let load = load.replace("duration: 1s", &format!("duration: {time}"));
        let text = format!("every: 20ms\n{more}load:\n  {load}\n{serve}");
        measure(&Bench::new(), &text)
    };
    let leak = under("leaks", "1s", "max_growth: 5MB\n");
    // 50 kB of each of 200 requests a second.
    within(&leak, "memory_growth", 5e6, 15e6);
    within(&leak, "memory_growth_per_request", 25e3, 75e3);
    within(&leak, "memory_usage", 10e6, 100e6);
    let all = headlines(&leak).join("\n");
    assert!(
        all.contains("memory-leak: the memory of "),
        "{all} {leak:?}"
    );
    assert!(all.contains("5MB are allowed"), "{all}");
    assert!(number(&leak, "cpu_utilization") > 0.001, "{leak:?}");
    assert_ne!(value(&leak, "network_bandwidth"), "0B/s");
    assert_eq!(why(&leak), "Complete");

    let dies = under("dies", "250ms", "");
    assert!(
        why(&dies).contains("ended before it was stopped, with exit code 3"),
        "{dies:?}"
    );
    let all = headlines(&dies).join("\n");
    assert!(
        all.contains("ended while it was measured, with exit code 3"),
        "{all}"
    );
}

#[test]
fn what_does_not_fit_together_is_refused() {
    fn check(options: &str, expected: &str) {
        let problem = build("resources", options).err().unwrap_or_default();
        assert!(problem.contains(expected), "{options}: {problem}");
    }
    check("{}", "nothing says what is measured");
    check("{pid: 1, pid_file: x}", "exclude each other");
    check("{pid: 0}", "there is no process 0");
    check("{command: [x], duration: 1s}", "leave `duration` out");
    check(
        "{command: [x], load: {url: 'http://localhost/', rate: 1/s}}",
        "`load` goes to a service",
    );
    check(
        "{pid: 1, command: [x], load: {url: 'http://localhost/', rate: 1/s}}",
        "keep one",
    );
    check(
        "{pid: 1, load: {url: 'http://192.0.2.1/', rate: 1/s}}",
        "neither this machine",
    );
    check("{pid: 1, every: 1ms}", "from 10ms to 10s");
    check("{pid: 1, duration: 2s, warm_up: 2s}", "leaves nothing");
    check(
        "{pid: 1, load: {url: 'http://localhost/', rate: 1/s, serve: {command: [x], ready: {port: 1}}}}",
        "beside `load`",
    );
}

/// Asked whether memory grows, a measurement that is too short to tell does not pass.
#[test]
fn too_few_looks_tell_no_leak() {
    let bench = Bench::new();
    let evidence = bench.conclude("resources", "{command: [sleep, '0.2'], max_growth: 1MB}");
    let why = why(&evidence.expect("it was measured"));
    assert!(why.contains("too few looks to tell whether"), "{why}");
}
