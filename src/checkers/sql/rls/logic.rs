//! Owns what a condition can come to: true, false or null, for a caller of whom something is known. Two readings: what is
//! possible at most, and what is possible for sure. A part that nobody can look into is anything in the one, nothing in the other.

use super::super::catalog::relation::Relation;
use super::super::catalog::{Catalog, Oid};
use super::super::fold::scope;
use super::super::parse::expr::{Body, Expr, From, Query, Test};

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

/// Is it null?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Null {
    Yes,
    No,
    Maybe,
}

/// What is known of a value.
#[derive(Clone, Debug)]
struct Value {
    text: Option<String>,
    null: Null,
    /// Nobody can look into it.
    dark: bool,
}

impl Value {
    const fn of(null: Null) -> Self {
        Self {
            text: None,
            null,
            dark: false,
        }
    }

    const fn dark() -> Self {
        Self {
            text: None,
            null: Null::Maybe,
            dark: true,
        }
    }

    fn text(text: &str) -> Self {
        Self {
            text: Some(text.to_owned()),
            null: Null::No,
            dark: false,
        }
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
            Expr::Scalar(query) => self.scalar(query, |logic, expr| logic.outcomes(expr)),
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
        let inner = self.outcomes_inside(select.condition.as_ref(), &select.from);
        if self.reading == Reading::AtMost && !inner.can_hold() {
            return Outcomes(FALSE);
        }
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
            if let From::Join(left, right, on, _) = from {
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

    fn scalar(&self, query: &Query, of: impl Fn(&Self, &Expr) -> Outcomes) -> Outcomes {
        match &query.body {
            Body::Select(select) if select.from.is_empty() && select.condition.is_none() => select
                .targets
                .first()
                .map_or(Outcomes(NULL), |(target, _)| of(self, target)),
            _ if self.rows(query).0 == FALSE => Outcomes(NULL),
            Body::Select(select) if self.rows(query).0 != 0 => {
                let target = select.targets.first();
                let inner = target.map_or(Outcomes(NULL), |(target, _)| of(self, target));
                if inner.0 == 0 {
                    inner
                } else {
                    Outcomes(inner.0 | NULL)
                }
            }
            _ => self.unknown(),
        }
    }

    fn value(&self, expr: &Expr) -> Value {
        match expr {
            Expr::Null => Value::of(Null::Yes),
            Expr::Text(text) | Expr::Number(text) => Value::text(text),
            Expr::Bool(value) => Value::text(if *value { "true" } else { "false" }),
            Expr::Cast(inner, ty) => {
                let value = self.value(inner);
                // Texts of another type are compared as that type does.
                let same = ["text", "varchar", "uuid", "bool"];
                let keeps = ty
                    .name
                    .last()
                    .is_some_and(|name| same.contains(&name.as_str()));
                Value {
                    text: value
                        .text
                        .filter(|_| keeps || matches!(**inner, Expr::Text(_))),
                    ..value
                }
            }
            Expr::Column(name) => self.column(name),
            Expr::Call(call) => self.call(&call.name, &call.args, call.grammar),
            Expr::Binary(op, left, right)
                if op == "->>" || op == "->" || op == "#>>" || op == "#>" =>
            {
                self.member(left, right)
            }
            Expr::Binary(_, left, right) => self.strict(&[self.value(left), self.value(right)]),
            Expr::Unary(_, inner) | Expr::Field(inner, _) | Expr::Collate(inner, _) => {
                self.strict(&[self.value(inner)])
            }
            Expr::Index(inner, all) => {
                let mut values = vec![self.value(inner)];
                values.extend(all.iter().map(|one| self.value(one)));
                let mut value = self.strict(&values);
                if value.null == Null::No {
                    value.null = Null::Maybe;
                }
                value
            }
            Expr::Scalar(query) => match &query.body {
                Body::Select(select) if select.from.is_empty() && select.condition.is_none() => {
                    let target = select.targets.first();
                    target.map_or(Value::of(Null::Yes), |(target, _)| self.value(target))
                }
                _ if self.rows(query).0 == FALSE => Value::of(Null::Yes),
                _ => Value::dark(),
            },
            Expr::Array(_) | Expr::Row(_) => Value::of(Null::No),
            Expr::And(_) | Expr::Or(_) | Expr::Not(_) | Expr::Is(..) | Expr::Exists(_) => {
                let outcomes = self.outcomes(expr);
                Value {
                    text: match outcomes.0 {
                        TRUE => Some("true".to_owned()),
                        FALSE => Some("false".to_owned()),
                        _ => None,
                    },
                    null: match outcomes.0 {
                        NULL => Null::Yes,
                        other if other & NULL == 0 && other != 0 => Null::No,
                        _ => Null::Maybe,
                    },
                    dark: outcomes.0 == 0,
                }
            }
            _ => Value::dark(),
        }
    }

    fn column(&self, name: &[String]) -> Value {
        let own = match name {
            [_] => !self.inside,
            [.., table, _] => *table == self.relation.name,
            [] => false,
        };
        let column = name.last().and_then(|last| self.relation.column(last));
        match column.filter(|_| own) {
            Some(column) if column.not_null => Value::of(Null::No),
            _ => Value::of(Null::Maybe),
        }
    }

    /// A function that is null where an argument is.
    fn strict(&self, values: &[Value]) -> Value {
        if values.iter().any(|value| value.null == Null::Yes) {
            return Value::of(Null::Yes);
        }
        Value {
            text: None,
            null: if values.iter().all(|value| value.null == Null::No) {
                Null::No
            } else {
                Null::Maybe
            },
            dark: values.iter().any(|value| value.dark),
        }
    }

    fn subject(&self) -> Value {
        match self.caller {
            Caller::Anyone => Value::dark(),
            Caller::Nobody => Value::of(Null::Yes),
            Caller::Somebody => Value::of(Null::No),
        }
    }

    fn role(&self) -> Value {
        match self.caller {
            Caller::Nobody if self.roles => Value::text("anon"),
            Caller::Somebody if self.roles => Value::text("authenticated"),
            _ => Value::dark(),
        }
    }

    fn call(&self, name: &[String], args: &[Expr], grammar: bool) -> Value {
        let name: Vec<&str> = name.iter().map(String::as_str).collect();
        match name.as_slice() {
            ["auth", "uid"] => self.subject(),
            ["auth", "email"] if self.caller == Caller::Nobody => Value::of(Null::Yes),
            ["auth", "role"] => self.role(),
            ["current_setting"] | ["pg_catalog", "current_setting"] => self.setting(args),
            ["coalesce"] if grammar => {
                let mut dark = false;
                for arg in args {
                    let value = self.value(arg);
                    dark |= value.dark;
                    match value.null {
                        Null::Yes => {}
                        Null::No if !dark => return value,
                        Null::No => {
                            return Value {
                                text: None,
                                null: Null::No,
                                dark,
                            };
                        }
                        Null::Maybe => dark = true,
                    }
                }
                Value {
                    text: None,
                    null: if dark { Null::Maybe } else { Null::Yes },
                    dark,
                }
            }
            ["nullif"] => match args.first().map(|arg| self.value(arg)) {
                Some(value) if value.null == Null::Yes => value,
                Some(value) => Value {
                    text: None,
                    null: if value.null == Null::No && value.text.is_none() {
                        // A subject is never the empty text that it is compared with.
                        Null::No
                    } else {
                        Null::Maybe
                    },
                    dark: value.dark,
                },
                None => Value::dark(),
            },
            ["now"] | ["pg_catalog", "now"] => Value::of(Null::No),
            [
                ..,
                "lower" | "upper" | "btrim" | "ltrim" | "rtrim" | "length" | "md5" | "left"
                | "right" | "substring" | "replace" | "split_part" | "regexp_replace"
                | "date_trunc" | "abs" | "array_length" | "cardinality",
            ]
            | ["storage", "foldername" | "filename" | "extension"] => {
                let values: Vec<Value> = args.iter().map(|arg| self.value(arg)).collect();
                let mut value = self.strict(&values);
                if value.null == Null::No {
                    value.null = Null::Maybe;
                }
                value
            }
            _ => Value::dark(),
        }
    }

    fn setting(&self, args: &[Expr]) -> Value {
        let missing_ok = matches!(args.get(1), Some(Expr::Bool(true)));
        let name = match args.first() {
            Some(Expr::Text(name)) => name.as_str(),
            _ => return Value::dark(),
        };
        let claim = name.strip_prefix("request.jwt.claim.");
        match (self.caller, claim) {
            (_, Some("role")) | (_, None) if name == "role" || claim.is_some() => self.role(),
            (Caller::Nobody, _) if name == "request.jwt.claims" => Value::dark(),
            (Caller::Nobody, _) if missing_ok && name.contains('.') => Value::of(Null::Yes),
            (Caller::Somebody, _)
                if name.contains('.') && claim.is_none_or(|claim| claim == "sub") =>
            {
                Value::of(Null::No)
            }
            _ => Value::dark(),
        }
    }

    /// A member of a document: of the caller's claims, those that a key has are known.
    fn member(&self, left: &Expr, right: &Expr) -> Value {
        let key = match right {
            Expr::Text(key) => Some(key.trim_matches(['{', '}'])),
            _ => None,
        };
        if is_claims(left) {
            return match (key, self.caller) {
                (Some("role"), _) => self.role(),
                (Some("sub"), _) => self.subject(),
                (Some("iss" | "ref" | "iat" | "exp" | "aud"), _) | (None, _) => Value::dark(),
                (Some(_), Caller::Nobody) => Value::of(Null::Yes),
                (Some(_), _) => Value::dark(),
            };
        }
        let value = self.value(left);
        match value.null {
            Null::Yes => value,
            _ => Value {
                text: None,
                null: Null::Maybe,
                dark: value.dark,
            },
        }
    }
}

/// Is it all that a token says of the caller?
#[must_use]
pub fn is_claims(expr: &Expr) -> bool {
    match expr {
        Expr::Call(call) => {
            let name: Vec<&str> = call.name.iter().map(String::as_str).collect();
            match name.as_slice() {
                ["auth", "jwt"] => true,
                ["current_setting"] => {
                    matches!(call.args.first(), Some(Expr::Text(name)) if name == "request.jwt.claims")
                }
                ["nullif" | "coalesce"] => call.args.first().is_some_and(is_claims),
                _ => false,
            }
        }
        Expr::Cast(inner, _) => is_claims(inner),
        Expr::Scalar(query) => match &query.body {
            Body::Select(select) if select.from.is_empty() => {
                matches!(select.targets.as_slice(), [(target, _)] if is_claims(target))
            }
            _ => false,
        },
        _ => false,
    }
}

fn is_comparison(op: &str) -> bool {
    [
        "<", ">", "<=", ">=", "~~", "!~~", "~~*", "!~~*", "~", "~*", "!~", "!~*", "@>", "<@", "&&",
        "?",
    ]
    .contains(&op)
}

/// Is there anything in it that depends on the caller, as far as can be seen?
#[must_use]
pub fn asks_caller(expr: &Expr) -> bool {
    if let Expr::Call(call) = expr
        && super::gather::is_caller(&call.name)
    {
        return true;
    }
    let mut found = false;
    let mut queries = Vec::new();
    scope::children(
        expr,
        &mut |child| found |= asks_caller(child),
        &mut |query| {
            queries.push(query);
        },
    );
    found || queries.into_iter().any(query_asks)
}

fn query_asks(query: &Query) -> bool {
    let below = match &query.body {
        Body::Select(select) => {
            let targets = select.targets.iter().map(|(target, _)| target);
            targets
                .chain(&select.condition)
                .chain(&select.rest)
                .any(asks_caller)
                || select.from.iter().any(from_asks)
        }
        Body::Values(rows) => rows.iter().flatten().any(asks_caller),
        Body::Set(all) => all.iter().any(query_asks),
        Body::Change(_) => true,
    };
    below || query.with.iter().any(|(_, inner)| query_asks(inner))
}

fn from_asks(from: &From) -> bool {
    match from {
        From::Relation(..) => false,
        From::Query(query, ..) => query_asks(query),
        From::Function(calls, ..) => calls.iter().any(asks_caller),
        From::Join(left, right, on, _) => {
            from_asks(left) || from_asks(right) || on.as_deref().is_some_and(asks_caller)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::catalog::Origin;
    use super::super::super::catalog::relation::{Column, RelKind};
    use super::super::super::parse::script::What;
    use super::super::super::parse::split;
    use super::super::super::parse::statement::Statement;
    use super::*;
    use crate::model::place::Span;

    /// What a condition comes to for a caller: at most, and for sure.
    fn check(condition: &str, caller: Caller, at_most: &str, for_sure: &str) {
        let span = Span::at(1, 1);
        let script = split::script(&format!("create policy p on t using ({condition})"), |_| {
            span
        });
        let What::Statement(statement) = &script.pieces[0].what else {
            panic!("{condition} is read");
        };
        let Statement::CreatePolicy(policy) = &**statement else {
            panic!("it is a policy");
        };
        let origin = Origin { file: None, span };
        let mut relation = Relation::new(1, "public", "t", RelKind::Table, origin);
        for (name, not_null) in [("id", true), ("owner", false), ("flag", true)] {
            relation.columns.push(Column {
                name: name.to_owned(),
                not_null,
                ..Column::default()
            });
        }
        let mut logic = Logic {
            catalog: &Catalog::default(),
            relation: &relation,
            path: &["public".to_owned()],
            caller,
            roles: true,
            reading: Reading::AtMost,
            inside: false,
        };
        let using = policy.using.as_ref().expect("it has a condition");
        let shown = |outcomes: Outcomes| {
            let each = outcomes.each().map(|one| match one {
                TRUE => 't',
                FALSE => 'f',
                _ => 'n',
            });
            each.collect::<String>()
        };
        assert_eq!(shown(logic.outcomes(using)), at_most, "{condition}");
        logic.reading = Reading::ForSure;
        assert_eq!(shown(logic.outcomes(using)), for_sure, "{condition}");
    }

    #[test]
    fn constants() {
        for always in [
            "true",
            "true or owner = 'x'",
            "'a' = 'a'",
            "not false",
            "(select true)",
            "'t'::boolean",
            "id = id",
            "1 in (1, 2)",
            "coalesce(null, true)",
            "case when true then true else flag end",
            "id is not null",
        ] {
            check(always, Caller::Anyone, "t", "t");
        }
        check("owner = owner", Caller::Anyone, "tfn", "tfn");
        check("false and flag", Caller::Anyone, "f", "f");
        check("flag", Caller::Anyone, "tf", "tf");
        check("null", Caller::Anyone, "n", "n");
        check("my_function()", Caller::Anyone, "tfn", "");
        check("my_function() or true", Caller::Anyone, "t", "t");
        check("not my_function()", Caller::Anyone, "tfn", "");
    }

    #[test]
    fn callers() {
        let nobody =
            |condition, at_most, for_sure| check(condition, Caller::Nobody, at_most, for_sure);
        nobody("auth.uid() = owner", "n", "n");
        nobody("auth.uid() is null", "t", "t");
        nobody("auth.uid() is null or owner = auth.uid()", "t", "t");
        nobody("(select auth.uid()) is not null and flag", "f", "f");
        nobody("auth.uid() is distinct from id", "t", "t");
        nobody("auth.uid() is distinct from owner", "tf", "tf");
        nobody("coalesce(auth.uid()::text, '') = ''", "t", "t");
        nobody(
            "nullif(current_setting('app.user', true), '')::uuid = id",
            "n",
            "n",
        );
        nobody("auth.role() = 'anon'", "t", "t");
        nobody("auth.role() in ('authenticated', 'service_role')", "f", "f");
        nobody("auth.jwt() ->> 'role' = 'anon'", "t", "t");
        nobody(
            "(auth.jwt() -> 'app_metadata' ->> 'admin')::boolean",
            "n",
            "n",
        );
        nobody("flag or auth.uid() = owner", "tn", "tn");
        nobody("owner is null", "tf", "tf");
        nobody(
            "exists (select 1 from m where m.person = auth.uid())",
            "f",
            "f",
        );
        nobody(
            "owner in (select m.id from m where m.person = auth.uid())",
            "f",
            "f",
        );
        nobody("owner in (select my_teams())", "tfn", "");
        nobody("exists (select 1 from m where m.open)", "tf", "");
        nobody(
            "id = any ((select array_agg(m.id) from m where m.person = auth.uid())::uuid[])",
            "n",
            "n",
        );
        let somebody = |condition, at_most| check(condition, Caller::Somebody, at_most, at_most);
        somebody("auth.role() = 'authenticated'", "t");
        somebody("auth.uid() is not null", "t");
        somebody("auth.uid() = id", "tf");
        somebody("auth.uid() is null", "f");
    }
}
