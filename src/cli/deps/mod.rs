//! Owns `qgate deps`: the dependency family alone, on lockfiles anywhere, without gates.

pub mod audit;
pub mod outdated;

use clap::{Args, Subcommand};

use super::args::Global;
use super::output::Console;
use crate::model::outcome::Exit;
use audit::AuditArgs;
use outdated::OutdatedArgs;

/// `qgate deps`.
#[derive(Args, Debug)]
pub struct DepsArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: DepsAction,
}

/// What can be done with dependencies.
#[derive(Debug, Subcommand)]
pub enum DepsAction {
    /// Say what advisories know of the packages in lockfiles
    #[command(after_help = audit::EXAMPLES)]
    Audit(AuditArgs),
    /// Say how far the packages in lockfiles are behind their newest versions
    #[command(after_help = outdated::EXAMPLES)]
    Outdated(OutdatedArgs),
}

/// Does it.
///
/// # Errors
/// When a path is no lockfile, or the answer cannot be written.
pub fn run(args: &DepsArgs, global: &Global, console: &mut Console) -> anyhow::Result<Exit> {
    match &args.action {
        DepsAction::Audit(args) => audit::run(args, global, console),
        DepsAction::Outdated(args) => outdated::run(args, global, console),
    }
}
