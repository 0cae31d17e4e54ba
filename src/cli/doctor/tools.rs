//! Owns the tools that checks run: are they installed?

use super::{Line, State};
use crate::check::ports::Programs as _;
use crate::cli::site::Site;
use crate::config::plan::Plan;
use crate::host::interrupt::Cancel;
use crate::host::programs::Programs;
use crate::model::gate::Level;

/// A line for each check that runs a tool.
pub fn lines(site: &Site, plan: &Plan) -> Vec<Line> {
    let programs = Programs::new(site.root.clone(), None, Cancel::new());
    let mut lines = Vec::new();
    for planned in &plan.gates {
        for check in &planned.checks {
            let options = check.check.options();
            let Some(tool) = tool(&options) else { continue };
            let of = format!("tool: `{tool}` of {}.{}", planned.gate.id, check.name);
            lines.push(match programs.find(&tool) {
                Some(path) => Line::pass(format!("{of} at {}", path.display())),
                None => Line::new(
                    match planned.gate.level {
                        Level::Mandatory => State::Fail,
                        Level::Advisory => State::Warn,
                    },
                    format!("{of} is not installed"),
                    install(&options),
                ),
            });
        }
    }
    lines
}

/// The program that these options run: the first word of `run`, or the shell of `shell`. Checks that run nothing have
/// neither.
fn tool(options: &serde_json::Value) -> Option<String> {
    if let Some(program) = options.pointer("/run/0").and_then(|word| word.as_str()) {
        return Some(program.to_owned());
    }
    let shell = if cfg!(windows) { "cmd" } else { "sh" };
    options.get("shell")?.as_str().map(|_| shell.to_owned())
}

fn install(options: &serde_json::Value) -> String {
    let said = options.get("install").and_then(|text| text.as_str());
    said.map_or_else(
        || "install it, or put it on PATH".to_owned(),
        |text| format!("install it: {text}"),
    )
}
