//! Owns what names in expressions and queries mean: what must be there for a statement to work, and what it depends on.

use std::collections::BTreeSet;

use super::super::catalog::kinds::{Kind, Ty};
use super::super::catalog::relation::{Column, Relation, Use};
use super::super::catalog::{Catalog, Oid};
use super::super::parse::expr::{Body, Change, Expr, From, Query, Select};
use super::operator::Sight;
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
            Expr::Call(call) if !call.grammar => self.call(&call.name),
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

    /// Only schemas that statements here fill are known by all their functions.
    fn call(&mut self, name: &Name) {
        let found = self.catalog.functions_named(name, self.path);
        self.uses
            .extend(found.iter().map(|function| Use::Function(function.oid)));
        let [schema, _] = name.as_slice() else { return };
        if !found.is_empty() || schema == "pg_catalog" {
            return;
        }
        let crowded = self
            .catalog
            .extensions
            .values()
            .any(|other| other == schema);
        let known = matches!(schema.as_str(), "auth" | "storage" | "realtime")
            || !crowded && schema == "public";
        if known || !self.catalog.schemas.contains_key(schema) {
            self.miss(format!("function {}", name.join(".")));
        }
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
            From::Join(left, right, condition, _) => {
                self.from(left);
                self.from(right);
                if let Some(on) = condition {
                    self.expr(on);
                }
            }
        }
    }
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

    /// The columns that a query gives; one named `*` stands for those that nobody knows.
    pub(super) fn columns_of(&self, query: &Query) -> Vec<Column> {
        let select = match &query.body {
            Body::Select(select) => select,
            Body::Set(all) => {
                return all
                    .first()
                    .map(|inner| self.columns_of(inner))
                    .unwrap_or_default();
            }
            Body::Values(rows) => {
                let width = rows.first().map_or(0, Vec::len);
                return (1..=width).map(|n| named(format!("column{n}"))).collect();
            }
            Body::Change(_) => return vec![named("*".to_owned())],
        };
        let mut all = Vec::new();
        for (target, alias) in &select.targets {
            match (target, alias) {
                (Expr::Column(name), None) if name.last().is_some_and(|last| last == "*") => {
                    self.star(name, select, query, &mut all);
                }
                (target, alias) => all.push(Column {
                    ty: self.type_of(target, &select.from),
                    ..named(alias.clone().unwrap_or_else(|| figure(target)))
                }),
            }
        }
        all
    }

    fn star(&self, name: &[String], select: &Select, query: &Query, all: &mut Vec<Column>) {
        let wanted = |alias: &str| name.len() == 1 || name[name.len() - 2] == alias;
        let mut open: Vec<&From> = select.from.iter().rev().collect();
        while let Some(from) = open.pop() {
            match from {
                From::Join(left, right, ..) => {
                    open.push(right);
                    open.push(left);
                }
                From::Relation(relation, alias, _) => {
                    let bare = relation.last().cloned().unwrap_or_default();
                    if !wanted(alias.as_deref().unwrap_or(&bare)) {
                        continue;
                    }
                    if let Some((_, inner)) = query.with.iter().find(|(with, _)| *with == bare) {
                        all.extend(self.columns_of(inner));
                        continue;
                    }
                    let found = self.catalog.find_relation(relation, &self.session.path);
                    match found.and_then(|oid| self.catalog.relation(oid)) {
                        Some(found) if !found.external => {
                            all.extend(found.columns.iter().map(|column| Column {
                                ty: column.ty.clone(),
                                ..named(column.name.clone())
                            }));
                        }
                        _ => all.push(named("*".to_owned())),
                    }
                }
                From::Query(inner, alias, _) if wanted(alias.as_deref().unwrap_or_default()) => {
                    all.extend(self.columns_of(inner));
                }
                From::Query(..) => {}
                From::Function(..) => all.push(named("*".to_owned())),
            }
        }
    }

    /// The type of a target, where it is plain.
    fn type_of(&self, target: &Expr, from: &[From]) -> Ty {
        let Expr::Column(name) = target else {
            return Ty::system("unknown");
        };
        let column = name.last().map_or("", String::as_str);
        let mut open: Vec<&From> = from.iter().collect();
        while let Some(from) = open.pop() {
            match from {
                From::Join(left, right, ..) => open.extend([&**left, &**right]),
                From::Relation(relation, ..) => {
                    let found = self.catalog.find_relation(relation, &self.session.path);
                    if let Some(ty) = found.and_then(|oid| self.catalog.column_type(oid, column)) {
                        return ty;
                    }
                }
                _ => {}
            }
        }
        Ty::system("unknown")
    }
}

fn named(name: String) -> Column {
    Column {
        name,
        ty: Ty::system("unknown"),
        ..Column::default()
    }
}

/// The name that the server gives a target without an alias.
#[must_use]
pub fn figure(expr: &Expr) -> String {
    match expr {
        Expr::Column(name) => name.last().cloned().unwrap_or_default(),
        Expr::Call(call) => call.name.last().cloned().unwrap_or_default(),
        Expr::Cast(inner, ty) => match figure(inner).as_str() {
            "?column?" => ty.name.last().cloned().unwrap_or_default(),
            name => name.to_owned(),
        },
        Expr::Field(_, name) => name.clone(),
        Expr::Index(inner, _) | Expr::Collate(inner, _) => figure(inner),
        Expr::Case(_, _, Some(other)) if figure(other) != "?column?" => figure(other),
        Expr::Case(..) => "case".to_owned(),
        Expr::Exists(_) => "exists".to_owned(),
        Expr::Array(_) | Expr::ArrayOf(_) => "array".to_owned(),
        Expr::Row(_) => "row".to_owned(),
        Expr::Scalar(query) => match &query.body {
            Body::Select(select) => match select.targets.first() {
                Some((_, Some(alias))) => alias.clone(),
                Some((target, None)) => figure(target),
                None => "?column?".to_owned(),
            },
            _ => "?column?".to_owned(),
        },
        _ => "?column?".to_owned(),
    }
}
