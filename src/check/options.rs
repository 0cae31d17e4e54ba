//! Owns the types that options are made of: each refuses a wrong value where it stands in the gate file.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::base::path::RepoPath;
use crate::model::number::Number;
use crate::model::quantity::{Dimension, Quantity};

/// A path glob: `*` within a part, `**` across parts, `{a,b}`, `[a-z]`; it matches the whole path from the root.
/// A glob that ends in `/` means all below that folder.
#[derive(Clone, Debug)]
pub struct Glob {
    text: String,
    matcher: globset::GlobSet,
}

/// A glob of this length is no glob that a person wrote, and compiling it takes long.
const LONGEST_GLOB: usize = 2_000;

impl Glob {
    /// Reads a glob.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn new(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST_GLOB {
            return Err(format!("a glob has at most {LONGEST_GLOB} bytes"));
        }
        if text.is_empty() || text.starts_with('/') || text.split('/').any(|part| part == "..") {
            return Err("a glob is relative to the root and stays in it".to_owned());
        }
        let whole = if text.ends_with('/') {
            format!("{text}**")
        } else {
            text.to_owned()
        };
        let glob = globset::GlobBuilder::new(whole.strip_prefix("./").unwrap_or(&whole))
            .literal_separator(true)
            .backslash_escape(true)
            .build()
            .map_err(|problem| problem.kind().to_string())?;
        // A set of one: it matches the plain kinds (`**/*.py`, `docs/**`) without a regular expression, and refuses a glob
        // that is too large where a lone matcher would panic.
        let set = globset::GlobSetBuilder::new().add(glob).build();
        Ok(Self {
            text: text.to_owned(),
            matcher: set.map_err(|_| "the glob is too large".to_owned())?,
        })
    }

    /// The glob as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Does it match?
    #[must_use]
    pub fn matches(&self, path: &RepoPath) -> bool {
        self.matcher.is_match(path.as_native())
    }
}

/// A regular expression (the `regex` crate's syntax), in linear time and of bounded size.
#[derive(Clone, Debug)]
pub struct Pattern(regex::Regex);

impl Pattern {
    /// Reads a regular expression.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn new(text: &str) -> Result<Self, String> {
        let built = regex::RegexBuilder::new(text)
            .size_limit(1 << 20)
            .dfa_size_limit(1 << 22)
            .build();
        let short = |problem: regex::Error| {
            let text = problem.to_string();
            text.lines()
                .last()
                .unwrap_or_default()
                .trim_start_matches("error: ")
                .to_owned()
        };
        built.map(Self).map_err(short)
    }

    /// The compiled expression.
    #[must_use]
    pub const fn regex(&self) -> &regex::Regex {
        &self.0
    }
}

/// A span of time, written with its unit: `500ms`, `30s`, `5m`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time(pub Duration);

/// Events in a second, written `500/s`, or `90/m` for a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate(pub Number);

/// An amount of data, written with its unit: `100KB`, `2MiB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size(pub u64);

/// A folder, from the root: `services/api`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder(pub RepoPath);

/// A share, written as a percentage: `80%`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share(pub Number);

/// A number of days, `7d`, or `never` for without end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days(pub Option<u16>);

impl Rate {
    /// Events in a second; no verdict rests on it.
    #[must_use]
    pub fn per_second(self) -> f64 {
        self.0.to_decimal(9).parse().unwrap_or_default()
    }
}

impl Days {
    /// Reads a number of days.
    ///
    /// # Errors
    /// When it is none.
    pub fn new(text: &str) -> Result<Self, String> {
        if text == "never" {
            return Ok(Self(None));
        }
        let days = text.strip_suffix('d').and_then(|days| days.parse().ok());
        let days = days.ok_or_else(|| "write days as `7d`, or `never`".to_owned())?;
        Ok(Self(Some(days)))
    }

    fn shown(self) -> String {
        self.0
            .map_or_else(|| "never".to_owned(), |days| format!("{days}d"))
    }

    /// As a number to compare with.
    #[must_use]
    pub fn limit(self) -> Option<i64> {
        self.0.map(i64::from)
    }
}

struct TextVisitor(&'static str);

impl de::Visitor<'_> for TextVisitor {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a text such as `{}`", self.0)
    }

    fn visit_str<E>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }
}

macro_rules! text_option {
    ($type:ident, $example:literal, $read:expr, $show:expr) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = deserializer.deserialize_str(TextVisitor($example))?;
                let read: fn(&str) -> Result<Self, String> = $read;
                read(&text).map_err(|problem| de::Error::custom(format!("`{text}`: {problem}")))
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let show: fn(&Self) -> String = $show;
                serializer.serialize_str(&show(self))
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let show: fn(&Self) -> String = $show;
                f.write_str(&show(self))
            }
        }

        impl schemars::JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($type))
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "examples": [$example] })
            }
        }
    };
}

text_option!(Glob, "src/**/*.py", Glob::new, |glob| glob.text.clone());
text_option!(Pattern, "^v[0-9]+", Pattern::new, |pattern| pattern
    .0
    .as_str()
    .to_owned());
text_option!(
    Time,
    "30s",
    |text| {
        let quantity = Quantity::parse(text)?;
        quantity
            .as_duration()
            .map(Self)
            .ok_or_else(|| "a time needs a unit: 500ms, 30s, 5m".to_owned())
    },
    |time| Quantity::time(time.0).to_string()
);
text_option!(
    Folder,
    "services/api",
    |text| {
        let path = text.trim_end_matches('/');
        RepoPath::new(path.strip_prefix("./").unwrap_or(path))
            .map(Self)
            .ok_or_else(|| "it is no folder below the root".to_owned())
    },
    |folder| String::from_utf8_lossy(folder.0.as_bytes()).into_owned()
);
text_option!(
    Share,
    "80%",
    |text| {
        let quantity = Quantity::parse(text)?;
        let share = (quantity.dimension == Dimension::Share).then_some(quantity.number);
        let inside = share.filter(|share| !share.is_negative() && *share <= Number::whole(1));
        inside
            .map(Self)
            .ok_or_else(|| "a share is written from 0% to 100%".to_owned())
    },
    |share| Quantity {
        number: share.0,
        dimension: Dimension::Share
    }
    .to_string()
);
text_option!(
    Rate,
    "200/s",
    |text| {
        let quantity = Quantity::parse(text)?;
        let rate = (quantity.dimension == Dimension::Rate).then_some(quantity.number);
        let positive = rate.filter(|rate| !rate.is_negative());
        positive
            .map(Self)
            .ok_or_else(|| "a rate needs a unit: 200/s, 90/m".to_owned())
    },
    |rate| Quantity {
        number: rate.0,
        dimension: Dimension::Rate
    }
    .precise()
);
text_option!(Days, "7d", Days::new, |days| days.shown());
text_option!(
    Size,
    "2MB",
    |text| {
        let quantity = Quantity::parse(text)?;
        quantity
            .as_bytes()
            .map(Self)
            .ok_or_else(|| "a size needs a unit: 100KB, 2MiB".to_owned())
    },
    |size| format!("{}B", size.0)
);

#[cfg(test)]
mod tests {
    use super::*;

    fn check(glob: &str, path: &str) -> bool {
        Glob::new(glob)
            .expect("a good glob")
            .matches(&RepoPath::new(path).expect("a path inside the root"))
    }

    #[test]
    fn globs() {
        assert!(check("**/*.py", "a.py"));
        assert!(check("**/*.py", "x/y/a.py"));
        assert!(!check("*.py", "x/a.py"));
        assert!(check("docs/", "docs/a/b.md"));
        assert!(check("{a,b}/*.rs", "b/c.rs"));
        assert!(Glob::new("../x").is_err());
        assert!(Glob::new("/etc").is_err());
        assert!(Glob::new("a[").is_err());
        assert!(Glob::new(&"*".repeat(3_000_000)).is_err());
        assert!(Pattern::new("(").is_err());
    }
}
