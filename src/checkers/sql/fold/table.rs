//! Owns what `CREATE TABLE` does, and constraints wherever they are made.

use std::collections::BTreeSet;

use super::super::catalog::acl::Acl;
use super::super::catalog::kinds::Ty;
use super::super::catalog::names;
use super::super::catalog::relation::{Column, Con, ConKind, Index, RelKind, Relation};
use super::super::parse::expr::{Expr, Name, Query, TypeName};
use super::super::parse::table::{
    ColumnDef, Constraint, ConstraintKind, CreateTable, Element, Like, Reference,
};
use super::{Done, Fail, Fold, Oid, scope};

/// Types that stand for a column with a sequence, and what they are.
const SERIAL: [(&str, &str); 6] = [
    ("serial", "int4"),
    ("serial4", "int4"),
    ("bigserial", "int8"),
    ("serial8", "int8"),
    ("smallserial", "int2"),
    ("serial2", "int2"),
];

/// A constraint, and the column that it stands with.
type Written = (Constraint, Option<String>);

/// What a foreign key leans on: the table, its columns, the index.
type Target = (Oid, Vec<String>, String);

impl Fold {
    pub(super) fn create_table(&mut self, table: &CreateTable) -> Done {
        let (mut schema, name) = self.place(&table.name)?;
        if table.temporary {
            "pg_temp".clone_into(&mut schema);
        }
        if self.catalog.is_taken(&schema, &name) {
            return if table.if_not_exists {
                Ok(())
            } else {
                Err(Fail::Exists(format!("relation {name}")))
            };
        }
        let kind = match (table.foreign, &table.partition_by) {
            (true, _) => RelKind::Foreign,
            (false, Some(_)) => RelKind::Partitioned,
            (false, None) => RelKind::Table,
        };
        let oid = self.catalog.oid();
        let mut new = Relation::new(oid, &schema, &name, kind, self.origin);
        new.owner.clone_from(&self.session.role);
        new.temporary = table.temporary;
        new.acl = self.catalog.first_acl(&new.owner, &schema, "tables");
        let before = self.catalog.mark() - 1;
        let done = self.fill(&mut new, table);
        if done.is_err() {
            self.catalog.back_to(before, None);
            return done;
        }
        self.after_create("CREATE TABLE", oid);
        Ok(())
    }

    /// Columns first, then keys, then all else: in the order in which the server names them.
    fn fill(&mut self, new: &mut Relation, table: &CreateTable) -> Done {
        for parent in table.inherits.iter().chain(&table.partition_of) {
            let parent = self.relation(parent)?;
            self.inherit(new, parent);
            new.parents.push(parent);
        }
        new.partition = table.partition_of.is_some();
        if let Some(of) = &table.of_type {
            self.ty(&TypeName {
                name: of.clone(),
                ..TypeName::default()
            })?;
            new.external = true;
        }
        let mut constraints: Vec<Written> = Vec::new();
        let mut likes = Vec::new();
        let mut sequences = Vec::new();
        for element in &table.elements {
            match element {
                Element::Column(column) => {
                    let twice = column.kind.is_some() && new.column(&column.name).is_some();
                    if twice && table.inherits.is_empty() {
                        return Err(Fail::Exists(format!("column {}", column.name)));
                    }
                    if self.add_column_to(new, column)? {
                        sequences.push(column.name.clone());
                    }
                    let own = column.constraints.iter().cloned();
                    constraints.extend(own.map(|c| (c, Some(column.name.clone()))));
                }
                Element::Constraint(constraint) => constraints.push((constraint.clone(), None)),
                Element::Like(like) => likes.push(self.like(new, like)?),
            }
        }
        for column in table.elements.iter().filter_map(|element| match element {
            Element::Column(column) => column.generated.as_ref(),
            _ => None,
        }) {
            self.check_expr(column, &[scope::of(new)], true)?;
        }
        // The table must be there for names to be free and for references to itself.
        self.catalog.insert(new.clone());
        for column in sequences {
            self.sequence_of(
                &new.schema.clone(),
                &new.name.clone(),
                &column,
                new.temporary,
            );
        }
        self.keys_of(new.oid, &constraints)?;
        for (constraint, column) in &constraints {
            if matches!(constraint.kind, ConstraintKind::Check(_)) {
                self.add_constraint(new.oid, constraint, column.as_deref())?;
            }
        }
        for (constraint, column) in &constraints {
            if matches!(constraint.kind, ConstraintKind::Foreign(_)) {
                self.add_constraint(new.oid, constraint, column.as_deref())?;
            }
        }
        for (from, indexes) in likes {
            if indexes {
                self.copy_indexes(from, new.oid);
            }
        }
        if new.partition {
            for parent in new.parents.clone() {
                self.copy_indexes(parent, new.oid);
                self.copy_references(parent, new.oid);
            }
        }
        Ok(())
    }

    /// Makes the sequence of a column.
    pub(super) fn sequence_of(&mut self, schema: &str, table: &str, column: &str, temporary: bool) {
        let name = names::free(table, column, "seq", |name| {
            self.catalog.is_taken(schema, name)
        });
        self.add_sequence(schema, &name, temporary);
    }

    /// The keys of a table: the primary one first, and a unique one that says the same as another is left out.
    fn keys_of(&mut self, oid: Oid, constraints: &[Written]) -> Done {
        let mut done: Vec<Constraint> = Vec::new();
        let is_primary = |c: &Constraint| matches!(c.kind, ConstraintKind::Primary(_));
        let primary = constraints.iter().filter(|(c, _)| is_primary(c));
        if primary.clone().count() > 1 {
            return Err(Fail::Wrong("two primary keys".to_owned()));
        }
        let others = constraints.iter().filter(|(c, _)| !is_primary(c));
        for (constraint, column) in primary.chain(others) {
            let keys = match &constraint.kind {
                ConstraintKind::Primary(keys) | ConstraintKind::Unique(keys) => Some(keys),
                ConstraintKind::Exclude(..) => None,
                _ => continue,
            };
            let same = |other: &&mut Constraint| match (&other.kind, keys) {
                (ConstraintKind::Primary(mine) | ConstraintKind::Unique(mine), Some(keys)) => {
                    mine == keys
                }
                _ => false,
            };
            if let Some(other) = done.iter_mut().find(same) {
                // The index that is kept takes the name, if it has none.
                if let (None, Some(name), Some(keys)) = (&other.name, &constraint.name, keys) {
                    other.name = Some(name.clone());
                    let relation = self.catalog.relation(oid);
                    let kept = relation
                        .and_then(|r| r.constraints.iter().find(|con| con.columns == keys.columns));
                    if let Some(from) = kept.map(|con| con.name.clone()) {
                        self.rename_constraint(oid, &from, name);
                    }
                }
                continue;
            }
            self.add_constraint(oid, constraint, column.as_deref())?;
            done.push(constraint.clone());
        }
        Ok(())
    }

    /// A constraint gets another name, and its index with it.
    pub(super) fn rename_constraint(&mut self, oid: Oid, from: &str, to: &str) {
        let Some(relation) = self.catalog.relation_mut(oid) else {
            return;
        };
        for con in relation
            .constraints
            .iter_mut()
            .filter(|con| con.name == from)
        {
            to.clone_into(&mut con.name);
        }
        let mut renamed = false;
        for index in relation
            .indexes
            .iter_mut()
            .filter(|index| index.name == from)
        {
            to.clone_into(&mut index.name);
            renamed = true;
        }
        let schema = relation.schema.clone();
        if renamed {
            self.catalog
                .names
                .remove(&(schema.clone(), from.to_owned()));
            self.catalog.names.insert((schema, to.to_owned()), oid);
            let own = |con: &&mut Con| {
                con.target
                    .as_ref()
                    .is_some_and(|(table, _, by)| *table == oid && by == from)
            };
            for relation in self.catalog.relations.values_mut() {
                let leans = relation.constraints.iter().any(|con| {
                    con.target
                        .as_ref()
                        .is_some_and(|(table, _, by)| *table == oid && by == from)
                });
                if leans {
                    let relation = std::sync::Arc::make_mut(relation);
                    for con in relation.constraints.iter_mut().filter(own) {
                        if let Some((_, _, by)) = &mut con.target {
                            to.clone_into(by);
                        }
                    }
                }
            }
        }
    }

    /// Columns of a parent.
    fn inherit(&self, new: &mut Relation, parent: Oid) {
        let Some(parent) = self.catalog.relation(parent) else {
            return;
        };
        for column in &parent.columns {
            if new.column(&column.name).is_none() {
                new.columns.push(Column {
                    acl: Acl::default(),
                    ..column.clone()
                });
            }
        }
        let checks = parent
            .constraints
            .iter()
            .filter(|con| con.kind == ConKind::Check);
        new.constraints.extend(checks.cloned());
        new.external |= parent.external;
    }

    fn like(&mut self, new: &mut Relation, like: &Like) -> Result<(Oid, bool), Fail> {
        let from = self.relation(&like.table)?;
        let includes = |part: &str| {
            let last = like
                .parts
                .iter()
                .rfind(|(_, other)| other == part || other == "all");
            last.is_some_and(|(including, _)| *including)
        };
        if let Some(from) = self.catalog.relation(from) {
            let copied = from.columns.iter().map(|column| Column {
                acl: Acl::default(),
                ..column.clone()
            });
            new.columns.extend(copied);
            new.external |= from.external;
            if includes("constraints") {
                let checks = from
                    .constraints
                    .iter()
                    .filter(|con| con.kind == ConKind::Check);
                new.constraints.extend(checks.cloned());
            }
        }
        Ok((from, includes("indexes")))
    }

    /// Adds a column; `true` when a sequence belongs to it.
    pub(super) fn add_column_to(
        &mut self,
        new: &mut Relation,
        column: &ColumnDef,
    ) -> Result<bool, Fail> {
        let Some(written) = &column.kind else {
            // A column of a partition or a typed table is there already.
            if let Some(found) = new.column_mut(&column.name) {
                found.not_null |= column.not_null == Some(true);
            }
            return Ok(false);
        };
        let serial = match written.name.as_slice() {
            [name] => SERIAL.iter().find(|(word, _)| word == name),
            _ => None,
        };
        let ty = match serial {
            Some((_, base)) => Ty::system(base),
            None => self.ty(written)?,
        };
        let primary = |c: &Constraint| matches!(c.kind, ConstraintKind::Primary(_));
        let not_null = column.not_null == Some(true)
            || serial.is_some()
            || column.identity
            || column.constraints.iter().any(primary);
        self.check_default(column.default.as_ref())?;
        if new.column(&column.name).is_none() {
            new.columns.push(Column {
                name: column.name.clone(),
                ty,
                modifiers: written.modifiers.clone(),
                not_null,
                origin: Some(self.origin),
                acl: Acl::default(),
            });
        }
        Ok(serial.is_some() || column.identity)
    }

    /// The server refuses a column that is not there.
    pub(super) fn has_column(&self, oid: Oid, column: &str) -> Done {
        let Some(relation) = self.catalog.relation(oid) else {
            return Ok(());
        };
        let system = ["ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"];
        let free = self.lenient || relation.external || system.contains(&column);
        if free || relation.column(column).is_some() {
            Ok(())
        } else {
            Err(Fail::Missing(format!(
                "column {column} of {}",
                relation.name
            )))
        }
    }

    /// Adds a constraint to a table.
    pub(super) fn add_constraint(
        &mut self,
        oid: Oid,
        constraint: &Constraint,
        column: Option<&str>,
    ) -> Done {
        let Some(relation) = self.catalog.relation(oid) else {
            return Ok(());
        };
        let (schema, table) = (relation.schema.clone(), relation.name.clone());
        if let Some(name) = &constraint.name
            && relation.constraints.iter().any(|con| con.name == *name)
        {
            return Err(Fail::Exists(format!("constraint {name} of {table}")));
        }
        let free = |second: &str, label: &str| {
            names::free(&table, second, label, |name| {
                self.has_constraint(&schema, name)
            })
        };
        match &constraint.kind {
            ConstraintKind::Check(expr) => {
                self.check_expr(expr, &[scope::of(relation)], false)?;
                let mut used = BTreeSet::new();
                scope::columns(expr, &mut used);
                let second = match (column, used.len()) {
                    (Some(column), _) => column.to_owned(),
                    (None, 1) => used.first().cloned().unwrap_or_default(),
                    (None, _) => String::new(),
                };
                let columns = relation.columns.iter();
                let columns = columns.map(|column| column.name.clone());
                let columns = columns.filter(|name| used.contains(name)).collect();
                let name = constraint
                    .name
                    .clone()
                    .unwrap_or_else(|| free(&second, "check"));
                self.push_constraint(oid, constraint, name, ConKind::Check, columns, None);
                Ok(())
            }
            ConstraintKind::Foreign(reference) => {
                let second = names::joined(reference.columns.iter().map(String::as_str));
                let name = constraint
                    .name
                    .clone()
                    .unwrap_or_else(|| free(&second, "fkey"));
                let target = self.referred(oid, reference)?;
                let columns = reference.columns.clone();
                self.push_constraint(
                    oid,
                    constraint,
                    name,
                    ConKind::Foreign,
                    columns,
                    Some(target),
                );
                Ok(())
            }
            _ => self.add_key(oid, constraint),
        }
    }

    pub(super) fn push_constraint(
        &mut self,
        oid: Oid,
        constraint: &Constraint,
        name: String,
        kind: ConKind,
        columns: Vec<String>,
        target: Option<Target>,
    ) {
        let proves = match &constraint.kind {
            ConstraintKind::Check(expr) => scope::not_null(expr),
            _ => Vec::new(),
        };
        let on_delete = match &constraint.kind {
            ConstraintKind::Foreign(reference) => reference.on_delete.clone(),
            _ => String::new(),
        };
        let origin = self.origin;
        if let Some(relation) = self.catalog.relation_mut(oid) {
            relation.constraints.push(Con {
                name,
                kind,
                columns,
                target,
                on_delete,
                not_valid: constraint.not_valid,
                proves,
                origin,
            });
        }
    }

    /// The table, columns and index that a foreign key leans on.
    fn referred(&mut self, oid: Oid, reference: &Reference) -> Result<Target, Fail> {
        for column in &reference.columns {
            self.has_column(oid, column)?;
        }
        let target = self.relation(&reference.table)?;
        let Some(table) = self.catalog.relation(target) else {
            return Err(Fail::Missing(reference.table.join(".")));
        };
        if table.external {
            return Ok((target, reference.to.clone(), String::new()));
        }
        if !matches!(table.kind, RelKind::Table | RelKind::Partitioned) {
            return Err(Fail::Wrong(format!("{} is no table", table.name)));
        }
        let wanted = if reference.to.is_empty() {
            table
                .primary()
                .map(|index| index.keys.clone())
                .unwrap_or_default()
        } else {
            reference.to.clone()
        };
        let mut sorted = wanted.clone();
        sorted.sort();
        let fits = |index: &&Index| {
            let mut keys = index.keys.clone();
            keys.sort();
            index.unique && index.condition.is_none() && keys == sorted && !keys.is_empty()
        };
        // The server takes the primary key where the columns are its own.
        let found = table
            .indexes
            .iter()
            .filter(fits)
            .max_by_key(|index| index.primary);
        match found {
            Some(index) => Ok((target, wanted, index.name.clone())),
            None if self.lenient => Ok((target, wanted, String::new())),
            None => {
                let columns = wanted.join(", ");
                Err(Fail::Wrong(format!(
                    "no unique constraint of {} on ({columns})",
                    table.name
                )))
            }
        }
    }

    pub(super) fn create_table_as(
        &mut self,
        name: &Name,
        if_not_exists: bool,
        temporary: bool,
        columns: &[String],
        query: Option<&Query>,
    ) -> Done {
        let (mut schema, name) = self.place(name)?;
        if temporary {
            "pg_temp".clone_into(&mut schema);
        }
        if self.catalog.is_taken(&schema, &name) {
            return if if_not_exists {
                Ok(())
            } else {
                Err(Fail::Exists(format!("relation {name}")))
            };
        }
        let mut found = Vec::new();
        if let Some(query) = query {
            self.check_query(query, &[])?;
            found = self.columns_of(query);
        }
        for (column, name) in found.iter_mut().zip(columns) {
            column.name.clone_from(name);
        }
        let oid = self.catalog.oid();
        let mut new = Relation::new(oid, &schema, &name, RelKind::Table, self.origin);
        new.owner.clone_from(&self.session.role);
        new.temporary = temporary;
        new.acl = self.catalog.first_acl(&new.owner, &schema, "tables");
        new.external = found.iter().any(|column| column.name == "*") || query.is_none();
        new.columns = found;
        self.catalog.insert(new);
        self.after_create("CREATE TABLE AS", oid);
        Ok(())
    }

    /// A partition gets the foreign keys of its parent.
    fn copy_references(&mut self, from: Oid, to: Oid) {
        let (Some(parent), Some(child)) = (self.catalog.relation(from), self.catalog.relation(to))
        else {
            return;
        };
        let (table, schema) = (child.name.clone(), child.schema.clone());
        let mut taken: BTreeSet<String> = child
            .constraints
            .iter()
            .map(|con| con.name.clone())
            .collect();
        let foreign = parent
            .constraints
            .iter()
            .filter(|con| con.kind == ConKind::Foreign);
        let mut keys: Vec<Con> = foreign.cloned().collect();
        for con in &mut keys {
            if taken.contains(&con.name) {
                let second = names::joined(con.columns.iter().map(String::as_str));
                con.name = names::free(&table, &second, "fkey", |name| {
                    self.has_constraint(&schema, name)
                });
            }
            taken.insert(con.name.clone());
        }
        if let Some(child) = self.catalog.relation_mut(to) {
            child.constraints.extend(keys);
        }
    }

    /// The default of a column is looked at for what it calls.
    pub(super) fn check_default(&mut self, default: Option<&Expr>) -> Done {
        default.map_or(Ok(()), |default| self.check_expr(default, &[], true))
    }
}
