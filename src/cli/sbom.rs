//! Owns `qgate sbom`: the bill of materials of a project, from its lockfiles.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use serde_json::Value;

use super::args::Global;
use super::output::Console;
use super::{Usage, lockfiles};
use crate::base::ascii::escape;
use crate::base::words;
use crate::checkers::dependencies::inventory::Package;
use crate::checkers::dependencies::licenses::found::Packages;
use crate::checkers::dependencies::sbom::{self, Bill, Head};
use crate::checkers::dependencies::vulnerabilities::survey::Lock;
use crate::host::beside::OnDisk;
use crate::host::git::Repository;
use crate::host::{beside, store, surroundings};
use crate::model::outcome::Exit;

const EXAMPLES: &str = "Examples:
  qgate sbom                                    CycloneDX 1.6 of this repository's lockfiles
  qgate sbom --format spdx --output sbom.json   SPDX 2.3, into a file
  qgate sbom web/package-lock.json --no-dev     of one lockfile, without what only developers need
  qgate sbom --check sbom.json                  does the file still tell what the lockfiles tell?

Exit codes: 0 written, 1 the file of --check tells something else, 3 something is not known: the bill says so.";

/// `qgate sbom`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct SbomArgs {
    /// A folder, or one lockfile
    #[arg(value_name = "PATH", default_value = ".")]
    pub path: PathBuf,
    /// Which format
    #[arg(long, value_enum, default_value = "cyclonedx")]
    pub format: Format,
    /// The file to write, instead of the standard output
    #[arg(short, long, value_name = "FILE", conflicts_with = "check")]
    pub output: Option<PathBuf>,
    /// Compare with this file instead of writing: is what it names still the same?
    #[arg(long, value_name = "FILE")]
    pub check: Option<PathBuf>,
    /// The project's name [default: that of its only package, else the folder's]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// The project's version [default: that of its only package]
    #[arg(long, value_name = "VERSION")]
    pub release: Option<String>,
    /// The time that stands in it, such as 2026-12-01T00:00:00Z [default: SOURCE_DATE_EPOCH, else that of the commit that is
    /// checked out, else now]
    #[arg(long, value_name = "TIME")]
    pub created: Option<Timestamp>,
    /// Leave out what only developers need
    #[arg(long)]
    pub no_dev: bool,
}

/// `--format`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// CycloneDX 1.6, JSON
    Cyclonedx,
    /// SPDX 2.3, JSON
    Spdx,
}

/// Does it.
///
/// # Errors
/// When there is no lockfile ([`Usage`]), or the bill cannot be written.
pub fn run(args: &SbomArgs, global: &Global, console: &mut Console) -> anyhow::Result<Exit> {
    let from = global.directory.as_deref().unwrap_or(Path::new("."));
    let path = from.join(&args.path);
    let (folder, within) = if path.is_dir() {
        (path, PathBuf::new())
    } else {
        let name = path.file_name().map(PathBuf::from).unwrap_or_default();
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        (folder.unwrap_or(Path::new(".")).to_owned(), name)
    };
    let found = lockfiles::read(&[within], &folder)?;
    if !found.unread.is_empty() {
        for why in &found.unread {
            console.say(&format!("qgate: error: {}\n", escape(why)));
        }
        let what = words::count(found.unread.len(), "lockfile");
        console.say(&format!(
            "  help: nothing was written: mend {what}, or name one that can be read\n"
        ));
        return Ok(Exit::Unknown);
    }
    let locks: Vec<Lock> = found.locks.into_iter().map(|(_, lock)| lock).collect();
    let bill = bill(args, &folder, &locks)?;
    let text = match args.format {
        Format::Cyclonedx => sbom::cyclonedx(&bill),
        Format::Spdx => sbom::spdx(&bill),
    };
    for why in &bill.incomplete {
        console.say(&format!("qgate: not complete: {}\n", escape(why)));
    }
    let exit = if bill.incomplete.is_empty() {
        Exit::Pass
    } else {
        Exit::Unknown
    };
    if let Some(file) = &args.check {
        let same = compare(&from.join(file), &text, console)?;
        return Ok(if same { exit } else { Exit::Fail });
    }
    match &args.output {
        Some(file) => store::write_atomic(&from.join(file), text.as_bytes())?,
        None => console.out(&text)?,
    }
    Ok(exit)
}

fn bill(args: &SbomArgs, folder: &Path, locks: &[Lock]) -> anyhow::Result<Bill> {
    let only = only_member(locks);
    let named = args.name.clone();
    let head = Head {
        name: named
            .or_else(|| only.map(|(_, member)| member.name.clone()))
            .unwrap_or_else(|| name_of(folder)),
        version: args.release.clone(),
        created: created(args, folder)?,
    };
    let licence =
        |lock: &str, package: &Package| Packages(&OnDisk::of(&folder.join(lock))).licence(package);
    let bill = Bill::new(head, locks, !args.no_dev, &licence);
    Ok(match only {
        Some((lock, member)) => bill.rooted(lock, member),
        None => bill,
    })
}

/// The project itself, where it has one lockfile and one package.
fn only_member(locks: &[Lock]) -> Option<(&Lock, &Package)> {
    let [lock] = locks else { return None };
    let mut own = lock
        .inventory
        .packages
        .iter()
        .filter(|package| package.is_own());
    let member = own.next()?;
    (own.next().is_none() && !member.name.is_empty()).then_some((lock, member))
}

fn name_of(folder: &Path) -> String {
    let whole = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let name = whole
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| "project".to_owned())
}

/// The time of the bill, in seconds since the epoch.
fn created(args: &SbomArgs, folder: &Path) -> anyhow::Result<i64> {
    if let Some(time) = args.created {
        return Ok(time.as_second());
    }
    let fixed = surroundings::fixed_clock();
    if let Some(time) =
        fixed.map_err(|problem| Usage::new(problem, "unset it, or set it to a time"))?
    {
        return Ok(time.as_second());
    }
    let repository = Repository::discover(folder).ok().flatten();
    let committed = repository.and_then(|repository| repository.head_time().ok().flatten());
    Ok(committed.unwrap_or_else(|| surroundings::now().as_second()))
}

/// Does a file tell what this bill tells? When, by which version and under which number it was made does not matter.
fn compare(file: &Path, text: &str, console: &mut Console) -> anyhow::Result<bool> {
    let shown = file.display().to_string();
    let unread = |why: String| {
        Usage::new(
            format!("{shown} cannot be compared: {why}"),
            "name a bill that `qgate sbom` wrote",
        )
    };
    let bytes = beside::read(file).map_err(|problem| unread(problem.to_string()))?;
    let old: Value =
        serde_json::from_slice(&bytes).map_err(|problem| unread(problem.to_string()))?;
    let new: Value = serde_json::from_str(text)?;
    if timeless(old.clone()) == timeless(new.clone()) {
        return Ok(true);
    }
    let (old, new) = (references(&old), references(&new));
    console.say(&format!(
        "{}: it tells something else than the lockfiles\n",
        escape(&shown)
    ));
    for (what, names) in [
        ("gone", old.difference(&new)),
        ("new", new.difference(&old)),
    ] {
        for name in names {
            console.say(&format!("  {what}: {}\n", escape(name)));
        }
    }
    console.say("  help: write it again with `qgate sbom --output FILE`\n");
    Ok(false)
}

fn timeless(mut bill: Value) -> Value {
    for at in [
        "/serialNumber",
        "/metadata/timestamp",
        "/metadata/tools",
        "/documentNamespace",
        "/creationInfo",
    ] {
        if let Some(value) = bill.pointer_mut(at) {
            *value = Value::Null;
        }
    }
    bill
}

fn references(bill: &Value) -> BTreeSet<String> {
    let lists = ["components", "packages"].into_iter();
    let entries = lists.filter_map(|key| bill.get(key)?.as_array()).flatten();
    let name = |entry: &Value| {
        let key = entry.get("bom-ref").or_else(|| entry.get("SPDXID"));
        key.and_then(Value::as_str).map(str::to_owned)
    };
    entries.filter_map(name).collect()
}
