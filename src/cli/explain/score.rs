//! Owns `qgate explain score`: runs the gates and tells where each point went.

use crate::checkers;
use crate::cli::args::{ExplainArgs, Global};
use crate::cli::output::{Console, width};
use crate::cli::run;
use crate::cli::run_args::RunArgs;
use crate::model::metric::Source;
use crate::model::outcome::Exit;
use crate::report::score;
use crate::report::text::{Detail, TextOptions};

/// How many findings of each loss are shown.
const SHOWN: usize = 5;

/// Runs the gates and explains the score. The exit code does not tell the verdict: this command explains, it does not
/// judge.
///
/// # Errors
/// As `qgate run`.
pub fn run(args: &ExplainArgs, global: &Global, console: &mut Console) -> anyhow::Result<Exit> {
    let of_run = RunArgs {
        plan: args.plan.clone(),
        ..RunArgs::plain()?
    };
    let (report, exit) = run::report(&of_run, global)?;
    let options = TextOptions {
        width: width(None),
        max_findings: SHOWN,
        detail: Detail::Normal,
    };
    console.out(&score::explain(&report, &source_of, options))?;
    Ok(match exit {
        Exit::Interrupted => exit,
        _ => Exit::Pass,
    })
}

/// Where a checker's metric comes from.
fn source_of(checker: &str, metric: &str) -> Option<Source> {
    let metrics = checkers::find(checker)?.metrics.iter();
    metrics
        .into_iter()
        .find(|m| m.name == metric)
        .map(|m| m.source)
}
