//! Holds the readers to their promise: totals as their formats define them, and no bytes that make them panic or pass for whole.

use proptest::prelude::*;

use super::super::model::{State, Totals};
use super::{LARGEST, Report, read};

const LCOV: &str = "TN:t\nSF:/r/src/a.ts\nFN:1,2,f(a, b)\nFNDA:3,f(a, b)\nFN:5,g\nFNDA:0,g\nDA:1,3,abc==\nDA:2,0\nDA:2,=====\nDA:5,1e3\nBRDA:1,0,0,1\nBRDA:1,e0,x(1, 2),-\nLF:99\nend_of_record\nSF:/r/src/a.ts\nDA:2,4\nDA:9,99999999999999999999999\nFNL:0,7,9\nFNA:0,0,one\nFNA:0,2,two\nMCDC:1,2,t,1,0,x\nend_of_record\n";
const COBERTURA: &str = "<?xml version='1.0'?><!DOCTYPE coverage SYSTEM 'http://nowhere/x.dtd'><coverage line-rate='1' lines-valid='9'><sources><source>/r/src</source></sources><packages><package><classes><class name='A' filename='a.py'><methods><method name='f' signature='()'><lines><line number='1' hits='2'/></lines></method></methods><lines><line number='1' hits='2' branch='True' condition-coverage='50% (1/2)'/><line number='2' hits='0'/></lines></class><class name='B' filename='a.py'><methods><method name='g' signature='()'><lines><line number='3' hits='0'/></lines></method></methods><lines/></class></classes></package></packages></coverage>";
const JACOCO: &str = "<report name='x'><group name='m'><group name='n'><package name='p/q'><class name='p/q/A' sourcefilename='A.java'><method name='f' desc='()V' line='3'><counter type='METHOD' missed='0' covered='1'/></method><method name='g' desc='()V' line='9'><counter type='METHOD' missed='1' covered='0'/></method></class><sourcefile name='A.java'><line nr='3' mi='1' ci='4' mb='1' cb='1'/><line nr='4' mi='2' ci='2' mb='0' cb='0'/><line nr='9' mi='3' ci='0' mb='0' cb='0'/></sourcefile></package></group></group></report>";
const CLOVER: &str = "<coverage generated='1' clover='3.2.0'><project><package name='p'><file name='a.js' path='/r/a.js'><metrics statements='2' coveredstatements='1' conditionals='3' coveredconditionals='2' methods='4' coveredmethods='3'/><line num='1' count='5' type='cond' truecount='2' falsecount='1'/><line num='2' count='0' type='stmt'/></file></package></project><testproject><file name='t.js'><line num='1' count='1' type='stmt'/></file></testproject></coverage>";
const GO: &str = "mode: set\nm/a.go:3.10,5.2 2 1\nm/a.go:5.2,7.20 1 0\nm/a.go:3.10,5.2 2 0\nmode: set\nm/a.go:5.2,7.20 1 0\n";
const LLVM: &str = r#"{"data":[{"files":[{"filename":"/r/m.rs","segments":[[1,1,4,true,true,false],[3,5,0,true,true,false],[4,2,4,true,false,false],[6,2,0,false,false,false]],"branches":[[3,5,3,9,4,0,0,0,4]],"summary":{}}],"functions":[{"name":"a","count":4,"regions":[[1,1,6,2,4,0,0,0]],"filenames":["/r/m.rs"]},{"name":"b","count":0,"regions":[[1,1,6,2,0,0,0,0]],"filenames":["/r/m.rs"]}],"totals":{}}],"type":"llvm.coverage.json.export","version":"2.0.1"}"#;
const ISTANBUL: &str = r#"{"/r/a.js":{"path":"/r/a.js","statementMap":{"0":{"start":{"line":1,"column":0},"end":{"line":1,"column":null}},"1":{"start":{"line":1,"column":5},"end":{"line":1,"column":9}},"2":{"start":{"line":2,"column":0},"end":{"line":3,"column":1}}},"s":{"0":0,"1":3,"2":0},"fnMap":{"0":{"name":"f","decl":{"start":{"line":1,"column":0},"end":{}},"loc":{}}},"f":{"0":1},"branchMap":{"0":{"type":"if","loc":{"start":{"line":2,"column":0},"end":{"line":3,"column":1}},"locations":[{"start":{"line":2},"end":{}},{"start":{},"end":{}}]}},"b":{"0":[1,0]}}}"#;
const SUMMARY: &str = r#"{"total":{"lines":{"total":9,"covered":9,"skipped":0,"pct":100}},"/r/a.js":{"lines":{"total":4,"covered":3,"skipped":0,"pct":75},"functions":{"total":2,"covered":1,"pct":50},"branches":{"total":0,"covered":0,"pct":100}}}"#;
const COVERAGE_PY: &str = r#"{"meta":{"format":3,"version":"7"},"files":{"src/a.py":{"executed_lines":[1,2],"missing_lines":[4],"excluded_lines":[],"executed_branches":[[2,4]],"missing_branches":[[2,-1]],"functions":{"":{"executed_lines":[1],"missing_lines":[]},"f":{"executed_lines":[2],"missing_lines":[4]},"g":{"executed_lines":[],"missing_lines":[]}}}},"totals":{}}"#;
const RESULT_SET: &str = r#"{"RSpec":{"coverage":{"/r/a.rb":{"lines":[null,1,0,"ignored"],"branches":{"[:if, 0, 2, 4, 3, 7]":{"[:then, 1, 2, 6, 2, 10]":1,"[:else, 2, 3, 6, 3, 10]":0}},"methods":{"[\"A\", :f, 2, 0, 3, 3]":1}},"/r/b.rb":[1,null]},"timestamp":1},"Minitest":{"coverage":{"/r/a.rb":{"lines":[null,0,2,null]}},"timestamp":2}}"#;
const OPENCOVER: &str = "\u{feff}<CoverageSession><Modules><Module skippedDueTo='Filter'/><Module><Files><File uid='7' fullPath='C:\\r\\A.cs'/></Files><Classes><Class><FullName>A</FullName><Methods><Method><Name>A::f()</Name><FileRef uid='7'/><SequencePoints><SequencePoint vc='2' sl='3' sc='1' el='4' ec='9' fileid='7'/><SequencePoint vc='0' sl='4' sc='10' el='4' ec='12' fileid='7'/><SequencePoint vc='1' sl='16707566' sc='0' el='16707566' ec='0' fileid='7'/></SequencePoints><BranchPoints><BranchPoint vc='1' ordinal='0' path='0' offset='1' sl='3' fileid='7'/><BranchPoint vc='0' ordinal='1' path='1' offset='1' sl='3' fileid='7'/></BranchPoints></Method></Methods></Class></Classes></Module></Modules></CoverageSession>";
const DOTCOVER: &str = "<Root CoveredStatements='1' TotalStatements='2' ReportType='DetailedXml'><FileIndices><File Index='1' Name='C:\\r\\A.cs'/></FileIndices><Assembly Name='x'><Type Name='A'><Method Name='f'><Statement FileIndex='1' Line='3' Column='1' EndLine='3' EndColumn='9' Covered='True'/><Statement FileIndex='1' Line='4' Column='1' EndLine='5' EndColumn='9' Covered='False'/></Method></Type></Assembly></Root>";

const SAMPLES: &[&str] = &[
    LCOV,
    COBERTURA,
    JACOCO,
    CLOVER,
    GO,
    LLVM,
    ISTANBUL,
    SUMMARY,
    COVERAGE_PY,
    RESULT_SET,
    OPENCOVER,
    DOTCOVER,
];

fn totals(report: &Report) -> Totals {
    let mut totals = Totals::default();
    for file in report.files.values() {
        totals.add(&file.totals());
    }
    totals
}

fn told(bytes: &[u8]) -> String {
    match read(bytes, LARGEST) {
        Err(why) => why,
        Ok(report) => {
            let all = totals(&report);
            let counts = [all.lines, all.branches, all.functions, all.statements];
            let counts = counts.map(|count| format!("{}/{}", count.covered, count.total));
            let flaws = report.flaws.told();
            let flaws = if flaws.is_empty() {
                String::new()
            } else {
                format!(" ! {}", flaws.join("; "))
            };
            format!("{} {}{flaws}", report.format, counts.join(" "))
        }
    }
}

#[track_caller]
fn check(report: impl AsRef<[u8]>, expected: &str) {
    assert_eq!(told(report.as_ref()), expected);
}

/// The states of the only file's lines: `1h 2m 3p`.
#[track_caller]
fn states(report: &str, expected: &str) {
    let report = read(report.as_bytes(), LARGEST).expect("a good report");
    let file = report.files.values().next().expect("a file");
    let lines = file.lines.keys().map(|&line| {
        let state = match file.state(line).expect("it can run") {
            State::Miss => 'm',
            State::Partial => 'p',
            State::Hit => 'h',
        };
        format!("{line}{state}")
    });
    assert_eq!(lines.collect::<Vec<_>>().join(" "), expected);
}

#[test]
fn every_format() {
    check(LCOV, "lcov 4/4 1/2 2/3 0/0");
    check(COBERTURA, "cobertura 1/3 1/2 1/2 0/0");
    check(JACOCO, "jacoco 2/3 1/2 1/2 0/0");
    check(CLOVER, "clover 1/2 2/3 3/4 1/2");
    check(GO, "go 2/5 0/0 0/0 2/3");
    check(LLVM, "llvm-cov 5/6 1/2 1/1 0/0");
    check(ISTANBUL, "istanbul 1/2 1/2 1/1 1/3");
    check(SUMMARY, "istanbul-summary 3/4 0/0 1/2 0/0");
    check(COVERAGE_PY, "coverage.py 2/3 1/2 1/1 0/0");
    check(RESULT_SET, "simplecov 3/3 1/2 1/1 0/0");
    check(OPENCOVER, "opencover 2/2 1/2 1/1 1/2");
    check(DOTCOVER, "dotcover 1/3 0/0 1/1 1/2");
}

#[test]
fn lines_of_every_kind() {
    states(LCOV, "1p 2h 5h 9h");
    states(JACOCO, "3p 4p 9m");
    states(GO, "3h 4h 5m 6m 7m");
    states(LLVM, "1h 2h 3p 4m 5h 6h");
    states(OPENCOVER, "3p 4p");
    states(COVERAGE_PY, "1h 2p 4m");
    let shared = "mode: set\na.go:1.1,2.9 1 1\na.go:2.9,3.9 1 0\n";
    states(shared, "1h 2p 3m");
}

#[test]
fn hits_that_are_none() {
    let with = |hits: &str| format!("SF:a\nDA:1,{hits}\nend_of_record\n");
    let flaw = "hits are negative or no number (line 2 of the report)";
    check(with("-1"), &format!("lcov 0/1 0/0 0/0 0/0 ! {flaw}"));
    check(with("x"), &format!("lcov 0/1 0/0 0/0 0/0 ! {flaw}"));
    check(with("NaN"), &format!("lcov 0/1 0/0 0/0 0/0 ! {flaw}"));
    check(with("18446744073709551616"), "lcov 1/1 0/0 0/0 0/0");
    check(with("0.0"), "lcov 0/1 0/0 0/0 0/0");
    let zero = "SF:a\nDA:0,5\nDA:4294967297,1\nend_of_record\n";
    check(
        zero,
        "lcov 0/0 0/0 0/0 0/0 ! a line has no number that a line can have (line 3 of the report); a line has the number 0 (line 2 of the report)",
    );
    check(
        "a.go:1.1,2.2 1 1\n",
        "it is in no format of coverage reports that is known here",
    );
    check(
        "mode: count\na.go:0.0,0.0 1 1\n",
        "go 0/0 0/0 0/0 0/0 ! a line has the number 0 (line 2 of the report)",
    );
    check(
        "mode: count\na.go:1.1,9999999.2 1 1\n",
        "go 1/1 0/0 0/0 1/1 ! a part of a file spans too many lines (in a.go)",
    );
}

#[test]
fn records_out_of_place() {
    check(
        "DA:1,1\nSF:a\nDA:2,1\nSF:b\nDA:1,0\n",
        "lcov 1/2 0/0 0/0 0/0 ! a record stands in no section (line 1 of the report); a section has no end (line 4 of the report); the report ends within a section: it is cut off (that of b)",
    );
    check("", "it is empty");
    check(" \n", "it is empty");
    check(
        "{}",
        "it is in no format of coverage reports that is known here",
    );
    check(
        "<html/>",
        "it is in no format of coverage reports that is known here",
    );
    check("<coverage line-rate='1'/>", "cobertura 0/0 0/0 0/0 0/0");
}

#[test]
fn clover_of_istanbul_and_of_clover() {
    let of = |version: &str, metrics: &str| {
        format!(
            "<coverage generated='1' clover='{version}'><project><file name='a'><metrics {metrics}/><line num='1' type='cond' truecount='5' falsecount='0'/></file></project></coverage>"
        )
    };
    check(of("4.4", ""), "clover 1/1 1/2 0/0 0/0");
    check(of("3.2.0", ""), "clover 1/1 5/5 0/0 0/0");
    check(
        of("3.2.0", "conditionals='2' coveredconditionals='1'"),
        "clover 1/1 1/2 0/0 0/0",
    );
    check(
        of("4.4", "conditionals='5' coveredconditionals='5'"),
        "clover 1/1 5/5 0/0 0/0",
    );
}

#[test]
fn encodings() {
    let wide = |unit: fn(u16) -> [u8; 2], mark: &[u8]| -> Vec<u8> {
        mark.iter()
            .copied()
            .chain(OPENCOVER[3..].encode_utf16().flat_map(unit))
            .collect()
    };
    check(
        wide(u16::to_le_bytes, &[0xff, 0xfe]),
        "opencover 2/2 1/2 1/1 1/2",
    );
    check(
        wide(u16::to_be_bytes, &[0xfe, 0xff]),
        "opencover 2/2 1/2 1/1 1/2",
    );
    check(wide(u16::to_le_bytes, &[]), "opencover 2/2 1/2 1/1 1/2");
    let latin = COBERTURA.replace(
        "<?xml version='1.0'?>",
        "<?xml version='1.0' encoding='ISO-8859-1'?>",
    );
    let latin: Vec<u8> = latin
        .bytes()
        .map(|b| if b == b'B' { 0xe9 } else { b })
        .collect();
    check(latin, "cobertura 1/3 1/2 1/2 0/0");
    check(
        b"SF:\xff\nDA:1,1\nend_of_record\n",
        "lcov 1/1 0/0 0/0 0/0 ! bytes are no text in the encoding that it should have (1 of them)",
    );
}

#[test]
fn packed() {
    use std::io::Write as _;
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(LCOV.as_bytes()).expect("a Vec takes all");
    let bytes = packer.finish().expect("a Vec takes all");
    check(&bytes, "lcov 4/4 1/2 2/3 0/0");
    check(
        &bytes[..bytes.len() - 4],
        "it cannot be read: unexpected end of file",
    );
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    bomb.write_all(&vec![b'\n'; 1 << 20])
        .expect("a Vec takes all");
    let bomb = bomb.finish().expect("a Vec takes all");
    assert_eq!(
        read(bomb.as_slice(), 1 << 10).err().as_deref(),
        Some("it is larger than 1024 bytes")
    );
}

#[test]
fn hostile_xml_and_json() {
    let entities = "<!DOCTYPE coverage [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;'><!ENTITY x SYSTEM 'file:///etc/passwd'>]><coverage line-rate='1'><packages><package><classes><class filename='&x;'><lines><line number='1' hits='1'/></lines></class></classes></package></packages>&b;</coverage>";
    let report = read(entities.as_bytes(), LARGEST).expect("it is well formed");
    assert_eq!(
        report.files.keys().next().map(|name| name.path.as_str()),
        Some("&x;")
    );
    let deep = format!("<coverage line-rate='1'>{}", "<a>".repeat(400));
    check(
        deep,
        "as a cobertura report: its elements nest deeper than 256",
    );
    let deep = format!("{{\"data\":[{{\"files\":[],\"x\":{}", "[".repeat(100_000));
    check(deep, "as a llvm-cov report: it ends early");
    let deep = format!("{{\"data\":{}", "[".repeat(100_000));
    let deep = told(deep.as_bytes());
    assert!(
        deep.contains("recursion limit exceeded") || deep.contains("no format"),
        "{deep}"
    );
    let long = format!("SF:{}\n", "a".repeat(17 << 20));
    check(
        long,
        "as a lcov report: a piece of it is longer than 16777216 bytes",
    );
    let long = format!("{{\"meta\":{{}},\"files\":{{\"{}", "a".repeat(17 << 20));
    check(
        long,
        "as a coverage.py report: a string in it is longer than 16777216 bytes",
    );
}

#[test]
fn a_report_that_is_cut_off_is_never_whole() {
    for sample in SAMPLES.iter().filter(|sample| ![LCOV, GO].contains(sample)) {
        for end in 0..sample.len() {
            if let Ok(report) = read(&sample.as_bytes()[..end], LARGEST) {
                panic!(
                    "{} is read from {}",
                    report.format,
                    String::from_utf8_lossy(&sample.as_bytes()[..end])
                );
            }
        }
    }
    for end in 0..LCOV.len() {
        let whole =
            LCOV[..end].ends_with("end_of_record") || LCOV[..end].ends_with("end_of_record\n");
        if let Ok(report) = read(&LCOV.as_bytes()[..end], LARGEST) {
            let is_blank = totals(&report) == Totals::default();
            assert!(
                whole || is_blank || report.flaws.count() > 0,
                "{}",
                &LCOV[..end]
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(bytes.as_slice(), LARGEST);
    }

    #[test]
    fn mutated_samples(
        which in 0..SAMPLES.len(),
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = SAMPLES[which].as_bytes().to_vec();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(report) = read(bytes.as_slice(), LARGEST) {
            let all = totals(&report);
            for count in [all.lines, all.branches, all.functions, all.statements] {
                prop_assert!(count.covered <= count.total);
            }
        }
    }
}
