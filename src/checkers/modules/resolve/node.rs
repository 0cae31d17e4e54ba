//! Owns where names of JavaScript and TypeScript lead: files beside, names of configurations, packages of the tree.

use std::collections::BTreeMap;

use crate::source::tree::{FileMeta, SourceTree};

use super::package::Package;
use super::paths::{Paths, folder, join, name, upward};
use super::tsconfig::{self, Configs, Said};

/// The endings that may be left out, in the order in which they are tried.
const ENDINGS: &[&str] = &[
    "ts",
    "tsx",
    "d.ts",
    "mts",
    "cts",
    "js",
    "jsx",
    "mjs",
    "cjs",
    "vue",
    "svelte",
    "native.ts",
    "native.tsx",
    "web.ts",
    "web.tsx",
    "ios.ts",
    "ios.tsx",
    "android.ts",
    "android.tsx",
    "native.js",
    "ios.js",
    "android.js",
];

/// What stands in the source for an ending that the compiler writes.
const COMPILED: &[(&str, &[&str])] = &[
    (".js", &[".ts", ".tsx", ".d.ts"]),
    (".jsx", &[".tsx"]),
    (".mjs", &[".mts", ".d.mts"]),
    (".cjs", &[".cts", ".d.cts"]),
];

/// Folders that a build writes.
const BUILT: &[&str] = &["dist", "lib", "build", "out", "esm", "cjs", "es", "es6"];

/// A manifest or a configuration larger than this, in bytes, is not read.
const LARGEST: u64 = 1 << 20;

/// At most so many manifests and so many configurations are read.
const MOST: usize = 5_000;

/// What tells where names lead.
pub struct Node {
    configs: Configs,
    /// By folder.
    packages: BTreeMap<String, Package>,
    /// The folder of each name.
    named: BTreeMap<String, String>,
}

impl Node {
    /// Reads the manifests and configurations of a tree.
    pub fn new(tree: &dyn SourceTree) -> Self {
        let mut said = BTreeMap::new();
        let mut packages = BTreeMap::new();
        let mut named = BTreeMap::new();
        for file in tree.files() {
            let Ok(path) = std::str::from_utf8(file.path.as_bytes()) else {
                continue;
            };
            let own = name(path);
            let is_config = (own.starts_with("tsconfig") || own.starts_with("jsconfig"))
                && file.path.extension() == Some(b"json");
            if !(own == "package.json" || is_config) || file.class.vendored {
                continue;
            }
            if is_config && said.len() < MOST {
                let read = content(file, tree).and_then(|text| Said::read(path, &text));
                said.extend(read.map(|read| (path.to_owned(), read)));
            }
            if own == "package.json" && packages.len() < MOST {
                let read = content(file, tree).and_then(|text| Package::read(&text));
                let Some(package) = read else { continue };
                let at = folder(path).to_owned();
                let is_copy = file.class.test && named.contains_key(&package.name);
                if !(package.name.is_empty() || is_copy) {
                    named.insert(package.name.clone(), at.clone());
                }
                packages.insert(at, package);
            }
        }
        Self {
            configs: tsconfig::configs(&said),
            packages,
            named,
        }
    }

    /// The module that a name leads to.
    pub fn resolve(&self, from: &str, target: &str, paths: &Paths<'_>) -> Option<usize> {
        let own = folder(from);
        if target.starts_with("./") || target.starts_with("../") || matches!(target, "." | "..") {
            return self.at(&join(own, target)?, paths);
        }
        if target.starts_with('#')
            && let Some((at, package)) = self.package_of(own)
        {
            let targets = Package::targets(&package.imports, target);
            let found = targets
                .iter()
                .find_map(|target| self.built(at, target, paths));
            if found.is_some() {
                return found;
            }
        }
        for at in upward(own) {
            for config in self.configs.get(at).into_iter().flatten() {
                let targets = config.targets(target);
                let found = targets.iter().find_map(|target| self.at(target, paths));
                if found.is_some() {
                    return found;
                }
            }
        }
        self.in_package(target, paths).or_else(|| {
            // What bundlers are told in code is mostly this.
            let rest = target
                .strip_prefix("@/")
                .or_else(|| target.strip_prefix("~/"))?;
            let (at, _) = self
                .package_of(own)
                .map_or(("", None), |(at, p)| (at, Some(p)));
            let within = |folder: &str| self.at(&join(&join(at, folder)?, rest)?, paths);
            within("src")
                .or_else(|| within("app"))
                .or_else(|| within("."))
        })
    }

    /// The module that a package of the tree, or a subpath of it, leads to.
    fn in_package(&self, target: &str, paths: &Paths<'_>) -> Option<usize> {
        let parts = if target.starts_with('@') { 2 } else { 1 };
        let end = target.match_indices('/').nth(parts - 1).map(|(at, _)| at);
        let (name, rest) = end.map_or((target, ""), |end| target.split_at(end));
        let at = self.named.get(name)?;
        let package = self.packages.get(at)?;
        let subpath = format!(".{rest}");
        let targets = Package::targets(&package.exports, &subpath);
        let said = targets
            .iter()
            .find_map(|target| self.built(at, target, paths));
        said.or_else(|| {
            let rest = rest.trim_start_matches('/');
            let within = |folder: &str| self.at(&join(&join(at, folder)?, rest)?, paths);
            within(".").or_else(|| within("src"))
        })
    }

    /// The module that a file of a package is, or that it is built from.
    fn built(&self, package: &str, target: &str, paths: &Paths<'_>) -> Option<usize> {
        let path = join(package, target)?;
        if let Some(found) = self.at(&path, paths) {
            return Some(found);
        }
        let inside = path.strip_prefix(package)?.trim_start_matches('/');
        let stem = inside.rsplit_once('/').map_or(inside, |(_, name)| name);
        let stem = stem.split_once('.').map_or(stem, |(stem, _)| stem);
        let mut parts: Vec<&str> = inside.split('/').collect();
        parts.pop();
        while parts.first().is_some_and(|first| BUILT.contains(first)) {
            parts.remove(0);
        }
        let below = parts.join("/");
        for source in ["src", "", "source", "lib"] {
            let at = join(&join(&join(package, source)?, &below)?, stem)?;
            if let Some(found) = self.at(&at, paths) {
                return Some(found);
            }
        }
        None
    }

    /// The module at a path whose ending, or whose `index`, may be left out.
    fn at(&self, path: &str, paths: &Paths<'_>) -> Option<usize> {
        if let Some(found) = paths.module(path) {
            return Some(found);
        }
        if paths.has_file(path) {
            // A file that is no module: a picture, a style sheet.
            return None;
        }
        let compiled = COMPILED.iter().find_map(|(end, sources)| {
            let stem = path.strip_suffix(end)?;
            let mut sources = sources.iter();
            sources.find_map(|source| paths.module(&format!("{stem}{source}")))
        });
        let mut endings = ENDINGS.iter();
        compiled
            .or_else(|| endings.find_map(|ending| paths.module(&format!("{path}.{ending}"))))
            .or_else(|| {
                if !paths.has_folder(path) {
                    return None;
                }
                let own = self.packages.get(path).and_then(|package| {
                    let targets = Package::targets(&package.exports, ".");
                    let mut targets = targets.iter().filter_map(|target| join(path, target));
                    targets.find_map(|target| {
                        let mut endings = ENDINGS.iter();
                        paths.module(&target).or_else(|| {
                            endings.find_map(|end| paths.module(&format!("{target}.{end}")))
                        })
                    })
                });
                let index = if path.is_empty() {
                    "index".to_owned()
                } else {
                    format!("{path}/index")
                };
                let mut endings = ENDINGS.iter();
                own.or_else(|| {
                    endings.find_map(|ending| paths.module(&format!("{index}.{ending}")))
                })
            })
    }

    /// The package that a folder belongs to.
    fn package_of<'s>(&'s self, folder: &'s str) -> Option<(&'s str, &'s Package)> {
        upward(folder).find_map(|at| Some((at, self.packages.get(at)?)))
    }

    /// The modules that manifests name: where packages begin.
    pub fn entries(&self, paths: &Paths<'_>) -> Vec<usize> {
        let all = self.packages.iter();
        let all = all.flat_map(|(at, package)| package.files.iter().map(move |file| (at, file)));
        all.filter_map(|(at, file)| self.built(at, file, paths))
            .collect()
    }
}

/// The text of a manifest.
pub(super) fn content(file: &FileMeta, tree: &dyn SourceTree) -> Option<String> {
    if !file.is_file() || file.size > LARGEST {
        return None;
    }
    let bytes = tree.read(file).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    Some(text.trim_start_matches('\u{feff}').to_owned())
}
