//! Runs real programs, real reports and a real HTTP server: what rule pages cannot show.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use qgate::base::path::RepoPath;
use qgate::check::context::{Cx, LazyChange};
use qgate::check::ports::{Artifacts, Finished, Http, Ports, Programs as _, Request};
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
        let change =
            LazyChange::new(|| Err(Fault::new(FaultKind::Missing, "there is no base", "")));
        let cx = Cx {
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
    for _ in 0..1000 {
        if condition() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("never: {what}");
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
fn commands_by_exit_code() {
    let bench = Bench::new();
    let succeeded = ["exit_code = 0", "command_succeeded = true"];
    bench.check("command", "run: ['true']", &succeeded);
    bench.check("command", "shell: exit 0", &succeeded);
    bench.check(
        "command",
        "shell: 'echo mistakes >&2; exit 2'",
        &[
            "high command-failed command sh: `sh` ended with exit code 2",
            "exit_code = 2",
            "command_succeeded = false",
        ],
    );
    bench.check(
        "command",
        "{shell: exit 2, success: [0, 2]}",
        &["exit_code = 2", "command_succeeded = true"],
    );
    bench.check(
        "command",
        "run: [no-such-tool]",
        &["tool missing: `no-such-tool` is not installed: no folder of PATH has it"],
    );
    bench.check(
        "command",
        "shell: no-such-tool --check",
        &["tool missing: `no-such-tool` ended with exit code 127: a program that it calls is not installed"],
    );
    bench.check(
        "command",
        "shell: kill -9 $$",
        &["tool failed: `sh` was ended by signal 9"],
    );
    let fault = bench.conclude("command", "{run: [no-such-tool], install: pip install it}");
    assert_eq!(fault.expect_err("missing").cure, "pip install it");
    let failed = bench
        .conclude("command", "shell: 'echo one; echo two; exit 1'")
        .expect("it ran");
    assert_eq!(
        failed.findings[0].help,
        "see logs/gate.check.log; its last words: one | two"
    );
}

#[test]
fn options_that_do_not_fit() {
    fn check(options: &str, expected: &str) {
        let checker = checkers::find("command").expect("a checker");
        let problems = build(checker, options).err().expect("they do not fit");
        assert_eq!(problems, [expected], "{options}");
    }
    check(
        "{}",
        "there is nothing to run: add `run: [PROGRAM, ARGUMENT]`",
    );
    check(
        "{run: [a], shell: b}",
        "`run` and `shell` exclude each other: keep one",
    );
    check(
        "sarif: stdout",
        "there is nothing to run: add `run: [PROGRAM, ARGUMENT]`",
    );
    check(
        "{run: [a], regex: {metrics: {x: {pattern: '[0-9]+', better: lower}}}}",
        "the pattern of `x` has no group `value`: write (?<value>[0-9.]+)",
    );
    check(
        "{run: [a], json: {from: stdout, metrics: {exit_code: {pointer: /a, better: lower}}}}",
        "the metric `exit_code` is there already: choose another name",
    );
    check(
        "{run: [a], regex: {}}",
        "`regex` reads nothing: add `pattern` or `metrics`",
    );
}

const SARIF: &str = r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"My Tool","rules":[
    {"id":"R1","helpUri":"https://example.com/R1","properties":{"security-severity":"9.1"}},
    {"id":"R2","defaultConfiguration":{"level":"note"}}]}},
    "originalUriBaseIds":{"ROOT":{"uri":"file:///elsewhere/"}},
    "results":[
    {"ruleId":"R1","message":{"text":"Bad thing."},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"src/a%20b.py","uriBaseId":"%SRCROOT%"},"region":{"startLine":3,"startColumn":5}}}]},
    {"ruleIndex":1,"message":{"text":"Small"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"x.py","uriBaseId":"ROOT"}}}]},
    {"ruleId":"R3","level":"error","message":{"text":"waived"},"suppressions":[{"kind":"inSource"}]},
    {"ruleId":"R4","kind":"pass","message":{"text":"fine"}}]}]}"#;

#[test]
fn reports_on_the_standard_output_and_in_files() {
    let bench = Bench::new();
    bench.write("report.sarif", SARIF);
    let found = [
        "critical my-tool/R1 src/a b.py:3:5: Bad thing",
        "low my-tool/R2 /elsewhere/x.py: Small",
    ];
    let suppressed = "note: 1 finding is suppressed by the tool itself";
    bench.check(
        "command",
        "sarif: report.sarif",
        &[found[0], found[1], suppressed],
    );
    let exit = ["exit_code = 1", "command_succeeded = false"];
    bench.check(
        "command",
        "{shell: cat report.sarif; exit 1, sarif: stdout}",
        &[found[0], found[1], exit[0], exit[1], suppressed],
    );
    bench.check(
        "command",
        "{run: ['true'], sarif: report.sarif}",
        &["stale: the report report.sarif is older than this run: the command did not write it"],
    );
    bench.check(
        "command",
        "sarif: other.sarif",
        &["missing: there is no report at `other.sarif`"],
    );
    bench.check(
        "command",
        "{run: ['true'], sarif: other.sarif}",
        &["missing: the command wrote no report at `other.sarif`"],
    );
    bench.check("command", "{run: ['true'], sarif: stdout}", &[
        "unparsable: the standard output cannot be used: it is not SARIF: EOF while parsing a value at line 1 column 0",
    ]);
    bench.check("command", "{shell: cat report.sarif; exit 4, sarif: stdout}", &[
        "tool failed: `sh` ended with exit code 4, which is neither in `success` nor in `findings_exit`",
    ]);
    bench.check("command", r#"{shell: 'echo "{\"version\":\"2.1.0\",\"runs\":[{\"tool\":{\"driver\":{\"name\":\"t\"}},\"results\":[]}]}"; exit 1', sarif: stdout}"#, &[
        "tool failed: `sh` ended with exit code 1, but its report shows no finding",
    ]);
}

#[test]
fn junit_checkstyle_json_and_text() {
    let bench = Bench::new();
    bench.write("tests/test_a.py", "");
    bench.write(
        "out/junit.xml",
        r#"<testsuites><testsuite name="s" tests="4" failures="1" skipped="1">
        <testcase classname="tests.test_a.TestX" name="one"/>
        <testcase classname="tests.test_a.TestX" name="two" line="7"><failure message="left 1, right 2">trace</failure></testcase>
        <testcase classname="tests.test_a" name="three"><skipped/></testcase>
        <testcase classname="tests.test_a" name="four"><flakyFailure message="once"/></testcase>
        </testsuite></testsuites>"#,
    );
    bench.check(
        "command",
        "junit: out/*.xml",
        &[
            "high junit/failure tests/test_a.py:7:1: test two failed: left 1, right 2",
            "tests_run = 3",
            "tests_failed = 1",
            "tests_skipped = 1",
            "tests_flaky = 1",
            "test_pass_rate = 66.667%",
            "note: flaky test: tests.test_a::four failed and passed",
        ],
    );
    bench.write("empty.xml", "<testsuites/>");
    bench.check(
        "command",
        "junit: empty.xml",
        &["unparsable: no test was run"],
    );
    bench.write(
        "lies.xml",
        "<testsuite name='s' failures='2'><testcase name='a'/></testsuite>",
    );
    bench.check(
        "command",
        "junit: lies.xml",
        &[
            "tests_run = 1",
            "tests_failed = 0",
            "tests_skipped = 0",
            "tests_flaky = 0",
            "test_pass_rate = 100%",
            "partial: the suite `s` says that 2 tests failed, but shows 0",
        ],
    );
    bench.write("torn.xml", "<testsuite><testcase name='a'/>");
    bench.check(
        "command",
        "junit: torn.xml",
        &["unparsable: the report torn.xml cannot be used: it ends early"],
    );
    bench.write(
        "style.xml",
        "<checkstyle><file name='src/a.py'><error line='2' column='3' severity='error' message='a &lt; b &amp; c' source='x.y.Rule'/></file></checkstyle>",
    );
    bench.check(
        "command",
        "{checkstyle: style.xml, tool: Lint}",
        &["high lint/Rule src/a.py:2:3: a < b & c"],
    );
    bench.write("n.json", r#"{"totals":{"percent":95.25,"items":[1,2]}}"#);
    bench.check(
        "command",
        "json: {from: n.json, metrics: {percent: {pointer: /totals/percent, unit: '%', better: higher}, items: {pointer: /totals/items, better: lower}}}",
        &["items = 2", "percent = 95.25%"],
    );
    bench.check(
        "command",
        "json: {from: n.json, metrics: {x: {pointer: /no, better: lower}}}",
        &["unparsable: the report n.json cannot be used: it has nothing at `/no` for `x`"],
    );
    bench.check(
        "command",
        r"{shell: 'echo src/a.py:4:2: warning: wrong; echo rated 9.4/10; exit 1', tool: lint, regex: {pattern: '^(?<file>[^:]+):(?<line>\d+):(?<column>\d+): (?<severity>\w+): (?<message>.*)', metrics: {lint_score: {pattern: 'rated (?<value>[0-9.]+)/10', better: higher}}}}",
        &[
            "medium lint/finding src/a.py:4:2: wrong",
            "exit_code = 1",
            "command_succeeded = false",
            "lint_score = 9.4",
        ],
    );
    bench.check("command", "{shell: echo, regex: {metrics: {x: {pattern: '(?<value>[0-9]+)', better: lower}}}}", &[
        "unparsable: the standard output cannot be used: no line of it matches the pattern of `x`",
    ]);
}

fn executable(bench: &Bench, path: &str, content: &str) {
    bench.write(path, content);
    let done = std::process::Command::new("chmod")
        .arg("+x")
        .arg(bench.root().join(path))
        .status();
    assert!(done.is_ok_and(|status| status.success()));
}

#[test]
fn environments() {
    let bench = Bench::new();
    executable(&bench, "bin/old", "#!/bin/sh\necho old version 3.9.2\n");
    executable(&bench, "bin/mute", "#!/bin/sh\n");
    bench.check("environment", "tools: {sh: '*', git: '>=1'}", &[]);
    bench.check(
        "environment",
        "tools: {./bin/old: '>=3.11', no-such-tool: '2'}",
        &[
            "high tool-version tool ./bin/old: `./bin/old` is 3.9.2, but >=3.11 is required",
            "high tool-missing tool no-such-tool: `no-such-tool` is not installed",
        ],
    );
    bench.check(
        "environment",
        "tools: {./bin/mute: '1'}",
        &["unparsable: `./bin/mute` does not say its version"],
    );
    bench.check("environment", "variables: [PATH, QGATE_NO_SUCH_VARIABLE]", &[
        "high variable-unset variable QGATE_NO_SUCH_VARIABLE: the variable QGATE_NO_SUCH_VARIABLE is not set",
    ]);
    bench.check("environment", "from_files: true", &[
        "no subject: one of .node-version, .nvmrc, .python-version, .tool-versions, go.mod, package.json, pyproject.toml, rust-toolchain, rust-toolchain.toml",
    ]);
    bench.write(".tool-versions", "git 999.1\nno-such-tool 1\n");
    let git = bench
        .conclude("environment", "from_files: true")
        .expect("it knows");
    let rules: Vec<_> = git
        .findings
        .iter()
        .map(|finding| (finding.rule.as_ref(), finding.place.to_string()))
        .collect();
    assert_eq!(
        rules,
        [
            ("tool-version", ".tool-versions".to_owned()),
            ("tool-missing", ".tool-versions".to_owned())
        ]
    );
    executable(&bench, ".venv/bin/sh", "#!/bin/sh\n");
    let outside = bench
        .conclude("environment", "python_venv: [sh]")
        .expect("it knows");
    assert_eq!(outside.findings[0].rule, "python-outside-venv");
    assert_eq!(
        outside.findings[0].help,
        "activate the project's virtual environment, which has it"
    );
}

/// A server on a free port; it answers every request with these bytes, and closes.
fn server(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("it has an address");
    std::thread::spawn(move || {
        for stream in listener.incoming().take(10) {
            let Ok(mut stream) = stream else { return };
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer);
        }
    });
    format!("http://{address}")
}

#[test]
fn services() {
    let bench = Bench::new();
    let check = |url: &str, more: &str, expected: Option<&str>| {
        let options = format!("services: [{{url: '{url}/health?key=secret'{more}}}]");
        let found = bench
            .conclude("environment", &options)
            .map(|evidence| told(&evidence));
        let found = found.expect("it knows").join("\n").replace(url, "URL");
        match expected {
            None => assert_eq!(found, ""),
            Some(expected) => {
                let all = format!("high service-down service URL/health: {expected}");
                assert!(found.starts_with(&all), "{found}\nis not\n{all}");
            }
        }
        assert!(!found.contains("secret"), "{found}");
    };
    let good = server(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
    check(&good, "", None);
    check(
        &good,
        ", status: 204",
        Some("URL/health answers with status 200, not 204"),
    );
    let bad = server(b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    check(
        &bad,
        "",
        Some("URL/health answers with status 500, not 200"),
    );
    check(
        &server(b"\x00\x01 garbage\r\n\r\n"),
        "",
        Some("URL/health gave no answer: "),
    );
    check(&server(b""), "", Some("URL/health gave no answer: "));
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let slow = format!("http://{}", silent.local_addr().expect("it has an address"));
    check(
        &slow,
        ", within: 200ms",
        Some("URL/health gave no answer within 200ms"),
    );
    drop(silent);
    check(&slow, "", Some("URL/health gave no answer: "));
    bench.check(
        "environment",
        "services: [{url: 'http://192.0.2.1/x'}]",
        &["offline: http://192.0.2.1/x was not asked: the network is not allowed"],
    );
}

#[test]
fn a_body_is_cut_and_a_redirect_is_not_followed() {
    let client = Client::new(true, Cancel::new());
    let big = server(Box::leak(
        [
            &b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"[..],
            &vec![b'x'; 3 << 20],
        ]
        .concat()
        .into_boxed_slice(),
    ));
    let answer = client.get(&big, LONG).expect("it answers");
    assert_eq!(answer.body.len(), 1 << 20);
    let away = server(b"HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    assert_eq!(client.get(&away, LONG).expect("it answers").status, 302);
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
