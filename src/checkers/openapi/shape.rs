//! Owns the language in which the objects of the specification are written down: fields, types, versions. Judges nothing.

/// The versions of the specification, as bits.
pub type Versions = u8;
pub const V2: Versions = 1;
pub const V30: Versions = 2;
pub const V31: Versions = 4;
pub const V32: Versions = 8;
pub const V3: Versions = V30 | V31 | V32;
pub const SINCE31: Versions = V31 | V32;
pub const ALL: Versions = V2 | V3;

/// What a value must be.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// Anything.
    Any,
    Text,
    /// A text that is a regular expression.
    Regex,
    Flag,
    Number,
    /// A whole number that is not negative.
    Whole,
    /// One of these texts.
    Word(&'static [&'static str]),
    List(&'static Shape),
    /// A list with something in it.
    Filled(&'static Shape),
    /// A map of names to this.
    Map(&'static Shape),
    Object(&'static Object),
    /// An object in whose place a reference may stand.
    Ref(&'static Object),
    /// A schema.
    Schema,
    /// A schema, or `true` or `false`.
    SchemaOrFlag,
    /// A flag up to 3.0, a number since 3.1.
    Exclusive,
    /// A schema or a list of them.
    SchemaOrList,
    /// A map of names to schemas or to lists of names.
    Dependencies,
    /// `type` of a schema.
    Type,
}

/// A field.
#[derive(Debug)]
pub struct Field {
    pub name: &'static str,
    pub shape: Shape,
    /// The versions that have it.
    pub versions: Versions,
    /// The versions that demand it.
    pub needed: Versions,
}

/// What else an object may have besides its fields.
#[derive(Clone, Copy, Debug)]
pub enum Rest {
    /// Extensions: `x-...`.
    Extensions,
    /// Paths, each with this, and extensions.
    Paths(&'static Shape),
    /// Status codes, each with this, and extensions.
    Statuses(&'static Shape),
    /// Any name with this, and extensions.
    Names(&'static Shape),
    /// Anything, as JSON Schema has it, since 3.1; extensions before.
    Keywords,
}

/// An object of the specification.
#[derive(Debug)]
pub struct Object {
    /// As the specification names it, without `Object`.
    pub name: &'static str,
    pub fields: &'static [Field],
    pub rest: Rest,
}

/// A field that may be left out.
pub const fn may(name: &'static str, shape: Shape, versions: Versions) -> Field {
    Field {
        name,
        shape,
        versions,
        needed: 0,
    }
}

/// A field that must be there.
pub const fn must(name: &'static str, shape: Shape, versions: Versions) -> Field {
    Field {
        name,
        shape,
        versions,
        needed: versions,
    }
}

/// A field that must be there in some versions.
pub const fn must_in(
    name: &'static str,
    shape: Shape,
    versions: Versions,
    needed: Versions,
) -> Field {
    Field {
        name,
        shape,
        versions,
        needed,
    }
}

impl Object {
    /// The field of this name in these versions.
    #[must_use]
    pub fn field(&self, name: &str, versions: Versions) -> Option<&'static Field> {
        let mut fields = self.fields.iter();
        fields.find(|field| field.name == name && field.versions & versions != 0)
    }
}
