//! Owns the options of the checker `outdated`.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::step::Step;
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
    /// A file with newest versions, as `qgate deps outdated --write FILE` makes it: tracked, or ignored by git.
    pub versions: Option<String>,
    /// May the registries be asked for what the file does not tell? They learn the names of the dependencies.
    pub online: bool,
    /// Registries to ask instead of the public ones, by ecosystem: `npm: https://npm.our.example`.
    pub registries: BTreeMap<String, String>,
    /// The oldest file that is believed, in days; `never` believes one of any age.
    pub max_age: Days,
    /// Are packages judged too that the project does not ask for itself?
    pub all: bool,
    /// Are packages for developers judged too?
    pub dev: bool,
    /// How far a package may be behind.
    pub tolerate: Tolerate,
    /// Packages that are not judged, such as those that no registry has.
    pub skip: Vec<String>,
    /// How long an answer of a registry may take.
    pub timeout: Time,
    /// Are lockfiles in folders of tests and examples judged too?
    pub tests: bool,
}

/// How far a package may be behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Tolerate {
    /// Not at all.
    Nothing,
    /// By repairs.
    Patch,
    /// By repairs and additions.
    Minor,
}

impl Tolerate {
    /// Is a package that is this far behind tolerated?
    pub(super) const fn holds(self, step: Step) -> bool {
        matches!(
            (self, step),
            (Self::Patch | Self::Minor, Step::Patch) | (Self::Minor, Step::Minor)
        )
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            versions: None,
            online: false,
            registries: BTreeMap::new(),
            max_age: Days(Some(7)),
            all: false,
            dev: true,
            tolerate: Tolerate::Patch,
            skip: Vec::new(),
            timeout: Time(Duration::from_secs(20)),
            tests: false,
        }
    }
}

impl Options {
    /// Says which options cannot be meant.
    pub(super) fn check(&self) -> Result<(), String> {
        for name in self.registries.keys() {
            Ecosystem::known(name)?;
        }
        Ok(())
    }

    /// Is this package judged? Only a registry has newer ones of it. Where a lockfile does not tell what is asked for, all is.
    #[must_use]
    pub fn judges(&self, package: &Package) -> bool {
        has_public_name(package)
            && package.version.is_some()
            && (self.all || package.direct != Some(false))
            && (self.dev || package.dev != Some(true))
            && !self.skip.contains(&package.name)
    }
}
