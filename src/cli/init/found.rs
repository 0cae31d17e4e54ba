//! Owns what a repository holds, as its file names tell. Pure; reads nothing.

use std::collections::BTreeMap;

use crate::base::path::RepoPath;
use crate::base::words::count;
use crate::check::options::Glob;
use crate::checkers::coverage::options::USUAL;
use crate::source::language::Language;
use crate::source::tree::FileMeta;

/// The globs of the reports that [`Found::of`] wants to know of.
///
/// # Panics
/// Never: the globs are constants.
pub fn report_globs() -> Vec<Glob> {
    let glob = |text| Glob::new(text).expect("a constant path is a glob");
    USUAL.iter().copied().map(glob).collect()
}

/// What a repository holds.
#[derive(Debug, Default)]
pub struct Found {
    /// How many files of each language, generated and vendored ones not counted.
    pub languages: BTreeMap<&'static str, usize>,
    /// How many of them are tests.
    pub tests: BTreeMap<&'static str, usize>,
    /// The names of files in the root: manifests, lock files.
    pub root: Vec<String>,
    /// Lock files anywhere.
    pub locks: usize,
    /// Coverage reports, by path.
    pub reports: Vec<RepoPath>,
}

impl Found {
    /// What these files and reports tell.
    pub fn of(files: &[FileMeta], reports: &[RepoPath]) -> Self {
        let mut found = Self {
            reports: reports.to_vec(),
            ..Self::default()
        };
        for file in files.iter().filter(|file| file.is_file()) {
            if file.path.in_root() {
                found.root.push(file.path.to_string());
            }
            let class = file.class;
            found.locks += usize::from(class.lock && !class.vendored);
            if class.generated || class.vendored || class.minified {
                continue;
            }
            if let Some(language) = file.language {
                *found.languages.entry(language.name()).or_default() += 1;
                if class.test {
                    *found.tests.entry(language.name()).or_default() += 1;
                }
            }
        }
        found
    }

    /// The usual places at which reports were found, as globs.
    pub fn report_places(&self) -> Vec<&'static str> {
        let here = |place: &&str| {
            Glob::new(place).is_ok_and(|glob| self.reports.iter().any(|path| glob.matches(path)))
        };
        USUAL.iter().copied().filter(here).collect()
    }

    /// Is this file in the root?
    pub fn has(&self, name: &str) -> bool {
        self.root.iter().any(|known| known == name)
    }

    /// Are there files of this language?
    pub fn uses(&self, language: Language) -> bool {
        self.languages.contains_key(language.name())
    }

    /// Are there tests in any of these languages?
    pub fn tests(&self, languages: &[Language]) -> bool {
        languages
            .iter()
            .any(|language| self.tests.contains_key(language.name()))
    }

    /// One line for each kind of thing that was found.
    pub fn describe(&self) -> Vec<String> {
        let list = |counts: &BTreeMap<&str, usize>| {
            let mut sorted: Vec<_> = counts.iter().collect();
            sorted.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
            let words = sorted.iter().map(|(name, files)| format!("{name} {files}"));
            words.take(8).collect::<Vec<_>>().join(", ")
        };
        let mut lines = Vec::new();
        if self.languages.is_empty() {
            lines.push("Found here: no file in a language that qgate knows.".to_owned());
        } else {
            lines.push(format!("Found here, in files: {}.", list(&self.languages)));
        }
        if !self.tests.is_empty() {
            lines.push(format!("Tests, in files: {}.", list(&self.tests)));
        }
        if self.locks > 0 {
            lines.push(format!("Dependencies: {}.", count(self.locks, "lock file")));
        }
        if self.uses(Language::Sql) {
            let files = self.languages[Language::Sql.name()];
            lines.push(format!("SQL: {}.", count(files, "file")));
        }
        if !self.reports.is_empty() {
            let paths: Vec<String> = self.reports.iter().map(ToString::to_string).collect();
            lines.push(format!("Coverage reports: {}.", paths.join(", ")));
        }
        lines
    }
}
