//! Owns `qgate schema`.

use super::args::{SchemaArgs, SchemaOf};
use super::output::Console;
use crate::config;
use crate::model::outcome::Exit;
use crate::report::json;

/// Prints a JSON schema.
///
/// # Errors
/// When it cannot be written.
pub fn run(args: &SchemaArgs, console: &mut Console) -> anyhow::Result<Exit> {
    let schema = match args.of {
        SchemaOf::Config => config::schema(),
        SchemaOf::Report => json::schema(),
    };
    console.out(&json::ascii(&serde_json::to_string_pretty(&schema)?))?;
    console.out("\n")?;
    Ok(Exit::Pass)
}
