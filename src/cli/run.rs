//! Owns `qgate run`.

use super::args::Global;
use super::output::Console;
use super::run_args::RunArgs;
use crate::model::outcome::Exit;

/// Judges the repository.
///
/// # Errors
/// When something that is no fault of a check went wrong.
pub fn run(_args: &RunArgs, _global: &Global, _console: &mut Console) -> anyhow::Result<Exit> {
    anyhow::bail!("this build of qgate has no engine")
}
