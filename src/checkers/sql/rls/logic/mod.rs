//! Owns what a condition can come to: true, false or null, for a caller of whom something is known. Two readings: what is
//! possible at most, and what is possible for sure. A part that nobody can look into is anything in the one, nothing in the other.

use super::super::catalog::relation::Relation;
use super::super::catalog::{Catalog, Oid};
use super::super::fold::scope;
use super::super::parse::expr::{Body, Expr, From, Query, Test};

mod caller;
mod value;

#[cfg(test)]
mod tests;

pub use caller::asks_caller;
pub use value::is_claims;
use value::{Null, Value};

/// Of whom something is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Nothing is known.
    Anyone,
    /// Nobody has signed in: no subject, no claims but those of the key, no setting.
    Nobody,
    /// Somebody has signed in, who can be anybody.
    Somebody,
}

/// Which reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// What is possible at most.
    AtMost,
    /// What is possible for sure.
    ForSure,
}

/// What a condition can come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcomes(u8);

const TRUE: u8 = 1;
const FALSE: u8 = 2;
const NULL: u8 = 4;

impl Outcomes {
    /// Can it be true?
    #[must_use]
    pub const fn can_hold(self) -> bool {
        self.0 & TRUE != 0
    }

    /// Is it true whatever happens?
    #[must_use]
    pub const fn must_hold(self) -> bool {
        self.0 == TRUE
    }

    fn each(self) -> impl Iterator<Item = u8> {
        [TRUE, FALSE, NULL]
            .into_iter()
            .filter(move |one| self.0 & one != 0)
    }

    fn not(self) -> Self {
        let turned = self.each().map(|one| match one {
            TRUE => FALSE,
            FALSE => TRUE,
            other => other,
        });
        Self(turned.fold(0, |all, one| all | one))
    }

    fn with(self, other: Self, join: impl Fn(u8, u8) -> u8) -> Self {
        let mut all = 0;
        for a in self.each() {
            for b in other.each() {
                all |= join(a, b);
            }
        }
        Self(all)
    }
}

fn and(a: u8, b: u8) -> u8 {
    match (a, b) {
        (FALSE, _) | (_, FALSE) => FALSE,
        (TRUE, TRUE) => TRUE,
        _ => NULL,
    }
}

fn or(a: u8, b: u8) -> u8 {
    match (a, b) {
        (TRUE, _) | (_, TRUE) => TRUE,
        (FALSE, FALSE) => FALSE,
        _ => NULL,
    }
}

/// Judges the conditions of a relation's policies.
#[derive(Clone, Copy, Debug)]
pub struct Logic<'a> {
    /// The catalog.
    pub catalog: &'a Catalog,
    /// The table.
    pub relation: &'a Relation,
    /// The search path of the policy.
    pub path: &'a [String],
    /// Who calls.
    pub caller: Caller,
    /// Is it known that nobody has the role `anon`, and somebody the role `authenticated`?
    pub roles: bool,
    /// Which reading.
    pub reading: Reading,
    /// Is it asked inside of a query, where a bare name may be another table's?
    pub inside: bool,
}

impl Logic<'_> {
    /// What a condition can come to.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "one arm for each kind")]
    pub fn outcomes(&self, expr: &Expr) -> Outcomes {
        match expr {
            Expr::Null => Outcomes(NULL),
            Expr::Bool(true) => Outcomes(TRUE),
            Expr::Bool(false) => Outcomes(FALSE),
            Expr::Not(inner) => self.outcomes(inner).not(),
            Expr::And(all) => self.all(all, TRUE, and),
            Expr::Or(all) => self.all(all, FALSE, or),
            Expr::Cast(inner, _) => match &**inner {
                Expr::Text(text) => {
                    let word = text.trim().to_lowercase();
                    let is = |words: &[&str]| {
                        !word.is_empty() && words.iter().any(|full| full.starts_with(&word))
                    };
                    match word.as_str() {
                        "1" | "on" => Outcomes(TRUE),
                        "0" | "of" | "off" => Outcomes(FALSE),
                        _ if is(&["true", "yes"]) => Outcomes(TRUE),
                        _ if is(&["false", "no"]) => Outcomes(FALSE),
                        _ => self.unknown(),
                    }
                }
                Expr::Number(number) => Outcomes(if number == "0" { FALSE } else { TRUE }),
                inner => self.outcomes(inner),
            },
            Expr::Binary(op, left, right) if ["=", "<>", "!="].contains(&op.as_str()) => {
                let equal = self.equal(left, right);
                if op == "=" { equal } else { equal.not() }
            }
            Expr::Binary(op, left, right) if is_comparison(op) => {
                self.loose(&[self.value(left), self.value(right)])
            }
            Expr::Is(inner, Test::Null, not) => {
                let value = self.value(inner);
                let is = match value.null {
                    Null::Yes => Outcomes(TRUE),
                    Null::No => Outcomes(FALSE),
                    Null::Maybe if value.dark => self.unknown_flag(),
                    Null::Maybe => Outcomes(TRUE | FALSE),
                };
                if *not { is.not() } else { is }
            }
            Expr::Is(inner, test, not) => {
                let wanted = match test {
                    Test::True => TRUE,
                    Test::False => FALSE,
                    Test::Unknown => NULL,
                    _ => return self.unknown_flag(),
                };
                let each = self.outcomes(inner).each();
                let is = Outcomes(
                    each.fold(0, |all, one| all | if one == wanted { TRUE } else { FALSE }),
                );
                if *not { is.not() } else { is }
            }
            Expr::Distinct(left, right, not) => {
                let (a, b) = (self.value(left), self.value(right));
                let distinct = match (a.null, b.null) {
                    (Null::Yes, Null::Yes) => Outcomes(FALSE),
                    (Null::Yes, Null::No) | (Null::No, Null::Yes) => Outcomes(TRUE),
                    (Null::No, Null::No) => self.equal(left, right).not(),
                    _ if a.dark || b.dark => self.unknown_flag(),
                    _ => Outcomes(TRUE | FALSE),
                };
                if *not { distinct.not() } else { distinct }
            }
            Expr::InList(left, all, not) => {
                let each = all.iter().map(|one| self.equal(left, one));
                let is = each.fold(Outcomes(FALSE), |sum, one| sum.with(one, or));
                if *not { is.not() } else { is }
            }
            Expr::InQuery(left, query, not) => {
                let is = self.within(&self.value(left), query);
                if *not { is.not() } else { is }
            }
            Expr::Between(a, low, high, _) => {
                self.loose(&[self.value(a), self.value(low), self.value(high)])
            }
            Expr::Quantified(op, left, right, all) => {
                let left = self.value(left);
                match &**right {
                    Expr::Scalar(query) if !all && op == "=" => self.within(&left, query),
                    Expr::Array(list) if !all && op == "=" && list.is_empty() => Outcomes(FALSE),
                    right => self.loose(&[left, self.value(right)]),
                }
            }
            Expr::Exists(query) => self.rows(query),
            Expr::Scalar(query) => self.scalar(query),
            Expr::Case(operand, arms, other) if operand.is_none() => {
                let mut all = 0;
                let mut open = true;
                for (condition, result) in arms {
                    let is = self.outcomes(condition);
                    if open && is.can_hold() {
                        all |= self.outcomes(result).0;
                    }
                    open &= !is.must_hold();
                }
                if open {
                    all |= other.as_ref().map_or(NULL, |other| self.outcomes(other).0);
                }
                Outcomes(all)
            }
            Expr::Call(call) if call.grammar && call.name == ["coalesce"] => {
                let mut all = 0;
                for arg in &call.args {
                    let one = self.outcomes(arg).0;
                    all |= one & !NULL;
                    if one & NULL == 0 {
                        return Outcomes(all);
                    }
                }
                Outcomes(all | NULL)
            }
            other => {
                let value = self.value(other);
                match (value.null, value.dark) {
                    (Null::Yes, _) => Outcomes(NULL),
                    (_, true) => self.unknown(),
                    (Null::No, false) => Outcomes(TRUE | FALSE),
                    (Null::Maybe, false) => Outcomes(TRUE | FALSE | NULL),
                }
            }
        }
    }

    fn all(&self, all: &[Expr], first: u8, join: impl Fn(u8, u8) -> u8 + Copy) -> Outcomes {
        let outcomes: Vec<Outcomes> = all.iter().map(|one| self.outcomes(one)).collect();
        // A part of which nothing is sure makes the whole unsure, unless another part settles it.
        let settled = Outcomes(if first == TRUE { FALSE } else { TRUE });
        if self.reading == Reading::ForSure && outcomes.iter().any(|one| one.0 == 0) {
            let possible = outcomes.iter().any(|one| one.0 & settled.0 != 0);
            return Outcomes(if possible { settled.0 } else { 0 });
        }
        outcomes
            .into_iter()
            .fold(Outcomes(first), |sum, one| sum.with(one, join))
    }

    /// What nobody can look into.
    const fn unknown(&self) -> Outcomes {
        match self.reading {
            Reading::AtMost => Outcomes(TRUE | FALSE | NULL),
            Reading::ForSure => Outcomes(0),
        }
    }

    /// As [`Logic::unknown`], and never null.
    const fn unknown_flag(&self) -> Outcomes {
        match self.reading {
            Reading::AtMost => Outcomes(TRUE | FALSE),
            Reading::ForSure => Outcomes(0),
        }
    }

    /// A comparison of which only the nulls are known.
    fn loose(&self, values: &[Value]) -> Outcomes {
        if values.iter().any(|value| value.null == Null::Yes) {
            return Outcomes(NULL);
        }
        if values.iter().any(|value| value.dark) {
            return self.unknown();
        }
        if values.iter().any(|value| value.null == Null::Maybe) {
            return Outcomes(TRUE | FALSE | NULL);
        }
        Outcomes(TRUE | FALSE)
    }

    fn equal(&self, left: &Expr, right: &Expr) -> Outcomes {
        let (a, b) = (self.value(left), self.value(right));
        if a.null == Null::No && b.null == Null::No {
            if let (Some(a), Some(b)) = (&a.text, &b.text) {
                return Outcomes(if a == b { TRUE } else { FALSE });
            }
            if left == right && matches!(left, Expr::Column(_)) && !self.inside {
                return Outcomes(TRUE);
            }
        }
        self.loose(&[a, b])
    }

    /// Is a value among the rows of a query?
    fn within(&self, left: &Value, query: &Query) -> Outcomes {
        if let Body::Select(select) = &query.body
            && select.from.is_empty()
            && let Some((target, _)) = select.targets.first()
        {
            return self.loose(&[left.clone(), self.value(target)]);
        }
        let rows = self.rows(query);
        if rows.0 == FALSE {
            return rows;
        }
        if left.null == Null::Yes {
            return Outcomes(NULL | FALSE);
        }
        if rows.0 == 0 || left.dark {
            return self.unknown();
        }
        Outcomes(TRUE | FALSE | NULL)
    }

    /// Has a query rows?
    fn rows(&self, query: &Query) -> Outcomes {
        let Body::Select(select) = &query.body else {
            return self.unknown_flag();
        };
        if select.from.is_empty() {
            // A function may give any number of rows.
            if select
                .targets
                .iter()
                .any(|(target, _)| self.value(target).dark)
            {
                return self.unknown_flag();
            }
            return match &select.condition {
                None => Outcomes(TRUE),
                Some(condition) => self
                    .outcomes(condition)
                    .with(Outcomes(TRUE), |a, _| if a == TRUE { TRUE } else { FALSE }),
            };
        }
        // A sum over no rows is a row.
        if is_aggregate(query) {
            return Outcomes(TRUE);
        }
        let most = Self {
            reading: Reading::AtMost,
            ..*self
        };
        let condition = select.condition.as_ref();
        if !most.outcomes_inside(condition, &select.from).can_hold() {
            return Outcomes(FALSE);
        }
        let inner = self.outcomes_inside(condition, &select.from);
        let lit = query.with.is_empty() && select.from.iter().all(|from| self.is_open(from));
        match self.reading {
            Reading::AtMost => Outcomes(TRUE | FALSE),
            Reading::ForSure if lit && inner.can_hold() => Outcomes(TRUE | FALSE),
            Reading::ForSure => Outcomes(0),
        }
    }

    /// A condition inside a query, with those of its joins.
    fn outcomes_inside(&self, condition: Option<&Expr>, from: &[From]) -> Outcomes {
        let mut all: Vec<&Expr> = condition.into_iter().collect();
        let mut open: Vec<&From> = from.iter().collect();
        while let Some(from) = open.pop() {
            if let From::Join(left, right, on, ..) = from {
                open.extend([&**left, &**right]);
                // An outer join keeps rows whose condition does not hold: what it asks is no bound.
                if self.reading == Reading::ForSure {
                    all.extend(on.as_deref());
                }
            }
        }
        let inner = Self {
            inside: true,
            ..*self
        };
        let each: Vec<Outcomes> = all.into_iter().map(|expr| inner.outcomes(expr)).collect();
        if each.iter().any(|one| one.0 == 0) {
            return Outcomes(0);
        }
        each.into_iter()
            .fold(Outcomes(TRUE), |sum, one| sum.with(one, and))
    }

    /// Are all rows of it there for everybody?
    fn is_open(&self, from: &From) -> bool {
        match from {
            From::Relation(name, ..) => {
                let found = self.catalog.find_relation(name, self.path);
                found
                    .and_then(|oid: Oid| super::who::table(self.catalog, oid))
                    .is_some_and(|table| !table.rls && !table.external)
            }
            From::Join(left, right, ..) => self.is_open(left) && self.is_open(right),
            From::Query(..) | From::Function(..) => false,
        }
    }

    fn scalar(&self, query: &Query) -> Outcomes {
        match &query.body {
            Body::Select(select) if select.from.is_empty() && select.condition.is_none() => select
                .targets
                .first()
                .map_or(Outcomes(NULL), |(target, _)| self.outcomes(target)),
            _ if self.rows(query).0 == FALSE => Outcomes(NULL),
            Body::Select(select) if self.rows(query).0 != 0 => {
                let target = select.targets.first();
                let inner = target.map_or(Outcomes(NULL), |(target, _)| self.outcomes(target));
                if inner.0 == 0 {
                    inner
                } else {
                    Outcomes(inner.0 | NULL)
                }
            }
            _ => self.unknown(),
        }
    }
}

/// Does a query give one row over all others?
fn is_aggregate(query: &Query) -> bool {
    let Body::Select(select) = &query.body else {
        return false;
    };
    let is = |target: &Expr| {
        let mut open = vec![target];
        let mut found = false;
        while let Some(expr) = open.pop() {
            if let Expr::Call(call) = expr {
                let sums = [
                    "count",
                    "sum",
                    "min",
                    "max",
                    "avg",
                    "array_agg",
                    "bool_or",
                    "bool_and",
                    "every",
                    "string_agg",
                    "jsonb_agg",
                    "json_agg",
                ];
                found |= call
                    .name
                    .last()
                    .is_some_and(|name| sums.contains(&name.as_str()))
                    && !call.windowed;
            }
            scope::children(expr, &mut |child| open.push(child), &mut |_| {});
        }
        found
    };
    select.rest.is_empty() && select.targets.iter().any(|(target, _)| is(target))
}

fn is_comparison(op: &str) -> bool {
    [
        "<", ">", "<=", ">=", "~~", "!~~", "~~*", "!~~*", "~", "~*", "!~", "!~*", "@>", "<@", "&&",
        "?",
    ]
    .contains(&op)
}
