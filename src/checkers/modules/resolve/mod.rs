//! Owns where imports lead: to which files of the tree.

mod go;
mod java;
mod node;
mod package;
mod paths;
mod python;
mod rust;
mod tsconfig;

use crate::source::language::Language;
use crate::source::tree::SourceTree;

use super::facts::{Facts, Import};

pub use paths::Paths;
pub use rust::Crates;

/// A file whose imports were read.
pub struct Read<'a> {
    /// Its path.
    pub path: &'a str,
    /// What was read.
    pub facts: &'a Facts,
}

/// What imports of all languages lead to.
pub struct Resolver<'a> {
    paths: Paths<'a>,
    python: python::Roots,
    node: node::Node,
    go: go::Modules,
    java: java::Packages<'a>,
    /// Which files belong to which crate of Rust, and as what.
    pub crates: Crates,
}

impl<'a> Resolver<'a> {
    /// Reads what tells where names lead: manifests, configurations, the files themselves.
    pub fn new(files: &'a [Read<'a>], tree: &'a dyn SourceTree) -> Self {
        let paths = Paths::new(files, tree);
        Self {
            python: python::Roots::new(files, &paths),
            node: node::Node::new(tree),
            go: go::Modules::new(files, tree),
            java: java::Packages::new(files),
            crates: Crates::new(files, &paths, tree),
            paths,
        }
    }

    /// The files where packages of npm begin.
    pub fn entries(&self) -> Vec<usize> {
        self.node.entries(&self.paths)
    }

    /// Is it a file of Python in a package with an `__init__.py`?
    pub fn is_in_package(&self, path: &str) -> bool {
        let folder = paths::folder(path);
        !folder.is_empty() && self.paths.has_file(&format!("{folder}/__init__.py"))
    }

    /// The files that an import of a file leads to.
    pub fn resolve(&self, from: usize, files: &[Read<'_>], import: &Import) -> Vec<usize> {
        let path = files[from].path;
        let mut found = match files[from].facts.language {
            Language::Python => self.python.resolve(path, import, &self.paths),
            Language::Rust => self.crates.resolve(from, &import.target),
            Language::Go => self.go.resolve(path, &import.target),
            Language::Java => self.java.resolve(import),
            _ => {
                let found = self.node.resolve(path, &import.target, &self.paths);
                found.into_iter().collect()
            }
        };
        found.sort_unstable();
        found.dedup();
        found
    }
}
