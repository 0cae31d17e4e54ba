//! Owns `package-lock.json` and `npm-shrinkwrap.json`, versions 1 to 3, and the shrinkwraps before them.

use std::collections::{BTreeMap, BTreeSet};

use crate::checkers::dependencies::inventory::{
    Ecosystem, Hash, Id, Inventory, Package, Source, SourceKind,
};
use crate::checkers::dependencies::locks::text::Text;
use crate::checkers::dependencies::locks::{Beside, Unread, dedup, json, lost};
use crate::source::json::{Document, Id as Node};

use super::{descriptor, licence, source_of, wanted};

/// Where no package's folder is looked for any more: its path is longer than any system takes.
const LONGEST_KEY: usize = 1_024;

/// What is read, with what is needed to find who needs whom.
#[derive(Default)]
struct Reading<'d> {
    inventory: Inventory,
    /// The packages by their folders.
    folders: BTreeMap<String, Id>,
    /// Folders that are links to other ones.
    links: BTreeMap<&'d str, &'d str>,
    /// The folder of a package, and what it asks for.
    wants: Vec<(Id, String, Vec<&'d str>)>,
}

pub(in super::super) fn read(text: &Text, beside: &dyn Beside) -> Result<Inventory, Unread> {
    let document = json(text)?;
    let root = document.root();
    let version = document
        .get(root, "lockfileVersion")
        .map(|node| document.word(node));
    let version = match version {
        None => "0",
        Some(version) => version.unwrap_or_default(),
    };
    if !matches!(version, "0" | "1" | "2" | "3") {
        return Err(Unread::version(version));
    }
    let mut reading = Reading::default();
    version.clone_into(&mut reading.inventory.version);
    reading.inventory.declared_empty = version != "0";
    if let Some(packages) = document.get(root, "packages") {
        folders(text, &document, packages, &mut reading);
    } else if matches!(version, "2" | "3") && document.get(root, "dependencies").is_none() {
        return Err(Unread::new("it has no list of packages"));
    } else {
        tree(text, &document, &mut reading);
        asked(beside, &mut reading);
    }
    link(&mut reading);
    Ok(reading.inventory)
}

/// The list of folders, as of version 2.
fn folders<'d>(text: &Text, document: &'d Document<'_>, packages: Node, reading: &mut Reading<'d>) {
    for &(key, entry) in document.entries(packages) {
        let folder = document.text(key).unwrap_or_default();
        let at = text.span(document.range(key));
        if !document.is_map(entry) {
            lost(
                &mut reading.inventory,
                at,
                format!("the entry of `{folder}` is no object"),
            );
            continue;
        }
        if document.says(entry, "link") {
            let target = document.text_at(entry, "resolved").unwrap_or_default();
            reading.links.insert(folder, target);
            continue;
        }
        let last = folder
            .rfind("node_modules/")
            .map(|at| &folder[at + "node_modules/".len()..]);
        let told = document.text_at(entry, "name");
        let name = told
            .or(last)
            .unwrap_or(if folder.is_empty() { "." } else { folder });
        let version = document.text_at(entry, "version");
        let mut package = Package::new(Ecosystem::Npm, name, version.map(str::to_owned), at);
        let resolved = document.text_at(entry, "resolved").and_then(source_of);
        match last {
            None => package.source = Source::of(SourceKind::Workspace),
            Some(last) => {
                package.source = resolved.unwrap_or_default();
                package.alias = (last != name).then(|| last.to_owned());
            }
        }
        flags(document, entry, &mut package);
        package.bundled = document.says(entry, "inBundle");
        if last.is_some() {
            let optional = document.says(entry, "devOptional") || document.says(entry, "optional");
            package.optional = optional;
            package.dev = Some(document.says(entry, "dev"));
        }
        let own = package.is_own();
        let keys: &[&str] = if own {
            &[
                "dependencies",
                "optionalDependencies",
                "peerDependencies",
                "devDependencies",
            ]
        } else {
            &["dependencies", "optionalDependencies", "peerDependencies"]
        };
        let wants = names(document, entry, keys);
        add(reading, folder.to_owned(), package, wants);
    }
}

/// The tree of version 1: what lies in a package's own folder stands inside its entry.
fn tree<'d>(text: &Text, document: &'d Document<'_>, reading: &mut Reading<'d>) {
    let mut open: Vec<(String, Node)> = vec![(String::new(), document.root())];
    while let Some((parent, node)) = open.pop() {
        let Some(children) = document.get(node, "dependencies") else {
            continue;
        };
        let mut inner = Vec::new();
        for &(key, entry) in document.entries(children) {
            let called = document.text(key).unwrap_or_default();
            let at = text.span(document.range(key));
            if !document.is_map(entry) {
                lost(
                    &mut reading.inventory,
                    at,
                    format!("the entry of `{called}` is no object"),
                );
                continue;
            }
            let written = document.text_at(entry, "version").unwrap_or_default();
            let alias = written.strip_prefix("npm:").and_then(descriptor);
            let (name, version) = alias.unwrap_or((called, written));
            let mut package = Package::new(Ecosystem::Npm, name, None, at);
            package.alias = alias.map(|_| called.to_owned());
            if let Some(source) = source_of(version) {
                package.source = source;
            } else {
                package.version = (!version.is_empty()).then(|| version.to_owned());
                let resolved = document.text_at(entry, "resolved").and_then(source_of);
                package.source = resolved.unwrap_or_default();
            }
            flags(document, entry, &mut package);
            package.bundled = document.says(entry, "bundled");
            package.optional = document.says(entry, "optional");
            package.dev = Some(document.says(entry, "dev"));
            let folder = if parent.is_empty() {
                format!("node_modules/{called}")
            } else {
                format!("{parent}/node_modules/{called}")
            };
            inner.push((folder.clone(), entry));
            let wants = names(document, entry, &["requires"]);
            add(reading, folder, package, wants);
        }
        open.extend(inner.into_iter().rev());
    }
}

/// What the entries of all versions have.
fn flags(document: &Document<'_>, entry: Node, package: &mut Package) {
    let integrity = document.text_at(entry, "integrity").unwrap_or_default();
    package.hashes = integrity
        .split_whitespace()
        .map(|hash| Hash::read(hash, "sha1"))
        .collect();
    package.licence = licence(document, entry);
    package.install_script = document.says(entry, "hasInstallScript");
    package.deprecated = document.text_at(entry, "deprecated").map(str::to_owned);
}

fn names<'d>(document: &'d Document<'_>, entry: Node, keys: &[&str]) -> Vec<&'d str> {
    let maps = keys.iter().filter_map(|key| document.get(entry, key));
    let entries = maps.flat_map(|map| document.entries(map));
    entries.filter_map(|&(key, _)| document.text(key)).collect()
}

fn add<'d>(reading: &mut Reading<'d>, folder: String, package: Package, wants: Vec<&'d str>) {
    let id = reading.inventory.packages.len();
    reading.inventory.packages.push(package);
    reading.wants.push((id, folder.clone(), wants));
    reading.folders.entry(folder).or_insert(id);
}

/// Says who needs whom: a package finds another one in its own folder, or in that of one around it.
fn link(reading: &mut Reading<'_>) {
    for (id, folder, wants) in &reading.wants {
        let mut needs: Vec<Id> = wants
            .iter()
            .filter_map(|name| find(reading, folder, name))
            .collect();
        dedup(&mut needs);
        reading.inventory.packages[*id].needs = needs;
    }
}

fn find(reading: &Reading<'_>, folder: &str, name: &str) -> Option<Id> {
    if folder.len() + name.len() > LONGEST_KEY {
        return None;
    }
    let mut around = folder;
    loop {
        let inner = if around.is_empty() {
            format!("node_modules/{name}")
        } else {
            format!("{around}/node_modules/{name}")
        };
        let target = reading.links.get(&*inner).copied().unwrap_or(&inner);
        if let Some(id) = reading.folders.get(target) {
            return Some(*id);
        }
        if around.is_empty() {
            return None;
        }
        around = match around.rfind("/node_modules/") {
            Some(at) => &around[..at],
            None if around.starts_with("node_modules/") => "",
            None => around.rfind('/').map_or("", |at| &around[..at]),
        };
    }
}

/// Version 1 does not tell what the project itself asks for; its manifest does.
fn asked(beside: &dyn Beside, reading: &mut Reading<'_>) {
    let Some(wanted) = wanted(beside) else {
        return;
    };
    let wanted: BTreeSet<&str> = wanted.iter().map(|one| one.name.as_str()).collect();
    for (id, folder, _) in &reading.wants {
        let name = folder.strip_prefix("node_modules/").unwrap_or_default();
        let direct = wanted.contains(name);
        reading.inventory.packages[*id].direct = Some(direct);
    }
}

#[cfg(test)]
mod tests {
    use crate::checkers::dependencies::locks::tests::{check, check_beside, fails};

    #[test]
    fn version_1_is_a_tree() {
        check_beside(
            "package-lock.json",
            r#"{"lockfileVersion": 1, "requires": true, "dependencies": {
"a": {"version": "1.0.0", "resolved": "https://registry.npmjs.org/a/-/a-1.0.0.tgz", "integrity": "sha512-x sha1-y",
"requires": {"b": "^1", "c": "1"}, "dependencies": {
"b": {"version": "1.0.0", "bundled": true, "dev": true}}},
"b": {"version": "2.0.0", "optional": true},
"c": {"version": "npm:@s/real@3.0.0"},
"g": {"version": "git+https://github.com/x/g.git#0123456789", "from": "g@x/g"}}}"#,
            &[(
                "package.json",
                r#"{"dependencies": {"a": "1"}, "devDependencies": {"b": "2"}}"#,
            )],
            "1
2 a 1.0.0 https://registry.npmjs.org/a/-/a-1.0.0.tgz sha512:x sha1:y direct > b @s/real
5 b 2.0.0 direct optional
6 @s/real 3.0.0 as c
7 g - git git+https://github.com/x/g.git#0123456789 @0123456789
4 b 1.0.0 dev bundled",
        );
    }

    #[test]
    fn version_3_is_a_list_of_folders() {
        check(
            "package-lock.json",
            r#"{"lockfileVersion": 3, "packages": {
"": {"name": "own", "workspaces": ["w"], "dependencies": {"a": "1"}, "devDependencies": {"w": "*"}},
"node_modules/a": {"version": "1.0.0", "hasInstallScript": true, "license": "MIT", "deprecated": "gone",
"dependencies": {"b": "1"}, "peerDependencies": {"missing": "1"}},
"node_modules/a/node_modules/b": {"version": "1.0.0", "inBundle": true, "license": {"type": "ISC"}},
"node_modules/b": {"name": "@s/real", "version": "2.0.0", "devOptional": true, "licenses": [{"type": "MIT"}, "X"]},
"node_modules/w": {"resolved": "w", "link": true},
"node_modules/absent": {"optional": true, "dev": true},
"w": {"version": "0.1.0", "dependencies": {"b": "2"}}}}"#,
            "3
2 own - workspace > a w
3 a 1.0.0 licence MIT deprecated gone direct script > b
5 b 1.0.0 licence ISC bundled
6 @s/real 2.0.0 as b licence MIT OR X direct optional
8 absent - dev optional
9 w 0.1.0 workspace > @s/real",
        );
    }

    #[test]
    fn what_is_not_understood_is_said() {
        fails(
            "package-lock.json",
            r#"{"lockfileVersion": 4, "packages": {}}"#,
            "version `4`",
        );
        fails("package-lock.json", r#"{"lockfileVersion": 3}"#, "no list");
        fails("package-lock.json", "{}", "no package");
        fails("package-lock.json", "[", "no JSON");
        check(
            "npm-shrinkwrap.json",
            r#"{"name": "own", "dependencies": {"a": {"version": "1.0.0", "from": "a@1"}, "b": 1}}"#,
            "0\n1 a 1.0.0\n1 lost: the entry of `b` is no object",
        );
        check(
            "package-lock.json",
            r#"{"name": "own", "lockfileVersion": 1}"#,
            "1",
        );
    }

    #[test]
    fn a_long_tree_takes_linear_time() {
        let mut text = String::from("{\"lockfileVersion\": 3, \"packages\": {");
        let mut key = String::new();
        for _ in 0..200 {
            key += "/node_modules/a";
            text += &format!(
                "\"{}\": {{\"dependencies\": {{\"b\": 1, \"c\": 2}}}},",
                &key[1..]
            );
        }
        text += "}}";
        let started = std::time::Instant::now();
        let format = crate::checkers::dependencies::locks::Format::NpmLock;
        let read = crate::checkers::dependencies::locks::read;
        let inventory = read(
            format,
            "x",
            text.as_bytes(),
            &crate::checkers::dependencies::locks::Alone,
        );
        assert_eq!(inventory.expect("it can be read").packages.len(), 200);
        assert!(started.elapsed().as_secs() < 2);
    }
}
