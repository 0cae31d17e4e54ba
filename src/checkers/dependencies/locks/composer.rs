//! Owns `composer.lock`.

use std::collections::{BTreeMap, BTreeSet};

use crate::checkers::dependencies::inventory::{
    Ecosystem, Hash, Id, Inventory, Package, Source, SourceKind,
};
use crate::checkers::dependencies::manifest::Manifest;
use crate::source::json::{Document, Id as Node};

use super::text::Text;
use super::{Beside, Unread, asked_beside, dedup, json, lost};

pub(super) fn read(text: &Text, beside: &dyn Beside) -> Result<Inventory, Unread> {
    let document = json(text)?;
    let root = document.root();
    let packages = document.get(root, "packages");
    if packages.is_none() {
        return Err(Unread::new("it has no list of packages"));
    }
    let api = document
        .text_at(root, "plugin-api-version")
        .unwrap_or_default();
    let mut inventory = Inventory {
        version: api.to_owned(),
        declared_empty: true,
        ..Inventory::default()
    };
    let mut entries = Vec::new();
    let lists = [
        (packages, false),
        (document.get(root, "packages-dev"), true),
    ];
    for (list, dev) in lists {
        for &entry in list.map_or(&[][..], |list| document.items(list)) {
            let Some(mut package) = package(text, &document, entry) else {
                let at = text.span(document.range(entry));
                lost(&mut inventory, at, "a package without a name or a version");
                continue;
            };
            package.dev = Some(dev);
            inventory.packages.push(package);
            entries.push(entry);
        }
    }
    link(&mut inventory, &document, &entries);
    direct(&mut inventory, beside);
    Ok(inventory)
}

fn package(text: &Text, document: &Document<'_>, entry: Node) -> Option<Package> {
    let name = document.get(entry, "name")?;
    let at = text.span(document.range(name));
    let version = document.text_at(entry, "version")?.to_owned();
    let name = document.text(name)?;
    let mut package = Package::new(Ecosystem::Packagist, name, Some(version), at);
    package.source = source(document, entry);
    let dist = document.get(entry, "dist");
    let sum = dist
        .and_then(|dist| document.text_at(dist, "shasum"))
        .unwrap_or_default();
    package.hashes = (!sum.is_empty())
        .then(|| Hash::read(sum, "sha1"))
        .into_iter()
        .collect();
    let licences = document.get(entry, "license");
    let licences = licences.map_or(&[][..], |licences| document.items(licences));
    let licences: Vec<&str> = licences
        .iter()
        .filter_map(|&one| document.text(one))
        .collect();
    package.licence = (!licences.is_empty()).then(|| licences.join(" OR "));
    if let Some(abandoned) = document.get(entry, "abandoned") {
        package.deprecated = match (document.text(abandoned), document.word(abandoned)) {
            (Some(""), _) | (None, Some("true")) => Some(String::new()),
            (Some(instead), _) => Some(format!("use {instead}")),
            _ => None,
        };
    }
    Some(package)
}

fn source(document: &Document<'_>, entry: Node) -> Source {
    let part = |part: &str, key: &str| document.text_at(document.get(entry, part)?, key);
    let version = document.text_at(entry, "version").unwrap_or_default();
    let reference = part("source", "reference").or_else(|| part("dist", "reference"));
    let published = document.get(entry, "notification-url").is_some();
    let (kind, url) = if part("dist", "type") == Some("path") {
        (SourceKind::Path, part("dist", "url"))
    } else if !published && (version.starts_with("dev-") || version.ends_with("-dev")) {
        // A branch of a repository that the project itself names.
        (SourceKind::Git, part("source", "url"))
    } else {
        (SourceKind::Registry, part("dist", "url"))
    };
    let mut source = Source::of(kind);
    source.url = url.map(str::to_owned);
    if kind == SourceKind::Git {
        source.commit = reference.map(str::to_owned);
    }
    source
}

fn link(inventory: &mut Inventory, document: &Document<'_>, entries: &[Node]) {
    let mut ids: BTreeMap<String, Id> = BTreeMap::new();
    for (id, package) in inventory.packages.iter().enumerate() {
        ids.entry(package.normal_name()).or_insert(id);
    }
    for (package, &entry) in inventory.packages.iter_mut().zip(entries) {
        let wanted = document.get(entry, "require");
        let wanted = wanted.map_or(&[][..], |wanted| document.entries(wanted));
        let names = wanted.iter().filter_map(|&(key, _)| document.text(key));
        package.needs = names
            .filter_map(|name| ids.get(&name.to_lowercase()).copied())
            .collect();
        dedup(&mut package.needs);
    }
}

/// What the `composer.json` beside it asks for.
fn direct(inventory: &mut Inventory, beside: &dyn Beside) {
    let Some(asked) = asked_beside(beside, Manifest::Composer, "composer.json") else {
        return;
    };
    let names: BTreeSet<String> = asked.iter().map(|one| one.name.to_lowercase()).collect();
    for package in &mut inventory.packages {
        package.direct = Some(names.contains(&package.normal_name()));
    }
}

#[cfg(test)]
mod tests {
    use crate::checkers::dependencies::locks::tests::{check_beside, fails};

    #[test]
    fn packages_of_all_shapes() {
        check_beside(
            "composer.lock",
            r#"{"packages": [
{"name": "X/a", "version": "v1.0.0", "license": ["MIT", "GPL-2.0"], "require": {"php": "^8", "x/B": "*"},
"notification-url": "https://packagist.org/downloads/", "dist": {"type": "zip", "url": "https://api.github.com/x", "shasum": ""}},
{"name": "x/b", "version": "2.0.0", "abandoned": "x/c", "dist": {"type": "zip", "url": "https://x", "shasum": "0a"}},
{"name": "x/p", "version": "dev-main", "dist": {"type": "path", "url": "../p"}},
{"name": "x/g", "version": "dev-main", "source": {"type": "git", "url": "https://example.com/g.git", "reference": "0123456"}},
{"name": "x"}],
"packages-dev": [{"name": "x/d", "version": "1.0", "abandoned": true}],
"plugin-api-version": "2.6.0"}"#,
            &[(
                "composer.json",
                r#"{"require": {"x/A": "*"}, "require-dev": {"x/d": "*"}}"#,
            )],
            "2.6.0
2 X/a v1.0.0 https://api.github.com/x licence MIT OR GPL-2.0 direct > x/b
4 x/b 2.0.0 https://x sha1:0a deprecated use x/c
5 x/p dev-main path ../p
6 x/g dev-main git https://example.com/g.git @0123456
8 x/d 1.0 deprecated  dev direct
7 lost: a package without a name or a version",
        );
        fails("composer.lock", "{}", "no list of packages");
    }
}
