//! Owns what `scan` of every family has in common: files of folders, or files by name, each looked at once, in parallel; and
//! how an answer ends.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use rayon::prelude::*;

use super::Usage;
use super::output::Console;
use crate::base::ascii::escape;
use crate::base::path::RepoPath;
use crate::base::words;
use crate::host::regular;
use crate::host::worktree::WorkTree;
use crate::model::outcome::Exit;
use crate::source::class::PathClass;
use crate::source::language::Language;
use crate::source::tree::{FileMeta, SourceTree as _};

/// `--format`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

/// What was looked at.
pub struct Scanned<T> {
    /// The path as people write it, and what was seen there.
    pub seen: Vec<(String, T)>,
    /// What could not be read, and why.
    pub unread: Vec<String>,
    /// How many files were not wanted.
    pub left: usize,
}

/// Looks at every wanted file below `paths`, and at those that `paths` names.
///
/// # Errors
/// When a path cannot be read.
pub fn scan<T: Send>(
    from: &Path,
    paths: &[PathBuf],
    wanted: impl Fn(&FileMeta) -> bool + Sync,
    look: impl Fn(Vec<u8>, Option<Language>, PathClass) -> T + Sync,
) -> anyhow::Result<Scanned<T>> {
    let mut all = Scanned {
        seen: Vec::new(),
        unread: Vec::new(),
        left: 0,
    };
    for given in paths {
        let path = from.join(given);
        let shown = given.to_string_lossy();
        if path.is_dir() {
            folder(&path, &shown, &wanted, &look, &mut all)?;
            continue;
        }
        let mut bytes = Vec::new();
        let opened = regular::open(&path).and_then(|(mut open, _)| open.read_to_end(&mut bytes));
        opened.map_err(|problem| {
            let message = format!("`{}` cannot be read: {problem}", given.display());
            Usage::new(message, "name a folder or a file that is there")
        })?;
        let name = RepoPath::new(shown.trim_start_matches(['.', '/']).as_bytes());
        let (language, class) = name.map_or((None, PathClass::default()), |path| {
            (Language::of_path(&path), PathClass::of_path(&path))
        });
        all.seen
            .push((shown.into_owned(), look(bytes, language, class)));
    }
    Ok(all)
}

fn folder<T: Send>(
    path: &Path,
    shown: &str,
    wanted: &(impl Fn(&FileMeta) -> bool + Sync),
    look: &(impl Fn(Vec<u8>, Option<Language>, PathClass) -> T + Sync),
    all: &mut Scanned<T>,
) -> anyhow::Result<()> {
    let tree = WorkTree::open(path, None)?;
    all.unread.extend(tree.problems().iter().cloned());
    let regular = tree.files().iter().filter(|file| file.is_file());
    let (files, left): (Vec<&FileMeta>, Vec<&FileMeta>) = regular.partition(|file| wanted(file));
    all.left += left.len();
    let one = |file: &&FileMeta| match tree.read(file) {
        Ok(bytes) => Ok(look(bytes, file.language, file.class)),
        Err(error) => Err(error.to_string()),
    };
    let seen: Vec<Result<T, String>> = files.par_iter().map(one).collect();
    let root = shown.trim_end_matches('/');
    for (file, seen) in files.iter().zip(seen) {
        let path = match root {
            "." | "" => file.path.to_string(),
            root => format!("{root}/{}", file.path),
        };
        match seen {
            Ok(seen) => all.seen.push((path, seen)),
            Err(why) => all.unread.push(why),
        }
    }
    Ok(())
}

/// How a scan ends.
pub struct Ending<'a> {
    /// How many findings there are.
    pub found: usize,
    /// How many files were looked at.
    pub files: usize,
    /// How many there were of something that is no finding: the count, its noun, and what became of them.
    pub notes: &'a [(usize, &'a str, &'a str)],
    /// What was not looked into, and why.
    pub unread: &'a [String],
}

impl Ending<'_> {
    /// Prints the lines of the findings, or the whole answer as JSON, and tells the exit code.
    ///
    /// # Errors
    /// When the answer cannot be written.
    pub fn print(
        &self,
        format: Format,
        text: impl FnOnce() -> String,
        json: impl FnOnce() -> serde_json::Value,
        console: &mut Console,
    ) -> anyhow::Result<Exit> {
        match format {
            Format::Json => console.json(&json())?,
            Format::Text => {
                console.out(&text())?;
                console.say(&self.told());
            }
        }
        Ok(match (self.found, self.unread) {
            (0, []) => Exit::Pass,
            (0, _) => Exit::Unknown,
            _ => Exit::Fail,
        })
    }

    /// What is worth saying beside the findings.
    fn told(&self) -> String {
        let mut text = format!(
            "{} in {}\n",
            words::count(self.found, "finding"),
            words::count(self.files, "file")
        );
        for (count, noun, what) in self.notes.iter().filter(|(count, ..)| *count > 0) {
            text.push_str(&format!("{} {what}\n", words::count(*count, noun)));
        }
        for why in self.unread {
            text.push_str(&format!("not looked into: {}\n", escape(why)));
        }
        text
    }
}
