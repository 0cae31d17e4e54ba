//! Owns `qgate coverage`: the family alone, on reports by name, without gates.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::Usage;
use super::args::Global;
use super::output::Console;
use super::scan::Format;
use crate::base::ascii::{self, escape};
use crate::base::path::RepoPath;
use crate::base::words::count;
use crate::check::context::Base;
use crate::checkers::coverage::changed::{self, Change, Sources, ranges, shown};
use crate::checkers::coverage::facts::Facts;
use crate::checkers::coverage::model::{Count, FileCoverage, State, Totals};
use crate::checkers::coverage::paths::Files;
use crate::checkers::coverage::read::{self, LARGEST};
use crate::checkers::coverage::set::Union;
use crate::checkers::coverage::{is_source, languages};
use crate::host::git::{Repository, Target};
use crate::host::regular;
use crate::host::terminal;
use crate::host::worktree::WorkTree;
use crate::model::outcome::Exit;
use crate::source::file::SourceFile;
use crate::source::language::Language;
use crate::source::tree::SourceTree as _;

const EXAMPLES: &str = "Examples:
  qgate coverage show coverage.xml
  qgate coverage show --root . lcov.info target/jacoco.xml
  qgate coverage show --base origin/main --format json coverage.xml

Exit codes: 0 all was read, 3 a part of a report could not be understood, or tells of nothing.";

/// `qgate coverage`.
#[derive(Args, Debug)]
pub struct CoverageArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: CoverageAction,
}

/// What can be done with coverage.
#[derive(Debug, Subcommand)]
pub enum CoverageAction {
    /// Show what the reports of coverage tools tell: totals, files, and the lines of a change
    #[command(after_help = EXAMPLES)]
    Show(ShowArgs),
}

/// `qgate coverage show`.
#[derive(Args, Debug)]
pub struct ShowArgs {
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
    /// The repository that the reports tell of: their paths are matched with its files
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// Show which lines of the change since the merge-base with this commit ran
    #[arg(long, value_name = "REF")]
    pub base: Option<String>,
    /// Take this away where a path of a report starts with it
    #[arg(long, value_name = "PREFIX")]
    pub strip: Vec<String>,
    /// Reports, in any known format; the content tells which
    #[arg(value_name = "REPORT", required = true)]
    pub reports: Vec<PathBuf>,
}

/// A report that was read.
struct Seen {
    path: String,
    format: &'static str,
    files: usize,
    commit: Option<String>,
    flaws: Vec<String>,
}

/// Runs the family.
///
/// # Errors
/// When a report cannot be read or understood, when there is no such base, or the answer cannot be written.
pub fn run(args: &CoverageArgs, global: &Global, console: &mut Console) -> anyhow::Result<Exit> {
    let CoverageAction::Show(args) = &args.action;
    let from = global.directory.as_deref().unwrap_or(Path::new("."));
    let root = args.root.as_ref().map(|root| from.join(root));
    let root = root.or_else(|| args.base.is_some().then(|| from.to_owned()));
    let repository = match (&root, &args.base) {
        (Some(root), _) => Repository::discover(root)?,
        (None, _) => None,
    };
    // With a base the paths of the diff count from the root of the repository.
    let root = match (&repository, &args.base) {
        (Some(repository), Some(_)) => Some(repository.root().to_owned()),
        _ => root,
    };
    let tree = root
        .as_ref()
        .map(|root| WorkTree::open(root, repository.as_ref()))
        .transpose()?;
    let absolute = root
        .as_ref()
        .map(|root| root.canonicalize().unwrap_or_else(|_| root.clone()));
    let absolute = absolute.unwrap_or_default().to_string_lossy().into_owned();
    let files = tree
        .as_ref()
        .map(|tree| Files::new(tree, &absolute, &args.strip));
    let mut coverage = Union::default();
    let mut seen = Vec::new();
    for given in &args.reports {
        let path = from.join(given);
        let report = read_one(&path, given)?;
        seen.push(Seen {
            path: given.to_string_lossy().into_owned(),
            format: report.format.name(),
            files: report.files.len(),
            commit: report.commit.clone(),
            flaws: report.flaws.told(),
        });
        coverage.add(report, files.as_ref());
    }
    let change = match (&args.base, &tree) {
        (Some(base), Some(tree)) => Some(change(base, repository.as_ref(), tree, &coverage)?),
        _ => None,
    };
    let shown = Shown {
        seen: &seen,
        coverage: &coverage,
        rooted: tree.is_some(),
        change: change.as_ref().map(|(base, change)| (base, change)),
    };
    match args.format {
        Format::Json => console.out(&shown.json()?)?,
        Format::Text => {
            console.out(&shown.text())?;
            console.say(&shown.notes());
        }
    }
    let is_whole = seen.iter().all(|seen| seen.flaws.is_empty());
    let is_empty = coverage.all_totals() == Totals::default();
    let told = change.is_none_or(|(_, change)| change.unknown.is_empty());
    Ok(if is_whole && !is_empty && told {
        Exit::Pass
    } else {
        Exit::Unknown
    })
}

fn read_one(path: &Path, given: &Path) -> anyhow::Result<read::Report> {
    let (file, _) = regular::open(path).map_err(|problem| {
        let message = format!("`{}` cannot be read: {problem}", given.display());
        Usage::new(message, "name a report that is there")
    })?;
    read::read(file, LARGEST)
        .map_err(|why| anyhow::anyhow!("`{}` cannot be used: {why}", given.display()))
}

/// The sources of a work tree, each looked at when somebody asks for it first.
struct Disk<'a> {
    tree: &'a WorkTree,
    languages: BTreeSet<Language>,
    known: RefCell<BTreeMap<RepoPath, Option<Facts>>>,
}

impl Sources for Disk<'_> {
    fn facts(&self, path: &RepoPath) -> Option<Facts> {
        if let Some(known) = self.known.borrow().get(path) {
            return known.clone();
        }
        let file = self.tree.find(path).filter(|file| file.is_file());
        let bytes = file.and_then(|file| Some((file, self.tree.read(file).ok()?)));
        let facts = bytes
            .map(|(file, bytes)| Facts::of(&SourceFile::new(bytes, file.language, file.class)));
        self.known.borrow_mut().insert(path.clone(), facts.clone());
        facts
    }

    fn ought(&self, path: &RepoPath) -> bool {
        let file = self.tree.find(path);
        file.is_some_and(|file| {
            is_source(file)
                && !file.class.test
                && file
                    .language
                    .is_some_and(|language| self.languages.contains(&language))
        })
    }
}

fn change(
    base: &str,
    repository: Option<&Repository>,
    tree: &WorkTree,
    coverage: &Union,
) -> anyhow::Result<(Base, Change)> {
    let Some(repository) = repository else {
        return Err(Usage::new(
            "--base needs a git repository",
            "leave it out, or name the repository with --root",
        )
        .into());
    };
    let found = repository.base(Some(base), &terminal::variable)?;
    let Some(base) = found else {
        return Err(Usage::new(format!("there is no base `{base}`"), "name a commit").into());
    };
    let diff = repository.diff(&base, &Target::WorkTree)?;
    let sources = Disk {
        tree,
        languages: languages(coverage),
        known: RefCell::default(),
    };
    let change = changed::judge(&diff, coverage, &sources);
    Ok((base, change))
}

/// What is shown.
struct Shown<'a> {
    seen: &'a [Seen],
    coverage: &'a Union,
    rooted: bool,
    change: Option<(&'a Base, &'a Change)>,
}

/// A share to two decimals, never rounded up; `n/a` of nothing.
fn percent(count: Count) -> String {
    match hundredths(count) {
        Some(all) => format!("{}.{:02}%", all / 100, all % 100),
        None => "n/a".to_owned(),
    }
}

/// A share in hundredths of a percent, rounded down.
fn hundredths(count: Count) -> Option<u64> {
    (count.total > 0).then(|| {
        let all = u128::from(count.covered) * 10_000 / u128::from(count.total);
        u64::try_from(all).unwrap_or(u64::MAX)
    })
}

fn told(what: &str, count: Count) -> String {
    format!(
        "{what} {} ({}/{})",
        percent(count),
        count.covered,
        count.total
    )
}

/// The lines of a file that stand so.
fn lines(file: &FileCoverage, state: State) -> BTreeSet<u32> {
    let all = file.lines.keys().copied();
    all.filter(|&line| file.state(line) == Some(state))
        .collect()
}

impl Shown<'_> {
    fn files(&self) -> impl Iterator<Item = (String, bool, &FileCoverage)> {
        let own = self.coverage.files.iter();
        let own = own.map(|(path, known)| {
            (
                String::from_utf8_lossy(path.as_bytes()).into_owned(),
                true,
                &known.coverage,
            )
        });
        let others = self.coverage.others.iter().map(|(name, known)| {
            let path = match name.module.as_str() {
                "" => name.path.clone(),
                module => format!("{module}:{}", name.path),
            };
            (path, false, &known.coverage)
        });
        own.chain(others)
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for (path, own, file) in self.files() {
            let totals = file.totals();
            let mut parts = vec![told("lines", totals.lines)];
            for (what, count) in [
                ("branches", totals.branches),
                ("functions", totals.functions),
            ] {
                if count.total > 0 {
                    parts.push(told(what, count));
                }
            }
            let missed = ranges(&lines(file, State::Miss));
            if !missed.is_empty() {
                let rest = missed.len().saturating_sub(20);
                let more = if rest > 0 {
                    format!(" and {rest} more")
                } else {
                    String::new()
                };
                parts.push(format!(
                    "not run: {}{more}",
                    shown(&missed[..missed.len() - rest])
                ));
            }
            let mark = if self.rooted && !own {
                " (no file of the repository)"
            } else {
                ""
            };
            text.push_str(&format!("{}{mark}: {}\n", escape(&path), parts.join(", ")));
        }
        let totals = self.coverage.all_totals();
        text.push_str(&format!("total of {}: ", self.coverage.told()));
        let mut parts = vec![
            told("lines", totals.lines),
            told("branches", totals.branches),
            told("functions", totals.functions),
        ];
        if totals.statements.total > 0 {
            parts.push(told("statements", totals.statements));
        }
        text.push_str(&format!("{}\n", parts.join(", ")));
        if let Some((base, change)) = self.change {
            for (path, file) in &change.files {
                let count = Count::new(
                    file.covered.len() as u64,
                    (file.covered.len() + file.uncovered.len()) as u64,
                );
                let mut parts = vec![told("changed lines", count)];
                if !file.uncovered.is_empty() {
                    parts.push(format!("not run: {}", shown(&ranges(&file.uncovered))));
                }
                if file.absent {
                    parts.push("no report tells of it".to_owned());
                }
                if file.moved > 0 {
                    parts.push(format!("moved and left out: {}", file.moved));
                }
                text.push_str(&format!("change: {path}: {}\n", parts.join(", ")));
            }
            let name = escape(&base.name);
            text.push_str(&match change.count() {
                none if none.total == 0 => {
                    format!("change since {name}: no changed line can run\n")
                }
                count => format!("change since {name}: {}\n", told("changed lines", count)),
            });
        }
        text
    }

    fn notes(&self) -> String {
        let mut text = String::new();
        for seen in self.seen {
            text.push_str(&format!(
                "{}: {}, {}\n",
                escape(&seen.path),
                seen.format,
                count(seen.files, "file")
            ));
            for flaw in &seen.flaws {
                text.push_str(&format!(
                    "{}: read in part: {}\n",
                    escape(&seen.path),
                    escape(flaw)
                ));
            }
        }
        if self.rooted {
            text.push_str(&format!(
                "paths: {}\n",
                escape(&self.coverage.matching.told())
            ));
        }
        if let Some((_, change)) = self.change {
            for path in &change.unknown {
                text.push_str(&format!(
                    "{path}: changed, and the reports tell of none of its lines\n"
                ));
            }
        }
        text
    }

    fn json(&self) -> anyhow::Result<String> {
        use serde_json::{Value, json};
        #[expect(clippy::cast_precision_loss, reason = "a percentage has five digits")]
        let share = |count: Count| {
            let percent = hundredths(count).map(|all| all as f64 / 100.0);
            json!({ "covered": count.covered, "total": count.total, "percent": percent })
        };
        let totals = |totals: &Totals| {
            json!({
                "lines": share(totals.lines),
                "branches": share(totals.branches),
                "functions": share(totals.functions),
                "statements": share(totals.statements),
                "combined": share(totals.combined()),
            })
        };
        let files: Vec<Value> = self
            .files()
            .map(|(path, own, file)| {
                let mut value = totals(&file.totals());
                value["path"] = json!(path);
                value["in_repository"] = json!(self.rooted.then_some(own));
                value["uncovered_lines"] = json!(ranges(&lines(file, State::Miss)));
                value["partial_lines"] = json!(ranges(&lines(file, State::Partial)));
                value
            })
            .collect();
        let reports: Vec<Value> = self
            .seen
            .iter()
            .map(|seen| {
                json!({
                    "path": seen.path,
                    "format": seen.format,
                    "files": seen.files,
                    "commit": seen.commit,
                    "flaws": seen.flaws,
                })
            })
            .collect();
        let matching = &self.coverage.matching;
        let paths = self.rooted.then(|| {
            json!({
                "matched": matching.matched,
                "unmatched": matching.unmatched.count,
                "ambiguous": matching.ambiguous.count,
                "outside": matching.outside.count,
                "folded": matching.folded.count,
                "first_unmatched": matching.unmatched.first,
                "first_ambiguous": matching.ambiguous.first,
            })
        });
        let change = self.change.map(|(base, change)| {
            let files: Vec<Value> = change
                .files
                .iter()
                .map(|(path, file)| {
                    json!({
                        "path": String::from_utf8_lossy(path.as_bytes()),
                        "covered_lines": ranges(&file.covered),
                        "partial_lines": ranges(&file.partial),
                        "uncovered_lines": ranges(&file.uncovered),
                        "in_report": !file.absent,
                        "moved_lines": file.moved,
                    })
                })
                .collect();
            let unknown: Vec<_> = change
                .unknown
                .iter()
                .map(|path| String::from_utf8_lossy(path.as_bytes()))
                .collect();
            json!({
                "base": base.commit,
                "lines": share(change.count()),
                "moved_lines": change.moved(),
                "files": files,
                "unknown": unknown,
            })
        });
        let text = serde_json::to_string_pretty(&json!({
            "version": 1,
            "reports": reports,
            "totals": totals(&self.coverage.all_totals()),
            "files": files,
            "paths": paths,
            "change": change,
        }))?;
        Ok(ascii::json(&text) + "\n")
    }
}
