//! Owns the checker `environment`: is this machine what the gate needs? Knows no gate.

mod options;
mod pins;
mod tools;
mod venv;
mod version;

use crate::check::ports::Answer;
use crate::check::{Checker, Cx, Lane, Observed};
use crate::model::evidence::Evidence;
use crate::model::fault::{Fault, FaultKind};
use crate::model::finding::Finding;
use crate::model::metric::Metric;
use crate::model::place::Place;
use crate::model::rule::Rule;
use crate::rule;

use options::{Options, Service};
use tools::Tools;

static TOOL_MISSING: Rule = rule!("tool-missing", High, "2026-11");
static TOOL_VERSION: Rule = rule!("tool-version", High, "2026-11");
static PYTHON_OUTSIDE_VENV: Rule = rule!("python-outside-venv", High, "2026-11");
static VARIABLE_UNSET: Rule = rule!("variable-unset", High, "2026-11");
static SERVICE_DOWN: Rule = rule!("service-down", High, "2026-11");

/// The checker.
#[derive(Debug)]
pub struct Environment {
    options: Options,
}

impl Checker for Environment {
    const NAME: &'static str = "environment";
    const SUMMARY: &'static str =
        "tools and their versions, the virtual environment, variables and services";
    const REVISION: u32 = 1;
    const RULES: &'static [&'static Rule] = &[
        &PYTHON_OUTSIDE_VENV,
        &SERVICE_DOWN,
        &TOOL_MISSING,
        &TOOL_VERSION,
        &VARIABLE_UNSET,
    ];
    const METRICS: &'static [Metric] = &[
        Metric::counts(
            "environment_problems",
            &[],
            "all that is wrong with the environment",
        ),
        Metric::counts(
            "tools_missing",
            &["tool-missing"],
            "tools that are not installed",
        ),
        Metric::counts(
            "tools_of_wrong_version",
            &["tool-version"],
            "tools of a version that does not do",
        ),
        Metric::counts(
            "tools_outside_venv",
            &["python-outside-venv"],
            "Python tools outside the virtual environment",
        ),
        Metric::counts(
            "variables_unset",
            &["variable-unset"],
            "variables that are not set",
        ),
        Metric::counts(
            "services_down",
            &["service-down"],
            "services that do not answer as they should",
        ),
    ];

    type Options = Options;
    type Facts = ();

    fn new(options: Options) -> Result<Self, String> {
        options.check()?;
        Ok(Self { options })
    }

    fn options(&self) -> &Options {
        &self.options
    }

    fn lane(&self) -> Lane {
        Lane::Waits
    }

    fn conclude(&self, _: &[Observed<'_, ()>], cx: &Cx<'_>) -> Result<Evidence, Fault> {
        let options = &self.options;
        let mut evidence = Evidence::default();
        let mut tools = Tools::new(cx);
        for (tool, requirement) in &options.tools {
            let place = Place::Object(format!("tool {tool}"));
            let text = &requirement.text;
            let found = tools.judge(tool, text, &requirement.requirement, place)?;
            evidence.findings.extend(found);
        }
        if options.from_files {
            let pins = pins::find(cx.tree, &mut evidence.notes)?;
            if pins.is_empty() && evidence.notes.is_empty() && options.only_files() {
                let names: Vec<_> = pins::names().collect();
                return Ok(Evidence::not_applicable(format!(
                    "one of {}",
                    names.join(", ")
                )));
            }
            for pin in pins {
                let place = Place::File(pin.path);
                let found = tools.judge(&pin.tool, &pin.text, &pin.requirement, place)?;
                evidence.findings.extend(found);
            }
        }
        let outside = options
            .python_venv
            .iter()
            .filter_map(|tool| venv::judge(tool, cx));
        evidence.findings.extend(outside);
        let unset = options
            .variables
            .iter()
            .filter_map(|name| variable(name, cx));
        evidence.findings.extend(unset);
        for service in &options.services {
            evidence.findings.extend(answers(service, cx)?);
        }
        Ok(evidence)
    }
}

/// The value is never shown.
fn variable(name: &str, cx: &Cx<'_>) -> Option<Finding> {
    let what = match cx.ports.surroundings.variable(name) {
        None => "is not set",
        Some(value) if value.trim().is_empty() => "is set, but empty",
        Some(_) => return None,
    };
    Some(Finding::new(
        &VARIABLE_UNSET,
        Place::Object(format!("variable {name}")),
        format!("the variable {name} {what}"),
        format!("set {name} where qgate is started"),
    ))
}

fn answers(service: &Service, cx: &Cx<'_>) -> Result<Option<Finding>, Fault> {
    let shown = service.shown();
    let finding = |headline: String, help: &str| {
        let place = Place::Object(format!("service {shown}"));
        Finding::new(&SERVICE_DOWN, place, headline, help).anchored(shown.clone())
    };
    let timeout = service.within.0.min(cx.timeout);
    match cx.ports.http.get(&service.url, timeout) {
        Ok(Answer { status, .. }) if status == service.status => Ok(None),
        Ok(Answer { status, .. }) => Ok(Some(finding(
            format!(
                "{shown} answers with status {status}, not {}",
                service.status
            ),
            "see the service's own log",
        ))),
        Err(fault) if matches!(fault.kind, FaultKind::ToolFailed | FaultKind::Timeout) => Ok(Some(
            finding(fault.what, "start the service, or mend its address"),
        )),
        Err(fault) => Err(fault),
    }
}
