//! Owns what CI systems do with the lines of a log: which of them they take for commands, by the rules of their runners.

use std::collections::{BTreeMap, BTreeSet};

use qgate::model::report::Report;

/// A command that a runner would execute.
#[derive(Debug, PartialEq, Eq)]
pub struct Command {
    name: String,
    properties: BTreeMap<String, String>,
    data: String,
}

impl Command {
    fn read(name: &str, properties: &str, separator: char, data: &str, undo: Undo) -> Self {
        let pairs = properties.split(separator).filter_map(|pair| {
            let (name, value) = pair.trim_start().split_once('=')?;
            Some((name.to_owned(), undo(value)))
        });
        Self {
            name: name.to_owned(),
            properties: pairs.collect(),
            data: undo(data),
        }
    }
}

type Undo = fn(&str) -> String;

/// What GitHub's runner executes: `::name properties::data` at the start of a line, spaces aside, and `##[name]data`
/// anywhere in it; nothing between `::stop-commands::token` and `::token::`.
pub fn github(log: &str) -> Vec<Command> {
    let undo: Undo = |text| {
        let text = text.replace("%3A", ":").replace("%2C", ",");
        text.replace("%0D", "\r")
            .replace("%0A", "\n")
            .replace("%25", "%")
    };
    let mut found = Vec::new();
    let mut stopped: Option<String> = None;
    for line in log.lines() {
        let modern = line.trim_start().strip_prefix("::").and_then(|rest| {
            let (head, data) = rest.split_once("::")?;
            let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
            Some(Command::read(name, properties, ',', data, undo))
        });
        let legacy = || {
            let (_, rest) = line.split_once("##[")?;
            let (head, data) = rest.split_once(']')?;
            let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
            Some(Command::read(name, properties, ';', data, undo))
        };
        let Some(command) = modern.or_else(legacy) else {
            continue;
        };
        match &stopped {
            Some(token) if command.name == *token => stopped = None,
            Some(_) => {}
            None if command.name == "stop-commands" => stopped = Some(command.data),
            None => found.push(command),
        }
    }
    assert_eq!(stopped, None, "commands stay stopped");
    found
}

/// Only annotations, no more than the runner keeps, each with what the annotation needs.
pub fn annotations(report: &Report, commands: &[Command]) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for command in commands {
        assert!(
            ["error", "warning", "notice"].contains(&command.name.as_str()),
            "{command:?}"
        );
        *counts.entry(&command.name).or_default() += 1;
        assert!(command.data.chars().count() <= 4096, "{command:?}");
        let known = ["file", "line", "endLine", "col", "endColumn", "title"];
        let names: Vec<&str> = command.properties.keys().map(String::as_str).collect();
        assert!(names.iter().all(|name| known.contains(name)), "{command:?}");
        let number = |name: &str| {
            command
                .properties
                .get(name)
                .map(|n| n.parse::<u32>().expect("a number"))
        };
        assert!(number("endLine") >= number("line"), "{command:?}");
        assert!(number("endColumn") >= number("col"), "{command:?}");
    }
    assert!(counts.values().all(|count| *count <= 10), "{counts:?}");
    let decided = report.verdict != qgate::model::outcome::Verdict::Pass;
    assert!(
        !decided || counts.contains_key("error"),
        "a run that did not pass shows no error"
    );
}

/// What Azure's agent executes: `##vso[area.event properties]data` anywhere in a line.
pub fn azure(log: &str) -> Vec<Command> {
    let undo: Undo = |text| {
        let text = text.replace("%3B", ";").replace("%5D", "]");
        text.replace("%0D", "\r")
            .replace("%0A", "\n")
            .replace("%AZP25", "%")
    };
    let found = log.lines().filter_map(|line| {
        let at = line.to_ascii_lowercase().find("##vso[")?;
        let (head, data) = line[at + 6..].split_once(']')?;
        let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
        Some(Command::read(name, properties, ';', data, undo))
    });
    found.collect()
}

/// Only issues and qgate's variables.
pub fn issues(report: &Report, commands: &[Command]) {
    let mut variables = BTreeSet::new();
    let mut errors = 0;
    for command in commands {
        match command.name.as_str() {
            "task.logissue" => {
                let kind = command.properties["type"].as_str();
                assert!(["error", "warning"].contains(&kind), "{command:?}");
                errors += usize::from(kind == "error");
                if let Some(path) = command.properties.get("sourcepath") {
                    assert!(path.starts_with(super::ROOT), "{command:?}");
                }
            }
            "task.setvariable" => {
                variables.insert(command.properties["variable"].clone());
                assert!(!command.data.contains(['\n', ' ']), "{command:?}");
            }
            _ => panic!("{command:?}"),
        }
    }
    let wanted = ["QGATE_EXIT_CODE", "QGATE_SCORE", "QGATE_VERDICT"].map(str::to_owned);
    assert_eq!(variables, BTreeSet::from(wanted));
    let decided = report.verdict != qgate::model::outcome::Verdict::Pass;
    assert!(
        !decided || errors > 0,
        "a run that did not pass shows no error"
    );
}
