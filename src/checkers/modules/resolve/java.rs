//! Owns where imports of Java lead: by the package and the name that each file has.

use std::collections::BTreeMap;

use crate::checkers::modules::facts::Import;
use crate::source::language::Language;

use super::Read;
use super::paths::name;

/// The files of each package, by the type that each is named for.
pub struct Packages<'a>(BTreeMap<&'a str, BTreeMap<&'a str, Vec<usize>>>);

impl<'a> Packages<'a> {
    /// Of all files.
    pub fn new(files: &'a [Read<'a>]) -> Self {
        let mut packages: BTreeMap<&str, BTreeMap<&str, Vec<usize>>> = BTreeMap::new();
        for (at, file) in files.iter().enumerate() {
            if file.facts.language == Language::Java && !file.facts.package.is_empty() {
                let class = name(file.path).trim_end_matches(".java");
                let package = packages.entry(&file.facts.package).or_default();
                package.entry(class).or_default().push(at);
            }
        }
        Self(packages)
    }

    /// The files that hold what an import names.
    pub fn resolve(&self, import: &Import) -> Vec<usize> {
        if !import.names.is_empty() {
            // All of a package, or all members of a type.
            let all = self.0.get(import.target.as_str());
            if let Some(all) = all {
                return all.values().flatten().copied().collect();
            }
        }
        // The longest package: what follows is a type, and a type within it.
        let mut package = import.target.as_str();
        while let Some((above, _)) = package.rsplit_once('.') {
            package = above;
            if let Some(types) = self.0.get(package) {
                let rest = &import.target[package.len() + 1..];
                let class = rest.split('.').next().unwrap_or(rest);
                return types.get(class).cloned().unwrap_or_default();
            }
        }
        Vec::new()
    }
}
