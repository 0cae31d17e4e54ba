//! Owns `qgate explain`: rules, metrics, gates, the score, and where a setting comes from.

use super::Usage;
use super::args::{ExplainArgs, Global};
use super::output::Console;
use crate::base::words::did_you_mean;
use crate::checkers;
use crate::model::metric::{Better, Metric};
use crate::model::outcome::Exit;
use crate::model::rule::Rule;

/// Explains a topic.
///
/// # Errors
/// When nobody knows the topic ([`Usage`]), or the text cannot be written.
pub fn run(args: &ExplainArgs, _global: &Global, console: &mut Console) -> anyhow::Result<Exit> {
    let topic = args.topic.as_str();
    let text = rule(topic)
        .or_else(|| metric(topic))
        .ok_or_else(|| unknown(topic))?;
    console.out(&text)?;
    Ok(Exit::Pass)
}

/// Every rule with its checker's name.
fn rules() -> impl Iterator<Item = (&'static str, &'static Rule)> {
    let of = |checker: &'static crate::check::registry::CheckerInfo| {
        checker.rules.iter().map(|rule| (checker.name, *rule))
    };
    checkers::ALL.iter().flat_map(of)
}

fn metrics() -> impl Iterator<Item = (&'static str, &'static Metric)> {
    let of = |checker: &'static crate::check::registry::CheckerInfo| {
        checker.metrics.iter().map(|metric| (checker.name, metric))
    };
    checkers::ALL.iter().flat_map(of)
}

fn rule(topic: &str) -> Option<String> {
    let (checker, rule) = rules().find(|(_, rule)| rule.id == topic)?;
    Some(format!(
        "{}: a rule of `{checker}`, severity {}, since {}\n\n{}",
        rule.id,
        rule.severity,
        rule.since,
        crate::base::ascii::escape_lines(rule.page)
    ))
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

fn unknown(topic: &str) -> Usage {
    let known: Vec<&str> = rules()
        .map(|(_, rule)| rule.id)
        .chain(metrics().map(|(_, metric)| &*metric.name))
        .chain(["score", "config"])
        .collect();
    let help = match did_you_mean(topic, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            "`qgate list rules`, `qgate list metrics` and `qgate list gates` show what there is"
                .to_owned()
        }
    };
    Usage::new(format!("no rule, metric or gate is named `{topic}`"), help)
}
