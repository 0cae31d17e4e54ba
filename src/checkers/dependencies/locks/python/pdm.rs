//! Owns `pdm.lock`, versions 2 to 4.

use crate::checkers::dependencies::inventory::{
    Ecosystem, Id, Inventory, Package, Source, SourceKind,
};
use crate::checkers::dependencies::locks::text::Text;
use crate::checkers::dependencies::locks::toml::{
    self, Table, items, table_at, tables, text_at, texts,
};
use crate::checkers::dependencies::locks::{Beside, Unread, dedup};

use super::{Names, hashes_of, project, requirement};

pub(in super::super) fn read(text: &Text, beside: &dyn Beside) -> Result<Inventory, Unread> {
    let root = toml::parse(text)?;
    let root = root.get_ref();
    let metadata = table_at(root, "metadata").ok_or_else(|| Unread::new("it has no metadata"))?;
    let version = toml::word_at(metadata, "lock_version").unwrap_or("0");
    if !matches!(version.split('.').next(), Some("0" | "1" | "2" | "3" | "4")) {
        return Err(Unread::version(version));
    }
    let mut inventory = Inventory {
        version: version.to_owned(),
        declared_empty: true,
        ..Inventory::default()
    };
    let mut entries = Vec::new();
    for entry in tables(root, "package") {
        inventory.packages.push(package(text, entry, metadata)?);
        entries.push(entry);
    }
    let names = Names::of(&inventory.packages);
    for (id, entry) in entries.into_iter().enumerate() {
        let wanted = texts(entry, "dependencies").filter_map(requirement);
        let mut needs: Vec<Id> = wanted
            .flat_map(|one| names.find(one.name))
            .copied()
            .collect();
        dedup(&mut needs);
        // With extras a package stands there once more, and needs itself.
        needs.retain(|&need| need != id);
        inventory.packages[id].needs = needs;
    }
    project::tell(&mut inventory, beside);
    Ok(inventory)
}

fn package(text: &Text, entry: &Table<'_>, metadata: &Table<'_>) -> Result<Package, Unread> {
    let (name, at) = toml::name(text, entry)?;
    let version = text_at(entry, "version").map(str::to_owned);
    let mut package = Package::new(Ecosystem::PyPi, name, version, at);
    let place = |key: &str, kind| text_at(entry, key).map(|url| Source::at(kind, url));
    let git = place("git", SourceKind::Git).map(|mut source| {
        source.commit = text_at(entry, "revision").map(str::to_owned);
        source
    });
    let other = git.or_else(|| place("url", SourceKind::Url));
    package.source = other
        .or_else(|| place("path", SourceKind::Path))
        .unwrap_or_default();
    package.hashes = hashes_of(items(entry, "files"));
    if package.hashes.is_empty()
        && let (Some(files), Some(version)) = (table_at(metadata, "files"), &package.version)
    {
        package.hashes = hashes_of(items(files, &format!("{name} {version}")));
    }
    let groups: Vec<&str> = texts(entry, "groups").collect();
    if !groups.is_empty() {
        package.dev = Some(!groups.contains(&"default"));
    }
    Ok(package)
}

#[cfg(test)]
mod tests {
    use crate::checkers::dependencies::locks::tests::{check_beside, fails};

    #[test]
    fn groups_and_sources() {
        check_beside(
            "pdm.lock",
            r#"[metadata]
groups = ["default", "dev"]
lock_version = "4.4.1"
[[package]]
name = "a"
version = "1.0"
groups = ["default"]
dependencies = ["b>=1; x", "c[y]"]
files = [{file = "a.whl", hash = "sha256:0a"}]
[[package]]
name = "b"
version = "1.0"
groups = ["dev"]
git = "https://example.com/b.git"
revision = "0123456789abcdef"
[[package]]
name = "c"
version = "1.0"
[[package]]
name = "c"
version = "1.0"
extras = ["y"]
dependencies = ["c==1.0"]
"#,
            &[("pyproject.toml", "[project]\ndependencies = [\"a>=1\"]\n")],
            "4.4.1
5 a 1.0 sha256:0a direct > b c c
11 b 1.0 git https://example.com/b.git @0123456789abcdef dev
17 c 1.0
20 c 1.0 > c",
        );
        fails(
            "pdm.lock",
            "[metadata]\nlock_version = \"9\"\n",
            "version `9`",
        );
    }
}
