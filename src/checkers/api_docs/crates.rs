//! Owns the question which modules of a crate others can reach, from what its files tell of each other.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::path::RepoPath;
use crate::check::Observed;
use crate::source::tree::FileMeta;

use super::item::{Facts, Item};

/// The crates of a tree.
#[derive(Default)]
pub struct Crates {
    /// Folders with a `Cargo.toml`, and whether each has a library.
    roots: BTreeMap<Vec<u8>, bool>,
    declared: BTreeMap<(Vec<u8>, Vec<String>), (bool, bool)>,
    names: BTreeMap<Vec<u8>, BTreeSet<String>>,
    globs: BTreeMap<Vec<u8>, BTreeSet<String>>,
}

/// Where a file stands in its crate.
pub struct Place {
    root: Vec<u8>,
    module: Vec<String>,
}

impl Crates {
    /// The crates of these files.
    pub fn of(all: &[FileMeta], files: &[Observed<'_, Facts>]) -> Self {
        let mut crates = Self::default();
        for file in all.iter().filter(|file| file.path.name() == b"Cargo.toml") {
            crates.roots.insert(folder(&file.path).to_vec(), false);
        }
        for (root, has_library) in &mut crates.roots {
            let mut path = root.clone();
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend(b"src/lib.rs");
            *has_library = all
                .binary_search_by(|file| file.path.as_bytes().cmp(&path))
                .is_ok();
        }
        for Observed { file, facts } in files {
            let Some(module) = facts.as_ref().and_then(|facts| facts.rust.as_ref()) else {
                continue;
            };
            let Some(place) = crates.place(&file.path) else {
                continue;
            };
            for (name, is_public, is_documented) in &module.declared {
                let mut path = place.module.clone();
                path.push(name.clone());
                let key = (place.root.clone(), path);
                crates.declared.insert(key, (*is_public, *is_documented));
            }
            let names = crates.names.entry(place.root.clone()).or_default();
            names.extend(module.names.iter().cloned());
            let globs = crates.globs.entry(place.root).or_default();
            globs.extend(module.globs.iter().cloned());
        }
        crates
    }

    /// Where a file stands in the library of its crate; `None` for what is no part of one: programs, tests, build scripts. A file of
    /// no crate stands for itself.
    pub fn place(&self, path: &RepoPath) -> Option<Place> {
        let text = path.as_bytes();
        let mut root = folder(path);
        let has_library = loop {
            if let Some(has_library) = self.roots.get(root) {
                break *has_library;
            }
            if root.is_empty() {
                return Some(Place {
                    root: text.to_vec(),
                    module: Vec::new(),
                });
            }
            root = memchr::memrchr(b'/', root).map_or(&b""[..], |at| &root[..at]);
        };
        let inner = if root.is_empty() {
            text
        } else {
            &text[root.len() + 1..]
        };
        let inner = inner.strip_prefix(b"src/")?.strip_suffix(b".rs")?;
        if !has_library || inner == b"main" || inner.starts_with(b"bin/") {
            return None;
        }
        let mut module: Vec<String> = inner
            .split(|byte| *byte == b'/')
            .map(|part| String::from_utf8_lossy(part).into_owned())
            .collect();
        if matches!(module.last().map(String::as_str), Some("mod" | "lib")) {
            module.pop();
        }
        Some(Place {
            root: root.to_vec(),
            module,
        })
    }

    /// Can others reach the module itself: is it public all the way, or exported again?
    pub fn is_reached(&self, place: &Place) -> bool {
        let globs = self.globs.get(&place.root);
        let is_open = |length: usize| {
            let path = place.module[..length].to_vec();
            let name = &place.module[length - 1];
            let declared = self.declared.get(&(place.root.clone(), path));
            declared.is_none_or(|(is_public, _)| *is_public)
                || globs.is_some_and(|globs| globs.contains(name))
        };
        (1..=place.module.len()).all(is_open)
    }

    /// Can others reach an item of this module?
    pub fn reaches(&self, place: &Place, is_module_reached: bool, item: &Item) -> bool {
        let names = self.names.get(&place.root);
        is_module_reached || names.is_some_and(|names| names.contains(&item.owner))
    }

    /// Is the module documented where it is declared?
    pub fn is_documented(&self, place: &Place) -> bool {
        let key = (place.root.clone(), place.module.clone());
        self.declared
            .get(&key)
            .is_some_and(|(_, is_documented)| *is_documented)
    }
}

/// The path of the folder that a file lies in.
pub fn folder(path: &RepoPath) -> &[u8] {
    let text = path.as_bytes();
    memchr::memrchr(b'/', text).map_or(b"", |at| &text[..at])
}
