//! Owns how each registry is asked for the newest version of a package, and how its answer is read. Pure: it asks nobody.

use std::cmp::Ordering;

use serde_json::Value;

use super::step::is_stable;
use crate::checkers::dependencies::inventory::Ecosystem;
use crate::checkers::dependencies::versions;
use crate::source::xml;

/// The registry that an ecosystem's tools ask by themselves.
#[must_use]
pub const fn public(ecosystem: Ecosystem) -> &'static str {
    match ecosystem {
        Ecosystem::Crates => "https://index.crates.io",
        Ecosystem::Go => "https://proxy.golang.org",
        Ecosystem::Hex => "https://hex.pm",
        Ecosystem::Maven => "https://repo1.maven.org/maven2",
        Ecosystem::Npm => "https://registry.npmjs.org",
        Ecosystem::NuGet => "https://api.nuget.org/v3-flatcontainer",
        Ecosystem::Packagist => "https://repo.packagist.org",
        Ecosystem::Pub => "https://pub.dev",
        Ecosystem::PyPi => "https://pypi.org",
        Ecosystem::RubyGems => "https://rubygems.org",
    }
}

/// Where a registry at `base` tells of a package. `None` for a name that no registry has.
#[must_use]
pub fn url(ecosystem: Ecosystem, base: &str, name: &str) -> Option<String> {
    let base = base.trim_end_matches('/');
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_.~@/:".contains(c);
    if name.is_empty()
        || !name.chars().all(fits)
        || name.split('/').any(|part| matches!(part, "" | "." | ".."))
    {
        return None;
    }
    Some(match ecosystem {
        Ecosystem::Crates => format!("{base}/{}", crate_path(name)?),
        Ecosystem::Go => format!("{base}/{}/@latest", go_path(name)),
        Ecosystem::Hex | Ecosystem::Pub => format!("{base}/api/packages/{name}"),
        Ecosystem::Maven => {
            let (group, artifact) = name.split_once(':')?;
            format!(
                "{base}/{}/{artifact}/maven-metadata.xml",
                group.replace('.', "/")
            )
        }
        Ecosystem::Npm => format!("{base}/{}/latest", name.replace('/', "%2f")),
        Ecosystem::NuGet => format!("{base}/{}/index.json", name.to_lowercase()),
        Ecosystem::Packagist => format!("{base}/p2/{}.json", name.to_lowercase()),
        Ecosystem::PyPi => format!("{base}/pypi/{name}/json"),
        Ecosystem::RubyGems => format!("{base}/api/v1/versions/{name}/latest.json"),
    })
}

/// The path of a crate in the sparse index.
pub(in super::super) fn crate_path(name: &str) -> Option<String> {
    let lower = name.to_ascii_lowercase();
    if lower.contains('/') {
        return None;
    }
    Some(match lower.len() {
        1 => format!("1/{lower}"),
        2 => format!("2/{lower}"),
        3 => format!("3/{}/{lower}", &lower[..1]),
        _ => format!("{}/{}/{lower}", &lower[..2], &lower[2..4]),
    })
}

/// A module's path as the proxy writes it: `!a` for `A`.
pub(in super::super) fn go_path(name: &str) -> String {
    let mut path = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            path.push('!');
        }
        path.push(c.to_ascii_lowercase());
    }
    path
}

/// The newest finished version that an answer tells; `None` when there is none.
///
/// # Errors
/// When the answer is not one of such a registry.
pub fn latest(ecosystem: Ecosystem, name: &str, body: &[u8]) -> Result<Option<String>, String> {
    let strange = || "its answer is not that of such a registry".to_owned();
    let text = std::str::from_utf8(body).map_err(|_| strange())?;
    if ecosystem == Ecosystem::Crates {
        let told = crates(text).ok_or_else(strange)?;
        return Ok(newest(ecosystem, told.iter().map(String::as_str)));
    }
    if ecosystem == Ecosystem::Maven {
        let told = maven(text).ok_or_else(strange)?;
        return Ok(newest(ecosystem, told.iter().map(String::as_str)));
    }
    let value: Value = serde_json::from_str(text).map_err(|_| strange())?;
    let at = |pointer: &str| value.pointer(pointer).and_then(Value::as_str);
    let told = |pointer: &str| {
        at(pointer)
            .map(|text| Some(text.to_owned()))
            .ok_or_else(strange)
    };
    match ecosystem {
        Ecosystem::Go => told("/Version")
            .map(|version| version.map(|text| text.trim_start_matches('v').to_owned())),
        Ecosystem::Hex => match value.pointer("/latest_stable_version") {
            Some(Value::Null) => Ok(None),
            _ => told("/latest_stable_version"),
        },
        Ecosystem::Npm => told("/version"),
        Ecosystem::Pub => told("/latest/version"),
        Ecosystem::PyPi => told("/info/version"),
        // A gem that is not there is told as a version `unknown`.
        Ecosystem::RubyGems => {
            told("/version").map(|version| version.filter(|text| text != "unknown"))
        }
        Ecosystem::NuGet => {
            let list = value
                .pointer("/versions")
                .and_then(Value::as_array)
                .ok_or_else(strange)?;
            Ok(newest(ecosystem, list.iter().filter_map(Value::as_str)))
        }
        Ecosystem::Packagist => {
            let packages = value
                .get("packages")
                .and_then(|packages| packages.get(name));
            let list = packages.and_then(Value::as_array).ok_or_else(strange)?;
            let versions = list
                .iter()
                .filter_map(|entry| entry.get("version")?.as_str());
            Ok(newest(ecosystem, versions))
        }
        Ecosystem::Crates | Ecosystem::Maven => Err(strange()),
    }
}

fn newest<'v>(ecosystem: Ecosystem, versions: impl Iterator<Item = &'v str>) -> Option<String> {
    let stable = versions.filter(|version| is_stable(ecosystem, version));
    let newest = stable.reduce(|a, b| match versions::order(ecosystem, a, b) {
        Some(Ordering::Less) => b,
        _ => a,
    });
    newest.map(str::to_owned)
}

/// The versions that stand in the lines of the index, one JSON object for each; those that were taken back are left out.
fn crates(text: &str) -> Option<Vec<String>> {
    let mut versions = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let entry: Value = serde_json::from_str(line).ok()?;
        let version = entry.get("vers")?.as_str()?.to_owned();
        if entry.get("yanked").and_then(Value::as_bool) != Some(true) {
            versions.push(version);
        }
    }
    (!text.trim().is_empty()).then_some(versions)
}

fn maven(text: &str) -> Option<Vec<String>> {
    let document = xml::Document::parse(text).ok()?;
    let root = document.root();
    let versions = document.at(root, &["versioning", "versions"])?;
    let told = document.children(versions).iter();
    let told = told.filter_map(|&one| document.text(one, &[]).map(str::to_owned));
    (document.name(root) == "metadata").then(|| told.collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses() {
        let check = |ecosystem, name: &str, expected: &str| {
            let found = url(ecosystem, "https://r.example/", name).unwrap_or_default();
            assert_eq!(
                found.strip_prefix("https://r.example").unwrap_or_default(),
                expected,
                "{name}"
            );
        };
        check(Ecosystem::Crates, "a", "/1/a");
        check(Ecosystem::Crates, "ab", "/2/ab");
        check(Ecosystem::Crates, "Abc", "/3/a/abc");
        check(Ecosystem::Crates, "serde", "/se/rd/serde");
        check(Ecosystem::Npm, "@types/node", "/@types%2fnode/latest");
        check(Ecosystem::PyPi, "django", "/pypi/django/json");
        check(
            Ecosystem::Go,
            "github.com/Azure/x/v2",
            "/github.com/!azure/x/v2/@latest",
        );
        check(Ecosystem::Maven, "org.a:b", "/org/a/b/maven-metadata.xml");
        check(Ecosystem::NuGet, "New.Json", "/new.json/index.json");
        check(Ecosystem::Packagist, "a/b", "/p2/a/b.json");
        check(
            Ecosystem::RubyGems,
            "rails",
            "/api/v1/versions/rails/latest.json",
        );
        check(Ecosystem::Hex, "jason", "/api/packages/jason");
        check(Ecosystem::Pub, "path", "/api/packages/path");
        for bad in [
            "", "..", "a/../b", "a b", "a?b", "a#b", "\u{e9}", "/a", "a%2e",
        ] {
            check(Ecosystem::Npm, bad, "");
        }
        check(Ecosystem::Crates, "a/b", "");
        check(Ecosystem::Maven, "a", "");
    }

    #[test]
    fn answers() {
        let check = |ecosystem, body: &str, expected: Result<Option<&str>, ()>| {
            let found = latest(ecosystem, "a/b", body.as_bytes());
            let found = found.as_ref().map(Option::as_deref).map_err(|_| ());
            assert_eq!(found, expected, "{body}");
        };
        check(
            Ecosystem::Crates,
            "{\"vers\":\"1.0.0\",\"yanked\":false}\n{\"vers\":\"1.10.0\",\"yanked\":false}\n{\"vers\":\"1.9.0\",\"yanked\":false}\n{\"vers\":\"2.0.0\",\"yanked\":true}\n{\"vers\":\"3.0.0-rc.1\"}",
            Ok(Some("1.10.0")),
        );
        check(
            Ecosystem::Crates,
            "{\"vers\":\"1.0.0\",\"yanked\":true}",
            Ok(None),
        );
        check(Ecosystem::Crates, "", Err(()));
        check(
            Ecosystem::Npm,
            r#"{"name": "a", "version": "4.17.21"}"#,
            Ok(Some("4.17.21")),
        );
        check(
            Ecosystem::PyPi,
            r#"{"info": {"version": "5.0"}}"#,
            Ok(Some("5.0")),
        );
        check(Ecosystem::Go, r#"{"Version": "v1.2.0"}"#, Ok(Some("1.2.0")));
        check(Ecosystem::RubyGems, r#"{"version": "unknown"}"#, Ok(None));
        check(
            Ecosystem::Hex,
            r#"{"latest_stable_version": null}"#,
            Ok(None),
        );
        check(
            Ecosystem::Pub,
            r#"{"latest": {"version": "1.9.0"}}"#,
            Ok(Some("1.9.0")),
        );
        check(
            Ecosystem::NuGet,
            r#"{"versions": ["9.0.1", "13.0.3", "14.0.0-beta1"]}"#,
            Ok(Some("13.0.3")),
        );
        check(
            Ecosystem::Packagist,
            r#"{"packages": {"a/b": [{"version": "v3.0.0-RC1"}, {"version": "v2.10.0"}, {"version": "v2.9.0"}]}}"#,
            Ok(Some("v2.10.0")),
        );
        check(
            Ecosystem::Maven,
            "<metadata><versioning><release>2.0-M1</release><versions><version>1.2</version><version>1.10</version><version>2.0-M1</version></versions></versioning></metadata>",
            Ok(Some("1.10")),
        );
        for ecosystem in Ecosystem::ALL {
            check(*ecosystem, "<html>Sign in</html>", Err(()));
            check(*ecosystem, "{}", Err(()));
        }
    }

    proptest! {
        #[test]
        fn any_answer_is_read_or_not(body in "\\PC{0,80}", at in 0..Ecosystem::ALL.len()) {
            let _ = latest(Ecosystem::ALL[at], "a", body.as_bytes());
            let _ = url(Ecosystem::ALL[at], "https://r.example", &body);
        }
    }
}
