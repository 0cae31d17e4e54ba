//! Owns the reader of SARIF 2.1.0 reports: bytes to findings.

mod log;
mod uri;

use std::collections::BTreeMap;

use super::places::Places;
use super::report::{Found, Report, line, slug};
use crate::model::place::Place;
use crate::model::rule::Severity;

use log::{Descriptor, Invocation, Level, Location, Log, Outcome, Run};

/// Reads a report.
///
/// # Errors
/// Says why the report cannot be used: it is no SARIF 2.1.0, holds no run, or a run that failed or did not look.
pub fn read(bytes: &[u8], places: &Places<'_>) -> Result<Report, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let log: Log =
        serde_json::from_slice(bytes).map_err(|problem| format!("it is not SARIF: {problem}"))?;
    match log.version.as_deref() {
        Some("2.1.0") => {}
        Some(other) => return Err(format!("its version is `{}`, not `2.1.0`", line(other))),
        None => return Err("it is not SARIF: it has no version".to_owned()),
    }
    let runs = log.runs.unwrap_or_default();
    if runs.is_empty() {
        return Err("it holds no run".to_owned());
    }
    let mut report = Report::default();
    for run in &runs {
        Reader::new(run, places).read(&mut report)?;
    }
    Ok(report)
}

/// One run with its rules at hand.
struct Reader<'a> {
    run: &'a Run,
    places: &'a Places<'a>,
    tool: String,
    by_id: BTreeMap<&'a str, &'a Descriptor>,
}

impl<'a> Reader<'a> {
    fn new(run: &'a Run, places: &'a Places<'a>) -> Self {
        let components = std::iter::once(&run.tool.driver).chain(&run.tool.extensions);
        let mut by_id = BTreeMap::new();
        for rule in components.flat_map(|component| &component.rules) {
            if let Some(id) = &rule.id {
                by_id.entry(id.as_str()).or_insert(rule);
            }
        }
        Self {
            run,
            places,
            tool: slug(run.tool.driver.name.as_deref().unwrap_or_default()),
            by_id,
        }
    }

    fn read(&self, report: &mut Report) -> Result<(), String> {
        for invocation in &self.run.invocations {
            self.invocation(invocation, report)?;
        }
        let results = self.run.results.as_ref().ok_or_else(|| {
            format!(
                "the run of `{}` has no results: the tool did not look",
                self.tool
            )
        })?;
        for result in results {
            if result.is_waived() {
                report.suppressed += 1;
            } else if result.is_problem() {
                self.result(result, report);
            }
        }
        Ok(())
    }

    fn invocation(&self, invocation: &Invocation, report: &mut Report) -> Result<(), String> {
        if invocation.execution_successful == Some(false) {
            return Err(format!("the run of `{}` was not successful", self.tool));
        }
        let notifications = invocation
            .notifications
            .iter()
            .chain(&invocation.configuration);
        for notification in notifications {
            if notification.level == Some(Level::Error) {
                let text = notification.message.text.as_deref().unwrap_or("an error");
                report
                    .partial
                    .push(format!("{} reports: {}", self.tool, line(text)));
            }
        }
        Ok(())
    }

    fn result(&self, result: &Outcome, report: &mut Report) {
        let rule = self.rule(result);
        let id = result
            .rule_id
            .as_deref()
            .or_else(|| result.rule.as_ref()?.id.as_deref())
            .or_else(|| rule?.id.as_deref())
            .unwrap_or("finding");
        report.find(Found {
            rule: format!("{}/{id}", self.tool),
            severity: severity(result, rule),
            place: self.place(result.locations.first()),
            message: &message(result, rule),
            help: &help(rule),
            anchor: result.anchor(),
            standards: rule.map(Descriptor::standards).unwrap_or_default(),
        });
    }

    /// The rule's description, by index where the result gives one, else by id; `CA1/2` is a kind of `CA1`.
    fn rule(&self, result: &Outcome) -> Option<&'a Descriptor> {
        let reference = result.rule.as_ref();
        let component = match reference.and_then(|r| r.component.as_ref()?.index) {
            Some(index) => self.run.tool.extensions.get(usize::try_from(index).ok()?)?,
            None => &self.run.tool.driver,
        };
        let index = result.rule_index.or_else(|| reference?.index);
        let by_index = index.and_then(|index| component.rules.get(usize::try_from(index).ok()?));
        by_index.or_else(|| {
            let id = result
                .rule_id
                .as_deref()
                .or_else(|| reference?.id.as_deref())?;
            let general = || {
                id.rsplit_once('/')
                    .and_then(|(general, _)| self.by_id.get(general))
            };
            self.by_id.get(id).or_else(general).copied()
        })
    }

    fn place(&self, location: Option<&Location>) -> Place {
        let Some(physical) = location.and_then(|location| location.physical.as_ref()) else {
            return Place::Object(format!("the project, as {} sees it", self.tool));
        };
        let region = physical.region.unwrap_or_default();
        let point = |line: Option<i64>, column: Option<i64>| {
            let number = |n: Option<i64>| n.and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
            (number(line), number(column))
        };
        let start = point(region.start_line, region.start_column);
        let end = point(region.end_line.or(region.start_line), region.end_column);
        let bases = &self.run.bases;
        match uri::path(&physical.artifact, &self.run.artifacts, bases) {
            Some(path) => self.places.place(&path, start, end),
            None => Place::Object(physical.artifact.uri.clone().unwrap_or_default()),
        }
    }
}

/// By the security severity (CVSS bands) where the rule has one; else by the level: error is high, warning medium, note
/// low, none info.
fn severity(result: &Outcome, rule: Option<&Descriptor>) -> Severity {
    let own = result.properties.security();
    if let Some(score) = own.or_else(|| rule?.properties.security()) {
        return match score {
            9.0.. => Severity::Critical,
            7.0.. => Severity::High,
            4.0.. => Severity::Medium,
            _ => Severity::Low,
        };
    }
    let default = rule.and_then(|rule| rule.configuration.level);
    match result.level.or(default).unwrap_or(Level::Warning) {
        Level::Error => Severity::High,
        Level::Warning => Severity::Medium,
        Level::Note => Severity::Low,
        Level::None => Severity::Info,
    }
}

fn message(result: &Outcome, rule: Option<&Descriptor>) -> String {
    let message = &result.message;
    if let Some(text) = message.text.as_deref().or(message.markdown.as_deref()) {
        return text.to_owned();
    }
    let template = message.id.as_deref().and_then(|id| {
        let message = rule?.messages.get(id)?;
        message.text.as_deref().or(message.markdown.as_deref())
    });
    let mut text = template.unwrap_or_default().to_owned();
    for (n, argument) in message.arguments.iter().enumerate().take(20) {
        text = text.replace(&format!("{{{n}}}"), argument);
    }
    if text.is_empty() {
        let short = rule.and_then(|rule| rule.short.text.as_deref());
        return short.unwrap_or_default().to_owned();
    }
    text
}

fn help(rule: Option<&Descriptor>) -> String {
    let Some(rule) = rule else {
        return String::new();
    };
    match (&rule.help_uri, &rule.help.text) {
        (Some(uri), _) => format!("see {uri}"),
        (None, Some(text)) => text.clone(),
        (None, None) => String::new(),
    }
}
