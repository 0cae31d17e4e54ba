//! Owns `qgate explain`: rules, metrics, checkers and gates, and where a setting comes from.

mod increments;
mod score;

use super::Usage;
use super::args::{ExplainArgs, Global};
use super::output::{Console, width};
use super::site::{BadConfig, Site};
use crate::base::ascii::{escape, escape_lines};
use crate::base::words::did_you_mean;
use crate::check::options::Glob;
use crate::check::page::Page;
use crate::checkers;
use crate::config::load::Merged;
use crate::config::plan::{PlannedCheck, PlannedGate};
use crate::config::{self, Request};
use crate::host::terminal;
use crate::model::metric::{Better, Metric};
use crate::model::outcome::Exit;
use crate::model::rule::Rule;
use crate::report::layout::wrap;
use crate::report::text::level;

/// Explains a topic.
///
/// # Errors
/// When nobody knows the topic ([`Usage`]), or the text cannot be written.
pub fn run(args: &ExplainArgs, global: &Global, console: &mut Console) -> anyhow::Result<Exit> {
    let topic = args.topic.as_str();
    if let Some(place) = args.gate.as_deref().filter(|_| topic == "complexity") {
        return increments::run(place, global, console);
    }
    if let Some(extra) = args.gate.as_deref().filter(|_| topic != "config") {
        let message = format!("`{extra}` is one word too many");
        let help = "only `explain config` takes a gate, and `explain complexity` a line of a file";
        return Err(Usage::new(message, help).into());
    }
    if topic == "score" {
        return score::run(args, global, console);
    }
    let known = [rule(topic), metric(topic), checker(topic)];
    let known: Vec<String> = known.into_iter().flatten().collect();
    if topic != "config" && !known.is_empty() {
        console.out(&known.join("\n"))?;
        return Ok(Exit::Pass);
    }
    let site = Site::open(global)?;
    let request = site.request(global, &args.plan)?;
    let files = site.files();
    let told = if topic == "config" {
        settings(&request, &files, args.gate.as_deref())
    } else {
        gate(&request, &files, topic)
    };
    let text = told?.ok_or_else(|| unknown(topic, &Merged::read(&request, &files)))?;
    console.out(&text)?;
    Ok(Exit::Pass)
}

/// Every rule with its checker's name.
pub fn rules() -> impl Iterator<Item = (&'static str, &'static Rule)> {
    checkers::ALL
        .iter()
        .flat_map(|checker| checker.rules.iter().map(|rule| (checker.name, *rule)))
}

/// Every metric that needs no options to be known, with its checker's name.
pub fn metrics() -> impl Iterator<Item = (&'static str, &'static Metric)> {
    checkers::ALL
        .iter()
        .flat_map(|checker| checker.metrics.iter().map(|metric| (checker.name, metric)))
}

fn rule(topic: &str) -> Option<String> {
    let (checker, rule) = rules().find(|(_, rule)| rule.id == topic)?;
    let mut text = format!(
        "{}: a rule of `{checker}`, severity {}, since {}\n",
        rule.id, rule.severity, rule.since
    );
    if !rule.standards.is_empty() {
        let line = format!("told by others as {}", rule.standards.join(", "));
        text.push_str(&wrap(&line, width(None), "  ", "  "));
    }
    match Page::parse(rule.page) {
        Ok(page) => {
            text.push('\n');
            text.push_str(&wrap(&escape(&page.introduction), width(None), "", ""));
            for section in &page.sections {
                let body = escape_lines(&section.text);
                text.push_str(&format!("\n{}\n\n{body}\n", escape(&section.title)));
            }
        }
        Err(_) => text.push_str(&escape_lines(rule.page)),
    }
    Some(text)
}

fn metric(topic: &str) -> Option<String> {
    let mut text = String::new();
    for (checker, metric) in metrics().filter(|(_, metric)| metric.name == topic) {
        text.push_str(&format!(
            "{}: a metric of `{checker}`: {}\n  unit: {}; written as {}\n  better: {}\n",
            metric.name,
            metric.summary,
            metric.dimension,
            metric.dimension.units(),
            better(metric)
        ));
    }
    (!text.is_empty()).then_some(text)
}

/// Which way is better, in a word.
#[must_use]
pub const fn better(metric: &Metric) -> &'static str {
    match metric.better {
        Better::Higher => "higher",
        Better::Lower => "lower",
    }
}

fn checker(topic: &str) -> Option<String> {
    let info = checkers::find(topic)?;
    let rules: Vec<&str> = info.finds.iter().map(|rule| rule.id).collect();
    let metrics: Vec<&str> = info.metrics.iter().map(|metric| &*metric.name).collect();
    let mut text = format!("{}: a checker: {}\n", info.name, info.summary);
    for (word, names) in [("rules", rules), ("metrics", metrics)] {
        if !names.is_empty() {
            let line = format!("{word}: {}", names.join(", "));
            text.push_str(&wrap(&line, width(None), "  ", "    "));
        }
    }
    Some(text)
}

fn gate(
    request: &Request,
    files: &dyn config::GateFiles,
    id: &str,
) -> Result<Option<String>, BadConfig> {
    let merged = Merged::read(request, files);
    let Some((_, node)) = merged.gates().find(|(key, _)| key.name == id) else {
        return Ok(None);
    };
    let request = Request {
        gates: vec![id.to_owned()],
        ..request.clone()
    };
    let plan = config::load(&request, files, &terminal::variable).map_err(BadConfig)?;
    let planned = plan.gates.iter().find(|planned| planned.gate.id == id);
    let stages = config::gates::stages(node).join(", ");
    Ok(planned.map(|planned| describe(planned, &stages)))
}

fn describe(planned: &PlannedGate, stages: &str) -> String {
    let gate = &planned.gate;
    let mut lines = vec![
        format!("{}: a gate: {}", gate.id, gate.title),
        format!("  written at {}", gate.origin),
        format!("  {}, scores into {}", level(gate.level), gate.component),
        format!("  stages: {stages}"),
    ];
    if !gate.needs.is_empty() {
        lines.push(format!("  needs: {}", gate.needs.join(", ")));
    }
    if !planned.paths.is_empty() {
        let paths: Vec<&str> = planned.paths.iter().map(Glob::as_str).collect();
        lines.push(format!(
            "  only where one of these is: {}",
            paths.join(", ")
        ));
    }
    if !planned.unset.is_empty() {
        let unset = planned.unset.join(", ");
        lines.push(format!("  not configured: set {unset}"));
    }
    for PlannedCheck { name, check, .. } in &planned.checks {
        let checker = check.name();
        let summary = checkers::find(checker).map_or("", |info| info.summary);
        lines.push(format!("  check {name} ({checker}): {summary}"));
    }
    if gate.criteria.is_empty() {
        lines.push("  must hold: no finding of severity high or above".to_owned());
    }
    for criterion in &gate.criteria {
        let check = criterion.check.as_ref();
        let check = check.map_or_else(String::new, |name| format!("{name}."));
        lines.push(format!(
            "  must hold: {check}{} {} ({})",
            criterion.metric, criterion.criterion, criterion.origin
        ));
    }
    lines.push(format!("next: qgate explain config {}", gate.id));
    lines
        .iter()
        .map(|line| {
            let text = line.trim_start();
            let indent = &line[..line.len() - text.len()];
            wrap(&escape(text), width(None), indent, &format!("{indent}  "))
        })
        .collect()
}

/// Where each setting of one gate, or of all, comes from.
fn settings(
    request: &Request,
    files: &dyn config::GateFiles,
    gate: Option<&str>,
) -> Result<Option<String>, BadConfig> {
    let merged = Merged::read(request, files);
    let ids: Vec<String> = match gate {
        Some(id) => vec![id.to_owned()],
        None => merged.gates().map(|(key, _)| key.name.clone()).collect(),
    };
    let mut text = String::new();
    for id in ids {
        let lines = config::explain(request, files, &id).map_err(BadConfig)?;
        if !text.is_empty() {
            text.push('\n');
        }
        for line in lines {
            text.push_str(&line);
            text.push('\n');
        }
    }
    Ok(Some(text))
}

fn unknown(topic: &str, merged: &Merged) -> Usage {
    let known: Vec<&str> = rules()
        .map(|(_, rule)| rule.id)
        .chain(metrics().map(|(_, metric)| &*metric.name))
        .chain(checkers::ALL.iter().map(|checker| checker.name))
        .chain(merged.gates().map(|(key, _)| key.name.as_str()))
        .chain(["score", "config"])
        .collect();
    let help = match did_you_mean(topic, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            "`qgate list rules`, `qgate list metrics` and `qgate list gates` show what there is"
                .to_owned()
        }
    };
    let message = format!("no rule, metric, checker or gate is named `{topic}`");
    Usage::new(message, help)
}
