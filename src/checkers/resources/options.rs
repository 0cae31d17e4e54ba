//! Owns the options of `resources`: who is looked at, what is done meanwhile, and how often it is looked. Reads only.

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::load::options::Options as Load;
use crate::check::options::{Folder, Glob, Size, Time};
use crate::check::serve::Serve;
use crate::check::usage::{Looks, Subject};

/// The longest time that is watched without a command or a load.
const LONGEST: Duration = Duration::from_hours(1);

/// Looks that are closer together measure themselves.
const CLOSEST: Duration = Duration::from_millis(10);

/// Looks that are further apart miss what they look for.
const FURTHEST: Duration = Duration::from_secs(10);

/// Measures what a program and all that it starts use: a command, a service under load, or a process that runs already.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// The program and its arguments: `[pytest, -q]`. No shell is involved. It is measured itself, from its start to its end, or,
    /// beside `serve`, `pid` or `pid_file`, run meanwhile.
    pub command: Vec<String>,
    /// The folder to run it in, from the root.
    #[serde(rename = "in")]
    pub folder: Option<Folder>,
    /// Variables to set for it.
    pub env: BTreeMap<String, String>,
    /// Files that it reads or runs. In an untrusted run the check is held back when the change touches one of them, and at any
    /// change when none is named.
    pub inputs: Vec<Glob>,
    /// A service that is started for the check, measured once it is ready, and ended behind it.
    pub serve: Option<Serve>,
    /// The id of a process that runs already.
    pub pid: Option<u32>,
    /// A file that holds its id: a path from the root, or an absolute one.
    pub pid_file: Option<String>,
    /// Load that is sent meanwhile, with the options of `http`.
    pub load: Option<Load>,
    /// How long it is measured where neither `command` nor `load` says so: 10s.
    pub duration: Option<Time>,
    /// What is used in this time first counts for peaks only: that of `load`, or nothing.
    pub warm_up: Option<Time>,
    /// How often it is looked.
    pub every: Time,
    /// Measures `proportional_memory` too: memory that processes share, parted among them. It costs more.
    pub proportional: bool,
    /// Memory that surely grows by more than this in a minute is a finding, `memory-leak`.
    pub max_growth: Option<Size>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            command: Vec::new(),
            folder: None,
            env: BTreeMap::new(),
            inputs: Vec::new(),
            serve: None,
            pid: None,
            pid_file: None,
            load: None,
            duration: None,
            warm_up: None,
            every: Time(Duration::from_millis(100)),
            proportional: false,
            max_growth: None,
        }
    }
}

impl Options {
    /// What does not fit together.
    ///
    /// # Errors
    /// Says it.
    pub fn check(&self) -> Result<(), String> {
        let subjects = usize::from(self.serve.is_some())
            + usize::from(self.pid.is_some())
            + usize::from(self.pid_file.is_some());
        if subjects > 1 {
            return Err("`serve`, `pid` and `pid_file` exclude each other: keep one".to_owned());
        }
        if subjects == 0 && self.command.is_empty() {
            return Err(
                "nothing says what is measured: add `command: [PROGRAM, ARGUMENT]`, `serve`, `pid` or `pid_file`"
                    .to_owned(),
            );
        }
        if self.command.first().is_some_and(String::is_empty) {
            return Err("`command` has no program".to_owned());
        }
        if self.pid == Some(0) {
            return Err("there is no process 0".to_owned());
        }
        if self.pid_file.as_ref().is_some_and(String::is_empty) {
            return Err("`pid_file` names no file".to_owned());
        }
        if self.load.is_some() && subjects == 0 {
            return Err(
                "`load` goes to a service: name it with `serve`, `pid` or `pid_file`".to_owned(),
            );
        }
        if self.load.is_some() && !self.command.is_empty() {
            return Err("`load` and `command` exclude each other: keep one".to_owned());
        }
        if self.duration.is_some() && (self.load.is_some() || !self.command.is_empty()) {
            return Err(
                "`load` and `command` say how long they take: leave `duration` out".to_owned(),
            );
        }
        let duration = self.duration().unwrap_or(LONGEST);
        if duration.is_zero() || duration > LONGEST {
            return Err("`duration` goes from above nothing to 1h".to_owned());
        }
        if self.duration().is_some_and(|time| self.warm_up() >= time) {
            return Err("`warm_up` leaves nothing of the time".to_owned());
        }
        if self.every.0 < CLOSEST || self.every.0 > FURTHEST {
            return Err("`every` goes from 10ms to 10s".to_owned());
        }
        if let Some(load) = &self.load {
            if load.serve.is_some() {
                return Err("`serve` stands beside `load`, not in it".to_owned());
            }
            load.check().map_err(|why| format!("`load`: {why}"))?;
        }
        self.serve.as_ref().map_or(Ok(()), Serve::check)
    }

    /// Who is looked at, where that is a process that runs already.
    pub fn subject(&self) -> Option<Subject> {
        let file = self.pid_file.clone().map(Subject::PidFile);
        self.pid.map(Subject::Pid).or(file)
    }

    /// Is the command itself what is measured?
    pub fn measures_command(&self) -> bool {
        self.serve.is_none() && self.subject().is_none()
    }

    /// How it is looked at.
    pub fn looks(&self) -> Looks {
        Looks {
            every: self.every.0,
            shared: self.proportional,
        }
    }

    /// How long it is measured where only time says so.
    pub fn duration(&self) -> Option<Duration> {
        let alone = self.load.is_none() && self.command.is_empty();
        alone.then(|| self.duration.map_or(Duration::from_secs(10), |time| time.0))
    }

    /// What is used in this time first counts for peaks only.
    pub fn warm_up(&self) -> Duration {
        let of_load = || self.load.as_ref().map_or(Duration::ZERO, Load::warm_up);
        self.warm_up.map_or_else(of_load, |time| time.0)
    }

    /// The longest that it may take, but for a command, which the check's timeout ends.
    pub fn longest(&self) -> Duration {
        let serve = self.serve.as_ref().map_or(Duration::ZERO, Serve::longest);
        let load = self.load.as_ref().map_or(Duration::ZERO, Load::longest);
        let rest = self.duration().unwrap_or_default();
        serve.saturating_add(load).saturating_add(rest)
    }
}
