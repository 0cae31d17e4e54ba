//! Owns `qgate deps outdated`: how far packages are behind, and the file that tells the checker so without a network.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::base::ascii::escape;
use crate::base::words;
use crate::checkers::dependencies::inventory::Ecosystem;
use crate::checkers::dependencies::outdated::latest::Latest;
use crate::checkers::dependencies::outdated::step::{self, Step};
use crate::checkers::dependencies::outdated::{Names, Options, ask};
use crate::checkers::dependencies::releases;
use crate::checkers::dependencies::vulnerabilities::survey::Lock;
use crate::cli::Usage;
use crate::cli::advisories::{Format, today};
use crate::cli::args::Global;
use crate::cli::lockfiles;
use crate::cli::output::Console;
use crate::host::http::Client;
use crate::host::{beside, interrupt, store};
use crate::model::outcome::Exit;

pub(super) const EXAMPLES: &str = "Examples:
  qgate deps outdated --online .                          ask the registries
  qgate deps outdated --online --write versions.json .    and keep what they say, for gates that ask nobody
  qgate deps outdated --versions versions.json Cargo.lock ask nobody

Exit codes: 0 nothing is further behind than is tolerated, 1 something is, 3 something is not known.";

/// `qgate deps outdated`.
#[derive(Args, Debug)]
pub struct OutdatedArgs {
    /// A file with newest versions that was written before
    #[arg(long, value_name = "FILE")]
    pub versions: Option<PathBuf>,
    /// Ask the registries: they learn the names of the dependencies
    #[arg(long)]
    pub online: bool,
    /// Ask this registry instead of the public one, such as npm=https://npm.our.example
    #[arg(long, value_name = "ECOSYSTEM=URL", value_parser = registry)]
    pub registry: Vec<(Ecosystem, String)>,
    /// Keep all newest versions that are known now in this file
    #[arg(long, value_name = "FILE")]
    pub write: Option<PathBuf>,
    /// Also whether the releases that are used were taken back, and when they came out, for the checker `releases`
    #[arg(long)]
    pub releases: bool,
    /// Also packages that the project does not ask for itself
    #[arg(long)]
    pub all: bool,
    /// How far a package may be behind
    #[arg(long, value_enum, default_value = "patch")]
    pub tolerate: Tolerate,
    /// Seconds that an answer of a registry may take
    #[arg(long, value_name = "SECONDS", default_value = "20")]
    pub patience: u64,
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
    /// Lockfiles, or folders that hold some
    #[arg(value_name = "LOCKFILE", required = true)]
    pub lockfiles: Vec<PathBuf>,
}

/// `--tolerate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Tolerate {
    /// Not at all
    Nothing,
    /// By repairs
    Patch,
    /// By repairs and additions
    Minor,
}

fn registry(text: &str) -> Result<(Ecosystem, String), String> {
    let (name, base) = text
        .split_once('=')
        .ok_or("write it as npm=https://npm.our.example")?;
    let mut all = Ecosystem::ALL.iter().copied();
    let known = all.find(|known| known.name().eq_ignore_ascii_case(name));
    let known = known.ok_or_else(|| {
        let names: Vec<&str> = Ecosystem::ALL.iter().map(|known| known.name()).collect();
        format!("one of {}", names.join(", "))
    })?;
    Ok((known, base.to_owned()))
}

/// The answer, as JSON has it.
#[derive(Serialize)]
struct Answer {
    version: u32,
    /// Is the newest version of every package known?
    complete: bool,
    unknown: Vec<String>,
    packages: usize,
    outdated: Vec<Behind>,
}

#[derive(Serialize)]
struct Behind {
    lockfile: String,
    line: u32,
    ecosystem: &'static str,
    package: String,
    version: String,
    newest: String,
    /// `patch`, `minor` or `major`.
    step: &'static str,
    /// Is it tolerated?
    tolerated: bool,
    direct: Option<bool>,
}

/// Does it.
///
/// # Errors
/// When a path is no lockfile ([`Usage`]), or something cannot be written.
pub fn run(args: &OutdatedArgs, global: &Global, console: &mut Console) -> anyhow::Result<Exit> {
    let from = global.directory.as_deref().unwrap_or(Path::new("."));
    let found = lockfiles::read(&args.lockfiles, from)?;
    let mut unknown = found.unread;
    let options = Options {
        all: args.all,
        ..Options::default()
    };
    let locks: Vec<Lock> = found.locks.into_iter().map(|(_, lock)| lock).collect();
    let mut wanted = Names::new();
    for lock in &locks {
        unknown.extend(lock.lost());
        for (_, package) in lock
            .inventory
            .foreign()
            .filter(|(_, package)| options.judges(package))
        {
            wanted
                .entry(package.ecosystem)
                .or_default()
                .insert(package.normal_name());
        }
    }
    let used = if args.releases {
        releases::wanted(locks.iter(), &releases::Options::default())
    } else {
        BTreeSet::new()
    };
    let latest = latest(args, from, &wanted, &used, &mut unknown)?;
    if let Some(path) = &args.write {
        store::write_atomic(&from.join(path), latest.written().as_bytes())?;
    }
    let mut outdated = Vec::new();
    for lock in &locks {
        behind(
            lock,
            &options,
            args.tolerate,
            &latest,
            &mut outdated,
            &mut unknown,
        );
    }
    let answer = Answer {
        version: 1,
        complete: unknown.is_empty(),
        unknown,
        packages: wanted.values().map(BTreeSet::len).sum(),
        outdated,
    };
    if args.format == Format::Json {
        console.json(&answer)?;
    } else {
        console.out(&text(&answer))?;
    }
    Ok(if answer.outdated.iter().any(|one| !one.tolerated) {
        Exit::Fail
    } else if answer.complete {
        Exit::Pass
    } else {
        Exit::Unknown
    })
}

/// What is known of newest versions.
fn latest(
    args: &OutdatedArgs,
    from: &Path,
    wanted: &Names,
    releases: &BTreeSet<releases::ask::Key>,
    unknown: &mut Vec<String>,
) -> anyhow::Result<Latest> {
    let mut latest = Latest::new(today()?);
    if let Some(path) = &args.versions {
        let shown = path.display();
        let bytes = beside::read(&from.join(path)).map_err(|problem| problem.to_string());
        let read = bytes.and_then(|bytes| Latest::read(&bytes));
        latest = read.map_err(|why| {
            Usage::new(
                format!("{shown} cannot be read: {why}"),
                "name a file that `--write` made",
            )
        })?;
    }
    let lacks = latest.lacks(wanted);
    let unjudged = latest.lacks_releases(releases);
    if lacks.is_empty() && unjudged.is_empty() {
        return Ok(latest);
    }
    if !args.online {
        let newest = lacks.values().map(BTreeSet::len).sum();
        for (count, what) in [(newest, "newest version"), (unjudged.len(), "release")] {
            if count > 0 {
                let what = words::count(count, what);
                unknown.push(format!(
                    "nobody tells of {what}: ask with --online, or name a file with --versions"
                ));
            }
        }
        return Ok(latest);
    }
    let client = Client::new(false, interrupt::listen()?);
    let bases: BTreeMap<Ecosystem, String> = args.registry.iter().cloned().collect();
    let patience = Duration::from_secs(args.patience);
    let missing = ask::ask(&client, &lacks, &bases, patience, &mut latest);
    unknown.extend(missing.lines("no newest version of"));
    let missing = releases::ask::ask(&client, &unjudged, &bases, patience, &mut latest);
    unknown.extend(missing.lines("nothing is told of the release of"));
    Ok(latest)
}

fn behind(
    lock: &Lock,
    options: &Options,
    tolerate: Tolerate,
    latest: &Latest,
    outdated: &mut Vec<Behind>,
    unknown: &mut Vec<String>,
) {
    let tolerates = |step: Step| match step {
        Step::Patch => tolerate >= Tolerate::Patch,
        Step::Minor => tolerate >= Tolerate::Minor,
        Step::Major => false,
    };
    for (_, package) in lock
        .inventory
        .foreign()
        .filter(|(_, package)| options.judges(package))
    {
        let newest = latest.of(package.ecosystem, &package.normal_name());
        let (Some(have), Some(newest)) = (package.version.as_deref(), newest) else {
            continue;
        };
        match step::behind(package.ecosystem, have, newest) {
            Err(why) => unknown.push(format!("{}: {}: {why}", lock.path, package.name)),
            Ok(None) => {}
            Ok(Some(step)) => outdated.push(Behind {
                lockfile: lock.path.clone(),
                line: package.span.start.line,
                ecosystem: package.ecosystem.name(),
                package: package.name.clone(),
                version: have.to_owned(),
                newest: newest.to_owned(),
                step: step.name(),
                tolerated: tolerates(step),
                direct: package.direct,
            }),
        }
    }
}

fn text(answer: &Answer) -> String {
    let mut text = String::new();
    for one in &answer.outdated {
        let tolerated = if one.tolerated { ", tolerated" } else { "" };
        text.push_str(&format!(
            "{}:{}: {} {}: {} is out ({}{tolerated})\n",
            escape(&one.lockfile),
            one.line,
            escape(&one.package),
            escape(&one.version),
            escape(&one.newest),
            one.step
        ));
    }
    let behind = answer.outdated.iter().filter(|one| !one.tolerated).count();
    text.push_str(&format!(
        "{behind} of {} further behind than is tolerated\n",
        words::count(answer.packages, "package")
    ));
    for why in &answer.unknown {
        text.push_str(&format!("not known: {}\n", escape(why)));
    }
    text
}
