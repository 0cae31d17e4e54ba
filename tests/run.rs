//! `qgate run` on real repositories: every exit code, every way of not knowing, and the same answer every time.

#[path = "run/ci.rs"]
mod ci;
#[path = "run/new.rs"]
mod new;
#[path = "run/release.rs"]
mod release;
mod support;

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use support::Repo;

/// A run of qgate in a repository, in a clean environment.
struct Run<'a> {
    repo: &'a Repo,
    args: Vec<&'a str>,
    variables: Vec<(&'a str, String)>,
}

impl<'a> Run<'a> {
    fn new(repo: &'a Repo, args: &[&'a str]) -> Self {
        Self {
            repo,
            args: args.to_vec(),
            variables: Vec::new(),
        }
    }

    fn with(mut self, name: &'a str, value: impl Into<String>) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_qgate"));
        command
            .args(&self.args)
            .current_dir(self.repo.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").expect("there is a PATH"))
            .env("HOME", self.repo.at("home"))
            .env("XDG_CACHE_HOME", self.repo.path().with_extension("cache"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .envs(self.variables.iter().map(|(name, value)| (*name, value)))
            .stdin(Stdio::null());
        command
    }

    fn output(&self) -> Output {
        self.command().output().expect("qgate can be started")
    }
}

/// Runs `qgate run` with these words and checks the exit code and a word of what it says.
#[track_caller]
fn check(repo: &Repo, args: &[&str], code: i32, says: &str) -> String {
    checked(&Run::new(repo, args), code, says)
}

#[track_caller]
fn checked(run: &Run<'_>, code: i32, says: &str) -> String {
    let output = run.output();
    let all = [output.stdout, output.stderr].concat();
    let bad = all
        .iter()
        .position(|&b| !(b == b'\n' || (0x20..=0x7e).contains(&b)));
    let text = String::from_utf8_lossy(&all).into_owned();
    assert_eq!(bad, None, "not plain ASCII:\n{text}");
    assert_eq!(output.status.code(), Some(code), "{:?}\n{text}", run.args);
    assert!(text.contains(says), "`{says}` is not said:\n{text}");
    text
}

/// A repository with one gate around the checks given (YAML, indented by six).
fn gated(checks: &str) -> Repo {
    let repo = Repo::new();
    let gate = format!(
        "version: 1\ngates:\n  only:\n    component: code_quality\n    level: mandatory\n    checks:\n{checks}"
    );
    repo.write("qgate.yaml", gate).write("a.txt", "fine\n");
    repo.commit("first");
    repo
}

#[test]
fn pass_is_0() {
    let repo = gated("      - text:\n");
    check(&repo, &["run"], 0, "PASS");
    check(&repo, &[], 0, "PASS");
}

#[test]
fn a_failed_mandatory_gate_is_1() {
    let repo = gated("      - text:\n");
    repo.write("a.txt", "<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\n");
    let text = check(&repo, &["run"], 1, "a.txt:1");
    assert!(text.contains("FAIL"), "{text}");
}

#[test]
fn an_advisory_gate_never_changes_the_exit_code_unless_strict() {
    let repo = gated("      - text:\n");
    repo.write("a.txt", "<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\n");
    check(
        &repo,
        &["run", "--set", "gates.only.level=advisory"],
        0,
        "WARN",
    );
    check(
        &repo,
        &["run", "--strict", "--set", "gates.only.level=advisory"],
        1,
        "FAIL",
    );
}

#[test]
fn a_score_below_the_minimum_is_1() {
    let repo = gated("      - text: {}\n        rules: {merge-conflict-marker: medium}\n");
    repo.write("a.txt", "<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\n");
    let security = ["--set", "gates.only.component=security"];
    check(
        &repo,
        &["run", security[0], security[1], "--set", "score.minimum=95"],
        0,
        "95.0",
    );
    check(
        &repo,
        &["run", security[0], security[1], "--set", "score.minimum=96"],
        1,
        "below the minimum 96",
    );
    // Nothing measured is no score, and no score is no pass.
    check(
        &repo,
        &["run", "--set", "score.minimum=1"],
        3,
        "no component was measured",
    );
}

#[test]
fn wrong_words_and_wrong_gate_files_are_2() {
    let repo = gated("      - text:\n");
    check(&repo, &["run", "--nonsense"], 2, "--nonsense");
    check(&repo, &["run", "-C", "nowhere"], 2, "nowhere");
    check(&repo, &["run", "--gate", "onyl"], 2, "only");
    check(
        &repo,
        &["run", "--bypass", "only", "--reason", "in a hurry"],
        2,
        "may not be bypassed",
    );
    repo.write(
        "qgate.yaml",
        "version: 1\ngates: {only: {checks: [{txet: }]}}\n",
    );
    check(&repo, &["run"], 2, "qgate.yaml:2");
}

#[test]
fn a_bypass_is_allowed_where_the_environment_says_so_and_told() {
    let repo = gated("      - text:\n");
    repo.write("a.txt", "<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\n");
    let old = std::fs::read_to_string(repo.at("qgate.yaml")).expect("it was written");
    repo.write(
        "qgate.yaml",
        format!("{old}environments: {{development: {{bypass_allowed: true}}}}\n"),
    );
    let bypass = [
        "run",
        "--env",
        "development",
        "--bypass",
        "only",
        "--reason",
        "moving house",
    ];
    check(&repo, &bypass, 0, "moving house");
}

#[test]
fn an_option_glob_that_matches_nothing_is_2() {
    let repo = gated("      - text: {ascii: [\"srcc/**\"]}\n");
    let text = check(&repo, &["run"], 2, "srcc/**");
    assert!(text.contains("qgate.yaml:7"), "{text}");
    // The paths of a gate are a question, not a claim.
    let repo = gated("      - text:\n");
    check(
        &repo,
        &["run", "--set", "gates.only.paths=[\"srcc/**\"]"],
        0,
        "not applicable",
    );
}

#[test]
fn a_missing_tool_is_3() {
    let repo = gated("      - command: {run: [no-such-tool-anywhere, --fast]}\n");
    check(&repo, &["run"], 3, "no-such-tool-anywhere");
}

#[test]
fn a_timeout_is_3() {
    let repo = gated("      - command: {run: [sleep, \"60\"]}\n        timeout: 200ms\n");
    check(&repo, &["run"], 3, "timed out");
}

#[test]
fn a_deadline_is_3() {
    let repo = gated("      - command: {run: [sleep, \"60\"]}\n");
    check(&repo, &["run", "--deadline", "300ms"], 3, "only");
}

#[test]
fn a_panic_of_a_checker_is_3() {
    let repo = gated("      - text:\n");
    let run = Run::new(&repo, &["run"]).with("QGATE_SEED_PANIC", "text");
    checked(&run, 3, "a defect of qgate");
}

#[test]
fn an_unreadable_file_is_3() {
    let repo = gated("      - text:\n");
    let id = repo.git(&["hash-object", "a.txt"]);
    let (folder, name) = id.trim().split_at(2);
    repo.remove(format!(".git/objects/{folder}/{name}"));
    check(&repo, &["run", "--staged"], 3, "could not be read");
    let tolerant = "      - text: {}\n        tolerate: {partial_files: 1}\n";
    let old = std::fs::read_to_string(repo.at("qgate.yaml")).expect("it was written");
    repo.write("qgate.yaml", old.replace("      - text:\n", tolerant));
    repo.git(&["add", "qgate.yaml"]);
    check(&repo, &["run", "--staged"], 0, "PASS");
}

#[test]
fn no_gate_for_the_stage_is_3() {
    let repo = gated("      - text:\n");
    check(
        &repo,
        &[
            "run",
            "--stage",
            "nightly",
            "--set",
            "gates.only.stages=[ci]",
        ],
        3,
        "nothing was judged",
    );
}

#[test]
fn a_gate_that_needs_a_failed_one_is_not_run() {
    let repo = gated("      - text:\n");
    let old = std::fs::read_to_string(repo.at("qgate.yaml")).expect("it was written");
    let second = "  second:\n    needs: [only]\n    level: advisory\n    checks:\n      - command: {shell: \"touch ran\"}\n";
    repo.write("qgate.yaml", format!("{old}{second}"));
    repo.write("a.txt", "<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\n");
    check(&repo, &["run"], 1, "skipped");
    assert!(!repo.at("ran").exists());
    repo.write("a.txt", "fine again\n");
    check(&repo, &["run"], 0, "PASS");
    assert!(repo.at("ran").exists());
}

#[test]
fn a_variable_that_a_gate_requires_leaves_it_out() {
    let repo = gated("      - command: {run: [\"true\"], env: {URL: \"${API_URL}\"}}\n");
    let old = std::fs::read_to_string(repo.at("qgate.yaml")).expect("it was written");
    repo.write(
        "qgate.yaml",
        old.replace(
            "    level: mandatory\n",
            "    level: mandatory\n    requires: [API_URL]\n",
        ),
    );
    check(&repo, &["run"], 0, "API_URL");
    check(&repo, &["run", "--strict"], 3, "API_URL");
    checked(
        &Run::new(&repo, &["run", "--strict"]).with("API_URL", "http://127.0.0.1"),
        0,
        "PASS",
    );
}

#[test]
fn what_is_excluded_is_not_found_by_path_either() {
    let repo = gated("      - files: {forbid: [\"*.bak\"]}\n");
    repo.write("old.bak", "x\n");
    check(&repo, &["run"], 1, "old.bak");
    check(&repo, &["run", "--set", "exclude=[\"*.bak\"]"], 0, "PASS");
}

#[test]
fn what_passes_only_on_a_retry_is_told_as_flaky() {
    // It fails the first time: there is no file yet that says that it ran.
    let flaky = "      - command: {shell: \"test -e ran || { touch ran; exit 1; }\"}\n";
    let repo = gated(flaky);
    check(&repo, &["run"], 1, "FAIL");
    repo.remove("ran");
    let repo = gated(&format!("{flaky}        retries: 2\n"));
    let text = check(&repo, &["run", "--verbose"], 0, "flaky:");
    assert!(text.contains("took 2 tries"), "{text}");
}

/// Sends a signal to a run that waits for a command, and gives its exit code.
#[cfg(unix)]
#[test]
fn an_interrupt_is_130_and_leaves_no_process() {
    let repo = gated("      - command: {shell: \"echo $$ > started; exec sleep 60\"}\n");
    let mut child = Run::new(&repo, &["run"])
        .command()
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("qgate can be started");
    let pid = support::wait_for(Duration::from_secs(20), || {
        std::fs::read_to_string(repo.at("started"))
            .ok()
            .filter(|text| text.ends_with('\n'))
    });
    let interrupted = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(interrupted.expect("kill is there").success());
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    let alive = Command::new("kill")
        .args(["-0", pid.trim()])
        .stderr(Stdio::null())
        .status();
    assert!(
        !alive.expect("kill is there").success(),
        "the command is still there"
    );
}

/// A tree with all that is awkward: names, links, encodings.
fn awkward() -> Repo {
    let repo = Repo::new();
    repo.write("plain.py", "print('x')\n")
        .write("na\u{efe5}me \u{1b}[31m.txt", "a  \n")
        .write(
            "za\u{17c}\u{f3}\u{142}\u{107}/b.md",
            "<<<<<<< a\n=======\n>>>>>>> b\n",
        )
        .write("latin1.txt", b"caf\xe9\r\nmixed\n")
        .write("binary.bin", b"\0\x01\x02")
        .write("empty", "");
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt as _;
        repo.write(
            PathBuf::from(std::ffi::OsStr::from_bytes(b"bad\xff.txt")),
            "x \n",
        );
        repo.link("broken", "nowhere")
            .link("out", "../../etc/passwd")
            .link("loop", "loop");
    }
    repo.commit("awkward");
    repo
}

/// The report without what changes from run to run.
fn body(repo: &Repo, args: &[&str]) -> String {
    let mut words = vec!["run", "--format", "json"];
    words.extend(args);
    let output = Run::new(repo, &words).output();
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    json["body"].to_string()
}

#[test]
fn the_report_is_the_same_every_time() {
    let repo = awkward();
    let first = body(&repo, &["--jobs", "1", "--no-cache"]);
    assert!(first.contains("merge-conflict-marker"), "{first}");
    for args in [
        &["--jobs", "8", "--no-cache"][..],
        &["--jobs", "8"],
        &["--jobs", "1"],
        &[],
    ] {
        assert_eq!(body(&repo, args), first, "{args:?}");
    }
}

#[test]
fn a_changed_file_is_seen_although_the_cache_is_warm() {
    let repo = gated("      - text:\n");
    for round in 0..5 {
        repo.write("a.txt", "fine\n");
        check(&repo, &["run"], 0, "PASS");
        // The same length, within the same tick of the clock.
        repo.write("a.txt", "<<<<<<< a\n=======\n>>>>>>> b\n");
        check(&repo, &["run"], 1, "a.txt:1");
        repo.write("a.txt", format!("{round}<<<<<< a\n=======\n>>>>>>> b\n"));
        check(&repo, &["run"], 0, "PASS");
    }
}

#[test]
fn without_a_configuration_nothing_is_written_into_the_repository() {
    let repo = awkward();
    let before = repo.git(&["status", "--porcelain", "--ignored"]);
    let _ = body(&repo, &[]);
    let elsewhere = Repo::without_git();
    elsewhere.write("q.yaml", "version: 1\nextends: [recommended]\n");
    let _ = body(
        &repo,
        &[
            "--config",
            elsewhere.at("q.yaml").to_str().expect("a plain path"),
        ],
    );
    assert_eq!(repo.git(&["status", "--porcelain", "--ignored"]), before);
}

#[test]
fn commands_do_not_stand_for_an_index_that_is_not_on_disk() {
    let repo = gated("      - command: {run: [\"true\"]}\n");
    check(&repo, &["run", "--staged"], 0, "PASS");
    repo.write("a.txt", "not staged\n");
    check(&repo, &["run", "--staged"], 3, "not what the index holds");
    repo.git(&["add", "a.txt"]);
    check(&repo, &["run", "--staged"], 0, "PASS");
}

#[test]
fn a_file_with_more_than_is_kept_is_seen_in_part_only() {
    let repo = gated("      - text:\n");
    let old = std::fs::read_to_string(repo.at("qgate.yaml")).expect("it was written");
    let gate = format!("{old}    criteria: {{whitespace_issues: <= 10000}}\n");
    repo.write("qgate.yaml", gate)
        .write("a.txt", "x \n".repeat(10_000));
    check(&repo, &["run"], 0, "PASS");
    repo.write("a.txt", "x \n".repeat(10_001));
    check(&repo, &["run"], 3, "saw only a part: a.txt");
}

#[test]
fn reports_go_to_files() {
    let repo = gated("      - text:\n");
    check(
        &repo,
        &[
            "run",
            "--output",
            "json=out/r.json",
            "--output",
            "text=out/r.txt",
        ],
        0,
        "PASS",
    );
    let json = std::fs::read_to_string(repo.at("out/r.json")).expect("it was written");
    assert!(json.contains("\"qgate-report/1\""));
    assert!(
        std::fs::read_to_string(repo.at("out/r.txt"))
            .expect("it was written")
            .contains("PASS")
    );
    check(
        &repo,
        &["run", "--output", "json=a.txt/r.json"],
        3,
        "cannot be written",
    );
}

#[test]
fn quiet_shows_what_failed_and_very_quiet_only_the_code() {
    let repo = gated("      - text:\n");
    repo.write("a.txt", "<<<<<<< a\n=======\n>>>>>>> b\n");
    check(&repo, &["run", "-q"], 1, "a.txt:1");
    assert_eq!(check(&repo, &["run", "-qq"], 1, ""), "");
}

#[test]
fn without_git_it_runs_too() {
    let repo = Repo::without_git();
    repo.write("a.txt", "fine\n");
    check(&repo, &["run"], 0, "PASS");
    check(
        &repo,
        &["run", "--staged"],
        2,
        "--staged needs a git repository",
    );
}
