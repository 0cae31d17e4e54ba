//! Owns the reading of criteria against what the gate's checks can measure.

use crate::base::node::{Key, Kind, Node, Problem};
use crate::check::registry::CheckerInfo;
use crate::model::criterion::Criterion;
use crate::model::gate::GateCriterion;
use crate::model::metric::Metric;
use crate::model::quantity::Dimension;

use super::layer::{is_off, suggest};

/// What one check of a gate can measure.
pub struct Witness {
    /// The check's name in the gate.
    pub name: String,
    /// Its metrics; `None` when its options could not be read, so that nobody knows.
    pub metrics: Option<Vec<Metric>>,
}

/// Reads the criteria of a gate. Those that are `off` are left out.
pub fn read(
    node: &Node,
    witnesses: &[Witness],
    checkers: &[CheckerInfo],
    problems: &mut Vec<Problem>,
) -> Vec<GateCriterion> {
    if !matches!(node.kind, Kind::Map(_) | Kind::Null) {
        problems.push(Problem::new(
            &node.origin,
            "criteria are a map, or a list of maps with a single key",
            "write it as `criteria: { line_coverage: \">= 95%\" }`",
        ));
    }
    let written = node.entries().iter().filter(|(_, value)| !is_off(value));
    let read = written.filter_map(|(key, value)| {
        one(key, value, witnesses, checkers)
            .map_err(|problem| problems.extend(problem))
            .ok()
    });
    read.collect()
}

/// The text of a comparison, however it was written.
#[must_use]
pub fn text_of(value: &Node) -> Option<String> {
    match &value.kind {
        Kind::Str(text) => Some(text.clone()),
        Kind::Int(n) => Some(n.to_string()),
        Kind::Float(n) => Some(n.to_string()),
        Kind::Bool(b) => Some(b.to_string()),
        Kind::Null | Kind::Seq(_) | Kind::Map(_) => None,
    }
}

fn one(
    key: &Key,
    value: &Node,
    witnesses: &[Witness],
    checkers: &[CheckerInfo],
) -> Result<GateCriterion, Option<Problem>> {
    let text = text_of(value).ok_or_else(|| {
        let help = "write a comparison such as \"< 200ms\", \">= 95%\", 0 or true";
        Problem::new(&value.origin, "expected a comparison", help)
    })?;
    let criterion = Criterion::parse(&text).map_err(|why| {
        let help =
            "write a comparison such as \"< 200ms\", \">= 95%\", \">= baseline - 0.5%\", 0 or true";
        Problem::new(&value.origin, format!("`{text}` {why}"), help)
    })?;
    let (check, metric) = find(key, witnesses, checkers)?;
    if let Some(given) = criterion.dimension()
        && given != metric.dimension
    {
        return Err(Some(unit(key, value, metric, given)));
    }
    Ok(GateCriterion {
        check,
        metric: metric.name.to_string(),
        criterion,
        origin: key.origin.clone(),
    })
}

fn unit(key: &Key, value: &Node, metric: &Metric, given: Dimension) -> Problem {
    let help = match metric.dimension {
        Dimension::Count => "write a plain number".to_owned(),
        Dimension::Truth => "write true or false".to_owned(),
        other => format!(
            "write the number with one of these units: {}",
            other.units()
        ),
    };
    let message = format!(
        "`{}` is a {}, and this is a {given}",
        key.name, metric.dimension
    );
    Problem::new(&value.origin, message, help)
}

/// The check that the criterion names, and the metric. `Err(None)` when it cannot be known and a problem was told before.
fn find<'a>(
    key: &Key,
    witnesses: &'a [Witness],
    checkers: &[CheckerInfo],
) -> Result<(Option<String>, &'a Metric), Option<Problem>> {
    let (check, metric) = match key.name.split_once('.') {
        Some((check, metric)) => (Some(check), metric),
        None => (None, key.name.as_str()),
    };
    if let Some(check) = check
        && !witnesses.iter().any(|w| w.name == check)
    {
        let message = format!("the gate has no check `{check}`");
        let help = suggest(check, witnesses.iter().map(|w| w.name.as_str()));
        return Err(Some(Problem::new(&key.origin, message, help)));
    }
    let asked = || {
        witnesses
            .iter()
            .filter(|w| check.is_none_or(|check| w.name == check))
    };
    let known = || asked().flat_map(|w| w.metrics.iter().flatten());
    let mut giving = asked().filter_map(|w| {
        let found = w.metrics.iter().flatten().find(|m| m.name == metric)?;
        Some((w, found))
    });
    let Some((_, found)) = giving.next() else {
        if asked().any(|w| w.metrics.is_none()) {
            return Err(None);
        }
        let elsewhere = checkers
            .iter()
            .find(|c| c.metrics.iter().any(|m| m.name == metric));
        let help = match elsewhere {
            Some(checker) => format!(
                "the checker `{}` measures it: add it to `checks`",
                checker.name
            ),
            None => suggest(metric, known().map(|m| &*m.name)),
        };
        let message = format!("no check of this gate measures `{metric}`");
        return Err(Some(Problem::new(&key.origin, message, help)));
    };
    if let Some((second, _)) = giving.next() {
        let message = format!("two checks of this gate measure `{metric}`");
        let help = format!(
            "give each a name with `as: NAME`, and say which one is meant: `{}.{metric}`",
            second.name
        );
        return Err(Some(Problem::new(&key.origin, message, help)));
    }
    Ok((check.map(str::to_owned), found))
}
