//! Owns the shape of an OSV record. Fields that are not known, and those of another type than expected, are passed over:
//! only what is needed must be right.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A record.
#[derive(Debug, Deserialize)]
pub struct Record {
    /// The id.
    pub id: String,
    /// When it was changed last.
    #[serde(default, deserialize_with = "text")]
    pub modified: Option<String>,
    /// When it was published.
    #[serde(default, deserialize_with = "text")]
    pub published: Option<String>,
    /// When it was taken back.
    #[serde(default, deserialize_with = "text")]
    pub withdrawn: Option<String>,
    /// The same in other databases.
    #[serde(default, deserialize_with = "list")]
    pub aliases: Vec<String>,
    /// One line.
    #[serde(default, deserialize_with = "text")]
    pub summary: Option<String>,
    /// The whole story.
    #[serde(default, deserialize_with = "text")]
    pub details: Option<String>,
    /// How bad it is.
    #[serde(default, deserialize_with = "list")]
    pub severity: Vec<Severity>,
    /// What is affected.
    #[serde(default, deserialize_with = "list")]
    pub affected: Vec<Affected>,
    /// What the database adds.
    #[serde(default)]
    pub database_specific: Specific,
}

/// How bad it is, by one measure.
#[derive(Clone, Debug, Deserialize)]
pub struct Severity {
    /// The vector.
    #[serde(default)]
    pub score: String,
}

/// What is affected: a package, and which versions of it.
#[derive(Debug, Deserialize)]
pub struct Affected {
    /// The package; some records name none.
    #[serde(default)]
    pub package: Option<Package>,
    /// How bad it is for this package.
    #[serde(default, deserialize_with = "list")]
    pub severity: Vec<Severity>,
    /// Ranges of versions.
    #[serde(default, deserialize_with = "list")]
    pub ranges: Vec<Range>,
    /// Single versions.
    #[serde(default, deserialize_with = "list")]
    pub versions: Vec<String>,
    /// What the ecosystem adds.
    #[serde(default)]
    pub ecosystem_specific: Specific,
    /// What the database adds.
    #[serde(default)]
    pub database_specific: Specific,
}

/// A package.
#[derive(Debug, Deserialize)]
pub struct Package {
    /// Its ecosystem, with what may stand behind a `:`.
    #[serde(default)]
    pub ecosystem: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
}

/// A range of versions.
#[derive(Debug, Deserialize)]
pub struct Range {
    /// `SEMVER`, `ECOSYSTEM`, `GIT`, or what is not known yet.
    #[serde(default, rename = "type")]
    pub kind: String,
    /// Where it begins and ends.
    #[serde(default, deserialize_with = "list")]
    pub events: Vec<Event>,
}

/// Where a range begins or ends.
#[derive(Debug, Deserialize)]
pub struct Event {
    /// The first affected version.
    #[serde(default)]
    pub introduced: Option<String>,
    /// The first version that is not affected any more.
    #[serde(default)]
    pub fixed: Option<String>,
    /// The last affected version.
    #[serde(default)]
    pub last_affected: Option<String>,
    /// Versions from here on are not told of.
    #[serde(default)]
    pub limit: Option<String>,
}

/// What databases and ecosystems add, as far as it is used.
#[derive(Debug, Default)]
pub struct Specific {
    /// `RustSec`: `unmaintained`, `unsound`, `notice`.
    pub informational: Option<String>,
    /// GitHub: a word for the severity.
    pub severity: Option<String>,
    /// GitHub: `< 0.20.2`, where no fix is known.
    pub last_known: Option<String>,
    /// `RustSec`: what kind of flaw it is.
    pub categories: Vec<String>,
    /// Go: packages and what is called in them.
    pub imports: Vec<Import>,
    /// `RustSec`: where it matters.
    pub affects: Affects,
}

/// A Go package with the names in it that are affected.
#[derive(Debug, Default, Deserialize)]
pub struct Import {
    /// The package.
    #[serde(default, deserialize_with = "text")]
    pub path: Option<String>,
    /// The names; none means all.
    #[serde(default, deserialize_with = "list")]
    pub symbols: Vec<String>,
    /// Systems.
    #[serde(default, deserialize_with = "list")]
    pub goos: Vec<String>,
    /// Processors.
    #[serde(default, deserialize_with = "list")]
    pub goarch: Vec<String>,
}

/// Where an advisory of `RustSec` matters; empty lists mean everywhere.
#[derive(Debug, Default, Deserialize)]
pub struct Affects {
    /// Processors.
    #[serde(default, deserialize_with = "list")]
    pub arch: Vec<String>,
    /// Systems.
    #[serde(default, deserialize_with = "list")]
    pub os: Vec<String>,
    /// Functions.
    #[serde(default, deserialize_with = "list")]
    pub functions: Vec<String>,
}

impl Record {
    /// Reads a record of JSON.
    ///
    /// # Errors
    /// Says what is wrong.
    pub fn of_json(bytes: &[u8]) -> Result<Self, String> {
        let record: Self = serde_json::from_slice(bytes).map_err(|problem| problem.to_string())?;
        record.checked()
    }

    /// Reads a record of YAML.
    ///
    /// # Errors
    /// Says what is wrong.
    pub fn of_yaml(text: &str) -> Result<Self, String> {
        let options = serde_yaml::options! { with_snippet: false };
        let record: Self = serde_yaml::from_str_with_options(text, options)
            .map_err(|problem| problem.to_string())?;
        record.checked()
    }

    fn checked(self) -> Result<Self, String> {
        if self.id.trim().is_empty() {
            return Err("it has no id".to_owned());
        }
        let times = [&self.modified, &self.published, &self.withdrawn];
        if self.affected.is_empty() && times.iter().all(|time| time.is_none()) {
            return Err("it is no advisory: it names no package and no time".to_owned());
        }
        Ok(self)
    }
}

/// A text; anything else is none.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    struct Text;
    impl<'de> Visitor<'de> for Text {
        type Value = Option<String>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a text")
        }
        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            Ok(Some(text.to_owned()))
        }
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            Ok(None)
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            Ok(None)
        }
    }
    deserializer.deserialize_any(Text)
}

/// A list; `null` is an empty one.
fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

impl<'de> Deserialize<'de> for Specific {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Map;
        impl<'de> Visitor<'de> for Map {
            type Value = Specific;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Specific::default())
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut found = Specific::default();
                while let Some(key) = map.next_key::<String>()? {
                    match &*key {
                        "informational" => found.informational = map.next_value::<Loose>()?.0,
                        "severity" => found.severity = map.next_value::<Loose>()?.0,
                        "last_known_affected_version_range" => {
                            found.last_known = map.next_value::<Loose>()?.0;
                        }
                        "categories" => {
                            found.categories =
                                map.next_value::<Option<Vec<String>>>()?.unwrap_or_default();
                        }
                        "imports" => {
                            found.imports =
                                map.next_value::<Option<Vec<Import>>>()?.unwrap_or_default();
                        }
                        "affects" => {
                            found.affects =
                                map.next_value::<Option<Affects>>()?.unwrap_or_default();
                        }
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                Ok(found)
            }
        }
        deserializer.deserialize_any(Map)
    }
}

struct Loose(Option<String>);

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text(deserializer).map(Self)
    }
}
