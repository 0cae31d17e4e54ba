//! Owns `bun.lock`, bun's lockfile in text.

use std::collections::BTreeMap;

use crate::checkers::dependencies::inventory::{
    Ecosystem, Hash, Id, Inventory, Package, Source, SourceKind,
};
use crate::checkers::dependencies::locks::text::Text;
use crate::checkers::dependencies::locks::{Beside, Unread, dedup, json, lost, tell_dev};
use crate::source::json::{Document, Id as Node};

use super::{descriptor, source_of};

const RUNTIME: [&str; 3] = ["dependencies", "optionalDependencies", "peerDependencies"];

/// The binary lockfile of before: nothing but bun reads it.
pub(in super::super) fn refuse(_: &Text, _: &dyn Beside) -> Result<Inventory, Unread> {
    Err(Unread::new(
        "bun's binary lockfile cannot be read; write bun.lock with `bun install --save-text-lockfile`",
    ))
}

pub(in super::super) fn read(text: &Text, _: &dyn Beside) -> Result<Inventory, Unread> {
    let document = json(text)?;
    let root = document.root();
    let version = document
        .get(root, "lockfileVersion")
        .and_then(|node| document.word(node));
    let version = version.unwrap_or_default();
    if !matches!(version, "0" | "1") {
        return Err(Unread::version(version));
    }
    let mut inventory = Inventory {
        version: version.to_owned(),
        declared_empty: document.get(root, "workspaces").is_some(),
        ..Inventory::default()
    };
    let packages = document.get(root, "packages");
    let packages = packages.map_or(&[][..], |packages| document.entries(packages));
    let mut keys: BTreeMap<&str, Id> = BTreeMap::new();
    let mut wants: Vec<(Id, &str, Node)> = Vec::new();
    for &(key, entry) in packages {
        let place = document.text(key).unwrap_or_default();
        let at = text.span(document.range(key));
        let items = document.items(entry);
        let first = items.first().and_then(|&item| document.text(item));
        let Some((name, reference)) = first.and_then(descriptor) else {
            lost(
                &mut inventory,
                at,
                format!("the entry of `{place}` names no package"),
            );
            continue;
        };
        // Members of the workspace have a list of their own.
        if reference.starts_with("workspace:") || reference.starts_with("root:") {
            continue;
        }
        let mut package = Package::new(Ecosystem::Npm, name, None, at);
        let called = called(place);
        package.alias = (called != name).then(|| called.to_owned());
        match source_of(reference) {
            Some(source) => package.source = source,
            None => package.version = Some(reference.to_owned()),
        }
        let texts = items.iter().skip(1).filter_map(|&item| document.text(item));
        for text in texts {
            if text.starts_with("http") && package.is_published() {
                package.source = Source::at(SourceKind::Registry, text);
            } else if text.starts_with("sha") && text.contains('-') {
                package.hashes.push(Hash::read(text, "sha512"));
            }
        }
        let info = items.iter().copied().find(|&item| document.is_map(item));
        let id = inventory.packages.len();
        package.bundled = info.is_some_and(|info| document.says(info, "bundled"));
        inventory.packages.push(package);
        keys.entry(place).or_insert(id);
        wants.extend(info.map(|info| (id, place, info)));
    }
    for (id, place, info) in wants {
        let needs = find_all(&document, &keys, place, info, &RUNTIME);
        inventory.packages[id].needs = needs;
    }
    members(text, &document, &keys, &mut inventory);
    Ok(inventory)
}

/// The members of the workspace, with what they ask for.
fn members(
    text: &Text,
    document: &Document<'_>,
    keys: &BTreeMap<&str, Id>,
    inventory: &mut Inventory,
) {
    let (mut runtime, mut dev) = (Vec::new(), Vec::new());
    let list = document.get(document.root(), "workspaces");
    for &(key, entry) in list.map_or(&[][..], |list| document.entries(list)) {
        let folder = document.text(key).unwrap_or_default();
        let name = document.text_at(entry, "name").unwrap_or(folder);
        let at = text.span(document.range(key));
        let mut own = Package::new(Ecosystem::Npm, name, None, at);
        own.source = Source::of(SourceKind::Workspace);
        let asked = find_all(document, keys, name, entry, &RUNTIME);
        let by_developers = find_all(document, keys, name, entry, &["devDependencies"]);
        own.needs = asked.iter().chain(&by_developers).copied().collect();
        dedup(&mut own.needs);
        runtime.extend(asked);
        dev.extend(by_developers);
        inventory.packages.push(own);
    }
    tell_dev(&mut inventory.packages, &runtime, &dev);
}

fn find_all(
    document: &Document<'_>,
    keys: &BTreeMap<&str, Id>,
    place: &str,
    entry: Node,
    maps: &[&str],
) -> Vec<Id> {
    let maps = maps.iter().filter_map(|key| document.get(entry, key));
    let entries = maps.flat_map(|map| document.entries(map));
    let names = entries.filter_map(|&(key, _)| document.text(key));
    let mut found: Vec<Id> = names.filter_map(|name| find(keys, place, name)).collect();
    dedup(&mut found);
    found
}

/// A package finds another one in its own place, or in that of one around it: `a/b/NAME`, `a/NAME`, `NAME`.
fn find(keys: &BTreeMap<&str, Id>, place: &str, name: &str) -> Option<Id> {
    let mut around = place;
    while !around.is_empty() && place.len() < 1_024 {
        if let Some(id) = keys.get(&*format!("{around}/{name}")) {
            return Some(*id);
        }
        around = around.rfind('/').map_or("", |at| &around[..at]);
    }
    keys.get(name).copied()
}

/// The last name of a place, with its scope.
fn called(place: &str) -> &str {
    let Some(last) = place.rfind('/') else {
        return place;
    };
    let before = place[..last].rfind('/').map_or(0, |at| at + 1);
    let start = if place[before..].starts_with('@') {
        before
    } else {
        last + 1
    };
    &place[start..]
}

#[cfg(test)]
mod tests {
    use crate::checkers::dependencies::locks::tests::{check, fails};

    #[test]
    fn entries_of_all_shapes() {
        check(
            "bun.lock",
            r#"{
  "lockfileVersion": 1,
  "workspaces": {
    "": {"name": "own", "dependencies": {"a": "^1", "w": "workspace:*"}, "devDependencies": {"@s/b": "2",},},
    "packages/w": {"name": "w", "dependencies": {"b": "1"}},
  },
  "packages": {
    "@s/b": ["@s/b@2.0.0", "https://npm.example.com/b-2.0.0.tgz", {"dependencies": {"b": "3"}}, "sha512-y"],
    "@s/b/b": ["b@3.0.0", "", {}, "sha512-z"],
    "a": ["a@1.0.0", "", {"peerDependencies": {"b": "1"}}, "sha512-x"],
    "b": ["real@1.0.0", "", {}, "sha512-w"],
    "g": ["g@github:x/g#0123456", {"dependencies": {}}, "x-g-0123456"],
    "w": ["w@workspace:packages/w"],
    "x": 1,
  },
}
"#,
            "1
8 @s/b 2.0.0 https://npm.example.com/b-2.0.0.tgz sha512:y dev direct > b
9 b 3.0.0 sha512:z dev
10 a 1.0.0 sha512:x direct > real
11 real 1.0.0 as b sha512:w direct
12 g - git github:x/g#0123456 @0123456
4 own - workspace > a @s/b
5 w - workspace > real
14 lost: the entry of `x` names no package",
        );
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        fails("bun.lock", "{\"lockfileVersion\": 7}", "version `7`");
        fails("bun.lock", "{\"lockfileVersion\": 1}", "no package");
        fails(
            "bun.lockb",
            "#!/usr/bin/env bun\nbun-lockfile-format-v0\n",
            "binary",
        );
    }
}
