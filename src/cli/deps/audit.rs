//! Owns `qgate deps audit`: what advisories say of lockfiles anywhere, without gates.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use jiff::civil::Date;
use serde::Serialize;

use crate::base::ascii::escape;
use crate::base::words;
use crate::check::options::Days;
use crate::checkers::dependencies::index::manifest::Manifest;
use crate::checkers::dependencies::index::segment::Index;
use crate::checkers::dependencies::inventory::{Ecosystem, Id};
use crate::checkers::dependencies::osv::advisory::Class;
use crate::checkers::dependencies::osv::affected::Judged;
use crate::checkers::dependencies::vulnerabilities::api;
use crate::checkers::dependencies::vulnerabilities::data::{self, Supply};
use crate::checkers::dependencies::vulnerabilities::judge::{self, Hit, Pin};
use crate::checkers::dependencies::vulnerabilities::survey::{At, Lock};
use crate::checkers::dependencies::vulnerabilities::{CURE, severity_of};
use crate::cli::advisories::{Format, today};
use crate::cli::args::Global;
use crate::cli::lockfiles;
use crate::cli::output::Console;
use crate::host::advisories::Folder;
use crate::host::http::Client;
use crate::host::{advisory_source, interrupt};
use crate::model::outcome::Exit;
use crate::model::rule::Severity;

pub(super) const EXAMPLES: &str = "Examples:
  qgate deps audit .
  qgate deps audit Cargo.lock web/package-lock.json
  qgate deps audit --advisories ./advisory-db --format json Cargo.lock

Exit codes: 0 nothing known, 1 a vulnerability or malware, 3 none found but something could not be judged.";

/// `qgate deps audit`.
#[derive(Args, Debug)]
pub struct AuditArgs {
    /// A folder of OSV records, a zip archive, an index, a bundle or a folder of indexes [default: this machine's]
    #[arg(long, value_name = "PATH")]
    pub advisories: Option<PathBuf>,
    /// Ask this server of the OSV API instead, such as `https://api.osv.dev`: it learns the names and versions
    #[arg(long, value_name = "URL", conflicts_with = "advisories")]
    pub api: Option<String>,
    /// Judge Go's standard library of this version too, or of what go.mod says with `go.mod`
    #[arg(long, value_name = "VERSION")]
    pub go_version: Option<String>,
    /// The oldest data that is believed: days such as 7d, or `never`
    #[arg(long, value_name = "DAYS", default_value = "7d", value_parser = Days::new)]
    pub max_age: Days,
    /// The day that the data of --advisories is of, where it does not tell
    #[arg(long, value_name = "DATE", requires = "advisories")]
    pub as_of: Option<Date>,
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
    /// Lockfiles, or folders that hold some
    #[arg(value_name = "LOCKFILE", required = true)]
    pub lockfiles: Vec<PathBuf>,
}

/// An answer of a server may take so long.
const PATIENCE: Duration = Duration::from_secs(30);

/// The answer, as JSON has it.
#[derive(Serialize)]
struct Answer {
    version: u32,
    /// Is everything judged, by data that can be relied on?
    complete: bool,
    unverified: Vec<String>,
    advisories: Vec<Data>,
    lockfiles: Vec<File>,
    /// Findings by class, over all lockfiles.
    counts: BTreeMap<&'static str, usize>,
    findings: Vec<Found>,
}

#[derive(Serialize)]
struct Data {
    ecosystem: &'static str,
    reliable: bool,
    as_of: Option<String>,
    records: usize,
    source: String,
}

#[derive(Serialize)]
struct File {
    path: String,
    ecosystem: &'static str,
    format_version: String,
    /// All entries.
    packages: usize,
    /// The project's own.
    own: usize,
    /// Those of a registry, with an exact version.
    audited: usize,
    /// Different names with versions among those.
    distinct: usize,
    /// From git, URLs, folders.
    elsewhere: usize,
    without_version: usize,
    counts: BTreeMap<&'static str, usize>,
    notes: Vec<String>,
}

#[derive(Serialize)]
struct Found {
    lockfile: String,
    line: u32,
    ecosystem: &'static str,
    package: String,
    version: String,
    id: String,
    advisories: Vec<String>,
    aliases: Vec<String>,
    class: &'static str,
    /// What counts: where nobody says, `high`.
    severity: Severity,
    severity_known: bool,
    cvss: Vec<String>,
    summary: String,
    /// `certain`, `listed` (by itself, in no range) or `undecided`.
    match_kind: &'static str,
    condition: Option<String>,
    fixed_in: Option<String>,
    /// Free of everything that is known of the package.
    clean_in: Option<String>,
    direct: Option<bool>,
    dev: Option<bool>,
    way: Vec<String>,
}

/// Does it.
///
/// # Errors
/// When a path is no lockfile ([`Usage`]), or the answer cannot be written.
pub fn run(args: &AuditArgs, global: &Global, console: &mut Console) -> anyhow::Result<Exit> {
    let from = global.directory.as_deref().unwrap_or(Path::new("."));
    let answer = audit(args, from)?;
    if args.format == Format::Json {
        console.json(&answer)?;
    } else {
        console.out(&text(&answer))?;
    }
    let is_bad = |found: &Found| {
        matches!(found.class, "vulnerability" | "malware") && found.match_kind != "undecided"
    };
    Ok(if answer.findings.iter().any(is_bad) {
        Exit::Fail
    } else if answer.complete {
        Exit::Pass
    } else {
        Exit::Unknown
    })
}

fn audit(args: &AuditArgs, from: &Path) -> anyhow::Result<Answer> {
    let today = today()?;
    let mut unverified = Vec::new();
    let found = lockfiles::read(&args.lockfiles, from)?;
    let all = found.locks;
    unverified.extend(found.unread);
    let mut wanted: BTreeMap<Ecosystem, BTreeSet<Pin>> = BTreeMap::new();
    for (_, lock) in &all {
        unverified.extend(lock.lost());
        unverified.extend(lock.unlocked());
        for (ecosystem, pin) in pins(args, lock).into_keys() {
            wanted.entry(ecosystem).or_default().insert(pin);
        }
    }
    let mut own = api::Own::new();
    let supplies = match &args.api {
        None => supplies(args, from, wanted.keys().copied().collect(), today)?,
        Some(base) => {
            let client = Client::new(false, interrupt::listen()?);
            let told = api::ask(&client, base, &wanted, PATIENCE);
            own = told.own;
            let missing = told.missing.into_iter();
            unverified.extend(missing.map(|missing| format!("advisories of {base}: {missing}")));
            BTreeMap::new()
        }
    };
    let nothing = BTreeMap::new();
    let mut hits: BTreeMap<At, Vec<Hit>> = BTreeMap::new();
    for (&ecosystem, pins) in &wanted {
        let supply = supplies.get(&ecosystem);
        let doubts = match supply {
            Some(supply) => supply.doubts.clone(),
            None if args.api.is_some() => Vec::new(),
            None => vec!["there are none here".to_owned()],
        };
        let name = ecosystem.name();
        unverified.extend(
            doubts
                .iter()
                .map(|doubt| format!("advisories for {name}: {doubt}")),
        );
        let index = supply.and_then(|supply| supply.index.as_ref());
        let judged = judge::judge(
            ecosystem,
            pins,
            index,
            own.get(&ecosystem).unwrap_or(&nothing),
        )?;
        for (package, version) in judged.without_order {
            unverified.push(format!(
                "{name}: `{version}` of {package} has no place in the order of versions"
            ));
        }
        for hit in judged.hits {
            hits.entry((ecosystem, hit.pin.clone()))
                .or_default()
                .push(hit);
        }
    }
    let findings: Vec<Found> = all
        .iter()
        .flat_map(|(_, lock)| findings(args, lock, &hits))
        .collect();
    Ok(Answer {
        version: 1,
        complete: unverified.is_empty(),
        unverified,
        advisories: supplies.iter().filter_map(data).collect(),
        lockfiles: all
            .iter()
            .map(|(ecosystem, lock)| file(*ecosystem, lock, &findings))
            .collect(),
        counts: counts(findings.iter()),
        findings,
    })
}

fn supplies(
    args: &AuditArgs,
    from: &Path,
    ecosystems: Vec<Ecosystem>,
    today: Date,
) -> anyhow::Result<BTreeMap<Ecosystem, Supply>> {
    let max_age = args.max_age.limit();
    let Some(path) = &args.advisories else {
        return Ok(data::load(&Folder::of_user(), ecosystems, today, max_age));
    };
    let as_of = args.as_of.and_then(|day| {
        let start = day.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(start.timestamp().as_second())
    });
    let about = Manifest {
        source: path.display().to_string(),
        as_of,
        as_of_by: "--as-of".to_owned(),
        ..Manifest::default()
    };
    let made = advisory_source::read(&from.join(path), &about)?;
    let open = |(ecosystem, bytes): (Ecosystem, Vec<u8>)| {
        let supply = match Index::open(bytes) {
            Ok(index) => Supply::of(index, today, max_age),
            Err(flaw) => Supply {
                index: None,
                doubts: vec![flaw.to_string()],
            },
        };
        (ecosystem, supply)
    };
    let indexes = made.indexes.into_iter();
    Ok(indexes
        .filter(|(ecosystem, _)| ecosystems.contains(ecosystem))
        .map(open)
        .collect())
}

fn data((ecosystem, supply): (&Ecosystem, &Supply)) -> Option<Data> {
    let manifest = supply.index.as_ref()?.manifest();
    Some(Data {
        ecosystem: ecosystem.name(),
        reliable: supply.doubts.is_empty(),
        as_of: manifest.day().map(|day| day.to_string()),
        records: manifest.records,
        source: manifest.source.clone(),
    })
}

fn counts<'a>(findings: impl Iterator<Item = &'a Found>) -> BTreeMap<&'static str, usize> {
    let classes = [
        Class::Malware,
        Class::Vulnerability,
        Class::Unmaintained,
        Class::Unsound,
        Class::Notice,
    ];
    let mut counts: BTreeMap<&'static str, usize> =
        classes.iter().map(|class| (class.name(), 0)).collect();
    for found in findings {
        let key = if found.match_kind == "undecided" {
            "undecided"
        } else {
            found.class
        };
        *counts.entry(key).or_default() += 1;
    }
    counts
}

fn file(ecosystem: Ecosystem, lock: &Lock, findings: &[Found]) -> File {
    let held = lock.counts();
    File {
        path: lock.path.clone(),
        ecosystem: ecosystem.name(),
        format_version: lock.inventory.version.clone(),
        packages: held.packages,
        own: held.own,
        audited: held.asked,
        distinct: held.distinct,
        elsewhere: held.elsewhere,
        without_version: held.without_version,
        counts: counts(findings.iter().filter(|found| found.lockfile == lock.path)),
        notes: lock.notes(),
    }
}

/// What advisories are asked about.
fn pins(args: &AuditArgs, lock: &Lock) -> BTreeMap<At, Vec<Id>> {
    let mut pins = lock.pins(true);
    if let Some(version) = &args.go_version {
        pins.extend(lock.go_pins((version != "go.mod").then_some(version)));
    }
    pins
}

fn findings(args: &AuditArgs, lock: &Lock, hits: &BTreeMap<At, Vec<Hit>>) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, ids) in pins(args, lock) {
        let Some(&id) = ids.first() else { continue };
        let package = &lock.inventory.packages[id];
        for hit in hits.get(&at).map(Vec::as_slice).unwrap_or_default() {
            found.push(Found {
                lockfile: lock.path.clone(),
                line: package.span.start.line,
                ecosystem: at.0.name(),
                package: package.name.clone(),
                version: hit.pin.1.clone(),
                id: hit.id.clone(),
                advisories: hit.advisories.clone(),
                aliases: hit.aliases.clone(),
                class: hit.class.name(),
                severity: severity_of(hit, Severity::High),
                severity_known: hit.severity.is_some(),
                cvss: hit.vectors.clone(),
                summary: hit.summary.clone(),
                match_kind: match hit.judged {
                    Judged::Listed => "listed",
                    Judged::Unknown | Judged::No => "undecided",
                    Judged::Yes => "certain",
                },
                condition: hit.condition.clone(),
                fixed_in: hit.fixed.clone(),
                clean_in: hit.clean.clone(),
                direct: package.direct,
                dev: package.dev,
                way: lock.way(id).into_iter().map(str::to_owned).collect(),
            });
        }
    }
    found
}

fn text(answer: &Answer) -> String {
    let mut text = String::new();
    for file in &answer.lockfiles {
        text.push_str(&format!(
            "{}: {}, {} of them asked about\n",
            escape(&file.path),
            words::count(file.packages, "package"),
            file.audited
        ));
        for note in &file.notes {
            text.push_str(&format!("  note: {}\n", escape(note)));
        }
        let here = answer
            .findings
            .iter()
            .filter(|found| found.lockfile == file.path);
        for found in here {
            let severity = if found.severity_known || found.class != "vulnerability" {
                found.severity.to_string()
            } else {
                format!("{}, nobody says", found.severity)
            };
            let undecided = if found.match_kind == "undecided" {
                ", undecided"
            } else {
                ""
            };
            text.push_str(&format!(
                "\n{}:{}: {} {}: {} ({}, {severity}{undecided})\n",
                escape(&found.lockfile),
                found.line,
                escape(&found.package),
                escape(&found.version),
                escape(&found.id),
                found.class,
            ));
            if !found.summary.is_empty() {
                text.push_str(&format!("  {}\n", escape(&found.summary)));
            }
            let same: Vec<&String> = found
                .advisories
                .iter()
                .chain(&found.aliases)
                .filter(|id| **id != found.id)
                .collect();
            if !same.is_empty() {
                let same: Vec<String> =
                    same.into_iter().map(|id| escape(id).into_owned()).collect();
                text.push_str(&format!("  the same as {}\n", same.join(", ")));
            }
            if let Some(condition) = &found.condition {
                text.push_str(&format!("  matters {}\n", escape(condition)));
            }
            match &found.fixed_in {
                Some(fixed) => text.push_str(&format!("  help: raise it to {}\n", escape(fixed))),
                None => text.push_str("  no fixed version is known\n"),
            }
            if let [through @ .., _] = &*found.way
                && !through.is_empty()
            {
                let through: Vec<String> = through
                    .iter()
                    .map(|name| escape(name).into_owned())
                    .collect();
                text.push_str(&format!("  here through {}\n", through.join(" > ")));
            }
        }
        text.push('\n');
    }
    for data in &answer.advisories {
        text.push_str(&format!(
            "by {} advisories for {}, of {}\n",
            data.records,
            data.ecosystem,
            data.as_of.as_deref().unwrap_or("an unknown day")
        ));
    }
    let counts: Vec<String> = answer
        .counts
        .iter()
        .map(|(class, count)| format!("{class} {count}"))
        .collect();
    text.push_str(&format!("{}\n", counts.join(", ")));
    if !answer.complete {
        text.push_str("not everything could be judged:\n");
        for why in &answer.unverified {
            text.push_str(&format!("  {}\n", escape(why)));
        }
        text.push_str(&format!("  help: {CURE}\n"));
    }
    text
}
