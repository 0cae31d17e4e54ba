//! Owns the rules on how migrations change a database in use. Each statement is judged by the catalog before it: what a
//! migration made itself, nobody uses yet. Knows no file but by its number.

mod alter;
mod data;
mod design;
mod drops;
mod end;
mod index;
mod locks;
mod look;
mod pairs;
mod retype;
pub mod unreleased;
mod volatile;

use std::collections::BTreeSet;

use super::catalog::Origin;
use super::fold::{Done, Fail, Fold};
use super::lints::Hit;
use super::parse::statement::{Statement, Transaction as Word};
use super::sources::{Kind, Migration, MigrationSet, Transaction};
use locks::Open;
use look::{Look, Seen};
use pairs::Names;
use unreleased::Unreleased;

use crate::model::place::Span;

/// What of a migration is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Judged {
    /// Nothing.
    No,
    /// How its tables are made: it describes a whole schema, and changes none in use.
    Design,
    /// All.
    All,
}

/// Watches a fold, and judges its statements.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, not states"
)]
pub struct Safety {
    kind: Kind,
    /// Whether each file is a part of what is not released yet, by its number; all of them are new together.
    unreleased: Option<Vec<bool>>,
    /// The day that each version names, if it names one.
    days: Vec<Option<u32>>,
    /// The first statement of each file.
    firsts: Vec<Option<Span>>,
    file: u32,
    judged: Judged,
    mode: Transaction,
    /// Does the file hold several statements?
    several: bool,
    /// Was `BEGIN` seen?
    begun: bool,
    /// Did the file end the transaction that the tool began?
    ended: bool,
    /// How many blocks are open.
    blocks: u32,
    open: Open,
    /// Has the file set `lock_timeout`?
    timeout: bool,
    /// The last statement that waits for a lock without end, and how many files have one.
    endless: (Option<Origin>, usize),
    waits: bool,
    names: Names,
    /// Tables of this file that have no row, whatever the catalog says of them.
    empty: BTreeSet<String>,
    hits: Vec<(Hit, bool)>,
}

impl Safety {
    /// Who watches a set.
    #[must_use]
    pub fn new(set: &MigrationSet, unreleased: &Unreleased) -> Self {
        let unreleased = match unreleased {
            Unreleased::Each => None,
            Unreleased::These(paths) => {
                let is_new = |migration: &Migration| paths.contains(&migration.path);
                Some(set.migrations.iter().map(is_new).collect())
            }
        };
        Self {
            kind: set.kind,
            unreleased,
            days: set
                .migrations
                .iter()
                .map(|migration| day(&migration.version))
                .collect(),
            firsts: Vec::new(),
            file: 0,
            judged: Judged::No,
            mode: Transaction::None,
            several: false,
            begun: false,
            ended: false,
            blocks: 0,
            open: Open::default(),
            timeout: false,
            endless: (None, 0),
            waits: false,
            names: Names::default(),
            empty: BTreeSet::new(),
            hits: Vec::new(),
        }
    }

    /// A file begins, with this many statements, the first of them here.
    pub fn begin(
        &mut self,
        file: u32,
        migration: &Migration,
        statements: usize,
        first: Option<Span>,
    ) {
        self.file = file;
        self.firsts.resize(file as usize, None);
        self.firsts.push(first);
        self.judged = match self.kind {
            _ if !self.is_judged(file) => Judged::No,
            Kind::PgDump => Judged::No,
            Kind::SchemaFile => Judged::Design,
            _ => Judged::All,
        };
        self.mode = migration.transaction;
        self.several = statements > 1;
        self.begun = false;
        self.ended = false;
        self.open = Open::default();
        self.timeout = false;
        self.waits = false;
        self.empty.clear();
    }

    /// Is this file judged?
    fn is_judged(&self, file: u32) -> bool {
        let found = |all: &Vec<bool>| all.get(file as usize) == Some(&true);
        self.unreleased.as_ref().is_none_or(found)
    }

    /// Was it made in what is not released yet?
    fn is_new(&self, origin: Origin) -> bool {
        let Some(file) = origin.file else {
            return false;
        };
        let released_together = matches!(self.kind, Kind::PgDump | Kind::SchemaFile);
        let unreleased = self.unreleased.is_some() && self.is_judged(file);
        let day = |file: u32| self.days.get(file as usize).copied().flatten();
        // What is a day old holds few rows, and mostly came with the same release.
        let same_day = day(file).is_some() && day(file) == day(self.file);
        file == self.file || released_together || unreleased || same_day
    }

    /// Do this statement and the next share a transaction?
    const fn shares(&self) -> bool {
        self.begun
            || self.blocks > 0
            || match self.mode {
                Transaction::Whole => !self.ended,
                Transaction::Implicit => self.several,
                Transaction::None => false,
            }
    }

    /// A statement of a script, before it runs.
    pub fn step(&mut self, at: Origin, statement: &Statement) {
        match statement {
            Statement::Transaction(Word::Begin) => {
                let outer = self.mode == Transaction::Whole && !self.ended;
                if outer || self.begun {
                    self.nested(at);
                }
                if !self.shares() {
                    self.open = Open::default();
                }
                self.begun = true;
            }
            Statement::Transaction(Word::Commit | Word::Rollback | Word::Other) => {
                self.ended = true;
                self.begun = false;
                self.open = Open::default();
            }
            Statement::Transaction(_) => {}
            _ if !self.shares() => self.open = Open::default(),
            _ => {}
        }
    }

    fn nested(&mut self, at: Origin) {
        if self.judged != Judged::All || self.kind == Kind::Supabase {
            return;
        }
        let runner = if self.begun {
            "a transaction is open already".to_owned()
        } else {
            format!("{} runs the migration in a transaction", self.kind.name())
        };
        self.hits.push((
            Hit {
                lint: "transaction_nesting",
                key: "transaction_nesting".to_owned(),
                object: "the transaction".to_owned(),
                headline: format!("BEGIN opens nothing: {runner}, and the COMMIT ends that one"),
                origin: at,
            },
            false,
        ));
    }

    /// A statement, before it runs: also one in a block.
    pub fn before(&mut self, fold: &Fold, statement: &Statement) -> Seen {
        if matches!(statement, Statement::Do(_)) {
            self.blocks += 1;
        }
        let mut seen = Seen::default();
        if self.judged > Judged::No {
            let mut look = Look {
                fold,
                safety: self,
                seen: &mut seen,
            };
            judge(&mut look, statement);
        }
        seen
    }

    /// A statement, after it ran.
    pub fn after(&mut self, fold: &Fold, statement: &Statement, done: &Done, seen: Seen) {
        if matches!(statement, Statement::Do(_)) {
            self.blocks = self.blocks.saturating_sub(1);
        }
        if self.judged == Judged::No {
            return;
        }
        let holds = done.is_ok();
        for found in seen.hits {
            if holds || found.certain {
                self.told(&found.hit);
                self.hits.push((found.hit, found.undecided));
            }
        }
        if let (Err(Fail::Exists(_)), Some(hit)) = (done, end::too_long(fold, statement)) {
            self.hits.push((hit, false));
        }
        // Whoever makes a table expects that there is none, whatever made it before, or asked for it.
        if let Statement::CreateTable(table) = statement {
            let (schema, name) = fold.qualified(&table.name);
            let outside = fold.find(&table.name).is_some_and(|found| found.outside);
            if outside || matches!(done, Err(Fail::Exists(_))) {
                self.empty.insert(format!("{schema}.{name}"));
            }
        }
        if !holds || self.judged != Judged::All {
            return;
        }
        self.names.extend(seen.names);
        self.empty.extend(seen.emptied);
        self.timeout |= seen.timeout;
        self.open.not_valid.extend(seen.not_valid);
        self.open.values.extend(seen.values);
        self.open.types.extend(seen.types);
        for lock in seen.locks {
            self.hold(fold, lock);
        }
    }

    /// The file ends.
    pub fn end(&mut self, fold: &Fold) {
        let said = std::mem::take(&mut self.names).settle(fold);
        self.hits.extend(said.into_iter().map(|hit| (hit, false)));
        self.endless.1 += usize::from(self.waits);
    }

    /// All that was found, with what the set as a whole tells.
    #[must_use]
    pub fn finish(mut self, fold: &Fold, set: &MigrationSet) -> Vec<(Hit, bool)> {
        self.conclude(fold, set);
        let mut hits = self.hits;
        hits.sort_by(|(a, _), (b, _)| (a.origin, a).cmp(&(b.origin, b)));
        hits.dedup();
        hits
    }
}

/// The day that a version begins with, where it is a time: `20260131120000`, `2026-01-31-120000`.
fn day(version: &str) -> Option<u32> {
    let digits: String = version
        .bytes()
        .take_while(|byte| byte.is_ascii_digit() || *byte == b'-')
        .filter(u8::is_ascii_digit)
        .map(char::from)
        .collect();
    if !(12..=17).contains(&digits.len()) {
        return None;
    }
    let day: u32 = digits.get(..8)?.parse().ok()?;
    let (year, month, of_month) = (day / 10_000, day / 100 % 100, day % 100);
    let is_date =
        (1990..2100).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&of_month);
    is_date.then_some(day)
}

fn judge(look: &mut Look<'_>, statement: &Statement) {
    if let Statement::CreateTable(table) = statement {
        design::table(look, table);
    }
    if look.safety.judged != Judged::All {
        return;
    }
    match statement {
        Statement::CreateTable(table) => alter::create(look, table),
        Statement::AlterTable(alter) => alter::alter(look, alter),
        Statement::CreateIndex(index) => index::create(look, index),
        Statement::Maintain(maintain) => index::maintain(look, maintain),
        Statement::Drop(object, targets, if_exists, cascade, concurrently) => {
            drops::drop(look, *object, targets, *if_exists, *cascade, *concurrently);
        }
        _ => data::other(look, statement),
    }
    data::values(look, statement);
}

#[cfg(test)]
mod tests {
    use super::day;

    #[test]
    fn versions_that_are_times_name_a_day() {
        assert_eq!(day("20260131120000"), Some(20_260_131));
        assert_eq!(day("20260131120000_add_users"), Some(20_260_131));
        assert_eq!(day("2026-01-31-120000_add_users"), Some(20_260_131));
        for none in [
            "0001",
            "20260131",
            "20261331120000",
            "1700000000000",
            "V2__a",
            "",
        ] {
            assert_eq!(day(none), None, "{none}");
        }
    }
}
