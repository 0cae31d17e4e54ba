//! Owns how each registry is asked for the releases of a package, and what its answer tells of one of them. Pure: it asks nobody.

use std::cmp::Ordering;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

use crate::checkers::dependencies::inventory::Ecosystem;
use crate::checkers::dependencies::outdated::latest::{Release, Withdrawn};
use crate::checkers::dependencies::outdated::registry;
use crate::checkers::dependencies::versions;

/// Where a registry at `base` tells of this release; `None` where no registry of the ecosystem tells, or has such a name.
#[must_use]
pub fn url(ecosystem: Ecosystem, base: &str, name: &str, version: &str) -> Option<String> {
    let newest = registry::url(ecosystem, base, name)?;
    let base = base.trim_end_matches('/');
    Some(match ecosystem {
        Ecosystem::Maven | Ecosystem::NuGet => return None,
        Ecosystem::Go => {
            let version = version.trim_start_matches('v');
            let fits = |c: char| c.is_ascii_alphanumeric() || "-_.+".contains(c);
            if version.is_empty() || !version.chars().all(fits) {
                return None;
            }
            let (path, version) = (registry::go_path(name), registry::go_path(version));
            format!("{base}/{path}/@v/v{version}.info")
        }
        Ecosystem::Npm => format!("{base}/{}", name.replace('/', "%2f")),
        Ecosystem::RubyGems => format!("{base}/api/v1/versions/{name}.json"),
        _ => newest,
    })
}

/// What an answer tells of a release.
///
/// # Errors
/// When the answer is not one of such a registry.
pub fn release(
    ecosystem: Ecosystem,
    name: &str,
    version: &str,
    body: &[u8],
) -> Result<Release, String> {
    let strange = || "its answer is not that of such a registry".to_owned();
    let text = std::str::from_utf8(body).map_err(|_| strange())?;
    let same = |told: &str| {
        let told = told.trim_start_matches('v');
        let version = version.trim_start_matches('v');
        told == version || versions::order(ecosystem, told, version) == Some(Ordering::Equal)
    };
    if ecosystem == Ecosystem::Crates {
        return crates(text, &same).ok_or_else(strange);
    }
    let value: Value = serde_json::from_str(text).map_err(|_| strange())?;
    let told = match ecosystem {
        Ecosystem::Npm => npm(&value, &same),
        Ecosystem::PyPi => pypi(&value, &same),
        Ecosystem::Go => day(value.get("Time")).map(|released| Release {
            released: Some(released),
            withdrawn: None,
        }),
        Ecosystem::RubyGems => value
            .as_array()
            .map(|list| listed(list, "number", "created_at", &same)),
        Ecosystem::Packagist => value
            .get("packages")
            .and_then(|packages| packages.get(name))
            .and_then(Value::as_array)
            .map(|list| listed(list, "version", "time", &same)),
        Ecosystem::Hex => hex(&value, &same),
        Ecosystem::Pub => publisher(&value, &same),
        Ecosystem::Crates | Ecosystem::Maven | Ecosystem::NuGet => None,
    };
    told.ok_or_else(strange)
}

type Same<'s> = &'s dyn Fn(&str) -> bool;

/// The day of a moment such as `2026-11-30T10:00:00Z`; one without a zone is in UTC.
fn day(moment: Option<&Value>) -> Option<Date> {
    let text = moment?.as_str()?;
    let timestamp: Option<Timestamp> = text.parse().ok();
    let utc = timestamp.map(|at| at.to_zoned(jiff::tz::TimeZone::UTC).date());
    utc.or_else(|| text.parse().ok())
}

fn gone(word: &str) -> Withdrawn {
    Withdrawn::Yes(word.to_owned())
}

/// `yanked`, with the reason where there is one.
fn taken_back(word: &str, reason: Option<&Value>) -> Withdrawn {
    let reason = reason.and_then(Value::as_str).map(str::trim);
    Withdrawn::Yes(match reason.filter(|text| !text.is_empty()) {
        Some(reason) => format!("{word}: {reason}"),
        None => word.to_owned(),
    })
}

/// The sparse index of Cargo: a line of JSON for each release. It keeps those that were yanked; one that is not there was deleted.
fn crates(text: &str, same: Same<'_>) -> Option<Release> {
    let mut found = Release {
        released: None,
        withdrawn: Some(gone("no longer in the registry")),
    };
    let mut lines = 0;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        lines += 1;
        let entry: Value = serde_json::from_str(line).ok()?;
        if same(entry.get("vers")?.as_str()?) {
            let yanked = entry.get("yanked").and_then(Value::as_bool) == Some(true);
            found = Release {
                released: day(entry.get("pubtime")),
                withdrawn: Some(if yanked {
                    gone("yanked")
                } else {
                    Withdrawn::No
                }),
            };
        }
    }
    (lines > 0).then_some(found)
}

/// npm keeps the time of a release whose content was taken away.
fn npm(value: &Value, same: Same<'_>) -> Option<Release> {
    let offered = value.get("versions")?.as_object()?;
    let times = value.get("time").and_then(Value::as_object);
    let time = times.and_then(|times| times.iter().find(|(version, _)| same(version)));
    Some(Release {
        released: day(time.map(|(_, time)| time)),
        withdrawn: Some(if offered.keys().any(|version| same(version)) {
            Withdrawn::No
        } else {
            gone("unpublished")
        }),
    })
}

/// A release of `PyPI` is withdrawn when all of its files are; it came out with the first of them.
fn pypi(value: &Value, same: Same<'_>) -> Option<Release> {
    let releases = value.get("releases")?.as_object()?;
    let files = releases.iter().find(|(version, _)| same(version));
    let files = files.map_or(&[][..], |(_, files)| {
        files.as_array().map_or(&[][..], Vec::as_slice)
    });
    let yanked = |file: &&Value| file.get("yanked").and_then(Value::as_bool) == Some(true);
    Some(Release {
        released: files
            .iter()
            .filter_map(|file| day(file.get("upload_time_iso_8601")))
            .min(),
        withdrawn: Some(match files.iter().find(yanked) {
            _ if files.is_empty() => gone("no longer in the registry"),
            Some(first) if files.iter().all(|file| yanked(&file)) => {
                taken_back("yanked", first.get("yanked_reason"))
            }
            _ => Withdrawn::No,
        }),
    })
}

/// A list in which a release that was withdrawn is not.
fn listed(list: &[Value], version: &str, time: &str, same: Same<'_>) -> Release {
    let one = |entry: &&Value| entry.get(version).and_then(Value::as_str).is_some_and(same);
    let found: Vec<&Value> = list.iter().filter(one).collect();
    Release {
        released: found.iter().filter_map(|entry| day(entry.get(time))).min(),
        withdrawn: Some(if found.is_empty() {
            gone("no longer in the registry")
        } else {
            Withdrawn::No
        }),
    }
}

fn hex(value: &Value, same: Same<'_>) -> Option<Release> {
    let mut release = listed(
        value.get("releases")?.as_array()?,
        "version",
        "inserted_at",
        same,
    );
    let retired = value.get("retirements").and_then(Value::as_object);
    if let Some((_, why)) = retired.and_then(|all| all.iter().find(|(version, _)| same(version))) {
        release.withdrawn = Some(taken_back("retired", why.get("message")));
    }
    Some(release)
}

fn publisher(value: &Value, same: Same<'_>) -> Option<Release> {
    let list = value.get("versions")?.as_array()?;
    let mut release = listed(list, "version", "published", same);
    let one = |entry: &&Value| {
        entry
            .get("version")
            .and_then(Value::as_str)
            .is_some_and(same)
    };
    let retracted = |entry: &Value| entry.get("retracted").and_then(Value::as_bool) == Some(true);
    if list.iter().filter(one).any(retracted) {
        release.withdrawn = Some(gone("retracted"));
    }
    Some(release)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses() {
        let check = |ecosystem, name: &str, version: &str, expected: Option<&str>| {
            let expected = expected.map(|path| format!("https://r.example{path}"));
            assert_eq!(
                url(ecosystem, "https://r.example/", name, version),
                expected
            );
        };
        check(Ecosystem::Crates, "serde", "1.0.0", Some("/se/rd/serde"));
        check(
            Ecosystem::Npm,
            "@types/node",
            "1.0.0",
            Some("/@types%2fnode"),
        );
        check(Ecosystem::PyPi, "django", "5.0", Some("/pypi/django/json"));
        let go = Some("/github.com/!azure/x/@v/v1.2.0-!r!c.info");
        check(Ecosystem::Go, "github.com/Azure/x", "1.2.0-RC", go);
        check(Ecosystem::Go, "a/b", "1/../2", None);
        check(
            Ecosystem::RubyGems,
            "rails",
            "7",
            Some("/api/v1/versions/rails.json"),
        );
        check(Ecosystem::Maven, "a:b", "1", None);
        check(Ecosystem::NuGet, "a", "1", None);
        check(Ecosystem::Npm, "..", "1", None);
    }

    fn check(ecosystem: Ecosystem, body: &str, released: &str, withdrawn: Option<&str>) {
        let found = release(ecosystem, "a/b", "1.2.0", body.as_bytes()).expect(body);
        let day = found.released.map_or(String::new(), |day| day.to_string());
        let word = match &found.withdrawn {
            None => None,
            Some(Withdrawn::No) => Some(""),
            Some(Withdrawn::Yes(word)) => Some(word.as_str()),
        };
        assert_eq!((day.as_str(), word), (released, withdrawn), "{body}");
    }

    #[test]
    fn answers() {
        let crates = |rest: &str| {
            format!("{{\"vers\":\"1.1.0\",\"yanked\":true}}\n{{\"vers\":\"1.2.0\"{rest}}}\n")
        };
        check(
            Ecosystem::Crates,
            &crates(",\"yanked\":false,\"pubtime\":\"2026-11-30T23:59:59Z\""),
            "2026-11-30",
            Some(""),
        );
        check(
            Ecosystem::Crates,
            &crates(",\"yanked\":true"),
            "",
            Some("yanked"),
        );
        check(
            Ecosystem::Crates,
            "{\"vers\":\"1.1.0\"}",
            "",
            Some("no longer in the registry"),
        );
        check(
            Ecosystem::Npm,
            r#"{"versions": {"1.2.0": {}}, "time": {"created": "2020-01-01T00:00:00Z", "1.2.0": "2026-11-30T01:00:00.123+02:00"}}"#,
            "2026-11-29",
            Some(""),
        );
        check(
            Ecosystem::Npm,
            r#"{"versions": {"1.3.0": {}}, "time": {"1.2.0": "2026-11-30T01:00:00Z"}}"#,
            "2026-11-30",
            Some("unpublished"),
        );
        check(
            Ecosystem::PyPi,
            r#"{"releases": {"1.2": [{"upload_time_iso_8601": "2026-11-30T01:00:00.5Z", "yanked": true, "yanked_reason": "broken"}, {"upload_time_iso_8601": "2026-11-29T01:00:00Z", "yanked": true}]}}"#,
            "2026-11-29",
            Some("yanked: broken"),
        );
        check(
            Ecosystem::PyPi,
            r#"{"releases": {"1.2.0": [{"yanked": true}, {"yanked": false}]}}"#,
            "",
            Some(""),
        );
        check(
            Ecosystem::PyPi,
            r#"{"releases": {"1.3.0": []}}"#,
            "",
            Some("no longer in the registry"),
        );
    }

    #[test]
    fn answers_of_other_registries() {
        check(
            Ecosystem::Go,
            r#"{"Version": "v1.2.0", "Time": "2026-11-30T01:00:00Z"}"#,
            "2026-11-30",
            None,
        );
        check(
            Ecosystem::RubyGems,
            r#"[{"number": "1.2.0", "created_at": "2026-11-30T01:00:00.000Z"}]"#,
            "2026-11-30",
            Some(""),
        );
        check(
            Ecosystem::RubyGems,
            "[]",
            "",
            Some("no longer in the registry"),
        );
        check(
            Ecosystem::Packagist,
            r#"{"packages": {"a/b": [{"version": "v1.2.0", "time": "2026-11-30T01:00:00+00:00"}]}}"#,
            "2026-11-30",
            Some(""),
        );
        check(
            Ecosystem::Hex,
            r#"{"releases": [{"version": "1.2.0", "inserted_at": "2026-11-30T01:00:00.000000Z"}], "retirements": {"1.2.0": {"reason": "security", "message": "use 1.3"}}}"#,
            "2026-11-30",
            Some("retired: use 1.3"),
        );
        check(
            Ecosystem::Pub,
            r#"{"versions": [{"version": "1.2.0", "published": "2026-11-30T01:00:00.0Z", "retracted": true}]}"#,
            "2026-11-30",
            Some("retracted"),
        );
    }

    #[test]
    fn what_is_no_answer() {
        for ecosystem in Ecosystem::ALL {
            for body in ["<html>Sign in</html>", "{}", ""] {
                let told = release(*ecosystem, "a/b", "1.2.0", body.as_bytes());
                assert!(told.is_err(), "{ecosystem:?} {body} {told:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_answer_is_read_or_not(body in "\\PC{0,80}", at in 0..Ecosystem::ALL.len()) {
            let _ = release(Ecosystem::ALL[at], "a", "1.0", body.as_bytes());
            let _ = url(Ecosystem::ALL[at], "https://r.example", &body, &body);
        }
    }
}
