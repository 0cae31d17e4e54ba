//! Owns `qgate sast`: the family alone, on folders or files, without gates.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::args::Global;
use super::output::Console;
use super::scan::{Ending, Format, scan};
use crate::base::ascii::escape;
use crate::checkers::sast;
use crate::checkers::sast::facts::{Facts, Hit, Unread};
use crate::model::outcome::Exit;
use crate::source::file::SourceFile;

const EXAMPLES: &str = "Examples:
  qgate sast scan .
  qgate sast scan --format json src tools/release.sh

Exit codes: 0 nothing found, 1 something found, 3 nothing found but something not looked into.";

/// `qgate sast`.
#[derive(Args, Debug)]
pub struct SastArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: SastAction,
}

/// What can be done with risky code.
#[derive(Debug, Subcommand)]
pub enum SastAction {
    /// Look for risky code in folders or files
    #[command(after_help = EXAMPLES)]
    Scan(ScanArgs),
}

/// `qgate sast scan`.
#[derive(Args, Debug)]
pub struct ScanArgs {
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
    /// Report what another tool's mark silences
    #[arg(long)]
    pub no_marks: bool,
    /// Folders or files
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
}

/// What was seen.
#[derive(Default)]
struct Seen {
    /// The path as people write it, and the finding.
    hits: Vec<(String, Hit)>,
    silenced: usize,
    flawed: usize,
    packed: usize,
    unread: Vec<String>,
    files: usize,
}

impl Seen {
    fn take(&mut self, path: &str, facts: Option<Facts>, marks: bool) {
        self.files += 1;
        let Some(facts) = facts else { return };
        match facts.unread {
            Some(Unread::Flawed) => self.flawed += 1,
            Some(Unread::Packed) => self.packed += 1,
            Some(why) => self.unread.push(format!("{path}: {}", why.why())),
            None => {}
        }
        if facts.more > 0 {
            let more = format!("{path}: {} more findings than are kept", facts.more);
            self.unread.push(more);
        }
        for hit in facts.hits {
            if marks && hit.mark.is_some() {
                self.silenced += 1;
            } else {
                self.hits.push((path.to_owned(), hit));
            }
        }
    }
}

/// Runs the family.
///
/// # Errors
/// When a path cannot be read, or the answer cannot be written.
pub fn run(args: &SastArgs, global: &Global, console: &mut Console) -> anyhow::Result<Exit> {
    let SastAction::Scan(args) = &args.action;
    let from = global.directory.as_deref().unwrap_or(Path::new("."));
    let all = scan(from, &args.paths, sast::wants, |bytes, language, class| {
        Facts::of(&SourceFile::new(bytes, language, class))
    })?;
    let mut seen = Seen {
        unread: all.unread,
        ..Seen::default()
    };
    for (path, facts) in all.seen {
        seen.take(&path, facts, !args.no_marks);
    }
    seen.hits
        .sort_by(|(a, x), (b, y)| (a, x.span.start, x.class).cmp(&(b, y.span.start, y.class)));
    let ending = Ending {
        found: seen.hits.len(),
        files: seen.files,
        notes: &[
            (
                seen.silenced,
                "finding",
                "silenced by the mark of another tool (--no-marks shows them)",
            ),
            (seen.flawed, "file", Unread::Flawed.why()),
            (seen.packed, "file", Unread::Packed.why()),
        ],
        unread: &seen.unread,
    };
    ending.print(args.format, || text(&seen), || json(&seen), console)
}

fn text(seen: &Seen) -> String {
    let mut text = String::new();
    for (path, hit) in &seen.hits {
        let start = hit.span.start;
        text.push_str(&format!(
            "{}:{}:{}: {} {}: {}\n",
            escape(path),
            start.line,
            start.column,
            hit.severity,
            hit.class.rule().id,
            escape(&hit.headline)
        ));
    }
    text
}

fn json(seen: &Seen) -> serde_json::Value {
    let findings: Vec<serde_json::Value> = seen
        .hits
        .iter()
        .map(|(path, hit)| {
            let rule = hit.class.rule();
            serde_json::json!({
                "rule": rule.id,
                "standards": rule.standards,
                "severity": hit.severity,
                "confidence": hit.confidence,
                "path": path,
                "line": hit.span.start.line,
                "column": hit.span.start.column,
                "end_line": hit.span.end.line,
                "end_column": hit.span.end.column,
                "headline": hit.headline,
                "help": hit.class.help(),
                "anchor": hit.anchor,
            })
        })
        .collect();
    serde_json::json!({
        "version": 1,
        "findings": findings,
        "files": seen.files,
        "silenced": seen.silenced,
        "not_understood": seen.flawed,
        "bundles": seen.packed,
        "unread": seen.unread,
    })
}
