//! Owns the places of parsed YAML: from the parser's locations to origins, and from its errors to problems.

use std::sync::Arc;

use serde_yaml::budget::BudgetBreach;
use serde_yaml::{Error, Location, Spanned};

use crate::base::node::{Key, Kind, Node, Origin, Problem, Text};

use super::yaml::{MOST_ALIASES, MOST_DEPTH, MOST_NODES, Raw};

/// Turns the parser's locations into origins.
pub(super) struct Places<'a> {
    /// The whole text.
    pub text: &'a Arc<Text>,
    /// How many bytes at its start the parser did not see.
    pub shift: usize,
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

    /// The value with origins.
    pub fn node(&self, raw: Spanned<Raw>) -> Node {
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

    /// The parser's error as a problem at its place.
    pub fn problem(&self, error: &Error) -> Problem {
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
