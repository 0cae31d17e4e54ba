//! Owns the options of the checker `vulnerabilities`.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::ignore::Ignore;
use crate::check::options::{Days, Glob, Time};
use crate::model::rule::Severity;

/// The options of the check.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// The oldest data that is believed, in days, such as `7d`; `never` believes data of any age and is told in every report.
    pub max_age: Days,
    /// The severity of a vulnerability for which nobody gives one.
    pub unknown_severity: Severity,
    /// Are packages for developers judged too?
    pub dev: bool,
    /// Are advisories that are no vulnerabilities (unmaintained, unsound, notice) told for packages only that the project
    /// itself asks for?
    pub informational_direct_only: bool,
    /// What is to be done about packages that no lockfile gives an exact version.
    pub unlocked: Unlocked,
    /// A server of the OSV API that is asked instead of the data on this machine, such as `https://api.osv.dev`. It learns the
    /// names and versions of the dependencies.
    pub api: Option<String>,
    /// How long an answer of that server may take.
    pub timeout: Time,
    /// The version of Go whose standard library is judged, such as `1.22.3`; `go.mod` takes what each go.mod says, which is
    /// the lowest that may be used. Not judged when it is not told.
    pub go_version: Option<String>,
    /// Files of the repository with advisories of its own, in the OSV format.
    pub records: Vec<Glob>,
    /// What is lived with for a while.
    pub ignore: Vec<Ignore>,
}

/// What is to be done about packages without an exact version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Unlocked {
    /// The check is partial: nobody knows what is installed.
    Unknown,
    /// They are told, and the rest is judged.
    Told,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_age: Days(Some(7)),
            unknown_severity: Severity::High,
            dev: true,
            informational_direct_only: false,
            unlocked: Unlocked::Unknown,
            api: None,
            timeout: Time(Duration::from_secs(30)),
            go_version: None,
            records: Vec::new(),
            ignore: Vec::new(),
        }
    }
}
