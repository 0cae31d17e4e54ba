//! Owns `qgate secrets`: the family alone, on folders or files, without gates.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::Usage;
use super::args::Global;
use super::output::Console;
use super::scan::{self, Ending, Format};
use crate::base::ascii::escape;
use crate::checkers::secrets::history::{self, Past};
use crate::checkers::secrets::hit::{Facts, Hit};
use crate::checkers::secrets::options::Options;
use crate::checkers::secrets::own::{self, Ready};
use crate::checkers::secrets::{self, kinds};
use crate::host::git::Repository;
use crate::model::outcome::Exit;
use crate::source::class::PathClass;
use crate::source::language::Language;

const EXAMPLES: &str = "Examples:
  qgate secrets scan .
  qgate secrets scan --format json src deploy/values.yaml
  qgate secrets scan --history .

Exit codes: 0 nothing found, 1 something found, 3 nothing found but something not looked into.";

/// `qgate secrets`.
#[derive(Args, Debug)]
pub struct SecretsArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: SecretsAction,
}

/// What can be done with secrets.
#[derive(Debug, Subcommand)]
pub enum SecretsAction {
    /// Look for credentials in folders or files; values are never printed
    #[command(after_help = EXAMPLES)]
    Scan(ScanArgs),
    /// Print the digest of a value, read from standard input, for the option `allow.digests`
    Digest,
    /// List the kinds of tokens that their own text tells
    Kinds,
}

/// `qgate secrets scan`.
#[derive(Args, Debug)]
pub struct ScanArgs {
    /// Scan every version of every file in git's history too
    #[arg(long)]
    pub history: bool,
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
    /// Report what another scanner's mark silences
    #[arg(long)]
    pub no_marks: bool,
    /// Folders or files
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
}

/// Runs the family.
///
/// # Errors
/// When a path cannot be read ([`Usage`]), or the answer cannot be written.
pub fn run(args: &SecretsArgs, global: &Global, console: &mut Console) -> anyhow::Result<Exit> {
    let from = global.directory.as_deref().unwrap_or(Path::new("."));
    match &args.action {
        SecretsAction::Scan(args) => scan(args, from, console),
        SecretsAction::Digest => {
            let mut value = Vec::new();
            std::io::stdin().read_to_end(&mut value)?;
            let value = value.strip_suffix(b"\n").unwrap_or(&value);
            console.out(&format!("{}\n", own::digest(value)))?;
            Ok(Exit::Pass)
        }
        SecretsAction::Kinds => {
            let mut lines: Vec<Vec<String>> = kinds::all()
                .map(|kind| {
                    let checked = if kind.check.is_some() { "checked" } else { "" };
                    [
                        kind.class.rule().id,
                        kind.name,
                        &kind.severity.to_string(),
                        kind.shape,
                        checked,
                    ]
                    .map(str::to_owned)
                    .to_vec()
                })
                .collect();
            lines.sort();
            console.table(&lines)?;
            Ok(Exit::Pass)
        }
    }
}

/// What was seen.
#[derive(Default)]
struct Seen {
    /// The path as people write it, and the secret.
    hits: Vec<(String, Hit)>,
    silenced: usize,
    dummies: usize,
    binary: usize,
    large: usize,
    unread: Vec<String>,
    files: usize,
    versions: usize,
}

impl Seen {
    fn take(&mut self, path: &str, facts: Option<Facts>, marks: bool) {
        self.files += 1;
        let Some(facts) = facts else { return };
        self.binary += usize::from(facts.binary);
        self.dummies += facts.dummies;
        if facts.more > 0 {
            self.unread
                .push(format!("{path}: {} more secrets than are kept", facts.more));
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

fn scan(args: &ScanArgs, from: &Path, console: &mut Console) -> anyhow::Result<Exit> {
    let options = Options::default();
    let ready = Ready::new(&options).map_err(anyhow::Error::msg)?;
    let mut seen = Seen::default();
    let all = scan::scan(
        from,
        &args.paths,
        |file| file.size <= options.max_size.0,
        |bytes, language, class| look(&bytes, language, class, &ready),
    )?;
    seen.large = all.left;
    seen.unread = all.unread;
    for (path, facts) in all.seen {
        seen.take(&path, facts, !args.no_marks);
    }
    if args.history {
        for given in &args.paths {
            past(
                &from.join(given),
                &options,
                &ready,
                !args.no_marks,
                &mut seen,
            )?;
        }
    }
    seen.hits
        .sort_by(|(a, x), (b, y)| (a, x.span.start, &x.kind).cmp(&(b, y.span.start, &y.kind)));
    let ending = Ending {
        found: seen.hits.len(),
        files: seen.files,
        notes: &[
            (
                seen.silenced,
                "finding",
                "silenced by the mark of another scanner (--no-marks shows them)",
            ),
            (
                seen.dummies,
                "text",
                "in the form of a token with the body of a placeholder",
            ),
            (seen.binary, "binary file", "not looked into"),
            (seen.large, "file", "too large, not looked into"),
        ],
        unread: &seen.unread,
    };
    ending.print(args.format, || text(&seen), || json(&seen), console)
}

fn look(
    bytes: &[u8],
    language: Option<Language>,
    class: PathClass,
    ready: &Ready,
) -> Option<Facts> {
    let language = language.or_else(|| Language::of_content(bytes));
    Facts::of(bytes, language, class.refined(bytes), ready)
}

/// What the history of the repository at `path` has besides.
fn past(
    path: &Path,
    options: &Options,
    ready: &Ready,
    marks: bool,
    seen: &mut Seen,
) -> anyhow::Result<()> {
    let Some(repository) = Repository::discover(path)? else {
        let message = format!("`{}` is in no git repository", path.display());
        return Err(Usage::new(
            message,
            "leave `--history` out, or name a folder in a repository",
        )
        .into());
    };
    let known = seen.hits.iter().map(|(_, hit)| history::key(hit)).collect();
    let (past, depth) = history::scan(&repository, ready, options.max_size.0, &[], known)?;
    seen.versions += depth.blobs;
    seen.large += depth.too_large;
    if depth.shallow {
        seen.unread
            .push("the history is cut off: this is a shallow clone".to_owned());
    }
    for Past { commit, path, hit } in past {
        if marks && hit.mark.is_some() {
            seen.silenced += 1;
        } else {
            let commit = commit.get(..12).unwrap_or("history");
            seen.hits.push((format!("{path}@{commit}"), hit));
        }
    }
    Ok(())
}

fn text(seen: &Seen) -> String {
    let mut text = String::new();
    for (path, hit) in &seen.hits {
        let start = hit.span.start;
        text.push_str(&format!(
            "{}:{}:{}: {} {}: {}: {}\n",
            escape(path),
            start.line,
            start.column,
            hit.severity,
            hit.class.rule().id,
            escape(&hit.kind),
            escape(&hit.masked)
        ));
    }
    text
}

fn json(seen: &Seen) -> serde_json::Value {
    let findings: Vec<serde_json::Value> = seen
        .hits
        .iter()
        .map(|(path, hit)| {
            serde_json::json!({
                "rule": hit.class.rule().id,
                "kind": hit.kind,
                "severity": hit.severity,
                "confidence": secrets::confidence(hit),
                "path": path,
                "line": hit.span.start.line,
                "column": hit.span.start.column,
                "end_line": hit.span.end.line,
                "end_column": hit.span.end.column,
                "masked": hit.masked,
                "anchor": hit.anchor,
            })
        })
        .collect();
    serde_json::json!({
        "version": 1,
        "findings": findings,
        "files": seen.files,
        "versions": seen.versions,
        "silenced": seen.silenced,
        "placeholders": seen.dummies,
        "binary": seen.binary,
        "too_large": seen.large,
        "unread": seen.unread,
    })
}
