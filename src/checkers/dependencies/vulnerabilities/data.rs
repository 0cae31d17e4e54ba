//! Owns the advisory data of a check: the index of each ecosystem, and what speaks against relying on it.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::check::ports::Advisories;
use crate::checkers::dependencies::index::segment::Index;
use crate::checkers::dependencies::inventory::Ecosystem;

/// What is known of an ecosystem.
#[derive(Debug)]
pub struct Supply {
    /// The index; none when it is missing or cannot be read.
    pub index: Option<Index>,
    /// Why what is found there, or not found, cannot be relied on.
    pub doubts: Vec<String>,
}

/// The supplies of these ecosystems.
#[must_use]
pub fn load(
    port: &dyn Advisories,
    ecosystems: impl IntoIterator<Item = Ecosystem>,
    today: Date,
    max_age: Option<i64>,
) -> BTreeMap<Ecosystem, Supply> {
    let load = |ecosystem: Ecosystem| (ecosystem, Supply::load(port, ecosystem, today, max_age));
    ecosystems.into_iter().map(load).collect()
}

impl Supply {
    fn load(
        port: &dyn Advisories,
        ecosystem: Ecosystem,
        today: Date,
        max_age: Option<i64>,
    ) -> Self {
        let without = |why: String| Self {
            index: None,
            doubts: vec![why],
        };
        let bytes = match port.index(ecosystem.name()) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return without("there are none on this machine".to_owned()),
            Err(fault) => return without(fault.what),
        };
        match Index::open(bytes) {
            Ok(index) if index.ecosystem() == ecosystem => Self::of(index, today, max_age),
            Ok(index) => without(format!(
                "the index in their place is of {}",
                index.ecosystem().name()
            )),
            Err(flaw) => without(flaw.to_string()),
        }
    }

    /// An index, with what speaks against it.
    #[must_use]
    pub fn of(index: Index, today: Date, max_age: Option<i64>) -> Self {
        let doubts = index.manifest().doubts(today, max_age);
        let mut doubts: Vec<String> = doubts
            .iter()
            .map(super::super::index::manifest::Doubt::words)
            .collect();
        match index.canary() {
            Ok(canary) => doubts.extend(canary.map(|doubt| doubt.words())),
            Err(flaw) => doubts.push(flaw.to_string()),
        }
        Self {
            index: Some(index),
            doubts,
        }
    }
}
