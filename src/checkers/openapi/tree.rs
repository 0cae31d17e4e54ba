//! Owns a description as a flat tree, of YAML or of JSON: nodes with their types and places, looked up by key in bounded time.

use std::ops::Range;

use crate::source::{json, yaml};

/// The number of a node in its tree.
pub type Id = u32;

/// The most entries that merge keys may bring in.
const MOST_MERGED: usize = 200_000;

/// A map of so many entries is looked up by halves.
const LARGE: usize = 12;

/// What a node is.
#[derive(Debug)]
pub enum Kind {
    Null,
    Flag(bool),
    /// A number, as written.
    Number(Box<str>),
    Text(Box<str>),
    List(Vec<Id>),
    Map(Map),
}

/// The entries of a map.
#[derive(Debug, Default)]
pub struct Map {
    entries: Vec<(Id, Id)>,
    /// Positions in `entries` by key, where there are many.
    sorted: Vec<u32>,
}

/// A document.
#[derive(Debug)]
pub struct Tree {
    kinds: Vec<Kind>,
    places: Vec<(u32, u32)>,
    root: Id,
    /// Keys that stand twice in their map.
    pub twice: Vec<Id>,
}

/// Why a text is no document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// One line, lower case.
    pub what: String,
    /// Where, in bytes, if that is known.
    pub at: usize,
    /// Is it sound, and beyond what is read here?
    pub too_much: bool,
}

impl Tree {
    /// Reads a text: as JSON when it begins like that, else as YAML.
    ///
    /// # Errors
    /// Says what is wrong, and where.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        if u32::try_from(text.len()).is_err() {
            return Err(too_much("it is longer than 4 GB", 0));
        }
        let begins = text.trim_start_matches('\u{feff}').trim_start();
        if begins.starts_with(['{', '[']) {
            match Self::of_json(text) {
                // YAML may begin like that as well.
                Err(flaw) if !flaw.too_much => Self::of_yaml(text).map_err(|_| flaw),
                done => done,
            }
        } else {
            Self::of_yaml(text)
        }
    }

    /// One that holds nothing.
    #[must_use]
    pub fn empty() -> Self {
        Self::finish(vec![Kind::Null], vec![(0, 0)], 0)
    }

    /// Reads JSON as it is defined: no comments, no commas at the end.
    ///
    /// # Errors
    /// Says what is wrong, and where.
    pub fn of_json(text: &str) -> Result<Self, Flaw> {
        if let Err(problem) = serde_json::from_str::<serde::de::IgnoredAny>(text) {
            let what = problem.to_string();
            let what = what.split(" at line").next().unwrap_or_default().to_owned();
            let at = offset(text, problem.line(), problem.column());
            let too_much = what.contains("recursion limit");
            return Err(Flaw { what, at, too_much });
        }
        let document = json::Document::parse(text).map_err(|flaw| too_much(flaw.what, flaw.at))?;
        let mut kinds = Vec::with_capacity(document.len());
        let mut places = Vec::with_capacity(document.len());
        for id in 0..document.len() {
            let kind = if let Some(text) = document.text(id) {
                Kind::Text(text.into())
            } else if let Some(word) = document.word(id) {
                match word {
                    "null" => Kind::Null,
                    "true" => Kind::Flag(true),
                    "false" => Kind::Flag(false),
                    number => Kind::Number(number.into()),
                }
            } else if document.is_list(id) {
                Kind::List(document.items(id).iter().map(|&id| number(id)).collect())
            } else {
                let entries = document.entries(id).iter();
                Kind::Map(Map {
                    entries: entries
                        .map(|&(key, value)| (number(key), number(value)))
                        .collect(),
                    sorted: Vec::new(),
                })
            };
            kinds.push(kind);
            let range = document.range(id);
            places.push((number(range.start), number(range.end)));
        }
        Ok(Self::finish(kinds, places, 0))
    }

    fn of_yaml(text: &str) -> Result<Self, Flaw> {
        let document = yaml::Document::parse(text).map_err(|what| {
            let much = what.contains("too many nodes") || what.contains("depth");
            let at = line_and_column(&what).map_or(0, |(line, column)| offset(text, line, column));
            let what = what.split(" at byte").next().unwrap_or_default();
            let what = what.split(" at line").next().unwrap_or_default().to_owned();
            Flaw {
                what,
                at,
                too_much: much,
            }
        })?;
        let Some(root) = document.root() else {
            return Err(Flaw {
                what: "it is empty".to_owned(),
                at: 0,
                too_much: false,
            });
        };
        let mut kinds = Vec::with_capacity(document.len());
        let mut places = Vec::with_capacity(document.len());
        let mut merging = Vec::new();
        for id in 0..document.len() {
            let kind = if let Some(text) = document.text(id) {
                if document.is_plain(id) {
                    plain(text)
                } else {
                    Kind::Text(text.into())
                }
            } else if document.is_list(id) {
                Kind::List(document.items(id).iter().map(|&id| number(id)).collect())
            } else {
                let merges = |&&(key, _): &&(usize, usize)| {
                    document.is_plain(key) && document.text(key) == Some("<<")
                };
                let all = document.entries(id);
                if all.iter().any(|entry| merges(&entry)) {
                    merging.push(number(id));
                }
                Kind::Map(Map {
                    entries: all
                        .iter()
                        .map(|&(key, value)| (number(key), number(value)))
                        .collect(),
                    sorted: Vec::new(),
                })
            };
            kinds.push(kind);
            let range = document.scalar_range(id);
            let range = range.map_or(0..0, |range| trimmed(text, range));
            places.push((number(range.start), number(range.end)));
        }
        // Of a list or map there is no place of its own: it begins where its first part does. Parts come behind it.
        for id in (0..kinds.len()).rev() {
            let first = match &kinds[id] {
                Kind::List(items) => items.first(),
                Kind::Map(map) => map.entries.first().map(|(key, _)| key),
                _ => None,
            };
            if let Some(&first) = first.filter(|&&first| first as usize > id) {
                places[id] = places[first as usize];
            }
        }
        merge(&mut kinds, &merging)?;
        Ok(Self::finish(kinds, places, number(root)))
    }

    fn finish(kinds: Vec<Kind>, places: Vec<(u32, u32)>, root: Id) -> Self {
        let mut tree = Self {
            kinds,
            places,
            root,
            twice: Vec::new(),
        };
        for id in 0..tree.kinds.len() {
            let Kind::Map(map) = &tree.kinds[id] else {
                continue;
            };
            let mut sorted: Vec<u32> = (0..number(map.entries.len())).collect();
            let key = |at: u32| tree.key(map.entries[at as usize].0);
            sorted.sort_by(|&a, &b| (key(a), a).cmp(&(key(b), b)));
            let twice: Vec<Id> = sorted
                .windows(2)
                .filter(|pair| key(pair[0]) == key(pair[1]))
                .map(|pair| map.entries[pair[1] as usize].0)
                .collect();
            tree.twice.extend(twice);
            if sorted.len() >= LARGE
                && let Kind::Map(map) = &mut tree.kinds[id]
            {
                map.sorted = sorted;
            }
        }
        tree
    }

    /// The root node.
    #[must_use]
    pub const fn root(&self) -> Id {
        self.root
    }

    /// What the node is.
    #[must_use]
    pub fn kind(&self, id: Id) -> &Kind {
        &self.kinds[id as usize]
    }

    /// How many nodes there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.kinds.len()
    }

    /// Where the node stands, in bytes.
    #[must_use]
    pub fn place(&self, id: Id) -> Range<usize> {
        let (start, end) = self.places[id as usize];
        start as usize..end as usize
    }

    /// A key as text. `200:` and `true:` are the texts that stand there; a key that is a list or a map has none.
    #[must_use]
    pub fn key(&self, id: Id) -> &str {
        match self.kind(id) {
            Kind::Text(text) | Kind::Number(text) => text,
            Kind::Flag(true) => "true",
            Kind::Flag(false) => "false",
            Kind::Null => "null",
            Kind::List(_) | Kind::Map(_) => "",
        }
    }

    /// The entries, if the node is a map; else none.
    #[must_use]
    pub fn entries(&self, id: Id) -> &[(Id, Id)] {
        match self.kind(id) {
            Kind::Map(map) => &map.entries,
            _ => &[],
        }
    }

    /// The items, if the node is a list; else none.
    #[must_use]
    pub fn items(&self, id: Id) -> &[Id] {
        match self.kind(id) {
            Kind::List(items) => items,
            _ => &[],
        }
    }

    /// Is it a map?
    #[must_use]
    pub fn is_map(&self, id: Id) -> bool {
        matches!(self.kind(id), Kind::Map(_))
    }

    /// The text, if the node is one.
    #[must_use]
    pub fn text(&self, id: Id) -> Option<&str> {
        match self.kind(id) {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Does the node say `true` at the key?
    #[must_use]
    pub fn says(&self, id: Id, key: &str) -> bool {
        self.get(id, key)
            .is_some_and(|value| matches!(self.kind(value), Kind::Flag(true)))
    }

    /// The entry at a key; the first one of several.
    #[must_use]
    pub fn entry(&self, id: Id, key: &str) -> Option<(Id, Id)> {
        let Kind::Map(map) = self.kind(id) else {
            return None;
        };
        if map.sorted.is_empty() {
            let mut all = map.entries.iter();
            return all.find(|&&(k, _)| self.key(k) == key).copied();
        }
        let at = map
            .sorted
            .partition_point(|&at| self.key(map.entries[at as usize].0) < key);
        let entry = map.entries[*map.sorted.get(at)? as usize];
        (self.key(entry.0) == key).then_some(entry)
    }

    /// The value at a key.
    #[must_use]
    pub fn get(&self, id: Id, key: &str) -> Option<Id> {
        self.entry(id, key).map(|(_, value)| value)
    }

    /// The text at a key.
    #[must_use]
    pub fn text_at(&self, id: Id, key: &str) -> Option<&str> {
        self.text(self.get(id, key)?)
    }

    /// What the node is, for people.
    #[must_use]
    pub fn named(&self, id: Id) -> &'static str {
        match self.kind(id) {
            Kind::Null => "null",
            Kind::Flag(_) => "a boolean",
            Kind::Number(_) => "a number",
            Kind::Text(_) => "a string",
            Kind::List(_) => "an array",
            Kind::Map(_) => "an object",
        }
    }
}

fn number(id: usize) -> u32 {
    u32::try_from(id).unwrap_or(u32::MAX)
}

fn too_much(what: &str, at: usize) -> Flaw {
    Flaw {
        what: what.to_owned(),
        at,
        too_much: true,
    }
}

/// The scalar's bytes without what follows it: some end with the white space before the next one.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let inner = text.get(range.clone()).unwrap_or_default();
    range.start..range.start + inner.trim_end().len()
}

/// Brings in what merge keys name; what the map says itself goes first.
fn merge(kinds: &mut [Kind], merging: &[Id]) -> Result<(), Flaw> {
    let mut left = MOST_MERGED;
    // Behind the last of the document, so that what is merged was merged itself before where it stands above.
    for &id in merging {
        let Kind::Map(map) = &kinds[id as usize] else {
            continue;
        };
        let (merges, mut entries): (Vec<_>, Vec<_>) = map.entries.iter().copied().partition(
            |&(key, _)| matches!(&kinds[key as usize], Kind::Text(text) if **text == *"<<"),
        );
        let mut from = Vec::new();
        for (_, value) in merges {
            match &kinds[value as usize] {
                Kind::List(items) => from.extend(items.iter().copied()),
                _ => from.push(value),
            }
        }
        let mut has: std::collections::BTreeSet<String> = entries
            .iter()
            .filter_map(|&(key, _)| scalar(&kinds[key as usize]))
            .collect();
        for source in from {
            let Kind::Map(other) = &kinds[source as usize] else {
                continue;
            };
            left = left
                .checked_sub(other.entries.len())
                .ok_or_else(|| too_much("its merge keys bring in too much", 0))?;
            for &(key, value) in &other.entries {
                if scalar(&kinds[key as usize]).is_some_and(|text| has.insert(text)) {
                    entries.push((key, value));
                }
            }
        }
        kinds[id as usize] = Kind::Map(Map {
            entries,
            sorted: Vec::new(),
        });
    }
    Ok(())
}

fn scalar(kind: &Kind) -> Option<String> {
    match kind {
        Kind::Text(text) | Kind::Number(text) => Some(text.to_string()),
        _ => None,
    }
}

/// What a scalar without quotes is, by YAML's core schema.
fn plain(text: &str) -> Kind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Kind::Null,
        "true" | "True" | "TRUE" => Kind::Flag(true),
        "false" | "False" | "FALSE" => Kind::Flag(false),
        _ if is_number(text) => Kind::Number(text.into()),
        _ => match whole(text) {
            Some(number) => Kind::Number(number.to_string().into()),
            None => Kind::Text(text.into()),
        },
    }
}

/// `0o17` and `0x1f`.
fn whole(text: &str) -> Option<u64> {
    if let Some(digits) = text.strip_prefix("0o") {
        return u64::from_str_radix(digits, 8).ok();
    }
    u64::from_str_radix(text.strip_prefix("0x")?, 16).ok()
}

fn is_number(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    exponent && digits(whole) && digits(part) && !(whole.is_empty() && part.is_empty())
}

/// The byte of a line and a column, which count from 1.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let mut at = 0;
    for _ in 1..line {
        match memchr::memchr(b'\n', &text.as_bytes()[at..]) {
            Some(end) => at += end + 1,
            None => return text.len(),
        }
    }
    let mut at = (at + column.saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// `... at line 3 column 5`, as the parser of YAML writes it.
fn line_and_column(what: &str) -> Option<(usize, usize)> {
    let (_, rest) = what.split_once("line ")?;
    let mut numbers = rest
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty());
    let line = numbers.next()?.parse().ok()?;
    Some((line, numbers.next()?.parse().ok()?))
}
