//! Owns the way from a value to a type: a serde deserializer over nodes that reports every problem, not the first one.

use std::fmt;

use serde::de::{self, DeserializeOwned, DeserializeSeed, IntoDeserializer, Visitor};

use crate::base::words;

use super::{Key, Kind, Node, Origin, Problem};

/// How many problems of one value are looked for.
const MOST_PROBLEMS: usize = 50;

/// Reads `node` as a `T`. Each problem is pushed to `problems`; `None` when there was any.
///
/// serde stops at the first error; so the value that caused it is taken out and the rest is read again.
pub fn read<T: DeserializeOwned>(node: &Node, problems: &mut Vec<Problem>) -> Option<T> {
    let mut rest = node.clone();
    let mut found = 0;
    loop {
        let error = match T::deserialize(&rest) {
            Ok(value) if found == 0 => return Some(value),
            Ok(_) => return None,
            Err(error) => error,
        };
        let taken_out = !error.path.is_empty() && remove(&mut rest, &error.path);
        if found == 0 || taken_out {
            problems.push(error.problem(node));
        }
        found += 1;
        if !taken_out || found == MOST_PROBLEMS {
            return None;
        }
    }
}

fn remove(node: &mut Node, path: &[Step]) -> bool {
    let [step, rest @ ..] = path else {
        return false;
    };
    match (step, &mut node.kind) {
        (Step::Key(key), Kind::Map(entries)) => {
            let Some(at) = entries.iter().position(|(k, _)| k.name == *key) else {
                return false;
            };
            if rest.is_empty() {
                entries.remove(at);
                return true;
            }
            remove(&mut entries[at].1, rest)
        }
        (Step::Item(at), Kind::Seq(items)) if *at < items.len() => {
            if rest.is_empty() {
                items.remove(*at);
                return true;
            }
            remove(&mut items[*at], rest)
        }
        _ => false,
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Step {
    Key(String),
    Item(usize),
}

/// Why a node does not fit a type.
#[derive(Debug)]
pub struct Error {
    message: String,
    help: String,
    origin: Option<Origin>,
    /// From the root; empty when the root itself is at fault.
    path: Vec<Step>,
}

impl Error {
    fn new(message: String, help: String) -> Self {
        Self {
            message,
            help,
            origin: None,
            path: Vec::new(),
        }
    }

    fn at(mut self, step: Step, origin: &Origin) -> Self {
        self.origin.get_or_insert_with(|| origin.clone());
        self.path.insert(0, step);
        self
    }

    fn problem(&self, root: &Node) -> Problem {
        Problem::new(
            self.origin.as_ref().unwrap_or(&root.origin),
            &self.message,
            &self.help,
        )
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string(), String::new())
    }

    fn invalid_type(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        let help = match found {
            de::Unexpected::Float(_) | de::Unexpected::Signed(_) | de::Unexpected::Bool(_)
                if expected.to_string().contains("string") =>
            {
                "put it in quotes".to_owned()
            }
            _ => String::new(),
        };
        Self::new(
            format!(
                "expected {}, found {}",
                expectation(expected),
                kind_of(found)
            ),
            help,
        )
    }

    fn invalid_value(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::new(
            format!(
                "expected {}, found {}",
                expectation(expected),
                kind_of(found)
            ),
            String::new(),
        )
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::new(
            format!("unknown value `{variant}`"),
            suggestion(variant, expected),
        )
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::new(
            format!("unknown key `{field}`"),
            suggestion(field, expected),
        )
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(
            format!("the key `{field}` is missing"),
            format!("add `{field}:`"),
        )
    }
}

fn expectation(expected: &dyn de::Expected) -> String {
    match expected.to_string().as_str() {
        "a string" => "a text".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number of 0 or more".to_owned(),
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        text if text.starts_with("struct ") => "a map".to_owned(),
        text => text.to_owned(),
    }
}

fn kind_of(found: de::Unexpected<'_>) -> String {
    match found {
        de::Unexpected::Str(text) => format!("the text `{text}`"),
        de::Unexpected::Signed(n) => format!("the number {n}"),
        de::Unexpected::Unsigned(n) => format!("the number {n}"),
        de::Unexpected::Float(n) => format!("the number {n}"),
        de::Unexpected::Bool(b) => format!("`{b}`"),
        de::Unexpected::Seq => "a list".to_owned(),
        de::Unexpected::Map => "a map".to_owned(),
        de::Unexpected::Unit => "nothing".to_owned(),
        other => other.to_string(),
    }
}

/// `did you mean X?`, or the words that are known.
fn suggestion(given: &str, known: &[&str]) -> String {
    match words::did_you_mean(given, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "nothing may stand here".to_owned(),
        None => format!("known here: {}", known.join(", ")),
    }
}

impl<'de> de::Deserializer<'de> for &'de Node {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.kind {
            Kind::Null => visitor.visit_unit(),
            Kind::Bool(b) => visitor.visit_bool(*b),
            Kind::Int(n) => visitor.visit_i64(*n),
            Kind::Float(n) => visitor.visit_f64(*n),
            Kind::Str(text) => visitor.visit_borrowed_str(text),
            Kind::Seq(items) => visitor.visit_seq(Items { items, at: 0 }),
            Kind::Map(entries) => visitor.visit_map(Entries { entries, at: 0 }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.kind {
            Kind::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    /// An empty value stands for a struct of defaults: `- secrets:` is `- secrets: {}`.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.kind {
            Kind::Null => visitor.visit_map(Entries {
                entries: &[],
                at: 0,
            }),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match &self.kind {
            Kind::Str(text) => visitor.visit_enum(text.as_str().into_deserializer()),
            Kind::Map(entries) if entries.len() == 1 => visitor.visit_enum(Variant(&entries[0])),
            Kind::Map(_) => Err(de::Error::custom("expected a map with a single key")),
            _ => self.deserialize_any(visitor),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

struct Items<'de> {
    items: &'de [Node],
    at: usize,
}

impl<'de> de::SeqAccess<'de> for Items<'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        let Some(item) = self.items.get(self.at) else {
            return Ok(None);
        };
        self.at += 1;
        seed.deserialize(item)
            .map(Some)
            .map_err(|error| error.at(Step::Item(self.at - 1), &item.origin))
    }
}

struct Entries<'de> {
    entries: &'de [(Key, Node)],
    at: usize,
}

impl<'de> de::MapAccess<'de> for Entries<'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        let Some((key, _)) = self.entries.get(self.at) else {
            return Ok(None);
        };
        let name: de::value::StrDeserializer<'_, Error> = key.name.as_str().into_deserializer();
        seed.deserialize(name)
            .map(Some)
            .map_err(|error| error.at(Step::Key(key.name.clone()), &key.origin))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let (key, value) = &self.entries[self.at];
        self.at += 1;
        seed.deserialize(value)
            .map_err(|error| error.at(Step::Key(key.name.clone()), &value.origin))
    }
}

struct Variant<'de>(&'de (Key, Node));

impl<'de> de::EnumAccess<'de> for Variant<'de> {
    type Error = Error;
    type Variant = VariantValue<'de>;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, VariantValue<'de>), Error> {
        let (key, value) = self.0;
        let name: de::value::StrDeserializer<'_, Error> = key.name.as_str().into_deserializer();
        let variant = seed
            .deserialize(name)
            .map_err(|error| error.at(Step::Key(key.name.clone()), &key.origin))?;
        Ok((variant, VariantValue { key, value }))
    }
}

/// The value behind a variant's key.
pub struct VariantValue<'de> {
    key: &'de Key,
    value: &'de Node,
}

impl VariantValue<'_> {
    fn located(&self, error: Error) -> Error {
        error.at(Step::Key(self.key.name.clone()), &self.value.origin)
    }
}

impl<'de> de::VariantAccess<'de> for VariantValue<'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        match self.value.kind {
            Kind::Null => Ok(()),
            _ => Err(self.located(de::Error::custom(format!(
                "`{}` takes no value",
                self.key.name
            )))),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self.value)
            .map_err(|error| self.located(error))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        de::Deserializer::deserialize_any(self.value, visitor).map_err(|error| self.located(error))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        de::Deserializer::deserialize_any(self.value, visitor).map_err(|error| self.located(error))
    }
}
