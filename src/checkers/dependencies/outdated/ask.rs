//! Owns the asking of registries for newest versions, through the HTTP port. What they do not tell is told as missing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::latest::Latest;
use super::registry;
use crate::check::ports::{Ask, Http};
use crate::checkers::dependencies::inventory::Ecosystem;

/// The longest answer: a package with thousands of releases.
const MOST: usize = 64 << 20;

/// What registries did not tell.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Missing {
    /// Why, and of which packages.
    pub why: BTreeMap<String, Vec<String>>,
    /// Packages that a registry has, but in no finished version.
    pub unfinished: BTreeSet<String>,
}

impl Missing {
    /// Takes in that nothing is told of a package, and why.
    pub fn tell(&mut self, ecosystem: Ecosystem, name: &str, why: String) {
        let named = format!("{name} ({})", ecosystem.name());
        self.why.entry(why).or_default().push(named);
    }

    /// One line for each reason, with what is missing as its first words.
    #[must_use]
    pub fn lines(&self, what: &str) -> Vec<String> {
        let line = |(why, names): (&String, &Vec<String>)| {
            let some = names
                .iter()
                .take(3)
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join(", ");
            let more = if names.len() > 3 {
                format!(" and {} more", names.len() - 3)
            } else {
                String::new()
            };
            format!("{what} {some}{more}: {why}")
        };
        self.why.iter().map(line).collect()
    }
}

/// Asks the registries of these packages; `bases` has those that are not the public ones.
pub fn ask(
    http: &dyn Http,
    wanted: &BTreeMap<Ecosystem, BTreeSet<String>>,
    bases: &BTreeMap<Ecosystem, String>,
    timeout: Duration,
    into: &mut Latest,
) -> Missing {
    let mut missing = Missing::default();
    let mut asks = Vec::new();
    let mut about = Vec::new();
    for (&ecosystem, names) in wanted {
        let base = bases
            .get(&ecosystem)
            .map_or(registry::public(ecosystem), String::as_str);
        for name in names {
            let Some(url) = registry::url(ecosystem, base, name) else {
                missing.tell(ecosystem, name, "no registry has such a name".to_owned());
                continue;
            };
            about.push((ecosystem, name));
            asks.push(Ask {
                url,
                accept: if ecosystem == Ecosystem::Maven {
                    "application/xml"
                } else {
                    "application/json"
                },
                body: None,
                most: MOST,
                timeout,
            });
        }
    }
    for ((ecosystem, name), answer) in about.into_iter().zip(http.ask(&asks)) {
        let told = match answer {
            Err(fault) => Err(fault.what),
            Ok(answer) if answer.status == 404 => Err("the registry does not have it".to_owned()),
            Ok(answer) if answer.status != 200 => Err(format!(
                "the registry answered with status {}",
                answer.status
            )),
            Ok(answer) => registry::latest(ecosystem, name, &answer.body),
        };
        match told {
            Ok(Some(version)) => into.put(ecosystem, name.clone(), version),
            Ok(None) => {
                missing.unfinished.insert(name.clone());
            }
            Err(why) => missing.tell(ecosystem, name, why),
        }
    }
    missing
}
