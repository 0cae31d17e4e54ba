//! Owns `uv.lock`, version 1.

use std::collections::BTreeMap;

use crate::checkers::dependencies::inventory::{
    Ecosystem, Id, Inventory, Package, Source, SourceKind,
};
use crate::checkers::dependencies::locks::text::Text;
use crate::checkers::dependencies::locks::toml::{self, Table, items, table_at, tables, text_at};
use crate::checkers::dependencies::locks::{Beside, Unread, dedup, tell_dev};

use super::{Names, hashes_of};

pub(in super::super) fn read(text: &Text, _: &dyn Beside) -> Result<Inventory, Unread> {
    let root = toml::parse(text)?;
    let root = root.get_ref();
    let version = toml::word_at(root, "version").unwrap_or_default();
    if version != "1" {
        return Err(Unread::version(version));
    }
    let mut inventory = Inventory {
        version: version.to_owned(),
        declared_empty: true,
        ..Inventory::default()
    };
    let mut entries = Vec::new();
    for entry in tables(root, "package") {
        inventory.packages.push(package(text, entry)?);
        entries.push(entry);
    }
    let found = Found::of(&inventory.packages);
    let (mut runtime, mut dev) = (Vec::new(), Vec::new());
    for (id, entry) in entries.iter().enumerate() {
        let mut asked: Vec<Id> = tables(entry, "dependencies")
            .flat_map(|one| found.ids(one))
            .collect();
        asked.extend(grouped(entry, "optional-dependencies", &found));
        let by_developers = grouped(entry, "dev-dependencies", &found);
        let package = &mut inventory.packages[id];
        package.needs = asked.iter().chain(&by_developers).copied().collect();
        dedup(&mut package.needs);
        if package.is_own() {
            runtime.extend(asked);
            dev.extend(by_developers);
        }
    }
    tell_dev(&mut inventory.packages, &runtime, &dev);
    Ok(inventory)
}

fn grouped(entry: &Table<'_>, key: &str, found: &Found) -> Vec<Id> {
    let Some(groups) = table_at(entry, key) else {
        return Vec::new();
    };
    let all = groups
        .keys()
        .flat_map(|group| tables(groups, group.get_ref()));
    all.flat_map(|one| found.ids(one)).collect()
}

/// The packages by name, and by name and version where there are several.
struct Found {
    names: Names,
    exact: BTreeMap<(String, String), Id>,
}

impl Found {
    fn of(packages: &[Package]) -> Self {
        let key = |package: &Package| {
            (
                package.normal_name(),
                package.version.clone().unwrap_or_default(),
            )
        };
        Self {
            names: Names::of(packages),
            exact: packages
                .iter()
                .enumerate()
                .map(|(id, package)| (key(package), id))
                .collect(),
        }
    }

    /// What an entry of a list of dependencies leads to.
    fn ids(&self, entry: &Table<'_>) -> Vec<Id> {
        let Some(name) = text_at(entry, "name") else {
            return Vec::new();
        };
        let exact = text_at(entry, "version").and_then(|version| {
            self.exact
                .get(&(Ecosystem::PyPi.normal(name), version.to_owned()))
        });
        exact.map_or_else(|| self.names.find(name).to_vec(), |id| vec![*id])
    }
}

fn package(text: &Text, entry: &Table<'_>) -> Result<Package, Unread> {
    let (name, at) = toml::name(text, entry)?;
    let version = text_at(entry, "version").map(str::to_owned);
    let mut package = Package::new(Ecosystem::PyPi, name, version, at);
    if let Some(source) = table_at(entry, "source") {
        package.source = source_of(source).ok_or_else(|| {
            Unread::new(format!("the source of the package `{name}` is not known")).at(at.start)
        })?;
    }
    if package.is_published() && package.version.is_none() {
        return Err(Unread::new(format!("the package `{name}` has no version")).at(at.start));
    }
    let sdist = entry.get("sdist").map_or(&[][..], std::slice::from_ref);
    package.hashes = hashes_of(sdist);
    package.hashes.extend(hashes_of(items(entry, "wheels")));
    Ok(package)
}

fn source_of(table: &Table<'_>) -> Option<Source> {
    let kinds = [
        ("registry", SourceKind::Registry),
        ("git", SourceKind::Git),
        ("url", SourceKind::Url),
        ("path", SourceKind::Path),
        ("directory", SourceKind::Path),
        ("editable", SourceKind::Workspace),
        ("virtual", SourceKind::Workspace),
    ];
    let (kind, place) = kinds
        .iter()
        .find_map(|&(key, kind)| Some((kind, text_at(table, key)?)))?;
    let mut source = Source::at(kind, place);
    if kind == SourceKind::Git {
        let commit = place.rsplit_once('#').map(|(_, commit)| commit);
        source.commit = commit.map(str::to_owned);
    }
    Some(source)
}

#[cfg(test)]
mod tests {
    use crate::checkers::dependencies::locks::tests::{check, fails};

    #[test]
    fn sources_groups_and_several_versions() {
        check(
            "uv.lock",
            r#"version = 1
revision = 3
[manifest]
members = ["own"]
[[package]]
name = "own"
version = "0.1.0"
source = { virtual = "." }
dependencies = [{ name = "a", version = "1.0", source = { registry = "https://pypi.org/simple" }, marker = "x" }, { name = "g" }]
[package.dev-dependencies]
dev = [{ name = "a", version = "2.0" }]
[[package]]
name = "a"
version = "1.0"
source = { registry = "https://pypi.org/simple" }
sdist = { url = "https://files/a.tar.gz", hash = "sha256:0a" }
wheels = [{ url = "https://files/a.whl", hash = "sha256:0b" }]
[[package]]
name = "a"
version = "2.0"
source = { registry = "https://pypi.org/simple" }
[[package]]
name = "g"
version = "0.1"
source = { git = "https://example.com/g?rev=main#0123456789abcdef" }
[[package]]
name = "d"
version = "0.1"
source = { directory = "../d" }
"#,
            "1
6 own 0.1.0 workspace . > a g a
13 a 1.0 https://pypi.org/simple sha256:0a sha256:0b direct
19 a 2.0 https://pypi.org/simple dev direct
23 g 0.1 git https://example.com/g?rev=main#0123456789abcdef @0123456789abcdef direct
27 d 0.1 path ../d",
        );
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        check(
            "uv.lock",
            "version = 1\nrequires-python = \">=3.12\"\n",
            "1",
        );
        fails("uv.lock", "version = 2\n", "version `2`");
        fails("uv.lock", "", "version ``");
        fails(
            "uv.lock",
            "version = 1\n[[package]]\nname = \"a\"\nsource = { zip = \"x\" }\n",
            "source of the package",
        );
        fails(
            "uv.lock",
            "version = 1\n[[package]]\nname = \"a\"\nsource = { registry = \"x\" }\n",
            "no version",
        );
    }
}
