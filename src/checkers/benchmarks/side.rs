//! Owns base and head side by side: what is run on each of them, in which order, and the values that each run gives. Judges
//! nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::base::path::RepoPath;
use crate::base::words;
use crate::check::Cx;
use crate::check::options::Glob;
use crate::check::ports::{Artifacts, Measured, Programs, Request};
use crate::model::fault::{Fault, FaultKind};

use super::gather::{Gathered, LARGEST, Wishes, gather, unusable};
use super::options::{Ab, Measure, Options, Output};
use super::read::{self, Hints};
use super::record::Record;

/// How many of the last lines of the output a message quotes.
const LAST_LINES: usize = 5;

/// One of the two.
pub struct Side<'a> {
    /// For people.
    pub name: &'static str,
    /// Where its programs run.
    pub programs: &'a dyn Programs,
    /// Where their reports are.
    pub artifacts: &'a dyn Artifacts,
}

/// All that is measured in one run, by key.
pub type Values = BTreeMap<String, Record>;

/// What runs, and how much time is left for it. A checker has no clock: the time of the programs is what is counted.
pub struct Runner<'a> {
    ab: &'a Ab,
    wishes: Wishes,
    label: &'a str,
    left: Duration,
    /// The wall time of each run that was compared, for a note.
    pub walls: Vec<Duration>,
    /// The processor time of these runs.
    pub cpu: Duration,
}

impl<'a> Runner<'a> {
    /// Runs the command of `options`, within the check's time.
    pub fn new(ab: &'a Ab, options: &Options, cx: &Cx<'a>) -> Self {
        Self {
            ab,
            wishes: options.wishes(),
            label: cx.label,
            left: cx.timeout,
            walls: Vec::new(),
            cpu: Duration::ZERO,
        }
    }

    /// The time that is left.
    pub const fn left(&self) -> Duration {
        self.left
    }

    /// Builds one side.
    ///
    /// # Errors
    /// When it cannot be built.
    pub fn build(&mut self, side: &Side<'_>) -> Result<(), Fault> {
        let Some(line) = &self.ab.build else {
            return Ok(());
        };
        let request = self.request(shell(line), side, "build", Request::KEEP);
        let measured = side.programs.measure(&request)?;
        self.left = self.left.saturating_sub(measured.finished.wall);
        ended_well(&format!("the build of the {}", side.name), &measured)
    }

    /// Runs the command once.
    ///
    /// # Errors
    /// When it does not end well, or its results cannot be read: nothing can be compared then.
    pub fn run(&mut self, side: &Side<'_>) -> Result<Values, Fault> {
        let argv = match &self.ab.shell {
            Some(line) => shell(line),
            None => self.ab.run.clone(),
        };
        let on_output = matches!(self.ab.report, Some(Output::Stdout));
        let keep = if on_output {
            usize::try_from(LARGEST).unwrap_or(Request::KEEP)
        } else {
            Request::KEEP
        };
        let before = self.stamps(side)?;
        let request = self.request(argv, side, "run", keep);
        let measured = side.programs.measure(&request)?;
        self.left = self.left.saturating_sub(measured.finished.wall);
        ended_well(
            &format!("`{}` on the {}", self.ab.title(), side.name),
            &measured,
        )?;
        self.walls.push(measured.wall);
        self.cpu += measured.cpu.unwrap_or_default();
        match self.ab.measure() {
            Measure::Cpu => {
                let cpu = measured.cpu.ok_or_else(no_cpu_time)?;
                Ok(self.one("cpu", cpu))
            }
            Measure::Wall => Ok(self.one("wall", measured.wall)),
            Measure::Report => self.report(side, &before, &measured),
        }
    }

    fn one(&self, metric: &str, time: Duration) -> Values {
        let record = Record::new("", &self.ab.title(), metric, "s", time.as_secs_f64());
        BTreeMap::from([(record.key(), record)])
    }

    fn request(&self, argv: Vec<String>, side: &Side<'_>, what: &str, keep: usize) -> Request {
        Request {
            argv,
            folder: self.ab.folder.as_ref().map(|folder| folder.0.clone()),
            variables: self.ab.env.clone(),
            timeout: self.left,
            log: format!("{}.{}.{what}.log", self.label, side.name),
            keep,
        }
    }

    fn glob(&self) -> Option<&Glob> {
        match &self.ab.report {
            Some(Output::Files(glob)) => Some(glob),
            _ => None,
        }
    }

    /// Age and size of the reports that are there.
    fn stamps(&self, side: &Side<'_>) -> Result<BTreeMap<RepoPath, (u64, u64)>, Fault> {
        let Some(glob) = self.glob() else {
            return Ok(BTreeMap::new());
        };
        let found = side.artifacts.find(std::slice::from_ref(glob))?;
        let files = found.into_iter().filter(|file| !file.folder);
        Ok(files
            .map(|file| (file.path, (file.modified_ns, file.size)))
            .collect())
    }

    fn report(
        &self,
        side: &Side<'_>,
        before: &BTreeMap<RepoPath, (u64, u64)>,
        measured: &Measured,
    ) -> Result<Values, Fault> {
        let gathered = if self.glob().is_some() {
            self.files(side, before)?
        } else {
            if measured.finished.truncated {
                return Err(unusable("on the standard output", "it was cut off"));
            }
            let report = read::read(&measured.finished.stdout, Hints::default());
            let report = report.map_err(|why| unusable("on the standard output", &why))?;
            let mut gathered = Gathered::default();
            gathered.add("the standard output", report, &self.wishes)?;
            gathered
        };
        let judged = gathered.records.into_iter();
        let judged = judged.map(|(key, (record, _))| (key, record));
        let judged: Values = judged
            .filter(|(_, record)| self.wishes.judges(record))
            .collect();
        if judged.is_empty() {
            return Err(unusable(
                &format!("of the {}", side.name),
                "none of its metrics is judged: name some in `metrics`",
            ));
        }
        Ok(judged)
    }

    /// The report files that this run wrote: one that it did not write is another run's.
    fn files(
        &self,
        side: &Side<'_>,
        before: &BTreeMap<RepoPath, (u64, u64)>,
    ) -> Result<Gathered, Fault> {
        let now = self.stamps(side)?;
        let fresh = now
            .into_iter()
            .filter(|(path, stamp)| before.get(path) != Some(stamp));
        let fresh: BTreeMap<String, RepoPath> = fresh
            .map(|(path, _)| (String::from_utf8_lossy(path.as_bytes()).into_owned(), path))
            .collect();
        if fresh.is_empty() {
            let glob = self.glob().map_or("", Glob::as_str);
            return Err(Fault::new(
                FaultKind::Missing,
                format!("the run on the {} wrote no report at `{glob}`", side.name),
                "see where the command writes its report",
            ));
        }
        let paths: Vec<String> = fresh.keys().cloned().collect();
        let mut load = |path: &str| match fresh.get(path) {
            Some(path) => side.artifacts.read(path, LARGEST).map(Some),
            None => Ok(None),
        };
        gather(&paths, &mut load, Hints::default(), &self.wishes)
    }
}

fn shell(line: &str) -> Vec<String> {
    let shell = if cfg!(windows) {
        ["cmd", "/C"]
    } else {
        ["sh", "-c"]
    };
    let words = shell.iter().map(|&word| word.to_owned());
    words.chain([line.to_owned()]).collect()
}

fn no_cpu_time() -> Fault {
    Fault::new(
        FaultKind::ToolFailed,
        "this system does not tell the processor time of a program",
        "compare the time from start to end with `measure: wall`",
    )
}

/// A run that failed measured something else.
fn ended_well(what: &str, measured: &Measured) -> Result<(), Fault> {
    let finished = &measured.finished;
    let end = match (finished.code, finished.signal) {
        (Some(0), _) => return Ok(()),
        (Some(code), _) => format!("{what} ended with exit code {code}"),
        (None, signal) => format!("{what} was ended by signal {}", signal.unwrap_or_default()),
    };
    let output = [&finished.stderr, &finished.stdout].map(|bytes| String::from_utf8_lossy(bytes));
    let said = output.iter().find(|text| !text.trim().is_empty());
    let mut lines: Vec<&str> = said.map_or_else(Vec::new, |text| {
        let lines = text.lines().rev().map(str::trim);
        lines
            .filter(|line| !line.is_empty())
            .take(LAST_LINES)
            .collect()
    });
    lines.reverse();
    let log = finished.log.as_deref().map(|log| format!("see {log}"));
    let said = (!lines.is_empty()).then(|| format!("its last words: {}", lines.join(" | ")));
    let cure: Vec<String> = log.into_iter().chain(said).collect();
    let cure = if cure.is_empty() {
        "run it by hand: it printed nothing".to_owned()
    } else {
        cure.join("; ")
    };
    Err(Fault::new(FaultKind::ToolFailed, end, cure))
}

/// How long a run takes, for a note.
pub fn typical(walls: &[Duration]) -> String {
    let mut sorted = walls.to_vec();
    sorted.sort();
    let middle = sorted.get(sorted.len() / 2).copied().unwrap_or_default();
    words::duration(middle)
}
