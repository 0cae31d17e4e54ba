//! Owns what statements do to indexes, those of keys too.

use std::collections::BTreeSet;

use super::super::catalog::names;
use super::super::catalog::relation::{Con, ConKind, Index, RelKind};
use super::super::deparse;
use super::super::parse::expr::Expr;
use super::super::parse::table::{Constraint, ConstraintKind, CreateIndex, IndexItem};
use super::scope::{self, figure};
use super::{Done, Fail, Fold, Oid};

impl Fold {
    pub(super) fn create_index(&mut self, index: &CreateIndex) -> Done {
        let oid = self.relation(&index.table)?;
        let Some(relation) = self.catalog.relation(oid) else {
            return Ok(());
        };
        if !matches!(
            relation.kind,
            RelKind::Table | RelKind::Partitioned | RelKind::MaterializedView
        ) {
            return Err(Fail::Wrong(format!("{} has no indexes", relation.name)));
        }
        if index.concurrently && self.transaction.is_some() {
            return Err(Fail::Wrong("CONCURRENTLY within a transaction".to_owned()));
        }
        let (schema, table) = (relation.schema.clone(), relation.name.clone());
        if let Some(name) = &index.name
            && self.catalog.is_taken(&schema, name)
        {
            return if index.if_not_exists {
                Ok(())
            } else {
                Err(Fail::Exists(format!("relation {name}")))
            };
        }
        let scope = [scope::of(relation)];
        for expr in index
            .items
            .iter()
            .map(|item| &item.expr)
            .chain(&index.condition)
        {
            self.check_expr(expr, &scope, false)?;
        }
        for column in &index.include {
            self.has_column(oid, column)?;
        }
        let name = index.name.clone().unwrap_or_else(|| {
            let columns = column_names(&index.items);
            let second = names::joined(columns.iter().chain(&index.include).map(String::as_str));
            names::free(&table, &second, "idx", |name| {
                self.catalog.is_taken(&schema, name)
            })
        });
        let new = Index {
            name,
            method: index.method.clone(),
            unique: index.unique,
            primary: false,
            keys: index.items.iter().map(key).collect(),
            items: index.items.clone(),
            include: index.include.clone(),
            condition: index.condition.clone(),
            signature: signature(index),
            constraint: false,
            origin: self.origin,
        };
        self.put_index(oid, new);
        let children: Vec<Oid> = self
            .catalog
            .relations
            .values()
            .filter(|relation| relation.partition && relation.parents.contains(&oid))
            .map(|relation| relation.oid)
            .collect();
        for child in children {
            self.copy_indexes(oid, child);
        }
        Ok(())
    }

    fn put_index(&mut self, oid: Oid, index: Index) {
        let Some(relation) = self.catalog.relation_mut(oid) else {
            return;
        };
        let key = (relation.schema.clone(), index.name.clone());
        relation.indexes.push(index);
        self.catalog.names.insert(key, oid);
    }

    /// A key and its index.
    pub(super) fn add_key(&mut self, oid: Oid, constraint: &Constraint) -> Done {
        let Some(relation) = self.catalog.relation(oid) else {
            return Ok(());
        };
        let (schema, table) = (relation.schema.clone(), relation.name.clone());
        let (kind, label, keys) = match &constraint.kind {
            ConstraintKind::Primary(keys) => (ConKind::Primary, "pkey", Some(keys)),
            ConstraintKind::Unique(keys) => (ConKind::Unique, "key", Some(keys)),
            _ => (ConKind::Exclude, "excl", None),
        };
        if kind == ConKind::Primary && relation.indexes.iter().any(|index| index.primary) {
            return Err(Fail::Wrong(format!("a second primary key of {table}")));
        }
        if let Some(from) = keys.and_then(|keys| keys.using_index.clone()) {
            return self.adopt_index(oid, constraint, kind, &from);
        }
        let items: Vec<IndexItem> = match &constraint.kind {
            ConstraintKind::Exclude(_, items, _) => items.clone(),
            _ => keys
                .iter()
                .flat_map(|keys| &keys.columns)
                .map(|column| plain(column))
                .collect(),
        };
        for item in &items {
            if let Expr::Column(name) = &item.expr {
                self.has_column(oid, name.last().map_or("", String::as_str))?;
            }
        }
        let include = keys.map_or(Vec::new(), |keys| keys.include.clone());
        let name = match &constraint.name {
            Some(name) if self.catalog.is_taken(&schema, name) => {
                return Err(Fail::Exists(format!("relation {name}")));
            }
            Some(name) => name.clone(),
            None => {
                let columns = column_names(&items);
                let second = if kind == ConKind::Primary {
                    String::new()
                } else {
                    names::joined(columns.iter().chain(&include).map(String::as_str))
                };
                let taken = |name: &str| {
                    self.catalog.is_taken(&schema, name) || self.has_constraint(&schema, name)
                };
                names::free(&table, &second, label, taken)
            }
        };
        let (method, condition) = match &constraint.kind {
            ConstraintKind::Exclude(method, _, condition) => (method.clone(), condition.clone()),
            _ => ("btree".to_owned(), None),
        };
        let written = CreateIndex {
            unique: kind != ConKind::Exclude,
            concurrently: false,
            only: false,
            if_not_exists: false,
            name: None,
            table: Vec::new(),
            method,
            items,
            include,
            nulls_not_distinct: keys.is_some_and(|keys| keys.nulls_not_distinct),
            options: Vec::new(),
            condition,
        };
        let columns: Vec<String> = written.items.iter().map(key).collect();
        if kind == ConKind::Primary
            && let Some(relation) = self.catalog.relation_mut(oid)
        {
            for column in relation
                .columns
                .iter_mut()
                .filter(|column| columns.contains(&column.name))
            {
                column.not_null = true;
            }
        }
        let index = Index {
            name: name.clone(),
            unique: written.unique,
            primary: kind == ConKind::Primary,
            keys: columns.clone(),
            signature: signature(&written),
            method: written.method,
            include: written.include,
            items: written.items,
            condition: written.condition,
            constraint: true,
            origin: self.origin,
        };
        self.put_index(oid, index);
        self.push_constraint(oid, constraint, name, kind, columns, None);
        Ok(())
    }

    /// `UNIQUE USING INDEX`: an index becomes a constraint's, and takes its name.
    fn adopt_index(
        &mut self,
        oid: Oid,
        constraint: &Constraint,
        kind: ConKind,
        from: &str,
    ) -> Done {
        let Some(relation) = self.catalog.relation_mut(oid) else {
            return Ok(());
        };
        let Some(index) = relation.indexes.iter_mut().find(|index| index.name == from) else {
            return Err(Fail::Missing(format!("index {from}")));
        };
        index.constraint = true;
        index.primary = kind == ConKind::Primary;
        let keys = index.keys.clone();
        let name = constraint.name.clone().unwrap_or_else(|| from.to_owned());
        self.rename_constraint(oid, from, &name);
        self.push_constraint(oid, constraint, name, kind, keys, None);
        Ok(())
    }

    /// A table gets the indexes of another, with names of its own.
    pub(super) fn copy_indexes(&mut self, from: Oid, to: Oid) {
        let (Some(parent), Some(child)) = (self.catalog.relation(from), self.catalog.relation(to))
        else {
            return;
        };
        let (schema, table) = (child.schema.clone(), child.name.clone());
        let have: BTreeSet<String> = child
            .indexes
            .iter()
            .map(|index| index.signature.clone())
            .collect();
        let wanted = parent
            .indexes
            .iter()
            .filter(|index| !have.contains(&index.signature));
        let wanted: Vec<Index> = wanted.cloned().collect();
        for mut index in wanted {
            let label = match (index.primary, index.constraint) {
                (true, _) => "pkey",
                (_, true) => "key",
                _ => "idx",
            };
            let columns = column_names(&index.items);
            let second = if index.primary {
                String::new()
            } else {
                names::joined(columns.iter().map(String::as_str))
            };
            index.name = names::free(&table, &second, label, |name| {
                self.catalog.is_taken(&schema, name)
            });
            if index.constraint {
                let con = Con {
                    name: index.name.clone(),
                    kind: if index.primary {
                        ConKind::Primary
                    } else {
                        ConKind::Unique
                    },
                    columns: index.keys.clone(),
                    target: None,
                    on_delete: String::new(),
                    not_valid: false,
                    proves: Vec::new(),
                    origin: self.origin,
                };
                if let Some(child) = self.catalog.relation_mut(to) {
                    child.constraints.push(con);
                }
            }
            self.put_index(to, index);
        }
    }
}

fn plain(column: &str) -> IndexItem {
    IndexItem {
        expr: Expr::Column(vec![column.to_owned()]),
        collation: None,
        class: None,
        descending: false,
        nulls_first: None,
        operator: None,
    }
}

/// The column of an element; empty for an expression.
fn key(item: &IndexItem) -> String {
    match &item.expr {
        Expr::Column(name) => name.last().cloned().unwrap_or_default(),
        _ => String::new(),
    }
}

/// The names that an index gives its columns.
fn column_names(items: &[IndexItem]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for item in items {
        let base = match figure(&item.expr).as_str() {
            "?column?" => "expr".to_owned(),
            name => name.to_owned(),
        };
        let mut name = base.clone();
        let mut n = 0;
        while all.contains(&name) {
            n += 1;
            name = format!("{base}{n}");
        }
        all.push(name);
    }
    all
}

/// All that is said of an index beside its name.
fn signature(index: &CreateIndex) -> String {
    let mut text = format!(
        "{} {} (",
        if index.unique { "unique" } else { "" },
        index.method
    );
    for item in &index.items {
        text.push_str(&deparse::expr(&item.expr));
        if let Some(collation) = &item.collation {
            text.push_str(&format!(" collate {}", collation.join(".")));
        }
        if let Some(class) = &item.class {
            text.push_str(&format!(" {}", class.join(".")));
        }
        if item.descending {
            text.push_str(" desc");
        }
        if item
            .nulls_first
            .is_some_and(|first| first != item.descending)
        {
            text.push_str(" nulls");
        }
        text.push_str(item.operator.as_deref().unwrap_or_default());
        text.push(',');
    }
    text.push_str(&format!(
        ") include {:?} {} {:?}",
        index.include, index.nulls_not_distinct, index.options
    ));
    if let Some(condition) = &index.condition {
        text.push_str(&format!(" where {}", deparse::expr(condition)));
    }
    text
}
