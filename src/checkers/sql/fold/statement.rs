//! Owns what each kind of statement does to the catalog, by handing it on.

use super::super::catalog::relation::{RelKind, Relation};
use super::super::catalog::{Bucket, Role, Schema};
use super::super::parse::expr::{Body, Expr, Query};
use super::super::parse::statement::{Change1, Object, Statement, Target};
use super::{Done, Doubt, Fail, Fold};

impl Fold {
    /// Runs a statement of a script; where it fails, it says so.
    pub(super) fn step(&mut self, statement: &Statement) {
        if let Some(watch) = &mut self.watch {
            watch.step(self.origin, statement);
        }
        if let Statement::Transaction(word) = statement {
            if self.transaction(word).is_err() {
                self.abort();
            }
            return;
        }
        if self.transaction.as_ref().is_some_and(|open| open.failed) {
            return;
        }
        if let Err(fail) = self.apply(statement) {
            self.abort();
            let open = match fail {
                Fail::Missing(_) => Doubt::of(statement),
                Fail::Exists(_) | Fail::Wrong(_) => &[],
            };
            self.remark(failed(&fail), open);
        }
    }

    /// Does what a statement does, or nothing. Whoever watches is asked before and told after.
    pub(super) fn apply(&mut self, statement: &Statement) -> Done {
        let Some(mut watch) = self.watch.take() else {
            return self.perform(statement);
        };
        let seen = watch.before(self, statement);
        self.watch = Some(watch);
        let done = self.perform(statement);
        if let Some(mut watch) = self.watch.take() {
            watch.after(self, statement, &done, seen);
            self.watch = Some(watch);
        }
        done
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each kind")]
    fn perform(&mut self, statement: &Statement) -> Done {
        match statement {
            Statement::CreateTable(table) => self.create_table(table),
            Statement::CreateTableAs(name, if_not_exists, temporary, columns, query) => {
                self.create_table_as(name, *if_not_exists, *temporary, columns, query.as_deref())
            }
            Statement::AlterTable(alter) => self.alter_table(alter),
            Statement::CreateIndex(index) => self.create_index(index),
            Statement::CreateView(view) => self.create_view(view),
            Statement::CreateFunction(function) => self.create_function(function),
            Statement::AlterFunction(object, target, change) => {
                self.alter_function(*object, target, change)
            }
            Statement::CreatePolicy(policy) => self.create_policy(policy),
            Statement::AlterPolicy(policy) => self.alter_policy(policy),
            Statement::CreateSchema(name, owner, if_not_exists, elements) => {
                self.create_schema(name.as_ref(), owner.as_ref(), *if_not_exists, elements)
            }
            Statement::CreateSequence(name, if_not_exists, temporary) => {
                self.create_sequence(name, *if_not_exists, *temporary)
            }
            Statement::CreateType(name, kind) => self.create_type(name, kind),
            Statement::AlterType(name, change) => self.alter_type(name, change),
            Statement::CreateDomain(name, base) => self.create_domain(name, base),
            Statement::CreateExtension(name, if_not_exists, schema) => {
                self.create_extension(name, *if_not_exists, schema.as_deref())
            }
            Statement::CreateRole(name, options, into, members) => {
                self.create_role(name, options, into, members)
            }
            Statement::AlterRole(name, options) => {
                self.role(name)?;
                if let Some(role) = self.catalog.roles.get_mut(name) {
                    set_options(role, options);
                }
                Ok(())
            }
            Statement::CreateTrigger(trigger) => self.create_trigger(trigger),
            Statement::CreateEventTrigger(name, event, function) => {
                if self.catalog.event_triggers.contains_key(name) {
                    return Err(Fail::Exists(name.clone()));
                }
                self.function_named(function)?;
                self.catalog
                    .event_triggers
                    .insert(name.clone(), event.clone());
                if event == "ddl_command_end" {
                    let what = format!(
                        "the event trigger {name} may change every table that is made after it"
                    );
                    self.remark(what, &[Doubt::RowSecurity]);
                }
                Ok(())
            }
            Statement::CreateRule(_, table, _) => self.relation(table).map(|_| ()),
            Statement::CreatePublication(name, tables, all) => {
                if self.catalog.publications.contains_key(name) {
                    return Err(Fail::Exists(name.clone()));
                }
                let mut found = std::collections::BTreeSet::new();
                for table in tables {
                    found.insert(self.relation(table)?);
                }
                self.catalog
                    .publications
                    .insert(name.clone(), (!all).then_some(found));
                Ok(())
            }
            Statement::AlterPublication(name, verb, tables) => {
                self.alter_publication(name, verb, tables)
            }
            Statement::Alter(object, target, if_exists, change) => {
                self.alter(*object, target, *if_exists, change)
            }
            Statement::Drop(object, targets, if_exists, cascade, _) => {
                self.drop(*object, targets, *if_exists, *cascade)
            }
            Statement::Grant(grant) => self.grant(grant),
            Statement::GrantRole(revoke, what, to) => self.grant_role(*revoke, what, to),
            Statement::DefaultRights(rights) => self.default_rights(rights),
            Statement::Set(setting, _) => {
                self.set(setting);
                Ok(())
            }
            Statement::SetRole(role) => self.set_role(role.as_ref()),
            Statement::Do(block) => self.block(block),
            Statement::Query(query) => self.query(query),
            Statement::Bulk(change) => self.read_from(&change.table),
            Statement::Truncate(names, _) => names.iter().try_for_each(|name| self.read_from(name)),
            Statement::Refresh(name, _) => self.relation(name).map(|_| ()),
            Statement::Comment(object, target) => self.comment(*object, target),
            Statement::Opaque(words) => {
                let what = format!("{words}: its effect is not followed");
                self.doubt(what, vec![Doubt::Everything]);
                Ok(())
            }
            Statement::Transaction(_) => Err(Fail::Wrong("a transaction within one".to_owned())),
            Statement::Other(words) => {
                self.operators |= words == "create operator" || words == "create cast";
                Ok(())
            }
            Statement::Call(_) | Statement::Maintain(_) => Ok(()),
        }
    }

    /// A comment needs what it is about.
    fn comment(&mut self, object: Object, target: &Target) -> Done {
        match object {
            Object::Table | Object::View | Object::MaterializedView | Object::ForeignTable => {
                self.relation(&target.name).map(|_| ())
            }
            Object::Column => {
                let Some((column, table)) = target.name.split_last() else {
                    return Ok(());
                };
                let oid = self.relation(&table.to_vec())?;
                self.has_column(oid, column)
            }
            Object::Function | Object::Procedure | Object::Routine | Object::Aggregate => {
                self.routine(target).map(|_| ())
            }
            Object::Policy => {
                let table = target.on.clone().unwrap_or_default();
                let oid = self.relation(&table)?;
                let name = target.name.first().cloned().unwrap_or_default();
                let there = self.catalog.relation(oid).is_some_and(|relation| {
                    relation.external || relation.policies.iter().any(|policy| policy.name == name)
                });
                if there || self.lenient {
                    Ok(())
                } else {
                    Err(Fail::Missing(format!("policy {name}")))
                }
            }
            _ => Ok(()),
        }
    }

    /// A query, which may call what changes the catalog, or a change of data that a rule asks for.
    fn query(&mut self, query: &Query) -> Done {
        match &query.body {
            Body::Select(select) => {
                if let Some(into) = &select.into {
                    return self.create_table_as(into, false, false, &[], Some(query));
                }
                for (target, _) in &select.targets {
                    self.called(target);
                }
                Ok(())
            }
            Body::Change(change) => {
                self.read_from(&change.table)?;
                self.change(change);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Calls whose effect is known.
    pub(super) fn called(&mut self, target: &Expr) {
        let Expr::Call(call) = target else { return };
        let name: Vec<&str> = call.name.iter().map(String::as_str).collect();
        match name.as_slice() {
            ["set_config"] | ["pg_catalog", "set_config"] => self.set_config(&call.args),
            [
                "pgmq",
                "create" | "create_unlogged" | "create_non_partitioned",
            ] => {
                if let Some(Expr::Text(queue)) = call.args.first() {
                    self.create_queue(queue);
                }
            }
            _ => self.called_function(&call.name),
        }
    }

    /// A function of the migrations that is run: where its body changes the catalog, nobody follows that.
    fn called_function(&mut self, name: &super::Name) {
        const CHANGES: [&str; 8] = [
            "create ",
            "alter ",
            "drop ",
            "grant ",
            "revoke ",
            "execute ",
            "comment on ",
            "truncate ",
        ];
        let found = self.catalog.functions_named(name, &self.session.path);
        let changes = found.iter().any(|function| {
            let source = function.source.to_ascii_lowercase();
            function.origin.file.is_some() && CHANGES.iter().any(|word| source.contains(word))
        });
        if changes {
            let what = format!("{}() is run, and its body is not followed", name.join("."));
            self.doubt(what, vec![Doubt::Everything]);
        }
    }

    fn create_queue(&mut self, queue: &str) {
        for prefix in ["q", "a"] {
            let name = format!("{prefix}_{}", queue.to_lowercase());
            if self.catalog.named("pgmq", &name).is_some()
                || !self.catalog.schemas.contains_key("pgmq")
            {
                continue;
            }
            let oid = self.catalog.oid();
            let mut table = Relation::new(oid, "pgmq", &name, RelKind::Table, self.origin);
            table.owner.clone_from(&self.session.role);
            table.acl = self.catalog.first_acl(&table.owner, "pgmq", "tables");
            self.catalog.insert(table);
        }
    }

    fn create_schema(
        &mut self,
        name: Option<&String>,
        owner: Option<&String>,
        if_not_exists: bool,
        elements: &[Statement],
    ) -> Done {
        let owner = match owner {
            Some(owner) => self.grantee(owner)?,
            None => self.session.role.clone(),
        };
        let name = name.cloned().unwrap_or_else(|| owner.clone());
        if self.catalog.schemas.contains_key(&name) {
            return if if_not_exists {
                Ok(())
            } else {
                Err(Fail::Exists(format!("schema {name}")))
            };
        }
        self.catalog.schemas.insert(name.clone(), Schema { owner });
        let before = self.session.path.clone();
        self.session.path.insert(0, name);
        let done = elements.iter().try_for_each(|element| self.apply(element));
        self.session.path = before;
        done
    }

    fn create_sequence(
        &mut self,
        name: &super::Name,
        if_not_exists: bool,
        temporary: bool,
    ) -> Done {
        let (schema, name) = self.place(name)?;
        if self.catalog.is_taken(&schema, &name) {
            return if if_not_exists {
                Ok(())
            } else {
                Err(Fail::Exists(format!("relation {name}")))
            };
        }
        self.add_sequence(&schema, &name, temporary);
        Ok(())
    }

    /// Makes a sequence.
    pub(super) fn add_sequence(&mut self, schema: &str, name: &str, temporary: bool) {
        let oid = self.catalog.oid();
        let mut sequence = Relation::new(oid, schema, name, RelKind::Sequence, self.origin);
        sequence.owner.clone_from(&self.session.role);
        sequence.temporary = temporary;
        sequence.acl = self.catalog.first_acl(&sequence.owner, schema, "sequences");
        self.catalog.insert(sequence);
    }

    fn create_role(
        &mut self,
        name: &str,
        options: &[String],
        into: &[String],
        members: &[String],
    ) -> Done {
        if self.catalog.roles.contains_key(name) {
            return Err(Fail::Exists(format!("role {name}")));
        }
        for other in into.iter().chain(members) {
            self.role(other)?;
        }
        let mut role = Role {
            inherit: true,
            ..Role::default()
        };
        set_options(&mut role, options);
        role.member_of.extend(into.iter().cloned());
        self.catalog.roles.insert(name.to_owned(), role);
        let pairs = into.iter().map(|other| (name.to_owned(), other.clone()));
        let pairs = pairs.chain(members.iter().map(|other| (other.clone(), name.to_owned())));
        for pair in pairs {
            self.catalog.membership_origins.insert(pair, self.origin);
        }
        for member in members {
            if let Some(member) = self.catalog.roles.get_mut(member) {
                member.member_of.insert(name.to_owned());
            }
        }
        Ok(())
    }

    fn alter_publication(&mut self, name: &str, verb: &str, tables: &[super::Name]) -> Done {
        if !self.catalog.publications.contains_key(name) {
            if !self.lenient {
                return Err(Fail::Missing(format!("publication {name}")));
            }
            self.catalog
                .publications
                .insert(name.to_owned(), Some(std::collections::BTreeSet::new()));
        }
        let mut found = Vec::new();
        for table in tables {
            found.push(self.relation(table)?);
        }
        let Some(Some(all)) = self.catalog.publications.get_mut(name) else {
            return Err(Fail::Wrong(format!("{name} is for all tables")));
        };
        match verb {
            "add" => {
                if let Some(twice) = found.iter().find(|oid| all.contains(oid)) {
                    return Err(Fail::Exists(format!("{twice} in {name}")));
                }
                all.extend(found);
            }
            "drop" => {
                if found.iter().any(|oid| !all.contains(oid)) && !self.lenient {
                    return Err(Fail::Missing(format!("a table in {name}")));
                }
                for oid in found {
                    all.remove(&oid);
                }
            }
            _ => *all = found.into_iter().collect(),
        }
        Ok(())
    }

    /// `ALTER` of an object of which only name, owner and schema change.
    fn alter(
        &mut self,
        object: Object,
        target: &Target,
        _if_exists: bool,
        change: &Change1,
    ) -> Done {
        match object {
            Object::Function | Object::Procedure | Object::Routine | Object::Aggregate => {
                let oid = self.routine(target)?;
                self.change_function(oid, change)
            }
            Object::Schema => {
                let name = target.name.first().cloned().unwrap_or_default();
                self.schema(&name)?;
                match change {
                    Change1::Owner(owner) => {
                        let owner = self.grantee(owner)?;
                        if let Some(schema) = self.catalog.schemas.get_mut(&name) {
                            schema.owner = owner;
                        }
                        Ok(())
                    }
                    Change1::Rename(to) => self.rename_schema(&name, to),
                    _ => Ok(()),
                }
            }
            Object::Type | Object::Domain => self.change_type(&target.name, change),
            Object::Extension => {
                let name = target.name.first().cloned().unwrap_or_default();
                if !self.catalog.extensions.contains_key(&name) && !self.lenient {
                    return Err(Fail::Missing(format!("extension {name}")));
                }
                if let Change1::Schema(schema) = change {
                    self.schema(schema)?;
                    self.catalog.extensions.insert(name, schema.clone());
                }
                Ok(())
            }
            Object::Role => {
                let name = target.name.first().cloned().unwrap_or_default();
                self.role(&name)?;
                if let Change1::Rename(to) = change
                    && let Some(role) = self.catalog.roles.remove(&name)
                {
                    self.catalog.roles.insert(to.clone(), role);
                }
                Ok(())
            }
            Object::EventTrigger => {
                if let Change1::Rename(to) = change {
                    let name = target.name.first().cloned().unwrap_or_default();
                    if let Some(event) = self.catalog.event_triggers.remove(&name) {
                        self.catalog.event_triggers.insert(to.clone(), event);
                    }
                }
                Ok(())
            }
            Object::Publication => {
                if let Change1::Rename(to) = change {
                    let name = target.name.first().cloned().unwrap_or_default();
                    if let Some(tables) = self.catalog.publications.remove(&name) {
                        self.catalog.publications.insert(to.clone(), tables);
                    }
                }
                Ok(())
            }
            Object::Trigger => self
                .relation(&target.on.clone().unwrap_or_default())
                .map(|_| ()),
            _ => Ok(()),
        }
    }

    /// Buckets that a statement with literal rows makes or changes.
    pub(super) fn bucket(&mut self, id: &str, public: Option<bool>) {
        let bucket = self
            .catalog
            .buckets
            .entry(id.to_owned())
            .or_insert(Bucket { public: false });
        if let Some(public) = public {
            bucket.public = public;
        }
    }
}

fn set_options(role: &mut Role, options: &[String]) {
    for option in options {
        match option.as_str() {
            "bypassrls" => role.bypass = true,
            "nobypassrls" => role.bypass = false,
            "inherit" => role.inherit = true,
            "noinherit" => role.inherit = false,
            "superuser" => {
                role.superuser = true;
            }
            "nosuperuser" => role.superuser = false,
            _ => {}
        }
    }
}

/// One line about a failure.
pub(super) fn failed(fail: &Fail) -> String {
    match fail {
        Fail::Missing(what) => format!("fails: {what} does not exist"),
        Fail::Exists(what) => format!("fails: {what} exists already"),
        Fail::Wrong(what) => format!("fails: {what}"),
    }
}
