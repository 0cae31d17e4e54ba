//! Owns what lockfiles hold, as far as advisories can be asked about it: pins by ecosystem, where each stands, and what could
//! not be asked. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::judge::Pin;
use crate::base::words;
use crate::checkers::dependencies::inventory::{
    Ecosystem, Id, Inventory, Package, RemarkKind, SourceKind,
};

/// One lockfile.
#[derive(Debug)]
pub struct Lock {
    /// Its path, as people write it.
    pub path: String,
    /// What it names.
    pub inventory: Inventory,
}

/// What a lockfile holds, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Entries.
    pub packages: usize,
    /// Entries of the project itself.
    pub own: usize,
    /// Entries that advisories can be asked about.
    pub asked: usize,
    /// Different names with versions among those.
    pub distinct: usize,
    /// Entries from git, URLs and folders: a registry's names mean nothing there.
    pub elsewhere: usize,
    /// Entries of a registry without an exact version.
    pub without_version: usize,
}

/// Where a pin stands.
pub type At = (Ecosystem, Pin);

impl Lock {
    /// The pins that advisories can be asked about, each with the entries that are it.
    #[must_use]
    pub fn pins(&self, dev: bool) -> BTreeMap<At, Vec<Id>> {
        let mut pins: BTreeMap<At, Vec<Id>> = BTreeMap::new();
        for (id, package) in self.inventory.foreign() {
            if let Some(pin) = pin(package)
                && (dev || package.dev != Some(true))
            {
                pins.entry((package.ecosystem, pin)).or_default().push(id);
            }
        }
        pins
    }

    /// The pins of Go's standard library and its tools, in this version, or in the one that the file says.
    #[must_use]
    pub fn go_pins(&self, version: Option<&str>) -> BTreeMap<At, Vec<Id>> {
        let mut pins: BTreeMap<At, Vec<Id>> = BTreeMap::new();
        for (id, package) in self.inventory.foreign() {
            let is_go =
                package.ecosystem == Ecosystem::Go && package.source.kind == SourceKind::Platform;
            let Some(version) = version.or(package.version.as_deref()).filter(|_| is_go) else {
                continue;
            };
            let version = version.trim_start_matches("go");
            for name in ["stdlib", "toolchain"] {
                let pin = (name.to_owned(), version.to_owned());
                pins.entry((Ecosystem::Go, pin)).or_default().push(id);
            }
        }
        pins
    }

    /// What it holds, in numbers.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let all = &self.inventory.packages;
        let count =
            |what: &dyn Fn(&Package) -> bool| all.iter().filter(|package| what(package)).count();
        let distinct: BTreeSet<(Ecosystem, Pin)> = all
            .iter()
            .filter_map(|package| Some((package.ecosystem, pin(package)?)))
            .collect();
        let own = count(&Package::is_own);
        let asked = count(&|package| pin(package).is_some());
        let without_version = count(&|package| {
            package.is_published() && package.version.is_none() && !package.optional
        });
        Counts {
            packages: all.len(),
            own,
            asked,
            distinct: distinct.len(),
            elsewhere: count(&|package| !package.is_own() && !has_public_name(package)),
            without_version,
        }
    }

    /// What was not understood of it.
    #[must_use]
    pub fn lost(&self) -> Vec<String> {
        self.remarks(RemarkKind::Lost)
    }

    /// What is installed by it and cannot be asked about, because it does not say in which version.
    #[must_use]
    pub fn unlocked(&self) -> Vec<String> {
        let mut unlocked = self.remarks(RemarkKind::Unlisted);
        let without: Vec<&str> = self
            .inventory
            .packages
            .iter()
            .filter(|package| {
                package.is_published() && package.version.is_none() && !package.optional
            })
            .map(|package| package.name.as_str())
            .collect();
        if !without.is_empty() {
            let some = without
                .iter()
                .take(3)
                .copied()
                .collect::<Vec<_>>()
                .join(", ");
            unlocked.push(format!(
                "{}: {} without an exact version, such as {some}: lock them",
                self.path,
                words::count(without.len(), "package"),
            ));
        }
        unlocked
    }

    fn remarks(&self, kind: RemarkKind) -> Vec<String> {
        let remarks = self.inventory.remarks.iter();
        let of_kind = remarks.filter(|remark| remark.kind == kind);
        of_kind
            .map(|remark| format!("{}:{}: {}", self.path, remark.span.start.line, remark.text))
            .collect()
    }

    /// What else is worth saying.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let elsewhere = self.counts().elsewhere;
        if elsewhere > 0 {
            notes.push(format!(
                "{}: {} from git, URLs, folders or other registries: advisories do not name them",
                self.path,
                words::count(elsewhere, "package"),
            ));
        }
        notes
    }

    /// Why an entry is there: the names on a shortest way to it, itself the last.
    #[must_use]
    pub fn way(&self, id: Id) -> Vec<&str> {
        let way = self.inventory.ways().to(id);
        let packages = way
            .into_iter()
            .filter_map(|id| self.inventory.packages.get(id));
        let foreign = packages.filter(|package| package.source.kind != SourceKind::Workspace);
        foreign.map(|package| package.name.as_str()).collect()
    }
}

fn pin(package: &Package) -> Option<Pin> {
    let version = package.version.as_ref()?;
    has_public_name(package).then(|| (package.normal_name(), version.clone()))
}

/// Does its name mean what it means in advisories? A registry of crates that is not crates.io has names of its own; the
/// registries of other ecosystems are most often mirrors.
#[must_use]
pub fn has_public_name(package: &Package) -> bool {
    let is_crates_io = |url: &str| {
        url.contains("github.com/rust-lang/crates.io-index") || url.contains("//index.crates.io")
    };
    package.is_published()
        && (package.ecosystem != Ecosystem::Crates
            || package.source.url.as_deref().is_none_or(is_crates_io))
}
