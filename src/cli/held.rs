//! Owns the holding back of commands: they run on disk, and where the disk is not what is judged they cannot tell.

use std::sync::Arc;

use crate::base::digest::Digest;
use crate::check::options::Glob;
use crate::check::registry::Check;
use crate::check::{Cx, Lane};
use crate::config::plan::Plan;
use crate::model::evidence::Evidence;
use crate::model::fault::Fault;
use crate::model::metric::Metric;
use crate::model::rule::Rule;
use crate::source::file::SourceFile;
use crate::source::tree::FileMeta;

/// Does the plan run commands?
#[must_use]
pub fn has_commands(plan: &Plan) -> bool {
    let mut checks = plan.gates.iter().flat_map(|gate| &gate.checks);
    checks.any(|check| is_command(&*check.check))
}

/// Makes every command of the plan say that it cannot tell, and why.
pub fn hold_commands(plan: &mut Plan, why: &Fault) {
    hold_where(plan, |check| is_command(check).then(|| why.clone()));
}

/// Makes those checks of the plan say that they cannot tell for which there is a reason.
pub fn hold_where(plan: &mut Plan, why: impl Fn(&dyn Check) -> Option<Fault>) {
    for check in plan.gates.iter_mut().flat_map(|gate| &mut gate.checks) {
        if let Some(why) = why(&*check.check) {
            check.retries = 0;
            check.check = Arc::new(Held(Arc::clone(&check.check), why));
        }
    }
}

/// Does the check run a program that the gate file names, or read what one wrote?
#[must_use]
pub fn is_command(check: &dyn Check) -> bool {
    let name = check.name();
    matches!(name, "benchmarks" | "bundle" | "command" | "coverage")
        || !check.options()["serve"].is_null()
        || has_command(&check.options())
}

/// Do the options name a command?
#[must_use]
pub fn has_command(options: &serde_json::Value) -> bool {
    let words = options["command"].as_array();
    words.is_some_and(|words| !words.is_empty())
}

/// A check that cannot tell.
struct Held(Arc<dyn Check>, Fault);

impl Check for Held {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn rules(&self) -> &'static [&'static Rule] {
        self.0.rules()
    }

    fn metrics(&self) -> Vec<Metric> {
        self.0.metrics()
    }

    fn key(&self) -> Digest {
        self.0.key()
    }

    fn options(&self) -> serde_json::Value {
        self.0.options()
    }

    fn wants(&self, file: &FileMeta) -> bool {
        self.0.wants(file)
    }

    fn observe(&self, file: &SourceFile) -> Vec<u8> {
        self.0.observe(file)
    }

    fn conclude(&self, _: &[(&FileMeta, &[u8])], _: &Cx<'_>) -> Result<Evidence, Fault> {
        Err(self.1.clone())
    }

    fn lane(&self) -> Lane {
        self.0.lane()
    }

    fn globs(&self) -> Vec<&Glob> {
        self.0.globs()
    }
}
