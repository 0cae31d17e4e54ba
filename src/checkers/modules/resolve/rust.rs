//! Owns the crates of Rust: which files they are made of, as which modules, and where paths lead in them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::source::language::Language;
use crate::source::tree::SourceTree;

use super::Read;
use super::node::content;
use super::paths::{Paths, folder, join, name, upward};
use super::python::below;

/// The crates of a tree.
#[derive(Default)]
pub struct Crates {
    /// The modules of each crate by their paths; the crate itself has an empty one.
    modules: Vec<BTreeMap<String, usize>>,
    /// In which crate each file is, and as which module; of several the first.
    place: BTreeMap<usize, (usize, String)>,
    /// The crate of each library, by its name in paths.
    libraries: BTreeMap<String, usize>,
    /// Folders of packages that leave files open: modules that a macro or a build script names.
    open: BTreeSet<String>,
    packages: BTreeSet<String>,
    /// The files of each folder, and the `main.rs` of its folders.
    targets: BTreeMap<String, Vec<usize>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Manifest {
    package: Option<Package>,
    lib: Option<Target>,
    bin: Vec<Target>,
    test: Vec<Target>,
    bench: Vec<Target>,
    example: Vec<Target>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Package {
    name: String,
    build: Option<toml::Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Target {
    name: Option<String>,
    path: Option<String>,
}

/// At most so many manifests are read.
const MOST: usize = 5_000;

/// No module lies deeper.
const DEEPEST: usize = 200;

impl Crates {
    /// Reads the manifests of a tree and follows the modules from the roots of crates.
    pub fn new(files: &[Read<'_>], paths: &Paths<'_>, tree: &dyn SourceTree) -> Self {
        let mut crates = Self::default();
        for (number, file) in files.iter().enumerate() {
            if file.facts.language == Language::Rust {
                let own = folder(file.path);
                let mut add = |target: &str| {
                    let all = crates.targets.entry(target.to_owned()).or_default();
                    all.push(number);
                };
                add(own);
                if name(file.path) == "main.rs" {
                    add(folder(own));
                }
            }
        }
        for file in tree
            .files()
            .iter()
            .filter(|file| file.path.name() == b"Cargo.toml")
            .take(MOST)
        {
            let Ok(path) = std::str::from_utf8(file.path.as_bytes()) else {
                continue;
            };
            let text = content(file, tree).unwrap_or_default();
            let Ok(manifest) = toml::from_str::<Manifest>(&text) else {
                continue;
            };
            if let Some(package) = &manifest.package {
                let at = folder(path);
                crates.packages.insert(at.to_owned());
                crates.package(at, package, &manifest, files, paths);
            }
        }
        crates
    }

    fn package(
        &mut self,
        at: &str,
        package: &Package,
        manifest: &Manifest,
        files: &[Read<'_>],
        paths: &Paths<'_>,
    ) {
        let lib = manifest.lib.as_ref();
        let lib_path = lib
            .and_then(|lib| lib.path.as_deref())
            .unwrap_or("src/lib.rs");
        let mut roots: Vec<usize> = Vec::new();
        if let Some(root) = join(at, lib_path).and_then(|path| paths.module(&path)) {
            let name = lib.and_then(|lib| lib.name.clone());
            let name = name
                .unwrap_or_else(|| package.name.clone())
                .replace('-', "_");
            self.libraries.insert(name, self.modules.len());
            roots.push(root);
        }
        let build = match &package.build {
            Some(toml::Value::String(path)) => path.as_str(),
            _ => "build.rs",
        };
        let targets = [
            &manifest.bin,
            &manifest.test,
            &manifest.bench,
            &manifest.example,
        ];
        let named = targets
            .into_iter()
            .flatten()
            .filter_map(|target| target.path.as_deref());
        for path in named.chain(["src/main.rs", build]) {
            roots.extend(join(at, path).and_then(|path| paths.module(&path)));
        }
        // Each file of these folders is a crate, and each folder with a `main.rs`.
        for target in ["src/bin", "tests", "benches", "examples"] {
            let all = self.targets.get(&below(at, target));
            roots.extend(all.into_iter().flatten());
        }
        for root in roots {
            if !self
                .place
                .get(&root)
                .is_some_and(|(_, module)| module.is_empty())
            {
                self.follow(root, files, paths);
            }
        }
    }

    /// Follows the modules of a crate from its root.
    fn follow(&mut self, root: usize, files: &[Read<'_>], paths: &Paths<'_>) {
        let number = self.modules.len();
        let mut modules = BTreeMap::new();
        let mut seen = BTreeSet::new();
        // A file, the module it is, the folder in which its modules lie, and how deep.
        let own = folder(files[root].path).to_owned();
        let mut waiting = vec![(root, String::new(), own, 0)];
        while let Some((at, module, inner, depth)) = waiting.pop() {
            if depth > DEEPEST || !seen.insert((at, module.clone())) {
                continue;
            }
            modules.entry(module.clone()).or_insert(at);
            self.place
                .entry(at)
                .or_insert_with(|| (number, module.clone()));
            let Read { path, facts } = files[at];
            if facts.loads_by_name {
                self.open.insert(folder(path).to_owned());
            }
            for part in &facts.parts {
                let Some((last, around)) = part.module.split_last() else {
                    let file = part
                        .file
                        .as_deref()
                        .and_then(|file| join(folder(path), file));
                    if let Some(file) = file.and_then(|file| paths.module(&file)) {
                        waiting.push((file, module.clone(), inner.clone(), depth + 1));
                    }
                    continue;
                };
                let around = around.join("/");
                let found = match &part.file {
                    Some(file) => {
                        let from = if part.inline == 0 {
                            Some(folder(path).to_owned())
                        } else {
                            join(&inner, &around)
                        };
                        let file = from.and_then(|from| join(&from, file));
                        file.and_then(|file| paths.module(&file))
                            .map(|found| (found, true))
                    }
                    None => join(&inner, &around).and_then(|from| {
                        let flat = paths.module(&below(&from, &format!("{last}.rs")));
                        let nested = || paths.module(&below(&from, &format!("{last}/mod.rs")));
                        flat.map(|found| (found, false))
                            .or_else(|| Some((nested()?, true)))
                    }),
                };
                let Some((found, is_folder)) = found else {
                    continue;
                };
                let own = files[found].path;
                let inner = if is_folder {
                    folder(own).to_owned()
                } else {
                    own.trim_end_matches(".rs").to_owned()
                };
                let whole = part.module.join("::");
                let whole = if module.is_empty() {
                    whole
                } else {
                    format!("{module}::{whole}")
                };
                waiting.push((found, whole, inner, depth + 1));
            }
        }
        self.modules.push(modules);
    }

    /// The files that a path leads to.
    pub fn resolve(&self, from: usize, target: &str) -> Vec<usize> {
        let Some((own, module)) = self.place.get(&from) else {
            return Vec::new();
        };
        let mut parts = target.split("::").peekable();
        let (at, mut base): (usize, Vec<&str>) = match parts.peek() {
            Some(&"crate") => {
                parts.next();
                (*own, Vec::new())
            }
            Some(&("self" | "super")) => (
                *own,
                module.split("::").filter(|part| !part.is_empty()).collect(),
            ),
            Some(first) => match self.libraries.get(*first) {
                Some(library) if library != own => {
                    parts.next();
                    (*library, Vec::new())
                }
                _ => {
                    // A name of this module: only one that is a module leads to a file.
                    let base: Vec<&str> =
                        module.split("::").filter(|part| !part.is_empty()).collect();
                    let child = base.iter().chain(std::iter::once(first)).copied();
                    let child: Vec<&str> = child.collect();
                    if !self.modules[*own].contains_key(&child.join("::")) {
                        return Vec::new();
                    }
                    (*own, base)
                }
            },
            None => return Vec::new(),
        };
        for part in parts {
            match part {
                "self" => {}
                "super" => {
                    base.pop();
                }
                part => base.push(part),
            }
        }
        // What follows the last module is an item of it.
        loop {
            if let Some(found) = self.modules[at].get(&base.join("::")) {
                return vec![*found];
            }
            if base.pop().is_none() {
                return Vec::new();
            }
        }
    }

    /// Is the file of Rust part of no crate, though it lies in a package that names all its files?
    pub fn is_lost(&self, at: usize, path: &str) -> bool {
        if self.place.contains_key(&at) || self.packages.is_empty() {
            return false;
        }
        let package = upward(folder(path)).find(|at| self.packages.contains(*at));
        let is_open = upward(folder(path)).any(|at| self.open.contains(at));
        package.is_some_and(|package| path.starts_with(&below(package, "src/"))) && !is_open
    }
}
