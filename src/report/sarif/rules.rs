//! Owns the rules of a SARIF log: each with what its page says.

use std::collections::BTreeMap;

use serde_json::json;

use crate::check::page::Page;
use crate::checkers;
use crate::model::finding::Finding;
use crate::model::rule::Severity;
use crate::report::found::Found;
use crate::report::{markdown, standards};

use super::level;
use super::log::{Configuration, Descriptor, Help, Message};

/// What GitHub takes of a description, in characters.
const DESCRIPTION: usize = 1024;

/// What GitHub takes of a name, in characters.
const NAME: usize = 255;

/// The sections of a page that help; the others are examples.
const HELPFUL: [&str; 3] = ["Why", "What to do", "Limits"];

/// The rules that have findings, by id, in order.
pub(super) fn of(found: &[Found<'_>]) -> Vec<Descriptor> {
    let mut rules: BTreeMap<&str, Vec<&Found<'_>>> = BTreeMap::new();
    for found in found {
        rules.entry(&found.finding.rule).or_default().push(found);
    }
    rules
        .into_iter()
        .map(|(id, found)| rule(id, &found))
        .collect()
}

fn rule(id: &str, found: &[&Found<'_>]) -> Descriptor {
    let own = checkers::rule(id);
    let page = own.and_then(|rule| Page::parse(rule.page).ok());
    let worst = found.iter().map(|found| found.severity).max();
    let worst = worst.unwrap_or(Severity::Info);
    let severity = own.map_or(worst, |rule| rule.severity);
    let told = match &page {
        Some(page) => of_page(page),
        None => foreign(id, found),
    };
    Descriptor {
        id: id.to_owned(),
        name: name(id),
        short_description: Message {
            text: cut(&told.summary, DESCRIPTION),
        },
        full_description: Message {
            text: cut(&told.full, DESCRIPTION),
        },
        help: told.help,
        default_configuration: Configuration {
            level: level(severity),
        },
        properties: properties(worst, found),
    }
}

/// `BidiControl` for `bidi-control`: SARIF wants a name that is not the id.
fn name(id: &str) -> Option<String> {
    let words = id.split(|c: char| !c.is_ascii_alphanumeric());
    let name: String = words
        .filter_map(|word| {
            let (first, rest) = word.split_at_checked(1)?;
            Some(first.to_ascii_uppercase() + rest)
        })
        .collect();
    (!name.is_empty() && name != id).then(|| cut(&name, NAME))
}

/// What is told of a rule.
struct Told {
    summary: String,
    full: String,
    help: Help,
}

fn of_page(page: &Page) -> Told {
    let mut help = page.introduction.clone();
    for title in HELPFUL {
        if let Some(text) = page.section(title) {
            help.push_str(&format!("\n\n## {title}\n\n{text}"));
        }
    }
    Told {
        summary: page.summary().to_owned(),
        full: page.introduction.clone(),
        help: Help {
            text: help.clone(),
            markdown: help,
        },
    }
}

/// The rule of an outside tool, `tool/rule`: all that is known is what its first finding says. As Markdown that is
/// foreign text, so it goes there escaped.
fn foreign(id: &str, found: &[&Found<'_>]) -> Told {
    let summary = match id.split_once('/') {
        Some((tool, rule)) => format!("The rule {rule} of {tool}."),
        None => format!("The rule {id}."),
    };
    let said = found.iter().find(|found| !found.finding.help.is_empty());
    let help = match said {
        Some(found) => format!("{summary} {}", found.finding.help),
        None => format!("{summary} The documentation of the tool explains it."),
    };
    Told {
        summary: summary.clone(),
        full: summary,
        help: Help {
            markdown: markdown::plain(&help),
            text: help,
        },
    }
}

/// Rules in gates of the component `security` get a severity by GitHub's scale: above 9 critical, from 7 high, from 4
/// medium.
fn properties(worst: Severity, found: &[&Found<'_>]) -> BTreeMap<&'static str, serde_json::Value> {
    let of_security = |found: &&Found<'_>| {
        let mut gates = found.gates.iter();
        gates.any(|gate| gate.component == "security")
    };
    let problem = match worst {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "recommendation",
    };
    let mut properties = BTreeMap::from([("problem.severity", json!(problem))]);
    if found.iter().any(of_security) {
        let score = match worst {
            Severity::Critical => "9.5",
            Severity::High => "8.0",
            Severity::Medium => "5.5",
            Severity::Low => "2.0",
            Severity::Info => "0.1",
        };
        properties.insert("security-severity", json!(score));
        properties.insert("tags", json!(tags(found[0].finding)));
    } else {
        properties.insert("tags", json!(["quality"]));
    }
    properties
}

/// `security`, and what the field calls the weakness; GitHub reads `external/cwe/cwe-089`.
fn tags(finding: &Finding) -> Vec<String> {
    let named = standards::of(finding).into_iter().map(|name| {
        let number = name
            .strip_prefix("CWE-")
            .and_then(|n| n.parse::<u32>().ok());
        number.map_or(name, |number| format!("external/cwe/cwe-{number:03}"))
    });
    std::iter::once("security".to_owned())
        .chain(named)
        .collect()
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
