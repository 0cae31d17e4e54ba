//! The program itself: what criteria make of a load, and what runs that trust nothing or only plan do.

use std::process::{Command, Output, Stdio};
use std::time::Duration;

use super::server::{Reply, Server};
use super::support::{Repo, hermetic};
use super::{certificate, probes};

fn qgate(repo: &Repo, args: &[&str], variables: &[(&str, &str)]) -> Output {
    hermetic(Command::new(env!("CARGO_BIN_EXE_qgate")))
        .args(args)
        .current_dir(repo.path())
        .env("HOME", repo.at("home"))
        .env("XDG_CACHE_HOME", repo.path().with_extension("cache"))
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .output()
        .expect("qgate can be started")
}

/// Runs and checks the exit code and words of what is said.
#[track_caller]
fn check(repo: &Repo, args: &[&str], variables: &[(&str, &str)], code: i32, says: &[&str]) {
    let _quiet = super::quiet();
    let output = qgate(repo, args, variables);
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    assert_eq!(output.status.code(), Some(code), "{args:?}\n{text}");
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    for part in says {
        assert!(text.contains(part), "`{part}` is not said:\n{text}");
    }
}

fn gated(checker: &str, options: &str, criteria: &str) -> Repo {
    let repo = Repo::new();
    let gate = format!(
        "version: 1\ngates:\n  speed:\n    component: performance\n    level: mandatory\n    checks:\n      - {checker}: {options}\n    criteria: {criteria}\n"
    );
    repo.write("qgate.yaml", gate);
    repo.commit("first");
    repo
}

#[test]
fn criteria_hold_break_and_stay_open() {
    let server = Server::new(super::after(Duration::from_millis(2)));
    let options = format!(
        "{{url: '{}', rate: 300/s, duration: 1s, warm_up: 0s}}",
        server.url("/")
    );
    let run = |criteria: &str, code, says: &[&str]| {
        let repo = gated("http", &options, criteria);
        check(&repo, &["run"], &[], code, says);
    };
    run(
        "[p95_response_time: '< 5s', error_rate: '< 2%', concurrent_users: '>= 1']",
        0,
        &["PASS"],
    );
    run(
        "[p95_response_time: '< 1ms']",
        1,
        &["FAIL", "required < 1ms"],
    );
    run(
        "[p99_response_time: '< 5s']",
        3,
        &[
            "p99_response_time is not known: it needs 1000 requests, and 300 were counted",
            "at this pace that takes a duration of 4.0s",
        ],
    );
    run(
        "[error_rate: '< 0.1%']",
        3,
        &[
            "error_rate is 0% and may be otherwise: 0 of 300 requests failed",
            "one of 0.1% 10.0s",
        ],
    );
    run("[throughput: '>= 5000/s']", 1, &["FAIL"]);
}

#[test]
fn what_only_plans_sends_nothing_and_shows_no_secret() {
    let server = Server::new(|_| Reply::of(200, ""));
    let options = format!(
        "{{url: '{}', rate: 10/s, headers: {{authorization: 'Bearer ${{TOKEN}}'}}, serve: {{command: [touch, started], ready: {{port: 1}}}}}}",
        server.url("/?key=${TOKEN}")
    );
    let repo = gated("http", &options, "[error_rate: '< 50%']");
    let variables = [("TOKEN", "geheim")];
    let output = qgate(&repo, &["run", "--dry-run"], &variables);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("check http: http"), "{text}");
    assert!(!text.contains("geheim"), "{text}");
    assert_eq!(server.hits(), 0);
    assert!(!repo.at("started").exists());
}

#[test]
fn a_service_of_an_untrusted_change_is_not_started() {
    let repo = gated(
        "http",
        "{url: 'http://127.0.0.1:1/', rate: 10/s, serve: {command: [sh, serve.sh], ready: {port: 1, timeout: 1s}, inputs: [serve.sh]}}",
        "[error_rate: '< 50%']",
    );
    repo.write("serve.sh", "touch started; exit 1\n");
    let base = repo.commit("a service");
    repo.write("other.txt", "x\n");
    repo.commit("another change");
    let args = ["run", "--untrusted", "--base", &base];
    check(&repo, &args, &[], 3, &["ended before it was ready"]);
    assert!(repo.at("started").exists());
    repo.remove("started");
    repo.write("serve.sh", "touch started; exit 2\n");
    repo.commit("a change of the service");
    check(
        &repo,
        &args,
        &[],
        3,
        &["the change is not trusted, and the command may run what it touches: serve.sh"],
    );
    assert!(!repo.at("started").exists());
}

#[test]
fn a_certificate_that_is_vouched_for_is_trusted_until_it_ends() {
    let (der, key) = certificate::make("200101", "270110");
    let server = probes::secure(&der, &key);
    let url = format!("https://127.0.0.1:{}/", server.port);
    let repo = gated(
        "probe",
        &format!("{{url: '{url}'}}"),
        "[availability: '>= 99.9%']",
    );
    repo.write("ca.pem", certificate::pem(&der));
    repo.commit("an authority");
    let authority = repo.at("ca.pem").to_string_lossy().into_owned();
    let run = |day: &str, args: &[&str], code, says: &[&str]| {
        let variables = [
            ("SSL_CERT_FILE", authority.as_str()),
            ("SOURCE_DATE_EPOCH", day),
        ];
        check(&repo, args, &variables, code, says);
    };
    // 2026-12-01 and 2027-01-01; what the certificate is good for is judged by the real clock.
    let today = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    if today.expect("after 1970").as_secs() > 1_799_500_000 {
        return;
    }
    run(
        "1796083200",
        &["run", "--verbose"],
        0,
        &["PASS", "is good until 2027-01-10"],
    );
    run(
        "1798761600",
        &["run", "--verbose"],
        0,
        &["ends in 9 days, on 2027-01-10"],
    );
    assert!(server.hits() >= 2);
    let load = format!("{{url: '{url}', rate: 50/s, duration: 1s, warm_up: 0s}}");
    let repo = gated("http", &load, "[error_rate: '< 50%']");
    check(
        &repo,
        &["run"],
        &[("SSL_CERT_FILE", authority.as_str())],
        0,
        &["PASS"],
    );
    check(
        &repo,
        &["run"],
        &[],
        3,
        &["takes no connection", "UnknownIssuer"],
    );
}

#[cfg(target_os = "linux")]
#[test]
fn limits_on_resources_hold_and_break() {
    let options = "{command: [sh, -c, 'i=0; while [ $i -lt 30000 ]; do i=$((i+1)); done; sleep 0.2'], every: 20ms}";
    let run = |criteria: &str, code, says: &[&str]| {
        check(
            &gated("resources", options, criteria),
            &["run"],
            &[],
            code,
            says,
        );
    };
    run(
        "[memory_usage: '< 512MB', cpu_utilization: '< 200%', processes: '<= 2']",
        0,
        &["PASS"],
    );
    run("[cpu_time: '< 1ms']", 1, &["FAIL", "required < 1ms"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_measured_command_of_an_untrusted_change_is_not_run() {
    let options = "{command: [sh, x.sh], inputs: [x.sh]}";
    let repo = gated("resources", options, "[cpu_time: '< 1m']");
    repo.write("x.sh", "touch started\n");
    let base = repo.commit("a command");
    repo.write("x.sh", "touch started; true\n");
    repo.commit("another command");
    let args = ["run", "--untrusted", "--base", &base];
    let says = ["the command may run what it touches: x.sh"];
    check(&repo, &args, &[], 3, &says);
    assert!(!repo.at("started").exists());
}
