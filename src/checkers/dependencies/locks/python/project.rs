//! Owns what a `pyproject.toml` asks for, by name.

use std::collections::BTreeSet;

use crate::checkers::dependencies::inventory::{Ecosystem, Id, Inventory};
use crate::checkers::dependencies::locks::text::Text;
use crate::checkers::dependencies::locks::toml::{self, Table, table_at, texts};
use crate::checkers::dependencies::locks::{Beside, tell_dev};

use super::{Names, requirement};

/// The names that a project asks for.
#[derive(Debug, Default)]
struct Wanted {
    runtime: BTreeSet<String>,
    dev: BTreeSet<String>,
}

/// Tells from the manifest beside a lockfile what is asked for directly, and what by developers only where the lockfile
/// does not tell.
pub(super) fn tell(inventory: &mut Inventory, beside: &dyn Beside) {
    let Some(wanted) = wanted(beside) else { return };
    let names = Names::of(&inventory.packages);
    let ids = |wanted: &BTreeSet<String>| -> Vec<Id> {
        wanted
            .iter()
            .flat_map(|name| names.find(name))
            .copied()
            .collect()
    };
    let (runtime, dev) = (ids(&wanted.runtime), ids(&wanted.dev));
    tell_dev(&mut inventory.packages, &runtime, &dev);
    for package in &mut inventory.packages {
        let name = package.normal_name();
        package.direct = Some(wanted.runtime.contains(&name) || wanted.dev.contains(&name));
    }
}

fn wanted(beside: &dyn Beside) -> Option<Wanted> {
    let bytes = beside.read("pyproject.toml").ok()??;
    let text = Text::new(&bytes)?;
    let root = toml::parse(&text).ok()?;
    let root = root.get_ref();
    let mut wanted = Wanted::default();
    if let Some(project) = table_at(root, "project") {
        add(&mut wanted.runtime, texts(project, "dependencies"));
        groups(&mut wanted.runtime, project, "optional-dependencies");
    }
    groups(&mut wanted.dev, root, "dependency-groups");
    let tool = table_at(root, "tool");
    if let Some(poetry) = tool.and_then(|tool| table_at(tool, "poetry")) {
        keys(&mut wanted.runtime, poetry, "dependencies");
        keys(&mut wanted.dev, poetry, "dev-dependencies");
        for (_, group) in table_at(poetry, "group").into_iter().flatten() {
            if let Some(group) = group.get_ref().as_table() {
                keys(&mut wanted.dev, group, "dependencies");
            }
        }
    }
    if let Some(pdm) = tool.and_then(|tool| table_at(tool, "pdm")) {
        groups(&mut wanted.dev, pdm, "dev-dependencies");
    }
    Some(wanted)
}

fn add<'t>(names: &mut BTreeSet<String>, requirements: impl Iterator<Item = &'t str>) {
    let found = requirements.filter_map(requirement);
    names.extend(found.map(|found| Ecosystem::PyPi.normal(found.name)));
}

/// Lists of requirements, each under the name of its group.
fn groups(names: &mut BTreeSet<String>, table: &Table<'_>, key: &str) {
    let Some(groups) = table_at(table, key) else {
        return;
    };
    for group in groups.keys() {
        add(names, texts(groups, group.get_ref()));
    }
}

/// A table of requirements, each under its name.
fn keys(names: &mut BTreeSet<String>, table: &Table<'_>, key: &str) {
    let entries = table_at(table, key).into_iter().flatten();
    let wanted = entries.map(|(name, _)| Ecosystem::PyPi.normal(name.get_ref()));
    names.extend(wanted.filter(|name| name != "python"));
}
