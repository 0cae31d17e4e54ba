//! Owns the rules on the column that tells tenants apart, where the options name it.

use super::super::catalog::relation::Relation;
use super::super::parse::expr::Expr;
use super::names::Names;
use super::{Rls, conditions};

impl Rls<'_> {
    /// What is to be said of a table that has the column.
    pub(super) fn tenant(&mut self, relation: &Relation) {
        let Some(tenant) = &self.known.tenant_column else {
            return;
        };
        let Some(column) = relation.column(tenant) else {
            return;
        };
        let table = relation.shown();
        if !column.not_null {
            let headline = format!("{table}.{tenant} may be null: such a row is nobody's");
            self.hit(
                "tenant_nullable",
                format!("{table}.{tenant}"),
                headline,
                relation.origin,
            );
        }
        for index in &relation.indexes {
            let scoped = index.keys.contains(tenant) || index.condition.is_some();
            if index.unique
                && !index.primary
                && !scoped
                && index.keys.iter().all(|key| !key.is_empty())
            {
                let headline = format!(
                    "{table}: {} is unique over all tenants",
                    index.keys.join(", ")
                );
                self.hit(
                    "tenant_unique_scope",
                    format!("{table}.{}", index.name),
                    headline,
                    index.origin,
                );
            }
        }
        for policy in &relation.policies {
            let mut literal = false;
            for expr in conditions(policy) {
                let mut names = Names::of(self.catalog, &policy.path, relation);
                names.walk(expr, &mut |expr, _| {
                    if let Expr::Binary(op, left, right) = expr {
                        let is = |expr: &Expr| matches!(expr, Expr::Column(name) if name.last() == Some(tenant));
                        let fixed = |expr: &Expr| match expr {
                            Expr::Text(_) | Expr::Number(_) => true,
                            Expr::Cast(inner, _) => matches!(**inner, Expr::Text(_) | Expr::Number(_)),
                            _ => false,
                        };
                        literal |= op == "=" && (is(left) && fixed(right) || is(right) && fixed(left));
                    }
                });
            }
            if literal {
                let says = format!("compares {tenant} with a value that is written down");
                self.on_policy("tenant_literal", relation, policy, &says);
            }
        }
    }
}
