//! Owns what `DROP` does, and what goes with it.

use super::super::catalog::Oid;
use super::super::catalog::relation::{ConKind, RelKind};
use super::super::parse::statement::{Object, Target};
use super::{Done, Doubt, Fail, Fold};

impl Fold {
    pub(super) fn drop(
        &mut self,
        object: Object,
        targets: &[Target],
        if_exists: bool,
        cascade: bool,
    ) -> Done {
        let before = (targets.len() > 1).then(|| self.catalog.clone());
        for target in targets {
            let done = self.drop_one(object, target, if_exists, cascade);
            let missing = matches!(done, Err(Fail::Missing(_)));
            if missing && (if_exists || self.lenient) {
                continue;
            }
            if done.is_err() {
                if let Some(before) = before {
                    self.catalog = before;
                }
                return done;
            }
        }
        Ok(())
    }

    fn drop_one(
        &mut self,
        object: Object,
        target: &Target,
        if_exists: bool,
        cascade: bool,
    ) -> Done {
        let shown = target.name.join(".");
        let missing = || Err(Fail::Missing(shown.clone()));
        match object {
            Object::Table
            | Object::View
            | Object::MaterializedView
            | Object::ForeignTable
            | Object::Sequence => {
                let Some(oid) = self.catalog.find_relation(&target.name, &self.session.path) else {
                    return missing();
                };
                let wanted = match object {
                    Object::View => RelKind::View,
                    Object::MaterializedView => RelKind::MaterializedView,
                    Object::Sequence => RelKind::Sequence,
                    Object::ForeignTable => RelKind::Foreign,
                    _ => RelKind::Table,
                };
                let fits = self.catalog.relation(oid).is_some_and(|relation| {
                    relation.external
                        || relation.kind == wanted
                        || wanted == RelKind::Table && relation.kind == RelKind::Partitioned
                });
                if !fits {
                    return Err(Fail::Wrong(format!("{shown} is of another kind")));
                }
                self.drop_relation(oid, cascade)
            }
            Object::Index => {
                let Some(oid) = self.catalog.find(&target.name, &self.session.path) else {
                    return missing();
                };
                self.drop_index(oid, target.name.last().map_or("", String::as_str), cascade)
            }
            Object::Function | Object::Procedure | Object::Routine | Object::Aggregate => {
                let oid = self.routine(target)?;
                self.drop_function(oid, cascade)
            }
            Object::Policy | Object::Trigger => {
                let table = target.on.clone().unwrap_or_default();
                let Some(oid) = self.catalog.find_relation(&table, &self.session.path) else {
                    return missing();
                };
                let name = target.name.first().cloned().unwrap_or_default();
                let Some(relation) = self.catalog.relation_mut(oid) else {
                    return missing();
                };
                let count = relation.policies.len() + relation.triggers.len();
                if object == Object::Policy {
                    relation.policies.retain(|policy| policy.name != name);
                } else {
                    relation.triggers.retain(|(other, _)| *other != name);
                }
                if relation.policies.len() + relation.triggers.len() == count {
                    missing()
                } else {
                    Ok(())
                }
            }
            Object::Schema => {
                self.drop_schema(target.name.first().map_or("", String::as_str), cascade)
            }
            Object::Type | Object::Domain => self.drop_type(target, cascade),
            Object::Extension => {
                self.drop_extension(target.name.first().map_or("", String::as_str))
            }
            Object::Role => {
                let name = target.name.first().cloned().unwrap_or_default();
                self.drop_role(&name)
            }
            Object::Publication => {
                let name = target.name.first().cloned().unwrap_or_default();
                self.catalog
                    .publications
                    .remove(&name)
                    .map(|_| ())
                    .ok_or(Fail::Missing(name))
            }
            Object::EventTrigger => {
                let name = target.name.first().cloned().unwrap_or_default();
                self.catalog
                    .event_triggers
                    .remove(&name)
                    .map(|_| ())
                    .ok_or(Fail::Missing(name))
            }
            _ => {
                let _ = if_exists;
                Ok(())
            }
        }
    }

    /// Takes a relation away, and what depends on it when that is said.
    pub(super) fn drop_relation(&mut self, oid: Oid, cascade: bool) -> Done {
        let dependents = self.dependents_of_relation(oid);
        if !cascade && !dependents.is_empty() {
            return Err(Fail::Wrong("other objects depend on it".to_owned()));
        }
        let children: Vec<Oid> = self
            .catalog
            .relations
            .values()
            .filter(|relation| relation.parents.contains(&oid))
            .map(|relation| (relation.oid, relation.partition))
            .filter(|(_, partition)| *partition || cascade)
            .map(|(child, _)| child)
            .collect();
        let Some(relation) = self.catalog.relation(oid) else {
            return Ok(());
        };
        let key = (relation.schema.clone(), relation.name.clone());
        self.catalog.remove(oid);
        for child in children {
            self.drop_relation(child, true)?;
        }
        self.drop_dependents(dependents)?;
        self.drop_owned_by_type(&key, cascade)
    }

    fn drop_index(&mut self, oid: Oid, name: &str, cascade: bool) -> Done {
        let Some(relation) = self.catalog.relation(oid) else {
            return Ok(());
        };
        let schema = relation.schema.clone();
        let Some(index) = relation.indexes.iter().find(|index| index.name == name) else {
            return Err(Fail::Wrong(format!("{name} is no index")));
        };
        if index.constraint {
            return Err(Fail::Wrong(format!("{name} is the index of a constraint")));
        }
        if self.is_referred(oid, name) && !cascade {
            return Err(Fail::Wrong("other objects depend on it".to_owned()));
        }
        self.unrefer(oid, name);
        if let Some(relation) = self.catalog.relation_mut(oid) {
            relation.indexes.retain(|index| index.name != name);
        }
        self.catalog.names.remove(&(schema, name.to_owned()));
        Ok(())
    }

    /// Does a foreign key lean on this index?
    fn is_referred(&self, oid: Oid, index: &str) -> bool {
        self.catalog.relations.values().any(|relation| {
            let keys = relation
                .constraints
                .iter()
                .filter_map(|con| con.target.as_ref());
            keys.into_iter()
                .any(|(target, _, by)| *target == oid && by == index)
        })
    }

    /// Takes the foreign keys away that lean on this index.
    fn unrefer(&mut self, oid: Oid, index: &str) {
        for relation in self.catalog.relations.values_mut() {
            let leans = |con: &super::super::catalog::relation::Con| {
                con.target
                    .as_ref()
                    .is_some_and(|(target, _, by)| *target == oid && by == index)
            };
            if relation.constraints.iter().any(leans) {
                std::sync::Arc::make_mut(relation)
                    .constraints
                    .retain(|con| !leans(con));
            }
        }
    }

    pub(super) fn drop_constraint(
        &mut self,
        oid: Oid,
        name: &str,
        if_exists: bool,
        cascade: bool,
    ) -> Done {
        let Some(relation) = self.catalog.relation(oid) else {
            return Ok(());
        };
        let schema = relation.schema.clone();
        let Some(con) = relation.constraints.iter().find(|con| con.name == name) else {
            return if if_exists || self.lenient || relation.external {
                Ok(())
            } else {
                Err(Fail::Missing(format!("constraint {name}")))
            };
        };
        let keyed = !matches!(con.kind, ConKind::Check | ConKind::Foreign);
        if keyed {
            if self.is_referred(oid, name) && !cascade {
                return Err(Fail::Wrong("other objects depend on it".to_owned()));
            }
            self.unrefer(oid, name);
            self.catalog.names.remove(&(schema, name.to_owned()));
        }
        if let Some(relation) = self.catalog.relation_mut(oid) {
            relation.constraints.retain(|con| con.name != name);
            if keyed {
                relation.indexes.retain(|index| index.name != name);
            }
        }
        Ok(())
    }

    pub(super) fn drop_column(
        &mut self,
        oid: Oid,
        name: &str,
        if_exists: bool,
        cascade: bool,
    ) -> Done {
        let Some(relation) = self.catalog.relation(oid) else {
            return Ok(());
        };
        if relation.column(name).is_none() {
            return if if_exists || self.lenient || relation.external {
                Ok(())
            } else {
                Err(Fail::Missing(format!("column {name}")))
            };
        }
        let keys: Vec<String> = relation
            .constraints
            .iter()
            .filter(|con| con.columns.iter().any(|column| column == name))
            .map(|con| con.name.clone())
            .collect();
        for key in &keys {
            if self.is_referred(oid, key) && !cascade {
                return Err(Fail::Wrong("other objects depend on it".to_owned()));
            }
        }
        let dependents = self.dependents_of_column(oid, name);
        if !cascade && !dependents.is_empty() {
            return Err(Fail::Wrong(format!(
                "other objects depend on column {name}"
            )));
        }
        for key in keys {
            self.drop_constraint(oid, &key, true, true)?;
        }
        let mut gone = Vec::new();
        if let Some(relation) = self.catalog.relation_mut(oid) {
            relation.columns.retain(|column| column.name != name);
            let schema = relation.schema.clone();
            relation.indexes.retain(|index| {
                let mut used = std::collections::BTreeSet::new();
                let items = index.items.iter().map(|item| &item.expr);
                items
                    .chain(&index.condition)
                    .for_each(|expr| super::scope::columns(expr, &mut used));
                let keeps = !used.contains(name)
                    && !index.keys.iter().any(|key| key == name)
                    && !index.include.iter().any(|column| column == name);
                if !keeps {
                    gone.push((schema.clone(), index.name.clone()));
                }
                keeps
            });
        }
        for key in gone {
            self.catalog.names.remove(&key);
        }
        self.drop_dependents(dependents)
    }

    /// Takes a function away.
    pub(super) fn drop_function(&mut self, oid: Oid, cascade: bool) -> Done {
        let dependents = self.dependents_of_function(oid);
        if !cascade && !dependents.is_empty() {
            return Err(Fail::Wrong(
                "other objects depend on the function".to_owned(),
            ));
        }
        self.catalog.remove_function(oid);
        self.drop_dependents(dependents)
    }

    fn drop_schema(&mut self, name: &str, cascade: bool) -> Done {
        if !self.catalog.schemas.contains_key(name) {
            return Err(Fail::Missing(format!("schema {name}")));
        }
        let relations: Vec<Oid> = self
            .catalog
            .relations
            .values()
            .filter(|relation| relation.schema == name)
            .map(|relation| relation.oid)
            .collect();
        let functions: Vec<Oid> = self
            .catalog
            .functions
            .values()
            .filter(|function| function.schema == name)
            .map(|function| function.oid)
            .collect();
        let kinds = self.catalog.kinds.keys().any(|(schema, _)| schema == name);
        if !cascade && (!relations.is_empty() || !functions.is_empty() || kinds) {
            return Err(Fail::Wrong(format!("schema {name} is not empty")));
        }
        for oid in relations {
            self.drop_relation(oid, true)?;
        }
        for oid in functions {
            self.drop_function(oid, true)?;
        }
        let kinds: Vec<_> = self
            .catalog
            .kinds
            .keys()
            .filter(|(schema, _)| schema == name)
            .cloned()
            .collect();
        for key in kinds {
            self.catalog.kinds.remove(&key);
            self.drop_owned_by_type(&key, true)?;
        }
        self.catalog.extensions.retain(|_, schema| schema != name);
        self.catalog
            .defaults
            .retain(|(_, schema, _), _| schema != name);
        self.catalog.schemas.remove(name);
        Ok(())
    }

    fn drop_type(&mut self, target: &Target, cascade: bool) -> Done {
        let found = match target.name.as_slice() {
            [name] => self
                .session
                .path
                .iter()
                .map(|schema| (schema.clone(), name.clone()))
                .find(|key| self.catalog.kinds.contains_key(key)),
            [.., schema, name] => Some((schema.clone(), name.clone())),
            [] => None,
        };
        let Some(key) = found.filter(|key| self.catalog.kinds.contains_key(key)) else {
            return Err(Fail::Missing(format!("type {}", target.name.join("."))));
        };
        self.drop_owned_by_type(&key, cascade)?;
        self.catalog.kinds.remove(&key);
        Ok(())
    }

    fn drop_extension(&mut self, name: &str) -> Done {
        if self.catalog.extensions.remove(name).is_none() {
            return Err(Fail::Missing(format!("extension {name}")));
        }
        let own = |extension: &Option<String>| extension.as_deref() == Some(name);
        let relations: Vec<Oid> = self
            .catalog
            .relations
            .values()
            .filter(|relation| own(&relation.extension))
            .map(|relation| relation.oid)
            .collect();
        for oid in relations {
            self.drop_relation(oid, true)?;
        }
        let kind = super::super::catalog::kinds::Kind::Other(Some(name.to_owned()));
        let kinds: Vec<_> = self
            .catalog
            .kinds
            .iter()
            .filter(|(_, other)| **other == kind)
            .map(|(key, _)| key.clone())
            .collect();
        for key in kinds {
            self.drop_owned_by_type(&key, true)?;
            self.catalog.kinds.remove(&key);
        }
        Ok(())
    }

    fn drop_role(&mut self, name: &str) -> Done {
        if self.catalog.roles.remove(name).is_none() {
            return Err(Fail::Missing(format!("role {name}")));
        }
        for role in self.catalog.roles.values_mut() {
            role.member_of.remove(name);
        }
        Ok(())
    }

    /// An event trigger that may act on what was just made.
    pub(super) fn after_create(&mut self, _: &str, _: Oid) {
        let acts = self
            .catalog
            .event_triggers
            .values()
            .any(|event| event == "ddl_command_end");
        if acts {
            self.doubts.insert(Doubt::RowSecurity);
        }
    }
}
