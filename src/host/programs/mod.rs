//! Owns the `Programs` port: starts a program in a tree of its own and follows it to its end; knows no tool by name.

mod cost;
mod find;
mod log;
mod output;
mod ready;
mod service;
mod strays;
mod subject;
mod tree;

use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::process::Command;
use tokio::task::JoinHandle;

use crate::base::words;
use crate::check::ports::{Finished, Measured, Programs as Port, Request, Service, ServiceRequest};
use crate::check::usage::{Looks, Subject, Usage, Watch};
use crate::model::fault::{Fault, FaultKind};

use super::interrupt::{Cancel, Urgency, cancelled};
use super::runtime;
use super::usage::Watcher;

use log::Log;
use output::Capture;
use tree::{Ending, Tree};

/// How long a program may go on after it was asked to end, and how long its output is awaited after its end.
pub(super) const GRACE: Duration = Duration::from_secs(2);

/// Variables that tie git to one repository: those of the hook that started qgate must not reach the tools.
pub const GIT_VARIABLES: &[&str] = &[
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_PARAMETERS",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// Programs, run below one root.
#[derive(Clone, Debug)]
pub struct Programs {
    root: PathBuf,
    logs: Option<PathBuf>,
    cancel: Cancel,
}

impl Programs {
    /// Programs that run below `root` and whose output is kept in `logs`, a folder that is made when it is needed; no
    /// output is kept when it is `None`. Raising `cancel` ends all of them.
    #[must_use]
    pub const fn new(root: PathBuf, logs: Option<PathBuf>, cancel: Cancel) -> Self {
        Self { root, logs, cancel }
    }

    /// Programs that run below another root; their output is kept where it was.
    #[must_use]
    pub fn at(&self, root: PathBuf) -> Self {
        Self {
            root,
            ..self.clone()
        }
    }

    fn command(&self, program: PathBuf, request: &Request) -> Command {
        let mut command = Command::new(program);
        let folder = request.folder.as_ref();
        command
            .args(&request.argv[1..])
            .current_dir(folder.map_or_else(|| self.root.clone(), |at| at.to_native(&self.root)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        for name in GIT_VARIABLES {
            command.env_remove(name);
        }
        command.envs(&request.variables);
        command
    }
}

impl Programs {
    /// The command of a request, unless the run is over or there is no such program or folder.
    fn prepared(&self, request: &Request) -> Result<Command, Fault> {
        let name = request.argv.first().cloned().unwrap_or_default();
        if self.cancel.is_raised() {
            return Err(cancelled(&name));
        }
        if let Some(folder) = &request.folder
            && !folder.to_native(&self.root).is_dir()
        {
            return Err(Fault::new(
                FaultKind::Missing,
                format!("`{name}` was to run in {folder}, which is no folder"),
                "mend the folder's name",
            ));
        }
        let path = request.variables.get("PATH").map(Into::into);
        let path = path.or_else(|| std::env::var_os("PATH"));
        let program =
            find::find(&name, &self.root, path.as_deref()).ok_or_else(|| missing(&name))?;
        Ok(self.command(program, request))
    }

    fn job(&self, request: &Request, looks: Option<Looks>) -> Result<Job, Fault> {
        Ok(Job {
            name: request.argv.first().cloned().unwrap_or_default(),
            command: self.prepared(request)?,
            timeout: request.timeout,
            keep: request.keep,
            looks,
            log: Log::new(self.logs.as_deref(), &self.root, &request.log),
            cancel: self.cancel.clone(),
        })
    }
}

fn missing(name: &str) -> Fault {
    let looked = if find::is_path(name) {
        format!("`{name}` is not an executable file below the root")
    } else {
        format!("`{name}` is not installed: no folder of PATH has it")
    };
    let cure = format!("install `{name}`, or put its folder on PATH");
    Fault::new(FaultKind::ToolMissing, looked, cure)
}

impl Port for Programs {
    fn find(&self, name: &str) -> Option<PathBuf> {
        let program = find::find(name, &self.root, std::env::var_os("PATH").as_deref())?;
        let folder = program.parent()?.canonicalize().ok()?;
        Some(folder.join(program.file_name()?))
    }

    fn run(&self, request: &Request) -> Result<Finished, Fault> {
        Ok(self.measure(request)?.finished)
    }

    fn measure(&self, request: &Request) -> Result<Measured, Fault> {
        let job = self.job(request, None)?;
        Ok(runtime::wait(job.run())??.0)
    }

    fn record(&self, request: &Request, looks: Looks) -> Result<(Measured, Usage), Fault> {
        let job = self.job(request, Some(looks))?;
        let (measured, usage) = runtime::wait(job.run())??;
        Ok((measured, usage.unwrap_or_default()))
    }

    fn watch(&self, subject: &Subject, looks: Looks) -> Result<Box<dyn Watch>, Fault> {
        let root = subject::find(subject, &self.root)?;
        Ok(Box::new(Watcher::start(root, looks)?))
    }

    fn serve(&self, request: &ServiceRequest) -> Result<Box<dyn Service>, Fault> {
        let command = self.prepared(&request.program)?;
        let log = Log::new(self.logs.as_deref(), &self.root, &request.program.log);
        let cancel = self.cancel.clone();
        let started = service::start(command, request.clone(), log, cancel);
        Ok(Box::new(runtime::wait(started)??))
    }
}

/// One program on its way.
struct Job {
    name: String,
    command: Command,
    timeout: Duration,
    keep: usize,
    looks: Option<Looks>,
    log: Log,
    cancel: Cancel,
}

/// Why a program is no longer awaited.
enum End {
    Exited(std::io::Result<ExitStatus>),
    TimedOut,
    Cancelled,
}

impl Job {
    async fn run(self) -> Result<(Measured, Option<Usage>), Fault> {
        let before = cost::of_children();
        let start = Instant::now();
        let mut tree =
            Tree::spawn(self.command).map_err(|problem| not_started(&self.name, &problem))?;
        let log = Arc::new(Mutex::new(self.log));
        let watcher = match (self.looks, tree.root(true)) {
            (Some(looks), Some(root)) => Some(Watcher::start(root, looks)?),
            _ => None,
        };
        let (stdout, stderr) = tree.pipes();
        let mut streams = [
            Stream::follow(stdout, self.keep, &log),
            Stream::follow(stderr, self.keep, &log),
        ];
        let end = tokio::select! {
            biased;
            () = self.cancel.until(Urgency::Soon) => End::Cancelled,
            status = tree.wait() => End::Exited(status),
            () = tokio::time::sleep(self.timeout) => End::TimedOut,
        };
        let wall = start.elapsed();
        let cost = cost::since(before);
        if matches!(end, End::Exited(_)) {
            // What still writes belongs to the program, `tee` behind a process substitution for one.
            drain(&mut streams, GRACE, &self.cancel).await;
        }
        let usage = watcher.map(|watcher| cost::usage(watcher, cost, wall));
        tree.end(Ending::default(), &self.cancel).await;
        let whole = drain(&mut streams, GRACE, &self.cancel).await;
        let shown = finish_log(&log, whole);
        match end {
            End::Exited(Ok(status)) => {
                let [stdout, stderr] = streams.map(Stream::captured);
                let finished = Finished {
                    code: status.code(),
                    signal: signal(status),
                    truncated: !whole || stdout.truncated() || stderr.truncated(),
                    stdout: stdout.into_bytes(),
                    stderr: stderr.into_bytes(),
                    log: shown,
                    wall: start.elapsed(),
                };
                let cpu = cost.map(|cost| cost.cpu);
                let measured = Measured {
                    finished,
                    wall,
                    cpu,
                };
                Ok((measured, usage))
            }
            End::Exited(Err(problem)) => Err(Fault::new(
                FaultKind::ToolFailed,
                format!("the end of `{}` cannot be awaited: {problem}", self.name),
                "run again",
            )),
            End::TimedOut => Err(Fault::new(
                FaultKind::Timeout,
                format!(
                    "`{}` took longer than {}",
                    self.name,
                    words::duration(self.timeout)
                ),
                match shown {
                    Some(log) => format!("see {log}, then raise `timeout` or make it faster"),
                    None => "raise `timeout` or make it faster".to_owned(),
                },
            )),
            End::Cancelled => Err(cancelled(&self.name)),
        }
    }
}

/// One of the two output streams.
struct Stream {
    task: JoinHandle<()>,
    capture: Arc<Mutex<Capture>>,
}

impl Stream {
    fn follow<R>(pipe: Option<R>, keep: usize, log: &Arc<Mutex<Log>>) -> Self
    where
        R: tokio::io::AsyncRead + Unpin + Send + 'static,
    {
        let capture = Arc::new(Mutex::new(Capture::new(keep)));
        let (into, log) = (Arc::clone(&capture), Arc::clone(log));
        let task = tokio::spawn(async move {
            if let Some(pipe) = pipe {
                output::pump(pipe, &into, &log).await;
            }
        });
        Self { task, capture }
    }

    /// What was captured so far.
    fn so_far(&self) -> Capture {
        let capture = self.capture.lock().unwrap_or_else(PoisonError::into_inner);
        capture.clone()
    }

    fn captured(self) -> Capture {
        let mut capture = self.capture.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *capture)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Waits for the ends of both streams; says whether they came in time.
async fn drain(streams: &mut [Stream; 2], at_most: Duration, cancel: &Cancel) -> bool {
    let deadline = tokio::time::sleep(at_most);
    tokio::pin!(deadline);
    for stream in streams {
        if stream.task.is_finished() {
            continue;
        }
        tokio::select! {
            _ = &mut stream.task => {}
            () = &mut deadline => return false,
            () = cancel.until(Urgency::Now) => return false,
        }
    }
    true
}

fn finish_log(log: &Mutex<Log>, whole: bool) -> Option<String> {
    let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
    log.finish(whole)
}

fn not_started(name: &str, problem: &std::io::Error) -> Fault {
    let cure = match problem.kind() {
        std::io::ErrorKind::NotFound => "see that the interpreter in its first line exists",
        std::io::ErrorKind::PermissionDenied => "make it executable",
        _ => "run it by hand to see what is wrong",
    };
    Fault::new(
        FaultKind::ToolFailed,
        format!("`{name}` cannot be started: {problem}"),
        cure,
    )
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal(_: ExitStatus) -> Option<i32> {
    None
}
