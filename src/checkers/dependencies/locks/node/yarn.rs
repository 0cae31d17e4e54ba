//! Owns `yarn.lock` as yarn 1 writes it, which is no YAML. That of later yarns is handed on.

use std::collections::BTreeMap;

use crate::checkers::dependencies::inventory::{
    Ecosystem, Hash, Id, Inventory, Package, SourceKind,
};
use crate::checkers::dependencies::locks::text::Text;
use crate::checkers::dependencies::locks::{Beside, Unread, dedup, tell_dev};
use crate::checkers::dependencies::manifest::Asked;

use super::{berry, descriptor, source_of, wanted};

/// An entry, as far as it was read.
struct Entry<'t> {
    descriptors: Vec<&'t str>,
    at: usize,
    fields: Vec<(&'t str, &'t str)>,
    /// Name and range.
    wants: Vec<(&'t str, &'t str)>,
}

pub(in super::super) fn read(text: &Text, beside: &dyn Beside) -> Result<Inventory, Unread> {
    if text
        .lines()
        .any(|(_, line)| line.starts_with("__metadata:"))
    {
        return berry::read(text);
    }
    let entries = entries(text)?;
    let known = text.as_str().contains("# yarn lockfile v1");
    if entries.is_empty() && !known {
        return Err(Unread::new("it has neither packages nor the mark of yarn"));
    }
    let mut inventory = Inventory {
        version: "1".to_owned(),
        declared_empty: true,
        ..Inventory::default()
    };
    let mut keys: BTreeMap<&str, Id> = BTreeMap::new();
    for entry in &entries {
        let id = inventory.packages.len();
        inventory.packages.push(package(text, entry)?);
        for descriptor in &entry.descriptors {
            keys.entry(descriptor).or_insert(id);
        }
    }
    for (id, entry) in entries.iter().enumerate() {
        let found = |&(name, range): &(&str, &str)| keys.get(&*format!("{name}@{range}")).copied();
        let needs = &mut inventory.packages[id].needs;
        needs.extend(entry.wants.iter().filter_map(found));
        dedup(needs);
    }
    if let Some(wanted) = wanted(beside) {
        tell(&mut inventory, &keys, &wanted);
    }
    Ok(inventory)
}

/// The lockfile does not tell what the project itself asks for; its manifest does.
fn tell(inventory: &mut Inventory, keys: &BTreeMap<&str, Id>, wanted: &[Asked]) {
    let ids = |dev: bool| -> Vec<Id> {
        let wanted = wanted.iter().filter(|one| one.dev == dev);
        let found = wanted.filter_map(|one| {
            let range = one.range.as_deref().unwrap_or_default();
            keys.get(&*format!("{}@{range}", one.name)).copied()
        });
        found.collect()
    };
    let (runtime, dev) = (ids(false), ids(true));
    tell_dev(&mut inventory.packages, &runtime, &dev);
    for package in &mut inventory.packages {
        package.direct = Some(false);
    }
    for id in runtime.into_iter().chain(dev) {
        inventory.packages[id].direct = Some(true);
    }
}

fn entries(text: &Text) -> Result<Vec<Entry<'_>>, Unread> {
    let mut entries: Vec<Entry<'_>> = Vec::new();
    let mut in_map = false;
    for (at, line) in text.lines() {
        let content = line.trim_start_matches(' ');
        if content.trim().is_empty() || content.starts_with('#') {
            continue;
        }
        let bad = || Unread::new("a line that is not understood").at(text.point(at));
        let depth = line.len() - content.len();
        if depth == 0 {
            let header = content.strip_suffix(':').ok_or_else(bad)?;
            let descriptors = header.split(", ").map(unquoted).collect();
            entries.push(Entry {
                descriptors,
                at,
                fields: Vec::new(),
                wants: Vec::new(),
            });
            continue;
        }
        let entry = entries.last_mut().ok_or_else(bad)?;
        match depth {
            2 => {
                in_map = content == "dependencies:" || content == "optionalDependencies:";
                if !content.ends_with(':') {
                    entry.fields.push(pair(content).ok_or_else(bad)?);
                }
            }
            4 if in_map => entry.wants.push(pair(content).ok_or_else(bad)?),
            _ => {}
        }
    }
    Ok(entries)
}

/// A key and its value, each in quotes where it needs them.
fn pair(text: &str) -> Option<(&str, &str)> {
    let (key, value) = match text.strip_prefix('"') {
        Some(rest) => rest.split_once("\" ")?,
        None => text.split_once(' ')?,
    };
    Some((key, unquoted(value)))
}

fn unquoted(text: &str) -> &str {
    let inner = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    inner.unwrap_or(text)
}

fn package(text: &Text, entry: &Entry<'_>) -> Result<Package, Unread> {
    let header = text
        .as_str()
        .get(entry.at..)
        .and_then(|rest| rest.lines().next());
    let at = text.span(entry.at..entry.at + header.map_or(0, str::len));
    let field = |key: &str| {
        let found = entry.fields.iter().find(|(known, _)| *known == key);
        found.map(|&(_, value)| value)
    };
    let first = entry.descriptors.first().copied().unwrap_or_default();
    let (called, range) = descriptor(first).unwrap_or((first, ""));
    let alias = range
        .strip_prefix("npm:")
        .map(|real| descriptor(real).map_or(real, |(name, _)| name));
    let name = alias
        .filter(|name| !name.starts_with(|c: char| c.is_ascii_digit() || "^~<>=*".contains(c)));
    let version =
        field("version").ok_or_else(|| Unread::new("an entry has no version").at(at.start))?;
    let name_found = name.unwrap_or(called);
    let mut package = Package::new(Ecosystem::Npm, name_found, Some(version.to_owned()), at);
    package.alias = (name_found != called).then(|| called.to_owned());
    let integrity = field("integrity").unwrap_or_default();
    package.hashes = integrity
        .split_whitespace()
        .map(|hash| Hash::read(hash, "sha1"))
        .collect();
    let Some(resolved) = field("resolved") else {
        package.source = source_of(range).unwrap_or_default();
        return Ok(package);
    };
    package.source = source_of(resolved).unwrap_or_default();
    // The archive's SHA-1 stands behind its URL.
    let (place, sum) = resolved.split_once('#').unwrap_or((resolved, ""));
    if matches!(package.source.kind, SourceKind::Registry | SourceKind::Url) {
        package.source.url = Some(place.to_owned());
        if package.hashes.is_empty() && sum.len() == 40 {
            package.hashes.push(Hash::read(sum, "sha1"));
        }
    }
    Ok(package)
}

#[cfg(test)]
mod tests {
    use crate::checkers::dependencies::locks::tests::{check, check_beside, fails};

    #[test]
    fn entries_of_all_shapes() {
        check_beside(
            "yarn.lock",
            r#"# THIS IS AN AUTOGENERATED FILE. DO NOT EDIT THIS FILE DIRECTLY.
# yarn lockfile v1


"@s/a@^1.0.0", "@s/a@^1.2.0 || ^2.0.0":
  version "1.2.0"
  resolved "https://registry.yarnpkg.com/@s/a/-/a-1.2.0.tgz#0123456789012345678901234567890123456789"
  dependencies:
    b ">= 1.0.0"
    "@s/c" "1"
  optionalDependencies:
    alias "npm:real@^2.0.0"

"@s/c@1":
  version "1.0.0"
  resolved "https://registry.yarnpkg.com/@s/c/-/c-1.0.0.tgz#0123456789012345678901234567890123456789"
  integrity sha512-x

"alias@npm:real@^2.0.0":
  version "2.0.0"

"b@>= 1.0.0", b@^1:
  version "1.0.0"
  resolved "git+https://github.com/x/b.git#0123456789abcdef"

"f@file:./f":
  version "0.0.0"
"#,
            &[(
                "package.json",
                r#"{"dependencies": {"@s/c": "1"}, "devDependencies": {"@s/a": "^1.0.0"}}"#,
            )],
            "1
5 @s/a 1.2.0 https://registry.yarnpkg.com/@s/a/-/a-1.2.0.tgz sha1:0123456789012345678901234567890123456789 dev direct > b @s/c real
14 @s/c 1.0.0 https://registry.yarnpkg.com/@s/c/-/c-1.0.0.tgz sha512:x direct
19 real 2.0.0 as alias dev
22 b 1.0.0 git git+https://github.com/x/b.git#0123456789abcdef @0123456789abcdef dev
26 f 0.0.0 path file:./f",
        );
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        check("yarn.lock", "# yarn lockfile v1\n\n\n", "1");
        fails("yarn.lock", "", "neither packages");
        fails("yarn.lock", "a@1:\n  resolved \"x\"\n", "no version");
        fails("yarn.lock", "<<<<<<< HEAD\na@1:\n", "merge conflict");
        fails("yarn.lock", "a\n", "not understood");
        check("yarn.lock", "a:\n  version \"1\"\n", "1\n1 a 1");
    }
}
