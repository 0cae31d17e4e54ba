//! Owns `qgate validate`: every problem of every gate file, for every stage and environment.

use super::args::{Global, PlanArgs};
use super::output::Console;
use super::site::{BadConfig, Site};
use crate::base::ascii::escape;
use crate::config;
use crate::host::terminal;
use crate::model::outcome::Exit;

/// Validates the configuration.
///
/// # Errors
/// When there are problems ([`BadConfig`]), or the text cannot be written.
pub fn run(args: &PlanArgs, global: &Global, console: &mut Console) -> anyhow::Result<Exit> {
    let site = Site::open(global)?;
    let request = site.request(global, args)?;
    let notices =
        config::validate(&request, &site.files(), &terminal::variable).map_err(BadConfig)?;
    for notice in notices {
        console.say(&format!("notice: {}\n", escape(&notice)));
    }
    console.out("the configuration is valid\n")?;
    Ok(Exit::Pass)
}
