//! Benchmarks and bundles as people meet them: gates that run base and head in turn, gates on reports and on built files, and
//! `qgate benchmarks`. In real repositories, with real programs.
#![cfg(unix)]

mod support;

use std::fmt::Write as _;
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
            concat!(env!("CARGO_TARGET_TMPDIR"), "/benchmarks-home"),
        )
        .env("QGATE_WIDTH", "200")
        .env("TMPDIR", temporary(repo))
        .stdin(Stdio::null())
        .output()
        .expect("qgate can be started");
    let all = [output.stdout, output.stderr].concat();
    let all = String::from_utf8(all).expect("it is ASCII");
    assert_eq!(output.status.code(), Some(code), "{args:?}\n{all}");
    all
}

/// Where qgate makes its temporary folders for this repository.
fn temporary(repo: &Repo) -> std::path::PathBuf {
    let folder = repo.at(".git/tmp");
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

#[track_caller]
fn check(repo: &Repo, args: &[&str], code: i32, says: &[&str]) -> String {
    let all = qgate(repo, args, code);
    // Reports wrap their lines.
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for says in says {
        assert!(
            flat(&all).contains(&flat(says)),
            "{args:?} does not say `{says}`\n{all}"
        );
    }
    all
}

fn gate(checks: &str, criteria: &str) -> String {
    format!(
        "version: 1\nextends: []\ngates:\n  speed:\n    title: It does not get slower\n    level: mandatory\n    stages: [pre-push, ci]\n    \
         checks:\n      - {checks}\n    criteria: {criteria}\n"
    )
}

const RUN: [&str; 4] = ["run", "--gate", "speed", "--verbose"];

/// A benchmark that tells a made-up time: `FACTOR` thousand points, and up to 2% that look random but are not.
const MADE_UP: &str = "#!/bin/sh
n=$(cat count 2>/dev/null || echo 0)
n=$((n + 1))
echo $n > count
echo '[{\"name\": \"parse\", \"unit\": \"points\", \"value\": '$(( FACTOR * 1000 + (n * 7919 + FACTOR * 31) % 2003 ))'}]'
";

const IN_TURN: &str =
    "benchmarks: { better: { points: lower }, ab: { run: [sh, bench.sh], report: stdout } }";

/// A repository whose base has one factor and whose head has another.
fn factors(base: &str, head: &str, checks: &str, criteria: &str) -> Repo {
    let repo = Repo::new();
    repo.write(".gitignore", "count\n.qgate/\n*.json\n");
    repo.write("qgate.yaml", gate(checks, criteria));
    repo.write("bench.sh", MADE_UP.replace("FACTOR", base));
    repo.commit("feat: first");
    repo.git(&["switch", "-q", "-c", "topic"]);
    repo.write("bench.sh", MADE_UP.replace("FACTOR", head));
    repo.commit("feat: second");
    repo
}

fn against_main(repo: &Repo, code: i32, says: &[&str]) -> String {
    let args: Vec<&str> = RUN.into_iter().chain(["--base", "main"]).collect();
    check(repo, &args, code, says)
}

#[test]
fn no_change_passes_and_a_slowdown_fails() {
    let criteria = "{ regressions: 0, benchmarks: '>= 1' }";
    let same = factors("100", "100", IN_TURN, criteria);
    against_main(&same, 0, &["parse value: no regression", "15 pairs"]);
    let slower = factors("100", "110", IN_TURN, criteria);
    let said = against_main(
        &slower,
        1,
        &[
            "performance-regression",
            "benchmark parse",
            "`parse value` is 9.9% worse",
            "on the base",
        ],
    );
    assert!(said.contains("40 pairs"), "{said}");
    let faster = factors("110", "100", IN_TURN, criteria);
    against_main(&faster, 0, &["no regression"]);
    // The base's files are gone again.
    let left = std::fs::read_dir(temporary(&same)).expect("it is there");
    assert_eq!(left.count(), 0);
}

#[test]
fn a_series_that_is_noise_is_no_pass() {
    let wild = "#!/bin/sh\nn=$(cat count 2>/dev/null || echo 0)\nn=$((n + 1))\necho $n > count\n\
                echo '[{\"name\": \"parse\", \"unit\": \"points\", \"value\": '$(( 1000 + (n * 7919) % 9001 ))'}]'\n";
    let repo = factors("100", "100", IN_TURN, "{ regressions: 0 }");
    repo.git(&["switch", "-q", "main"]);
    repo.write("bench.sh", wild).commit("feat: wild");
    against_main(
        &repo,
        3,
        &["nothing can be said of 1 benchmark", "inconclusive"],
    );
    let noted = IN_TURN.replace("{ better", "{ inconclusive: note, better");
    repo.write("qgate.yaml", gate(&noted, "{ inconclusive_benchmarks: 0 }"));
    against_main(&repo, 1, &["inconclusive_benchmarks"]);
}

#[test]
fn runs_that_fail_are_no_pass() {
    let criteria = "{ regressions: 0 }";
    let repo = factors("100", "100", IN_TURN, criteria);
    repo.write("bench.sh", "echo broken >&2; exit 3\n")
        .commit("feat: broken");
    against_main(&repo, 3, &["on the head ended with exit code 3", "broken"]);
    repo.write("bench.sh", "echo '[]'\n").commit("feat: empty");
    against_main(&repo, 3, &["it has no result"]);
    let built = "benchmarks: { ab: { build: 'test -e new', run: [sh, bench.sh], report: stdout } }";
    repo.write("qgate.yaml", gate(built, criteria));
    repo.write("new", "").commit("feat: new");
    against_main(&repo, 3, &["the build of the base ended with exit code 1"]);
}

#[test]
fn a_benchmark_that_goes_is_missed() {
    let repo = factors("100", "100", IN_TURN, "{ missing_benchmarks: 0 }");
    let other = MADE_UP.replace("FACTOR", "100").replace("parse", "render");
    repo.write("bench.sh", other).commit("feat: another");
    against_main(
        &repo,
        1,
        &["`parse value` has no result any more", "render value: new"],
    );
}

#[test]
fn processor_time_is_measured() {
    let busy = |n: u32| format!("i=0; while [ $i -lt {n} ]; do i=$((i+1)); done\n");
    let checks = "benchmarks: { ab: { run: [sh, bench.sh], pairs: { first: 8, second: 8 } } }";
    let repo = factors("100", "100", checks, "{ regressions: 0 }");
    repo.git(&["switch", "-q", "main"]);
    repo.write("bench.sh", busy(20_000)).commit("feat: fast");
    repo.git(&["switch", "-q", "topic"]);
    repo.write("bench.sh", busy(60_000)).commit("feat: slow");
    against_main(
        &repo,
        1,
        &["performance-regression", "measured by processor time"],
    );
}

#[test]
fn a_change_that_is_not_trusted_runs_nothing() {
    let repo = factors("100", "101", IN_TURN, "{ regressions: 0 }");
    let args: Vec<&str> = RUN
        .into_iter()
        .chain(["--base", "main", "--untrusted"])
        .collect();
    check(&repo, &args, 3, &["the change is not trusted"]);
    assert!(!repo.at("count").exists());
}

fn report(values: &[(&str, f64)]) -> String {
    let mut text = String::from("pkg: example.org/a\n");
    for (name, value) in values {
        let _ = writeln!(
            text,
            "Benchmark{name} \t 100 \t {value} ns/op \t 5 allocs/op"
        );
    }
    text
}

#[test]
fn reports_are_compared_with_accepted_results() {
    let repo = Repo::new();
    let criteria = "{ regressions: 0, missing_benchmarks: 0 }";
    repo.write(
        "qgate.yaml",
        gate("benchmarks: { reports: [bench.txt] }", criteria),
    );
    repo.commit("feat: first");
    check(
        &repo,
        &RUN,
        3,
        &["there is no benchmark report at `bench.txt`"],
    );
    repo.write("bench.txt", report(&[("A", 100.0), ("B", 50.0)]));
    check(
        &repo,
        &RUN,
        3,
        &["no results are accepted", "qgate benchmarks accept"],
    );
    let accept = ["benchmarks", "accept", "bench.txt"];
    check(
        &repo,
        &accept,
        0,
        &["accepted 4 results for machines of class"],
    );
    check(&repo, &RUN, 3, &["1 of 10 accepted values are there"]);
    for at in 0..11 {
        let off = f64::from(at % 3) * 0.1;
        repo.write(
            "bench.txt",
            report(&[("A", 100.0 + off), ("B", 50.0 + off)]),
        );
        qgate(&repo, &accept, 0);
    }
    check(&repo, &RUN, 0, &["example.org/a: BenchmarkA time: shift"]);
    repo.write("bench.txt", report(&[("A", 108.0), ("B", 50.0)]));
    check(
        &repo,
        &RUN,
        1,
        &["`example.org/a: BenchmarkA time` is 7.9% worse: 108ns now"],
    );
    repo.write("bench.txt", report(&[("A", 100.0)]));
    check(
        &repo,
        &RUN,
        1,
        &["`example.org/a: BenchmarkB time` has no result any more"],
    );
    let more = report(&[("A", 100.0), ("B", 50.0)]).replace("5 allocs", "6 allocs");
    repo.write("bench.txt", more);
    check(&repo, &RUN, 1, &["is 6 allocs/op now and was 5 allocs/op"]);
    // Another machine's results are no measure.
    let file = std::fs::read_to_string(repo.at(".qgate/benchmarks.json")).expect("written");
    let class = file.split("\"id\": \"").nth(1).expect("it names its class");
    let class = &class[..16];
    let other = file.replace(class, "0123456789abcdef");
    repo.write(
        ".qgate/benchmarks.json",
        other.replace("\"architecture\": \"", "\"architecture\": \"not "),
    );
    repo.write("bench.txt", report(&[("A", 100.0), ("B", 50.0)]));
    check(&repo, &RUN, 3, &["not comparable", "architecture:"]);
    repo.write(
        ".qgate/benchmarks.json",
        "{\"version\": 9, \"machines\": []}",
    );
    check(&repo, &RUN, 3, &["cannot be read: it has version 9"]);
}

#[test]
fn thresholds_of_a_load_test() {
    let repo = Repo::new();
    let checks = "benchmarks: { reports: [k6.json], baseline: none }";
    repo.write("qgate.yaml", gate(checks, "{ crossed_thresholds: 0 }"));
    repo.commit("feat: first");
    let summary = |crossed: bool| {
        format!(
            r#"{{"root_group": {{}}, "metrics": {{"http_req_duration": {{"avg": 5, "thresholds": {{"avg<9": {crossed}}}}}}}}}"#
        )
    };
    repo.write("k6.json", summary(false));
    check(&repo, &RUN, 0, &[]);
    repo.write("k6.json", summary(true));
    check(
        &repo,
        &RUN,
        1,
        &["the threshold `avg<9` of http_req_duration was crossed"],
    );
    // Nothing is compared, so nothing can be said of regressions.
    repo.write("qgate.yaml", gate(checks, "{ regressions: 0 }"));
    check(&repo, &RUN, 2, &["regressions"]);
}

#[test]
fn what_reports_say() {
    let repo = Repo::new();
    repo.write("a.txt", report(&[("A", 1500.0)]));
    check(
        &repo,
        &["benchmarks", "show", "a.txt"],
        0,
        &["example.org/a: BenchmarkA", "1.5us", "lower"],
    );
    let all = qgate(
        &repo,
        &["benchmarks", "show", "--format", "json", "a.txt"],
        0,
    );
    let all: serde_json::Value = serde_json::from_str(&all).expect("it is JSON");
    assert_eq!(all["results"].as_array().map(Vec::len), Some(2));
    assert_eq!(all["results"][1]["value"], 1500.0);
    check(
        &repo,
        &["benchmarks", "show", "b.txt"],
        2,
        &["`b.txt` cannot be read"],
    );
    repo.write("b.txt", "hello\n");
    check(
        &repo,
        &["benchmarks", "show", "b.txt"],
        3,
        &["none of the formats known"],
    );
    let folder = "target/criterion/g/f";
    repo.write(
        format!("{folder}/new/benchmark.json"),
        r#"{"full_id": "g/f"}"#,
    );
    repo.write(
        format!("{folder}/new/estimates.json"),
        r#"{"median": {"point_estimate": 5.0, "confidence_interval": {"lower_bound": 4.0, "upper_bound": 6.0}}}"#,
    );
    repo.write(format!("{folder}/base/estimates.json"), "{}");
    check(
        &repo,
        &["benchmarks", "show", "target/criterion"],
        0,
        &["g/f", "5ns", "4ns .. 6ns"],
    );
}

#[test]
fn this_machine() {
    let repo = Repo::new();
    check(
        &repo,
        &["environment"],
        0,
        &["class ", "architecture: ", "processors: "],
    );
    let all = qgate(&repo, &["environment", "--format", "json"], 0);
    let all: serde_json::Value = serde_json::from_str(&all).expect("it is JSON");
    assert_eq!(all["class"].as_str().map(str::len), Some(16));
}

#[test]
fn sizes_of_built_files() {
    let repo = Repo::new();
    let criteria = "{ bundle_size: '< 2MB', bundle_gzip: '< 1KB', large_assets: 0 }";
    let checks = "bundle: { assets: ['dist/**'], max_asset: 50KB }";
    repo.write("qgate.yaml", gate(checks, criteria))
        .write(".gitignore", "dist/\n");
    repo.commit("feat: first");
    check(&repo, &RUN, 3, &["has no built file at `dist/**`"]);
    repo.write("dist/a.js", "let a = 1;\n".repeat(1_000));
    repo.write("dist/a.js.map", vec![b'x'; 500_000]);
    check(&repo, &RUN, 0, &["1 asset: 11KB ("]);
    repo.write("dist/b.css", ".a{}\n".repeat(20_000));
    check(&repo, &RUN, 1, &["asset-too-large", "dist/b.css is 100KB"]);
}

#[test]
fn growth_against_the_base() {
    let repo = Repo::new();
    let checks =
        "bundle: { assets: ['dist/*'], base: { build: 'mkdir -p dist && cp a.js dist/a.js' } }";
    repo.write(
        "qgate.yaml",
        gate(
            checks,
            "{ bundle_growth: '< 1KB', bundle_growth_share: '< 50%' }",
        ),
    );
    repo.write(".gitignore", "dist/\n")
        .write("a.js", "x".repeat(1_000));
    repo.commit("feat: first");
    repo.git(&["switch", "-q", "-c", "topic"]);
    repo.write("a.js", "x".repeat(1_400)).commit("feat: second");
    repo.write("dist/a.js", "x".repeat(1_400));
    against_main(&repo, 0, &["dist/a.js: 1KB on the base, 1.4KB here"]);
    repo.write("dist/a.js", "x".repeat(1_600));
    against_main(&repo, 1, &["bundle_growth_share", "60%"]);
    repo.write("dist/a.js", "x".repeat(100));
    against_main(&repo, 0, &[]);
    let broken = checks.replace("mkdir -p dist && cp a.js dist/a.js", "exit 4");
    repo.write("qgate.yaml", gate(&broken, "{ bundle_growth: '< 1KB' }"));
    against_main(&repo, 3, &["the build of the base ended with exit code 4"]);
}

#[test]
fn lighthouse_and_web_vitals() {
    let repo = Repo::new();
    let checks = "bundle: { lighthouse: ['lh-*.json'], web_vitals: [vitals.json] }";
    let criteria = "{ lighthouse_performance: '>= 90', largest_contentful_paint: '< 2.5s', real_cumulative_layout_shift: '< 0.1' }";
    repo.write("qgate.yaml", gate(checks, criteria));
    repo.commit("feat: first");
    let lighthouse = |score: f64| {
        format!(
            r#"{{"finalUrl": "http://a/", "categories": {{"performance": {{"score": {score}}}}},
                "audits": {{"largest-contentful-paint": {{"numericValue": 1234.5}}}}}}"#
        )
    };
    repo.write("lh-1.json", lighthouse(0.95))
        .write("lh-2.json", lighthouse(0.92));
    repo.write("vitals.json", r#"[{"name": "CLS", "value": 0.05}]"#);
    check(&repo, &RUN, 0, &["Lighthouse: 2 runs of 1 page"]);
    repo.write("lh-2.json", lighthouse(0.5))
        .write("lh-3.json", lighthouse(0.6));
    check(&repo, &RUN, 1, &["lighthouse_performance"]);
    repo.write("lh-2.json", "{}");
    check(&repo, &RUN, 3, &["lh-2.json cannot be used"]);
}
