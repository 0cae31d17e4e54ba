//! Owns the rules on columns that policies compare, and on rights on single columns.

use std::collections::{BTreeMap, BTreeSet};

use super::super::catalog::acl;
use super::super::catalog::relation::{ConKind, Policy, Relation};
use super::super::lints::SENSITIVE;
use super::super::parse::expr::Expr;
use super::names::{Names, Site};
use super::{Rls, conditions, who};

impl Rls<'_> {
    /// What is to be said of a table's columns.
    pub(super) fn columns(&mut self, relation: &Relation) {
        self.unindexed(relation);
        self.granted(relation);
    }

    /// A column that policies look for a value in, without an index.
    fn unindexed(&mut self, relation: &Relation) {
        if !relation.rls {
            return;
        }
        let mut wanted: BTreeMap<String, &Policy> = BTreeMap::new();
        for policy in &relation.policies {
            for expr in conditions(policy) {
                for column in looked_for(self, relation, &policy.path, expr) {
                    wanted.entry(column).or_insert(policy);
                }
            }
        }
        let leads = |column: &String| {
            let first = relation
                .indexes
                .iter()
                .any(|index| index.keys.first() == Some(column));
            // A key without an index is said to be one already.
            let key = relation
                .constraints
                .iter()
                .any(|con| con.kind == ConKind::Foreign && con.columns.first() == Some(column));
            first || key
        };
        wanted.retain(|column, _| {
            !leads(column)
                && relation
                    .column(column)
                    .is_some_and(|found| !found.ty.is("bool") && !found.ty.array)
        });
        for (column, policy) in wanted {
            let object = format!("{}.{column}", relation.shown());
            let headline = format!(
                "the policy `{}` looks for rows of {} by {column}, which has no index",
                policy.name,
                relation.shown()
            );
            self.hit(
                "rls_policy_column_unindexed",
                object,
                headline,
                policy.origin,
            );
        }
    }

    /// A secret column that a role may read by a right of its own.
    fn granted(&mut self, relation: &Relation) {
        let api = who::has_api(self.catalog);
        let roles: Vec<&str> = if api {
            vec![acl::PUBLIC, "anon", "authenticated"]
        } else {
            vec![acl::PUBLIC]
        };
        for column in &relation.columns {
            let by = roles.iter().find(|role| {
                column.acl.of(role).has(acl::SELECT) && !relation.acl.of(role).has(acl::SELECT)
            });
            let name = column.name.to_lowercase();
            let secret = || SENSITIVE.split(' ').any(|word| word == name);
            if let Some(role) = by.filter(|_| secret()) {
                let role = if role.is_empty() { "everybody" } else { role };
                let object = format!("{}.{}", relation.shown(), column.name);
                let headline = format!(
                    "{role} may read the column {} of {}",
                    column.name,
                    relation.shown()
                );
                self.hit("col_grant_sensitive", object, headline, relation.origin);
            }
        }
    }
}

/// The own columns that a condition compares with a value that does not come from the row.
fn looked_for(
    rls: &Rls<'_>,
    relation: &Relation,
    path: &[String],
    expr: &Expr,
) -> BTreeSet<String> {
    let parts: Vec<&Expr> = match expr {
        Expr::And(all) | Expr::Or(all) => {
            return all
                .iter()
                .flat_map(|part| looked_for(rls, relation, path, part))
                .collect();
        }
        Expr::Binary(op, left, right) if op == "=" => vec![left, right],
        Expr::InQuery(left, _, false) => vec![left],
        Expr::Quantified(op, left, _, false) if op == "=" => vec![left],
        _ => return BTreeSet::new(),
    };
    let of_row = |expr: &Expr| {
        let mut found = false;
        let mut names = Names::of(rls.catalog, path, relation);
        names.walk(expr, &mut |expr, names| {
            if let Expr::Column(name) = expr {
                found |= !matches!(names.site(name), Site::Table(depth, ..) if depth > 0);
            }
        });
        found
    };
    let constant = |expr: &Expr| match expr {
        Expr::Text(_) | Expr::Number(_) | Expr::Bool(_) | Expr::Null => true,
        Expr::Cast(inner, _) => matches!(**inner, Expr::Text(_) | Expr::Number(_)),
        _ => false,
    };
    let mut found = BTreeSet::new();
    for (at, part) in parts.iter().enumerate() {
        let Expr::Column(name) = part else { continue };
        let other = parts.get(1 - at.min(1));
        let free =
            parts.len() == 1 || other.is_some_and(|other| !of_row(other) && !constant(other));
        if free && let Some(column) = name.last() {
            found.insert(column.clone());
        }
    }
    found
}
