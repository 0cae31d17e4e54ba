//! Owns `qgate advisories`: bringing advisory data onto this machine, and saying what is there.

mod show;
mod update;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;

use super::Usage;
use super::args::Global;
use super::output::Console;
use crate::check::options::Days;
use crate::check::ports::Surroundings as _;
use crate::checkers::dependencies::inventory::Ecosystem;
use crate::host::surroundings::System;
use crate::model::outcome::Exit;

const EXAMPLES: &str = "\
Examples:
  qgate advisories update                         fetch from OSV for all ecosystems
  qgate advisories update --ecosystem npm,PyPI    only these
  qgate advisories update --from ./advisory-db    make indexes from a folder of OSV records
  qgate advisories update --from all.zip --bundle advisories.qadv   a file to carry to another machine
  qgate advisories status                         what is here, of when, and can it be relied on

They lie in the user's cache folder, or where QGATE_ADVISORIES says.";

/// `qgate advisories`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct AdvisoriesArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What can be done with advisories.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Bring advisory data onto this machine; what is there stays until the new data is whole and right
    Update(UpdateArgs),
    /// Say what is here: how much, of when, from where, and whether it can be relied on
    Status(StatusArgs),
    /// Read every byte of what is here and check it
    Verify(StatusArgs),
}

/// `qgate advisories update`.
#[derive(Args, Debug)]
pub struct UpdateArgs {
    /// A folder of OSV records, a zip archive, a bundle, or the URL of one of these or of a mirror of OSV's exports [default: OSV]
    #[arg(
        long,
        value_name = "SOURCE",
        env = "QGATE_ADVISORIES_FROM",
        hide_env_values = true
    )]
    pub from: Option<String>,
    /// Only these ecosystems [default: all that the source has]
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = ecosystem)]
    pub ecosystem: Vec<Ecosystem>,
    /// The day that the data is of, where it does not tell
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<Date>,
    /// The data is a part of all advisories on purpose: famous ones may be missing
    #[arg(long)]
    pub subset: bool,
    /// Take data that has far fewer records than what is here
    #[arg(long)]
    pub fewer: bool,
    /// Seconds without a byte after which a download is given up
    #[arg(long, value_name = "SECONDS", default_value = "20")]
    pub patience: u64,
    /// Write the indexes into one file instead of the user's cache
    #[arg(long, value_name = "FILE")]
    pub bundle: Option<PathBuf>,
}

/// `qgate advisories status` and `verify`.
#[derive(Args, Debug)]
pub struct StatusArgs {
    /// The oldest data that is believed: days such as 7d, or `never`
    #[arg(long, value_name = "DAYS", default_value = "7d", value_parser = Days::new)]
    pub max_age: Days,
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// `--format`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

fn ecosystem(text: &str) -> Result<Ecosystem, String> {
    let mut all = Ecosystem::ALL.iter().copied();
    all.find(|known| known.name().eq_ignore_ascii_case(text))
        .ok_or_else(|| {
            let names: Vec<&str> = Ecosystem::ALL.iter().map(|known| known.name()).collect();
            format!("one of {}", names.join(", "))
        })
}

/// Today, as the run has it.
pub(super) fn today() -> Result<Date, Usage> {
    let system = System::new(PathBuf::from("."));
    let system = system.map_err(|problem| Usage::new(problem, "unset it, or set it to a time"))?;
    Ok(system.today())
}

/// Does it.
///
/// # Errors
/// When the answer cannot be written, or the place of the indexes is not known.
pub fn run(args: &AdvisoriesArgs, global: &Global, console: &mut Console) -> anyhow::Result<Exit> {
    let from = global.directory.as_deref().unwrap_or(Path::new("."));
    match &args.action {
        Action::Update(args) => update::run(args, from, console),
        Action::Status(args) => show::run(args, false, console),
        Action::Verify(args) => show::run(args, true, console),
    }
}
