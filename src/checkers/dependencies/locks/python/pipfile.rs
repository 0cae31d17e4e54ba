//! Owns `Pipfile.lock`.

use std::collections::BTreeSet;

use crate::checkers::dependencies::inventory::{
    Ecosystem, Hash, Inventory, Package, Source, SourceKind,
};
use crate::checkers::dependencies::locks::text::Text;
use crate::checkers::dependencies::locks::{Beside, Unread, asked_beside, json, lost};
use crate::checkers::dependencies::manifest::Manifest;
use crate::source::json::{Document, Id as Node};

use super::{is_commit, pin};

pub(in super::super) fn read(text: &Text, beside: &dyn Beside) -> Result<Inventory, Unread> {
    let document = json(text)?;
    let root = document.root();
    let meta = document
        .get(root, "_meta")
        .ok_or_else(|| Unread::new("it has no `_meta`"))?;
    let version = document
        .get(meta, "pipfile-spec")
        .and_then(|node| document.word(node));
    let version = version.unwrap_or_default();
    if version != "6" {
        return Err(Unread::version(version));
    }
    let mut inventory = Inventory {
        version: version.to_owned(),
        declared_empty: document.get(root, "default").is_some(),
        ..Inventory::default()
    };
    let asked = asked(beside);
    // `default`, `develop`, and categories of the project's own.
    let sections = document
        .entries(root)
        .iter()
        .filter(|&&(key, _)| document.text(key) != Some("_meta"));
    for &(section, entries) in sections {
        let dev = document.text(section) == Some("develop");
        for &(key, entry) in document.entries(entries) {
            let name = document.text(key).unwrap_or_default();
            let at = text.span(document.range(key));
            if !document.is_map(entry) {
                lost(
                    &mut inventory,
                    at,
                    format!("the entry of `{name}` is no object"),
                );
                continue;
            }
            let mut package = package(&document, entry, name);
            package.span = at;
            package.dev = Some(dev);
            package.direct = asked
                .as_ref()
                .map(|asked| asked.contains(&package.normal_name()));
            inventory.packages.push(package);
        }
    }
    Ok(inventory)
}

fn package(document: &Document<'_>, entry: Node, name: &str) -> Package {
    let field = |key: &str| document.text_at(entry, key);
    let at = crate::model::place::Span::at(1, 1);
    let mut package = Package::new(Ecosystem::PyPi, name, None, at);
    let asked = field("version").unwrap_or_default();
    package.version = pin(asked).map(str::to_owned);
    if package.version.is_none() && !asked.is_empty() {
        package.requirement = Some(asked.to_owned());
    }
    let place = |keys: &[&str]| keys.iter().find_map(|key| field(key));
    if let Some(url) = place(&["git", "hg", "svn", "bzr"]) {
        package.source = Source::at(SourceKind::Git, url);
        package.source.commit = field("ref")
            .filter(|commit| is_commit(commit))
            .map(str::to_owned);
    } else if let Some(url) = place(&["file", "path", "uri"]) {
        let web = url.starts_with("http:") || url.starts_with("https:");
        package.source = Source::at(
            if web {
                SourceKind::Url
            } else {
                SourceKind::Path
            },
            url,
        );
    }
    let hashes = document
        .get(entry, "hashes")
        .map_or(&[][..], |list| document.items(list));
    let hashes = hashes.iter().filter_map(|&hash| document.text(hash));
    package.hashes = hashes.map(|hash| Hash::read(hash, "sha256")).collect();
    package
}

/// What the `Pipfile` beside it asks for, in all its sections.
fn asked(beside: &dyn Beside) -> Option<BTreeSet<String>> {
    let asked = asked_beside(beside, Manifest::Pipfile, "Pipfile")?;
    Some(
        asked
            .iter()
            .map(|one| Ecosystem::PyPi.normal(&one.name))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use crate::checkers::dependencies::locks::tests::{check_beside, fails};

    #[test]
    fn sections_and_sources() {
        check_beside(
            "Pipfile.lock",
            r#"{"_meta": {"pipfile-spec": 6},
"default": {
"a": {"hashes": ["sha256:0a"], "version": "==1.0"},
"g": {"git": "https://example.com/g.git", "ref": "0123456789abcdef"},
"u": {"version": "*"},
"own": {"editable": true, "path": "."}},
"develop": {
"A": {"version": "===1.0"},
"x": 1}}"#,
            &[("Pipfile", "[packages]\na = \"*\"\n[requires]\nu = 1\n")],
            "6
3 a 1.0 sha256:0a direct
4 g - git https://example.com/g.git @0123456789abcdef
5 u - asked *
6 own - path .
8 A 1.0 dev direct
9 lost: the entry of `x` is no object",
        );
        fails(
            "Pipfile.lock",
            "{\"_meta\": {\"pipfile-spec\": 7}}",
            "version `7`",
        );
        fails("Pipfile.lock", "{}", "no `_meta`");
    }
}
