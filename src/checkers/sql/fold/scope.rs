//! Owns what names in expressions and queries mean: what must be there for a statement to work, and what it depends on.

use std::collections::BTreeSet;

use super::super::catalog::kinds::{Kind, Ty};
use super::super::catalog::known;
use super::super::catalog::relation::{Relation, Use};
use super::super::catalog::routine::{Function, is_input};
use super::super::catalog::{Catalog, Oid};
use super::super::parse::expr::{Body, Call, Change, Expr, From, Query, Select, Test};
use super::super::parse::statement::{Mode, Object};
use super::compare::Sight;
pub use super::targets::figure;
use super::{Done, Fail, Fold, Name};

/// A relation as a query sees it.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Its alias.
    pub alias: String,
    /// Its columns; `None`: nobody knows.
    pub columns: Option<BTreeSet<String>>,
    /// The relation itself.
    pub oid: Option<Oid>,
}

/// A table as its own expressions see it.
#[must_use]
pub fn of(relation: &Relation) -> Scope {
    let columns = relation.columns.iter().map(|column| column.name.clone());
    Scope {
        alias: relation.name.clone(),
        columns: (!relation.external).then(|| columns.collect()),
        oid: Some(relation.oid),
    }
}

/// The columns that an expression names, subqueries aside.
pub fn columns(expr: &Expr, found: &mut BTreeSet<String>) {
    if let Expr::Column(name) = expr
        && let Some(last) = name.last()
    {
        found.insert(last.clone());
    }
    children(expr, &mut |child| columns(child, found), &mut |_| {});
}

/// The columns that cannot be null where the condition of a check holds.
#[must_use]
pub fn not_null(check: &Expr) -> Vec<String> {
    match check {
        Expr::Is(inner, Test::Null, true) => match &**inner {
            Expr::Column(name) => name.last().cloned().into_iter().collect(),
            _ => Vec::new(),
        },
        Expr::And(all) => all.iter().flat_map(not_null).collect(),
        _ => Vec::new(),
    }
}

/// Calls `each` with every expression right below, and `query` with every query.
pub fn children<'a>(
    expr: &'a Expr,
    each: &mut dyn FnMut(&'a Expr),
    query: &mut dyn FnMut(&'a Query),
) {
    match expr {
        Expr::Call(call) => call.args.iter().chain(&call.extra).for_each(each),
        Expr::Cast(inner, _)
        | Expr::Unary(_, inner)
        | Expr::Not(inner)
        | Expr::Is(inner, ..)
        | Expr::Field(inner, _)
        | Expr::Collate(inner, _) => each(inner),
        Expr::Binary(_, a, b) | Expr::Distinct(a, b, _) | Expr::Quantified(_, a, b, _) => {
            each(a);
            each(b);
        }
        Expr::And(all) | Expr::Or(all) | Expr::Array(all) | Expr::Row(all) => {
            all.iter().for_each(each);
        }
        Expr::InList(a, all, _) | Expr::Index(a, all) => {
            each(a);
            all.iter().for_each(each);
        }
        Expr::InQuery(a, inner, _) => {
            each(a);
            query(inner);
        }
        Expr::Between(a, b, c, _) => {
            each(a);
            each(b);
            each(c);
        }
        Expr::Exists(inner) | Expr::Scalar(inner) | Expr::ArrayOf(inner) => query(inner),
        Expr::Case(operand, arms, other) => {
            if let Some(operand) = operand {
                each(operand);
            }
            for (condition, result) in arms {
                each(condition);
                each(result);
            }
            if let Some(other) = other {
                each(other);
            }
        }
        _ => {}
    }
}

/// A walk through an expression or a query.
struct Walk<'a> {
    catalog: &'a Catalog,
    path: &'a [String],
    with: Vec<String>,
    scopes: Vec<Vec<Scope>>,
    uses: BTreeSet<Use>,
    missing: Option<String>,
    clash: Option<String>,
    variables: bool,
}

impl Walk<'_> {
    fn miss(&mut self, what: String) {
        if self.missing.is_none() {
            self.missing = Some(what);
        }
    }

    fn expr(&mut self, expr: &Expr) {
        if self.clash.is_none() && !self.variables {
            let sight = Sight {
                catalog: self.catalog,
                path: self.path,
                scopes: &self.scopes,
            };
            self.clash = sight.clash(expr);
        }
        match expr {
            Expr::Column(name) => self.column(name),
            Expr::Call(call) if !call.grammar => self.call(call),
            Expr::Binary(op, left, right) if op == "=" || op == "<>" => {
                self.label(left, right);
                self.label(right, left);
            }
            Expr::InList(left, all, _) => all.iter().for_each(|one| self.label(left, one)),
            Expr::Cast(inner, ty) if ty.dimensions == 0 => {
                if let Expr::Text(text) = &**inner {
                    self.label_of(&ty.name, text);
                }
            }
            _ => {}
        }
        let mut inner = Vec::new();
        let mut queries = Vec::new();
        children(expr, &mut |child| inner.push(child), &mut |query| {
            queries.push(query);
        });
        for child in inner {
            self.expr(child);
        }
        for query in queries {
            self.query(query);
        }
    }

    /// A text beside a column of an enumeration must be one of its labels.
    fn label(&mut self, column: &Expr, text: &Expr) {
        let (Expr::Column(name), Expr::Text(text)) = (column, text) else {
            return;
        };
        let column = name.last().map_or("", String::as_str);
        let alias = (name.len() > 1).then(|| name[name.len() - 2].as_str());
        for scope in self.scopes.iter().rev().flatten() {
            let is_it = alias.is_none_or(|alias| alias == scope.alias)
                && scope
                    .columns
                    .as_ref()
                    .is_some_and(|all| all.contains(column));
            if !is_it {
                continue;
            }
            let found = scope
                .oid
                .and_then(|oid| self.catalog.column_type(oid, column));
            if let Some(ty) = found.filter(|ty| !ty.array) {
                self.label_of(&vec![ty.schema, ty.name], text);
            }
            return;
        }
    }

    fn label_of(&mut self, name: &Name, text: &str) {
        let schemas: Vec<&String> = match name.as_slice() {
            [_] => self.path.iter().collect(),
            [.., schema, _] => vec![schema],
            [] => return,
        };
        let last = name.last().cloned().unwrap_or_default();
        let found = schemas
            .into_iter()
            .find_map(|schema| self.catalog.kinds.get(&(schema.clone(), last.clone())));
        if let Some(Kind::Enum(labels)) = found
            && !labels.iter().any(|label| label == text)
        {
            self.miss(format!("label {text} of {last}"));
        }
    }

    /// A function must be there, and take so many arguments.
    fn call(&mut self, call: &Call) {
        let name = &call.name;
        let found = self.catalog.functions_named(name, self.path);
        self.uses
            .extend(found.iter().map(|function| Use::Function(function.oid)));
        let given = call.args.len();
        let takes = |function: &&&Function| takes(function, given);
        let fit: Vec<Vec<&Ty>> = found
            .iter()
            .filter(takes)
            .map(|function| function.signature())
            .collect();
        // Two that differ only in what their defaults fill in: the server does not choose.
        let twins = |(at, one): (usize, &Vec<&Ty>)| {
            let same = |other: &Vec<&Ty>| {
                one.len() >= given && other.len() >= given && one[..given] == other[..given]
            };
            fit.iter().skip(at + 1).any(same)
        };
        if name.len() > 1 && fit.iter().enumerate().any(twins) {
            self.miss(format!("one function {}", name.join(".")));
        }
        if fit.is_empty() && !self.is_brought(call) {
            self.miss(format!("function {}", name.join(".")));
        }
    }

    /// May the server, the platform or an extension bring the function? Only schemas that statements here fill are known by all
    /// their functions.
    fn is_brought(&self, call: &Call) -> bool {
        let Some(last) = call.name.last() else {
            return true;
        };
        // A function of one argument may stand for a cast, or for a column of a row.
        if let [only] = call.args.as_slice() {
            let there = |schema: &String| {
                self.catalog
                    .kinds
                    .contains_key(&(schema.clone(), last.clone()))
                    || self.catalog.named(schema, last).is_some()
            };
            let kind = match call.name.as_slice() {
                [_] => self.path.iter().any(there),
                [.., schema, _] => there(schema),
                [] => false,
            };
            let row = matches!(only, Expr::Column(name) if name.last().is_some_and(|name| {
                self.scopes.iter().flatten().any(|scope| scope.alias == *name)
            }));
            if kind || row && call.name.len() == 1 {
                return true;
            }
        }
        let brings = |schema: &String| {
            if schema == "pg_catalog" {
                return known::is_own(last);
            }
            let platform = matches!(schema.as_str(), "auth" | "storage" | "realtime");
            let made = self.catalog.schemas.contains_key(schema);
            let mut here = self
                .catalog
                .extensions
                .iter()
                .filter(|(_, other)| *other == schema);
            let brought = here.any(|(extension, _)| known::brings(extension, last) != Some(false));
            brought
                || made
                    && !platform
                    && !matches!(schema.as_str(), "public" | "extensions")
                    && Self::is_platform(schema)
        };
        match call.name.as_slice() {
            [name] => known::is_own(name) || self.path.iter().any(brings),
            [.., schema, _] => brings(schema),
            [] => true,
        }
    }

    /// Is it a schema that an extension or the platform fills, and of which too little is known?
    fn is_platform(schema: &str) -> bool {
        matches!(
            schema,
            "vault"
                | "graphql"
                | "graphql_public"
                | "pgmq"
                | "cron"
                | "net"
                | "pgsodium"
                | "supabase_functions"
                | "pgbouncer"
        )
    }

    fn column(&mut self, name: &[String]) {
        let system = ["*", "ctid", "xmin", "tableoid"];
        let [.., alias, column] = name else {
            return name.first().map_or((), |column| self.bare_column(column));
        };
        let mut open = false;
        for scope in self.scopes.iter().rev().flatten() {
            open |= scope.columns.is_none() && scope.alias.is_empty();
            if scope.alias != *alias {
                continue;
            }
            let missing = scope
                .columns
                .as_ref()
                .is_some_and(|all| !all.contains(column));
            if let Some(oid) = scope.oid
                && column != "*"
            {
                self.uses.insert(Use::Column(oid, column.clone()));
            }
            if missing && !system.contains(&column.as_str()) {
                self.miss(format!("column {alias}.{column}"));
            }
            return;
        }
        // It may be a field of a row, or a variable's.
        if !self.variables && !open && name.len() == 2 {
            self.miss(format!("{alias} in the query"));
        }
    }

    fn bare_column(&mut self, column: &str) {
        let mut known = column != "*";
        for scope in self.scopes.iter().rev().flatten() {
            match &scope.columns {
                Some(columns) if columns.contains(column) => {
                    if let Some(oid) = scope.oid {
                        self.uses.insert(Use::Column(oid, column.to_owned()));
                    }
                    return;
                }
                Some(_) => known &= scope.alias != column,
                None => known = false,
            }
        }
        if known && !self.variables && !self.scopes.is_empty() && column != "value" {
            self.miss(format!("column {column}"));
        }
    }

    fn query(&mut self, query: &Query) {
        let names = self.with.len();
        if query.recursive {
            self.with
                .extend(query.with.iter().map(|(name, _)| name.clone()));
        }
        for (name, inner) in &query.with {
            self.query(inner);
            self.with.push(name.clone());
        }
        match &query.body {
            Body::Select(select) => self.select(select, &query.tail),
            Body::Values(rows) => rows.iter().flatten().for_each(|value| self.expr(value)),
            Body::Set(all) => all.iter().for_each(|inner| self.query(inner)),
            Body::Change(change) => self.change(change),
        }
        self.with.truncate(names);
    }

    fn select(&mut self, select: &Select, tail: &[Expr]) {
        self.scopes.push(Vec::new());
        for from in &select.from {
            self.from(from);
        }
        for expr in select
            .targets
            .iter()
            .map(|(expr, _)| expr)
            .chain(&select.condition)
        {
            self.expr(expr);
        }
        // Order and groups may name targets.
        let aliases = select
            .targets
            .iter()
            .map(|(expr, alias)| alias.clone().unwrap_or_else(|| figure(expr)));
        let own = Scope {
            alias: String::new(),
            columns: Some(aliases.collect()),
            oid: None,
        };
        self.push(own);
        for expr in select.rest.iter().chain(tail) {
            self.expr(expr);
        }
        self.scopes.pop();
    }

    fn change(&mut self, change: &Change) {
        self.scopes.push(Vec::new());
        self.from(&From::Relation(change.table.clone(), None, Vec::new()));
        if let Some(last) = self.scopes.last_mut() {
            for scope in last.iter_mut() {
                scope.columns = None;
            }
            last.push(Scope::default());
        }
        change.from.iter().for_each(|from| self.from(from));
        change.source.iter().for_each(|query| self.query(query));
        let exprs = change.sets.iter().map(|(_, expr)| expr);
        for expr in exprs.chain(&change.condition).chain(&change.rest) {
            self.expr(expr);
        }
        self.scopes.pop();
    }

    fn push(&mut self, scope: Scope) {
        if let Some(last) = self.scopes.last_mut() {
            last.push(scope);
        }
    }

    fn from(&mut self, from: &From) {
        match from {
            From::Relation(name, alias, columns) => {
                let bare = name.last().cloned().unwrap_or_default();
                let mut scope = Scope {
                    alias: alias.clone().unwrap_or_else(|| bare.clone()),
                    columns: None,
                    oid: None,
                };
                let elsewhere = name.len() == 1 && self.with.contains(&bare);
                let found = self.catalog.find_relation(name, self.path);
                match found.filter(|_| !elsewhere) {
                    Some(oid) => {
                        self.uses.insert(Use::Relation(oid));
                        scope.oid = Some(oid);
                        if let Some(relation) = self.catalog.relation(oid)
                            && columns.is_empty()
                        {
                            scope.columns = of(relation).columns;
                        }
                    }
                    None if !elsewhere && !Catalog::is_system(name) => {
                        self.miss(format!("relation {}", name.join(".")));
                    }
                    None => {}
                }
                self.push(scope);
            }
            From::Query(query, alias, _) => {
                self.query(query);
                self.push(Scope {
                    alias: alias.clone().unwrap_or_default(),
                    ..Scope::default()
                });
            }
            From::Function(calls, alias, _) => {
                for call in calls {
                    self.expr(call);
                }
                let name = match calls.first() {
                    Some(Expr::Call(call)) => call.name.last().cloned(),
                    _ => None,
                };
                self.push(Scope {
                    alias: alias.clone().or(name).unwrap_or_default(),
                    ..Scope::default()
                });
            }
            From::Join(left, right, condition, ..) => {
                self.from(left);
                self.from(right);
                if let Some(on) = condition {
                    self.expr(on);
                }
            }
        }
    }
}

/// May a function be called with so many arguments?
fn takes(function: &Function, given: usize) -> bool {
    let inputs = || function.args.iter().filter(|arg| is_input(arg.mode));
    let most = inputs().count();
    let least = inputs()
        .filter(|arg| !arg.default && arg.mode != Mode::Variadic)
        .count();
    let variadic = inputs().any(|arg| arg.mode == Mode::Variadic);
    least <= given && (given <= most || variadic) || function.object == Object::Aggregate
}

impl Fold {
    fn walk(&self, scopes: &[Scope], variables: bool) -> Walk<'_> {
        let outer = (!scopes.is_empty()).then(|| scopes.to_vec());
        Walk {
            catalog: &self.catalog,
            path: &self.session.path,
            with: Vec::new(),
            scopes: outer.into_iter().collect(),
            uses: BTreeSet::new(),
            missing: None,
            clash: None,
            variables,
        }
    }

    fn settle(&self, missing: Option<String>) -> Done {
        match missing {
            Some(missing) if !self.lenient => Err(Fail::Missing(missing)),
            _ => Ok(()),
        }
    }

    /// What an expression needs must be there.
    pub(super) fn check_expr(&self, expr: &Expr, scopes: &[Scope], variables: bool) -> Done {
        let mut walk = self.walk(scopes, variables);
        walk.expr(expr);
        let missing = walk.missing;
        self.settle(missing)
    }

    /// As [`Fold::check_expr`], and says what the expression depends on.
    pub(super) fn uses_of(&self, expr: &Expr, scopes: &[Scope]) -> Result<Vec<Use>, Fail> {
        let mut walk = self.walk(scopes, false);
        walk.expr(expr);
        let (missing, uses, clash) = (walk.missing, walk.uses, walk.clash);
        self.settle(missing)?;
        match clash.filter(|_| !self.operators) {
            Some(clash) => Err(Fail::Wrong(clash)),
            None => Ok(uses.into_iter().collect()),
        }
    }

    /// What a query needs must be there; says what it depends on.
    pub(super) fn check_query(&self, query: &Query, scopes: &[Scope]) -> Result<Vec<Use>, Fail> {
        let mut walk = self.walk(scopes, false);
        walk.query(query);
        let (missing, uses) = (walk.missing, walk.uses);
        self.settle(missing)?;
        Ok(uses.into_iter().collect())
    }

    /// As [`Fold::check_query`], in the body of a function, where bare names may be arguments.
    pub(super) fn check_body_query(&self, query: &Query) -> Done {
        let mut walk = self.walk(&[], true);
        walk.query(query);
        let missing = walk.missing;
        self.settle(missing)
    }

    /// A table whose rows a statement reads or changes.
    pub(super) fn read_from(&self, name: &Name) -> Done {
        let there = Catalog::is_system(name)
            || self
                .catalog
                .find_relation(name, &self.session.path)
                .is_some();
        self.settle((!there).then(|| format!("relation {}", name.join("."))))
    }
}
