//! Owns what the `pyproject.toml` beside a lockfile adds to it.

use std::collections::BTreeSet;

use crate::checkers::dependencies::inventory::{Ecosystem, Id, Inventory};
use crate::checkers::dependencies::locks::{Beside, asked_beside, tell_dev};
use crate::checkers::dependencies::manifest::Manifest;

use super::Names;

/// Tells what is asked for directly, and what by developers only where the lockfile does not tell.
pub(super) fn tell(inventory: &mut Inventory, beside: &dyn Beside) {
    let Some(asked) = asked_beside(beside, Manifest::PyProject, "pyproject.toml") else {
        return;
    };
    let names = Names::of(&inventory.packages);
    let ids = |dev: bool| -> Vec<Id> {
        let asked = asked.iter().filter(|one| one.dev == dev);
        asked
            .flat_map(|one| names.find(&one.name))
            .copied()
            .collect()
    };
    tell_dev(&mut inventory.packages, &ids(false), &ids(true));
    let wanted: BTreeSet<String> = asked
        .iter()
        .map(|one| Ecosystem::PyPi.normal(&one.name))
        .collect();
    for package in &mut inventory.packages {
        package.direct = Some(wanted.contains(&package.normal_name()));
    }
}
