//! Owns `qgate completions`.

use clap::CommandFactory as _;

use super::args::{Cli, CompletionsArgs};
use super::output::Console;
use crate::model::outcome::Exit;

/// Prints the completion script for a shell.
///
/// # Errors
/// When it cannot be written.
pub fn run(args: &CompletionsArgs, console: &mut Console) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "qgate", &mut script);
    console.out(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Pass)
}
