//! Owns `qgate sql`: the family alone, on folders or files, without gates.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};

use super::Usage;
use super::args::Global;
use super::output::Console;
use crate::base::ascii::escape;
use crate::base::path::RepoPath;
use crate::checkers::sql::facts::Facts;
use crate::checkers::sql::history::{self, Judged, Mode};
use crate::checkers::sql::platform::Profile;
use crate::checkers::sql::rls::Known;
use crate::checkers::sql::sources::{self, MigrationSet};
use crate::host::regular;
use crate::host::worktree::WorkTree;
use crate::model::outcome::Exit;
use crate::source::file::SourceFile;
use crate::source::language::Language;
use crate::source::tree::{FileMeta, SourceTree as _};

/// `qgate sql`.
#[derive(Args, Debug)]
pub struct SqlArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: SqlAction,
}

/// What can be done with SQL.
#[derive(Debug, Subcommand)]
pub enum SqlAction {
    /// Say what a live database would say after these migrations
    Lint(LintArgs),
}

/// `qgate sql lint`.
#[derive(Args, Debug)]
pub struct LintArgs {
    /// The findings of the live lints to the letter, or without what is known to be wrong in them
    #[arg(long, value_enum, default_value = "precise")]
    pub mode: ModeArg,
    /// What the database holds before the first migration
    #[arg(long, value_enum, default_value = "legacy")]
    pub profile: ProfileArg,
    /// The schemas that the API serves
    #[arg(
        long,
        value_name = "NAMES",
        value_delimiter = ',',
        default_value = "public,graphql_public"
    )]
    pub exposed: Vec<String>,
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
    /// Folders, or files in the order in which they are applied
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
}

/// `--mode`.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ModeArg {
    /// The same keys as the live lints
    Exact,
    /// Known false findings left out, known misses found
    Precise,
}

/// `--profile`.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ProfileArg {
    /// Supabase, projects from before 2026-05
    Legacy,
    /// Supabase, new projects
    #[value(name = "2026")]
    New,
    /// PostgreSQL alone
    Plain,
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

/// Runs the family.
///
/// # Errors
/// When a path cannot be read ([`Usage`]), or the answer cannot be written.
pub fn run(args: &SqlArgs, global: &Global, console: &mut Console) -> anyhow::Result<Exit> {
    let SqlAction::Lint(args) = &args.action;
    let from = global.directory.as_deref().unwrap_or(Path::new("."));
    let mut all = Vec::new();
    let (folders, files): (Vec<PathBuf>, Vec<PathBuf>) = args
        .paths
        .iter()
        .map(|path| from.join(path))
        .partition(|path| path.is_dir());
    for folder in folders {
        all.extend(in_folder(&folder, args)?);
    }
    if !files.is_empty() {
        all.push(given(&files, args)?);
    }
    if all.is_empty() {
        return Err(Usage::new("no migration was found", "name a folder with SQL files").into());
    }
    match args.format {
        Format::Keys => console.table(&keys(&all))?,
        Format::Json => console.out(&json(&all)?)?,
        Format::Text => console.out(&text(&all))?,
    }
    let any = |is_it: &dyn Fn(&Judged) -> bool| all.iter().any(|(_, judged)| is_it(judged));
    let is_undecided = |judged: &Judged| judged.remarks().iter().any(|remark| remark.undecided);
    Ok(if any(&|judged| !judged.hits.is_empty()) {
        Exit::Fail
    } else if any(&|judged| !judged.unread.is_empty()) || any(&is_undecided) {
        // That nothing was found says nothing where something was not seen.
        Exit::Unknown
    } else {
        Exit::Pass
    })
}

type Found = (String, Judged);

fn settings(args: &LintArgs) -> (Mode, Profile) {
    let mode = match args.mode {
        ModeArg::Exact => Mode::Exact,
        ModeArg::Precise => Mode::Precise,
    };
    let profile = match args.profile {
        ProfileArg::Legacy => Profile::Legacy,
        ProfileArg::New => Profile::New,
        ProfileArg::Plain => Profile::Plain,
    };
    (mode, profile)
}

fn judge(set: &MigrationSet, facts: &BTreeMap<RepoPath, Facts>, args: &LintArgs) -> Found {
    let (mode, profile) = settings(args);
    let find = |path: &RepoPath| facts.get(path);
    (
        set.said(),
        history::judge(set, &find, mode, profile, &args.exposed, &Known::default()),
    )
}

fn observed(meta: &FileMeta, bytes: Vec<u8>) -> Facts {
    Facts::of(&SourceFile::new(bytes, meta.language, meta.class))
}

fn in_folder(folder: &Path, args: &LintArgs) -> anyhow::Result<Vec<Found>> {
    let folder = folder.canonicalize()?;
    let tree = WorkTree::open(&folder, None)?;
    let mut facts = BTreeMap::new();
    for meta in tree
        .files()
        .iter()
        .filter(|file| file.is_file() && file.language == Some(Language::Sql))
    {
        if let Ok(bytes) = tree.read(meta) {
            facts.insert(meta.path.clone(), observed(meta, bytes));
        }
    }
    let mut read = |meta: &FileMeta| tree.read(meta).ok();
    let sources = sources::detect_given(tree.files(), &mut read);
    Ok(sources
        .sets
        .iter()
        .map(|set| judge(set, &facts, args))
        .collect())
}

/// Files in the order in which they are given.
fn given(files: &[PathBuf], args: &LintArgs) -> anyhow::Result<Found> {
    let mut facts = BTreeMap::new();
    let mut paths = Vec::new();
    for file in files {
        let mut bytes = Vec::new();
        let opened = regular::open(file).and_then(|(mut open, _)| open.read_to_end(&mut bytes));
        opened.map_err(|problem| {
            let message = format!("`{}` cannot be read: {problem}", file.display());
            Usage::new(message, "name a file that is there")
        })?;
        let name = file
            .to_string_lossy()
            .trim_start_matches(['.', '/'])
            .to_owned();
        let Some(path) = RepoPath::new(name.as_bytes()) else {
            return Err(
                Usage::new(format!("`{}` is no path", file.display()), "name a file").into(),
            );
        };
        let meta = FileMeta::new(
            path.clone(),
            crate::source::tree::EntryKind::File { executable: false },
            bytes.len() as u64,
            crate::source::tree::Tracking::NoGit,
            crate::source::tree::Identity::None,
        );
        facts.insert(path.clone(), observed(&meta, bytes));
        paths.push(path);
    }
    let set = MigrationSet::of_files(&paths, &|path| {
        facts.get(path).map(|facts| facts.content.clone())
    });
    Ok(judge(&set, &facts, args))
}

/// A line for each hit, sorted: the lint, the live lint's key, and `undecided` where it is so.
fn keys(all: &[Found]) -> Vec<Vec<String>> {
    let mut lines: Vec<Vec<String>> = Vec::new();
    for (hit, undecided) in all.iter().flat_map(|(_, judged)| &judged.hits) {
        let mut line = vec![hit.lint.to_owned(), escape(&hit.key).into_owned()];
        line.extend(undecided.then(|| "undecided".to_owned()));
        lines.push(line);
    }
    lines.sort();
    lines.dedup();
    lines
}

fn place(judged: &Judged, origin: crate::checkers::sql::catalog::Origin) -> String {
    let file = origin.file.and_then(|file| judged.files.get(file as usize));
    file.map_or_else(
        || "the platform".to_owned(),
        |path| format!("{path}:{}", origin.span.start.line),
    )
}

fn text(all: &[Found]) -> String {
    let mut text = String::new();
    for (said, judged) in all {
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
            let mark = if remark.undecided {
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
        .map(|(said, judged)| {
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
    Ok(crate::base::ascii::json(&text) + "\n")
}
