//! Services that are started for a check: those that are well, and those that never get ready, die, or do not end.

use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use qgate::model::fault::FaultKind;

use super::server::{self, Reply, Server};
use super::{Bench, headlines, support, value, why};

/// What the service below is and where it listens: `ok 8080`.
const SERVICE: &str = "QGATE_TEST_SERVICE";

/// Past the harness, which would put its own words before it.
fn say(line: &str) {
    let written = writeln!(std::io::stderr(), "{line}");
    written.expect("somebody listens");
}

/// No test, but the service that the tests start: this program itself, asked for by a variable.
#[test]
fn service() {
    let Ok(text) = std::env::var(SERVICE) else {
        return;
    };
    let (kind, port) = text.split_once(' ').expect("kind and port");
    say(&format!("the service {kind} is here"));
    match kind {
        "never" => server::rest(Duration::from_mins(2)),
        "ends" => std::process::exit(7),
        "late" => server::rest(Duration::from_millis(300)),
        _ => {}
    }
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).expect("the port is free");
    let kind = kind.to_owned();
    let reply = move |seen: &server::Seen| match kind.as_str() {
        "leaks" => {
            // Filled, so that it is really used.
            std::mem::forget(vec![1_u8; 50_000]);
            Reply::of(200, "fine")
        }
        "dies" if seen.number > 30 => std::process::exit(3),
        "tells" if seen.number == 5 => {
            std::fs::write("asked", "").expect("a file");
            Reply::of(200, "fine")
        }
        "ill" => Reply::of(500, "ill"),
        "garbage" => Reply::Close(b"\0\x01\x02 garbage\r\n\r\n".to_vec()),
        _ => Reply::of(200, "fine"),
    };
    let _server = Server::on(listener, |stream| stream, reply);
    say(&format!("listening at {port}"));
    server::rest(Duration::from_mins(2));
}

/// How the service is started, in YAML; `wrap` goes before it.
pub fn serve(wrap: &[&str], kind: &str, port: u16, ready: &str) -> String {
    let own = std::env::current_exe().expect("this program has a path");
    let own = own.to_string_lossy().into_owned();
    let args = [
        "services::service",
        "--exact",
        "--nocapture",
        "--test-threads=1",
    ];
    let words = wrap.iter().copied().chain([own.as_str()]).chain(args);
    let words: Vec<String> = words
        .map(|word| format!("'{}'", word.replace('\'', "''")))
        .collect();
    format!(
        "serve:\n  command: [{}]\n  env: {{{SERVICE}: '{kind} {port}'}}\n  ready: {ready}\n  stop: {{grace: 1s}}\n",
        words.join(", ")
    )
}

/// Nobody of the test's service lives, and its port is free.
fn gone(port: u16) {
    let mark = format!("{SERVICE}=");
    let ends = format!(" {port}");
    let lives = || {
        let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let mut marked = processes.filter(|process| {
            let variables = std::fs::read(process.path().join("environ")).unwrap_or_default();
            variables.split(|byte| *byte == 0).any(|variable| {
                let variable = String::from_utf8_lossy(variable);
                variable.starts_with(&mark) && variable.ends_with(&ends)
            })
        });
        marked.next().is_some()
    };
    // The kernel may need a moment to bury who was killed.
    support::wait_for(Duration::from_secs(5), || (!lives()).then_some(()));
    assert!(
        TcpStream::connect(("127.0.0.1", port)).is_err(),
        "somebody listens at {port}"
    );
    assert!(
        TcpListener::bind(("127.0.0.1", port)).is_ok(),
        "the port {port} is taken"
    );
}

pub fn options(port: u16, serve: &str) -> String {
    format!(
        "url: http://127.0.0.1:{port}/\nrate: 100/s\nduration: 1s\nwarm_up: 0s\ntimeout: 1s\n{serve}"
    )
}

#[test]
fn a_service_is_started_measured_and_ended() {
    for ready in [
        "{url: 'http://127.0.0.1:PORT/'}",
        "{port: PORT}",
        "{log: '^listening at'}",
    ] {
        let port = server::free_port();
        let bench = Bench::new();
        let ready = ready.replace("PORT", &port.to_string());
        let options = options(port, &serve(&[], "late", port, &ready));
        let evidence = bench.conclude("http", &options).expect("it is sent");
        assert_eq!(value(&evidence, "error_rate"), "0%", "{evidence:?}");
        assert_eq!(why(&evidence), "Complete");
        let note = "the service's output is in logs/gate.check.service.log";
        assert!(
            evidence.notes.iter().any(|n| n == note),
            "{:?}",
            evidence.notes
        );
        let log = std::fs::read_to_string(bench.root().join("logs/gate.check.service.log"));
        assert!(log.expect("a log").contains("the service late is here"));
        gone(port);
    }
}

#[test]
fn one_that_never_gets_ready_is_not_known() {
    let port = server::free_port();
    let bench = Bench::new();
    let ready = format!("{{port: {port}, timeout: 500ms}}");
    let fault = bench.conclude("http", &options(port, &serve(&[], "never", port, &ready)));
    let fault = fault.expect_err("it is never ready");
    assert_eq!(fault.kind, FaultKind::Timeout);
    assert!(
        fault
            .what
            .contains("was not ready within 500ms: nothing listens at port"),
        "{fault}"
    );
    assert!(
        fault.cure.contains("see logs/gate.check.service.log"),
        "{}",
        fault.cure
    );
    assert!(
        fault.cure.contains("the service never is here"),
        "{}",
        fault.cure
    );
    gone(port);

    let ready = format!("{{url: 'http://127.0.0.1:{port}/', timeout: 1s}}");
    for (kind, lacks) in [
        ("ill", "answers with status 500"),
        ("garbage", "gives no answer"),
    ] {
        let fault = bench.conclude("http", &options(port, &serve(&[], kind, port, &ready)));
        let fault = fault.expect_err("it is never ready");
        assert!(fault.what.contains(lacks), "{fault}");
        gone(port);
    }
}

#[test]
fn one_that_ends_at_once_is_not_known() {
    let port = server::free_port();
    let ready = format!("{{port: {port}}}");
    let start = Instant::now();
    let fault = Bench::new().conclude("http", &options(port, &serve(&[], "ends", port, &ready)));
    let fault = fault.expect_err("it ended");
    assert_eq!(fault.kind, FaultKind::ToolFailed);
    assert!(
        fault
            .what
            .ends_with("ended before it was ready, with exit code 7"),
        "{fault}"
    );
    assert!(start.elapsed() < Duration::from_secs(20));
    gone(port);
}

#[test]
fn one_that_dies_under_load_is_told_and_never_passes() {
    let port = server::free_port();
    let ready = format!("{{port: {port}}}");
    let evidence = Bench::new().conclude("http", &options(port, &serve(&[], "dies", port, &ready)));
    let evidence = evidence.expect("it was sent");
    assert!(
        why(&evidence).contains("ended before it was stopped, with exit code 3"),
        "{}",
        why(&evidence)
    );
    let all = headlines(&evidence).join("\n");
    assert!(all.contains("service-ended: "), "{all}");
    assert!(all.contains("ended under load, with exit code 3"), "{all}");
    assert!(all.contains("found no connection"), "{all}");
    gone(port);
}

#[test]
fn garbage_is_an_error_each_time() {
    let port = server::free_port();
    let ready = format!("{{port: {port}}}");
    let evidence =
        Bench::new().conclude("http", &options(port, &serve(&[], "garbage", port, &ready)));
    let evidence = evidence.expect("it was sent");
    assert_eq!(value(&evidence, "error_rate"), "100%");
    assert!(
        headlines(&evidence)[0].contains("what is no HTTP"),
        "{evidence:?}"
    );
    gone(port);
}

#[test]
fn another_in_its_place_is_not_measured() {
    let other = Server::new(|_| Reply::of(200, "fine"));
    let port = other.port;
    let ready = format!("{{port: {port}}}");
    let fault = Bench::new().conclude("http", &options(port, &serve(&[], "ok", port, &ready)));
    let fault = fault.expect_err("another is there");
    assert!(fault.what.contains("something else listens at"), "{fault}");
    assert_eq!(other.hits(), 0);
}

#[test]
fn one_that_will_not_end_is_killed_and_so_is_what_left_its_group() {
    let deaf = ["sh", "-c", "trap '' TERM; exec \"$0\" \"$@\""];
    let port = server::free_port();
    let ready = format!("{{port: {port}}}");
    let bench = Bench::new();
    let evidence = bench.conclude("http", &options(port, &serve(&deaf, "ok", port, &ready)));
    let evidence = evidence.expect("it was sent");
    let notes = evidence.notes.join("\n");
    assert!(
        notes.contains("did not end when it was asked to, and was killed"),
        "{notes}"
    );
    gone(port);

    // A daemon: the program that was started is gone, and what it left behind serves.
    let daemon = ["sh", "-c", "setsid \"$0\" \"$@\" & sleep 1; wait"];
    let evidence = bench.conclude("http", &options(port, &serve(&daemon, "ok", port, &ready)));
    assert_eq!(value(&evidence.expect("it was sent"), "error_rate"), "0%");
    gone(port);
}

#[test]
fn an_interrupt_ends_the_service_too() {
    let port = server::free_port();
    let ready = format!("{{port: {port}}}");
    let bench = Bench::new();
    let cancel = bench.cancel.clone();
    let mark = bench.root().join("asked");
    let raiser = std::thread::spawn(move || {
        support::wait_for(Duration::from_secs(20), || mark.exists().then_some(()));
        cancel.raise();
    });
    let text = options(port, &serve(&[], "tells", port, &ready));
    let text = text.replace("duration: 1s", "duration: 10s");
    let fault = bench
        .conclude("http", &text)
        .expect_err("it was interrupted");
    raiser.join().expect("it was raised");
    assert_eq!(fault.kind, FaultKind::Cancelled);
    gone(port);
}
