//! Owns what `CREATE VIEW` does.

use super::super::catalog::relation::{RelKind, Relation};
use super::super::parse::statement::{CreateView, Object};
use super::{Done, Fail, Fold};

impl Fold {
    pub(super) fn create_view(&mut self, view: &CreateView) -> Done {
        let (mut schema, name) = self.place(&view.name)?;
        if view.temporary {
            "pg_temp".clone_into(&mut schema);
        }
        let kind = if view.object == Object::MaterializedView {
            RelKind::MaterializedView
        } else {
            RelKind::View
        };
        let mut old = None;
        if let Some(oid) = self.catalog.named(&schema, &name) {
            if view.if_not_exists {
                return Ok(());
            }
            let other = self.catalog.relation(oid);
            let replaces = view.replace
                && other.is_some_and(|other| other.kind == RelKind::View && other.name == name);
            if !replaces {
                return Err(Fail::Exists(format!("relation {name}")));
            }
            old = Some(oid);
        }
        let uses = self.check_query(&view.query, &[])?;
        let mut columns = self.columns_of(&view.query);
        for (column, name) in columns.iter_mut().zip(&view.columns) {
            column.name.clone_from(name);
        }
        let unknown = columns.iter().any(|column| column.name == "*");
        if let Some(oid) = old {
            let Some(relation) = self.catalog.relation_mut(oid) else {
                return Ok(());
            };
            // The old columns must stay, in their order and with their names.
            let known = !unknown && !relation.external;
            let keeps = relation
                .columns
                .iter()
                .enumerate()
                .all(|(at, column)| columns.get(at).is_some_and(|new| new.name == column.name));
            if known && !keeps {
                return Err(Fail::Wrong(format!(
                    "view {name} would lose or rename a column"
                )));
            }
            relation.columns = columns;
            relation.external = unknown;
            relation.uses = uses;
            relation.options = view.options.iter().cloned().collect();
            return Ok(());
        }
        let oid = self.catalog.oid();
        let mut new = Relation::new(oid, &schema, &name, kind, self.origin);
        new.owner.clone_from(&self.session.role);
        new.temporary = view.temporary;
        new.acl = self.catalog.first_acl(&new.owner, &schema, "tables");
        new.options = view.options.iter().cloned().collect();
        new.columns = columns;
        new.external = unknown;
        new.uses = uses;
        self.catalog.insert(new);
        Ok(())
    }
}
