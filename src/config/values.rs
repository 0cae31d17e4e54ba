//! Owns the values that only gate files have: version, requirement, rule set, exact numbers, and what is read later.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::model::number::Number;

/// A value that is read later, against what is known by then.
#[derive(Default)]
pub struct Anything;

impl<'de> Deserialize<'de> for Anything {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}

/// A map whose values are read later.
#[derive(Default)]
pub struct AnyMap;

impl<'de> Deserialize<'de> for AnyMap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyMapVisitor;
        impl<'de> Visitor<'de> for AnyMapVisitor {
            type Value = AnyMap;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_unit<E>(self) -> Result<AnyMap, E> {
                Ok(AnyMap)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<AnyMap, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(AnyMap)
            }
        }
        deserializer.deserialize_map(AnyMapVisitor)
    }
}

/// The version of the grammar.
#[derive(Default)]
pub struct Version;

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match i64::deserialize(deserializer)? {
            1 => Ok(Self),
            other => Err(de::Error::custom(format!(
                "version {other} of the gate file grammar is not known; this qgate reads `version: 1`"
            ))),
        }
    }
}

impl JsonSchema for Version {
    fn schema_name() -> Cow<'static, str> {
        "Version".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "const": 1 })
    }
}

/// A number, kept exactly to nine decimals.
#[derive(Clone, Copy)]
pub struct Decimal(pub Number);

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct DecimalVisitor;
        impl Visitor<'_> for DecimalVisitor {
            type Value = Decimal;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            fn visit_i64<E: de::Error>(self, n: i64) -> Result<Decimal, E> {
                if n < 0 {
                    return Err(E::custom(format!(
                        "expected a number of 0 or more, found {n}"
                    )));
                }
                Ok(Decimal(Number::whole(n)))
            }

            fn visit_f64<E: de::Error>(self, n: f64) -> Result<Decimal, E> {
                let number = Number::from_float(n).filter(|number| !number.is_negative());
                number
                    .map(Decimal)
                    .ok_or_else(|| E::custom(format!("expected a number of 0 or more, found {n}")))
            }
        }
        deserializer.deserialize_any(DecimalVisitor)
    }
}

impl JsonSchema for Decimal {
    fn schema_name() -> Cow<'static, str> {
        "Decimal".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "minimum": 0 })
    }
}

/// A rule set: a year and a month.
#[derive(Clone)]
pub struct RuleSet(pub String);

impl<'de> Deserialize<'de> for RuleSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let shape = |c: char| if c.is_ascii_digit() { '0' } else { c };
        if text.chars().map(shape).eq("0000-00".chars()) {
            return Ok(Self(text));
        }
        Err(de::Error::custom(format!(
            "`{text}` is no rule set; one is a year and a month, as \"2026-11\""
        )))
    }
}

impl JsonSchema for RuleSet {
    fn schema_name() -> Cow<'static, str> {
        "RuleSet".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$" })
    }
}

/// The versions of qgate that may read a file: comparisons joined by commas.
#[derive(Debug, PartialEq, Eq)]
pub struct Requirement(Vec<(String, [u32; 3])>);

impl Requirement {
    /// Reads `>=0.3`, `>=0.3, <2`.
    ///
    /// # Errors
    /// Says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!("`{text}` is no version requirement; write one as \">=0.3\" or \">=0.3, <2\"")
        };
        let parts = text.split(',').map(|part| {
            let part = part.trim();
            let at = part.find(|c: char| c.is_ascii_digit()).ok_or_else(wrong)?;
            let (sign, version) = (part[..at].trim(), version(&part[at..]).ok_or_else(wrong)?);
            match sign {
                ">=" | ">" | "<=" | "<" | "=" | "==" => Ok((sign.to_owned(), version)),
                "" => Ok(("=".to_owned(), version)),
                _ => Err(wrong()),
            }
        });
        parts.collect::<Result<_, _>>().map(Self)
    }

    /// Does this version of qgate meet it?
    #[must_use]
    pub fn met_by(&self, have: &str) -> bool {
        let have = version(have).unwrap_or_default();
        self.0.iter().all(|(sign, wanted)| match sign.as_str() {
            ">=" => have >= *wanted,
            ">" => have > *wanted,
            "<=" => have <= *wanted,
            "<" => have < *wanted,
            _ => have == *wanted,
        })
    }
}

fn version(text: &str) -> Option<[u32; 3]> {
    let mut parts = [0; 3];
    for (n, part) in text.split('.').enumerate() {
        *parts.get_mut(n)? = part.parse().ok()?;
    }
    Some(parts)
}

impl<'de> Deserialize<'de> for Requirement {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let have = env!("CARGO_PKG_VERSION");
        let text = String::deserialize(deserializer)?;
        let requirement = Self::parse(&text).map_err(de::Error::custom)?;
        if requirement.met_by(have) {
            return Ok(requirement);
        }
        Err(de::Error::custom(format!(
            "this file requires qgate {text}, and this is qgate {have}; install a version that meets it"
        )))
    }
}

impl JsonSchema for Requirement {
    fn schema_name() -> Cow<'static, str> {
        "Requirement".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "examples": [">=0.3"] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(requirement: &str, have: &str, expected: &str) {
        let met = Requirement::parse(requirement).map(|r| r.met_by(have).to_string());
        assert_eq!(
            met.unwrap_or_else(|problem| problem[..9].to_owned()),
            expected
        );
    }

    #[test]
    fn requirements() {
        check(">=0.3", "0.3.0", "true");
        check(">=0.3", "0.2.9", "false");
        check(">=0.1, <1", "0.9.9", "true");
        check(">=0.1, <1", "1.0.0", "false");
        check("~1.2", "1.2.0", "`~1.2` is");
    }
}
