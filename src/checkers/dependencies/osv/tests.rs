//! The traps of the format, each with the record that shows it.

use super::advisory::{Advisory, Class};
use super::affected::{Asked, Judged};
use super::record::Record;
use crate::checkers::dependencies::inventory::Ecosystem;
use crate::model::rule::Severity;

/// What the only package of a record is told.
fn advisory(record: &str) -> (Ecosystem, Advisory) {
    let record = Record::of_json(record.as_bytes()).expect("a record");
    let (ecosystem, _, advisory) = Advisory::of(&record).remove(0);
    (ecosystem, advisory)
}

fn record(ecosystem: &str, entry: &str) -> String {
    format!(
        r#"{{"id": "X-1", "modified": "2026-01-01T00:00:00Z",
            "affected": [{{"package": {{"ecosystem": "{ecosystem}", "name": "a"}}, {entry}}}]}}"#
    )
}

/// `yes`, `listed`, `unknown` and `no` are followed by versions.
fn check(ecosystem: &str, entry: &str, expected: &str) {
    let (ecosystem, advisory) = advisory(&record(ecosystem, entry));
    let mut wanted = Judged::No;
    for word in expected.split_whitespace() {
        wanted = match word {
            "yes" => Judged::Yes,
            "listed" => Judged::Listed,
            "unknown" => Judged::Unknown,
            "no" => Judged::No,
            version => {
                let found = advisory.judge(ecosystem, &Asked::new(ecosystem, version));
                assert_eq!(found, wanted, "{version} by {entry}");
                wanted
            }
        };
    }
}

fn range(kind: &str, events: &str) -> String {
    let events: Vec<String> = events
        .split_whitespace()
        .map(|event| {
            let (name, version) = event.split_once('=').expect("NAME=VERSION");
            format!(r#"{{"{name}": "{version}"}}"#)
        })
        .collect();
    format!(r#"{{"type": "{kind}", "events": [{}]}}"#, events.join(", "))
}

fn ranges(ranges: &[String]) -> String {
    format!(r#""ranges": [{}]"#, ranges.join(", "))
}

#[test]
fn ranges_are_walked_in_order() {
    let semver = |events: &str| ranges(&[range("SEMVER", events)]);
    check(
        "crates.io",
        &semver("introduced=0.0.0-0 fixed=1.2.0"),
        "yes 0.0.1 1.2.0-rc.1 no 1.2.0 1.3.0",
    );
    // Not in order, and with more than one interval.
    check(
        "Go",
        &semver("fixed=2.1.0 introduced=2.0.0 fixed=1.2.0 introduced=0"),
        "yes v1.1.0 v2.0.5 no v1.2.0 v1.9.0 v2.1.0 v2.0.0-20200101000000-abcdefabcdef",
    );
    check(
        "npm",
        &semver("introduced=1.0.0 last_affected=1.4.0"),
        "yes 1.4.0 no 0.9.0 1.4.1",
    );
    check(
        "npm",
        &semver("introduced=0 limit=2.0.0"),
        "yes 1.0.0 no 2.0.0",
    );
    check("npm", &semver("introduced=0"), "yes 1.0.0 latest");
    check(
        "npm",
        &semver("introduced=1.0.0 fixed=1.1.0"),
        "unknown latest",
    );
    check(
        "npm",
        &semver("introduced=1.0.0 fixed=someday"),
        "unknown 1.0.0",
    );
    // What is new in the format is passed over.
    check(
        "npm",
        &semver("introduced=0 fixed=1.0.0 revoked=0.5.0"),
        "yes 0.5.0 no 1.0.0",
    );
}

#[test]
fn a_range_of_commits_hides_nothing() {
    let git = range("GIT", "introduced=0");
    let other = range("MOON_PHASE", "introduced=0");
    let ecosystem = range("ECOSYSTEM", "introduced=1.0 fixed=2.0");
    check(
        "PyPI",
        &ranges(&[git.clone(), other, ecosystem]),
        "yes 1.5 2.0rc1 no 2.0 0.1",
    );
    check("PyPI", &ranges(&[git]), "unknown 1.5");
    check("PyPI", r#""versions": []"#, "unknown 1.5");
}

#[test]
fn listed_versions() {
    check(
        "PyPI",
        r#""versions": ["1.0", "0.1-bulbasaur"]"#,
        "yes 1.0.0 0.1-bulbasaur no 1.1 0.2-ivysaur",
    );
    let both = format!(
        r#"{}, "versions": ["1.0", "2.0"]"#,
        ranges(&[range("ECOSYSTEM", "introduced=0 fixed=2.0")])
    );
    check("PyPI", &both, "yes 1.0 1.5 listed 2.0 no 2.1");
}

#[test]
fn the_last_known_version_bounds_what_has_no_fix() {
    let entry = |events: &str| {
        format!(
            r#"{}, "database_specific": {{"last_known_affected_version_range": "< 0.20.2"}}"#,
            ranges(&[range("SEMVER", events)])
        )
    };
    check("npm", &entry("introduced=0"), "yes 0.18.5 no 0.20.2 0.20.3");
    check(
        "npm",
        &entry("introduced=0 fixed=0.21.0"),
        "yes 0.20.3 no 0.21.0",
    );
}

#[test]
fn severity_and_class() {
    let check = |more: &str, class: Class, severity: Option<Severity>| {
        let text = record("npm", r#""versions": ["1.0.0"]"#).replace(
            r#""id": "X-1""#,
            &format!(r#""id": "X-1", "nobody": {{"knows": [1, null]}}, "aliases": null {more}"#),
        );
        let (_, advisory) = advisory(&text);
        assert_eq!(
            (advisory.class, advisory.severity()),
            (class, severity),
            "{more}"
        );
    };
    let v3 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
    let v4 = "CVSS:4.0/AV:L/AC:H/AT:P/PR:H/UI:A/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N";
    check("", Class::Vulnerability, None);
    check(
        r#", "database_specific": {"severity": "MODERATE"}"#,
        Class::Vulnerability,
        Some(Severity::Medium),
    );
    // The newest version of CVSS decides, not the highest score.
    check(
        &format!(
            r#", "severity": [{{"type": "CVSS_V4", "score": "{v4}"}}, {{"type": "CVSS_V3", "score": "{v3}"}}]"#
        ),
        Class::Vulnerability,
        Some(Severity::Low),
    );
    check(
        r#", "severity": [{"type": "Ubuntu", "score": "low"}], "database_specific": {"severity": 7}"#,
        Class::Vulnerability,
        None,
    );
    let informational = r#""versions": ["1"], "database_specific": {"informational": "unsound"}"#;
    let (_, unsound) = advisory(&record("crates.io", informational));
    assert_eq!(unsound.class, Class::Unsound);
    let malware = record("npm", r#""versions": ["1.0.0"]"#).replace("X-1", "MAL-2026-1");
    let (_, malware) = advisory(&malware);
    assert_eq!(malware.class, Class::Malware);
    assert_eq!(malware.severity(), Some(Severity::Critical));
}

#[test]
fn what_is_no_record_is_an_error() {
    for text in [
        "",
        "{",
        "[]",
        "null",
        r#"{"id": ""}"#,
        r#"{"id": "X"}"#,
        r#"{"affected": []}"#,
    ] {
        assert!(Record::of_json(text.as_bytes()).is_err(), "{text}");
    }
    let yaml = "id: PYSEC-1\nmodified: 2021-01-01T00:00:00+00:00\naffected:\n- package: {name: A.b, ecosystem: PyPI}\n  versions: [1.10, '1']\n";
    let record = Record::of_yaml(yaml).expect("a record");
    let (_, name, advisory) = Advisory::of(&record).remove(0);
    assert_eq!(
        (&*name, &*advisory.affected[0].versions),
        ("a-b", &["1.10".to_owned(), "1".to_owned()][..])
    );
}
