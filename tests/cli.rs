//! The command line as people and scripts meet it: every command, its bytes, its exit codes; in a clean environment.

mod support;

use std::process::{Command, Stdio};

use support::Repo;

/// What a command said.
struct Said {
    code: i32,
    out: String,
    err: String,
}

/// Runs qgate in a repository; fails when it says a byte that is neither printable ASCII nor a line feed.
#[track_caller]
fn qgate(repo: &Repo, args: &[&str], variables: &[(&str, &str)]) -> Said {
    let output = Command::new(env!("CARGO_BIN_EXE_qgate"))
        .args(args)
        .current_dir(repo.path())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").expect("there is a PATH"))
        .env("HOME", concat!(env!("CARGO_TARGET_TMPDIR"), "/cli-home"))
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .output()
        .expect("qgate can be started");
    let plain = |bytes: Vec<u8>| {
        let foreign = bytes.iter().position(|b| !matches!(b, b'\n' | b' '..=b'~'));
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert_eq!(foreign, None, "{args:?}: {text:?}");
        text
    };
    Said {
        code: output.status.code().expect("no signal ended it"),
        out: plain(output.stdout),
        err: plain(output.stderr),
    }
}

/// Runs qgate and checks its exit code and a part of what it says on either stream.
#[track_caller]
fn check(repo: &Repo, args: &[&str], code: i32, says: &str) -> Said {
    let said = qgate(repo, args, &[]);
    let all = format!("{}{}", said.out, said.err);
    assert_eq!(said.code, code, "{args:?}\n{all}");
    assert!(all.contains(says), "{args:?} does not say `{says}`\n{all}");
    said
}

/// A repository whose names and contents are made to disturb.
fn hostile() -> Repo {
    let repo = Repo::new();
    repo.write(
        "za\u{17c}\u{f3}\u{142}\u{107}.py",
        "print('\u{4f60}\u{597d} \u{1f600}')\n",
    )
    .write(
        "red\u{1b}[31m\u{1b}]0;x\u{7}.sh",
        "echo \u{1b}[2J\n<<<<<<< HEAD\nx\n=======\ny\n>>>>>>> b\n",
    )
    .write(
        "back\rspace\u{8}.md",
        "a\u{202e}b\n<<<<<<< HEAD\nx\n=======\ny\n>>>>>>> b\n",
    )
    .write(
        "line\nfeed\ttab.txt",
        "x".repeat(5000) + "\n<<<<<<< HEAD\nx\n=======\ny\n>>>>>>> b\n",
    )
    .write("\u{5d0}\u{5d1}/\u{202e}x.json", "{\r\n}\n");
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::ffi::OsStrExt as _;
        let name = std::ffi::OsStr::from_bytes(b"raw\xff\xfe.py");
        repo.write(
            std::path::Path::new(name),
            b"<<<<<<< HEAD\n\xff\n=======\n\xfe\n>>>>>>> b\n",
        );
        repo.link("broken", "nowhere\u{e9}");
    }
    repo.commit("za\u{17c} \u{1b}[31m");
    repo
}

const COMMANDS: [&str; 10] = [
    "run",
    "init",
    "list",
    "explain",
    "validate",
    "doctor",
    "hook",
    "schema",
    "completions",
    "man",
];

#[test]
fn help_names_every_command_and_the_exit_codes() {
    let repo = Repo::new();
    let said = check(&repo, &["--help"], 0, "130  interrupted");
    for command in COMMANDS {
        assert!(
            said.out.contains(&format!("\n  {command}")),
            "{command}\n{}",
            said.out
        );
        check(&repo, &[command, "--help"], 0, "Usage: qgate");
        check(&repo, &[command, "-h"], 0, "Usage: qgate");
    }
    let run = check(&repo, &["run", "--help"], 0, "130  interrupted");
    for flag in [
        "stage",
        "env",
        "gate",
        "base",
        "staged",
        "strict",
        "deadline",
        "format",
        "output",
        "jobs",
        "no-cache",
        "offline",
        "fail-fast",
        "set",
        "max-findings",
        "quiet",
        "verbose",
        "dry-run",
        "width",
    ] {
        let variable = format!("QGATE_{}", flag.to_uppercase().replace('-', "_"));
        assert!(run.out.contains(&format!("--{flag}")), "{flag}");
        assert!(run.out.contains(&variable), "{variable}");
    }
    check(&repo, &["--version"], 0, "qgate ");
}

#[test]
fn wrong_words_end_in_2_and_say_what_is_meant() {
    let repo = Repo::new();
    check(&repo, &["--nonsense"], 2, "--nonsense");
    check(&repo, &["rum"], 2, "'run'");
    check(&repo, &["run", "--stage"], 2, "a value is required");
    check(
        &repo,
        &["run", "--format", "pdf"],
        2,
        "[possible values: text, json, sarif, junit,",
    );
    check(&repo, &["run", "--jobs", "0"], 2, "--jobs");
    check(&repo, &["run", "--deadline", "5"], 2, "a time needs a unit");
    check(
        &repo,
        &["run", "--output", "report.json"],
        2,
        "a report is FORMAT=PATH",
    );
    check(
        &repo,
        &["run", "--set", "score"],
        2,
        "a setting is KEY=VALUE",
    );
    check(
        &repo,
        &["run", "--quiet", "--verbose"],
        2,
        "cannot be used with",
    );
    check(
        &repo,
        &["run", "--stage", "pre-psuh"],
        2,
        "did you mean `pre-push`?",
    );
    check(
        &repo,
        &["run", "--gate", "no-such-gate"],
        2,
        "there is no gate `no-such-gate`",
    );
    check(
        &repo,
        &["-C", "no-such-folder"],
        2,
        "`no-such-folder` cannot be opened",
    );
    check(
        &repo,
        &["--config", "none.yaml"],
        2,
        "the gate file `none.yaml` cannot be opened",
    );
    check(
        &repo,
        &["list", "things"],
        2,
        "[possible values: gates, checkers, metrics, rules]",
    );
    check(
        &repo,
        &["explain", "bidi-contrl"],
        2,
        "did you mean `bidi-control`?",
    );
    check(
        &repo,
        &["explain", "bidi-control", "x"],
        2,
        "one word too many",
    );
    check(
        &repo,
        &["explain", "za\u{17c}\u{1b}[31m"],
        2,
        "za\\u{17c}\\u{1b}[31m",
    );
    check(&repo, &["completions", "tcsh"], 2, "tcsh");
    let said = qgate(&repo, &["run"], &[("QGATE_MAX_FINDINGS", "many")]);
    assert_eq!(said.code, 2, "{}", said.err);
}

#[test]
fn run_is_the_default_and_variables_stand_for_flags() {
    let repo = Repo::new();
    repo.write("a.md", "text\n").commit("one");
    let strip = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| !line.starts_with("took "));
        lines.map(str::to_owned).collect()
    };
    let (bare, run) = (qgate(&repo, &[], &[]), qgate(&repo, &["run"], &[]));
    assert_eq!((bare.code, strip(&bare.out)), (run.code, strip(&run.out)));
    assert!(bare.out.contains("stage pre-push"), "{}", bare.out);
    let ci = qgate(&repo, &["--stage", "ci"], &[]);
    assert!(ci.out.contains("stage ci"), "{}", ci.out);
    let ci = qgate(&repo, &[], &[("QGATE_STAGE", "ci")]);
    assert!(ci.out.contains("stage ci"), "{}", ci.out);
    let ci = qgate(&repo, &[], &[("CI", "true")]);
    assert!(ci.out.contains("stage ci"), "{}", ci.out);
    repo.write("sub/a.md", "text\n");
    let below = qgate(&repo, &["-C", "sub", "--format", "json"], &[]);
    let report: serde_json::Value = serde_json::from_str(&below.out).expect("it is JSON");
    assert_eq!(
        report["body"]["subject"]["files"], 2,
        "the whole repository is judged"
    );
}

#[test]
fn every_command_says_plain_ascii_over_hostile_names() {
    let repo = hostile();
    let said = check(
        &repo,
        &["run", "--verbose", "--max-findings", "0"],
        1,
        "merge-conflict-marker",
    );
    assert!(
        said.out.contains("red\\u{1b}[31m\\u{1b}]0;x\\u{7}.sh:2:1"),
        "{}",
        said.out
    );
    assert!(said.out.contains("line\\nfeed\\ttab.txt"), "{}", said.out);
    #[cfg(target_os = "linux")]
    assert!(said.out.contains("raw\\xff\\xfe.py"), "{}", said.out);
    for args in [
        &["run", "--quiet"][..],
        &["run", "--width", "20"],
        &["run", "--format", "json"],
        &["run", "--dry-run"],
        &["run", "--staged"],
        &["list", "gates"],
        &["list", "checkers"],
        &["list", "metrics"],
        &["list", "rules"],
        &["explain", "score"],
        &["explain", "config"],
        &["explain", "text"],
        &["validate"],
        &["doctor"],
        &["schema", "config"],
        &["schema", "report"],
        &["man"],
        &["init"],
        &["run"],
    ] {
        let said = qgate(&repo, args, &[("QGATE_LOG", "trace")]);
        assert!(matches!(said.code, 0 | 1), "{args:?}: {}", said.err);
        assert!(!said.out.is_empty(), "{args:?}");
    }
}

#[test]
fn every_rule_and_metric_can_be_explained() {
    let repo = Repo::without_git();
    for (what, column) in [
        ("rules", "rule"),
        ("metrics", "metric"),
        ("checkers", "checker"),
    ] {
        let said = check(&repo, &["list", what, "--width", "300"], 0, column);
        let words = said
            .out
            .lines()
            .skip(2)
            .filter_map(|line| line.split(' ').next());
        let words: Vec<&str> = words.collect();
        assert!(words.len() >= 3, "{}", said.out);
        for word in words {
            check(&repo, &["explain", word], 0, word);
        }
    }
}

#[test]
fn reports_go_where_they_are_sent() {
    let repo = hostile();
    let text = check(
        &repo,
        &[
            "run",
            "--output",
            "json=out/r.json",
            "--output",
            "text=out/r.txt",
        ],
        1,
        "FAIL",
    );
    let read = |path: &str| std::fs::read_to_string(repo.at(path)).expect("it was written");
    assert_eq!(read("out/r.txt"), text.out);
    let json = read("out/r.json");
    assert!(
        json.bytes().all(|b| matches!(b, b'\n' | b' '..=b'~')),
        "{json}"
    );
    let report: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    let schema = check(&repo, &["schema", "report"], 0, "qgate report").out;
    let schema: serde_json::Value = serde_json::from_str(&schema).expect("it is JSON");
    let validator = jsonschema::validator_for(&schema).expect("it is a schema");
    let problems: Vec<String> = validator
        .iter_errors(&report)
        .map(|e| e.to_string())
        .collect();
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(report["body"]["verdict"], "fail");
    assert_eq!(report["body"]["exit_code"], 1);
    let silent = check(&repo, &["run", "-qq"], 1, "");
    assert_eq!((silent.out.as_str(), silent.err.as_str()), ("", ""));
    let unwritable = check(
        &repo,
        &["run", "--output", "json=broken/x/y.json"],
        3,
        "cannot be written",
    );
    assert_eq!(unwritable.out, "");
}

#[test]
fn a_reader_that_goes_away_changes_nothing() {
    let repo = hostile();
    let mut child = Command::new(env!("CARGO_BIN_EXE_qgate"))
        .args(["run", "--verbose"])
        .current_dir(repo.path())
        .env("HOME", concat!(env!("CARGO_TARGET_TMPDIR"), "/cli-home"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("qgate can be started");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn init_writes_what_is_valid_and_never_overwrites_unasked() {
    for files in [
        &[][..],
        &[
            ("src/app.py", "x = 1\n"),
            ("tests/test_app.py", "def test(): pass\n"),
            ("uv.lock", ""),
        ],
        &[
            ("package.json", "{}\n"),
            ("src/a.test.ts", "test()\n"),
            ("package-lock.json", "{}\n"),
        ],
        &[("Cargo.toml", "[package]\n"), ("src/lib.rs", "\n")],
        &[
            ("supabase/migrations/1.sql", "select 1;\n"),
            ("coverage/lcov.info", "TN:\n"),
        ],
    ] {
        for repo in [Repo::new(), Repo::without_git()] {
            for (path, content) in files {
                repo.write(path, content);
            }
            check(&repo, &["init"], 0, "next: qgate run");
            check(&repo, &["validate"], 0, "the configuration is valid");
            check(&repo, &["run"], 0, "PASS");
            check(&repo, &["list", "gates"], 0, "mandatory");
            repo.write("qgate.yaml", "mine\n");
            check(&repo, &["init"], 2, "`qgate.yaml` is there already");
            let kept = std::fs::read_to_string(repo.at("qgate.yaml")).expect("it is there");
            assert_eq!(kept, "mine\n");
            check(&repo, &["init", "--force"], 0, "wrote qgate.yaml");
            repo.remove("qgate.yaml")
                .write(".qgate/qgate.yaml", "version: 1\n");
            check(
                &repo,
                &["init", "--force"],
                2,
                "`.qgate/qgate.yaml` is there already",
            );
        }
    }
}

#[test]
fn validate_shows_every_problem_with_its_place() {
    let repo = Repo::new();
    repo.write(
        "qgate.yaml",
        "version: 1\nextends: [recommendde]\ngates:\n  a:\n    levle: advisory\n",
    );
    let said = check(&repo, &["validate"], 2, "qgate.yaml:2:");
    assert!(said.err.contains("recommended"), "{}", said.err);
    assert_eq!(said.out, "");
    check(&repo, &["run"], 2, "nothing was run");
    check(&repo, &["list"], 2, "qgate.yaml:2:");
    check(&repo, &["doctor"], 1, "FAIL  configuration: ");
    check(&repo, &["explain", "bidi-control"], 0, "bidi-control");
    repo.write(
        "qgate.yaml",
        "version: 1\ngates:\n  a:\n    title: T\n    checks: [text: {}]\n",
    );
    check(&repo, &["validate"], 0, "the configuration is valid");
    let gate = check(&repo, &["explain", "a"], 0, "a: a gate: T");
    assert!(gate.out.contains("written at qgate.yaml:3"), "{}", gate.out);
    check(&repo, &["explain", "config", "a"], 0, "qgate.yaml:4");
    check(
        &repo,
        &["explain", "config", "b"],
        2,
        "there is no gate `b`",
    );
}

#[test]
fn doctor_tells_what_is_missing_and_how_to_cure_it() {
    let repo = Repo::new();
    repo.write("a.md", "text\n").commit("one");
    let said = check(&repo, &["doctor"], 0, "PASS  bite: ");
    assert!(
        said.out.contains("WARN  hook: nothing runs qgate"),
        "{}",
        said.out
    );
    repo.write(".git/hooks/pre-push", "#!/bin/sh\nexec qgate run\n");
    check(&repo, &["doctor"], 0, "PASS  hook: ");
    repo.write(
        "qgate.yaml",
        "version: 1\ngates:\n  t:\n    checks:\n      - command: { run: [no-such-tool-here], install: fetch it }\n",
    );
    let said = check(
        &repo,
        &["doctor"],
        1,
        "FAIL  tool: `no-such-tool-here` of t.command is not installed",
    );
    assert!(
        said.out.contains("help: install it: fetch it"),
        "{}",
        said.out
    );
    check(&Repo::without_git(), &["doctor"], 0, "in no git repository");
}

#[test]
fn completions_and_the_manual_page_are_whole() {
    let repo = Repo::without_git();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let said = check(&repo, &["completions", shell], 0, "qgate");
        for word in ["doctor", "max-findings"] {
            assert!(said.out.contains(word), "{shell}: {word}");
        }
        assert!(!said.out.contains("\\x"), "{shell}: a byte was lost");
    }
    let page = check(&repo, &["man"], 0, ".TH qgate 1").out;
    for word in ["QGATE RUN", "QGATE DOCTOR", "Exit codes", "130"] {
        assert!(page.contains(word), "{word}\n{page}");
    }
}

#[test]
fn a_scan_for_risky_code_tells_place_rule_and_exit_code() {
    let repo = Repo::without_git();
    repo.write(
        "app.py",
        "import subprocess\n\n\ndef run(name):\n    subprocess.run(f\"ls {name}\", shell=True)\n",
    )
    .write("clean.py", "print(1)\n");
    let said = check(&repo, &["sast", "scan", "."], 1, "app.py:5:");
    assert!(said.err.contains("1 finding in 2 files"), "{}", said.err);
    check(
        &repo,
        &["sast", "scan", "clean.py"],
        0,
        "0 findings in 1 file",
    );
    check(
        &repo,
        &["sast", "scan", "gone.py"],
        2,
        "`gone.py` cannot be read",
    );
    let said = check(
        &repo,
        &["sast", "scan", "--format", "json", "app.py"],
        1,
        "",
    );
    let json: serde_json::Value = serde_json::from_str(&said.out).expect("it is JSON");
    let finding = &json["findings"][0];
    assert_eq!(finding["line"], 5);
    let standards = finding["standards"].as_array().expect("a list");
    assert!(standards.contains(&"CWE-78".into()), "{standards:?}");

    repo.write(
        "marked.py",
        "import subprocess\n\n\ndef run(name):\n    subprocess.run(f\"ls {name}\", shell=True)  # nosec\n",
    );
    check(
        &repo,
        &["sast", "scan", "marked.py"],
        0,
        "1 finding silenced by the mark",
    );
    check(
        &repo,
        &["sast", "scan", "--no-marks", "marked.py"],
        1,
        "marked.py:5:",
    );

    repo.write("large.py", "eval(x)\n".repeat(300_000));
    check(
        &repo,
        &["sast", "scan", "large.py"],
        3,
        "not looked into: large.py",
    );
}
