//! Every format of a report, read again by readers that know its rules and nothing of how it was written; what the
//! documentation shows is real.

#[path = "formats/docs.rs"]
mod docs;
#[path = "formats/logs.rs"]
mod logs;
#[path = "formats/peers.rs"]
mod peers;
#[path = "formats/program.rs"]
mod program;
#[path = "formats/properties.rs"]
mod properties;
#[path = "formats/readers.rs"]
mod readers;
#[path = "formats/sample.rs"]
mod sample;

use qgate::model::report::Report;
use qgate::report::text::{Detail, TextOptions};
use qgate::report::{azure, checkstyle, github, gitlab, json, junit, markdown, sarif, text};

/// The root that reports are made for.
const ROOT: &str = "/home/a/repo";

/// Every format by its name.
const NAMES: [&str; 9] = [
    "text",
    "json",
    "sarif",
    "junit",
    "github",
    "gitlab",
    "azure",
    "checkstyle",
    "markdown",
];

/// The report in the format of this name.
fn render(format: &str, report: &Report) -> String {
    let options = TextOptions {
        width: 100,
        max_findings: 3,
        detail: Detail::Normal,
    };
    match format {
        "text" => text::render(report, options),
        "json" => json::render(report),
        "sarif" => sarif::render(report),
        "junit" => junit::render(report),
        "github" => github::render(report, options),
        "gitlab" => gitlab::render(report),
        "azure" => azure::render(report, options, ROOT),
        "checkstyle" => checkstyle::render(report),
        "markdown" => markdown::render(report, markdown::COMMENT),
        _ => panic!("no format `{format}`"),
    }
}

/// Renders a report in every format and reads each again; says what is wrong with it.
fn check(report: &Report) {
    for format in NAMES {
        let output = render(format, report);
        let foreign = output
            .bytes()
            .position(|b| !matches!(b, b'\n' | b' '..=b'~'));
        assert_eq!(foreign, None, "{format} is not ASCII: {output:?}");
        assert!(output.ends_with('\n'), "{format}");
        match format {
            "sarif" => readers::sarif(report, &output),
            "junit" => {
                readers::junit(report, &output);
                peers::junit(report, &output);
            }
            "gitlab" => readers::gitlab(&output),
            "checkstyle" => {
                readers::checkstyle(report, &output);
                peers::checkstyle(report, &output);
            }
            "markdown" => {
                readers::markdown(report, &output);
                peers::markdown(report, &output);
            }
            "json" => drop(readers::json(&output)),
            _ => {}
        }
        let commands = logs::github(&output);
        if format == "github" {
            logs::annotations(report, &commands);
        } else {
            assert_eq!(commands, [], "{format} as a log of GitHub Actions");
        }
        let commands = logs::azure(&output);
        if format == "azure" {
            logs::issues(report, &commands);
        } else {
            assert_eq!(commands, [], "{format} as a log of Azure Pipelines");
        }
    }
}

#[test]
fn a_report_with_something_of_everything() {
    check(&sample::report());
}

#[test]
fn every_format_tells_who_waived_what_and_why() {
    let report = sample::report();
    for format in NAMES {
        let output = render(format, &report);
        let output: Vec<&str> = output.split_whitespace().collect();
        let output = output.join(" ");
        for part in [
            "trailing-whitespace in docs",
            "the tables are generated",
            "ann",
            "2026-12-01",
        ] {
            assert!(
                output.contains(part),
                "{format} does not tell `{part}`\n{output}"
            );
        }
    }
}

#[test]
fn a_report_of_nothing() {
    check(&sample::empty());
}
