//! Owns the running of the tool: its request, what its exit code means, and which report files it really wrote.

use std::collections::BTreeMap;

use crate::base::path::RepoPath;
use crate::check::Cx;
use crate::check::options::Glob;
use crate::check::ports::{Finished, Request};
use crate::model::fault::{Fault, FaultKind};

use super::LARGEST;
use super::options::{Input, Options};
use super::report;

/// How many of the last lines of the output a message quotes.
const LAST_LINES: usize = 5;

/// What is run.
#[derive(Debug)]
pub struct Program {
    /// The program's name for people: without folder, arguments and ending.
    pub name: String,
    argv: Vec<String>,
}

impl Program {
    /// The program of the options; `None` when only reports are read.
    pub fn of(options: &Options) -> Option<Self> {
        let (first, argv) = match &options.shell {
            Some(line) => {
                let shell = if cfg!(windows) {
                    ["cmd", "/C"]
                } else {
                    ["sh", "-c"]
                };
                let argv = shell.iter().map(|&word| word.to_owned());
                let is_one =
                    !line.contains([';', '&', '|', '$', '`', '(', '{', '<', '>', '=', '\n']);
                let first = line.split_whitespace().next().filter(|_| is_one);
                (
                    first.unwrap_or(shell[0]),
                    argv.chain([line.clone()]).collect(),
                )
            }
            None => (of_python(&options.run)?, options.run.clone()),
        };
        let name = first.rsplit(['/', '\\']).next().unwrap_or(first);
        let name = name.strip_suffix(".exe").unwrap_or(name);
        Some(Self {
            name: name.to_owned(),
            argv,
        })
    }

    /// Runs it.
    ///
    /// # Errors
    /// When it cannot be run, and when its end says nothing about the code: a signal, a command that its shell did not
    /// find, an exit code that no option names while a report is read.
    pub fn run(&self, options: &Options, cx: &Cx<'_>) -> Result<Finished, Fault> {
        let on_output = options
            .inputs()
            .any(|input| !matches!(input, Input::Files(_)));
        let request = Request {
            argv: self.argv.clone(),
            folder: options.folder.as_ref().map(|folder| folder.0.clone()),
            variables: options.env.clone(),
            timeout: cx.timeout,
            log: format!("{}.log", cx.label),
            keep: if on_output { LARGEST } else { Request::KEEP },
        };
        let finished = cx
            .ports
            .programs
            .run(&request)
            .map_err(|fault| with_cure(fault, options))?;
        match self.useless(&finished, options) {
            Some(fault) => Err(fault),
            None => Ok(finished),
        }
    }

    fn useless(&self, finished: &Finished, options: &Options) -> Option<Fault> {
        let name = &self.name;
        let failed = |what: String| Some(Fault::new(FaultKind::ToolFailed, what, help(finished)));
        let Some(code) = finished.code else {
            let signal = finished.signal.unwrap_or_default();
            return failed(format!("`{name}` was ended by signal {signal}"));
        };
        if options.success.contains(&code) {
            return None;
        }
        let reads = options.inputs().next().is_some();
        if options.findings_exit.contains(&code) && reads {
            return None;
        }
        match code {
            127 => {
                let what = format!(
                    "`{name}` ended with exit code 127: a program that it calls is not installed"
                );
                let fault = Fault::new(FaultKind::ToolMissing, what, help(finished));
                Some(with_cure(fault, options))
            }
            126 => failed(format!(
                "`{name}` ended with exit code 126: a program that it calls cannot be run"
            )),
            129..=192 if options.shell.is_some() => failed(format!(
                "a program that `{name}` calls was ended by signal {}",
                code - 128
            )),
            _ if reads => failed(format!(
                "`{name}` ended with exit code {code}, which is neither in `success` nor in `findings_exit`"
            )),
            _ => None,
        }
    }
}

/// The module of `python -m module`, else the program.
fn of_python(argv: &[String]) -> Option<&str> {
    match argv {
        [program, flag, module, ..] if program.contains("python") && flag == "-m" => Some(module),
        _ => argv.first().map(String::as_str),
    }
}

fn with_cure(fault: Fault, options: &Options) -> Fault {
    match &options.install {
        Some(install) if fault.kind == FaultKind::ToolMissing => Fault {
            cure: install.clone(),
            ..fault
        },
        _ => fault,
    }
}

/// Where to look after a failure: the last lines of the output, and the log.
pub fn help(finished: &Finished) -> String {
    let output = [&finished.stderr, &finished.stdout].map(|bytes| String::from_utf8_lossy(bytes));
    let mut lines: Vec<String> = output
        .iter()
        .find(|text| !text.trim().is_empty())
        .map(|text| {
            text.lines()
                .rev()
                .map(report::line)
                .filter(|line| !line.is_empty())
                .take(LAST_LINES)
                .collect()
        })
        .unwrap_or_default();
    lines.reverse();
    let log = finished.log.as_deref().map(|log| format!("see {log}"));
    let said = (!lines.is_empty()).then(|| format!("its last words: {}", lines.join(" | ")));
    match (log, said) {
        (Some(log), Some(said)) => format!("{log}; {said}"),
        (Some(text), None) | (None, Some(text)) => text,
        (None, None) => "run it by hand: it printed nothing".to_owned(),
    }
}

/// The report files as they were before the command: what it did not write again is stale.
#[derive(Debug, Default)]
pub struct Snapshot(BTreeMap<RepoPath, (u64, u64)>);

impl Snapshot {
    /// Notes age and size of what the globs match now.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn take(globs: &[Glob], cx: &Cx<'_>) -> Result<Self, Fault> {
        if globs.is_empty() {
            return Ok(Self::default());
        }
        let files = cx.ports.artifacts.find(globs)?;
        let files = files.into_iter().filter(|file| !file.folder);
        Ok(Self(
            files
                .map(|file| (file.path, (file.modified_ns, file.size)))
                .collect(),
        ))
    }

    /// The files that the glob matches now; when the command was to write them, all of them must be new.
    ///
    /// # Errors
    /// When there is none, or a stale one.
    pub fn fresh(&self, glob: &Glob, written: bool, cx: &Cx<'_>) -> Result<Vec<RepoPath>, Fault> {
        let files = cx.ports.artifacts.find(std::slice::from_ref(glob))?;
        let files: Vec<_> = files.into_iter().filter(|file| !file.folder).collect();
        if files.is_empty() {
            let (what, cure) = if written {
                (
                    "the command wrote no report",
                    "see that it writes its report there",
                )
            } else {
                ("there is no report", "run the step that writes it first")
            };
            let what = format!("{what} at `{}`", glob.as_str());
            return Err(Fault::new(FaultKind::Missing, what, cure));
        }
        let is_stale = |file: &&crate::check::ports::Artifact| {
            written && self.0.get(&file.path) == Some(&(file.modified_ns, file.size))
        };
        if let Some(stale) = files.iter().find(is_stale) {
            return Err(Fault::new(
                FaultKind::Stale,
                format!(
                    "the report {} is older than this run: the command did not write it",
                    stale.path
                ),
                "remove it, and see where the command writes its report",
            ));
        }
        Ok(files.into_iter().map(|file| file.path).collect())
    }
}
