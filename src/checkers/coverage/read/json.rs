//! Owns the walk over a JSON report as it streams in: the entries of a map and the items of a list are handed over one by one.

use std::fmt;
use std::io::BufReader;
use std::marker::PhantomData;

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess,
    Visitor,
};

use super::text::Text;

/// What is done with a part of a document.
pub type Take<'a, T> = &'a mut dyn FnMut(T) -> Result<(), String>;

/// A part of a document that is walked over.
pub trait Part {
    /// Walks over a map's entries.
    ///
    /// # Errors
    /// When it is no such map.
    fn map<'de, A: MapAccess<'de>>(&mut self, _: A) -> Result<(), A::Error> {
        Err(A::Error::custom("there is a map where none belongs"))
    }

    /// Walks over a list's items.
    ///
    /// # Errors
    /// When it is no such list.
    fn list<'de, A: SeqAccess<'de>>(&mut self, _: A) -> Result<(), A::Error> {
        Err(A::Error::custom("there is a list where none belongs"))
    }

    /// Takes `null`.
    fn nothing(&mut self) {}
}

/// A part on its way through serde.
pub struct Walk<'a, P>(pub &'a mut P);

impl<'de, P: Part> DeserializeSeed<'de> for Walk<'_, P> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, P: Part> Visitor<'de> for Walk<'_, P> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map or a list")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        self.0.map(map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<(), A::Error> {
        self.0.list(seq)
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.0.nothing();
        Ok(())
    }
}

/// The entries of a map.
pub struct Entries<'a, V> {
    take: Take<'a, (String, V)>,
    of: PhantomData<V>,
}

impl<'a, V> Entries<'a, V> {
    /// Hands each entry to `take`.
    pub fn new(take: Take<'a, (String, V)>) -> Self {
        Self {
            take,
            of: PhantomData,
        }
    }
}

impl<V: DeserializeOwned> Part for Entries<'_, V> {
    fn map<'de, A: MapAccess<'de>>(&mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(entry) = map.next_entry()? {
            (self.take)(entry).map_err(A::Error::custom)?;
        }
        Ok(())
    }
}

/// The items of a list.
pub struct Items<'a, V> {
    take: Take<'a, V>,
    of: PhantomData<V>,
}

impl<'a, V> Items<'a, V> {
    /// Hands each item to `take`.
    pub fn new(take: Take<'a, V>) -> Self {
        Self {
            take,
            of: PhantomData,
        }
    }
}

impl<V: DeserializeOwned> Part for Items<'_, V> {
    fn list<'de, A: SeqAccess<'de>>(&mut self, mut seq: A) -> Result<(), A::Error> {
        while let Some(item) = seq.next_element()? {
            (self.take)(item).map_err(A::Error::custom)?;
        }
        Ok(())
    }
}

/// Skips the value of an entry.
///
/// # Errors
/// When it is no JSON.
pub fn skip<'de, A: MapAccess<'de>>(map: &mut A) -> Result<(), A::Error> {
    map.next_value::<IgnoredAny>().map(|_| ())
}

/// Walks over a whole document.
///
/// # Errors
/// Says why it is no JSON, or not such a document.
pub fn document(text: &mut Text<'_>, part: &mut impl Part) -> Result<(), String> {
    text.as_json();
    let mut reader = serde_json::Deserializer::from_reader(BufReader::with_capacity(1 << 16, text));
    Walk(part)
        .deserialize(&mut reader)
        .and_then(|()| reader.end())
        .map_err(|problem| match problem.classify() {
            serde_json::error::Category::Eof => "it ends early".to_owned(),
            _ => problem.to_string(),
        })
}
