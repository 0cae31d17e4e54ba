//! Owns `qgate validate`: every problem of every gate file, for every stage and environment.

use super::args::{Global, PlanArgs};
use super::output::Console;
use super::site::Site;
use crate::base::ascii::escape;
use crate::config;
use crate::host::terminal;
use crate::model::outcome::Exit;

/// Validates the configuration.
///
/// # Errors
/// When there is nothing to validate, or the text cannot be written.
pub fn run(args: &PlanArgs, global: &Global, console: &mut Console) -> anyhow::Result<Exit> {
    let site = Site::open(global)?;
    let request = site.request(global, args)?;
    match config::validate(&request, &site.files(), &terminal::variable) {
        Err(problems) => {
            console.say(&config::render(&problems));
            Ok(Exit::Usage)
        }
        Ok(notices) => {
            for notice in notices {
                console.say(&format!("notice: {}\n", escape(&notice)));
            }
            console.out("the configuration is valid\n")?;
            Ok(Exit::Pass)
        }
    }
}
