//! Owns the comparison of relations: tables and views with all that is theirs.

use std::collections::BTreeMap;

use super::super::super::catalog::relation::{Column, Con, Index, Policy, RelKind, Relation};
use super::super::super::catalog::{Catalog, Origin};
use super::super::super::fold::Doubt;
use super::super::super::lints::is_platform;
use super::words::{con, index, kind};
use super::{BOOKS, Comparison, OPEN, Side, is_own, named};

impl Comparison<'_> {
    pub(super) fn relations(&mut self) {
        let (made, live) = (own(self.made), own(self.live));
        for (name, relation) in &made {
            // What no migration made is only known by its name.
            if !relation.external && !live.contains_key(name) {
                let what = format!("{} {name}", kind(relation.kind));
                self.add(
                    name,
                    what,
                    Side::Migrations,
                    Doubt::Tables,
                    Some(relation.origin),
                );
            }
        }
        for (name, relation) in &live {
            let known = made.get(name);
            if known.is_none_or(|made| made.external && made.kind == RelKind::Table) {
                let what = format!("{} {name}", kind(relation.kind));
                self.add(name, what, Side::Database, Doubt::Tables, None);
            }
        }
        for (name, relation) in made
            .iter()
            .filter(|(_, made)| !made.external || made.kind != RelKind::Table)
        {
            if let Some(live) = live.get(name) {
                self.relation(name, relation, live);
            }
        }
    }

    /// Of the platform's tables: the policies and triggers that a project puts on them.
    pub(super) fn platform(&mut self) {
        let (made, live) = (self.made, self.live);
        for there in live
            .sorted()
            .into_iter()
            .filter(|one| is_platform(&one.schema))
        {
            let name = there.shown();
            let oid = made.named(&there.schema, &there.name);
            let Some(relation) = oid.and_then(|oid| made.relation(oid)) else {
                continue;
            };
            let mut policies = relation.policies.clone();
            policies.retain(|policy| policy.origin.file.is_some());
            let by = |policy: &Policy| policy.name.clone();
            let mut others = there.policies.clone();
            if !OPEN.contains(&name.as_str()) {
                others.retain(|policy| policies.iter().any(|own| own.name == policy.name));
            }
            self.policies(&name, (&named(&policies, by), &named(&others, by)));
            let own = |function: Option<u32>, catalog: &Catalog| {
                let found = function.and_then(|oid| catalog.functions.get(&oid));
                found.is_some_and(|function| is_own(&function.schema))
            };
            let triggers = |relation: &Relation, catalog: &Catalog| -> Vec<String> {
                let all = relation.triggers.iter();
                all.filter(|(_, function)| own(*function, catalog))
                    .map(|(trigger, _)| trigger.clone())
                    .collect()
            };
            self.triggers(
                &name,
                &triggers(relation, made),
                &triggers(there, live),
                None,
            );
        }
    }

    fn triggers(&mut self, name: &str, made: &[String], live: &[String], origin: Option<Origin>) {
        let shown = |trigger: &str| format!("the trigger {trigger} of {name}");
        let sides = (&named(made, Clone::clone), &named(live, Clone::clone));
        self.pair(name, sides, &shown, Doubt::Tables, &|_| origin);
    }

    fn relation(&mut self, name: &str, made: &Relation, live: &Relation) {
        let origin = Some(made.origin);
        if made.kind != live.kind {
            let detail = format!(
                "it is {} in the database, and {} by the migrations",
                kind(live.kind),
                kind(made.kind)
            );
            self.differs(
                name,
                name.to_owned(),
                Side::Both,
                detail,
                Doubt::Tables,
                origin,
            );
            return;
        }
        for (what, is, should) in [
            ("row-level security", live.rls, made.rls),
            ("forced row-level security", live.force, made.force),
        ] {
            if is != should {
                let on = |on: bool| if on { "on" } else { "off" };
                let detail = format!(
                    "it is {} in the database, and {} by the migrations",
                    on(is),
                    on(should)
                );
                let what = format!("{what} of {name}");
                self.differs(name, what, Side::Both, detail, Doubt::RowSecurity, origin);
            }
        }
        if !made.external {
            self.columns(name, made, live);
        }
        let by = |policy: &Policy| policy.name.clone();
        self.policies(
            name,
            (&named(&made.policies, by), &named(&live.policies, by)),
        );
        self.indexes(name, made, live);
        self.constraints(name, made, live);
        let triggers = |relation: &Relation| -> Vec<String> {
            let names = relation.triggers.iter().map(|(name, _)| name.clone());
            names.collect()
        };
        self.triggers(name, &triggers(made), &triggers(live), origin);
        let owners = [made.owner.as_str(), live.owner.as_str()];
        self.rights(
            name,
            name,
            (&made.acl, &live.acl),
            owners,
            Doubt::TableRights,
            origin,
        );
        for column in &made.columns {
            if let Some(there) = live.column(&column.name) {
                let what = format!("column {} of {name}", column.name);
                let acls = (&column.acl, &there.acl);
                self.rights(name, &what, acls, owners, Doubt::TableRights, origin);
            }
        }
    }

    fn columns(&mut self, name: &str, made: &Relation, live: &Relation) {
        let by = |column: &Column| column.name.clone();
        let sides = (&named(&made.columns, by), &named(&live.columns, by));
        let shown = |column: &str| format!("the column {column} of {name}");
        let origin = Some(made.origin);
        let both = self.pair(name, sides, &shown, Doubt::Tables, &|column: &Column| {
            column.origin.or(origin)
        });
        if matches!(made.kind, RelKind::View | RelKind::MaterializedView) {
            return;
        }
        for (made, live) in both {
            let mut detail = Vec::new();
            if made.ty != live.ty && made.ty.name != "unknown" {
                detail.push(format!(
                    "its type is {} in the database, and {} by the migrations",
                    live.ty.shown(),
                    made.ty.shown()
                ));
            }
            if made.not_null != live.not_null {
                let null = |not: bool| if not { "not null" } else { "nullable" };
                detail.push(format!(
                    "it is {} in the database, and {} by the migrations",
                    null(live.not_null),
                    null(made.not_null)
                ));
            }
            if !detail.is_empty() {
                let what = shown(&made.name);
                self.differs(
                    name,
                    what,
                    Side::Both,
                    detail.join("; "),
                    Doubt::Tables,
                    made.origin.or(origin),
                );
            }
        }
    }

    fn indexes(&mut self, name: &str, made: &Relation, live: &Relation) {
        let plain = |relation: &Relation| -> Vec<Index> {
            let all = relation.indexes.iter().filter(|index| !index.constraint);
            all.cloned().collect()
        };
        let (a, b) = (plain(made), plain(live));
        let by = |index: &Index| index.name.clone();
        let shown = |index: &str| format!("the index {index} of {name}");
        let sides = (&named(&a, by), &named(&b, by));
        let both = self.pair(name, sides, &shown, Doubt::Indexes, &|index: &Index| {
            Some(index.origin)
        });
        for (made, live) in both {
            let (is, should) = (index(live), index(made));
            if is != should {
                let detail = format!("it is {is} in the database, and {should} by the migrations");
                let origin = Some(made.origin);
                self.differs(
                    name,
                    shown(&made.name),
                    Side::Both,
                    detail,
                    Doubt::Indexes,
                    origin,
                );
            }
        }
    }

    fn constraints(&mut self, name: &str, made: &Relation, live: &Relation) {
        let by = |con: &Con| con.name.clone();
        let shown = |con: &str| format!("the constraint {con} of {name}");
        let sides = (&named(&made.constraints, by), &named(&live.constraints, by));
        let both = self.pair(name, sides, &shown, Doubt::Indexes, &|con: &Con| {
            Some(con.origin)
        });
        for (made, live) in both {
            let (is, should) = (con(live, self.live), con(made, self.made));
            if is != should {
                let detail = format!("it is {is} in the database, and {should} by the migrations");
                let origin = Some(made.origin);
                self.differs(
                    name,
                    shown(&made.name),
                    Side::Both,
                    detail,
                    Doubt::Indexes,
                    origin,
                );
            }
        }
    }
}

/// The relations that are compared, by name. Sequences come and go with their columns.
fn own(catalog: &Catalog) -> BTreeMap<String, &Relation> {
    let all = catalog.sorted().into_iter().filter(|relation| {
        is_own(&relation.schema)
            && relation.extension.is_none()
            && relation.kind != RelKind::Sequence
            && !BOOKS.contains(&relation.name.as_str())
    });
    all.map(|relation| (relation.shown(), relation)).collect()
}
