//! Sends real load to real servers, and starts and ends real services: what rule pages cannot show.
#![cfg(unix)]

#[path = "load/certificate.rs"]
mod certificate;
#[path = "load/contracts.rs"]
mod contracts;
#[path = "load/probes.rs"]
mod probes;
#[cfg(target_os = "linux")]
#[path = "load/resources.rs"]
mod resources;
#[path = "load/runs.rs"]
mod runs;
#[path = "support/server.rs"]
mod server;
#[path = "load/services.rs"]
mod services;
mod support;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use qgate::check::context::{Cx, LazyChange};
use qgate::check::nowhere;
use qgate::check::ports::Ports;
use qgate::checkers;
use qgate::config::yaml;
use qgate::host::interrupt::Cancel;
use qgate::host::load::Client;
use qgate::host::programs::Programs;
use qgate::host::surroundings::System;
use qgate::model::evidence::{Completeness, Evidence};
use qgate::model::fault::{Fault, FaultKind};
use qgate::source::file::SourceFile;
use qgate::source::memory::MemoryTree;
use qgate::source::tree::{FileMeta, SourceTree as _};

use server::{Reply, Server};

/// A folder that checks are run in.
struct Bench {
    folder: tempfile::TempDir,
    cancel: Cancel,
}

impl Bench {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            cancel: Cancel::new(),
        }
    }

    /// In a folder that lies beside the built programs: elsewhere there may be memory where a disk is meant.
    fn below_target() -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"));
        Self {
            folder: folder.expect("a folder"),
            cancel: Cancel::new(),
        }
    }

    fn root(&self) -> std::path::PathBuf {
        let path = self.folder.path().canonicalize();
        path.expect("the folder is there")
    }

    fn conclude(&self, checker: &str, options: &str) -> Result<Evidence, Fault> {
        self.conclude_on(checker, options, &[])
    }

    /// On a tree of these files.
    fn conclude_on(
        &self,
        checker: &str,
        options: &str,
        files: &[(&str, &str)],
    ) -> Result<Evidence, Fault> {
        let _quiet = quiet();
        self.conclude_now(checker, options, files)
    }

    /// For those who keep all others quiet themselves.
    fn conclude_now(
        &self,
        checker: &str,
        options: &str,
        files: &[(&str, &str)],
    ) -> Result<Evidence, Fault> {
        let check = build(checker, options).expect("good options");
        let root = self.root();
        let programs = Programs::new(root.clone(), Some(root.join("logs")), self.cancel.clone());
        let load = Client::new(true, self.cancel.clone());
        let surroundings = System::new(root).expect("the clock is not fixed to nonsense");
        let tree = MemoryTree::new(files.iter().copied());
        let observed: Vec<(&FileMeta, Vec<u8>)> = tree
            .files()
            .iter()
            .filter(|meta| check.wants(meta))
            .map(|meta| {
                let bytes = tree.read(meta).expect("it is in memory");
                let file = SourceFile::new(bytes, meta.language, meta.class);
                (meta, check.observe(&file))
            })
            .collect();
        let observed: Vec<(&FileMeta, &[u8])> = observed
            .iter()
            .map(|(meta, facts)| (*meta, facts.as_slice()))
            .collect();
        let change = LazyChange::unknown(Fault::new(FaultKind::Missing, "there is no base", ""));
        let cx = Cx {
            waivers: &[],
            tree: &tree,
            change: &change,
            ports: Ports {
                programs: &programs,
                load: &load,
                surroundings: &surroundings,
                ..nowhere::ports()
            },
            timeout: Duration::from_mins(1),
            label: "gate.check",
        };
        check.conclude(&observed, &cx)
    }
}

/// Loads are sent one at a time: beside another each would measure that one too.
fn quiet() -> MutexGuard<'static, ()> {
    static QUIET: Mutex<()> = Mutex::new(());
    QUIET.lock().unwrap_or_else(PoisonError::into_inner)
}

fn build(
    checker: &str,
    options: &str,
) -> Result<std::sync::Arc<dyn qgate::check::registry::Check>, String> {
    let checker = checkers::find(checker).expect("a checker");
    let text = yaml::text("options", options.as_bytes(), false).expect("text");
    let mut problems = Vec::new();
    let node = yaml::parse(&text).expect("YAML");
    let check = (checker.build)(&node, &mut problems);
    let messages: Vec<String> = problems
        .into_iter()
        .map(|problem| problem.message)
        .collect();
    check.ok_or_else(|| messages.join("; "))
}

/// Load on a server, with these options besides its address.
fn load(server: &Server, options: &str) -> Evidence {
    let options = format!("{{url: '{}', {}", server.url("/x"), &options[1..]);
    let done = Bench::new().conclude("http", &options);
    done.unwrap_or_else(|fault| panic!("{options}: {fault}"))
}

fn value(evidence: &Evidence, metric: &str) -> String {
    let found = evidence.measurements.iter().find(|m| m.metric == metric);
    found.map_or_else(String::new, |m| m.value.quantity().to_string())
}

/// In milliseconds.
fn time(evidence: &Evidence, metric: &str) -> u128 {
    let found = evidence.measurements.iter().find(|m| m.metric == metric);
    let found = found.unwrap_or_else(|| panic!("{metric} was measured: {evidence:?}"));
    let time = found.value.quantity().as_duration();
    time.expect("it is a time").as_millis()
}

fn headlines(evidence: &Evidence) -> Vec<String> {
    let findings = evidence.findings.iter();
    findings
        .map(|finding| format!("{}: {}", finding.rule, finding.headline))
        .collect()
}

fn why(evidence: &Evidence) -> String {
    match &evidence.completeness {
        Completeness::Partial(reasons) => reasons.join("; "),
        other => format!("{other:?}"),
    }
}

/// Answers after this time.
fn after(time: Duration) -> impl Fn(&server::Seen) -> Reply + Send + Sync + 'static {
    move |_| {
        server::rest(time);
        Reply::of(200, "fine")
    }
}

#[test]
fn a_steady_service_is_measured_as_it_is() {
    let server = Server::new(after(Duration::from_millis(5)));
    let evidence = load(&server, "{rate: 300/s, duration: 1s, warm_up: 200ms}");
    assert_eq!(value(&evidence, "requests"), "300");
    assert_eq!(value(&evidence, "error_rate"), "0%");
    let throughput = value(&evidence, "throughput");
    assert!(
        throughput.starts_with("300") || throughput.starts_with("29"),
        "{throughput}"
    );
    assert!(
        (5..60).contains(&time(&evidence, "p50_response_time")),
        "{evidence:?}"
    );
    assert!(time(&evidence, "p95_response_time") >= 5);
    assert_eq!(server.hits(), 360);
    // Not enough for these: nothing is measured, and it is said how long it takes.
    assert_eq!(value(&evidence, "p99_response_time"), "");
    let doubt = evidence
        .doubts
        .iter()
        .find(|d| d.metric == "p99_response_time");
    let doubt = doubt.expect("it is open");
    assert_eq!(doubt.why, "it needs 1000 requests, and 300 were counted");
    assert_eq!(doubt.cure, "at this pace that takes a duration of 4.0s");
}

/// Stands still for this time once, from when its 200th request came.
fn stalls(time: Duration) -> impl Fn(&server::Seen) -> Reply + Send + Sync + 'static {
    let until = Mutex::new(None::<Instant>);
    move |seen| {
        let now = Instant::now();
        let until = {
            let mut until = until.lock().expect("nobody panicked");
            if seen.number == 200 {
                *until = Some(now + time);
            }
            *until
        };
        if let Some(left) = until.and_then(|until| until.checked_duration_since(now)) {
            server::rest(left);
        }
        Reply::of(200, "fine")
    }
}

#[test]
fn a_stall_is_seen_by_all_who_would_have_asked() {
    // 400 ms of 2 s: one request in ten waits for more than 200 ms.
    let stall = Duration::from_millis(400);
    let server = Server::new(stalls(stall));
    let open = load(
        &server,
        "{rate: 200/s, duration: 2s, warm_up: 0s, connections: 4}",
    );
    let p95 = time(&open, "p95_response_time");
    assert!((250..550).contains(&p95), "{p95} {open:?}");
    assert!(time(&open, "p90_response_time") >= 150, "{open:?}");

    let server = Server::new(stalls(stall));
    let closed = load(
        &server,
        "{users: 4, think_time: 10ms, duration: 2s, warm_up: 0s}",
    );
    let p95 = time(&closed, "p95_response_time");
    assert!(
        p95 < 200,
        "four users notice it once each: {p95} {closed:?}"
    );
    let notes = closed.notes.join("\n");
    assert!(notes.contains("coordinated omission"), "{notes}");
    assert_eq!(value(&closed, "concurrent_users"), "4");
}

#[test]
fn what_is_no_answer_counts_with_the_timeout() {
    let server = Server::new(|seen| {
        if seen.number % 2 == 0 {
            Reply::of(200, "")
        } else {
            Reply::Hang
        }
    });
    let evidence = load(
        &server,
        "{rate: 100/s, duration: 400ms, warm_up: 0s, timeout: 500ms}",
    );
    assert_eq!(value(&evidence, "timeout_rate"), "50%");
    assert_eq!(value(&evidence, "error_rate"), "50%");
    assert!(time(&evidence, "max_response_time") >= 500, "{evidence:?}");
    assert_eq!(
        headlines(&evidence),
        ["failed-expectation: 20 of 40 requests GET /x: had no answer in time"]
    );

    let server = Server::new(|_| Reply::Close(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()));
    let evidence = load(
        &server,
        "{rate: 100/s, duration: 400ms, warm_up: 0s, timeout: 500ms}",
    );
    assert_eq!(value(&evidence, "error_rate"), "100%");
    assert_eq!(value(&evidence, "throughput"), "0/s");
    assert!(time(&evidence, "p50_response_time") >= 500, "{evidence:?}");
    assert_eq!(
        headlines(&evidence),
        ["failed-expectation: 40 of 40 requests GET /x: were answered with what is no HTTP"]
    );

    let torn = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf".to_vec();
    let server = Server::new(move |_| Reply::Close(torn.clone()));
    let evidence = load(
        &server,
        "{rate: 100/s, duration: 400ms, warm_up: 0s, timeout: 500ms}",
    );
    assert_eq!(
        headlines(&evidence),
        [
            "failed-expectation: 40 of 40 requests GET /x: lost the connection before the answer was whole"
        ]
    );
}

#[test]
fn answers_are_held_to_what_is_expected() {
    let server = Server::new(|seen| {
        match seen.path() {
        "/error" => Reply::of(503, "no"),
        "/moved" => Reply::Keep(
            b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/stolen\r\ncontent-length: 0\r\n\r\n".to_vec(),
        ),
        _ => Reply::of(200, "{\"state\": \"ill\"}"),
    }
    });
    let options = format!(
        "url: {}\nrate: 100/s\nduration: 400ms\nwarm_up: 0s\nrequests:\n  - {{path: /error, weight: 2}}\n  - {{path: /moved}}\n  - {{name: health, path: /health, expect: {{body: '\"state\": \"well\"'}}}}\n",
        server.url("")
    );
    let evidence = Bench::new().conclude("http", &options).expect("it is sent");
    assert_eq!(
        headlines(&evidence),
        [
            "failed-expectation: 20 of 20 requests GET /error: answered with status 503, not one below 400",
            "failed-expectation: 10 of 10 requests health: answered with a body that does not match",
        ]
    );
    assert_eq!(value(&evidence, "error_rate"), "75%");
}

#[test]
fn headers_and_bodies_arrive_and_are_shown_nowhere() {
    let server = Server::new(|_| Reply::of(201, ""));
    let options = format!(
        "url: {}\nrate: 50/s\nduration: 100ms\nwarm_up: 0s\nheaders: {{authorization: Bearer geheim, x-a: all}}\nrequests:\n  - {{method: post, path: /items?token=geheim, body: geheim, headers: {{X-A: own}}, expect: {{status: [201]}}}}\n",
        server.url("")
    );
    let evidence = Bench::new().conclude("http", &options).expect("it is sent");
    assert_eq!(value(&evidence, "error_rate"), "0%");
    let seen = server.seen.lock().expect("nobody panicked").join("\n");
    for part in [
        "POST /items?token=geheim HTTP/1.1",
        "authorization: Bearer geheim",
        "x-a: own",
        "content-length: 6",
        "\r\n\r\ngeheim",
    ] {
        assert!(seen.contains(part), "{part}: {seen}");
    }
    assert!(!seen.contains("x-a: all"), "{seen}");
    let check = build("http", &options).expect("good options");
    let shown = format!("{}{evidence:?}", check.options());
    assert!(!shown.contains("geheim"), "{shown}");
}

#[test]
fn a_service_that_closes_every_connection_is_no_error() {
    let server = Server::new(|_| Reply::Close(server::answer(200, "fine")));
    let evidence = load(&server, "{rate: 200/s, duration: 500ms, warm_up: 0s}");
    assert_eq!(value(&evidence, "error_rate"), "0%", "{evidence:?}");
}

#[test]
fn a_rate_climbs_and_chance_can_be_repeated() {
    let server = Server::new(after(Duration::ZERO));
    let evidence = load(
        &server,
        "{stages: [{rate: 200/s, over: 1s}, {rate: 200/s, over: 500ms}]}",
    );
    assert_eq!(value(&evidence, "requests"), "200");
    let count = || {
        let options = "{rate: 200/s, arrival: poisson, seed: 3, duration: 1s, warm_up: 0s}";
        value(&load(&server, options), "requests")
    };
    assert_eq!(count(), count());
}

#[test]
fn a_generator_that_cannot_is_not_the_service_s_fault() {
    let server = Server::new(after(Duration::ZERO));
    let evidence = load(
        &server,
        "{rate: 200000/s, duration: 500ms, warm_up: 0s, timeout: 2s}",
    );
    let why = why(&evidence);
    assert!(
        why.contains("generator was the bottleneck, not the service"),
        "{why} {evidence:?}"
    );
}

#[test]
fn load_goes_to_no_stranger() {
    fn check(options: &str, expected: &str) {
        let problem = build("http", options).err().unwrap_or_default();
        assert!(problem.contains(expected), "{options}: {problem}");
    }
    check(
        "{url: 'http://192.0.2.1/', rate: 1/s}",
        "neither this machine nor in `allow_hosts`",
    );
    check(
        "{url: 'http://localhost.example.com/', rate: 1/s}",
        "neither this machine",
    );
    check(
        "{url: 'http://localhost/', rate: 1/s, requests: [{url: 'http://example.com/'}]}",
        "neither this machine",
    );
    check("{url: 'http://localhost/'}", "how often is it asked");
    check(
        "{url: 'http://localhost/', rate: 5}",
        "a text such as `200/s`",
    );
    check(
        "{url: 'http://localhost/', rate: 1/s, users: 3}",
        "exclude each other",
    );
    check(
        "{url: 'http://localhost/', rate: 300000/s}",
        "a rate goes to 200000/s",
    );
    check(
        "{url: 'http://localhost/', users: 20000}",
        "`users` goes from 1 to 10000",
    );
    check(
        "{url: 'http://u:p@localhost/', rate: 1/s}",
        "no user and no password",
    );
    check("{rate: 1/s}", "nothing says where to ask");
    check(
        "{url: 'http://localhost/', rate: 1/s, allow_hosts: ['http://x/']}",
        "is no host",
    );
    check(
        "{url: 'http://localhost/', rate: 1/s, serve: {command: [x], ready: {}}}",
        "exactly one of `url`, `port` and `log`",
    );
    check(
        "{url: 'http://localhost/', rate: 1/s, requests: [{path: /a}, {path: '/a?x'}]}",
        "two requests are named `GET /a`",
    );
    let named = "{url: 'http://192.0.2.1/', rate: 1/s, allow_hosts: [192.0.2.1]}";
    let fault = Bench::new().conclude("http", named).expect_err("offline");
    assert_eq!(fault.kind, FaultKind::Offline);
}

#[test]
fn a_service_that_is_not_there_is_not_known() {
    let port = server::free_port();
    let options = format!("{{url: 'http://127.0.0.1:{port}/', rate: 10/s}}");
    let fault = Bench::new()
        .conclude("http", &options)
        .expect_err("nobody listens");
    assert_eq!(fault.kind, FaultKind::ToolFailed);
    assert!(fault.what.contains("takes no connection"), "{fault}");
}

#[test]
fn an_interrupt_ends_the_load() {
    let server = Server::new(after(Duration::ZERO));
    let bench = Bench::new();
    let options = format!("{{url: '{}', rate: 100/s, duration: 30s}}", server.url("/"));
    let cancel = bench.cancel.clone();
    let hits = std::sync::Arc::clone(&server.hits);
    let raiser = std::thread::spawn(move || {
        support::wait_for(Duration::from_secs(20), || {
            (hits.load(std::sync::atomic::Ordering::SeqCst) > 3).then_some(())
        });
        cancel.raise();
    });
    let start = Instant::now();
    let fault = bench
        .conclude("http", &options)
        .expect_err("it was interrupted");
    raiser.join().expect("it was raised");
    assert_eq!(fault.kind, FaultKind::Cancelled);
    assert!(start.elapsed() < Duration::from_secs(20));
}
