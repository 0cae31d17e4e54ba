//! Owns `qgate benchmarks`: what reports of benchmark tools say, and the accepting of results. Judges nothing.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

use super::Usage;
use super::args::Global;
use super::output::Console;
use super::scan::Format;
use super::site::Site;
use crate::base::ascii::escape;
use crate::base::words::count;
use crate::check::machine::Machine as _;
use crate::check::options::Glob;
use crate::check::ports::Artifacts as _;
use crate::checkers::benchmarks::BASELINE;
use crate::checkers::benchmarks::accepted::Accepted;
use crate::checkers::benchmarks::gather::{Gathered, LARGEST, Wishes, gather, unusable};
use crate::checkers::benchmarks::read::{Hints, read};
use crate::checkers::benchmarks::record::{Record, shown};
use crate::host::artifacts::Disk;
use crate::host::interrupt::Cancel;
use crate::host::machine::System;
use crate::host::programs::Programs;
use crate::host::{beside, store};
use crate::model::fault::{Fault, FaultKind};
use crate::model::metric::Better;
use crate::model::outcome::Exit;

const EXAMPLES: &str = "Examples:
  qgate benchmarks show target/criterion bench.json
  qgate benchmarks show --format json results.txt
  qgate benchmarks accept bench.json          keep these results for machines of this class
  qgate benchmarks accept --anew bench.json   forget what was accepted of them before

Exit codes: 0 done, 3 a report cannot be understood.";

/// `qgate benchmarks`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct BenchmarksArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: BenchmarksAction,
}

/// What can be done with reports of benchmarks.
#[derive(Debug, Subcommand)]
pub enum BenchmarksAction {
    /// Show what reports of benchmark tools say; the content tells the format
    Show(ShowArgs),
    /// Keep results as accepted, for the checker `benchmarks` to compare with
    Accept(AcceptArgs),
}

/// `qgate benchmarks show`.
#[derive(Args, Debug)]
pub struct ShowArgs {
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
    /// Which way is better where the unit does not tell
    #[arg(long, value_enum, value_name = "WAY")]
    pub better: Option<Way>,
    /// Reports, or folders that criterion wrote
    #[arg(value_name = "REPORT", required = true)]
    pub reports: Vec<PathBuf>,
}

/// `qgate benchmarks accept`.
#[derive(Args, Debug)]
pub struct AcceptArgs {
    /// The file of accepted results, from the root
    #[arg(long, value_name = "FILE", default_value = BASELINE)]
    pub baseline: PathBuf,
    /// Forget what was accepted of these results before
    #[arg(long)]
    pub anew: bool,
    /// Which way is better where the unit does not tell
    #[arg(long, value_enum, value_name = "WAY")]
    pub better: Option<Way>,
    /// Reports, or folders that criterion wrote
    #[arg(value_name = "REPORT", required = true)]
    pub reports: Vec<PathBuf>,
}

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Way {
    /// More is better
    Higher,
    /// Less is better
    Lower,
}

impl From<Way> for Better {
    fn from(way: Way) -> Self {
        match way {
            Way::Higher => Self::Higher,
            Way::Lower => Self::Lower,
        }
    }
}

/// Does it.
///
/// # Errors
/// When a report cannot be read or understood, or the answer cannot be written.
pub fn run(args: &BenchmarksArgs, global: &Global, console: &mut Console) -> anyhow::Result<Exit> {
    let from = global.directory.as_deref().unwrap_or(Path::new("."));
    match &args.action {
        BenchmarksAction::Show(args) => {
            let gathered = results(from, &args.reports, args.better)?;
            show(&gathered, args.format, console)?;
        }
        BenchmarksAction::Accept(args) => {
            let gathered = results(from, &args.reports, args.better)?;
            accept(&gathered, args, global, console)?;
        }
    }
    Ok(Exit::Pass)
}

/// The results of all reports.
fn results(from: &Path, reports: &[PathBuf], better: Option<Way>) -> anyhow::Result<Gathered> {
    let hints = Hints {
        better: better.map(Better::from),
    };
    let wishes = Wishes::default();
    let mut all = Gathered::default();
    for given in reports {
        let path = from.join(given);
        let name = given.to_string_lossy().replace('\\', "/");
        if path.is_dir() {
            let one = folder(&path, &name, hints)?;
            for (key, (record, path)) in one.records {
                if let Some((_, other)) = all.records.insert(key.clone(), (record, path.clone())) {
                    anyhow::bail!("`{key}` stands in two reports: {other} and {path}");
                }
            }
            all.formats.extend(one.formats);
            continue;
        }
        let bytes = beside::read(&path).map_err(|problem| {
            let message = format!("`{}` cannot be read: {problem}", given.display());
            Usage::new(message, "name a report that is there")
        })?;
        let report = read(&bytes, hints).map_err(|why| unusable(&name, &why))?;
        all.add(&name, report, &wishes)?;
    }
    Ok(all)
}

/// What criterion wrote below a folder.
fn folder(path: &Path, name: &str, hints: Hints) -> Result<Gathered, Fault> {
    let disk = Disk::new(path, None);
    let glob = |text: &str| {
        Glob::new(text).map_err(|why| Fault::new(FaultKind::Unreadable, why, "name a file"))
    };
    let found = disk.find(&[glob("**/new/*.json")?])?;
    let files: Vec<_> = found.into_iter().map(|file| file.path).collect();
    let shown = |path: &[u8]| String::from_utf8_lossy(path).into_owned();
    let paths: Vec<String> = files.iter().map(|path| shown(path.as_bytes())).collect();
    let mut load = |wanted: &str| {
        let at = paths.iter().position(|path| path == wanted);
        at.map(|at| disk.read(&files[at], LARGEST)).transpose()
    };
    let gathered = gather(&paths, &mut load, hints, &Wishes::default())?;
    if gathered.records.is_empty() {
        return Err(unusable(
            name,
            "criterion wrote nothing below it; name the files themselves",
        ));
    }
    Ok(gathered)
}

fn show(gathered: &Gathered, format: Format, console: &mut Console) -> anyhow::Result<()> {
    if format == Format::Json {
        let records: Vec<_> = gathered.records.values().map(told).collect();
        let thresholds: Vec<_> = gathered
            .thresholds
            .iter()
            .map(|(one, path)| {
                json!({"metric": one.metric, "expression": one.expression, "held": one.held, "report": path})
            })
            .collect();
        let all = json!({"version": 1, "results": records, "thresholds": thresholds, "notes": gathered.notes});
        console.json(&all)?;
        return Ok(());
    }
    let titles = [
        "benchmark",
        "metric",
        "value",
        "range",
        "n",
        "better",
        "report",
    ];
    let mut lines = vec![titles.map(str::to_owned).to_vec()];
    for (record, path) in gathered.records.values() {
        let value = |value: f64| shown(value, &record.unit);
        let range = match (record.lo, record.hi) {
            (Some(lo), Some(hi)) => format!("{} .. {}", value(lo), value(hi)),
            _ => String::new(),
        };
        let cells = [
            record.title(),
            record.metric.clone(),
            value(record.value),
            range,
            record.n.to_string(),
            way(record).unwrap_or("?").to_owned(),
            path.clone(),
        ];
        lines.push(cells.iter().map(|cell| escape(cell).into_owned()).collect());
    }
    console.table(&lines)?;
    for (threshold, path) in &gathered.thresholds {
        let held = if threshold.held { "held" } else { "CROSSED" };
        let text = format!(
            "threshold {} of {}: {held} ({path})",
            threshold.expression, threshold.metric
        );
        console.out(&format!("{}\n", escape(&text)))?;
    }
    for note in &gathered.notes {
        console.out(&format!("note: {}\n", escape(note)))?;
    }
    Ok(())
}

fn way(record: &Record) -> Option<&'static str> {
    record.better.map(|better| match better {
        Better::Higher => "higher",
        Better::Lower => "lower",
    })
}

fn told((record, path): &(Record, String)) -> serde_json::Value {
    json!({
        "suite": record.suite,
        "name": record.name,
        "params": record.params,
        "metric": record.metric,
        "unit": record.unit,
        "better": way(record),
        "value": record.value,
        "lo": record.lo,
        "hi": record.hi,
        "n": record.n,
        "samples": record.samples,
        "report": path,
    })
}

fn accept(
    gathered: &Gathered,
    args: &AcceptArgs,
    global: &Global,
    console: &mut Console,
) -> anyhow::Result<()> {
    let site = Site::open(global)?;
    let path = site.root.join(&args.baseline);
    let mut accepted = match beside::read(&path) {
        Ok(bytes) => Accepted::read(&bytes).map_err(|why| {
            Usage::new(
                format!("{} cannot be read: {why}", args.baseline.display()),
                "mend it, or remove it to begin again",
            )
        })?,
        Err(problem) if problem.kind() == std::io::ErrorKind::NotFound => Accepted::default(),
        Err(problem) => anyhow::bail!("{} cannot be read: {problem}", args.baseline.display()),
    };
    let programs = Programs::new(site.root.clone(), None, Cancel::new());
    let machine = System::new(programs).snapshot(&gathered.tools());
    let records = gathered.records.values().map(|(record, _)| record);
    accepted.accept(&machine, records, args.anew);
    store::write_atomic(&path, accepted.text().as_bytes())?;
    let text = format!(
        "accepted {} for machines of class {} in {}",
        count(gathered.records.len(), "result"),
        machine.class_id(),
        args.baseline.display()
    );
    console.out(&format!("{}\n", escape(&text)))?;
    Ok(())
}
