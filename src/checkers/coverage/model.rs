//! Owns what is known of the coverage of a file, whatever format told it, and the union of several tellings. Knows no format.

use std::collections::BTreeMap;

/// How many of how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Count {
    /// Those that ran.
    pub covered: u64,
    /// All that could run.
    pub total: u64,
}

impl Count {
    /// A count; never more covered than there are.
    #[must_use]
    pub fn new(covered: u64, total: u64) -> Self {
        Self {
            covered: covered.min(total),
            total,
        }
    }

    fn add(&mut self, other: Self) {
        self.covered = self.covered.saturating_add(other.covered);
        self.total = self.total.saturating_add(other.total);
    }

    /// The union of two tellings of the same things, where nobody knows which of them are meant: the better one.
    fn union(self, other: Self) -> Self {
        Self::new(self.covered.max(other.covered), self.total.max(other.total))
    }
}

/// The counts of a file, or of many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Lines with hits, out of those that can have some.
    pub lines: Count,
    /// Branches taken.
    pub branches: Count,
    /// Functions called.
    pub functions: Count,
    /// Statements run, where the format tells of them.
    pub statements: Count,
}

impl Totals {
    /// Adds those of another file.
    pub fn add(&mut self, other: &Self) {
        self.lines.add(other.lines);
        self.branches.add(other.branches);
        self.functions.add(other.functions);
        self.statements.add(other.statements);
    }

    /// Lines and branches together.
    #[must_use]
    pub fn combined(&self) -> Count {
        let mut both = self.lines;
        both.add(self.branches);
        both
    }
}

/// What is known of a line that can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// How often it ran.
    pub hits: u64,
    /// Did a part of it never run?
    pub mixed: bool,
}

/// How a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It never ran.
    Miss,
    /// It ran, but not all of it, or not all of its branches.
    Partial,
    /// It ran.
    Hit,
}

/// The branches that begin in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Branches {
    /// How many were taken; which ones nobody told.
    Counted(Count),
    /// Each by its name within the line, and whether it was taken.
    Named(BTreeMap<Box<str>, bool>),
}

impl Branches {
    /// How many were taken.
    #[must_use]
    pub fn count(&self) -> Count {
        match self {
            Self::Counted(count) => *count,
            Self::Named(all) => {
                let taken = all.values().filter(|taken| **taken).count();
                Count::new(taken as u64, all.len() as u64)
            }
        }
    }

    fn merge(&mut self, other: Self) {
        match (&mut *self, other) {
            (Self::Named(own), Self::Named(others)) => {
                for (name, taken) in others {
                    *own.entry(name).or_insert(false) |= taken;
                }
            }
            (own, other) => *own = Self::Counted(own.count().union(other.count())),
        }
    }
}

/// What identifies a function in its file: its line and column (0 where not told) and its name.
pub type FunctionId = (u32, u32, Box<str>);

/// What identifies a statement in its file: line and column of its start and of its end.
pub type Position = (u32, u32, u32, u32);

/// A statement, or a block of some.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Did it run?
    pub ran: bool,
    /// How many statements it stands for.
    pub weight: u64,
}

/// Counts that a report states without telling of what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stated {
    /// Of lines.
    pub lines: Option<Count>,
    /// Of branches.
    pub branches: Option<Count>,
    /// Of functions.
    pub functions: Option<Count>,
    /// Of statements.
    pub statements: Option<Count>,
}

/// The coverage of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileCoverage {
    /// The lines that can run.
    pub lines: BTreeMap<u32, Line>,
    /// The branches, by the line that they begin in.
    pub branches: BTreeMap<u32, Branches>,
    /// The functions, and whether they were called.
    pub functions: BTreeMap<FunctionId, bool>,
    /// The statements, where the format tells of them.
    pub statements: BTreeMap<Position, Statement>,
    /// What is only stated. It counts where there is nothing above.
    pub stated: Stated,
    /// Was the file never loaded, and is all of this a guess of the tool?
    pub idle: bool,
}

impl FileCoverage {
    /// A line ran `hits` times more.
    pub fn hit(&mut self, line: u32, hits: u64) {
        let new = Line {
            hits: 0,
            mixed: false,
        };
        let known = self.lines.entry(line).or_insert(new);
        known.hits = known.hits.saturating_add(hits);
    }

    /// A part of a line ran `hits` times; the line ran as often as the part that ran most.
    pub fn part(&mut self, line: u32, hits: u64) {
        match self.lines.get_mut(&line) {
            Some(known) => {
                known.mixed |= (known.hits == 0) != (hits == 0);
                known.hits = known.hits.max(hits);
            }
            None => {
                self.lines.insert(line, Line { hits, mixed: false });
            }
        }
    }

    /// A branch of a line, by its name.
    pub fn branch(&mut self, line: u32, name: impl Into<Box<str>>, taken: bool) {
        let one = Branches::Named(BTreeMap::from([(name.into(), taken)]));
        self.add_branches(line, one);
    }

    /// Is this branch of the line known?
    #[must_use]
    pub fn has_branch(&self, line: u32, name: &str) -> bool {
        matches!(self.branches.get(&line), Some(Branches::Named(all)) if all.contains_key(name))
    }

    /// Branches of a line, by number.
    pub fn branch_count(&mut self, line: u32, count: Count) {
        if count.total > 0 {
            self.add_branches(line, Branches::Counted(count));
        }
    }

    fn add_branches(&mut self, line: u32, branches: Branches) {
        match self.branches.get_mut(&line) {
            Some(known) => known.merge(branches),
            None => {
                self.branches.insert(line, branches);
            }
        }
    }

    /// A function, and whether it was called.
    pub fn function(&mut self, id: FunctionId, called: bool) {
        *self.functions.entry(id).or_insert(false) |= called;
    }

    /// A statement, and whether it ran.
    pub fn statement(&mut self, at: Position, ran: bool, weight: u64) {
        let known = self.statements.entry(at);
        let known = known.or_insert(Statement { ran, weight });
        known.ran |= ran;
        known.weight = known.weight.max(weight);
    }

    /// How a line stands; `None` when it cannot run.
    #[must_use]
    pub fn state(&self, line: u32) -> Option<State> {
        let known = self.lines.get(&line)?;
        let missed = |branches: &Branches| {
            let count = branches.count();
            count.covered < count.total
        };
        Some(if known.hits == 0 {
            State::Miss
        } else if known.mixed || self.branches.get(&line).is_some_and(missed) {
            State::Partial
        } else {
            State::Hit
        })
    }

    /// The counts.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let stated = |count: Count, stated: Option<Count>| {
            if count.total > 0 {
                count
            } else {
                stated.unwrap_or_default()
            }
        };
        let hit = self.lines.values().filter(|line| line.hits > 0).count();
        let mut branches = Count::default();
        for known in self.branches.values() {
            branches.add(known.count());
        }
        let called = self.functions.values().filter(|called| **called).count();
        let mut statements = Count::default();
        for known in self.statements.values() {
            statements.add(Count::new(
                if known.ran { known.weight } else { 0 },
                known.weight,
            ));
        }
        Totals {
            lines: stated(
                Count::new(hit as u64, self.lines.len() as u64),
                self.stated.lines,
            ),
            branches: stated(branches, self.stated.branches),
            functions: stated(
                Count::new(called as u64, self.functions.len() as u64),
                self.stated.functions,
            ),
            statements: stated(statements, self.stated.statements),
        }
    }

    /// How many entries are kept for it.
    #[must_use]
    pub fn weight(&self) -> usize {
        let named = |branches: &Branches| match branches {
            Branches::Counted(_) => 1,
            Branches::Named(all) => all.len(),
        };
        let branches: usize = self.branches.values().map(named).sum();
        self.lines.len() + branches + self.functions.len() + self.statements.len()
    }

    /// The union with what another report tells of the same file. Hits add up; a hit beats a miss; what one report does not
    /// tell erases nothing of the other. `alike`: the same format told both, so that names and positions mean the same.
    pub fn merge(&mut self, other: Self, alike: bool) {
        if other.idle && !self.is_blank() {
            return;
        }
        if self.idle || self.is_blank() {
            *self = other;
            return;
        }
        let (own, others) = (self.totals(), other.totals());
        for (at, line) in other.lines {
            match self.lines.get_mut(&at) {
                Some(known) => {
                    known.mixed = match (known.hits, line.hits) {
                        (0, _) => line.mixed,
                        (_, 0) => known.mixed,
                        _ => known.mixed && line.mixed,
                    };
                    known.hits = known.hits.saturating_add(line.hits);
                }
                None => {
                    self.lines.insert(at, line);
                }
            }
        }
        if alike {
            for (line, branches) in other.branches {
                self.add_branches(line, branches);
            }
            for (id, called) in other.functions {
                self.function(id, called);
            }
            for (at, statement) in other.statements {
                self.statement(at, statement.ran, statement.weight);
            }
        } else {
            // Another format numbers its branches and names its functions in another way: which are the same nobody knows.
            for (line, branches) in other.branches {
                let count = branches.count();
                self.add_branches(line, Branches::Counted(count));
            }
            self.functions.clear();
            self.statements.clear();
            self.stated.functions = Some(own.functions.union(others.functions));
            self.stated.statements = Some(own.statements.union(others.statements));
        }
        self.stated.merge(other.stated);
    }

    fn is_blank(&self) -> bool {
        self.weight() == 0 && self.stated == Stated::default()
    }
}

impl Stated {
    fn merge(&mut self, other: Self) {
        let pairs = [
            (&mut self.lines, other.lines),
            (&mut self.branches, other.branches),
            (&mut self.functions, other.functions),
            (&mut self.statements, other.statements),
        ];
        for (own, other) in pairs {
            *own = match (*own, other) {
                (Some(own), Some(other)) => Some(own.union(other)),
                (own, other) => own.or(other),
            };
        }
    }
}
