//! Owns the address of a database as an option: it may hold a password, so nothing here shows it.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// What is shown in place of an address.
const HIDDEN: &str = "(a database; its address is not shown)";

/// The URL of a PostgreSQL database: `postgresql://user:password@host:5432/name?sslmode=require`. Neither its text for
/// people nor its JSON shows it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// Reads a URL.
    ///
    /// # Errors
    /// Says what is wrong, without the URL.
    pub fn new(text: &str) -> Result<Self, String> {
        let good = ["postgres://", "postgresql://"]
            .iter()
            .any(|scheme| text.trim().starts_with(scheme));
        if good {
            Ok(Self(text.trim().to_owned()))
        } else {
            Err("a database is written as postgresql://user@host:port/name".to_owned())
        }
    }

    /// The URL with all that is in it, for the one who connects.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.0
    }

    /// Was none given?
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

impl Serialize for DatabaseUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(if self.is_empty() { "" } else { HIDDEN })
    }
}

struct UrlVisitor;

impl de::Visitor<'_> for UrlVisitor {
    type Value = DatabaseUrl;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a URL such as `postgresql://user@host:5432/name`")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<DatabaseUrl, E> {
        DatabaseUrl::new(text).map_err(E::custom)
    }
}

impl<'de> Deserialize<'de> for DatabaseUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(UrlVisitor)
    }
}

impl schemars::JsonSchema for DatabaseUrl {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("DatabaseUrl")
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "examples": ["${DATABASE_URL}"] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_shows_the_password() {
        let url = DatabaseUrl::new("postgresql://app:geheim@db/app").expect("a good URL");
        let json = serde_json::to_string(&url).expect("a text");
        assert!(
            !format!("{url:?}{json}").contains("geheim"),
            "{url:?} {json}"
        );
        let bad = DatabaseUrl::new("app:geheim@db").expect_err("no scheme");
        assert!(!bad.contains("geheim"), "{bad}");
    }
}
