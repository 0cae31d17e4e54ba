//! Owns `qgate schema`.

use super::args::{SchemaArgs, SchemaOf};
use super::output::Console;
use crate::model::outcome::Exit;

/// Prints a JSON schema.
///
/// # Errors
/// When it cannot be written.
pub fn run(args: &SchemaArgs, _console: &mut Console) -> anyhow::Result<Exit> {
    match args.of {
        SchemaOf::Config | SchemaOf::Report => anyhow::bail!("no schema yet"),
    }
}
