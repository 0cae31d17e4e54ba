//! Owns `NuGet`'s `packages.lock.json` and `packages.config`.

use std::collections::BTreeMap;

use crate::checkers::dependencies::inventory::{
    Ecosystem, Hash, Id, Inventory, Package, Source, SourceKind,
};
use crate::source::xml;

use super::text::Text;
use super::{Beside, Unread, dedup, json, lost};

pub(super) fn read_lock(text: &Text, _: &dyn Beside) -> Result<Inventory, Unread> {
    let document = json(text)?;
    let root = document.root();
    let version = document
        .get(root, "version")
        .and_then(|node| document.word(node));
    let version = version.unwrap_or_default();
    if !matches!(version, "1" | "2") {
        return Err(Unread::version(version));
    }
    let frameworks = document.get(root, "dependencies");
    let frameworks = frameworks.ok_or_else(|| Unread::new("it has no list of packages"))?;
    let mut inventory = Inventory {
        version: version.to_owned(),
        declared_empty: true,
        ..Inventory::default()
    };
    for &(_, packages) in document.entries(frameworks) {
        let mut names: BTreeMap<String, Id> = BTreeMap::new();
        let mut wants = Vec::new();
        for &(key, entry) in document.entries(packages) {
            let name = document.text(key).unwrap_or_default();
            let at = text.span(document.range(key));
            let field = |key: &str| document.text_at(entry, key);
            let own = field("type") == Some("Project");
            if field("resolved").is_none() && !own {
                lost(
                    &mut inventory,
                    at,
                    format!("the entry of `{name}` has no version"),
                );
                continue;
            }
            let version = field("resolved").map(str::to_owned);
            let mut package = Package::new(Ecosystem::NuGet, name, version, at);
            if own {
                package.source = Source::of(SourceKind::Workspace);
            } else {
                package.direct = Some(field("type") == Some("Direct"));
            }
            package.hashes = field("contentHash")
                .map(|hash| Hash::read(hash, "sha512"))
                .into_iter()
                .collect();
            let id = inventory.packages.len();
            inventory.packages.push(package);
            names.insert(name.to_lowercase(), id);
            wants.extend(
                document
                    .get(entry, "dependencies")
                    .map(|wanted| (id, wanted)),
            );
        }
        for (id, wanted) in wants {
            let wanted = document
                .entries(wanted)
                .iter()
                .filter_map(|&(key, _)| document.text(key));
            let needs = wanted.filter_map(|name| names.get(&name.to_lowercase()).copied());
            let needs: Vec<Id> = needs.collect();
            let package = &mut inventory.packages[id];
            package.needs = needs;
            dedup(&mut package.needs);
        }
    }
    Ok(inventory)
}

pub(super) fn read_config(text: &Text, _: &dyn Beside) -> Result<Inventory, Unread> {
    let document = xml::Document::parse(text.as_str())
        .map_err(|why| Unread::new(format!("it is no XML: {why}")))?;
    let root = document.root();
    if document.name(root) != "packages" {
        return Err(Unread::new("its root is not `packages`"));
    }
    let mut inventory = Inventory {
        declared_empty: true,
        ..Inventory::default()
    };
    for element in document.all(root, "package") {
        let at = text.span(document.range(element));
        let field = |name: &str| {
            document
                .attribute(element, name)
                .filter(|value| !value.is_empty())
        };
        let (Some(name), Some(version)) = (field("id"), field("version")) else {
            lost(&mut inventory, at, "a package without an id or a version");
            continue;
        };
        let mut package = Package::new(Ecosystem::NuGet, name, Some(version.to_owned()), at);
        package.dev = Some(field("developmentDependency") == Some("true"));
        inventory.packages.push(package);
    }
    Ok(inventory)
}

#[cfg(test)]
mod tests {
    use crate::checkers::dependencies::locks::tests::{check, fails};

    #[test]
    fn a_lock_has_a_list_for_each_framework() {
        check(
            "packages.lock.json",
            r#"{"version": 2, "dependencies": {
"net6.0": {
"A": {"type": "Direct", "requested": "[1.0, )", "resolved": "1.0.0", "contentHash": "x==", "dependencies": {"b": "2.0"}},
"B": {"type": "CentralTransitive", "resolved": "2.0.0"},
"own": {"type": "Project", "dependencies": {"B": "2"}},
"c": {"type": "Transitive"}},
"net8.0": {"A": {"type": "Transitive", "resolved": "1.1.0"}}}}"#,
            "2
3 A 1.0.0 sha512:x== direct > B
4 B 2.0.0
5 own - workspace > B
7 A 1.1.0
6 lost: the entry of `c` has no version",
        );
        fails("packages.lock.json", "{\"version\": 3}", "version `3`");
        fails("packages.lock.json", "{\"version\": 1}", "no list");
    }

    #[test]
    fn a_configuration_is_xml() {
        check(
            "packages.config",
            "<?xml version=\"1.0\"?>\n<packages>\n  <package id=\"A\" version=\"1.0\" developmentDependency=\"true\" />\n  <package id=\"B\"/>\n</packages>\n",
            "\n3 A 1.0 dev\n4 lost: a package without an id or a version",
        );
        fails("packages.config", "<x/>", "not `packages`");
        fails("packages.config", "", "no XML");
    }
}
