//! Owns `yarn.lock` as yarn 2 and later write it.

use std::collections::BTreeMap;

use crate::checkers::dependencies::inventory::{
    Ecosystem, Hash, Id, Inventory, Package, Source, SourceKind,
};
use crate::checkers::dependencies::locks::text::Text;
use crate::checkers::dependencies::locks::{Unread, dedup, lost, yaml, yaml_span};
use crate::source::yaml::{Document, Id as Node};

use super::{descriptor, source_of};

pub(super) fn read(text: &Text) -> Result<Inventory, Unread> {
    let document = yaml(text)?;
    let root = document.root().ok_or_else(|| Unread::new("it is empty"))?;
    let version = document
        .at(root, &["__metadata", "version"])
        .and_then(|node| document.text(node));
    let version = version.unwrap_or_default();
    if !matches!(version, "3" | "4" | "5" | "6" | "7" | "8" | "9" | "10") {
        return Err(Unread::version(version));
    }
    let mut inventory = Inventory {
        version: version.to_owned(),
        ..Inventory::default()
    };
    let mut keys: BTreeMap<&str, Id> = BTreeMap::new();
    let mut entries: Vec<Node> = Vec::new();
    for &(key, entry) in document.entries(root) {
        let written = document.text(key).unwrap_or_default();
        if written == "__metadata" {
            continue;
        }
        let at = yaml_span(text, &document, key);
        let Some(mut package) = package(&document, entry) else {
            lost(
                &mut inventory,
                at,
                format!("the entry of `{written}` names no package"),
            );
            continue;
        };
        package.span = at;
        let id = inventory.packages.len();
        let descriptors = written.split(", ");
        let called = written
            .split(", ")
            .next()
            .and_then(descriptor)
            .map(|(name, _)| name);
        package.alias = called
            .filter(|name| *name != package.name)
            .map(str::to_owned);
        inventory.packages.push(package);
        entries.push(entry);
        for descriptor in descriptors {
            keys.entry(descriptor).or_insert(id);
        }
    }
    for (id, entry) in entries.into_iter().enumerate() {
        let Some(map) = document.get(entry, "dependencies") else {
            continue;
        };
        let found = |&(name, range): &(Node, Node)| {
            let (name, range) = (document.text(name)?, document.text(range)?);
            let plain = keys.get(&*format!("{name}@{range}"));
            plain
                .or_else(|| keys.get(&*format!("{name}@npm:{range}")))
                .copied()
        };
        let mut needs: Vec<Id> = document.entries(map).iter().filter_map(found).collect();
        dedup(&mut needs);
        inventory.packages[id].needs = needs;
    }
    Ok(inventory)
}

fn package(document: &Document, entry: Node) -> Option<Package> {
    let field = |key: &str| document.text(document.get(entry, key)?);
    let (name, reference) = descriptor(field("resolution")?)?;
    let mut package = Package::new(
        Ecosystem::Npm,
        name,
        None,
        crate::model::place::Span::at(1, 1),
    );
    let version = field("version").filter(|version| *version != "0.0.0-use.local");
    package.version = version.map(str::to_owned);
    package.source = source(reference);
    // What is for some machines only has no digest where it was not installed.
    package.optional = document.get(entry, "conditions").is_some();
    // The key of the cache that the digest is for stands before it.
    let sum = field("checksum").map(|sum| sum.rsplit('/').next().unwrap_or(sum));
    package.hashes = sum
        .map(|sum| Hash::read(sum, "sha512"))
        .into_iter()
        .collect();
    Some(package)
}

fn source(reference: &str) -> Source {
    if let Some(range) = reference.strip_prefix("npm:") {
        let archive = range
            .split_once("__archiveUrl=")
            .map(|(_, url)| decoded(url));
        return archive.map_or(Source::default(), |url| {
            Source::at(SourceKind::Registry, url)
        });
    }
    if reference.starts_with("workspace:") {
        return Source::at(SourceKind::Workspace, reference);
    }
    // A patch is put upon a package of a registry, mostly; its name is still that of the advisories.
    if let Some(patched) = reference.strip_prefix("patch:") {
        let inner = decoded(patched.split('#').next().unwrap_or(patched));
        return descriptor(&inner).map_or(Source::default(), |(_, inner)| {
            if inner.starts_with("patch:") {
                Source::default()
            } else {
                source(inner)
            }
        });
    }
    source_of(reference).unwrap_or_default()
}

/// A text with its `%` escapes undone; one that is no escape stays.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        if let Some(byte) = byte.filter(|_| *first == b'%') {
            bytes.push(byte);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use crate::checkers::dependencies::locks::tests::{check, fails};

    #[test]
    fn entries_of_all_shapes() {
        check(
            "yarn.lock",
            r#"__metadata:
  version: 8
  cacheKey: 10c0

"a@npm:^1.0.0, a@npm:^1.1.0":
  version: 1.1.0
  resolution: "a@npm:1.1.0"
  dependencies:
    "@s/b": "npm:^2.0.0"
    t: ^5.0.0
  checksum: 10c0/0aff
  languageName: node
  linkType: hard

"@s/b@npm:^2.0.0":
  version: 2.0.0
  conditions: os=linux
  resolution: "@s/b@npm:2.0.0::__archiveUrl=https%3A%2F%2Fnpm.example.com%2Fb-2.0.0.tgz"

"alias@npm:real@^3.0.0":
  version: 3.0.0
  resolution: "real@npm:3.0.0"

"own@workspace:.":
  version: 0.0.0-use.local
  resolution: "own@workspace:."
  dependencies:
    a: "npm:^1.0.0"
    alias: "npm:real@^3.0.0"

"t@npm:^5.0.0":
  version: 5.0.0
  resolution: "t@npm:5.0.0"

"t@patch:t@^5.0.0#~builtin<compat/t>":
  version: 5.0.0
  resolution: "t@patch:t@npm%3A5.0.0#~builtin<compat/t>::version=5.0.0&hash=a"

"g@https://github.com/x/g.git#main":
  version: 0.1.0
  resolution: "g@https://github.com/x/g.git#commit=0123456789abcdef"
"#,
            "8
5 a 1.1.0 sha512:0aff direct > @s/b t
15 @s/b 2.0.0 https://npm.example.com/b-2.0.0.tgz optional
20 real 3.0.0 as alias direct
24 own - workspace workspace:. > a real
31 t 5.0.0
35 t 5.0.0
39 g 0.1.0 git https://github.com/x/g.git#commit=0123456789abcdef @0123456789abcdef",
        );
    }

    #[test]
    fn what_is_not_understood_is_said() {
        fails("yarn.lock", "__metadata:\n  version: 99\n", "version `99`");
        fails("yarn.lock", "__metadata:\n  version: 6\n", "no package");
        fails("yarn.lock", "__metadata:\n\tx", "no YAML");
        check(
            "yarn.lock",
            "__metadata:\n  version: 6\n\"a@npm:1\":\n  resolution: a@npm:1.0.0\n  version: 1.0.0\nb: 1\n",
            "6\n3 a 1.0.0\n6 lost: the entry of `b` names no package",
        );
    }
}
