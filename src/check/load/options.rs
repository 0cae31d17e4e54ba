//! Owns a load as options: what is asked, how often, and what the answers must be. Reads; sends nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Arrival as Coming, Call, Expect, FASTEST, MOST_USERS, Model, Plan, Schedule, Stage, cycle,
};
use crate::check::options::{Pattern, Rate, Time};
use crate::check::serve::Serve;
use crate::check::target::{Hidden, Hosts, Path, Target};

/// The sum of all weights that is taken.
const HEAVIEST: u32 = 10_000;

/// The longest load.
const LONGEST: Duration = Duration::from_hours(1);

/// Sends load to a service and measures how it answers.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// The service, or the one address that is asked. Neither user nor password: secrets go into `headers`, from variables.
    pub url: Option<Target>,
    /// The method, where there are no `requests`.
    pub method: String,
    /// Headers of every request. Their values are never shown.
    pub headers: BTreeMap<String, Hidden>,
    /// The body, where there are no `requests`. It is never shown.
    pub body: Option<Hidden>,
    /// What an answer must be, where a request does not say it.
    pub expect: Expected,
    /// Several requests, mixed by weight.
    pub requests: Vec<Request>,
    /// So many requests are sent whatever the answers: `200/s`. One of `rate`, `stages` and `users` is needed.
    pub rate: Option<Rate>,
    /// How the requests of a rate are spread: evenly, or as people come.
    pub arrival: Arrival,
    /// The seed of `arrival: poisson`: the same seed gives the same times.
    pub seed: u64,
    /// The rate goes straight from the one before (`rate`, or nothing) to that of each stage.
    pub stages: Vec<Climb>,
    /// So many users, each of whom waits for an answer before the next request. A service that stalls is asked less then, and
    /// seems faster than it is; prefer `rate`.
    pub users: Option<usize>,
    /// How long a user thinks between an answer and the next request.
    pub think_time: Time,
    /// What comes in this time first is not counted: 1s, and none where a load climbs from nothing.
    pub warm_up: Option<Time>,
    /// How long requests are sent that count: 10s, or as long as the stages take.
    pub duration: Option<Time>,
    /// A request without an answer after this time, from when it was due, has none.
    pub timeout: Time,
    /// The most connections at once; they are opened when they are needed.
    pub connections: usize,
    /// Hosts that may be asked besides this machine: `staging.example.com`, `10.0.0.5:8080`.
    pub allow_hosts: Hosts,
    /// The service itself: started for the check, ended behind it.
    pub serve: Option<Serve>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            url: None,
            method: get(),
            headers: BTreeMap::new(),
            body: None,
            expect: Expected::default(),
            requests: Vec::new(),
            rate: None,
            arrival: Arrival::default(),
            seed: 1,
            stages: Vec::new(),
            users: None,
            think_time: Time(Duration::ZERO),
            warm_up: None,
            duration: None,
            timeout: Time(Duration::from_secs(10)),
            connections: 128,
            allow_hosts: Hosts::default(),
            serve: None,
        }
    }
}

/// One request of several.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// How reports name it; method and path where it has no name.
    #[serde(default)]
    pub name: Option<String>,
    /// How often it comes beside the others.
    #[serde(default = "once")]
    pub weight: u32,
    /// The method.
    #[serde(default = "get")]
    pub method: String,
    /// The path at the service that `url` names.
    #[serde(default)]
    pub path: Option<Path>,
    /// An address of its own.
    #[serde(default)]
    pub url: Option<Target>,
    /// Headers of this request, besides those of all. Their values are never shown.
    #[serde(default)]
    pub headers: BTreeMap<String, Hidden>,
    /// The body. It is never shown.
    #[serde(default)]
    pub body: Option<Hidden>,
    /// What the answer must be.
    #[serde(default)]
    pub expect: Option<Expected>,
}

/// What an answer must be.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Expected {
    /// The statuses that will do; any below 400 when none is named.
    pub status: Vec<u16>,
    /// What the body must match, somewhere. At most 1 MiB of it is looked at.
    pub body: Option<Pattern>,
}

/// How requests are spread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Arrival {
    /// Evenly.
    #[default]
    Constant,
    /// Each whenever it likes.
    Poisson,
}

/// A part of a load whose rate goes straight to a value.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Climb {
    /// The rate at its end.
    pub rate: Rate,
    /// How long it takes.
    pub over: Time,
}

const fn once() -> u32 {
    1
}

fn get() -> String {
    "GET".to_owned()
}

impl Options {
    /// What does not fit together.
    ///
    /// # Errors
    /// Says it.
    pub fn check(&self) -> Result<(), String> {
        self.calls()?;
        let ways = usize::from(self.users.is_some())
            + usize::from(self.rate.is_some() || !self.stages.is_empty());
        match ways {
            0 => {
                return Err(
                    "how often is it asked? Add `rate: 200/s`, `stages` or `users: 10`".to_owned(),
                );
            }
            2 => {
                return Err(
                    "`users` and `rate` or `stages` exclude each other: keep one".to_owned(),
                );
            }
            _ => {}
        }
        if self
            .users
            .is_some_and(|users| users == 0 || users > MOST_USERS)
        {
            return Err(format!("`users` goes from 1 to {MOST_USERS}"));
        }
        if self.connections == 0 || self.connections > MOST_USERS {
            return Err(format!("`connections` goes from 1 to {MOST_USERS}"));
        }
        if self.users.is_none() && !self.think_time.0.is_zero() {
            return Err("`think_time` says something with `users` only".to_owned());
        }
        if self.users.is_some() && self.arrival == Arrival::Poisson {
            return Err("`arrival` says something with `rate` or `stages` only".to_owned());
        }
        if !self.stages.is_empty() && self.duration.is_some() {
            return Err("`stages` say how long they take: leave `duration` out".to_owned());
        }
        let long = |time: Duration| time > LONGEST;
        if self.duration().is_zero() || long(self.warm_up() + self.duration()) {
            return Err("`duration`, with `warm_up`, goes from above nothing to 1h".to_owned());
        }
        if self.timeout.0.is_zero() || long(self.timeout.0) {
            return Err("`timeout` goes from above nothing to 1h".to_owned());
        }
        if self.stages.iter().any(|stage| stage.over.0.is_zero()) {
            return Err("a stage takes no time: give it `over: 10s`".to_owned());
        }
        if let Some(schedule) = self.schedule() {
            if schedule.fastest() > f64::from(FASTEST) {
                return Err(format!("a rate goes to {FASTEST}/s"));
            }
            if schedule.expected() < 1.0 {
                return Err("not one request comes of this rate in this time".to_owned());
            }
        }
        self.allow_hosts.check()?;
        self.serve.as_ref().map_or(Ok(()), Serve::check)
    }

    /// How long requests are sent that count.
    pub fn duration(&self) -> Duration {
        if self.stages.is_empty() {
            self.duration.map_or(Duration::from_secs(10), |time| time.0)
        } else {
            let times = self.stages.iter().map(|stage| stage.over.0);
            times.fold(Duration::ZERO, Duration::saturating_add)
        }
    }

    /// What comes in this time first is not counted.
    #[must_use]
    pub fn warm_up(&self) -> Duration {
        let from_nothing = !self.stages.is_empty() && self.rate.is_none();
        match self.warm_up {
            _ if from_nothing => Duration::ZERO,
            Some(time) => time.0,
            None => Duration::from_secs(1),
        }
    }

    /// The longest that the load may take, with what is started and stopped.
    pub fn longest(&self) -> Duration {
        let serve = self.serve.as_ref().map_or(Duration::ZERO, Serve::longest);
        let load = self.warm_up() + self.duration() + self.timeout.0;
        load.saturating_add(serve)
    }

    /// The schedule of an open load.
    fn schedule(&self) -> Option<Schedule> {
        if self.users.is_some() {
            return None;
        }
        let first = self.rate.map_or(0.0, Rate::per_second);
        let steady = |over| Stage {
            from: first,
            to: first,
            over,
        };
        let mut stages = vec![steady(self.warm_up())];
        let mut from = first;
        for stage in &self.stages {
            let to = stage.rate.per_second();
            let over = stage.over.0;
            stages.push(Stage { from, to, over });
            from = to;
        }
        if self.stages.is_empty() {
            stages.push(steady(self.duration()));
        }
        stages.retain(|stage| !stage.over.is_zero());
        let arrival = match self.arrival {
            Arrival::Constant => Coming::Constant,
            Arrival::Poisson => Coming::Poisson(self.seed),
        };
        Some(Schedule::new(stages, arrival))
    }

    fn call(
        &self,
        (name, method): (Option<&String>, &str),
        target: Target,
        own: &BTreeMap<String, Hidden>,
        body: Option<&Hidden>,
        expect: &Expected,
    ) -> Call {
        let method = method.to_ascii_uppercase();
        let path = target.path().split('?').next().unwrap_or_default();
        let named = |name: &str| own.keys().any(|key| key.eq_ignore_ascii_case(name));
        let shared = self.headers.iter().filter(|(name, _)| !named(name));
        Call {
            name: name.cloned().unwrap_or_else(|| format!("{method} {path}")),
            headers: shared
                .chain(own)
                .map(|(name, value)| (name.clone(), value.secret().to_owned()))
                .collect(),
            body: body.map_or_else(Vec::new, |body| body.secret().as_bytes().to_vec()),
            expect: Expect {
                status: expect.status.clone(),
                body: expect.body.clone(),
            },
            method,
            target,
        }
    }

    /// Where a request goes.
    fn target(&self, request: &Request) -> Result<Target, String> {
        match (&request.url, &request.path) {
            (Some(_), Some(_)) => Err("a request has `url` or `path`, not both".to_owned()),
            (Some(url), None) => Ok(url.clone()),
            (None, Some(path)) => self.base()?.at(path.secret()),
            (None, None) => self.base().cloned(),
        }
    }

    fn base(&self) -> Result<&Target, String> {
        let nowhere = "nothing says where to ask: add `url: http://127.0.0.1:8080/health`";
        self.url.as_ref().ok_or_else(|| nowhere.to_owned())
    }

    /// The requests, with their weights.
    fn calls(&self) -> Result<(Vec<Call>, Vec<u32>), String> {
        let mut calls = Vec::new();
        let mut weights = Vec::new();
        if self.requests.is_empty() {
            let (named, target) = ((None, self.method.as_str()), self.base()?.clone());
            let (none, body) = (BTreeMap::new(), self.body.as_ref());
            calls.push(self.call(named, target, &none, body, &self.expect));
            weights.push(1);
        } else if self.body.is_some() || self.method != get() {
            return Err("each of `requests` has its own `method` and `body`".to_owned());
        }
        for request in &self.requests {
            let named = (request.name.as_ref(), request.method.as_str());
            let target = self.target(request)?;
            let expect = request.expect.as_ref().unwrap_or(&self.expect);
            let (own, body) = (&request.headers, request.body.as_ref());
            calls.push(self.call(named, target, own, body, expect));
            weights.push(request.weight);
        }
        let sum = weights
            .iter()
            .try_fold(0_u32, |sum, weight| sum.checked_add(*weight));
        if weights.contains(&0) || sum.is_none_or(|sum| sum > HEAVIEST) {
            return Err(format!(
                "weights are whole numbers above 0, {HEAVIEST} together"
            ));
        }
        let stranger = |call: &&Call| !self.allow_hosts.allow(&call.target);
        if let Some(call) = calls.iter().find(stranger) {
            return Err(format!(
                "{} is neither this machine nor in `allow_hosts`: load goes to no stranger; add `{}` if it is yours",
                call.target,
                call.target.host()
            ));
        }
        let mut names: Vec<&str> = calls.iter().map(|call| call.name.as_str()).collect();
        names.sort_unstable();
        let twice = names.iter().zip(names.iter().skip(1)).find(|(a, b)| a == b);
        if let Some((name, _)) = twice {
            return Err(format!(
                "two requests are named `{name}`: give one a `name`"
            ));
        }
        Ok((calls, weights))
    }

    /// The load.
    ///
    /// # Errors
    /// As [`Options::check`].
    pub fn plan(&self) -> Result<Plan, String> {
        let (calls, weights) = self.calls()?;
        let model = match self.schedule() {
            Some(schedule) => Model::Open(schedule),
            None => Model::Closed {
                users: self.users.unwrap_or(1),
                think: self.think_time.0,
            },
        };
        Ok(Plan {
            calls,
            order: cycle(&weights),
            model,
            warm_up: self.warm_up(),
            duration: self.duration(),
            timeout: self.timeout.0,
            connections: self.connections,
            hosts: self.allow_hosts.clone(),
        })
    }
}
