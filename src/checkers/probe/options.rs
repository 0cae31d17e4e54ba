//! Owns the options of `probe`: what is asked and what the answer must be. Reads; asks nobody.

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::load::{Call, Expect};
use crate::check::options::{Days, Pattern, Time};
use crate::check::serve::Serve;
use crate::check::target::{Hidden, Target};

/// The most probes of one address.
const MOST: u32 = 10_000;

/// Asks services whether they are well, before or behind a release.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// The address that is asked.
    pub url: Option<Target>,
    /// Several addresses, each asked in the same way.
    pub urls: Vec<Target>,
    /// The method.
    pub method: String,
    /// Headers of every request. Their values are never shown.
    pub headers: BTreeMap<String, Hidden>,
    /// The statuses that will do; any below 400 when none is named. Redirects are not followed.
    pub status: Vec<u16>,
    /// What the body must match, somewhere. At most 1 MiB of it is looked at.
    pub body: Option<Pattern>,
    /// A probe whose answer takes longer has failed.
    pub within: Option<Time>,
    /// A probe without an answer after this time has failed.
    pub timeout: Time,
    /// How often each address is asked.
    pub probes: u32,
    /// The time between two probes of an address, and before a failed one is tried again.
    pub every: Time,
    /// How often a failed probe is tried again before it counts.
    pub retries: u32,
    /// A certificate that ends within so many days is a finding.
    pub certificate_days: Days,
    /// The service itself: started for the check, ended behind it.
    pub serve: Option<Serve>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            url: None,
            urls: Vec::new(),
            method: "GET".to_owned(),
            headers: BTreeMap::new(),
            status: Vec::new(),
            body: None,
            within: None,
            timeout: Time(Duration::from_secs(10)),
            probes: 1,
            every: Time(Duration::from_secs(1)),
            retries: 0,
            certificate_days: Days(Some(14)),
            serve: None,
        }
    }
}

impl Options {
    /// All addresses.
    pub fn targets(&self) -> impl Iterator<Item = &Target> {
        self.url.iter().chain(&self.urls)
    }

    /// What does not fit together.
    ///
    /// # Errors
    /// Says it.
    pub fn check(&self) -> Result<(), String> {
        if self.targets().next().is_none() {
            return Err(
                "nothing says where to ask: add `url: https://service.example.com/health`"
                    .to_owned(),
            );
        }
        let mut targets: Vec<&Target> = self.targets().collect();
        targets.sort();
        let twice = targets
            .iter()
            .zip(targets.iter().skip(1))
            .find(|(a, b)| a == b);
        if let Some((target, _)) = twice {
            return Err(format!("{target} stands here twice"));
        }
        if self.probes == 0 || self.probes > MOST || self.retries > MOST {
            return Err(format!("`probes` goes from 1 to {MOST}, `retries` from 0"));
        }
        if self.timeout.0.is_zero() || self.within.is_some_and(|within| within.0.is_zero()) {
            return Err("`timeout` and `within` are above nothing".to_owned());
        }
        self.serve.as_ref().map_or(Ok(()), Serve::check)
    }

    /// The request to an address.
    pub fn call(&self, target: &Target) -> Call {
        let headers = self.headers.iter();
        Call {
            name: target.to_string(),
            method: self.method.clone(),
            target: target.clone(),
            headers: headers
                .map(|(name, value)| (name.clone(), value.secret().to_owned()))
                .collect(),
            body: Vec::new(),
            expect: Expect {
                status: self.status.clone(),
                body: self.body.clone(),
            },
        }
    }
}
