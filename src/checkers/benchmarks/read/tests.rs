//! Owns the tests of the readers: every trap of every format.

use proptest::prelude::*;

use super::*;
use crate::checkers::benchmarks::record::shown;

/// Each record on a line.
fn told(report: &Report) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for record in &report.records {
        let way = match record.better {
            Some(Better::Lower) => "lower",
            Some(Better::Higher) => "higher",
            None => "?",
        };
        let mut line = format!(
            "{} = {} {way} n={}",
            record.key(),
            shown(record.value, &record.unit),
            record.n
        );
        if let (Some(lo), Some(hi)) = (record.lo, record.hi) {
            line += &format!(" [{} {}]", shown(lo, &record.unit), shown(hi, &record.unit));
        }
        lines.push(line);
    }
    for threshold in &report.thresholds {
        let held = if threshold.held { "held" } else { "crossed" };
        lines.push(format!(
            "{} {} {held}",
            threshold.metric, threshold.expression
        ));
    }
    lines.extend(report.notes.iter().map(|note| format!("note: {note}")));
    lines
}

fn check(text: &str, expected: &[&str]) {
    match read(text.as_bytes(), Hints::default()) {
        Ok(report) => assert_eq!(told(&report), expected),
        Err(why) => assert_eq!([&why[..]], *expected),
    }
}

#[test]
fn hyperfine() {
    check(
        r#"{"results": [
          {"command": "sleep 1", "mean": 1.0, "stddev": null, "median": 1.0, "user": 0.001, "system": 0.002,
           "min": 0.9, "max": 1.2, "times": [0.9, 1.2, 1.0], "exit_codes": [0, 0, 0], "memory_usage_byte": [1000, 3000, 2000]},
          {"command": "sort 10", "mean": 2.5, "stddev": 0.1, "median": 2.0, "min": 1, "max": 3, "parameters": {"n": "10"}}
        ]}"#,
        &[
            "sleep 1 time = 1s lower n=3 [900ms 1.2s]",
            "sleep 1 user = 1ms lower n=3",
            "sleep 1 system = 2ms lower n=3",
            "sleep 1 memory = 2KB lower n=3",
            "sort 10 (n=10) time = 2s lower n=1 [1s 3s]",
        ],
    );
    check(
        r#"{"results": [{"command": "false", "median": 1.0, "times": [1.0], "exit_codes": [1]}]}"#,
        &["`false` did not end with exit code 0 in every run"],
    );
    check(
        r#"{"results": [{"command": "killed", "median": 1.0, "exit_codes": [0, null]}]}"#,
        &["`killed` did not end with exit code 0 in every run"],
    );
    check(r#"{"results": [{"command": "x"}]}"#, &["`x` has no time"]);
}

#[test]
fn pytest_benchmark() {
    check(
        r#"{"machine_info": {"node": "x"}, "commit_info": {}, "benchmarks": [
          {"group": null, "name": "test_a[1]", "fullname": "tests/test_a.py::test_a[1]", "params": {"n": 1},
           "stats": {"min": 0.1, "max": 9, "mean": 5, "median": 0.002, "q1": 0.001, "q3": 0.003, "ops": 0.2, "rounds": 40}},
          {"name": "test_b", "fullname": "tests/test_a.py::test_b",
           "stats": {"median": 7, "rounds": 3, "data": [0.5, 0.25, 0.75]}}
        ]}"#,
        &[
            "tests/test_a.py::test_a[1] time = 2ms lower n=40 [1ms 3ms]",
            "tests/test_a.py::test_b time = 500ms lower n=3",
        ],
    );
}

#[test]
fn go() {
    check(
        "goos: linux\ngoarch: amd64\npkg: example.org/a\ncpu: Some CPU\n\
         BenchmarkParse-8   \t  1000\t  1234 ns/op\t 56.5 MB/s\t 64 B/op\t 2 allocs/op\n\
         BenchmarkParse-8   \t  1000\t  1236 ns/op\t 56.7 MB/s\t 64 B/op\t 2 allocs/op\n\
         BenchmarkSize/n-100-8 10 5.5 ns/op 3 widgets/op\n\
         BenchmarkQuote/\"a(b)\"#01-8\n\
         it prints something\n\
         \t 20 \t 7 ns/op\n\
         PASS\nok  \texample.org/a\t1.2s\n\
         pkg: example.org/b\nBenchmarkParse 5 9 ns/op\nBenchmarkSize/n-100 5 8 ns/op\nPASS\n",
        &[
            "example.org/a: BenchmarkParse time = 1.235us lower n=2",
            "example.org/a: BenchmarkParse MB/s = 56.6MB/s higher n=2",
            "example.org/a: BenchmarkParse B/op = 64 B/op lower n=2",
            "example.org/a: BenchmarkParse allocs/op = 2 allocs/op lower n=2",
            "example.org/a: BenchmarkSize/n-100 time = 5.5ns lower n=1",
            "example.org/a: BenchmarkSize/n-100 widgets/op = 3 widgets/op ? n=1",
            "example.org/a: BenchmarkQuote/\"a(b)\"#01 time = 7ns lower n=1",
            "example.org/b: BenchmarkParse time = 9ns lower n=1",
            "example.org/b: BenchmarkSize/n-100 time = 8ns lower n=1",
        ],
    );
    // Several numbers of processors: the endings tell the benchmarks apart.
    check(
        "BenchmarkA 5 9 ns/op\nBenchmarkA-2 5 8 ns/op\n",
        &[
            "BenchmarkA time = 9ns lower n=1",
            "BenchmarkA-2 time = 8ns lower n=1",
        ],
    );
    check("Benchmarks are good\n", &["it has no result (go)"]);
}

#[test]
fn jmh() {
    check(
        r#"[{"benchmark": "a.B.c", "mode": "thrpt", "forks": 2, "params": {"size": "10"},
             "primaryMetric": {"score": 9, "scoreError": "NaN", "scoreConfidence": ["NaN", "NaN"], "scoreUnit": "ops/ms",
                               "rawData": [[1.0, 2.0], [3.0]]},
             "secondaryMetrics": {"\u00b7gc.alloc.rate.norm": {"score": 24.0, "scoreUnit": "B/op", "rawData": [[24.0]]}}},
            {"benchmark": "a.B.d", "mode": "avgt", "primaryMetric": {"score": 1.5, "scoreConfidence": [1.0, 2.0],
             "scoreUnit": "us/op", "rawData": []}},
            {"benchmark": "a.B.e", "mode": "sample", "primaryMetric": {"score": 0.25, "scoreUnit": "s/op",
             "rawDataHistogram": [[[[0.25, 3]]]]}}]"#,
        &[
            "a.B.c (size=10) throughput = 2000/s higher n=3",
            "a.B.c (size=10) gc.alloc.rate.norm = 24 B/op lower n=1",
            "a.B.d time = 1.5us lower n=1 [1us 2us]",
            "a.B.e sampled = 250ms lower n=1",
        ],
    );
}

#[test]
fn google_benchmark() {
    check(
        r#"{"context": {"library_build_type": "debug"}, "benchmarks": [
          {"name": "BM_A/8", "run_name": "BM_A/8", "run_type": "iteration", "repetitions": 2, "repetition_index": 0, "threads": 1,
           "iterations": 10, "real_time": 1.0, "cpu_time": 2.0, "time_unit": "us", "bytes_per_second": 5e6, "hits": 3.0},
          {"name": "BM_A/8", "run_name": "BM_A/8", "run_type": "iteration", "repetitions": 2, "repetition_index": 1, "threads": 1,
           "iterations": 10, "real_time": 3.0, "cpu_time": 4.0, "time_unit": "us", "bytes_per_second": 7e6, "hits": 3.0},
          {"name": "BM_A/8_mean", "run_name": "BM_A/8", "run_type": "aggregate", "aggregate_name": "mean", "real_time": 99, "time_unit": "us"},
          {"name": "BM_A/8_median", "run_name": "BM_A/8", "run_type": "aggregate", "aggregate_name": "median", "real_time": 98, "time_unit": "us"},
          {"name": "BM_A/8_cv", "run_name": "BM_A/8", "run_type": "aggregate", "aggregate_name": "cv", "real_time": 0.02, "time_unit": "us"},
          {"name": "BM_B_median", "run_name": "BM_B", "run_type": "aggregate", "aggregate_name": "median", "real_time": 5, "time_unit": "ns"},
          {"name": "BM_C_BigO", "run_name": "BM_C", "run_type": "aggregate", "aggregate_name": "BigO", "cpu_coefficient": 1.0, "big_o": "N", "time_unit": "ns"},
          {"name": "BM_C_RMS", "run_name": "BM_C", "run_type": "aggregate", "aggregate_name": "RMS", "rms": 0.1},
          {"name": "BM_D", "run_type": "iteration", "skipped": true}
        ]}"#,
        &[
            "BM_A/8 time = 2us lower n=2",
            "BM_A/8 cpu = 3us lower n=2",
            "BM_A/8 bytes_per_second = 6MB/s higher n=2",
            "BM_A/8 hits = 3 ? n=2",
            "BM_B time = 5ns lower n=1",
            "note: the benchmark library itself is a debug build: its timings are slower than need be",
            "note: `BM_D` was skipped",
        ],
    );
    check(
        r#"{"context": {}, "benchmarks": [{"name": "BM_A", "real_time": 1, "time_unit": "ns"},
            {"name": "BM_A_mean", "real_time": 7, "time_unit": "ns"}]}"#,
        &["BM_A time = 1ns lower n=1"],
    );
    check(
        r#"{"context": {}, "benchmarks": [{"name": "BM_A", "error_occurred": true, "error_message": "no file"}]}"#,
        &["`BM_A` ended in an error: no file"],
    );
}

#[test]
fn k6() {
    // The old export: `true` means crossed.
    check(
        r#"{"root_group": {"name": ""}, "metrics": {
          "http_req_duration": {"avg": 5.5, "p(95)": 20, "thresholds": {"p(95)<10": true, "avg<10": false}},
          "http_req_failed": {"value": 0.01, "passes": 1, "fails": 99},
          "http_reqs": {"count": 100, "rate": 12.5},
          "data_received": {"count": 5000, "rate": 50}
        }}"#,
        &[
            "http_req_duration avg = 5.5ms lower n=1",
            "http_req_duration p(95) = 20ms lower n=1",
            "http_req_failed value = 0.01 lower n=1",
            "http_req_failed passes = 1 lower n=1",
            "http_req_failed fails = 99 lower n=1",
            "http_reqs count = 100 higher n=1",
            "http_reqs rate = 12.5/s higher n=1",
            "data_received count = 5000 ? n=1",
            "data_received rate = 50/s ? n=1",
            "http_req_duration p(95)<10 crossed",
            "http_req_duration avg<10 held",
        ],
    );
    check(
        r#"{"state": {"testRunDurationMs": 1}, "options": {"summaryTimeUnit": "s"}, "metrics": {
          "mine": {"type": "trend", "contains": "time", "values": {"avg": 2}, "thresholds": {"avg<1": {"ok": false}, "avg<9": {"ok": true}}},
          "other": {"type": "trend", "contains": "default", "values": {"avg": 2}}}}"#,
        &[
            "mine avg = 2ms lower n=1",
            "other avg = 2 ? n=1",
            "mine avg<1 crossed",
            "mine avg<9 held",
        ],
    );
    check(
        r#"{"version": "1.0.0", "metadata": {}, "config": {}, "results": {"checks": {}, "metrics": [
          {"name": "http_req_duration", "type": "trend", "contains": "time", "values": {"avg": 1.5, "p(90)": 3, "p(95)": 4}},
          {"name": "http_req_failed", "type": "rate", "contains": "default", "values": {"matches": 1, "rate": 0.5, "total": 2}}]}}"#,
        &[
            "http_req_duration avg = 1.5ms lower n=1",
            "http_req_duration p(90) = 3ms lower n=1",
            "http_req_duration p(95) = 4ms lower n=1",
            "http_req_failed matches = 1 lower n=1",
            "http_req_failed rate = 0.5 lower n=1",
            "http_req_failed total = 2 lower n=1",
        ],
    );
}

#[test]
fn vitest() {
    check(
        r#"{"files": [{"filepath": "/home/me/a.bench.ts", "groups": [{"fullName": "a.bench.ts > sort", "benchmarks": [
          {"id": "1", "name": "quick", "rank": 1, "rme": 1.2, "samples": [], "min": 0.5, "max": 2, "hz": 900, "mean": 1.1,
           "median": 1, "p75": 1.2, "sampleCount": 450},
          {"id": "2", "name": "slow", "samples": [3, 1, 2], "mean": 9}]}]}]}"#,
        &[
            "a.bench.ts > sort: quick time = 1ms lower n=450 [500us 2ms]",
            "a.bench.ts > sort: slow time = 2ms lower n=3",
        ],
    );
}

#[test]
fn lists_by_hand() {
    let text = r#"[{"name": "size", "unit": "KB", "value": 12, "range": "\u00b1 5%"},
                   {"name": "fps", "unit": "frames", "value": "60", "range": 2},
                   {"name": "rate", "unit": "req/s", "value": 9, "range": "+/- 1"}]"#;
    check(
        text,
        &[
            "size value = 12KB lower n=1 [11.4KB 12.6KB]",
            "fps value = 60 frames ? n=1 [58 frames 62 frames]",
            "rate value = 9/s higher n=1 [8/s 10/s]",
        ],
    );
    let hints = Hints {
        better: Some(Better::Higher),
    };
    let report = read(text.as_bytes(), hints).expect("good");
    let ways: Vec<_> = report.records.iter().map(|record| record.better).collect();
    assert_eq!(
        ways,
        [
            Some(Better::Lower),
            Some(Better::Higher),
            Some(Better::Higher)
        ]
    );
    check(
        r#"{"parse": {"latency": {"value": 1500, "lower_value": 1600, "upper_value": 1400}, "points": {"value": 3}}}"#,
        &[
            "parse latency = 1.5us lower n=1 [1.4us 1.6us]",
            "parse points = 3 ? n=1",
        ],
    );
    check(
        r#"[{"name": "a", "unit": "ms", "value": 1}, {"name": "b", "unit": "ms", "value": 1}, {"name": "a", "unit": "ms", "value": 2}]"#,
        &["`a value` stands in it twice, as result 1 and 3"],
    );
    check(
        r#"[{"name": "a", "unit": "ms", "value": "fast"}]"#,
        &["`a` has no number as its value"],
    );
}

#[test]
fn what_cargo_bench_prints() {
    check(
        "running 2 tests\n\
         test parse::small       ... bench:       1,234.56 ns/iter (+/- 78) = 12 MB/s\n\
         test tiny ... bench:           0 ns/iter (+/- 0)\n",
        &[
            "parse::small time = 1.235us lower n=1 [1.157us 1.313us]",
            "tiny time = 0ns lower n=1 [0ns 0ns]",
        ],
    );
    check(
        "Benchmarking parse/one: Analyzing\n\
         parse/one               time:   [1.1000 \u{b5}s 1.2000 \u{b5}s 1.3000 ms]\n\
         \x20                       thrpt:  [1.0 MiB/s 2.0 MiB/s 3.0 MiB/s]\n\
         \x20                change:\n\
         \x20                       time:   [-1.2% +0.5% +2.2%] (p = 0.50 > 0.05)\n\
         \x20                       thrpt:  [-1.2% +0.5% +2.2%]\n\
         \x20                       No change in performance detected.\n\
         Found 3 outliers among 100 measurements (3.00%)\n\
         a name that is so long that it has a line of its own\n\
         \x20                       time:   [1.0 s 2.0 s 3.0 s]\n\
         \x20                       change: [-1.2% +0.5% +2.2%] (p = 0.50 > 0.05)\n",
        &[
            "parse/one time = 1.2us lower n=1 [1.1us 1.3ms]",
            "parse/one throughput = 2.097MB/s higher n=1 [1.049MB/s 3.146MB/s]",
            "a name that is so long that it has a line of its own time = 2s lower n=1 [1s 3s]",
        ],
    );
    check(
        "test x ... bench: many ns/iter\n",
        &["the result of `x` cannot be read"],
    );
}

#[test]
fn criterion() {
    let benchmark = br#"{"group_id": "g", "function_id": "f", "value_str": "10", "full_id": "g/f/10", "title": "g/f/10"}"#;
    let estimates = br#"{"mean": {"point_estimate": 9.0}, "slope": null,
        "median": {"confidence_interval": {"confidence_level": 0.95, "lower_bound": 4.0, "upper_bound": 6.0}, "point_estimate": 5.0}}"#;
    let sample =
        br#"{"sampling_mode": "Linear", "iters": [1.0, 2.0, 3.0], "times": [4.0, 10.0, 18.0]}"#;
    let told_of = |files: [&[u8]; 3]| match read_criterion(files) {
        Ok(report) => told(&report),
        Err(why) => vec![why],
    };
    assert_eq!(
        told_of([benchmark, estimates, sample]),
        ["g/f/10 time = 5ns lower n=3 [4ns 6ns]"]
    );
    assert_eq!(
        told_of([benchmark, estimates, b""]),
        ["g/f/10 time = 5ns lower n=1 [4ns 6ns]"]
    );
    assert_eq!(
        told_of([benchmark, b"{}", sample]),
        ["estimates.json has no median"]
    );
    assert_eq!(
        told_of([benchmark, estimates, br#"{"iters": [0.0], "times": [4.0]}"#]),
        ["sample.json has no list of iterations and times"]
    );
    assert_eq!(
        told_of([b"{}", estimates, sample]),
        ["benchmark.json names no benchmark"]
    );
}

#[test]
fn criterions_other_files_are_left_out() {
    let paths = [
        "bench.json",
        "target/criterion/g/f/base/estimates.json",
        "target/criterion/g/f/change/estimates.json",
        "target/criterion/g/f/new/benchmark.json",
        "target/criterion/g/f/new/estimates.json",
        "target/criterion/g/f/report/index.html",
        "target/criterion/g/report/violin.svg",
        "target/criterion/report/index.html",
    ]
    .map(str::to_owned);
    assert_eq!(
        sources(&paths),
        [
            Source::Criterion("target/criterion/g/f".to_owned()),
            Source::File("bench.json".to_owned()),
        ]
    );
}

#[test]
fn load_generators() {
    check(
        r#"{"summary": {"successRate": 1.0, "average": 0.002, "requestsPerSec": 500.5},
            "latencyPercentiles": {"p50": 0.001, "p99.9": 0.01}}"#,
        &[
            "load mean = 2ms lower n=1",
            "load throughput = 500.5/s higher n=1",
            "load success = 1 ? n=1",
            "load p50 = 1ms lower n=1",
            "load p99.9 = 10ms lower n=1",
            &format!(
                "note: oha {} (`-q` with `--latency-correction`)",
                "is a closed loop unless told otherwise: while the server stands still it sends nothing, and its percentiles do not show the wait"
            ),
        ],
    );
    check(
        r#"{"latencies": {"total": 9, "mean": 1000, "50th": 2000, "99th": 3000, "max": 4000}, "requests": 5, "throughput": 7.5, "success": 1}"#,
        &[
            "load mean = 1us lower n=1",
            "load p50 = 2us lower n=1",
            "load p99 = 3us lower n=1",
            "load max = 4us lower n=1",
            "load throughput = 7.5/s higher n=1",
            "load success = 1 ? n=1",
        ],
    );
    let wrk = "Running 10s test @ http://127.0.0.1:1/\n  2 threads and 10 connections\n  Thread Stats   Avg      Stdev     Max   +/- Stdev\n    \
         Latency   635.91us    0.89ms  12.92ms   93.69%\n    Req/Sec    56.20k     8.07k   62.00k    86.54%\n  Latency Distribution\n     \
         50%  250.00us\n     99%    1.20s\n  100 requests in 10s, 1MB read\nRequests/sec: 7488.53\nTransfer/sec:    606.33MB\n";
    let report = read(wrk.as_bytes(), Hints::default()).expect("good");
    assert_eq!(
        told(&report)[..5],
        [
            "load throughput = 7489/s higher n=1",
            "load mean = 635.9us lower n=1",
            "load max = 12.92ms lower n=1",
            "load p50 = 250us lower n=1",
            "load p99 = 1.2s lower n=1",
        ]
    );
    let hey = "\nSummary:\n  Total:\t1.0 secs\n  Slowest:\t0.5 secs\n  Fastest:\t0.1 secs\n  Average:\t0.2 secs\n  Requests/sec:\t100.5\n\n\
         Latency distribution:\n  10% in 0.0010 secs\n  99%% in 0.2000 secs\n";
    let report = read(hey.as_bytes(), Hints::default()).expect("good");
    assert_eq!(
        told(&report)[4..6],
        ["load p10 = 1ms lower n=1", "load p99 = 200ms lower n=1"]
    );
}

#[test]
fn what_is_no_report() {
    check("", &["it is empty"]);
    check("[]", &["it has no result (an empty list)"]);
    check(
        "{\"a\": 1,\n",
        &["it is no JSON: a key is missing in line 2"],
    );
    check("{\"a\": 1}", &[&unknown()]);
    check("hello\n", &[&unknown()]);
    check("[{\"x\": 1}]", &[&unknown()]);
    check(
        r#"{"machine_info": {}, "benchmarks": []}"#,
        &["it has no result (pytest-benchmark)"],
    );
    check(r#"{"a": {"b": {"value": 1e999}}}"#, &[&unknown()]);
    assert_eq!(
        read(b"\xff\xff", Hints::default()).expect_err("no text"),
        "it is not UTF-8"
    );
    let wide: Vec<u8> = "\u{feff}BenchmarkA 5 9 ns/op\r\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let report = read(&wide, Hints::default()).expect("as PowerShell writes it");
    assert_eq!(told(&report), ["BenchmarkA time = 9ns lower n=1"]);
}

#[test]
fn much_of_nothing_takes_no_time() {
    let start = std::time::Instant::now();
    for text in [
        "[".repeat(1_000_000),
        "Benchmark\n".repeat(200_000),
        "BenchmarkA 1 1 ns/op\n".repeat(200_000),
        "x time: [\n".repeat(200_000),
        "{\"a\":{\"b\":{\"value\":1}},".repeat(100_000),
        format!("[{}]", vec![r#"{"name":"a","value":1}"#; 100_000].join(",")),
    ] {
        let _ = read(text.as_bytes(), Hints::default());
    }
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

proptest! {
    #[test]
    fn no_bytes_break_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes, Hints::default());
        let _ = read_criterion([&bytes, &bytes, &bytes]);
    }

    #[test]
    fn no_words_break_the_reader(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "Benchmark", "BenchmarkA-8", " ", "\n", "\t", "1", "-2", "NaN", "ns/op", "time:", "[", "]", "test ", " ... bench:", "ns/iter",
                "(+/- ", ")", "{", "}", "\"results\":", "\"command\":", "\"x\"", ",", ":", "\"metrics\":", "\"values\":", "\"root_group\":",
                "\"benchmarks\":", "\"context\":", "\"machine_info\":", "Requests/sec:", "Running ", "Latency", "50%", "1e308", "\u{b5}s",
            ]),
            0..60,
        ),
    ) {
        let _ = read(words.concat().as_bytes(), Hints::default());
    }
}
