//! Owns the options of the checker `dependency-policy`.

use serde::{Deserialize, Serialize};

use crate::checkers::dependencies::inventory::{Ecosystem, Inventory, Package};

/// The options of the check.
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// The hosts that packages may come from, such as `registry.npmjs.org`; any host when it is empty.
    pub registries: Vec<String>,
    /// The git repositories that packages may come from: the beginning of a URL without its scheme, such as
    /// `github.com/our-organisation/`.
    pub git: Vec<String>,
    /// Packages that may run code of their own when they are installed.
    pub install_scripts: Vec<String>,
    /// Packages that must not be there.
    pub ban: Vec<Ban>,
    /// Are lockfiles and manifests in folders of tests and examples judged too?
    pub tests: bool,
}

/// A package that must not be there.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ban {
    /// Its name.
    pub name: String,
    /// Its ecosystem, such as `npm` or `crates.io`; any when it is not told.
    #[serde(default)]
    pub ecosystem: Option<String>,
    /// The versions that are meant: exact ones, or the beginning of one with a `*` behind it; all when none is told.
    #[serde(default)]
    pub versions: Vec<String>,
    /// Why.
    pub reason: String,
    /// What to use instead.
    #[serde(default)]
    pub instead: Option<String>,
    /// The packages that may need it all the same.
    #[serde(default)]
    pub except_by: Vec<String>,
}

impl Options {
    /// Says which options cannot be meant.
    pub(super) fn check(&self) -> Result<(), String> {
        for ban in &self.ban {
            if ban.name.trim().is_empty() || ban.reason.trim().is_empty() {
                return Err("a ban needs a name and a reason".to_owned());
            }
            if let Some(name) = &ban.ecosystem
                && Ecosystem::of_name(name).is_none()
            {
                let known: Vec<&str> = Ecosystem::ALL.iter().map(|one| one.name()).collect();
                return Err(format!(
                    "the ecosystem `{name}` is not known; there are {}",
                    known.join(", ")
                ));
            }
        }
        Ok(())
    }
}

impl Ban {
    /// Is this package meant?
    pub(super) fn means(&self, package: &Package) -> bool {
        let ecosystem = package.ecosystem;
        let version = package.version.as_deref().unwrap_or_default();
        let named = ecosystem.normal(&self.name) == package.normal_name();
        let here = self
            .ecosystem
            .as_deref()
            .is_none_or(|name| Ecosystem::of_name(name) == Some(ecosystem));
        let of_version = |text: &String| {
            text.strip_suffix('*')
                .map_or(text == version, |start| version.starts_with(start))
        };
        named && here && (self.versions.is_empty() || self.versions.iter().any(of_version))
    }

    /// Do only packages need it that may?
    pub(super) fn is_excepted(&self, by: &[usize], inventory: &Inventory) -> bool {
        let may = |id: &usize| self.except_by.contains(&inventory.packages[*id].name);
        !by.is_empty() && by.iter().all(may)
    }
}
