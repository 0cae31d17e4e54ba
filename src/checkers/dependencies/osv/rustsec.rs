//! Owns advisories as `RustSec` itself keeps them: TOML in front of Markdown. They become what their export to OSV is.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde::Deserialize;

use super::record::{Affected, Affects, Event, Package, Range, Record, Severity, Specific};
use crate::checkers::dependencies::inventory::Ecosystem;
use crate::checkers::dependencies::versions;

/// What stands in front of the TOML.
pub const START: &str = "```toml";

#[derive(Deserialize)]
struct Front {
    advisory: About,
    #[serde(default)]
    versions: Versions,
    #[serde(default)]
    affected: Where,
}

#[derive(Deserialize)]
struct About {
    id: String,
    package: String,
    date: toml::Value,
    #[serde(default)]
    aliases: Vec<String>,
    informational: Option<String>,
    cvss: Option<String>,
    #[serde(default)]
    categories: Vec<String>,
    withdrawn: Option<toml::Value>,
    collection: Option<String>,
}

#[derive(Default, Deserialize)]
struct Versions {
    #[serde(default)]
    patched: Vec<String>,
    #[serde(default)]
    unaffected: Vec<String>,
}

#[derive(Default, Deserialize)]
struct Where {
    #[serde(default)]
    arch: Vec<String>,
    #[serde(default)]
    os: Vec<String>,
    #[serde(default)]
    functions: BTreeMap<String, Vec<String>>,
}

/// Reads one.
///
/// # Errors
/// Says what is wrong.
pub fn read(text: &str) -> Result<Record, String> {
    let rest = text
        .trim_start()
        .strip_prefix(START)
        .ok_or("it has no TOML in front")?;
    let (front, prose) = rest.split_once("\n```").ok_or("its TOML has no end")?;
    let front: Front = toml::from_str(front).map_err(|problem| problem.message().to_owned())?;
    let about = front.advisory;
    let day = |value: &toml::Value| match value {
        toml::Value::String(day) => day.clone(),
        toml::Value::Datetime(day) => day.to_string(),
        _ => String::new(),
    };
    let title = prose.lines().find_map(|line| line.strip_prefix("# "));
    let safe: Option<Vec<Span>> = [front.versions.patched, front.versions.unaffected]
        .concat()
        .iter()
        .map(|requirement| Span::of(requirement))
        .collect();
    let safe = safe.ok_or("it has a requirement that cannot be understood")?;
    let is_crate = about
        .collection
        .as_deref()
        .is_none_or(|collection| collection == "crates");
    let affected = Affected {
        package: Some(Package {
            ecosystem: if is_crate {
                Ecosystem::Crates.name()
            } else {
                "rust"
            }
            .to_owned(),
            name: about.package,
        }),
        severity: Vec::new(),
        ranges: vec![Range {
            kind: "SEMVER".to_owned(),
            events: outside(safe),
        }],
        versions: Vec::new(),
        ecosystem_specific: Specific {
            affects: Affects {
                arch: front.affected.arch,
                os: front.affected.os,
                functions: front.affected.functions.into_keys().collect(),
            },
            ..Specific::default()
        },
        database_specific: Specific {
            informational: about.informational,
            categories: about.categories,
            ..Specific::default()
        },
    };
    Ok(Record {
        id: about.id,
        modified: None,
        published: Some(day(&about.date)),
        withdrawn: about.withdrawn.as_ref().map(day),
        aliases: about.aliases,
        summary: title.map(|title| title.trim().to_owned()),
        details: None,
        severity: about
            .cvss
            .map(|score| Severity { score })
            .into_iter()
            .collect(),
        affected: vec![affected],
        database_specific: Specific::default(),
    })
}

/// Versions from the first to before the second; `None` is without end.
struct Span {
    from: Option<String>,
    to: Option<String>,
}

impl Span {
    /// What a requirement of Cargo takes: `>= 1.2, < 1.4`.
    fn of(requirement: &str) -> Option<Self> {
        let mut span = Self {
            from: None,
            to: None,
        };
        for part in requirement.split(',') {
            let part = part.trim();
            let end = part.find(|letter: char| letter.is_ascii_digit() || letter == '*')?;
            let (sign, text) = (part[..end].trim(), &part[end..]);
            let version = Numbers::of(text)?;
            match sign {
                ">=" => span.from = Some(version.whole()),
                ">" => span.from = Some(version.next()),
                "<" => span.to = Some(version.whole()),
                "<=" => span.to = Some(version.next()),
                "=" => {
                    span.from = Some(version.whole());
                    span.to = Some(version.next());
                }
                "~" => {
                    span.from = Some(version.whole());
                    span.to = Some(version.raised(usize::from(version.given > 1)));
                }
                "" | "^" => {
                    span.from = Some(version.whole());
                    let leading = version.parts.iter().position(|number| *number > 0);
                    span.to = Some(version.raised(leading.unwrap_or(version.given.max(1) - 1)));
                }
                _ => return None,
            }
        }
        Some(span)
    }
}

/// A version of a requirement, which may be a part of one.
struct Numbers<'a> {
    parts: [u64; 3],
    given: usize,
    rest: &'a str,
}

impl<'a> Numbers<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let end = text.find(['-', '+']).unwrap_or(text.len());
        let (core, rest) = text.split_at(end);
        let mut parts = [0; 3];
        let mut given = 0;
        for (number, part) in parts.iter_mut().zip(core.split('.')) {
            *number = part.trim().parse().ok()?;
            given += 1;
        }
        let rest = rest.trim();
        Some(Self { parts, given, rest })
    }

    fn whole(&self) -> String {
        let [major, minor, patch] = self.parts;
        format!("{major}.{minor}.{patch}{}", self.rest)
    }

    /// Before every version behind this one.
    fn next(&self) -> String {
        let [major, minor, patch] = self.parts;
        if self.rest.starts_with('-') {
            return format!("{major}.{minor}.{patch}{}.0", self.rest);
        }
        format!("{major}.{minor}.{}-0", patch.saturating_add(1))
    }

    /// With one number raised, and those behind it 0.
    fn raised(&self, at: usize) -> String {
        let mut numbers = self.parts;
        let at = at.min(2);
        numbers[at] = numbers[at].saturating_add(1);
        numbers[at + 1..].fill(0);
        let [major, minor, patch] = numbers;
        format!("{major}.{minor}.{patch}")
    }
}

/// The events of all versions that lie in none of the spans.
fn outside(mut safe: Vec<Span>) -> Vec<Event> {
    let order = |a: &Option<String>, b: &Option<String>| match (a, b) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Less,
        (Some(_), None) => Ordering::Greater,
        (Some(a), Some(b)) => versions::order(Ecosystem::Crates, a, b).unwrap_or(Ordering::Equal),
    };
    safe.sort_by(|a, b| order(&a.from, &b.from));
    let event = |introduced: Option<String>, fixed: Option<String>| Event {
        introduced,
        fixed,
        last_affected: None,
        limit: None,
    };
    let mut events = Vec::new();
    // Up to where it is known what is safe; `None` is before all.
    let mut known: Option<String> = None;
    for span in safe {
        if order(&span.from, &known).is_gt() {
            events.push(event(Some(known.unwrap_or_else(|| "0".to_owned())), None));
            events.push(event(None, span.from));
            known = None;
        }
        match span.to {
            None => return events,
            to if known.is_none() || order(&to, &known).is_gt() => known = to,
            _ => {}
        }
    }
    events.push(event(Some(known.unwrap_or_else(|| "0".to_owned())), None));
    events
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_become_ranges() {
        let check = |requirements: &[&str], expected: &str| {
            let safe = requirements.iter().map(|text| Span::of(text));
            let events = outside(safe.collect::<Option<_>>().expect("good requirements"));
            let shown = events
                .into_iter()
                .map(|event| match (event.introduced, event.fixed) {
                    (Some(version), _) => format!("+{version}"),
                    (_, fixed) => format!("-{}", fixed.unwrap_or_default()),
                });
            let shown: Vec<String> = shown.collect();
            assert_eq!(shown.join(" "), expected, "{requirements:?}");
        };
        check(&[], "+0");
        check(&[">= 1.2.3"], "+0 -1.2.3");
        check(&["> 1.2"], "+0 -1.2.1-0");
        check(
            &[">= 1.8.4, < 1.9.0", ">= 1.13.1", "< 0.1.14"],
            "+0.1.14 -1.8.4 +1.9.0 -1.13.1",
        );
        check(&["^0.5.3", ">= 0.6.2"], "+0 -0.5.3 +0.6.0 -0.6.2");
        check(
            &["^1.2", "~2.3.1", "= 3.0.0"],
            "+0 -1.2.0 +2.0.0 -2.3.1 +2.4.0 -3.0.0 +3.0.1-0",
        );
        check(
            &[">= 1.0.0, < 3.0.0", ">= 1.1.0, < 2.0.0"],
            "+0 -1.0.0 +3.0.0",
        );
        check(&["<= 0.3.0-beta.2"], "+0.3.0-beta.2.0");
        assert!(Span::of("soon").is_none());
        assert!(Span::of("!= 1.0").is_none());
    }

    #[test]
    fn an_advisory_is_read() {
        let text = "```toml\n[advisory]\nid = \"RUSTSEC-2026-0001\"\npackage = \"a\"\ndate = \"2026-01-02\"\naliases = [\"CVE-1\"]\ninformational = \"unsound\"\n\n[versions]\npatched = [\">= 1.0.1\"]\n```\n\n# A title\n\nText.\n";
        let record = read(text).expect("it is one");
        assert_eq!(record.summary.as_deref(), Some("A title"));
        assert_eq!(record.published.as_deref(), Some("2026-01-02"));
        assert_eq!(record.affected[0].ranges[0].events.len(), 2);
        assert!(read("# text").is_err());
        assert!(read("```toml\n[advisory]\n").is_err());
    }
}
