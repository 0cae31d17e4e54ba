//! Owns `pylock.toml`, the lockfile that Python's tools agreed on.

use crate::checkers::dependencies::inventory::{
    Ecosystem, Hash, Id, Inventory, Package, Source, SourceKind,
};
use crate::checkers::dependencies::locks::text::Text;
use crate::checkers::dependencies::locks::toml::{self, Table, table_at, tables, text_at};
use crate::checkers::dependencies::locks::{Beside, Unread, dedup};

use super::{Names, hash_table};

pub(in super::super) fn read(text: &Text, _: &dyn Beside) -> Result<Inventory, Unread> {
    let root = toml::parse(text)?;
    let root = root.get_ref();
    let version = text_at(root, "lock-version").unwrap_or_default();
    if version.split('.').next() != Some("1") {
        return Err(Unread::version(version));
    }
    let mut inventory = Inventory {
        version: version.to_owned(),
        declared_empty: root.contains_key("packages"),
        ..Inventory::default()
    };
    let mut entries = Vec::new();
    for entry in tables(root, "packages") {
        inventory.packages.push(package(text, entry)?);
        entries.push(entry);
    }
    let names = Names::of(&inventory.packages);
    for (package, entry) in inventory.packages.iter_mut().zip(entries) {
        let wanted = tables(entry, "dependencies").filter_map(|one| text_at(one, "name"));
        let mut needs: Vec<Id> = wanted.flat_map(|name| names.find(name)).copied().collect();
        dedup(&mut needs);
        package.needs = needs;
    }
    Ok(inventory)
}

fn package(text: &Text, entry: &Table<'_>) -> Result<Package, Unread> {
    let (name, at) = toml::name(text, entry)?;
    let version = text_at(entry, "version").map(str::to_owned);
    let mut package = Package::new(Ecosystem::PyPi, name, version, at);
    package.source = source(entry);
    package.hashes = hashes(entry);
    Ok(package)
}

fn source(entry: &Table<'_>) -> Source {
    let place = |table: &Table<'_>| {
        let url = text_at(table, "url").or_else(|| text_at(table, "path"));
        url.unwrap_or_default().to_owned()
    };
    if let Some(vcs) = table_at(entry, "vcs") {
        let mut source = Source::at(SourceKind::Git, place(vcs));
        source.commit = text_at(vcs, "commit-id").map(str::to_owned);
        source
    } else if let Some(folder) = table_at(entry, "directory") {
        Source::at(SourceKind::Path, place(folder))
    } else if let Some(archive) = table_at(entry, "archive") {
        let kind = if archive.contains_key("url") {
            SourceKind::Url
        } else {
            SourceKind::Path
        };
        Source::at(kind, place(archive))
    } else {
        Source {
            url: text_at(entry, "index").map(str::to_owned),
            ..Source::default()
        }
    }
}

fn hashes(entry: &Table<'_>) -> Vec<Hash> {
    let archives = ["archive", "sdist"]
        .iter()
        .filter_map(|key| table_at(entry, key));
    archives
        .chain(tables(entry, "wheels"))
        .flat_map(hash_table)
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::checkers::dependencies::locks::tests::{check, fails};

    #[test]
    fn sources_of_all_kinds() {
        check(
            "pylock.dev.toml",
            r#"lock-version = "1.0"
created-by = "x"
[[packages]]
name = "a"
version = "1.0"
index = "https://pypi.org/simple"
dependencies = [{name = "g"}]
wheels = [{name = "a.whl", url = "https://files/a.whl", hashes = {sha256 = "0a"}}]
[[packages]]
name = "g"
vcs = {type = "git", url = "https://example.com/g", commit-id = "0123456789abcdef"}
[[packages]]
name = "u"
archive = {url = "https://example.com/u.zip", hashes = {sha512 = "0b"}}
[[packages]]
name = "own"
directory = {path = ".", editable = true}
"#,
            "1.0
4 a 1.0 https://pypi.org/simple sha256:0a > g
10 g - git https://example.com/g @0123456789abcdef
13 u - url https://example.com/u.zip sha512:0b
16 own - path .",
        );
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        check(
            "pylock.toml",
            "lock-version = \"1.0\"\npackages = []\n",
            "1.0",
        );
        fails("pylock.toml", "lock-version = \"1.0\"\n", "no package");
        fails("pylock.toml", "lock-version = \"2.0\"\n", "version `2.0`");
    }
}
