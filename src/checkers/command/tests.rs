//! Holds the readers to their promise: no bytes make them panic or hang, and what was torn is never a clean report.

use std::path::Path;

use proptest::prelude::*;

use super::options::{Json, Lines};
use super::places::Places;
use super::report::Report;
use super::{checkstyle, json, junit, lines, sarif};
use crate::source::memory::MemoryTree;

const SARIF: &str = r#"{"$schema":"x","version":"2.1.0","runs":[{"tool":{"driver":{"name":"T","rules":[{"id":"A","defaultConfiguration":{"level":"error"},"messageStrings":{"m":{"text":"has {0}"}}}]}},"artifacts":[{"location":{"uri":"src/a.py"}}],"originalUriBaseIds":{"R":{"uri":"file:///r/"}},"invocations":[{"executionSuccessful":true}],"results":[{"ruleId":"A/1","message":{"id":"m","arguments":["it"]},"locations":[{"physicalLocation":{"artifactLocation":{"index":0},"region":{"startLine":2,"endLine":1}}}],"partialFingerprints":{"k":"v"}}]}]}"#;
const JUNIT: &str = "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e 'e'>]><testsuites><testsuite name='s' tests='2'><testcase classname='a.B' name='c'><failure><![CDATA[no]]>&amp;&e;&#65;</failure></testcase><testcase name='d'/></testsuite></testsuites>";
const CHECKSTYLE: &str = "<checkstyle version='4'><file name='/r/src/a.py'><error line='1' column='9' severity='warning' message='m' source='a.b.C'/></file></checkstyle>";

/// All readers on the same bytes; gives what each came to.
fn read(bytes: &[u8]) -> [Result<Report, String>; 5] {
    let tree = MemoryTree::new([("src/a.py", "")]);
    let places = Places {
        root: Path::new("/r"),
        folder: None,
        tree: &tree,
    };
    let json: Json = serde_json::from_str(
        r#"{"from":"stdout","metrics":{"n":{"pointer":"/runs/0/n","better":"lower"}}}"#,
    )
    .expect("options");
    let text: Lines = serde_json::from_str(
        r#"{"pattern":"(?<file>[^:]*):(?<line>[0-9]+)(?<message>.*)","metrics":{}}"#,
    )
    .expect("options");
    let mut tests = Report::default();
    let mut counted = junit::Tests::default();
    let junit = counted
        .read(bytes, &places, &mut tests)
        .and_then(|()| counted.close(&mut tests));
    [
        sarif::read(bytes, &places),
        junit.map(|()| tests),
        checkstyle::read(bytes, "t", &places),
        json::read(bytes, &json.metrics),
        lines::read(bytes, &text, "t", &places),
    ]
}

fn told(report: Result<Report, String>) -> Vec<String> {
    match report {
        Ok(report) => report
            .findings
            .iter()
            .map(|f| format!("{} {} {}: {}", f.severity, f.rule, f.place, f.headline))
            .collect(),
        Err(problem) => vec![problem],
    }
}

#[test]
fn samples() {
    let [sarif, ..] = read(SARIF.as_bytes());
    assert_eq!(told(sarif), ["high t/A/1 src/a.py:2:1: has it"]);
    let [_, junit, ..] = read(JUNIT.as_bytes());
    assert_eq!(
        told(junit),
        ["high junit/failure test a.B::c: test c failed: no&A"]
    );
    let [_, _, checkstyle, ..] = read(CHECKSTYLE.as_bytes());
    assert_eq!(told(checkstyle), ["medium t/C src/a.py:1:9: m"]);
}

#[test]
fn reports_that_say_that_they_are_no_good() {
    fn check(change: (&str, &str), expected: &str) {
        let [sarif, ..] = read(SARIF.replace(change.0, change.1).as_bytes());
        assert_eq!(sarif.err().as_deref(), Some(expected));
    }
    check(("2.1.0", "2.0.0"), "its version is `2.0.0`, not `2.1.0`");
    check((":true", ":false"), "the run of `t` was not successful");
    check(
        ("\"results\"", "\"others\""),
        "the run of `t` has no results: the tool did not look",
    );
    check(("\"runs\"", "\"walks\""), "it holds no run");
    let [_, _, checkstyle, ..] = read(b"<html></html>");
    assert_eq!(
        checkstyle.err().as_deref(),
        Some("its root element is `html`, not `checkstyle`")
    );
    let deep = "<testsuite>".repeat(300);
    let [_, junit, ..] = read(deep.as_bytes());
    assert_eq!(
        junit.err().as_deref(),
        Some("its elements nest deeper than 256")
    );
    let wide: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain(CHECKSTYLE.encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let [_, _, checkstyle, ..] = read(&wide);
    assert_eq!(told(checkstyle), ["medium t/C src/a.py:1:9: m"]);
}

#[test]
fn a_torn_report_is_no_report() {
    for sample in [SARIF, JUNIT, CHECKSTYLE] {
        for end in 0..sample.len() {
            let [sarif, junit, checkstyle, ..] = read(&sample.as_bytes()[..end]);
            assert!(
                sarif.is_err() && junit.is_err() && checkstyle.is_err(),
                "{}",
                &sample[..end]
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&bytes);
    }

    #[test]
    fn mutated_samples(
        which in 0..3_usize,
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = [SARIF, JUNIT, CHECKSTYLE][which].as_bytes().to_vec();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = read(&bytes);
    }
}
