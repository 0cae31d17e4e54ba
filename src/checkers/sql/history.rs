//! Owns the judgement of one migration set: its files are folded in order, in two readings, and the rules are asked.

use std::collections::BTreeSet;

use super::catalog::{Catalog, Origin};
use super::facts::Facts;
use super::fold::{Fold, Remark};
use super::lints::{self, Hit};
use super::parse::script::{Piece, What};
use super::platform::{self, Profile};
use super::precise;
use super::rls::Known;
use super::safety::Safety;
use super::safety::unreleased::Unreleased;
use super::sources::MigrationSet;
use crate::base::path::RepoPath;

/// Which lints are wanted: those of a live database to the letter, or without what is known to be wrong in them.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// The same keys as the live lints.
    Exact,
    /// Their known false findings left out, their known misses found.
    #[default]
    Precise,
}

impl Mode {
    /// What its rules say of a catalog: one that migrations make and one of a live database alike.
    #[must_use]
    pub fn ask(self, catalog: &Catalog, exposed: &[String], known: &Known) -> Vec<Hit> {
        match self {
            Self::Exact => lints::all(catalog, exposed),
            Self::Precise => precise::all(catalog, exposed, known),
        }
    }
}

/// What was found in a set.
#[derive(Debug)]
pub struct Judged {
    /// The files, by the number that origins name.
    pub files: Vec<RepoPath>,
    /// Hits, and whether each is undecided.
    pub hits: Vec<(Hit, bool)>,
    /// The database after the last migration, as these files alone make it.
    pub strict: Fold,
    /// As [`Judged::strict`], where what is not there is taken for something from before.
    pub lenient: Fold,
    /// Files that could not be read.
    pub unread: Vec<RepoPath>,
}

impl Judged {
    /// What was said of statements, each once.
    #[must_use]
    pub fn remarks(&self) -> Vec<&Remark> {
        let mut all: Vec<&Remark> = self.lenient.remarks.iter().collect();
        let told: BTreeSet<Origin> = all.iter().map(|remark| remark.origin).collect();
        all.extend(
            self.strict
                .remarks
                .iter()
                .filter(|remark| !told.contains(&remark.origin)),
        );
        all.sort_by(|a, b| (a.origin, &a.what).cmp(&(b.origin, &b.what)));
        all
    }
}

/// What is asked of a set beside its migrations.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Which lints.
    pub mode: Mode,
    /// What the database holds before the first migration.
    pub profile: Profile,
    /// The schemas that the API serves.
    pub exposed: &'a [String],
    /// The migrations that no database has yet.
    pub unreleased: &'a Unreleased,
    /// What is known of the application.
    pub known: &'a Known,
}

/// Folds a set and asks the lints.
pub fn judge<'a>(
    set: &MigrationSet,
    facts: &dyn Fn(&RepoPath) -> Option<&'a Facts>,
    question: Question<'_>,
) -> Judged {
    let Question {
        mode,
        profile,
        exposed,
        unreleased,
        known,
    } = question;
    let mut strict = platform::first(profile);
    let mut lenient = strict.clone().leniently();
    if mode == Mode::Precise {
        lenient.watch = Some(Box::new(Safety::new(set, unreleased)));
    }
    let mut files = Vec::new();
    let mut unread = Vec::new();
    for migration in &set.migrations {
        let number = u32::try_from(files.len()).unwrap_or(u32::MAX);
        files.push(migration.path.clone());
        let script = facts(&migration.path).and_then(|facts| facts.script.as_ref());
        let Some(script) = script.filter(|_| !migration.unread) else {
            unread.push(migration.path.clone());
            continue;
        };
        let takes = |(start, _): (u32, u32)| {
            migration
                .up
                .iter()
                .any(|range| range.contains(&(start as usize)))
        };
        strict.file(number, script, &takes);
        let applied: Vec<&Piece> = script
            .pieces
            .iter()
            .filter(|piece| takes(piece.bytes))
            .collect();
        let statements = applied
            .iter()
            .filter(|piece| !matches!(piece.what, What::Meta(_)));
        let first = statements.clone().next().map(|piece| piece.span);
        if let Some(watch) = &mut lenient.watch {
            watch.begin(number, migration, statements.count(), first);
        }
        lenient.file(number, script, &takes);
        if let Some(mut watch) = lenient.watch.take() {
            watch.end(&lenient);
            lenient.watch = Some(watch);
        }
    }
    let mut hits = lints::judged(&strict, &lenient, exposed, |catalog, exposed| {
        mode.ask(catalog, exposed, known)
    });
    if let Some(watch) = lenient.watch.take() {
        hits.extend(watch.finish(&lenient, set));
    }
    Judged {
        files,
        hits,
        strict,
        lenient,
        unread,
    }
}
