//! Owns the options of `bundle`: which files are sent to users, what they are compared with, and which measurements are read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::options::{Folder, Glob, Size};

/// Measures built assets and reads what Lighthouse and users' browsers measured.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// The built files that are sent to users: paths or globs from the root.
    pub assets: Vec<Glob>,
    /// Files among them that are not sent.
    pub exclude: Vec<Glob>,
    /// The largest that one file may be as it lies there.
    pub max_asset: Option<Size>,
    /// What the total was: `bundle_growth` is measured against it.
    pub before: Option<Size>,
    /// Builds the base in a folder of its own: `bundle_growth` is measured against its files.
    pub base: Option<Base>,
    /// Reports of Lighthouse, as JSON. Of several runs of a page the median counts, of several pages the worst.
    pub lighthouse: Vec<Glob>,
    /// Web vitals of real users: a list of `{name, value}`, a map of values, one JSON object a line, or an answer of the `CrUX`
    /// API. The 75th percentile counts.
    pub web_vitals: Vec<Glob>,
    /// Files that the builds read or run. In an untrusted run the check is held back when the change touches one of them, and at
    /// any change when none is named.
    pub inputs: Vec<Glob>,
}

impl Default for Options {
    fn default() -> Self {
        let maps = Glob::new("**/*.map").ok();
        Self {
            assets: Vec::new(),
            exclude: maps.into_iter().collect(),
            max_asset: None,
            before: None,
            base: None,
            lighthouse: Vec::new(),
            web_vitals: Vec::new(),
            inputs: Vec::new(),
        }
    }
}

/// How the base is built.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Base {
    /// A command line for `sh -c` (`cmd /C` on Windows): `npm ci && npm run build`.
    pub build: String,
    /// The folder to run in, from the root.
    #[serde(rename = "in", default)]
    pub folder: Option<Folder>,
}

impl Options {
    /// Do the options fit together?
    ///
    /// # Errors
    /// Says which do not.
    pub fn check(&self) -> Result<(), String> {
        if self.assets.is_empty() && self.lighthouse.is_empty() && self.web_vitals.is_empty() {
            return Err(
                "name `assets` to measure, or reports in `lighthouse` or `web_vitals`".to_owned(),
            );
        }
        if self.assets.is_empty()
            && (self.base.is_some() || self.before.is_some() || self.max_asset.is_some())
        {
            return Err("`before`, `base` and `max_asset` need `assets`".to_owned());
        }
        if self.base.is_some() && self.before.is_some() {
            return Err(
                "`before` and `base` exclude each other: both say what the total was".to_owned(),
            );
        }
        Ok(())
    }
}
