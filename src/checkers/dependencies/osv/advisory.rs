//! Owns what an advisory says of one package: the short form of a record that an index keeps.

use serde::{Deserialize, Serialize};

use super::affected::{self, Affected};
use super::record::{self, Record, Specific};
use crate::checkers::dependencies::cvss::Score;
use crate::checkers::dependencies::inventory::Ecosystem;
use crate::model::rule::Severity;

/// The most of a summary that is kept, in characters.
const SUMMARY: usize = 120;

/// What an advisory tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Something that its users should know.
    Notice,
    /// Nobody looks after the package any more.
    Unmaintained,
    /// Safe code can break the language's promises.
    Unsound,
    /// A flaw that can be used.
    Vulnerability,
    /// The package itself does harm.
    Malware,
}

impl Class {
    /// The name, as reports write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Unmaintained => "unmaintained",
            Self::Unsound => "unsound",
            Self::Vulnerability => "vulnerability",
            Self::Malware => "malware",
        }
    }
}

/// What an advisory says of one package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advisory {
    /// The id.
    pub id: String,
    /// The ids in other databases, sorted.
    pub aliases: Vec<String>,
    /// One line; may be empty.
    pub summary: String,
    /// CVSS vectors.
    pub vectors: Vec<String>,
    /// The severity in a word, where the database gives one.
    pub word: Option<Severity>,
    /// What it tells of.
    pub class: Class,
    /// Which versions.
    pub affected: Vec<Affected>,
}

impl Advisory {
    /// What the record says, package by package: ecosystem, normal name, advisory. Packages of ecosystems that qgate does
    /// not know are left out.
    #[must_use]
    pub fn of(record: &Record) -> Vec<(Ecosystem, String, Self)> {
        let mut found: Vec<(Ecosystem, String, Self)> = Vec::new();
        for entry in &record.affected {
            let Some(package) = &entry.package else {
                continue;
            };
            let Some(ecosystem) = Ecosystem::of_name(&package.ecosystem) else {
                continue;
            };
            let name = ecosystem.normal(&package.name);
            let class = class(&record.id, &entry.database_specific);
            let affected = Affected::of(ecosystem, entry, &record.database_specific);
            let own = vectors(&entry.severity);
            let here = found.iter_mut().find(|(other, other_name, advisory)| {
                *other == ecosystem && *other_name == name && advisory.class == class
            });
            let at = if let Some((.., advisory)) = here {
                advisory
            } else {
                found.push((ecosystem, name, Self::empty(record, class)));
                let (.., advisory) = found.last_mut().expect("it was just put there");
                advisory
            };
            at.affected.push(affected);
            for vector in own {
                if !at.vectors.contains(&vector) {
                    at.vectors.push(vector);
                }
            }
        }
        found
    }

    fn empty(record: &Record, class: Class) -> Self {
        let mut aliases = record.aliases.clone();
        aliases.retain(|alias| *alias != record.id && !alias.is_empty());
        aliases.sort();
        aliases.dedup();
        Self {
            id: record.id.clone(),
            aliases,
            summary: summary(record),
            vectors: vectors(&record.severity),
            word: record.database_specific.severity.as_deref().and_then(word),
            class,
            affected: Vec::new(),
        }
    }

    /// How bad it is by itself: by the newest CVSS version that scores it, else by the database's word.
    #[must_use]
    pub fn severity(&self) -> Option<Severity> {
        if self.class == Class::Malware {
            return Some(Severity::Critical);
        }
        let scores = self.vectors.iter().filter_map(|vector| Score::of(vector));
        match scores.max() {
            // A score of 0 says that nothing is lost.
            Some(score) => Some(score.severity().unwrap_or(Severity::Info)),
            None => self.word,
        }
    }

    /// All ids.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&*self.id).chain(self.aliases.iter().map(String::as_str))
    }

    /// Is this version affected?
    #[must_use]
    pub fn judge(&self, ecosystem: Ecosystem, version: &affected::Asked<'_>) -> affected::Judged {
        let all = self.affected.iter();
        all.map(|affected| affected.judge(ecosystem, version))
            .max()
            .unwrap_or(affected::Judged::No)
    }
}

fn class(id: &str, specific: &Specific) -> Class {
    let is_malware = |category: &String| category == "malicious";
    if id.starts_with("MAL-") || specific.categories.iter().any(is_malware) {
        return Class::Malware;
    }
    match specific.informational.as_deref() {
        None => Class::Vulnerability,
        Some("unmaintained") => Class::Unmaintained,
        Some("unsound") => Class::Unsound,
        Some(_) => Class::Notice,
    }
}

fn vectors(severities: &[record::Severity]) -> Vec<String> {
    let vectors = severities.iter().map(|severity| severity.score.trim());
    let vectors = vectors.filter(|vector| !vector.is_empty() && vector.len() <= 300);
    vectors.map(str::to_owned).collect()
}

fn word(text: &str) -> Option<Severity> {
    Some(match text.to_ascii_lowercase().as_str() {
        "critical" => Severity::Critical,
        "high" | "important" => Severity::High,
        "moderate" | "medium" => Severity::Medium,
        "low" => Severity::Low,
        _ => return None,
    })
}

/// The summary, else the first sentence of the details, on one line.
fn summary(record: &Record) -> String {
    let given = record.summary.as_deref().map(str::trim);
    let given = given.filter(|summary| !summary.is_empty());
    let text = given.or(record.details.as_deref()).unwrap_or_default();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.len() > SUMMARY * 4 {
            break;
        }
    }
    match line.char_indices().nth(SUMMARY) {
        None => line,
        Some((end, _)) => {
            line.truncate(end);
            let word = line.rfind(' ').unwrap_or(line.len());
            line.truncate(word);
            line.push_str("...");
            line
        }
    }
}
