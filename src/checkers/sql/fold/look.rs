//! Owns what may be asked of a fold between two statements: what a name means there.

use super::super::catalog::kinds::Ty;
use super::super::catalog::relation::Relation;
use super::super::catalog::{Key, Oid, Origin, builtin};
use super::super::parse::expr::{Name, TypeName};
use super::Fold;

impl Fold {
    /// Where the statement is that runs.
    #[must_use]
    pub const fn at(&self) -> Origin {
        self.origin
    }

    /// The relation of this name.
    #[must_use]
    pub fn find(&self, name: &Name) -> Option<&Relation> {
        let oid = self.catalog.find_relation(name, &self.session.path)?;
        self.catalog.relation(oid)
    }

    /// The table that the index of this name belongs to.
    #[must_use]
    pub fn find_by_index(&self, name: &Name) -> Option<&Relation> {
        let oid: Oid = self.catalog.find(name, &self.session.path)?;
        self.catalog.relation(oid)
    }

    /// A name with the schema that it is looked for in first.
    #[must_use]
    pub fn qualified(&self, name: &Name) -> Key {
        match name.as_slice() {
            [.., schema, name] => (schema.clone(), name.clone()),
            [name] => {
                let first = self.session.path.first();
                let schema = first.map_or("public", String::as_str);
                (schema.to_owned(), name.clone())
            }
            [] => Key::default(),
        }
    }

    /// The type that is made by a statement and has this name.
    #[must_use]
    pub fn made_type(&self, name: &Name) -> Key {
        let own = |schema: &String| (schema.clone(), name.last().cloned().unwrap_or_default());
        let found = match name.as_slice() {
            [_] => {
                let mut all = self.session.path.iter().map(own);
                all.find(|key| self.catalog.kinds.contains_key(key))
            }
            _ => None,
        };
        found.unwrap_or_else(|| self.qualified(name))
    }

    /// The type that is written, as far as it is known.
    #[must_use]
    pub fn written_type(&self, written: &TypeName) -> Ty {
        if let [name] = written.name.as_slice()
            && builtin::is_type(name)
        {
            return Ty {
                array: written.dimensions > 0,
                ..Ty::system(name)
            };
        }
        let (schema, name) = self.made_type(&written.name);
        Ty {
            schema,
            name,
            array: written.dimensions > 0,
        }
    }
}
