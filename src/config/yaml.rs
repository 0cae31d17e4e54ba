//! Owns the way from bytes to nodes: strict YAML with spans, within budgets. Knows no key of a gate file.

use std::fmt;
use std::sync::Arc;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_yaml::budget::BudgetBreach;
use serde_yaml::{DuplicateKeyPolicy, Error, Location, MergeKeyPolicy, Spanned};

use crate::base::node::{Key, Kind, Node, Origin, Problem, Text};

/// No gate file is larger than this, in bytes.
const MOST_BYTES: usize = 1 << 20;
/// No gate file nests deeper.
const MOST_DEPTH: usize = 32;
/// No gate file has more values, those that aliases repeat included.
const MOST_NODES: usize = 20_000;
/// No gate file has more aliases.
const MOST_ALIASES: usize = 100;

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
enum Raw {
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

/// Turns the parser's locations into origins.
struct Places<'a> {
    text: &'a Arc<Text>,
    shift: usize,
}

impl Places<'_> {
    fn origin(&self, location: Location) -> Origin {
        let whole = &self.text.text;
        let known = |n: Option<u64>| n.and_then(|n| usize::try_from(n).ok());
        let floor = |mut at: usize| {
            at = at.min(whole.len());
            while !whole.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let start = match known(location.span().byte_offset()) {
            Some(offset) => floor(offset + self.shift),
            None => self.start_of(location),
        };
        let length = known(location.span().byte_len()).unwrap_or(0);
        let written = &whole[start..floor(start + length)];
        Origin {
            text: self.text.clone(),
            span: start..start + written.trim_end().len(),
        }
    }

    /// From line and column, where the parser knows no more; nought where it knows nothing.
    fn start_of(&self, location: Location) -> usize {
        let whole = &self.text.text;
        let (line, column) = (location.line(), location.column());
        if line == 0 {
            return 0;
        }
        let before = usize::try_from(line - 1).unwrap_or(usize::MAX);
        let start: usize = whole.split_inclusive('\n').take(before).map(str::len).sum();
        let column = usize::try_from(column.saturating_sub(1)).unwrap_or(usize::MAX);
        let rest = &whole[start..];
        start
            + rest
                .char_indices()
                .nth(column)
                .map_or(rest.trim_end_matches('\n').len(), |(at, _)| at)
    }

    fn node(&self, raw: Spanned<Raw>) -> Node {
        let mut origin = self.origin(raw.defined);
        let kind = match raw.value {
            Raw::Null => Kind::Null,
            Raw::Bool(b) => Kind::Bool(b),
            Raw::Int(n) => Kind::Int(n),
            Raw::Float(n) => Kind::Float(n),
            Raw::Str(text) => Kind::Str(text),
            Raw::Seq(items) => Kind::Seq(items.into_iter().map(|item| self.node(item)).collect()),
            Raw::Map(entries) => Kind::Map(
                entries
                    .into_iter()
                    .map(|(key, value)| {
                        let key_origin = self.origin(key.defined);
                        let mut value = self.node(value);
                        if value.kind == Kind::Null && value.origin.span.is_empty() {
                            value.origin = key_origin.clone();
                        }
                        let key = Key {
                            origin: key_origin,
                            name: key.value,
                        };
                        (key, value)
                    })
                    .collect(),
            ),
        };
        // A block starts with its first entry: that is what a caret can point at.
        if origin.span.is_empty() {
            let first = match &kind {
                Kind::Map(entries) => entries.first().map(|(key, _)| &key.origin),
                Kind::Seq(items) => items.first().map(|item| &item.origin),
                _ => None,
            };
            origin = first.cloned().unwrap_or(origin);
        }
        Node { origin, kind }
    }

    fn problem(&self, error: &Error) -> Problem {
        let origin = error
            .location()
            .map_or_else(|| self.origin(Location::UNKNOWN), |at| self.origin(at));
        let (message, help) = explain(error);
        let before = &self.text.text[..origin.span.start];
        let line = before.rfind('\n').map_or(0, |at| at + 1);
        let indent: String = self.text.text[line..]
            .chars()
            .take_while(|c| matches!(c, ' ' | '\t'))
            .collect();
        if let Some(tab) = indent.find('\t') {
            let origin = Origin {
                text: self.text.clone(),
                span: line + tab..line + tab + 1,
            };
            return Problem::new(
                &origin,
                "a tab in the indentation",
                "indent with spaces: YAML allows no tabs there",
            );
        }
        let this_line = self.text.text[line..].lines().next().unwrap_or_default();
        if message.contains("flow") && this_line.contains("${") {
            return Problem::new(
                &origin,
                message,
                "inside `{ }` and `[ ]`, put values with `${...}` in quotes",
            );
        }
        Problem::new(&origin, message, help)
    }
}

fn explain(error: &Error) -> (String, &'static str) {
    match error {
        Error::WithSnippet { error, .. } | Error::AliasError { error, .. } => explain(error),
        Error::DuplicateMappingKey { key, .. } => (
            match key {
                Some(key) => format!("the key `{key}` is written twice"),
                None => "a key is written twice".to_owned(),
            },
            "keep one of the two",
        ),
        Error::MergeKeyNotAllowed { .. } => (
            "merge keys (`<<`) are not read".to_owned(),
            "write the keys out, or put what is shared into a file of its own and name it in `extends`",
        ),
        Error::MultipleDocuments { .. } => several(),
        Error::Budget { breach, .. } => match breach {
            BudgetBreach::Depth { .. } => (
                format!("nested more than {MOST_DEPTH} levels deep"),
                "a gate file needs no such depth: write it flatter",
            ),
            BudgetBreach::Aliases { .. }
            | BudgetBreach::Anchors { .. }
            | BudgetBreach::AliasAnchorRatio { .. } => bomb(),
            BudgetBreach::Documents { .. } => several(),
            _ => (
                format!("more than {MOST_NODES} values, those that aliases repeat included"),
                "split the file and name the parts in `extends`",
            ),
        },
        Error::AliasReplayCounterOverflow { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => bomb(),
        Error::UnknownAnchor { .. } => (
            "an alias (`*name`) without its anchor (`&name`)".to_owned(),
            "put the value in quotes if it is meant to start with `*`",
        ),
        Error::RecursiveReferencesRequireWeakTypes { .. } => (
            "an alias inside of what it refers to".to_owned(),
            "write the value out",
        ),
        Error::UnsupportedTag { tag, .. } => (
            format!("the tag `{tag}` is not read"),
            "remove the tag, or put the value in quotes if it is meant to start with `!`",
        ),
        Error::Unexpected { expected, .. } => (
            format!("expected {expected} here"),
            "keys are plain texts, values stand behind `: `",
        ),
        other if plain(other).contains("recursion limit") => (
            format!("nested more than {MOST_DEPTH} levels deep"),
            "a gate file needs no such depth: write it flatter",
        ),
        other => (
            format!("not valid YAML: {}", plain(other)),
            "check the indentation, the quotes and the `: ` behind each key",
        ),
    }
}

fn several() -> (String, &'static str) {
    (
        "several documents in one file".to_owned(),
        "remove the `---` line, or split the file and name the parts in `extends`",
    )
}

fn bomb() -> (String, &'static str) {
    (
        format!("more than {MOST_ALIASES} aliases, or aliases that repeat too much"),
        "write the values out",
    )
}

/// The parser's own words, without the place.
fn plain(error: &Error) -> String {
    let words =
        serde_yaml::MessageFormatter::format_message(&serde_yaml::DefaultMessageFormatter, error);
    words.lines().next().unwrap_or_default().to_owned()
}
