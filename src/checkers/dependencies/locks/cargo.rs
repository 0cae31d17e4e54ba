//! Owns `Cargo.lock`, versions 1 to 4.

use std::collections::BTreeMap;

use crate::checkers::dependencies::inventory::{
    Ecosystem, Hash, Id, Inventory, Package, Source, SourceKind,
};

use super::text::Text;
use super::toml::{self, Table, table_at, text_at};
use super::{Beside, Unread};

pub(super) fn read(text: &Text, _: &dyn Beside) -> Result<Inventory, Unread> {
    let root = toml::parse(text)?;
    let root = root.get_ref();
    let told = root.contains_key("version");
    let version = toml::word_at(root, "version").unwrap_or_default();
    if told && !matches!(version, "1" | "2" | "3" | "4") {
        return Err(Unread::version(version));
    }
    let sums = sums(root);
    // Before 2018 the project's own package had a table of its own.
    let own = table_at(root, "root").into_iter();
    let mut packages = Vec::new();
    let mut wanted: Vec<Vec<&str>> = Vec::new();
    for entry in own.chain(toml::tables(root, "package")) {
        packages.push(package(text, entry, &sums)?);
        wanted.push(toml::texts(entry, "dependencies").collect());
    }
    if packages.is_empty() && !told {
        return Err(Unread::new("it has neither packages nor a version"));
    }
    let known = keys(&packages);
    for (package, wanted) in packages.iter_mut().zip(wanted) {
        package.needs = wanted
            .iter()
            .filter_map(|text| known.get(*text).copied())
            .collect();
    }
    let version = match version {
        "" if sums.is_empty() && packages.iter().any(|package| !package.hashes.is_empty()) => "2",
        "" => "1",
        told => told,
    };
    Ok(Inventory {
        version: version.to_owned(),
        declared_empty: true,
        packages,
        ..Inventory::default()
    })
}

/// The checksums of version 1, which stand in a table of their own: `"checksum NAME VERSION (SOURCE)" = "HEX"`.
fn sums<'t>(root: &'t Table<'_>) -> BTreeMap<&'t str, &'t str> {
    let entries = table_at(root, "metadata").into_iter().flatten();
    let sum = |(key, value): (&'t ::toml::Spanned<_>, &'t toml::Value<'_>)| {
        let key: &'t std::borrow::Cow<'_, str> = key.get_ref();
        Some((key.strip_prefix("checksum ")?, value.get_ref().as_str()?))
    };
    entries.filter_map(sum).collect()
}

fn package(text: &Text, entry: &Table<'_>, sums: &BTreeMap<&str, &str>) -> Result<Package, Unread> {
    let name = entry
        .get("name")
        .ok_or_else(|| Unread::new("a package has no name"))?;
    let at = text.span(name.span());
    let (Some(name), Some(version)) = (name.get_ref().as_str(), text_at(entry, "version")) else {
        return Err(Unread::new("a package has no name or version").at(at.start));
    };
    let mut package = Package::new(Ecosystem::Crates, name, Some(version.to_owned()), at);
    let mut sum = text_at(entry, "checksum");
    package.source = Source::of(SourceKind::Workspace);
    if let Some(source) = text_at(entry, "source") {
        package.source = source_of(source).ok_or_else(|| {
            Unread::new(format!("an unknown kind of source: {source}")).at(at.start)
        })?;
        let key = format!("{name} {version} ({source})");
        sum = sum.or_else(|| sums.get(&*key).copied());
    }
    // `<none>` stands where version 1 had no checksum.
    let sum = sum.filter(|sum| *sum != "<none>");
    package.hashes = sum
        .map(|sum| Hash::read(sum, "sha256"))
        .into_iter()
        .collect();
    Ok(package)
}

fn source_of(text: &str) -> Option<Source> {
    let (kind, url) = text.split_once('+')?;
    let mut source = match kind {
        "registry" | "local-registry" => Source::at(SourceKind::Registry, url),
        // A sparse registry is told by its scheme alone.
        "sparse" => Source::at(SourceKind::Registry, text),
        "git" => Source::at(SourceKind::Git, url),
        "path" | "directory" => Source::at(SourceKind::Path, url),
        _ => return None,
    };
    if source.kind == SourceKind::Git {
        source.commit = url.rsplit_once('#').map(|(_, commit)| commit.to_owned());
    }
    Some(source)
}

/// The packages by each way in which another one names them: `NAME`, `NAME VERSION`, `NAME VERSION (SOURCE)`.
fn keys(packages: &[Package]) -> BTreeMap<String, Id> {
    let mut keys = BTreeMap::new();
    for (id, package) in packages.iter().enumerate() {
        let version = package.version.as_deref().unwrap_or_default();
        let short = format!("{} {version}", package.name);
        if let Some(url) = &package.source.url {
            let kind = match package.source.kind {
                SourceKind::Git => "git+",
                SourceKind::Registry if !url.starts_with("sparse+") => "registry+",
                _ => "",
            };
            // A git source is named without its commit.
            let url = url.split('#').next().unwrap_or(url);
            keys.entry(format!("{short} ({kind}{url})")).or_insert(id);
        }
        keys.entry(short).or_insert(id);
        keys.entry(package.name.clone()).or_insert(id);
    }
    keys
}

#[cfg(test)]
mod tests {
    use crate::checkers::dependencies::locks::tests::{check, fails};

    #[test]
    fn version_1_has_a_table_of_checksums() {
        check(
            "Cargo.lock",
            r#"[root]
name = "own"
version = "0.1.0"
dependencies = ["a 1.0.0 (registry+https://github.com/rust-lang/crates.io-index)"]

[[package]]
name = "a"
version = "1.0.0"
source = "registry+https://github.com/rust-lang/crates.io-index"

[metadata]
"checksum a 1.0.0 (registry+https://github.com/rust-lang/crates.io-index)" = "0a"
"#,
            "1
2 own 0.1.0 workspace > a
7 a 1.0.0 https://github.com/rust-lang/crates.io-index sha256:0a direct",
        );
    }

    #[test]
    fn later_versions_tell_packages_apart_as_far_as_needed() {
        check(
            "Cargo.lock",
            r#"version = 4
[[package]]
name = "own"
version = "0.1.0"
dependencies = ["a 1.0.0", "g", "s"]
[[package]]
name = "a"
version = "1.0.0"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "0a"
[[package]]
name = "a"
version = "2.0.0"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "0b"
[[package]]
name = "g"
version = "0.1.0"
source = "git+https://example.com/g?branch=a%2Fb#0123456789012345678901234567890123456789"
dependencies = ["a 2.0.0 (registry+https://github.com/rust-lang/crates.io-index)"]
[[package]]
name = "s"
version = "1.0.0"
source = "sparse+https://example.com/index/"
"#,
            "4
3 own 0.1.0 workspace > a g s
7 a 1.0.0 https://github.com/rust-lang/crates.io-index sha256:0a direct
12 a 2.0.0 https://github.com/rust-lang/crates.io-index sha256:0b
17 g 0.1.0 git https://example.com/g?branch=a%2Fb#0123456789012345678901234567890123456789 @0123456789012345678901234567890123456789 direct > a
22 s 1.0.0 sparse+https://example.com/index/ direct",
        );
        check("Cargo.lock", "version = 3\n", "3");
        check(
            "Cargo.lock",
            "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"registry+x\"\nchecksum = \"0a\"\n",
            "2\n2 a 1.0.0 x sha256:0a",
        );
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        fails("Cargo.lock", "version = 9\n", "version `9`");
        fails("Cargo.lock", "", "neither packages");
        fails(
            "Cargo.lock",
            "[[package]]\nname = \"a\"\n",
            "no name or version",
        );
        fails("Cargo.lock", "[[package]\n", "no TOML");
        fails(
            "Cargo.lock",
            "[[package]]\nname = \"a\"\nversion = \"1\"\nsource = \"zip+x\"\n",
            "unknown kind of source",
        );
    }
}
