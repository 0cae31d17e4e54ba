//! Owns what depends on what: what `CASCADE` takes along, and what forbids a change.

use std::sync::Arc;

use super::super::catalog::relation::{RelKind, Use};
use super::super::catalog::{Key, Oid};
use super::{Done, Fail, Fold};

/// Something that depends on something else.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dependent {
    /// A view.
    View(Oid),
    /// A policy of a table.
    Policy(Oid, String),
    /// A foreign key of a table.
    Key(Oid, String),
    /// A trigger of a table.
    Trigger(Oid, String),
}

impl Fold {
    fn dependents(&self, on: &dyn Fn(&Use) -> bool, table: Option<Oid>) -> Vec<Dependent> {
        let mut all = Vec::new();
        for relation in self.catalog.relations.values() {
            if relation.uses.iter().any(on) && Some(relation.oid) != table {
                all.push(Dependent::View(relation.oid));
            }
            for policy in &relation.policies {
                if policy.uses.iter().any(on) {
                    all.push(Dependent::Policy(relation.oid, policy.name.clone()));
                }
            }
        }
        all
    }

    pub(super) fn dependents_of_relation(&self, oid: Oid) -> Vec<Dependent> {
        let on = |used: &Use| matches!(used, Use::Relation(other) if *other == oid);
        let mut all = self.dependents(&on, Some(oid));
        all.retain(|dependent| !matches!(dependent, Dependent::Policy(table, _) if *table == oid));
        for relation in self
            .catalog
            .relations
            .values()
            .filter(|relation| relation.oid != oid)
        {
            for con in &relation.constraints {
                if con
                    .target
                    .as_ref()
                    .is_some_and(|(target, ..)| *target == oid)
                {
                    all.push(Dependent::Key(relation.oid, con.name.clone()));
                }
            }
        }
        all
    }

    pub(super) fn dependents_of_column(&self, oid: Oid, name: &str) -> Vec<Dependent> {
        let on = |used: &Use| matches!(used, Use::Column(other, column) if *other == oid && column == name);
        self.dependents(&on, None)
    }

    pub(super) fn dependents_of_function(&self, oid: Oid) -> Vec<Dependent> {
        // A use by name may mean any of several functions: only what has no other is sure.
        let alone = self.catalog.functions.get(&oid).is_some_and(|function| {
            let key = vec![function.schema.clone(), function.name.clone()];
            self.catalog.functions_named(&key, &[]).len() == 1
        });
        let on = |used: &Use| alone && matches!(used, Use::Function(other) if *other == oid);
        let mut all = self.dependents(&on, None);
        for relation in self.catalog.relations.values() {
            for (name, function) in &relation.triggers {
                if *function == Some(oid) {
                    all.push(Dependent::Trigger(relation.oid, name.clone()));
                }
            }
        }
        all
    }

    pub(super) fn drop_dependents(&mut self, all: Vec<Dependent>) -> Done {
        for dependent in all {
            match dependent {
                Dependent::View(oid) => {
                    if self.catalog.relation(oid).is_some() {
                        self.drop_relation(oid, true)?;
                    }
                }
                Dependent::Policy(oid, name) => {
                    if let Some(relation) = self.catalog.relation_mut(oid) {
                        relation.policies.retain(|policy| policy.name != name);
                    }
                }
                Dependent::Key(oid, name) => {
                    if let Some(relation) = self.catalog.relation_mut(oid) {
                        relation.constraints.retain(|con| con.name != name);
                    }
                }
                Dependent::Trigger(oid, name) => {
                    if let Some(relation) = self.catalog.relation_mut(oid) {
                        relation.triggers.retain(|(other, _)| *other != name);
                    }
                }
            }
        }
        Ok(())
    }

    /// Columns and functions of a type go with it, where that is said.
    pub(super) fn drop_owned_by_type(&mut self, key: &Key, cascade: bool) -> Done {
        let of = |ty: &super::super::catalog::kinds::Ty| ty.schema == key.0 && ty.name == key.1;
        let columns: Vec<(Oid, String)> = self
            .catalog
            .relations
            .values()
            .filter(|relation| relation.kind != RelKind::View)
            .flat_map(|relation| {
                let columns = relation.columns.iter().filter(|column| of(&column.ty));
                columns.map(|column| (relation.oid, column.name.clone()))
            })
            .collect();
        let functions: Vec<Oid> = self
            .catalog
            .functions
            .values()
            .filter(|f| {
                f.args.iter().any(|arg| of(&arg.ty))
                    || f.returns.as_ref().is_some_and(|(ty, _)| of(ty))
            })
            .map(|f| f.oid)
            .collect();
        if columns.is_empty() && functions.is_empty() {
            return Ok(());
        }
        if !cascade {
            return Err(Fail::Wrong(format!(
                "other objects depend on type {}",
                key.1
            )));
        }
        for (oid, name) in columns {
            self.drop_column(oid, &name, true, true)?;
        }
        for oid in functions {
            self.drop_function(oid, true)?;
        }
        Ok(())
    }

    /// The type of a column that a policy or a view names stays.
    pub(super) fn unpolicied(&self, oid: Oid, column: &str) -> Done {
        if self.dependents_of_column(oid, column).is_empty() {
            Ok(())
        } else {
            Err(Fail::Wrong(format!(
                "a policy or a view uses column {column}"
            )))
        }
    }

    /// A column has another name: what depends on it follows.
    pub(super) fn renamed_column(&mut self, oid: Oid, from: &str, to: &str) {
        let rename = |used: &mut Use| {
            if let Use::Column(other, column) = used
                && *other == oid
                && column == from
            {
                to.clone_into(column);
            }
        };
        for relation in self.catalog.relations.values_mut() {
            let named = |used: &Use| matches!(used, Use::Column(other, column) if *other == oid && column == from);
            if relation.uses.iter().any(named)
                || relation.policies.iter().any(|p| p.uses.iter().any(named))
            {
                let relation = Arc::make_mut(relation);
                relation.uses.iter_mut().for_each(rename);
                for policy in &mut relation.policies {
                    policy.uses.iter_mut().for_each(rename);
                }
            }
        }
    }

    /// A schema has another name.
    pub(super) fn rename_schema(&mut self, from: &str, to: &str) -> Done {
        if self.catalog.schemas.contains_key(to) {
            return Err(Fail::Exists(format!("schema {to}")));
        }
        let Some(schema) = self.catalog.schemas.remove(from) else {
            return Ok(());
        };
        self.catalog.schemas.insert(to.to_owned(), schema);
        let relations: Vec<Oid> = self
            .catalog
            .relations
            .values()
            .filter(|relation| relation.schema == from)
            .map(|relation| relation.oid)
            .collect();
        for oid in relations {
            self.move_relation(oid, Some(to), None)?;
        }
        let functions: Vec<Oid> = self
            .catalog
            .functions
            .values()
            .filter(|function| function.schema == from)
            .map(|function| function.oid)
            .collect();
        for oid in functions {
            let change = super::super::parse::statement::Change1::Schema(to.to_owned());
            self.change_function(oid, &change)?;
        }
        let kinds: Vec<Key> = self
            .catalog
            .kinds
            .keys()
            .filter(|key| key.0 == from)
            .cloned()
            .collect();
        for key in kinds {
            let new = (to.to_owned(), key.1.clone());
            if let Some(kind) = self.catalog.kinds.remove(&key) {
                self.catalog.kinds.insert(new.clone(), kind);
            }
            self.retype(&key, &new);
        }
        Ok(())
    }
}
