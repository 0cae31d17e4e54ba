//! Owns `poetry.lock`, versions 1 and 2.

use crate::checkers::dependencies::inventory::{
    Ecosystem, Hash, Id, Inventory, Package, Source, SourceKind,
};
use crate::checkers::dependencies::locks::text::Text;
use crate::checkers::dependencies::locks::toml::{self, Table, items, table_at, text_at, texts};
use crate::checkers::dependencies::locks::{Beside, Unread, dedup};

use super::{Names, hashes_of, project};

pub(in super::super) fn read(text: &Text, beside: &dyn Beside) -> Result<Inventory, Unread> {
    let root = toml::parse(text)?;
    let root = root.get_ref();
    let empty = Table::new();
    let metadata = table_at(root, "metadata").unwrap_or(&empty);
    // Before 1.0 the format had no version.
    let version = text_at(metadata, "lock-version").unwrap_or("0");
    if !matches!(version.split('.').next(), Some("0" | "1" | "2")) {
        return Err(Unread::version(version));
    }
    let mut inventory = Inventory {
        version: version.to_owned(),
        declared_empty: root.contains_key("metadata"),
        ..Inventory::default()
    };
    let mut entries = Vec::new();
    for entry in toml::tables(root, "package") {
        inventory.packages.push(package(text, entry, metadata)?);
        entries.push(entry);
    }
    let names = Names::of(&inventory.packages);
    for (package, entry) in inventory.packages.iter_mut().zip(entries) {
        let wanted = table_at(entry, "dependencies").into_iter().flatten();
        let mut needs: Vec<Id> = wanted
            .flat_map(|(name, _)| names.find(name.get_ref()))
            .copied()
            .collect();
        dedup(&mut needs);
        package.needs = needs;
    }
    project::tell(&mut inventory, beside);
    Ok(inventory)
}

fn package(text: &Text, entry: &Table<'_>, metadata: &Table<'_>) -> Result<Package, Unread> {
    let (name, at) = toml::name(text, entry)?;
    let version = text_at(entry, "version").map(str::to_owned);
    if version.is_none() {
        return Err(Unread::new(format!("the package `{name}` has no version")).at(at.start));
    }
    let mut package = Package::new(Ecosystem::PyPi, name, version, at);
    package.hashes = hashes_of(items(entry, "files"));
    if package.hashes.is_empty() {
        let files = table_at(metadata, "files").map_or(&[][..], |files| items(files, name));
        package.hashes = hashes_of(files);
    }
    if package.hashes.is_empty()
        && let Some(hashes) = table_at(metadata, "hashes")
    {
        package.hashes = texts(hashes, name)
            .map(|hash| Hash::read(hash, "sha256"))
            .collect();
    }
    package.optional = toml::is_true(entry, "optional");
    let groups: Vec<&str> = texts(entry, "groups").collect();
    package.dev = match text_at(entry, "category") {
        Some(category) => Some(category == "dev"),
        None => (!groups.is_empty()).then(|| !groups.contains(&"main")),
    };
    if let Some(source) = table_at(entry, "source") {
        package.source = source_of(source);
    }
    Ok(package)
}

fn source_of(table: &Table<'_>) -> Source {
    let kind = match text_at(table, "type") {
        Some("git") => SourceKind::Git,
        Some("url") => SourceKind::Url,
        Some("directory" | "file") => SourceKind::Path,
        _ => SourceKind::Registry,
    };
    let mut source = Source::of(kind);
    source.url = text_at(table, "url").map(str::to_owned);
    if kind == SourceKind::Git {
        let commit = text_at(table, "resolved_reference").or_else(|| text_at(table, "reference"));
        source.commit = commit
            .filter(|commit| super::is_commit(commit))
            .map(str::to_owned);
    }
    source
}

#[cfg(test)]
mod tests {
    use crate::checkers::dependencies::locks::tests::{check, check_beside, fails};

    #[test]
    fn old_ones_have_categories_and_a_table_of_files() {
        check_beside(
            "poetry.lock",
            r#"[[package]]
category = "main"
name = "A.b"
optional = false
version = "1.0"
[package.dependencies]
c = ">=1"
[[package]]
category = "dev"
name = "c"
optional = true
version = "2.0"
[package.source]
type = "git"
url = "https://example.com/c.git"
reference = "main"
resolved_reference = "0123456789abcdef"
[metadata]
lock-version = "1.1"
[metadata.files]
"A.b" = [{file = "a.whl", hash = "sha256:0a"}]
"#,
            &[(
                "pyproject.toml",
                "[tool.poetry.dependencies]\npython = \"*\"\na_b = \"*\"\n",
            )],
            "1.1
3 A.b 1.0 sha256:0a direct > c
10 c 2.0 git https://example.com/c.git @0123456789abcdef dev optional",
        );
    }

    #[test]
    fn new_ones_have_groups_and_files_of_their_own() {
        check(
            "poetry.lock",
            r#"[[package]]
name = "a"
version = "1.0"
optional = false
groups = ["dev"]
files = [{file = "a.whl", hash = "sha256:0a"}, {file = "a.tar.gz", hash = "sha256:0b"}]
[package.source]
type = "legacy"
url = "https://pypi.example.com/simple"
[metadata]
lock-version = "2.1"
"#,
            "2.1\n2 a 1.0 https://pypi.example.com/simple sha256:0a sha256:0b dev",
        );
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        check(
            "poetry.lock",
            "package = []\n[metadata]\nlock-version = \"1.1\"\n",
            "1.1",
        );
        fails(
            "poetry.lock",
            "[metadata]\nlock-version = \"3.0\"\n",
            "version `3.0`",
        );
        fails("poetry.lock", "", "no package");
        fails(
            "poetry.lock",
            "[[package]]\nname = \"a\"\n[metadata]\n",
            "`a` has no version",
        );
    }
}
