//! Owns types: how a written one is found, and how the server prints it.

use super::super::parse::words::quote;
use super::builtin;

/// A type that was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ty {
    /// Its schema; `pg_catalog` for those of the server.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Is it an array?
    pub array: bool,
}

impl Ty {
    /// A type of the server.
    #[must_use]
    pub fn system(name: &str) -> Self {
        Self {
            schema: "pg_catalog".to_owned(),
            name: name.to_owned(),
            array: false,
        }
    }

    /// Is it this type of the server, and no array?
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        !self.array && self.schema == "pg_catalog" && self.name == name
    }

    /// As the server prints it with an empty search path.
    pub fn shown(&self) -> String {
        let mut text = if self.schema == "pg_catalog" {
            builtin::shown(&self.name).map_or_else(|| quote(&self.name), str::to_owned)
        } else {
            format!("{}.{}", quote(&self.schema), quote(&self.name))
        };
        if self.array {
            text.push_str("[]");
        }
        text
    }
}

/// A type that a statement made, and that is no table's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An enumeration with its labels.
    Enum(Vec<String>),
    /// Fields with their types.
    Composite(Vec<(String, Ty)>),
    /// A domain over another type.
    Domain(Ty),
    /// A range, a base type, or one of an extension.
    Other(Option<String>),
}
