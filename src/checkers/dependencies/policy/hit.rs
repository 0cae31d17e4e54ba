//! Owns how what the rules find is told: each package by itself, or many of one kind in one finding.

use std::collections::BTreeMap;

use crate::base::path::RepoPath;
use crate::base::words;
use crate::checkers::dependencies::inventory::{Id, Inventory, Ways};
use crate::checkers::dependencies::tree::joined;
use crate::model::finding::Finding;
use crate::model::place::{Place, Span};
use crate::model::rule::{Rule, Severity};

/// More packages of one file than this are told in one finding.
const MOST: usize = 20;

/// What a rule finds of one package.
pub(super) struct Hit {
    pub(super) rule: &'static Rule,
    pub(super) severity: Severity,
    pub(super) id: Id,
    pub(super) headline: String,
    /// What is said of many: it stands behind `120 packages`.
    pub(super) many: &'static str,
    pub(super) help: String,
}

/// A lockfile that was read.
pub(super) struct Lock<'a> {
    pub(super) path: &'a RepoPath,
    pub(super) inventory: Inventory,
    ways: Ways,
}

impl<'a> Lock<'a> {
    pub(super) fn new(path: &'a RepoPath, inventory: Inventory) -> Self {
        let ways = inventory.ways();
        Self {
            path,
            inventory,
            ways,
        }
    }

    /// The way to a package from the project: `a > b > c`.
    pub(super) fn way(&self, id: Id) -> String {
        let way = self.ways.to(id);
        let names = way
            .iter()
            .map(|&id| self.inventory.packages[id].name.as_str());
        names.collect::<Vec<_>>().join(" > ")
    }

    /// A place in it, or in a file that it includes.
    pub(super) fn place(&self, file: usize, span: Span) -> Place {
        let path = String::from_utf8_lossy(self.path.as_bytes());
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let included = self.inventory.files.get(file).filter(|_| file > 0);
        let included = included
            .and_then(|name| joined(folder, name))
            .and_then(RepoPath::new);
        Place::Part(included.unwrap_or_else(|| self.path.clone()), span)
    }

    /// Name and version of a package, as people write them.
    pub(super) fn named(&self, id: Id) -> String {
        let package = &self.inventory.packages[id];
        match &package.version {
            Some(version) => format!("{} {version}", package.name),
            None => package.name.clone(),
        }
    }

    /// The findings of its hits.
    pub(super) fn findings(&self, hits: Vec<Hit>) -> Vec<Finding> {
        let mut groups: BTreeMap<(&str, Severity), Vec<Hit>> = BTreeMap::new();
        for hit in hits {
            groups
                .entry((hit.rule.id, hit.severity))
                .or_default()
                .push(hit);
        }
        groups
            .into_values()
            .flat_map(|group| self.told(&group))
            .collect()
    }

    fn told(&self, hits: &[Hit]) -> Vec<Finding> {
        let finding = |hit: &Hit, headline: String, anchor: String| {
            let package = &self.inventory.packages[hit.id];
            let place = self.place(package.file, package.span);
            let finding = Finding::new(hit.rule, place, headline, hit.help.clone());
            finding.anchored(anchor).graded(hit.severity)
        };
        if hits.len() <= MOST {
            let one = |hit: &Hit| finding(hit, hit.headline.clone(), self.named(hit.id));
            return hits.iter().map(one).collect();
        }
        let names: Vec<String> = hits.iter().take(3).map(|hit| self.named(hit.id)).collect();
        let headline = format!(
            "{} {}, such as {}",
            words::count(hits.len(), "package"),
            hits[0].many,
            names.join(", ")
        );
        vec![finding(&hits[0], headline, hits[0].rule.id.to_owned())]
    }
}
