//! Owns `qgate environment`: what is known of this machine, and whether it is quiet enough to measure on.

use std::path::Path;

use clap::Args;
use serde_json::json;

use super::args::Global;
use super::output::Console;
use super::scan::Format;
use crate::base::ascii::escape;
use crate::check::machine::Machine as _;
use crate::host::interrupt::Cancel;
use crate::host::machine::{self, System};
use crate::host::programs::Programs;
use crate::model::outcome::Exit;

/// `qgate environment`.
#[derive(Args, Debug)]
pub struct EnvironmentArgs {
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// Prints it.
///
/// # Errors
/// When it cannot be written.
pub fn run(args: &EnvironmentArgs, global: &Global, console: &mut Console) -> anyhow::Result<Exit> {
    let from = global.directory.as_deref().unwrap_or(Path::new("."));
    let programs = Programs::new(from.to_owned(), None, Cancel::new());
    let tools: Vec<&str> = machine::tools().collect();
    let system = System::new(programs);
    // Without tools: their versions belong to the class only where they measure.
    let machine = system.snapshot(&[]);
    let with_tools = system.snapshot(&tools);
    let versions = with_tools
        .class
        .iter()
        .filter(|(name, _)| !machine.class.contains_key(*name));
    let state = machine.state;
    let noise = state.noise();
    if args.format == Format::Json {
        let all = json!({
            "version": 1,
            "class": machine.class_id(),
            "machine": machine.class,
            "more": machine.more,
            "tools": versions.collect::<std::collections::BTreeMap<_, _>>(),
            "load": state.load,
            "pressure_percent": state.pressure,
            "steal_percent": state.stolen(),
            "noise": noise,
        });
        console.json(&all)?;
        return Ok(Exit::Pass);
    }
    let mut lines = vec![format!("class {}", machine.class_id())];
    let facts = machine.class.iter().chain(&machine.more).chain(versions);
    lines.extend(facts.map(|(name, value)| format!("{name}: {value}")));
    let shown = |name: &str, value: Option<f64>, unit: &str| {
        value.map(|value| format!("{name}: {value:.1}{unit}"))
    };
    lines.extend(shown("load", state.load, ""));
    lines.extend(shown("waiting for a processor", state.pressure, "%"));
    lines.extend(shown(
        "taken by other machines since the start",
        state.stolen(),
        "%",
    ));
    lines.push(match noise {
        Some(why) => format!("noisy: {why}"),
        None => "quiet enough to measure".to_owned(),
    });
    for line in lines {
        console.out(&format!("{}\n", escape(&line)))?;
    }
    Ok(Exit::Pass)
}
