//! Owns what a gate file can say of modules: layers, imports that are forbidden, limits.

use serde::{Deserialize, Serialize};

use crate::check::options::Glob;

/// The options of the check.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Layers, the highest first: a module of one may import those of its own and of lower ones, never of a higher one.
    pub layers: Vec<Layer>,
    /// Imports that must not be.
    pub forbidden: Vec<Forbidden>,
    /// The most modules of this repository that a module may import; 0 for no limit.
    pub max_fan_out: usize,
    /// Are modules looked for that nothing uses?
    pub unreferenced: bool,
    /// Files that something outside uses: no module of theirs is unreferenced.
    pub entries: Vec<Glob>,
    /// Are tests, fixtures and examples judged, too?
    pub tests: bool,
}

/// One layer.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Layer {
    /// What it is called.
    pub name: String,
    /// The files that belong to it.
    pub paths: Vec<Glob>,
}

/// Imports that must not be.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Forbidden {
    /// The files that must not import it.
    pub from: Glob,
    /// The files that must not be imported.
    #[serde(default)]
    pub to: Option<Glob>,
    /// Packages of others that must not be imported, as imports name them: `requests`, `lodash`, `net/http`.
    #[serde(default)]
    pub packages: Vec<String>,
    /// Are imports for types alone allowed?
    #[serde(default)]
    pub types: bool,
    /// Why not, and what is used instead.
    #[serde(default)]
    pub reason: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            layers: Vec::new(),
            forbidden: Vec::new(),
            max_fan_out: 0,
            unreferenced: true,
            entries: Vec::new(),
            tests: false,
        }
    }
}

impl Options {
    /// What does not fit together.
    ///
    /// # Errors
    /// Says it.
    pub fn check(&self) -> Result<(), String> {
        if self.layers.len() == 1 {
            return Err("one layer alone forbids nothing: name a second one".to_owned());
        }
        if let Some(layer) = self.layers.iter().find(|layer| layer.paths.is_empty()) {
            return Err(format!("the layer `{}` has no `paths`", layer.name));
        }
        for (at, one) in self.forbidden.iter().enumerate() {
            if one.to.is_none() && one.packages.is_empty() {
                let number = at + 1;
                return Err(format!(
                    "entry {number} of `forbidden` says nothing to keep out: add `to` or `packages`"
                ));
            }
        }
        Ok(())
    }

    /// The globs that must match some file.
    pub fn globs(&self) -> Vec<&Glob> {
        let layers = self.layers.iter().flat_map(|layer| &layer.paths);
        let forbidden = self.forbidden.iter();
        let forbidden = forbidden.flat_map(|one| std::iter::once(&one.from).chain(&one.to));
        layers.chain(forbidden).chain(&self.entries).collect()
    }
}
