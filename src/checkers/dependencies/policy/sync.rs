//! Owns the rule on lockfiles that do not fit their manifest: by structure, without a tool and without a registry.

use std::collections::{BTreeMap, BTreeSet};

use crate::checkers::dependencies::inventory::{Ecosystem, Inventory};
use crate::checkers::dependencies::locks::text::Text;
use crate::checkers::dependencies::locks::{Format, json, yaml_all};
use crate::checkers::dependencies::manifest::{Asked, Manifest};
use crate::source::json::Document;

/// What does not fit: the part of the manifest, and what the lockfile has instead (`None`: nothing).
pub(super) struct Drift {
    pub(super) asked: Asked,
    pub(super) instead: Option<String>,
}

/// Compares a manifest with the lockfile beside it. `None` where nobody can tell.
pub(super) fn drifts(
    manifest: Manifest,
    asked: Vec<Asked>,
    format: Format,
    inventory: &Inventory,
    lock: &Text,
) -> Option<Vec<Drift>> {
    match (manifest, format) {
        (Manifest::Npm, Format::NpmLock) => {
            let document = json(lock).ok()?;
            match npm_ranges(&document) {
                Some(ranges) => Some(by_range(asked, &ranges)),
                None => Some(by_name(asked, inventory)),
            }
        }
        (Manifest::Npm, Format::PnpmLock) => {
            let (ranges, overridden) = pnpm_ranges(lock)?;
            let asked = asked
                .into_iter()
                .filter(|one| !overridden.contains(&one.name));
            Some(by_range(asked.collect(), &ranges))
        }
        (Manifest::Npm, Format::YarnLock) if inventory.version == "1" => {
            let keys = yarn_keys(lock);
            let fits = |one: &Asked| {
                let range = one.range.as_deref().unwrap_or_default();
                keys.contains(&*format!("{}@{range}", one.name))
            };
            let drifts = asked.into_iter().filter(|one| !is_local(one) && !fits(one));
            Some(
                drifts
                    .map(|asked| Drift {
                        asked,
                        instead: None,
                    })
                    .collect(),
            )
        }
        (Manifest::Cargo, Format::CargoLock)
        | (Manifest::Composer, Format::ComposerLock)
        | (Manifest::PyProject, Format::PoetryLock | Format::UvLock)
        | (Manifest::Pipfile, Format::PipfileLock)
        | (Manifest::Pubspec, Format::PubspecLock) => Some(by_name(asked, inventory)),
        _ => None,
    }
}

/// What is asked for and not in the lockfile at all.
fn by_name(asked: Vec<Asked>, inventory: &Inventory) -> Vec<Drift> {
    let Some(first) = inventory.packages.first() else {
        return asked
            .into_iter()
            .map(|asked| Drift {
                asked,
                instead: None,
            })
            .collect();
    };
    let ecosystem: Ecosystem = first.ecosystem;
    let mut names: BTreeSet<String> = BTreeSet::new();
    for package in &inventory.packages {
        names.insert(package.normal_name());
        names.extend(
            package
                .alias
                .as_deref()
                .map(|alias| ecosystem.normal(alias)),
        );
    }
    // Cargo takes a name told elsewhere (`workspace = true`) from the workspace, which may call it otherwise.
    let told = |one: &Asked| ecosystem != Ecosystem::Crates || one.range.is_some();
    let asked = asked.into_iter().filter(|one| told(one) && !is_local(one));
    let missing = asked.filter(|one| !names.contains(&ecosystem.normal(&one.name)));
    missing
        .map(|asked| Drift {
            asked,
            instead: None,
        })
        .collect()
}

/// What is asked for in another range than the lockfile was made for.
fn by_range(asked: Vec<Asked>, ranges: &BTreeMap<String, String>) -> Vec<Drift> {
    let drift = |one: Asked| {
        let known = ranges.get(&one.name);
        if known == one.range.as_ref() || is_local(&one) {
            return None;
        }
        Some(Drift {
            asked: one,
            instead: known.cloned(),
        })
    };
    asked.into_iter().filter_map(drift).collect()
}

/// Does it lie in the repository, or is its range told in another file?
fn is_local(one: &Asked) -> bool {
    let local = [
        "file:",
        "link:",
        "portal:",
        "workspace:",
        "catalog:",
        "./",
        "../",
    ];
    let range = one.range.as_deref().unwrap_or_default();
    local.iter().any(|start| range.starts_with(start))
}

/// The ranges that the lockfile of npm keeps of the project's manifest, as of version 2.
fn npm_ranges(document: &Document<'_>) -> Option<BTreeMap<String, String>> {
    let packages = document.get(document.root(), "packages")?;
    let own = document.get(packages, "")?;
    let mut ranges = BTreeMap::new();
    for map in ["dependencies", "optionalDependencies", "devDependencies"] {
        let map = document.get(own, map);
        for &(key, value) in map.map_or(&[][..], |map| document.entries(map)) {
            if let (Some(name), Some(range)) = (document.text(key), document.text(value)) {
                ranges.insert(name.to_owned(), range.to_owned());
            }
        }
    }
    Some(ranges)
}

/// The ranges that the lockfile of pnpm keeps of the manifest beside it, and the names that the project overrides.
fn pnpm_ranges(text: &Text) -> Option<(BTreeMap<String, String>, BTreeSet<String>)> {
    let documents = yaml_all(text).ok()?;
    let found = documents.iter().rev().find_map(|document| {
        let root = document.root()?;
        document.get(root, "lockfileVersion")?;
        Some((document, root))
    });
    let (document, root) = found?;
    let overrides = document.get(root, "overrides");
    let overrides = overrides.map_or(&[][..], |map| document.entries(map));
    let bare = |key: &str| {
        let name = key.rsplit('>').next().unwrap_or(key);
        let at = name.char_indices().skip(1).find(|&(_, c)| c == '@');
        name[..at.map_or(name.len(), |(at, _)| at)].to_owned()
    };
    let overridden = overrides
        .iter()
        .filter_map(|&(key, _)| document.text(key))
        .map(bare)
        .collect();
    let own = match document.get(root, "importers") {
        Some(importers) => document.get(importers, ".")?,
        None => root,
    };
    let mut ranges = BTreeMap::new();
    if let Some(map) = document.get(own, "specifiers") {
        for &(key, value) in document.entries(map) {
            if let (Some(name), Some(range)) = (document.text(key), document.text(value)) {
                ranges.insert(name.to_owned(), range.to_owned());
            }
        }
        return Some((ranges, overridden));
    }
    for map in ["dependencies", "optionalDependencies", "devDependencies"] {
        let map = document.get(own, map);
        for &(key, value) in map.map_or(&[][..], |map| document.entries(map)) {
            let range = document
                .get(value, "specifier")
                .and_then(|node| document.text(node));
            if let (Some(name), Some(range)) = (document.text(key), range) {
                ranges.insert(name.to_owned(), range.to_owned());
            }
        }
    }
    Some((ranges, overridden))
}

fn yarn_keys(text: &Text) -> BTreeSet<&str> {
    let headers = text.lines().filter_map(|(_, line)| line.strip_suffix(':'));
    let headers = headers.filter(|line| !line.starts_with(' '));
    headers
        .flat_map(|line| line.split(", "))
        .map(|key| key.trim_matches('"'))
        .collect()
}
