//! Owns what a gate file can say of API descriptions: which files they are, and which service is asked. Reads; asks nobody.

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::options::{Glob, Size, Time};
use crate::check::serve::Serve;
use crate::check::target::{Hidden, Hosts, Target};

/// Judges descriptions of APIs, and the answers of a running service by one.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// The descriptions. When none is named, every YAML and JSON file whose root says `openapi` or `swagger` is one, besides those of
    /// tests and vendored ones; files that they refer to are read as well.
    pub paths: Vec<Glob>,
    /// Larger files are not looked into; the report counts them.
    pub max_size: Size,
    /// A running service: what stands before the paths of the description, `http://127.0.0.1:8080/api`. Every GET whose parameters
    /// have values is asked once, and its answer judged.
    pub base_url: Option<Target>,
    /// Headers of every request. Their values are never shown.
    pub headers: BTreeMap<String, Hidden>,
    /// Values of parameters by name, where the description has no example: `{petId: "7"}`.
    pub values: BTreeMap<String, String>,
    /// Operations that are asked besides, or in another way.
    pub requests: Vec<Request>,
    /// Operations that are not asked: by their operationId, or as `GET /pets`.
    pub skip: Vec<String>,
    /// A request without an answer after this time has none.
    pub timeout: Time,
    /// Hosts that may be asked besides this machine: `staging.example.com`, `10.0.0.5:8080`.
    pub allow_hosts: Hosts,
    /// The service itself: started for the check, ended behind it.
    pub serve: Option<Serve>,
}

/// One request.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The operation: its operationId, or `POST /pets`.
    pub operation: String,
    /// Values of parameters by name, before those of all requests.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
    /// Headers of this request, besides those of all. Their values are never shown.
    #[serde(default)]
    pub headers: BTreeMap<String, Hidden>,
    /// The body; an example of the description when none is named. It is never shown.
    #[serde(default)]
    pub body: Option<Hidden>,
    /// The type of the body: `application/json` when none is named.
    #[serde(default)]
    pub content_type: Option<String>,
    /// The status that must come, such as 404. Without it only an answer below 400 shows the contract.
    #[serde(default)]
    pub status: Option<u16>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            paths: Vec::new(),
            max_size: Size(50_000_000),
            base_url: None,
            headers: BTreeMap::new(),
            values: BTreeMap::new(),
            requests: Vec::new(),
            skip: Vec::new(),
            timeout: Time(Duration::from_secs(10)),
            allow_hosts: Hosts::default(),
            serve: None,
        }
    }
}

impl Options {
    /// What does not fit together.
    ///
    /// # Errors
    /// Says it.
    pub fn check(&self) -> Result<(), String> {
        let Some(base) = &self.base_url else {
            let alone = self.serve.is_some()
                || !(self.requests.is_empty() && self.skip.is_empty())
                || !(self.values.is_empty() && self.headers.is_empty());
            return if alone {
                Err(
                    "nothing says where the service is: add `base_url: http://127.0.0.1:8080`"
                        .to_owned(),
                )
            } else {
                Ok(())
            };
        };
        if base.path().contains('?') {
            return Err("`base_url` stands before paths: it has no query".to_owned());
        }
        if self.timeout.0.is_zero() {
            return Err("`timeout` is above nothing".to_owned());
        }
        self.allow_hosts.check()?;
        self.serve.as_ref().map_or(Ok(()), Serve::check)
    }
}
