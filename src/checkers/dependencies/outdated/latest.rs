//! Owns the newest versions that registries have, as a file keeps them between runs. Pure.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::checkers::dependencies::inventory::Ecosystem;

/// A longer file than this is none.
pub const LARGEST: u64 = 64 << 20;

/// The newest finished version of each package, of a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Latest {
    /// The version of this format: 1.
    pub version: u32,
    /// The day on which the registries were asked.
    #[serde(with = "day")]
    pub as_of: Date,
    /// By ecosystem, as OSV names it, and name of the package.
    pub latest: BTreeMap<String, BTreeMap<String, String>>,
}

/// A day as text: 2026-12-01.
mod day {
    use jiff::civil::Date;
    use serde::{Deserialize as _, Deserializer, Serializer, de};

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde hands fields over by reference"
    )]
    pub(super) fn serialize<S: Serializer>(day: &Date, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&day.to_string())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Date, D::Error> {
        let text = String::deserialize(from)?;
        text.parse()
            .map_err(|_| de::Error::custom(format!("`{text}` is no day such as 2026-12-01")))
    }
}

impl Latest {
    /// Nothing, of a day.
    #[must_use]
    pub fn new(as_of: Date) -> Self {
        Self {
            version: 1,
            as_of,
            latest: BTreeMap::new(),
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let read: Self = serde_json::from_slice(bytes).map_err(|problem| problem.to_string())?;
        if read.version != 1 {
            return Err(format!(
                "version `{}` of its format is not known",
                read.version
            ));
        }
        Ok(read)
    }

    /// As a file, with a line feed at the end.
    #[must_use]
    pub fn written(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("its keys are text");
        crate::base::ascii::json(&text) + "\n"
    }

    /// The newest version of a package, by its normal name.
    #[must_use]
    pub fn of(&self, ecosystem: Ecosystem, name: &str) -> Option<&str> {
        self.latest
            .get(ecosystem.name())?
            .get(name)
            .map(String::as_str)
    }

    /// Takes in a package's newest version.
    pub fn put(&mut self, ecosystem: Ecosystem, name: String, version: String) {
        let names = self.latest.entry(ecosystem.name().to_owned());
        names.or_default().insert(name, version);
    }

    /// Those of these packages that it does not know.
    #[must_use]
    pub fn lacks(
        &self,
        wanted: &BTreeMap<Ecosystem, BTreeSet<String>>,
    ) -> BTreeMap<Ecosystem, BTreeSet<String>> {
        let lacks = wanted.iter().map(|(ecosystem, names)| {
            let unknown = |name: &&String| self.of(*ecosystem, name).is_none();
            (*ecosystem, names.iter().filter(unknown).cloned().collect())
        });
        lacks
            .filter(|(_, names): &(_, BTreeSet<String>)| !names.is_empty())
            .collect()
    }
}
