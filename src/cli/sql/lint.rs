//! Owns `qgate sql lint`: what the rules say of migrations, for people and for programs.

use std::path::Path;

use clap::{Args, ValueEnum};

use super::{Found, SourceArgs, is_open, judged, place};
use crate::base::ascii::{self, escape};
use crate::checkers::sql::history::Mode;
use crate::cli::output::Console;
use crate::model::outcome::Exit;

pub(super) const EXAMPLES: &str = "Examples:
  qgate sql lint supabase/migrations
  qgate sql lint --profile 2026 --format json .
  qgate sql lint --mode exact --format keys supabase/migrations

Exit codes: 0 nothing found, 1 something found, 3 nothing found but something not known.";

/// `qgate sql lint`.
#[derive(Args, Debug)]
pub struct LintArgs {
    /// The findings of the live lints to the letter, or without what is known to be wrong in them
    #[arg(long, value_enum, default_value = "precise")]
    pub mode: ModeArg,
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
    /// Which migrations.
    #[command(flatten)]
    pub sources: SourceArgs,
}

/// `--mode`.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ModeArg {
    /// The same keys as the live lints
    Exact,
    /// Known false findings left out, known misses found
    Precise,
}

/// `--format`.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// For programs
    Json,
    /// One line a finding: lint, tab, the live lint's key, and a third column where it is undecided
    Keys,
}

/// Lints.
pub(super) fn run(args: &LintArgs, from: &Path, console: &mut Console) -> anyhow::Result<Exit> {
    let mode = match args.mode {
        ModeArg::Exact => Mode::Exact,
        ModeArg::Precise => Mode::Precise,
    };
    let all = judged(&args.sources, mode, from)?;
    match args.format {
        Format::Keys => console.table(&keys(&all))?,
        Format::Json => console.out(&json(&all)?)?,
        Format::Text => console.out(&text(&all))?,
    }
    Ok(if all.iter().any(|found| !found.judged.hits.is_empty()) {
        Exit::Fail
    } else if is_open(&all) {
        // That nothing was found says nothing where something was not seen.
        Exit::Unknown
    } else {
        Exit::Pass
    })
}

/// A line for each hit, sorted: the lint, the live lint's key, and `undecided` where it is so.
fn keys(all: &[Found]) -> Vec<Vec<String>> {
    let mut lines: Vec<Vec<String>> = Vec::new();
    for (hit, undecided) in all.iter().flat_map(|found| &found.judged.hits) {
        let mut line = vec![hit.lint.to_owned(), escape(&hit.key).into_owned()];
        line.extend(undecided.then(|| "undecided".to_owned()));
        lines.push(line);
    }
    lines.sort();
    lines.dedup();
    lines
}

fn text(all: &[Found]) -> String {
    let mut text = String::new();
    for Found { said, judged } in all {
        text.push_str(&format!("{}\n", escape(said)));
        for (hit, undecided) in &judged.hits {
            let mark = if *undecided { " (undecided)" } else { "" };
            let at = place(judged, hit.origin);
            text.push_str(&format!(
                "{at}: {}: {}{mark}\n",
                hit.lint,
                escape(&hit.headline)
            ));
        }
        for remark in judged.remarks() {
            let at = place(judged, remark.origin);
            let mark = if remark.is_undecided() {
                "undecided"
            } else {
                "note"
            };
            text.push_str(&format!("{at}: {mark}: {}\n", escape(&remark.what)));
        }
    }
    text
}

fn json(all: &[Found]) -> anyhow::Result<String> {
    let sets: Vec<serde_json::Value> = all
        .iter()
        .map(|Found { said, judged }| {
            let findings: Vec<serde_json::Value> = judged
                .hits
                .iter()
                .map(|(hit, undecided)| {
                    serde_json::json!({
                        "lint": hit.lint,
                        "key": hit.key,
                        "object": hit.object,
                        "headline": hit.headline,
                        "place": place(judged, hit.origin),
                        "undecided": undecided,
                    })
                })
                .collect();
            serde_json::json!({ "read": said, "findings": findings })
        })
        .collect();
    let text = serde_json::to_string_pretty(&serde_json::json!({ "version": 1, "sets": sets }))?;
    Ok(ascii::json(&text) + "\n")
}
