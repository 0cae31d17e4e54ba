//! Owns the newest versions that registries have, as a file keeps them between runs. Pure.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::base::path::RepoPath;
use crate::check::Cx;
use crate::check::options::Days;
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
    #[serde(default)]
    pub latest: BTreeMap<String, BTreeMap<String, String>>,
    /// What registries tell of releases, by ecosystem, package and version.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub releases: BTreeMap<String, BTreeMap<String, BTreeMap<String, Release>>>,
}

/// What a registry tells of one release.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Release {
    /// The day on which it came out, in UTC; `None` where the registry does not tell.
    #[serde(with = "some_day", skip_serializing_if = "Option::is_none")]
    pub released: Option<Date>,
    /// Was it withdrawn, and with which words? `None` where the registry does not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Withdrawn>,
}

/// Is a release still offered?
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Withdrawn {
    /// It is.
    No,
    /// It was taken back; with the registry's word for it, and the reason where one is told.
    Yes(String),
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

/// A day that may be missing.
mod some_day {
    use jiff::civil::Date;
    use serde::{Deserialize as _, Deserializer, Serializer, de};

    #[expect(
        clippy::ref_option,
        clippy::trivially_copy_pass_by_ref,
        reason = "serde hands fields over by reference"
    )]
    pub(super) fn serialize<S: Serializer>(
        day: &Option<Date>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match day {
            Some(day) => super::day::serialize(day, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Date>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        let read = |text: String| {
            let bad = || de::Error::custom(format!("`{text}` is no day such as 2026-12-01"));
            text.parse().map_err(|_| bad())
        };
        text.map(read).transpose()
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
            releases: BTreeMap::new(),
        }
    }

    /// Reads the file at this path of the repository, tracked or not, if it is young enough.
    ///
    /// # Errors
    /// When it is none, or too old.
    pub fn of_file(path: &str, max_age: Days, cx: &Cx<'_>) -> Result<Self, String> {
        let path = RepoPath::new(path.as_bytes()).ok_or("it lies outside of the repository")?;
        let tracked = cx
            .tree
            .find(&path)
            .filter(|meta| meta.is_file() && meta.size <= LARGEST);
        let bytes = if let Some(meta) = tracked {
            cx.tree.read(meta).map_err(|problem| problem.why)?
        } else {
            let read = cx.ports.artifacts.read(&path, LARGEST);
            read.map_err(|fault| fault.what)?
        };
        let file = Self::read(&bytes)?;
        let age = (cx.ports.surroundings.today() - file.as_of).get_days();
        match max_age.limit() {
            _ if age < -1 => Err(format!("it is of {}, after today", file.as_of)),
            Some(limit) if i64::from(age) > limit => Err(format!(
                "it is {age} days old, more than {limit}: write it anew with `qgate deps outdated`"
            )),
            _ => Ok(file),
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

    /// What is told of a release, by the package's normal name.
    #[must_use]
    pub fn release(&self, ecosystem: Ecosystem, name: &str, version: &str) -> Option<&Release> {
        self.releases.get(ecosystem.name())?.get(name)?.get(version)
    }

    /// Takes in what is told of a release.
    pub fn put_release(&mut self, key: (Ecosystem, String, String), release: Release) {
        let (ecosystem, name, version) = key;
        let names = self
            .releases
            .entry(ecosystem.name().to_owned())
            .or_default();
        names.entry(name).or_default().insert(version, release);
    }

    /// Those of these releases that it does not know.
    #[must_use]
    pub fn lacks_releases(
        &self,
        wanted: &BTreeSet<(Ecosystem, String, String)>,
    ) -> BTreeSet<(Ecosystem, String, String)> {
        let lacks = |(ecosystem, name, version): &&(Ecosystem, String, String)| {
            self.release(*ecosystem, name, version).is_none()
        };
        wanted.iter().filter(lacks).cloned().collect()
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
