//! Owns the columns that a query gives: their names, and their types where they are plain.

use super::super::catalog::kinds::Ty;
use super::super::catalog::relation::Column;
use super::super::parse::expr::{Body, Expr, From, Query, Select};
use super::Fold;
use super::scope::figure;

impl Fold {
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
