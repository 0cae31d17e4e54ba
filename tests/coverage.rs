//! Coverage as people meet it: `qgate coverage show` and gates on reports, in real repositories.

mod support;

use std::process::{Command, Stdio};

use support::{Repo, hermetic};

/// Runs qgate in a repository and checks its exit code; gives both streams.
#[track_caller]
fn qgate(repo: &Repo, args: &[&str], code: i32) -> String {
    let output = hermetic(Command::new(env!("CARGO_BIN_EXE_qgate")))
        .args(args)
        .current_dir(repo.path())
        .env(
            "HOME",
            concat!(env!("CARGO_TARGET_TMPDIR"), "/coverage-home"),
        )
        .stdin(Stdio::null())
        .output()
        .expect("qgate can be started");
    let all = [output.stdout, output.stderr].concat();
    let all = String::from_utf8(all).expect("it is ASCII");
    assert_eq!(output.status.code(), Some(code), "{args:?}\n{all}");
    all
}

#[track_caller]
fn check(repo: &Repo, args: &[&str], code: i32, says: &[&str]) {
    let all = qgate(repo, args, code);
    // Reports wrap their lines.
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for says in says {
        assert!(
            flat(&all).contains(&flat(says)),
            "{args:?} does not say `{says}`\n{all}"
        );
    }
}

const CODE: &str =
    "def one():\n    return 1\n\n\ndef two(a):\n    if a:\n        return 2\n    return 3\n";

/// `one` ran, and `two` in part.
const REPORT: &str = "SF:src/a.py\nDA:1,1\nDA:2,1\nDA:5,1\nDA:6,1\nDA:7,0\nDA:8,1\nBRDA:6,0,0,0\nBRDA:6,0,1,1\nend_of_record\n";

/// A repository with a source, a report and a gate of these options and criteria.
fn repo(options: &str, criteria: &str) -> Repo {
    let repo = Repo::new();
    repo.write(".gitignore", "*.info\n/out/\n.qgate/\n");
    repo.write("src/a.py", CODE);
    let gate = format!(
        "version: 1\nextends: []\ngates:\n  tested:\n    title: Tests run what is written\n    level: mandatory\n    stages: [pre-push, ci]\n    checks:\n      - coverage: {options}\n    criteria: {criteria}\n"
    );
    repo.write("qgate.yaml", gate);
    repo.commit("feat: first");
    repo.write("lcov.info", REPORT);
    repo
}

const RUN: [&str; 4] = ["run", "--gate", "tested", "--verbose"];

#[test]
fn totals_hold_or_do_not() {
    let all = "{ line_coverage: '>= 83%', branch_coverage: '>= 50%', coverage: '>= 75%' }";
    check(
        &repo("{ reports: [lcov.info] }", all),
        &RUN,
        0,
        &["5 of 6 lines ran"],
    );
    check(
        &repo("{}", all),
        &RUN,
        0,
        &["5 of 6 lines ran", "matched 1"],
    );
    let more = "{ line_coverage: '>= 84%' }";
    check(
        &repo("{}", more),
        &RUN,
        1,
        &["line_coverage is 83.33", "required >= 84%"],
    );
    // What a format does not tell of is not known.
    check(
        &repo("{}", "{ function_coverage: '>= 0%' }"),
        &RUN,
        3,
        &["function_coverage was not measured"],
    );
}

#[test]
fn what_proves_nothing_is_never_a_pass() {
    let criteria = "{ line_coverage: '>= 1%' }";
    let with = |report: &str| {
        let repo = repo("{ reports: [lcov.info] }", criteria);
        repo.write("lcov.info", report);
        repo
    };
    check(&with(""), &RUN, 3, &["it is empty"]);
    check(
        &with("TN:\nSF:src/a.py\nend_of_record\n"),
        &RUN,
        3,
        &["tells of nothing that can run"],
    );
    check(
        &with(&REPORT.replace("end_of_record", "")),
        &RUN,
        3,
        &["it is cut off"],
    );
    check(
        &with(&REPORT.replace("DA:1,1", "DA:1,-1")),
        &RUN,
        3,
        &["hits are negative"],
    );
    check(
        &with(&REPORT.replace("DA:1,", "DA:0,")),
        &RUN,
        3,
        &["number 0"],
    );
    check(
        &with(&REPORT.replace("DA:8,", "DA:80,")),
        &RUN,
        3,
        &["other versions of 1 file", "line 80 of 8"],
    );
    check(
        &with(&REPORT.replace("src/a.py", "/ci/lib/b.py")),
        &RUN,
        3,
        &["no path of the report lcov.info is a file of this repository (first /ci/lib/b.py)"],
    );
    let gone = repo("{ reports: [lcov.info] }", criteria);
    gone.remove("lcov.info");
    check(&gone, &RUN, 3, &["there is no report at `lcov.info`"]);
    // Nothing was named, and nothing is there.
    let none = repo("{}", criteria);
    none.remove("lcov.info");
    check(&none, &RUN, 0, &["no coverage report is at a usual place"]);
}

#[test]
fn a_report_older_than_its_sources_is_stale() {
    let repo = repo("{}", "{ line_coverage: '>= 1%' }");
    let old = std::time::SystemTime::now() - std::time::Duration::from_mins(10);
    let file = std::fs::File::options()
        .append(true)
        .open(repo.at("lcov.info"));
    file.and_then(|file| file.set_modified(old))
        .expect("a time can be set");
    check(
        &repo,
        &RUN,
        3,
        &["lcov.info is stale: 1 source", "(first src/a.py)"],
    );
}

#[test]
fn a_report_of_another_commit_is_stale() {
    let repo = repo("{ reports: [coverage.json] }", "{ line_coverage: '>= 1%' }");
    let head = repo.git(&["rev-parse", "HEAD"]).trim().to_owned();
    let report = |commit: &str| {
        format!(
            "{{\"meta\":{{\"simplecov_version\":\"1\",\"commit\":\"{commit}\"}},\"coverage\":{{\"src/a.py\":{{\"lines\":[1,1]}}}}}}"
        )
    };
    repo.write("coverage.json", report(&head));
    check(&repo, &RUN, 0, &["2 of 2 lines ran"]);
    repo.git(&["commit", "-q", "--allow-empty", "-m", "feat: more"]);
    check(&repo, &RUN, 3, &["it measured commit", "1 commit ago"]);
    repo.write("coverage.json", report(&"7".repeat(40)));
    check(&repo, &RUN, 3, &["which is not known here"]);
}

#[test]
fn several_reports_are_one() {
    let repo = repo("{ reports: ['*.info'] }", "{ line_coverage: '>= 100%' }");
    let other = REPORT
        .replace("DA:7,0", "DA:7,2")
        .replace("src/a.py", "/build/7/src/a.py");
    check(&repo, &RUN, 1, &["line_coverage is 83.33"]);
    repo.write("other.info", other);
    check(&repo, &RUN, 0, &["6 of 6 lines ran", "matched 2"]);
}

#[test]
fn the_lines_of_the_change() {
    let options = "{ reports: [lcov.info], min_changed_lines: 1 }";
    let repo = repo(
        options,
        "{ new_line_coverage: '>= 60%', uncovered_new_lines: '<= 1' }",
    );
    let base = repo.git(&["rev-parse", "HEAD"]).trim().to_owned();
    let run = [&RUN[..], &["--base", &base]].concat();
    check(
        &repo,
        &run,
        0,
        &["no changed line can run: nothing to cover"],
    );
    // `three` and its first line ran, its second did not; `one` moved below it.
    let moved = CODE.replace("def one():\n    return 1\n\n\n", "");
    let code = format!(
        "{moved}\n\ndef one():\n    return 1\n\n\ndef three(\n    a,\n):\n    b = a\n    return b\n"
    );
    repo.write("src/a.py", &code);
    let report = "SF:src/a.py\nDA:1,1\nDA:2,1\nDA:3,0\nDA:4,1\nDA:7,1\nDA:8,0\nDA:11,1\nDA:14,1\nDA:15,0\nend_of_record\n";
    repo.write("lcov.info", report);
    let shown = ["coverage", "show", "--base", &base, "lcov.info"];
    check(
        &repo,
        &run,
        0,
        &["2 of 3 changed lines ran; 2 lines only moved and left out"],
    );
    check(
        &repo,
        &run,
        0,
        &["src/a.py:15:1", "changed line 15 was never run"],
    );
    check(
        &repo,
        &shown,
        0,
        &["change: src/a.py: changed lines 66.66% (2/3), not run: 15, moved and left out: 2"],
    );
    // A file that no report tells of was not tested.
    repo.write("src/b.py", "import os\n\nX = os.sep\n");
    check(
        &repo,
        &run,
        1,
        &[
            "2 of 5 changed lines ran",
            "changed line 1 was never run: no report tells of this file",
        ],
    );
    // A test is not expected in a report.
    repo.remove("src/b.py")
        .write("tests/test_b.py", "import os\n");
    check(&repo, &run, 0, &["2 of 3 changed lines ran"]);
}

#[test]
fn small_changes_are_not_judged() {
    let repo = repo(
        "{ reports: [lcov.info] }",
        "{ new_line_coverage: '>= 100%' }",
    );
    let base = repo.git(&["rev-parse", "HEAD"]).trim().to_owned();
    repo.write("src/a.py", format!("{CODE}x = 1\n"));
    repo.write("lcov.info", REPORT.replace("end_of", "DA:9,0\nend_of"));
    let run = [&RUN[..], &["--base", &base]].concat();
    check(
        &repo,
        &run,
        0,
        &["0 of 1 changed lines ran: not judged, because they are fewer than 20"],
    );
}

#[test]
fn without_a_base_new_lines_are_not_known() {
    let repo = repo("{ reports: [lcov.info] }", "{ new_line_coverage: '>= 0%' }");
    check(&repo, &RUN, 3, &["the lines of the change are not judged"]);
}

#[test]
fn floors() {
    let of = |options: &str| repo(options, "{ below_minimum: 0 }");
    let file = of("{ each_file: { line: 90% } }");
    check(
        &file,
        &RUN,
        1,
        &[
            "line coverage is 83.33",
            "(5 of 6), below the minimum of 90%",
        ],
    );
    check(
        &of("{ each_file: { line: 80%, branch: 50% } }"),
        &RUN,
        0,
        &[],
    );
    check(
        &of("{ each_folder: { branch: 60% } }"),
        &RUN,
        1,
        &["branch coverage is 50% (1 of 2)"],
    );
    let group = "{ groups: { app: { paths: ['src/**'], line: 90% } } }";
    check(
        &of(group),
        &RUN,
        1,
        &["group app", "below the minimum of 90%"],
    );
    let none = "{ groups: { app: { paths: ['lib/**'], line: 90% } } }";
    check(&of(none), &RUN, 3, &["tell of nothing in the group `app`"]);
    let metric = "{ groups: { app: { paths: ['src/**'] } } }";
    check(
        &repo(metric, "{ app_line_coverage: '>= 84%' }"),
        &RUN,
        1,
        &["app_line_coverage is 83.33"],
    );
}

#[test]
fn untested_files() {
    let of = |options: &str, criteria: &str| {
        let repo = repo(options, criteria);
        repo.write("src/b.py", "def f():\n    return (\n        1\n    )\n");
        repo.write("lcov.info", REPORT);
        repo
    };
    let count = of("{ include: ['src/**'] }", "{ line_coverage: '>= 83%' }");
    check(
        &count,
        &RUN,
        1,
        &[
            "5 of 8 lines ran",
            "no report tells of 1 file, counted as not run (first src/b.py)",
        ],
    );
    let ignore = of(
        "{ include: ['src/**'], untested: ignore }",
        "{ line_coverage: '>= 83%' }",
    );
    check(
        &ignore,
        &RUN,
        0,
        &["5 of 6 lines ran", "1 file, ignored (first src/b.py)"],
    );
    let fail = of(
        "{ include: ['src/**'], untested: fail }",
        "{ untested_files: 0 }",
    );
    check(
        &fail,
        &RUN,
        1,
        &["no report tells of this file: 2 lines that can run"],
    );
}

#[cfg(unix)]
#[test]
fn a_command_writes_the_report() {
    let of = |shell: &str| {
        let options = format!("{{ reports: [out/lcov.info], shell: '{shell}' }}");
        repo(&options, "{ line_coverage: '>= 83%' }")
    };
    check(
        &of("mkdir out && cp lcov.info out/"),
        &RUN,
        0,
        &["5 of 6 lines ran"],
    );
    check(
        &of("mkdir out && cp lcov.info out/ && echo bad >&2 && exit 3"),
        &RUN,
        3,
        &["ended with exit code 3", "bad"],
    );
    check(
        &of("true"),
        &RUN,
        3,
        &["the command wrote no report at `out/lcov.info`"],
    );
    let stale = of("true");
    stale.write("out/lcov.info", REPORT);
    check(
        &stale,
        &RUN,
        3,
        &["older than this run: the command did not write it"],
    );
}

#[test]
fn show_tells_totals_and_files() {
    let repo = repo("{}", "{ line_coverage: '>= 1%' }");
    let files = "src/a.py: lines 83.33% (5/6), branches 50.00% (1/2), not run: 7\n";
    check(
        &repo,
        &["coverage", "show", "lcov.info"],
        0,
        &[
            files,
            "total of 1 file: lines 83.33% (5/6), branches 50.00% (1/2), functions n/a (0/0)",
        ],
    );
    check(
        &repo,
        &["coverage", "show", "--root", ".", "lcov.info"],
        0,
        &["paths: matched 1\n"],
    );
    let all = qgate(
        &repo,
        &["coverage", "show", "--format", "json", "lcov.info"],
        0,
    );
    let json: serde_json::Value = serde_json::from_str(&all).expect("it is JSON");
    assert_eq!(json["totals"]["lines"]["covered"], 5);
    assert_eq!(json["totals"]["lines"]["percent"], 83.33);
    assert_eq!(
        json["totals"]["functions"]["percent"],
        serde_json::Value::Null
    );
    assert_eq!(
        json["files"][0]["uncovered_lines"],
        serde_json::json!([[7, 7]])
    );
    repo.write("bad.info", REPORT.replace("DA:1,1", "DA:1,x"));
    check(
        &repo,
        &["coverage", "show", "bad.info"],
        3,
        &["read in part: hits are negative or no number"],
    );
    check(
        &repo,
        &["coverage", "show", "none.info"],
        2,
        &["cannot be read"],
    );
    check(
        &repo,
        &["coverage", "show", "src/a.py"],
        3,
        &["no format of coverage reports"],
    );
    check(
        &repo,
        &["coverage", "show", "--base", "none", "lcov.info"],
        3,
        &["none"],
    );
}
