//! Owns which table a column of a policy is of: the policy's own, or one of a query in it. Knows no rule.

use std::collections::BTreeSet;

use super::super::catalog::relation::Relation;
use super::super::catalog::{Catalog, Oid};
use super::super::fold::scope::{self, Scope};
use super::super::parse::expr::{Body, Expr, From, Name, Query, Select};

/// What a column is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Site {
    /// The table at this depth (0: the policy's own) with this alias, and the relation where it is known.
    Table(usize, String, Option<Oid>),
    /// Nobody can tell.
    Unknown,
}

/// The tables that an expression sees.
#[derive(Clone, Debug)]
pub struct Names<'a> {
    catalog: &'a Catalog,
    path: &'a [String],
    scopes: Vec<Vec<Scope>>,
    with: Vec<String>,
}

impl<'a> Names<'a> {
    /// What a policy of the relation sees.
    #[must_use]
    pub fn of(catalog: &'a Catalog, path: &'a [String], relation: &Relation) -> Self {
        Self {
            catalog,
            path,
            scopes: vec![vec![scope::of(relation)]],
            with: Vec::new(),
        }
    }

    /// What a column is of.
    #[must_use]
    pub fn site(&self, name: &Name) -> Site {
        let (table, column) = match name.as_slice() {
            [column] => (None, column),
            [.., table, column] => (Some(table), column),
            [] => return Site::Unknown,
        };
        for (depth, scopes) in self.scopes.iter().enumerate().rev() {
            let mut fits = scopes.iter().filter(|scope| match table {
                Some(table) => scope.alias == *table,
                None => scope
                    .columns
                    .as_ref()
                    .is_none_or(|all| all.contains(column)),
            });
            let Some(first) = fits.next() else { continue };
            let sure = table.is_some() || first.columns.is_some() && fits.next().is_none();
            return if sure {
                Site::Table(depth, first.alias.clone(), first.oid)
            } else {
                Site::Unknown
            };
        }
        Site::Unknown
    }

    /// Calls `each` with an expression and all below it, queries included.
    pub fn walk<'e>(&mut self, expr: &'e Expr, each: &mut dyn FnMut(&'e Expr, &Self)) {
        each(expr, self);
        let mut below = Vec::new();
        let mut queries = Vec::new();
        scope::children(expr, &mut |child| below.push(child), &mut |query| {
            queries.push(query);
        });
        for child in below {
            self.walk(child, each);
        }
        for query in queries {
            self.query(query, each);
        }
    }

    /// Calls `each` with all expressions of a query.
    pub fn query<'e>(&mut self, query: &'e Query, each: &mut dyn FnMut(&'e Expr, &Self)) {
        let names = self.with.len();
        for (name, inner) in &query.with {
            if query.recursive {
                self.with.push(name.clone());
            }
            self.query(inner, each);
            self.with.push(name.clone());
        }
        match &query.body {
            Body::Select(select) => self.select(select, &query.tail, each),
            Body::Values(rows) => {
                for expr in rows.iter().flatten() {
                    self.walk(expr, each);
                }
            }
            Body::Set(all) => {
                for inner in all {
                    self.query(inner, each);
                }
            }
            Body::Change(_) => {}
        }
        self.with.truncate(names);
    }

    fn select<'e>(
        &mut self,
        select: &'e Select,
        tail: &'e [Expr],
        each: &mut dyn FnMut(&'e Expr, &Self),
    ) {
        self.scopes.push(Vec::new());
        for from in &select.from {
            self.from(from, each);
        }
        let targets = select.targets.iter().map(|(target, _)| target);
        for expr in targets.chain(&select.condition).chain(&select.rest) {
            self.walk(expr, each);
        }
        // An order may name a target: nothing is asked of it.
        let _ = tail;
        self.scopes.pop();
    }

    fn push(&mut self, scope: Scope) {
        if let Some(last) = self.scopes.last_mut() {
            last.push(scope);
        }
    }

    fn from<'e>(&mut self, from: &'e From, each: &mut dyn FnMut(&'e Expr, &Self)) {
        match from {
            From::Relation(name, alias, columns) => {
                let bare = name.last().cloned().unwrap_or_default();
                let elsewhere = name.len() == 1 && self.with.contains(&bare);
                let found = self
                    .catalog
                    .find_relation(name, self.path)
                    .filter(|_| !elsewhere);
                let relation = found.and_then(|oid| self.catalog.relation(oid));
                let known = relation.filter(|_| columns.is_empty()).map(scope::of);
                let columns: Option<BTreeSet<String>> = known.and_then(|scope| scope.columns);
                self.push(Scope {
                    alias: alias.clone().unwrap_or(bare),
                    columns,
                    oid: found,
                });
            }
            From::Query(query, alias, _) => {
                self.query(query, each);
                self.push(Scope {
                    alias: alias.clone().unwrap_or_default(),
                    ..Scope::default()
                });
            }
            From::Function(calls, alias, _) => {
                for call in calls {
                    self.walk(call, each);
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
                self.from(left, each);
                self.from(right, each);
                if let Some(on) = condition {
                    self.walk(on, each);
                }
            }
        }
    }
}
