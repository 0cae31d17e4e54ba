//! Owns the rules on views that show what policies hide, and on tables that policies lean on.

use std::collections::BTreeSet;

use super::super::catalog::Oid;
use super::super::catalog::relation::{RelKind, Relation, Use};
use super::super::parse::statement::Command;
use super::{Rls, who};

impl Rls<'_> {
    /// A view or a materialized view over tables whose policies do not hold in it.
    pub(super) fn view(&mut self, relation: &Relation) {
        let lint = match relation.kind {
            RelKind::View if !relation.is_invoker() => "view_over_rls_no_invoker",
            RelKind::MaterializedView => "matview_over_rls",
            _ => return,
        };
        let said = [
            "security_definer_view",
            "materialized_view_in_api",
            "auth_users_exposed",
        ];
        let made = relation.origin.file.is_some() && relation.extension.is_none();
        if !made || self.has_said(&said, &relation.shown()) {
            return;
        }
        let readers: Vec<&str> = who::callers(self.catalog)
            .into_iter()
            .filter(|role| who::may(self.catalog, role, relation, Command::Select))
            .collect();
        let hidden: Vec<String> = self
            .shown_by(relation)
            .into_iter()
            .filter_map(|oid| self.catalog.relation(oid))
            .filter(|table| {
                readers
                    .iter()
                    .any(|role| who::is_bound(self.catalog, table, role))
            })
            .map(Relation::shown)
            .collect();
        if readers.is_empty() || hidden.is_empty() {
            return;
        }
        let what = if relation.kind == RelKind::View {
            "view"
        } else {
            "materialized view"
        };
        let headline = format!(
            "the {what} {} shows {} rows of {} that its policies may hide",
            relation.shown(),
            readers.join(", "),
            hidden.join(", ")
        );
        self.on_table(lint, relation, headline);
    }

    /// The tables that a view reads without their policies.
    fn shown_by(&self, view: &Relation) -> BTreeSet<Oid> {
        let mut found = BTreeSet::new();
        let mut seen = BTreeSet::from([view.oid]);
        let mut open = vec![(view, view.owner.clone())];
        while let Some((view, user)) = open.pop() {
            for used in &view.uses {
                let Use::Relation(oid) = used else { continue };
                let Some(inner) = self.catalog.relation(*oid) else {
                    continue;
                };
                if inner.kind == RelKind::View {
                    // One with its reader's rights has them in another view too.
                    if !inner.is_invoker() && seen.insert(*oid) {
                        open.push((inner, inner.owner.clone()));
                    }
                } else if inner.rls && !who::is_bound(self.catalog, inner, &user) {
                    found.insert(*oid);
                }
            }
        }
        found
    }
}
