//! Owns `qgate sql`: the family alone, on folders or files, without gates.

mod lint;
mod show;

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};

use super::Usage;
use super::args::Global;
use super::output::Console;
use crate::base::path::RepoPath;
use crate::checkers::sql::catalog::Origin;
use crate::checkers::sql::facts::Facts;
use crate::checkers::sql::history::{self, Judged, Mode, Question};
use crate::checkers::sql::platform::Profile;
use crate::checkers::sql::rls::Known;
use crate::checkers::sql::safety::unreleased::Unreleased;
use crate::checkers::sql::sources::{self, MigrationSet};
use crate::host::regular;
use crate::host::worktree::WorkTree;
use crate::model::outcome::Exit;
use crate::source::file::SourceFile;
use crate::source::language::Language;
use crate::source::tree::{EntryKind, FileMeta, Identity, SourceTree as _, Tracking};

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
    #[command(after_help = lint::EXAMPLES)]
    Lint(lint::LintArgs),
    /// Show what these migrations make: tables, row-level security, policies, and who can do what
    #[command(after_help = show::EXAMPLES)]
    Show(show::ShowArgs),
}

/// Which migrations, and what is there before the first one.
#[derive(Args, Debug)]
pub struct SourceArgs {
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
    /// The role that the application connects as, where it is none of the API's
    #[arg(long, value_name = "ROLE")]
    pub app_role: Option<String>,
    /// Functions that need asking once for each query, as SCHEMA.NAME
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub helpers: Vec<String>,
    /// The column that tells tenants apart
    #[arg(long, value_name = "COLUMN")]
    pub tenant_column: Option<String>,
    /// Folders, or files in the order in which they are applied
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
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

impl From<ProfileArg> for Profile {
    fn from(profile: ProfileArg) -> Self {
        match profile {
            ProfileArg::Legacy => Self::Legacy,
            ProfileArg::New => Self::New,
            ProfileArg::Plain => Self::Plain,
        }
    }
}

/// A migration set as it was judged.
struct Found {
    /// What was read, in one line.
    said: String,
    judged: Judged,
}

/// Runs the family.
///
/// # Errors
/// When a path cannot be read ([`Usage`]), or the answer cannot be written.
pub fn run(args: &SqlArgs, global: &Global, console: &mut Console) -> anyhow::Result<Exit> {
    let from = global.directory.as_deref().unwrap_or(Path::new("."));
    match &args.action {
        SqlAction::Lint(args) => lint::run(args, from, console),
        SqlAction::Show(args) => show::run(args, from, console),
    }
}

/// Reads and judges all that is named.
fn judged(args: &SourceArgs, mode: Mode, from: &Path) -> anyhow::Result<Vec<Found>> {
    let known = Known {
        app_role: args.app_role.clone(),
        helpers: args.helpers.clone(),
        tenant_column: args.tenant_column.clone(),
    };
    let judge = |set: &MigrationSet, facts: &BTreeMap<RepoPath, Facts>| {
        let find = |path: &RepoPath| facts.get(path);
        Found {
            said: set.said(),
            judged: history::judge(
                set,
                &find,
                Question {
                    mode,
                    profile: args.profile.into(),
                    exposed: &args.exposed,
                    unreleased: &Unreleased::Each,
                    known: &known,
                },
            ),
        }
    };
    let mut all = Vec::new();
    let (folders, files): (Vec<PathBuf>, Vec<PathBuf>) = args
        .paths
        .iter()
        .map(|path| from.join(path))
        .partition(|path| path.is_dir());
    for folder in folders {
        let (sets, facts) = in_folder(&folder)?;
        all.extend(sets.iter().map(|set| judge(set, &facts)));
    }
    if !files.is_empty() {
        let (set, facts) = given(&files)?;
        all.push(judge(&set, &facts));
    }
    if all.is_empty() {
        return Err(Usage::new("no migration was found", "name a folder with SQL files").into());
    }
    Ok(all)
}

/// Is anything not known of what was read?
fn is_open(all: &[Found]) -> bool {
    all.iter().any(|found| {
        let remarks = found.judged.remarks();
        !found.judged.unread.is_empty() || remarks.iter().any(|remark| remark.is_undecided())
    })
}

fn place(judged: &Judged, origin: Origin) -> String {
    let file = origin.file.and_then(|file| judged.files.get(file as usize));
    file.map_or_else(
        || "the platform".to_owned(),
        |path| format!("{path}:{}", origin.span.start.line),
    )
}

fn observed(meta: &FileMeta, bytes: Vec<u8>) -> Facts {
    Facts::of(&SourceFile::new(bytes, meta.language, meta.class))
}

type Read<T> = anyhow::Result<(T, BTreeMap<RepoPath, Facts>)>;

fn in_folder(folder: &Path) -> Read<Vec<MigrationSet>> {
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
    Ok((sources.sets, facts))
}

/// Files in the order in which they are given.
fn given(files: &[PathBuf]) -> Read<MigrationSet> {
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
            EntryKind::File { executable: false },
            bytes.len() as u64,
            Tracking::NoGit,
            Identity::None,
        );
        facts.insert(path.clone(), observed(&meta, bytes));
        paths.push(path);
    }
    let set = MigrationSet::of_files(&paths, &|path| {
        facts.get(path).map(|facts| facts.content.clone())
    });
    Ok((set, facts))
}
