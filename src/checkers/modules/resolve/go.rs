//! Owns where imports of Go lead: to the files of a package's folder.

use std::collections::BTreeMap;

use crate::source::language::Language;
use crate::source::tree::SourceTree;

use super::Read;
use super::node::content;
use super::paths::{folder, join, name};

/// The modules of a tree, by the path that imports begin with.
pub struct Modules {
    modules: BTreeMap<String, String>,
    /// The files of each folder that others may import.
    packages: BTreeMap<String, Vec<usize>>,
}

impl Modules {
    /// Reads all `go.mod`.
    pub fn new(files: &[Read<'_>], tree: &dyn SourceTree) -> Self {
        let mut packages: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, file) in files.iter().enumerate() {
            let is_code = file.facts.language == Language::Go && !file.path.ends_with("_test.go");
            if is_code {
                packages
                    .entry(folder(file.path).to_owned())
                    .or_default()
                    .push(at);
            }
        }
        let mut modules = BTreeMap::new();
        for file in tree.files() {
            let Ok(path) = std::str::from_utf8(file.path.as_bytes()) else {
                continue;
            };
            if name(path) != "go.mod" || file.class.vendored {
                continue;
            }
            let text = content(file, tree).unwrap_or_default();
            let named = text
                .lines()
                .find_map(|line| line.trim().strip_prefix("module "));
            if let Some(named) = named {
                let named = named.split("//").next().unwrap_or_default();
                let named = named.trim().trim_matches('"').to_owned();
                modules.insert(named, folder(path).to_owned());
            }
        }
        Self { modules, packages }
    }

    /// The files of the package that an import names.
    pub fn resolve(&self, from: &str, target: &str) -> Vec<usize> {
        let at = if target.starts_with("./") || target.starts_with("../") {
            join(folder(from), target)
        } else {
            let mut prefix = target;
            loop {
                if let Some(at) = self.modules.get(prefix) {
                    break join(at, target[prefix.len()..].trim_start_matches('/'));
                }
                match prefix.rsplit_once('/') {
                    Some((above, _)) => prefix = above,
                    None => break None,
                }
            }
        };
        at.and_then(|at| self.packages.get(&at))
            .cloned()
            .unwrap_or_default()
    }
}
