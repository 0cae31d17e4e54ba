//! Owns readers of the formats: general parsers, and the rules that each format's reader has.

use std::collections::{BTreeMap, BTreeSet};

use qgate::base::path::RepoPath;
use qgate::model::gate::Level;
use qgate::model::outcome::{GateOutcome, Verdict};
use qgate::model::report::Report;
use qgate::report::found;
use quick_xml::XmlVersion;
use quick_xml::events::Event;
use serde_json::Value;

/// Reads JSON; no key may come twice, which the parser would let pass.
pub fn json(output: &str) -> Value {
    serde_json::from_str(output).unwrap_or_else(|problem| panic!("{problem}\n{output}"))
}

fn keys(value: &Value) -> BTreeSet<&str> {
    let map = value
        .as_object()
        .unwrap_or_else(|| panic!("{value} is no object"));
    map.keys().map(String::as_str).collect()
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

/// The rules of SARIF 2.1.0 and of GitHub's code scanning.
pub fn sarif(report: &Report, output: &str) {
    let log = json(output);
    assert_eq!(log["version"], "2.1.0");
    let [run] = list(&log, "runs") else {
        panic!("one run");
    };
    let rules = list(&run["tool"]["driver"], "rules");
    let ids: BTreeSet<&str> = rules
        .iter()
        .filter_map(|rule| rule["id"].as_str())
        .collect();
    assert_eq!(ids.len(), rules.len(), "rule ids are unique");
    for rule in rules {
        let text = |pointer: &str| {
            rule.pointer(pointer)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        for pointer in ["/shortDescription/text", "/fullDescription/text"] {
            let length = text(pointer).chars().count();
            assert!((1..=1024).contains(&length), "{pointer} of {rule}");
        }
        assert!(!text("/help/text").is_empty() && text("/name").chars().count() <= 255);
        assert!(list(&rule["properties"], "tags").len() <= 10);
        if let Some(score) = rule["properties"]["security-severity"].as_str() {
            let score: f64 = score.parse().expect("a number as text");
            assert!((0.1..=10.0).contains(&score));
        }
    }
    let category = run["automationDetails"]["id"].as_str().expect("an id");
    assert!(
        category.starts_with("qgate/") && category.ends_with('/'),
        "{category}"
    );
    let mut states = BTreeSet::new();
    for result in list(run, "results") {
        let index = result["ruleIndex"].as_u64().expect("an index");
        let rule = &rules[usize::try_from(index).expect("small")];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().expect("a level")));
        assert!(
            !result["message"]["text"]
                .as_str()
                .expect("a text")
                .contains("](")
        );
        let [location] = list(result, "locations") else {
            panic!("one location: {result}");
        };
        let place = &location["physicalLocation"];
        let path = relative_uri(place["artifactLocation"]["uri"].as_str().expect("a uri"));
        let number = |name: &str| place["region"][name].as_u64().expect("a number");
        let start = (number("startLine"), number("startColumn"));
        let end = (number("endLine"), number("endColumn"));
        assert!(
            start >= (1, 1) && start.1 >= 1 && end.1 >= 1 && end >= start,
            "{place}"
        );
        let prints = &result["partialFingerprints"];
        assert!(keys(prints).contains("qgate/v1"), "{result}");
        let line = u32::try_from(start.0).expect("a line");
        let hash = report.line_hashes.get(&(path, line));
        let told = prints["primaryLocationLineHash"].as_str();
        assert_eq!(told, hash.map(String::as_str));
        states.insert(result["baselineState"].as_str());
    }
    assert!(states.len() < 2 || !states.contains(&None), "{states:?}");
    let results = list(run, "results").len();
    assert_eq!(results, found::with_known(report).len());
    let invocation = &run["invocations"][0];
    let unknown = report
        .gates
        .iter()
        .any(|gate| gate.outcome == GateOutcome::Unknown);
    let judged = !unknown && report.verdict != Verdict::Unknown;
    assert_eq!(invocation["executionSuccessful"], judged);
    let notes = invocation["toolExecutionNotifications"].to_string();
    let told = |text: &str| {
        let quoted = Value::String(text.to_owned()).to_string();
        notes.contains(quoted.trim_matches('"'))
    };
    assert!(report.notices.iter().all(|notice| told(notice)), "{notes}");
}

/// RFC 3986: a relative reference of path segments, without a scheme. Gives the path.
fn relative_uri(uri: &str) -> RepoPath {
    let bytes = uri.as_bytes();
    let mut path = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'%' => {
                let byte = uri.get(at + 1..at + 3);
                let byte = byte.and_then(|hex| u8::from_str_radix(hex, 16).ok());
                path.push(byte.unwrap_or_else(|| panic!("{uri}: a lone %")));
                at += 2;
            }
            b if b.is_ascii_alphanumeric() || b"-._~/".contains(&b) => path.push(b),
            b => panic!("{uri}: 0x{b:02x}"),
        }
        at += 1;
    }
    RepoPath::new(path).unwrap_or_else(|| panic!("{uri} is no relative path"))
}

/// What GitLab documents of a Code Quality report.
pub fn gitlab(output: &str) {
    let entries = json(output);
    let entries = entries.as_array().expect("an array");
    let mut prints = BTreeSet::new();
    for entry in entries {
        let wanted = [
            "check_name",
            "description",
            "fingerprint",
            "location",
            "severity",
        ];
        assert_eq!(keys(entry), BTreeSet::from(wanted));
        let severity = entry["severity"].as_str().expect("a text");
        assert!(["info", "minor", "major", "critical", "blocker"].contains(&severity));
        let path = entry["location"]["path"].as_str().expect("a path");
        assert!(!path.is_empty() && !path.starts_with("./") && !path.starts_with('/'));
        assert!(entry["location"]["lines"]["begin"].as_u64() >= Some(1));
        let print = entry["fingerprint"].as_str().expect("a text");
        assert!(
            !print.is_empty() && prints.insert(print),
            "{print} comes twice"
        );
    }
}

/// An element with its attributes and how deep it stands.
struct Element {
    name: String,
    depth: usize,
    attributes: BTreeMap<String, String>,
}

impl Element {
    fn number(&self, name: &str) -> usize {
        self.attributes[name].parse().expect("a number")
    }
}

/// Reads XML: well formed, only characters that XML 1.0 has.
fn xml(output: &str) -> Vec<Element> {
    let mut reader = quick_xml::Reader::from_str(output);
    let mut elements = Vec::new();
    let mut depth = 0;
    loop {
        let event = reader
            .read_event()
            .unwrap_or_else(|problem| panic!("{problem}\n{output}"));
        let (start, opens) = match &event {
            Event::Start(start) => (start, true),
            Event::Empty(start) => (start, false),
            Event::End(_) => {
                depth -= 1;
                continue;
            }
            Event::Eof => break,
            Event::GeneralRef(reference) => {
                if let Some(c) = reference.resolve_char_ref().expect("a reference") {
                    legal(c);
                }
                continue;
            }
            _ => continue,
        };
        let mut attributes = BTreeMap::new();
        for attribute in start.attributes() {
            let attribute = attribute.unwrap_or_else(|problem| panic!("{problem}\n{output}"));
            let value = attribute
                .normalized_value(XmlVersion::Explicit1_0)
                .expect("references");
            value.chars().for_each(legal);
            let name = attribute.key.as_ref().to_owned();
            attributes.insert(name, value.into_owned());
        }
        let name = start.name().as_ref().to_owned();
        elements.push(Element {
            name,
            depth,
            attributes,
        });
        depth += usize::from(opens);
    }
    assert_eq!(depth, 0, "{output}");
    elements
}

fn legal(c: char) {
    let is_legal = matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    assert!(is_legal, "{c:?} is no character of XML 1.0");
}

/// What readers of `JUnit` take for granted: counts that add up, and each gate's end in the right class.
pub fn junit(report: &Report, output: &str) {
    let elements = xml(output);
    assert_eq!(
        (elements[0].name.as_str(), elements[0].depth),
        ("testsuites", 0)
    );
    let count =
        |elements: &[Element], name: &str| elements.iter().filter(|e| e.name == name).count();
    let suites: Vec<&[Element]> = elements[1..]
        .chunk_by(|_, next| next.name != "testsuite")
        .collect();
    let mut of_gates: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for suite in suites
        .into_iter()
        .filter(|suite| suite[0].name == "testsuite")
    {
        for (name, attribute) in [
            ("testcase", "tests"),
            ("failure", "failures"),
            ("error", "errors"),
            ("skipped", "skipped"),
        ] {
            assert_eq!(
                suite[0].number(attribute),
                count(suite, name),
                "{attribute}\n{output}"
            );
        }
        for case in suite[1..].chunk_by(|_, next| next.name != "testcase") {
            let ended = case[1..]
                .iter()
                .map(|e| e.name.as_str())
                .find(|name| *name != "system-out");
            let class = &case[0].attributes.get("classname");
            if case[0].name == "testcase" && class.is_none_or(|class| class != "qgate.qgate") {
                of_gates
                    .entry(ended.unwrap_or("passed"))
                    .or_default()
                    .push(&case[0].attributes["name"]);
            }
        }
    }
    for (name, attribute) in [
        ("testcase", "tests"),
        ("failure", "failures"),
        ("error", "errors"),
    ] {
        assert_eq!(
            elements[0].number(attribute),
            count(&elements, name),
            "{attribute}"
        );
    }
    let decided = report.verdict != Verdict::Pass;
    let shown = count(&elements, "failure") + count(&elements, "error");
    assert!(
        !decided || shown > 0,
        "a run that did not pass is green\n{output}"
    );
    let advisory = report
        .gates
        .iter()
        .filter(|gate| gate.level == Level::Advisory)
        .count();
    assert!(
        shown <= report.gates.len() - advisory + 1,
        "an advisory gate is red\n{output}"
    );
    let gates: usize = of_gates.values().map(Vec::len).sum();
    assert_eq!(
        gates,
        report
            .gates
            .iter()
            .filter(|gate| gate.component != "qgate")
            .count()
    );
}

/// What readers of checkstyle take for granted.
pub fn checkstyle(report: &Report, output: &str) {
    let elements = xml(output);
    assert_eq!(
        (elements[0].name.as_str(), elements[0].depth),
        ("checkstyle", 0)
    );
    let mut names = BTreeSet::new();
    let mut errors = 0;
    for element in &elements[1..] {
        match (element.name.as_str(), element.depth) {
            ("file", 1) => assert!(names.insert(&element.attributes["name"]), "a file twice"),
            ("error", 2) => {
                let severity = element.attributes["severity"].as_str();
                assert!(["error", "warning", "info"].contains(&severity));
                assert!(element.attributes.contains_key("message"));
                assert!(!element.attributes.contains_key("line") || element.number("line") >= 1);
                errors += 1;
            }
            (name, depth) => panic!("<{name}> at depth {depth}"),
        }
    }
    assert!(errors >= found::all(report).len() + report.notices.len());
}

/// The frame of the Markdown report: a marker, one heading, tables whose rows all have their columns.
pub fn markdown(report: &Report, output: &str) {
    assert!(output.len() <= 60_000, "{} bytes", output.len());
    let first = output.lines().next().unwrap_or_default();
    assert!(
        first.starts_with("<!-- qgate:") && first.ends_with(" -->"),
        "{first}"
    );
    assert_eq!(first.matches("--").count(), 2, "{first}");
    assert!(output.contains(&format!("\n## qgate: {}\n", report.verdict)));
    let mut columns = 5;
    for line in output.lines().skip(1) {
        if line.starts_with("###") {
            columns = if line == "### Waived" { 6 } else { 5 };
        } else if line.starts_with("<details>") {
            columns = 5;
        }
        let known = line.is_empty()
            || [
                "## qgate: ",
                "### Gates",
                "### Findings",
                "### Notices",
                "### Waived",
                "- ",
                "| ",
                "|---",
                "stage ",
                "score ",
                "no score",
                "And ",
                "(a part ",
                "<details><summary>",
                "</details>",
            ]
            .iter()
            .any(|start| line.starts_with(start));
        let passed = line.trim_start_matches(|c: char| c.is_ascii_digit());
        let passed = passed.starts_with(" gate passed: ") || passed.starts_with(" gates passed: ");
        assert!(known || passed, "{line}");
        let own = [
            "<br>",
            "&#",
            "<details><summary>",
            "</summary>",
            "</details>",
        ];
        let html = own
            .iter()
            .fold(line.to_owned(), |line, own| line.replace(own, ""));
        assert!(
            !html.contains(['<', '>', '&', '`', '@', '[', ']', '\\']),
            "{line}"
        );
        if line.starts_with('|') {
            assert_eq!(line.matches('|').count(), columns + 1, "{line}");
        }
    }
}
