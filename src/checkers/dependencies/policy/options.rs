//! Owns the options of the checker `dependency-policy`.

use serde::{Deserialize, Serialize};

use crate::checkers::dependencies::inventory::{Ecosystem, Inventory, Package};
use crate::checkers::dependencies::versions::range::Bounds;

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
    /// Names that only the team's own registries have.
    pub own: Vec<Own>,
    /// Are packages told that are there in several versions?
    pub duplicates: bool,
    /// Packages that may be there in several versions.
    pub may_repeat: Vec<String>,
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
    /// The versions that are meant: exact ones, the beginning of one with a `*` behind it, or ranges such as `<1.2.3` and
    /// `>=2 <2.4.1`; all when none is told.
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

/// Names that only the team's own registries have.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Own {
    /// How they begin: `@our/`, `our-`, `com.our:`.
    pub prefix: String,
    /// Their ecosystem, such as `npm`; any when it is not told.
    #[serde(default)]
    pub ecosystem: Option<String>,
    /// The hosts that they come from.
    pub hosts: Vec<String>,
}

impl Own {
    /// Is it one of those names?
    pub(super) fn means(&self, package: &Package) -> bool {
        let ecosystem = self.ecosystem.as_deref();
        let here = ecosystem.is_none_or(|name| Ecosystem::of_name(name) == Some(package.ecosystem));
        // npm's names differ by case; nobody's own ones do.
        let start = package.name.get(..self.prefix.len());
        here && start.is_some_and(|start| start.eq_ignore_ascii_case(&self.prefix))
    }
}

impl Options {
    /// Says which options cannot be meant.
    pub(super) fn check(&self) -> Result<(), String> {
        for own in &self.own {
            if own.prefix.trim().is_empty() || own.hosts.is_empty() {
                return Err("names of our `own` need a prefix and hosts".to_owned());
            }
            known_ecosystem(own.ecosystem.as_deref())?;
        }
        for ban in &self.ban {
            let is_range = |text: &&String| text.starts_with(['<', '>', '=', '!']);
            if let Some(bad) = ban
                .versions
                .iter()
                .filter(is_range)
                .find(|text| Bounds::read(text).is_none())
            {
                return Err(format!("`{bad}` is no range such as `>=2 <2.4.1`"));
            }
            if ban.name.trim().is_empty() || ban.reason.trim().is_empty() {
                return Err("a ban needs a name and a reason".to_owned());
            }
            known_ecosystem(ban.ecosystem.as_deref())?;
        }
        Ok(())
    }
}

fn known_ecosystem(name: Option<&str>) -> Result<(), String> {
    let Some(name) = name.filter(|name| Ecosystem::of_name(name).is_none()) else {
        return Ok(());
    };
    let known: Vec<&str> = Ecosystem::ALL.iter().map(|one| one.name()).collect();
    let known = known.join(", ");
    Err(format!(
        "the ecosystem `{name}` is not known; there are {known}"
    ))
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
            if let Some(bounds) = Bounds::read(text) {
                // Of a version without a place in the order nobody can say that it is not meant.
                return bounds.hold(ecosystem, version) != Some(false);
            }
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
