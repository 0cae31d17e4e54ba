//! Owns the judgement of packages by advisories: which are hit by what, how bad it is, and which version is free of it.
//! Pure.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use crate::checkers::dependencies::index::segment::{Flaw, Index};
use crate::checkers::dependencies::inventory::Ecosystem;
use crate::checkers::dependencies::osv::advisory::{Advisory, Class};
use crate::checkers::dependencies::osv::affected::{Asked, Judged};
use crate::checkers::dependencies::osv::group;
use crate::checkers::dependencies::versions::Version;
use crate::model::rule::Severity;

/// A package and a version, once: normal name, version.
pub type Pin = (String, String);

/// One thing that is wrong with one version of a package; databases may tell it several times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The package and version.
    pub pin: Pin,
    /// The id that stands for all.
    pub id: String,
    /// The advisories that tell it, by their own ids, sorted.
    pub advisories: Vec<String>,
    /// All other ids of it, sorted.
    pub aliases: Vec<String>,
    /// What it is.
    pub class: Class,
    /// How bad it is; `None` when nobody says.
    pub severity: Option<Severity>,
    /// The CVSS vectors, each once.
    pub vectors: Vec<String>,
    /// One line; may be empty.
    pub summary: String,
    /// When it matters at all.
    pub condition: Option<String>,
    /// How sure it is.
    pub judged: Judged,
    /// The lowest later version that this is not said of.
    pub fixed: Option<String>,
    /// The lowest later version that none of the hits of this pin is said of.
    pub clean: Option<String>,
}

impl Hit {
    /// Every id of it.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        let all = self.advisories.iter().chain(&self.aliases);
        all.map(String::as_str)
    }
}

/// What advisories say of packages.
#[derive(Debug, Default)]
pub struct Judgement {
    /// The hits, by pin, then class from the worst, then id. Those that nobody can tell are among them.
    pub hits: Vec<Hit>,
    /// Versions that have no place in the order though there are advisories for the package.
    pub without_order: BTreeSet<Pin>,
}

/// Judges pins of one ecosystem by its index, and by further advisories by name.
///
/// # Errors
/// When the index cannot be read.
pub fn judge(
    ecosystem: Ecosystem,
    pins: &BTreeSet<Pin>,
    index: Option<&Index>,
    own: &BTreeMap<String, Vec<Advisory>>,
) -> Result<Judgement, Flaw> {
    let names = pins.iter().map(|(name, _)| name.as_str());
    let mut known = match index {
        Some(index) => index.find(names.clone())?,
        None => BTreeMap::new(),
    };
    for name in names {
        if let Some(own) = own.get(name) {
            known.entry(name).or_default().extend(own.iter().cloned());
        }
    }
    let mut judgement = Judgement::default();
    for pin in pins {
        let Some(advisories) = known.get(pin.0.as_str()) else {
            continue;
        };
        let asked = Asked::new(ecosystem, &pin.1);
        if !asked.has_order() {
            judgement.without_order.insert(pin.clone());
        }
        judge_pin(ecosystem, pin, &asked, advisories, &mut judgement.hits);
    }
    Ok(judgement)
}

fn judge_pin(
    ecosystem: Ecosystem,
    pin: &Pin,
    asked: &Asked<'_>,
    advisories: &[Advisory],
    hits: &mut Vec<Hit>,
) {
    let judged: Vec<Judged> = advisories
        .iter()
        .map(|advisory| advisory.judge(ecosystem, asked))
        .collect();
    if judged.iter().all(|judged| *judged == Judged::No) {
        return;
    }
    let groups = group::groups(advisories.iter().map(Advisory::ids));
    let sure: Vec<&Advisory> = advisories
        .iter()
        .zip(&judged)
        .filter(|(_, judged)| **judged > Judged::Unknown)
        .map(|(advisory, _)| advisory)
        .collect();
    let clean = free_version(ecosystem, &pin.1, &sure);
    let numbers: BTreeSet<usize> = groups.iter().copied().collect();
    let mut found: Vec<Hit> = Vec::new();
    for number in numbers {
        let in_group = |at: &usize| groups[*at] == number;
        let all: Vec<usize> = (0..advisories.len()).filter(in_group).collect();
        let worst = all.iter().map(|&at| judged[at]).max();
        let Some(worst) = worst.filter(|worst| *worst != Judged::No) else {
            continue;
        };
        let telling: Vec<&Advisory> = all
            .iter()
            .filter(|&&at| {
                judged[at] != Judged::No
                    && (judged[at] > Judged::Unknown || worst == Judged::Unknown)
            })
            .map(|&at| &advisories[at])
            .collect();
        let of_group: Vec<&Advisory> = all.iter().map(|&at| &advisories[at]).collect();
        found.push(hit(
            ecosystem,
            pin,
            worst,
            &telling,
            &of_group,
            clean.clone(),
        ));
    }
    found.sort_by(|a, b| b.class.cmp(&a.class).then_with(|| a.id.cmp(&b.id)));
    hits.append(&mut found);
}

/// `telling` hit the version; the others of the group lend their ids and their severity.
fn hit(
    ecosystem: Ecosystem,
    pin: &Pin,
    judged: Judged,
    telling: &[&Advisory],
    of_group: &[&Advisory],
    clean: Option<String>,
) -> Hit {
    let own: BTreeSet<&str> = telling
        .iter()
        .map(|advisory| advisory.id.as_str())
        .collect();
    let every: BTreeSet<&str> = of_group
        .iter()
        .flat_map(|advisory| advisory.ids())
        .collect();
    let severity = |advisories: &[&Advisory]| {
        let severities = advisories.iter().filter_map(|advisory| advisory.severity());
        severities.max()
    };
    let vectors: BTreeSet<&String> = of_group
        .iter()
        .flat_map(|advisory| &advisory.vectors)
        .collect();
    let conditions: Option<Vec<&str>> = telling
        .iter()
        .map(|advisory| {
            let conditions = advisory
                .affected
                .iter()
                .map(|affected| affected.condition.as_deref());
            // What always matters is not bound to where another entry matters.
            conditions.collect::<Option<Vec<&str>>>()?.first().copied()
        })
        .collect();
    let summaries = telling.iter().map(|advisory| advisory.summary.as_str());
    let summary = summaries
        .filter(|summary| !summary.is_empty())
        .min_by_key(|summary| summary.len());
    let id = group::preferred(every.iter().copied()).unwrap_or_default();
    let aliases = every.iter().filter(|id| !own.contains(**id));
    let malware = telling
        .iter()
        .any(|advisory| advisory.class == Class::Malware);
    Hit {
        pin: pin.clone(),
        id: id.to_owned(),
        aliases: aliases.map(|id| (*id).to_owned()).collect(),
        advisories: own.iter().map(|id| (*id).to_owned()).collect(),
        class: telling
            .iter()
            .map(|advisory| advisory.class)
            .max()
            .unwrap_or(Class::Vulnerability),
        severity: if malware {
            Some(Severity::Critical)
        } else {
            severity(telling).or_else(|| severity(of_group))
        },
        vectors: vectors.into_iter().cloned().collect(),
        summary: summary.unwrap_or_default().to_owned(),
        condition: conditions.and_then(|all| all.first().map(|first| (*first).to_owned())),
        judged,
        fixed: free_version(ecosystem, &pin.1, telling),
        clean,
    }
}

/// The lowest later version that none of the advisories is said of, of those that they call fixed.
fn free_version(ecosystem: Ecosystem, version: &str, advisories: &[&Advisory]) -> Option<String> {
    let now = Version::read(ecosystem, version)?;
    let affected = advisories.iter().flat_map(|advisory| &advisory.affected);
    let fixes = affected.flat_map(super::super::osv::affected::Affected::fixes);
    let mut later: Vec<(Version, &str)> = fixes
        .filter_map(|fix| Some((Version::read(ecosystem, fix)?, fix)))
        .filter(|(fix, _)| fix.order(&now) == Some(Ordering::Greater))
        .collect();
    later.sort_by(|(a, _), (b, _)| a.order(b).unwrap_or(Ordering::Equal));
    let free = later.into_iter().find(|(_, fix)| {
        let asked = Asked::new(ecosystem, fix);
        let judged = advisories
            .iter()
            .map(|advisory| advisory.judge(ecosystem, &asked));
        judged.max() == Some(Judged::No)
    });
    // `1.2.4-0` is how a bound behind 1.2.3 is written.
    free.map(|(_, fix)| fix.strip_suffix("-0").unwrap_or(fix).to_owned())
}
