//! Runs the checkers `command` and `environment` on real programs, reports and services.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use qgate::check::ports::Http as _;
use qgate::checkers;
use qgate::host::http::Client;
use qgate::host::interrupt::Cancel;

use super::{Bench, LONG, build, told};

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
