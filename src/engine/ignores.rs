//! Owns the looking for inline waivers in the files of a run: beside the checks in the file pass, and by itself in a file with
//! a finding that no check looked into. Knows no rule.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::base::node::{Kind, Node, Origin, Text};
use crate::check::registry::{Check, CheckerInfo};
use crate::check::{Checker, Cx, Observed};
use crate::model::evidence::Evidence;
use crate::model::fault::Fault;
use crate::model::metric::Metric;
use crate::model::rule::Rule;
use crate::source::file::SourceFile;
use crate::source::ignore::{self, Ignore};
use crate::source::tree::{FileMeta, SourceTree};

/// No file is searched for waivers beyond this size, in bytes.
const LARGEST: u64 = 16 << 20;

/// It has no options.
#[derive(Default, Serialize, Deserialize, schemars::JsonSchema)]
struct Options {}

/// A check that finds nothing and remembers the waivers of each file.
struct Ignores(Options);

impl Checker for Ignores {
    const NAME: &'static str = "ignores";
    const SUMMARY: &'static str = "inline waivers";
    const REVISION: u32 = 1;
    const RULES: &'static [&'static Rule] = &[];
    const METRICS: &'static [Metric] = &[];

    type Options = Options;
    type Facts = Vec<Ignore>;

    fn new(options: Options) -> Result<Self, String> {
        Ok(Self(options))
    }

    fn options(&self) -> &Options {
        &self.0
    }

    fn observe(&self, file: &SourceFile) -> Option<Vec<Ignore>> {
        Some(ignore::of(file)).filter(|found| !found.is_empty())
    }

    fn conclude(&self, _: &[Observed<'_, Vec<Ignore>>], _: &Cx<'_>) -> Result<Evidence, Fault> {
        Ok(Evidence::default())
    }
}

/// The check, as the file pass takes it along.
#[must_use]
pub fn rider() -> Arc<dyn Check> {
    let origin = Origin {
        text: Arc::new(Text {
            name: String::new(),
            text: String::new(),
            built_in: true,
        }),
        span: 0..0,
    };
    let nothing = Node {
        origin,
        kind: Kind::Map(Vec::new()),
    };
    let made = (CheckerInfo::of::<Ignores>().build)(&nothing, &mut Vec::new());
    made.expect("it has no options that could be wrong")
}

/// The waivers in what the pass kept of a file.
#[must_use]
pub fn read(facts: &[u8]) -> Vec<Ignore> {
    if facts.is_empty() {
        return Vec::new();
    }
    // What cannot be read waives nothing.
    postcard::from_bytes(facts).unwrap_or_default()
}

/// The waivers of a file that the pass did not look into.
#[must_use]
pub fn of(tree: &dyn SourceTree, file: &FileMeta) -> Vec<Ignore> {
    if !file.is_file() || file.size > LARGEST {
        return Vec::new();
    }
    let content = tree.read(file).unwrap_or_default();
    ignore::of(&SourceFile::new(content, file.language, file.class))
}
