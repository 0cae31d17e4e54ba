//! What a checker is: the trait, what it is given, what it may ask the world through ports, and rule metadata.
//! Knows no gate, level, weight or criterion.

pub mod checkouts;
pub mod context;
pub mod database;
pub mod load;
pub mod machine;
pub mod nowhere;
pub mod options;
pub mod page;
pub mod ports;
pub mod registry;
pub mod rule;
pub mod serve;
pub mod target;
pub mod usage;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::model::evidence::Evidence;
use crate::model::fault::Fault;
use crate::model::metric::Metric;
use crate::model::rule::Rule;
use crate::source::file::SourceFile;
use crate::source::tree::FileMeta;

pub use context::Cx;

/// When and where a check concludes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// Computes only: on the pool, right after the file pass. Its result depends on the tree and the options alone.
    Pure,
    /// May wait for a process, the network or git: on a thread of its own, beside the file pass.
    Waits,
    /// A command that writes files that others read: one at a time, after the file pass.
    Writes,
    /// Reads files that commands wrote: after those commands.
    Artifacts,
    /// Measures time or load: last, one at a time, on a quiet machine.
    Measures,
    /// Looks back on the run: after all other gates are judged.
    LooksBack,
}

/// A checker. A value of the implementing type is one configured check.
pub trait Checker: Send + Sync + Sized + 'static {
    /// The name, as gate files write it.
    const NAME: &'static str;
    /// One line for `qgate list`.
    const SUMMARY: &'static str;
    /// Raised whenever `observe` gives other facts for the same file: older cache entries are then misses.
    const REVISION: u32;
    /// Its rules.
    const RULES: &'static [&'static Rule];
    /// All rules that it may find: its own, and those of another checker of its family, where they are explained.
    const FINDS: &'static [&'static Rule] = Self::RULES;
    /// What its page of the documentation says before the options, in Markdown.
    const GUIDE: &'static str = "";
    /// Its metrics. Some are measured with certain options only: see [`Checker::gives`]. Those that the options name are
    /// added by [`Checker::metrics`].
    const METRICS: &'static [Metric];

    /// The options, as gate files write them. Every field has a default; unknown keys are refused.
    type Options: DeserializeOwned + Serialize + schemars::JsonSchema;
    /// What is observed in one file. It holds all that `conclude` needs, so that a cached file is never read again, and
    /// nothing secret.
    type Facts: DeserializeOwned + Serialize;

    /// A configured check.
    ///
    /// # Errors
    /// Says which options do not fit together. What is wrong with one value alone, its type refuses.
    fn new(options: Self::Options) -> Result<Self, String>;

    /// The options it was made with, defaults filled in.
    fn options(&self) -> &Self::Options;

    /// Does the check look into this file? Asked by metadata only, before anything is read.
    fn wants(&self, _file: &FileMeta) -> bool {
        false
    }

    /// What is to know of this file; `None` when there is nothing worth telling. Pure: content, language and class
    /// decide.
    fn observe(&self, _file: &SourceFile) -> Option<Self::Facts> {
        None
    }

    /// Folds the facts into evidence.
    ///
    /// # Errors
    /// When the check cannot know.
    fn conclude(&self, files: &[Observed<'_, Self::Facts>], cx: &Cx<'_>)
    -> Result<Evidence, Fault>;

    /// Where it concludes.
    fn lane(&self) -> Lane {
        Lane::Pure
    }

    /// Is this metric of [`Checker::METRICS`] measured with these options? What is off must not be measured: a criterion
    /// would hold for nothing.
    fn gives(&self, _metric: &str) -> bool {
        true
    }

    /// Metrics that the options name.
    fn metrics(&self) -> Vec<Metric> {
        Vec::new()
    }

    /// Globs of the options that must match some file: one that a user wrote and that matches none is an error.
    fn globs(&self) -> Vec<&options::Glob> {
        Vec::new()
    }
}

/// A file that the check wanted, with what it observed there.
#[derive(Debug)]
pub struct Observed<'a, F> {
    /// The file.
    pub file: &'a FileMeta,
    /// The facts; `None` when `observe` had nothing to tell.
    pub facts: Option<F>,
}
