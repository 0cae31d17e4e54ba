//! Owns `pnpm-lock.yaml`, versions 5 to 9.

use std::collections::BTreeMap;

use crate::checkers::dependencies::inventory::{
    Ecosystem, Hash, Id, Inventory, Package, Source, SourceKind,
};
use crate::checkers::dependencies::locks::text::Text;
use crate::checkers::dependencies::locks::{
    Beside, Unread, dedup, lost, tell_dev, yaml_all, yaml_span,
};
use crate::model::place::Span;
use crate::source::yaml::{Document, Id as Node};

use super::{is_commit, source_of};

/// The maps of an importer, each with whether it is for developers only.
const MAPS: [(&str, bool); 3] = [
    ("dependencies", false),
    ("optionalDependencies", false),
    ("devDependencies", true),
];

pub(in super::super) fn read(text: &Text, _: &dyn Beside) -> Result<Inventory, Unread> {
    let documents = yaml_all(text)?;
    // A document on pnpm itself may stand before that of the project.
    let roots = documents
        .iter()
        .filter_map(|document| Some((document, document.root()?)));
    let versioned =
        roots.filter(|(document, root)| document.get(*root, "lockfileVersion").is_some());
    let is_project = |(document, root): &(&Document, Node)| {
        let importers = document.get(*root, "importers");
        importers.is_some_and(|node| {
            document
                .entries(node)
                .iter()
                .any(|&(key, _)| document.text(key).is_some())
        })
    };
    let all: Vec<(&Document, Node)> = versioned.collect();
    let Some(&(document, root)) = all.iter().rfind(|found| is_project(found)).or(all.last()) else {
        return Err(Unread::new("it has no lockfileVersion"));
    };
    let version = document
        .get(root, "lockfileVersion")
        .and_then(|node| document.text(node));
    let version = version.unwrap_or_default();
    let style = match version.split('.').next() {
        Some("5") => Style::Slashes,
        Some("6" | "9") => Style::At,
        _ => return Err(Unread::version(version)),
    };
    let mut reading = Reading {
        text,
        document,
        style,
        inventory: Inventory {
            version: version.to_owned(),
            declared_empty: true,
            ..Inventory::default()
        },
        keys: BTreeMap::new(),
    };
    reading.packages(root);
    reading.edges(root);
    let (runtime, dev) = reading.importers(root);
    tell_dev(&mut reading.inventory.packages, &runtime, &dev);
    Ok(reading.inventory)
}

/// How a key is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    /// `/name/1.0.0_peer`, or with another registry's host before it.
    Slashes,
    /// `name@1.0.0(peer)`, in version 6 with a `/` before it.
    At,
}

struct Reading<'d> {
    text: &'d Text,
    document: &'d Document,
    style: Style,
    inventory: Inventory,
    /// The packages by their keys, and the first one by its key without peers.
    keys: BTreeMap<String, Id>,
}

impl<'d> Reading<'d> {
    fn text_at(&self, node: Node, key: &str) -> Option<&'d str> {
        self.document.text(self.document.get(node, key)?)
    }

    fn is_true(&self, node: Node, key: &str) -> bool {
        self.text_at(node, key) == Some("true")
    }

    fn span(&self, node: Node) -> Span {
        yaml_span(self.text, self.document, node)
    }

    fn packages(&mut self, root: Node) {
        let Some(packages) = self.document.get(root, "packages") else {
            return;
        };
        for &(key, entry) in self.document.entries(packages) {
            let written = self.document.text(key).unwrap_or_default();
            let at = self.span(key);
            let short = self.style.short(written);
            let (name, version) = self.style.split(short);
            let Some(name) = self.text_at(entry, "name").or(name) else {
                lost(
                    &mut self.inventory,
                    at,
                    format!("the key `{written}` names no package"),
                );
                continue;
            };
            let package = self.package(name, version, entry, at);
            let id = self.inventory.packages.len();
            self.inventory.packages.push(package);
            for key in [without_slash(written), short] {
                self.keys.entry(key.to_owned()).or_insert(id);
            }
        }
    }

    fn package(&self, name: &str, version: Option<&str>, entry: Node, at: Span) -> Package {
        let mut package = Package::new(Ecosystem::Npm, name, None, at);
        let other = version.and_then(source_of);
        let plain = version.filter(|_| other.is_none()).map(str::to_owned);
        package.version = self.text_at(entry, "version").map(str::to_owned).or(plain);
        if let Some(resolution) = self.document.get(entry, "resolution") {
            package.source = self.source(resolution).or(other).unwrap_or_default();
            let integrity = self.text_at(resolution, "integrity").unwrap_or_default();
            package.hashes = integrity
                .split_whitespace()
                .map(|hash| Hash::read(hash, "sha1"))
                .collect();
        } else {
            package.source = other.unwrap_or_default();
        }
        package.deprecated = self.text_at(entry, "deprecated").map(str::to_owned);
        package.install_script = self.is_true(entry, "requiresBuild");
        package.optional = self.is_true(entry, "optional");
        package.dev = self.text_at(entry, "dev").map(|dev| dev == "true");
        package
    }

    fn source(&self, resolution: Node) -> Option<Source> {
        if let Some(commit) = self.text_at(resolution, "commit") {
            let mut source = Source::of(SourceKind::Git);
            source.url = self.text_at(resolution, "repo").map(str::to_owned);
            source.commit = is_commit(commit).then(|| commit.to_owned());
            return Some(source);
        }
        if let Some(folder) = self.text_at(resolution, "directory") {
            return Some(Source::at(SourceKind::Path, folder));
        }
        self.text_at(resolution, "tarball").and_then(source_of)
    }

    /// Who needs whom: as of version 9 in a part of its own, where a package stands once for each set of its peers.
    fn edges(&mut self, root: Node) {
        let part = self.document.get(root, "snapshots");
        let Some(part) = part.or_else(|| self.document.get(root, "packages")) else {
            return;
        };
        for &(key, entry) in self.document.entries(part) {
            let written = self.document.text(key).unwrap_or_default();
            let (full, short) = (without_slash(written), self.style.short(written));
            let Some(&id) = self.keys.get(full).or_else(|| self.keys.get(short)) else {
                continue;
            };
            let mut needs = self.wanted(entry, "dependencies");
            needs.extend(self.wanted(entry, "optionalDependencies"));
            let optional = self.is_true(entry, "optional");
            let package = &mut self.inventory.packages[id];
            package.optional |= optional;
            package.needs.extend(needs);
            dedup(&mut package.needs);
        }
    }

    /// The packages that a map of an entry leads to: the value is a version, or a key as a whole for another name.
    fn wanted(&self, entry: Node, map: &str) -> Vec<Id> {
        let Some(map) = self.document.get(entry, map) else {
            return Vec::new();
        };
        let found = |&(key, value): &(Node, Node)| {
            let name = self.document.text(key)?;
            let told = self
                .document
                .text(value)
                .or_else(|| self.text_at(value, "version"))?;
            self.find(name, told)
        };
        self.document
            .entries(map)
            .iter()
            .filter_map(found)
            .collect()
    }

    fn find(&self, name: &str, told: &str) -> Option<Id> {
        let between = if self.style == Style::Slashes {
            '/'
        } else {
            '@'
        };
        let forms = [told, self.style.short(told)];
        let of_name = |form| self.keys.get(&format!("{name}{between}{form}"));
        let as_key = |form| self.keys.get(without_slash(form));
        let found = forms.into_iter().find_map(of_name);
        found
            .or_else(|| forms.into_iter().find_map(as_key))
            .copied()
    }

    /// The members of the workspace; gives what they ask for, and what they ask for as developers.
    fn importers(&mut self, root: Node) -> (Vec<Id>, Vec<Id>) {
        let several = self.document.get(root, "importers");
        let importers = match several {
            Some(importers) => self.document.entries(importers).to_vec(),
            None => vec![(root, root)],
        };
        let (mut runtime, mut dev) = (Vec::new(), Vec::new());
        for (key, entry) in importers {
            let folder = self.document.text(key).unwrap_or(".");
            let at = if several.is_some() {
                self.span(key)
            } else {
                Span::at(1, 1)
            };
            let mut own = Package::new(Ecosystem::Npm, folder, None, at);
            own.source = Source::of(SourceKind::Workspace);
            for (map, for_dev) in MAPS {
                let wanted = self.wanted(entry, map);
                own.needs.extend(&wanted);
                if for_dev { &mut dev } else { &mut runtime }.extend(wanted);
            }
            dedup(&mut own.needs);
            self.inventory.packages.push(own);
        }
        (runtime, dev)
    }
}

fn without_slash(key: &str) -> &str {
    key.strip_prefix('/').unwrap_or(key)
}

impl Style {
    /// A key or version without the `/` before it and the peers behind it.
    fn short(self, text: &str) -> &str {
        let text = without_slash(text);
        match self {
            Self::At => text.split('(').next().unwrap_or(text),
            Self::Slashes => {
                // Only a version may be followed by peers: a name may have an underscore too.
                let (head, last) = text
                    .rsplit_once('/')
                    .map_or((0, text), |(head, last)| (head.len() + 1, last));
                // The peers' own names may have a `/`, written `+`, so that the last part begins with the version.
                let end = last.find('_').map_or(text.len(), |at| head + at);
                let digit = last.starts_with(|c: char| c.is_ascii_digit());
                if digit { &text[..end] } else { text }
            }
        }
    }

    /// Name and version of a short key.
    fn split(self, key: &str) -> (Option<&str>, Option<&str>) {
        match self {
            Self::At => match super::descriptor(key) {
                Some((name, version)) => (Some(name), Some(version)),
                None => (None, None),
            },
            Self::Slashes => {
                let mut parts: Vec<&str> = key.split('/').collect();
                // Another registry's host stands before the name.
                if parts.len() > 2 && !parts[0].starts_with('@') && parts[0].contains('.') {
                    parts.remove(0);
                }
                let is_version = |text: &&str| text.starts_with(|c: char| c.is_ascii_digit());
                match parts[..] {
                    [scope, name, version, ..] if scope.starts_with('@') => {
                        let from = key.find(scope).unwrap_or(0);
                        let version = Some(version).filter(is_version);
                        let name = key.get(from..from + scope.len() + 1 + name.len());
                        (name.filter(|_| version.is_some()), version)
                    }
                    [name, version, ..] if is_version(&version) => (Some(name), Some(version)),
                    _ => (None, None),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::checkers::dependencies::locks::tests::{check, fails};

    #[test]
    fn version_5_has_slashes() {
        check(
            "pnpm-lock.yaml",
            "lockfileVersion: 5.3
specifiers:
  a: ^1.0.0
dependencies:
  a: 1.0.0_@s+peer@1.0.0
  alias: /real_name/3.0.0
devDependencies:
  '@s/d': 2.0.0
  w: link:../w
  x: github.com/x/y/0123456789abcdef
packages:
  /a/1.0.0_@s+peer@1.0.0:
    resolution: {integrity: sha512-x}
    dependencies:
      '@s/d': 2.0.0
    requiresBuild: true
    dev: false
    deprecated: 'gone'
  /@s/d/2.0.0:
    resolution: {integrity: sha512-y}
    dev: false
  /real_name/3.0.0:
    resolution: {integrity: sha512-z}
    dev: false
    optional: true
  github.com/x/y/0123456789abcdef:
    resolution: {tarball: https://codeload.github.com/x/y/tar.gz/0123456789abcdef}
    name: y
    version: 0.1.0
    dev: true
  file:../z:
    resolution: {directory: ../z, type: directory}
    name: z
    version: 0.2.0
    dev: true
  registry.example.com/@s/e/1.0.0:
    resolution: {integrity: sha512-e, tarball: 'http://registry.example.com/@s/e/-/e-1.0.0.tgz'}
    dev: true
",
            "5.3
12 a 1.0.0 sha512:x deprecated gone direct script > @s/d
19 @s/d 2.0.0 sha512:y direct
22 real_name 3.0.0 sha512:z direct optional
26 y 0.1.0 git https://codeload.github.com/x/y/tar.gz/0123456789abcdef @0123456789abcdef dev direct
31 z 0.2.0 path ../z dev
36 @s/e 1.0.0 http://registry.example.com/@s/e/-/e-1.0.0.tgz sha512:e dev
1 . - workspace > a real_name @s/d y",
        );
    }

    #[test]
    fn version_9_has_snapshots_and_no_dev_flags() {
        check(
            "pnpm-lock.yaml",
            "---
lockfileVersion: '9.0'
importers:
  .:
    configDependencies: {}
packages:
  pnpm@10.0.0:
    resolution: {integrity: sha512-p}
---
lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      a:
        specifier: ^1
        version: 1.0.0(p@1.0.0)
  packages/b:
    devDependencies:
      alias:
        specifier: npm:d@2
        version: d@2.0.0
packages:
  a@1.0.0:
    resolution: {integrity: sha512-x}
  d@2.0.0:
    resolution: {integrity: sha512-y}
  '@s/t@https://codeload.github.com/x/t/tar.gz/0123456789abcdef':
    resolution: {tarball: https://codeload.github.com/x/t/tar.gz/0123456789abcdef}
    version: 0.1.0
snapshots:
  a@1.0.0(p@1.0.0):
    dependencies:
      '@s/t': https://codeload.github.com/x/t/tar.gz/0123456789abcdef
  a@1.0.0(p@2.0.0): {}
  d@2.0.0:
    optional: true
    dependencies:
      a: 1.0.0(p@2.0.0)
",
            "9.0
23 a 1.0.0 sha512:x direct > @s/t
25 d 2.0.0 sha512:y dev direct optional > a
27 @s/t 0.1.0 git https://codeload.github.com/x/t/tar.gz/0123456789abcdef @0123456789abcdef
12 . - workspace > a
17 packages/b - workspace > d",
        );
    }

    #[test]
    fn versions_6_and_others() {
        check(
            "pnpm-lock.yaml",
            "lockfileVersion: '6.0'
dependencies:
  a:
    specifier: 1
    version: 1.0.0(@s/p@1.0.0)
packages:
  /a@1.0.0(@s/p@1.0.0):
    resolution: {integrity: sha512-x}
    dev: false
  /@s/p@1.0.0:
    resolution: {integrity: sha512-y}
    dev: false
",
            "6.0
7 a 1.0.0 sha512:x direct
10 @s/p 1.0.0 sha512:y
1 . - workspace > a",
        );
        fails(
            "pnpm-lock.yaml",
            "lockfileVersion: '10.0'\n",
            "version `10.0`",
        );
        fails("pnpm-lock.yaml", "a: [", "no YAML");
        fails("pnpm-lock.yaml", "", "no lockfileVersion");
    }
}
