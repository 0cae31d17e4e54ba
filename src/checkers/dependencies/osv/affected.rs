//! Owns the question whether a version is affected: ranges, single versions, and what makes either doubtful.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::record::{self, Specific};
use crate::checkers::dependencies::inventory::Ecosystem;
use crate::checkers::dependencies::versions::Version;

/// The most of a condition that is kept, in characters.
const CONDITION: usize = 160;

/// Which versions an entry of an advisory tells of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Affected {
    /// Ranges, without those of git commits.
    pub ranges: Vec<Range>,
    /// Single versions that no range holds.
    pub versions: Vec<String>,
    /// Where no fix is known: the last version that is known to be affected, and whether it is itself.
    pub last_known: Option<(String, bool)>,
    /// When it matters at all: `only where X is called`.
    pub condition: Option<String>,
    /// Does the entry tell versions in a way that can be judged?
    pub tells: bool,
}

/// A range: its events, in order where that is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// The events.
    pub events: Vec<Event>,
    /// Versions must lie below one of these, if there are any.
    pub limits: Vec<String>,
}

/// Where a range begins or ends. At one version it begins before it ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// The first affected version; `0` is before all.
    Introduced(String),
    /// The first version that is not affected.
    Fixed(String),
    /// The last affected version.
    LastAffected(String),
}

/// A version that is asked about.
#[derive(Debug)]
pub struct Asked<'a> {
    text: &'a str,
    read: Option<Version>,
}

impl<'a> Asked<'a> {
    /// A version of this ecosystem.
    #[must_use]
    pub fn new(ecosystem: Ecosystem, text: &'a str) -> Self {
        Self {
            text,
            read: Version::read(ecosystem, text),
        }
    }

    /// Has it a place in the order of versions?
    #[must_use]
    pub const fn has_order(&self) -> bool {
        self.read.is_some()
    }
}

/// The answer, from harmless to certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Judged {
    /// Not affected.
    No,
    /// Nobody can tell: the advisory tells no versions, or one of them has no place in the order.
    Unknown,
    /// Affected: the version is listed by itself, though no range holds it.
    Listed,
    /// Affected.
    Yes,
}

impl Affected {
    /// What an entry of a record says. `top` is what the database adds to the whole record.
    #[must_use]
    pub fn of(ecosystem: Ecosystem, entry: &record::Affected, top: &Specific) -> Self {
        let kinds = ["SEMVER", "ECOSYSTEM"];
        let usable = entry.ranges.iter();
        let usable = usable.filter(|range| kinds.contains(&&*range.kind));
        let ranges: Vec<Range> = usable
            .map(|range| Range::of(ecosystem, range))
            .filter(|range| !range.events.is_empty())
            .collect();
        let specific = &entry.database_specific;
        let last_known = specific.last_known.as_deref().or(top.last_known.as_deref());
        let mut found = Self {
            tells: !ranges.is_empty() || !entry.versions.is_empty(),
            ranges,
            versions: Vec::new(),
            last_known: last_known.and_then(bound),
            condition: condition(&entry.ecosystem_specific),
        };
        let mut versions: Vec<String> = entry.versions.clone();
        versions.retain(|version| {
            found.in_ranges(&Asked::new(ecosystem, version), ecosystem) != Judged::Yes
        });
        found.versions = versions;
        found
    }

    /// Is this version affected?
    #[must_use]
    pub fn judge(&self, ecosystem: Ecosystem, asked: &Asked<'_>) -> Judged {
        if !self.tells {
            return Judged::Unknown;
        }
        let by_range = self.in_ranges(asked, ecosystem);
        if by_range == Judged::Yes {
            return Judged::Yes;
        }
        if self.lists(ecosystem, asked) {
            return if self.ranges.is_empty() {
                Judged::Yes
            } else {
                Judged::Listed
            };
        }
        by_range
    }

    fn lists(&self, ecosystem: Ecosystem, asked: &Asked<'_>) -> bool {
        if self.versions.iter().any(|version| version == asked.text) {
            return true;
        }
        let Some(read) = &asked.read else {
            return false;
        };
        self.versions.iter().any(|version| {
            let version = Version::read(ecosystem, version);
            version.is_some_and(|version| version.order(read) == Some(Ordering::Equal))
        })
    }

    fn in_ranges(&self, asked: &Asked<'_>, ecosystem: Ecosystem) -> Judged {
        let ranges = self.ranges.iter();
        let all = ranges.map(|range| range.judge(ecosystem, asked)).max();
        let found = all.unwrap_or(Judged::No);
        match (&self.last_known, &asked.read, found) {
            (Some((last, inclusive)), Some(read), Judged::Yes) if !self.ends() => {
                let last = Version::read(ecosystem, last).and_then(|last| read.order(&last));
                match last {
                    Some(Ordering::Greater) => Judged::No,
                    Some(Ordering::Equal) if !inclusive => Judged::No,
                    _ => Judged::Yes,
                }
            }
            _ => found,
        }
    }

    /// Does any range end?
    #[must_use]
    pub fn ends(&self) -> bool {
        let events = self.ranges.iter().flat_map(|range| &range.events);
        events
            .into_iter()
            .any(|event| !matches!(event, Event::Introduced(_)))
    }

    /// The versions that fix it, as the advisory writes them.
    pub fn fixes(&self) -> impl Iterator<Item = &str> {
        let events = self.ranges.iter().flat_map(|range| &range.events);
        events.filter_map(|event| match event {
            Event::Fixed(version) => Some(version.as_str()),
            _ => None,
        })
    }
}

impl Event {
    /// The version.
    #[must_use]
    pub fn version(&self) -> &str {
        match self {
            Self::Introduced(version) | Self::Fixed(version) | Self::LastAffected(version) => {
                version
            }
        }
    }

    const fn begins(&self) -> bool {
        matches!(self, Self::Introduced(_))
    }

    /// Its place: `None` stands before all versions.
    fn place(&self, ecosystem: Ecosystem) -> Result<Option<Version>, ()> {
        if self.version() == "0" && self.begins() {
            return Ok(None);
        }
        Version::read(ecosystem, self.version()).map(Some).ok_or(())
    }
}

impl Range {
    fn of(ecosystem: Ecosystem, range: &record::Range) -> Self {
        let mut events = Vec::new();
        let mut limits = Vec::new();
        for event in &range.events {
            events.extend(event.introduced.clone().map(Event::Introduced));
            events.extend(event.fixed.clone().map(Event::Fixed));
            events.extend(event.last_affected.clone().map(Event::LastAffected));
            limits.extend(event.limit.clone().filter(|limit| limit != "*"));
        }
        if let Some(sorted) = sorted(ecosystem, &events) {
            events = sorted;
        }
        Self { events, limits }
    }

    fn judge(&self, ecosystem: Ecosystem, asked: &Asked<'_>) -> Judged {
        // From the beginning of time and never fixed: every text is affected.
        let always = matches!(&*self.events, [Event::Introduced(first)] if first == "0");
        if always && self.limits.is_empty() {
            return Judged::Yes;
        }
        let Some(version) = &asked.read else {
            return Judged::Unknown;
        };
        let limits: Option<Vec<bool>> = self
            .limits
            .iter()
            .map(|limit| {
                let limit = Version::read(ecosystem, limit)?;
                Some(version.order(&limit)? == Ordering::Less)
            })
            .collect();
        match limits {
            None => return Judged::Unknown,
            Some(below) if !below.is_empty() && !below.contains(&true) => return Judged::No,
            Some(_) => {}
        }
        let mut inside = false;
        for event in &self.events {
            let Ok(place) = event.place(ecosystem) else {
                return Judged::Unknown;
            };
            let order = match &place {
                None => Ordering::Greater,
                Some(place) => match version.order(place) {
                    Some(order) => order,
                    None => return Judged::Unknown,
                },
            };
            match event {
                Event::Introduced(_) if order.is_ge() => inside = true,
                Event::Fixed(_) if order.is_ge() => inside = false,
                Event::LastAffected(_) if order.is_gt() => inside = false,
                _ => {}
            }
        }
        if inside { Judged::Yes } else { Judged::No }
    }
}

/// The events in the order of their versions; `None` when one has no place in it.
fn sorted(ecosystem: Ecosystem, events: &[Event]) -> Option<Vec<Event>> {
    let mut placed = Vec::with_capacity(events.len());
    for event in events {
        placed.push((event.place(ecosystem).ok()?, event));
    }
    placed.sort_by(|(a, first), (b, second)| {
        let order = match (a, b) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(a), Some(b)) => a.order(b).unwrap_or(Ordering::Equal),
        };
        order.then_with(|| second.begins().cmp(&first.begins()))
    });
    Some(placed.into_iter().map(|(_, event)| event.clone()).collect())
}

/// Reads `< 0.20.2` and `<= 1.0`: the version, and whether it is affected itself.
fn bound(text: &str) -> Option<(String, bool)> {
    let text = text.trim();
    let (version, inclusive) = match text.strip_prefix("<=") {
        Some(version) => (version, true),
        None => (text.strip_prefix('<')?, false),
    };
    let version = version.trim();
    let one = !version.is_empty() && !version.contains([',', ' ']);
    one.then(|| (version.to_owned(), inclusive))
}

/// When an advisory matters at all, in words.
fn condition(specific: &Specific) -> Option<String> {
    let affects = &specific.affects;
    let mut places: Vec<&str> = Vec::new();
    places.extend(affects.os.iter().map(String::as_str));
    places.extend(affects.arch.iter().map(String::as_str));
    let mut called: Vec<String> = affects.functions.clone();
    for import in &specific.imports {
        let path = import.path.as_deref().unwrap_or_default();
        if import.symbols.is_empty() {
            called.push(path.to_owned());
        }
        called.extend(
            import
                .symbols
                .iter()
                .map(|symbol| format!("{path}.{symbol}")),
        );
        places.extend(import.goos.iter().chain(&import.goarch).map(String::as_str));
    }
    called.retain(|name| !name.is_empty());
    places.sort_unstable();
    places.dedup();
    let mut said = Vec::new();
    if !places.is_empty() {
        said.push(format!("on {}", places.join(", ")));
    }
    match &*called {
        [] => {}
        [one] => said.push(format!("where {one} is used")),
        [first, rest @ ..] => said.push(format!(
            "where {first} or one of {} more is used",
            rest.len()
        )),
    }
    let said = said.join(" ");
    (!said.is_empty()).then(|| said.chars().take(CONDITION).collect())
}
