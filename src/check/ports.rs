//! Owns the ports: all that a checker may ask the world. Implementations live in `host`.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::base::path::RepoPath;
use crate::model::fault::{Fault, FaultKind};

use super::checkouts::Checkouts;
use super::database::DatabaseUrl;
use super::load::{Call, Outcome, Plan};
use super::machine::Machine;
use super::options::Glob;
use super::serve::{Ready, Stop};
use super::target::Hosts;
use super::usage::{Looks, Subject, Usage, Watch};

/// All ports together.
#[derive(Clone, Copy)]
pub struct Ports<'a> {
    /// Files that git may ignore: reports, logs, litter.
    pub artifacts: &'a dyn Artifacts,
    /// Programs.
    pub programs: &'a dyn Programs,
    /// Git history.
    pub git: &'a dyn Git,
    /// HTTP.
    pub http: &'a dyn Http,
    /// Load on services, and the answers of one.
    pub load: &'a dyn Load,
    /// Databases.
    pub databases: &'a dyn Databases,
    /// Advisory data of this machine.
    pub advisories: &'a dyn Advisories,
    /// Environment variables and the date.
    pub surroundings: &'a dyn Surroundings,
    /// The machine that measures.
    pub machine: &'a dyn Machine,
    /// Other commits on disk.
    pub checkouts: &'a dyn Checkouts,
}

/// A file that git may ignore.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Artifact {
    /// Its path.
    pub path: RepoPath,
    /// Is it a folder?
    pub folder: bool,
    /// Its length in bytes; 0 for a folder.
    pub size: u64,
    /// Does git ignore it?
    pub ignored: bool,
    /// Nanoseconds since the epoch of its last change.
    pub modified_ns: u64,
}

impl Stopped {
    /// Where to look when it did not do what it was to do.
    #[must_use]
    pub fn help(&self) -> String {
        let said = match self.last_words.as_slice() {
            [] => "it printed nothing".to_owned(),
            lines => format!("its last words: {}", lines.join(" | ")),
        };
        match &self.log {
            Some(log) => format!("see {log}; {said}"),
            None => format!("run it by hand; {said}"),
        }
    }
}

/// Files that git may ignore. Never below `.git`, never through a link, never outside the root.
pub trait Artifacts: Sync {
    /// The files that any of the globs matches, sorted by path.
    ///
    /// # Errors
    /// When a folder cannot be read.
    fn find(&self, globs: &[Glob]) -> Result<Vec<Artifact>, Fault>;

    /// What lies directly in the root, sorted by path.
    ///
    /// # Errors
    /// When the root cannot be read.
    fn root(&self) -> Result<Vec<Artifact>, Fault>;

    /// The content of a file of at most `limit` bytes.
    ///
    /// # Errors
    /// When it is not there, too large, or unreadable.
    fn read(&self, path: &RepoPath, limit: u64) -> Result<Vec<u8>, Fault>;

    /// The content of a file as a stream: for one that need not fit into memory. Where there is no disk it has at most `limit`
    /// bytes.
    ///
    /// # Errors
    /// As [`Artifacts::read`].
    fn open<'a>(&'a self, path: &RepoPath, limit: u64) -> Result<Box<dyn Read + 'a>, Fault> {
        let content = self.read(path, limit)?;
        Ok(Box::new(std::io::Cursor::new(content)))
    }
}

/// A program to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The program and its arguments; never empty.
    pub argv: Vec<String>,
    /// Where it runs, relative to the root; the root itself when `None`.
    pub folder: Option<RepoPath>,
    /// Variables to set.
    pub variables: BTreeMap<String, String>,
    /// The whole process tree is ended after this time.
    pub timeout: Duration,
    /// The log file's name, without folder; the output is kept there in full.
    pub log: String,
    /// How many bytes of each output stream are handed back: head and tail of a longer one. [`Request::KEEP`] for
    /// output that only people read, more for a report on the standard output.
    pub keep: usize,
}

impl Request {
    /// What is kept of an output that only people read: 1 MiB.
    pub const KEEP: usize = 1 << 20;
}

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// The exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// The standard output: the head and the tail of it when it was longer than the limit.
    pub stdout: Vec<u8>,
    /// The standard error, likewise.
    pub stderr: Vec<u8>,
    /// Was any of the two longer than the limit?
    pub truncated: bool,
    /// Where the full output is, as people see it; `None` when it could not be kept.
    pub log: Option<String>,
    /// How long it took.
    pub wall: Duration,
}

/// What a run cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// How it ended.
    pub finished: Finished,
    /// From its start to its own end; what is cleared away behind it is not in it.
    pub wall: Duration,
    /// Processor time of the program and of all descendants that it waited for; `None` where the system does not tell.
    pub cpu: Option<Duration>,
}

/// Programs.
pub trait Programs: Sync {
    /// Where a program is, looked up as running it would: on `PATH`, or relative to the root when it has a `/`. Links in its
    /// folder's path are resolved, a link in its own place is not.
    fn find(&self, name: &str) -> Option<PathBuf>;

    /// Runs a program to its end, without standard input.
    ///
    /// # Errors
    /// `ToolMissing`, `Timeout`, `Cancelled` or `ToolFailed`; an exit code other than 0 is no error here.
    fn run(&self, request: &Request) -> Result<Finished, Fault>;

    /// As [`Programs::run`], and tells what the run cost. While it measures, no other program of this run may end.
    ///
    /// # Errors
    /// As [`Programs::run`].
    fn measure(&self, request: &Request) -> Result<Measured, Fault> {
        let finished = self.run(request)?;
        let wall = finished.wall;
        Ok(Measured {
            finished,
            wall,
            cpu: None,
        })
    }

    /// As [`Programs::measure`], and tells what the program and all that it started used.
    ///
    /// # Errors
    /// As [`Programs::run`], and when nobody can tell what programs use.
    fn record(&self, _request: &Request, _looks: Looks) -> Result<(Measured, Usage), Fault> {
        Err(no_programs())
    }

    /// Looks at what a program uses that runs already, until the handle is asked to finish.
    ///
    /// # Errors
    /// When it is not there, is another than the one that is meant, or nobody can tell what it uses.
    fn watch(&self, _subject: &Subject, _looks: Looks) -> Result<Box<dyn Watch>, Fault> {
        Err(no_programs())
    }

    /// Starts a service and waits until it is ready. Whatever becomes of the handle, the service ends with it, and all that
    /// it started.
    ///
    /// # Errors
    /// When something else takes the place that it is to listen at, it cannot be started, ends, or is not ready in time.
    fn serve(&self, _request: &ServiceRequest) -> Result<Box<dyn Service>, Fault> {
        Err(no_programs())
    }
}

fn no_programs() -> Fault {
    Fault::new(
        FaultKind::ToolMissing,
        "programs are out of reach here",
        "run the check in a repository",
    )
}

/// A service to start.
#[derive(Clone, Debug)]
pub struct ServiceRequest {
    /// The program. Its `timeout` is the longest that the service lives, whatever happens.
    pub program: Request,
    /// When it is ready.
    pub ready: Ready,
    /// How it is stopped.
    pub stop: Stop,
}

/// A service that is running.
pub trait Service: Send {
    /// The process id of the program that was started.
    fn pid(&self) -> Option<u32>;

    /// Looks at what it and all that it started use, until the handle is asked to finish.
    ///
    /// # Errors
    /// When it has ended, or nobody can tell what it uses.
    fn watch(&self, looks: Looks) -> Result<Box<dyn Watch>, Fault>;

    /// How it ended by itself, if it did.
    fn ended(&self) -> Option<String>;

    /// Where its output is kept, as people see it, once it printed something.
    fn log(&self) -> Option<String>;

    /// Ends it and all that it started, and waits for that.
    fn stop(self: Box<Self>) -> Stopped;
}

/// How a service was stopped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stopped {
    /// How it ended before it was asked to, if it did: `exit code 1`, `signal 9`.
    pub ended: Option<String>,
    /// Had it to be killed?
    pub killed: bool,
    /// Where its output is, as people see it.
    pub log: Option<String>,
    /// Its last lines.
    pub last_words: Vec<String>,
    /// The address that is still taken, if one is.
    pub still_taken: Option<String>,
}

/// A commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its id.
    pub id: String,
    /// Its parents' ids.
    pub parents: Vec<String>,
    /// The whole message, lossy where it is not UTF-8.
    pub message: String,
}

/// A version of a file in git's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// The commit that brought it first, in topological order; `None` where no commit has it, but a tag.
    pub commit: Option<Arc<str>>,
    /// Its place in the order in which they came.
    pub order: usize,
    /// The path that it stands at in that commit.
    pub path: RepoPath,
    /// The content.
    pub content: Vec<u8>,
}

/// How much of git's history was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Depth {
    /// Versions of files that were handed over.
    pub blobs: usize,
    /// Versions that were too large.
    pub too_large: usize,
    /// Is a part of the history left out of this clone?
    pub shallow: bool,
}

/// Git history.
pub trait Git: Sync {
    /// The commits that `to` has and `from` has not, oldest first; all of `to`'s when `from` is `None`.
    ///
    /// # Errors
    /// When there is no git, no such commit, or the history is not in this clone.
    fn commits(&self, from: Option<&str>, to: &str) -> Result<Vec<Commit>, Fault>;

    /// Is there any commit in what is checked out? Not before the first one.
    ///
    /// # Errors
    /// `Missing` when there is no git here, another kind when git fails.
    fn has_commits(&self) -> Result<bool, Fault>;

    /// The branches that the head is for: the one that is checked out, none when the head is detached; in a push those
    /// that it goes to.
    ///
    /// # Errors
    /// When there is no git here.
    fn branches(&self) -> Result<Vec<String>, Fault>;

    /// A value of git's configuration.
    ///
    /// # Errors
    /// When there is no git here.
    fn config(&self, key: &str) -> Result<Option<String>, Fault>;

    /// Hands over every version of every file that any branch or tag reaches, each content once, in batches of a bounded
    /// number of bytes; none of more than `largest` bytes.
    ///
    /// # Errors
    /// When there is no git here, or it fails.
    fn blobs(&self, _largest: u64, _take: &mut dyn FnMut(Vec<Blob>)) -> Result<Depth, Fault> {
        Err(no_versions())
    }
}

fn no_versions() -> Fault {
    Fault::new(
        FaultKind::Missing,
        "there is no git history to read here",
        "run qgate in a git repository",
    )
}

/// An answer to an HTTP request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The body, at most 1 MiB of it.
    pub body: Vec<u8>,
    /// How long it took.
    pub wall: Duration,
}

/// A question to an HTTP server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Where.
    pub url: String,
    /// What kind of answer is wanted, as the header `accept` names it.
    pub accept: &'static str,
    /// JSON to send; nothing is sent, and `GET` is the method, when there is none.
    pub body: Option<String>,
    /// The most bytes of an answer: a longer one is none.
    pub most: usize,
    /// Without an answer after this time there is none.
    pub timeout: Duration,
}

/// HTTP.
pub trait Http: Sync {
    /// Asks all of this, a few at a time, and again where a server says that it is too busy; the answers in the same order.
    /// Redirects are not followed, and no other machine is asked over plain HTTP.
    fn ask(&self, asks: &[Ask]) -> Vec<Result<Answer, Fault>> {
        let refusal = || {
            Fault::new(
                FaultKind::Offline,
                "the network is out of reach here",
                "run the check in a repository",
            )
        };
        asks.iter().map(|_| Err(refusal())).collect()
    }

    /// Asks for `url` once; redirects are not followed.
    ///
    /// # Errors
    /// When nobody answers in time, or the network is not allowed.
    fn get(&self, url: &str, timeout: Duration) -> Result<Answer, Fault>;
}

/// One look at a service.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// The status; `None` when there was no answer.
    pub status: Option<u16>,
    /// The headers, names in lower case; values that are no text are left out.
    pub headers: Vec<(String, String)>,
    /// The body, at most 1 MiB of it.
    pub body: Vec<u8>,
    /// From before the connection was made to the end of the answer.
    pub wall: Duration,
    /// The certificate that it showed, as DER.
    pub certificate: Option<Vec<u8>>,
    /// Why that is not to be trusted.
    pub distrust: Option<String>,
    /// Why there was no answer.
    pub problem: Option<String>,
}

/// Load on services.
pub trait Load: Sync {
    /// Sends a load and waits until all of it is answered or given up.
    ///
    /// # Errors
    /// When a host may not be asked, nothing listens there, or the run was interrupted. A request that fails is no error
    /// here.
    fn send(&self, _plan: &Plan) -> Result<Outcome, Fault> {
        Err(no_load())
    }

    /// Asks once, on a connection of its own, within `timeout`. Redirects are not followed, and a certificate that is not to be
    /// trusted is told and not trusted: nothing is sent then.
    ///
    /// # Errors
    /// When the host may not be asked, it cannot be asked at all, or the run was interrupted.
    fn look(&self, _call: &Call, _hosts: &Hosts, _timeout: Duration) -> Result<Look, Fault> {
        Err(no_load())
    }

    /// Waits.
    ///
    /// # Errors
    /// When the run was interrupted.
    fn pause(&self, _time: Duration) -> Result<(), Fault> {
        Err(no_load())
    }
}

fn no_load() -> Fault {
    Fault::new(
        FaultKind::Offline,
        "the network is out of reach here",
        "run the check in a repository",
    )
}

/// A row of an answer: its columns as text, `None` for NULL.
pub type Row = Vec<Option<String>>;

/// Why a database gave no rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The server refused the statement: the five characters of SQLSTATE, and its message.
    Server {
        /// SQLSTATE.
        code: String,
        /// The message, on one line.
        message: String,
    },
    /// There is no answer: the connection is gone, the time is up, or the run was interrupted.
    Lost(Fault),
}

/// A statement that was run for its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timed {
    /// From the request until the last row was here.
    pub wall: Duration,
    /// The rows that came, or that were changed where none came.
    pub rows: u64,
}

/// Databases that speak PostgreSQL's protocol.
pub trait Databases: Sync {
    /// A session of its own. All that it does must be done within `timeout`. When the session goes away, so does the
    /// connection, and an open transaction is rolled back.
    ///
    /// # Errors
    /// When nobody answers in time, the server does not let us in, or the network is not allowed.
    fn open(&self, url: &DatabaseUrl, timeout: Duration) -> Result<Box<dyn Session>, Fault>;
}

/// A session on a database.
pub trait Session {
    /// `host:port/database`: nothing secret.
    fn name(&self) -> &str;

    /// Runs SQL that qgate wrote itself; several statements may stand in it. The rows of all of them.
    ///
    /// # Errors
    /// When the server refuses it, or there is no answer.
    fn script(&mut self, sql: &str) -> Result<Vec<Row>, Refusal>;

    /// Runs one statement, which may be somebody else's: the server refuses a text with a second one. The rows; their
    /// columns must be of text or JSON.
    ///
    /// # Errors
    /// When the server refuses it, or there is no answer.
    fn statement(&mut self, sql: &str, parameters: &[Option<String>]) -> Result<Vec<Row>, Refusal>;

    /// As [`Session::statement`], run `times` times, each after `before` and before `after`, scripts that are not timed.
    /// The rows are counted and thrown away.
    ///
    /// # Errors
    /// When the server refuses it, or there is no answer.
    fn time(&mut self, work: &Work<'_>) -> Result<Vec<Timed>, Refusal>;
}

/// A statement that is to be timed.
#[derive(Clone, Copy, Debug)]
pub struct Work<'a> {
    /// The statement.
    pub sql: &'a str,
    /// Its parameters, as text.
    pub parameters: &'a [Option<String>],
    /// How often it runs.
    pub times: u32,
    /// What runs before each.
    pub before: &'a str,
    /// What runs after each.
    pub after: &'a str,
}

/// Advisory data of this machine. A supply: it changes only when somebody updates it.
pub trait Advisories: Sync {
    /// The index of an ecosystem, by its name in OSV; `None` when there is none.
    ///
    /// # Errors
    /// When it is there and cannot be read, or its place is not known.
    fn index(&self, ecosystem: &str) -> Result<Option<Vec<u8>>, Fault>;
}

/// Environment variables and the date.
pub trait Surroundings: Sync {
    /// The variable's value, if it is set.
    fn variable(&self, name: &str) -> Option<String>;

    /// Today, in UTC.
    fn today(&self) -> jiff::civil::Date;

    /// The tree's root folder, links in its path resolved.
    fn root(&self) -> PathBuf;
}
