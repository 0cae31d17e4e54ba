//! Owns the locks that the statements of one transaction hold until its end.

use std::collections::{BTreeMap, BTreeSet};

use super::super::catalog::{Key, Oid, Origin};
use super::super::fold::Fold;
use super::super::lints::Hit;
use super::super::sources::{Kind, Transaction};
use super::Safety;
use super::look::Look;

/// How much a lock forbids, as far as rules ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Writes.
    Writes,
    /// Reads and writes.
    All,
}

/// A lock on a table in use.
#[derive(Clone, Debug)]
pub struct Lock {
    /// The table, where it is known: it keeps that when it gets another name.
    pub(super) oid: Option<Oid>,
    /// `schema.name`.
    pub(super) table: String,
    pub(super) level: Level,
    /// Taken for a policy: those are changed for many tables at once, and nobody parts them.
    pub(super) policy: bool,
}

/// A lock that a transaction holds.
#[derive(Clone, Debug)]
struct Held {
    table: String,
    level: Level,
    policy: bool,
    /// Where it was taken.
    origin: Origin,
}

/// What a transaction holds and has done.
#[derive(Clone, Debug, Default)]
pub struct Open {
    /// Tables in use: by what identifies them, and by name where nothing does.
    held: BTreeMap<(Option<Oid>, String), Held>,
    told_work: bool,
    told_wide: bool,
    pub(super) not_valid: BTreeSet<(String, String)>,
    pub(super) values: BTreeSet<(Key, String)>,
    pub(super) types: BTreeSet<Key>,
}

/// From this many tables on the window is wide.
const WIDE: usize = 3;

impl Safety {
    /// A statement took a lock.
    pub(super) fn hold(&mut self, fold: &Fold, lock: Lock) {
        let at = fold.at();
        if !self.timeout {
            self.waits = true;
            self.endless.0 = Some(at);
        }
        if !self.shares() {
            return;
        }
        let name = if lock.oid.is_some() {
            String::new()
        } else {
            lock.table.clone()
        };
        let new = Held {
            table: lock.table,
            level: lock.level,
            policy: lock.policy,
            origin: at,
        };
        let held = self.open.held.entry((lock.oid, name)).or_insert(new);
        held.level = held.level.max(lock.level);
        held.policy &= lock.policy;
        // What is dropped nobody waits for.
        let is_there =
            |oid: &Option<Oid>| oid.is_none_or(|oid| fold.catalog.relation(oid).is_some());
        let mut all: Vec<&str> = self
            .open
            .held
            .iter()
            .filter(|((oid, _), held)| held.level == Level::All && !held.policy && is_there(oid))
            .map(|(_, held)| held.table.as_str())
            .collect();
        all.sort_unstable();
        if all.len() < WIDE || self.open.told_wide {
            return;
        }
        let object = all.join(", ");
        let hit = Hit {
            lint: "wide_lock_window",
            key: format!("wide_lock_window {object}"),
            headline: format!(
                "one transaction locks {object} against reads and writes, all until its end"
            ),
            object,
            origin: at,
        };
        self.open.told_wide = true;
        self.hits.push((hit, false));
    }

    /// What is to say when a statement works on many rows while the transaction holds a table that others wait for.
    pub(super) fn held_by(&self, look: &Look<'_>, what: &str) -> Option<Hit> {
        if !self.shares() || self.open.told_work {
            return None;
        }
        let all = self.open.held.values();
        let held = all
            .filter(|held| held.level == Level::All)
            .min_by_key(|held| held.origin)?;
        let table = &held.table;
        let since = if held.origin == look.fold.at() {
            "an earlier statement of the block".to_owned()
        } else {
            format!("line {}", held.origin.span.start.line)
        };
        let headline =
            format!("{what} while {table} is locked against reads and writes since {since}");
        Some(look.hit(
            "running_statement_while_holding_access_exclusive",
            table,
            what,
            headline,
        ))
    }

    /// It was said that work is done under a lock: once for a transaction is enough.
    pub(super) fn told(&mut self, hit: &Hit) {
        self.open.told_work |= hit.lint == "running_statement_while_holding_access_exclusive";
    }

    /// Why this statement and the next share a transaction.
    pub(super) fn why_shared(&self) -> String {
        if self.blocks > 0 {
            return "a DO block is a transaction".to_owned();
        }
        if self.begun {
            return "a transaction is open".to_owned();
        }
        match self.mode {
            Transaction::Whole if self.kind == Kind::Supabase => {
                "Supabase runs the statements of a migration together".to_owned()
            }
            Transaction::Whole => {
                format!("{} runs the migration in a transaction", self.kind.name())
            }
            _ => format!(
                "{} sends the file as one query, and its statements share a transaction",
                self.kind.name()
            ),
        }
    }
}
