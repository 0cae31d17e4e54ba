//! Owns what `ALTER TABLE` and its kin do.

use super::super::catalog::relation::{RelKind, Relation};
use super::super::catalog::{Oid, names};
use super::super::parse::statement::Object;
use super::super::parse::table::{Action, AlterTable, ColumnDef};
use super::{Done, Fail, Fold};

impl Fold {
    pub(super) fn alter_table(&mut self, alter: &AlterTable) -> Done {
        if alter.object == Object::Index {
            return self.alter_index(alter);
        }
        if alter.if_exists
            && self
                .catalog
                .find_relation(&alter.name, &self.session.path)
                .is_none()
        {
            return Ok(());
        }
        let oid = self.relation(&alter.name)?;
        self.fits(oid, alter.object)?;
        if alter.actions.len() == 1 {
            return self.act(oid, &alter.actions[0]);
        }
        let own = alter.actions.iter().all(is_own);
        let whole = (!own).then(|| self.catalog.clone());
        let mark = self.catalog.mark();
        let before = self.catalog.relations.get(&oid).cloned();
        // The server drops first, then adds columns, then keys, then references.
        let mut actions: Vec<&Action> = alter.actions.iter().collect();
        actions.sort_by_key(|action| pass(action));
        let done = actions
            .into_iter()
            .try_for_each(|action| self.act(oid, action));
        if done.is_err() {
            match whole {
                Some(whole) => self.catalog = whole,
                None => self.catalog.back_to(mark, before),
            }
        }
        done
    }

    /// `ALTER VIEW` needs a view; `ALTER TABLE` takes nearly everything.
    fn fits(&self, oid: Oid, object: Object) -> Done {
        let Some(relation) = self.catalog.relation(oid) else {
            return Ok(());
        };
        let fits = relation.external
            || match object {
                Object::View => relation.kind == RelKind::View,
                Object::MaterializedView => relation.kind == RelKind::MaterializedView,
                Object::Sequence => relation.kind == RelKind::Sequence,
                Object::ForeignTable => relation.kind == RelKind::Foreign,
                _ => true,
            };
        if fits {
            Ok(())
        } else {
            Err(Fail::Wrong(format!("{} is of another kind", relation.name)))
        }
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each kind")]
    fn act(&mut self, oid: Oid, action: &Action) -> Done {
        match action {
            Action::AddColumn(column, if_not_exists) => {
                self.add_column(oid, column, *if_not_exists)
            }
            Action::DropColumn(name, if_exists, cascade) => {
                self.drop_column(oid, name, *if_exists, *cascade)
            }
            Action::ColumnType(name, kind, _) => {
                self.has_column(oid, name)?;
                let ty = self.ty(kind)?;
                self.unpolicied(oid, name)?;
                if let Some(column) = self
                    .catalog
                    .relation_mut(oid)
                    .and_then(|r| r.column_mut(name))
                {
                    column.ty = ty;
                    column.modifiers.clone_from(&kind.modifiers);
                }
                Ok(())
            }
            Action::ColumnDefault(name, default) => {
                self.has_column(oid, name)?;
                self.check_default(default.as_ref())
            }
            Action::NotNull(name, not_null) => {
                self.has_column(oid, name)?;
                let primary = self
                    .catalog
                    .relation(oid)
                    .and_then(Relation::primary)
                    .is_some_and(|index| index.keys.contains(name));
                if !not_null && primary {
                    return Err(Fail::Wrong(format!("{name} is in the primary key")));
                }
                if let Some(column) = self
                    .catalog
                    .relation_mut(oid)
                    .and_then(|r| r.column_mut(name))
                {
                    column.not_null = *not_null;
                }
                Ok(())
            }
            Action::Identity(name, true) => {
                self.has_column(oid, name)?;
                let Some(relation) = self.catalog.relation(oid) else {
                    return Ok(());
                };
                let (schema, table) = (relation.schema.clone(), relation.name.clone());
                let sequence = super::super::catalog::names::object(&table, name, "seq");
                if !self.catalog.is_taken(&schema, &sequence) {
                    self.add_sequence(&schema, &sequence, false);
                }
                Ok(())
            }
            Action::Identity(name, false)
            | Action::DropExpression(name)
            | Action::ColumnOther(name) => self.has_column(oid, name),
            Action::AddConstraint(constraint) => self.add_constraint(oid, constraint, None),
            Action::DropConstraint(name, if_exists, cascade) => {
                self.drop_constraint(oid, name, *if_exists, *cascade)
            }
            Action::Validate(name) => self.constraint_there(oid, name).map(|()| {
                if let Some(relation) = self.catalog.relation_mut(oid) {
                    let found = relation
                        .constraints
                        .iter_mut()
                        .filter(|con| con.name == *name);
                    found.for_each(|con| con.not_valid = false);
                }
            }),
            Action::RenameConstraint(from, to) => {
                self.constraint_there(oid, from)?;
                self.rename_constraint(oid, from, to);
                Ok(())
            }
            Action::RenameColumn(from, to) => self.rename_column(oid, from, to),
            Action::Rename(to) => self.move_relation(oid, None, Some(to)),
            Action::Schema(schema) => self.move_relation(oid, Some(schema), None),
            Action::Owner(owner) => {
                let owner = self.grantee(owner)?;
                if let Some(relation) = self.catalog.relation_mut(oid) {
                    let from = std::mem::replace(&mut relation.owner, owner.clone());
                    relation.acl.reown(&from, &owner);
                }
                Ok(())
            }
            Action::RowSecurity(on) => {
                self.table_only(oid)?;
                if let Some(relation) = self.catalog.relation_mut(oid) {
                    relation.rls = *on;
                }
                Ok(())
            }
            Action::ForceRowSecurity(on) => {
                self.table_only(oid)?;
                if let Some(relation) = self.catalog.relation_mut(oid) {
                    relation.force = *on;
                }
                Ok(())
            }
            Action::SetOptions(options) => {
                if let Some(relation) = self.catalog.relation_mut(oid) {
                    relation.options.extend(options.iter().cloned());
                }
                Ok(())
            }
            Action::ResetOptions(names) => {
                if let Some(relation) = self.catalog.relation_mut(oid) {
                    relation.options.retain(|name, _| !names.contains(name));
                }
                Ok(())
            }
            Action::Attach(child) => self.attach(oid, child),
            Action::Detach(child, _) => {
                let child = self.relation(child)?;
                if let Some(relation) = self.catalog.relation_mut(child) {
                    relation.partition = false;
                    relation.parents.retain(|parent| *parent != oid);
                }
                Ok(())
            }
            Action::Inherit(parent, yes) => {
                let parent = self.relation(parent)?;
                if let Some(relation) = self.catalog.relation_mut(oid) {
                    relation.parents.retain(|other| *other != parent);
                    if *yes {
                        relation.parents.push(parent);
                    }
                }
                Ok(())
            }
            Action::Trigger(name, _) => {
                let there = self.catalog.relation(oid).is_some_and(|relation| {
                    relation.external || relation.triggers.iter().any(|(other, _)| other == name)
                });
                if there || self.lenient || matches!(name.as_str(), "all" | "user") {
                    Ok(())
                } else {
                    Err(Fail::Missing(format!("trigger {name}")))
                }
            }
            Action::Rewrite(_) | Action::Other(_) => Ok(()),
        }
    }

    fn table_only(&self, oid: Oid) -> Done {
        match self.catalog.relation(oid) {
            Some(found)
                if matches!(found.kind, RelKind::Table | RelKind::Partitioned)
                    || found.external =>
            {
                Ok(())
            }
            Some(found) => Err(Fail::Wrong(format!("{} is no table", found.name))),
            None => Ok(()),
        }
    }

    fn constraint_there(&self, oid: Oid, name: &str) -> Done {
        let there = self.catalog.relation(oid).is_some_and(|relation| {
            relation.external || relation.constraints.iter().any(|con| con.name == name)
        });
        if there || self.lenient {
            Ok(())
        } else {
            Err(Fail::Missing(format!("constraint {name}")))
        }
    }

    fn add_column(&mut self, oid: Oid, column: &ColumnDef, if_not_exists: bool) -> Done {
        let Some(relation) = self.catalog.relation(oid) else {
            return Ok(());
        };
        if relation.column(&column.name).is_some() {
            return if if_not_exists {
                Ok(())
            } else {
                Err(Fail::Exists(format!("column {}", column.name)))
            };
        }
        let mark = self.catalog.mark();
        let before = self.catalog.relations.get(&oid).cloned();
        let mut new = relation.clone();
        let sequence = self.add_column_to(&mut new, column)?;
        let (schema, table) = (new.schema.clone(), new.name.clone());
        self.catalog.relations.insert(oid, std::sync::Arc::new(new));
        if sequence {
            let name = names::free(&table, &column.name, "seq", |name| {
                self.catalog.is_taken(&schema, name)
            });
            self.add_sequence(&schema, &name, false);
        }
        for constraint in &column.constraints {
            let done = self.add_constraint(oid, constraint, Some(&column.name));
            if done.is_err() {
                self.catalog.back_to(mark, before);
                return done;
            }
        }
        let added = self
            .catalog
            .relation(oid)
            .and_then(|r| r.column(&column.name))
            .cloned();
        self.with_children(oid, &mut |child| {
            if child.column(&column.name).is_none() {
                child.columns.extend(added.clone());
            }
        });
        Ok(())
    }

    /// Changes the tables that inherit from this one.
    fn with_children(&mut self, oid: Oid, change: &mut dyn FnMut(&mut Relation)) {
        let children: Vec<Oid> = self
            .catalog
            .relations
            .values()
            .filter(|relation| relation.parents.contains(&oid))
            .map(|relation| relation.oid)
            .collect();
        for child in children {
            if let Some(child) = self.catalog.relation_mut(child) {
                change(child);
            }
        }
    }

    fn rename_column(&mut self, oid: Oid, from: &str, to: &str) -> Done {
        self.has_column(oid, from)?;
        let Some(relation) = self.catalog.relation_mut(oid) else {
            return Ok(());
        };
        if relation.column(to).is_some() {
            return Err(Fail::Exists(format!("column {to}")));
        }
        let rename = |name: &mut String| {
            if name == from {
                to.clone_into(name);
            }
        };
        relation
            .columns
            .iter_mut()
            .for_each(|column| rename(&mut column.name));
        for con in &mut relation.constraints {
            con.columns.iter_mut().for_each(rename);
        }
        for index in &mut relation.indexes {
            index.keys.iter_mut().for_each(rename);
            index.signature = index
                .signature
                .replace(&format!("({from},"), &format!("({to},"))
                .replace(&format!(",{from},"), &format!(",{to},"));
        }
        self.renamed_column(oid, from, to);
        Ok(())
    }

    /// A relation gets another schema or name.
    pub(super) fn move_relation(
        &mut self,
        oid: Oid,
        schema: Option<&str>,
        name: Option<&str>,
    ) -> Done {
        if let Some(schema) = schema {
            self.schema(schema)?;
        }
        let Some(relation) = self.catalog.relation(oid) else {
            return Ok(());
        };
        let mut new = relation.clone();
        let from = (new.schema.clone(), new.name.clone());
        if let Some(schema) = schema {
            schema.clone_into(&mut new.schema);
        }
        if let Some(name) = name {
            name.clone_into(&mut new.name);
        }
        let to = (new.schema.clone(), new.name.clone());
        if from == to {
            return Err(Fail::Exists(format!("relation {}", to.1)));
        }
        if self.catalog.is_taken(&to.0, &to.1) {
            return Err(Fail::Exists(format!("relation {}", to.1)));
        }
        self.catalog.names.retain(|_, other| *other != oid);
        self.catalog.insert(new);
        self.retype(&from, &to);
        Ok(())
    }

    fn attach(&mut self, oid: Oid, child: &super::Name) -> Done {
        let child = self.relation(child)?;
        if let Some(relation) = self.catalog.relation_mut(child) {
            relation.partition = true;
            relation.parents.push(oid);
        }
        self.copy_indexes(oid, child);
        Ok(())
    }

    fn alter_index(&mut self, alter: &AlterTable) -> Done {
        let found = self.catalog.find(&alter.name, &self.session.path);
        let name = alter.name.last().cloned().unwrap_or_default();
        let Some(oid) = found else {
            return if alter.if_exists || self.lenient {
                Ok(())
            } else {
                Err(Fail::Missing(format!("index {name}")))
            };
        };
        for action in &alter.actions {
            if let Action::Rename(to) = action {
                let Some(relation) = self.catalog.relation(oid) else {
                    continue;
                };
                if relation.name == name {
                    self.move_relation(oid, None, Some(to))?;
                    continue;
                }
                let schema = relation.schema.clone();
                if self.catalog.is_taken(&schema, to) {
                    return Err(Fail::Exists(format!("relation {to}")));
                }
                self.rename_constraint(oid, &name, to);
            }
        }
        Ok(())
    }
}

/// In which pass of the server an action is done.
fn pass(action: &Action) -> u8 {
    use super::super::parse::table::ConstraintKind;
    match action {
        Action::DropColumn(..) | Action::DropConstraint(..) => 0,
        Action::ColumnType(..) => 1,
        Action::AddColumn(..) => 2,
        Action::AddConstraint(constraint) => match constraint.kind {
            ConstraintKind::Foreign(_) => 5,
            ConstraintKind::Check(_) => 4,
            _ => 3,
        },
        _ => 6,
    }
}

/// Does the action change nothing but the table itself?
const fn is_own(action: &Action) -> bool {
    matches!(
        action,
        Action::AddConstraint(_)
            | Action::ColumnDefault(..)
            | Action::NotNull(..)
            | Action::Validate(_)
            | Action::RowSecurity(_)
            | Action::ForceRowSecurity(_)
            | Action::SetOptions(_)
            | Action::ResetOptions(_)
            | Action::Trigger(..)
            | Action::Rewrite(_)
            | Action::Other(_)
            | Action::ColumnOther(_)
    )
}
