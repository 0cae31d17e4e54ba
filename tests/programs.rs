//! Runs real programs, real reports and a real HTTP server: what rule pages cannot show.
#![cfg(unix)]

#[path = "programs/checks.rs"]
mod checks;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use qgate::base::path::RepoPath;
use qgate::check::context::{Cx, LazyChange};
use qgate::check::ports::{Artifacts, Finished, Ports, Programs as _, Request};
use qgate::check::{nowhere, registry::CheckerInfo};
use qgate::checkers;
use qgate::config::yaml;
use qgate::host::artifacts::Disk;
use qgate::host::http::Client;
use qgate::host::interrupt::Cancel;
use qgate::host::programs::{GIT_VARIABLES, Programs};
use qgate::host::surroundings::System;
use qgate::model::evidence::{Completeness, Evidence};
use qgate::model::fault::{Fault, FaultKind};
use qgate::source::memory::MemoryTree;

/// Longer than any of these programs takes on a busy machine.
const LONG: Duration = Duration::from_mins(1);

/// A folder with programs to run in it.
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

    fn root(&self) -> PathBuf {
        self.folder
            .path()
            .canonicalize()
            .expect("the folder is there")
    }

    fn programs(&self) -> Programs {
        let root = self.root();
        Programs::new(root.clone(), Some(root.join("logs")), self.cancel.clone())
    }

    fn write(&self, path: &str, content: &str) {
        let path = self.root().join(path);
        std::fs::create_dir_all(path.parent().expect("it has a folder")).expect("a folder");
        std::fs::write(path, content).expect("a file");
    }

    fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.root().join(path)).unwrap_or_default()
    }

    fn sh(&self, script: &str, timeout: Duration) -> Result<Finished, Fault> {
        self.programs()
            .run(&request(&["sh", "-c", script], timeout))
    }

    /// Concludes a check, its options in YAML, with this folder as the root.
    fn conclude(&self, checker: &str, options: &str) -> Result<Evidence, Fault> {
        let checker = checkers::find(checker).expect("a checker");
        let check = build(checker, options).expect("good options");
        let root = self.root();
        let programs = self.programs();
        let http = Client::new(true, self.cancel.clone());
        let surroundings = System::new(root.clone()).expect("the clock is not fixed to nonsense");
        let disk = Disk::new(&root, None);
        let tree = MemoryTree::new(files(&disk));
        let change = LazyChange::unknown(Fault::new(FaultKind::Missing, "there is no base", ""));
        let cx = Cx {
            waivers: &[],
            tree: &tree,
            change: &change,
            ports: Ports {
                artifacts: &disk,
                programs: &programs,
                http: &http,
                surroundings: &surroundings,
                ..nowhere::ports()
            },
            timeout: LONG,
            label: "gate.check",
        };
        check.conclude(&[], &cx)
    }

    /// What the check has to say, one line for each thing.
    fn check(&self, checker: &str, options: &str, expected: &[&str]) {
        let found = match self.conclude(checker, options) {
            Ok(evidence) => told(&evidence),
            Err(fault) => vec![format!("{}: {}", fault.kind, fault.what)],
        };
        assert_eq!(found, expected, "{options}");
    }
}

fn files(disk: &Disk) -> Vec<(Vec<u8>, Vec<u8>)> {
    let all = [qgate::check::options::Glob::new("**").expect("a glob")];
    let found = disk.find(&all).expect("the folder can be read");
    let read = |path: &RepoPath| disk.read(path, 1 << 20).unwrap_or_default();
    found
        .iter()
        .filter(|file| !file.folder)
        .map(|file| (file.path.as_bytes().to_vec(), read(&file.path)))
        .collect()
}

fn build(
    checker: &CheckerInfo,
    options: &str,
) -> Result<std::sync::Arc<dyn qgate::check::registry::Check>, Vec<String>> {
    let text = yaml::text("options", options.as_bytes(), false).expect("text");
    let mut problems = Vec::new();
    let node = yaml::parse(&text).expect("YAML");
    (checker.build)(&node, &mut problems).ok_or_else(|| {
        problems
            .into_iter()
            .map(|problem| problem.message)
            .collect()
    })
}

fn told(evidence: &Evidence) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for finding in &evidence.findings {
        lines.push(format!(
            "{} {} {}: {}",
            finding.severity, finding.rule, finding.place, finding.headline
        ));
    }
    for measured in &evidence.measurements {
        lines.push(format!(
            "{} = {}",
            measured.metric,
            measured.value.quantity()
        ));
    }
    lines.extend(evidence.notes.iter().map(|note| format!("note: {note}")));
    if let Completeness::Partial(reasons) = &evidence.completeness {
        lines.extend(reasons.iter().map(|why| format!("partial: {why}")));
    }
    if let Completeness::NotApplicable(what) = &evidence.completeness {
        lines.push(format!("no subject: {what}"));
    }
    lines
}

fn request(argv: &[&str], timeout: Duration) -> Request {
    Request {
        argv: argv.iter().map(|&word| word.to_owned()).collect(),
        folder: None,
        variables: BTreeMap::new(),
        timeout,
        log: "test".to_owned(),
        keep: Request::KEEP,
    }
}

/// Set in a test that runs in a process of its own.
const INNER: &str = "QGATE_TEST_INNER";

/// This test again, in a process whose environment and signals are its own.
fn inner(name: &str) -> std::process::Command {
    let own = std::env::current_exe().expect("a test is a program");
    let mut command = std::process::Command::new(own);
    command.args(["--exact", name]).env(INNER, "yes");
    command
}

/// Waits until the condition holds, at most ten seconds.
fn eventually(what: &str, condition: impl Fn() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < Duration::from_secs(10), "never: {what}");
        std::thread::yield_now();
    }
}

/// Is there such a process, and is it no zombie?
fn lives(pid: &str) -> bool {
    let stat = std::process::Command::new("ps")
        .args(["-o", "stat=", "-p", pid.trim()])
        .output()
        .expect("ps runs");
    let stat = String::from_utf8_lossy(&stat.stdout).trim().to_owned();
    !stat.is_empty() && !stat.starts_with('Z')
}

#[test]
fn exit_codes_signals_folders_and_variables() {
    let bench = Bench::new();
    bench.write("sub/x", "");
    let finished = bench
        .sh("echo out; echo err >&2; exit 3", LONG)
        .expect("it ran");
    assert_eq!((finished.code, finished.signal), (Some(3), None));
    assert_eq!(
        (&finished.stdout[..], &finished.stderr[..]),
        (&b"out\n"[..], &b"err\n"[..])
    );
    assert!(!finished.truncated);
    let finished = bench.sh("kill -9 $$", LONG).expect("it ran");
    assert_eq!((finished.code, finished.signal), (None, Some(9)));

    let mut request = request(&["sh", "-c", "pwd -P; echo $NAME; cat"], LONG);
    request.folder = RepoPath::new("sub");
    request
        .variables
        .insert("NAME".to_owned(), "value".to_owned());
    let finished = bench.programs().run(&request).expect("it ran");
    let expected = format!("{}/sub\nvalue\n", bench.root().display());
    assert_eq!(
        String::from_utf8_lossy(&finished.stdout),
        expected,
        "standard input is empty"
    );
    request.folder = RepoPath::new("nowhere");
    let fault = bench.programs().run(&request).expect_err("no folder");
    assert_eq!(fault.kind, FaultKind::Missing);
}

#[test]
fn programs_that_cannot_be_run() {
    fn check(bench: &Bench, program: &str, expected: FaultKind) {
        let fault = bench
            .programs()
            .run(&request(&[program], LONG))
            .expect_err("it cannot be run");
        assert_eq!(fault.kind, expected, "{program}: {fault}");
    }
    let bench = Bench::new();
    bench.write("plain", "#!/bin/sh\n");
    bench.write("odd", "#!/no/such/interpreter\n");
    let odd = std::process::Command::new("chmod")
        .arg("+x")
        .arg(bench.root().join("odd"))
        .status();
    assert!(odd.is_ok_and(|status| status.success()));
    check(&bench, "no-such-program-anywhere", FaultKind::ToolMissing);
    check(&bench, "", FaultKind::ToolMissing);
    check(&bench, "./plain", FaultKind::ToolMissing);
    check(&bench, "./odd", FaultKind::ToolFailed);
    assert!(bench.programs().find("sh").is_some());
    assert_eq!(bench.programs().find("./plain"), None);
}

#[test]
fn git_variables_of_a_hook_do_not_reach_the_tools() {
    let listed = std::process::Command::new("git")
        .args(["rev-parse", "--local-env-vars"])
        .output();
    let listed = listed.expect("git runs").stdout;
    for name in String::from_utf8_lossy(&listed).split_whitespace() {
        assert!(GIT_VARIABLES.contains(&name), "{name} is missing");
    }
    let name = "git_variables_of_a_hook_do_not_reach_the_tools";
    if std::env::var_os(INNER).is_none() {
        let status = inner(name).env("GIT_DIR", "/nowhere").status();
        assert!(status.is_ok_and(|status| status.success()));
        return;
    }
    assert!(std::env::var_os("GIT_DIR").is_some());
    let bench = Bench::new();
    let finished = bench
        .sh("env | grep ^GIT_DIR= || echo none", LONG)
        .expect("it ran");
    assert_eq!(finished.stdout, b"none\n");
}

#[test]
fn an_interrupt_ends_what_runs() {
    let bench = Bench::new();
    if std::env::var_os(INNER).is_none() {
        let ready = bench.root().join("ready");
        let mut test = inner("an_interrupt_ends_what_runs")
            .env("READY", &ready)
            .spawn()
            .expect("the test starts");
        eventually("the program is ready", || ready.exists());
        let signal = std::process::Command::new("kill")
            .args(["-INT", &test.id().to_string()])
            .status();
        assert!(signal.is_ok_and(|status| status.success()));
        assert!(test.wait().is_ok_and(|status| status.success()));
        return;
    }
    let cancel = qgate::host::interrupt::listen().expect("signals can be caught");
    let programs = Programs::new(bench.root(), None, cancel.clone());
    let fault = programs
        .run(&request(&["sh", "-c", "echo > $READY; sleep 300"], LONG))
        .expect_err("it was interrupted");
    assert_eq!(fault.kind, FaultKind::Cancelled);
    assert!(cancel.is_raised());
}

#[test]
fn a_timeout_ends_the_whole_tree_even_what_left_the_group_and_ignores_the_signal() {
    let bench = Bench::new();
    let script = "trap '' TERM
        (trap '' TERM; echo $BASHPID$PPID >/dev/null; sh -c 'echo $$ > child; sleep 300') &
        setsid sh -c 'trap \"\" TERM; echo $$ > session; sleep 301' &
        (setsid sh -c 'echo $$ > orphan; exec sleep 302' &) &
        while ! [ -s child ] || ! [ -s session ] || ! [ -s orphan ]; do sleep 0.05; done
        echo ready > ready
        while :; do sleep 1; done";
    let start = Instant::now();
    let fault = bench
        .sh(script, Duration::from_secs(4))
        .expect_err("it takes too long");
    assert_eq!(fault.kind, FaultKind::Timeout, "{fault}");
    assert_eq!(
        bench.read("ready"),
        "ready\n",
        "all of them were started in time"
    );
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "{:?}",
        start.elapsed()
    );
    for name in ["child", "session", "orphan"] {
        let pid = bench.read(name);
        assert!(!pid.is_empty(), "{name}");
        eventually(name, || !lives(&pid));
    }
}

#[test]
fn what_is_asked_to_end_ends_in_its_own_way_first() {
    let bench = Bench::new();
    let script =
        "trap 'echo asked > asked; exit 0' TERM; echo > ready; while :; do sleep 0.05; done";
    let cancel = bench.cancel.clone();
    let root = bench.root();
    let raiser = std::thread::spawn(move || {
        eventually("the program is ready", || root.join("ready").exists());
        cancel.raise();
    });
    let fault = bench.sh(script, LONG).expect_err("it was interrupted");
    raiser.join().expect("it was raised");
    assert_eq!(fault.kind, FaultKind::Cancelled);
    assert_eq!(bench.read("asked"), "asked\n");
    let fault = bench
        .sh("echo > later", LONG)
        .expect_err("nothing starts after an interrupt");
    assert_eq!(fault.kind, FaultKind::Cancelled);
    assert!(!bench.root().join("later").exists());
}

#[test]
fn the_second_interrupt_does_not_wait() {
    let bench = Bench::new();
    let cancel = bench.cancel.clone();
    let root = bench.root();
    let raiser = std::thread::spawn(move || {
        eventually("the program is ready", || root.join("ready").exists());
        cancel.raise();
        cancel.raise();
        Instant::now()
    });
    let script = "trap '' TERM; echo > ready; while :; do sleep 1; done";
    let fault = bench.sh(script, LONG).expect_err("it was interrupted");
    assert_eq!(fault.kind, FaultKind::Cancelled);
    let since = raiser.join().expect("it was raised");
    assert!(
        since.elapsed() < Duration::from_millis(1900),
        "{:?}",
        since.elapsed()
    );
}

#[test]
fn a_flood_of_output_is_kept_in_bounded_memory_and_whole_in_the_log() {
    let bench = Bench::new();
    let line = "0123456789012345678901234567890123456789012345678901234567890123456789012345678";
    let script = format!("yes {line} | head -c 100000000; echo END >&2");
    let finished = bench.sh(&script, LONG).expect("it ran");
    assert!(finished.truncated);
    assert!(
        finished.stdout.len() < Request::KEEP + 100,
        "{}",
        finished.stdout.len()
    );
    assert!(String::from_utf8_lossy(&finished.stdout).contains("bytes left out ...]"));
    assert_eq!(finished.stderr, b"END\n");
    assert_eq!(finished.log.as_deref(), Some("logs/test.log"));
    let log = std::fs::metadata(bench.root().join("logs/test.log")).expect("a log");
    assert_eq!(log.len(), 100_000_000 + 4);
}

#[test]
fn who_keeps_the_output_open_does_not_keep_the_check() {
    let bench = Bench::new();
    let script = "setsid sh -c 'echo $$ > daemon; sleep 30' & while ! [ -s daemon ]; do sleep 0.05; done; echo done";
    let finished = bench.sh(script, LONG).expect("it ran");
    assert_eq!(
        (finished.code, &finished.stdout[..]),
        (Some(0), &b"done\n"[..])
    );
    assert!(finished.truncated);
    assert!(
        finished.wall < Duration::from_secs(20),
        "{:?}",
        finished.wall
    );
    let pid = bench.read("daemon");
    assert!(
        lives(&pid),
        "what left the group of a program that ended by itself is left alone"
    );
    let killed = std::process::Command::new("kill")
        .args(["-9", pid.trim()])
        .status();
    assert!(killed.is_ok_and(|status| status.success()));
    // What stays in the group is ended.
    let script = "sleep 300 >/dev/null 2>&1 & echo $! > left; echo done";
    let finished = bench.sh(script, LONG).expect("it ran");
    assert!(!finished.truncated);
    let pid = bench.read("left");
    eventually("the rest of the group is ended", || !lives(&pid));
}

#[test]
fn the_log_is_plain() {
    let bench = Bench::new();
    let finished = bench.sh("printf '\\033[31mred\\033[0m caf\\303\\251 \\377\\n'", LONG);
    assert_eq!(
        finished.expect("it ran").log.as_deref(),
        Some("logs/test.log")
    );
    assert_eq!(
        bench.read("logs/test.log"),
        "\\u{1b}[31mred\\u{1b}[0m caf\\u{e9} \\xff\n"
    );
    let finished = bench.sh("true", LONG).expect("it ran");
    assert_eq!(finished.log, None);
    assert!(
        !bench.root().join("logs/test.log").exists(),
        "the log of an earlier run is gone"
    );
}

#[test]
fn nothing_is_left_behind() {
    let bench = Bench::new();
    for _ in 0..20 {
        bench.sh("sh -c true & true", LONG).expect("it ran");
    }
    let own = std::process::id().to_string();
    eventually("no zombie of ours is left", || {
        let list = std::process::Command::new("ps")
            .args(["-o", "ppid=,stat=", "-A"])
            .output();
        let list = list.expect("ps runs").stdout;
        let text = String::from_utf8_lossy(&list).into_owned();
        !text.lines().any(|line| {
            let mut words = line.split_whitespace();
            words.next() == Some(&own) && words.next().is_some_and(|stat| stat.starts_with('Z'))
        })
    });
    assert!(Path::new(&bench.root()).is_dir());
}
