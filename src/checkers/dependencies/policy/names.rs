//! Owns the rules on names: those of the team's own packages, names that can be taken for others, and packages in several
//! versions.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::words;
use crate::checkers::dependencies::inventory::{Ecosystem, Id};
use crate::model::rule::{Rule, Severity};

use super::hit::{Hit, Lock};
use super::options::Options;
use super::source::host;
use super::{CONFUSABLE, CONFUSED, DUPLICATE};

pub(super) fn look(lock: &Lock<'_>, options: &Options, hits: &mut Vec<Hit>) {
    own(lock, options, hits);
    confusable(lock, hits);
    if options.duplicates {
        duplicates(lock, options, hits);
    }
}

fn hit(rule: &'static Rule, id: Id, headline: String, many: &'static str, help: String) -> Hit {
    Hit {
        rule,
        severity: rule.severity,
        id,
        headline,
        many,
        help,
    }
}

/// Packages with a name of the team's that come from somebody else's registry.
fn own(lock: &Lock<'_>, options: &Options, hits: &mut Vec<Hit>) {
    for (id, package) in lock
        .inventory
        .foreign()
        .filter(|(_, package)| package.is_published())
    {
        let Some(own) = options.own.iter().find(|own| own.means(package)) else {
            continue;
        };
        let named = lock.named(id);
        let mut severity = CONFUSED.severity;
        let from = package.source.url.as_deref().and_then(host);
        let headline = match from {
            Some(host) if own.hosts.iter().any(|own| own.eq_ignore_ascii_case(host)) => continue,
            Some(host) => format!("{named} has a name of our own and comes from {host}"),
            // Formats without places leave it to the settings of each machine.
            None => {
                severity = Severity::Low;
                format!(
                    "{named} has a name of our own, and nothing here says that it comes from our registry"
                )
            }
        };
        let help = format!(
            "find out who published it; let the names that begin with `{}` come from {} only",
            own.prefix,
            own.hosts.join(", ")
        );
        let mut hit = hit(
            &CONFUSED,
            id,
            headline,
            "have names of our own and may come from elsewhere",
            help,
        );
        hit.severity = severity;
        hits.push(hit);
    }
}

/// Names that look like others.
fn confusable(lock: &Lock<'_>, hits: &mut Vec<Hit>) {
    let mut looks: BTreeMap<(Ecosystem, String), BTreeMap<&str, Id>> = BTreeMap::new();
    for (id, package) in lock.inventory.foreign() {
        if !package.is_published() {
            continue;
        }
        if !package.name.is_ascii() {
            let headline = format!(
                "the name {} has letters that look like others",
                package.name
            );
            let help = "look up which package is meant, and who published this one";
            let mut hit = hit(
                &CONFUSABLE,
                id,
                headline,
                "have letters that look like others",
                help.to_owned(),
            );
            hit.severity = Severity::High;
            hits.push(hit);
            continue;
        }
        let key = (package.ecosystem, look_of(&package.name));
        looks
            .entry(key)
            .or_default()
            .entry(&package.name)
            .or_insert(id);
    }
    for same in looks.values().filter(|same| same.len() > 1) {
        let mut ids: Vec<(&str, Id)> = same.iter().map(|(name, id)| (*name, *id)).collect();
        // The one that stands in the file last came last.
        ids.sort_by_key(|(_, id)| *id);
        let normal: BTreeSet<String> = ids
            .iter()
            .map(|(_, id)| lock.inventory.packages[*id].normal_name())
            .collect();
        let (Some((name, id)), Some((other, _))) = (ids.last(), ids.first()) else {
            continue;
        };
        if normal.len() < 2 {
            continue;
        }
        let headline = format!("{name} and {other} look alike, and both are here");
        let help = format!("make sure that {name} is meant: {}", lock.way(*id));
        hits.push(hit(
            &CONFUSABLE,
            *id,
            headline,
            "look like others that are here too",
            help,
        ));
    }
}

/// A name as the eye sees it: what looks alike is the same.
fn look_of(name: &str) -> String {
    let letters = name.replace('I', "l").to_ascii_lowercase();
    letters
        .replace('0', "o")
        .replace('1', "l")
        .replace("rn", "m")
        .replace("vv", "w")
}

/// Packages that are there in several versions.
fn duplicates(lock: &Lock<'_>, options: &Options, hits: &mut Vec<Hit>) {
    let mut versions: BTreeMap<(Ecosystem, String), BTreeMap<&str, Id>> = BTreeMap::new();
    for (id, package) in lock.inventory.foreign() {
        let Some(version) = package.version.as_deref() else {
            continue;
        };
        if package.is_published() && !options.may_repeat.contains(&package.name) {
            let key = (package.ecosystem, package.normal_name());
            versions
                .entry(key)
                .or_default()
                .entry(version)
                .or_insert(id);
        }
    }
    for found in versions.values().filter(|found| found.len() > 1) {
        let ids: Vec<Id> = found.values().copied().collect();
        let name = &lock.inventory.packages[ids[0]].name;
        let listed: Vec<&str> = found.keys().copied().collect();
        let headline = format!(
            "{name} is there in {}: {}",
            words::count(ids.len(), "version"),
            listed.join(", ")
        );
        let ways: Vec<String> = ids.iter().map(|id| lock.way(*id)).collect();
        let help = format!("raise what needs the older ones: {}", ways.join("; "));
        hits.push(hit(
            &DUPLICATE,
            ids[0],
            headline,
            "are there in several versions",
            help,
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_alike() {
        let check =
            |a: &str, b: &str, same: bool| assert_eq!(look_of(a) == look_of(b), same, "{a} {b}");
        check("lodash", "l0dash", true);
        check("modernizr", "rnodernizr", true);
        check("JSONStream", "jsonstream", true);
        check("Iodash", "lodash", true);
        check("react", "preact", false);
        check("left-pad", "leftpad", false);
    }
}
