//! Owns the options of `environment`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::version::Requirement;
use crate::check::options::Time;

/// What the machine must have.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Tools and the versions that will do: `python: ">=3.11"`, `node: ">=20 <23"`, `rustc: "1.95"` (any 1.95), `git: "*"`.
    pub tools: BTreeMap<String, Wanted>,
    /// Hold the tools to the versions that files in the root pin: `.python-version`, `.nvmrc`, `.node-version`,
    /// `rust-toolchain`, `.tool-versions`, `go.mod`, `package.json` and `pyproject.toml`.
    pub from_files: bool,
    /// Python tools that must come from the project's virtual environment: `.venv`, `venv`, or the one in `VIRTUAL_ENV`
    /// when it lies below the root.
    pub python_venv: Vec<String>,
    /// Environment variables that must be set. Their values are never shown.
    pub variables: Vec<String>,
    /// Services that must answer.
    pub services: Vec<Service>,
}

/// A service that must answer.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Where: `http://localhost:8080/health`. Redirects are not followed.
    pub url: String,
    /// The status code to answer with.
    #[serde(default = "ok")]
    pub status: u16,
    /// The time to answer in.
    #[serde(default = "ten_seconds")]
    pub within: Time,
}

const fn ok() -> u16 {
    200
}

const fn ten_seconds() -> Time {
    Time(Duration::from_secs(10))
}

/// The versions of a tool that will do.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Wanted {
    /// As written.
    pub text: String,
    /// As read.
    pub requirement: Requirement,
}

impl TryFrom<String> for Wanted {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match Requirement::parse(&text) {
            Ok(requirement) => Ok(Self { text, requirement }),
            Err(problem) => Err(format!("`{text}` {problem}")),
        }
    }
}

impl From<Wanted> for String {
    fn from(wanted: Wanted) -> Self {
        wanted.text
    }
}

impl JsonSchema for Wanted {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("EnvironmentVersion")
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "examples": [">=3.11", "*"] })
    }
}

impl Options {
    /// What does not fit together.
    ///
    /// # Errors
    /// Says it.
    pub fn check(&self) -> Result<(), String> {
        if !self.from_files && self.only_files() {
            return Err(
                "nothing is asked for: add `tools`, `from_files: true`, `variables` or `services`"
                    .to_owned(),
            );
        }
        if self
            .tools
            .keys()
            .chain(&self.python_venv)
            .any(|tool| tool.trim().is_empty())
        {
            return Err("a tool has no name".to_owned());
        }
        let bad = |name: &&String| name.is_empty() || name.contains(['=', '\0']);
        match self.variables.iter().find(bad) {
            Some(name) => Err(format!("`{name}` cannot be a variable's name")),
            None => Ok(()),
        }
    }

    /// Is nothing asked for but, perhaps, the pins in files?
    pub fn only_files(&self) -> bool {
        self.tools.is_empty()
            && self.python_venv.is_empty()
            && self.variables.is_empty()
            && self.services.is_empty()
    }
}

impl Service {
    /// The URL without what may be secret: user, password and query.
    pub fn shown(&self) -> String {
        let url = self.url.split(['?', '#']).next().unwrap_or_default();
        let Some((scheme, rest)) = url.split_once("://") else {
            return url.to_owned();
        };
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let host = host.rsplit('@').next().unwrap_or_default();
        format!("{scheme}://{host}{path}")
    }
}
