//! Owns the way from bytes to nodes: strict YAML with spans, within budgets. Knows no key of a gate file.

use std::fmt;
use std::sync::Arc;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_yaml::{DuplicateKeyPolicy, MergeKeyPolicy, Spanned};

use crate::base::node::{Node, Origin, Problem, Text};

use super::places::Places;

/// No gate file is larger than this, in bytes.
const MOST_BYTES: usize = 1 << 20;
/// No gate file nests deeper.
pub(super) const MOST_DEPTH: usize = 32;
/// No gate file has more values, those that aliases repeat included.
pub(super) const MOST_NODES: usize = 20_000;
/// No gate file has more aliases.
pub(super) const MOST_ALIASES: usize = 100;

/// Takes the bytes of a gate file as text. A byte order mark is dropped.
///
/// # Errors
/// When they are too many, binary, or not UTF-8.
pub fn text(name: &str, bytes: &[u8], built_in: bool) -> Result<Arc<Text>, Problem> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let seen = &bytes[..bytes.len().min(MOST_BYTES)];
    let lossy = Arc::new(Text {
        name: name.to_owned(),
        text: String::from_utf8_lossy(seen).into_owned(),
        built_in,
    });
    let at = |start: usize, length: usize| Origin {
        text: lossy.clone(),
        span: start..start + length,
    };
    if bytes.len() > MOST_BYTES {
        let message = format!("the file is larger than {MOST_BYTES} bytes");
        return Err(Problem::new(
            &at(0, 0),
            message,
            "split it and name the parts in `extends`",
        ));
    }
    if let Some(nul) = seen.iter().position(|&b| b == 0) {
        let before = String::from_utf8_lossy(&seen[..nul]).len();
        return Err(Problem::new(
            &at(before, 1),
            "this is a binary file, not YAML",
            "write the gates as plain text; UTF-16 is not read, save the file as UTF-8",
        ));
    }
    if let Err(problem) = std::str::from_utf8(seen) {
        return Err(Problem::new(
            &at(problem.valid_up_to(), '\u{fffd}'.len_utf8()),
            "the file is not UTF-8 text",
            "save it as UTF-8",
        ));
    }
    Ok(lossy)
}

/// Reads one YAML document: strict booleans, no duplicate or merge keys, no tags, within budgets.
///
/// # Errors
/// The first problem, at its place.
pub fn parse(text: &Arc<Text>) -> Result<Node, Vec<Problem>> {
    let options = serde_yaml::options! {
        budget: serde_yaml::budget! {
            max_nodes: MOST_NODES,
            max_depth: MOST_DEPTH,
            flow_nesting_limit: MOST_DEPTH + 1,
            max_aliases: MOST_ALIASES,
            max_documents: 2,
            max_total_scalar_bytes: MOST_BYTES,
        },
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Error,
        alias_limits: serde_yaml::alias_limits! {
            max_total_replayed_events: MOST_NODES,
            max_replay_stack_depth: 8,
        },
        strict_booleans: true,
        reject_unsupported_tags: true,
        with_snippet: false,
    };
    // The parser drops a byte order mark and counts from behind it.
    let body = text.text.strip_prefix('\u{feff}').unwrap_or(&text.text);
    let place = Places {
        text,
        shift: text.text.len() - body.len(),
    };
    match serde_yaml::from_str_with_options::<Spanned<Raw>>(body, options) {
        Ok(raw) => Ok(place.node(raw)),
        Err(error) => Err(vec![place.problem(&error)]),
    }
}

/// A value as the parser gives it.
pub(super) enum Raw {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(String),
    Seq(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of ordinary size")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E>(self, b: bool) -> Result<Raw, E> {
        Ok(Raw::Bool(b))
    }

    fn visit_i64<E>(self, n: i64) -> Result<Raw, E> {
        Ok(Raw::Int(n))
    }

    fn visit_u64<E: de::Error>(self, n: u64) -> Result<Raw, E> {
        i64::try_from(n)
            .map(Raw::Int)
            .map_err(|_| E::custom("the number is too large"))
    }

    fn visit_f64<E>(self, n: f64) -> Result<Raw, E> {
        Ok(Raw::Float(n))
    }

    fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Str(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Raw::Seq(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Map(entries))
    }
}
