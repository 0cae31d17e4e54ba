//! Owns the erasure of checkers: one table entry for each checker, one object for each configured check, and facts as
//! bytes, so that a fresh and a cached file look the same to `conclude`.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::base::digest::Digest;
use crate::base::node::{Node, Problem, de};
use crate::model::evidence::Evidence;
use crate::model::fault::{Fault, FaultKind};
use crate::model::metric::Metric;
use crate::model::rule::Rule;
use crate::source::file::SourceFile;
use crate::source::tree::FileMeta;

use super::options::Glob;
use super::{Checker, Cx, Lane, Observed};

/// Makes a check from its options; problems are pushed.
pub type Build = fn(&Node, &mut Vec<Problem>) -> Option<Arc<dyn Check>>;

/// A checker, as the registry lists it.
pub struct CheckerInfo {
    /// The name, as gate files write it.
    pub name: &'static str,
    /// One line about it.
    pub summary: &'static str,
    /// Its rules.
    pub rules: &'static [&'static Rule],
    /// All rules that it may find: those of another checker of its family too.
    pub finds: &'static [&'static Rule],
    /// What its page of the documentation says before the options, in Markdown.
    pub guide: &'static str,
    /// The metrics that need no options to be named.
    pub metrics: &'static [Metric],
    /// Makes a check from its options; problems are pushed.
    pub build: Build,
    /// The schema of its options.
    pub schema: fn(&mut schemars::SchemaGenerator) -> schemars::Schema,
}

impl CheckerInfo {
    /// The entry of a checker.
    #[must_use]
    pub const fn of<C: Checker>() -> Self {
        Self {
            name: C::NAME,
            summary: C::SUMMARY,
            rules: C::RULES,
            finds: C::FINDS,
            guide: C::GUIDE,
            metrics: C::METRICS,
            build: build::<C>,
            schema: |generator| generator.subschema_for::<C::Options>(),
        }
    }
}

fn build<C: Checker>(node: &Node, problems: &mut Vec<Problem>) -> Option<Arc<dyn Check>> {
    let options = de::read::<C::Options>(node, problems)?;
    match C::new(options) {
        Ok(checker) => Some(Arc::new(Erased(checker, PhantomData))),
        Err(message) => {
            problems.push(Problem::new(&node.origin, message, ""));
            None
        }
    }
}

/// A configured check, its types erased.
pub trait Check: Send + Sync {
    /// The checker's name.
    fn name(&self) -> &'static str;
    /// All rules that it may find.
    fn rules(&self) -> &'static [&'static Rule];
    /// All metrics that this check can give.
    fn metrics(&self) -> Vec<Metric>;
    /// What the facts depend on besides the file: checker, revision and options.
    fn key(&self) -> Digest;
    /// The options with defaults filled in, as JSON.
    fn options(&self) -> serde_json::Value;
    /// See [`Checker::wants`].
    fn wants(&self, file: &FileMeta) -> bool;
    /// See [`Checker::observe`]; no bytes when there is nothing to tell.
    fn observe(&self, file: &SourceFile) -> Vec<u8>;
    /// See [`Checker::conclude`].
    ///
    /// # Errors
    /// When the check cannot know; also when facts cannot be read back.
    fn conclude(&self, files: &[(&FileMeta, &[u8])], cx: &Cx<'_>) -> Result<Evidence, Fault>;
    /// See [`Checker::lane`].
    fn lane(&self) -> Lane;
    /// See [`Checker::globs`].
    fn globs(&self) -> Vec<&Glob>;
}

struct Erased<C>(C, PhantomData<C>);

impl<C: Checker> Check for Erased<C> {
    fn name(&self) -> &'static str {
        C::NAME
    }

    fn rules(&self) -> &'static [&'static Rule] {
        C::FINDS
    }

    fn metrics(&self) -> Vec<Metric> {
        let given = C::METRICS
            .iter()
            .filter(|metric| self.0.gives(&metric.name));
        given.cloned().chain(self.0.metrics()).collect()
    }

    fn key(&self) -> Digest {
        let options = serde_json::to_vec(self.0.options()).unwrap_or_default();
        Digest::of_parts([C::NAME.as_bytes(), &C::REVISION.to_le_bytes(), &options])
    }

    fn options(&self) -> serde_json::Value {
        serde_json::to_value(self.0.options()).unwrap_or_default()
    }

    fn wants(&self, file: &FileMeta) -> bool {
        self.0.wants(file)
    }

    fn observe(&self, file: &SourceFile) -> Vec<u8> {
        let facts = self.0.observe(file);
        facts
            .map(|facts| postcard::to_stdvec(&facts).expect("facts are plain data"))
            .unwrap_or_default()
    }

    fn conclude(&self, files: &[(&FileMeta, &[u8])], cx: &Cx<'_>) -> Result<Evidence, Fault> {
        let observed: Result<Vec<_>, postcard::Error> = files
            .iter()
            .map(|&(file, bytes)| {
                let facts = if bytes.is_empty() {
                    None
                } else {
                    Some(postcard::from_bytes(bytes)?)
                };
                Ok(Observed { file, facts })
            })
            .collect();
        let observed = observed.map_err(|_| {
            Fault::new(
                FaultKind::Unparsable,
                format!("cached facts of `{}` cannot be read", C::NAME),
                "run again with --no-cache",
            )
        })?;
        self.0.conclude(&observed, cx)
    }

    fn lane(&self) -> Lane {
        self.0.lane()
    }

    fn globs(&self) -> Vec<&Glob> {
        self.0.globs()
    }
}
