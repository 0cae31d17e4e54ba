//! Owns the service under test as an option: how it is started, when it is ready, how it is stopped. Starts nothing itself.

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Cx;
use super::options::{Folder, Glob, Pattern, Time};
use super::ports::{Request, Service, ServiceRequest, Stopped};
use super::target::Target;
use crate::model::evidence::Evidence;
use crate::model::fault::Fault;

/// A service that is started for the check and ended behind it, with all that it starts.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Serve {
    /// The program and its arguments: `[node, server.js]`. No shell is involved. A name with a `/` is a path from the root.
    pub command: Vec<String>,
    /// The folder to run in, from the root.
    #[serde(rename = "in", default)]
    pub folder: Option<Folder>,
    /// Variables to set.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// When it is ready.
    pub ready: Ready,
    /// How it is stopped.
    #[serde(default)]
    pub stop: Stop,
    /// Files that it reads or runs. In an untrusted run the check is held back when the change touches one of them, and
    /// at any change when none is named.
    #[serde(default)]
    pub inputs: Vec<Glob>,
}

/// When a service is ready: exactly one of `url`, `port` and `log`.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ready {
    /// It answers here with a status below 400.
    #[serde(default)]
    pub url: Option<Target>,
    /// It takes connections at this port of this machine.
    #[serde(default)]
    pub port: Option<u16>,
    /// A line that it prints matches.
    #[serde(default)]
    pub log: Option<Pattern>,
    /// After this time it is not going to be ready.
    #[serde(default = "half_a_minute")]
    pub timeout: Time,
}

const fn half_a_minute() -> Time {
    Time(Duration::from_secs(30))
}

/// How a service is stopped.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Stop {
    /// The signal that asks for its end.
    pub signal: Signal,
    /// After this time it is killed.
    pub grace: Time,
}

impl Default for Stop {
    fn default() -> Self {
        Self {
            signal: Signal::Term,
            grace: Time(Duration::from_secs(5)),
        }
    }
}

/// A signal that asks for an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Signal {
    /// SIGTERM.
    Term,
    /// SIGINT, as Ctrl-C sends it.
    Int,
    /// SIGQUIT.
    Quit,
    /// SIGHUP.
    Hup,
    /// SIGKILL: it is not asked.
    Kill,
}

impl Signal {
    /// Its number.
    #[must_use]
    pub const fn number(self) -> i32 {
        match self {
            Self::Hup => 1,
            Self::Int => 2,
            Self::Quit => 3,
            Self::Kill => 9,
            Self::Term => 15,
        }
    }
}

impl Serve {
    /// What does not fit together.
    ///
    /// # Errors
    /// Says it.
    pub fn check(&self) -> Result<(), String> {
        if self.command.first().is_none_or(String::is_empty) {
            return Err("`serve` has nothing to start: `command: [PROGRAM, ARGUMENT]`".to_owned());
        }
        let ready = &self.ready;
        let ways = usize::from(ready.url.is_some())
            + usize::from(ready.port.is_some())
            + usize::from(ready.log.is_some());
        if ways != 1 {
            return Err(
                "`ready` needs exactly one of `url`, `port` and `log`: how else would one know?"
                    .to_owned(),
            );
        }
        if ready.port == Some(0) {
            return Err("`ready` names port 0, which nothing listens at".to_owned());
        }
        match &ready.url {
            Some(url) if !url.is_loopback() => Err(format!(
                "`ready` asks {url}, but what is started here answers here: write 127.0.0.1"
            )),
            _ => Ok(()),
        }
    }

    /// The longest that starting and stopping may take.
    #[must_use]
    pub const fn longest(&self) -> Duration {
        self.ready.timeout.0.saturating_add(self.stop.grace.0)
    }

    /// The name of the program.
    #[must_use]
    pub fn name(&self) -> &str {
        self.command.first().map_or("", String::as_str)
    }

    /// Adds what became of the service: what makes the rest doubtful is partial.
    pub fn tell(&self, stopped: &Stopped, evidence: &mut Evidence) {
        let name = self.name();
        if let Some(how) = &stopped.ended {
            evidence.partial(format!(
                "the service `{name}` ended before it was stopped, with {how}"
            ));
        }
        if let Some(address) = &stopped.still_taken {
            evidence.partial(format!(
                "something still listens at {address} behind the end of `{name}`: it may be that it answered in its place"
            ));
        }
        if stopped.killed {
            evidence.notes.push(format!(
                "the service `{name}` did not end when it was asked to, and was killed"
            ));
        }
        if let Some(log) = &stopped.log {
            evidence
                .notes
                .push(format!("the service's output is in {log}"));
        }
    }

    /// Starts the service and waits until it is ready.
    ///
    /// # Errors
    /// When it cannot be started, ends, or is not ready in time; nothing is left of it then.
    pub fn start(&self, cx: &Cx<'_>) -> Result<Box<dyn Service>, Fault> {
        cx.ports.programs.serve(&ServiceRequest {
            program: Request {
                argv: self.command.clone(),
                folder: self.folder.as_ref().map(|folder| folder.0.clone()),
                variables: self.env.clone(),
                timeout: cx.timeout,
                log: format!("{}.service", cx.label),
                keep: Request::KEEP,
            },
            ready: self.ready.clone(),
            stop: self.stop.clone(),
        })
    }
}
