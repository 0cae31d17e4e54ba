//! Owns the reading of reports by parsers that others wrote and use: each tells what the report has, to the letter.

use junit_parser::{TestCase, TestStatus, TestSuites};
use pulldown_cmark::{Event, Options, Parser, Tag};
use qgate::base::ascii;
use qgate::model::outcome::{GateOutcome, Verdict};
use qgate::model::report::{GateReport, Report};
use qgate::report::found::{self, Weight};
use roxmltree::{Document, Node};

/// What XML tells of a raw text: the text, but for what no XML can hold.
fn told(text: &str) -> String {
    let is_legal = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    let one = |c: char| {
        if is_legal(c) {
            c.to_string()
        } else {
            ascii::escape(&c.to_string()).into_owned()
        }
    };
    text.chars().map(one).collect()
}

fn parse(output: &str) -> Document<'_> {
    Document::parse(output).unwrap_or_else(|problem| panic!("{problem}\n{output}"))
}

fn attribute<'a>(node: Node<'a, '_>, name: &str) -> &'a str {
    node.attribute(name).unwrap_or_default()
}

/// How the test case of a gate has to end.
fn end(gate: &GateReport) -> &'static str {
    let decides = Weight::of_gate(gate) == Weight::Error;
    match gate.outcome {
        GateOutcome::Failed | GateOutcome::NeedsApproval if decides => "failure",
        GateOutcome::Unknown if decides => "error",
        GateOutcome::Unknown
        | GateOutcome::Bypassed
        | GateOutcome::Approved
        | GateOutcome::NotApplicable
        | GateOutcome::NotConfigured => "skipped",
        _ => "passed",
    }
}

fn ended(case: &TestCase) -> &'static str {
    match case.status {
        TestStatus::Success => "passed",
        TestStatus::Error(_) => "error",
        TestStatus::Failure(_) => "failure",
        TestStatus::Skipped(_) => "skipped",
    }
}

/// `junit-parser` counts what the report counts and ends each gate as it ended; `roxmltree` finds every word.
pub fn junit(report: &Report, output: &str) {
    let suites: TestSuites = junit_parser::from_reader(output.as_bytes())
        .unwrap_or_else(|problem| panic!("{problem}\n{output}"));
    let cases: Vec<&TestCase> = suites
        .suites
        .iter()
        .flat_map(|suite| &suite.cases)
        .collect();
    let of = |end: &str| cases.iter().filter(|case| ended(case) == end).count() as u64;
    let counted = (suites.tests, suites.failures, suites.errors);
    assert_eq!(counted, (cases.len() as u64, of("failure"), of("error")));
    for suite in &suites.suites {
        let of = |end: &str| suite.cases.iter().filter(|case| ended(case) == end).count() as u64;
        let counted = (suite.tests, suite.failures, suite.errors, suite.skipped);
        let cases = suite.cases.len() as u64;
        assert_eq!(counted, (cases, of("failure"), of("error"), of("skipped")));
    }
    let document = parse(output);
    let cases: Vec<Node<'_, '_>> = document
        .descendants()
        .filter(|node| node.has_tag_name("testcase"))
        .collect();
    for gate in &report.gates {
        let (id, class) = (told(&gate.id), format!("qgate.{}", told(&gate.component)));
        let mut own = cases.iter().filter(|case| {
            attribute(**case, "name") == id && attribute(**case, "classname") == class
        });
        let is_same = |case: &&Node<'_, '_>| {
            let ended = case.children().find(roxmltree::Node::is_element);
            let ended = ended.map_or("passed", |node| node.tag_name().name());
            let text: String = case.descendants().filter_map(|node| node.text()).collect();
            let ended = if ended == "system-out" {
                "passed"
            } else {
                ended
            };
            let findings = gate.checks.iter().flat_map(|check| &check.findings);
            let mut findings = findings.filter(|finding| finding.counts()).take(100);
            ended == end(gate)
                && gate
                    .reasons
                    .iter()
                    .all(|reason| text.contains(&told(reason)))
                && findings.all(|finding| text.contains(&told(&finding.headline)))
        };
        assert!(own.any(|case| is_same(&case)), "{id} is not told\n{output}");
    }
}

/// `roxmltree` finds every finding under its file, with its text and rule.
pub fn checkstyle(report: &Report, output: &str) {
    let document = parse(output);
    let files: Vec<Node<'_, '_>> = document
        .root_element()
        .children()
        .filter(|node| node.has_tag_name("file"))
        .collect();
    for found in found::all(report) {
        let finding = found.finding;
        let name = match finding.place.path() {
            Some(path) => {
                String::from_utf8(path.as_bytes().to_vec()).unwrap_or_else(|_| path.to_string())
            }
            None => "qgate".to_owned(),
        };
        let mut own = files
            .iter()
            .filter(|file| attribute(**file, "name") == told(&name));
        let (text, rule) = (told(&finding.headline), told(&finding.rule));
        let is_told = own.any(|file| {
            file.children().any(|error| {
                attribute(error, "message").contains(&text)
                    && attribute(error, "source") == format!("qgate.{rule}")
            })
        });
        assert!(is_told, "{finding:?} is not told\n{output}");
    }
}

/// `pulldown-cmark`, with every extension but those of typography, sees only what qgate writes: tables, headings, lists,
/// line breaks, what can be folded, and the comment at the start; and each text is the one that was put there.
pub fn markdown(report: &Report, output: &str) {
    let options = Options::all() - Options::ENABLE_SMART_PUNCTUATION;
    let mut texts = vec![String::new()];
    for (event, at) in Parser::new_ext(output, options).into_offset_iter() {
        let source = &output[at];
        match event {
            Event::Html(text) => {
                let own = ["<!-- qgate:", "<details><summary>", "</details>"];
                let is_own = own.iter().any(|own| text.starts_with(own));
                assert!(is_own && text.lines().count() == 1, "{text}");
            }
            Event::InlineHtml(text) => assert_eq!(text.as_ref(), "<br>"),
            Event::Start(
                Tag::Paragraph
                | Tag::Heading { .. }
                | Tag::HtmlBlock
                | Tag::List(_)
                | Tag::Item
                | Tag::Table(_)
                | Tag::TableHead
                | Tag::TableRow
                | Tag::TableCell,
            ) => texts.push(String::new()),
            Event::Start(Tag::Strong) | Event::End(_) | Event::SoftBreak => {}
            Event::Text(text) => texts.last_mut().expect("it has one").push_str(&text),
            other => panic!("{other:?} in {source}"),
        }
    }
    // The zero-width spaces are qgate's: those of a report are escaped.
    let texts: Vec<String> = texts.iter().map(|t| t.replace('\u{200b}', "")).collect();
    let has = |text: &str| texts.iter().any(|t| t.contains(text.trim()));
    if output.contains(": the log tells them") {
        return;
    }
    for found in found::all(report) {
        let text = ascii::escape(&found.finding.headline);
        assert!(
            text.len() > 300 || has(&text),
            "{text}\nis not told in\n{output}"
        );
    }
    let mut gates = report.gates.iter();
    assert!(gates.all(|gate| has(&ascii::escape(&gate.id))), "{output}");
    let failed = report.verdict != Verdict::Pass && !report.gates.is_empty();
    let words = ["FAIL", "needs approval", "unknown"];
    assert!(!failed || texts.iter().any(|text| words.contains(&text.as_str())));
}
