//! Owns the rules on what packages are: their digests, scripts, state, and whether they are wanted at all.

use std::collections::BTreeMap;

use crate::checkers::dependencies::inventory::{Id, Inventory, Package};
use crate::checkers::dependencies::locks::Format;
use crate::model::rule::Severity;

use super::hit::{Hit, Lock};
use super::options::Options;
use super::{BANNED, DEPRECATED, INSTALL_SCRIPT, MISSING_DIGEST, UNPINNED, WEAK_DIGEST};

pub(super) fn look(lock: &Lock<'_>, format: Format, options: &Options, hits: &mut Vec<Hit>) {
    let inventory = &lock.inventory;
    let expects = expects_digests(format, inventory);
    let by = if options.ban.is_empty() {
        BTreeMap::new()
    } else {
        needed_by(inventory)
    };
    for (id, package) in inventory.foreign() {
        let named = lock.named(id);
        let mut hit = |rule, severity, headline, many, help: String| {
            hits.push(Hit {
                rule,
                severity,
                id,
                headline,
                many,
                help,
            });
        };
        if package.is_published() && package.version.is_some() {
            digest(package, expects, &named, &mut hit);
        }
        if package.version.is_none() && package.is_published() && may_be_unpinned(format) {
            let asked = package.requirement.as_deref();
            let headline = match asked {
                Some("*") | None => {
                    format!("{} is not pinned: any version may be taken", package.name)
                }
                Some(asked) => format!("{} is not pinned: {asked}", package.name),
            };
            let help = "name the exact version; a tool such as pip-compile or uv writes them all";
            hit(
                &UNPINNED,
                UNPINNED.severity,
                headline,
                "are not pinned to a version",
                help.to_owned(),
            );
        }
        if package.install_script && !options.install_scripts.contains(&package.name) {
            let headline = format!("{named} runs code of its own when it is installed");
            let help = "look at what it runs; then add it to the option `install_scripts`, or install with --ignore-scripts";
            hit(
                &INSTALL_SCRIPT,
                INSTALL_SCRIPT.severity,
                headline,
                "run code when they are installed",
                help.to_owned(),
            );
        }
        if let Some(why) = &package.deprecated {
            let direct = package.direct != Some(false);
            let severity = if direct {
                DEPRECATED.severity
            } else {
                Severity::Info
            };
            let why = why.split_whitespace().collect::<Vec<_>>().join(" ");
            let why: String = why.chars().take(120).collect();
            let headline = if why.is_empty() {
                format!("{named} was given up by its author")
            } else {
                format!("{named} was given up by its author: {why}")
            };
            let help = if direct {
                "replace it, or update to a version that is looked after".to_owned()
            } else {
                format!("update what needs it: {}", lock.way(id))
            };
            hit(
                &DEPRECATED,
                severity,
                headline,
                "were given up by their authors",
                help,
            );
        }
        let needed: &[Id] = by.get(&id).map_or(&[], Vec::as_slice);
        let ban = options
            .ban
            .iter()
            .find(|ban| ban.means(package) && !ban.is_excepted(needed, inventory));
        if let Some(ban) = ban {
            let headline = format!("{named} is banned: {}", ban.reason);
            let help = match &ban.instead {
                Some(instead) => format!("use {instead}; it is needed by {}", lock.way(id)),
                None => format!("remove it; it is needed by {}", lock.way(id)),
            };
            hit(&BANNED, BANNED.severity, headline, "are banned", help);
        }
    }
}

fn digest(
    package: &Package,
    expects: bool,
    named: &str,
    hit: &mut impl FnMut(&'static crate::model::rule::Rule, Severity, String, &'static str, String),
) {
    let weak = |hash: &crate::checkers::dependencies::inventory::Hash| {
        matches!(&*hash.algorithm, "sha1" | "md5")
    };
    if package.hashes.is_empty() {
        if expects && !package.bundled && !package.optional {
            let headline =
                format!("{named} has no digest: nobody can tell whether its content changed");
            let help = "write the lockfile anew with a current version of its tool";
            hit(
                &MISSING_DIGEST,
                MISSING_DIGEST.severity,
                headline,
                "have no digest",
                help.to_owned(),
            );
        }
    } else if package.hashes.iter().all(weak) {
        let headline = format!(
            "{named} has a digest of SHA-1 or MD5 only, for which others can be made to fit"
        );
        let help = "write the lockfile anew with a current version of its tool";
        hit(
            &WEAK_DIGEST,
            WEAK_DIGEST.severity,
            headline,
            "have digests of SHA-1 or MD5 only",
            help.to_owned(),
        );
    }
}

/// Does a lockfile of this format have a digest for each package of a registry? Some do only when they are asked to.
fn expects_digests(format: Format, inventory: &Inventory) -> bool {
    match format {
        Format::ComposerLock | Format::GradleLock | Format::PomXml | Format::PackagesConfig => {
            false
        }
        Format::Requirements | Format::GemfileLock | Format::PubspecLock | Format::PyLock => {
            inventory
                .packages
                .iter()
                .any(|package| !package.hashes.is_empty())
        }
        _ => true,
    }
}

/// Formats that people write by hand, where a version may be left open.
fn may_be_unpinned(format: Format) -> bool {
    matches!(format, Format::Requirements)
}

fn needed_by(inventory: &Inventory) -> BTreeMap<Id, Vec<Id>> {
    let mut by: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
    for (id, package) in inventory.packages.iter().enumerate() {
        for &need in &package.needs {
            by.entry(need).or_default().push(id);
        }
    }
    by
}
