//! Owns the options of the checker `releases`.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::check::options::{Days, Time};
use crate::checkers::dependencies::inventory::{Ecosystem, Package};
use crate::checkers::dependencies::vulnerabilities::survey::has_public_name;

/// The options of the check.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a word in a gate file"
)]
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// A file that tells of releases, as `qgate deps outdated --releases --write FILE` makes it: tracked, or ignored by git.
    pub versions: Option<String>,
    /// May the registries be asked for what the file does not tell? They learn the names of the dependencies.
    pub online: bool,
    /// Registries to ask instead of the public ones, by ecosystem: `npm: https://npm.our.example`.
    pub registries: BTreeMap<String, String>,
    /// The oldest file that is believed, in days; `never` believes one of any age.
    pub max_age: Days,
    /// A release that came out fewer days ago is too young. `0d`: none is.
    pub minimum_age: Days,
    /// Are releases told that their authors took back?
    pub withdrawn: bool,
    /// The ecosystems that are judged, as OSV names them; all when there is none.
    pub ecosystems: Vec<String>,
    /// Are packages for developers judged too?
    pub dev: bool,
    /// Packages that are not judged, such as those that no registry has.
    pub skip: Vec<String>,
    /// How long an answer of a registry may take.
    pub timeout: Time,
    /// Are lockfiles in folders of tests and examples judged too?
    pub tests: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            versions: None,
            online: false,
            registries: BTreeMap::new(),
            max_age: Days(Some(1)),
            minimum_age: Days(Some(7)),
            withdrawn: true,
            ecosystems: Vec::new(),
            dev: true,
            skip: Vec::new(),
            timeout: Time(Duration::from_secs(20)),
            tests: false,
        }
    }
}

impl Options {
    /// Says which options cannot be meant.
    pub(super) fn check(&self) -> Result<(), String> {
        for name in self.registries.keys().chain(&self.ecosystems) {
            Ecosystem::known(name)?;
        }
        if self.minimum_age.0.is_none() {
            return Err("`minimum_age` is a number of days; `0d` when any age will do".to_owned());
        }
        Ok(())
    }

    /// Is the release of this package judged? Only a registry tells of one.
    #[must_use]
    pub fn judges(&self, package: &Package) -> bool {
        let name = package.ecosystem.name();
        has_public_name(package)
            && package.version.is_some()
            && (self.dev || package.dev != Some(true))
            && !self.skip.contains(&package.name)
            && (self.ecosystems.is_empty() || self.ecosystems.iter().any(|one| one == name))
    }
}
