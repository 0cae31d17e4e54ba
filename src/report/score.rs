//! Owns the text of `explain score`: every component, its formula and inputs, each point lost, and by which findings.

use std::collections::BTreeMap;

use crate::base::ascii::escape;
use crate::model::finding::Finding;
use crate::model::formula::Formula;
use crate::model::metric::Source;
use crate::model::number::Number;
use crate::model::outcome::CheckOutcome;
use crate::model::report::{ComponentScore, Report};
use crate::model::rule::Severity;

use super::table::Table;
use super::text::{Page, TextOptions, findings, summary};

/// Tells where a checker's metric comes from: `(checker, metric)`. `None` when the checker has no such metric.
pub type SourceOf<'a> = &'a dyn Fn(&str, &str) -> Option<Source>;

/// Explains the score of a report.
#[must_use]
pub fn explain(report: &Report, source_of: SourceOf<'_>, options: TextOptions) -> String {
    let score = &report.score;
    let mut out = Page::new(options.width);
    out.line(&summary::score(score), "", "  ");
    out.gap();
    let mut table = Table::new(&["component", "score", "weight", "lost"]);
    for (name, component) in &score.components {
        table.row([
            escape(name).into_owned(),
            component.score.map_or_else(|| "-".to_owned(), points),
            component.weight.to_string(),
            lost_in_all(report, component).map_or_else(|| "-".to_owned(), points),
        ]);
    }
    out.text.push_str(&table.render(options.width));
    out.line(
        "lost: points of the whole score, by the weight of what was measured",
        "",
        "  ",
    );
    for (name, component) in &score.components {
        out.gap();
        one(report, (name, component), source_of, options, &mut out);
    }
    out.text
}

/// With two decimals at most.
fn points(number: Number) -> String {
    let text = number.to_decimal(2);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// How many points of the total a component loses; `None` when it was not measured.
fn lost_in_all(report: &Report, component: &ComponentScore) -> Option<Number> {
    let measured = report
        .score
        .components
        .values()
        .filter(|c| c.score.is_some());
    let weight = measured.fold(Number::ZERO, |sum, c| sum.plus(c.weight).unwrap_or(sum));
    let lost = Number::whole(100).minus(component.score?)?;
    lost.times(component.weight)?.over(weight)
}

fn one(
    report: &Report,
    (name, component): (&str, &ComponentScore),
    source_of: SourceOf<'_>,
    options: TextOptions,
    out: &mut Page,
) {
    let score = component
        .score
        .map_or_else(|| "not measured".to_owned(), points);
    out.line(&format!("{}: {score}", escape(name)), "", "  ");
    out.line(
        &format!("formula: {}", escape(&component.formula)),
        "  ",
        "    ",
    );
    let inputs = component.inputs.iter();
    let inputs: Vec<String> = inputs
        .map(|(name, value)| format!("{} = {value}", escape(name)))
        .collect();
    if !inputs.is_empty() {
        out.line(&format!("with {}", inputs.join(", ")), "  ", "    ");
    }
    if !component.missing.is_empty() {
        let missing: Vec<_> = component.missing.iter().map(|m| escape(m)).collect();
        let word = if component.score.is_some() {
            "left out"
        } else {
            "not measured"
        };
        out.line(&format!("{word}: {}", missing.join(", ")), "  ", "    ");
    }
    if let Some(why) = &component.zeroed {
        out.line(&format!("counts 0: {}", escape(why)), "  ", "    ");
        return;
    }
    if component.score.is_none() {
        return;
    }
    for (input, lost) in losses(component) {
        out.line(
            &format!("{} points by {}", points(lost), escape(&input)),
            "  ",
            "    ",
        );
        let found = behind(report, name, &input, source_of);
        findings::write(&found, options.max_findings, out);
    }
}

/// What each input takes away: how much higher the formula would be without it. Of an input that is good (a coverage),
/// what it lacks.
fn losses(component: &ComponentScore) -> Vec<(String, Number)> {
    let Ok(formula) = Formula::parse(&component.formula) else {
        return Vec::new();
    };
    let value = |inputs: &BTreeMap<String, Number>| formula.evaluate(inputs).value;
    let Some(now) = value(&component.inputs) else {
        return Vec::new();
    };
    let mut losses = Vec::new();
    for input in component.inputs.keys() {
        let mut without = component.inputs.clone();
        without.insert(input.clone(), Number::ZERO);
        let lost = value(&without).and_then(|best| best.minus(now));
        let lost = match lost {
            Some(lost) if lost.is_negative() => Number::whole(100).minus(now),
            other => other,
        };
        losses.extend(
            lost.filter(|lost| *lost > Number::ZERO)
                .map(|lost| (input.clone(), lost)),
        );
    }
    losses.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    losses
}

/// The findings that an input counts, each once.
fn behind<'a>(
    report: &'a Report,
    component: &str,
    input: &str,
    source_of: SourceOf<'_>,
) -> Vec<&'a Finding> {
    let gates = report
        .gates
        .iter()
        .filter(|gate| gate.component == component);
    let checks = gates.flat_map(|gate| &gate.checks);
    let mut found: BTreeMap<&str, &Finding> = BTreeMap::new();
    for check in checks.filter(|check| check.outcome == CheckOutcome::Complete) {
        let source = severity(input).or_else(|| source_of(&check.checker, input));
        let Some(source) = source else { continue };
        let counted = check
            .findings
            .iter()
            .filter(|f| source.counts(&f.rule, f.severity) == Some(true));
        found.extend(counted.map(|finding| (finding.fingerprint.as_str(), finding)));
    }
    found.into_values().collect()
}

/// `critical` and its like count findings of that severity, whoever reports them.
fn severity(input: &str) -> Option<Source> {
    [
        Severity::Critical,
        Severity::High,
        Severity::Medium,
        Severity::Low,
        Severity::Info,
    ]
    .into_iter()
    .find(|severity| severity.to_string() == input)
    .map(Source::Graded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use crate::report::text::Detail;

    #[test]
    fn every_point_and_finding_is_named() {
        let options = TextOptions {
            width: 80,
            max_findings: 2,
            detail: Detail::Normal,
        };
        let text = explain(&sample::report(), &|_, _| None, options);
        insta::assert_snapshot!("explain", text);
    }

    #[test]
    fn a_coverage_loses_what_it_lacks() {
        let component = ComponentScore {
            formula: "line_coverage".to_owned(),
            inputs: BTreeMap::from([("line_coverage".to_owned(), Number::whole(85))]),
            score: Some(Number::whole(85)),
            weight: Number::whole(20),
            missing: Vec::new(),
            zeroed: None,
        };
        assert_eq!(
            losses(&component),
            [("line_coverage".to_owned(), Number::whole(15))]
        );
    }
}
